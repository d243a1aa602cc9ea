#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The frames of bridged.sh."""

import socket
import struct

import packet as p
from genl import (MOVE, ORIGIN, PENDING, ROLE, STATE, VERIFY, decode)
from world import (BNG, CORE, Counted, Ktap, Namespace, World, counters,
                   device_mac, ip, row, wait_until)

ktap = Ktap()
world = World()
genl = world.genl
SOMEBODY = p.mac("02:00:00:00:99:01")
OTHER = p.mac("02:00:00:00:99:02")
CIRCUIT = b"\1\4acc0"
BRIDGE = device_mac("bng", "br0")


def index(name):
    with Namespace("bng"):
        return socket.if_nametoindex(name)


def enters(sub, *packets, src=SOMEBODY, vlan=None, dst=p.BROADCAST):
    """Settled on the core wire, as all that a CPU is sent keeps its order."""
    wire = world.ports[sub].wire
    for packet in packets:
        kind = 0x0800
        if vlan:
            packet = struct.pack("!HH", vlan, kind) + packet
            kind = 0x8100
        wire.send(p.ether(dst, src, packet, kind))
    world.settle(world.core, world.bng_mac, CORE, BNG)


def broadcast(message):
    return p.ip("0.0.0.0", "255.255.255.255", p.udp(
        "0.0.0.0", 68, "255.255.255.255", 67, message))


def bind(sub, chaddr, addr, src=None, vlan=None, info=b""):
    """An exchange by a relay agent whose address is in no VRF."""
    xid = world.new_xid()
    area = [(82, info)] if info else []
    message = dict(xid=xid, chaddr=chaddr)
    enters(sub, broadcast(p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST, *area),
                                 **message)), src=src or chaddr, vlan=vlan)
    world.relayed(p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST, *area),
                         giaddr=BNG, **message))
    world.reply(p.dhcp(p.BOOTREPLY, p.options(
        p.ACK, (54, CORE), (51, 600), *area), yiaddr=addr, giaddr=BNG,
        **message), BNG)


def place(addr):
    entry = row(addr, "red") or {}
    return entry.get("hwaddr"), entry.get("port"), entry.get("vlans")


def data(sub, addr, mac, vlan=None):
    """What verification says of one packet from an address."""
    with Counted() as c:
        enters(sub, p.ip(addr, CORE, p.udp(addr, 5, CORE, 9999, b"x")),
               src=mac, vlan=vlan)
    return {name for name, value in c.delta.items()
            if value and name.startswith("verify_")}


def miss():
    while (event := genl.event()) is not None:
        if event[0] == "miss-ntf":
            return decode(PENDING, event[1])
    return None


def answer(told, mac):
    genl.put({"addr": told["addr"], "vrf": told["vrf"], "hwaddr": mac,
              "expires": 600, "origin": ORIGIN["leasequery"],
              "cookie": told["cookie"]})


def a_round_of_the_gc():
    """One that began after this was called."""
    for _ in range(2):
        before = counters()["lease_expired"]
        genl.put({"addr": "10.77.1.240", "hwaddr": OTHER, "expires": 1,
                  "origin": ORIGIN["restored"]})
        wait_until(lambda: counters()["lease_expired"] > before)


def without_a_tag():
    genl.port_set("acc0", role=ROLE["access"], verify=VERIFY["strict"])
    genl.port_set("acc3", role=ROLE["access"], verify=VERIFY["strict"])
    bind("sub1", SOMEBODY, "10.77.1.50")
    ktap.equal("a client without a tag is of the VRF of its port's VLAN",
               place("10.77.1.50"), (SOMEBODY.hex(":"), "acc0", "-"))
    ktap.equal("and is verified there", data("sub1", "10.77.1.50", SOMEBODY),
               {"verify_ok"})
    ktap.equal("another is not he", data("sub1", "10.77.1.50", OTHER),
               {"verify_mac", "verify_dropped"})


def on_no_port():
    """The interface above the bridge has no role, and is no port yet."""
    genl.helper()
    data("sub1", "10.77.1.51", SOMEBODY)
    told = miss()
    answer(told, SOMEBODY)
    with Counted() as c:
        a_round_of_the_gc()
    ktap.equal("what was asked for from below stays where it was put",
               (place("10.77.1.51")[:2], c["port_gone"]),
               ((SOMEBODY.hex(":"), "br0.200"), 0))


def refilled():
    genl.port_set("br0.200", role=ROLE["access"])
    world.downstream(p.ip(CORE, "10.77.1.52",
                          p.udp(CORE, 5, "10.77.1.52", 9999, b"x")))
    answer(miss(), SOMEBODY)
    ktap.equal("a lease that was asked for is on the interface above",
               place("10.77.1.52")[:2], (SOMEBODY.hex(":"), "br0.200"))
    ktap.equal("and fits the client without a tag",
               data("sub1", "10.77.1.52", SOMEBODY), {"verify_ok"})
    ktap.equal("and would one with it", data("sub4", "10.77.1.52", SOMEBODY,
                                             vlan=200), {"verify_ok"})


def told_of_above():
    """Servers and routes know of no more than the interface above."""
    red, addr = index("red"), "10.77.1.53"

    def put(origin, mac, **more):
        genl.put({"addr": addr, "vrf": red, "hwaddr": mac, "expires": 600,
                  "origin": ORIGIN[origin], **more})

    put("restored", SOMEBODY, port=index("acc0"))
    put("bulk", SOMEBODY, **{"agent-info": b"\1\7br0.200",
                             "last-transaction": 500})
    ktap.equal("bulk leaves a client on the port below that he was seen on",
               place(addr)[:2], (SOMEBODY.hex(":"), "acc0"))
    put("leasequery", SOMEBODY, cookie=1 << 40, port=index("br0.200"),
        **{"last-transaction": 400})
    ktap.equal("so does a later answer",
               (place(addr)[:2], row(addr, "red")["origin"]),
               ((SOMEBODY.hex(":"), "acc0"), "leasequery"))
    genl.delete(addr, vrf=red)
    put("restored", SOMEBODY, port=index("acc0"))
    put("bulk", OTHER)
    ktap.equal("another one is where the route leads to",
               place(addr)[:2], (OTHER.hex(":"), "br0.200"))
    genl.delete(addr, vrf=red)


def verified_above():
    """Where all that is left of the port is the VLAN that the bridge gave."""
    genl.port_set("br0.200", verify=VERIFY["strict"])
    ktap.equal("a client without a tag passes above the bridge as well",
               data("sub1", "10.77.1.50", SOMEBODY), {"verify_ok"})
    genl.port_set("acc0", verify=VERIFY["off"])
    ktap.equal("another is not he there either",
               data("sub1", "10.77.1.50", OTHER),
               {"verify_mac", "verify_dropped"})
    genl.port_set("acc3", verify=VERIFY["off"])
    genl.port_set("br0.300", role=ROLE["access"], verify=VERIFY["strict"])
    ktap.equal("nor is he himself in another VLAN",
               data("sub4", "10.77.1.50", SOMEBODY, vlan=300),
               {"verify_vlan", "verify_dropped"})
    genl.port_set("br0.300", role=ROLE["none"])
    genl.port_set("br0.200", verify=VERIFY["off"])
    genl.port_set("acc0", role=ROLE["none"])
    bind("sub1", OTHER, "10.77.1.56")
    for port in ("acc0", "acc3"):
        genl.port_set(port, role=ROLE["access"], verify=VERIFY["strict"])
    ktap.equal("a client gleaned above passes on his port",
               (place("10.77.1.56"), data("sub1", "10.77.1.56", OTHER)),
               ((OTHER.hex(":"), "br0.200", "200"), {"verify_ok"}))
    ktap.equal("and from one of another VLAN does not",
               data("sub4", "10.77.1.56", OTHER, vlan=300),
               {"verify_vlan", "verify_dropped"})


def who_asks_pays():
    """Not all behind the bridge for one of them, where sources are verified."""
    ip("route add 10.88.0.0/24 dev br0.200 table 10")
    genl.flush(state=STATE["pending"])
    genl.port_set("acc0", **{"budget-rate": 1, "budget-burst": 10})
    genl.port_set("br0.200", **{"budget-rate": 1, "budget-burst": 20})
    with Counted() as c:
        enters("sub1", *[p.ip("10.77.1.50", "10.88.0.%d" % n, p.udp(
            "10.77.1.50", 5, "10.88.0.%d" % n, 9999, b"x"))
            for n in range(40)], dst=BRIDGE)
    pending = genl.pending()
    ktap.check("a subscriber behind a bridge has servers asked on his port's "
               "budget", 10 <= c["miss"] <= 12 and
               c["miss"] + c["miss_budget_port"] == 40, c)
    ktap.equal("as is told of each", {one["payer"] for one in pending},
               {index("acc0")})
    with Counted() as c:
        world.downstream(*[p.ip(CORE, "10.77.1.%d" % n, p.udp(
            CORE, 5, "10.77.1.%d" % n, 9999, b"x")) for n in range(100, 115)])
    ktap.equal("and leaves the others theirs", c["miss"], 15)
    for port in ("acc0", "br0.200"):
        genl.port_set(port, **{"budget-rate": 100, "budget-burst": 512})
    genl.flush(state=STATE["pending"])


def other_vlan():
    bind("sub4", SOMEBODY, "10.77.1.53", vlan=200)
    there = (SOMEBODY.hex(":"), "acc3", "200")
    ktap.equal("a client with a tag has it in his lease",
               place("10.77.1.53"), there)
    with Counted() as c:
        bind("sub4", SOMEBODY, "10.77.1.53", src=OTHER, vlan=300)
    ktap.equal("his hardware address named from another VLAN moves nothing",
               (place("10.77.1.53"), c["reply_mismatch"]), (there, 1))
    bind("sub4", SOMEBODY, "10.77.1.53", vlan=300)
    ktap.equal("he himself moves", place("10.77.1.53"),
               (SOMEBODY.hex(":"), "acc3", "300"))


def questions():
    query = p.dhcp(p.BOOTREQUEST, p.options(10), xid=world.new_xid(),
                   ciaddr="10.77.1.53", giaddr="10.77.1.50", htype=0)
    bad = query[:-1] + bytes((82, 200)) + b"\0" * 4
    mark = b"the last frame"
    for name, message in (("", query), (", however badly", bad)):
        world.ports["sub4"].wire.frames()
        with Counted() as c:
            enters("sub1", broadcast(message))
        wire = world.ports["sub1"].wire
        wire.send(p.ether(p.BROADCAST, wire.mac, mark, 0x88b5))
        seen = []
        wait_until(lambda: seen.extend(world.ports["sub4"].wire.frames()) or
                   any(mark in one for one in seen))
        ktap.equal("what a subscriber asks of others is not bridged" + name,
                   (c["query_from_access"], any(mark in one for one in seen),
                    any(query[4:8] in one for one in seen)),
                   (1, True, False))


def trusted():
    genl.port_set("acc3", role=ROLE["trusted"])
    with Counted() as c:
        bind("sub4", OTHER, "10.77.1.54", vlan=200, info=CIRCUIT)
    entry = row("10.77.1.54", "red") or {}
    ktap.equal("the option 82 of a bridge's trusted port is believed",
               (place("10.77.1.54"), entry.get("circuit-id"),
                c["client_agent_info"]),
               ((OTHER.hex(":"), "acc3", "200"), CIRCUIT[2:].hex(), 0))
    genl.port_set("acc0", move=MOVE["deny"])
    with Counted() as c:
        bind("sub4", OTHER, "10.77.1.50", vlan=200)
    ktap.equal("a claim on it does not get past the policy of an access port",
               (place("10.77.1.50"), c["move_denied"]),
               ((SOMEBODY.hex(":"), "acc0", "-"), 1))


ktap.run((without_a_tag, on_no_port, refilled, told_of_above,
          verified_above, who_asks_pays, other_vlan, questions, trusted))
ktap.end()
