#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many subscribers behind one port: leases an address for each and prints
them, one a line: ADDRESS HWADDR.

usage: subscribers.py NAMESPACE COUNT
"""

import select
import sys
import time

import packet as p
from world import Wire

AT_ONCE = 8


class Subscriber:
    """Discovers, requests, and repeats itself until it is answered."""

    def __init__(self, number):
        self.mac = bytes((2, 0, 0, 2, number >> 8, number & 255))
        self.xid = 0x200000 + number
        self.area = p.options(p.DISCOVER, (61, b"\x01" + self.mac))
        self.address = None
        self.due = 0

    def send(self, wire, now):
        wire.send(p.ether(p.BROADCAST, self.mac, p.ip(
            "0.0.0.0", "255.255.255.255", p.udp(
                "0.0.0.0", 68, "255.255.255.255", 67, p.dhcp(
                    p.BOOTREQUEST, self.area, xid=self.xid, chaddr=self.mac,
                    flags=0x8000)))))
        self.due = now + 2

    def receive(self, wire, message):
        if message["type"] == p.OFFER:
            self.area = p.options(
                p.REQUEST, (50, message["yiaddr"]),
                (54, message["options"][54]), (61, b"\x01" + self.mac))
            self.send(wire, time.monotonic())
        elif message["type"] == p.ACK:
            self.address = message["yiaddr"]


def main():
    wire = Wire(sys.argv[1], "wan")
    waiting = [Subscriber(n) for n in range(1, int(sys.argv[2]) + 1)]
    everyone = list(waiting)
    active = {}
    deadline = time.monotonic() + 240
    while waiting or active:
        now = time.monotonic()
        if now > deadline:
            sys.exit("%d subscribers got no address" %
                     (len(waiting) + len(active)))
        while waiting and len(active) < AT_ONCE:
            one = waiting.pop(0)
            active[one.xid] = one
        for one in active.values():
            if one.due <= now:
                one.send(wire, now)
        select.select([wire.sock], [], [], 0.5)
        for message in wire.dhcp():
            one = active.get(message["xid"])
            if one and message["op"] == p.BOOTREPLY:
                one.receive(wire, message)
                if one.address:
                    del active[one.xid]
    for one in everyone:
        print(one.address, one.mac.hex(":"))


if __name__ == "__main__":
    main()
