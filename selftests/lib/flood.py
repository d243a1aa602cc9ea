# SPDX-License-Identifier: GPL-2.0
"""Frames as fast as the kernel takes them, and who is hurt by that."""

import ctypes
import os
import select
import socket
import struct
import threading
import time

import packet as p
from world import CORE, Namespace

libc = ctypes.CDLL(None, use_errno=True)
# of one sendmmsg(), during which a machine with one CPU does nothing else
AT_ONCE = 128
MMSGHDR = struct.Struct("=QQQQQQQQ")
SO_RCVBUFFORCE = 33


class Burst:
    """Frames laid out for sendmmsg(), which leaves Python out of it."""

    def __init__(self, frames):
        self.frames = ctypes.create_string_buffer(b"".join(frames))
        self.count = len(frames)
        at, vectors = ctypes.addressof(self.frames), []
        for frame in frames:
            vectors.append(struct.pack("=QQ", at, len(frame)))
            at += len(frame)
        self.vectors = ctypes.create_string_buffer(b"".join(vectors))
        base = ctypes.addressof(self.vectors)
        self.headers = ctypes.create_string_buffer(b"".join(
            MMSGHDR.pack(0, 0, base + 16 * n, 1, 0, 0, 0, 0)
            for n in range(self.count)))
        self.next = 0

    def send(self, sock):
        """Some of them, where the last call left off; how many."""
        want = min(AT_ONCE, self.count - self.next)
        sent = libc.sendmmsg(sock.fileno(), ctypes.byref(
            self.headers, self.next * MMSGHDR.size), want, 0)
        if sent < 0:
            raise OSError(ctypes.get_errno(), "sendmmsg")
        self.next = (self.next + sent) % self.count
        return sent


def outlet(namespace, device):
    """A socket that only sends: what it would receive costs time."""
    with Namespace(namespace):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.bind((device, 0))
    return sock


class Flood(threading.Thread):
    """with Flood(...) as flood: frames go out all the while, over and over,
    on the other CPU where there is one; then flood.sent of them did."""

    def __init__(self, sock, frames):
        super().__init__(daemon=True)
        self.sock, self.burst = sock, Burst(frames)
        self.sent = 0
        self.seconds = 0.0
        self.error = None
        self.over = threading.Event()

    def run(self):
        os.sched_setaffinity(threading.get_native_id(), set(range(
            os.cpu_count())) - {0} or {0})
        began = time.monotonic()
        try:
            while not self.over.is_set():
                self.sent += self.burst.send(self.sock)
        except OSError as error:
            self.error = error
        self.seconds = time.monotonic() - began

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()
        if self.error:
            raise self.error

    def __str__(self):
        return "%d frames in %.1f s, %d a second" % (
            self.sent, self.seconds, self.sent / max(self.seconds, 0.001))


def scan(dst_mac, src_mac, src, net):
    """A small datagram to each host of a /16, its network as "10.88"."""
    base = p.ip(src, net + ".0.0", struct.pack("!HHHH", 9, 9, 8, 0))
    front, back = p.ether(dst_mac, src_mac, base[:10]), base[20:]
    ends = base[12:18]
    start = sum(struct.unpack("!8H", base[:10] + ends))
    frames = []
    for host in range(1, 65535):
        total = start + host
        total = (total & 0xffff) + (total >> 16)
        total = (total & 0xffff) + (total >> 16)
        frames.append(front + struct.pack("!H", ~total & 0xffff) + ends +
                      struct.pack("!H", host) + back)
    return frames


class Stream(threading.Thread):
    """Echo requests from the core to some subscribers, for ever."""

    IDENT = 0x4c47

    def __init__(self, addresses, pause):
        super().__init__(daemon=True)
        self.addresses, self.pause = addresses, pause
        with Namespace("core"):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                      socket.IPPROTO_ICMP)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        self.lock = threading.Lock()
        self.sequence = 0
        self.waiting = {}
        self.count = {address: [0, 0] for address in addresses}
        self.slowest = 0.0
        self.held = threading.Event()

    def request(self, address):
        self.sequence = (self.sequence + 1) & 0xffff
        head = struct.pack("!BBHHH", 8, 0, 0, self.IDENT, self.sequence)
        check = p.checksum(head)
        with self.lock:
            self.waiting[address, self.sequence] = time.monotonic()
            self.count[address][0] += 1
        self.sock.sendto(head[:2] + struct.pack("!H", check) + head[4:],
                         (address, 0))

    def answers(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.sock], [], [], left)[0]:
                return
            data, where = self.sock.recvfrom(2048)
            kind, _, _, ident, sequence = struct.unpack_from("!BBHHH", data,
                                                             20)
            with self.lock:
                began = self.waiting.pop((where[0], sequence), None)
                if kind == 0 and ident == self.IDENT and began:
                    self.count[where[0]][1] += 1
                    self.slowest = max(self.slowest,
                                       time.monotonic() - began)

    def run(self):
        while True:
            if not self.held.is_set():
                for address in self.addresses:
                    self.request(address)
            self.answers(self.pause)

    def take(self, patience=5):
        """{address: [sent, answered]} since the last call and the slowest
        answer, once all have come or are given up."""
        self.held.set()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with self.lock:
                if not self.waiting:
                    break
            time.sleep(self.pause)
        with self.lock:
            count, slowest = self.count, self.slowest
            self.waiting = {}
            self.count = {address: [0, 0] for address in self.addresses}
            self.slowest = 0.0
        self.held.clear()
        return count, slowest


class Server(threading.Thread):
    """The DHCP server of the core, as far as DHCPLEASEQUERY goes."""

    def __init__(self):
        super().__init__(daemon=True)
        with Namespace("core"):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
            self.sock.bind((CORE, 67))
        # address: hardware address, option 82, when it ends; others are free
        self.known = {}
        # addresses that it says nothing of
        self.silent = set()
        self.silent_net = None
        # what the BNG asked, from the addresses it has, and how many others
        self.asked = []
        self.foreign = 0

    def run(self):
        while True:
            data, where = self.sock.recvfrom(4096)
            try:
                query = p.parse(data)
            except (IndexError, struct.error):
                # what attackers send gets here too
                continue
            if query["type"] != p.LEASEQUERY:
                continue
            if not where[0].endswith(".1"):
                self.foreign += 1
                continue
            self.asked.append(query)
            if self.silent_net and \
                    query["ciaddr"].startswith(self.silent_net):
                continue
            if query["ciaddr"] not in self.silent:
                self.sock.sendto(self.answer(query), (query["giaddr"], 67))

    def answer(self, query):
        address = query["ciaddr"]
        mac, agent_info, ends = self.known.get(address, (b"", b"", 0))
        area = p.options(p.ACTIVE, (51, int(ends - time.monotonic())),
                         (82, agent_info)) if mac else p.options(p.UNASSIGNED)
        return p.dhcp(p.BOOTREPLY, area, xid=query["xid"], chaddr=mac,
                      ciaddr=address, giaddr=query["giaddr"])

    def query_of(self, address):
        """The last query for an address, or None."""
        for query in reversed(self.asked):
            if query["ciaddr"] == address:
                return query
        return None
