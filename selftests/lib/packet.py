# SPDX-License-Identifier: GPL-2.0
"""DHCP messages and the frames around them, right or wrong in any way."""

import socket
import struct

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
LEASEQUERY, UNASSIGNED, UNKNOWN, ACTIVE = 10, 11, 12, 13
BOOTREQUEST, BOOTREPLY = 1, 2
COOKIE = b"\x63\x82\x53\x63"
BROADCAST = b"\xff" * 6


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def option(code, value):
    """One option; addresses as text, numbers as 32 bits."""
    if isinstance(value, str):
        value = socket.inet_aton(value)
    elif isinstance(value, int):
        value = struct.pack("!I", value)
    return bytes((code, len(value))) + value


def options(kind, *rest, end=True):
    """An option area: the message type, then (code, value) or raw bytes."""
    raw = b"" if kind is None else option(53, bytes((kind,)))
    for one in rest:
        raw += one if isinstance(one, bytes) else option(*one)
    return raw + (b"\xff" if end else b"")


def dhcp(op, area, xid=1, chaddr=b"", htype=1, hlen=None, hops=0, flags=0,
         ciaddr="0.0.0.0", yiaddr="0.0.0.0", giaddr="0.0.0.0", sname=b"",
         file=b"", cookie=COOKIE):
    hlen = len(chaddr) if hlen is None else hlen
    return struct.pack(
        "!BBBBIHH4s4s4s4s16s64s128s", op, htype, hlen, hops, xid, 0, flags,
        socket.inet_aton(ciaddr), socket.inet_aton(yiaddr), b"\0" * 4,
        socket.inet_aton(giaddr), chaddr[:16], sname, file) + cookie + area


def checksum(data):
    """Folding is what is left of division by 0xffff, but for 0 and 0xffff."""
    total = int.from_bytes(data + b"\0" * (len(data) % 2), "big")
    return ~(total % 0xffff or total and 0xffff) & 0xffff


def udp(src, sport, dst, dport, payload, length=None, check=None):
    """A datagram with its checksum, or with the length or check given."""
    length = 8 + len(payload) if length is None else length
    header = struct.pack("!HHHH", sport, dport, length, 0)
    if check is None:
        pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + \
            struct.pack("!BBH", 0, 17, 8 + len(payload))
        check = checksum(pseudo + header + payload) or 0xffff
    return struct.pack("!HHHH", sport, dport, length, check) + payload


def ip(src, dst, payload, options=b"", ident=1, fragment=0, ttl=64,
       proto=socket.IPPROTO_UDP):
    """An IPv4 packet; fragment is the flags and offset field."""
    def header(check):
        return struct.pack(
            "!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
            20 + len(options) + len(payload), ident, fragment, ttl, proto,
            check, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return header(checksum(header(0))) + payload


def fragments(src, dst, payload, size, ident=7):
    """The packet in pieces of at most size bytes, a multiple of eight."""
    pieces = []
    for at in range(0, len(payload), size):
        more = 0x2000 if at + size < len(payload) else 0
        pieces.append(ip(src, dst, payload[at:at + size], ident=ident,
                         fragment=more | at // 8))
    return pieces


def ether(dst, src, packet, kind=0x0800):
    return dst + src + struct.pack("!H", kind) + packet


def parse(data):
    """The fields of a DHCP message that tests ask for."""
    fields = struct.unpack_from("!BBBBIHH4s4s4s4s16s", data)
    found = {}
    area = data[240:]
    while area and area[0] != 255:
        if area[0] == 0:
            area = area[1:]
            continue
        found[area[0]] = found.get(area[0], b"") + area[2:2 + area[1]]
        area = area[2 + area[1]:]
    return {
        "op": fields[0], "hops": fields[3], "xid": fields[4],
        "flags": fields[6],
        "ciaddr": socket.inet_ntoa(fields[7]),
        "yiaddr": socket.inet_ntoa(fields[8]),
        "giaddr": socket.inet_ntoa(fields[10]),
        "chaddr": fields[11][:fields[2]],
        "type": found.get(53, b"\0")[0], "options": found,
    }
