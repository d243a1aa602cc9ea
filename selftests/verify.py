#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The packets of verify.sh."""

import ast
import errno
import os
import select
import socket
import struct
import time

import packet as p
from genl import (ARP, MATCH, MOVE, ORIGIN, PENDING, REASON, ROLE, SPOOF,
                  STATE, VERIFY, Family, Refused, decode)
from world import (CORE, Counted, Ktap, Namespace, Neighbours, Parameter,
                   Wire, World, device_mac, ip, row, table, wait_until)

ktap = Ktap()
world = World()
genl = world.genl
STRANGER = p.mac("02:00:00:00:99:99")
REASONS = ("verify_no_lease", "verify_negative", "verify_source",
           "verify_mac", "verify_port", "verify_vlan")


def index(name):
    with Namespace("bng"):
        return socket.if_nametoindex(name)


def settle_from(sub):
    """The address that World settles by is nobody's: give it to the wire."""
    port = world.ports[sub]
    addr = port.giaddr.rsplit(".", 1)[0] + ".254"
    genl.put({"addr": addr, "hwaddr": port.wire.mac,
              "port": index(port.name), "origin": ORIGIN["static"]})


def setup():
    world.roles()
    for sub in world.ports:
        settle_from(sub)
    genl.helper()


def settings(sub="sub1", **values):
    genl.port_set(world.ports[sub].name, **values)


def give(addr, mac, sub="sub1", **more):
    genl.put({"addr": addr, "hwaddr": mac, "expires": 600,
              "port": index(world.ports[sub].name),
              "origin": ORIGIN["restored"], **more})


def passes(addr, mac, sub="sub1", dport=9999):
    """Whether a packet from there reaches the core."""
    world.core.frames()
    world.upstream(sub, p.ip(addr, CORE, p.udp(addr, 5, CORE, dport, b"x")),
                   src=mac)
    # it has left: the core's own stack gets it in the order sent
    world.downstream()
    return any(frame[12:14] == b"\x08\x00" and
               frame[26:30] == socket.inet_aton(addr)
               for frame in world.core.frames())


def upcalls():
    """Misses that the helper was told of since the last call: those of a packet
    before the World has settled."""
    told = []
    while (event := genl.event(0)) is not None:
        if event[0] == "miss-ntf":
            told.append(decode(PENDING, event[1]))
    return told


def judged(name, addr, mac, want, reason, sub="sub1"):
    """One packet, its fate, and the one reason counted."""
    with Counted() as c:
        fate = passes(addr, mac, sub)
    got = {one for one in REASONS if c[one]}
    ktap.equal(name, (fate, got), (want, {reason} if reason else set()))


def strict():
    genl.flush()
    upcalls()
    mac, other = STRANGER, p.mac("02:00:00:00:98:98")
    settings(verify=VERIFY["strict"])
    settings("sub2", verify=VERIFY["strict"])
    give("10.77.1.20", mac)
    judged("strict: the lease's own source passes", "10.77.1.20", mac, True,
           None)
    judged("strict: another hardware address does not", "10.77.1.20", other,
           False, "verify_mac")
    judged("strict: nor another port", "10.77.1.20", mac, False,
           "verify_port", "sub2")
    # a claim with nothing behind it asks, as moves are settled by a question
    told = upcalls()
    ktap.equal("a mismatch asks once for the address",
               [one["addr"] for one in told], ["10.77.1.20"])
    judged("strict: an unknown source does not pass", "10.77.1.21", mac,
           False, "verify_no_lease")
    with Counted() as c:
        judged("strict: nor while it is asked for", "10.77.1.21", mac,
               False, "verify_no_lease")
    ktap.equal("what enters is no hit of what leaves", c["hit_pending"], 0)
    told = upcalls()
    ktap.equal("and is asked for once",
               [(one["addr"], one["port-name"]) for one in told],
               [("10.77.1.21", "acc0")])
    genl.put({"addr": "10.77.1.21", "hwaddr": mac, "expires": 600,
              "origin": ORIGIN["leasequery"], "cookie": told[0]["cookie"]})
    judged("once answered it passes", "10.77.1.21", mac, True, None)
    genl.put({"addr": "10.77.1.22", "state": STATE["unassigned"],
              "origin": ORIGIN["leasequery"], "expires": 600})
    judged("strict: a source known to have no lease does not pass",
           "10.77.1.22", mac, False, "verify_negative")
    for addr in ("192.0.2.1", CORE, "10.77.1.1", "224.0.0.5", "127.0.0.1",
                 "10.77.1.255", "0.0.0.0", "198.18.0.77"):
        judged("strict: %s is no subscriber's" % addr, addr, mac, False,
               "verify_source")
    ktap.equal("and is not asked for", upcalls(), [])
    settings(verify=VERIFY["off"])
    judged("off: it is not looked at", "10.77.1.21", other, True, None)
    settings("sub2", verify=VERIFY["off"])


def dhcp_passes():
    settings(verify=VERIFY["strict"])
    mac, addr = p.mac("02:00:00:00:01:77"), "10.77.1.77"
    world.bind("sub1", mac, addr)
    ktap.equal("DHCP passes without an address, and binds",
               (row(addr) or {}).get("hwaddr"), mac.hex(":"))
    ktap.check("what is gleaned passes at once", passes(addr, mac))
    with Counted() as c:
        world.renew("sub1", mac, addr, lease=900)
    ktap.equal("a renewal passes", c["glean_extended"], 1)


def only_dhcp_passes():
    """What goes to port 67 is not for that reason DHCP."""
    settings(verify=VERIFY["strict"])
    request = p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST), xid=1,
                     chaddr=STRANGER, ciaddr="10.77.1.76")

    def sent(src, dst, payload):
        with Counted() as c:
            world.upstream("sub1", p.ip(src, dst, p.udp(
                src, 68, dst, 67, payload)), src=STRANGER)
        return c["verify_dropped"]

    ktap.equal("a spoofed datagram to port 67 does not pass",
               sent("192.0.2.1", CORE, b"x" * 300), 1)
    ktap.equal("nor a DHCP message to a host that is no server of ours",
               sent("192.0.2.1", "198.18.0.77", request), 1)
    ktap.equal("a request to a server that answered relay agents here does",
               sent("10.77.1.76", CORE, request), 0)
    ktap.equal("and one that is broadcast",
               sent("10.77.1.76", "255.255.255.255", request), 0)


def igmp_report(src, dst, group="239.1.2.3", proto=socket.IPPROTO_IGMP,
                kind=0x16, **more):
    """What wants a group's packets (RFC 2236), with Router Alert."""
    body = bytes((kind, 0, 0, 0)) + socket.inet_aton(group)
    body = body[:2] + struct.pack("!H", p.checksum(body)) + body[4:]
    return p.ip(src, dst, body, options=b"\x94\4\0\0", ttl=1, proto=proto,
                **more)


def igmp_without_an_address():
    """Access nodes report for others so (RFC 3376, 4.2.13)."""
    settings(verify=VERIFY["strict"])
    with Namespace("bng"):
        listener = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                 socket.IPPROTO_IGMP)
    listener.setblocking(False)
    group = p.mac("01:00:5e:00:00:01")

    def arrives(packet, dst=group):
        with Counted() as c:
            world.upstream("sub1", packet, dst=dst, src=STRANGER)
        try:
            got = listener.recv(2048) == packet
        except BlockingIOError:
            got = False
        return got, c["verify_source"], c["verify_dropped"]

    for name, kind in (("IGMPv1 report", 0x12), ("IGMPv2 report", 0x16),
                       ("leave", 0x17), ("IGMPv3 report", 0x22)):
        ktap.equal("%s of who has no address passes" % name, arrives(
            igmp_report("0.0.0.0", "224.0.0.1", kind=kind)), (True, 0, 0))
    ktap.equal("but no query, which would make him the querier", arrives(
        igmp_report("0.0.0.0", "224.0.0.1", kind=0x11)), (False, 1, 1))
    ktap.equal("nor a piece of anything", arrives(
        igmp_report("0.0.0.0", "224.0.0.1", fragment=0x2000)), (False, 1, 1))
    ktap.equal("nor a report from an address that is nobody's",
               arrives(igmp_report("192.0.2.1", "224.0.0.1")), (False, 1, 1))
    ktap.equal("nor what is not to a group",
               arrives(igmp_report("0.0.0.0", CORE),
                       world.ports["sub1"].mac), (False, 1, 1))
    ktap.equal("nor what is not IGMP",
               arrives(igmp_report("0.0.0.0", "224.0.0.1", proto=17)),
               (False, 1, 1))
    listener.close()


def others_protocols():
    """IPv6, PPPoE and MPLS are none of our business; who listens to one of
    them hears what came past the hook."""
    settings(verify=VERIFY["strict"], arp=ARP["off"])
    port = world.ports["sub1"]
    for kind in (0x86dd, 0x8863, 0x8864, 0x8847):
        with Namespace("bng"):
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                     socket.htons(kind))
        listener.bind((port.name, kind))
        listener.setblocking(False)
        frame = p.ether(port.mac, STRANGER, bytes(range(64)), kind=kind)
        with Counted() as c:
            port.wire.send(frame)
            world.upstream("sub1")
        try:
            got = listener.recv(2048)
        except BlockingIOError:
            got = None
        ktap.equal("frames of type %04x pass as they are" % kind,
                   (got, c["verify_dropped"], c["frame_tags"]), (frame, 0, 0))
        listener.close()
    settings(arp=ARP["on"])


def tags_hide_nothing():
    settings(verify=VERIFY["strict"])
    port = world.ports["sub1"]
    packet = p.ip("192.0.2.1", CORE, p.udp("192.0.2.1", 5, CORE, 9, b"x"))
    for tags, reason in ((1, "verify_source"), (3, "verify_source"),
                         (12, "frame_tags")):
        with Counted() as c:
            port.wire.send(port.mac + STRANGER +
                           b"\x81\0\0\0" * tags + b"\x08\0" + packet)
            world.upstream("sub1")
        ktap.equal("behind %d priority tags it is dropped just so" % tags,
                   c[reason], 1)


def arp(sender_mac, sender, target, op=1, frame=None, to=p.BROADCAST):
    return p.ether(to, frame or sender_mac, struct.pack(
        "!HHBBH6s4s6s4s", 1, 0x800, 6, 4, op, sender_mac,
        socket.inet_aton(sender), bytes(6), socket.inet_aton(target)), 0x806)


def arp_answered(frame):
    port = world.ports["sub1"]
    port.wire.frames()
    port.wire.send(frame)
    world.upstream("sub1")
    return any(one[12:14] == b"\x08\x06" and one[20:22] == b"\0\x02"
               for one in port.wire.frames())


def arp_is_held_to_it():
    settings(verify=VERIFY["strict"])
    mac, addr = p.mac("02:00:00:00:01:78"), "10.77.1.78"
    give(addr, mac)
    ktap.check("ARP from the lease's holder is answered",
               arp_answered(arp(mac, addr, "10.77.1.1")))
    for name, frame, reason in (
            ("another's address", arp(STRANGER, addr, "10.77.1.1"),
             "verify_mac"),
            ("another's hardware address inside",
             arp(mac, addr, "10.77.1.1", frame=STRANGER), "verify_mac"),
            ("his own frame, another inside",
             arp(STRANGER, addr, "10.77.1.1", frame=mac), "verify_mac"),
            ("the gateway's address", arp(STRANGER, "10.77.1.1", "10.77.1.1"),
             "verify_source"),
            ("an unknown address", arp(STRANGER, "10.77.1.79", "10.77.1.1"),
             "verify_no_lease")):
        with Counted() as c:
            answered = arp_answered(frame)
        ktap.equal("ARP with %s goes nowhere" % name,
                   (answered, c[reason], c["verify_dropped"]), (False, 1, 1))
    with Counted() as c:
        answered = arp_answered(arp(STRANGER, "0.0.0.0", "10.77.1.1"))
    ktap.equal("an ARP probe is answered", (answered, c["verify_dropped"]),
               (True, 0))
    ktap.equal("what is dropped makes no neighbour",
               Neighbours().of("acc0", "10.77.1.79"), [])


def permissive():
    genl.flush()
    upcalls()
    settings(verify=VERIFY["permissive"])
    give("10.77.1.30", STRANGER)
    judged("permissive: an unknown source passes", "10.77.1.31", STRANGER,
           True, "verify_no_lease")
    ktap.equal("and is asked for", [one["addr"] for one in upcalls()],
               ["10.77.1.31"])
    judged("permissive: a mismatch does not", "10.77.1.30",
           p.mac("02:00:00:00:98:01"), False, "verify_mac")
    genl.put({"addr": "10.77.1.32", "state": STATE["unknown"],
              "origin": ORIGIN["leasequery"], "expires": 600})
    judged("permissive: nor one known to have no lease", "10.77.1.32",
           STRANGER, False, "verify_negative")
    judged("permissive: nor one that is no subscriber's", "192.0.2.1",
           STRANGER, False, "verify_source")


def spoofs(ears):
    """What listeners were told of refused packets since the last call."""
    told = []
    while (event := ears.event(0)) is not None:
        if event[0] == "spoof-ntf":
            told.append(decode(SPOOF, event[1]))
    return told


def log():
    settings(verify=VERIFY["log"])
    with Namespace("bng"):
        ears = Family()
    ears.join()
    mac = p.mac("02:00:00:00:98:02")
    judged("log: a mismatch passes and is counted", "10.77.1.30", mac, True,
           "verify_mac")
    told = spoofs(ears)
    ktap.equal("and told of, with port, hardware address and address",
               [[spoof.get(one) for one in (
                   "addr", "hwaddr", "port", "port-name", "reason")]
                for spoof in told],
               [["10.77.1.30", mac, index("acc0"), "acc0", REASON["mac"]]])
    ktap.check("as not dropped", "dropped" not in told[0], told)
    settings(verify=VERIFY["strict"])
    passes("10.77.1.30", mac)
    told = spoofs(ears)
    ktap.check("strict: as dropped", len(told) == 1 and "dropped" in told[0],
               told)
    with Counted() as c:
        frames = [p.ip("10.77.1.30", CORE, p.udp(
            "10.77.1.30", 5, CORE, 9, b"x"))] * 1000
        world.upstream("sub1", *frames, src=mac)
    told = len(spoofs(ears))
    ktap.check("a flood is counted whole, told of in part (%d)" % told,
               c["verify_mac"] == 1000 and 0 < told < 500 and
               c["spoof_untold"] == 1000 - told, c)
    ears.close()


def what_must_match():
    genl.flush()
    other = p.mac("02:00:00:00:98:03")
    settings(verify=VERIFY["strict"])
    settings("sub2", verify=VERIFY["strict"])
    give("10.77.1.40", STRANGER)
    for match, mac, sub, want, reason in (
            (0, other, "sub2", True, None),
            (MATCH["port"], other, "sub1", True, None),
            (MATCH["port"], STRANGER, "sub2", False, "verify_port"),
            (MATCH["mac"], STRANGER, "sub2", True, None),
            (MATCH["mac"], other, "sub2", False, "verify_mac"),
            (MATCH["vlan"], other, "sub2", False, "verify_vlan"),
            (MATCH["vlan"], other, "sub1", True, None)):
        settings(match=match)
        settings("sub2", match=match)
        judged("match %d: %s from %s" % (match, mac.hex(":"), sub),
               "10.77.1.40", mac, want, reason, sub)
    for sub in ("sub1", "sub2"):
        settings(sub, match=7, verify=VERIFY["off"])


def excluded():
    settings(verify=VERIFY["strict"], exclude=["192.0.2.0/24",
                                               "10.77.1.64/28"])
    with Counted() as c:
        fates = [passes(one, STRANGER) for one in
                 ("192.0.2.9", "10.77.1.65", "10.77.1.80")]
    ktap.equal("sources of excluded prefixes pass, and only they",
               (fates, c["verify_excluded"]), ([True, True, False], 2))
    settings(exclude=["0.0.0.0/0"])
    ktap.equal("the list can be emptied",
               (passes("192.0.2.9", STRANGER),
                genl.port("acc0").get("exclude")), (False, None))
    for prefix in (["10.77.1.1/24"], ["10.0.0.0/33"],
                   ["10.0.0.0/8", "0.0.0.0/0"]):
        try:
            settings(exclude=prefix)
            ktap.check("%s is refused" % prefix, False)
        except Refused as error:
            ktap.check("%s is refused, with a reason" % prefix,
                       error.message, error)
    for values in (dict(arp=ARP["off"]), dict(verify=VERIFY["strict"]),
                   dict(max_leases=1), dict(exclude=["10.0.0.0/8"])):
        try:
            genl.port_set("up0", **values)
            ktap.check("%s is only of access ports" % values, False)
        except Refused as error:
            ktap.equal("%s is only of access ports" % values, error.message,
                       "only of a port with the access role")


def procfs_tells():
    settings(verify=VERIFY["strict"], match=MATCH["mac"] | MATCH["vlan"],
             move=MOVE["deny"], max_leases=7,
             exclude=["192.0.2.0/24", "10.77.1.64/28"],
             **{"budget-rate": 11, "budget-burst": 22})
    give("10.77.1.55", STRANGER)
    rows = {one["port"]: one for one in table("ports")}
    active = len([one for one in table() if one["port"] == "acc0" and
                  one["state"] == "active"])
    ktap.equal("procfs tells a port's settings", rows["acc0"], {
        "port": "acc0", "role": "access", "rate": "11", "burst": "22",
        "arp": "on", "verify": "strict", "match": "ip,mac,vlan",
        "move": "deny", "max": "7",
        "exclude": "192.0.2.0/24,10.77.1.64/28", "active": str(active),
        "pending": str(len([one for one in table("pending")
                            if one["port"] == "acc0"])),
        "negative": rows["acc0"]["negative"]})
    ktap.equal("of every port, once", sorted(rows), sorted(
        one["port"] for one in table("ports")))
    genl.port_set("acc0", role=ROLE["none"])
    genl.port_set("acc0", role=ROLE["access"])
    ktap.equal("which go back to defaults with the role",
               [one for one in table("ports") if one["port"] == "acc0"][0],
               {**rows["acc0"], "verify": "off", "match": "ip,mac,port,vlan",
                "move": "query", "max": "0", "exclude": "-"})
    settings(**{"budget-rate": 100, "budget-burst": 512})


def framed_route():
    genl.flush()
    upcalls()
    settings(verify=VERIFY["strict"])
    judged("a network behind an unknown subscriber does not pass",
           "10.99.0.5", STRANGER, False, "verify_no_lease")
    ktap.equal("and the subscriber is asked for",
               [one["addr"] for one in upcalls()], ["10.77.1.60"])
    genl.flush()
    downstream = [p.ip(CORE, one, p.udp(CORE, 9, one, 9, b"x"))
                  for one in ("10.99.0.5", "10.99.0.6")]
    with Counted() as c:
        world.downstream(*downstream)
    ktap.equal("so he is by packets to that network, and once",
               ([one["addr"] for one in upcalls()], c["miss"],
                c["hit_pending"]), (["10.77.1.60"], 1, 1))
    genl.flush()
    give("10.77.1.60", STRANGER)
    with Counted() as c:
        world.downstream(*downstream)
    ktap.equal("whose lease is theirs", (upcalls(), c["hit"], c["miss"]),
               ([], 2, 0))
    judged("behind a known one it passes", "10.99.0.5", STRANGER, True, None)
    judged("but not from another", "10.99.0.6",
           p.mac("02:00:00:00:98:04"), False, "verify_mac")
    genl.put({"addr": "10.77.1.62", "state": STATE["unassigned"],
              "origin": ORIGIN["leasequery"], "expires": 60})
    ip("route add 10.77.1.62/32 via 10.77.1.60")
    judged("nor does it matter that an address of it had no lease before",
           "10.77.1.62", STRANGER, True, None)
    ip("route del 10.77.1.62/32")
    judged("for as long as it is routed there", "10.77.1.62", STRANGER, False,
           "verify_negative")


def claim(addr, mac, sub="sub1", lease=600):
    """A server's ACK to another client for an address that has a lease."""
    with Counted() as c:
        world.bind(sub, mac, addr, lease=lease)
    return c


def holder(addr):
    entry = row(addr) or {}
    return entry.get("hwaddr"), entry.get("port")


def who_asks_pays():
    genl.flush()
    settings(verify=VERIFY["off"])
    give("10.77.1.33", STRANGER)
    upcalls()
    world.upstream("sub1", p.ip("10.77.1.33", "10.77.2.200", p.udp(
        "10.77.1.33", 5, "10.77.2.200", 9, b"x")), src=STRANGER)
    told = upcalls()
    rows = {one["port"]: (one["pending"], one["negative"])
            for one in table("ports")}
    ktap.equal("an address behind another port is asked for there",
               [(one["addr"], one["port-name"]) for one in told],
               [("10.77.2.200", "acc1.100")])
    ktap.equal("at the expense of who asks, as all are told",
               [one["payer"] for one in told + genl.pending()] +
               [one["payer"] for one in table("pending")],
               [index("acc0"), index("acc0"), "acc0"])
    ktap.equal("and counts against the caps of who asks",
               (rows["acc0"], rows["acc1.100"]), (("1", "0"), ("0", "0")))
    genl.put({"addr": "10.77.2.200", "state": STATE["unassigned"],
              "origin": ORIGIN["leasequery"], "expires": 60,
              "cookie": told[0]["cookie"]})
    rows = {one["port"]: (one["pending"], one["negative"])
            for one in table("ports")}
    ktap.equal("as does the answer that there is none",
               (rows["acc0"], rows["acc1.100"]), (("0", "1"), ("0", "0")))
    genl.flush()
    rows = {one["port"]: (one["pending"], one["negative"])
            for one in table("ports")}
    ktap.equal("until it ends", (rows["acc0"], rows["acc1.100"]),
               (("0", "0"), ("0", "0")))
    # else the packet is given up seconds later, and who sent it, whose lease
    # is gone by then, is asked for in order to be told
    ip("neigh del 10.77.2.200 dev acc1.100")
    ktap.equal("a packet given up is told to who sent it",
               [one["addr"] for one in upcalls()], ["10.77.1.33"])


def moves():
    genl.flush()
    old, new = p.mac("02:00:00:00:01:50"), p.mac("02:00:00:00:01:51")
    addr = "10.77.1.50"
    world.bind("sub1", old, addr)
    upcalls()
    for sub in ("sub1", "sub2"):
        settings(sub, move=MOVE["deny"])
    c = claim(addr, new, "sub2")
    ktap.equal("move deny: the lease stands",
               (holder(addr), c["move_denied"], upcalls()),
               ((old.hex(":"), "acc0"), 1, []))
    c = claim(addr, old, "sub2")
    ktap.equal("the same client moves with the server's ACK",
               (holder(addr), c["glean_moved"]),
               ((old.hex(":"), "acc1.100"), 1))
    settings("sub1", move=MOVE["query"])
    c = claim(addr, new, "sub1")
    ktap.equal("of the two ports' policies the stricter holds",
               (holder(addr), c["move_denied"]),
               ((old.hex(":"), "acc1.100"), 1))
    settings("sub2", move=MOVE["query"])
    c = claim(addr, new, "sub1")
    told = upcalls()
    ktap.equal("move query: the lease stands, and the server is asked",
               (holder(addr), c["move_asked"], c["challenge"],
                [(one["addr"], one["port-name"], one["payer"])
                 for one in told]),
               ((old.hex(":"), "acc1.100"), 1, 1,
                [(addr, "acc1.100", index("acc0"))]))
    c = claim(addr, new, "sub1")
    ktap.equal("not again so soon",
               (c["move_asked"], c["challenge"], upcalls()), (1, 0, []))
    cookie = told[0]["cookie"]
    try:
        genl.put({"addr": addr, "state": STATE["unassigned"],
                  "origin": ORIGIN["leasequery"], "expires": 60,
                  "cookie": cookie})
        ktap.check("an answer that knows of no lease ends none", False)
    except Refused as error:
        ktap.equal("an answer that knows of no lease ends none",
                   (error.message, holder(addr)),
                   ("the lease stands", (old.hex(":"), "acc1.100")))
    genl.put({"addr": addr, "hwaddr": new, "expires": 600,
              "origin": ORIGIN["leasequery"], "cookie": cookie})
    ktap.equal("an answer that names the other moves it, to where he is",
               holder(addr), (new.hex(":"), "acc0"))
    try:
        genl.put({"addr": addr, "hwaddr": old, "expires": 600,
                  "origin": ORIGIN["leasequery"], "cookie": cookie})
        ktap.check("one answer is all that a question has", False)
    except Refused as error:
        ktap.equal("one answer is all that a question has",
                   holder(addr), (new.hex(":"), "acc0"))
    for sub in ("sub1", "sub2"):
        settings(sub, move=MOVE["accept"])
    c = claim(addr, old, "sub2")
    ktap.equal("move accept: the ACK moves it",
               (holder(addr), c["glean_moved"]),
               ((old.hex(":"), "acc1.100"), 1))
    settings(move=MOVE["deny"], verify=VERIFY["strict"], match=MATCH["mac"])
    judged("with verification, what is claimed by a packet alone stays",
           addr, new, False, "verify_mac")
    ktap.equal("and with deny asks nobody", (holder(addr), upcalls()),
               ((old.hex(":"), "acc1.100"), []))
    settings(move=MOVE["query"])
    settings("sub2", move=MOVE["deny"])
    judged("nor where the lease's own port denies it", addr, new, False,
           "verify_mac")
    ktap.equal("which asks nobody either", upcalls(), [])
    settings(match=7)
    genl.delete(addr)
    genl.put({"addr": addr, "hwaddr": old, "origin": ORIGIN["static"],
              "port": index("acc0")})
    claim(addr, new)
    passes(addr, new)
    ktap.equal("an operator's entry is neither moved nor asked for",
               (holder(addr), upcalls()), ((old.hex(":"), "acc0"), []))
    with Counted() as c:
        claim(addr, old)
        world.renew("sub1", old, addr)
    ktap.equal("nor does its own client's DHCP make it another",
               ((row(addr) or {}).get("origin"), c["static_kept"],
                c["glean_extended"]), ("static", 2, 0))


def reader(addr, stop, news):
    """What is read of an address until something comes in at stop: all that
    was ever read together. Each time that it is more, a byte goes to news."""
    with Namespace("bng"):
        family = Family()
    seen = set()
    while not select.select([stop], [], [], 0)[0]:
        before = len(seen)
        one = row(addr)
        seen.add(one and (one["port"], one["giaddr"], one["circuit-id"]))
        one = family.get(addr)
        seen.add((one["port-name"], one["giaddr"],
                  one["agent-info"][2:].hex()))
        os.write(news, b"." * (len(seen) - before))
    return seen


class Reading:
    """with Reading(addr) as r: afterwards r.seen is what another process read
    meanwhile, through procfs and netlink."""

    def __init__(self, addr):
        self.addr = addr
        self.seen = None
        self.count = 0

    def __enter__(self):
        self.result, result = os.pipe()
        stop, self.stop = os.pipe()
        self.news, news = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self.stop)
            # not where this process sends
            os.sched_setaffinity(0, range(os.cpu_count()))
            try:
                os.write(result, repr(reader(self.addr, stop, news)).encode())
            except Exception as error:  # pylint: disable=broad-except
                os.write(result, repr({"error": str(error)}).encode())
            finally:
                os._exit(0)
        os.close(result)
        os.close(stop)
        os.close(news)
        return self

    def has_seen(self, count):
        """So much, by now."""
        while select.select([self.news], [], [], 0)[0]:
            news = os.read(self.news, 100)
            if not news:
                break
            self.count += len(news)
        return self.count >= count

    def __exit__(self, *_):
        os.close(self.stop)
        self.seen = ast.literal_eval(os.read(self.result, 65536).decode())
        os.close(self.result)
        os.close(self.news)
        os.waitpid(self.pid, 0)


def moves_are_whole():
    """Row, place and circuit are of one ACK, whenever they are looked at."""
    genl.flush()
    mac, addr = p.mac("02:00:00:00:01:54"), "10.77.1.54"
    places = {"sub1": b"\x01\x02c1", "sub2": b"\x01\x02c2"}

    def move(sub):
        world.bind(sub, mac, addr, agent_info=places[sub])

    move("sub2")
    rounds = 0
    with Counted() as c, Reading(addr) as reading:
        # a reader may be late
        while rounds < 60 or (rounds < 1000 and
                              not reading.has_seen(len(places))):
            rounds += 1
            for sub in places:
                move(sub)
    ktap.equal("whoever reads while it moves finds one row, of one ACK alone",
               (reading.seen, c["glean_moved"]),
               ({(world.ports[sub].name, world.ports[sub].giaddr,
                  info[2:].hex()) for sub, info in places.items()},
                2 * rounds))


def asked_again():
    """One that nobody answers for is announced again, however many packets
    wait for it."""
    genl.flush()
    upcalls()
    packet = p.ip(CORE, "10.77.1.61", p.udp(CORE, 9, "10.77.1.61", 9, b"x"))
    with Parameter("pending_max", 0xffffffff):
        world.downstream(packet, packet, packet)
        ktap.equal("seconds beyond what the clock counts are as many as can be",
                   [one["addr"] for one in upcalls()], ["10.77.1.61"])
    genl.flush()
    upcalls()
    with Parameter("pending_max", 2):
        world.downstream(packet)
        first = upcalls()
        with Counted() as c:
            world.downstream(packet)
        ktap.equal("what is asked for already is not asked for at once",
                   ([one["addr"] for one in first], upcalls(), c["hit_pending"]),
                   (["10.77.1.61"], [], 1))

        def again():
            world.downstream(packet)
            return [one for one in upcalls() if one["addr"] == "10.77.1.61"]

        told = wait_until(again, 20)
        ktap.equal("it is in the end", [one["addr"] for one in told],
                   ["10.77.1.61"])
        ktap.check("as another question",
                   told and told[0]["cookie"] != first[0]["cookie"], told)


def renewal_beats_late_answer():
    genl.flush()
    old, new = p.mac("02:00:00:00:01:52"), p.mac("02:00:00:00:01:53")
    addr = "10.77.1.52"
    for sub in ("sub1", "sub2"):
        settings(sub, move=MOVE["query"], verify=VERIFY["off"])
    world.bind("sub1", old, addr, lease=100)
    upcalls()
    claim(addr, new)
    told = upcalls()
    ktap.equal("the server is asked whose a lease is",
               [one["addr"] for one in told], [addr])
    with Counted() as c:
        world.renew("sub1", old, addr, lease=900)
    ktap.equal("it is renewed meanwhile", c["glean_extended"], 1)
    with Counted() as c:
        try:
            genl.put({"addr": addr, "hwaddr": new, "expires": 600,
                      "origin": ORIGIN["leasequery"],
                      "cookie": told[0]["cookie"]})
            error = None
        except Refused as refusal:
            error = refusal.errno
    ktap.equal("and the answer is too late",
               (error, holder(addr), c["put_stale"]),
               (errno.ESTALE, (old.hex(":"), "acc0"), 1))
    ktap.check("the renewal stands", int(row(addr)["expires"]) > 800,
               row(addr))


def what_was_seen_stays():
    """A forged packet has the server asked, who may not keep all of it."""
    genl.flush()
    mac, addr = p.mac("02:00:00:00:01:56"), "10.77.1.56"
    settings(verify=VERIFY["off"], move=MOVE["query"])
    settings("sub2", verify=VERIFY["strict"], move=MOVE["query"])
    xid = world.new_xid()
    world.ask("sub1", mac, xid, agent_info=b"\1\2c1\2\2r1",
              extra=((61, b"\1" + mac),))
    world.answer("sub1", mac, xid, addr)

    before = genl.get(addr)
    upcalls()
    passes(addr, STRANGER, "sub2")
    genl.put({"addr": addr, "hwaddr": mac, "expires": 300,
              "origin": ORIGIN["leasequery"],
              "cookie": upcalls()[0]["cookie"]})
    after = genl.get(addr)
    kept = ("hwaddr", "port", "giaddr", "agent-info", "client-id")
    ktap.equal("an answer that names the same client takes nothing from him",
               [after.get(one) for one in kept],
               [before[one] for one in kept])
    ktap.check("but has its own time", after["expires"] <= 300, after)
    ktap.check("nor that of his last transaction, which not all servers tell",
               before["last-transaction"] <=
               after.get("last-transaction", -1) < 60, after)
    # that was one answer to one question
    genl.put({"addr": addr, "hwaddr": mac, "origin": ORIGIN["static"],
              "port": index("acc3")})
    after = genl.get(addr)
    ktap.equal("an operator's entry is as he has it after that",
               (after["port"], after.get("agent-info"),
                after.get("client-id")), (index("acc3"), None, None))
    genl.delete(addr)


def moves_once_asked():
    """What a server was asked about a client binds him to no place."""
    genl.flush()
    mac, addr = p.mac("02:00:00:00:01:57"), "10.77.1.57"
    settings(verify=VERIFY["off"], move=MOVE["query"])
    settings("sub2", verify=VERIFY["strict"], move=MOVE["query"])
    world.bind("sub1", mac, addr)
    upcalls()
    passes(addr, STRANGER, "sub2")
    genl.put({"addr": addr, "hwaddr": mac, "expires": 300,
              "origin": ORIGIN["leasequery"],
              "cookie": upcalls()[0]["cookie"]})
    ktap.equal("a client who was asked of is where he was", holder(addr),
               (mac.hex(":"), "acc0"))
    claim(addr, mac, "sub2")
    ktap.equal("and moves with the server's ACK", holder(addr),
               (mac.hex(":"), "acc1.100"))
    settings("sub2", verify=VERIFY["off"])


def denied(miss):
    """Servers say that nobody has it; what the module says to that."""
    try:
        genl.put({"addr": miss["addr"], "state": STATE["unassigned"],
                  "expires": 60, "origin": ORIGIN["leasequery"],
                  "cookie": miss["cookie"]})
    except Refused as refusal:
        return refusal.errno
    return None


def claims_are_asked_once():
    """What servers have not answered is asked again after a while, as is what
    was claimed behind the question; what they said is no claimant's is not."""
    genl.flush()
    mac = p.mac("02:00:00:00:01:58")
    addrs = ["10.77.1.58", "10.77.1.59", "10.77.1.60"]
    settings(verify=VERIFY["off"], move=MOVE["query"])
    settings("sub2", move=MOVE["query"])
    upcalls()
    for addr in addrs:
        world.bind("sub1", mac, addr)
        claim(addr, STRANGER, "sub2")
    told = upcalls()
    ktap.equal("claims are asked of", [one["addr"] for one in told], addrs)
    # the module counts seconds
    behind = time.clock_gettime(time.CLOCK_BOOTTIME) + 1
    wait_until(lambda: time.clock_gettime(time.CLOCK_BOOTTIME) > behind)
    claim(addrs[2], p.mac("02:00:00:00:02:60"), "sub2")
    ktap.equal("the leases stand, servers say",
               (denied(told[0]), denied(told[2])),
               (errno.ESTALE, errno.ESTALE))
    again = []
    wait_until(lambda: again.extend(one["addr"] for one in upcalls()) or
               addrs[2] in again, 60)
    ktap.equal("what is open is asked of again, and no other",
               sorted(set(again)), addrs[1:])


def below_a_vlan_is_elsewhere():
    """Who sends without the tag is not where the tag leads to."""
    genl.flush()
    addr, mac = "10.77.2.59", p.mac("02:00:00:00:01:59")
    genl.port_set("acc1", role=ROLE["access"])
    trunk = Wire("sub2", "trunk")
    world.bind("sub2", mac, addr)

    def renewed_below():
        xid = world.new_xid()
        with Counted() as c:
            trunk.send(p.ether(device_mac("bng", "acc1"), mac, p.ip(
                addr, CORE, p.udp(addr, 68, CORE, 67, p.dhcp(
                    p.BOOTREQUEST, p.options(p.REQUEST), xid=xid, chaddr=mac,
                    ciaddr=addr)))))
            world.carries(trunk, "acc1")
            world.renew("sub2", mac, addr, xid=xid, ask=False)
        return holder(addr), c["reply_mismatch"]

    there = (mac.hex(":"), "acc1.100")
    ktap.equal("a renewal from below a VLAN moves nothing", renewed_below(),
               (there, 1))
    ip("link add mac1 link acc1 type macvlan mode bridge", "link set mac1 up")
    ktap.equal("nor where a macvlan is there, too", renewed_below(),
               (there, 1))
    ip("link del mac1")
    genl.port_set("acc1", verify=VERIFY["strict"], match=MATCH["port"])
    with Counted() as c:
        trunk.send(p.ether(device_mac("bng", "acc1"), mac, p.ip(
            addr, CORE, p.udp(addr, 5, CORE, 9, b"x"))))
        world.carries(trunk, "acc1")
    ktap.equal("nor is it the VLAN's port", c["verify_port"], 1)
    genl.port_set("acc1", role=ROLE["none"])


def most_leases():
    genl.flush()
    genl.flush(origin=ORIGIN["static"])
    settings(verify=VERIFY["off"], max_leases=3)
    with Counted() as c:
        for host in range(5):
            world.bind("sub1", bytes((2, 0, 0, 1, 9, host)),
                       "10.77.1.%d" % (120 + host))
    ktap.equal("a port has no more leases than it may",
               (len(table()), c["glean_bound"], c["lease_cap_port"]),
               (3, 3, 2))
    with Counted() as c:
        world.bind("sub1", bytes((2, 0, 0, 1, 9, 0)), "10.77.1.120")
    ktap.equal("those it has are renewed", c["glean_extended"], 1)
    settings(max_leases=0)


def macvlan_is_within():
    """What it is on sees all that it gets, first."""
    genl.flush()
    settle_from("sub1")
    settle_from("sub4")
    addr, mac = "10.77.1.61", p.mac("02:00:00:00:01:61")
    ip("link add mac0 link acc0 type macvlan mode bridge", "link set mac0 up")
    settings(verify=VERIFY["strict"])
    genl.put({"addr": addr, "hwaddr": mac, "expires": 60,
              "port": index("mac0"), "origin": ORIGIN["restored"]})
    judged("a lease that a macvlan has is in what that is on", addr, mac,
           True, None)
    settings("sub4", verify=VERIFY["strict"])
    judged("but not in another port", addr, mac, False, "verify_port", "sub4")
    settings("sub4", verify=VERIFY["off"])
    settings(verify=VERIFY["off"])
    ip("link del mac0")


def every_kind_of_port():
    genl.flush()
    for sub in world.ports:
        settle_from(sub)
    for sub in ("sub2", "sub3", "sub4"):
        net = world.ports[sub].giaddr.rsplit(".", 1)[0]
        settings(sub, verify=VERIFY["strict"])
        mac = bytes((2, 0, 0, 1, 0x90, int(sub[3:])))
        world.bind(sub, mac, net + ".90")
        name = world.ports[sub].name
        judged("%s: the right source" % name, net + ".90", mac, True, None,
               sub)
        judged("%s: another's" % name, net + ".90", STRANGER, False,
               "verify_mac", sub)
        judged("%s: nobody's" % name, net + ".91", STRANGER, False,
               "verify_no_lease", sub)
        settings(sub, verify=VERIFY["off"])


def in_a_vrf():
    genl.flush()
    ip("link add red type vrf table 10", "link set red up",
       "link set acc3 master red")
    port = world.ports["sub4"]
    world.carries(port.wire, port.name)
    red, mac = index("red"), p.mac("02:00:00:00:04:44")
    genl.put({"addr": "10.77.4.44", "hwaddr": mac, "expires": 60,
              "port": index("acc3"), "origin": ORIGIN["restored"]})
    settings("sub4", verify=VERIFY["strict"])
    upcalls()

    def sent(addr, src):
        with Counted() as c:
            port.wire.send(p.ether(port.mac, src, p.ip(
                addr, "10.77.4.1", p.udp(addr, 5, "10.77.4.1", 9, b"x"))))
            world.carries(port.wire, port.name)
        return c["verify_ok"], c["verify_dropped"]

    ktap.equal("in a VRF: the right source", sent("10.77.4.44", mac), (1, 0))
    ktap.equal("in a VRF: another's", sent("10.77.4.44", STRANGER), (0, 1))
    upcalls()
    ktap.equal("in a VRF: nobody's", sent("10.77.4.45", STRANGER), (0, 1))
    ktap.equal("is asked for in that VRF",
               [(one["addr"], one.get("vrf")) for one in upcalls()],
               [("10.77.4.45", red)])
    ip("link del red")


def found_by_a_link(frame):
    """What the verification of a bond's link says of a frame."""
    wire = world.ports["sub4"].wire
    with Counted() as c:
        wire.send(frame)
        world.carries(wire, "bond9")
    return {one for one in ("verify_ok",) + REASONS if c[one]}


def bond_in_a_vrf():
    """A link of it is in no VRF itself."""
    ip("link set acc3 down", "link add bond9 type bond mode active-backup",
       "link add blue type vrf table 11", "link set blue up",
       "link set bond9 master blue", "link set acc3 master bond9",
       "addr flush dev acc3", "addr add 10.77.4.1/24 dev bond9",
       "link set bond9 up")
    mac, addr = p.mac("02:00:00:00:04:46"), "10.77.4.46"
    genl.put({"addr": addr, "hwaddr": mac, "expires": 60,
              "port": index("bond9"), "origin": ORIGIN["restored"]})
    genl.port_set("bond9", role=ROLE["access"])
    settings("sub4", role=ROLE["access"], verify=VERIFY["strict"])
    port = world.ports["sub4"]
    world.carries(port.wire, "bond9")

    def sent(src):
        return found_by_a_link(p.ether(port.mac, src, p.ip(
            addr, "10.77.4.1", p.udp(addr, 5, "10.77.4.1", 9, b"x"))))

    ktap.equal("the link of a bond that is in a VRF: the right source",
               sent(mac), {"verify_ok"})
    ktap.equal("another's", sent(STRANGER), {"verify_mac"})
    ip("link del bond9", "link del blue")


def vlan_upon_a_bond():
    """Which has no hook there: the link looks at what bears its tag."""
    ip("link set acc3 down", "link add bond9 type bond mode active-backup",
       "link set acc3 master bond9", "link set bond9 up",
       "link add link bond9 name bond9.7 type vlan id 7",
       "addr add 10.77.4.1/24 dev bond9.7", "link set bond9.7 up")
    mac, addr = p.mac("02:00:00:00:04:47"), "10.77.4.47"
    genl.put({"addr": addr, "hwaddr": mac, "expires": 60,
              "port": index("bond9.7"), "origin": ORIGIN["restored"]})
    genl.port_set("bond9.7", role=ROLE["access"])
    settings("sub4", role=ROLE["access"], verify=VERIFY["strict"])
    port = world.ports["sub4"]
    world.carries(port.wire, "bond9")

    def sent(src, packet, kind=0x0800, vid=7):
        return found_by_a_link(p.ether(port.mac, src, struct.pack(
            "!HH", vid, kind) + packet, 0x8100))

    data = p.ip(addr, "10.77.4.1", p.udp(addr, 5, "10.77.4.1", 9, b"x"))
    ktap.equal("a VLAN upon a bond: the right source", sent(mac, data),
               {"verify_ok"})
    ktap.equal("a VLAN upon a bond: another's", sent(STRANGER, data),
               {"verify_mac"})
    ktap.equal("a VLAN upon a bond: another's, by ARP", sent(
        STRANGER, arp(STRANGER, addr, "10.77.4.1")[14:], 0x0806),
        {"verify_mac"})
    ip("link add link bond9 name bond9.8 type vlan id 8", "link set bond9.8 up")
    ktap.equal("a VLAN upon a bond that is no subscribers' is not looked at",
               sent(STRANGER, data, vid=8), set())
    genl.port_set("bond9.7", verify=VERIFY["permissive"],
                  match=MATCH["port"])
    ktap.equal("one that is looked at itself is as it is set",
               sent(STRANGER, data), {"verify_ok"})
    ip("link del bond9")


setup()
ktap.run((strict, dhcp_passes, only_dhcp_passes, igmp_without_an_address,
          others_protocols, tags_hide_nothing,
          arp_is_held_to_it, permissive, log, what_must_match, excluded,
          procfs_tells, framed_route, who_asks_pays, moves,
          moves_are_whole, asked_again, renewal_beats_late_answer,
          what_was_seen_stays, moves_once_asked,
          claims_are_asked_once, below_a_vlan_is_elsewhere, most_leases,
          macvlan_is_within, every_kind_of_port, in_a_vrf, bond_in_a_vrf,
          vlan_upon_a_bond))
ktap.end()
