#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The packets of craft.sh."""

import socket

import packet as p
from genl import LEASE, ORIGIN, ROLE, Family, decode
from world import (BNG, CORE, Counted, Ktap, Namespace, Wire, World, ip,
                   row, table, wait_until)

ktap = Ktap()
world = World()
next_host = {"sub1": 10, "sub2": 10, "sub3": 10, "sub4": 10}
AGENT_INFO = b"\x01\x04acc0\x02\x06\x00\xff\x80abc"


def fresh(sub="sub1"):
    """A client and an address that no other case has used."""
    next_host[sub] += 1
    host = next_host[sub]
    number = int(sub[3:])
    return (bytes((2, 0, 0, 1, number, host)),
            "10.77.%d.%d" % (number, host))


def text(mac):
    return mac.hex(":")


def seconds(entry):
    return int(entry["expires"])


# ---- what each message type means ----------------------------------------

def ack_binds():
    for sub, port, vlans in (("sub1", "acc0", "-"),
                             ("sub2", "acc1.100", "100"),
                             ("sub3", "acc2.100.7", "100.7"),
                             ("sub4", "acc3", "-")):
        mac, addr = fresh(sub)
        with Counted() as c:
            world.bind(sub, mac, addr, agent_info=AGENT_INFO)
        entry = row(addr) or {}
        ktap.equal("%s: an ACK binds" % sub, c["glean_bound"], 1)
        ktap.equal("%s: the row says where" % sub, [entry.get(k) for k in (
            "state", "origin", "hwaddr", "port", "vlans", "giaddr", "server",
            "circuit-id", "remote-id")], [
                "active", "gleaned", text(mac), port, vlans,
                world.ports[sub].giaddr, CORE, b"acc0".hex(),
                b"\x00\xff\x80abc".hex()])
        ktap.check("%s: and for how long" % sub,
                   590 <= seconds(entry) <= 600, entry)


def offer_binds_nothing():
    mac, addr = fresh()
    xid = world.new_xid()
    with Counted() as c:
        world.ask("sub1", mac, xid, p.DISCOVER)
        world.answer("sub1", mac, xid, addr, p.OFFER)
    ktap.equal("an OFFER binds nothing", (row(addr), c["reply_offer"]),
               (None, 1))


def inform_binds_nothing():
    mac, addr = fresh()
    xid = world.new_xid()
    with Counted() as c:
        world.ask("sub1", mac, xid, p.INFORM, ciaddr=addr)
        world.answer("sub1", mac, xid, "0.0.0.0", lease=None, ciaddr=addr)
    ktap.equal("the ACK to an INFORM binds nothing",
               (row(addr), c["reply_inform"]), (None, 1))


def bootp_binds_for_ever():
    mac, addr = fresh()
    xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    request = dict(xid=xid, chaddr=mac, cookie=b"")
    world.client("sub1", p.dhcp(p.BOOTREQUEST, bytes(64), **request))
    world.relayed(p.dhcp(p.BOOTREQUEST, bytes(64), giaddr=giaddr, **request))
    world.reply(p.dhcp(p.BOOTREPLY, bytes(64), yiaddr=addr, giaddr=giaddr,
                       **request), giaddr)
    entry = row(addr) or {}
    ktap.equal("a BOOTP reply binds for ever",
               (entry.get("state"), entry.get("expires")), ("active", "never"))


def infinite_lease():
    mac, addr = fresh()
    world.bind("sub1", mac, addr, lease=0xffffffff)
    ktap.equal("0xffffffff is for ever", (row(addr) or {}).get("expires"),
               "never")


def lease_expires():
    mac, addr = fresh()
    world.bind("sub1", mac, addr, lease=2)
    bound = row(addr)
    gone = wait_until(lambda: row(addr) is None, 20)
    ktap.check("a lease ends at its second", bound and gone, bound)


def expired_is_told():
    """Of leases that are replaced in the second that they end, whether or not
    the GC has come by. Before any other case has a lease that ends."""
    old, new = (p.mac("02:00:00:00:04:9%d" % n) for n in (8, 9))
    addresses = sorted(fresh("sub4")[1] for _ in range(8))
    with Namespace("bng"):
        ears = Family()
    ears.join()

    def put(mac, expires):
        world.genl.put(*[{"addr": one, "hwaddr": mac, "expires": expires,
                          "origin": ORIGIN["restored"]} for one in addresses])

    with Counted() as c:
        put(old, 2)
        wait_until(lambda: row(addresses[0]) is None)
        put(new, 600)
    told = []
    while (event := ears.event(0)) is not None:
        lease = decode(LEASE, event[1])
        told.append((lease["addr"], event[0], lease["hwaddr"]))
    ktap.equal("the end of a lease is told of before what replaces it",
               sorted(told, key=lambda one: one[0]),
               [(addr, *what) for addr in addresses for what in (
                   ("lease-ntf", old), ("lease-del-ntf", old),
                   ("lease-ntf", new))])
    ktap.equal("and counted, once", c["lease_expired"], len(addresses))
    ears.close()


def nak_ends():
    mac, addr = fresh()
    world.bind("sub1", mac, addr)
    xid = world.new_xid()
    with Counted() as c:
        world.ask("sub1", mac, xid, extra=[(50, addr)])
        world.answer("sub1", mac, xid, "0.0.0.0", p.NAK, lease=None)
    ktap.equal("a NAK ends the binding it refuses",
               (row(addr), c["glean_nak"]), (None, 1))


def nak_behind_the_ack():
    """Of a server that knows less: the client has his address, and stays."""
    mac, addr = fresh()
    xid = world.bind("sub1", mac, addr)
    world.ask("sub1", mac, xid, extra=[(50, addr)])
    world.answer("sub1", mac, xid, addr)
    with Counted() as c:
        world.answer("sub1", mac, xid, "0.0.0.0", p.NAK, lease=None)
    ktap.equal("a NAK behind the ACK ends nothing",
               ((row(addr) or {}).get("hwaddr"), c["nak_mismatch"]),
               (text(mac), 1))


def nak_of_another_changes_nothing():
    mac, addr = fresh()
    other, _ = fresh()
    world.bind("sub1", mac, addr)
    xid = world.new_xid()
    with Counted() as c:
        world.ask("sub1", other, xid, extra=[(50, addr)])
        world.answer("sub1", other, xid, "0.0.0.0", p.NAK, lease=None)
    ktap.equal("a NAK to another client ends nothing",
               ((row(addr) or {}).get("hwaddr"), c["glean_nak"]),
               (text(mac), 0))


def release(sub, mac, addr, **how):
    world.upstream(sub, p.ip(addr, CORE, p.udp(addr, 68, CORE, 67, p.dhcp(
        p.BOOTREQUEST, p.options(p.RELEASE, (54, CORE)), xid=world.new_xid(),
        chaddr=mac, ciaddr=addr))), **how)


def release_ends():
    mac, addr = fresh()
    world.bind("sub1", mac, addr)
    with Counted() as c:
        release("sub1", mac, addr, src=mac)
    ktap.equal("a RELEASE ends the binding", (row(addr), c["glean_released"]),
               (None, 1))


def release_of_another_changes_nothing():
    mac, addr = fresh()
    world.bind("sub1", mac, addr)
    with Counted() as c:
        release("sub2", mac, addr)
    ktap.equal("a RELEASE from another port ends nothing",
               ((row(addr) or {}).get("port"), c["release_mismatch"]),
               ("acc0", 1))
    other, _ = fresh()
    with Counted() as c:
        release("sub1", other, addr)
    ktap.equal("nor one by another client",
               ((row(addr) or {}).get("hwaddr"), c["release_mismatch"]),
               (text(mac), 1))


def decline_ends():
    mac, addr = fresh()
    world.bind("sub1", mac, addr)
    decline = p.dhcp(p.BOOTREQUEST, p.options(
        p.DECLINE, (50, addr), (54, CORE)), xid=world.new_xid(), chaddr=mac)
    with Counted() as c:
        world.client("sub1", decline, src=b"\2\0\0\0\0\x66")
    ktap.equal("a DECLINE in another station's frame ends nothing",
               ((row(addr) or {}).get("state"), c["decline_mismatch"]),
               ("active", 1))
    with Counted() as c:
        world.client("sub1", decline, src=mac)
    ktap.equal("a DECLINE ends the binding", (row(addr), c["glean_declined"]),
               (None, 1))


def subscribers_ask_nothing():
    mac, addr = fresh()
    world.bind("sub1", mac, addr)
    for dst, where in ((CORE, "to the server"), ("10.77.1.1", "to the BNG")):
        world.core.frames()
        world.heard()
        with Counted() as c:
            world.upstream("sub1", p.ip(addr, dst, p.udp(
                addr, 68, dst, 67, p.dhcp(
                    p.BOOTREQUEST, p.options(p.LEASEQUERY), xid=7,
                    ciaddr=addr, giaddr=addr))), src=mac)
            world.downstream()
        ktap.equal("a subscriber's leasequery %s goes no further" % where,
                   (c["query_from_access"], world.heard(),
                    [one for one in world.core.dhcp()
                     if one["type"] == p.LEASEQUERY]), (1, [], []))


def subscribers_hide_no_question():
    """Servers are not as strict with what a message must not be."""
    mac, addr = fresh()
    world.bind("sub1", mac, addr)
    kind = p.option(53, bytes((p.LEASEQUERY,)))

    def query(area, **fields):
        return p.udp(addr, 68, CORE, 67, p.dhcp(
            p.BOOTREQUEST, area, xid=7, ciaddr=addr, giaddr=addr, **fields))

    def sent(*packets):
        world.core.frames()
        with Counted() as c:
            world.upstream("sub1", *packets, src=mac)
            world.downstream()
        left = [one for one in world.core.frames()
                if one[26:30] == socket.inet_aton(addr)]
        return c["query_from_access"], c["dhcp_fragment"], len(left)

    for what, area, fields in (
            ("in file, by an overload that is none",
             p.options(None, (52, b"\5")), {"file": kind + b"\xff"}),
            ("in sname, likewise",
             p.options(None, (52, b"\6\0")), {"sname": kind + b"\xff"}),
            ("in file, behind an option that is cut",
             p.options(None, (52, b"\1"), b"\x3c\xff", end=False),
             {"file": kind + b"\xff"}),
            ("in two bytes",
             p.options(None, (53, bytes((p.LEASEQUERY, 0)))), {})):
        ktap.equal("a leasequery %s goes no further" % what,
                   sent(p.ip(addr, CORE, query(area, **fields))), (1, 0, 0))
    pieces = p.fragments(addr, CORE, query(p.options(p.LEASEQUERY)), 128)
    ktap.equal("nor does the first piece of one", sent(*pieces),
               (0, 1, len(pieces) - 1))


def request_alone_binds_nothing():
    mac, addr = fresh()
    world.ask("sub1", mac, world.new_xid(), extra=[(50, addr), (54, CORE)])
    ktap.equal("a REQUEST alone binds nothing", row(addr), None)


def renewal_keeps_the_place():
    mac, addr = fresh("sub3")
    world.bind("sub3", mac, addr, lease=100, agent_info=AGENT_INFO)
    before = row(addr)
    with Counted() as c:
        world.renew("sub3", mac, addr, lease=900)
    after = row(addr)
    ktap.check("a unicast renewal extends the lease",
               after and seconds(after) > 800, after)
    same = ("hwaddr", "port", "vlans", "giaddr", "circuit-id", "remote-id")
    ktap.equal("and keeps its place", [after[k] for k in same],
               [before[k] for k in same])
    ktap.equal("and is counted", c["glean_extended"], 1)


def client_moves():
    mac, addr = fresh("sub1")
    world.bind("sub1", mac, addr)
    with Counted() as c:
        world.bind("sub2", mac, addr)
    ktap.equal("an ACK on another port moves the binding",
               ((row(addr) or {}).get("port"), c["glean_moved"]),
               ("acc1.100", 1))


def any_order():
    mac, addr = fresh()
    xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    world.ask("sub1", mac, xid, agent_info=AGENT_INFO)
    area = p.options(None, (82, AGENT_INFO), b"\0\0", (51, 600), (54, CORE),
                     (53, bytes((p.ACK,))))
    world.reply(p.dhcp(p.BOOTREPLY, area, xid=xid, chaddr=mac, yiaddr=addr,
                       giaddr=giaddr), giaddr)
    entry = row(addr) or {}
    ktap.equal("options in any order, option 82 first",
               (entry.get("state"), entry.get("circuit-id")),
               ("active", b"acc0".hex()))


def overload():
    mac, addr = fresh()
    xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    world.ask("sub1", mac, xid, agent_info=AGENT_INFO)
    area = p.options(p.ACK, (52, b"\x03"))
    world.reply(p.dhcp(
        p.BOOTREPLY, area, xid=xid, chaddr=mac, yiaddr=addr, giaddr=giaddr,
        file=p.options(None, (51, 600), (82, AGENT_INFO[:4])),
        sname=p.options(None, (82, AGENT_INFO[4:]), (54, CORE))), giaddr)
    entry = row(addr) or {}
    ktap.equal("overload and RFC 3396: options, then file, then sname",
               [entry.get(k) for k in ("state", "circuit-id", "remote-id")],
               ["active", b"acc0".hex(), b"\x00\xff\x80abc".hex()])


def split_option():
    mac, addr = fresh()
    world_xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    world.ask("sub1", mac, world_xid, agent_info=AGENT_INFO)
    area = p.options(p.ACK, (82, AGENT_INFO[:3]), (54, CORE), (51, 600),
                     (82, AGENT_INFO[3:]))
    world.reply(p.dhcp(p.BOOTREPLY, area, xid=world_xid, chaddr=mac,
                       yiaddr=addr, giaddr=giaddr), giaddr)
    ktap.equal("an option sent in two parts is one",
               (row(addr) or {}).get("circuit-id"), b"acc0".hex())


def unasked_option_82():
    """The server may only give back what the relay agent put in."""
    mac, addr = fresh()
    xid = world.new_xid()
    world.ask("sub1", mac, xid)
    world.answer("sub1", mac, xid, addr, agent_info=AGENT_INFO)
    entry = row(addr) or {}
    ktap.equal("option 82 in the reply to a request without one",
               (entry.get("state"), entry.get("circuit-id")), ("active", "-"))


def client_id_is_kept():
    mac, addr = fresh()
    xid = world.new_xid()
    ident = b"\xff\x01\x02\x03\x04\x00\x04uuid"
    world.ask("sub1", mac, xid, extra=[(61, ident)])
    world.answer("sub1", mac, xid, addr, extra=[(61, ident)])
    ktap.equal("the client identifier is kept",
               (row(addr) or {}).get("client-id"), ident.hex())


def ip_options():
    mac, addr = fresh()
    xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    world.ask("sub1", mac, xid)
    message = p.dhcp(p.BOOTREPLY, p.options(p.ACK, (54, CORE), (51, 600)),
                     xid=xid, chaddr=mac, yiaddr=addr, giaddr=giaddr)
    world.downstream(p.ip(CORE, giaddr, p.udp(CORE, 67, giaddr, 67, message),
                          options=b"\x94\x04\x00\x00" + b"\x01" * 8))
    ktap.equal("behind IP options", (row(addr) or {}).get("state"), "active")


def leasequeries_do_not_leave():
    """A relay agent with a packet socket sends past all hooks but one."""
    sub, port = world.ports["sub1"].wire, Wire("bng", "acc0")
    mac, addr = fresh()
    giaddr = world.ports["sub1"].giaddr
    for where, options in (("", b""), (" behind IP options",
                                       b"\x94\x04\x00\x00" + b"\x01" * 8)):
        sub.frames()
        refused_kinds = []
        with Counted() as c:
            for kind in (p.LEASEQUERY, p.UNASSIGNED, p.UNKNOWN, p.ACTIVE,
                         p.OFFER):
                message = p.dhcp(p.BOOTREPLY, p.options(kind), chaddr=mac,
                                 xid=world.new_xid(), ciaddr=addr)
                try:
                    port.send(p.ether(sub.mac, port.mac, p.ip(
                        giaddr, addr, p.udp(giaddr, 67, addr, 68, message),
                        options=options)))
                except OSError:
                    # what is dropped there its sender is told of
                    refused_kinds.append(kind)
            world.downstream()
        ktap.equal("a leasequery message%s leaves by no access port" % where,
                   (c["egress_leasequery"], [one["type"] for one in
                                             sub.dhcp()], refused_kinds),
                   (4, [p.OFFER], [p.LEASEQUERY, p.UNASSIGNED, p.UNKNOWN,
                                   p.ACTIVE]))


def ip_fragments():
    mac, addr = fresh()
    xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    world.ask("sub1", mac, xid)
    datagram = p.udp(CORE, 67, giaddr, 67, p.dhcp(
        p.BOOTREPLY, p.options(p.ACK, (54, CORE), (51, 600)), xid=xid,
        chaddr=mac, yiaddr=addr, giaddr=giaddr))
    pieces = p.fragments(CORE, giaddr, datagram, 64, ident=xid & 0xffff)
    world.downstream(*pieces[1:])
    ktap.equal("fragments without the first bind nothing", row(addr), None)
    world.downstream(pieces[0])
    ktap.equal("fragments that are whole bind",
               (row(addr) or {}).get("state"), "active")


# ---- what must not change the table ----------------------------------------

def pending_exchange():
    """A client that waits for its ACK: what would bind it."""
    mac, addr = fresh()
    xid = world.new_xid()
    world.ask("sub1", mac, xid)
    return mac, addr, xid, world.ports["sub1"].giaddr


def good(mac, addr, xid, giaddr, *extra, **fields):
    area = p.options(p.ACK, (54, CORE), (51, 600), *extra)
    return p.dhcp(p.BOOTREPLY, area, xid=xid, chaddr=mac, yiaddr=addr,
                  giaddr=giaddr, **fields)


def refused(name, counter, send):
    """Nothing that send(exchange) does may bind; the counter tells why."""
    exchange = pending_exchange()
    before = table()
    with Counted() as c:
        send(*exchange)
    addresses = [one["address"] for one in table()]
    ktap.check("%s: no binding" % name,
               exchange[1] not in addresses and
               len(addresses) == len(before), addresses)
    ktap.check("%s: %s counted" % (name, counter), c[counter] == 1, c)


def bad_messages():
    giaddr_of = world.ports["sub1"].giaddr

    def cut(size):
        def send(*exchange):
            world.reply(good(*exchange)[:size], giaddr_of)
        return send

    def with_area(area):
        def send(mac, addr, xid, giaddr):
            world.reply(p.dhcp(p.BOOTREPLY, area, xid=xid, chaddr=mac,
                               yiaddr=addr, giaddr=giaddr), giaddr)
        return send

    def oversized(*exchange):
        datagram = p.udp(CORE, 67, giaddr_of, 67,
                         good(*exchange) + bytes(5000))
        world.downstream(*p.fragments(CORE, giaddr_of, datagram, 1400,
                                      ident=exchange[2] & 0xffff))

    ack = bytes((53, 1, p.ACK))
    server = p.option(54, CORE)
    for size in (0, 1, 27, 100, 235):
        refused("%d bytes" % size, "dhcp_truncated", cut(size))
    refused("an option past the end", "dhcp_option",
            with_area(ack + server + bytes((51, 4, 0, 0))))
    refused("an option without a length", "dhcp_option",
            with_area(ack + server + bytes((51,))))
    refused("a lease time of three bytes", "dhcp_value",
            with_area(ack + server + bytes((51, 3, 0, 0, 9, 255))))
    refused("two message types", "dhcp_value",
            with_area(ack + server + bytes((53, 1, 6)) +
                      p.option(51, 600) + b"\xff"))
    refused("overload 4", "dhcp_value",
            with_area(ack + server + bytes((52, 1, 4)) +
                      p.option(51, 600) + b"\xff"))
    refused("no lease time", "reply_no_lease_time",
            with_area(ack + server + b"\xff"))
    refused("7000 bytes", "dhcp_oversized", oversized)
    refused("hlen 17", "dhcp_hlen", lambda *e: world.reply(
        good(*e, hlen=17), giaddr_of))
    refused("op 3", "dhcp_op", lambda *e: world.reply(
        b"\x03" + good(*e)[1:], giaddr_of))
    refused("yiaddr 0", "reply_no_address", lambda mac, addr, xid, giaddr:
            world.reply(good(mac, "0.0.0.0", xid, giaddr), giaddr))
    for bad in ("127.0.0.1", "224.0.0.1", "255.255.255.255", BNG, "10.77.1.1"):
        refused("yiaddr " + bad, "reply_bad_address",
                lambda mac, addr, xid, giaddr, bad=bad:
                world.reply(good(mac, bad, xid, giaddr), giaddr))


def bad_datagrams():
    giaddr_of = world.ports["sub1"].giaddr
    refused("a wrong UDP checksum", "udp_checksum", lambda *e: world.reply(
        good(*e), giaddr_of, check=0x1234))
    refused("a UDP length past the packet", "udp_length",
            lambda *e: world.reply(good(*e), giaddr_of, length=2000))
    refused("a UDP length of 7", "udp_length",
            lambda *e: world.reply(good(*e), giaddr_of, length=7))

    mac, addr, xid, giaddr = pending_exchange()
    world.reply(good(mac, addr, xid, giaddr), giaddr, check=0)
    ktap.equal("no UDP checksum at all is allowed",
               (row(addr) or {}).get("state"), "active")


def posing_as_a_server():
    """To another subscriber's client, who may take it for his server's."""
    victim, mac = "10.77.2.44", p.mac("02:00:00:00:02:44")
    ip("neigh replace %s lladdr %s dev acc1.100 nud permanent" % (
        victim, mac.hex(":")))
    wire = world.ports["sub2"].wire

    def reaches(send, source, area):
        message = p.dhcp(p.BOOTREPLY, area, xid=world.new_xid(), chaddr=mac,
                         yiaddr=victim, ciaddr=victim)
        wire.frames()
        with Counted() as c:
            send(p.ip(source, victim, p.udp(source, 67, victim, 68, message)))
            world.downstream()
        return (any(message in frame for frame in wire.frames()),
                c["reply_from_access"])

    def from_sub1(packet):
        world.upstream("sub1", packet)

    area = p.options(p.ACK, (54, "10.77.1.45"), (51, 600))
    ktap.equal("a subscriber's ACK does not reach another one",
               reaches(from_sub1, "10.77.1.45", area), (False, 1))
    ktap.equal("nor does one that is malformed",
               reaches(from_sub1, "10.77.1.45", area[:-1] + b"\x52\xff"),
               (False, 1))
    ktap.equal("a server's does",
               reaches(world.downstream, CORE, area), (True, 0))
    ip("neigh del %s dev acc1.100" % victim)


def forged_replies():
    giaddr_of = world.ports["sub1"].giaddr

    def from_access(*exchange):
        world.upstream("sub2", p.ip(CORE, giaddr_of, p.udp(
            CORE, 67, giaddr_of, 67, good(*exchange))))

    def broadcast_from_access(*exchange):
        world.upstream("sub1", p.ip("10.77.1.66", "255.255.255.255", p.udp(
            "10.77.1.66", 67, "255.255.255.255", 67, good(*exchange))),
            dst=p.BROADCAST)

    def through_the_bng(mac, addr, xid, giaddr):
        world.upstream("sub2", p.ip(CORE, addr, p.udp(
            CORE, 67, addr, 68, good(mac, addr, xid, giaddr))))

    refused("an ACK from an access port", "reply_from_access", from_access)
    refused("a broadcast ACK from an access port", "reply_from_access",
            broadcast_from_access)
    refused("an ACK from an access port to another subscriber",
            "reply_from_access", through_the_bng)
    refused("another xid", "reply_no_exchange",
            lambda mac, addr, xid, giaddr: world.reply(
                good(mac, addr, xid ^ 0x55, giaddr), giaddr))
    refused("another chaddr", "reply_no_exchange",
            lambda mac, addr, xid, giaddr: world.reply(
                good(mac[::-1], addr, xid, giaddr), giaddr))
    refused("another server", "reply_wrong_server",
            lambda mac, addr, xid, giaddr: world.reply(
                good(mac, addr, xid, giaddr), giaddr, "198.18.0.99"))


def forged_renewal():
    mac, addr = fresh()
    world.bind("sub1", mac, addr, lease=100)
    world.renew("sub1", mac, addr, lease=5000, xid=0x7777, ask=False,
                server="198.18.0.99")
    entry = row(addr)
    ktap.check("a renewal that nobody asked for extends nothing",
               entry and seconds(entry) <= 100, entry)


def unasked_renewal_of_unknown():
    mac, addr = fresh()
    with Counted() as c:
        world.renew("sub1", mac, addr)
    entry = row(addr)
    ktap.check("a renewal of what we do not know is no gleaned lease",
               entry is None or entry["origin"] != "gleaned", entry)
    ktap.check("it is counted", c["reply_stale"] == 1, c)


def theft():
    """A subscriber claims the address of another, whatever it sends."""
    mac, addr = fresh("sub1")
    thief, _ = fresh("sub2")
    world.bind("sub1", mac, addr)
    before = row(addr)
    for kind in (p.DISCOVER, p.REQUEST, p.DECLINE, p.RELEASE, p.INFORM):
        for chaddr in (thief, mac):
            world.client("sub2", p.dhcp(
                p.BOOTREQUEST, p.options(kind, (50, addr), (54, CORE)),
                xid=world.new_xid(), chaddr=chaddr, ciaddr=addr))
    after = row(addr)
    same = ("state", "hwaddr", "port", "vlans", "giaddr", "server")
    ktap.equal("no request of another port touches a binding",
               [(after or {}).get(k) for k in same], [before[k] for k in same])


ACCOMPLICE = "198.18.0.99"


def accomplice_server():
    """A client writes to a server of its own choice, which answers."""
    mac, addr = fresh("sub1")
    thief, _ = fresh("sub2")
    world.bind("sub1", mac, addr, lease=1000)
    giaddr = world.ports["sub2"].giaddr

    def write_to_accomplice(chaddr):
        xid = world.new_xid()
        world.upstream("sub2", p.ip(addr, ACCOMPLICE, p.udp(
            addr, 68, ACCOMPLICE, 67, p.dhcp(
                p.BOOTREQUEST, p.options(p.REQUEST), xid=xid, chaddr=chaddr,
                ciaddr=addr))), src=chaddr)
        return xid

    before = row(addr)
    with Counted() as c:
        xid = write_to_accomplice(thief)
        world.reply(good(thief, addr, xid, giaddr), giaddr, ACCOMPLICE)
    ktap.equal("an accomplice's ACK to the relay agent is not believed",
               ((row(addr) or {}).get("hwaddr"), c["reply_wrong_server"]),
               (before["hwaddr"], 1))
    with Counted() as c:
        xid = write_to_accomplice(mac)
        world.renew("sub2", mac, addr, lease=1, server=ACCOMPLICE, xid=xid,
                    ask=False)
    entry = row(addr)
    ktap.check("nor does one that is forwarded cut a lease short",
               entry and seconds(entry) > 900 and c["reply_mismatch"] == 1,
               "%s, %s" % (entry, c))


def forged_giaddr():
    """A relay agent passes on what bears a giaddr already, as it is."""
    mac, addr = fresh("sub1")
    xid = world.new_xid()
    giaddr = world.ports["sub4"].giaddr
    area = p.options(p.REQUEST, (82, b"\x01\x04acc3"))
    with Counted() as c:
        world.client("sub1", p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST),
                                    xid=xid, chaddr=mac), src=mac)
        forged = p.dhcp(p.BOOTREQUEST, area, xid=xid, chaddr=mac,
                        giaddr=giaddr)
        world.client("sub1", forged, src=mac)
        world.relayed(forged)
        world.reply(good(mac, addr, xid, giaddr), giaddr)
    ktap.equal("what comes of a request with a forged giaddr is not believed",
               (row(addr), c["client_giaddr"], c["reply_conflict"]),
               (None, 1, 1))


def chaddr_alone_moves_nothing():
    mac, addr = fresh("sub1")
    thief, _ = fresh("sub2")
    world.bind("sub1", mac, addr)
    xid = world.new_xid()
    giaddr = world.ports["sub2"].giaddr
    request = p.options(p.REQUEST, (50, addr))
    with Counted() as c:
        world.client("sub2", p.dhcp(p.BOOTREQUEST, request, xid=xid,
                                    chaddr=mac), src=thief)
        world.relayed(p.dhcp(p.BOOTREQUEST, request, xid=xid, chaddr=mac,
                             giaddr=giaddr))
        world.reply(good(mac, addr, xid, giaddr), giaddr)
    ktap.equal("an ACK for another's chaddr does not move his lease",
               ((row(addr) or {}).get("port"), c["client_hwaddr"],
                c["reply_mismatch"]), ("acc0", 1, 1))


def client_agent_info():
    mac, addr = fresh()
    xid = world.new_xid()
    giaddr = world.ports["sub1"].giaddr
    forged = p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST, (82, b"\x01\x04evil")),
                    xid=xid, chaddr=mac)
    with Counted() as c:
        world.client("sub1", forged)
    ktap.equal("option 82 from a subscriber is counted",
               c["client_agent_info"], 1)
    world.relayed(p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST), xid=xid,
                         chaddr=mac, giaddr=giaddr))
    world.reply(good(mac, addr, xid, giaddr), giaddr)
    entry = row(addr)
    ktap.check("and never believed",
               entry is None or entry["circuit-id"] == "-", entry)


def trusted_agent_info():
    """An access node behind a trusted port puts option 82 in."""
    mac, addr = fresh("sub2")
    xid = world.new_xid()
    giaddr = world.ports["sub2"].giaddr
    world.genl.port_set("acc1.100", role=ROLE["trusted"])
    message = dict(xid=xid, chaddr=mac)
    area = p.options(p.REQUEST, (82, AGENT_INFO))
    with Counted() as c:
        world.client("sub2", p.dhcp(p.BOOTREQUEST, area, **message), src=mac)
    world.relayed(p.dhcp(p.BOOTREQUEST, area, giaddr=giaddr, **message))
    world.answer("sub2", mac, xid, addr, agent_info=AGENT_INFO)
    ktap.equal("option 82 from a trusted port is believed",
               ((row(addr) or {}).get("circuit-id"), c["client_agent_info"]),
               (b"acc0".hex(), 0))
    world.genl.port_set("acc1.100", role=ROLE["access"])


def leasequery_replies_are_no_bindings():
    for kind in (p.UNASSIGNED, p.UNKNOWN, p.ACTIVE):
        mac, addr, xid, giaddr = pending_exchange()
        world.heard()
        with Counted() as c:
            world.reply(p.dhcp(p.BOOTREPLY, p.options(kind, (51, 600)),
                               xid=xid, chaddr=mac, ciaddr=addr,
                               giaddr=giaddr), giaddr)
        ktap.equal("an unasked leasequery reply %d binds nothing" % kind,
                   row(addr), None)
        ktap.equal("and reaches no relay agent",
                   (world.heard(), c["query_reply_unmatched"]), ([], 1))


world.roles()
ktap.run((
    ack_binds, offer_binds_nothing, inform_binds_nothing,
    bootp_binds_for_ever, infinite_lease, expired_is_told,
    lease_expires, nak_ends, nak_behind_the_ack,
    nak_of_another_changes_nothing, release_ends,
    release_of_another_changes_nothing, decline_ends,
    request_alone_binds_nothing, renewal_keeps_the_place, client_moves,
    any_order, overload, split_option, unasked_option_82, client_id_is_kept, ip_options,
    leasequeries_do_not_leave, ip_fragments, bad_messages, bad_datagrams,
    posing_as_a_server, forged_replies, forged_renewal,
    unasked_renewal_of_unknown, theft, accomplice_server, forged_giaddr,
    chaddr_alone_moves_nothing, client_agent_info, trusted_agent_info,
    leasequery_replies_are_no_bindings, subscribers_ask_nothing,
    subscribers_hide_no_question))
ktap.end()
