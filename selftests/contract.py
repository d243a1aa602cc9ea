#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The family of contract.sh, driven and listened to by the kernel tree's ynl:
its library, and twice its command line.

usage: contract.py, with ynl's folder in $PYTHONPATH and $LG_YNL
"""

import errno
import ipaddress
import json
import os
import socket
import subprocess
import sys

import packet as p
import policy
import yaml
from lib import Netlink, NlError, YnlFamily
from world import CORE, Ktap, Namespace, World, shell, wait_until

SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../uapi/leaseglean.yaml")
PORT, SUB, GIADDR = "acc1.100", "sub2", "10.77.2.1"
FIRST, SECOND, NONE = "10.77.2.10", "10.77.2.11", "10.77.2.12"

ktap = Ktap()
world = World()
with Namespace("bng"):
    INDEX = socket.if_nametoindex(PORT)


def family():
    """Where 64 bit need alignment there are pad attributes, which this ynl
    knows of only as unknown ones."""
    with Namespace("bng"):
        return YnlFamily(SPEC, "", process_unknown=True)


ynl = family()
# a family of its own: what this ynl hears amid an answer it stumbles over
events = family()
events.ntf_subscribe("events")


def number(address):
    """It shows addresses as text, and takes them as numbers."""
    return int(ipaddress.ip_address(address))


def cli(*words):
    """What the command line says."""
    with Namespace("bng"):
        done = subprocess.run(
            [sys.executable, os.environ["LG_YNL"] + "/cli.py", "--spec", SPEC,
             "--no-schema", "--process-unknown", "--output-json", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
    if done.returncode:
        raise RuntimeError(done.stdout)
    return json.loads(done.stdout)


def some(message, *names):
    """Those attributes, with None for one that is not there."""
    return {name: message.get(name) for name in names}


def heard(source, *names):
    """The messages of those events, when all of them have come; and whatever
    else has."""
    def all_came():
        source.check_ntf()
        came = [one["name"] for one in source.async_msg_queue]
        return all(came.count(name) >= names.count(name) for name in names)

    wait_until(all_came, 20)
    came = [(one["name"], one["msg"]) for one in source.async_msg_queue]
    source.async_msg_queue.clear()
    return came


def unlisted(name, message):
    """Attributes that the spec does not have among those of the operation,
    but for padding, which it has among none."""
    with open(SPEC, encoding="utf-8") as file:
        [one] = [one for one in yaml.safe_load(file)["operations"]["list"]
                 if one["name"] == name]
    of = one.get("event") or one.get("dump", one.get("do"))["reply"]
    return [(name, key) for key in message
            if key not in (*of["attributes"], "pad")]


# of all that was told
strangers = []


def told(name, want, *attributes, source=events):
    """Exactly those events, each an event's name and values of it."""
    came = heard(source, *(event for event, _ in want))
    for event, message in came:
        strangers.extend(unlisted(event, message))
    ktap.equal(name, [(event, some(message, *values))
                      for (event, message), (_, values) in zip(came, want)]
               if len(came) == len(want) else came, want)
    return came


def refused(name, number_wanted, method, values, flags=None):
    """By that errno, and with a word on why."""
    try:
        ynl.do(method, values, flags)
        said = "not refused"
    except NlError as error:
        said = (error.error, bool((error.nl_msg.extack or {}).get("msg")))
    ktap.equal(name, said, (number_wanted, True))


def policies():
    faults, compared = policy.judge(
        SPEC, shell("ip netns exec bng genl ctrl policy name leaseglean"))
    ktap.check("the module's policies are those of the spec",
               compared and not faults, "\n".join(faults) or "none compared")


def command_line():
    """Several operations in one message batch, and a dump."""
    lease = {"addr": number(FIRST), "hwaddr": "020000000101",
             "port": INDEX, "expires": 3600, "giaddr": number(GIADDR),
             "server": number(CORE), "agent-info": "0103616263",
             "client-id": "01020000000101"}
    words = []
    for method, values in (
            ("port-set", {"ifname": PORT, "role": "access"}),
            ("lease-put", {"lease": [lease, {
                "addr": number(SECOND), "hwaddr": "020000000102",
                "origin": "static"}]}),
            ("lease-put", {"lease": [{
                "addr": number(NONE), "state": "unassigned",
                "origin": "leasequery", "port": INDEX,
                "expires": 3600}]})):
        words += "--multi", method, json.dumps(values)
    ktap.equal("command line: port-set, lease-put of two, of a negative one",
               cli(*words), [None] * 3)
    ktap.equal("command line: lease-get, dump",
               [one["addr"] for one in cli("--dump", "lease-get")],
               [FIRST, SECOND, NONE])


def puts_are_told():
    told("the puts are told of",
         [("port-ntf", {"ifname": PORT, "role": "access"}),
          ("lease-ntf", {"addr": FIRST, "hwaddr": "02:00:00:00:01:01",
                         "port-name": PORT, "vlan": [100]}),
          ("lease-ntf", {"addr": SECOND, "origin": "static"}),
          ("lease-ntf", {"addr": NONE, "state": "unassigned"})])


def ports():
    settings = {"role": "access", "budget-rate": 50, "budget-burst": 60,
                "arp": "off", "verify": "strict", "match": {"mac", "vlan"},
                "move": "deny", "max-leases": 9}
    prefixes = [{"addr": "10.77.2.254", "len": 32},
                {"addr": "192.0.2.0", "len": 24}]
    ynl.do("port-set", {"ifname": PORT, **settings, "exclude": [
        {**one, "addr": number(one["addr"])} for one in prefixes]})
    want = {"ifname": PORT, **settings, "exclude": prefixes}
    ktap.equal("port-set of every setting, port-get",
               some(ynl.do("port-get", {"ifname": PORT}), *want), want)
    ktap.equal("port-get, dump",
               [some(one, *want) for one in ynl.dump("port-get", {})], [want])
    told("a port's settings are told of", [("port-ntf", want)])
    ktap.equal("it has the leases",
               some(ynl.do("port-get", {"ifindex": INDEX}), "active",
                    "negative", "pending"),
               {"active": 1, "negative": 1, "pending": 0})


def gets():
    ktap.equal("lease-get", some(
        ynl.do("lease-get", {"addr": number(FIRST)}), "addr", "state",
        "origin", "hwaddr", "port", "port-name", "vlan", "giaddr", "server",
        "agent-info", "client-id"), {
            "addr": FIRST, "state": "active", "origin": "static",
            "hwaddr": "02:00:00:00:01:01", "port": INDEX,
            "port-name": PORT, "vlan": [100], "giaddr": GIADDR,
            "server": CORE, "agent-info": "01 03 61 62 63",
            "client-id": "01 02 00 00 00 01 01"})
    for name, match, want in (
            ("everything", {}, [FIRST, SECOND, NONE]),
            ("by port", {"port": INDEX}, [FIRST, NONE]),
            ("by state and origin",
             {"state": "unassigned", "origin": "leasequery"}, [NONE]),
            ("by hwaddr", {"hwaddr": "020000000102"}, [SECOND])):
        ktap.equal("dump " + name,
                   [one["addr"] for one in ynl.dump("lease-get", match)],
                   want)


def refusals():
    one = {"addr": number(FIRST)}
    refused("lease-put refused: no hwaddr", errno.EINVAL, "lease-put",
            {"lease": [one]})
    refused("lease-put refused: exclusive", errno.EEXIST, "lease-put",
            {"lease": [{**one, "hwaddr": "020000000109"}]},
            [Netlink.NLM_F_EXCL])
    refused("query-open refused: not the helper", errno.EPERM, "query-open",
            {"xid": 1, "server": number(CORE), "giaddr": number(GIADDR),
             "timeout": 9})


def batch():
    query = {"xid": 77, "server": number(CORE), "giaddr": number(GIADDR),
             "timeout": 60}
    ktap.equal(
        "helper-set, query-open, server-set, lease-del, lease-flush",
        ynl.do_multi([
            ("helper-set", {}, []), ("query-open", query, []),
            ("server-set", {"addr": [number(CORE), number(GIADDR)]}, []),
            ("lease-del", {"addr": number(SECOND)}, []),
            ("lease-flush", {"state": "unassigned"}, [])]), [None] * 5)
    ktap.equal("one is left", [one["addr"] for one in
                               ynl.dump("lease-get", {})], [FIRST])
    told("leases that end are told of",
         [("lease-del-ntf", {"addr": SECOND, "hwaddr": "02:00:00:00:01:02"}),
          ("lease-del-ntf", {"addr": NONE, "port-name": PORT})])
    counters = {one["name"]: one["value"]
                for one in ynl.do("stats-get", {})["counter"]}
    ktap.equal("stats-get",
               some(counters, "put", "put_refused", "query_opened"),
               {"put": 3, "put_refused": 2, "query_opened": 1})


def reply():
    """To the query that was opened."""
    message = p.dhcp(p.BOOTREPLY, p.options(p.UNASSIGNED), xid=77,
                     ciaddr=FIRST, giaddr=GIADDR)
    world.reply(message, GIADDR)
    told("the helper is told of the reply", [
        ("reply-ntf", {"xid": 77, "server": CORE, "giaddr": GIADDR,
                       "message": message})], source=ynl)


def miss():
    address = "10.77.2.99"
    packet = p.ip(CORE, address, p.udp(CORE, 9, address, 9, b""))
    ktap.equal("pending-get, dump of none", ynl.dump("pending-get", {}), [])
    world.downstream(packet, packet)
    want = {"addr": address, "port": INDEX, "port-name": PORT, "payer": INDEX}
    # before the next request: this ynl stumbles over it too
    [(_, upcall)] = told("the helper is told of a miss, once",
                         [("miss-ntf", {**want, "packets": 1})], source=ynl)
    want["cookie"] = upcall["cookie"]
    [pending] = ynl.dump("pending-get", {})
    strangers.extend(unlisted("pending-get", pending))
    ktap.equal("pending-get, dump", some(pending, "packets", *want),
               {"packets": 2, **want})
    ynl.do("lease-put", {"lease": {
        "addr": number(address), "hwaddr": "020000000103", "expires": 60,
        "origin": "leasequery", "cookie": upcall["cookie"]}})
    ktap.equal("an answer with its cookie is taken",
               (ynl.do("lease-get", {"addr": number(address)})["port-name"],
                ynl.dump("pending-get", {})), (PORT, []))
    told("and told of", [("lease-ntf", {"addr": address, "port": INDEX,
                                        "origin": "leasequery"})])


def relay():
    address, mac = "10.77.2.50", p.mac("02:00:00:00:01:50")
    ktap.equal("relay-get, dump of none", ynl.dump("relay-get", {}), [])
    world.bind(SUB, mac, address)
    want = {"port": INDEX, "port-name": PORT, "giaddr": GIADDR,
            "server": CORE}
    ktap.equal("relay-get, dump", ynl.dump("relay-get", {}), [want])
    told("what a relay agent uses and gleaned leases are told of", [
        ("relay-ntf", want),
        ("lease-ntf", {"addr": address, "hwaddr": mac.hex(":"),
                       "origin": "gleaned", "giaddr": GIADDR,
                       "server": CORE, "vlan": [100]})])


def spoof():
    address, mac = "10.77.2.77", p.mac("02:00:00:00:99:77")
    world.upstream(SUB, p.ip(address, CORE, p.udp(address, 5, CORE, 9, b"")),
                   src=mac)
    told("a source that is not the sender's is told of", [
        ("spoof-ntf", {"addr": address, "reason": "no-lease",
                       "hwaddr": mac.hex(":"), "port": INDEX,
                       "port-name": PORT, "vlan": [100], "dropped": True})])


def all_is_listed():
    # the helper's may hear of a miss amid them
    other = family()
    for name in "lease-get", "port-get", "relay-get":
        for one in other.dump(name, {}):
            strangers.extend(unlisted(name, one))
    ktap.equal("the spec lists all that was told", strangers, [])


ktap.run((policies, command_line, puts_are_told, ports, gets, refusals, batch,
          reply, miss, relay, spoof, all_is_listed))
ktap.end()
