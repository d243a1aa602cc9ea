#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the command makes of the daemon's answers: how it ends, what it prints,
and that nothing which a client may have chosen is taken for anything else.

usage: shown.py COMMAND DIRECTORY
"""

import json
import os
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))

from world import Ktap  # noqa: E402

command, where = sys.argv[1:]
path = os.path.join(where, "control.sock")
ktap = Ktap()
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()


def answer(data, lines):
    with listener.accept()[0] as sock:
        lines.append(sock.makefile("rb").readline())
        try:
            sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass


def said(data, *words):
    """Status, output, and what standard error says; and the line asked."""
    lines = []
    daemon = threading.Thread(target=answer, args=(data, lines))
    daemon.start()
    ended = run("--control", path, *words)
    daemon.join()
    return ended + (lines[0],)


def run(*words):
    ended = subprocess.run([command, *words], capture_output=True, check=False,
                           timeout=60)
    return (ended.returncode, ended.stdout.decode("ascii"),
            ended.stderr.decode("ascii"))


def line(thing):
    return (json.dumps(thing) + "\n").encode()


SERVER = {"server": "198.18.0.2", "dialect": "rfc4388", "verdict": "active",
          "address": "10.77.1.10", "hwaddr": "02:00:00:00:01:01",
          "expires": 60, "host_name": None, "vendor_class": None,
          "server_id": "198.18.0.3", "agent_info": "0101610901ff",
          "associated": ["10.77.1.10", "10.77.1.11"], "reserved": False}
MERGED = {"server": "198.18.0.2", "address": "10.77.1.10", "expires": None}


def verdict(name, **more):
    return {"verdict": name, "merged": MERGED if name == "active" else None,
            "servers": [dict(SERVER, verdict=name, **more)]}


def ends_as_documented():
    for name, want in (("active", 0), ("unassigned", 3), ("unknown", 4),
                       ("silent", 5)):
        status, out, err, asked = said(line(verdict(name)), "query", "ip",
                                       "10.77.1.10")
        ktap.equal("%s: how it ends" % name, (status, err), (want, ""))
        ktap.check("and the last line says so",
                   out.splitlines()[-1].startswith("merged " + name), out)
    ktap.equal("the words are as the daemon has them", asked,
               b"query ip 10.77.1.10\n")
    ktap.equal("what is text is asked for in hexadecimal",
               said(line(verdict("active")), "q", "cl", "text:a b")[3],
               b"query client-id 612062\n")
    data = line(verdict("silent"))
    ktap.equal("JSON is passed on as it is",
               said(data, "-j", "query", "ip", "10.77.1.10")[:2],
               (5, data.decode()))


def text_is_told_apart():
    name = 'a" circuit-id 00 associated 10.9.9.9'
    out = said(line(verdict("active", host_name=name, vendor_class="b c")),
               "query", "ip", "10.77.1.10")[1]
    ktap.equal("a client's text cannot be taken for a field",
               out.splitlines()[1],
               '    10.77.1.10 lladdr 02:00:00:00:01:01 expires 60sec '
               'agent-info 0101610901ff server-id 198.18.0.3 vendor-class "b c" '
               'host-name "a\\x22 circuit-id 00 associated 10.9.9.9" '
               'associated 10.77.1.10,10.77.1.11')
    ktap.equal("a lease without end is told of as one",
               out.splitlines()[2],
               "merged active server 198.18.0.2 10.77.1.10 expires never")


def answers_are_refused():
    for what, data, why in (
            ("none", b"", "hung up"),
            ("no JSON", b"nonsense\n", "cannot be read"),
            ("half of it", b'{"verdict":"act', "cannot be read"),
            ("no object", b"[]\n", "cannot be read"),
            ("null", b"null\n", "cannot be read"),
            ("no verdict", b"{}\n", "cannot be read"),
            ("another verdict", line(verdict("maybe")), "cannot be read"),
            ("too much", b"{" + b" " * (9 << 20), "too long"),
            ("a refusal", line({"error": "x: what is that?"}),
             "Error: leasegleand: x: what is that?.")):
        for option in ((), ("-j",)):
            status, out, err, _ = said(data, "query", "ip", "10.77.1.10",
                                       *option)
            ktap.check("refused: " + " ".join((what, *option)),
                       status == 2 and not out and why in err,
                       (status, out, err))


def nobody_is_there():
    status, out, err = run("status", "--control", path + "x")
    ktap.check("nobody is there", status == 2 and not out and
               path + "x: it does not run" in err, err)


def times_are_read():
    status = {"version": "1", "pid": 7, "uptime": 9, "module": True,
              "questions": 0, "median": 0.00025, "p99": 10.0,
              "servers": [dict(SERVER, state="proven", median=1.0,
                               p99=0.99951)],
              "recovery": [{"source": "bulk", "state": "running",
                            "seconds": 125.04}], "counters": {"misses": 3}}
    code, out, err, asked = said(line(status), "status")
    out = out.splitlines()
    ktap.equal("status is asked for", (code, err, asked),
               (0, "", b"status\n"))
    ktap.equal("short times are told in milliseconds, long ones are not",
               out[0], "leasegleand 1 pid 7 up 9sec module attached "
               "questions 0 median 0.25ms p99 10.0sec")
    ktap.check("whatever they are of", out[2].endswith(
        " median 1.0sec p99 1.0sec") and out[3].endswith(" took 125.0sec"),
        out)
    ktap.equal("and the counters", out[4:], ["misses 3"])
    ktap.equal("without any of it, it is a line",
               said(b"{}\n", "status")[:2],
               (0, "leasegleand - pid - up -sec module absent questions -\n"))


def metrics_are_passed_on():
    data = "# TYPE a gauge\na 1\n"
    ktap.equal("metrics are passed on as they are",
               said(data.encode(), "status", "--prometheus"),
               (0, data, "", b"metrics\n"))
    status, out, err, _ = said(line({"error": "no"}), "status", "--prometheus")
    ktap.equal("but for a refusal", (status, out, err),
               (2, "", "Error: leasegleand: no.\n"))


ktap.run((ends_as_documented, text_is_told_apart, answers_are_refused,
          nobody_is_there, times_are_read, metrics_are_passed_on))
ktap.end()
