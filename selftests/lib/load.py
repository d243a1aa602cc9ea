#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Work for the module, for ever, whether it is there or not: a line for each
turn.

usage: load.py traffic|clients|netlink|readers
"""

import socket
import sys
import time

import packet as p
from genl import ORIGIN, STATE, Family, Refused
from world import CORE, Namespace, Wire, device_mac

MAC = p.mac("02:00:00:00:99:01")


def traffic():
    """Downstream packets to many addresses behind two ports."""
    with Namespace("core"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        for net in (1, 4):
            for host in range(2, 66):
                try:
                    sock.sendto(b"data", ("10.77.%d.%d" % (net, host), 9))
                except OSError:
                    # the host itself is told that a neighbour is missing
                    continue
        yield


def clients():
    """Whole exchanges, each step by hand."""
    sub = Wire("sub1", "wan")
    core = Wire("core", "core0")
    bng_mac = device_mac("bng", "up0")
    with Namespace("bng"):
        relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        relay.bind(("", 67))
    xid = 0
    while True:
        for host in range(2, 66):
            xid += 1
            chaddr = bytes((2, 0, 0, 3, 0, host))
            message = dict(xid=xid, chaddr=chaddr)
            sub.send(p.ether(p.BROADCAST, chaddr, p.ip(
                "0.0.0.0", "255.255.255.255", p.udp(
                    "0.0.0.0", 68, "255.255.255.255", 67, p.dhcp(
                        p.BOOTREQUEST, p.options(p.REQUEST), **message)))))
            relay.sendto(p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST),
                                giaddr="10.77.1.1", **message), (CORE, 67))
            core.send(p.ether(bng_mac, core.mac, p.ip(
                CORE, "10.77.1.1", p.udp(CORE, 67, "10.77.1.1", 67, p.dhcp(
                    p.BOOTREPLY, p.options(p.ACK, (54, CORE), (51, 600)),
                    yiaddr="10.77.1.%d" % host, giaddr="10.77.1.1",
                    **message)))))
        yield


def netlink():
    """A helper that puts, dumps and flushes."""
    while True:
        try:
            with Namespace("bng"):
                family = Family()
            family.helper()
            for host in range(2, 66):
                family.put({"addr": "10.77.9.%d" % host, "hwaddr": MAC},
                           {"addr": "10.77.8.%d" % host, "expires": 60,
                            "state": STATE["unknown"],
                            "origin": ORIGIN["leasequery"]})
            family.leases()
            family.pending()
            family.stats()
            family.flush(origin=ORIGIN["static"])
            family.close()
        except (Refused, OSError):
            # the module is gone, or another helper is there
            pass
        yield


def readers():
    """procfs, opened before the module goes and read after."""
    while True:
        try:
            with Namespace("bng"):
                files = [open("/proc/thread-self/net/leaseglean/" + name,
                              encoding="ascii")
                         for name in ("leases", "pending", "stats")]
            for file in files:
                file.read()
                file.close()
        except OSError:
            pass
        yield


for _ in globals()[sys.argv[1]]():
    print("a turn", flush=True)
    # four of these share a CPU with what they are to disturb
    time.sleep(0.02)
