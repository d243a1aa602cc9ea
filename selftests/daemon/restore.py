#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What restore.sh needs beside programs of others.

usage: restore.py put
       restore.py vrf PORT
       restore.py same BEFORE AFTER SECONDS
       restore.py kea COUNT FILE
       restore.py cut SERVER PORT TO BYTES
"""

import json
import os
import select
import socket
import sys
import time

import packet as p
from genl import ORIGIN, Family
from world import Namespace

PORTS = ("acc0", "acc1.100", "acc2.100.7", "acc3")
REMOTE_ID = b"node7"


def put():
    """Leases of all kinds: 48 of some time, one for ever, one an operator's
    own."""
    with Namespace("bng"):
        family = Family()
    index = {name: family.port(name)["ifindex"] for name in PORTS}
    leases = []
    for n in range(48):
        port = n % 4
        leases.append({
            "addr": "10.77.%d.%d" % (port + 1, 100 + n),
            "hwaddr": bytes((2, 0, 0, 7, 0, n)), "port": index[PORTS[port]],
            "giaddr": "10.77.%d.1" % (port + 1), "server": "198.18.0.2",
            "expires": 300 + n, "origin": ORIGIN["leasequery"],
            "agent-info": p.option(1, b"\0\4" + bytes((n,))) +
                          p.option(2, REMOTE_ID),
            "client-id": bytes(range(n % 20))})
    leases.append({"addr": "10.77.1.200", "hwaddr": bytes((2, 0, 0, 7, 1, 0)),
                   "port": index["acc0"], "origin": ORIGIN["leasequery"]})
    leases.append({"addr": "10.77.1.201", "hwaddr": bytes((2, 0, 0, 7, 1, 1)),
                   "port": index["acc0"]})
    family.put(*[{k: v for k, v in one.items() if v != b""}
                 for one in leases])


def vrf(port):
    """A lease of the VRF that PORT is in."""
    with Namespace("bng"):
        Family().put({
            "addr": "10.88.0.9", "hwaddr": bytes((2, 0, 0, 7, 2, 0)),
            "port": socket.if_nametoindex(port), "expires": 300,
            "origin": ORIGIN["leasequery"]})


def rows(path):
    with open(path, encoding="ascii") as file:
        names = file.readline().split()
        return {one[0]: dict(zip(names, one))
                for one in map(str.split, file)}


def same(before, after, seconds):
    """All of BEFORE but static ones is in AFTER, restored, and has no more
    time left than it had, nor less than what went by explains: seconds of
    three clocks begin at different times."""
    had, has = rows(before), rows(after)
    wrong = []
    for address, old in had.items():
        new = has.pop(address, None)
        if old["origin"] == "static":
            if new:
                wrong.append("%s is there" % address)
            continue
        if new is None:
            wrong.append("%s is gone" % address)
            continue
        if new["origin"] != "restored":
            wrong.append("%s is %s" % (address, new["origin"]))
        left = [one["expires"] for one in (old, new)]
        if "never" in left:
            fits = left == ["never", "never"]
        else:
            fits = 0 <= int(left[0]) - int(left[1]) <= int(seconds) + 3
        if not fits:
            wrong.append("%s: %s s left, then %s s" % (address, *left))
        for name in old:
            if name not in ("expires", "origin") and old[name] != new[name]:
                wrong.append("%s: %s was %s, is %s" % (
                    address, name, old[name], new[name]))
    wrong += ["%s is new" % one for one in has]
    print("\n".join(wrong[:10]))
    sys.exit(1 if wrong or not had else 0)


def kea(count, path):
    """A lease file of Kea's: COUNT leases over four subnets, half of whose
    circuit-ids name the port, and five of a subnet that is not here."""
    now = int(time.time())
    where = [(n % 4 + 1, "10.77.%d.%d" % (n % 4 + 1, 10 + n // 4))
             for n in range(int(count))]
    where += [(9, "10.99.0.%d" % (10 + n)) for n in range(5)]
    with open(path, "w", encoding="ascii") as file:
        file.write("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,"
                   "fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n")
        for n, (subnet, address) in enumerate(where):
            circuit = PORTS[subnet - 1].encode() if subnet < 3 else \
                b"\0\4" + n.to_bytes(2)
            context = json.dumps({"ISC": {"relay-agent-info": {
                "sub-options": "0x" + (p.option(1, circuit) +
                                       p.option(2, REMOTE_ID)).hex(),
                "remote-id": REMOTE_ID.hex().upper()}}})
            file.write(",".join((
                address, bytes((2, 0, 0, 8, n >> 8, n & 255)).hex(":"), "",
                "3600", str(now + 3500), str(subnet), "0", "0", "", "0",
                context.replace(",", "&#x2c"), "0")) + "\n")


def cut(server, port, onto, size):
    """Between whoever connects to PORT and the same host's port ONTO: the
    first connection ends after so many bytes of the answer."""
    listening = socket.create_server((server, int(port)))
    print("listening", flush=True)
    left = int(size)
    while True:
        near, _ = listening.accept()
        far = socket.create_connection((server, int(onto)))
        print("a connection", flush=True)
        while True:
            readable = select.select([near, far], [], [])[0][0]
            data = readable.recv(65536)
            if readable is far and left is not None:
                data, left = data[:left], left - len(data[:left])
            if data:
                (far if readable is near else near).sendall(data)
            if not data or left == 0:
                break
        print("cut" if left == 0 else "closed", flush=True)
        left = None
        near.close()
        far.close()


def mute(server, port):
    """Takes a query, and says nothing."""
    with socket.create_server((server, int(port))) as listening:
        print("listening", flush=True)
        sock, _ = listening.accept()
        print("a query" if sock.recv(65536) else "none", flush=True)
        sock.recv(1)


if __name__ == "__main__":
    os.umask(0o077)
    globals()[sys.argv[1]](*sys.argv[2:])
