#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes bench.json and the table of BENCHMARKS.md from what bench.py found.

usage: report.py FIGURES.json REPOSITORY
"""
import json
import os
import sys

BEGIN, END = "<!-- figures: make bench -->", "<!-- end of figures -->"


def rows(f):
    """name, ours, peer, its value, target for the ratio of the two, unit"""
    for n, text in ((1000, "1 k"), (1000000, "1 M")):
        p = {k: f["packet.ptp.%d.%s" % (n, k)]
             for k in ("plain", "ours", "ipset", "conntrack", "hook",
                       "egress", "both")}
        added = p["ours"]["added"]
        name = "added to a forwarded packet, %s leases" % text
        yield name, added, "forwarding, from allocation to end", \
            p["plain"]["ns_alloc"], 0.05, "ns"
        yield name, added, "forwarding, without allocation", \
            p["plain"]["ns"], None, "ns"
        yield name, added, "ipset hash:ip,mac adds", \
            p["ipset"]["added"], 0.5, "ns"
        yield name, added, "conntrack adds", p["conntrack"]["added"], \
            0.25, "ns"
        yield name, added, "an empty FORWARD hook adds", \
            p["hook"]["added"], None, "ns"
        yield name, added, "an empty egress hook adds", \
            p["egress"]["added"], None, "ns"
        yield name, added, "both empty hooks add", p["both"]["added"], \
            None, "ns"
    yield "added to a forwarded packet, 1 M leases", \
        f["packet.ptp.1000000.ours"]["added"], "the same at 1 k", \
        f["packet.ptp.1000.ours"]["added"], 1.5, "ns"
    p = {k: f["packet.ether.1000.%s" % k] for k in ("plain", "ours", "noarp")}
    yield "added to a forwarded packet, 1 k neighbours on Ethernet", \
        p["ours"]["added"], "forwarding, from allocation to end", \
        p["plain"]["ns_alloc"], None, "ns"
    yield "the same with ARP off, neighbours from leases", \
        p["noarp"]["added"], "with ARP on", p["ours"]["added"], None, "ns"
    for n, text in ((1000, "1 k"), (1000000, "1 M")):
        yield "look-up alone, %s leases, XArray" % text, \
            f["lookup.%d.xarray" % n], "rhashtable", \
            f["lookup.%d.rhashtable" % n], None, "ns"
    for size, aim in ((0, 192), (40, 256)):
        name = "memory of a lease at 1 M, %d bytes of option 82" % size
        yield name, f["memory.ours.%d" % size]["slab"], "aim", aim, 1, "B"
        yield name, f["memory.ours.%d" % size]["all"], \
            "ipset hash:ip,mac timeout", f["memory.ipset"]["all"], None, "B"
    yield "memory of a lease, 50 k, one in each /26", \
        f["memory.sparse.0"]["slab"], "dense, 1 M", \
        f["memory.ours.0"]["slab"], None, "B"
    yield "putting 1 M leases", f["bulk.put"], "ipset restore", \
        f["bulk.restore"], 1, "s"
    yield "dumping 1 M leases, as short as ipset does", f["bulk.dump"], \
        "ipset save", f["bulk.save"], 1, "s"
    yield "leaseglean show of 1 M leases, all columns", f["bulk.show"], \
        "ipset save", f["bulk.save"], None, "s"
    name = "a leasequery by address answered from 1 M leases"
    yield name + ", the asker's part included", f["answer.ours"], \
        "UDP echo, the asker's part included", f["answer.echo"], None, "ns"
    yield name + ", the asker's part included", f["answer.ours"], \
        "50,000 a second", 1e9 / 50000, 1, "ns"
    yield "a leasequery by hardware address from 1 M leases", \
        f["answer.client"], "dumping them", f["bulk.dump"], None, "s"
    r = f["recover"]
    yield "recovery of 20 k leases from Kea by bulk, into the table", \
        r["ours"], "a bare TCP reader of the same", r["bare"], 2, "s"
    yield "the same from the start of the daemon", r["started"], \
        "a bare TCP reader of the same", r["bare"], None, "s"


def verdict(ratio, target):
    if target is None:
        return ""
    return "yes" if ratio <= target else "**no**"


def number(x):
    return "%.2f" % x if abs(x) < 10 else "%.0f" % x


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        figures = json.load(f)
    found, table = [], [
        "| figure | ours | peer | its value | ratio | aim | met |",
        "|---|---:|---|---:|---:|---:|---|"]
    for name, ours, peer, value, target, unit in rows(figures):
        ratio = ours / value
        found.append({
            "name": "%s (%s)" % (name, unit), "ours": round(ours, 3),
            "peer": peer, "peer_value": round(value, 3),
            "ratio": round(ratio, 4), "target": target,
            "kernel": figures["kernel"]})
        table.append("| %s | %s %s | %s | %s %s | %.3f | %s | %s |" % (
            name, number(ours), unit, peer, number(value), unit, ratio,
            "" if target is None else target, verdict(ratio, target)))
    with open(os.path.join(sys.argv[2], "bench.json"), "w",
              encoding="ascii") as f:
        json.dump(found, f, indent=1)
        f.write("\n")
    path = os.path.join(sys.argv[2], "BENCHMARKS.md")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    with open(path, "w", encoding="utf-8") as f:
        f.write("%s%s\nKernel: %s.\n\n%s\n%s%s" % (
            before, BEGIN, figures["kernel"], "\n".join(table), END, after))
    print("\n".join(table))


main()
