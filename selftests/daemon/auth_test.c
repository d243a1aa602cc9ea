// SPDX-License-Identifier: GPL-2.0
/* Option 90: what is genuine, what is not, and what comes too late. */
#include "fake.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "auth.h"
#include "config.h"
#include "log.h"
#include "managed.h"
#include "message.h"
#include "question.h"
#include "respond.h"
#include "server.h"
#include "../../module/dhcp.h"

#define XID	0x1e6ee96au
#define SECRET	"sixteen bytes of"
#define REPLAY	3	/* in the value of option 90 */
#define HASH	15

static const uint8_t info[] = { 1, 4, 'a', 0, 'c', 0xff };
static struct auth delayed, token;
static struct message m;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	log_open(&(struct log_style){ .json = false });
	delayed = (struct auth){
		.protocol = AUTH_DELAYED, .key_id = 7, .secret = SECRET,
		.secret_len = strlen(SECRET),
	};
	token = (struct auth){
		.protocol = AUTH_TOKEN, .secret = SECRET,
		.secret_len = strlen(SECRET),
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	questions_clear();
	managed_free();
	servers_free();
	assert_int_equal(fake_timers(), 0);
	return 0;
}

/* Ends @to with option 90, of such a count unless that is 0. */
static void sign(struct message *to, const struct auth *auth, uint32_t replay)
{
	uint8_t value[LG_OPTION_MAX];
	uint8_t len = auth_option(auth, value);
	uint32_t net = htonl(replay);

	if (replay) {
		memset(value + REPLAY, 0, 4);
		memcpy(value + REPLAY + 4, &net, sizeof(net));
	}
	message_option(to, LG_OPT_AUTHENTICATION, value, len);
	auth_sign(auth, to->bytes, to->len);
}

static enum auth_fault fault_of(const struct message *of,
				const struct auth *auth, uint64_t before)
{
	struct lg_dhcp msg;
	uint64_t replay;

	if (lg_dhcp_parse(&msg, of->bytes, of->len) != LG_DHCP_OK)
		return AUTH_FORGED;
	return auth_verify(auth, &msg, of->bytes, of->len, before, &replay);
}

static void active(void)
{
	message_active(&m, XID, ip("10.77.1.10"), ip("10.77.1.1"));
}

/* What another implementation of HMAC-MD5 has for this message. */
static void hash_is_that_of_others(void **state)
{
	static const uint8_t hash[] = {
		0xf7, 0xa4, 0x26, 0xfe, 0x50, 0x70, 0x41, 0x67,
		0xbc, 0x51, 0x4e, 0xe3, 0xf3, 0x3f, 0x6c, 0x62,
	};

	(void)state;
	active();
	sign(&m, &delayed, 5);
	assert_int_equal(m.len, 283);
	assert_memory_equal(m.bytes + m.len - 1 - sizeof(hash), hash,
			    sizeof(hash));
}

/* Every byte counts, but those that relay agents change. */
static void each_byte_counts(void **state)
{
	size_t i, at, passed = 0;

	(void)state;
	active();
	message_option(&m, LG_OPT_AGENT_INFO, info, sizeof(info));
	at = m.len - 1 - sizeof(info);
	message_option(&m, LG_OPT_CLIENT_ID, info, sizeof(info));
	sign(&m, &delayed, 5);
	assert_int_equal(fault_of(&m, &delayed, 4), AUTH_GENUINE);
	for (i = 0; i < m.len; i++) {
		bool free = i == 3 || (i >= 24 && i < 28) ||
			    (i >= at && i < at + sizeof(info));

		m.bytes[i] ^= 0x40;
		assert_int_equal(fault_of(&m, &delayed, 4),
				 free ? AUTH_GENUINE : AUTH_FORGED);
		passed += free;
		m.bytes[i] ^= 0x40;
	}
	assert_int_equal(passed, 5 + sizeof(info));
}

static void agent_info_is_added_on_the_way(void **state)
{
	(void)state;
	active();
	sign(&m, &delayed, 5);
	message_option(&m, LG_OPT_AGENT_INFO, info, sizeof(info));
	message_option(&m, LG_OPT_AGENT_INFO, info, 0);
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_GENUINE);
	message_option(&m, LG_OPT_CLIENT_ID, info, sizeof(info));
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_FORGED);
}

/* In file, where option 52 says so. */
static void option_in_another_area(void **state)
{
	static const uint8_t overload = 1;
	uint8_t value[LG_OPTION_MAX], len = auth_option(&delayed, value);
	uint8_t *file;

	(void)state;
	active();
	message_option(&m, LG_OPT_OVERLOAD, &overload, 1);
	file = m.bytes + 108;
	file[0] = LG_OPT_AGENT_INFO;
	file[1] = sizeof(info);
	memcpy(file + 2, info, sizeof(info));
	file += 2 + sizeof(info);
	file[0] = LG_OPT_AUTHENTICATION;
	file[1] = len;
	memcpy(file + 2, value, len);
	file[2 + len] = LG_OPT_END;
	auth_sign(&delayed, m.bytes, m.len);
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_GENUINE);
	m.bytes[110] ^= 1;
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_GENUINE);
	m.bytes[44] ^= 1;
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_FORGED);
}

static void others_are_refused(void **state)
{
	struct auth other = delayed;
	uint8_t value[LG_OPTION_MAX], len;

	(void)state;
	active();
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_FORGED);
	assert_int_equal(fault_of(&m, &token, 0), AUTH_FORGED);
	sign(&m, &delayed, 5);
	other.key_id = 8;
	assert_int_equal(fault_of(&m, &other, 0), AUTH_FORGED);
	other = delayed;
	other.secret[0] ^= 1;
	assert_int_equal(fault_of(&m, &other, 0), AUTH_FORGED);
	assert_int_equal(fault_of(&m, &token, 0), AUTH_FORGED);
	/* Two of them say two things. */
	len = auth_option(&delayed, value);
	message_option(&m, LG_OPT_AUTHENTICATION, value, len);
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_FORGED);
	/* Of any length. */
	for (len = 0; len < 64; len++) {
		active();
		message_option(&m, LG_OPT_AUTHENTICATION, value, len);
		assert_int_equal(fault_of(&m, &delayed, 0), AUTH_FORGED);
		assert_int_equal(fault_of(&m, &token, 0), AUTH_FORGED);
	}
}

static void tokens(void **state)
{
	struct auth other = token;

	(void)state;
	active();
	sign(&m, &token, 0);
	assert_int_equal(fault_of(&m, &token, UINT64_MAX), AUTH_GENUINE);
	assert_int_equal(fault_of(&m, &delayed, 0), AUTH_FORGED);
	other.secret[15] ^= 1;
	assert_int_equal(fault_of(&m, &other, 0), AUTH_FORGED);
	other.secret_len = 15;
	assert_int_equal(fault_of(&m, &other, 0), AUTH_FORGED);
	other = token;
	other.secret_len = 17;
	assert_int_equal(fault_of(&m, &other, 0), AUTH_FORGED);
	m.bytes[m.len - 1 - 27 + 2] = 1;	/* RDM */
	assert_int_equal(fault_of(&m, &token, 0), AUTH_FORGED);
}

static void replays_are_refused(void **state)
{
	(void)state;
	active();
	sign(&m, &delayed, 5);
	assert_int_equal(fault_of(&m, &delayed, 4), AUTH_GENUINE);
	assert_int_equal(fault_of(&m, &delayed, 5), AUTH_REPLAYED);
	assert_int_equal(fault_of(&m, &delayed, 6), AUTH_REPLAYED);
}

/* Each message that is sent has more than all before, whatever the clock. */
static void count_never_falls(void **state)
{
	uint8_t a[LG_OPTION_MAX], b[LG_OPTION_MAX];

	(void)state;
	auth_option(&delayed, a);
	auth_option(&token, b);
	assert_true(memcmp(a + REPLAY, b + REPLAY, 8) < 0);
	fake.wall -= 86400;
	auth_option(&delayed, a);
	assert_true(memcmp(b + REPLAY, a + REPLAY, 8) < 0);
	fake.wall += 2 * 86400;
	auth_option(&delayed, b);
	assert_true(memcmp(a + REPLAY, b + REPLAY, 8) < 0);
	assert_memory_not_equal(a + REPLAY, b + REPLAY, 4);
}

/* ---- the daemon that asks ---- */

static void use_server(const struct auth *auth)
{
	config.n_servers = 1;
	config.servers[0] = (struct config_server){
		.addr = ip("198.18.0.2"), .giaddr = ip("10.77.1.1"),
		.rank = 1, .auth = *auth,
	};
	dialect_default(&config.servers[0].dialect);
}

static void miss(const char *addr)
{
	struct miss missed = {
		.addr = ip(addr), .ifindex = 5, .payer = 5, .cookie = 9,
		.port = "acc0",
	};

	question_miss(&missed);
	fake_advance(0.);
}

/* The server answers query number @n, and signs so. */
static void answer(unsigned int n, const struct auth *auth, uint32_t replay)
{
	const struct fake_query *q = &fake.sent[n];
	struct reply reply = {
		.xid = q->xid, .server = q->server, .giaddr = q->giaddr,
		.message = m.bytes,
	};

	assert_true(n < fake.n_sent);
	message_begin(&m, LG_DHCPLEASEUNASSIGNED, q->xid, q->addr, q->giaddr);
	if (auth)
		sign(&m, auth, replay);
	reply.len = m.len;
	ask_reply(&reply);
}

static void unsigned_answers_are_refused(void **state)
{
	struct auth other = delayed;

	(void)state;
	use_server(&delayed);
	miss("10.77.1.10");
	answer(0, NULL, 0);
	answer(0, &token, 0);
	other.secret[3] ^= 1;
	answer(0, &other, 5);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(counters.refused_auth, 3);
	answer(0, &delayed, 5);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(counters.refused_auth, 3);
}

/* What signs although nobody asked it to is heard all the same. */
static void signed_answers_where_none_is_needed(void **state)
{
	static const struct auth none;

	(void)state;
	use_server(&none);
	miss("10.77.1.10");
	answer(0, &delayed, 5);
	assert_int_equal(fake.n_put, 1);
}

/* Answers overtake each other, but none is from before its query. */
static void answers_from_before_the_query(void **state)
{
	(void)state;
	use_server(&delayed);
	/* Once it has answered it is asked for more at a time. */
	miss("10.77.1.9");
	answer(0, &delayed, 4);
	miss("10.77.1.10");
	miss("10.77.1.11");
	answer(2, &delayed, 6);
	answer(1, &delayed, 5);
	assert_int_equal(fake.n_put, 3);
	miss("10.77.1.12");
	answer(3, &delayed, 6);
	assert_int_equal(fake.n_put, 3);
	assert_int_equal(counters.refused_replay, 1);
	answer(3, &delayed, 7);
	assert_int_equal(fake.n_put, 4);
	assert_int_equal(counters.refused_auth, 0);
}

/* What was heard once stays so, whatever else is configured anew. */
static void a_count_outlives_a_reload(void **state)
{
	static const struct auth none;
	struct auth other = delayed;

	(void)state;
	use_server(&delayed);
	miss("10.77.1.10");
	answer(0, &delayed, 7);
	assert_int_equal(fake.n_put, 1);
	servers_reconfigured();
	miss("10.77.1.11");
	answer(1, &delayed, 7);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(counters.refused_replay, 1);
	/* Of another key the count begins anew, of what is asked already, too. */
	other.secret[0] ^= 1;
	config.servers[0].auth = other;
	servers_reconfigured();
	answer(1, &other, 2);
	assert_int_equal(fake.n_put, 2);
	miss("10.77.1.12");
	answer(2, &other, 2);
	assert_int_equal(fake.n_put, 2);
	assert_int_equal(counters.refused_replay, 2);
	/* While nothing is authenticated nothing counts, nor is it forgotten. */
	config.servers[0].auth = none;
	servers_reconfigured();
	answer(2, NULL, 0);
	assert_int_equal(fake.n_put, 3);
	config.servers[0].auth = other;
	servers_reconfigured();
	miss("10.77.1.13");
	answer(3, &other, 2);
	assert_int_equal(fake.n_put, 3);
	assert_int_equal(counters.refused_replay, 3);
	assert_int_equal(counters.refused_auth, 0);
}

/* ---- the daemon that answers ---- */

static int respond_from(__be32 requestor, const struct auth *auth,
			uint32_t replay, uint8_t *buf)
{
	struct request request = {
		.requestor = requestor, .server = ip("198.18.0.1"),
		.message = m.bytes,
	};
	struct client client;

	message_begin(&m, LG_DHCPLEASEQUERY, XID, ip("10.77.1.10"),
		      ip("198.18.0.9"));
	m.bytes[MSG_OP] = LG_BOOTREQUEST;
	if (auth)
		sign(&m, auth, replay);
	request.len = m.len;
	return respond(&request, &client, buf, LG_LEASEQUERY_REPLY_MAX);
}

static int respond_to(const struct auth *auth, uint32_t replay, uint8_t *buf)
{
	return respond_from(ip("198.18.0.9"), auth, replay, buf);
}

static void requestors_sign(void **state)
{
	uint8_t buf[LG_LEASEQUERY_REPLY_MAX];
	struct auth other = delayed;
	struct message said = { .len = 0 };

	(void)state;
	config.n_requestors = 1;
	config.requestors[0] = (struct config_requestor){
		.addr = ip("198.18.0.9"), .giaddr = ip("198.18.0.9"),
		.auth = delayed,
	};
	dialect_default(&config.requestors[0].dialect);
	other.key_id++;
	assert_int_equal(respond_to(NULL, 0, buf), 0);
	assert_int_equal(respond_to(&token, 0, buf), 0);
	assert_int_equal(respond_to(&other, 5, buf), 0);
	assert_int_equal(counters.asked_forged, 3);
	said.len = (size_t)respond_to(&delayed, 5, buf);
	assert_in_range(said.len, 300, sizeof(said.bytes));
	memcpy(said.bytes, buf, said.len);
	assert_int_equal(fault_of(&said, &delayed, 0), AUTH_GENUINE);
	assert_int_equal(respond_to(&delayed, 5, buf), 0);
	assert_int_equal(respond_to(&delayed, 4, buf), 0);
	assert_int_equal(counters.asked_replayed, 2);
	assert_true(respond_to(&delayed, 6, buf) > 0);
	assert_int_equal(counters.answered_unknown, 2);
	assert_int_equal(counters.asked_forged, 3);
}

/* As many as there may be, the first of them always the same. */
static void other_requestors(uint32_t from)
{
	uint8_t buf[LG_LEASEQUERY_REPLY_MAX];
	uint32_t i;

	config.n_requestors = CONFIG_REQUESTORS_MAX;
	for (i = 0; i < CONFIG_REQUESTORS_MAX; i++) {
		config.requestors[i] = (struct config_requestor){
			.addr = i ? htonl(from + i) : ip("198.18.0.9"),
			.giaddr = ip("198.18.0.9"), .auth = delayed,
		};
		dialect_default(&config.requestors[i].dialect);
	}
	for (i = 1; i < CONFIG_REQUESTORS_MAX; i++)
		assert_true(respond_from(htonl(from + i), &delayed, 1, buf) >
			    0);
}

/* However many others come and go. */
static void who_is_configured_is_remembered(void **state)
{
	uint8_t buf[LG_LEASEQUERY_REPLY_MAX];
	uint32_t i;

	(void)state;
	other_requestors(0xc6130000u);
	assert_true(respond_to(&delayed, 100, buf) > 0);
	for (i = 1; i < 4; i++) {
		other_requestors(0xc6130000u + (i << 8));
		assert_int_equal(respond_to(&delayed, 100, buf), 0);
		assert_int_equal(counters.asked_replayed, i);
	}
	assert_true(respond_to(&delayed, 101, buf) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(hash_is_that_of_others),
	TEST(each_byte_counts),
	TEST(agent_info_is_added_on_the_way),
	TEST(option_in_another_area),
	TEST(others_are_refused),
	TEST(tokens),
	TEST(replays_are_refused),
	TEST(count_never_falls),
	TEST(unsigned_answers_are_refused),
	TEST(signed_answers_where_none_is_needed),
	TEST(answers_from_before_the_query),
	TEST(a_count_outlives_a_reload),
	TEST(requestors_sign),
	TEST(who_is_configured_is_remembered),
};

const struct fake_tests auth_tests = { tests, sizeof(tests) / sizeof(tests[0]) };
