#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ask a DHCP server as a relay agent does and wait for its answer.

    ask.py GIADDR SERVER leasequery ADDRESS
    ask.py GIADDR SERVER discover CHADDR [CODE...]    with CODEs in option 55
    ask.py GIADDR SERVER request CHADDR ADDRESS
    ask.py GIADDR SERVER inform CHADDR ADDRESS
    ask.py GIADDR SERVER bootp CHADDR
"""

import os
import socket
import struct
import sys

COOKIE = bytes((99, 130, 83, 99))
AGENT_INFO = b"\x01\x04acc0\x02\x06\x00\xff\x80\x00\x01\x02"
TIMEOUT = 10
TRIES = 3


def option(code, value):
    return bytes((code, len(value))) + value


def message(giaddr, server, what, args):
    """The request, without option 82 where it is a leasequery."""
    ciaddr = chaddr = b""
    hops = 1
    if what == "leasequery":
        hops = 10
        ciaddr = socket.inet_aton(args[0])
        tail = option(53, b"\x0a") + option(55, bytes((51, 82, 58, 59, 61, 91,
                                                       92, 60)))
    else:
        chaddr = bytes.fromhex(args[0].replace(":", ""))
        tail = b""
    if what == "discover":
        tail = option(53, b"\x01") + option(61, b"\x01" + chaddr)
        tail += option(57, struct.pack("!H", 576))
        tail += option(55, bytes(map(int, args[1:])) or b"\x01\x03")
    elif what == "request":
        tail = option(50, socket.inet_aton(args[1])) + option(53, b"\x03")
        tail += option(54, socket.inet_aton(server))
    elif what == "inform":
        ciaddr = socket.inet_aton(args[1])
        tail = option(53, b"\x08") + option(55, b"\x01\x03")
    if tail and what != "leasequery":
        tail += option(82, AGENT_INFO)
    htype = 1 if chaddr else 0
    fixed = struct.pack("!BBBB4sHH4s4x4x4s16s192x", 1, htype, len(chaddr),
                        hops, os.urandom(4), 0, 0, ciaddr or bytes(4),
                        socket.inet_aton(giaddr), chaddr)
    return (fixed + COOKIE + tail + b"\xff").ljust(300, b"\0")


def main():
    giaddr, server, what = sys.argv[1:4]
    request = message(giaddr, server, what, sys.argv[4:])
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((giaddr, 67))
    sock.settimeout(TIMEOUT)
    for _ in range(TRIES):
        sock.sendto(request, (server, 67))
        # the answer to an INFORM goes to the client (RFC 2131, 4.3.5)
        if what == "inform":
            return
        try:
            while sock.recv(4096)[4:8] != request[4:8]:
                pass
            return
        except socket.timeout:
            pass
    sys.exit("%s: %s: no answer" % (server, what))


if __name__ == "__main__":
    main()
