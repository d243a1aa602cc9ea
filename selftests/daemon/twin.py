#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What twin.sh sets up: a and b answer each other's leasequeries, and those of
a few hosts that are played here.

usage: twin.py DIRECTORY
"""

import hmac
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import packet as p
from genl import ORIGIN, Family
from world import Ktap, Namespace, Wire, counters, device_mac, table, wait_until

A, B, EAST = "198.18.0.1", "198.18.0.2", "198.18.1.1"
ASKS, STRANGE, DRAFT01, DRAFT00, SIGNS = ("198.18.1.%d" % n
                                          for n in (5, 6, 7, 8, 9))
# of b's subscribers: with a lease, one more of the same, none, not a's
LEASED, MORE, FREE, FOREIGN = ("10.77.1.10", "10.77.1.11", "10.77.1.12",
                               "10.77.2.9")
# of a's: of the operator's hand, and one that b alone knows
FIXED, OTHER = "10.77.1.20", "10.88.1.10"
MAC, THEIRS = p.mac("02:00:00:00:01:01"), p.mac("02:00:00:00:02:01")
ID = b"\x01" + MAC
REMOTE = b"\x00modm"
INFO = b"\x01\x04acc0\x02\x05" + REMOTE
FOREVER = b"\xff" * 4
R = 0x4000
KEY = b"a key of both"
# in which dialect the twins authenticate how
AUTH = {"rfc4388": "delayed", "draft-01": "token", "draft-00": "none"}
AGO = 4000            # seconds, of LEASED's last transaction
CLIENT_QUERIES = 100
# the daemon reads 256 queries in a turn, and the module looks at 2048 leases
AT_ONCE, MANY = 800, 9000
SO_RCVBUFFORCE = 33

DIALECTS = ("rfc4388", "draft-01", "draft-00")
# query, active, unassigned, unknown
TYPES = {"rfc4388": (10, 13, 11, 12), "draft-01": (13, 14, 14, 15),
         "draft-00": (13, 5, 5, 6)}

ktap = Ktap()


class Bng:
    """One of the twins and its daemon."""

    def __init__(self, name, here, twin, networks):
        self.name, self.here, self.twin = name, here, twin
        self.networks = networks
        self.path = os.path.join(sys.argv[1], name)
        os.makedirs(self.path + ".state")
        with Namespace(name):
            self.genl = Family()
            self.traffic = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.daemon = None

    def configure(self, dialect, answers=True, key=KEY, auth=None):
        auth = auth or AUTH[dialect]
        signed = {"none": [],
                  "token": ["auth = token", "auth-secret = %s" % key.hex()],
                  "delayed": ["auth = delayed", "auth-key-id = 7",
                              "auth-secret = %s" % key.hex()]}
        lines = ["[query]", "timeout-max = 1s", "tries = 20",
                 "[leasegleand]", "state-dir = %s.state" % self.path,
                 "giaddr = %s" % self.here, "control = %s.control" % self.path,
                 "[server %s]" % self.twin, "dialect = %s" % dialect,
                 *signed[auth], "[port acc0]", "role = access"]
        if answers:
            lines += ["[requestor %s]" % self.twin, "dialect = %s" % dialect,
                      *signed[auth], "[requestor %s]" % SIGNS,
                      *signed["delayed"], "[requestor %s]" % ASKS,
                      "[requestor %s]" % DRAFT01, "dialect = draft-01",
                      "[requestor %s]" % DRAFT00, "dialect = draft-00",
                      "[answer]", "networks = %s" % self.networks,
                      "client-queries = %d" % CLIENT_QUERIES]
        with open(self.path + ".conf", "w", encoding="ascii") as file:
            # there are secrets in it
            os.fchmod(file.fileno(), 0o600)
            file.write("\n".join(lines) + "\n")

    def said(self, text):
        with open(self.path + ".log", encoding="utf-8") as file:
            return file.read().count(text)

    def start(self):
        with Namespace(self.name), open(self.path + ".log", "w",
                                        encoding="utf-8") as log:
            self.daemon = subprocess.Popen(
                ["leasegleand", "-f", "-v", "-c", self.path + ".conf"],
                stdout=log, stderr=log)
        return wait_until(lambda: self.said("ready: helping"), 20)

    def reload(self):
        before = self.said("is in force")
        self.daemon.send_signal(signal.SIGHUP)
        return wait_until(lambda: self.said("is in force") > before, 20)

    def is_stopped(self):
        with open("/proc/%d/stat" % self.daemon.pid, encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"

    def stop(self):
        if self.daemon:
            self.daemon.send_signal(signal.SIGCONT)
            self.daemon.terminate()
            self.daemon.wait()

    def counter(self, name):
        """Of the daemon."""
        before = self.said(" answer_errors ")
        self.daemon.send_signal(signal.SIGUSR1)
        wait_until(lambda: self.said(" answer_errors ") > before, 20)
        with open(self.path + ".log", encoding="utf-8") as file:
            return [int(line.split()[-1]) for line in file
                    if line.split()[1:2] == [name]][-1]

    def query(self, *words):
        """What its servers say, by the command."""
        with Namespace(self.name):
            said = subprocess.run(
                ["leaseglean", "--control", self.path + ".control", "-j",
                 "query", *words], stdout=subprocess.PIPE, check=False)
        return json.loads(said.stdout or "{}")

    def row(self, address):
        for one in table("leases", self.name, address):
            if one["address"] == address:
                return one
        return None

    def state(self, address):
        return (self.row(address) or {}).get("state")

    def becomes(self, address, state):
        """By traffic of the other one to it."""
        return wait_until(lambda: self.state(address) == state, 20)


class Host:
    """A host that asks, at port 67 as all do that expect answers there."""

    def __init__(self, address):
        self.address = address
        with Namespace("stranger"):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind((address, 67))
        self.sock.settimeout(20)
        self.xid = struct.unpack("!I", socket.inet_aton(address))[0]
        self.said = b""

    def ask(self, kind, *extra, giaddr=None, sign=None, **fields):
        self.xid += 1
        message = p.dhcp(
            p.BOOTREQUEST, p.options(kind, *extra), xid=self.xid,
            giaddr=self.address if giaddr is None else giaddr,
            **{"htype": 0, **fields})
        self.said = sign(message) if sign else message
        self.again()

    def again(self):
        self.sock.sendto(self.said, (EAST, 67))

    def answer(self):
        """The answer to what was asked last: nothing else may come."""
        data, whence = self.sock.recvfrom(4096)
        got = p.parse(data)
        if (whence, got["xid"], got["giaddr"], got["op"], got["yiaddr"]) != (
                (EAST, 67), self.xid, self.address, p.BOOTREPLY, "0.0.0.0"):
            raise RuntimeError("%s from %s" % (got, whence))
        return got

    def heard(self):
        self.sock.setblocking(False)
        try:
            return p.parse(self.sock.recv(4096))
        except BlockingIOError:
            return None
        finally:
            self.sock.settimeout(20)


a = Bng("a", A, B, "10.77.1.0/24")
b = Bng("b", B, A, "10.88.0.0/16")
asks, strange, draft01, draft00, signs = (
    Host(one) for one in (ASKS, STRANGE, DRAFT01, DRAFT00, SIGNS))


def lease(address, origin="restored", **more):
    return {"addr": address, "hwaddr": MAC, "origin": ORIGIN[origin],
            "expires": 3600, "agent-info": INFO, "client-id": ID, **more}


def fill():
    a.genl.put(lease(LEASED, **{"last-transaction": AGO}), lease(MORE),
               {"addr": FIXED, "hwaddr": MAC, "origin": ORIGIN["static"]})
    b.genl.put(lease(OTHER, hwaddr=THEIRS, **{"client-id": b"\x01" + THEIRS}))


def both_start():
    for one in (a, b):
        one.configure(DIALECTS[0])
    ktap.check("both are ready and answer", a.start() and b.start() and
               wait_until(lambda: all(one.said("leasequeries of 5 requestors")
                                  for one in (a, b)), 20))
    fill()


def recovered(dialect):
    """b learns of its subscribers from a, and a of its own from b."""
    for address, state in ((LEASED, "active"), (FREE, "unassigned"),
                           (FOREIGN, "unknown")):
        a.traffic.sendto(b"x", (address, 9))
        ktap.check("%s: b learns that %s is %s" % (dialect, address, state),
                   b.becomes(address, state), b.row(address))
    got = b.row(LEASED) or {}
    ktap.equal("%s: with place, client and server" % dialect,
               [got.get(name) for name in (
                   "hwaddr", "port", "server", "origin", "circuit-id",
                   "client-id")],
               ["02:00:00:00:01:01", "acc0", A, "leasequery",
                b"acc0".hex(), ID.hex()])
    ktap.check("%s: and what is left of its time" % dialect,
               3500 < int(got.get("expires", 0)) <= 3600, got)
    ago = b.genl.get(LEASED).get("last-transaction")
    ktap.check("%s: and when a server last heard of the client, if it can say "
               "so" % dialect, ago is None if dialect == "draft-00" else
               AGO <= ago < AGO + 600, ago)
    b.traffic.sendto(b"x", (OTHER, 9))
    ktap.check("%s: a learns from b" % dialect, a.becomes(OTHER, "active"),
               a.row(OTHER))


def in_every_dialect():
    for dialect in DIALECTS:
        if dialect != DIALECTS[0]:
            for one in (a, b):
                one.configure(dialect)
            ktap.check("%s: by SIGHUP" % dialect, a.reload() and b.reload())
            a.genl.flush(origin=ORIGIN["leasequery"])
            b.genl.flush(origin=ORIGIN["leasequery"])
        recovered(dialect)


def signed(message, count, key=KEY, key_id=7):
    """With option 90 (RFC 3118, 5), and a hash that is not the daemon's."""
    option = struct.pack("!BBBBBQI", 90, 31, 1, 1, 0, count, key_id)
    message = message[:-1] + option + b"\0" * 16 + b"\xff"
    clear = message[:3] + b"\0" + message[4:24] + b"\0" * 4 + message[28:]
    return (message[:-17] + hmac.new(key, clear, "md5").digest() + b"\xff")


def altered(message):
    """To ask for another address."""
    return message[:15] + bytes((message[15] ^ 1,)) + message[16:]


def hash_of(message, info):
    """What option 90 of an answer says, and should."""
    at = message.index(b"\x5a\x1f\x01\x01\x00") + 17
    clear = bytearray(message)
    clear[3] = 0
    clear[24:28] = b"\0" * 4
    clear[at:at + 16] = b"\0" * 16
    clear = bytes(clear).replace(b"\x52" + bytes((len(info),)) + info, b"")
    return message[at:at + 16], hmac.new(KEY, clear, "md5").digest()


def authenticated():
    """By another implementation of it: what it signs is taken, and the other
    way round."""
    before = [a.counter(name) for name in ("asked_forged", "asked_replayed")]
    ask = {"ciaddr": LEASED}
    for sign in (None, lambda m: signed(m, 9, b"another key"),
                 lambda m: signed(m, 9, key_id=8),
                 lambda m: altered(signed(m, 9))):
        signs.ask(10, sign=sign, **ask)
    signs.ask(10, sign=lambda m: signed(m, 10), **ask)
    data = signs.sock.recv(4096)
    ktap.equal("who does not sign, or not so, gets no answer, and who does has "
               "one", p.parse(data)["xid"], signs.xid)
    ktap.equal("which has the lease, and is signed",
               (p.parse(data)["options"].get(82), *hash_of(data, INFO)),
               (INFO, *[hash_of(data, INFO)[1]] * 2))
    for count in (10, 9):
        signs.ask(10, sign=lambda m, n=count: signed(m, n), **ask)
    signs.ask(10, sign=lambda m: signed(m, 11), **ask)
    ktap.equal("what was heard before is not answered again",
               p.parse(signs.sock.recv(4096))["xid"], signs.xid)
    ktap.equal("and all of it is counted",
               [a.counter(name) - was for name, was in zip(
                   ("asked_forged", "asked_replayed"), before)], [4, 2])


def with_another_key():
    """Neither the query nor the answer of who has another one is taken."""
    for one in (a, b):
        one.configure(DIALECTS[0])
        one.reload()
    b.configure(DIALECTS[0], key=b"another key")
    before = a.counter("asked_forged")
    b.reload()
    b.genl.flush(origin=ORIGIN["leasequery"])
    a.traffic.sendto(b"x", (LEASED, 9))
    ktap.check("a query with another key is refused", wait_until(
        lambda: a.counter("asked_forged") > before, 20))
    a.configure(DIALECTS[0], auth="none")
    a.reload()
    ktap.check("and so is an answer without any", wait_until(
        lambda: b.counter("refused_auth"), 20))
    ktap.equal("nothing was learnt from it", (
        b.state(LEASED), bool(table("pending", "b", LEASED))), (None, True))
    for one in (a, b):
        one.configure(DIALECTS[0])
        one.reload()
    ktap.check("with the same it is", b.becomes(LEASED, "active"),
               b.row(LEASED))


def told(host, name, want, *options, **query):
    """Type, address, client and those options of the answer."""
    host.ask(*query.pop("ask"), **query)
    got = host.answer()
    ktap.equal(name, [got["type"], got["ciaddr"], got["chaddr"]] +
               [got["options"].get(code) for code in options], want)
    return got


def by_address():
    told(asks, "by address: all that is known, without option 55",
         [13, LEASED, MAC, socket.inet_aton(EAST), ID, INFO, None], 54, 61,
         82, 92, ask=(10,), ciaddr=LEASED)
    got = told(asks, "by address: when the client was heard of, too",
               [13, LEASED, MAC], ask=(10,), ciaddr=LEASED)
    ktap.check("by address: by whoever told of it", AGO <= int.from_bytes(
        got["options"].get(91, b""), "big") < AGO + 900, got)
    got = told(asks, "by address: what option 55 says, and no more",
               [13, LEASED, MAC, None, None], 61, 51,
               ask=(10, (55, b"\x52")), ciaddr=LEASED)
    ktap.equal("the relay agent's option is last, as it was",
               list(got["options"].items())[-1], (82, INFO))
    told(asks, "no lease, no client", [11, FREE, b"", None], 51,
         ask=(10,), ciaddr=FREE)
    told(asks, "not ours: no other option", [12, FOREIGN, b"", None], 54,
         ask=(10,), ciaddr=FOREIGN)
    told(draft00, "draft-00: a lease is an ACK with option 51",
         [5, LEASED, MAC, INFO], 82, ask=(13, (55, b"\x52")), ciaddr=LEASED)
    told(draft01, "draft-01: an address makes other keys nothing",
         [14, LEASED, MAC, INFO], 82, ask=(13, (61, b"\x01no")),
         ciaddr=LEASED, chaddr=b"\x02" * 6)


def refilled():
    """Each is a walk of the table, so many are allowed in a second."""
    time.sleep(1 / CLIENT_QUERIES)


def by_client():
    def both(got):
        raw = got["options"].get(92 if got["type"] == 13 else 161, b"")
        return {socket.inet_ntoa(raw[n:n + 4]) for n in range(0, len(raw), 4)}

    for host, kind, active, name in ((asks, 10, 13, "rfc4388"),
                                     (draft01, 13, 14, "draft-01")):
        for how, extra, fields in (
                ("hardware address", (), {"chaddr": MAC, "htype": 1}),
                ("client-id", ((61, ID),), {})):
            refilled()
            host.ask(kind, *extra, **fields)
            got = host.answer()
            want = {LEASED, MORE} if host is draft01 else \
                {LEASED, MORE, FIXED}
            if how == "client-id":
                want = {LEASED, MORE}
            ktap.equal("%s, by %s" % (name, how),
                       (got["type"], got["ciaddr"], both(got)),
                       (active, LEASED, want))
    refilled()
    told(asks, "of nobody known", [12, "0.0.0.0", b""],
         ask=(10,), chaddr=b"\x02" * 6, htype=1)
    refilled()
    told(draft01, "by both, which have to be of one client",
         [15, "0.0.0.0", b""], ask=(13, (61, b"\x01other")), chaddr=MAC,
         htype=1)


def by_remote_id():
    """RFC 6148: whom a relay agent has there, and b asks as well."""
    clients = {LEASED: MAC, MORE: MAC, OTHER: THEIRS}
    refilled()
    asks.ask(10, (82, b"\x02\x05" + REMOTE))
    got = asks.answer()
    raw = got["options"].get(92, b"")
    ktap.equal("by remote-id: one client, its place, and all addresses there", (
        got["type"], got["ciaddr"], got["chaddr"], got["options"].get(82),
        {socket.inet_ntoa(raw[n:n + 4]) for n in range(0, len(raw), 4)}),
               (13, socket.inet_ntoa(raw[:4]), clients.get(got["ciaddr"]), INFO,
                set(clients)))
    refilled()
    told(asks, "by that of nobody, which is said with it",
         [12, "0.0.0.0", b"", b"\x02\x04" + REMOTE[:4], None], 82, 54,
         ask=(10, (82, b"\x02\x04" + REMOTE[:4])))
    refilled()
    before = a.counter("asked_refused")
    asks.ask(10, (82, INFO))
    draft01.ask(13, (82, b"\x02\x05" + REMOTE))
    asks.ask(10, ciaddr=FREE)
    asks.answer()
    ktap.equal("by more of it, and in a dialect that has not this key: silence",
               (a.counter("asked_refused") - before, asks.heard(),
                draft01.heard()), (2, None, None))
    said = b.query("remote-id", REMOTE.hex())
    got = said.get("merged") or {}
    ktap.equal("and b asks a so", (
        said.get("verdict"), got.get("hwaddr"), got.get("remote_id"),
        set(*[one.get("associated") for one in said.get("servers", [])])),
               ("active", clients.get(got.get("address"), b"").hex(":"),
                REMOTE.hex(), set(clients)))
    ktap.equal("by one of nobody, too", b.query("remote-id", "00").get(
        "verdict"), "unknown")


def repeated():
    """Who says it again before he is answered is answered once."""
    for _ in range(3):
        refilled()
    before = a.counter("asked_repeated")
    a.daemon.send_signal(signal.SIGSTOP)
    wait_until(a.is_stopped, 20)
    asks.ask(10, chaddr=MAC, htype=1)
    asks.again()
    asks.again()
    a.daemon.send_signal(signal.SIGCONT)
    asks.answer()
    asks.ask(10, ciaddr=FREE)
    asks.answer()
    ktap.equal("what is asked again while it is looked for has one answer",
               (a.counter("asked_repeated") - before, asks.heard()), (2, None))


def while_it_walks():
    """Who asks by address does not wait for who asked by client before him,
    were it in more turns than it takes to read all of those at once."""
    for at in range(0, MANY, 500):
        a.genl.put(*(lease("10.90.%d.%d" % (n >> 8, n & 255), hwaddr=THEIRS)
                     for n in range(at, at + 500)))
    asks.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
    refilled()
    before = counters("a")["answer_asked"]
    a.daemon.send_signal(signal.SIGSTOP)
    ktap.check("it is stopped", wait_until(a.is_stopped, 20))
    asks.ask(10, chaddr=MAC, htype=1)
    first = asks.xid
    for _ in range(AT_ONCE):
        asks.ask(10, ciaddr=LEASED)
    ktap.equal("and has been asked, by client and then by address",
               counters("a")["answer_asked"] - before, 1 + AT_ONCE)
    a.daemon.send_signal(signal.SIGCONT)
    order = [p.parse(asks.sock.recv(4096))["xid"] for _ in range(1 + AT_ONCE)]
    ktap.equal("all by address are answered before that by client",
               (len(set(order)), order.index(first)), (1 + AT_ONCE, AT_ONCE))
    repeated()
    a.genl.flush(hwaddr=THEIRS, origin=ORIGIN["restored"])


def reserved():
    told(draft01, "draft-01: what is reserved is not told of",
         [15, FIXED, b""], ask=(13,), ciaddr=FIXED)
    got = told(draft01, "unless R asks for it", [14, FIXED, MAC, FOREVER], 51,
               ask=(13,), ciaddr=FIXED, flags=R)
    ktap.equal("and R says so", got["flags"], R)
    told(asks, "rfc4388 has no such thing", [13, FIXED, MAC, FOREVER], 51,
         ask=(10,), ciaddr=FIXED)


def silent(name, counter, asking):
    """No answer to anybody, for that reason; to the next question, one."""
    was = counters("a")[counter]
    asking()
    asks.ask(10, ciaddr=FREE)
    asks.answer()
    ktap.equal(name, (counters("a")[counter] - was,
                      [host.heard() for host in (asks, strange)]),
               (1, [None, None]))


def from_a_port():
    """A subscriber's frame, with a requestor's address."""
    wire = Wire("suba", "wan")
    wire.send(p.ether(device_mac("a", "acc0"), wire.mac, p.ip(
        ASKS, EAST, p.udp(ASKS, 67, EAST, 67, p.dhcp(
            p.BOOTREQUEST, p.options(10), xid=7, htype=0, giaddr=ASKS,
            ciaddr=LEASED)))))
    wait_until(lambda: counters("a")["query_from_access"], 20)


def nobody_else():
    silent("who is not listed", "answer_unlisted",
           lambda: strange.ask(10, ciaddr=LEASED))
    silent("who is not, with the giaddr of one who is", "answer_unlisted",
           lambda: strange.ask(10, ciaddr=LEASED, giaddr=ASKS))
    silent("who is, with another's giaddr", "answer_giaddr",
           lambda: asks.ask(10, ciaddr=LEASED, giaddr=STRANGE))
    silent("who is, with none", "answer_giaddr",
           lambda: asks.ask(10, ciaddr=LEASED, giaddr="0.0.0.0"))
    silent("who speaks another dialect", "answer_type",
           lambda: asks.ask(13, ciaddr=LEASED))
    silent("a subscriber, with the address of one who is",
           "query_from_access", from_a_port)
    before = a.counter("asked_refused")
    asks.ask(10, ciaddr=LEASED, chaddr=MAC, htype=1)
    asks.ask(10)
    draft00.ask(13, chaddr=MAC, htype=1)
    asks.ask(10, ciaddr=FREE)
    asks.answer()
    ktap.equal("two keys, no key, a key that the dialect has not",
               (a.counter("asked_refused") - before, asks.heard(),
                draft00.heard()), (3, None, None))


def while_it_asks():
    """What a itself waits for is neither there nor not."""
    b.daemon.send_signal(signal.SIGSTOP)
    a.genl.flush(origin=ORIGIN["leasequery"])
    b.traffic.sendto(b"x", (OTHER, 9))
    wait_until(lambda: table("pending", "a", OTHER), 20)
    asks.ask(10, ciaddr=OTHER)
    asks.ask(10, ciaddr=FREE)
    asks.answer()
    ktap.equal("while it asks itself there is no answer",
               (bool(table("pending", "a", OTHER)), asks.heard(),
                a.counter("asked_pending")), (True, None, 1))
    b.daemon.send_signal(signal.SIGCONT)
    ktap.check("it has one then", a.becomes(OTHER, "active"), a.row(OTHER))
    told(asks, "and gives it", [13, OTHER, THEIRS, INFO], 82, ask=(10,),
         ciaddr=OTHER)


def until_told_not_to():
    a.configure(DIALECTS[0], answers=False)
    a.reload()
    was = counters("a")
    asks.ask(10, ciaddr=LEASED)
    a.traffic.sendto(b"x", (ASKS, 67))
    mark = asks.sock.recv(4096)
    ktap.equal("nothing is answered that is not configured",
               (mark, counters("a")["answer_asked"] - was["answer_asked"]),
               (b"x", 0))


try:
    ktap.run((both_start, in_every_dialect, authenticated, with_another_key,
              by_address, by_client, by_remote_id, while_it_walks, reserved,
              nobody_else, while_it_asks, until_told_not_to))
finally:
    for bng in (a, b):
        bng.stop()
if ktap.failed:
    for bng in (a, b):
        print("".join("# %s: %s" % (bng.name, line) for line in open(
            bng.path + ".log", encoding="utf-8").readlines()[-12:]))
ktap.end()
