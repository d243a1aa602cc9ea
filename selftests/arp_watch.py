#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the BNG asks for by ARP, on all access ports at once. Each line of
standard input has all printed that was seen since the last one, each a line:
SUBSCRIBER arp|echo ADDRESS, and then "end". What the BNG has sent when it is
asked has been seen.

usage: arp_watch.py SUBSCRIBER=DEVICE...
"""

import socket
import sys

from world import Wire, device_mac


def seen(wire, mac):
    """ARP requests and echo requests that a port of the BNG sent."""
    for frame in wire.frames():
        if frame[6:12] != mac:
            continue
        if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x01":
            yield "arp", frame[38:42]
        elif frame[12:14] == b"\x08\x00" and frame[23] == 1 and \
                frame[14 + (frame[14] & 15) * 4] == 8:
            yield "echo", frame[30:34]


watched = []
for one in sys.argv[1:]:
    sub, device = one.split("=")
    watched.append((sub, Wire(sub, "wan"), device_mac("bng", device)))
print("end", flush=True)
for _ in sys.stdin:
    for sub, wire, mac in watched:
        for kind, address in seen(wire, mac):
            print(sub, kind, socket.inet_ntoa(address))
    print("end", flush=True)
