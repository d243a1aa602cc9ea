# SPDX-License-Identifier: GPL-2.0
"""Frames as fast as the kernel takes them, and who is hurt by that."""

import ctypes
import os
import select
import socket
import struct
import threading
import time
from array import array
from itertools import accumulate

import packet as p
from world import CORE, Namespace

libc = ctypes.CDLL(None, use_errno=True)
# of one sendmmsg(), during which a machine with one CPU does nothing else
AT_ONCE = 128
MMSGHDR = 64
SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33


class Burst:
    """Frames laid out for sendmmsg(), which leaves Python out of it; and out
    of the laying out, as a /16 has many."""

    def __init__(self, frames, sizes):
        """All frames in one, and the bytes of each."""
        self.frames = ctypes.create_string_buffer(frames, len(frames))
        self.count = count = len(sizes)
        at = ctypes.addressof(self.frames)
        self.vectors = array("Q", bytes(2 * 8 * count))
        self.vectors[0::2] = array("Q", accumulate(sizes[:-1], initial=at))
        self.vectors[1::2] = array("Q", sizes)
        base = self.vectors.buffer_info()[0]
        # of a struct mmsghdr: msg_iov and msg_iovlen
        headers = array("Q", bytes(MMSGHDR * count))
        headers[2::8] = array("Q", range(base, base + 16 * count, 16))
        headers[3::8] = array("Q", [1]) * count
        self.headers = (ctypes.c_char * (MMSGHDR * count)).from_buffer(headers)
        self.next = 0

    @classmethod
    def of(cls, frames):
        """Of a list of them."""
        return cls(b"".join(frames), [len(frame) for frame in frames])

    def send(self, sock):
        """Some of them, where the last call left off; how many."""
        want = min(AT_ONCE, self.count - self.next)
        sent = libc.sendmmsg(sock.fileno(), ctypes.byref(
            self.headers, self.next * MMSGHDR), want, 0)
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
        self.sock = sock
        self.burst = frames if isinstance(frames, Burst) else Burst.of(frames)
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
    """A small datagram to each host of a /16, its network as "10.88". What
    the identification loses the host part gains: all have one checksum."""
    count = 65534
    first = p.ether(dst_mac, src_mac, p.ip(
        src, net + ".0.1", struct.pack("!HHHH", 9, 9, 8, 0), ident=0xfffe))
    frames = bytearray(first * count)
    hosts = array("H", range(1, count + 1))
    idents = array("H", range(count, 0, -1))
    for at, values in ((18, idents), (32, hosts)):
        values.byteswap()
        raw = values.tobytes()
        frames[at::len(first)] = raw[0::2]
        frames[at + 1::len(first)] = raw[1::2]
    return Burst(bytes(frames), [len(first)] * count)


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
        answer, once one was sent to each, and all have come or are given
        up."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and not all(
                sent for sent, _ in self.count.values()):
            time.sleep(self.pause)
        self.held.set()
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


def only_leasequeries(sock):
    """Of a flood that gets as far as the server the socket has room for what
    is counted: datagrams whose first option says that they are queries."""
    load_byte, jump_if_equal, result = 0x30, 0x15, 0x06
    program = b"".join(struct.pack("=HBBI", *one) for one in (
        (load_byte, 0, 0, 8 + 240), (jump_if_equal, 0, 3, 53),
        (load_byte, 0, 0, 8 + 242), (jump_if_equal, 0, 1, p.LEASEQUERY),
        (result, 0, 0, 0xffff), (result, 0, 0, 0)))
    room = ctypes.create_string_buffer(program, len(program))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack(
        "@HP", len(program) // 8, ctypes.addressof(room)))


class Server(threading.Thread):
    """The DHCP server of the core, as far as DHCPLEASEQUERY goes."""

    def __init__(self):
        super().__init__(daemon=True)
        with Namespace("core"):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
            only_leasequeries(self.sock)
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
