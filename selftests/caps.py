#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The floods of caps.sh, whose limits stand there."""

import errno

import packet as p
from genl import ORIGIN, STATE, Refused
from world import CORE, Counted, Ktap, World, row, table

ktap = Ktap()
world = World()
genl = world.genl
MAC = p.mac("02:00:00:00:99:01")


def flood(net, count):
    """One packet to each of so many addresses behind a port."""
    world.downstream(*[p.ip(CORE, address, p.udp(CORE, 9, address, 9, b""))
                       for address in ("10.77.%d.%d" % (net, 2 + n)
                                       for n in range(count))])


def budget():
    genl.helper()
    genl.port_set("acc0", role=1, **{"budget-rate": 1, "budget-burst": 10})
    with Counted() as c:
        flood(1, 60)
    ktap.check("a port's budget: ten at once, then one a second",
               10 <= c["miss"] <= 20 and
               c["miss"] + c["miss_budget_port"] == 60, c)
    ktap.equal("those without are not pending", len(genl.pending()),
               c["miss"])
    genl.flush()


def pending_caps():
    for name in ("acc0", "acc1.100"):
        genl.port_set(name, role=1, **{"budget-rate": 1000,
                                       "budget-burst": 1000})
    # the budget of before refills with time
    with Counted() as c:
        flood(2, 100)
    ktap.equal("pending entries of a port are capped",
               (len(genl.pending()), c["miss_cap_port"]), (30, 70))
    genl.port_set("acc2.100.7", role=1, **{"budget-rate": 1000,
                                           "budget-burst": 1000})
    with Counted() as c:
        flood(3, 100)
    ktap.equal("and of all ports", (len(genl.pending()), c["miss_cap_net"]),
               (50, 80))
    first = {one["addr"] for one in genl.pending()}
    flood(2, 100)
    ktap.equal("the newest loses", {one["addr"] for one in genl.pending()},
               first)


def active_is_never_evicted():
    world.bind("sub1", MAC, "10.77.1.200")
    for number in range(60):
        world.xid += 1
    flood(1, 100)
    ktap.equal("a lease outlives every flood",
               (row("10.77.1.200") or {}).get("state"), "active")
    world.bind("sub2", MAC, "10.77.2.5")
    ktap.equal("an ACK takes a pending entry's place",
               (row("10.77.2.5") or {}).get("state"), "active")
    genl.flush()


def negative_caps():
    acc0 = genl.port("acc0")["ifindex"]
    kept = 0
    error = None
    with Counted() as c:
        for number in range(40):
            try:
                genl.put({"addr": "10.77.1.%d" % (2 + number), "port": acc0,
                          "state": STATE["unassigned"], "expires": 60,
                          "origin": ORIGIN["leasequery"]})
                kept += 1
            except Refused as refusal:
                error = refusal
    ktap.equal("negative entries of a port are capped",
               (kept, c["negative_cap_port"]), (20, 20))
    ktap.check("the caller is told", error and error.errno == errno.ENOSPC
               and error.message, error)
    genl.flush()


def lease_cap():
    kept = 0
    for number in range(120):
        try:
            genl.put({"addr": "10.77.9.%d" % (1 + number), "hwaddr": MAC})
            kept += 1
        except Refused as refusal:
            error = refusal.errno
    ktap.equal("leases are capped", (kept, error), (100, errno.ENOSPC))
    with Counted() as c:
        world.bind("sub1", MAC, "10.77.1.77")
    ktap.equal("gleaned ones too", (row("10.77.1.77"), c["lease_cap"]),
               (None, 1))
    genl.put({"addr": "10.77.9.1", "hwaddr": MAC[::-1]})
    ktap.equal("one that is there can still change",
               genl.get("10.77.9.1")["hwaddr"], MAC[::-1])
    genl.delete("10.77.9.2")
    world.bind("sub1", MAC, "10.77.1.77")
    ktap.equal("where one ended there is room for one",
               (row("10.77.1.77") or {}).get("state"), "active")
    genl.flush(origin=ORIGIN["static"])
    genl.flush()
    ktap.equal("all gone", table(), [])


def exchange_caps():
    """A subscriber that invents clients keeps no other port from binding."""
    with Counted() as c:
        for number in range(100):
            chaddr = bytes((2, 0xbb, 0, 0, 0, number))
            world.client("sub1", p.dhcp(
                p.BOOTREQUEST, p.options(p.DISCOVER), chaddr=chaddr,
                xid=world.new_xid()), src=chaddr)
    ktap.check("open exchanges of a port are capped",
               c["exchange_new"] + c["exchange_cap_port"] >= 100 and
               c["exchange_cap_port"] > 0, c)
    world.bind("sub2", MAC, "10.77.2.99")
    ktap.equal("another port binds", (row("10.77.2.99") or {}).get("state"),
               "active")
    world.bind("sub1", MAC, "10.77.1.99")
    ktap.equal("and so does that one, at its newest",
               (row("10.77.1.99") or {}).get("state"), "active")


ktap.run((budget, pending_caps, active_is_never_evicted, negative_caps,
          lease_cap, exchange_caps))
ktap.end()
