#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The subscribers of vrf.sh: sub1 in red, sub4 in blue."""

import errno

import packet as p
from genl import ORIGIN, Refused
from world import (BNG, CORE, Counted, Ktap, World, row, shell, table,
                   wait_until)

ktap = Ktap()
world = World()
genl = world.genl
ADDR = "10.77.1.50"
RED_MAC = p.mac("02:00:00:00:01:50")
BLUE_MAC = p.mac("02:00:00:00:04:50")
# the relay agent's address is the BNG's, in no VRF
for one in world.ports.values():
    one.giaddr = BNG


def index(name):
    return int(shell("ip -n bng -o link show " + name).split(":")[0])


def upstream(sub, *packets, dst=None, src=None):
    """As World's, but settled on the core wire: the ports' own addresses
    are in VRFs, where no socket of ours listens."""
    port = world.ports[sub]
    for packet in packets:
        port.wire.send(p.ether(dst or port.mac, src or port.wire.mac, packet))
    world.settle(world.core, world.bng_mac, CORE, BNG)


world.upstream = upstream


def the_same_address_in_both():
    for sub, mac, lease in (("sub1", RED_MAC, 300), ("sub4", BLUE_MAC, 900)):
        xid = world.new_xid()
        world.ask(sub, mac, xid)
        world.answer(sub, mac, xid, ADDR, lease=lease)
    red, blue = row(ADDR, "red"), row(ADDR, "blue")
    ktap.equal("the same address, a lease in each VRF",
               [(one or {}).get("hwaddr") for one in (red, blue)],
               [RED_MAC.hex(":"), BLUE_MAC.hex(":")])
    ktap.equal("each on its port",
               [(one or {}).get("port") for one in (red, blue)],
               ["acc0", "acc3"])


def keys():
    red, blue = index("red"), index("blue")
    ktap.equal("by key", (genl.get(ADDR, vrf=red)["hwaddr"],
                          genl.get(ADDR, vrf=blue)["hwaddr"]),
               (RED_MAC, BLUE_MAC))
    ktap.equal("by filter", [one["hwaddr"] for one in genl.leases(vrf=blue)],
               [BLUE_MAC])
    try:
        genl.get(ADDR)
        error = None
    except Refused as refusal:
        error = refusal.errno
    ktap.equal("in no VRF it is not known", error, errno.ENOENT)
    genl.put({"addr": "10.77.1.60", "hwaddr": RED_MAC,
              "port": index("acc0")})
    ktap.equal("a put takes the VRF of its port",
               genl.get("10.77.1.60", vrf=red)["vrf"], red)
    genl.delete("10.77.1.60", vrf=red)


def misses():
    genl.helper()
    for name in ("acc0", "acc3"):
        genl.port_set(name, role=1)
    missing = "10.77.1.70"
    data = p.ip(CORE, missing, p.udp(CORE, 9, missing, 9, b""))
    with Counted() as c:
        for name in ("acc0", "acc3"):
            # a route leaked from the VRF
            shell("ip -n bng route replace 10.77.1.0/24 dev " + name)
            world.downstream(data)
    ktap.equal("an address misses in each VRF", c["miss"], 2)
    ktap.equal("and is pending in each",
               sorted(one["vrf"] for one in genl.pending()),
               sorted((index("red"), index("blue"))))
    data = p.ip(CORE, ADDR, p.udp(CORE, 9, ADDR, 9, b""))
    with Counted() as c:
        world.downstream(data)
    ktap.equal("a leased one hits", (c["hit"], c["miss"]), (1, 0))


def vrf_ends():
    # one that is on no port goes with the VRF alone
    genl.put({"addr": "10.77.1.61", "hwaddr": RED_MAC, "vrf": index("red")})
    ktap.equal("a lease in a VRF, on no port",
               (row("10.77.1.61", "red") or {}).get("port"), "-")
    shell("ip -n bng link del red")
    gone = wait_until(lambda: not [one for one in table()
                                   if one["hwaddr"] == RED_MAC.hex(":")], 20)
    ktap.check("a VRF that ends takes its leases along", gone, table())
    ktap.equal("the other's stand", (row(ADDR) or {}).get("vrf"), "blue")


ktap.run((the_same_address_in_both, keys, misses, vrf_ends))
ktap.end()
