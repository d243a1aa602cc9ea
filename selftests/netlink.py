#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The messages of netlink.sh."""

import errno
import socket
import struct

import packet as p
from genl import (CMD, LEASE, NLA_F_NESTED, NLM_F_DUMP, NLM_F_EXCL,
                  NLMSG_DONE, NLMSG_NOOP, ORIGIN, PORT, ROLE, STATE, Family,
                  Refused, attr, decode, encode)
from world import (BNG, CORE, Counted, Ktap, Namespace, World, registration, row,
                   wait_until)

ktap = Ktap()
world = World()
genl = world.genl
MAC = p.mac("02:00:00:00:99:01")
IFINDEX = {}


def lease(addr, **values):
    return {"addr": addr, "hwaddr": MAC, **values}


def refused(name, number, call, *args, **kwargs):
    """The call must fail with this errno, say why, and change nothing."""
    before = genl.leases()
    try:
        call(*args, **kwargs)
    except Refused as error:
        ktap.equal(name, error.errno, number)
        ktap.check(name + ": it says why", error.message, error)
    else:
        ktap.check(name, False, "was not refused")
    after = genl.leases()
    for one in before + after:
        for name in ("expires", "age", "last-transaction"):
            one.pop(name, 0)
    ktap.equal(name + ": nothing changed", after, before)


def put_and_get():
    port = genl.port("acc2.100.7")["ifindex"]
    agent_info = b"\x01\x03abc\x02\x02\x00\xff"
    genl.put(lease("10.77.3.9", port=port, giaddr="10.77.3.1", server=CORE,
                   expires=500, **{"agent-info": agent_info,
                                   "client-id": b"\x01\x00\xff",
                                   "last-transaction": 2 ** 31 - 100}))
    got = genl.get("10.77.3.9")
    ktap.check("expires and ages are there, though it was before boot",
               495 <= got.pop("expires", 0) <= 500 and
               0 <= got.pop("age", 0) - 2 ** 31 + 100 < 5 and
               0 <= got.pop("last-transaction", 0) - 2 ** 31 + 100 < 5, got)
    genl.put(lease("10.77.3.8", **{"last-transaction": 2 ** 31}))
    ktap.equal("a last transaction that none can be is none",
               genl.get("10.77.3.8").get("last-transaction"), None)
    ktap.equal("what was put is got", got, {
        "addr": "10.77.3.9", "state": STATE["active"],
        "origin": ORIGIN["static"], "htype": 1, "hwaddr": MAC, "port": port,
        "port-name": "acc2.100.7", "vlan": [100, 7], "giaddr": "10.77.3.1",
        "server": CORE, "agent-info": agent_info, "client-id": b"\x01\x00\xff"})
    shown = row("10.77.3.9")
    ktap.equal("and shown", [shown[k] for k in (
        "state", "origin", "hwaddr", "port", "vlans", "circuit-id",
        "remote-id", "client-id")], [
            "active", "static", MAC.hex(":"), "acc2.100.7", "100.7",
            b"abc".hex(), "00ff", "0100ff"])
    genl.delete("10.77.3.9")
    ktap.equal("what was deleted is gone", row("10.77.3.9"), None)


def several_in_one_message():
    genl.flush(origin=ORIGIN["static"])
    genl.put(*[lease("10.77.1.%d" % n) for n in range(10, 60)])
    ktap.equal("50 leases in one message", len(genl.leases()), 50)
    ktap.equal("a dump is in order of addresses",
               [one["addr"] for one in genl.leases()],
               ["10.77.1.%d" % n for n in range(10, 60)])
    bad = [lease("10.77.2.1"), lease("10.77.2.2"), {"addr": "10.77.2.3"},
           lease("10.77.2.4")]
    try:
        genl.put(*bad)
        error = None
    except Refused as refusal:
        error = refusal
    ktap.equal("the third of four is refused", error and error.errno,
               errno.EINVAL)
    ktap.check("the extack says why", error and error.message, error)
    one = len(attr(1, encode(LEASE, bad[0])))
    ktap.equal("and where", error and error.offset, 20 + 2 * one)
    ktap.equal("those before it stand, those after it do not",
               [bool(row("10.77.2.%d" % n)) for n in range(1, 5)],
               [True, True, False, False])
    genl.flush(origin=ORIGIN["static"])


def filters():
    acc0, acc3 = (genl.port(name)["ifindex"] for name in ("acc0", "acc3"))
    other = p.mac("02:00:00:00:99:02")
    genl.put(lease("10.77.1.10", port=acc0),
             lease("10.77.1.11", port=acc0, hwaddr=other,
                   **{"client-id": b"\x00id", "agent-info": b"\x01\x01a"}),
             lease("10.77.4.10", port=acc3),
             {"addr": "10.77.4.11", "state": STATE["unassigned"],
              "port": acc3, "expires": 60},
             {"addr": "10.77.4.12", "state": STATE["unknown"],
              "port": acc3, "expires": 60, "origin": ORIGIN["leasequery"]})

    def found(**match):
        return [one["addr"] for one in genl.leases(**match)]

    ktap.equal("filter by port", found(port=acc0),
               ["10.77.1.10", "10.77.1.11"])
    ktap.equal("filter by state", found(state=STATE["unassigned"]),
               ["10.77.4.11"])
    ktap.equal("filter by hwaddr", found(hwaddr=other), ["10.77.1.11"])
    ktap.equal("filter by client-id", [
        found(**{"client-id": one}) for one in (
            b"\x00id", b"\x00ie", b"\x00i", b"\x00id2")],
               [["10.77.1.11"], [], [], []])
    ktap.equal("filter by origin", found(origin=ORIGIN["leasequery"]),
               ["10.77.4.12"])
    ktap.equal("filter by two", found(port=acc3, state=STATE["active"]),
               ["10.77.4.10"])
    ktap.equal("filter that nothing matches", found(port=99999), [])
    for name, match in (("hwaddr", {"hwaddr": b""}),
                        ("client-id", {"client-id": b""}),
                        ("port", {"port": 0})):
        refused("filter by no %s" % name, errno.EINVAL, genl.leases, **match)
        refused("flush by no %s" % name, errno.EINVAL, genl.flush,
                origin=ORIGIN["static"], **match)
    genl.flush(port=acc3)
    ktap.equal("a flush without an origin spares static entries",
               found(), ["10.77.1.10", "10.77.1.11", "10.77.4.10",
                         "10.77.4.11"])
    genl.flush(port=acc3, origin=ORIGIN["static"])
    ktap.equal("and takes them where it says so", found(),
               ["10.77.1.10", "10.77.1.11"])
    genl.flush(origin=ORIGIN["static"])
    ktap.equal("flush of all", found(), [])


def agent_filters():
    """Sub-options of option 82, each a filter of its own."""
    genl.put(lease("10.77.1.10", **{"client-id": b"\x02\x01m"}),
             lease("10.77.1.11", **{"agent-info": b"\x01\x01c"}),
             lease("10.77.1.12", **{
                 "agent-info": b"\x01\x01c\x09\x00\x02\x02\x00m",
                 "client-id": b"id"}),
             lease("10.77.1.13", **{"agent-info": b"\x02\x02\x00m\x01\x02cc"}),
             # malformed, and one twice: nothing can be said of these
             lease("10.77.1.14", **{"agent-info": b"\x02\x02\x00m\x01\x02c"}),
             lease("10.77.1.15", **{
                 "agent-info": b"\x02\x02\x00m\x02\x02\x00m"}))

    def found(info):
        return [int(one["addr"].rpartition(".")[2])
                for one in genl.leases(**{"agent-info": info})]

    for name, info, want in (
            ("a circuit-id", b"\x01\x01c", [11, 12]),
            ("a remote-id", b"\x02\x02\x00m", [12, 13]),
            ("both, in another order", b"\x02\x02\x00m\x01\x01c", [12]),
            ("both, of which it has one", b"\x02\x02\x00m\x01\x01d", []),
            ("the begin of one", b"\x02\x01\x00", []),
            ("more than there is", b"\x02\x03\x00m\x00", []),
            ("one of no bytes", b"\x09\x00", [12]),
            ("none", b"", list(range(10, 16)))):
        ktap.equal("filter by agent-info: " + name, found(info), want)
    for name, info in (("malformed", b"\x02\x03\x00m"),
                       ("half of one", b"\x02\x02\x00m\x01"),
                       ("one twice", b"\x02\x00\x01\x00\x02\x00")):
        refused("filter by agent-info: " + name, errno.EINVAL, genl.leases,
                **{"agent-info": info})
        refused("flush by agent-info: " + name, errno.EINVAL, genl.flush,
                **{"agent-info": info, "origin": ORIGIN["static"]})
    refused("filter by agent-info: of 256 bytes", errno.ERANGE, genl.leases,
            **{"agent-info": b"\x02\xfe" + bytes(254)})
    genl.flush(**{"agent-info": b"\x02\x02\x00m", "origin": ORIGIN["static"]})
    ktap.equal("flush by agent-info", [
        int(one["addr"].rpartition(".")[2]) for one in genl.leases()],
               [10, 11, 14, 15])
    genl.flush(origin=ORIGIN["static"])


def pieces():
    """A dump that finds little stops to have others do something."""
    other, many = p.mac("02:00:00:00:99:02"), 5000
    for at in range(0, many, 500):
        genl.put(*(lease("10.90.%d.%d" % (n >> 8, n & 255))
                   for n in range(at, at + 500)))
    for name, match, want in (
            ("one that finds nothing", {"hwaddr": other, "pieces": b""}, (0, 2)),
            ("one that finds much", {"hwaddr": MAC, "pieces": b""}, (many, 0)),
            ("one that is not to", {"hwaddr": other}, (0, 0))):
        before = genl.noops
        ktap.equal("pieces of a dump: " + name, (
            len(genl.leases(**match)), genl.noops - before), want)
    with Namespace("bng"):
        walker = Family()
    seq = walker.send(walker.id, CMD["lease-get"], encode(
        LEASE, {"hwaddr": other, "pieces": b""}), NLM_F_DUMP)
    genl.put(lease("10.90.255.255", hwaddr=other))
    found = []
    while True:
        message = walker.sock.recv(1 << 18)
        kind, _, nseq = struct.unpack_from("=HHI", message, 4)
        if kind == NLMSG_DONE:
            break
        if kind != NLMSG_NOOP:
            found.append(decode(LEASE, message[20:])["addr"])
    ktap.equal("what is put meanwhile, further on, is found",
               (nseq, found), (seq, ["10.90.255.255"]))
    walker.close()
    genl.flush(origin=ORIGIN["static"])


def refusals():
    acc0 = genl.port("acc0")["ifindex"]
    genl.put(lease("10.77.1.10", port=acc0))
    for name, number, values in (
            ("a put without hwaddr", errno.EINVAL, {"addr": "10.77.1.20"}),
            ("without addr", errno.EINVAL, {"hwaddr": MAC}),
            ("of 0.0.0.0", errno.EINVAL, lease("0.0.0.0")),
            ("of a multicast address", errno.EINVAL, lease("224.1.2.3")),
            ("of broadcast", errno.EINVAL, lease("255.255.255.255")),
            ("of a loopback address", errno.EINVAL, lease("127.0.0.1")),
            ("of a pending entry", errno.EINVAL,
             lease("10.77.1.20", state=STATE["pending"], expires=9)),
            ("as if gleaned", errno.EINVAL,
             lease("10.77.1.20", origin=ORIGIN["gleaned"])),
            ("that has expired", errno.EINVAL,
             lease("10.77.1.20", expires=0)),
            ("negative for ever", errno.EINVAL,
             {"addr": "10.77.1.20", "state": STATE["unknown"]}),
            ("negative, and of a client's transaction", errno.EINVAL,
             {"addr": "10.77.1.20", "state": STATE["unknown"], "expires": 9,
              "last-transaction": 1}),
            ("on no interface", errno.ENODEV,
             lease("10.77.1.20", port=99999)),
            ("in no VRF", errno.ENODEV, lease("10.77.1.20", vrf=99999)),
            ("with state 0", errno.ERANGE, lease("10.77.1.20", state=0)),
            ("with state 5", errno.ERANGE, lease("10.77.1.20", state=5)),
            ("with origin 99", errno.ERANGE, lease("10.77.1.20", origin=99)),
            ("with a cookie that is no miss", errno.ESTALE,
             lease("10.77.1.20", cookie=1 << 40, expires=60)),
            ("hwaddr of 17 bytes", errno.ERANGE,
             lease("10.77.1.20", hwaddr=bytes(range(17)))),
            ("option 82 of 256 bytes", errno.ERANGE,
             lease("10.77.1.20", **{"agent-info": bytes(256)})),
            ("expires of three bytes", errno.EINVAL,
             {"hwaddr": MAC, "state": 1, "port": acc0, "addr": "10.77.1.20",
              "giaddr": "10.77.1.1", "expires": b"\0\0\0"}),
    ):
        refused("put " + name, number, genl.put, values)
    refused("put with nothing in it", errno.EINVAL, genl.do, "lease-put")
    refused("get without addr", errno.EINVAL, genl.do, "lease-get")
    refused("get of what is not known", errno.ENOENT, genl.get, "10.9.9.9")
    refused("delete of what is not known", errno.ENOENT, genl.delete,
            "10.9.9.9")
    refused("exclusive put of what is there", errno.EEXIST, genl.put,
            lease("10.77.1.10"), flags=NLM_F_EXCL)
    refused("port-set of no interface", errno.ENODEV, genl.port_set, "nix",
            role=1)
    refused("port-set of neither", errno.ENODEV, genl.do, "port-set",
            encode(PORT, {"role": 1}))
    refused("role 3", errno.ERANGE, genl.port_set, "acc0", role=3)
    refused("query-open of somebody else", errno.EPERM, genl.query, 1, CORE,
            "10.77.1.1")
    refused("a truncated attribute", errno.EINVAL, genl.raw, genl.id,
            CMD["lease-put"], struct.pack("=HH", 200, 1 | NLA_F_NESTED) +
            bytes(8))
    refused("an attribute of length 3", errno.EINVAL, genl.raw, genl.id,
            CMD["lease-put"], struct.pack("=HH", 3, 1) + bytes(8))
    refused("an unknown attribute", errno.EINVAL, genl.do, "lease-get",
            encode(LEASE, {"addr": "10.77.1.10"}) + attr(99, bytes(4)))
    refused("a dump with a bad filter", errno.ERANGE, genl.raw, genl.id,
            CMD["lease-get"], encode(LEASE, {"state": 77}), NLM_F_DUMP)
    genl.flush(origin=ORIGIN["static"])


def bulk():
    """What a server tells of all its leases: only what is behind an access
    port, and never over what is known better."""
    world.roles()

    def tell(addr, origin="bulk", **values):
        genl.put(lease(addr, expires=300, origin=ORIGIN[origin], **values))
        return row(addr)

    port = {name: genl.port(name)["ifindex"] for name in ("acc0", "acc3")}
    ktap.equal("bulk: a lease without a port is where its route leads",
               tell("10.77.3.30")["port"], "acc2.100.7")
    ktap.equal("bulk: and has the VLANs of that port",
               row("10.77.3.30")["vlans"], "100.7")
    ktap.equal("bulk: one with a port is there",
               tell("10.77.4.30", port=port["acc3"])["port"], "acc3")
    for name, addr, values in (
            ("of an address that no route leads to", "10.99.0.1", {}),
            ("of one in the core", "198.18.0.99", {}),
            ("of this host's own", "10.77.1.1", {}),
            ("of one that is behind another port", "10.77.2.30",
             {"port": port["acc0"]})):
        refused("bulk: a lease " + name, errno.EHOSTUNREACH, genl.put,
                lease(addr, expires=300, origin=ORIGIN["bulk"], **values))
    genl.port_set("acc3", role=ROLE["none"])
    refused("bulk: one behind a port without the role", errno.EHOSTUNREACH,
            genl.put, lease("10.77.4.31", expires=300, port=port["acc3"],
                            origin=ORIGIN["bulk"]))
    other = p.mac("02:00:00:00:99:02")
    tell("10.77.1.31", "restored", port=port["acc0"])
    told = tell("10.77.1.31", hwaddr=other)
    ktap.equal("bulk: it takes the place of what was restored",
               [told[k] for k in ("origin", "hwaddr", "port")],
               ["bulk", other.hex(":"), "acc0"])
    refused("bulk: restored does not of bulk", errno.ESTALE, genl.put,
            lease("10.77.1.31", expires=300, port=port["acc0"],
                  origin=ORIGIN["restored"]))
    third = p.mac("02:00:00:00:99:03")
    ktap.equal("bulk: and that of what another server told",
               [tell("10.77.1.31", hwaddr=third)[k]
                for k in ("origin", "hwaddr")], ["bulk", third.hex(":")])
    genl.put({"addr": "10.77.1.31", "state": STATE["unassigned"],
              "expires": 60, "origin": ORIGIN["bulk"]})
    ktap.equal("bulk: there is none where one was told of",
               row("10.77.1.31")["state"], "unassigned")
    mine = p.mac("02:00:00:00:99:04")
    tell("10.77.1.35", "restored", hwaddr=mine, port=port["acc3"],
         **{"agent-info": b"\x01\x01a", "client-id": b"\x01b",
            "last-transaction": 500})
    told = tell("10.77.1.35", hwaddr=mine)
    ktap.equal("bulk: what it does not tell of the same client stays, but for a "
               "place that its route does not lead to",
               [told[k] for k in ("origin", "port", "circuit-id",
                                  "client-id")],
               ["bulk", "acc0", "61", "0162"])
    ktap.check("bulk: so does the time of his last transaction", 500 <=
               genl.get("10.77.1.35").get("last-transaction", 0) < 600)
    told = tell("10.77.1.35", hwaddr=other)
    ktap.equal("bulk: but nothing of another's",
               [told[k] for k in ("port", "circuit-id", "client-id")],
               ["acc0", "-", "-"])
    ktap.equal("bulk: not his time either",
               genl.get("10.77.1.35").get("last-transaction"), None)
    genl.port_set("acc2", role=ROLE["access"])
    with Namespace("bng"):
        raw = socket.if_nametoindex("acc2")
    tell("10.77.3.36", "restored", port=raw)
    ktap.equal("bulk: a VLAN is another place than the interface it is on",
               tell("10.77.3.36")["port"], "acc2.100.7")
    genl.port_set("acc2", role=ROLE["none"])
    tell("10.77.1.32", "leasequery", port=port["acc0"])
    for addr in ("10.77.1.32", "10.77.1.33"):
        if addr == "10.77.1.33":
            world.roles("none")
            world.bind("sub1", other, addr)
            world.roles()
        refused("bulk: nor of %s" % row(addr)["origin"], errno.ESTALE,
                genl.put, lease(addr, expires=300, origin=ORIGIN["bulk"]))
    genl.flush()
    world.roles("none")


def one_helper():
    with Namespace("bng"):
        other = Family()
    genl.helper()
    genl.helper()
    refused("a second helper", errno.EBUSY, other.helper)
    genl.query(7, CORE, "10.77.1.1")
    refused("query-open without xid", errno.EINVAL, genl.do, "query-open",
            attr(2, bytes((1, 2, 3, 4))))
    refused("query-open for an hour", errno.ERANGE, genl.query, 7, CORE,
            "10.77.1.1", timeout=3600)
    other.close()
    with Namespace("bng"):
        second = Family()
    second.close()
    with Namespace("bng"):
        third = Family()
    refused("the registration stands while its socket does", errno.EBUSY,
            third.helper)
    third.close()


def requestor(addr, kind=10, **more):
    return {"addr": addr, "type": bytes((kind,)), **more}


def who_answers():
    """One socket at a time, and what it sends goes to those who may ask."""
    asks, reply = requestor("198.18.0.9"), p.dhcp(p.BOOTREPLY, p.options(13))
    with Namespace("bng"):
        other = Family()
    refused("an answer before anybody answers", errno.EPERM, genl.answer,
            "198.18.0.9", BNG, reply)
    genl.requestors(asks, requestor("198.18.0.8", giaddr="10.77.1.9"))
    refused("another one to answer", errno.EBUSY, other.requestors, asks)
    refused("an answer of another one", errno.EPERM, other.answer,
            "198.18.0.9", BNG, reply)
    refused("an answer to who may not ask", errno.ENOENT, genl.answer,
            "198.18.0.7", BNG, reply)
    genl.port_set("acc0", role=ROLE["access"])
    refused("an answer by way of an access port", errno.EACCES, genl.answer,
            "198.18.0.8", BNG, reply)
    refused("an answer from an address that is not ours",
            errno.EADDRNOTAVAIL, genl.answer, "198.18.0.9", "203.0.113.1", reply)
    refused("a request for an answer", errno.EINVAL, genl.answer,
            "198.18.0.9", BNG, p.dhcp(p.BOOTREQUEST, p.options(10)))
    refused("less than a message", errno.EINVAL, genl.answer, "198.18.0.9",
            BNG, reply[:235])
    refused("a requestor twice", errno.EINVAL, genl.requestors, asks, asks)
    refused("a requestor without a type", errno.EINVAL, genl.requestors,
            {"addr": "198.18.0.9"})
    for kind in (0, 3, 8):
        refused("one of type %d" % kind, errno.ERANGE, genl.requestors,
                requestor("198.18.0.9", kind))
    refused("too many of them", errno.E2BIG, genl.requestors, *(
        requestor("198.18.1.%d" % n) for n in range(1, 66)))
    genl.answer("198.18.0.9", BNG, reply)
    genl.requestors()
    other.requestors(asks)
    refused("an answer after an empty list", errno.EPERM, genl.answer,
            "198.18.0.9", BNG, reply)
    other.close()

    def free():
        try:
            genl.requestors(asks)
        except Refused:
            return False
        return True

    ktap.check("a closed socket answers no more", wait_until(free))
    genl.requestors()
    genl.port_set("acc0", role=ROLE["none"])


def flooded():
    """Whoever answers reads nothing: queries are lost, and leases are not."""
    with Namespace("bng"):
        other = Family()
    # some kernels have room for all of them by default
    other.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    other.requestors(requestor("198.18.0.9"))
    query = p.ip("198.18.0.9", BNG, p.udp("198.18.0.9", 67, BNG, 67, p.dhcp(
        p.BOOTREQUEST, p.options(10), ciaddr="10.77.1.10",
        giaddr="198.18.0.9")))
    bound = {"10.77.1.%d" % (90 + n): p.mac("02:00:00:00:02:%02x" % n)
             for n in range(8)}
    with Counted() as c:
        for addr, mac in bound.items():
            world.downstream(*[query] * 250)
            world.bind("sub1", mac, addr)
    other.close()
    ktap.check("of 2000 queries that nobody reads most are lost",
               c["answer_asked"] and c["answer_lost"] > 1000, c)
    ktap.equal("and counted, each", c["answer_asked"] + c["answer_lost"], 2000)
    ktap.equal("every lease is gleaned meanwhile",
               [(row(addr) or {}).get("hwaddr") for addr in bound],
               [mac.hex(":") for mac in bound.values()])
    for addr in bound:
        genl.delete(addr)


def miss():
    """A packet downstream: the upcall, the answer, and the late answer."""
    genl.port_set("acc0", role=1)
    acc0 = genl.port("acc0")["ifindex"]
    addr = "10.77.1.77"
    data = p.ip(CORE, addr, p.udp(CORE, 9999, addr, 9999, b"hello"))
    with Counted() as c:
        world.downstream(data, data, data)
    command, raw = genl.event() or (None, b"")
    upcall = decode({"addr": 1, "vrf": 2, "port": 3, "port-name": 4,
                     "cookie": 5, "age": 6, "packets": 7}, raw)
    ktap.equal("one upcall", (command, upcall.get("addr"), upcall.get("port"),
                              upcall.get("port-name")),
               ("miss-ntf", addr, acc0, "acc0"))
    ktap.equal("three packets, one miss",
               (c["miss"], c["hit_pending"], c["upcall_sent"]), (1, 2, 1))
    waiting = [one for one in genl.pending() if one["addr"] == addr]
    ktap.equal("it is pending, with its packets",
               [(one["cookie"], one["packets"]) for one in waiting],
               [(upcall.get("cookie"), 3)])
    cookie = upcall.get("cookie", 0)
    answer = lease(addr, cookie=cookie, expires=300,
                   origin=ORIGIN["leasequery"])
    refused("an answer to another miss", errno.ESTALE, genl.put,
            {**answer, "cookie": cookie + 1})
    genl.put(answer)
    got = genl.get(addr)
    ktap.equal("the answer settles it, on the port of the miss",
               (got["state"], got.get("port")), (STATE["active"], acc0))
    ktap.equal("nothing is pending", genl.pending(), [])
    with Counted() as c:
        world.downstream(data)
    ktap.equal("the next packet hits", (c["hit"], c["miss"]), (1, 0))

    # what was gleaned since wins over an answer that comes late
    addr = "10.77.1.78"
    world.downstream(p.ip(CORE, addr, p.udp(CORE, 9999, addr, 9999, b"hello")))
    cookie = decode({"addr": 1, "cookie": 5}, genl.event()[1])["cookie"]
    world.bind("sub1", p.mac("02:00:00:00:01:78"), addr)
    refused("an answer later than an ACK", errno.ESTALE, genl.put,
            lease(addr, cookie=cookie, expires=300,
                  origin=ORIGIN["leasequery"]))
    got = genl.get(addr)
    ktap.equal("the gleaned lease stands", got["hwaddr"],
               p.mac("02:00:00:00:01:78"))
    ktap.check("and it is known when the client was heard of",
               got.get("last-transaction", 99) < 10, got)

    # of what bulk leasequery told meanwhile, the later transaction wins
    addr = "10.77.1.84"
    world.downstream(p.ip(CORE, addr, p.udp(CORE, 9999, addr, 9999, b"hello")))
    cookie = decode({"addr": 1, "cookie": 5}, genl.event()[1])["cookie"]
    here, there = (p.mac("02:00:00:00:01:%02x" % n) for n in (84, 85))
    info = b"\x01\x04acc0"

    def says(ago, hwaddr=there, origin="leasequery", **values):
        return lease(addr, **{"hwaddr": hwaddr, "expires": 300,
                              "origin": ORIGIN[origin], "last-transaction": ago,
                              **values})

    genl.put(says(500, here, "bulk", **{"agent-info": info}))
    refused("an answer that is older than what bulk told", errno.ESTALE,
            genl.put, says(600, cookie=cookie, port=acc0))
    refused("nor a later one that names no port", errno.ESTALE, genl.put,
            says(400, cookie=cookie))
    refused("nor one of no age", errno.ESTALE, genl.put,
            lease(addr, hwaddr=there, cookie=cookie, expires=300, port=acc0,
                  origin=ORIGIN["leasequery"]))
    genl.put(says(450, here, cookie=cookie))
    got = genl.get(addr)
    ktap.equal("a later one of the same client is taken, the place kept",
               [got.get(name) for name in ("hwaddr", "port", "agent-info",
                                           "origin")],
               [here, acc0, info, ORIGIN["leasequery"]])
    genl.delete(addr)
    genl.put(says(500, here, "bulk"))
    genl.put(says(400, cookie=cookie, port=acc0))
    got = genl.get(addr)
    ktap.equal("and of another, where it has one",
               [got.get(name) for name in ("hwaddr", "port")], [there, acc0])
    refused("but not over what servers answered", errno.ESTALE, genl.put,
            says(1, here, cookie=cookie, port=acc0))

    # a negative answer
    addr = "10.77.1.79"
    data = p.ip(CORE, addr, p.udp(CORE, 9999, addr, 9999, b"hello"))
    world.downstream(data)
    cookie = decode({"addr": 1, "cookie": 5}, genl.event()[1])["cookie"]
    genl.put({"addr": addr, "state": STATE["unassigned"], "cookie": cookie,
              "origin": ORIGIN["leasequery"], "expires": 2})
    with Counted() as c:
        world.downstream(data)
    ktap.equal("a negative answer holds", (c["hit_negative"], c["miss"]),
               (1, 0))
    wait_until(lambda: row(addr) is None, 20)
    with Counted() as c:
        world.downstream(data)
    ktap.equal("for its time and no longer", (c["hit_negative"], c["miss"]),
               (0, 1))

    # by the core's side, and by a port that was given no role
    away = ("198.18.0.77", "10.77.4.77")
    with Counted() as c:
        world.upstream("sub1", *[p.ip("10.77.1.60", one, p.udp(
            "10.77.1.60", 9, one, 9, b"")) for one in away])
    ktap.equal("what leaves by no access port is never asked for",
               (c["miss"], [one["addr"] for one in genl.pending()
                            if one["addr"] in away]), (0, []))
    genl.port_set("acc0", role=0)


def no_helper_no_work():
    genl.flush()
    genl.flush(origin=ORIGIN["static"])
    world.roles()
    with Namespace("bng"):
        fresh = Family()
        other = Family()
    ktap.equal("the helper's place is taken", registration(fresh),
               errno.EBUSY)
    genl.close()
    world.genl = fresh
    data = p.ip(CORE, "10.77.1.90", p.udp(CORE, 9, "10.77.1.90", 9, b""))
    with Counted() as c:
        world.downstream(data, data)
    ktap.equal("without a helper nothing is pending",
               (fresh.pending(), c["miss_no_helper"], c["miss"]), ([], 2, 0))
    ktap.equal("a closed socket frees the helper's place, for one other",
               (registration(fresh), registration(other)), (0, errno.EBUSY))
    other.close()
    with Counted() as c:
        world.downstream(data)
    ktap.equal("with one it is", (len(fresh.pending()), c["miss"]), (1, 1))


def events():
    world.roles("none")
    with Namespace("bng"):
        listener = Family()
    listener.join()
    mac, addr = p.mac("02:00:00:00:01:aa"), "10.77.2.170"
    world.bind("sub2", mac, addr)
    seen = {}
    while "lease-ntf" not in seen:
        event = listener.event()
        if not event:
            break
        seen[event[0]] = event[1]
    told = decode(LEASE, seen.get("lease-ntf", b""))
    ktap.equal("a new lease is told",
               (told.get("addr"), told.get("hwaddr"), told.get("vlan")),
               (addr, mac, [100]))
    world.genl.delete(addr)
    command, raw = listener.event() or (None, b"")
    ktap.equal("and its end", (command, decode(LEASE, raw).get("addr")),
               ("lease-del-ntf", addr))
    world.genl.port_set("acc0", role=1)
    command, raw = listener.event() or (None, b"")
    told = decode(PORT, raw)
    ktap.equal("and a port's new role",
               (command, told.get("ifname"), told.get("role")),
               ("port-ntf", "acc0", 1))
    relays = [(one["port-name"], one["giaddr"], one["server"])
              for one in world.genl.relays()]
    ktap.equal("what the relay agent uses is remembered",
               relays.count(("acc1.100", "10.77.2.1", CORE)), 1)


def statistics():
    stats = world.genl.stats()
    with Counted() as c:
        pass
    ktap.check("netlink and procfs have the same counters",
               set(c.delta) == set(stats), set(c.delta) ^ set(stats))


# a port exists once it has been given something
for one in world.ports.values():
    genl.port_set(one.name, role=0)
ktap.run((put_and_get, several_in_one_message, filters, agent_filters, pieces,
          refusals, bulk, one_helper, who_answers, flooded, miss, no_helper_no_work, events,
          statistics))
ktap.end()
