#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The readers and the writer of procfs.sh.

usage: procfs.py ROWS
"""

import collections
import os
import signal
import socket
import struct
import sys

import packet as p
from genl import ORIGIN, Family
from world import Ktap, Namespace, read_in

ROWS = int(sys.argv[1])
MAC = p.mac("02:00:00:00:99:01")
BASE = int.from_bytes(socket.inet_aton("100.64.0.0"))
ktap = Ktap()


def address(number):
    return socket.inet_ntoa(struct.pack("!I", BASE + number))


def put(genl, numbers):
    numbers = list(numbers)
    for at in range(0, len(numbers), 200):
        genl.put(*[{"addr": address(n), "hwaddr": MAC}
                   for n in numbers[at:at + 200]])


def churn():
    """Between any two stable rows one that comes and goes, for ever."""
    with Namespace("bng"):
        genl = Family()
    odd = range(1, 2 * ROWS, 2)
    while True:
        for at in range(0, ROWS, 500):
            put(genl, odd[at:at + 500])
            for n in odd[at:at + 500]:
                genl.delete(address(n))


def once_each(name, seen):
    """Stable rows, the even numbers, each once; all in order."""
    counts = collections.Counter(seen)
    bad = [address(n) for n in stable if counts[address(n)] != 1]
    ktap.check(name + ": stable rows are seen once", not bad,
               "%d are not, of them %s: %d" % (
                   len(bad), bad[:1], counts[bad[0]] if bad else 0))
    numbers = [int.from_bytes(socket.inet_aton(one)) for one in seen]
    ktap.check(name + ": no row is seen twice",
               len(set(numbers)) == len(numbers))
    ktap.check(name + ": they are in order", numbers == sorted(numbers))


def proc_rows(chunk):
    """The addresses, read in pieces of that size."""
    with Namespace("bng"):
        descriptor = os.open("/proc/thread-self/net/leaseglean/leases",
                             os.O_RDONLY)
    pieces = []
    while True:
        piece = os.read(descriptor, chunk)
        if not piece:
            break
        pieces.append(piece)
    os.close(descriptor)
    lines = b"".join(pieces).decode().splitlines()
    fields = {len(line.split()) for line in lines}
    ktap.equal("every line has every column", fields,
               {len(lines[0].split())})
    return [line.split()[0] for line in lines[1:]]


with Namespace("bng"):
    family = Family()
stable = range(0, 2 * ROWS, 2)
put(family, stable)
ktap.equal("the rows are there", len(family.leases()), ROWS)
once_each("at rest", proc_rows(65536))

child = os.fork()
if not child:
    churn()
try:
    before = family.stats()["put"]
    for chunk in (65536, 4096, 777):
        once_each("/proc in pieces of %d, while it changes" % chunk,
                  proc_rows(chunk))
    for round_ in range(3):
        once_each("netlink dump %d, while it changes" % round_,
                  [one["addr"] for one in family.leases()])
    ktap.check("it did change meanwhile",
               family.stats()["put"] > before + 100)
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

family.flush(origin=ORIGIN["static"])
ktap.equal("after a flush only the header is left",
           len(read_in("bng", "/proc/thread-self/net/leaseglean/leases")
               .splitlines()), 1)
ktap.end()
