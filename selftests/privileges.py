#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Everything that privileges.sh asks of one identity, tried by one process: a
line each of what was tried and what came of it.

usage: privileges.py root|other|own
"""

import errno
import os
import sys

from genl import ROLE, Family, Refused

FILES = ("leases", "pending", "ports", "stats")
ADDR, OTHER = "10.77.1.10", "10.77.1.11"
LEASE = {"addr": ADDR, "hwaddr": bytes(6)}

# Root's own may do all of it in this order: it is no port before the first,
# and only the helper may open a query.
TRIED = (
    ("port-set", lambda f: f.port_set("lo", role=ROLE["trusted"])),
    ("helper-set", lambda f: f.helper()),
    ("query-open", lambda f: f.query(1, "1.2.3.4", "1.2.3.5")),
    ("lease-get", lambda f: f.get(ADDR)),
    ("lease-get-dump", lambda f: f.leases()),
    ("lease-put", lambda f: f.put({"addr": OTHER, "hwaddr": bytes(6)})),
    ("lease-del", lambda f: f.delete(ADDR)),
    ("lease-flush", lambda f: f.flush(origin=4)),
    ("port-get-dump", lambda f: f.ports()),
    ("port-get", lambda f: f.port("lo")),
    ("pending-get", lambda f: f.pending()),
    ("server-set", lambda f: f.servers("1.2.3.4")),
    ("relay-get", lambda f: f.relays()),
    ("stats-get", lambda f: f.stats()),
    ("events", lambda f: f.join()),
)


def path(name):
    return "/proc/net/leaseglean/" + name


def text(name):
    with open(path(name), encoding="ascii") as file:
        return file.read()


def tell(what, action, *args):
    """One line. What the module itself said beside the errno is told, too:
    generic netlink, which refuses for it, says nothing."""
    try:
        action(*args)
        came = "done"
    except Refused as refusal:
        came = str(refusal).removesuffix(": ")
    except OSError as error:
        came = errno.errorcode[error.errno]
    print(what, came)


def read(name):
    """All of it, or not a byte."""
    got = b""
    with open(path(name), "rb", buffering=0) as file:
        try:
            while more := file.read(4096):
                got += more
        except OSError as error:
            if got:
                raise OSError(errno.EBADMSG, "some was told") from error
            raise
    if not got:
        raise OSError(errno.ENODATA, "nothing is in it")


def read_by_opener():
    """A user of the file's group opens it, and root, from whom he has it,
    reads."""
    os.seteuid(65534)
    descriptor = os.open(path("leases"), os.O_RDONLY)
    os.seteuid(0)
    os.read(descriptor, 4096)


def table_is_own():
    """Of the one lease that was put here."""
    Family().put(LEASE)
    rows = text("leases").splitlines()
    if len(rows) != 2 or not rows[1].startswith(ADDR + " active "):
        sys.exit("\n".join(rows))
    if [one["addr"] for one in Family().leases()] != [ADDR]:
        sys.exit("the dump is another")


def main():
    who = sys.argv[1]
    if who == "root":
        tell("put", Family().put, LEASE)
        tell("opener", read_by_opener)
    if who == "own":
        tell("table", table_is_own)
    for name in FILES:
        tell(name, read, name)
    if who != "root":
        family = Family()
        for what, action in TRIED:
            tell(what, action, family)


if __name__ == "__main__":
    main()
