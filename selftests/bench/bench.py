#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Takes the figures of BENCHMARKS.md inside a guest.

usage: bench.py DIR [PART]...

DIR holds lg_bench.ko and the programs leases, ask and bulk; figures go to
DIR/figures.json. PART is packet, lookup, memory, bulk, answer or recover;
without any all are taken and reported.
BENCH_ROUNDS and BENCH_PACKETS in the environment set how long it takes.
Nothing here fails because a machine is slow; it does where a step did not do
what is being timed.
"""
import glob
import json
import os
import socket
import statistics
import struct
import subprocess
import sys
import time

DIR = sys.argv[1]
PARTS = sys.argv[2:] or ["packet", "lookup", "memory", "bulk", "answer",
                         "recover"]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
PACKETS = int(os.environ.get("BENCH_PACKETS", "500000"))
THOUSAND, MILLION = 1000, 1000000
FIRST = 0x0A100000			# 10.16.0.0
LEASES = os.path.join(DIR, "leases")
ASK = os.path.join(DIR, "ask")
BULK = os.path.join(DIR, "bulk")
QUERIES = 200000
KEPT = 20000				# leases of Kea's
UDP, TCP = 17, 6

figures = {}
# seconds, of each time that a million was moved
bulk = {k: [] for k in ("put", "dump", "show", "restore", "save")}


def log(text):
    print("# bench:", text, flush=True)


def run(*argv, **kw):
    return subprocess.run(argv, check=True, **kw)


def output(*argv):
    return run(*argv, capture_output=True, text=True).stdout


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read()


def bench(command):
    """One command of lg_bench.ko: what it counted, and nanoseconds."""
    fd = os.open("/proc/lg_bench", os.O_WRONLY)
    try:
        os.write(fd, command.encode())
    finally:
        os.close(fd)
    return [int(x) for x in read("/proc/lg_bench").split()[:3]]


def address(i):
    a = FIRST + i
    return "%d.%d.%d.%d" % (a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255)


def mac(i):
    """As lg_bench.ko makes them."""
    a = FIRST + i
    return "02:00:%02x:%02x:%02x:%02x" % (
        a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255)


def lists(n):
    """The same leases as text, for each program that is to load them."""
    with open("/run/leases.%d" % n, "w", encoding="ascii") as mine, \
         open("/run/ipset.%d" % n, "w", encoding="ascii") as theirs:
        # as large from the start as `ipset save` would say
        theirs.write("create s%d hash:ip,mac timeout 86400 maxelem %d "
                     "hashsize %d\n" % (n, 2 * n, 1 << (n // 3).bit_length()))
        for i in range(n):
            mine.write("%s %s 86400\n" % (address(i), mac(i)))
            theirs.write("add s%d %s,%s\n" % (n, address(i), mac(i)))


# ---------------------------------------------------------------- namespaces

class Namespace:
    """One with its own devices; the legacy tables of iptables, once used,
    stay hooked for as long as their namespace lives, so ipset gets its own."""

    def __init__(self):
        os.unshare(os.CLONE_NEWNET)
        # pylint: disable-next=consider-using-with
        self.file = open("/proc/self/ns/net", encoding="ascii")
        for knob, value in (("ip_forward", 1), ("conf/all/rp_filter", 0),
                            ("conf/default/rp_filter", 0)):
            write("/proc/sys/net/ipv4/" + knob, str(value))
        bench("devices here")
        run("ip", "addr", "add", "192.0.2.1/24", "dev", "core")
        for dev in ("core", "ptp", "ether"):
            write("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % dev, "1")
            run("ip", "link", "set", dev, "up")

    def enter(self):
        os.setns(self.file.fileno(), os.CLONE_NEWNET)


def tx_packets(dev):
    """Not from sysfs, which shows the namespace that mounted it."""
    return json.loads(output("ip", "-s", "-j", "link", "show", dev))[
        0]["stats64"]["tx"]["packets"]


def traffic(dev, n, proto):
    """Nanoseconds a packet: from entry to end, and with its allocation."""
    before = tx_packets(dev)
    count, ns, ns_alloc = bench("forward core %d %d %d %d"
                                % (FIRST, n, PACKETS, proto))
    if tx_packets(dev) - before != PACKETS or count != PACKETS:
        raise RuntimeError("packets were lost on their way to " + dev)
    return ns / PACKETS, ns_alloc / PACKETS


# ---------------------------------------------------------------- the peers

class Plain:
    name = "plain"

    def __init__(self, ns, dev, n):
        self.ns, self.dev, self.n = ns, dev, n

    def prepare(self):
        """Once, before the first round."""

    def on(self):
        pass

    def check(self):
        """Whether each packet really met what is being timed."""

    def off(self):
        pass

    def measure(self, proto=UDP):
        self.ns.enter()
        self.on()
        # what just changed is not what is measured
        bench("sweep core %d %d %d" % (FIRST, min(self.n, 65536), proto))
        self.begin()
        result = traffic(self.dev, self.n, proto)
        self.check()
        self.off()
        return result

    def begin(self):
        pass


class Hook(Plain):
    name = "hook"

    def on(self):
        bench("hook on")

    def off(self):
        bench("hook off")


class Egress(Plain):
    name = "egress"

    def on(self):
        bench("egress %s on" % self.dev)

    def off(self):
        bench("egress %s off" % self.dev)


class Both(Plain):
    name = "both"

    def on(self):
        bench("hook on")
        bench("egress %s on" % self.dev)

    def off(self):
        bench("hook off")
        bench("egress %s off" % self.dev)


def stat(name):
    for line in read("/proc/net/leaseglean/stats").splitlines():
        if line.split()[0] == name:
            return int(line.split()[1])
    raise RuntimeError("no counter " + name)


def timed(what, n, *argv, source=None, sink=None):
    with open(source or "/dev/null", encoding="ascii") as i, \
         open(sink or "/dev/null", "w", encoding="ascii") as o:
        begin = time.monotonic()
        run(*argv, stdin=i, stdout=o)
        if n == MILLION:
            bulk[what].append(time.monotonic() - begin)


def put_leases(n, dev):
    timed("put", n, LEASES, "put", dev, source="/run/leases.%d" % n)


def load_set(n):
    timed("restore", n, "ipset", "restore", source="/run/ipset.%d" % n)


def dump(what, marks, *argv):
    timed(what, MILLION, *argv, sink="/run/dump")
    with open("/run/dump", encoding="ascii") as f:
        n = sum(1 for line in f if line.startswith(marks))
    if n != MILLION:
        raise RuntimeError("%s: %d of %d" % (what, n, MILLION))


class Ours(Plain):
    name = "ours"

    def on(self):
        run("modprobe", "leaseglean")
        put_leases(self.n, self.dev)
        run(LEASES, "access", self.dev)

    def begin(self):
        self.hits = stat("hit")

    def check(self):
        if stat("hit") - self.hits != PACKETS:
            raise RuntimeError("not every packet was a hit")

    def off(self):
        run("rmmod", "leaseglean")


class NoArp(Ours):
    """Its neighbours are made from the leases, by the sweep."""
    name = "noarp"

    def on(self):
        super().on()
        run(LEASES, "noarp", self.dev)

    def check(self):
        super().check()
        if stat("neigh_filled") != self.n:
            raise RuntimeError("not every neighbour was made, once")


class Ipset(Plain):
    name = "ipset"

    def prepare(self):
        self.ns.enter()
        load_set(self.n)
        self.rule = ("FORWARD", "-m", "set", "--match-set", "s%d" % self.n,
                     "dst,src", "-j", "ACCEPT")

    def on(self):
        run("iptables-legacy", "-A", *self.rule)

    def counter(self):
        line = output("iptables-legacy", "-nvxL", "FORWARD").splitlines()[2]
        return int(line.split()[0])

    def begin(self):
        self.matched = self.counter()

    def check(self):
        if self.counter() - self.matched != PACKETS:
            raise RuntimeError("not every packet was in the set")

    def off(self):
        run("iptables-legacy", "-D", *self.rule)


class Conntrack(Plain):
    name = "conntrack"

    def prepare(self):
        self.ns.enter()
        for knob in ("udp_timeout", "udp_timeout_stream"):
            write("/proc/sys/net/netfilter/nf_conntrack_" + knob, "86400")
        bench("conntrack on")
        bench("sweep core %d %d %d" % (FIRST, self.n, UDP))
        bench("conntrack off")

    def on(self):
        bench("conntrack on")

    def flows(self):
        return int(read("/proc/sys/net/netfilter/nf_conntrack_count"))

    def begin(self):
        self.before = self.flows()

    def check(self):
        if self.flows() < self.n or self.flows() != self.before:
            raise RuntimeError("not every packet was of a known flow")

    def off(self):
        bench("conntrack off")


def neighbours(n, dev):
    with open("/run/leases.%d" % n, encoding="ascii") as f:
        run(LEASES, "neigh", dev, stdin=f)


def median(values):
    return statistics.median(values)


def packet(n, dev, main, rules):
    for ns in (main, rules):
        ns.enter()
        run("ip", "route", "replace", "10.0.0.0/8", "dev", dev)
        if dev == "ether":
            neighbours(n, dev)
    peers = [Plain(main, dev, n), Ours(main, dev, n), Ipset(rules, dev, n),
             Conntrack(main, dev, n), Hook(main, dev, n),
             Egress(main, dev, n), Both(main, dev, n)]
    if dev == "ether":
        bare = Namespace()
        run("ip", "route", "replace", "10.0.0.0/8", "dev", dev)
        peers.append(NoArp(bare, dev, n))
    times = {p.name: [] for p in peers}
    for p in peers:
        p.prepare()
    for r in range(ROUNDS):
        r %= len(peers)
        for p in peers[r:] + peers[:r]:
            times[p.name].append(p.measure())
    for name, t in times.items():
        key = "packet.%s.%d.%s" % (dev, n, name)
        base = times["plain"]
        figures[key] = {
            "ns": median(a for a, _ in t),
            "ns_alloc": median(b for _, b in t),
            "added": median(a - p for (a, _), (p, _) in zip(t, base)),
        }
        log("%s %s" % (key, {k: round(v, 1)
                             for k, v in figures[key].items()}))


def part_lookup():
    """What the table could be made of, alone."""
    for n in (THOUSAND, MILLION):
        times = {"xarray": [], "rhashtable": []}
        bench("table %d %d" % (FIRST, n))
        for r in range(ROUNDS):
            for what in sorted(times, reverse=r % 2):
                found, ns, _ = bench("lookup %s %d" % (what, PACKETS))
                if found != PACKETS:
                    raise RuntimeError("a lease was not found")
                times[what].append(ns / PACKETS)
        for what, t in times.items():
            figures["lookup.%d.%s" % (n, what)] = median(t)
            log("look-up in %s of %d: %.1f ns" % (what, n, median(t)))
    bench("table 0 0")


# ---------------------------------------------------------------- memory

def slabs():
    """Bytes of each slab cache, whole slabs."""
    caches = {}
    for line in read("/proc/slabinfo").splitlines()[2:]:
        f = line.split()
        caches[f[0]] = int(f[14]) * int(f[5]) * os.sysconf("SC_PAGESIZE")
    return caches


def used():
    """Bytes that are neither free nor cache."""
    info = {}
    for line in read("/proc/meminfo").splitlines():
        f = line.replace(":", "").split()
        info[f[0]] = int(f[1]) * 1024
    return info["MemTotal"] - info["MemFree"] - info["Buffers"] - \
        info["Cached"]


def settled():
    """Slabs and use, once nothing waits for a grace period any more."""
    before = None
    for _ in range(50):
        write("/proc/sys/vm/drop_caches", "3")
        now = slabs()
        if before is not None and all(
                abs(now[k] - before.get(k, 0)) < 65536 for k in now):
            return now, used()
        before = now
        time.sleep(0.1)
    raise RuntimeError("memory does not come to rest")


def grown(n, what, fill):
    slab, use = settled()
    fill()
    slab_after, use_after = settled()
    caches = {k: slab_after[k] - slab.get(k, 0) for k in slab_after}
    top = sorted(caches.items(), key=lambda x: -x[1])[:3]
    figures["memory." + what] = {
        "slab": sum(caches.values()) / n,
        "all": (use_after - use) / n,
        "caches": {k: round(v / n, 1) for k, v in top if v > n},
    }
    log("memory.%s %s" % (what, figures["memory." + what]))


def memory_of_ours(n, what, fill):
    run("modprobe", "leaseglean")
    grown(n, what, fill)
    with subprocess.Popen([LEASES, "dump"], stdout=subprocess.PIPE) as p:
        if sum(1 for _ in p.stdout) != n:
            raise RuntimeError("not all leases are held")
    run("rmmod", "leaseglean")


def part_memory():
    def put(listed, *args):
        with open(listed, encoding="ascii") as f:
            run(LEASES, "put", "ptp", *args, stdin=f)

    Namespace().enter()
    million = "/run/leases.%d" % MILLION
    memory_of_ours(MILLION, "ours.0", lambda: put(million))
    memory_of_ours(MILLION, "ours.40", lambda: put(million, "40"))
    n = 50000
    with open("/run/sparse", "w", encoding="ascii") as f:
        for i in range(n):
            f.write("%s %s 86400\n" % (address(64 * i), mac(64 * i)))
    memory_of_ours(n, "sparse.0", lambda: put("/run/sparse"))
    grown(MILLION, "ipset", lambda: load_set(MILLION))
    for _ in range(3):
        dump("save", "add ", "ipset", "save")
    run("ipset", "destroy")


def part_bulk():
    """Loading is timed wherever a million is loaded, sets' dumps above."""
    Namespace().enter()
    run("modprobe", "leaseglean")
    put_leases(MILLION, "ptp")
    for _ in range(3):
        dump("dump", "10.", LEASES, "dump")
        dump("show", "10.", "leaseglean", "show")
    run("rmmod", "leaseglean")


def part_packet():
    n = 2 * MILLION
    write("/proc/sys/net/netfilter/nf_conntrack_max", str(2 * n))
    write("/proc/sys/net/netfilter/nf_conntrack_buckets", str(n))
    for n in (THOUSAND, MILLION):
        packet(n, "ptp", Namespace(), Namespace())
    packet(THOUSAND, "ether", Namespace(), Namespace())


# ---------------------------------------------------------------- answers

def asked(server, asker):
    """Nanoseconds a query, that of the asker included: one processor is all
    there is."""
    asker.enter()
    out = output(ASK, "query", "198.18.0.1", "198.18.0.2", str(FIRST),
                 str(MILLION), str(QUERIES))
    server.enter()
    good, ns = (int(x) for x in out.split())
    if good != QUERIES:
        raise RuntimeError("%d of %d answers were not" % (
            QUERIES - good, QUERIES))
    return ns / QUERIES


def walked(asker, server):
    """Seconds for a query by hardware address, which no index is of."""
    asker.enter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("198.18.0.2", 67))
        sock.settimeout(30)
        query = struct.pack(
            "!BBBBI16x4s6s202x", 1, 1, 6, 16, 1,
            socket.inet_aton("198.18.0.2"),
            bytes.fromhex(mac(MILLION // 2).replace(":", "")))
        begin = time.monotonic()
        sock.sendto(query + bytes((99, 130, 83, 99, 53, 1, 10, 255)),
                    ("198.18.0.1", 67))
        answer = sock.recv(2000)
        took = time.monotonic() - begin
    server.enter()
    if answer[12:16] != socket.inet_aton(address(MILLION // 2)):
        raise RuntimeError("the client was not found")
    return took


def started(what, *argv, **kw):
    """A program that has said so."""
    # pylint: disable-next=consider-using-with
    program = subprocess.Popen(argv, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, **kw)
    lines = []
    for line in program.stdout:
        if what in line:
            return program
        lines.append(line)
    raise RuntimeError("%s ended: %s" % (argv[0], "".join(lines[-5:])))


def daemon(what, *config):
    """Once it says that it got so far."""
    os.makedirs("/run/bench", exist_ok=True)
    write("/run/bench.conf", "\n".join(
        ("[leasegleand]", "state-dir = /run/bench") + config) + "\n")
    return started(what, "leasegleand", "-f", "-c", "/run/bench.conf")


def neighbourhood():
    """198.18.0.1, with leases, and another host, 198.18.0.2; we are in the
    first."""
    other, here = Namespace(), Namespace()
    run("ip", "link", "add", "twin0", "type", "veth", "peer", "name", "twin1",
        "netns", "/proc/%d/fd/%d" % (os.getpid(), other.file.fileno()))
    run("ip", "addr", "add", "198.18.0.1/24", "dev", "twin0")
    run("ip", "link", "set", "twin0", "up")
    other.enter()
    run("ip", "addr", "add", "198.18.0.2/24", "dev", "twin1")
    run("ip", "link", "set", "twin1", "up")
    here.enter()
    return other, here


def part_answer():
    """By address from a million leases, beside what a UDP echo of the same
    size takes."""
    asker, server = neighbourhood()
    run("modprobe", "leaseglean")
    with open("/run/leases.%d" % MILLION, encoding="ascii") as f:
        run(LEASES, "put", "ptp", "40", stdin=f)
    times, walks = {"ours": [], "echo": []}, []
    for _ in range(ROUNDS):
        # what one round keeps the next would restore meanwhile
        with daemon("answering the leasequeries", "[recovery]", "order = none",
                    "snapshot = off", "[requestor 198.18.0.2]",
                    "[answer]", "client-queries = 100") as helper:
            times["ours"].append(asked(server, asker))
            walks.append(walked(asker, server))
            helper.terminate()
        with started("ready", ASK, "echo", "198.18.0.1") as echo:
            times["echo"].append(asked(server, asker))
            echo.terminate()
    run("ip", "link", "del", "twin0")
    run("rmmod", "leaseglean")
    for what, t in times.items():
        figures["answer." + what] = median(t)
        log("answer.%s: %.0f ns, %.0f a second" % (
            what, median(t), 1e9 / median(t)))
    figures["answer.client"] = median(walks)
    log("answer.client: %.3f s" % median(walks))


# --------------------------------------------------------------- recovery

def option(code, value):
    return bytes((code, len(value))) + value


def kea_leases(path):
    """A lease file of Kea's, as it writes it with store-extended-info. Of
    every other lease option 82 names the port, as dhcrelay has it; of the rest
    it is what a DSLAM would write, and routes tell the port."""
    until = int(time.time()) + 86400
    with open(path, "w", encoding="ascii") as f:
        f.write("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,"
                "fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n")
        for i in range(KEPT):
            circuit = b"ptp" if i % 2 else b"dslam7 atm 1/%d:0.35" % i
            context = json.dumps({"ISC": {"relay-agent-info": {
                "sub-options": "0x" + (option(1, circuit) +
                                       option(2, b"node7")).hex(),
                "remote-id": b"node7".hex().upper()}}})
            f.write("%s,%s,,86400,%d,1,0,0,,0,%s,0\n" % (
                address(i), mac(i), until, context.replace(",", "&#x2c")))


def kea():
    """Over TCP to the other host, once it has started."""
    os.makedirs("/run/kea-bench", exist_ok=True)
    kea_leases("/run/kea-bench/leases.csv")
    hook, = glob.glob("/usr/lib/*/kea/hooks/libdhcp_lease_query.so")
    write("/run/kea-bench/kea.conf", json.dumps({"Dhcp4": {
        "interfaces-config": {"interfaces": ["twin1/198.18.0.2"],
                              "dhcp-socket-type": "udp"},
        "lease-database": {"type": "memfile", "persist": True,
                           "lfc-interval": 0,
                           "name": "/run/kea-bench/leases.csv"},
        "store-extended-info": True,
        "subnet4": [{"id": 1, "subnet": "10.16.0.0/16"}],
        "hooks-libraries": [{"library": hook, "parameters": {
            "requesters": ["198.18.0.1"],
            "advanced": {"bulk-query-enabled": True,
                         "lease-query-ip": "198.18.0.2",
                         "lease-query-tcp-port": 67}}}],
        "loggers": [{"name": "kea-dhcp4", "severity": "INFO",
                     "output-options": [{"output": "stdout",
                                         "flush": True}]}]}}))
    dirs = ("KEA_DHCP_DATA_DIR", "KEA_PIDFILE_DIR", "KEA_CONTROL_SOCKET_DIR")
    env = dict(os.environ, KEA_LOCKFILE_DIR="none",
               **{name: "/run/kea-bench" for name in dirs})
    return started("DHCP4_STARTED", "kea-dhcp4", "-c",
                   "/run/kea-bench/kea.conf", env=env)


def read_bare():
    """Seconds from before connect() until the last message was read."""
    leases, ns = (int(x) for x in output(
        BULK, "198.18.0.2", "198.18.0.1", "node7").split())
    if leases != KEPT:
        raise RuntimeError("%d leases were told" % leases)
    return ns / 1e9


def recovered():
    """Seconds from before connect() until the last lease is in the table, as
    the daemon has it; no more than from its start till it says so."""
    run("modprobe", "leaseglean")
    run(LEASES, "access", "ptp")
    begin = time.monotonic()
    with daemon("recovery by bulk ended", "[recovery]", "order = bulk",
                "snapshot = off", "[server 198.18.0.2]",
                "giaddr = 198.18.0.1", "bulk = yes",
                "bulk-remote-id = " + b"node7".hex()) as helper:
        outside = time.monotonic() - begin
        row, = (one for one in json.loads(output(
            "leaseglean", "-j", "status"))["recovery"]
                if one["source"] == "bulk")
        helper.terminate()
    if row["put"] != KEPT or stat("active") != KEPT or \
       not 0 < row["seconds"] < outside:
        raise RuntimeError("after %.2f s: %s" % (outside, row))
    run("rmmod", "leaseglean")
    return row["seconds"], outside


def part_recover():
    """An empty table from Kea, beside what reading the same takes."""
    other, here = neighbourhood()
    run("ip", "route", "add", "10.0.0.0/8", "dev", "ptp")
    other.enter()
    with kea() as server:
        here.enter()
        read_bare()
        bare, ours = [], []
        for _ in range(ROUNDS):
            bare.append(read_bare())
            ours.append(recovered())
        server.terminate()
    run("ip", "link", "del", "twin0")
    figures["recover"] = {
        "bare": median(bare), "ours": median(s for s, _ in ours),
        "started": median(s for _, s in ours),
        "ratio": median(s / b for (s, _), b in zip(ours, bare))}
    log("recover %s" % {k: round(v, 3)
                        for k, v in figures["recover"].items()})


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    run("insmod", os.path.join(DIR, "lg_bench.ko"))
    for n in (THOUSAND, MILLION):
        lists(n)
    for part in PARTS:
        begin = time.monotonic()
        globals()["part_" + part]()
        log("%s took %.0f s" % (part, time.monotonic() - begin))
    run("rmmod", "lg_bench")
    for what, times in bulk.items():
        if times:
            figures["bulk." + what] = median(times)
            log("bulk.%s: %s" % (what, ["%.2f" % t for t in times]))
    figures["kernel"] = os.uname().release + " User-mode Linux"
    with open(os.path.join(DIR, "figures.json"), "w",
              encoding="ascii") as f:
        json.dump(figures, f, indent=1)
    if not sys.argv[2:]:
        run(sys.executable, "selftests/bench/report.py",
            os.path.join(DIR, "figures.json"), ".")


main()
