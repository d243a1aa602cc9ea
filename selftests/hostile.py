#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The attacks of hostile.sh. The attacker is sub5, who shares acc3 and the
bridge of an access node with sub4. The helper is a real one; the test is the
relay agent, and the server in both of its parts.

usage: hostile.py HELPER-LOG HELPER-PID [CASE...]
"""

import os
import random
import signal
import sys
import time

import packet as p
from flood import Flood, Server, Stream, outlet, scan
from genl import ARP, MOVE, ORIGIN, STATE, VERIFY
from world import (BNG, CORE, Counted, Ktap, Wire, World, counters,
                   device_mac, read_in, row, table, wait_until)

HELPER_LOG, HELPER_PID = sys.argv[1], int(sys.argv[2])
SLOW = os.environ.get("LG_KERNEL", "uml") not in ("uml", "uml-bench")
# Seconds that a flood lasts
LASTS = 1.5
VICTIMS = range(10, 18 if SLOW else 26)
LOST = range(100, 130)
RATE, BURST = 50, 100
CAPS = {"pending": 900, "negative": 4000}
EXCHANGES = 600
# What two looks at the system's memory may differ by, in KB: KASAN keeps
# what was freed, and slabs are not given back at once.
MEMORY = 64 << 10
LINES = 5
LEASE_TIME = 3000

ktap = Ktap()
world = World()
genl = world.genl
server = Server()
attacker = Wire("sub5", "wan")
out = {"sub5": outlet("sub5", "wan"), "core": outlet("core", "core0")}
acc3_mac = device_mac("bng", "acc3")
EVIL = attacker.mac
LIVE = {"10.77.1.2": "sub1", "10.77.2.2": "sub2", "10.77.4.2": "sub4"}
stream = Stream(list(LIVE), 0.05 if SLOW else 0.02)
random.seed(3)


def diag(text):
    print("# " + text, flush=True)


def victim_mac(net, host):
    return bytes((2, 0, 0, 1, net, host))


def agent_info(net):
    """What the relay agent puts in for a port."""
    name = world.ports["sub%d" % net].name.encode()
    return p.option(1, name) + p.option(2, b"line of " + name)


def known(net, mac, address):
    """The server has a lease of this address."""
    server.known[address] = (mac, agent_info(net),
                             time.monotonic() + LEASE_TIME)


def bind(net, mac, address):
    """A lease that the server knows of, too."""
    world.bind("sub%d" % net, mac, address, lease=LEASE_TIME,
               agent_info=agent_info(net))
    known(net, mac, address)


def victims(net):
    """(hardware address, address) of those leased on a port."""
    return [(victim_mac(net, host), "10.77.%d.%d" % (net, host))
            for host in VICTIMS]


# ---- measuring -------------------------------------------------------------

def leases():
    """All active rows, with the second of boottime at which each ends."""
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    found = {}
    for one in table():
        if one["state"] != "active":
            continue
        # a server that is asked may say that all is as it was
        del one["origin"]
        ends = one.pop("expires")
        found[one["address"], one["vrf"]] = (
            one, None if ends == "never" else now + int(ends))
    return found


def changes(before, after, mine):
    """What became of others' leases: lines, none when nothing did."""
    said = []
    for key, (old, ends) in before.items():
        new, new_ends = after.get(key, (None, None))
        if new is None:
            said.append("lost: %s" % old)
        elif new != old:
            said.append("was %s, is %s" % (old, new))
        elif ends and abs(new_ends - ends) > 5:
            said.append("ends %d s later: %s" % (new_ends - ends, new))
    for key, (new, _) in after.items():
        if key not in before and key[0] not in mine:
            said.append("created: %s" % new)
    return said


class KernelLog:
    """What the kernel says from now on, without a process to ask."""

    def __init__(self):
        self.log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.log, 0, os.SEEK_END)

    def take(self):
        """Lines since the last call."""
        lines = []
        while True:
            try:
                lines.append(os.read(self.log, 8192).decode(errors="replace"))
            except BrokenPipeError:
                lines.append("so many that some are lost")
            except BlockingIOError:
                return lines


def helper_lines():
    with open(HELPER_LOG, encoding="ascii") as log:
        return log.read().count("\n")


def available():
    """KB"""
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1])
    raise RuntimeError("no MemAvailable")


def exchanges():
    """How many are open."""
    now = counters()
    return now["exchange_new"] - now["exchange_expired"] - \
        now["exchange_cap_port"] - now["exchange_cap_net"]


def core_drops():
    """Datagrams that a full socket of the core cost: queries not counted."""
    text = read_in("core", "/proc/net/snmp")
    names, values = [line.split() for line in text.splitlines()
                     if line.startswith("Udp:")]
    return int(values[names.index("RcvbufErrors")])


kernel_log = KernelLog()


class Attack:
    """with Attack(name) as attack: what must hold of everyone else while
    the body lasts. mine: addresses that the body itself leases; budget:
    (rate, burst) of ports that may have servers asked."""

    def __init__(self, name, mine=(), budget=(), asked=0):
        self.name, self.mine, self.asked = name, mine, asked
        self.rate = sum(rate for rate, _ in budget)
        self.burst = sum(burst for _, burst in budget)
        self.notes = []

    def note(self, text):
        self.notes.append(str(text))

    def __enter__(self):
        stream.take()
        self.leases = leases()
        kernel_log.take()
        self.helper_lines = helper_lines()
        self.available = available()
        self.queries, self.drops = len(server.asked), core_drops()
        self.foreign = server.foreign
        self.counted = Counted()
        self.counted.__enter__()
        self.began = time.monotonic()
        return self

    def check(self, text, holds, detail=""):
        ktap.check("%s: %s" % (self.name, text), holds, detail)

    def __exit__(self, kind, error, _):
        world.settle(world.core, world.bng_mac, CORE, BNG)
        seconds = time.monotonic() - self.began
        count, slowest = stream.take()
        self.counted.__exit__()
        queries = len(server.asked) - self.queries
        allowed = self.asked + self.burst + int(self.rate * (seconds + 1))
        kernel = kernel_log.take()
        lines = len(kernel), helper_lines() - self.helper_lines
        memory = self.available - available()
        stats = counters()
        diag("%s: %.1f s; %s" % (self.name, seconds, "; ".join(self.notes)))
        diag("  counted: %s" % self.counted)
        diag("  %d queries, %d allowed, %d by others; active %d, negative %d, pending %d, "
             "exchanges %d; memory %+d KB; log %d + %d lines" % (
                 queries, allowed, server.foreign - self.foreign,
                 stats["active"], stats["negative"],
                 stats["pending"], exchanges(), -memory, *lines))
        if lines[0] > LINES:
            diag("  " + "#   ".join(kernel[-3:]))
        diag("  echoes sent, answered: %s; slowest %.0f ms" % (
            count, slowest * 1000))
        if kind:
            return False
        said = changes(self.leases, leases(), self.mine)
        self.check("no lease of another is created, moved or lost", not said,
                   "\n".join(said[:10]))
        self.check("queries stay within the budget",
                   queries <= allowed and core_drops() == self.drops,
                   "%d, not %d" % (queries, allowed))
        self.check("others lose no packet", all(
            sent == answered and sent for sent, answered in count.values()),
            count)
        self.check("memory stays under the caps",
                   all(stats[one] <= cap for one, cap in CAPS.items()) and
                   exchanges() <= EXCHANGES and memory < MEMORY,
                   "%d KB less, %s" % (memory, stats))
        self.check("the logs stay quiet", max(lines) <= LINES, lines)
        return False


def lost_answered_for(lost, seconds=30):
    """One packet to each subscriber that the table lost: how many of them
    are back, and after how long."""
    began = time.monotonic()
    world.downstream(*[p.ip(CORE, address, p.udp(CORE, 9, address, 9, b""))
                       for address in lost])

    def back():
        active = {one["address"] for one in table()
                  if one["state"] == "active"}
        return set(lost) <= active

    wait_until(back, seconds)
    active = {one["address"] for one in table() if one["state"] == "active"}
    return len(set(lost) & active), time.monotonic() - began


def lose(net):
    """Subscribers that the server knows, and the table does not."""
    lost = ["10.77.%d.%d" % (net, host) for host in LOST]
    for address, host in zip(lost, LOST):
        if row(address):
            genl.delete(address)
        known(net, victim_mac(net, host), address)
    return lost


budgets = {}


def full_budget(device):
    """A port's budget, full again: a changed one is."""
    rate = RATE + budgets.get(device, 0) % 2
    budgets[device] = rate - RATE + 1
    genl.port_set(device, role=1, budget_rate=rate, budget_burst=BURST)
    return (rate, BURST)


def quiet():
    """Until servers are asked no more of what was flooded."""
    def still():
        asked = len(server.asked)
        time.sleep(0.5)
        return asked == len(server.asked)

    wait_until(still)


def forget():
    """What a scan left: free addresses and those that no cap let in."""
    genl.flush(state=STATE["unassigned"])
    genl.flush(state=STATE["pending"])


# ---- frames ----------------------------------------------------------------

def broadcast(message, src=None, address="0.0.0.0"):
    """What a client of sub5's line broadcasts."""
    return p.ether(p.BROADCAST, src or EVIL, p.ip(
        address, "255.255.255.255", p.udp(
            address, 68, "255.255.255.255", 67, message)))


def unicast(src_ip, sport, dst_ip, dport, message, src=None):
    """What sub5 sends to or through the BNG."""
    return p.ether(acc3_mac, src or EVIL, p.ip(
        src_ip, dst_ip, p.udp(src_ip, sport, dst_ip, dport, message)))


def evil(*frames):
    """Sends them one by one; the BNG has seen them when it returns."""
    for frame in frames:
        attacker.send(frame)
    world.settle(attacker, acc3_mac, "10.77.4.254", "10.77.4.1")


def ack(chaddr, address, xid, giaddr="0.0.0.0", kind=p.ACK, **fields):
    return p.dhcp(p.BOOTREPLY, p.options(kind, (54, CORE), (51, 99)),
                  xid=xid, chaddr=chaddr, yiaddr=address, giaddr=giaddr,
                  **fields)


# ---- the attacks -----------------------------------------------------------

def set_up():
    for net in (1, 2, 3, 4):
        for mac, address in victims(net):
            bind(net, mac, address)
    for address, sub in LIVE.items():
        bind(int(sub[3:]), device_mac(sub, "wan"), address)
    bind(4, EVIL, "10.77.4.3")
    # the addresses that the World settles by are nobody's
    for sub, port in world.ports.items():
        address = port.giaddr.rsplit(".", 1)[0] + ".254"
        genl.put({"addr": address, "hwaddr": port.wire.mac,
                  "port": genl.port(port.name)["ifindex"],
                  "origin": ORIGIN["static"]})
    genl.put({"addr": "10.77.4.254", "hwaddr": EVIL,
              "port": genl.port("acc3")["ifindex"],
              "origin": ORIGIN["static"]})
    for port in world.ports.values():
        full_budget(port.name)
    server.start()
    stream.start()
    # a server that never answered is asked slowly
    ktap.equal("a lost subscriber is answered for",
               lost_answered_for(lose(1)[:1])[0], 1)
    ktap.check("the live ones answer", wait_until(
        lambda: all(sent == answered and sent for sent, answered in
                    stream.take()[0].values())))


def spoofed_acks():
    """ACKs of every shape while a victim awaits his, and for all leases."""
    mac, address = victim_mac(2, 60), "10.77.2.60"
    xid = world.new_xid()
    with Attack("spoofed ACKs", mine=[address]) as attack:
        world.ask("sub2", mac, xid)
        frames = []
        for net in (1, 2, 3, 4):
            giaddr = "10.77.%d.1" % net
            for chaddr, lease in victims(net):
                one = ack(chaddr, "10.77.2.66", xid, giaddr)
                other = ack(EVIL, lease, random.getrandbits(32), giaddr)
                for src in (CORE, giaddr, "10.77.4.3"):
                    frames += [
                        unicast(src, 67, giaddr, 67, one),
                        unicast(src, 67, giaddr, 67, other),
                        unicast(src, 67, lease, 68, one),
                        unicast(src, 67, "255.255.255.255", 68, other)]
        for giaddr in ("10.77.2.1", "10.77.4.1"):
            frames += [unicast(CORE, 67, giaddr, 67, ack(
                mac, "10.77.2.%d" % host, xid, giaddr, kind))
                for host in range(61, 99) for kind in (p.ACK, p.NAK)]
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS)
            world.answer("sub2", mac, xid, address)
        attack.note(flood)
    attack.check("all are refused as an access port's",
                 attack.counted["reply_from_access"] > 0 and
                 attack.counted["glean_bound"] == 1, attack.counted)
    ktap.equal("spoofed ACKs: the victim has what the server gave him",
               (row(address) or {}).get("hwaddr"), mac.hex(":"))


def helper_counters():
    """Those of the helper."""
    def said():
        with open(HELPER_LOG, encoding="ascii") as log:
            return log.read().split("\n")

    before = sum(" overruns " in line for line in said())
    os.kill(HELPER_PID, signal.SIGUSR1)
    wait_until(lambda: sum(" overruns " in line for line in said()) > before)
    # the last line may not be whole yet
    found = {}
    for line in said()[:-1]:
        words = line.split()
        if len(words) == 3 and words[2].isdigit():
            found[words[1]] = int(words[2])
    return found


OTHER_SERVER = "198.18.0.99"


def leasequery_reply(query, **fields):
    """A right answer, that names EVIL, or one with fields changed."""
    how = dict(op=p.BOOTREPLY, kind=p.ACTIVE, xid=query["xid"], chaddr=EVIL,
               ciaddr=query["ciaddr"], giaddr=query["giaddr"])
    rest, cut = fields.pop("rest", [(51, 600)]), fields.pop("cut", None)
    how.update(fields)
    return p.dhcp(how.pop("op"), p.options(how.pop("kind"), *rest),
                  **how)[:cut]


def from_core(query, message, src=CORE, sport=67, dst=None, dport=67, **udp):
    dst = dst or query["giaddr"]
    world.downstream(p.ip(src, dst, p.udp(src, sport, dst, dport, message,
                                          **udp)))


WRONG = [("%s is wrong" % name, wrong) for name, wrong in (
    ("xid", dict(xid=0x12345678)),
    ("op", dict(op=p.BOOTREQUEST)),
    ("ciaddr, another's,", dict(ciaddr="10.77.2.10")),
    ("ciaddr, none,", dict(ciaddr="0.0.0.0")),
    ("yiaddr", dict(yiaddr="10.77.2.10")),
    ("giaddr, another port's,", dict(giaddr="10.77.4.1")),
    ("giaddr, none,", dict(giaddr="0.0.0.0")),
    ("htype 0", dict(htype=0)),
    ("hlen 0", dict(hlen=0)),
    ("hlen 5", dict(hlen=5)),
    ("hlen 16", dict(hlen=16)),
    ("hlen 17", dict(hlen=17)),
    ("chaddr, none,", dict(chaddr=bytes(6))),
    ("chaddr, a group,", dict(chaddr=b"\1" + EVIL[1:])),
    ("the magic cookie", dict(cookie=b"\x63\x82\x53\x62")),
    ("no magic cookie", dict(cookie=b"")),
    ("type ACK", dict(kind=p.ACK)),
    ("no type", dict(kind=None)),
    ("the type, given twice,", dict(rest=[(53, bytes((p.ACTIVE,))),
                                          (51, 600)])),
    ("type BULK", dict(kind=14)),
    ("no lease time", dict(rest=[])),
    ("lease time 0", dict(rest=[(51, 0)])),
    ("lease time of 3 bytes", dict(rest=[bytes((51, 3, 1, 1, 1))])),
    ("an option past the end", dict(rest=[(51, 600), bytes((82, 200, 1))])),
)] + [("cut to %d bytes" % size, dict(cut=size)) for size in
      (0, 27, 43, 235, 240, 244)]


def leasequery_replies():
    """Each forged answer, then the right one, which must be the one that
    counts; the answers are read in the order they come."""
    address, mac = "10.77.2.200", victim_mac(2, 200)
    server.silent.add(address)
    full_budget("acc1.100")
    with Attack("spoofed leasequery replies", mine=[address],
                asked=3 * len(WRONG) + 40) as attack:
        def tried(name, forge):
            if row(address):
                genl.delete(address)
            asked = len(server.asked)
            world.downstream(p.ip(CORE, address, p.udp(
                CORE, 9, address, 9, b"")))
            query = wait_until(lambda: server.asked[asked:] and
                               server.query_of(address))
            if not query:
                return "%s: nothing was asked" % name
            world.heard()
            forge(query)
            if any(p.parse(one)["type"] > 9 and one[0] == p.BOOTREPLY
                   for one in world.heard() if len(one) > 243):
                return "%s: it reached the relay agent" % name
            from_core(query, leasequery_reply(query, chaddr=mac))
            entry = wait_until(lambda: (row(address) or {}).get(
                "state") not in (None, "pending") and row(address), 10)
            if not entry or entry["hwaddr"] != mac.hex(":"):
                return "%s: %s" % (name, entry)
            return None

        def field(wrong):
            return lambda query: from_core(query, leasequery_reply(
                query, **wrong))

        def access(src):
            return lambda query: evil(unicast(
                src, 67, query["giaddr"], 67, leasequery_reply(query)))

        attempts = [(name, field(wrong)) for name, wrong in WRONG] + [
            ("source address not asked", lambda q: from_core(
                q, leasequery_reply(q), src=OTHER_SERVER)),
            ("source port 68", lambda q: from_core(
                q, leasequery_reply(q), sport=68)),
            ("source port 6767", lambda q: from_core(
                q, leasequery_reply(q), sport=6767)),
            ("destination port 68", lambda q: from_core(
                q, leasequery_reply(q), dport=68)),
            ("UDP checksum", lambda q: from_core(
                q, leasequery_reply(q), check=0x1234)),
            ("UDP length past the packet", lambda q: from_core(
                q, leasequery_reply(q), length=2000)),
            ("UDP length that cuts the options", lambda q: from_core(
                q, leasequery_reply(q), length=8 + 240, check=0)),
            ("UDP length of 7", lambda q: from_core(
                q, leasequery_reply(q), length=7, check=0)),
            ("destination another of our addresses", lambda q: from_core(
                q, leasequery_reply(q), dst="10.77.4.1")),
            ("destination the core's side", lambda q: from_core(
                q, leasequery_reply(q), dst=BNG)),
            ("from an access port, as the server", access(CORE)),
            ("from an access port", access("10.77.4.3")),
        ]
        failures = [said for said in (
            tried(*attempt) for attempt in attempts) if said]
        attack.note("%d forged answers believed of %d" % (
            len(failures), len(attempts)))
        query = server.query_of(address)
        # the first answer counts: what comes after it is late
        before = helper_counters()
        for forged in (dict(), dict(kind=p.UNASSIGNED), dict(rest=[(51, 1)])):
            from_core(query, leasequery_reply(query, **forged))
        late = wait_until(lambda: helper_counters()["refused_xid"] -
                          before["refused_xid"] == 3)
        attack.helper_lines = helper_lines()
    ktap.check("of %d forged answers none is believed" % len(attempts),
               not failures, "\n".join(failures))
    ktap.check("second answers after the first change nothing",
               late and row(address)["hwaddr"] == mac.hex(":"), row(address))
    genl.delete(address)


def release_and_decline():
    """For every lease on every port, from where its client is not."""
    with Attack("forged RELEASE and DECLINE") as attack:
        frames, count = [], 0
        for net in (1, 2, 3, 4):
            for mac, address in victims(net) + [
                    (world.ports["sub%d" % net].wire.mac,
                     "10.77.%d.2" % net)]:
                for src in {EVIL} if net == 4 else {EVIL, mac}:
                    release = p.dhcp(
                        p.BOOTREQUEST, p.options(p.RELEASE, (54, CORE)),
                        xid=world.new_xid(), chaddr=mac, ciaddr=address)
                    decline = p.dhcp(
                        p.BOOTREQUEST, p.options(p.DECLINE, (50, address),
                                                 (54, CORE)),
                        xid=world.new_xid(), chaddr=mac)
                    frames += [
                        unicast(address, 68, CORE, 67, release, src),
                        unicast("10.77.4.3", 68, CORE, 67, release, src),
                        unicast(address, 68, "10.77.%d.1" % net, 67, release,
                                src),
                        broadcast(decline, src)]
                    count += 1
        # with his own chaddr it is not a neighbour's address that ends
        for net in (1, 2, 3, 4):
            for _, address in victims(net):
                frames.append(broadcast(p.dhcp(
                    p.BOOTREQUEST, p.options(p.DECLINE, (50, address)),
                    xid=world.new_xid(), chaddr=EVIL)))
        evil(*frames)
        attack.note("%d frames" % len(frames))
    ended = attack.counted["glean_released"] + \
        attack.counted["glean_declined"]
    refused = attack.counted["release_mismatch"] + \
        attack.counted["decline_mismatch"]
    attack.check("all are refused and counted",
                 (ended, refused) == (0, len(frames)), attack.counted)


def in_a_neighbours_name():
    """RELEASE and DECLINE with his hardware address, as frame source too,
    from the port that he shares: nothing tells them from his own. The server
    gets them as well, for which his lease is over too."""
    mac = victim_mac(4, 62)
    core = Wire("core", "core0")
    with Attack("RELEASE and DECLINE in a neighbour's name",
                mine=["10.77.4.62"]) as attack:
        for name, counter, forge in (
                ("RELEASE", "glean_released", lambda: unicast(
                    "10.77.4.62", 68, CORE, 67, p.dhcp(
                        p.BOOTREQUEST, p.options(p.RELEASE, (54, CORE)),
                        xid=0x62, chaddr=mac, ciaddr="10.77.4.62"), mac)),
                ("DECLINE", "glean_declined", lambda: broadcast(p.dhcp(
                    p.BOOTREQUEST, p.options(p.DECLINE, (50, "10.77.4.62"),
                                             (54, CORE)),
                    xid=0x62, chaddr=mac), mac))):
            bind(4, mac, "10.77.4.62")
            bound = row("10.77.4.62")
            world.heard()
            core.frames()
            with Counted() as c:
                evil(forge())
                world.downstream()
            told = [one["xid"] for one in core.dhcp()] + [
                p.parse(one)["xid"] for one in world.heard()]
            attack.check("a %s ends the lease, which the server hears of" %
                         name, bound and row("10.77.4.62") is None and
                         c[counter] == 1 and told == [0x62], "%s %s, %s" % (
                             bound, told, c))


def whole_net(flood):
    """Of a slow machine time is measured, not packets."""
    if SLOW:
        time.sleep(LASTS)
    else:
        wait_until(lambda: flood.sent >= flood.burst.count or flood.error, 120)


def check_whole(attack, flood):
    """How far it came a slow machine has only noted, see scanned()."""
    if not SLOW:
        attack.check("every address of the net was sent to",
                     flood.sent >= flood.burst.count == 65534, flood)


def scanned(flood):
    return "%s, %d %% of the net" % (flood, min(100, flood.sent * 100 //
                                                flood.burst.count))


def scan_down():
    """From the core to all of a /16 behind acc0; subscribers behind another
    port are missing meanwhile."""
    lost = lose(2)
    full_budget("acc1.100")
    genl.port_set("acc0", arp=ARP["off"])
    frames = scan(world.bng_mac, world.core.mac, CORE, "10.88")
    with Attack("a /16 scanned from the core", mine=lost, asked=len(lost),
                budget=[full_budget("acc0")]) as attack:
        with Flood(out["core"], frames) as flood:
            time.sleep(LASTS)
            back, seconds = lost_answered_for(lost)
            whole_net(flood)
        quiet()
        attack.note(scanned(flood))
        attack.note("%d of %d missing behind another port are back, "
                    "in %.1f s" % (back, len(lost), seconds))
    check_whole(attack, flood)
    attack.check("those of another port are answered for",
                 back == len(lost), "%d of %d" % (back, len(lost)))
    attack.check("most of it raises nothing",
                 attack.counted["miss_budget_port"] > 0, attack.counted)
    forget()


def scan_up():
    """From sub5 to all of a /16 behind acc0, with acc0's own subscribers
    missing meanwhile."""
    lost, near = lose(2), lose(1)
    frames = scan(acc3_mac, EVIL, "10.77.4.3", "10.88")
    full_budget("acc0")
    full_budget("acc1.100")
    with Attack("a /16 scanned by a subscriber", mine=lost + near,
                asked=len(lost + near),
                budget=[full_budget("acc3")]) as attack:
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS)
            back, seconds = lost_answered_for(lost)
            near_back, near_seconds = lost_answered_for(near, 5)
            whole_net(flood)
        quiet()
        attack.note(scanned(flood))
        attack.note("%d of %d missing behind another port are back, "
                    "in %.1f s" % (back, len(lost), seconds))
        attack.note("%d of %d missing behind the port scanned are back, "
                    "in %.1f s" % (near_back, len(near), near_seconds))
    check_whole(attack, flood)
    attack.check("those of another port are answered for",
                 back == len(lost), "%d of %d" % (back, len(lost)))
    attack.check("those of the port scanned are answered for",
                 near_back == len(near), "%d of %d" % (near_back, len(near)))
    forget()
    genl.port_set("acc0", arp=ARP["on"])


def scan_of_silence():
    """As scan_down(), of addresses that the server never answers for."""
    lost = lose(2)
    full_budget("acc1.100")
    frames = scan(world.bng_mac, world.core.mac, CORE, "10.88")
    server.silent_net = "10.88."
    genl.port_set("acc0", arp=ARP["off"])
    with Attack("a /16 that the server is silent of", mine=lost,
                asked=len(lost), budget=[full_budget("acc0")]) as attack:
        with Flood(out["core"], frames) as flood:
            # pending entries are to reach their cap; the longer the silence
            # the later is each asked for again
            time.sleep(2 * LASTS)
            back, seconds = lost_answered_for(lost)
            whole_net(flood)
        attack.note(scanned(flood))
        attack.note("%d of %d missing behind another port are back, "
                    "in %.1f s" % (back, len(lost), seconds))
    check_whole(attack, flood)
    attack.check("those of another port are answered for",
                 back == len(lost), "%d of %d" % (back, len(lost)))
    server.silent_net = None
    attack.check("once it speaks, all that waited is answered for",
                 wait_until(lambda: counters()["pending"] == 0), "%d pending" %
                 counters()["pending"])
    forget()
    genl.port_set("acc0", arp=ARP["on"])


def dhcp_flood():
    """Random clients by the thousand; others lease addresses meanwhile."""
    frames = []
    for _ in range(2048):
        chaddr = b"\2" + random.randbytes(5)
        frames.append(broadcast(p.dhcp(
            p.BOOTREQUEST, p.options(random.choice(
                (p.DISCOVER, p.REQUEST, p.INFORM))),
            xid=random.getrandbits(32), chaddr=chaddr), chaddr))
    macs = [(victim_mac(2, host), "10.77.2.%d" % host)
            for host in range(40, 46)]
    bound = 0
    with Attack("a flood of random clients",
                mine=[address for _, address in macs]) as attack:
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS)
            began = time.monotonic()
            for mac, address in macs:
                bind(2, mac, address)
                bound += (row(address) or {}).get("hwaddr") == mac.hex(":")
            seconds = time.monotonic() - began
        attack.note(flood)
        attack.note("%d of %d on another port bound in %.1f s" % (
            bound, len(macs), seconds))
    world.heard()
    attack.check("others lease addresses all the while", bound == len(macs),
                 bound)
    attack.check("exchanges are capped",
                 attack.counted["exchange_cap_port"] > 0, attack.counted)


def forged_agent_info():
    """Option 82 that names another's circuit, in all that clients send, and
    given back by the server."""
    forged = b"\x01\x04acc0\x02\x06" + victim_mac(1, 10)
    with Attack("option 82 forged", mine=["10.77.4.90"]) as attack:
        frames = [broadcast(p.dhcp(
            p.BOOTREQUEST, p.options(kind, (50, address), (82, forged)),
            xid=random.getrandbits(32), chaddr=EVIL, ciaddr=address))
            for kind in (p.DISCOVER, p.REQUEST, p.INFORM, p.DECLINE,
                         p.RELEASE)
            for net in (1, 2, 3, 4) for _, address in victims(net)]
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS / 2)
        attack.note(flood)
        # a relay agent that passes it on, and a server that gives it back
        xid = world.new_xid()
        message = dict(xid=xid, chaddr=EVIL)
        area = p.options(p.REQUEST, (82, forged))
        evil(broadcast(p.dhcp(p.BOOTREQUEST, area, **message)))
        world.relayed(p.dhcp(p.BOOTREQUEST, area, giaddr="10.77.4.1",
                             **message))
        world.answer("sub4", EVIL, xid, "10.77.4.90", agent_info=forged)
    entry = row("10.77.4.90") or {}
    attack.check("it is not believed, nor anything of it",
                 (entry.get("port"), entry.get("circuit-id"),
                  entry.get("remote-id")) == ("acc3", "-", "-") and
                 attack.counted["client_agent_info"] > 0, entry)


def forged_giaddr():
    """Requests that pretend to be a relay agent's, and one that meddles with
    the open exchange of a neighbour whose broadcast it saw."""
    mac, address = victim_mac(4, 61), "10.77.4.61"
    known(4, mac, address)
    xid = world.new_xid()
    full_budget("acc3")
    with Attack("giaddr set by a client", mine=[address],
                asked=1) as attack:
        frames = [broadcast(p.dhcp(
            p.BOOTREQUEST, p.options(kind, (50, lease)), hops=1,
            xid=random.getrandbits(32), chaddr=chaddr,
            giaddr="10.77.%d.1" % giaddr))
            for kind in (p.DISCOVER, p.REQUEST) for giaddr in (1, 2, 3, 4)
            for net in (1, 2, 3, 4) for chaddr, lease in victims(net)]
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS / 2)
        attack.note(flood)
        world.ask("sub4", mac, xid)
        evil(broadcast(p.dhcp(p.BOOTREQUEST, p.options(p.REQUEST), xid=xid,
                              chaddr=mac, giaddr="10.77.2.1")))
        world.answer("sub4", mac, xid, address)
        spoilt = row(address) is None
        back, seconds = lost_answered_for([address])
        attack.note("the neighbour's exchange %s; he is back in %.1f s" % (
            "was spoilt" if spoilt else "stood", seconds))
    attack.check("the neighbour is found all the same",
                 back and row(address)["hwaddr"] == mac.hex(":") and
                 row(address)["port"] == "acc3", row(address))


def malformed():
    """Options of any bytes in requests of every kind, and as replies."""
    frames = []
    for number in range(1024):
        kind = number % 20
        junk = random.randbytes(random.choice((0, 0, 1, 5, 100)))
        area = bytes((53, 1, kind)) + random.choice((
            b"", bytes((82, 255)), bytes((61, 0)), bytes((52, 1, 3)),
            bytes((52, 1, 7)), bytes((50, 3, 1, 2)), bytes((51, 200)),
            bytes((82, 4, 1, 200, 1, 1)), bytes((53, 1, 5)))) + junk
        victim, address = random.choice(victims(1 + number % 4))
        message = p.dhcp(
            random.choice((0, 1, 1, 1, 2, 2, 255)), area,
            xid=random.getrandbits(32), hlen=random.choice((6, 6, 6, 0, 16,
                                                            17, 255)),
            chaddr=random.choice((EVIL, victim)), ciaddr=address,
            yiaddr=address)
        message = message[:random.choice((None, None, None, 236, 238, 241,
                                          number % 300))]
        frames.append(random.choice((
            broadcast(message),
            unicast("10.77.4.3", 68, CORE, 67, message),
            unicast("10.77.4.3", 67, "10.77.1.1", 67, message),
            unicast("10.77.4.3", 67, address, 68, message))))
    with Attack("malformed options") as attack:
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS)
        attack.note(flood)
    attack.check("they are refused by reason", all(
        attack.counted["dhcp_" + one] for one in (
            "truncated", "op", "hlen", "option", "value")), attack.counted)


def replay():
    """An ACK of the attacker's own old exchange, after his lease ended and
    another has the address."""
    mac, address = victim_mac(4, 70), "10.77.4.70"
    xid = world.new_xid()
    full_budget("acc3")
    with Attack("an old exchange replayed", mine=[address],
                asked=1) as attack:
        world.ask("sub4", EVIL, xid)
        world.answer("sub4", EVIL, xid, address)
        evil(unicast(address, 68, CORE, 67, p.dhcp(
            p.BOOTREQUEST, p.options(p.RELEASE, (54, CORE)),
            xid=world.new_xid(), chaddr=EVIL, ciaddr=address)))
        attack.check("the lease of before has ended", row(address) is None)
        bind(4, mac, address)
        old = ack(EVIL, address, xid, "10.77.4.1")
        again = broadcast(p.dhcp(p.BOOTREQUEST, p.options(
            p.REQUEST, (50, address), (54, CORE)), xid=xid, chaddr=EVIL))
        for _ in range(20):
            # from where he is, and with the exchange opened once more
            evil(unicast(CORE, 67, "10.77.4.1", 67, old),
                 unicast(CORE, 67, address, 68, old), again,
                 unicast(CORE, 67, "10.77.4.1", 67, old),
                 unicast("10.77.4.1", 67, "255.255.255.255", 68, old))
        attack.check("from the access side it moves nothing",
                     row(address)["hwaddr"] == mac.hex(":"), row(address))
        # the network repeats the server's own, late
        for _ in range(20):
            world.answer("sub4", EVIL, xid, address, lease=99)
        attack.check("from the core's side neither",
                     row(address)["hwaddr"] == mac.hex(":"), row(address))
        # the server is asked, and names the other
        attack.check("the server's word stands", not wait_until(
            lambda: row(address)["hwaddr"] != mac.hex(":"), 1), row(address))
        genl.port_set("acc3", move=MOVE["deny"])
        world.answer("sub4", EVIL, xid, address, lease=99)
        attack.check("with move deny neither",
                     row(address)["hwaddr"] == mac.hex(":"), row(address))
        genl.port_set("acc3", move=MOVE["query"])
    attack.check("each is counted", attack.counted["reply_from_access"] > 0
                 and attack.counted["move_asked"] > 0, attack.counted)


def replay_when_free():
    """The same when nobody has the address yet: it stays free."""
    address, xid = "10.77.4.71", world.new_xid()
    with Attack("an ACK replayed after the RELEASE") as attack:
        world.ask("sub4", EVIL, xid)
        world.answer("sub4", EVIL, xid, address)
        evil(unicast(address, 68, CORE, 67, p.dhcp(
            p.BOOTREQUEST, p.options(p.RELEASE, (54, CORE)),
            xid=world.new_xid(), chaddr=EVIL, ciaddr=address)))
        world.answer("sub4", EVIL, xid, address)
    attack.check("it stays free", row(address) is None, row(address))
    if row(address):
        genl.delete(address)


def client_id_of_another():
    """The attacker says to be a neighbour, whom the server knows by his
    client identifier: it gives him the neighbour's address."""
    mac, address = victims(4)[0]
    ident = b"\x01" + mac
    full_budget("acc3")
    with Attack("the client identifier of another", asked=1) as attack:
        for move in (MOVE["query"], MOVE["deny"]):
            genl.port_set("acc3", move=move)
            for _ in range(10):
                xid = world.new_xid()
                evil(broadcast(p.dhcp(p.BOOTREQUEST, p.options(
                    p.REQUEST, (61, ident), (50, address)), xid=xid,
                    chaddr=EVIL)))
                world.relayed(p.dhcp(
                    p.BOOTREQUEST, p.options(p.REQUEST, (61, ident)),
                    xid=xid, chaddr=EVIL, giaddr="10.77.4.1"))
                world.answer("sub4", EVIL, xid, address, lease=99,
                             extra=[(61, ident)])
        genl.port_set("acc3", move=MOVE["query"])
        # the server's own word is under way
        wait_until(lambda: counters()["challenge_kept"] >
                   attack.counted.before["challenge_kept"], 10)
    attack.check("each is counted", (
        attack.counted["move_asked"], attack.counted["move_denied"],
        attack.counted["challenge_moved"]) == (10, 10, 0), attack.counted)


def spoofed_sources():
    """Data from another's address, with his hardware address and without,
    from nobody's and from none that a subscriber can have."""
    full = full_budget("acc3")
    frames = []
    for net in (1, 2, 3, 4):
        for mac, address in victims(net):
            for src in {EVIL} if net == 4 else {EVIL, mac}:
                frames.append(unicast(address, 5, CORE, 4444, b"x", src))
    frames += [unicast(address, 5, CORE, 4444, b"x") for address in (
        "192.0.2.1", CORE, BNG, "10.77.4.1", "10.77.1.1", "224.0.0.1",
        "127.0.0.1", "255.255.255.255")]
    # each a question that the port has to pay for
    frames += [unicast("10.88.%d.%d" % (n >> 8, n & 255), 5, CORE, 4444, b"x")
               for n in range(1, 1024)]
    for port in world.ports.values():
        genl.port_set(port.name, verify=VERIFY["strict"])
    core = Wire("core", "core0")
    with Attack("spoofed sources", budget=[full]) as attack:
        with Flood(out["sub5"], frames) as flood:
            time.sleep(LASTS)
        attack.note(flood)
        evil()
        quiet()
    through = [frame for frame in core.frames() if frame[36:38] == b"\x11\x5c"]
    for port in world.ports.values():
        genl.port_set(port.name, verify=VERIFY["off"])
    count = attack.counted
    attack.check("none gets through", not through, len(through))
    attack.check("each is dropped and counted by its reason",
                 count["verify_dropped"] == flood.sent ==
                 sum(count["verify_" + one] for one in (
                     "no_lease", "negative", "source", "mac", "port",
                     "vlan")) and count["verify_mac"] and
                 count["verify_port"] and count["verify_source"] and
                 count["verify_no_lease"], "%d sent, %s" % (flood.sent, count))
    forget()


CASES = (spoofed_acks, leasequery_replies, release_and_decline,
         in_a_neighbours_name, scan_down, scan_up, scan_of_silence,
         dhcp_flood, forged_agent_info, forged_giaddr, malformed, replay, replay_when_free, client_id_of_another, spoofed_sources)

world.roles()
ktap.run([set_up] + [case for case in CASES
                     if case.__name__ in sys.argv[3:] or not sys.argv[3:]])
ktap.end()
