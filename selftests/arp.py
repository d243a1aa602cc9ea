#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The packets of arp.sh: ports without ARP, one by one."""

import errno
import os
import re
import socket
import struct
import subprocess
import time

import packet as p
from genl import ARP, ORIGIN, ROLE, STATE, Family, Refused
from world import (CORE, Counted, Ktap, Namespace, Neighbours, Parameter, Wire,
                   World, ip, read_in, row, wait_until)

ktap = Ktap()
world = World()
genl = world.genl
# what is sent to the server is not answered by ICMP
with Namespace("core"):
    SERVER = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
SERVER.bind(("", 67))
ATTACKER = p.mac("02:00:00:00:66:66")
KNOBS = ("mcast_solicit", "ucast_solicit", "mcast_resolicit", "app_solicit")


def index(name):
    with Namespace("bng"):
        return socket.if_nametoindex(name)


def mac_of(addr):
    return b"\x02\x00" + socket.inet_aton(addr)


def knobs(dev, names=KNOBS):
    return [int(read_in("bng", "/proc/sys/net/ipv4/neigh/%s/%s" % (dev, one)))
            for one in names]


def sysctl(path, value):
    with Namespace("bng"):
        write("/proc/sys/net/ipv4/" + path, value)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


neighbours = Neighbours().of


def neighbour(addr, dev="acc0"):
    """(state, hardware address, whether ours) or None."""
    found = neighbours(dev, addr)
    if not found:
        return None
    return found[0]["state"], found[0]["lladdr"], found[0]["ours"]


def ours(addr, mac=None):
    return ("NOARP", (mac or mac_of(addr)).hex(":"), True)


def data(addr, size=1, src=CORE, **more):
    return p.ip(src, addr, p.udp(src, 9, addr, 9, b"x" * size), **more)


def give(addr, dev="acc0", mac=None, expires=600, **more):
    genl.put({"addr": addr, "hwaddr": mac or mac_of(addr), "port": index(dev),
              "expires": expires, "origin": ORIGIN["static"], **more})


def cookie(addr):
    return next((one["cookie"] for one in genl.pending()
                 if one["addr"] == addr), None)


def answer(addr, state="active", mac=None, **more):
    if state == "active":
        more["hwaddr"] = mac or mac_of(addr)
    genl.put({"addr": addr, "state": STATE[state], "expires": 600,
              "origin": ORIGIN["leasequery"], "cookie": cookie(addr), **more})


class Seen:
    """with Seen("sub1") as seen: what its wire got meanwhile."""

    def __init__(self, sub):
        self.wire = world.ports[sub].wire

    def __enter__(self):
        self.wire.frames()
        return self

    def __exit__(self, *_):
        world.downstream()
        self.frames = self.wire.frames()
        # by address: hardware addresses that packets to it went to
        self.went = {}
        for frame in self.frames:
            if frame[12:14] == b"\x08\x00":
                self.went.setdefault(frame[30:34], []).append(frame[:6])

    def to(self, addr):
        return self.went.get(socket.inet_aton(addr), [])

    def arp(self, kind):
        return [frame for frame in self.frames
                if frame[12:14] == b"\x08\x06" and
                frame[20:22] == struct.pack("!H", kind)]


def goes(name, sub, addr, mac=None, packets=1):
    """Packets to an address arrive, and nobody was asked by ARP."""
    with Seen(sub) as seen:
        world.downstream(*[data(addr)] * packets)
    ktap.equal(name, (seen.to(addr), seen.arp(1)),
               ([mac or mac_of(addr)] * packets, []))


def stays(name, sub, addr):
    with Seen(sub) as seen:
        world.downstream(data(addr))
    ktap.equal(name, (seen.to(addr), seen.arp(1)), ([], []))


def unreachable():
    """Destinations of packets that the core was told of since."""
    return [socket.inet_ntoa(frame[58:62]) for frame in world.core.frames()
            if frame[12:14] == b"\x08\x00" and frame[23] == 1 and
            frame[34:36] == b"\x03\x01"]


def arp_message(kind, sha, sip, tip, tha=b"\0" * 6):
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, kind) + \
        sha + socket.inet_aton(sip) + tha + socket.inet_aton(tip)


def says_arp(sub, kind, sha, sip, tip, dst=p.BROADCAST):
    """A subscriber sends an ARP message; the BNG's replies to it."""
    port = world.ports[sub]
    with Seen(sub) as seen:
        port.wire.send(p.ether(dst, sha, arp_message(kind, sha, sip, tip),
                               0x0806))
        world.upstream(sub)
    return [socket.inet_ntoa(frame[28:32]) for frame in seen.arp(2)]


def arp_off(dev="acc0", **more):
    genl.port_set(dev, role=ROLE["access"], arp=ARP["off"], **{
        "budget-rate": 1000, "budget-burst": 1000, **more})


def again():
    """Nothing known, nothing in the neighbour table."""
    genl.flush()
    genl.flush(origin=ORIGIN["static"])


# ------------------------------------------------------------------ cases

def settings():
    global before
    before = knobs("acc0")
    arp_off()
    ktap.equal("with ARP off, probes go to user space only",
               knobs("acc0"), [0, 0, 0, 10])
    genl.port_set("acc0", arp=ARP["on"])
    ktap.equal("with ARP on again they are as before", knobs("acc0"), before)
    ktap.check("the defaults are no probes of ours", before != [0, 0, 0, 10])
    ip("link add tun0 type ipip local 198.18.0.1 remote 198.18.0.2")
    try:
        arp_off("tun0")
        error = None
    except Refused as refusal:
        error = (refusal.errno, bool(refusal.message))
    ktap.equal("an interface without Ethernet neighbours is refused, and "
               "says why", error, (errno.EOPNOTSUPP, True))
    ip("link del tun0")
    for kind in ("bridge", "bond"):
        ip("link add slave0 type veth peer name slave1",
           "link add upper0 type " + kind, "link set slave0 master upper0")
        kept = knobs("slave0")
        try:
            arp_off("slave0")
            error = None
        except Refused as refusal:
            error = (refusal.errno, bool(refusal.message))
        ktap.equal("so is a port of a %s, whose ARP it is" % kind,
                   (error, knobs("slave0")),
                   ((errno.EOPNOTSUPP, True), kept))
        ip("link del upper0", "link del slave0")
    genl.helper()
    sysctl("icmp_ratelimit", 0)
    for one in world.ports.values():
        arp_off(one.name)


def known():
    give("10.77.1.20")
    ktap.equal("a lease alone makes no neighbour", neighbour("10.77.1.20"),
               None)
    goes("a packet to a known subscriber goes, without ARP", "sub1",
         "10.77.1.20")
    ktap.equal("his neighbour entry is of the lease",
               neighbour("10.77.1.20"), ours("10.77.1.20"))


def held():
    for sub, addr, dev in (("sub1", "10.77.1.30", "acc0"),
                           ("sub2", "10.77.2.30", "acc1.100"),
                           ("sub3", "10.77.3.30", "acc2.100.7")):
        stays("%s: a packet to an unknown address waits" % dev, sub, addr)
        stays("%s: so does a second" % dev, sub, addr)
        entry = neighbour(addr, dev)
        ktap.equal("%s: held by the neighbour layer, exempt from its GC" %
                   dev, entry, ("INCOMPLETE", None, True))
        with Seen(sub) as seen:
            answer(addr)
        ktap.equal("%s: the answer releases both" % dev,
                   (seen.to(addr), seen.arp(1)), ([mac_of(addr)] * 2, []))
        goes("%s: the next ones go" % dev, sub, addr, packets=3)


def gleaned_while_held():
    addr = "10.77.1.31"
    stays("a packet waits while servers are asked", "sub1", addr)
    with Seen("sub1") as seen:
        world.bind("sub1", mac_of(addr), addr)
    ktap.equal("an ACK that is faster releases it", seen.to(addr),
               [mac_of(addr)])


def negative():
    addr = "10.77.1.40"
    world.core.frames()
    stays("a packet to nobody waits", "sub1", addr)
    answer(addr, "unassigned")
    world.downstream()
    ktap.equal("its sender is told once servers say so", unreachable(),
               [addr])
    ktap.check("no neighbour is left", wait_until(
        lambda: not neighbours("acc0", addr), 20), neighbours("acc0", addr))
    world.core.frames()
    with Counted() as c:
        stays("the next is not held", "sub1", addr)
    ktap.equal("its sender is told at once",
               (unreachable(), c["hit_negative"], c["neigh_refused"]),
               ([addr], 1, 1))
    ktap.equal("that makes no neighbour", neighbours("acc0", addr), [])


def ends():
    def release(addr):
        port = world.ports["sub1"]
        world.upstream("sub1", p.ip(addr, CORE, p.udp(
            addr, 68, CORE, 67, p.dhcp(
                p.BOOTREQUEST, p.options(p.RELEASE), xid=world.new_xid(),
                chaddr=mac_of(addr), ciaddr=addr))), src=mac_of(addr),
            dst=port.mac)

    def nak(addr):
        xid = world.new_xid()
        world.ask("sub1", mac_of(addr), xid, extra=((50, addr),))
        world.answer("sub1", mac_of(addr), xid, "0.0.0.0", kind=p.NAK,
                     lease=None)

    for number, (name, end) in enumerate((
            ("release", release), ("NAK", nak), ("delete", genl.delete),
            ("flush", lambda _: genl.flush()),
            ("expiry", lambda addr: wait_until(lambda: not row(addr), 20)))):
        addr = "10.77.1.%d" % (50 + number)
        world.bind("sub1", mac_of(addr), addr,
                   lease=2 if name == "expiry" else 600)
        goes("%s: a packet goes" % name, "sub1", addr)
        end(addr)
        ktap.equal("%s: the lease is gone" % name, row(addr), None)
        ktap.check("%s: and its neighbour" % name, wait_until(
            lambda: not neighbours("acc0", addr), 20),
            neighbours("acc0", addr))
        stays("%s: nothing goes to the old place" % name, "sub1", addr)
        genl.flush()


def expired_at_once():
    addr = "10.77.1.56"
    give(addr, expires=2, origin=ORIGIN["restored"])
    goes("a packet goes while the lease lasts", "sub1", addr)
    time.sleep(2.1)         # the second itself is what is tested
    stays("not a second later, whether or not the GC has come", "sub1", addr)
    again()


def moves():
    addr, other = "10.77.1.60", p.mac("02:00:00:00:60:60")
    world.bind("sub1", mac_of(addr), addr)
    goes("a packet goes to who has the lease", "sub1", addr)
    give(addr, mac=other)
    ktap.equal("a lease that moves takes its neighbour along",
               neighbour(addr), ours(addr, other))
    goes("and the packets", "sub1", addr, mac=other)
    again()
    # by another interface now
    genl.put({"addr": addr, "hwaddr": mac_of(addr), "port": index("acc3"),
              "expires": 600, "origin": ORIGIN["static"]})
    goes("a packet goes by acc0", "sub1", addr)
    ip("route add %s/32 dev acc3" % addr)
    goes("and by acc3 where the route says so", "sub4", addr)
    ktap.check("no neighbour is left on acc0", wait_until(
        lambda: not neighbours("acc0", addr), 20), neighbours("acc0", addr))
    ip("route del %s/32" % addr)
    again()
    ktap.check("nor on acc3 once the lease has ended, although the route "
               "went first", wait_until(
                   lambda: not neighbours("acc3", addr), 20),
               neighbours("acc3", addr))


def operators():
    first, second = "10.77.1.70", "10.77.1.71"
    wanted = {first: "permanent", second: "noarp"}
    lladdr = {one: "02:00:00:00:70:%s" % one[-2:] for one in wanted}
    for one, nud in wanted.items():
        ip("neigh add %s lladdr %s dev acc0 nud %s" % (
            one, lladdr[one], nud))
    for step in ("without a lease", "with another's lease",
                 "after that lease"):
        if step == "with another's lease":
            give(first)
            give(second)
        if step == "after that lease":
            again()
        for one, nud in wanted.items():
            goes("an operator's entry (%s) is used, %s" % (nud, step),
                 "sub1", one, mac=p.mac(lladdr[one]))
    genl.port_set("acc0", arp=ARP["on"])
    arp_off()
    ktap.equal("and is there still when ARP was on and off",
               [neighbour(one) for one in wanted],
               [(wanted[one].upper(), lladdr[one], False) for one in wanted])
    for one in wanted:
        ip("neigh del %s dev acc0" % one)


def spoofed_arp():
    addr = "10.77.1.80"
    give(addr)
    goes("a packet goes", "sub1", addr)
    for kind in (1, 2):
        says_arp("sub1", kind, ATTACKER, addr, addr)
        says_arp("sub1", kind, ATTACKER, addr, "10.77.1.1")
    ktap.equal("another's ARP changes nothing", neighbour(addr), ours(addr))
    goes("packets go where they went", "sub1", addr)

    ip("neigh del %s dev acc0" % addr)
    says_arp("sub1", 1, ATTACKER, addr, "10.77.1.1")
    goes("nor does his being first", "sub1", addr)

    addr = "10.77.1.81"
    says_arp("sub1", 1, ATTACKER, addr, "10.77.1.1")
    ktap.equal("ARP of an address without a lease is heard",
               neighbour(addr)[1], ATTACKER.hex(":"))
    stays("but no packet goes by it", "sub1", addr)
    with Counted() as c:
        with Seen("sub1") as seen:
            says_arp("sub1", 1, ATTACKER, addr, "10.77.1.1")
            says_arp("sub1", 2, ATTACKER, addr, addr)
    ktap.equal("nor while servers are asked", (seen.to(addr),
               c["arp_pending"]), ([], 2))
    with Seen("sub1") as seen:
        answer(addr)
    ktap.equal("it is held for who has the lease", seen.to(addr),
               [mac_of(addr)])

    # what ARP_IN cannot keep away, the egress hook does
    addr = "10.77.1.82"
    stays("a packet waits", "sub1", addr)
    with Counted() as c:
        with Seen("sub1") as seen:
            ip("neigh replace %s lladdr %s dev acc0 nud stale" % (
                addr, ATTACKER.hex(":")))
    ktap.equal("released by a wrong one, it does not leave",
               (seen.to(addr), c["neigh_astray"]), ([], 1))
    addr = "10.77.1.83"
    world.downstream(data(addr, options=b"\x01" * 8))
    with Counted() as c:
        with Seen("sub1") as seen:
            ip("neigh replace %s lladdr %s dev acc0 nud stale" % (
                addr, ATTACKER.hex(":")))
    ktap.equal("nor does one with IP options",
               (seen.to(addr), c["neigh_astray"]), ([], 1))
    again()


def silent_servers():
    addr = "10.77.1.85"
    stays("a packet waits", "sub1", addr)
    ktap.equal("who is asked for is not heard at first",
               says_arp("sub1", 1, mac_of(addr), addr, "10.77.1.1"), [])
    ktap.check("but where servers are silent he gets his gateway",
               wait_until(lambda: says_arp("sub1", 1, mac_of(addr), addr,
                                           "10.77.1.1"), 20))
    stays("while nothing goes to him unproved", "sub1", addr)
    with Seen("sub1") as seen:
        answer(addr)
    ktap.equal("until the answer comes", seen.to(addr), [mac_of(addr)])
    again()


def gateway():
    addr = "10.77.1.90"
    give(addr)
    ktap.equal("a subscriber who asks for his gateway gets it",
               says_arp("sub1", 1, mac_of(addr), addr, "10.77.1.1"),
               ["10.77.1.1"])
    ktap.equal("his entry is of the lease at once", neighbour(addr),
               ours(addr))
    ktap.equal("so does one without a lease",
               says_arp("sub1", 1, ATTACKER, "10.77.1.91", "10.77.1.1"),
               ["10.77.1.1"])
    ktap.equal("a neighbour on the subnet is not answered for",
               says_arp("sub1", 1, mac_of(addr), addr, "10.77.1.92"), [])
    for name in ("proxy_arp", "proxy_arp_pvlan"):
        sysctl("conf/acc0/" + name, 1)
    sysctl("neigh/acc0/proxy_delay", 0)
    ktap.equal("but by proxy_arp_pvlan he is",
               says_arp("sub1", 1, mac_of(addr), addr, "10.77.1.92"),
               ["10.77.1.92"])
    ktap.equal("and by proxy_arp who is behind another port",
               says_arp("sub1", 1, mac_of(addr), addr, "10.77.2.92"),
               ["10.77.2.92"])
    for name in ("proxy_arp", "proxy_arp_pvlan"):
        sysctl("conf/acc0/" + name, 0)
    give(addr, dev="acc3")
    says_arp("sub1", 1, ATTACKER, addr, "10.77.1.1")
    again()


def relay_agents():
    """dnsmasq and dhcp-helper say where a client is by SIOCSARP."""
    addr, client = "10.77.1.95", p.mac("02:00:00:00:95:95")

    def offer():
        ip("neigh replace %s lladdr %s dev acc0 nud stale" % (
            addr, client.hex(":")))
        with Namespace("bng"), socket.socket(socket.AF_INET,
                                             socket.SOCK_DGRAM) as sock:
            with Seen("sub1") as seen:
                sock.sendto(b"offer", (addr, 68))
        return seen.to(addr)

    ktap.equal("an offer to a client without a lease goes", offer(), [client])
    give(addr)
    goes("packets go by the lease", "sub1", addr)
    ktap.equal("an offer goes to whom it is made, not to who had it",
               offer(), [client])
    goes("packets still go by the lease", "sub1", addr)

    addr = "10.77.1.96"
    world.bind("sub1", mac_of(addr), addr)
    with Seen("sub1") as seen:
        world.renew("sub1", mac_of(addr), addr)
    ktap.equal("an ACK that is forwarded needs no ARP either",
               (seen.to(addr), seen.arp(1)), ([mac_of(addr)], []))
    with Counted() as c:
        world.renew("sub1", mac_of(addr), addr)
    ktap.equal("nor is its entry made again", (neighbour(addr),
               c["neigh_filled"]), (ours(addr), 0))
    again()


def strangers():
    """To a client of whom nothing is known, whatever the datagram holds."""
    addr = "10.77.1.97"
    with Counted() as c, Seen("sub1") as seen:
        world.downstream(p.ip(CORE, addr, p.udp(CORE, 5, addr, 68, b"junk")))
    ktap.equal("DHCP to nobody known is refused, and makes no neighbour",
               (seen.to(addr), seen.arp(1), c["neigh_refused"],
                neighbour(addr)), ([], [], 1, None))


def local():
    with Namespace("bng"), socket.socket(socket.AF_INET,
                                         socket.SOCK_DGRAM) as sock:
        give("10.77.1.100")
        with Seen("sub1") as seen:
            sock.sendto(b"x", ("10.77.1.100", 9))
        ktap.equal("what the BNG itself sends goes by the lease",
                   seen.to("10.77.1.100"), [mac_of("10.77.1.100")])
        genl.put({"addr": "10.77.1.101", "state": STATE["unknown"],
                  "expires": 60, "origin": ORIGIN["leasequery"],
                  "port": index("acc0")}, flags=0)
        try:
            sock.sendto(b"x", ("10.77.1.101", 9))
            error = None
        except OSError as refused:
            error = refused.errno
        ktap.equal("or is refused", error, errno.EHOSTUNREACH)
    again()


def odd_leases():
    addr = "10.77.1.105"
    give(addr, mac=b"\x01\x00\x5e\x00\x00\x01")
    with Counted() as c:
        stays("a lease of a multicast hardware address sends nothing",
              "sub1", addr)
    ktap.equal("that is counted, once", c["neigh_hwaddr"], 1)
    give(addr, mac=b"\x01" * 8)
    stays("nor does one that is not Ethernet's", "sub1", addr)
    ktap.equal("neither makes a neighbour", neighbours("acc0", addr), [])
    again()


def scanned():
    return [one for one in neighbours("acc0")
            if one["addr"].startswith(("10.98.", "10.99."))]


def scan():
    ip("route add 10.98.0.0/15 dev acc0")
    genl.flush()
    arp_off(**{"budget-rate": 1, "budget-burst": 20})
    world.core.frames()
    with Seen("sub1") as seen, Counted() as c:
        for start in range(0, 4096, 128):
            world.downstream(*[
                data("10.99.%d.%d" % (n >> 8, n & 255))
                for n in range(start * 16, (start + 128) * 16, 16)])
    made = len(scanned())
    ktap.check("a scan of a /16 makes as many neighbours as the budget has",
               20 <= made <= c["miss"] < 100, (made, str(c)))
    ktap.equal("the rest is refused", c["neigh_refused"], 4096 - c["miss"])
    ktap.equal("nobody is asked by ARP", seen.arp(1), [])
    genl.flush()
    genl.port_set("acc0", **{"budget-rate": 1000, "budget-burst": 1000})
    ktap.check("and all of them go", wait_until(lambda: not scanned(), 20))


@Parameter("max_held_port", 20000)
def held_is_bounded():
    full, other = "10.77.1.110", "10.77.1.111"
    with Counted() as c:
        world.downstream(*[data(full, 1000)] * 100)
    ktap.check("what is held of a port has a bound",
               50 < c["neigh_held_cap"] < 100, c)
    answer(full)
    with Counted() as c:
        world.downstream(data(other))
    ktap.equal("which is free again once it went", c["neigh_held_cap"], 0)
    with Seen("sub1") as seen:
        answer(other)
    ktap.equal("so that the next is held", seen.to(other), [mac_of(other)])
    again()


@Parameter("max_held_port", 20000)
def held_for_who_asks():
    """A subscriber who fills what may be held leaves other ports theirs."""
    src, full, other = "10.77.1.114", "10.77.2.114", "10.77.2.115"
    give(src)
    with Counted() as c:
        world.upstream("sub1", *[data(full, 1000, src=src)] * 100,
                       src=mac_of(src))
    ktap.check("what is held of a subscriber's packets has a bound",
               50 < c["neigh_held_cap"] < 100, c)
    with Counted() as c:
        stays("another packet to that port waits", "sub2", other)
    ktap.equal("which has all of its own room", c["neigh_held_cap"], 0)
    with Seen("sub2") as seen:
        answer(other)
    ktap.equal("so that it goes", seen.to(other), [mac_of(other)])
    with Counted() as c:
        world.downstream(data("10.77.1.119"))
    ktap.equal("who asked has none", c["neigh_held_cap"], 1)
    again()


@Parameter("max_held_port", 20000)
def held_elsewhere():
    """The route of an address moves to another port while it waits."""
    addr, other = "10.77.1.112", "10.77.1.113"
    stays("a packet waits", "sub1", addr)
    ip("route add %s/32 dev acc3" % addr)
    with Counted() as c:
        world.downstream(*[data(addr, 1000)] * 100)
    ktap.check("the bound is that of the port where it was asked for",
               50 < c["neigh_held_cap"] < 100, c)
    answer(addr)
    ip("route del %s/32" % addr)
    with Counted() as c:
        world.downstream(data(other))
    ktap.equal("which is free again once it went", c["neigh_held_cap"], 0)
    with Seen("sub1") as seen:
        answer(other)
    ktap.equal("so that the next is held there", seen.to(other),
               [mac_of(other)])
    again()


def many(count, how):
    """A lease and a packet for each of so many addresses."""
    addresses = ["10.%d.%d.%d" % (98 + n // 62500, 1 + n // 250 % 250,
                                  1 + n % 250) for n in range(count)]
    port, step = index("acc0"), 250
    lost, arps = [], 0
    for start in range(0, count, step):
        some = addresses[start:start + step]
        genl.put(*[{"addr": one, "hwaddr": mac_of(one), "port": port,
                    "expires": 3600, "origin": ORIGIN["restored"]}
                   for one in some])
        with Seen("sub1") as seen:
            world.downstream(*[data(one) for one in some])
        lost += [one for one in some if seen.to(one) != [mac_of(one)]]
        arps += len(seen.arp(1))
    ktap.equal("%d leases forward %s" % (count, how),
               (lost[:3], len(lost), arps), ([], 0, 0))
    return addresses


def ntable():
    """Chains and entries of the kernel's table of neighbours, as it has them."""
    text = ip("ntable show name arp_cache", options=("-s",))
    mask, entries = (re.search(r"\b%s (\w+)" % name, text)[1]
                     for name in ("hash_mask", "entries"))
    entries = int(entries)
    return int(mask, 16) + 1, entries - (entries >> 31 << 32)


def neighbours_everywhere():
    """How many there are in all namespaces, which share the kernel's table."""
    names = subprocess.run(["ip", "netns", "list"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split("\n")[:-1]
    text = "".join(ip("neigh show nud all", options=("-4",), namespace=name)
                   for name in [one.split()[0] for one in names])
    text += subprocess.run(["ip", "-4", "neigh", "show", "nud", "all"],
                           check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    return len(text.splitlines())


def thirty_thousand():
    """Thirty times what gc_thresh3 is by default. Last, for the neighbour
    layer's hash table never shrinks again; and where packets cost little."""
    if os.environ.get("LG_KERNEL", "uml") != "uml":
        return
    ip("route add 10.98.0.0/15 dev acc0")
    arp_off()
    count = 30000
    chains = ntable()[0]
    with Parameter("max_chains", chains):
        many(count, "by as many neighbours")
        ktap.equal("each has its entry, and they have no more chains than "
                   "there may be", (len(
                       [one for one in scanned() if one["state"] == "NOARP"]),
                       ntable()[0], chains < count / 4),
                   (count, chains, True))
        genl.flush()
        # where they are so many, taking them out is left to the neighbour layer
        left = [one for one in scanned() if one["ours"] or
                one["state"] != "FAILED"]
        ktap.check("and a flush ends them all", not left, left[:3])
        ktap.check("once they are gone, the kernel's count is right again",
                   wait_until(lambda: not scanned() and ntable()[1] ==
                              neighbours_everywhere(), 60),
                   (ntable(), neighbours_everywhere()))
    many(3 * chains, "where there may be more chains")
    ktap.check("then there are", ntable()[0] > chains, ntable())
    genl.flush()
    ip("route del 10.98.0.0/15 dev acc0")


def gc_thresholds():
    names = ["/proc/sys/net/ipv4/neigh/default/gc_thresh%d" % n
             for n in (1, 2, 3)]
    kept = []
    for name in names:
        with open(name, encoding="ascii") as file:
            kept.append(file.read())
    # fresh entries of others, which no GC takes
    for n in range(4):
        says_arp("sub4", 1, ATTACKER, "10.77.4.%d" % (200 + n), "10.77.4.1")
    for name, value in zip(names, (1, 2, 3)):
        write(name, value)
    with Counted() as c:
        heard = says_arp("sub1", 1, ATTACKER, "10.77.1.117", "10.77.1.1")
    ktap.equal("a sender without a lease makes no more neighbours",
               (heard, c["arp_full"], neighbour("10.77.1.117")),
               ([], 1, None))
    give("10.77.1.139", dev="acc3")
    with Counted() as c:
        heard = says_arp("sub1", 1, ATTACKER, "10.77.1.139", "10.77.1.1")
    ktap.equal("nor does one whose lease is of another port",
               (heard, c["arp_full"], neighbour("10.77.1.139")),
               ([], 1, None))
    give("10.77.1.118")
    ktap.equal("one with a lease is answered", says_arp(
        "sub1", 1, mac_of("10.77.1.118"), "10.77.1.118", "10.77.1.1"),
        ["10.77.1.1"])
    # what grew before does not shrink; twice as many entries make it grow
    most = max(256, ntable()[0])
    with Parameter("max_chains", most):
        addresses = many(3000, "with gc_thresh1-3 of 1, 2 and 3")
    ktap.equal("in as many chains as there may be",
               (most * 2 < 3000, ntable()[0]), (True, most))
    stays("an unknown address is held all the same", "sub1", "10.77.1.115")
    with Seen("sub1") as seen:
        answer("10.77.1.115")
    ktap.equal("and served", seen.to("10.77.1.115"), [mac_of("10.77.1.115")])
    ktap.equal("all have their entries", len(
        [one for one in scanned() if one["state"] == "NOARP"]), 3000)
    for name, value in zip(names, kept):
        write(name, value)
    for name in ("base_reachable_time_ms", "gc_stale_time"):
        sysctl("neigh/acc0/" + name, 1)
    ip("neigh add 10.77.1.116 lladdr 02:00:00:00:11:60 dev acc0 nud "
       "reachable")
    time.sleep(1.1)         # the second of gc_stale_time is what is tested
    ktap.check("entries of others are reachable no more", wait_until(
        lambda: (neighbour("10.77.1.116") or ["gone"])[0] != "REACHABLE", 20))
    with Seen("sub1") as seen:
        world.downstream(*[data(one) for one in addresses[:200]])
    lost = [one for one in addresses[:200] if seen.to(one) != [mac_of(one)]]
    ktap.equal("none ever becomes stale", (lost, seen.arp(1)), ([], []))
    genl.flush()
    ktap.check("a flush takes them all", wait_until(
        lambda: not scanned(), 30))
    ip("route del 10.98.0.0/15")


def link_flaps():
    addr = "10.77.1.120"
    give(addr)
    goes("a packet goes", "sub1", addr)
    ip("link set acc0 down", "link set acc0 up")
    world.carries(world.ports["sub1"].wire, "acc0")
    ktap.equal("a link that went down takes the entry along",
               neighbour(addr), None)
    goes("the next packet makes it again", "sub1", addr)
    ip("neigh del %s dev acc0" % addr)
    goes("as it does where an operator took it out", "sub1", addr)
    again()


def on_again():
    addr, waiting = "10.77.1.125", "10.77.1.126"
    give(addr)
    goes("a packet goes without ARP", "sub1", addr)
    stays("another waits", "sub1", waiting)
    theirs, lladdr = "10.77.1.127", "02:00:00:00:70:27"
    give(theirs)
    goes("and a third goes", "sub1", theirs)
    ip("neigh replace %s lladdr %s dev acc0 nud permanent" % (theirs, lladdr))
    genl.port_set("acc0", arp=ARP["on"])
    ktap.check("ARP on takes out what is ours", wait_until(
        lambda: not [one for one in neighbours("acc0")
                     if one["ours"]], 20),
        neighbours("acc0"))
    ktap.equal("but not what an operator put in its place",
               neighbour(theirs), ("PERMANENT", lladdr, False))
    ip("neigh del %s dev acc0" % theirs)
    ktap.equal("and gives back the numbers of probes", knobs("acc0"), before)
    with Seen("sub1") as seen:
        world.downstream(data(addr))
    ktap.equal("now ARP asks, lease or not",
               [socket.inet_ntoa(frame[38:42]) for frame in seen.arp(1)],
               [addr])
    again()


def restored():
    for name, how in (
            ("another role", lambda: genl.port_set("acc0",
                                                   role=ROLE["trusted"])),
            ("no role", lambda: genl.port_set("acc0", role=ROLE["none"]))):
        arp_off()
        how()
        ktap.equal("%s gives back the numbers of probes" % name,
                   knobs("acc0"), before)
    sysctl("neigh/acc0/mcast_solicit", 7)
    arp_off()
    sysctl("neigh/acc0/ucast_solicit", 5)
    genl.port_set("acc0", arp=ARP["on"])
    ktap.equal("what was set comes back, and what was set meanwhile stays",
               knobs("acc0"), [7, 5] + before[2:])
    sysctl("neigh/acc0/mcast_solicit", before[0])
    sysctl("neigh/acc0/ucast_solicit", before[1])
    ip("link set acc1.100 mtu 60", "link set acc1.100 mtu 1500",
       "addr add 10.77.2.1/24 dev acc1.100")
    ktap.equal("an interface that lost IPv4 gets it back without ARP",
               knobs("acc1.100"), [0, 0, 0, 10])
    addr = "10.77.2.130"
    give(addr, dev="acc1.100")
    goes("and forwards", "sub2", addr)
    genl.port_set("acc1.100", arp=ARP["on"])
    ktap.equal("with the defaults afterwards", knobs("acc1.100"), before)
    arp_off("acc1.100")
    again()


def default_moves():
    """In the first namespace, where a default reaches interfaces at once."""
    path = "/proc/sys/net/ipv4/neigh/%s/mcast_solicit"

    def probes(dev="first0"):
        with open(path % dev, encoding="ascii") as file:
            return int(file.read())

    first, kept = Family(), probes("default")
    subprocess.run("ip link add first0 type veth peer name first1".split(),
                   check=True)
    first.port_set("first0", role=ROLE["access"], arp=ARP["off"])
    write(path % "default", kept + 3)
    ktap.equal("a default that changes does not reach what is set", probes(),
               0)
    first.port_set("first0", arp=ARP["on"])
    ktap.equal("but comes back where nothing was set", probes(), kept + 3)
    write(path % "default", kept)
    ktap.equal("and goes on reaching it", probes(), kept)
    subprocess.run("ip link del first0".split(), check=True)
    first.close()


def bridge():
    ip("link add br0 type bridge", "link set acc3 master br0",
       "addr del 10.77.4.1/24 dev acc3", "addr add 10.77.4.1/24 dev br0",
       "link set br0 up")
    genl.port_set("acc3", **{"budget-rate": 900})
    ktap.equal("a port that has become a bridge's can be set as before",
               genl.port("acc3")["budget-rate"], 900)
    genl.port_set("acc3", role=ROLE["access"], arp=ARP["on"])
    arp_off("br0")
    addr = "10.77.4.40"
    # its port forwards at once only where nobody listens for loops
    world.carries(world.ports["sub4"].wire, "br0")
    stays("a bridge: a packet waits", "sub4", addr)
    with Seen("sub4") as seen:
        answer(addr)
    ktap.equal("a bridge: and goes", (seen.to(addr), seen.arp(1)),
               ([mac_of(addr)], []))
    addr = "10.77.4.41"
    give(addr, dev="acc3")
    world.ports["sub4"].mac = Wire("bng", "br0").mac
    ktap.equal("a bridge: the gateway answers",
               says_arp("sub4", 1, mac_of(addr), addr, "10.77.4.1"),
               ["10.77.4.1"])
    ktap.equal("a bridge: the entry is of the lease on its port",
               neighbour(addr, "br0"), ours(addr))
    goes("a bridge: packets go by its port", "sub4", addr)
    ip("link del br0")
    again()


def vrf():
    ip("link add red type vrf table 10", "link set red up",
       "link set acc1.100 master red", "route add 10.77.2.0/24 dev acc1.100")
    world.carries(world.ports["sub2"].wire, "acc1.100")
    addr = "10.77.2.77"
    stays("a VRF: a packet waits", "sub2", addr)
    with Seen("sub2") as seen:
        answer(addr, vrf=index("red"))
    ktap.equal("a VRF: and goes", (seen.to(addr), seen.arp(1)),
               ([mac_of(addr)], []))
    ktap.equal("a VRF: its entry is ours", neighbour(addr, "acc1.100"),
               ours(addr))
    goes("a VRF: so do the next ones", "sub2", addr)
    genl.delete(addr, vrf=index("red"))
    ktap.check("a VRF: the entry goes with the lease", wait_until(
        lambda: not neighbours("acc1.100", addr), 20))
    answered = "10.77.2.78"
    stays("a VRF: another packet waits", "sub2", answered)
    answer(answered, vrf=index("red"))
    ip("link del red")
    ktap.check("a VRF that ends takes all along", wait_until(
        lambda: not [one for one in neighbours("acc1.100")
                     if one["ours"]], 20),
        neighbours("acc1.100"))


before = None
os.environ["LC_ALL"] = "C"
def unloaded():
    """With it goes what it kept from the kernel's count of neighbours. Last of
    all; so many that they are left to the neighbour layer's GC where packets
    cost little."""
    count = 5000 if os.environ.get("LG_KERNEL", "uml") == "uml" else 600
    ip("route add 10.98.0.0/15 dev acc0")
    arp_off()
    write("/sys/module/leaseglean/parameters/max_chains", 256)
    many(count, "with few chains")
    # at once, but where many that it knew of have just gone: then it catches up
    ktap.check("the kernel is not told of all",
               wait_until(lambda: 0 < ntable()[1] < count, 10), ntable())
    # in less than a minute, after which it would be told of those that are left
    subprocess.run(["rmmod", "leaseglean"], check=True, timeout=50)
    ktap.check("its count is right once the module is unloaded", wait_until(
        lambda: ntable()[1] == neighbours_everywhere(), 30),
        (ntable(), neighbours_everywhere()))
    left = scanned()
    ktap.equal("and none of these is left", left, [])


ktap.run((settings, known, held, gleaned_while_held, negative, ends,
          expired_at_once, moves, operators, spoofed_arp, silent_servers,
          gateway, relay_agents, strangers, local, odd_leases, scan, held_is_bounded,
          held_for_who_asks, held_elsewhere, gc_thresholds, link_flaps, on_again,
          restored, default_moves, bridge, vrf, thirty_thousand, unloaded))
ktap.end()
