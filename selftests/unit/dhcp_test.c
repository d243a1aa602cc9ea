// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the DHCP codec. Every message stands right before a page that
 * cannot be read, so that one byte too many ends the test.
 *
 *	dhcp_test CORPUS	the directory of captured messages
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "dhcp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SNAME	44
#define FILE_	108
#define OPTIONS	240
#define ROOM	8192

static const char *corpus;

/*
 * Writing messages
 */
struct draft {
	__u8 bytes[ROOM];
	size_t len;
};

#define BYTES(...) ((const __u8[]){ __VA_ARGS__ })
#define OPT(d, code, ...)						\
	put_option(d, code, BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)))

static void put(struct draft *d, const void *bytes, size_t len)
{
	assert_true(d->len + len <= ROOM);
	memcpy(d->bytes + d->len, bytes, len);
	d->len += len;
}

static void put_byte(struct draft *d, __u8 byte)
{
	put(d, &byte, 1);
}

static void put_option(struct draft *d, __u8 code, const void *value,
		       size_t len)
{
	put_byte(d, code);
	put_byte(d, len);
	put(d, value, len);
}

static void end(struct draft *d)
{
	put_byte(d, LG_OPT_END);
}

/* The fixed part of a reply, each field with a value of its own. */
static void bootp(struct draft *d)
{
	static const __u8 fixed[] = {
		2, 1, 6, 3, 0xa1, 0xa2, 0xa3, 0xa4, 0, 9, 0x80, 0x01,
		10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 3, 10, 0, 0, 4,
		2, 0, 0, 0, 1, 5,
	};

	memset(d, 0, sizeof(*d));
	put(d, fixed, sizeof(fixed));
	d->len = LG_DHCP_FIXED_LEN;
}

static void dhcp(struct draft *d)
{
	bootp(d);
	put(d, BYTES(99, 130, 83, 99), 4);
}

static void dhcp_ack(struct draft *d)
{
	dhcp(d);
	OPT(d, 53, 5);
}

/* An area that option 52 gives away, filled from its start. */
static void overload(struct draft *d, size_t at, const void *bytes, size_t len)
{
	memcpy(d->bytes + at, bytes, len);
}

/*
 * Reading them
 */

/* Copies to where the next byte faults. Each call takes the last one's back. */
static __u8 *before_a_wall(const void *bytes, size_t len)
{
	static __u8 *pages;
	size_t page = sysconf(_SC_PAGESIZE);
	__u8 *wall;

	if (!pages) {
		pages = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(pages, MAP_FAILED);
		assert_int_equal(mprotect(pages + ROOM, page, PROT_NONE), 0);
	}
	assert_true(len <= ROOM);
	wall = pages + ROOM;
	if (len)
		memcpy(wall - len, bytes, len);
	return wall - len;
}

static enum lg_dhcp_err parse_bytes(struct lg_dhcp *msg, const void *bytes,
				    size_t len)
{
	memset(msg, 0xa5, sizeof(*msg));
	return lg_dhcp_parse(msg, before_a_wall(bytes, len), len);
}

static enum lg_dhcp_err parse(struct lg_dhcp *msg, const struct draft *d)
{
	return parse_bytes(msg, d->bytes, d->len);
}

static void refused(const struct draft *d, enum lg_dhcp_err why)
{
	struct lg_dhcp msg;

	assert_int_equal(parse(&msg, d), why);
}

static void taken(struct lg_dhcp *msg, const struct draft *d)
{
	assert_int_equal(parse(msg, d), LG_DHCP_OK);
}

static void has_option(const struct lg_dhcp *msg, __u8 code,
		       const void *value, size_t len)
{
	__u8 buf[ROOM];

	assert_int_equal(lg_dhcp_option(msg, code, NULL, 0), len);
	memset(buf, 0xa5, sizeof(buf));
	assert_int_equal(lg_dhcp_option(msg, code, buf, len), len);
	assert_memory_equal(buf, value, len);
	assert_int_equal(buf[len], 0xa5);
}

static void has_no_option(const struct lg_dhcp *msg, __u8 code)
{
	__u8 byte = 0xa5;

	assert_int_equal(lg_dhcp_option(msg, code, NULL, 0), -ENOENT);
	assert_int_equal(lg_dhcp_option(msg, code, &byte, 1), -ENOENT);
	assert_int_equal(byte, 0xa5);
}

static void is_bootp(const struct lg_dhcp *msg)
{
	size_t i;

	assert_int_equal(msg->type, LG_BOOTP);
	assert_false(msg->has_lease_time);
	for (i = 0; i < COUNT(msg->area); i++) {
		assert_null(msg->area[i]);
		assert_int_equal(msg->area_len[i], 0);
	}
	for (i = 0; i < 256; i++)
		has_no_option(msg, i);
}

/*
 * The fixed part: RFC 951, RFC 2131, 2
 */
static void fixed_fields(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	taken(&msg, &d);
	assert_int_equal(msg.op, LG_BOOTREPLY);
	assert_int_equal(msg.htype, 1);
	assert_int_equal(msg.hlen, 6);
	assert_int_equal(msg.hops, 3);
	assert_int_equal(ntohl(msg.xid), 0xa1a2a3a4);
	assert_int_equal(ntohs(msg.flags), 0x8001);
	assert_int_equal(ntohl(msg.ciaddr), 0x0a000001);
	assert_int_equal(ntohl(msg.yiaddr), 0x0a000002);
	assert_int_equal(ntohl(msg.siaddr), 0x0a000003);
	assert_int_equal(ntohl(msg.giaddr), 0x0a000004);
	assert_memory_equal(msg.chaddr, BYTES(2, 0, 0, 0, 1, 5), 6);
	assert_int_equal(msg.type, LG_DHCPACK);
	assert_int_equal(msg.requested_addr, 0);
	assert_int_equal(msg.server_id, 0);
	assert_false(msg.has_lease_time || msg.has_t1 || msg.has_t2 ||
		     msg.has_cltt);
}

static void truncated_fixed_part(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	size_t len;

	(void)state;
	dhcp_ack(&d);
	for (len = 0; len < LG_DHCP_FIXED_LEN; len++)
		assert_int_equal(parse_bytes(&msg, d.bytes, len),
				 LG_DHCP_ETRUNCATED);
}

static void bootp_without_cookie(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	size_t len, i;

	(void)state;
	dhcp_ack(&d);
	for (len = LG_DHCP_FIXED_LEN; len < OPTIONS; len++) {
		assert_int_equal(parse_bytes(&msg, d.bytes, len), LG_DHCP_OK);
		is_bootp(&msg);
	}
	for (i = LG_DHCP_FIXED_LEN; i < OPTIONS; i++) {
		dhcp_ack(&d);
		d.bytes[i] ^= 1;
		taken(&msg, &d);
		is_bootp(&msg);
	}
	/* 64 bytes of vendor information that only look like options */
	bootp(&d);
	while (d.len < 300)
		put_byte(&d, 53);
	taken(&msg, &d);
	is_bootp(&msg);
	assert_int_equal(ntohl(msg.yiaddr), 0x0a000002);
}

static void bootp_with_options(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp(&d);
	OPT(&d, 1, 255, 255, 255, 0);
	end(&d);
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_BOOTP);
	has_option(&msg, 1, BYTES(255, 255, 255, 0), 4);
	/* the cookie alone */
	dhcp(&d);
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_BOOTP);
	has_no_option(&msg, 53);
}

static void oversized(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	end(&d);
	d.len = LG_DHCP_MAX_LEN;
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_DHCPACK);
	d.len++;
	refused(&d, LG_DHCP_EOVERSIZED);
	d.len = ROOM;
	refused(&d, LG_DHCP_EOVERSIZED);
}

static void ops(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	int op;

	(void)state;
	for (op = 0; op < 256; op++) {
		dhcp_ack(&d);
		d.bytes[0] = op;
		if (op == LG_BOOTREQUEST || op == LG_BOOTREPLY)
			taken(&msg, &d);
		else
			refused(&d, LG_DHCP_EOP);
	}
}

static void hardware_address_lengths(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	int hlen;

	(void)state;
	for (hlen = 0; hlen < 256; hlen++) {
		dhcp_ack(&d);
		d.bytes[2] = hlen;
		if (hlen > 16) {
			refused(&d, LG_DHCP_EHLEN);
			continue;
		}
		taken(&msg, &d);
		assert_int_equal(msg.hlen, hlen);
	}
}

/*
 * The option area: RFC 2131, 3; RFC 2132
 */
struct scalar {
	__u8 code;
	__u8 len;
	__u8 value[4];
};

static const struct scalar scalars[] = {
	{ 53, 1, { 5 } },
	{ 50, 4, { 10, 0, 0, 50 } },
	{ 51, 4, { 0, 0, 2, 88 } },
	{ 54, 4, { 198, 18, 0, 2 } },
	{ 58, 4, { 0, 0, 1, 44 } },
	{ 59, 4, { 0, 0, 2, 13 } },
	{ 91, 4, { 0, 0, 0, 7 } },
};

static void has_scalars(const struct lg_dhcp *msg)
{
	assert_int_equal(msg->type, LG_DHCPACK);
	assert_int_equal(ntohl(msg->requested_addr), 0x0a000032);
	assert_true(msg->has_lease_time && msg->has_t1 && msg->has_t2 &&
		    msg->has_cltt);
	assert_int_equal(msg->lease_time, 600);
	assert_int_equal(ntohl(msg->server_id), 0xc6120002);
	assert_int_equal(msg->t1, 300);
	assert_int_equal(msg->t2, 525);
	assert_int_equal(msg->cltt, 7);
}

static void options_in_any_order(void **state)
{
	__u8 order[COUNT(scalars)];
	struct lg_dhcp msg;
	struct draft d;
	size_t i, j, n;
	unsigned int orders = 0, number;

	(void)state;
	/* each number below 7! in the factorial base is one order */
	for (number = 0; number < 5040; number++) {
		bool used[COUNT(scalars)] = { false };
		unsigned int rest = number;

		for (i = 0; i < COUNT(order); i++) {
			n = rest % (COUNT(order) - i);
			rest /= COUNT(order) - i;
			for (j = 0; used[j] || n; j++)
				n -= !used[j];
			used[j] = true;
			order[i] = j;
		}
		dhcp(&d);
		for (i = 0; i < COUNT(order); i++)
			put_option(&d, scalars[order[i]].code,
				   scalars[order[i]].value,
				   scalars[order[i]].len);
		end(&d);
		taken(&msg, &d);
		has_scalars(&msg);
		orders++;
	}
	assert_int_equal(orders, 5040);
}

static void pads_between_options(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	size_t i, pads;

	(void)state;
	for (pads = 0; pads < 20; pads++) {
		dhcp(&d);
		for (i = 0; i < COUNT(scalars); i++) {
			d.len += pads;
			put_option(&d, scalars[i].code, scalars[i].value,
				   scalars[i].len);
		}
		d.len += pads;
		taken(&msg, &d);
		has_scalars(&msg);
	}
}

static void end_is_optional(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	OPT(&d, 82, 1, 1, 'x');
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_DHCPACK);
	has_option(&msg, 82, BYTES(1, 1, 'x'), 3);
}

static void after_the_end_is_nothing(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	end(&d);
	OPT(&d, 53, 6);
	OPT(&d, 51, 1, 2, 3);
	OPT(&d, 82, 1, 1, 'x');
	put(&d, BYTES(12, 255, 'a'), 3);
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_DHCPACK);
	assert_false(msg.has_lease_time);
	has_no_option(&msg, 82);
	has_no_option(&msg, 12);
}

static void scalars_of_wrong_length(void **state)
{
	static const __u8 zeros[255];
	struct lg_dhcp msg;
	struct draft d;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(scalars); i++) {
		for (len = 0; len < 256; len++) {
			dhcp(&d);
			if (len == scalars[i].len) {
				put_option(&d, scalars[i].code,
					   scalars[i].value, len);
				taken(&msg, &d);
				continue;
			}
			put_option(&d, scalars[i].code, zeros, len);
			refused(&d, LG_DHCP_EVALUE);
		}
	}
}

/* Of another value or of the same, side by side or apart. */
static void scalars_that_come_twice(void **state)
{
	struct draft d;
	size_t i, other;

	(void)state;
	for (i = 0; i < COUNT(scalars); i++) {
		const struct scalar *s = &scalars[i];

		for (other = 0; other < 2; other++) {
			__u8 value[4];

			memcpy(value, s->value, sizeof(value));
			value[0] += other;
			dhcp(&d);
			put_option(&d, s->code, s->value, s->len);
			put_option(&d, s->code, value, s->len);
			refused(&d, LG_DHCP_EVALUE);

			dhcp(&d);
			put_option(&d, s->code, s->value, s->len);
			OPT(&d, 12, 'h');
			put_byte(&d, LG_OPT_PAD);
			put_option(&d, s->code, value, s->len);
			end(&d);
			refused(&d, LG_DHCP_EVALUE);
		}
	}
}

static void scalar_again_in_file(void **state)
{
	struct draft d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(scalars); i++) {
		const struct scalar *s = &scalars[i];

		dhcp(&d);
		put_option(&d, s->code, s->value, s->len);
		OPT(&d, 52, 1);
		d.bytes[FILE_] = s->code;
		d.bytes[FILE_ + 1] = s->len;
		overload(&d, FILE_ + 2, s->value, s->len);
		refused(&d, LG_DHCP_EVALUE);
	}
}

static void message_types(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	int type;

	(void)state;
	/* 0 is what the reader calls BOOTP: it must not come from outside */
	dhcp(&d);
	OPT(&d, 53, 0);
	refused(&d, LG_DHCP_EVALUE);
	for (type = 1; type < 256; type++) {
		dhcp(&d);
		OPT(&d, 53, type);
		taken(&msg, &d);
		assert_int_equal(msg.type, type);
		assert_int_equal(lg_dhcp_is_leasequery(type),
				 type >= 10 && type <= 18);
	}
	assert_false(lg_dhcp_is_leasequery(LG_BOOTP));
}

static void lease_times_at_the_edges(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	OPT(&d, 51, 255, 255, 255, 255);
	OPT(&d, 58, 0, 0, 0, 0);
	OPT(&d, 59, 0x80, 0, 0, 0);
	taken(&msg, &d);
	assert_true(msg.lease_time == LG_DHCP_INFINITE);
	assert_true(msg.has_t1);
	assert_int_equal(msg.t1, 0);
	assert_true(msg.t2 == 0x80000000);
}

static void option_past_its_area(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	int len;

	(void)state;
	dhcp_ack(&d);
	put_byte(&d, 12);
	refused(&d, LG_DHCP_EOPTION);
	for (len = 1; len < 256; len++) {
		dhcp_ack(&d);
		put_byte(&d, 12);
		put_byte(&d, len);
		d.len += len - 1;
		refused(&d, LG_DHCP_EOPTION);
		d.len++;
		taken(&msg, &d);
		assert_int_equal(lg_dhcp_option(&msg, 12, NULL, 0), len);
	}
	dhcp_ack(&d);
	put_byte(&d, 12);
	put_byte(&d, 0);
	taken(&msg, &d);
	has_option(&msg, 12, "", 0);
}

/*
 * Option overload: RFC 2131, 4.1; RFC 2132, 9.3
 */
static void overload_values(void **state)
{
	static const __u8 file[] = { 12, 1, 'f', 255 };
	static const __u8 sname[] = { 60, 1, 's', 255 };
	struct lg_dhcp msg;
	struct draft d;
	int how;

	(void)state;
	for (how = 0; how < 256; how++) {
		dhcp_ack(&d);
		OPT(&d, 52, how);
		end(&d);
		overload(&d, FILE_, file, sizeof(file));
		overload(&d, SNAME, sname, sizeof(sname));
		if (how < 1 || how > 3) {
			refused(&d, LG_DHCP_EVALUE);
			continue;
		}
		taken(&msg, &d);
		has_option(&msg, 52, &(__u8){ how }, 1);
		if (how & 1)
			has_option(&msg, 12, "f", 1);
		else
			has_no_option(&msg, 12);
		if (how & 2)
			has_option(&msg, 60, "s", 1);
		else
			has_no_option(&msg, 60);
	}
}

static void overload_of_wrong_length(void **state)
{
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	put(&d, BYTES(52, 0), 2);
	refused(&d, LG_DHCP_EVALUE);
	dhcp_ack(&d);
	OPT(&d, 52, 1, 1);
	refused(&d, LG_DHCP_EVALUE);
	dhcp_ack(&d);
	OPT(&d, 52, 1);
	OPT(&d, 52, 2);
	refused(&d, LG_DHCP_EVALUE);
}

/* Names are names: they are not read for options, and may look like any. */
static void no_overload(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	memset(d.bytes + SNAME, 53, 64);
	memset(d.bytes + FILE_, 54, 128);
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_DHCPACK);
	assert_int_equal(msg.server_id, 0);
	assert_null(msg.area[1]);
	assert_null(msg.area[2]);
	has_no_option(&msg, 54);
}

static void scalars_in_overloaded_areas(void **state)
{
	static const __u8 file[] = {
		53, 1, 5, 0, 51, 4, 0, 0, 2, 88, 54, 4, 198, 18, 0, 2, 255,
	};
	static const __u8 sname[] = {
		50, 4, 10, 0, 0, 50, 58, 4, 0, 0, 1, 44,
		59, 4, 0, 0, 2, 13, 0, 0, 91, 4, 0, 0, 0, 7,
	};
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp(&d);
	OPT(&d, 52, 3);
	overload(&d, FILE_, file, sizeof(file));
	overload(&d, SNAME, sname, sizeof(sname));
	taken(&msg, &d);
	has_scalars(&msg);
}

static void overload_within_overload(void **state)
{
	static const __u8 file[] = { 52, 1, 3, 12, 1, 'f', 255 };
	static const __u8 sname[] = { 52, 2, 9, 9, 60, 1, 's' };
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	OPT(&d, 52, 1);
	overload(&d, FILE_, file, sizeof(file));
	overload(&d, SNAME, sname, sizeof(sname));
	taken(&msg, &d);
	has_option(&msg, 52, "\1", 1);
	has_option(&msg, 12, "f", 1);
	has_no_option(&msg, 60);
	d.bytes[d.len - 1] = 3;
	taken(&msg, &d);
	has_option(&msg, 52, "\3", 1);
	has_option(&msg, 60, "s", 1);
}

/* To the last byte of the field, and not into the one behind it. */
static void overloaded_area_to_its_end(size_t at, size_t len, int how)
{
	struct lg_dhcp msg;
	struct draft d;

	dhcp_ack(&d);
	OPT(&d, 52, how);
	d.bytes[at] = 12;
	d.bytes[at + 1] = len - 2;
	memset(d.bytes + at + 2, 'n', len - 2);
	taken(&msg, &d);
	assert_int_equal(lg_dhcp_option(&msg, 12, NULL, 0), len - 2);
	d.bytes[at + 1]++;
	refused(&d, LG_DHCP_EOPTION);

	dhcp_ack(&d);
	OPT(&d, 52, how);
	d.bytes[at + len - 1] = 12;
	refused(&d, LG_DHCP_EOPTION);
	/* but no one minds where it is not overloaded */
	d.bytes[d.len - 1] = 3 - how;
	taken(&msg, &d);
}

static void overloaded_file_to_its_end(void **state)
{
	(void)state;
	overloaded_area_to_its_end(FILE_, 128, 1);
}

static void overloaded_sname_to_its_end(void **state)
{
	(void)state;
	overloaded_area_to_its_end(SNAME, 64, 2);
}

/*
 * Options in parts: RFC 3396
 */
static void parts_within_an_area(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	OPT(&d, 82, 1, 6, 'c', 'i');
	OPT(&d, 12, 'h');
	put(&d, BYTES(82, 0), 2);
	OPT(&d, 82, 'r', 0, 'u', 'i');
	end(&d);
	taken(&msg, &d);
	has_option(&msg, 82, "\1\6cir\0ui", 8);
	has_option(&msg, 12, "h", 1);
}

/* The order is options, file, sname, whatever it is in memory. */
static void parts_in_all_areas(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	OPT(&d, 61, 'a');
	OPT(&d, 52, 3);
	OPT(&d, 61, 'b', 0);
	overload(&d, FILE_, BYTES(0, 61, 2, 'c', 'd', 61, 1, 'e', 255), 9);
	overload(&d, SNAME, BYTES(61, 1, 'f', 0, 61, 1, 'g'), 7);
	taken(&msg, &d);
	has_option(&msg, 61, "ab\0cdefg", 8);
}

/* A value of fixed length in parts is as good as whole. */
static void scalars_in_parts(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp(&d);
	put(&d, BYTES(53, 0), 2);
	OPT(&d, 52, 3);
	OPT(&d, 51, 1, 2);
	OPT(&d, 53, 5);
	overload(&d, FILE_, BYTES(51, 1, 3), 3);
	overload(&d, SNAME, BYTES(51, 1, 4), 3);
	taken(&msg, &d);
	assert_int_equal(msg.type, LG_DHCPACK);
	assert_int_equal(msg.lease_time, 0x01020304);
	d.bytes[SNAME + 1] = 0;
	d.bytes[SNAME + 2] = 0;
	refused(&d, LG_DHCP_EVALUE);
	overload(&d, SNAME, BYTES(51, 2, 4, 5), 4);
	refused(&d, LG_DHCP_EVALUE);
}

/* Option 82 cut in two or three at each place, its parts in each area. */
static void agent_info_split_anywhere(void **state)
{
	static const __u8 info[] = {
		1, 4, 'a', 'c', 'c', '0', 2, 6, 0, 0xff, 0x80, 0, 1, 2,
	};
	const __u8 *value;
	struct lg_dhcp msg;
	__u8 buf[64];
	struct draft d;
	size_t i, j;
	int len;

	(void)state;
	for (i = 0; i <= sizeof(info); i++) {
		for (j = i; j <= sizeof(info); j++) {
			dhcp_ack(&d);
			OPT(&d, 52, 3);
			put_option(&d, 82, info, i);
			end(&d);
			d.bytes[FILE_] = 82;
			d.bytes[FILE_ + 1] = j - i;
			overload(&d, FILE_ + 2, info + i, j - i);
			d.bytes[SNAME] = 82;
			d.bytes[SNAME + 1] = sizeof(info) - j;
			overload(&d, SNAME + 2, info + j, sizeof(info) - j);
			taken(&msg, &d);
			has_option(&msg, 82, info, sizeof(info));
			len = lg_dhcp_option(&msg, 82, buf, sizeof(buf));
			assert_int_equal(lg_agent_suboption(buf, len, 2,
							    &value), 6);
			assert_memory_equal(value, info + 8, 6);
		}
	}
}

static void longer_than_one_option_can_be(void **state)
{
	__u8 whole[3 * 255];
	struct lg_dhcp msg;
	struct draft d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(whole); i++)
		whole[i] = i * 7;
	dhcp_ack(&d);
	for (i = 0; i < sizeof(whole); i += 255)
		put_option(&d, 43, whole + i, 255);
	end(&d);
	taken(&msg, &d);
	has_option(&msg, 43, whole, sizeof(whole));
}

static void value_that_does_not_fit(void **state)
{
	__u8 buf[8], before[8];
	struct lg_dhcp msg;
	struct draft d;
	size_t size;

	(void)state;
	memset(before, 0xa5, sizeof(before));
	dhcp_ack(&d);
	OPT(&d, 82, 1, 2, 3);
	OPT(&d, 82, 4, 5);
	taken(&msg, &d);
	for (size = 0; size < 5; size++) {
		memset(buf, 0xa5, sizeof(buf));
		assert_int_equal(lg_dhcp_option(&msg, 82, buf, size),
				 -EMSGSIZE);
		assert_memory_equal(buf, before, sizeof(buf));
	}
	has_option(&msg, 82, BYTES(1, 2, 3, 4, 5), 5);
	assert_int_equal(lg_dhcp_option(&msg, 82, buf, sizeof(buf)), 5);
}

static void pad_and_end_are_no_options(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	put(&d, BYTES(0, 1, 255, 1), 4);
	refused(&d, LG_DHCP_EOPTION);
	dhcp_ack(&d);
	put(&d, BYTES(0, 0, 255, 1), 4);
	taken(&msg, &d);
	has_no_option(&msg, LG_OPT_PAD);
	has_no_option(&msg, LG_OPT_END);
}

static void nul_bytes_are_bytes(void **state)
{
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	dhcp_ack(&d);
	OPT(&d, 61, 0, 'a', 0, 0xff, 0);
	OPT(&d, 82, 1, 3, 0, 0, 0);
	OPT(&d, 60, 0);
	end(&d);
	taken(&msg, &d);
	has_option(&msg, 61, "\0a\0\xff\0", 5);
	has_option(&msg, 82, "\1\3\0\0\0", 5);
	has_option(&msg, 60, "\0", 1);
}

/*
 * Option 82: RFC 3046
 */
static void agent_info_at_each_place(void **state)
{
	static const __u8 info[] = { 1, 2, 0, 'x', 2, 1, 0xff };
	struct lg_dhcp msg;
	struct draft d;
	size_t place, i;

	(void)state;
	for (place = 0; place <= COUNT(scalars); place++) {
		dhcp(&d);
		for (i = 0; i <= COUNT(scalars); i++) {
			if (i == place)
				put_option(&d, 82, info, sizeof(info));
			if (i < COUNT(scalars))
				put_option(&d, scalars[i].code,
					   scalars[i].value, scalars[i].len);
		}
		end(&d);
		taken(&msg, &d);
		has_scalars(&msg);
		has_option(&msg, 82, info, sizeof(info));
	}
}

static void has_suboption(const __u8 *info, size_t len, __u8 code,
			  size_t at, int want)
{
	const __u8 *copy = before_a_wall(info, len), *value = NULL;

	assert_int_equal(lg_agent_suboption(copy, len, code, &value), want);
	assert_ptr_equal(value, copy + at);
}

static void has_no_suboption(const __u8 *info, size_t len, __u8 code,
			     int err)
{
	const __u8 *copy = before_a_wall(info, len), *value = copy;

	assert_int_equal(lg_agent_suboption(copy, len, code, &value), err);
	assert_ptr_equal(value, copy);
}

static void suboptions(void **state)
{
	static const __u8 info[] = {
		5, 4, 10, 0, 0, 1, 1, 3, 0, 'p', 0, 151, 0, 2, 2, 0xff, 0x80,
	};

	(void)state;
	has_suboption(info, sizeof(info), 1, 8, 3);
	has_suboption(info, sizeof(info), 2, 15, 2);
	has_suboption(info, sizeof(info), 5, 2, 4);
	has_suboption(info, sizeof(info), 151, 13, 0);
	has_no_suboption(info, sizeof(info), 3, -ENOENT);
	has_no_suboption(info, 0, 1, -ENOENT);
	/* neither pad nor end: RFC 3046, 2 */
	has_suboption(BYTES(0, 1, 1, 255, 1, 9), 6, 255, 5, 1);
	has_suboption(BYTES(0, 1, 1, 255, 1, 9), 6, 0, 2, 1);
}

static void suboptions_cut_anywhere(void **state)
{
	static const __u8 info[] = {
		1, 4, 'a', 'c', 'c', '0', 2, 3, 'r', 'i', 'd', 6, 0,
	};
	size_t len;

	(void)state;
	for (len = 1; len < sizeof(info); len++) {
		bool whole = len == 6 || len == 11;

		if (whole)
			has_suboption(info, len, 1, 2, 4);
		else
			has_no_suboption(info, len, 1, -EINVAL);
		has_no_suboption(info, len, 99, whole ? -ENOENT : -EINVAL);
	}
}

static void suboption_twice(void **state)
{
	static const __u8 info[] = { 1, 1, 'a', 2, 1, 'r', 1, 1, 'b' };
	static const __u8 same[] = { 1, 1, 'a', 1, 1, 'a' };

	(void)state;
	has_no_suboption(info, sizeof(info), 1, -EINVAL);
	has_no_suboption(same, sizeof(same), 1, -EINVAL);
	has_suboption(info, sizeof(info), 2, 5, 1);
}

/*
 * Writing a DHCPLEASEQUERY: RFC 4388, 6.2; RFC 6148, 4.1; draft -01, 6.2
 */
static const __u8 wanted[] = { 51, 82, 58, 59, 61, 91, 92 };

static struct lg_leasequery question(size_t n_options)
{
	return (struct lg_leasequery){
		.xid = htonl(0x01020304),
		.ciaddr = htonl(0x0a4d0163),
		.giaddr = htonl(0x0a4d0101),
		.type = LG_DHCPLEASEQUERY,
		.hops = 10,
		.options = wanted,
		.n_options = n_options,
	};
}

static void leasequery_bytes(void **state)
{
	static const __u8 head[] = {
		1, 0, 0, 10, 1, 2, 3, 4, 0, 0, 0, 0, 10, 77, 1, 99,
		0, 0, 0, 0, 0, 0, 0, 0, 10, 77, 1, 1,
	};
	static const __u8 tail[] = {
		99, 130, 83, 99, 53, 1, 10, 55, 7, 51, 82, 58, 59, 61, 91, 92,
		255,
	};
	struct lg_leasequery q = question(sizeof(wanted));
	__u8 want[300] = { 0 }, buf[400];

	(void)state;
	memcpy(want, head, sizeof(head));
	memcpy(want + LG_DHCP_FIXED_LEN, tail, sizeof(tail));
	memset(buf, 0xa5, sizeof(buf));
	assert_int_equal(lg_leasequery_build(buf, sizeof(buf), &q), 300);
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(buf[300], 0xa5);
}

static void leasequery_without_room(void **state)
{
	struct lg_leasequery q = question(sizeof(wanted));
	__u8 buf[300];
	size_t size, i;

	(void)state;
	memset(buf, 0xa5, sizeof(buf));
	for (size = 0; size < 300; size++)
		assert_int_equal(lg_leasequery_build(buf, size, &q),
				 -EMSGSIZE);
	for (i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0xa5);
	assert_int_equal(lg_leasequery_build(buf, 300, &q), 300);
}

static void leasequery_with_any_number_of_options(void **state)
{
	__u8 codes[255], buf[600];
	struct lg_leasequery q;
	struct lg_dhcp msg;
	size_t n, len;

	(void)state;
	for (n = 0; n < sizeof(codes); n++)
		codes[n] = n + 1;
	for (n = 0; n < 256; n++) {
		q = question(n);
		q.options = codes;
		len = OPTIONS + 3 + (n ? 2 + n : 0) + 1;
		if (len < 300)
			len = 300;
		assert_int_equal(lg_leasequery_build(buf, len - 1, &q),
				 -EMSGSIZE);
		assert_int_equal(lg_leasequery_build(buf, len, &q), len);
		assert_int_equal(parse_bytes(&msg, buf, len), LG_DHCP_OK);
		assert_int_equal(msg.op, LG_BOOTREQUEST);
		assert_int_equal(msg.type, LG_DHCPLEASEQUERY);
		assert_int_equal(msg.htype, 0);
		assert_int_equal(msg.hlen, 0);
		assert_int_equal(msg.xid, q.xid);
		assert_int_equal(msg.ciaddr, q.ciaddr);
		assert_int_equal(msg.giaddr, q.giaddr);
		if (n)
			has_option(&msg, 55, codes, n);
		else
			has_no_option(&msg, 55);
	}
}

/* Writes @q and reads it back. */
static void built(struct lg_dhcp *msg, const struct lg_leasequery *q)
{
	static __u8 buf[LG_LEASEQUERY_MAX];
	int len = lg_leasequery_build(buf, sizeof(buf), q);

	assert_true(len >= 300);
	assert_int_equal(lg_leasequery_build(buf, len - 1, q), -EMSGSIZE);
	assert_int_equal(parse_bytes(msg, buf, len), LG_DHCP_OK);
	assert_int_equal(msg->op, LG_BOOTREQUEST);
	assert_int_equal(msg->xid, q->xid);
	assert_int_equal(msg->giaddr, q->giaddr);
	assert_int_equal(msg->ciaddr, q->ciaddr);
	has_option(msg, 55, q->options, q->n_options);
}

/* What 13 means is the dialect's matter. */
static void leasequery_type_and_flags(void **state)
{
	struct lg_leasequery q = question(sizeof(wanted));
	struct lg_dhcp msg;

	(void)state;
	q.type = 13;
	q.flags = htons(0x4000);
	built(&msg, &q);
	assert_int_equal(msg.type, 13);
	assert_int_equal(msg.flags, htons(0x4000));
}

static void leasequery_by_hardware_address(void **state)
{
	static const __u8 chaddr[LG_DHCP_CHADDR_LEN] = { 2, 0, 0, 0, 1, 1 };
	struct lg_leasequery q = question(sizeof(wanted));
	struct lg_dhcp msg;

	(void)state;
	q.ciaddr = 0;
	q.htype = 1;
	q.hlen = 6;
	q.chaddr = chaddr;
	built(&msg, &q);
	assert_int_equal(msg.htype, 1);
	assert_int_equal(msg.hlen, 6);
	assert_memory_equal(msg.chaddr, chaddr, sizeof(chaddr));
	has_no_option(&msg, 61);
	has_no_option(&msg, 82);
}

static void leasequery_by_client_id(void **state)
{
	static const __u8 none[LG_DHCP_CHADDR_LEN];
	struct lg_leasequery q = question(sizeof(wanted));
	struct lg_dhcp msg;
	__u8 id[255];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(id); i++)
		id[i] = i;
	q.ciaddr = 0;
	q.client_id = id;
	for (len = 1; len < 256; len++) {
		q.client_id_len = len;
		built(&msg, &q);
		has_option(&msg, 61, id, len);
		has_no_option(&msg, 82);
		assert_int_equal(msg.htype, 0);
		assert_int_equal(msg.hlen, 0);
		assert_memory_equal(msg.chaddr, none, sizeof(none));
	}
}

/* Draft -01 only: both have to match. */
static void leasequery_by_client_id_and_hardware_address(void **state)
{
	static const __u8 chaddr[LG_DHCP_CHADDR_LEN] = { 2, 0, 0, 0, 1, 1 };
	static const __u8 id[] = { 0, 'a', 0xff };
	struct lg_leasequery q = question(sizeof(wanted));
	struct lg_dhcp msg;

	(void)state;
	q.ciaddr = 0;
	q.htype = 1;
	q.hlen = 6;
	q.chaddr = chaddr;
	q.client_id = id;
	q.client_id_len = sizeof(id);
	built(&msg, &q);
	assert_int_equal(msg.hlen, 6);
	assert_memory_equal(msg.chaddr, chaddr, sizeof(chaddr));
	has_option(&msg, 61, id, sizeof(id));
}

/* RFC 6148, 4.1: option 82 with nothing else in it. */
static void leasequery_by_remote_id(void **state)
{
	struct lg_leasequery q = question(sizeof(wanted));
	__u8 id[254], info[255];
	struct lg_dhcp msg;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(id); i++)
		id[i] = i;
	q.ciaddr = 0;
	q.remote_id = id;
	for (len = 1; len < 254; len++) {
		info[0] = LG_AGENT_REMOTE_ID;
		info[1] = len;
		memcpy(info + 2, id, len);
		q.remote_id_len = len;
		built(&msg, &q);
		has_option(&msg, 82, info, 2 + len);
		has_no_option(&msg, 61);
		assert_int_equal(msg.hlen, 0);
	}
}

static void leasequery_that_has_no_room(void **state)
{
	static const __u8 bytes[255], auth[255] = { 1, 1, 0 };
	struct lg_leasequery q = question(0);
	__u8 buf[LG_LEASEQUERY_MAX];
	struct lg_dhcp msg;
	size_t i;

	(void)state;
	memset(buf, 0xa5, sizeof(buf));
	q.remote_id = bytes;
	q.remote_id_len = 254;
	assert_int_equal(lg_leasequery_build(buf, sizeof(buf), &q), -EINVAL);
	q.remote_id_len = 253;
	q.chaddr = bytes;
	q.hlen = 17;
	assert_int_equal(lg_leasequery_build(buf, sizeof(buf), &q), -EINVAL);
	for (i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0xa5);
	/* the most that there can be is what it says is enough */
	q.hlen = 16;
	q.client_id = bytes;
	q.client_id_len = 255;
	q.options = bytes;
	q.n_options = 255;
	q.auth = auth;
	q.auth_len = sizeof(auth);
	assert_int_equal(lg_leasequery_build(buf, sizeof(buf) - 1, &q),
			 -EMSGSIZE);
	assert_int_equal(lg_leasequery_build(buf, sizeof(buf), &q),
			 sizeof(buf));
	assert_int_equal(parse_bytes(&msg, buf, sizeof(buf)), LG_DHCP_OK);
	has_option(&msg, 90, auth, sizeof(auth));
	/* last, as relay agents have it (RFC 3046, 2.1) */
	assert_int_equal(buf[sizeof(buf) - 258], 82);
}

/*
 * Writing what answers a DHCPLEASEQUERY: RFC 4388, 6.4; draft -01, 6.4
 */
static const __u8 owner[] = { 2, 0, 0, 0, 1, 1 };
static const __u8 owner_id[] = { 1, 2, 0, 0, 0, 1, 1 };
static const __u8 owner_info[] = { 1, 4, 'a', 0, 'c', 0xff };

static struct lg_leasequery_reply answer(void)
{
	static __be32 associated[2];

	associated[0] = htonl(0x0a4d0163);
	associated[1] = htonl(0x0a4d0164);
	return (struct lg_leasequery_reply){
		.xid = htonl(0x01020304),
		.ciaddr = htonl(0x0a4d0163),
		.giaddr = htonl(0x0a4d0101),
		.flags = htons(0x4000),
		.type = 14,
		.htype = 1,
		.hlen = sizeof(owner),
		.chaddr = owner,
		.server_id = htonl(0xc6120001),
		.has_lease_time = true, .lease_time = 0x01020304,
		.has_t1 = true, .t1 = 5,
		.has_t2 = true, .t2 = LG_DHCP_INFINITE,
		.cltt_code = 163, .cltt = 0,
		.associated_code = 161, .associated = associated,
		.n_associated = 2,
		.client_id = owner_id, .client_id_len = sizeof(owner_id),
		.agent_info = owner_info, .agent_info_len = sizeof(owner_info),
	};
}

static void reply_bytes(void **state)
{
	static const __u8 head[] = {
		2, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x40, 0, 10, 77, 1, 99,
		0, 0, 0, 0, 0, 0, 0, 0, 10, 77, 1, 1, 2, 0, 0, 0, 1, 1,
	};
	static const __u8 tail[] = {
		99, 130, 83, 99, 53, 1, 14, 54, 4, 0xc6, 0x12, 0, 1,
		51, 4, 1, 2, 3, 4, 58, 4, 0, 0, 0, 5, 59, 4, 255, 255, 255, 255,
		163, 4, 0, 0, 0, 0, 61, 7, 1, 2, 0, 0, 0, 1, 1,
		161, 8, 10, 77, 1, 99, 10, 77, 1, 100,
		82, 6, 1, 4, 'a', 0, 'c', 0xff, 255,
	};
	struct lg_leasequery_reply r = answer();
	size_t len = LG_DHCP_FIXED_LEN + sizeof(tail);
	__u8 want[400] = { 0 }, buf[400];

	(void)state;
	memcpy(want, head, sizeof(head));
	memcpy(want + LG_DHCP_FIXED_LEN, tail, sizeof(tail));
	memset(buf, 0xa5, sizeof(buf));
	assert_int_equal(lg_leasequery_reply_build(buf, sizeof(buf), &r), len);
	assert_memory_equal(buf, want, len);
	assert_int_equal(buf[len], 0xa5);
}

/* A type, and nothing else. */
static void reply_of_nothing(void **state)
{
	const struct lg_leasequery_reply r = {
		.xid = htonl(1), .giaddr = htonl(2), .type = 12,
	};
	struct lg_dhcp msg;
	__u8 buf[300], code;

	(void)state;
	assert_int_equal(lg_leasequery_reply_build(buf, sizeof(buf), &r), 300);
	assert_int_equal(parse_bytes(&msg, buf, sizeof(buf)), LG_DHCP_OK);
	assert_int_equal(msg.type, 12);
	assert_int_equal(msg.hlen, 0);
	for (code = 1; code < LG_OPT_END; code++)
		if (code != LG_OPT_MSG_TYPE)
			has_no_option(&msg, code);
}

/* In options of 63 each, whose values are one list (RFC 3396). */
static void reply_with_many_addresses(void **state)
{
	__u8 buf[LG_LEASEQUERY_REPLY_MAX];
	struct lg_leasequery_reply r = answer();
	__be32 addresses[LG_ASSOCIATED_MAX];
	struct lg_dhcp_part part = {};
	struct lg_dhcp msg;
	unsigned int n;
	int len;

	(void)state;
	for (n = 0; n < LG_ASSOCIATED_MAX; n++)
		addresses[n] = htonl(0x0a000001 + n);
	r.associated = addresses;
	for (n = 1; n <= LG_ASSOCIATED_MAX; n++) {
		r.n_associated = n;
		assert_int_equal(lg_leasequery_reply_room(&r), n);
		len = lg_leasequery_reply_build(buf, sizeof(buf), &r);
		assert_int_equal(parse_bytes(&msg, buf, len), LG_DHCP_OK);
		has_option(&msg, 161, addresses, 4 * n);
	}
	for (n = 0; lg_dhcp_next(&msg, 161, &part); n++)
		assert_int_equal(part.len, n < 4 ? 252 : 12);
	assert_int_equal(n, 5);
}

static void reply_with_all_that_there_is_room_for(void **state)
{
	static const __u8 bytes[255] = { 1, 2, 3 }, auth[255] = { 1, 1, 0 };
	static const __be32 addresses[LG_ASSOCIATED_MAX];
	__u8 buf[LG_LEASEQUERY_REPLY_MAX + 1], hwaddr[16] = { 4, 2 };
	struct lg_leasequery_reply r = answer();
	struct lg_dhcp msg;
	int len;

	(void)state;
	r.hlen = sizeof(hwaddr);
	r.chaddr = hwaddr;
	r.associated = addresses;
	r.n_associated = LG_ASSOCIATED_MAX;
	r.client_id = bytes;
	r.client_id_len = sizeof(bytes);
	r.agent_info = bytes;
	r.agent_info_len = sizeof(bytes);
	r.auth = auth;
	r.auth_len = sizeof(auth);
	assert_int_equal(lg_leasequery_reply_build(buf, sizeof(buf), &r),
			 -EMSGSIZE);
	r.n_associated = lg_leasequery_reply_room(&r);
	len = lg_leasequery_reply_build(buf, sizeof(buf), &r);
	assert_in_range(len, LG_LEASEQUERY_REPLY_MAX - 3,
			LG_LEASEQUERY_REPLY_MAX);
	assert_int_equal(parse_bytes(&msg, buf, len), LG_DHCP_OK);
	has_option(&msg, 82, bytes, sizeof(bytes));
	has_option(&msg, 90, auth, sizeof(auth));
	has_option(&msg, 161, addresses, 4 * r.n_associated);
	memset(buf, 0xa5, sizeof(buf));
	assert_int_equal(lg_leasequery_reply_build(buf, len - 1, &r),
			 -EMSGSIZE);
	r.n_associated++;
	assert_int_equal(lg_leasequery_reply_build(buf, LG_LEASEQUERY_REPLY_MAX,
						   &r), -EMSGSIZE);
	r.n_associated = 0;
	r.hlen = 17;
	assert_int_equal(lg_leasequery_reply_build(buf, sizeof(buf), &r),
			 -EINVAL);
	for (len = 0; len < (int)sizeof(buf); len++)
		assert_int_equal(buf[len], 0xa5);
}

/*
 * Messages captured from real servers, relay agents and clients
 */
static size_t load(struct draft *d, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.bin", corpus, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be read", path);
	d->len = fread(d->bytes, 1, sizeof(d->bytes), file);
	fclose(file);
	return d->len;
}

struct captured {
	const char *name;
	__u8 op;
	__u8 type;
	const char *giaddr;
	const char *server_id;
	__u32 lease_time;
	const char *circuit_id;
};

static const struct captured captures[] = {
	{ "dhclient-isc-dhcrelay-discover", 1, LG_DHCPDISCOVER },
	{ "udhcpc-isc-dhcrelay-discover", 1, LG_DHCPDISCOVER },
	/* 50 before 53 */
	{ "dhcpcd-isc-dhcrelay-request", 1, LG_DHCPREQUEST,
	  .server_id = "198.18.0.2" },
	{ "isc-dhcrelay-request-4", 1, LG_DHCPREQUEST, "10.77.3.1",
	  "198.18.0.2", 0, "acc2.100.7" },
	{ "isc-dhcrelay-ack", 2, LG_DHCPACK, "10.77.1.1", "198.18.0.2", 600,
	  "acc0" },
	{ "kea-dhcrelay-ack-3", 2, LG_DHCPACK, "10.77.3.1", "198.18.0.2", 600,
	  "acc2.100.7" },
	{ "udhcpc-isc-dhcrelay-release", 1, LG_DHCPRELEASE,
	  .server_id = "198.18.0.2" },
	{ "isc-answers-nak", 2, LG_DHCPNAK, "10.77.1.1", "198.18.0.2", 0,
	  "acc0" },
	{ "kea-answers-nak", 2, LG_DHCPNAK, "10.77.1.1", "198.18.0.2", 0,
	  "acc0" },
	{ "isc-answers-inform", 1, LG_DHCPINFORM, "10.77.1.1",
	  .circuit_id = "acc0" },
	{ "isc-answers-leasequery", 1, LG_DHCPLEASEQUERY, "10.77.1.1" },
	{ "isc-answers-leaseactive", 2, LG_DHCPLEASEACTIVE, "10.77.1.1",
	  "198.18.0.2", 600, "acc0" },
	{ "isc-answers-leaseunassigned", 2, LG_DHCPLEASEUNASSIGNED,
	  "10.77.1.1", "198.18.0.2" },
	{ "isc-answers-leaseunknown", 2, LG_DHCPLEASEUNKNOWN, "10.77.1.1",
	  "198.18.0.2" },
	{ "kea-answers-leaseactive", 2, LG_DHCPLEASEACTIVE, "10.77.1.1",
	  "198.18.0.2", 600, "acc0" },
	{ "kea-answers-leaseunassigned", 2, LG_DHCPLEASEUNASSIGNED,
	  "10.77.1.1", "198.18.0.2" },
	{ "kea-answers-leaseunknown", 2, LG_DHCPLEASEUNKNOWN, "10.77.1.1",
	  "198.18.0.2" },
	/* overloaded, with option 82 behind option 52 */
	{ "isc-long-offer-3", 2, LG_DHCPOFFER, "10.77.1.1", "198.18.0.2", 600,
	  "acc0" },
	/* BOOTP with options in all areas, and no end option in the first */
	{ "isc-long-bootp-2", 2, LG_BOOTP, "10.77.1.1" },
};

static __u32 address(const char *text)
{
	return text ? inet_addr(text) : 0;
}

static void captured_circuit_id(const struct lg_dhcp *msg, const char *want)
{
	const __u8 *value;
	__u8 info[255];
	int len;

	if (!want) {
		has_no_option(msg, 82);
		return;
	}
	len = lg_dhcp_option(msg, 82, info, sizeof(info));
	assert_true(len > 0);
	len = lg_agent_suboption(info, len, LG_AGENT_CIRCUIT_ID, &value);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(value, want, len);
}

static void captured_messages(void **state)
{
	struct lg_dhcp msg;
	struct draft d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(captures); i++) {
		const struct captured *c = &captures[i];

		load(&d, c->name);
		print_message("# %s\n", c->name);
		taken(&msg, &d);
		assert_int_equal(msg.op, c->op);
		assert_int_equal(msg.type, c->type);
		assert_int_equal(msg.giaddr, address(c->giaddr));
		assert_int_equal(msg.server_id, address(c->server_id));
		assert_int_equal(msg.has_lease_time, c->lease_time != 0);
		/* an answer to a query says what remains of it */
		if (c->lease_time)
			assert_in_range(msg.lease_time, c->lease_time - 20,
					c->lease_time);
		captured_circuit_id(&msg, c->circuit_id);
	}
}

/* One that ISC dhcpd cut in three: 43 bytes, 63 in file, 4 in sname. */
static void captured_overload(void **state)
{
	__u8 text[110];
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	memset(text, 'x', sizeof(text));
	load(&d, "isc-long-bootp-2");
	taken(&msg, &d);
	has_option(&msg, 52, "\3", 1);
	has_option(&msg, 225, text, sizeof(text));
	has_option(&msg, 224, text, 60);
	has_option(&msg, 1, BYTES(255, 255, 255, 0), 4);
}

/* What a reader must say of the first @len bytes of a message. */
static enum lg_dhcp_err verdict(const struct draft *d, size_t len)
{
	size_t at = OPTIONS;

	if (len < LG_DHCP_FIXED_LEN)
		return LG_DHCP_ETRUNCATED;
	if (len < OPTIONS)
		return LG_DHCP_OK;
	while (at < len && d->bytes[at] != LG_OPT_END)
		at += d->bytes[at] == LG_OPT_PAD ? 1 : 2 + d->bytes[at + 1];
	return at <= len ? LG_DHCP_OK : LG_DHCP_EOPTION;
}

static void captured_cut_anywhere(void **state)
{
	size_t i, len, tried = 0;
	struct lg_dhcp msg;
	struct draft d;

	(void)state;
	for (i = 0; i < COUNT(captures); i++) {
		load(&d, captures[i].name);
		for (len = 0; len <= d.len; len++, tried++) {
			enum lg_dhcp_err err;

			err = parse_bytes(&msg, d.bytes, len);
			assert_int_equal(err, verdict(&d, len));
			if (err == LG_DHCP_OK)
				lg_dhcp_option(&msg, 82, NULL, 0);
		}
	}
	assert_true(tried > 300 * COUNT(captures) / 2);
}

/* Each byte with each value: no answer is asked for but that there is one. */
static void captured_with_a_byte_changed(void **state)
{
	size_t i, at, accepted = 0, rejected = 0;
	struct lg_dhcp msg;
	struct draft d;
	int value;

	(void)state;
	for (i = 0; i < COUNT(captures); i++) {
		load(&d, captures[i].name);
		for (at = 0; at < d.len; at++) {
			__u8 was = d.bytes[at];

			for (value = 0; value < 256; value += 5) {
				enum lg_dhcp_err err;

				d.bytes[at] = value;
				err = parse(&msg, &d);
				assert_in_range(err, LG_DHCP_OK,
						__LG_DHCP_ERR_MAX - 1);
				if (err) {
					rejected++;
					continue;
				}
				accepted++;
				assert_in_range(msg.hlen, 0, 16);
				lg_dhcp_option(&msg, 82, NULL, 0);
				lg_dhcp_option(&msg, 225, NULL, 0);
			}
			d.bytes[at] = was;
		}
	}
	assert_true(accepted > 0);
	assert_true(rejected > 0);
}

int main(int argc, char **argv)
{
	/* cmocka's name: checkpatch minds the capitals */
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_fields),
		cmocka_unit_test(truncated_fixed_part),
		cmocka_unit_test(bootp_without_cookie),
		cmocka_unit_test(bootp_with_options),
		cmocka_unit_test(oversized),
		cmocka_unit_test(ops),
		cmocka_unit_test(hardware_address_lengths),
		cmocka_unit_test(options_in_any_order),
		cmocka_unit_test(pads_between_options),
		cmocka_unit_test(end_is_optional),
		cmocka_unit_test(after_the_end_is_nothing),
		cmocka_unit_test(scalars_of_wrong_length),
		cmocka_unit_test(scalars_that_come_twice),
		cmocka_unit_test(scalar_again_in_file),
		cmocka_unit_test(message_types),
		cmocka_unit_test(lease_times_at_the_edges),
		cmocka_unit_test(option_past_its_area),
		cmocka_unit_test(overload_values),
		cmocka_unit_test(overload_of_wrong_length),
		cmocka_unit_test(no_overload),
		cmocka_unit_test(scalars_in_overloaded_areas),
		cmocka_unit_test(overload_within_overload),
		cmocka_unit_test(overloaded_file_to_its_end),
		cmocka_unit_test(overloaded_sname_to_its_end),
		cmocka_unit_test(parts_within_an_area),
		cmocka_unit_test(parts_in_all_areas),
		cmocka_unit_test(scalars_in_parts),
		cmocka_unit_test(agent_info_split_anywhere),
		cmocka_unit_test(longer_than_one_option_can_be),
		cmocka_unit_test(value_that_does_not_fit),
		cmocka_unit_test(pad_and_end_are_no_options),
		cmocka_unit_test(nul_bytes_are_bytes),
		cmocka_unit_test(agent_info_at_each_place),
		cmocka_unit_test(suboptions),
		cmocka_unit_test(suboptions_cut_anywhere),
		cmocka_unit_test(suboption_twice),
		cmocka_unit_test(leasequery_bytes),
		cmocka_unit_test(leasequery_without_room),
		cmocka_unit_test(leasequery_with_any_number_of_options),
		cmocka_unit_test(leasequery_type_and_flags),
		cmocka_unit_test(leasequery_by_hardware_address),
		cmocka_unit_test(leasequery_by_client_id),
		cmocka_unit_test(leasequery_by_client_id_and_hardware_address),
		cmocka_unit_test(leasequery_by_remote_id),
		cmocka_unit_test(leasequery_that_has_no_room),
		cmocka_unit_test(reply_bytes),
		cmocka_unit_test(reply_of_nothing),
		cmocka_unit_test(reply_with_many_addresses),
		cmocka_unit_test(reply_with_all_that_there_is_room_for),
		cmocka_unit_test(captured_messages),
		cmocka_unit_test(captured_overload),
		cmocka_unit_test(captured_cut_anywhere),
		cmocka_unit_test(captured_with_a_byte_changed),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
		return 2;
	}
	corpus = argv[1];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
