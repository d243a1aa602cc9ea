#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Hears what is on the core wire and at each subscriber, and speaks for hosts
there: one process for a whole test, where emulated machines feel each start.

usage: watch.py SUBSCRIBER...

A command is a line on standard input, its answer a line that begins with "ok"
or "no". A PLACE is "core" or a subscriber, TYPES are DHCP message types with
commas between them, or "leasequery" for all of leasequery's.

	forget			what was heard until now
	send ADDRESS...		a datagram to each, from the core
	ask GIADDR ADDRESS...	leasequeries that no helper knows of, from bng
	heard PLACE N TYPES	waits for N such messages, or more
	mark			a frame of bng's to every place that comes after
				all others, until it is heard: nothing was lost
	count PLACE TYPES	how many
	none PLACE TYPES	that there is none
"""

import select
import socket
import struct
import sys
import time

import packet as p
import pcap
from world import BNG, CORE, Namespace

PATIENCE = 40
LEASEQUERY = set(range(10, 19))
PORTS = ("acc0", "acc1.100", "acc2.100.7", "acc3")
MARKER = 4711
SO_RCVBUFFORCE, SOL_PACKET, PACKET_STATISTICS = 33, 263, 6


class Place:
    """One wire: its DHCP messages and its marks, in both directions."""

    def __init__(self, namespace, device):
        with Namespace(namespace):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
            self.sock.bind((device, 0x0003))
        self.forget()

    def forget(self):
        self.messages = []
        self.marks = set()

    def read(self):
        while True:
            try:
                frame = self.sock.recv(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            found = pcap.datagram(frame)
            if not found:
                continue
            source, to, ports, payload = found
            if ports[1] == MARKER:
                self.marks.add(payload)
            elif {67, 68} & set(ports) and len(payload) >= 240 and \
                    payload[236:240] == p.COOKIE:
                self.messages.append((source, to, p.parse(payload)))

    def wait(self, condition):
        """condition(), once it is true or patience has ended."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.read()
            value = condition()
            left = deadline - time.monotonic()
            if value or left <= 0:
                return value
            select.select([self.sock], [], [], left)

    def lost(self):
        return struct.unpack("=II", self.sock.getsockopt(
            SOL_PACKET, PACKET_STATISTICS, 8))[1]

    def of(self, kinds):
        return [one for one in self.messages if one[2]["type"] in kinds]

    def __str__(self):
        return "; ".join("%s > %s type %d ciaddr %s giaddr %s" % (
            source, to, one["type"], one["ciaddr"], one["giaddr"])
            for source, to, one in self.messages) or "nothing"


def types(text):
    if text == "leasequery":
        return LEASEQUERY
    return {int(one) for one in text.split(",")}


class Watch:
    """The commands; each returns whether it holds, and what to say of it."""

    def __init__(self, subscribers):
        self.places = {name: Place(name, "wan") for name in subscribers}
        self.places["core"] = Place("core", "core0")
        self.marks = self.xid = 0
        with Namespace("core"):
            self.core = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with Namespace("bng"):
            self.bng = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.bng.bind((BNG, 0))
            self.ports = [self.on_port(port) for port in PORTS]

    @staticmethod
    def on_port(port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                        port.encode())
        return sock

    def forget(self):
        for place in self.places.values():
            place.read()
            place.forget()
        return True, ""

    def send(self, *addresses):
        for address in addresses:
            self.core.sendto(b"downstream", (address, 9))
        return True, ""

    def ask(self, giaddr, *addresses):
        for address in addresses:
            self.xid += 1
            self.bng.sendto(p.dhcp(
                p.BOOTREQUEST, p.options(p.LEASEQUERY, (55, bytes((51, 82)))),
                xid=0x7000 + self.xid, ciaddr=address, htype=0, hops=16,
                giaddr=giaddr), (CORE, 67))
        return True, ""

    def heard(self, name, number, kinds):
        place, kinds = self.places[name], types(kinds)
        place.wait(lambda: len(place.of(kinds)) >= int(number))
        got = len(place.of(kinds))
        return got >= int(number), "%s heard %d: %s" % (name, got, place)

    def mark(self):
        self.marks += 1
        mark = b"mark %d" % self.marks
        for sock in self.ports:
            sock.sendto(mark, ("255.255.255.255", MARKER))
        self.bng.sendto(mark, (CORE, MARKER))
        for name, place in self.places.items():
            if not place.wait(lambda here=place: mark in here.marks):
                return False, "%s never got the last frame" % name
            if place.lost():
                return False, "frames at %s were lost" % name
        return True, ""

    def count(self, name, kinds):
        place = self.places[name]
        place.read()
        return True, str(len(place.of(types(kinds))))

    def none(self, name, kinds):
        place = self.places[name]
        place.read()
        return not place.of(types(kinds)), "%s heard %s" % (name, place)


def main():
    watch = Watch(sys.argv[1:])
    commands = {"forget": watch.forget, "send": watch.send,
                "ask": watch.ask, "heard": watch.heard, "mark": watch.mark,
                "count": watch.count, "none": watch.none}
    print("ok", flush=True)
    for line in sys.stdin:
        words = line.split()
        holds, said = commands[words[0]](*words[1:])
        print("ok" if holds else "no", said, flush=True)


if __name__ == "__main__":
    main()
