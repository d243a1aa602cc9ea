// SPDX-License-Identifier: GPL-2.0
/* Bulk leasequery: the stream, its messages, and servers that break off. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bulk.h"
#include "bulk_peer.h"
#include "config.h"
#include "log.h"
#include "message.h"
#include "snapshot.h"

#define BASE	1700001000u

static const uint8_t relay_id[] = { 0xca, 0xfe };

/* ---- what is told ---- */

static struct {
	__be32 addr[64];
	struct lease lease[64];
	unsigned int n;
	unsigned int dropped[__RECOVERY_REASONS];
	unsigned int ended;
	bool whole;
} told;

static void on_lease(__be32 addr, struct lease *lease)
{
	assert_true(told.n < 64);
	told.addr[told.n] = addr;
	told.lease[told.n++] = *lease;
}

static void on_dropped(enum recovery_reason reason)
{
	told.dropped[reason]++;
}

static void on_pause(void)
{
}

static void on_ended(bool whole)
{
	told.ended++;
	told.whole = whole;
}

static const struct bulk_ops ops = {
	.lease = on_lease, .dropped = on_dropped, .pause = on_pause,
	.ended = on_ended,
};

static struct config_bulk *server(const char *addr)
{
	struct config_server *s = &config.servers[config.n_servers++];

	memset(s, 0, sizeof(*s));
	s->addr = ip(addr);
	s->giaddr = ip("10.77.1.1");
	s->bulk.on = true;
	s->bulk.port = 67;
	return &s->bulk;
}

static void ask_for(struct config_bulk *bulk, uint8_t code)
{
	struct config_bulk_id *id = &bulk->ids[bulk->n_ids++];

	id->code = code;
	id->len = sizeof(relay_id);
	memcpy(id->bytes, relay_id, sizeof(relay_id));
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&told, 0, sizeof(told));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bulk_stop();
	return fake_timers();
}

/* ---- messages ---- */

static void option_u32(struct message *m, uint8_t code, uint32_t value)
{
	uint32_t net = htonl(value);

	message_option(m, code, &net, sizeof(net));
}

/* Told of @ago seconds after the client was heard of. */
static void lease_make(struct message *m, uint32_t xid, const char *addr,
		       uint32_t base, uint32_t ago)
{
	message_active(m, xid, ip(addr), 0);
	option_u32(m, LG_OPT_BASE_TIME, base);
	option_u32(m, LG_OPT_CLTT, ago);
}

static void done_make(struct message *m, uint32_t xid, int status,
		      const char *text)
{
	uint8_t bytes[128] = { (uint8_t)status };

	message_begin(m, LG_DHCPLEASEQUERYDONE, xid, 0, 0);
	if (status < 0)
		return;
	memcpy(bytes + 1, text, strlen(text));
	message_option(m, LG_OPT_STATUS_CODE, bytes,
		       (uint8_t)(1 + strlen(text)));
}

/* A connection of the fake wire. */
static struct bulk_io *io_last(void)
{
	assert_true(fake.n_io);
	return &fake.io[fake.n_io - 1];
}

static uint32_t io_xid(const struct bulk_io *io)
{
	uint32_t net;

	memcpy(&net, io->query + 2 + MSG_XID, sizeof(net));
	return ntohl(net);
}

static void io_bring(struct bulk_io *io, const struct message *m)
{
	uint8_t bytes[2 + sizeof(m->bytes)];

	bytes[0] = (uint8_t)(m->len >> 8);
	bytes[1] = (uint8_t)m->len;
	memcpy(bytes + 2, m->bytes, m->len);
	bulk_data(io->peer, bytes, 2 + m->len);
}

static void io_lease(struct bulk_io *io, const char *addr, uint32_t base,
		     uint32_t ago)
{
	struct message m;

	lease_make(&m, io_xid(io), addr, base, ago);
	io_bring(io, &m);
}

static void io_done(struct bulk_io *io, int status)
{
	struct message m;

	done_make(&m, io_xid(io), status, "no");
	io_bring(io, &m);
}

/* An option of the last query: its length, or -1. */
static int asked(const struct bulk_io *io, uint8_t code, void *value)
{
	struct lg_dhcp msg;
	int n;

	assert_int_equal(io->query[0] << 8 | io->query[1], io->len - 2);
	assert_int_equal(lg_dhcp_parse(&msg, io->query + 2, io->len - 2),
			 LG_DHCP_OK);
	assert_int_equal(msg.op, LG_BOOTREQUEST);
	assert_int_equal(msg.type, LG_DHCPBULKLEASEQUERY);
	assert_int_equal(msg.htype | msg.hlen, 0);
	assert_int_equal(msg.ciaddr | msg.yiaddr | msg.siaddr, 0);
	n = lg_dhcp_option(&msg, code, value, 255);
	return n;
}

/* ---- the stream ---- */

static unsigned int messages;
static size_t lengths[8];

static bool count(const uint8_t *message, size_t len, void *data)
{
	struct bulk_message m;

	(void)data;
	lengths[messages++] = len;
	assert_int_equal(bulk_read(7, message, len, &m),
			 messages == 3 ? BULK_DONE : BULK_LEASE);
	return true;
}

static size_t stream_make(uint8_t *bytes)
{
	struct message m[3];
	size_t len = 0;
	unsigned int i;

	lease_make(&m[0], 7, "10.0.0.1", BASE, 1);
	lease_make(&m[1], 7, "10.0.0.2", BASE, 1);
	done_make(&m[2], 7, -1, "");
	for (i = 0; i < 3; i++) {
		bytes[len++] = (uint8_t)(m[i].len >> 8);
		bytes[len++] = (uint8_t)m[i].len;
		memcpy(bytes + len, m[i].bytes, m[i].len);
		len += m[i].len;
	}
	return len;
}

/* In three pieces, cut wherever it can be. */
static void a_stream_may_be_cut_anywhere(void **state)
{
	static struct bulk_stream stream;
	uint8_t bytes[4096];
	size_t len = stream_make(bytes), a, b;

	(void)state;
	for (a = 0; a <= len; a++)
		for (b = a; b <= len; b += 1 + (b - a) / 8) {
			memset(&stream, 0, sizeof(stream));
			messages = 0;
			assert_true(bulk_stream_feed(&stream, bytes, a, count,
						     NULL));
			assert_true(bulk_stream_feed(&stream, bytes + a, b - a,
						     count, NULL));
			assert_true(bulk_stream_feed(&stream, bytes + b,
						     len - b, count, NULL));
			assert_int_equal(messages, 3);
			assert_int_equal(stream.len, 0);
		}
}

static void lengths_that_none_can_have(void **state)
{
	static struct bulk_stream stream;
	const uint8_t bad[][2] = { { 0, 0 }, { 0, 235 } };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memset(&stream, 0, sizeof(stream));
		assert_true(bulk_stream_feed(&stream, bad[i], 1, count, NULL));
		assert_false(bulk_stream_feed(&stream, bad[i] + 1, 1, count,
					      NULL));
	}
}

/* A stream may have them (6.1), and what is behind them is still to be had. */
static void what_is_too_long_is_passed_over(void **state)
{
	static uint8_t bytes[2 + 65535 + 4096];
	static struct bulk_stream stream;
	size_t len, cut;

	(void)state;
	bytes[0] = 255;
	bytes[1] = 255;
	len = 2 + 65535 + stream_make(bytes + 2 + 65535);
	for (cut = 0; cut <= len; cut += 113) {
		memset(&stream, 0, sizeof(stream));
		messages = 0;
		assert_true(bulk_stream_feed(&stream, bytes, cut, count,
					     NULL));
		assert_true(bulk_stream_feed(&stream, bytes + cut, len - cut,
					     count, NULL));
		assert_int_equal(messages, 3);
		assert_int_equal(stream.len, 0);
	}
	assert_int_equal(counters.refused_malformed, cut / 113);
}

/* Its addresses are others than those of the default VPN (6.2.9). */
static void leases_of_another_vpn(void **state)
{
	static const uint8_t other[] = { 0, 'b', 'l', 'u', 'e' };
	static const uint8_t global = 255;
	struct bulk_message got;
	struct message m;

	(void)state;
	lease_make(&m, 7, "10.0.0.1", BASE, 1);
	message_option(&m, LG_OPT_VPN_ID, &global, 1);
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_LEASE);
	lease_make(&m, 7, "10.0.0.1", BASE, 1);
	message_option(&m, LG_OPT_VPN_ID, other, sizeof(other));
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_OTHER);
	assert_int_equal(counters.refused_vpn, 1);
	message_begin(&m, LG_DHCPLEASEUNASSIGNED, 7, ip("10.0.0.1"), 0);
	option_u32(&m, LG_OPT_START_OF_STATE, 5);
	message_option(&m, LG_OPT_VPN_ID, other, sizeof(other));
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_OTHER);
	assert_int_equal(counters.refused_vpn, 2);
}

static void messages_that_are_no_answer(void **state)
{
	struct bulk_message got;
	struct message m;

	(void)state;
	lease_make(&m, 7, "10.0.0.1", BASE, 1);
	assert_int_equal(bulk_read(8, m.bytes, m.len, &got), BULK_BAD);
	assert_int_equal(bulk_read(7, m.bytes, 100, &got), BULK_BAD);
	m.bytes[MSG_OP] = LG_BOOTREQUEST;
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_BAD);
	m.bytes[MSG_OP] = LG_BOOTREPLY;
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_LEASE);
	/* A lease that is none does not end the stream. */
	m.bytes[MSG_CHADDR] |= 1;
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_OTHER);
	assert_int_equal(counters.refused_hwaddr, 1);
	message_active(&m, 7, 0, 0);
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_OTHER);
	message_begin(&m, LG_DHCPLEASEUNASSIGNED, 7, ip("10.0.0.1"), 0);
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_OTHER);
	message_begin(&m, LG_DHCPACK, 7, ip("10.0.0.1"), 0);
	assert_int_equal(bulk_read(7, m.bytes, m.len, &got), BULK_BAD);
}

static void what_a_status_means(void **state)
{
	static const enum bulk_kind kinds[] = {
		BULK_DONE, BULK_TERMINATED, BULK_TERMINATED, BULK_REFUSED,
		BULK_REFUSED, BULK_TERMINATED,
	};
	struct bulk_message got;
	struct message m;
	int status;

	(void)state;
	for (status = 0; status < 6; status++) {
		done_make(&m, 7, status, "because\n\033[31m");
		assert_int_equal(bulk_read(7, m.bytes, m.len, &got),
				 kinds[status]);
		assert_string_equal(got.text, "because??[31m");
	}
}

/* ---- servers ---- */

static struct bulk_io *begin(void)
{
	bulk_start(&ops);
	fake_advance(0.);
	bulk_connected(io_last()->peer);
	return io_last();
}

static void all_queries_on_one_connection(void **state)
{
	struct config_bulk *bulk = server("198.18.0.2");
	struct bulk_io *io;
	uint8_t value[255];

	(void)state;
	ask_for(bulk, LG_AGENT_RELAY_ID);
	ask_for(bulk, LG_AGENT_REMOTE_ID);
	io = begin();
	assert_int_equal(io->from, ip("10.77.1.1"));
	assert_int_equal(asked(io, LG_OPT_AGENT_INFO, value), 4);
	assert_memory_equal(value, "\x0c\x02\xca\xfe", 4);
	assert_int_equal(asked(io, LG_OPT_QUERY_START_TIME, value), -ENOENT);
	io_lease(io, "10.77.1.10", BASE, 5);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.lease[0].server, ip("198.18.0.2"));
	assert_int_equal(told.lease[0].expires, 592);
	io_done(io, -1);
	assert_int_equal(asked(io, LG_OPT_AGENT_INFO, value), 4);
	assert_memory_equal(value, "\x02\x02\xca\xfe", 4);
	io_done(io, -1);
	assert_false(io->open);
	fake_advance(0.);
	assert_int_equal(told.ended, 1);
	assert_true(told.whole);
	assert_int_equal(fake.n_io, 1);
}

static void a_broken_query_is_asked_again_whole(void **state)
{
	uint8_t value[255];
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2");
	io = begin();
	assert_int_equal(asked(io, LG_OPT_AGENT_INFO, value), -ENOENT);
	io_lease(io, "10.77.1.10", BASE, 5);
	bulk_closed(io->peer, 0);
	assert_false(io->open);
	assert_int_equal(told.ended, 0);
	fake_advance(0.9);
	assert_int_equal(fake.n_io, 1);
	fake_advance(0.2);
	assert_int_equal(fake.n_io, 2);
	io = io_last();
	bulk_connected(io->peer);
	assert_int_equal(asked(io, LG_OPT_QUERY_START_TIME, value), -ENOENT);
	io_done(io, 0);
	fake_advance(0.);
	assert_true(told.ended && told.whole);
}

/* What was passed over on one and the clock there are nothing of the next. */
static void a_connection_begins_anew(void **state)
{
	static const uint8_t too_long[] = { 255, 255, 1, 2, 3 };
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2");
	io = begin();
	io_lease(io, "10.77.1.9", BASE, 5);
	bulk_data(io->peer, too_long, sizeof(too_long));
	bulk_closed(io->peer, 0);
	fake_advance(1.);
	io = io_last();
	bulk_connected(io->peer);
	bulk_data(io->peer, too_long, 1);
	bulk_closed(io->peer, 0);
	fake_advance(2.);
	io = io_last();
	bulk_connected(io->peer);
	fake_advance(10.);
	io_lease(io, "10.77.1.10", BASE - 100000, 5);
	assert_int_equal(told.n, 2);
	assert_int_equal(told.lease[1].expires, 592);
}

static void an_ordered_one_goes_on_where_it_was(void **state)
{
	uint8_t value[255];
	uint32_t since;
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2")->by_time = true;
	io = begin();
	io_lease(io, "10.77.1.10", BASE, 500);
	io_lease(io, "10.77.1.11", BASE, 400);
	bulk_closed(io->peer, -ECONNRESET);
	fake_advance(1.);
	io = io_last();
	bulk_connected(io->peer);
	assert_int_equal(asked(io, LG_OPT_QUERY_START_TIME, value), 4);
	memcpy(&since, value, 4);
	assert_int_equal(ntohl(since), BASE - 400);
	/* Broken again before anything came: from the same place. */
	bulk_closed(io->peer, -ECONNRESET);
	fake_advance(2.);
	io = io_last();
	bulk_connected(io->peer);
	assert_int_equal(asked(io, LG_OPT_QUERY_START_TIME, value), 4);
	assert_memory_equal(value, &since, 4);
}

static void a_dead_server_is_given_up(void **state)
{
	double wait = 1.;
	unsigned int i;

	(void)state;
	server("198.18.0.2");
	bulk_start(&ops);
	fake_advance(0.);
	for (i = 1; i < 10; i++) {
		assert_int_equal(fake.n_io, i);
		bulk_closed(io_last()->peer, -ECONNREFUSED);
		fake_advance(wait * 0.99);
		assert_int_equal(fake.n_io, i);
		fake_advance(wait * 0.02);
		wait = wait * 2 > 60. ? 60. : wait * 2;
	}
	bulk_closed(io_last()->peer, -ECONNREFUSED);
	fake_advance(1000.);
	assert_int_equal(fake.n_io, 10);
	assert_int_equal(told.ended, 1);
	assert_false(told.whole);
}

/* Another query has all its tries, and the first of them soon. */
static void tries_are_of_a_query(void **state)
{
	struct config_bulk *bulk = server("198.18.0.2");
	unsigned int query, i;
	double wait;

	(void)state;
	ask_for(bulk, LG_AGENT_RELAY_ID);
	ask_for(bulk, LG_AGENT_REMOTE_ID);
	bulk_start(&ops);
	fake_advance(0.);
	for (query = 0; query < 2; query++) {
		wait = 1.;
		for (i = 1; i < 10; i++) {
			bulk_closed(io_last()->peer, -ECONNRESET);
			fake_advance(wait * 1.01);
			wait = wait * 2 > 60. ? 60. : wait * 2;
			assert_int_equal(fake.n_io, 9 * query + i + 1);
		}
		bulk_connected(io_last()->peer);
		io_done(io_last(), -1);
	}
	fake_advance(0.);
	assert_true(told.ended && told.whole);
}

static void silence_is_broken(void **state)
{
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2");
	bulk_start(&ops);
	fake_advance(0.);
	/* It does not even accept. */
	fake_advance(10.1);
	assert_false(fake.io[0].open);
	fake_advance(1.);
	io = io_last();
	bulk_connected(io->peer);
	/* BULK_LQ_DATA_TIMEOUT: less would ask a slow server anew (6.3). */
	fake_advance(299.);
	io_lease(io, "10.77.1.10", BASE, 5);
	fake_advance(299.);
	assert_true(io->open);
	fake_advance(2.);
	assert_false(io->open);
	assert_int_equal(told.ended, 0);
}

/* It would keep others waiting for an hour. */
static void a_silent_server_is_asked_twice(void **state)
{
	(void)state;
	server("198.18.0.2");
	begin();
	fake_advance(301.);
	assert_int_equal(told.ended, 0);
	fake_advance(1.);
	assert_int_equal(fake.n_io, 2);
	bulk_connected(io_last()->peer);
	fake_advance(301.);
	assert_int_equal(told.ended, 1);
	assert_false(told.whole);
	assert_int_equal(fake.n_io, 2);
}

static void a_piece_of_a_message_is_silence(void **state)
{
	static const uint8_t bytes[2] = { 1, 0 };
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2");
	io = begin();
	fake_advance(200.);
	bulk_data(io->peer, bytes, sizeof(bytes));
	fake_advance(99.);
	assert_true(io->open);
	fake_advance(2.);
	assert_false(io->open);
}

static void a_refusal_is_for_that_query(void **state)
{
	struct config_bulk *bulk = server("198.18.0.2");
	struct bulk_io *io;
	uint8_t value[255];

	(void)state;
	ask_for(bulk, LG_AGENT_RELAY_ID);
	ask_for(bulk, LG_AGENT_REMOTE_ID);
	io = begin();
	io_done(io, BULK_NOT_ALLOWED);
	assert_true(io->open);
	assert_int_equal(asked(io, LG_OPT_AGENT_INFO, value), 4);
	assert_int_equal(value[0], LG_AGENT_REMOTE_ID);
	io_done(io, 0);
	fake_advance(0.);
	assert_int_equal(told.ended, 1);
	assert_false(told.whole);
}

static void garbage_breaks_the_connection(void **state)
{
	static const uint8_t zeros[4096];
	struct bulk_io *io;
	struct message m;

	(void)state;
	server("198.18.0.2");
	io = begin();
	bulk_data(io->peer, zeros, sizeof(zeros));
	assert_false(io->open);
	fake_advance(1.);
	io = io_last();
	bulk_connected(io->peer);
	/* What another query's answer would be, and a lease behind it. */
	lease_make(&m, io_xid(io) + 1, "10.77.1.10", BASE, 1);
	io_bring(io, &m);
	assert_false(io->open);
	assert_int_equal(told.n, 0);
}

static void time_in_buffers_is_gone(void **state)
{
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2");
	io = begin();
	/* The server's clock is wrong by any amount: only the change counts. */
	io_lease(io, "10.77.1.10", 5000, 5);
	fake_advance(40.);
	io_lease(io, "10.77.1.11", 5010, 5);
	io_lease(io, "10.77.1.12", 5040, 5);
	assert_int_equal(told.lease[0].expires, 592);
	assert_int_equal(told.lease[1].expires, 562);
	assert_int_equal(told.lease[2].expires, 592);
	assert_int_equal(told.lease[0].last_transaction, 5);
	assert_int_equal(told.lease[1].last_transaction, 35);
	assert_int_equal(told.lease[2].last_transaction, 5);
}

/* What is done to clocks while leases come takes no lease its time. */
static void clocks_are_set(void **state)
{
	struct bulk_io *io;

	(void)state;
	server("198.18.0.2");
	io = begin();
	io_lease(io, "10.77.1.10", BASE, 5);
	fake.wall += 1000000000;
	fake_advance(3.);
	io_lease(io, "10.77.1.11", BASE + 3, 5);
	/* The server's own: it was not asked for longer than that. */
	io_lease(io, "10.77.1.12", BASE - 100000, 5);
	assert_int_equal(told.n, 3);
	assert_int_equal(told.lease[1].expires, 592);
	assert_int_equal(told.lease[2].expires, 589);
}

static void subnets_are_what_is_taken(void **state)
{
	struct config_bulk *bulk = server("198.18.0.2");
	struct bulk_io *io;

	(void)state;
	bulk->subnets[0] = (struct settings_prefix){ ip("10.77.1.0"), 24 };
	bulk->subnets[1] = (struct settings_prefix){ ip("10.77.3.9"), 32 };
	bulk->n_subnets = 2;
	io = begin();
	io_lease(io, "10.77.1.0", BASE, 5);
	io_lease(io, "10.77.1.255", BASE, 5);
	io_lease(io, "10.77.2.0", BASE, 5);
	io_lease(io, "10.77.3.9", BASE, 5);
	io_lease(io, "10.77.3.8", BASE, 5);
	assert_int_equal(told.n, 3);
	assert_int_equal(told.addr[2], ip("10.77.3.9"));
	assert_int_equal(told.dropped[RECOVERY_ROUTE], 2);
	io_done(io, 0);
	fake_advance(0.);
	assert_true(told.ended && told.whole);
}

/* ---- servers that tell of the same addresses ---- */

static struct bulk_io *one, *two;

static void begin_two(void)
{
	server("198.18.0.2");
	server("198.18.0.3");
	bulk_start(&ops);
	fake_advance(0.);
	assert_int_equal(fake.n_io, 2);
	one = &fake.io[0];
	two = &fake.io[1];
	bulk_connected(one->peer);
	bulk_connected(two->peer);
}

static void end_two(void)
{
	io_done(one, 0);
	io_done(two, 0);
	fake_advance(0.);
	assert_int_equal(told.ended, 1);
}

/* What a server says of 10.77.1.10. */
struct says {
	uint8_t client;		/* last byte of its hardware address */
	int ago;		/* client-last-transaction-time, 0: none */
	int so_for;		/* start-time-of-state, 0: none */
	const char *circuit;	/* option 82 */
	bool remote;
	bool free;		/* DHCPLEASEUNASSIGNED */
};

static void io_says(struct bulk_io *io, struct says says)
{
	uint8_t info[32] = { LG_AGENT_CIRCUIT_ID }, source = says.remote;
	struct message m;

	if (says.free) {
		message_begin(&m, LG_DHCPLEASEUNASSIGNED, io_xid(io),
			      ip("10.77.1.10"), 0);
	} else {
		message_active(&m, io_xid(io), ip("10.77.1.10"), 0);
		m.bytes[MSG_CHADDR + 5] = says.client;
	}
	option_u32(&m, LG_OPT_BASE_TIME,
		   BASE + (uint32_t)(fake.now - 1000.));
	if (says.ago)
		option_u32(&m, LG_OPT_CLTT, (uint32_t)says.ago);
	if (says.so_for)
		option_u32(&m, LG_OPT_START_OF_STATE, (uint32_t)says.so_for);
	message_option(&m, LG_OPT_DATA_SOURCE, &source, 1);
	if (says.circuit) {
		info[1] = (uint8_t)strlen(says.circuit);
		memcpy(info + 2, says.circuit, info[1]);
		message_option(&m, LG_OPT_AGENT_INFO, info,
			       (uint8_t)(2 + info[1]));
	}
	io_bring(io, &m);
}

/* That so many were told of, the last of this client, by this server. */
static void assert_told(unsigned int n, uint8_t client,
			const struct bulk_io *io, const char *circuit)
{
	const struct lease *lease = &told.lease[n - 1];

	assert_int_equal(told.n, n);
	assert_int_equal(told.addr[n - 1], ip("10.77.1.10"));
	assert_int_equal(lease->state, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(lease->hwaddr[5], client);
	assert_int_equal(lease->server, io->server);
	assert_int_equal(lease->agent_info_len,
			 circuit ? 2 + strlen(circuit) : 0);
	if (circuit)
		assert_memory_equal(lease->agent_info + 2, circuit,
				    strlen(circuit));
}

static void what_is_of_late_wins(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 100 });
	assert_told(1, 1, one, NULL);
	io_says(two, (struct says){ .client = 2, .ago = 5 });
	assert_told(2, 2, two, NULL);
	/* And it stands, whoever comes with what is older, or of no age. */
	io_says(one, (struct says){ .client = 1, .ago = 100 });
	io_says(one, (struct says){ .client = 3 });
	assert_int_equal(told.n, 2);
	assert_int_equal(told.dropped[RECOVERY_KNOWN], 2);
	end_two();
}

/* Ages are told at different times. */
static void what_is_of_late_is_so_by_the_clock(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 10 });
	fake_advance(50.);
	io_says(two, (struct says){ .client = 2, .ago = 40 });
	assert_told(2, 2, two, NULL);
	io_says(one, (struct says){ .client = 1, .ago = 60 });
	assert_int_equal(told.n, 2);
	end_two();
}

/* It is the latest word, but of a lease that is over by now. */
static void what_is_over_is_not_compared(void **state)
{
	unsigned int i;

	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 5 });
	for (i = 0; i < 3; i++) {
		struct message m;

		fake_advance(200.);
		message_begin(&m, LG_DHCPLEASEUNKNOWN, io_xid(one), 0, 0);
		io_bring(one, &m);
		message_begin(&m, LG_DHCPLEASEUNKNOWN, io_xid(two), 0, 0);
		io_bring(two, &m);
	}
	io_says(two, (struct says){ .client = 2, .ago = 700 });
	assert_told(2, 2, two, NULL);
	assert_int_equal(told.lease[1].expires, 592);
	end_two();
}

/* The module is told when servers heard of him last, whoever is compared. */
static void the_last_transaction_is_told(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 50 });
	assert_true(told.lease[0].has_last_transaction);
	assert_int_equal(told.lease[0].last_transaction, 50);
	/* No transaction of his, though it makes the lease the later one. */
	io_says(two, (struct says){ .client = 2, .so_for = 40 });
	assert_told(2, 2, two, NULL);
	assert_false(told.lease[1].has_last_transaction);
	fake_advance(10.);
	io_says(one, (struct says){ .client = 1, .ago = 7 });
	fake_advance(30.);
	io_says(two, (struct says){ .client = 1, .ago = 60, .circuit = "a" });
	assert_told(4, 1, one, "a");
	assert_true(told.lease[3].has_last_transaction);
	assert_int_equal(told.lease[3].last_transaction, 37);
	end_two();
}

/* Of one without, it is that of its state. */
static void what_has_no_age_has_one_of_its_state(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 50 });
	io_says(two, (struct says){ .client = 2, .so_for = 60 });
	assert_told(1, 1, one, NULL);
	io_says(two, (struct says){ .client = 2, .so_for = 40 });
	assert_told(2, 2, two, NULL);
	io_says(one, (struct says){ .client = 1, .so_for = 30 });
	assert_told(3, 1, one, NULL);
	end_two();
}

static void place_is_kept_from_whoever_has_it(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 100, .circuit = "a" });
	io_says(two, (struct says){ .client = 1, .ago = 5 });
	assert_told(2, 1, two, "a");
	/* Another client's is not. */
	io_says(one, (struct says){ .client = 2, .ago = 1 });
	assert_told(3, 2, one, NULL);
	/* Nor does one that comes late want it put again. */
	io_says(two, (struct says){ .client = 2, .ago = 50, .circuit = "b" });
	assert_told(4, 2, one, "b");
	assert_int_equal(told.lease[3].expires, 591);
	io_says(two, (struct says){ .client = 2, .ago = 50, .circuit = "b" });
	assert_int_equal(told.n, 4);
	end_two();
}

static void first_hand_knowledge_is_better(void **state)
{
	(void)state;
	begin_two();
	/* It is no reason to wait for who says nothing, perhaps. */
	io_says(one, (struct says){ .client = 1, .ago = 9, .remote = true });
	assert_told(1, 1, one, NULL);
	io_says(two, (struct says){ .client = 2, .ago = 9 });
	assert_told(2, 2, two, NULL);
	io_says(one, (struct says){ .client = 1, .ago = 9, .remote = true });
	assert_int_equal(told.n, 2);
	/* What is of late is better still. */
	io_says(one, (struct says){ .client = 1, .ago = 8, .remote = true });
	assert_told(3, 1, one, NULL);
	end_two();
}

static void a_lease_that_ended_elsewhere(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .free = true, .so_for = 50 });
	io_says(two, (struct says){ .client = 1, .ago = 100 });
	assert_int_equal(told.n, 0);
	assert_int_equal(told.dropped[RECOVERY_KNOWN], 1);
	io_says(two, (struct says){ .client = 1, .ago = 20 });
	assert_told(1, 1, two, NULL);
	io_says(one, (struct says){ .free = true, .so_for = 50 });
	/* Of no age, it says nothing. */
	io_says(one, (struct says){ .free = true });
	assert_int_equal(told.n, 1);
	io_says(one, (struct says){ .free = true, .ago = 10 });
	assert_int_equal(told.n, 2);
	assert_int_equal(told.lease[1].state, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(told.lease[1].expires, config.hold_unassigned);
	assert_int_equal(told.lease[1].hlen, 0);
	io_says(two, (struct says){ .client = 1, .ago = 20 });
	assert_int_equal(told.n, 2);
	end_two();
}

/* What says that it ended says not where: it is nowhere else. */
static void what_ended_is_where_it_was(void **state)
{
	const struct lease *lease = &told.lease[1];

	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 50, .circuit = "a" });
	io_says(two, (struct says){ .client = 1, .ago = 40, .circuit = "a" });
	told.n = 1;
	io_says(two, (struct says){ .free = true, .ago = 10 });
	assert_int_equal(told.n, 2);
	assert_int_equal(lease->state, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(lease->agent_info_len, 3);
	assert_memory_equal(lease->agent_info, "\1\1a", 3);
	end_two();
}

/* Of two places none is more likely than the other. */
static void what_was_in_two_places_ended_in_none(void **state)
{
	(void)state;
	begin_two();
	io_says(one, (struct says){ .client = 1, .ago = 50, .circuit = "a" });
	io_says(two, (struct says){ .client = 2, .ago = 40, .circuit = "b" });
	io_says(one, (struct says){ .client = 2, .ago = 30 });
	assert_told(3, 2, one, "b");
	io_says(two, (struct says){ .free = true, .ago = 10 });
	assert_int_equal(told.n, 4);
	assert_int_equal(told.lease[3].state, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(told.lease[3].agent_info_len, 0);
	end_two();
}

/* Of one server there is nothing to compare. */
static void what_is_free_is_nothing_alone(void **state)
{
	(void)state;
	server("198.18.0.2");
	one = begin();
	io_says(one, (struct says){ .client = 1, .ago = 100 });
	io_says(one, (struct says){ .free = true, .ago = 1 });
	assert_told(1, 1, one, NULL);
	/* What it says later is of later. */
	io_says(one, (struct says){ .client = 2, .ago = 100 });
	assert_told(2, 2, one, NULL);
}

static void nobody_to_ask(void **state)
{
	(void)state;
	server("198.18.0.2")->on = false;
	bulk_start(&ops);
	fake_advance(0.);
	assert_int_equal(told.ended, 1);
	assert_int_equal(fake.n_io, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(a_stream_may_be_cut_anywhere),
	TEST(lengths_that_none_can_have),
	TEST(what_is_too_long_is_passed_over),
	TEST(leases_of_another_vpn),
	TEST(messages_that_are_no_answer),
	TEST(what_a_status_means),
	TEST(all_queries_on_one_connection),
	TEST(a_broken_query_is_asked_again_whole),
	TEST(a_connection_begins_anew),
	TEST(an_ordered_one_goes_on_where_it_was),
	TEST(a_dead_server_is_given_up),
	TEST(tries_are_of_a_query),
	TEST(silence_is_broken),
	TEST(a_silent_server_is_asked_twice),
	TEST(a_piece_of_a_message_is_silence),
	TEST(a_refusal_is_for_that_query),
	TEST(garbage_breaks_the_connection),
	TEST(time_in_buffers_is_gone),
	TEST(clocks_are_set),
	TEST(subnets_are_what_is_taken),
	TEST(what_is_of_late_wins),
	TEST(what_is_of_late_is_so_by_the_clock),
	TEST(what_is_over_is_not_compared),
	TEST(the_last_transaction_is_told),
	TEST(what_has_no_age_has_one_of_its_state),
	TEST(place_is_kept_from_whoever_has_it),
	TEST(first_hand_knowledge_is_better),
	TEST(a_lease_that_ended_elsewhere),
	TEST(what_ended_is_where_it_was),
	TEST(what_was_in_two_places_ended_in_none),
	TEST(what_is_free_is_nothing_alone),
	TEST(nobody_to_ask),
};

const struct fake_tests bulk_tests = {
	tests, sizeof(tests) / sizeof(tests[0]),
};
