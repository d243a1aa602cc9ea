#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What netns.sh asks of two namespaces."""

import errno
import socket

import packet as p
from genl import ORIGIN, Family, Refused
from world import (CORE, Ktap, Namespace, World, counters, registration,
                   shell, table, wait_until)

ktap = Ktap()
world = World()
here = world.genl
with Namespace("other"):
    there = Family()
MAC = p.mac("02:00:00:00:99:01")


def tables():
    here.put({"addr": "10.77.1.10", "hwaddr": MAC})
    there.put({"addr": "10.77.1.10", "hwaddr": MAC[::-1]})
    ktap.equal("the same address, a lease in each",
               (here.get("10.77.1.10")["hwaddr"],
                there.get("10.77.1.10")["hwaddr"]), (MAC, MAC[::-1]))
    here.flush(origin=ORIGIN["static"])
    ktap.equal("a flush stays at home",
               ([len(table()), len(table(namespace="other"))]), [0, 1])


def gleaning():
    before = counters("other")
    world.bind("sub1", MAC, "10.77.1.11")
    ktap.equal("what is gleaned here is not there",
               ([one["address"] for one in table()],
                [one["address"] for one in table(namespace="other")]),
               (["10.77.1.11"], ["10.77.1.10"]))
    ktap.equal("nor counted there", counters("other"), before)


def ports():
    index = int(shell("ip -n other -o link show acc0").split(":")[0])
    there.port_set("acc0", role=1)
    ktap.equal("a port's role is its namespace's",
               [one["role"] for one in here.ports()
                if one["ifname"] == "acc0"], [0])
    try:
        here.put({"addr": "10.77.1.12", "hwaddr": MAC, "port": index + 1000})
        error = None
    except Refused as refusal:
        error = refusal.errno
    ktap.equal("an interface of no namespace is no port", error, errno.ENODEV)


def helpers():
    with Namespace("bng"):
        second_here = Family()
    with Namespace("other"):
        second_there = Family()
    ktap.equal("each has its helper, and one only",
               [registration(one) for one in (here, there, second_here,
                                              second_there)],
               [0, 0, errno.EBUSY, errno.EBUSY])
    second_here.close()
    second_there.close()
    world.roles()
    address = "10.77.1.99"
    world.downstream(p.ip(CORE, address, p.udp(CORE, 9, address, 9, b"")))
    ktap.equal("a miss is told at home", (here.event() or [None])[0],
               "miss-ntf")
    ktap.equal("and pending there only",
               (len(here.pending()), len(there.pending())), (1, 0))
    ktap.equal("the other hears nothing", there.event(0.5), None)


def port_moves_away():
    """An interface that leaves takes its entries with it."""
    here.put({"addr": "10.77.1.13", "hwaddr": MAC,
              "port": here.port("acc0")["ifindex"], "expires": 600,
              "origin": ORIGIN["leasequery"]})
    there.close()
    shell("ip netns del other")
    shell("ip netns add other")
    shell("ip -n bng link set acc0 netns other")
    gone = wait_until(lambda: not [one for one in table()
                                   if one["port"] == "acc0"], 20)
    ktap.check("an interface that leaves takes its leases along", gone,
               table())
    ktap.equal("it is no port here any more",
               [one for one in here.ports() if one["ifname"] == "acc0"], [])


def brief_filled():
    """A namespace with leases, a miss, a helper and a role: what is in it."""
    shell("ip netns add brief")
    shell("ip -n brief link add d0 type veth peer name of-brief netns core")
    shell("ip -n brief addr add 10.1.2.254/24 dev d0")
    shell("ip -n brief link set d0 up")
    with Namespace("brief"):
        family = Family()
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    new = (len(family.leases()), len(family.pending()),
           sum(family.stats().values()), registration(family))
    family.port_set("d0", role=1)
    for first in range(0, 250, 50):
        family.put(*[{"addr": "10.1.2.%d" % n, "hwaddr": MAC}
                     for n in range(first + 1, first + 51)])
    sock.sendto(b"", ("10.1.2.251", 9))
    sock.close()
    # the miss is an entry too
    filled = (len(family.leases()), len(family.pending()))
    return family, new, filled


def is_there(device, namespace):
    return device in shell("ip -n %s -br link show" % namespace)


def namespace_ends():
    """With leases, a miss, a helper and a role in it. The veth's other end
    goes when the namespace is no more, not when its name is."""
    for turn in range(1, 6):
        family, new, filled = brief_filled()
        ktap.equal("namespace %d begins with nothing in it" % turn, new,
                   (0, 0, 0, 0))
        ktap.equal("namespace %d has its fill" % turn, filled, (251, 1))
        shell("ip netns del brief")
        ktap.check("namespace %d stands while the helper's socket does" % turn,
                   is_there("of-brief", "core"))
        family.close()
        ktap.check("namespace %d ends with everything in it" % turn,
                   wait_until(lambda: not is_there("of-brief", "core")))


ktap.run((tables, gleaning, ports, helpers, port_moves_away, namespace_ends))
ktap.end()
