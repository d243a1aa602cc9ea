#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turn captures into a seed corpus: one file a DHCP message.

    capture.py DIR LABEL=PCAP...

Each UDP payload to port 67 or 68 becomes DIR/LABEL-TYPE.bin. Of messages with
the same type, length and options in the same order, only the first is kept: to
a parser the others look the same.
"""

import os
import struct
import sys

TYPES = {
    1: "discover", 2: "offer", 3: "request", 4: "decline", 5: "ack",
    6: "nak", 7: "release", 8: "inform", 10: "leasequery",
    11: "leaseunassigned", 12: "leaseunknown", 13: "leaseactive",
}
COOKIE = bytes((99, 130, 83, 99))
VLAN_TAGS = (0x8100, 0x88a8)


def frames(path):
    """The Ethernet frames of a pcap file."""
    with open(path, "rb") as pcap:
        data = pcap.read()
    magic = data[:4]
    if magic not in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"):
        sys.exit("%s: not a pcap file" % path)
    order = "<" if magic[0] == 0xd4 else ">"
    if struct.unpack(order + "I", data[20:24])[0] != 1:
        sys.exit("%s: not Ethernet" % path)
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def payload(frame):
    """The DHCP message of a frame, or None."""
    at = 12
    while struct.unpack("!H", frame[at:at + 2])[0] in VLAN_TAGS:
        at += 4
    if struct.unpack("!H", frame[at:at + 2])[0] != 0x0800:
        return None
    ip = frame[at + 2:]
    fragment = struct.unpack("!H", ip[6:8])[0] & 0x3fff
    if ip[9] != 17 or fragment:
        return None
    udp = ip[(ip[0] & 15) * 4:]
    port, length = struct.unpack("!HH", udp[2:6])
    return udp[8:length] if port in (67, 68) else None


def options(area):
    """(code, value) for each option of an area."""
    at = 0
    while at < len(area) and area[at] != 255:
        if area[at] == 0:
            at += 1
            continue
        length = area[at + 1]
        yield area[at], area[at + 2:at + 2 + length]
        at += 2 + length


def shape(message):
    """What tells messages apart here: type name, and the options' codes."""
    if message[236:240] != COOKIE:
        return "bootp", ()
    found = list(options(message[240:]))
    codes = tuple(code for code, _ in found)
    for code, value in found:
        if code == 53 and value:
            return TYPES.get(value[0], "type%d" % value[0]), codes
    return "bootp", codes


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    seen = set()
    count = {}
    for argument in sys.argv[2:]:
        label, path = argument.split("=", 1)
        for message in filter(None, map(payload, frames(path))):
            kind, codes = shape(message)
            if (kind, len(message), codes) in seen:
                continue
            seen.add((kind, len(message), codes))
            name = "%s-%s" % (label, kind)
            count[name] = count.get(name, 0) + 1
            number = "-%d" % count[name] if count[name] > 1 else ""
            name += number + ".bin"
            with open(os.path.join(directory, name), "wb") as out:
                out.write(message)
    if not seen:
        sys.exit("no DHCP message in any capture")


if __name__ == "__main__":
    main()
