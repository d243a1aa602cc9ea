// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer harness of what refills the table: the snapshot's file, and the
 * stream of bulk leasequery, which means the same however it is cut. The first
 * byte says which.
 */
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "check.h"
#include "bulk.h"
#include "log.h"
#include "snapshot.h"

/* What the parsers need of the rest of the daemon. */
struct config config;
struct counters counters;

void log_msg(const char *file, int priority, const char *fmt, ...)
{
	(void)file;
	(void)priority;
	(void)fmt;
}

uint64_t clock_ntp(void)
{
	return 1;
}

int module_access_port(const char *name, uint32_t *ifindex)
{
	(void)name;
	(void)ifindex;
	return -ENOENT;
}

/* ---- the snapshot ---- */

static void lease_try(const uint8_t *bytes, size_t len)
{
	uint8_t again[SNAPSHOT_LEASE_MAX];
	struct snapshot_lease lease;

	if (!snapshot_decode(bytes, len, &lease))
		return;
	CHECK(lease.lease.hlen && lease.lease.hlen <= LEASEGLEAN_HWADDR_MAX);
	CHECK(memchr(lease.port, '\0', IFNAMSIZ));
	CHECK(memchr(lease.vrf, '\0', IFNAMSIZ));
	/* One lease has one form. */
	CHECK(snapshot_encode(again, &lease) == len);
	CHECK(!memcmp(again, bytes, len));
}

static const char *file_try(const uint8_t *bytes, size_t len)
{
	struct snapshot s = { .len = len };
	struct snapshot_lease lease;
	const char *reason;
	uint64_t n = 0;

	/* Of its very length, so that the sanitizer sees what is past it. */
	s.bytes = malloc(len ? len : 1);
	memcpy(s.bytes, bytes, len);
	reason = snapshot_check(&s);
	while (!reason && snapshot_next(&s, &lease))
		n++;
	CHECK(reason || n == s.leases);
	snapshot_close(&s);
	return reason;
}

/* As leases between a head and a tail that are right. */
static void leases_try(const uint8_t *bytes, size_t len)
{
	static const uint8_t head[20] = "lglease\n\0\0\0\2";
	uint8_t *file = malloc(sizeof(head) + len + 14);
	size_t at = sizeof(head);
	const char *reason;
	uint64_t n = 0, net;
	uint32_t crc;

	memcpy(file, head, sizeof(head));
	while (len >= 2) {
		size_t one = (size_t)bytes[0] << 8 | bytes[1];

		if (!one || one > len - 2)
			break;
		memcpy(file + at, bytes, 2 + one);
		at += 2 + one;
		bytes += 2 + one;
		len -= 2 + one;
		n++;
	}
	memset(file + at, 0, 2);
	net = htobe64(n);
	memcpy(file + at + 2, &net, 8);
	crc = htobe32((uint32_t)crc32(0, file, (unsigned int)at + 10));
	memcpy(file + at + 10, &crc, 4);
	reason = file_try(file, at + 14);
	/* With nothing between them they are right. */
	CHECK(n || !reason);
	if (!reason && n) {
		file[at / 2] ^= 1;
		CHECK(file_try(file, at + 14));
	}
	free(file);
}

/* ---- the stream ---- */

/* What came of it, in short. */
struct heard {
	unsigned int messages;
	uint32_t xid;
	uint32_t sum;
	bool alive;
};

static bool on_message(const uint8_t *message, size_t len, void *data)
{
	struct heard *heard = data;
	struct bulk_message m;
	enum bulk_kind kind;

	/* The query was that of the first message. */
	if (!heard->messages++) {
		memcpy(&heard->xid, message + 4, 4);
		heard->xid = be32toh(heard->xid);
	}
	kind = bulk_read(heard->xid, message, len, &m);
	heard->sum = (uint32_t)crc32(heard->sum, message, (unsigned int)len);
	if (kind == BULK_LEASE) {
		CHECK(m.addr);
		if (m.lease.state == LEASEGLEAN_STATE_ACTIVE)
			CHECK(m.lease.hlen && m.lease.expires);
		else
			CHECK(m.lease.state == LEASEGLEAN_STATE_UNASSIGNED &&
			      m.dated && !m.lease.hlen);
	}
	CHECK(memchr(m.text, '\0', sizeof(m.text)));
	return kind != BULK_BAD;
}

/* In pieces of @step, after a first one of @first. */
static struct heard stream_hear(const uint8_t *bytes, size_t len, size_t first,
				size_t step)
{
	struct heard heard = { .alive = true };
	struct bulk_stream *stream = calloc(1, sizeof(*stream));
	size_t n = first < len ? first : len;

	while (heard.alive && len) {
		heard.alive = bulk_stream_feed(stream, bytes, n, on_message,
					       &heard);
		bytes += n;
		len -= n;
		n = step < len ? step : len;
	}
	free(stream);
	return heard;
}

static bool same(struct heard a, struct heard b)
{
	return a.messages == b.messages && a.sum == b.sum &&
	       a.alive == b.alive;
}

static void stream_try(const uint8_t *bytes, size_t len)
{
	struct heard whole = stream_hear(bytes, len, len, len);
	size_t cut;

	CHECK(same(whole, stream_hear(bytes, len, 1, 1)));
	/* Every place, or of a long one some. */
	for (cut = 1; cut < len; cut += 1 + len / 64)
		CHECK(same(whole, stream_hear(bytes, len, cut, len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (!len)
		return 0;
	switch (bytes[0] % 4) {
	case 0:
		file_try(bytes + 1, len - 1);
		break;
	case 1:
		lease_try(bytes + 1, len - 1);
		break;
	case 2:
		leases_try(bytes + 1, len - 1);
		break;
	default:
		stream_try(bytes + 1, len - 1);
	}
	return 0;
}
