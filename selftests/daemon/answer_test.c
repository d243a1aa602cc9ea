// SPDX-License-Identifier: GPL-2.0
/* Only the answer to the question is an answer. */
#include "fake.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "config.h"
#include "log.h"
#include "message.h"
#include "../../module/dhcp.h"

#define XID	0x1e6ee96au

static __be32 giaddrs[2];
static const uint8_t mac[] = { 2, 0, 0, 0, 1, 1 };
static struct lg_leasequery key;
static struct answer_to to;
static struct message m;
static struct reply reply;
static struct dialect dialect;
static const struct auth no_auth;
static struct answer said;
static struct lease lease;

/* An answer to a question, right in every way. */
static int set_up(void **state)
{
	(void)state;
	fake_reset();
	dialect_default(&dialect);
	giaddrs[0] = ip("10.77.1.1");
	giaddrs[1] = ip("10.77.2.1");
	key = (struct lg_leasequery){ .ciaddr = ip("10.77.1.10") };
	to = (struct answer_to){
		.xid = XID, .server = ip("198.18.0.2"), .dialect = &dialect,
		.auth = &no_auth, .key = &key, .giaddrs = giaddrs, .n_giaddrs = 1,
	};
	message_active(&m, XID, key.ciaddr, giaddrs[0]);
	reply = (struct reply){
		.xid = XID, .server = to.server, .giaddr = giaddrs[0],
	};
	return 0;
}

static bool taken(void)
{
	reply.message = m.bytes;
	reply.len = m.len;
	if (!answer_read(&to, &reply, &said))
		return false;
	lease = said.lease;
	return true;
}

static void type_is(uint8_t type)
{
	message_begin(&m, type, XID, key.ciaddr, giaddrs[0]);
}

static void active_is_taken(void **state)
{
	static const uint8_t info[] = { 1, 4, 'a', 0, 'c', 0xff };
	static const uint8_t id[] = { 1, 2, 0, 0, 0, 1, 1 };

	(void)state;
	message_option(&m, LG_OPT_AGENT_INFO, info, sizeof(info));
	message_option(&m, LG_OPT_CLIENT_ID, id, sizeof(id));
	assert_true(taken());
	assert_int_equal(lease.state, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(lease.htype, 1);
	assert_int_equal(lease.hlen, 6);
	assert_memory_equal(lease.hwaddr, mac, sizeof(mac));
	assert_int_equal(lease.expires, 592);
	assert_int_equal(lease.giaddr, giaddrs[0]);
	assert_int_equal(lease.server, to.server);
	assert_int_equal(lease.agent_info_len, sizeof(info));
	assert_memory_equal(lease.agent_info, info, sizeof(info));
	assert_int_equal(lease.client_id_len, sizeof(id));
	assert_memory_equal(lease.client_id, id, sizeof(id));
	assert_int_equal(counters.replies_active, 1);
}

static void infinite_lease_is_for_ever(void **state)
{
	(void)state;
	message_active(&m, XID, key.ciaddr, giaddrs[0]);
	/* The first of the options is 53, of three bytes; then comes 51. */
	memset(m.bytes + MSG_OPTIONS + 3 + 2, 0xff, 4);
	assert_true(taken());
	assert_int_equal(lease.expires, UINT32_MAX);
}

static void negatives_are_taken(void **state)
{
	(void)state;
	type_is(LG_DHCPLEASEUNASSIGNED);
	assert_true(taken());
	assert_int_equal(lease.state, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(lease.expires, config.hold_unassigned);
	type_is(LG_DHCPLEASEUNKNOWN);
	assert_true(taken());
	assert_int_equal(lease.state, LEASEGLEAN_STATE_UNKNOWN);
	assert_int_equal(lease.expires, config.hold_unknown);
}

/* dnsmasq leaves the key out of what it does not know. */
static void negatives_may_leave_the_key_out(void **state)
{
	(void)state;
	type_is(LG_DHCPLEASEUNKNOWN);
	memset(m.bytes + MSG_CIADDR, 0, 4);
	assert_true(taken());
	type_is(LG_DHCPLEASEUNASSIGNED);
	memset(m.bytes + MSG_CIADDR, 0, 4);
	assert_true(taken());
}

static void any_giaddr_asked_from_is_taken(void **state)
{
	(void)state;
	to.n_giaddrs = 2;
	reply.giaddr = giaddrs[1];
	memcpy(m.bytes + MSG_GIADDR, &giaddrs[1], 4);
	assert_true(taken());
	assert_int_equal(lease.giaddr, giaddrs[1]);
}

/* Each wrong field in turn: the byte, what it becomes, and who must notice. */
static void wrong_header_fields_are_refused(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t value;
		size_t counter;
	} wrong[] = {
#define W(what, at, value, name) \
	{ what, at, value, offsetof(struct counters, refused_##name) }
		W("a request", MSG_OP, LG_BOOTREQUEST, op),
		W("no op there is", MSG_OP, 3, malformed),
		W("no hardware type", MSG_HTYPE, 0, hwaddr),
		W("no hardware address", MSG_HLEN, 0, hwaddr),
		W("half an Ethernet address", MSG_HLEN, 3, hwaddr),
		W("too long an Ethernet address", MSG_HLEN, 7, hwaddr),
		W("longer than chaddr", MSG_HLEN, 17, malformed),
		W("xid, first byte", MSG_XID, 0, xid),
		W("xid, second byte", MSG_XID + 1, 0, xid),
		W("xid, third byte", MSG_XID + 2, 0, xid),
		W("xid, last byte", MSG_XID + 3, 0, xid),
		W("ciaddr, first byte", MSG_CIADDR, 11, ciaddr),
		W("ciaddr, last byte", MSG_CIADDR + 3, 11, ciaddr),
		W("yiaddr", MSG_YIADDR, 10, yiaddr),
		W("giaddr, first byte", MSG_GIADDR, 11, giaddr),
		W("giaddr, last byte", MSG_GIADDR + 3, 2, giaddr),
		W("a group's hardware address", MSG_CHADDR, 3, hwaddr),
		W("no magic cookie", MSG_COOKIE, 0, type),
		W("an ACK", MSG_OPTIONS + 2, LG_DHCPACK, type),
		W("a query", MSG_OPTIONS + 2, LG_DHCPLEASEQUERY, type),
		W("a type of another dialect", MSG_OPTIONS + 2, 14, type),
#undef W
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set_up(state);
		assert_true(taken());
		m.bytes[wrong[i].at] = wrong[i].value;
		if (taken())
			fail_msg("taken: %s", wrong[i].what);
		if (*(uint64_t *)((char *)&counters + wrong[i].counter) != 1)
			fail_msg("not counted as it should: %s", wrong[i].what);
	}
}

static void active_must_name_the_address(void **state)
{
	(void)state;
	memset(m.bytes + MSG_CIADDR, 0, 4);
	assert_false(taken());
	assert_int_equal(counters.refused_ciaddr, 1);
}

static void negatives_of_another_address_are_refused(void **state)
{
	(void)state;
	type_is(LG_DHCPLEASEUNKNOWN);
	m.bytes[MSG_CIADDR + 3]++;
	assert_false(taken());
	type_is(LG_DHCPLEASEUNASSIGNED);
	m.bytes[MSG_CIADDR + 3]++;
	assert_false(taken());
	assert_int_equal(counters.refused_ciaddr, 2);
}

static void another_source_is_refused(void **state)
{
	(void)state;
	reply.server = ip("198.18.0.3");
	assert_false(taken());
	assert_int_equal(counters.refused_source, 1);
}

static void another_destination_is_refused(void **state)
{
	(void)state;
	reply.giaddr = giaddrs[1];
	assert_false(taken());
	assert_int_equal(counters.refused_giaddr, 1);
	/* Even when the message agrees with it. */
	memcpy(m.bytes + MSG_GIADDR, &giaddrs[1], 4);
	assert_false(taken());
	assert_int_equal(counters.refused_giaddr, 2);
}

static void another_question_is_refused(void **state)
{
	(void)state;
	reply.xid = XID + 1;
	assert_false(taken());
	assert_int_equal(counters.refused_xid, 1);
}

static void no_hardware_address_is_refused(void **state)
{
	(void)state;
	memset(m.bytes + MSG_CHADDR, 0, 6);
	assert_false(taken());
	assert_int_equal(counters.refused_hwaddr, 1);
}

static void active_needs_time_left(void **state)
{
	(void)state;
	memset(m.bytes + MSG_OPTIONS + 3 + 2, 0, 4);
	assert_false(taken());
	assert_int_equal(counters.refused_lease_time, 1);
	/* and no option 51 at all */
	m.bytes[MSG_OPTIONS + 3] = LG_OPT_END;
	assert_false(taken());
	assert_int_equal(counters.refused_lease_time, 2);
}

static void too_long_options_are_refused(void **state)
{
	uint8_t part[200];

	(void)state;
	memset(part, 'x', sizeof(part));
	message_option(&m, LG_OPT_AGENT_INFO, part, sizeof(part));
	assert_true(taken());
	message_option(&m, LG_OPT_AGENT_INFO, part, sizeof(part));
	assert_false(taken());
	assert_int_equal(counters.refused_option, 1);
}

static void cut_anywhere_is_refused_or_whole(void **state)
{
	size_t whole = m.len, len;

	(void)state;
	for (len = 0; len < whole - 1; len++) {
		m.len = len;
		/* The lease time is last: whatever is shorter lacks it. */
		assert_false(taken());
	}
}

/* ---- by other keys ---- */

static const uint8_t client_id[] = { 1, 2, 0, 0, 0, 1, 1 };
static const uint8_t remote[] = { 0, 'r', 0xff };

static void by_hwaddr(void)
{
	key = (struct lg_leasequery){
		.htype = 1, .hlen = sizeof(mac), .chaddr = mac,
	};
}

static void by_client_id(void)
{
	key = (struct lg_leasequery){
		.client_id = client_id, .client_id_len = sizeof(client_id),
	};
}

static void by_remote_id(void)
{
	key = (struct lg_leasequery){
		.remote_id = remote, .remote_id_len = sizeof(remote),
	};
}

static void lease_is(const char *addr)
{
	message_active(&m, XID, ip(addr), giaddrs[0]);
}

static void negative_is(uint8_t type, const char *addr)
{
	message_begin(&m, type, XID, *addr ? ip(addr) : 0, giaddrs[0]);
}

static void client_id_is(uint8_t last)
{
	uint8_t id[sizeof(client_id)];

	memcpy(id, client_id, sizeof(id));
	id[sizeof(id) - 1] = last;
	message_option(&m, LG_OPT_CLIENT_ID, id, sizeof(id));
}

static void remote_id_is(const void *id, uint8_t len)
{
	uint8_t info[32] = { LG_AGENT_CIRCUIT_ID, 2, 'a', 'b',
			     LG_AGENT_REMOTE_ID, len };

	memcpy(info + 6, id, len);
	message_option(&m, LG_OPT_AGENT_INFO, info, (uint8_t)(6 + len));
}

static void about_another_client(void)
{
	uint64_t before = counters.refused_client;

	assert_false(taken());
	assert_int_equal(counters.refused_client, before + 1);
}

static void by_hwaddr_the_lease_is_of_that_client(void **state)
{
	(void)state;
	by_hwaddr();
	lease_is("10.77.1.44");
	assert_true(taken());
	assert_int_equal(said.addr, ip("10.77.1.44"));
	m.bytes[MSG_CHADDR + 5]++;
	about_another_client();
	lease_is("10.77.1.44");
	m.bytes[MSG_HTYPE] = 6;
	about_another_client();
	/* whose address, if of none? */
	message_active(&m, XID, 0, giaddrs[0]);
	assert_false(taken());
	assert_int_equal(counters.refused_ciaddr, 1);
	/* it tells of an address, it gives none */
	lease_is("10.77.1.44");
	m.bytes[MSG_YIADDR] = 10;
	assert_false(taken());
	assert_int_equal(counters.refused_yiaddr, 1);
}

/* ISC dhcpd names the address of a lease that has ended. */
static void by_hwaddr_negatives_may_tell_of_an_address(void **state)
{
	(void)state;
	by_hwaddr();
	negative_is(LG_DHCPLEASEUNASSIGNED, "10.77.1.44");
	assert_true(taken());
	assert_int_equal(said.addr, ip("10.77.1.44"));
	negative_is(LG_DHCPLEASEUNKNOWN, "");
	assert_true(taken());
	assert_int_equal(said.addr, 0);
	m.bytes[MSG_HTYPE] = 1;
	m.bytes[MSG_HLEN] = sizeof(mac);
	memcpy(m.bytes + MSG_CHADDR, mac, sizeof(mac));
	assert_true(taken());
	m.bytes[MSG_CHADDR + 5]++;
	about_another_client();
}

static void by_client_id_the_lease_has_to_show_it(void **state)
{
	(void)state;
	by_client_id();
	lease_is("10.77.1.44");
	about_another_client();
	client_id_is(2);
	about_another_client();
	lease_is("10.77.1.44");
	client_id_is(1);
	assert_true(taken());
	negative_is(LG_DHCPLEASEUNKNOWN, "");
	assert_true(taken());
	client_id_is(2);
	about_another_client();
}

static void by_remote_id_the_lease_has_to_show_it(void **state)
{
	(void)state;
	by_remote_id();
	lease_is("10.77.1.44");
	about_another_client();
	remote_id_is(remote, sizeof(remote) - 1);
	about_another_client();
	lease_is("10.77.1.44");
	remote_id_is(remote, sizeof(remote));
	assert_true(taken());
	negative_is(LG_DHCPLEASEUNASSIGNED, "");
	assert_true(taken());
	remote_id_is("other", 5);
	about_another_client();
	/* no option 82 that can be read is no other's */
	lease_is("10.77.1.44");
	message_option(&m, LG_OPT_AGENT_INFO, "\2\377", 2);
	about_another_client();
}

static void by_both_keys_both_have_to_fit(void **state)
{
	(void)state;
	by_client_id();
	key.htype = 1;
	key.hlen = sizeof(mac);
	key.chaddr = mac;
	lease_is("10.77.1.44");
	client_id_is(1);
	assert_true(taken());
	m.bytes[MSG_CHADDR + 5]++;
	about_another_client();
	lease_is("10.77.1.44");
	client_id_is(2);
	about_another_client();
}

/* ---- where it is ---- */

static const struct miss miss = { .port = "acc0", .ifindex = 5 };

static void with_circuit(const void *id, uint8_t len)
{
	uint8_t info[64] = { LG_AGENT_CIRCUIT_ID, len };

	memcpy(info + 2, id, len);
	memset(&lease, 0, sizeof(lease));
	memcpy(lease.agent_info, info, 2u + len);
	lease.agent_info_len = (uint16_t)(2u + len);
	answer_place(&miss, &lease);
}

static void circuit_names_an_access_port(void **state)
{
	(void)state;
	fake.access_name = "acc1.100";
	fake.access_index = 9;
	with_circuit("acc1.100", 8);
	assert_int_equal(lease.ifindex, 9);
	/* that of the miss, which may be over by now, is one */
	with_circuit("acc0", 4);
	assert_int_equal(lease.ifindex, miss.ifindex);
	/* no access port has these names */
	with_circuit("acc7", 4);
	assert_int_equal(lease.ifindex, 0);
	with_circuit("acc1.100\0", 9);
	assert_int_equal(lease.ifindex, 0);
	with_circuit("acc1.100acc1.100", 16);
	assert_int_equal(lease.ifindex, 0);
}

/* The port of the lease in doubt is another client's. */
static void circuit_names_the_port_of_a_doubt(void **state)
{
	const struct miss doubt = { .port = "acc0", .ifindex = 4, .doubt = true };

	(void)state;
	fake.access_name = "acc0";
	fake.access_index = 4;
	with_circuit("acc0", 4);
	assert_int_equal(lease.ifindex, miss.ifindex);
	answer_place(&doubt, &lease);
	assert_int_equal(lease.ifindex, 4);
}

static void circuit_is_configured(void **state)
{
	static const uint8_t id[] = { 0, 4, 0, 100 };
	struct config_port *port = calloc(1, sizeof(*port));

	(void)state;
	assert_non_null(port);
	strcpy(port->name, "acc9");
	memcpy(port->circuit_id, id, sizeof(id));
	port->circuit_id_len = sizeof(id);
	HASH_ADD_STR(config.ports, name, port);
	HASH_ADD(hh_circuit, config.circuits, circuit_id, sizeof(id), port);
	fake.access_name = "acc9";
	fake.access_index = 17;
	with_circuit(id, sizeof(id));
	assert_int_equal(lease.ifindex, 17);
	with_circuit(id, sizeof(id) - 1);
	assert_int_equal(lease.ifindex, 0);
	/* it has not got the role */
	fake.access_name = "acc1";
	with_circuit(id, sizeof(id));
	assert_int_equal(lease.ifindex, 0);
	config_free(&config);
}

static void odd_agent_info_places_nothing(void **state)
{
	(void)state;
	fake.access_name = "";
	fake.access_index = 3;
	with_circuit("", 0);
	assert_int_equal(lease.ifindex, 0);
	/* a sub-option that runs past the end */
	memset(&lease, 0, sizeof(lease));
	lease.agent_info[0] = LG_AGENT_CIRCUIT_ID;
	lease.agent_info[1] = 8;
	lease.agent_info_len = 5;
	answer_place(&miss, &lease);
	assert_int_equal(lease.ifindex, 0);
	/* none at all */
	lease.agent_info_len = 0;
	answer_place(&miss, &lease);
	assert_int_equal(lease.ifindex, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static const struct CMUnitTest tests[] = {
	TEST(active_is_taken),
	TEST(infinite_lease_is_for_ever),
	TEST(negatives_are_taken),
	TEST(negatives_may_leave_the_key_out),
	TEST(any_giaddr_asked_from_is_taken),
	TEST(wrong_header_fields_are_refused),
	TEST(active_must_name_the_address),
	TEST(negatives_of_another_address_are_refused),
	TEST(another_source_is_refused),
	TEST(another_destination_is_refused),
	TEST(another_question_is_refused),
	TEST(no_hardware_address_is_refused),
	TEST(active_needs_time_left),
	TEST(too_long_options_are_refused),
	TEST(cut_anywhere_is_refused_or_whole),
	TEST(by_hwaddr_the_lease_is_of_that_client),
	TEST(by_hwaddr_negatives_may_tell_of_an_address),
	TEST(by_client_id_the_lease_has_to_show_it),
	TEST(by_remote_id_the_lease_has_to_show_it),
	TEST(by_both_keys_both_have_to_fit),
	TEST(circuit_names_an_access_port),
	TEST(circuit_names_the_port_of_a_doubt),
	TEST(circuit_is_configured),
	TEST(odd_agent_info_places_nothing),
};

const struct fake_tests answer_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
