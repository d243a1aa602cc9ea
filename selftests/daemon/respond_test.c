// SPDX-License-Identifier: GPL-2.0
/* What is answered to a query, in which dialect, and what is not. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "message.h"
#include "respond.h"
#include "../../module/dhcp.h"

#define XID	0x1e6ee96au
#define R	0x4000

static const uint8_t mac[] = { 2, 0, 0, 0, 1, 1 };
static const uint8_t id[] = { 1, 2, 0, 0, 0, 1, 1 };
static const uint8_t info[] = { 1, 4, 'a', 0, 'c', 0xff };
/* With that remote-id, which is the last three bytes. */
static const uint8_t remote[] = { 2, 3, 'm', 0, 0xff };

static struct message m;
static struct request request;
static struct known known;
static uint8_t buf[LG_LEASEQUERY_REPLY_MAX];
static struct lg_dhcp msg;

/* What a walk finds, and whom it looks for. */
static struct known table[300];
static unsigned int n_table;
static struct client looked_for;
static bool walked;

static const char * const dialects[] = { "rfc4388", "draft-01", "draft-00" };
/* query, active, unassigned, unknown */
static const uint8_t types[][4] = {
	{ 10, 13, 11, 12 }, { 13, 14, 14, 15 }, { 13, 5, 5, 6 },
};

static void speaks(const char *name)
{
	dialect_take(&config.requestors[0].dialect, DIALECT_DIALECT, name);
}

static void asks(uint8_t type, const char *ciaddr)
{
	message_begin(&m, type, XID, ciaddr ? ip(ciaddr) : 0,
		      config.requestors[0].giaddr);
	m.bytes[MSG_OP] = LG_BOOTREQUEST;
}

static void by_mac(uint8_t type)
{
	asks(type, NULL);
	m.bytes[MSG_HTYPE] = 1;
	m.bytes[MSG_HLEN] = sizeof(mac);
	memcpy(m.bytes + MSG_CHADDR, mac, sizeof(mac));
}

/* A gleaned lease that a quarter is over of, asked for by a requestor. */
static int set_up(void **state)
{
	/* The budget of walks outlives a test. */
	static double start = 1e6;

	(void)state;
	fake_reset();
	fake.now = start += 1000.;
	config.n_requestors = 1;
	config.requestors[0] = (struct config_requestor){
		.addr = ip("198.18.0.9"), .giaddr = ip("10.77.0.1"),
	};
	dialect_default(&config.requestors[0].dialect);
	config.n_networks = 1;
	config.networks[0] = (struct settings_prefix){
		.addr = ip("10.77.0.0"), .len = 20,
	};
	config.client_queries = 100;
	known = (struct known){
		.addr = ip("10.77.1.10"), .state = LEASEGLEAN_STATE_ACTIVE,
		.origin = LEASEGLEAN_ORIGIN_GLEANED, .expires = 600,
		.dated = true, .age = 200,
		.htype = 1, .hlen = sizeof(mac), .hwaddr = mac,
		.client_id_len = sizeof(id), .client_id = id,
		.agent_info_len = sizeof(info), .agent_info = info,
	};
	request = (struct request){
		.requestor = ip("198.18.0.9"), .server = ip("198.18.0.1"),
		.known = &known,
	};
	n_table = 0;
	asks(10, "10.77.1.10");
	return 0;
}

static int walk(void)
{
	struct leases_found found = { .n = 0 };
	unsigned int i;

	for (i = 0; i < n_table; i++)
		found_add(&found, &table[i]);
	return respond_found(&request, &found, buf, sizeof(buf));
}

/* Whether there is an answer; it is read into msg, and is in order. */
static bool answered(void)
{
	int len;

	request.message = m.bytes;
	request.len = m.len;
	len = respond(&request, &looked_for, buf, sizeof(buf));
	walked = len == -EINPROGRESS;
	if (walked)
		len = walk();
	if (!len)
		return false;
	assert_int_equal(lg_dhcp_parse(&msg, buf, (size_t)len), LG_DHCP_OK);
	assert_int_equal(msg.op, LG_BOOTREPLY);
	assert_int_equal(ntohl(msg.xid), XID);
	assert_int_equal(msg.giaddr, config.requestors[0].giaddr);
	assert_int_equal(msg.yiaddr, 0);
	return true;
}

static bool has(uint8_t code)
{
	return lg_dhcp_option(&msg, code, NULL, 0) >= 0;
}

static void is(uint8_t code, const void *value, size_t len)
{
	uint8_t got[1024];

	assert_int_equal(lg_dhcp_option(&msg, code, got, sizeof(got)), len);
	assert_memory_equal(got, value, len);
}

static uint32_t number(uint8_t code)
{
	uint32_t net;

	assert_int_equal(lg_dhcp_option(&msg, code, &net, 4), 4);
	return ntohl(net);
}

static void nothing_but(unsigned int options)
{
	uint8_t code;
	unsigned int n = 0;

	for (code = 1; code < 255; code++)
		n += has(code);
	assert_int_equal(n, options);
}

static void a_lease_with_all_that_is_known(void **state)
{
	(void)state;
	assert_true(answered());
	assert_int_equal(msg.type, 13);
	assert_int_equal(msg.ciaddr, ip("10.77.1.10"));
	assert_int_equal(msg.htype, 1);
	assert_int_equal(msg.hlen, sizeof(mac));
	assert_memory_equal(msg.chaddr, mac, sizeof(mac));
	assert_int_equal(msg.flags, 0);
	assert_int_equal(msg.server_id, ip("198.18.0.1"));
	assert_int_equal(msg.lease_time, 600);
	assert_int_equal(msg.cltt, 200);
	is(61, id, sizeof(id));
	is(82, info, sizeof(info));
	/* T1 and T2 nobody asked for */
	nothing_but(6);
	assert_int_equal(counters.answered_active, 1);
}

static void every_verdict_in_every_dialect(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		speaks(dialects[i]);
		request.known = &known;
		asks(types[i][0], "10.77.1.10");
		assert_true(answered());
		assert_int_equal(msg.type, types[i][1]);
		assert_int_equal(msg.lease_time, 600);
		request.known = NULL;
		assert_true(answered());
		assert_int_equal(msg.type, types[i][2]);
		assert_int_equal(msg.ciaddr, ip("10.77.1.10"));
		assert_int_equal(msg.hlen, 0);
		/* 53 and 54: without 51 it is no lease */
		nothing_but(2);
		asks(types[i][0], "10.77.16.1");
		assert_true(answered());
		assert_int_equal(msg.type, types[i][3]);
		nothing_but(1);
	}
	assert_int_equal(counters.answered_active, 3);
	assert_int_equal(counters.answered_unassigned, 3);
	assert_int_equal(counters.answered_unknown, 3);
}

static void codes_that_were_set(void **state)
{
	struct dialect *d = &config.requestors[0].dialect;

	(void)state;
	speaks("draft-01");
	dialect_take(d, DIALECT_TYPE_QUERY, "20");
	dialect_take(d, DIALECT_TYPE_KNOWN, "21");
	dialect_take(d, DIALECT_OPTION_LAST_TRANSACTION, "200");
	asks(20, "10.77.1.10");
	assert_true(answered());
	assert_int_equal(msg.type, 21);
	assert_int_equal(number(200), 200);
	assert_false(has(91));
	asks(13, "10.77.1.10");
	assert_false(answered());
}

/* Who does not know it does not manage it; of this host the file says it. */
static void what_servers_said_stands(void **state)
{
	(void)state;
	known.state = LEASEGLEAN_STATE_UNKNOWN;
	assert_true(answered());
	assert_int_equal(msg.type, 11);
	config.n_networks = 0;
	assert_true(answered());
	assert_int_equal(msg.type, 12);
	config.n_networks = 1;
	known.state = LEASEGLEAN_STATE_UNASSIGNED;
	config.n_networks = 0;
	assert_true(answered());
	assert_int_equal(msg.type, 11);
}

static void what_is_being_asked_for_is_not_answered(void **state)
{
	(void)state;
	known.state = LEASEGLEAN_STATE_PENDING;
	assert_false(answered());
	assert_int_equal(counters.asked_pending, 1);
}

static void a_lease_that_is_over_is_none(void **state)
{
	(void)state;
	known.expires = 0;
	assert_true(answered());
	assert_int_equal(msg.type, 11);
}

static void networks_end_where_they_end(void **state)
{
	(void)state;
	request.known = NULL;
	asks(10, "10.77.15.255");
	assert_true(answered());
	assert_int_equal(msg.type, 11);
	config.networks[0].len = 32;
	config.networks[0].addr = ip("10.77.9.9");
	asks(10, "10.77.9.9");
	assert_true(answered());
	assert_int_equal(msg.type, 11);
	asks(10, "10.77.9.8");
	assert_true(answered());
	assert_int_equal(msg.type, 12);
}

static void asks_for_timers(void)
{
	static const uint8_t timers[] = { 51, 58, 59 };

	asks(10, "10.77.1.10");
	message_option(&m, 55, timers, sizeof(timers));
}

static void timers_that_are_over_are_left_out(void **state)
{
	(void)state;
	asks_for_timers();
	assert_true(answered());
	assert_int_equal(msg.lease_time, 600);
	/* half and seven eighths of 800, less 200 */
	assert_int_equal(msg.t1, 200);
	assert_int_equal(msg.t2, 500);
	known.age = 400;
	known.expires = 400;
	assert_true(answered());
	assert_false(msg.has_t1);
	assert_int_equal(msg.t2, 300);
	known.age = 700;
	known.expires = 100;
	assert_true(answered());
	assert_false(msg.has_t1);
	assert_false(msg.has_t2);
	assert_int_equal(msg.lease_time, 100);
}

static void timers_of_nearly_for_ever(void **state)
{
	(void)state;
	known.expires = UINT32_MAX - 100;
	asks_for_timers();
	assert_true(answered());
	assert_true(msg.has_t1 && msg.has_t2);
	assert_int_equal(msg.t1, (UINT32_MAX - 300) / 2);
}

static void for_ever_is_for_ever(void **state)
{
	(void)state;
	known.expires = UINT32_MAX;
	asks_for_timers();
	assert_true(answered());
	assert_int_equal(msg.lease_time, UINT32_MAX);
	assert_int_equal(msg.t1, UINT32_MAX);
	assert_int_equal(msg.t2, UINT32_MAX);
}

/* When it was put into the table says nothing of the client. */
static void what_nobody_dated_has_no_last_transaction(void **state)
{
	(void)state;
	known.origin = LEASEGLEAN_ORIGIN_LEASEQUERY;
	assert_true(answered());
	assert_true(msg.has_cltt);
	assert_int_equal(msg.cltt, 200);
	known.dated = false;
	assert_true(answered());
	assert_false(msg.has_cltt);
	assert_int_equal(msg.lease_time, 600);
	asks_for_timers();
	assert_true(answered());
	assert_false(msg.has_t1);
	assert_false(msg.has_t2);
	assert_int_equal(msg.lease_time, 600);
}

static void only_what_is_asked_for(void **state)
{
	static const uint8_t agent[] = { 82 }, timers[] = { 58, 59, 12 };

	(void)state;
	message_option(&m, 55, agent, sizeof(agent));
	assert_true(answered());
	is(82, info, sizeof(info));
	nothing_but(3);
	asks(10, "10.77.1.10");
	message_option(&m, 55, timers, sizeof(timers));
	assert_true(answered());
	assert_true(msg.has_t1 && msg.has_t2);
	nothing_but(4);
}

/* There option 51 is what says so. */
static void a_draft_lease_has_its_time_unasked(void **state)
{
	static const uint8_t agent[] = { 82 };
	size_t i;

	(void)state;
	for (i = 1; i < 3; i++) {
		speaks(dialects[i]);
		asks(types[i][0], "10.77.1.10");
		message_option(&m, 55, agent, sizeof(agent));
		assert_true(answered());
		assert_int_equal(msg.lease_time, 600);
		nothing_but(4);
	}
}

static void reservations_are_for_who_asks(void **state)
{
	(void)state;
	known.origin = LEASEGLEAN_ORIGIN_STATIC;
	known.expires = UINT32_MAX;
	assert_true(answered());
	assert_int_equal(msg.type, 13);
	assert_int_equal(msg.flags, 0);
	speaks("draft-01");
	asks(13, "10.77.1.10");
	assert_true(answered());
	assert_int_equal(msg.type, 15);
	m.bytes[10] = R >> 8;
	assert_true(answered());
	assert_int_equal(msg.type, 14);
	assert_int_equal(msg.flags, htons(R));
	/* a lease is none, whoever asks */
	known.origin = LEASEGLEAN_ORIGIN_GLEANED;
	assert_true(answered());
	assert_int_equal(msg.flags, 0);
}

/* What is known, and the same client's of another address and age. */
static void two_leases(void)
{
	table[0] = known;
	table[1] = known;
	table[1].addr = ip("10.77.1.11");
	table[1].age = 5;
	n_table = 2;
}

static void addresses_of_a_client_newest_first(void **state)
{
	static const uint32_t ages[] = { 300, 5, 70 };
	__be32 want[3];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		table[i] = known;
		table[i].addr = htonl(0x0a4d0110u + (uint32_t)i);
		table[i].age = ages[i];
	}
	n_table = 3;
	want[0] = table[1].addr;
	want[1] = table[2].addr;
	want[2] = table[0].addr;
	by_mac(10);
	assert_true(answered());
	assert_int_equal(msg.type, 13);
	assert_int_equal(msg.ciaddr, want[0]);
	assert_int_equal(msg.cltt, 5);
	is(92, want, sizeof(want));
	assert_int_equal(looked_for.hlen, sizeof(mac));
	assert_int_equal(looked_for.client_id_len, 0);
	speaks("draft-01");
	by_mac(13);
	message_option(&m, 61, id, sizeof(id));
	assert_true(answered());
	is(161, want, sizeof(want));
	assert_int_equal(looked_for.hlen, sizeof(mac));
	assert_memory_equal(looked_for.hwaddr, mac, sizeof(mac));
	assert_int_equal(looked_for.client_id_len, sizeof(id));
	assert_memory_equal(looked_for.client_id, id, sizeof(id));
}

/* When it was put into the table says nothing of the client. */
static void what_nobody_dated_comes_last(void **state)
{
	__be32 want[2];

	(void)state;
	two_leases();
	table[1].dated = false;
	want[0] = table[0].addr;
	want[1] = table[1].addr;
	by_mac(10);
	assert_true(answered());
	assert_int_equal(msg.ciaddr, want[0]);
	is(92, want, sizeof(want));
}

/* RFC 4388, 6.4.2; the draft has it for who asks. */
static void other_addresses_are_told_unasked(void **state)
{
	static const uint8_t agent[] = { 82 };

	(void)state;
	table[0] = known;
	n_table = 1;
	by_mac(10);
	message_option(&m, 55, agent, sizeof(agent));
	assert_true(answered());
	assert_false(has(92));
	table[1] = known;
	table[1].addr = ip("10.77.1.11");
	n_table = 2;
	assert_true(answered());
	assert_int_equal(lg_dhcp_option(&msg, 92, NULL, 0), 8);
	speaks("draft-01");
	by_mac(13);
	message_option(&m, 55, agent, sizeof(agent));
	assert_true(answered());
	assert_int_equal(msg.type, 14);
	assert_false(has(161));
}

/* Draft -01, 6.4: a reservation where there is no actual usage. */
static void a_lease_comes_before_a_reservation(void **state)
{
	__be32 want[2];

	(void)state;
	two_leases();
	table[1].origin = LEASEGLEAN_ORIGIN_STATIC;
	table[1].expires = UINT32_MAX;
	want[0] = table[0].addr;
	want[1] = table[1].addr;
	speaks("draft-01");
	by_mac(13);
	m.bytes[10] = R >> 8;
	assert_true(answered());
	assert_int_equal(msg.ciaddr, want[0]);
	assert_int_equal(msg.flags, 0);
	assert_int_equal(number(163), 200);
	is(161, want, sizeof(want));
	/* in whichever order they are found */
	table[0] = table[1];
	table[1] = known;
	assert_true(answered());
	assert_int_equal(msg.ciaddr, want[0]);
	is(161, want, sizeof(want));
	n_table = 1;
	assert_true(answered());
	assert_int_equal(msg.ciaddr, want[1]);
	assert_int_equal(msg.flags, htons(R));
}

/* Between the look and the telling its last second went by. */
static void what_ends_under_a_walk_is_not_found(void **state)
{
	(void)state;
	table[0] = known;
	table[0].expires = 0;
	n_table = 1;
	by_mac(10);
	assert_true(answered());
	assert_int_equal(msg.type, 12);
}

/* The walk that found it began some time ago. */
static void a_walk_takes_its_time(void **state)
{
	static const uint8_t all[] = { 51, 58, 59, 91 };
	struct leases_found found = { .n = 0 };
	int len;

	(void)state;
	by_mac(10);
	message_option(&m, 55, all, sizeof(all));
	request.message = m.bytes;
	request.len = m.len;
	found_add(&found, &known);
	fake.now += 7.;
	/* one that was heard of a second later than that one */
	known.age = 206;
	known.addr = ip("10.77.1.11");
	found_add(&found, &known);
	assert_int_equal(found.addr[0], known.addr);
	fake.now += 3.;
	len = respond_found(&request, &found, buf, sizeof(buf));
	assert_int_equal(lg_dhcp_parse(&msg, buf, (size_t)len), LG_DHCP_OK);
	assert_int_equal(msg.ciaddr, known.addr);
	assert_int_equal(msg.lease_time, 597);
	assert_int_equal(msg.cltt, 209);
	assert_int_equal(msg.t1, 194);
	/* what ended meanwhile somebody else may have */
	fake.now += 597.;
	assert_int_equal(respond_found(&request, &found, buf, sizeof(buf)), 0);
	assert_int_equal(counters.asked_failed, 1);
}

/* RFC 6148. */
static void by_remote_id(void **state)
{
	__be32 want[2];

	(void)state;
	two_leases();
	want[0] = table[1].addr;
	want[1] = table[0].addr;
	asks(10, NULL);
	message_option(&m, 82, remote, sizeof(remote));
	assert_true(answered());
	assert_int_equal(msg.type, 13);
	assert_int_equal(msg.ciaddr, want[0]);
	assert_int_equal(msg.hlen, sizeof(mac));
	is(92, want, sizeof(want));
	is(82, info, sizeof(info));
	assert_int_equal(looked_for.remote_id_len, sizeof(remote) - 2);
	assert_memory_equal(looked_for.remote_id, remote + 2,
			    sizeof(remote) - 2);
	assert_int_equal(looked_for.hlen, 0);
	assert_int_equal(looked_for.client_id_len, 0);
	n_table = 0;
	assert_true(answered());
	assert_int_equal(msg.type, 12);
	is(82, remote, sizeof(remote));
	nothing_but(2);
	/* it is a walk as the others are */
	config.client_queries = 0;
	assert_false(answered());
	assert_int_equal(counters.asked_throttled, 1);
}

static void more_addresses_than_there_is_room_for(void **state)
{
	uint8_t got[1024];
	int len;
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++) {
		table[i] = known;
		table[i].addr = htonl(0x0a4d0100u + (uint32_t)i);
		table[i].age = 1000u - (uint32_t)i;
	}
	n_table = 80;
	by_mac(10);
	assert_true(answered());
	assert_int_equal(msg.ciaddr, table[79].addr);
	assert_int_equal(lg_dhcp_option(&msg, 92, got, sizeof(got)), 320);
	assert_memory_equal(got + 316, &table[0].addr, 4);
	/* Those of late, where no frame has room for all. */
	n_table = 300;
	assert_true(answered());
	assert_int_equal(msg.ciaddr, table[299].addr);
	len = lg_dhcp_option(&msg, 92, got, sizeof(got));
	assert_int_equal(len, 4 * LG_ASSOCIATED_MAX);
	assert_memory_equal(got, &table[299].addr, 4);
	assert_memory_equal(got + len - 4, &table[300 - len / 4].addr, 4);
	/* What a lease has itself comes first. */
	table[299].client_id = got;
	table[299].client_id_len = 255;
	assert_true(answered());
	assert_int_equal(lg_dhcp_option(&msg, 61, NULL, 0), 255);
	len = lg_dhcp_option(&msg, 92, got, sizeof(got));
	assert_in_range(len, 4 * 200, 4 * 254);
	assert_memory_equal(got + len - 4, &table[300 - len / 4].addr, 4);
}

static void nobody(void **state)
{
	(void)state;
	by_mac(10);
	assert_true(answered());
	assert_int_equal(msg.type, 12);
	assert_int_equal(msg.ciaddr, 0);
	nothing_but(1);
	assert_int_equal(counters.asked_throttled, 0);
	/* nobody is who asks no more: the file was read again meanwhile */
	config.requestors[0].giaddr = ip("10.77.0.2");
	assert_int_equal(walk(), 0);
	config.n_requestors = 0;
	assert_int_equal(walk(), 0);
}

static void walks_are_rare(void **state)
{
	unsigned int i, n = 0;

	(void)state;
	config.client_queries = 2;
	by_mac(10);
	for (i = 0; i < 10; i++)
		n += answered();
	assert_int_equal(n, 4);
	assert_int_equal(counters.asked_throttled, 6);
	fake.now += 1.;
	for (n = i = 0; i < 10; i++)
		n += answered();
	assert_int_equal(n, 2);
	/* addresses are not walked for */
	asks(10, "10.77.1.10");
	assert_true(answered());
	config.client_queries = 0;
	fake.now += 100.;
	by_mac(10);
	assert_false(answered());
}

/* The second asks where the first has asked as often as he may. */
static void the_walks_of_one_are_not_anothers(void **state)
{
	unsigned int i;

	(void)state;
	config.client_queries = 2;
	config.n_requestors = 2;
	config.requestors[1] = config.requestors[0];
	config.requestors[1].addr = ip("198.18.0.10");
	by_mac(10);
	for (i = 0; i < 10; i++)
		answered();
	assert_int_equal(counters.asked_throttled, 6);
	request.requestor = ip("198.18.0.10");
	for (i = 0; i < 4; i++)
		assert_true(answered());
	assert_false(answered());
}

static bool refuses(void)
{
	uint64_t was = counters.asked_refused;

	return !answered() && counters.asked_refused == was + 1;
}

static void what_is_not_in_order_is_not_answered(void **state)
{
	(void)state;
	request.requestor = ip("198.18.0.8");
	assert_true(refuses());
	request.requestor = ip("198.18.0.9");
	m.bytes[MSG_OP] = LG_BOOTREPLY;
	assert_true(refuses());
	asks(13, "10.77.1.10");
	assert_true(refuses());
	asks(10, "10.77.1.10");
	memset(m.bytes + MSG_GIADDR, 0, 4);
	assert_true(refuses());
	asks(10, "10.77.1.10");
	m.bytes[MSG_GIADDR + 3]++;
	assert_true(refuses());
	asks(10, "10.77.1.10");
	assert_true(answered());
}

static void keys_are_the_dialects(void **state)
{
	(void)state;
	asks(10, NULL);
	assert_true(refuses());
	by_mac(10);
	memcpy(m.bytes + MSG_CIADDR, &known.addr, 4);
	assert_true(refuses());
	by_mac(10);
	message_option(&m, 61, id, sizeof(id));
	assert_true(refuses());
	speaks("draft-00");
	by_mac(13);
	assert_true(refuses());
	/* which an address makes nothing in the drafts */
	memcpy(m.bytes + MSG_CIADDR, &known.addr, 4);
	assert_true(answered());
	assert_int_equal(msg.type, 5);
	speaks("draft-01");
	assert_true(answered());
	assert_int_equal(msg.type, 14);
}

static bool refuses_agent(const void *agent, size_t len)
{
	asks(10, NULL);
	message_option(&m, 82, agent, len);
	return refuses();
}

static void a_remote_id_is_a_key_alone(void **state)
{
	static const uint8_t more[] = { 1, 1, 'c', 2, 1, 'm' };
	static const uint8_t twice[] = { 2, 1, 'm', 2, 1, 'm' };
	size_t i;

	(void)state;
	assert_true(refuses_agent(more, sizeof(more)));
	assert_true(refuses_agent(more, 3));
	assert_true(refuses_agent(twice, sizeof(twice)));
	assert_true(refuses_agent(remote, sizeof(remote) - 1));
	assert_true(refuses_agent("\2", 2));
	assert_true(refuses_agent("", 0));
	/* what relay agents put in is none beside another */
	by_mac(10);
	message_option(&m, 82, remote, sizeof(remote));
	assert_true(answered());
	assert_int_equal(looked_for.remote_id_len, 0);
	asks(10, "10.77.1.10");
	message_option(&m, 82, more, sizeof(more));
	assert_true(answered());
	assert_false(walked);
	for (i = 1; i < 3; i++) {
		speaks(dialects[i]);
		asks(types[i][0], NULL);
		message_option(&m, 82, remote, sizeof(remote));
		assert_true(refuses());
	}
}

/* Every length of it, right before memory that is not its own. */
static void cut_anywhere(void **state)
{
	static const uint8_t all[] = { 51, 54, 58, 59, 61, 82, 91, 92 };
	size_t len;

	(void)state;
	message_option(&m, 55, all, sizeof(all));
	for (len = 0; len <= m.len; len++) {
		uint8_t *exact = malloc(len ? len : 1);
		int got;

		assert_non_null(exact);
		memcpy(exact, m.bytes, len);
		request.message = exact;
		request.len = len;
		got = respond(&request, &looked_for, buf, sizeof(buf));
		free(exact);
		if (len < MSG_OPTIONS)
			assert_int_equal(got, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static const struct CMUnitTest tests[] = {
	TEST(a_lease_with_all_that_is_known),
	TEST(every_verdict_in_every_dialect),
	TEST(codes_that_were_set),
	TEST(what_servers_said_stands),
	TEST(what_is_being_asked_for_is_not_answered),
	TEST(a_lease_that_is_over_is_none),
	TEST(networks_end_where_they_end),
	TEST(timers_that_are_over_are_left_out),
	TEST(timers_of_nearly_for_ever),
	TEST(for_ever_is_for_ever),
	TEST(what_nobody_dated_has_no_last_transaction),
	TEST(only_what_is_asked_for),
	TEST(a_draft_lease_has_its_time_unasked),
	TEST(reservations_are_for_who_asks),
	TEST(addresses_of_a_client_newest_first),
	TEST(what_nobody_dated_comes_last),
	TEST(other_addresses_are_told_unasked),
	TEST(a_lease_comes_before_a_reservation),
	TEST(what_ends_under_a_walk_is_not_found),
	TEST(a_walk_takes_its_time),
	TEST(by_remote_id),
	TEST(more_addresses_than_there_is_room_for),
	TEST(nobody),
	TEST(walks_are_rare),
	TEST(the_walks_of_one_are_not_anothers),
	TEST(what_is_not_in_order_is_not_answered),
	TEST(keys_are_the_dialects),
	TEST(a_remote_id_is_a_key_alone),
	TEST(cut_anywhere),
};

const struct fake_tests respond_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
