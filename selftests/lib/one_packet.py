#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends one datagram to each address on standard input.

usage: one_packet.py NAMESPACE SOURCE
"""

import socket
import sys

from world import Namespace


def main():
    with Namespace(sys.argv[1]):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((sys.argv[2], 0))
    for line in sys.stdin:
        sock.sendto(b"downstream", (line.strip(), 9))


if __name__ == "__main__":
    main()
