#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How many lines of each source of userspace-helper/ were run, by what gcov
makes of the counts. A line counts as run if a program of any build ran it.

usage: lines.py [-u] DIRECTORY LEAST

Ends 1 where that is less than LEAST of a hundred, or where nothing was built
of a source.
"""

import itertools
import json
import os
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PART = "userspace-helper"


def sources():
    """Those that are to be covered, by their names below PART."""
    top = os.path.join(TOP, PART)
    return {os.path.relpath(os.path.join(where, name), top)
            for where, _, names in os.walk(top)
            for name in names if name.endswith(".c")}


def notes(directory):
    """What the compiler wrote for gcov, of each object of each build."""
    for where, _, names in os.walk(directory):
        for name in names:
            if name.endswith(".gcno"):
                yield os.path.join(where, name)


def gcov(note):
    """The files and lines of one object. Without counts none was run."""
    where, name = os.path.split(note)
    out = subprocess.run(["gcov", "--json-format", "--stdout", name],
                         cwd=where, check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE).stdout
    return json.loads(out)


def name_of(file, report):
    """A source's name below PART, None for any other file."""
    path = os.path.normpath(os.path.join(report["current_working_directory"],
                                         file["file"]))
    return path.partition("/%s/" % PART)[2] or None


def count(directory, wanted):
    """{source: {line: was it run?}}"""
    runs = {}
    for note in notes(directory):
        report = gcov(note)
        for file in report["files"]:
            name = name_of(file, report)
            if name not in wanted or not file["lines"]:
                continue
            lines = runs.setdefault(name, {})
            for line in file["lines"]:
                number = line["line_number"]
                lines[number] = lines.get(number, False) or line["count"] > 0
    return runs


def ranges(numbers):
    """1-3, 7 of [1, 2, 3, 7]"""
    for _, group in itertools.groupby(enumerate(numbers),
                                      lambda one: one[1] - one[0]):
        group = [number for _, number in group]
        yield "%d-%d" % (group[0], group[-1]) if group[1:] else str(group[0])


def row(name, run, lines):
    print("%-24s %6d %6d %6.1f %%" % (name, lines, run, 100 * run / lines))


def main():
    words = sys.argv[1:]
    list_them = words[0] == "-u"
    directory, least = words[-2], float(words[-1])
    wanted = sources()
    runs = count(directory, wanted)
    print("%-24s %6s %6s" % (PART + "/", "lines", "run"))
    for name in sorted(runs):
        row(name, sum(runs[name].values()), len(runs[name]))
        if list_them:
            print("    not run: " + ", ".join(ranges(
                [n for n in sorted(runs[name]) if not runs[name][n]])))
    run = sum(sum(lines.values()) for lines in runs.values())
    lines = sum(len(lines) for lines in runs.values())
    missing = sorted(wanted - runs.keys())
    if missing:
        sys.exit("coverage: nothing was built of " + ", ".join(missing))
    row("all", run, lines)
    if 100 * run < least * lines:
        sys.exit("coverage: less than %g %% of the lines were run" % least)


if __name__ == "__main__":
    main()
