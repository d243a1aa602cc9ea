#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The DHCP messages of a capture, one a line:
    SOURCE DESTINATION TYPE CIADDR YIADDR GIADDR XID CHADDR

usage: pcap.py FILE [TYPE]...
"""

import socket
import struct
import sys

import packet as p


def frames(path):
    """Whole frames of a pcap file; one that is cut short ends it."""
    with open(path, "rb") as file:
        header = file.read(24)
        if len(header) < 24:
            return
        order = "<" if header[:4] in (b"\xd4\xc3\xb2\xa1",
                                      b"\x4d\x3c\xb2\xa1") else ">"
        while True:
            record = file.read(16)
            if len(record) < 16:
                return
            size = struct.unpack(order + "IIII", record)[2]
            data = file.read(size)
            if len(data) < size:
                return
            yield data


def datagram(frame):
    """(source, destination, ports, payload) of a UDP datagram, or None."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if frame[at:at + 2] != b"\x08\x00" or len(frame) < at + 30:
        return None
    at += 2
    if frame[at + 9] != 17 or frame[at + 6] & 0x1f:
        return None
    udp = at + (frame[at] & 15) * 4
    return (socket.inet_ntoa(frame[at + 12:at + 16]),
            socket.inet_ntoa(frame[at + 16:at + 20]),
            struct.unpack("!HH", frame[udp:udp + 4]), frame[udp + 8:])


def messages(path):
    for frame in frames(path):
        found = datagram(frame)
        if not found or not {67, 68} & set(found[2]):
            continue
        if len(found[3]) < 240 or found[3][236:240] != p.COOKIE:
            continue
        yield found[0], found[1], p.parse(found[3])


def main():
    kinds = [int(kind) for kind in sys.argv[2:]]
    for source, to, message in messages(sys.argv[1]):
        if kinds and message["type"] not in kinds:
            continue
        print(source, to, message["type"], message["ciaddr"],
              message["yiaddr"], message["giaddr"], "%08x" % message["xid"],
              message["chaddr"].hex(":") or "-")


if __name__ == "__main__":
    main()
