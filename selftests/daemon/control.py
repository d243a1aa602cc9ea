#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Whoever may connect to the daemon's control socket, and means it ill: the
daemon answers the next one, holds on to nothing, and ends as it should.

usage: control.py DAEMON DIRECTORY
"""

import json
import os
import random
import re
import resource
import select
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))

from world import Ktap, wait_until  # noqa: E402

CONNECTIONS, LINE, IDLE, PATIENCE = 16, 4096, 5, 30
daemon, where = sys.argv[1:]
path = os.path.join(where, "run", "control.sock")
ktap = Ktap()


def connect(to=path):
    sock = socket.socket(socket.AF_UNIX)
    # one with a time limit would not wait for a place among those that wait
    sock.connect(to)
    sock.settimeout(PATIENCE)
    return sock


def rest(sock):
    """All that comes until the end, however that is made."""
    data = b""
    while True:
        try:
            more = sock.recv(65536)
        except ConnectionResetError:
            return data
        if not more:
            return data
        data += more


def ask(line, to=path):
    with connect(to) as sock:
        try:
            sock.sendall(line)
        except BrokenPipeError:
            pass
        return rest(sock)


def lives():
    return process.poll() is None and \
        json.loads(ask(b"status\n"))["pid"] == process.pid


def error(line):
    return json.loads(ask(line))["error"]


def descriptors():
    return len(os.listdir("/proc/%d/fd" % process.pid))


def requests_are_answered():
    said = json.loads(ask(b"status\n"))
    ktap.equal("status says that there is no module", said["module"], False)
    metrics_are_read()
    ktap.equal("nothing is asked without the module",
               error(b"query ip 10.77.1.1\n").split(",")[0],
               "the kernel module is not loaded")
    ktap.equal("a line may come in pieces, and end as others end theirs",
               pieces(), process.pid)


def metrics_are_read():
    """As strictly as Prometheus, and other readers of its format, have it."""
    families, series = {}, set()
    lines = ask(b"metrics\n").decode("ascii").split("\n")
    ktap.equal("metrics end with a line's end", lines.pop(), "")
    for line in lines:
        found = re.fullmatch(r"# (HELP|TYPE) (leasegleand_[a-z0-9_]+) (.+)",
                             line)
        if found:
            key, name, what = found.groups()
            now = families.setdefault(name, {})
            if key in now or "samples" in now:
                raise RuntimeError("not at the head of its own: " + line)
            now[key] = what
            continue
        sample, number = line.rsplit(" ", 1)
        base = re.fullmatch(r'([a-z0-9_]+)(\{[a-z]+="[^"\\]*"'
                            r'(,[a-z]+="[^"\\]*")*\})?', sample).group(1)
        of = name if families[name]["TYPE"] == "histogram" else base
        if base not in (of, of + "_bucket", of + "_sum", of + "_count") or \
                of != name or sample in series:
            raise RuntimeError("not of the one above: " + line)
        series.add(sample)
        now.setdefault("samples", []).append(float(number))
    ktap.check("each has a help, a type and samples", all(
        one["HELP"] and one["TYPE"] in ("counter", "gauge", "histogram") and
        one["samples"] for one in families.values()), families)
    ktap.check("counters alone end in _total", all(
        (one["TYPE"] == "counter") == name.endswith("_total")
        for name, one in families.items()))
    # OpenMetrics calls a counter by its name without that
    ktap.check("no two have one name", not [
        name for name in families
        if name + "_total" in families], sorted(families))
    said = json.loads(ask(b"status\n"))
    ktap.equal("all counters are among them", set(said["counters"]), {
        name[len("leasegleand_"):-len("_total")] for name in families
        if name.endswith("_total") and "_server_" not in name})
    ktap.check("status has the times that they have",
               histogram_is_sound(said["histograms"]["miss_answer_seconds"]))
    ktap.equal("and of each server", set(said["histograms"]
                                         ["server_answer_seconds"]),
               {server["server"] for server in said["servers"]})


def histogram_is_sound(times):
    bounds = [bucket["le"] for bucket in times["buckets"]]
    counts = [bucket["count"] for bucket in times["buckets"]]
    # with the usual settings the last of the tries is over after 25 s, or 27.5
    return bounds[-1] > 27.5 and bounds == sorted(set(bounds)) and counts == sorted(counts) and \
        counts[-1] <= times["count"] and times["sum"] >= 0


def pieces():
    with connect() as sock:
        for piece in (b"sta", b"tus", b"\r\nmore that is not read\n"):
            sock.sendall(piece)
        return json.loads(rest(sock))["pid"]


def counted(name):
    return json.loads(ask(b"status\n"))["counters"][name]


def lines_are_refused():
    before = counted("requests_refused"), counted("requests")
    for what, line, why in (
            ("an empty line", b"\n", "no such request"),
            ("an unknown word", b"bogus\n", "no such request"),
            ("words behind status", b"status all\n", "takes no words"),
            ("a wrong word", b"query ip 10.77.1.1 bogus 1\n", "bogus: what"),
            ("a NUL", b"sta\0tus\n", "not a line of text"),
            ("what is not ASCII", "query ip \u0664\n".encode(),
             "not a line of text"),
            ("too many words", b"query " + b"ip " * 64 + b"\n",
             "too many words"),
            ("the longest line", b"x" * (LINE - 1) + b"\n",
             "no such request"),
            ("a longer one", b"x" * LINE, "the line is too long"),
            ("a much longer one", b"x" * 300000, "the line is too long")):
        ktap.check("refused: " + what, why in error(line), error(line))
    # each was asked twice, beside those two who asked for the counters
    ktap.equal("and counted, each time", (counted("requests_refused"),
                                          counted("requests")),
               (before[0] + 20, before[1] + 22))


def noise_is_survived():
    chance = random.Random(4711)
    words = [b"query", b"status", b"metrics", b"ip", b"mac", b"client-id",
             b"remote-id", b"server", b"giaddr", b"timeout", b"10.77.1.1",
             b"02:00:00:00:00:01", b"ff" * 255, b"ff" * 256, b"0", b":", b""]
    for _ in range(400):
        if chance.random() < 0.5:
            line = b" ".join(chance.choice(words) for _ in
                             range(chance.randrange(12)))
        else:
            line = chance.randbytes(chance.randrange(6000))
        ask(line + b"\n")
    ktap.check("400 lines of noise are survived", lives())


def connections_are_bounded():
    late, refused = counted("requests_late"), counted("requests_refused")
    before = descriptors()
    silent = [connect() for _ in range(CONNECTIONS)]
    ktap.check("as many as there may be connect", wait_until(
        lambda: descriptors() == before + CONNECTIONS, PATIENCE))
    ktap.equal("the next is told", error(b"status\n"), "too many at a time")
    began = time.monotonic()
    silent[0].sendall(b"sta")
    for sock in silent:
        if rest(sock) != b"":
            raise RuntimeError("a silent one was answered")
        sock.close()
    ktap.equal("who was sent away, and who was refused, is counted",
               (counted("requests_late"), counted("requests_refused")),
               (late + CONNECTIONS, refused + 1))
    ktap.check("silent ones are sent away in time",
               time.monotonic() - began < IDLE + PATIENCE / 2)
    ktap.equal("and nothing of them is left", descriptors(), before)
    ktap.check("then others have their turn", lives())


def nobody_has_to_read():
    with connect() as sock:
        sock.sendall(b"metrics\n")
        ktap.check("an answer that is not read is no obstacle", lives())
    before = descriptors()
    for _ in range(3 * CONNECTIONS):
        with connect() as sock:
            sock.sendall(b"metrics\n")
    ktap.check("nor is one that has gone", wait_until(
        lambda: descriptors() == before and lives(), PATIENCE))


def few_descriptors_are_survived():
    used = descriptors()
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (used, 4096))
    before = processor_time()
    with connect() as sock:
        sock.sendall(b"status\n")
        ready = select.select([sock], [], [], 1)[0]
        spent = processor_time() - before
        ktap.check("without a descriptor it waits, and does not spin",
                   not ready and spent < 0.1, (ready, spent))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (4096, 4096))
        ktap.check("until there is one", b"pid" in rest(sock))


def processor_time():
    with open("/proc/%d/stat" % process.pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def others_are_refused():
    os.chmod(path, 0o666)
    child = os.fork()
    if not child:
        said = b""
        try:
            # he may not look into all that is above it
            os.chdir(os.path.dirname(path))
            os.setresuid(65534, 65534, 65534)
            said = ask(b"status\n", "control.sock")
        finally:
            os._exit(0 if b"root alone may ask" in said else 1)
    ktap.equal("another user is refused", os.waitpid(child, 0)[1], 0)


def a_second_daemon_runs_without():
    second = start("second")
    wait_until(lambda: "another leasegleand does" in log("second"), PATIENCE)
    second.terminate()
    ktap.check("a second daemon says so, and leaves it alone",
               second.wait() == 0 and
               "another leasegleand does" in log("second") and lives(),
               log("second"))


def it_ends_well():
    with connect() as sock:
        process.terminate()
        ktap.equal("it ends with whoever is connected", process.wait(), 0)
        ktap.equal("who hears no more", rest(sock), b"")
    ktap.check("the socket is gone", not os.path.exists(path))
    ktap.check("nothing is said against it", "ERROR" not in log("daemon"),
               log("daemon"))


def log(name):
    with open(os.path.join(where, name + ".log"), encoding="utf-8") as file:
        return file.read()


def start(name):
    with open(os.path.join(where, name + ".log"), "wb") as to:
        return subprocess.Popen(
            [daemon, "-f", "--control", path, "--state-dir",
             os.path.join(where, name), "--server", "198.18.0.2",
             "--giaddr", "10.77.1.1"], stderr=to)


process = start("daemon")
if ktap.check("it makes the socket and its directory",
              wait_until(lambda: os.path.exists(path), PATIENCE),
              log("daemon")):
    ktap.equal("for root alone", (os.stat(path).st_mode & 0o777,
                                  os.stat(os.path.dirname(path)).st_mode &
                                  0o777), (0o600, 0o755))
    ktap.run((requests_are_answered, lines_are_refused, noise_is_survived,
              connections_are_bounded, nobody_has_to_read,
              few_descriptors_are_survived, a_second_daemon_runs_without,
              others_are_refused, it_ends_well))
if process.poll() is None:
    process.kill()
ktap.end()
