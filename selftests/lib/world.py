# SPDX-License-Identifier: GPL-2.0
"""The topology of topology.sh, its client, relay agent and server played
packet by packet by one process, and results as KTAP."""

import contextlib
import os
import socket
import struct
import subprocess
import sys
import time

import packet as p
from genl import (NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, ROLE,
                  Family, Refused, attr, attrs)

CORE, BNG = "198.18.0.2", "198.18.0.1"
SERVER_MAC = p.mac("02:00:00:00:c0:02")
MARKER = 9
RTM_GETNEIGH = 30


class Ktap:
    """Results; end() is the exit status."""

    def __init__(self):
        self.count = self.failed = 0
        print("KTAP version 1", flush=True)

    def check(self, name, holds, detail=""):
        self.count += 1
        if not holds:
            self.failed += 1
        print("%sok %d %s" % ("" if holds else "not ", self.count, name),
              flush=True)
        if not holds and detail != "":
            for line in str(detail).splitlines():
                print("# " + line, flush=True)
        return bool(holds)

    def equal(self, name, got, want):
        return self.check(name, got == want,
                          "got %r, not %r" % (got, want))

    def run(self, cases):
        """Each case is a function of this module; one that raises failed."""
        for case in cases:
            try:
                case()
            except Exception as error:  # pylint: disable=broad-except
                self.check(case.__name__, False,
                           "%s: %s" % (type(error).__name__, error))

    def end(self):
        print("1..%d" % self.count)
        print("# Totals: pass:%d fail:%d" %
              (self.count - self.failed, self.failed), flush=True)
        sys.exit(0 if self.count and not self.failed else 1)


class Namespace:
    """with Namespace("bng"): what is opened inside is in that namespace."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.name, os.O_RDONLY)
        os.setns(there, os.CLONE_NEWNET)
        os.close(there)

    def __exit__(self, *_):
        os.setns(self.home, os.CLONE_NEWNET)
        os.close(self.home)


def wait_until(condition, seconds=30):
    """The first true value of condition(), or its last."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.05)


def shell(command):
    return subprocess.run(command, shell=True, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def ip(*commands, options=(), namespace="bng"):
    """One process for all of them, and without the mounts of "ip -n"."""
    with Namespace(namespace):
        return subprocess.run(["ip", *options, "-batch", "-"], check=True, text=True,
                              input="\n".join(commands) + "\n",
                              stdout=subprocess.PIPE).stdout


class Neighbours:
    """The IPv4 neighbours of a namespace, without a process to ask for
    them."""

    STATES = ("INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED",
              "NOARP", "PERMANENT")
    DST, LLADDR, IFINDEX, PROTOCOL = 1, 2, 8, 12
    EXT_LEARNED, DHCP = 0x10, 16
    ENTRY = struct.Struct("=BxxxiHBB")

    def __init__(self, namespace="bng"):
        self.namespace = namespace
        with Namespace(namespace):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.bind((0, 0))

    def of(self, dev, addr=None):
        """Those of a device: dictionaries of addr, state, lladdr, and ours,
        whether they are the module's."""
        with Namespace(self.namespace):
            index = socket.if_nametoindex(dev)
        body = self.ENTRY.pack(socket.AF_INET, 0, 0, 0, 0) + attr(
            self.IFINDEX, struct.pack("=I", index))
        self.sock.send(struct.pack("=IHHII", 16 + len(body), RTM_GETNEIGH,
                                   NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + body)
        found = []
        while True:
            data = self.sock.recv(1 << 16)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == NLMSG_ERROR:
                    raise RuntimeError("no dump of neighbours")
                if kind == NLMSG_DONE:
                    return found
                one = self.entry(data[16:length], index)
                if one and addr in (None, one["addr"]):
                    found.append(one)
                data = data[(length + 3) & ~3:]

    def entry(self, body, index):
        _, on, state, flags, _ = self.ENTRY.unpack_from(body)
        if on != index:
            return None
        found = dict(attrs(body[self.ENTRY.size:]))
        return {
            "addr": socket.inet_ntoa(found[self.DST]),
            "state": next((name for n, name in enumerate(self.STATES)
                           if state & 1 << n), "NONE"),
            "lladdr": found[self.LLADDR].hex(":")
                      if self.LLADDR in found else None,
            "ours": bool(flags & self.EXT_LEARNED) and
                    found.get(self.PROTOCOL) == bytes((self.DHCP,)),
        }


def read_in(name, path):
    with Namespace(name), open(path, encoding="ascii") as file:
        return file.read()


def table(name="leases", namespace="bng", begins=""):
    """A file of /proc/net/leaseglean: a dictionary a row, of those alone that
    begin so."""
    lines = read_in(namespace, "/proc/net/leaseglean/" + name).splitlines()
    columns = lines[0].split()
    return [dict(zip(columns, line.split())) for line in lines[1:]
            if line.startswith(begins)]


def row(address, vrf=None):
    """The one row of an address, or None; two are an error."""
    rows = [one for one in table(begins=address) if
            one["address"] == address and
            (vrf is None or one["vrf"] == vrf)]
    if len(rows) > 1:
        raise RuntimeError("%d rows of %s" % (len(rows), address))
    return rows[0] if rows else None


def counters(namespace="bng"):
    return {one["counter"]: int(one["value"])
            for one in table("stats", namespace)}


def registration(family):
    """0, or the errno that says why the socket is not the helper's."""
    try:
        family.helper()
    except Refused as error:
        return error.errno
    return 0


class Counted:
    """with Counted() as c: afterwards c["name"] is by how much it rose."""

    def __enter__(self):
        self.before = counters()
        return self

    def __exit__(self, *_):
        after = counters()
        self.delta = {name: value - self.before.get(name, 0)
                      for name, value in after.items()}

    def __getitem__(self, name):
        return self.delta[name]

    def __str__(self):
        return str({k: v for k, v in self.delta.items() if v})


class Parameter(contextlib.ContextDecorator):
    """with Parameter(name, value): one of the module's, meanwhile; or as a
    decorator, while the function runs."""

    def __init__(self, name, value):
        self.path = "/sys/module/leaseglean/parameters/" + name
        self.value = value

    def write(self, value):
        with open(self.path, "w", encoding="ascii") as file:
            file.write(str(value))

    def __enter__(self):
        with open(self.path, encoding="ascii") as file:
            self.was = file.read()
        self.write(self.value)

    def __exit__(self, *_):
        self.write(self.was)


class Wire:
    """Whole frames in and out of one device."""

    def __init__(self, namespace, device):
        with Namespace(namespace):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(0x0003))
            self.sock.bind((device, 0))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.mac = self.sock.getsockname()[4]

    def send(self, frame):
        self.sock.send(frame)

    def frames(self):
        """Those that came in since the last call."""
        got = []
        while True:
            try:
                data, where = self.sock.recvfrom(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return got
            if where[2] != socket.PACKET_OUTGOING:
                got.append(data)

    def dhcp(self):
        """The DHCP messages among them."""
        got = []
        for frame in self.frames():
            if frame[12:14] != b"\x08\x00" or frame[23] != 17:
                continue
            head = 14 + (frame[14] & 15) * 4
            if int.from_bytes(frame[head + 2:head + 4]) in (67, 68):
                got.append(p.parse(frame[head + 8:]))
        return got


class Port:
    """One access port and the wire to a subscriber behind it."""

    def __init__(self, subscriber, device, giaddr):
        self.name = device
        self.giaddr = giaddr
        self.wire = Wire(subscriber, "wan")
        self.mac = device_mac("bng", device)


def device_mac(namespace, device):
    with Namespace(namespace), socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        sock.bind((device, 0))
        return sock.getsockname()[4]


class World:
    """Client, relay agent and server; every send waits until the BNG has
    dealt with the packet."""

    def __init__(self):
        # one CPU, one queue: packets are dealt with in the order sent
        os.sched_setaffinity(0, {0})
        self.core = Wire("core", "core0")
        self.ports = {
            "sub1": Port("sub1", "acc0", "10.77.1.1"),
            "sub2": Port("sub2", "acc1.100", "10.77.2.1"),
            "sub3": Port("sub3", "acc2.100.7", "10.77.3.1"),
            "sub4": Port("sub4", "acc3", "10.77.4.1"),
        }
        self.bng_mac = device_mac("bng", "up0")
        with Namespace("bng"):
            self.genl = Family()
            self.relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.relay.bind(("", 67))
            self.marker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.marker.bind(("", MARKER))
            self.marker.settimeout(20)
        self.marks = 0
        self.xid = 0x1000
        self.carries(self.core, "up0")
        for port in self.ports.values():
            self.carries(port.wire, port.name)

    def roles(self, role="access"):
        for port in self.ports.values():
            self.genl.port_set(port.name, role=ROLE[role])

    def new_xid(self):
        self.xid += 1
        return self.xid

    def carries(self, wire, device):
        """Until frames sent now pass both ways: what is behind a link that has
        just come up takes notice of it some time later."""
        bng = Wire("bng", device)

        def passes(here, there):
            self.marks += 1
            # an EtherType for experiments (IEEE 802)
            frame = there.mac + here.mac + struct.pack("!HI42x", 0x88b5,
                                                       self.marks)
            here.send(frame)
            return frame in there.frames()

        for ends in ((wire, bng), (bng, wire)):
            if not wait_until(lambda: passes(*ends)):
                raise TimeoutError("no frames pass between %s and its wire" %
                                   device)

    def settle(self, wire, dst_mac, src, dst):
        """Until a packet sent now has passed the BNG's receive path."""
        self.marks += 1
        mark = b"mark %d" % self.marks
        wire.send(p.ether(dst_mac, wire.mac, p.ip(
            src, dst, p.udp(src, MARKER, dst, MARKER, mark))))
        while self.marker.recv(100) != mark:
            pass

    def upstream(self, sub, *packets, dst=None, src=None):
        """IP packets from a subscriber to the BNG."""
        port = self.ports[sub]
        for one in packets:
            port.wire.send(p.ether(dst or port.mac, src or port.wire.mac, one))
        net = port.giaddr.rsplit(".", 1)[0]
        self.settle(port.wire, port.mac, net + ".254", port.giaddr)

    def downstream(self, *packets):
        """IP packets from the core to the BNG or through it."""
        for one in packets:
            self.core.send(p.ether(self.bng_mac, self.core.mac, one))
        self.settle(self.core, self.bng_mac, CORE, BNG)

    def client(self, sub, message, src=None):
        """What a client without an address broadcasts."""
        self.upstream(sub, p.ip("0.0.0.0", "255.255.255.255", p.udp(
            "0.0.0.0", 68, "255.255.255.255", 67, message)),
            dst=p.BROADCAST, src=src)

    def relayed(self, message, server=CORE):
        """What the relay agent sends on."""
        self.relay.sendto(message, (server, 67))

    def heard(self):
        """What reached the relay agent's socket since the last call."""
        got = []
        while True:
            try:
                got.append(self.relay.recv(65536, socket.MSG_DONTWAIT))
            except BlockingIOError:
                return got

    def reply(self, message, giaddr, server=CORE, **udp):
        """What the server sends to the relay agent."""
        self.downstream(p.ip(server, giaddr, p.udp(
            server, 67, giaddr, 67, message, **udp)))

    def ask(self, sub, chaddr, xid, kind=p.REQUEST, extra=(), agent_info=b"",
            server=CORE, **fields):
        """A client's request, and the relay agent passing it on."""
        giaddr = self.ports[sub].giaddr
        area = list(extra)
        self.client(sub, p.dhcp(p.BOOTREQUEST, p.options(kind, *area),
                                xid=xid, chaddr=chaddr, **fields),
                    src=chaddr)
        if agent_info:
            area.append((82, agent_info))
        self.relayed(p.dhcp(p.BOOTREQUEST, p.options(kind, *area), xid=xid,
                            chaddr=chaddr, giaddr=giaddr, hops=1, **fields),
                     server)

    def answer(self, sub, chaddr, xid, address, kind=p.ACK, lease=600,
               extra=(), agent_info=b"", server=CORE, **fields):
        """The server's reply to it."""
        giaddr = self.ports[sub].giaddr
        area = [(54, server)]
        if lease is not None:
            area.append((51, lease))
        area += extra
        if agent_info:
            area.append((82, agent_info))
        self.reply(p.dhcp(p.BOOTREPLY, p.options(kind, *area), xid=xid,
                          chaddr=chaddr, yiaddr=address, giaddr=giaddr,
                          **fields), giaddr, server)

    def bind(self, sub, chaddr, address, **how):
        """A whole exchange that ends with the address bound."""
        xid = self.new_xid()
        self.ask(sub, chaddr, xid, agent_info=how.get("agent_info", b""))
        self.answer(sub, chaddr, xid, address, **how)
        return xid

    def renew(self, sub, chaddr, address, lease=600, server=CORE, xid=None,
              ask=True):
        """A unicast renewal, forwarded both ways."""
        xid = self.new_xid() if xid is None else xid
        if ask:
            self.upstream(sub, p.ip(address, server, p.udp(
                address, 68, server, 67, p.dhcp(
                    p.BOOTREQUEST, p.options(p.REQUEST), xid=xid,
                    chaddr=chaddr, ciaddr=address))))
        self.downstream(p.ip(server, address, p.udp(
            server, 67, address, 68, p.dhcp(
                p.BOOTREPLY, p.options(p.ACK, (54, server), (51, lease)),
                xid=xid, chaddr=chaddr, ciaddr=address, yiaddr=address))))
        return xid
