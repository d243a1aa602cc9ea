# SPDX-License-Identifier: GPL-2.0
"""The leaseglean family, driven byte by byte: unlike a library it can also
send what the contract forbids."""

import errno
import os
import socket
import struct

NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_DUMP = 1, 4, 0x200, 0x300
NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE = 1, 2, 3
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
SOL_NETLINK, NETLINK_EXT_ACK, NETLINK_ADD_MEMBERSHIP = 270, 11, 1
NLA_F_NESTED, NLA_TYPE_MASK = 0x8000, 0x3fff
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 0x10, 3

CMD = {name: n for n, name in enumerate((
    "lease-get", "lease-put", "lease-del", "lease-flush", "port-get",
    "port-set", "helper-set", "pending-get", "query-open", "server-set",
    "relay-get", "stats-get", "miss-ntf", "reply-ntf", "lease-ntf",
    "lease-del-ntf", "port-ntf", "relay-ntf", "spoof-ntf", "requestor-set",
    "answer-send", "request-ntf"), 1)}
LEASE = {name: n for n, name in enumerate((
    "addr", "vrf", "state", "origin", "htype", "hwaddr", "port", "port-name",
    "vlan", "giaddr", "server", "expires", "age", "agent-info", "client-id",
    "cookie", "pad", "pieces", "last-transaction"), 1)}
PORT = {name: n for n, name in enumerate((
    "ifindex", "ifname", "role", "budget-rate", "budget-burst", "pending",
    "negative", "active", "vrf", "arp", "verify", "match", "move",
    "max-leases", "exclude"), 1)}
PREFIX = {"addr": 1, "len": 2}
SPOOF = {name: n for n, name in enumerate((
    "addr", "vrf", "reason", "hwaddr", "port", "port-name", "vlan",
    "dropped"), 1)}
PENDING = {name: n for n, name in enumerate((
    "addr", "vrf", "port", "port-name", "cookie", "age", "packets", "pad",
    "payer"), 1)}
QUERY = {name: n for n, name in enumerate((
    "xid", "server", "giaddr", "timeout", "message"), 1)}
RELAY = {name: n for n, name in enumerate((
    "port", "port-name", "giaddr", "server"), 1)}
REQUESTOR = {name: n for n, name in enumerate(("addr", "giaddr", "type"), 1)}
REQUEST = {name: n for n, name in enumerate((
    "requestor", "server", "vrf", "message", "lease"), 1)}
COUNTER = {"name": 1, "value": 2}
STATE = {"active": 1, "unassigned": 2, "unknown": 3, "pending": 4}
ORIGIN = {"gleaned": 1, "leasequery": 2, "bulk": 3, "static": 4, "restored": 5}
ROLE = {"none": 0, "access": 1, "trusted": 2}
ARP = {"on": 0, "off": 1}
VERIFY = {"off": 0, "log": 1, "permissive": 2, "strict": 3}
MATCH = {"mac": 1, "port": 2, "vlan": 4}
MOVE = {"deny": 0, "query": 1, "accept": 2}
REASON = {name: n for n, name in enumerate((
    "no-lease", "negative", "source", "mac", "port", "vlan", "move"), 1)}

ADDRESSES = ("addr", "giaddr", "server", "requestor")
TEXTS = ("port-name", "ifname", "name")


class Refused(OSError):
    """An errno with what the kernel said beside it."""

    def __init__(self, number, message, offset):
        super().__init__(number, os.strerror(number))
        self.message = message
        self.offset = offset

    def __str__(self):
        return "%s: %s" % (errno.errorcode.get(self.errno), self.message)


def attr(kind, payload):
    """One attribute, padded."""
    raw = struct.pack("=HH", 4 + len(payload), kind) + payload
    return raw + b"\0" * (-len(raw) % 4)


def attrs(raw):
    """(type, payload) of each attribute."""
    while len(raw) >= 4:
        length, kind = struct.unpack_from("=HH", raw)
        if length < 4:
            break
        yield kind & NLA_TYPE_MASK, raw[4:length]
        raw = raw[(length + 3) & ~3:]


def encode(names, values):
    """Attributes out of a dictionary; addresses as text, the rest by type."""
    raw = b""
    for name, value in values.items():
        if name in ADDRESSES:
            payload = socket.inet_aton(value)
        elif isinstance(value, bytes):
            payload = value
        elif name in TEXTS:
            payload = value.encode() + b"\0"
        elif name in ("cookie", "value"):
            payload = struct.pack("=Q", value)
        elif name in ("htype", "len", "type"):
            payload = struct.pack("=B", value)
        elif name == "vlan":
            payload = struct.pack("=H", value)
        else:
            payload = struct.pack("=I", value)
        raw += attr(names[name], payload)
    return raw


def decode(names, raw):
    """The dictionary that encode would make it of; vlan and exclude, of
    prefixes as text, are lists."""
    by_number = {number: name for name, number in names.items()}
    values = {}
    for kind, payload in attrs(raw):
        name = by_number.get(kind, kind)
        if name in ADDRESSES:
            value = socket.inet_ntoa(payload)
        elif name in TEXTS:
            value = payload.rstrip(b"\0").decode()
        elif name in ("hwaddr", "agent-info", "client-id", "message"):
            value = payload
        elif name == "vlan":
            values.setdefault("vlan", []).append(
                int.from_bytes(payload, "little"))
            continue
        elif name == "exclude":
            prefix = decode(PREFIX, payload)
            values.setdefault("exclude", []).append(
                "%s/%d" % (prefix["addr"], prefix["len"]))
            continue
        else:
            value = int.from_bytes(payload, "little")
        values[name] = value
    return values


class Family:
    """One socket, in the network namespace it is made in."""

    def __init__(self, name="leaseglean"):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.settimeout(30)
        self.seq = 0
        self.noops = 0
        self.notes = []
        reply = self.raw(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                         attr(2, name.encode() + b"\0"))[0]
        family = dict(attrs(reply))
        self.id = int.from_bytes(family[1], "little")
        self.groups = {}
        for _, group in attrs(family.get(7, b"")):
            one = dict(attrs(group))
            self.groups[one[1].rstrip(b"\0").decode()] = \
                int.from_bytes(one[2], "little")

    def close(self):
        self.sock.close()

    def send(self, kind, command, payload, flags=0):
        """One message; no answer is read."""
        self.seq += 1
        body = struct.pack("=BBH", command, 1, 0) + payload
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                                   NLM_F_REQUEST | flags, self.seq, 0) + body)
        return self.seq

    def raw(self, kind, command, payload, flags=NLM_F_ACK):
        """Payloads of all answers to one request; Refused if it was."""
        seq = self.send(kind, command, payload, flags)
        answers = []
        while True:
            data = self.sock.recv(1 << 18)
            while data:
                length, what, nflags, nseq, _ = struct.unpack_from("=IHHII", data)
                body, data = data[16:length], data[(length + 3) & ~3:]
                if nseq != seq or (nseq == 0 and what > NLMSG_DONE):
                    self.notes.append(body)
                    continue
                if what in (NLMSG_ERROR, NLMSG_DONE):
                    self.refused(what, nflags, body)
                    return answers
                if what == NLMSG_NOOP:
                    self.noops += 1
                    continue
                answers.append(body[4:])

    @staticmethod
    def refused(what, flags, body):
        number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
        if number <= 0:
            return
        message, offset = "", None
        if flags & NLM_F_ACK_TLVS:
            skip = 4
            if what == NLMSG_ERROR:
                skip += 16 if flags & NLM_F_CAPPED else \
                    struct.unpack_from("=I", body, 4)[0]
            for kind, payload in attrs(body[(skip + 3) & ~3:]):
                if kind == 1:
                    message = payload.rstrip(b"\0").decode()
                elif kind == 2:
                    offset = int.from_bytes(payload, "little")
        raise Refused(number, message, offset)

    def do(self, command, payload=b"", flags=0):
        return self.raw(self.id, CMD[command], payload, NLM_F_ACK | flags)

    def dump(self, command, payload=b""):
        return self.raw(self.id, CMD[command], payload, NLM_F_DUMP)

    # the operations, by name

    def put(self, *leases, flags=0):
        self.do("lease-put", b"".join(
            attr(1 | NLA_F_NESTED, encode(LEASE, one)) for one in leases),
            flags)

    def get(self, addr, **key):
        return decode(LEASE, self.do(
            "lease-get", encode(LEASE, {"addr": addr, **key}))[0])

    def leases(self, **match):
        return [decode(LEASE, raw)
                for raw in self.dump("lease-get", encode(LEASE, match))]

    def delete(self, addr, **key):
        self.do("lease-del", encode(LEASE, {"addr": addr, **key}))

    def flush(self, **match):
        self.do("lease-flush", encode(LEASE, match))

    def port(self, ifname):
        return decode(PORT, self.do("port-get", encode(
            PORT, {"ifname": ifname}))[0])

    def ports(self):
        return [decode(PORT, raw) for raw in self.dump("port-get")]

    def port_set(self, ifname, exclude=(), **values):
        """exclude: prefixes as text; max_leases and the like with a dash"""
        payload = encode(PORT, {"ifname": ifname, **{
            name.replace("_", "-"): value for name, value in values.items()}})
        for prefix in exclude:
            addr, length = prefix.split("/")
            payload += attr(PORT["exclude"] | NLA_F_NESTED, encode(
                PREFIX, {"addr": addr, "len": int(length)}))
        self.do("port-set", payload)

    def helper(self):
        self.do("helper-set")

    def pending(self):
        return [decode(PENDING, raw) for raw in self.dump("pending-get")]

    def relays(self):
        return [decode(RELAY, raw) for raw in self.dump("relay-get")]

    def query(self, xid, server, giaddr, timeout=10):
        self.do("query-open", encode(QUERY, {
            "xid": xid, "server": server, "giaddr": giaddr,
            "timeout": timeout}))

    def requestors(self, *those):
        """Dictionaries of addr, giaddr and type."""
        self.do("requestor-set", b"".join(
            attr(1 | NLA_F_NESTED, encode(REQUESTOR, one)) for one in those))

    def answer(self, requestor, server, message):
        self.do("answer-send", encode(REQUEST, {
            "requestor": requestor, "server": server, "message": message}))

    def servers(self, *addresses):
        self.do("server-set", b"".join(
            attr(1, socket.inet_aton(one)) for one in addresses))

    def stats(self):
        counters = {}
        for raw in self.do("stats-get"):
            for _, one in attrs(raw):
                counter = decode(COUNTER, one)
                counters[counter["name"]] = counter["value"]
        return counters

    def join(self, group="events"):
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                             self.groups[group])

    def event(self, timeout=10):
        """(command, payload) of the next event or upcall; None if none comes.
        With 0 of those that are there already."""
        self.sock.settimeout(timeout)
        try:
            while not self.notes:
                data = self.sock.recv(1 << 18)
                while data:
                    length = struct.unpack_from("=I", data)[0]
                    self.notes.append(data[16:length])
                    data = data[(length + 3) & ~3:]
        except (TimeoutError, BlockingIOError):
            return None
        finally:
            self.sock.settimeout(30)
        body = self.notes.pop(0)
        command = next(name for name, n in CMD.items() if n == body[0])
        return command, body[4:]
