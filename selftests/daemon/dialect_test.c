// SPDX-License-Identifier: GPL-2.0
/* What each dialect writes, and what it takes an answer to mean. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "answer.h"
#include "config.h"
#include "dialect.h"
#include "log.h"
#include "message.h"

#define XID	0x1e6ee96au

static struct dialect d;
static __be32 giaddr, addr;
static struct message m;
static struct answer said;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	dialect_default(&d);
	giaddr = ip("10.77.1.1");
	addr = ip("10.77.1.10");
	return 0;
}

static void speak(const char *name)
{
	dialect_default(&d);
	assert_null(dialect_take(&d, DIALECT_DIALECT, name));
}

static void take(const char *key, const char *value)
{
	int word = dialect_word(key);

	assert_true(word >= 0);
	assert_null(dialect_take(&d, (enum dialect_key)word, value));
}

static bool taken(void)
{
	const struct lg_leasequery key = { .ciaddr = addr };
	static const struct auth no_auth;
	const struct answer_to to = {
		.xid = XID, .server = ip("198.18.0.2"), .dialect = &d,
		.auth = &no_auth,
		.key = &key, .giaddrs = &giaddr, .n_giaddrs = 1,
	};
	const struct reply reply = {
		.xid = XID, .server = to.server, .giaddr = giaddr,
		.message = m.bytes, .len = m.len,
	};

	return answer_read(&to, &reply, &said);
}

/* An answer of @type, with a lease or without. */
static void answered(uint8_t type, bool lease)
{
	message_active(&m, XID, addr, giaddr);
	if (!lease)
		message_begin(&m, type, XID, addr, giaddr);
	m.bytes[MSG_OPTIONS + 2] = type;
}

static void says(uint8_t type, bool lease, enum leaseglean_state state)
{
	answered(type, lease);
	assert_true(taken());
	assert_int_equal(said.lease.state, state);
}

static void says_nothing(uint8_t type)
{
	uint64_t before = counters.refused_type;

	answered(type, true);
	assert_false(taken());
	assert_int_equal(counters.refused_type, before + 1);
}

static void rfc4388_answers(void **state)
{
	uint8_t type;

	(void)state;
	says(13, true, LEASEGLEAN_STATE_ACTIVE);
	says(11, false, LEASEGLEAN_STATE_UNASSIGNED);
	says(11, true, LEASEGLEAN_STATE_UNASSIGNED);
	says(12, false, LEASEGLEAN_STATE_UNKNOWN);
	for (type = 1; type < 255; type++)
		if (type < 11 || type > 13)
			says_nothing(type);
	answered(13, false);
	assert_false(taken());
	assert_int_equal(counters.refused_hwaddr, 1);
}

static void draft_01_answers(void **state)
{
	uint8_t type;

	(void)state;
	speak("draft-01");
	says(14, true, LEASEGLEAN_STATE_ACTIVE);
	says(14, false, LEASEGLEAN_STATE_UNASSIGNED);
	says(15, false, LEASEGLEAN_STATE_UNKNOWN);
	for (type = 1; type < 255; type++)
		if (type != 14 && type != 15)
			says_nothing(type);
}

static void draft_00_answers(void **state)
{
	uint8_t type;

	(void)state;
	speak("draft-00");
	says(LG_DHCPACK, true, LEASEGLEAN_STATE_ACTIVE);
	says(LG_DHCPACK, false, LEASEGLEAN_STATE_UNASSIGNED);
	says(LG_DHCPNAK, false, LEASEGLEAN_STATE_UNKNOWN);
	for (type = 1; type < 255; type++)
		if (type != LG_DHCPACK && type != LG_DHCPNAK)
			says_nothing(type);
}

/* Draft -01, 6.5: only a time that is not zero says that there is a lease. */
static void known_without_time_left_is_no_lease(void **state)
{
	(void)state;
	speak("draft-01");
	answered(14, true);
	memset(m.bytes + MSG_OPTIONS + 3 + 2, 0, 4);
	assert_true(taken());
	assert_int_equal(said.lease.state, LEASEGLEAN_STATE_UNASSIGNED);
}

static void codes_are_settings(void **state)
{
	(void)state;
	speak("draft-01");
	take("type-query", "200");
	take("type-known", "201");
	take("type-unknown", "202");
	assert_int_equal(d.query, 200);
	says(201, true, LEASEGLEAN_STATE_ACTIVE);
	says(201, false, LEASEGLEAN_STATE_UNASSIGNED);
	says(202, false, LEASEGLEAN_STATE_UNKNOWN);
	says_nothing(14);
	says_nothing(15);
	speak("rfc4388");
	take("type-active", "201");
	take("type-unassigned", "202");
	take("type-unknown", "203");
	says(201, true, LEASEGLEAN_STATE_ACTIVE);
	says(202, false, LEASEGLEAN_STATE_UNASSIGNED);
	says(203, false, LEASEGLEAN_STATE_UNKNOWN);
	says_nothing(13);
}

/* The dialect may be named below what is set of it. */
static void order_of_keys_is_free(void **state)
{
	struct dialect other;

	(void)state;
	take("type-known", "201");
	take("flag-reservation", "0x0001");
	take("options", "51,82");
	take("option-host-name", "220");
	take("reservations", "yes");
	take("dialect", "draft-01");
	other = d;
	dialect_default(&d);
	take("dialect", "draft-01");
	take("reservations", "yes");
	take("option-host-name", "220");
	take("options", "51,82");
	take("flag-reservation", "0x0001");
	take("type-known", "201");
	assert_memory_equal(&d, &other, sizeof(d));
}

static const uint32_t ago = 77;

static void with_u32(uint8_t code, uint32_t value)
{
	uint32_t net = htonl(value);

	message_option(&m, code, &net, sizeof(net));
}

static void options_of_rfc4388(void **state)
{
	const __be32 both[] = { ip("10.77.1.10"), ip("10.77.1.11") };

	(void)state;
	answered(13, true);
	with_u32(91, ago);
	with_u32(58, 300);
	with_u32(59, 500);
	message_option(&m, 92, both, sizeof(both));
	message_option(&m, 60, "modem\0v1", 8);
	message_option(&m, 12, "cpe", 3);
	assert_true(taken());
	assert_true(said.lease.has_last_transaction);
	assert_int_equal(said.lease.last_transaction, ago);
	assert_true(said.has_t1 && said.has_t2);
	assert_int_equal(said.t1, 300);
	assert_int_equal(said.t2, 500);
	assert_int_equal(said.n_associated, 2);
	assert_memory_equal(said.associated, both, sizeof(both));
	assert_int_equal(said.vendor_class.len, 8);
	assert_memory_equal(said.vendor_class.bytes, "modem\0v1", 8);
	assert_int_equal(said.host_name.len, 3);
	assert_memory_equal(said.host_name.bytes, "cpe", 3);
	assert_false(said.reserved);
}

static void options_of_draft_01(void **state)
{
	const __be32 one = ip("10.77.1.10");

	(void)state;
	speak("draft-01");
	answered(14, true);
	with_u32(163, ago);
	message_option(&m, 161, &one, sizeof(one));
	message_option(&m, 12, "given", 5);
	message_option(&m, 162, "wanted", 6);
	/* of another dialect */
	with_u32(91, 1);
	assert_true(taken());
	assert_int_equal(said.lease.last_transaction, ago);
	assert_int_equal(said.n_associated, 1);
	assert_memory_equal(said.host_name.bytes, "wanted", 6);
	/* without its own, the name that all servers know */
	answered(14, true);
	message_option(&m, 12, "given", 5);
	assert_true(taken());
	assert_false(said.lease.has_last_transaction);
	assert_int_equal(said.host_name.len, 5);
	take("option-last-transaction", "230");
	answered(14, true);
	with_u32(230, ago);
	assert_true(taken());
	assert_int_equal(said.lease.last_transaction, ago);
}

static void draft_00_has_no_options_of_its_own(void **state)
{
	(void)state;
	speak("draft-00");
	answered(LG_DHCPACK, true);
	with_u32(91, 5);
	with_u32(163, 5);
	assert_true(taken());
	assert_false(said.lease.has_last_transaction);
	assert_int_equal(said.n_associated, 0);
}

/* More than one option has room for (RFC 3396), and than this program has. */
static void many_associated_addresses(void **state)
{
	__be32 part[63];
	unsigned int i, n;

	(void)state;
	answered(13, true);
	for (n = 0; n < 5; n++) {
		for (i = 0; i < 63; i++)
			part[i] = htonl(0x0a000001 + 63 * n + i);
		message_option(&m, 92, part, sizeof(part));
		assert_true(taken());
		assert_int_equal(said.n_associated, n < 4 ? 63 * (n + 1) :
				 ANSWER_ASSOCIATED_MAX);
		for (i = 0; i < said.n_associated; i++)
			assert_int_equal(said.associated[i],
					 htonl(0x0a000001 + i));
	}
	message_option(&m, 92, part, 3);
	assert_true(taken());
	answered(13, true);
	message_option(&m, 92, part, sizeof(part));
	message_option(&m, 92, part, 3);
	assert_false(taken());
}

static void wrong_lengths_are_refused(void **state)
{
	uint8_t bytes[252] = { 0 };

	(void)state;
	speak("draft-01");
	answered(14, true);
	message_option(&m, 163, bytes, 3);
	assert_false(taken());
	answered(14, true);
	message_option(&m, 161, bytes, 6);
	assert_false(taken());
	answered(14, true);
	message_option(&m, 161, bytes, 252);
	message_option(&m, 161, bytes, 5);
	assert_false(taken());
	assert_int_equal(counters.refused_option, 3);
	/* a name is not worth an answer */
	answered(14, true);
	message_option(&m, 162, bytes, 200);
	message_option(&m, 162, bytes, 200);
	assert_true(taken());
	assert_int_equal(said.host_name.len, 0);
}

static void reservation_flag(void **state)
{
	(void)state;
	answered(13, true);
	m.bytes[10] = 0x40;
	assert_true(taken());
	assert_false(said.reserved);
	speak("draft-01");
	answered(14, true);
	assert_true(taken());
	assert_false(said.reserved);
	m.bytes[10] = 0x40;
	assert_true(taken());
	assert_true(said.reserved);
	take("flag-reservation", "0x0001");
	assert_true(taken());
	assert_false(said.reserved);
}

/* ---- queries ---- */

static struct lg_leasequery query(void)
{
	return (struct lg_leasequery){ .ciaddr = addr, .giaddr = giaddr };
}

static void asks(const char *name, uint8_t type, const uint8_t *want, size_t n)
{
	struct lg_leasequery q = query();
	uint8_t options[DIALECT_OPTIONS_MAX];

	speak(name);
	assert_int_equal(dialect_ask(&d, &q, options), 0);
	assert_int_equal(q.type, type);
	assert_int_equal(q.flags, 0);
	assert_int_equal(q.n_options, n);
	assert_memory_equal(q.options, want, n);
}

static void usual_queries(void **state)
{
	static const uint8_t rfc[] = { 51, 54, 58, 59, 61, 82, 91 };
	static const uint8_t draft_01[] = { 51, 54, 58, 59, 61, 82, 163 };

	(void)state;
	asks("rfc4388", 10, rfc, sizeof(rfc));
	asks("draft-01", 13, draft_01, sizeof(draft_01));
	asks("draft-00", 13, rfc, sizeof(rfc) - 1);
}

static void queries_that_were_set(void **state)
{
	static const uint8_t want[] = { 82, 51, 60, 12 };
	uint8_t options[DIALECT_OPTIONS_MAX];
	struct lg_leasequery q = query();

	(void)state;
	speak("draft-01");
	take("options", "82, 51 60");
	assert_null(dialect_options_more(&d, "12"));
	take("reservations", "yes");
	take("type-query", "40");
	assert_int_equal(dialect_ask(&d, &q, options), 0);
	assert_int_equal(q.type, 40);
	assert_int_equal(q.flags, htons(0x4000));
	assert_int_equal(q.n_options, sizeof(want));
	assert_memory_equal(q.options, want, sizeof(want));
	take("flag-reservation", "0x2000");
	assert_int_equal(dialect_ask(&d, &q, options), 0);
	assert_int_equal(q.flags, htons(0x2000));
}

/* Of each dialect the keys that it has, alone or together. */
static bool asks_for(const struct lg_leasequery *q, uint8_t code)
{
	const uint8_t *first = memchr(q->options, code, q->n_options);
	size_t left;

	if (!first)
		return false;
	left = (size_t)(q->options + q->n_options - first - 1);
	/* once */
	assert_null(memchr(first + 1, code, left));
	return true;
}

/* What tells that it is the answer, and, for an operator, all that is read. */
static void what_the_key_and_operators_need_is_asked_for(void **state)
{
	static const uint8_t all[] = { 51, 58, 59, 60, 61, 82, 12, 161, 162,
				       163 };
	static const uint8_t id[] = { 1 };
	struct lg_leasequery q = { .client_id = id, .client_id_len = 1 };
	uint8_t options[DIALECT_OPTIONS_MAX];
	size_t i;

	(void)state;
	speak("draft-01");
	take("options", "51, 82, 162");
	assert_int_equal(dialect_ask(&d, &q, options), 0);
	assert_int_equal(q.n_options, 4);
	assert_true(asks_for(&q, LG_OPT_CLIENT_ID));
	dialect_ask_all(&d, &q, options);
	assert_int_equal(q.n_options, sizeof(all));
	for (i = 0; i < sizeof(all); i++)
		assert_true(asks_for(&q, all[i]));
	/* as many as there is room for */
	q.n_options = DIALECT_OPTIONS_MAX - 1;
	memset(options, 200, sizeof(options));
	dialect_ask_all(&d, &q, options);
	assert_int_equal(q.n_options, DIALECT_OPTIONS_MAX);
}

static void regimes(void **state)
{
	static const struct {
		unsigned int by;	/* ip, hwaddr, client-id, remote-id */
		bool rfc4388, draft_01, draft_00;
	} each[] = {
		{ 0, false, false, false },
		{ 1, true, true, true },
		{ 2, true, true, false },
		{ 4, true, true, false },
		{ 6, false, true, false },
		{ 8, true, false, false },
		{ 3, false, false, false },
		{ 5, false, false, false },
		{ 9, false, false, false },
		{ 15, false, false, false },
	};
	uint8_t options[DIALECT_OPTIONS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		struct lg_leasequery q = {
			.ciaddr = each[i].by & 1 ? addr : 0,
			.hlen = each[i].by & 2 ? 6 : 0,
			.client_id_len = each[i].by & 4 ? 7 : 0,
			.remote_id_len = each[i].by & 8 ? 5 : 0,
		};

		speak("rfc4388");
		assert_int_equal(dialect_ask(&d, &q, options),
				 each[i].rfc4388 ? 0 : -EOPNOTSUPP);
		speak("draft-01");
		assert_int_equal(dialect_ask(&d, &q, options),
				 each[i].draft_01 ? 0 : -EOPNOTSUPP);
		speak("draft-00");
		assert_int_equal(dialect_ask(&d, &q, options),
				 each[i].draft_00 ? 0 : -EOPNOTSUPP);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static const struct CMUnitTest tests[] = {
	TEST(rfc4388_answers),
	TEST(draft_01_answers),
	TEST(draft_00_answers),
	TEST(known_without_time_left_is_no_lease),
	TEST(codes_are_settings),
	TEST(order_of_keys_is_free),
	TEST(options_of_rfc4388),
	TEST(options_of_draft_01),
	TEST(draft_00_has_no_options_of_its_own),
	TEST(many_associated_addresses),
	TEST(wrong_lengths_are_refused),
	TEST(reservation_flag),
	TEST(usual_queries),
	TEST(queries_that_were_set),
	TEST(what_the_key_and_operators_need_is_asked_for),
	TEST(regimes),
};

const struct fake_tests dialect_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
