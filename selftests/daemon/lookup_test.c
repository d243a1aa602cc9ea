// SPDX-License-Identifier: GPL-2.0
/* An operator's questions, in simulated time: whom, how often, how long. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "config.h"
#include "control.h"
#include "log.h"
#include "lookup.h"
#include "managed.h"
#include "message.h"
#include "question.h"
#include "relays.h"
#include "server.h"

static __be32 s1, s2, g1, g2;
/* What the operator was answered last, and how often he was. */
static struct json_object *said;
static char refusal[512];
static unsigned int n_said;

void control_answer(struct control *control, struct json_object *json)
{
	(void)control;
	json_object_put(said);
	said = json;
	n_said++;
}

void control_refuse(struct control *control, const char *what,
		    const char *reason)
{
	(void)control;
	snprintf(refusal, sizeof(refusal), "%s: %s", what, reason);
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	log_open(&(struct log_style){ .json = false });
	s1 = ip("198.18.0.2");
	s2 = ip("198.18.0.3");
	g1 = ip("10.77.1.1");
	g2 = ip("10.77.2.1");
	*refusal = '\0';
	n_said = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lookups_free();
	questions_clear();
	managed_free();
	servers_free();
	relays_close();
	json_object_put(said);
	said = NULL;
	assert_int_equal(fake_timers(), 0);
	return 0;
}

static void use_server(__be32 server, __be32 giaddr, const char *dialect)
{
	struct config_server *set = &config.servers[config.n_servers++];

	*set = (struct config_server){ .addr = server, .giaddr = giaddr };
	dialect_default(&set->dialect);
	assert_null(dialect_take(&set->dialect, DIALECT_DIALECT, dialect));
	server_get(server)->proven = true;
}

/* "query" and what is behind it. */
static void query(const char *text)
{
	char line[2048], *rest = line, *words[64];
	size_t n = 0;

	snprintf(line, sizeof(line), "%s", text);
	while (rest)
		words[n++] = strsep(&rest, " ");
	control_query(NULL, words, n);
	fake_advance(0.);
}

static void refused(const char *text, const char *pattern)
{
	*refusal = '\0';
	query(text);
	if (!strstr(refusal, pattern))
		fail_msg("\"%s\" for: %s", refusal, text);
}

static struct json_object *get(struct json_object *obj, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, key, &value))
		fail_msg("no %s in %s", key, json_object_to_json_string(obj));
	return value;
}

static void is(struct json_object *obj, const char *key, const char *want)
{
	assert_string_equal(json_object_to_json_string(get(obj, key)), want);
}

static struct json_object *server_said(unsigned int n)
{
	return json_object_array_get_idx(get(said, "servers"), n);
}

static void hand_over(unsigned int n, struct message *m)
{
	const struct fake_query *q = &fake.sent[n];
	const struct reply reply = {
		.xid = q->xid, .server = q->server, .giaddr = q->giaddr,
		.message = m->bytes, .len = m->len,
	};

	assert_true(n < fake.n_sent);
	ask_reply(&reply);
	fake_advance(0.);
}

static void answer(unsigned int n, uint8_t type, const char *addr)
{
	const struct fake_query *q = &fake.sent[n];
	__be32 ciaddr = *addr ? ip(addr) : 0;
	struct message m;

	if (type == LG_DHCPLEASEACTIVE)
		message_active(&m, q->xid, ciaddr, q->giaddr);
	else
		message_begin(&m, type, q->xid, ciaddr, q->giaddr);
	hand_over(n, &m);
}

/* ---- what is asked ---- */

static void each_key_is_asked_by(void **state)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 1, 1 };
	static const uint8_t id[] = { 0xff, 0, 1 };
	const struct lg_leasequery *key;

	(void)state;
	use_server(s1, g1, "rfc4388");
	query("ip 10.77.1.10");
	assert_int_equal(fake.sent[0].key.ciaddr, ip("10.77.1.10"));
	assert_int_equal(fake.sent[0].key.hlen, 0);
	query("mac 02:00:00:00:01:01");
	key = &fake.sent[1].key;
	assert_int_equal(key->ciaddr, 0);
	assert_int_equal(key->htype, 1);
	assert_int_equal(key->hlen, sizeof(mac));
	assert_memory_equal(key->chaddr, mac, sizeof(mac));
	query("client-id ff0001");
	key = &fake.sent[2].key;
	assert_int_equal(key->hlen, 0);
	assert_int_equal(key->client_id_len, sizeof(id));
	assert_memory_equal(key->client_id, id, sizeof(id));
	query("remote-id ff:00:01");
	key = &fake.sent[3].key;
	assert_int_equal(key->client_id_len, 0);
	assert_int_equal(key->remote_id_len, sizeof(id));
	assert_memory_equal(key->remote_id, id, sizeof(id));
	assert_string_equal(refusal, "");
}

static void wrong_words_are_refused(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	refused("timeout 5", "by what?");
	refused("ip 10.77.1.300", "ip: not an IPv4 address");
	refused("ip 127.0.0.1", "a host can have");
	refused("ip 224.0.0.1", "a host can have");
	refused("ip", "a word is missing");
	refused("bogus 1", "bogus: what is that?");
	refused("mac 02:00:00:00:01", "not six bytes");
	refused("mac 02:00:00:00:01:01:02", "not six bytes");
	refused("client-id 0", "pairs of hexadecimal");
	refused("ip 10.77.1.10 ip 10.77.1.11", "given twice");
	refused("ip 10.77.1.10 mac 020000000101", "one key at a time");
	refused("client-id ff remote-id ff", "one key at a time");
	refused("ip 10.77.1.10 timeout 0", "not within 1 and 60");
	refused("ip 10.77.1.10 timeout 61", "not within 1 and 60");
	refused("ip 10.77.1.10 server 10.0.0.1 server 10.0.0.1", "given twice");
	refused("ip 10.77.1.10 vrf nosuch", "no such device");
	refused("ip 10.77.1.10 vrf lo", "vrf: it is no VRF");
	assert_int_equal(fake.n_sent, 0);
}

static void the_dialect_has_to_have_the_key(void **state)
{
	(void)state;
	use_server(s1, g1, "draft-00");
	refused("mac 02:00:00:00:01:01", "no server has queries by such a key");
	use_server(s2, g1, "draft-01");
	refused("remote-id ff", "no server has queries by such a key");
	query("mac 02:00:00:00:01:01 client-id ff");
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s2);
	answer(0, 15, "");
	is(server_said(0), "verdict", "\"silent\"");
	is(server_said(0), "reason",
	   "\"its dialect has no query by such a key\"");
	is(server_said(1), "verdict", "\"unknown\"");
	/* not all of them say so */
	is(said, "verdict", "\"silent\"");
}

static void both_keys_are_of_draft_01_alone(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	refused("mac 02:00:00:00:01:01 client-id ff",
		"no server has queries by such a key");
}

/* ---- whom, and where from ---- */

static void named_servers_replace_the_others(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	use_server(s2, g2, "rfc4388");
	query("ip 10.77.1.10 server 198.18.0.3");
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s2);
	assert_int_equal(fake.sent[0].giaddr, g2);
	query("ip 10.77.1.10 server 198.18.0.2 giaddr 10.77.2.1");
	assert_int_equal(fake.sent[1].giaddr, g2);
	/* of one that is not configured, where the others are asked from */
	config.giaddrs[config.n_giaddrs++] = g1;
	query("ip 10.77.1.10 server 198.18.0.9");
	assert_int_equal(fake.sent[2].server, ip("198.18.0.9"));
	assert_int_equal(fake.sent[2].giaddr, g1);
}

/* An operator has no port. */
static void servers_of_some_ports_are_asked_too(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	use_server(s2, g2, "rfc4388");
	config.servers[1].rank = 2;
	strcpy(config.servers[1].for_ports[0], "acc7");
	config.servers[1].n_for_ports = 1;
	query("ip 10.77.1.10");
	assert_int_equal(fake.n_sent, 2);
}

static void servers_of_relay_agents_are_asked(void **state)
{
	(void)state;
	refused("ip 10.77.1.10", "whom to ask is not known");
	refused("ip 10.77.1.10 server 198.18.0.2",
		"where to ask from is not known");
	relays_note("acc0", g1, s1);
	relays_note("acc1", g2, s2);
	query("ip 10.77.1.10");
	fake_advance(0.);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[0].server, s1);
	assert_int_equal(fake.sent[0].giaddr, g1);
	assert_int_equal(fake.sent[1].server, s2);
	assert_int_equal(fake.sent[1].giaddr, g2);
}

static void nothing_is_asked_without_the_module(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	fake.absent = true;
	refused("ip 10.77.1.10", "the kernel module is not loaded");
	fake.absent = false;
	fake.source_err = -EADDRNOTAVAIL;
	refused("ip 10.77.1.10 giaddr 10.9.9.9", "not an address of this host");
	assert_int_equal(fake.n_sent, 0);
}

/* ---- what is said ---- */

static void all_that_a_server_says_is_told(void **state)
{
	static const uint8_t info[] = { 1, 4, 'a', 0, 'c', 0xff, 2, 1, 0x42,
					12, 2, 0xab, 0xcd };
	static const uint8_t id[] = { 1, 2, 0, 0, 0, 1, 1 };
	static const uint8_t t1[] = { 0, 0, 1, 0 }, t2[] = { 0, 0, 2, 0 };
	static const uint8_t ago[] = { 0, 0, 0, 9 };
	static const uint8_t self[] = { 198, 18, 9, 9 };
	static const uint8_t also[] = { 10, 77, 1, 10, 10, 77, 1, 11 };
	struct json_object *one;
	struct message m;

	(void)state;
	use_server(s1, g1, "rfc4388");
	query("mac 02:00:00:00:01:01");
	message_active(&m, fake.sent[0].xid, ip("10.77.1.10"), g1);
	message_option(&m, LG_OPT_AGENT_INFO, info, sizeof(info));
	message_option(&m, LG_OPT_CLIENT_ID, id, sizeof(id));
	message_option(&m, LG_OPT_SERVER_ID, self, sizeof(self));
	message_option(&m, LG_OPT_T1, t1, sizeof(t1));
	message_option(&m, LG_OPT_T2, t2, sizeof(t2));
	message_option(&m, LG_OPT_CLTT, ago, sizeof(ago));
	message_option(&m, LG_OPT_ASSOCIATED_IP, also, sizeof(also));
	message_option(&m, LG_OPT_VENDOR_CLASS, "ud\\h\n", 5);
	message_option(&m, LG_OPT_HOST_NAME, "tv", 2);
	fake_advance(0.25);
	hand_over(0, &m);
	assert_int_equal(n_said, 1);
	is(said, "verdict", "\"active\"");
	one = server_said(0);
	is(one, "server", "\"198.18.0.2\"");
	is(one, "dialect", "\"rfc4388\"");
	is(one, "verdict", "\"active\"");
	is(one, "reason", "null");
	is(one, "queries", "1");
	is(one, "seconds", "0.25");
	is(one, "giaddr", "\"10.77.1.1\"");
	is(one, "address", "\"10.77.1.10\"");
	is(one, "hwaddr", "\"02:00:00:00:01:01\"");
	is(one, "expires", "592");
	is(one, "circuit_id", "\"610063ff\"");
	is(one, "remote_id", "\"42\"");
	is(one, "relay_id", "\"abcd\"");
	is(one, "agent_info", "\"0104610063ff0201420c02abcd\"");
	is(one, "server_id", "\"198.18.9.9\"");
	is(one, "client_id", "\"01020000000101\"");
	is(one, "t1", "256");
	is(one, "t2", "512");
	is(one, "last_transaction", "9");
	is(one, "vendor_class", "\"ud\\\\x5ch\\\\x0a\"");
	is(one, "host_name", "\"tv\"");
	is(one, "associated", "[ \"10.77.1.10\", \"10.77.1.11\" ]");
	is(one, "reserved", "false");
	is(get(said, "merged"), "address", "\"10.77.1.10\"");
	is(get(said, "merged"), "expires", "592");
	/* nothing of it is the module's business */
	assert_int_equal(fake.n_put, 0);
}

static void answers_are_merged(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	use_server(s2, g1, "rfc4388");
	query("ip 10.77.1.10");
	answer(0, LG_DHCPLEASEUNASSIGNED, "10.77.1.10");
	/* another may know better, however long that takes */
	fake_advance(0.9);
	assert_int_equal(n_said, 0);
	answer(1, LG_DHCPLEASEACTIVE, "10.77.1.10");
	is(said, "verdict", "\"active\"");
	is(get(said, "merged"), "server", "\"198.18.0.3\"");
	is(server_said(0), "verdict", "\"unassigned\"");
	is(server_said(0), "expires", "null");

	query("ip 10.77.1.11");
	answer(2, LG_DHCPLEASEUNKNOWN, "10.77.1.11");
	answer(3, LG_DHCPLEASEUNKNOWN, "");
	is(said, "verdict", "\"unknown\"");
	is(said, "merged", "null");
	assert_int_equal(n_said, 2);
}

/* Another address of the client is not where this one is. */
static void places_are_not_merged_across_addresses(void **state)
{
	static const uint8_t info[] = { 1, 1, 'a' };
	static const uint8_t ago[] = { 0, 0, 0, 9 };
	struct message m;

	(void)state;
	use_server(s1, g1, "rfc4388");
	use_server(s2, g1, "rfc4388");
	query("mac 02:00:00:00:01:01");
	message_active(&m, fake.sent[0].xid, ip("10.77.1.10"), g1);
	message_option(&m, LG_OPT_AGENT_INFO, info, sizeof(info));
	hand_over(0, &m);
	message_active(&m, fake.sent[1].xid, ip("10.77.2.10"), g1);
	message_option(&m, LG_OPT_CLTT, ago, sizeof(ago));
	hand_over(1, &m);
	is(get(said, "merged"), "address", "\"10.77.2.10\"");
	is(get(said, "merged"), "circuit_id", "null");
}

static void another_clients_lease_is_no_answer(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	query("mac 02:00:00:00:01:02");
	answer(0, LG_DHCPLEASEACTIVE, "10.77.1.10");
	assert_int_equal(n_said, 0);
	assert_int_equal(counters.refused_client, 1);
}

/* ---- how long, how often ---- */

static void who_has_gone_is_asked_for_no_more(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	query("ip 10.77.1.10 timeout 60");
	assert_int_equal(fake.n_sent, 1);
	control_query_stop(NULL);
	assert_int_equal(fake_timers(), 0);
	fake_advance(100.);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(n_said, 0);
	assert_int_equal(server_get(s1)->in_flight, 0);
}

static void silence_ends_with_the_time(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	use_server(s2, g1, "rfc4388");
	query("ip 10.77.1.10 timeout 5");
	answer(1, LG_DHCPLEASEUNKNOWN, "10.77.1.10");
	fake_advance(4.9);
	assert_int_equal(n_said, 0);
	fake_advance(0.1);
	assert_int_equal(n_said, 1);
	is(said, "verdict", "\"silent\"");
	is(server_said(0), "verdict", "\"silent\"");
	/* at 0, 1 and 3 s */
	is(server_said(0), "queries", "3");
	is(server_said(0), "seconds", "null");
	is(server_said(1), "verdict", "\"unknown\"");
	assert_int_equal(server_get(s1)->in_flight, 0);
	/* and nothing ever after, an answer neither */
	answer(0, LG_DHCPLEASEACTIVE, "10.77.1.10");
	fake_advance(600.);
	assert_int_equal(n_said, 1);
	assert_int_equal(fake.n_sent, 4);
}

static void tries_end_before_the_time(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	config.tries = 2;
	query("ip 10.77.1.10 timeout 60");
	fake_advance(3.);
	assert_int_equal(n_said, 1);
	is(server_said(0), "queries", "2");
	/* unless it is said, 15 s */
	config.tries = 20;
	server_get(s1)->silent = 0;
	query("ip 10.77.1.10");
	fake_advance(14.9);
	assert_int_equal(n_said, 1);
	fake_advance(0.2);
	assert_int_equal(n_said, 2);
}

static void it_keeps_the_servers_pace(void **state)
{
	struct miss miss = { .addr = ip("10.77.1.9"), .port = "acc0" };

	(void)state;
	use_server(s1, g1, "rfc4388");
	config.in_flight = 1;
	question_miss(&miss);
	fake_advance(0.);
	assert_int_equal(fake.n_sent, 1);
	query("ip 10.77.1.10 timeout 20");
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(server_get(s1)->queued, 1);
	answer(0, LG_DHCPLEASEUNKNOWN, "10.77.1.9");
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].addr, ip("10.77.1.10"));
	/* its turn may not come at all */
	question_miss(&miss);
	query("ip 10.77.1.11 timeout 1");
	fake_advance(1.);
	is(server_said(0), "queries", "0");
	is(server_said(0), "reason", "\"its turn did not come in time\"");
}

/* Or it would stand in the way of what traffic needs. */
static void key_lost_at_a_reload_ends_its_query(void **state)
{
	struct miss miss = { .addr = ip("10.77.1.9"), .port = "acc0" };

	(void)state;
	use_server(s1, g1, "rfc4388");
	config.in_flight = 1;
	question_miss(&miss);
	fake_advance(0.);
	query("mac 02:00:00:00:01:01 timeout 60");
	assert_int_equal(fake.n_sent, 1);
	config.n_servers = 0;
	use_server(s1, g1, "draft-00");
	servers_reconfigured();
	answer(0, LG_DHCPNAK, "10.77.1.9");
	assert_int_equal(fake.n_sent, 1);
	is(said, "verdict", "\"silent\"");
	is(server_said(0), "queries", "0");
	is(server_said(0), "reason",
	   "\"its dialect has no query by such a key\"");
	assert_false(server_in_doubt(server_get(s1)));
	miss.addr = ip("10.77.1.11");
	question_miss(&miss);
	fake_advance(0.);
	assert_int_equal(fake.n_sent, 2);
}

static void unproven_servers_are_left_in_peace(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	server_get(s1)->proven = false;
	query("ip 10.77.1.10 timeout 30");
	query("ip 10.77.1.11 timeout 30");
	fake_advance(9.9);
	assert_int_equal(fake.n_sent, 1);
}

/* A server without answers by a key may have those that traffic needs. */
static void silence_by_another_key_is_not_the_servers(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	query("client-id ff timeout 60");
	fake_advance(60.);
	is(said, "verdict", "\"silent\"");
	is(server_said(0), "queries", "5");
	assert_int_equal(server_get(s1)->silent, 0);
	assert_true(server_answers(server_get(s1)));
	assert_int_equal(server_get(s1)->timeouts, 5);
	assert_int_equal(server_get(s1)->in_flight, 0);
	query("ip 10.77.1.10 timeout 60");
	fake_advance(60.);
	assert_false(server_answers(server_get(s1)));
}

static void heavy_keys_are_rare(void **state)
{
	unsigned int i;

	(void)state;
	use_server(s1, g1, "rfc4388");
	for (i = 0; i < 10; i++)
		query("mac 02:00:00:00:01:01 timeout 1");
	assert_int_equal(fake.n_sent, 10);
	assert_string_equal(refusal, "");
	refused("mac 02:00:00:00:01:01", "too many queries by other keys");
	refused("remote-id ff", "too many queries by other keys");
	assert_int_equal(fake.n_sent, 10);
	/* of addresses there may be as many as there like */
	query("ip 10.77.1.10 timeout 1");
	assert_int_equal(fake.n_sent, 11);
	fake_advance(5.9);
	refused("client-id ff", "too many queries by other keys");
	fake_advance(0.2);
	query("client-id ff timeout 1");
	refused("client-id ff", "too many queries by other keys");
}

static void it_ends_with_the_module(void **state)
{
	(void)state;
	use_server(s1, g1, "rfc4388");
	query("ip 10.77.1.10");
	query("ip 10.77.1.11");
	lookups_give_up("the kernel module is gone");
	assert_int_equal(n_said, 2);
	is(server_said(0), "reason", "\"the kernel module is gone\"");
	fake_advance(600.);
	assert_int_equal(n_said, 2);
}

/* ---- how it is timed ---- */

static void answer_times_are_counted(void **state)
{
	const struct histogram *h;
	unsigned int i;

	(void)state;
	use_server(s1, g1, "rfc4388");
	h = &server_get(s1)->answer_time;
	assert_true(histogram_quantile(h, 0.5) < 0.);
	for (i = 0; i < 100; i++) {
		query("ip 10.77.1.10");
		fake_advance(i < 98 ? 0.002 : 0.4);
		answer(i, LG_DHCPLEASEUNKNOWN, "10.77.1.10");
	}
	assert_int_equal(histogram_count(h), 100);
	assert_int_equal(server_get(s1)->unknown, 100);
	assert_int_equal(server_get(s1)->queries, 100);
	/* within the buckets that they are in */
	assert_true(histogram_quantile(h, 0.5) > 0.001 &&
		    histogram_quantile(h, 0.5) <= 0.0025);
	assert_true(histogram_quantile(h, 0.99) > 0.25 &&
		    histogram_quantile(h, 0.99) <= 0.5);
	assert_true(h->sum > 0.99 && h->sum < 1.01);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(each_key_is_asked_by),
	TEST(wrong_words_are_refused),
	TEST(the_dialect_has_to_have_the_key),
	TEST(both_keys_are_of_draft_01_alone),
	TEST(named_servers_replace_the_others),
	TEST(servers_of_some_ports_are_asked_too),
	TEST(servers_of_relay_agents_are_asked),
	TEST(nothing_is_asked_without_the_module),
	TEST(all_that_a_server_says_is_told),
	TEST(answers_are_merged),
	TEST(places_are_not_merged_across_addresses),
	TEST(another_clients_lease_is_no_answer),
	TEST(who_has_gone_is_asked_for_no_more),
	TEST(silence_ends_with_the_time),
	TEST(tries_end_before_the_time),
	TEST(it_keeps_the_servers_pace),
	TEST(key_lost_at_a_reload_ends_its_query),
	TEST(unproven_servers_are_left_in_peace),
	TEST(silence_by_another_key_is_not_the_servers),
	TEST(heavy_keys_are_rare),
	TEST(it_ends_with_the_module),
	TEST(answer_times_are_counted),
};

const struct fake_tests lookup_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
