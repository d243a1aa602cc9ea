// SPDX-License-Identifier: GPL-2.0
/* Who is asked when, and what settles a question, in simulated time. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "config.h"
#include "log.h"
#include "managed.h"
#include "message.h"
#include "question.h"
#include "relays.h"
#include "server.h"
#include "../../module/dhcp.h"

static __be32 s1, s2, g1, g2, addr;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	/* The warnings that tests cause on purpose. */
	log_open(&(struct log_style){ .json = false });
	s1 = ip("198.18.0.2");
	s2 = ip("198.18.0.3");
	g1 = ip("10.77.1.1");
	g2 = ip("10.77.2.1");
	addr = ip("10.77.1.10");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	questions_clear();
	managed_free();
	servers_free();
	relays_close();
	/* Nothing may be left that would wake up. */
	assert_int_equal(fake_timers(), 0);
	return 0;
}

static void use_server(__be32 server, __be32 giaddr)
{
	struct config_server *set = &config.servers[config.n_servers++];

	*set = (struct config_server){
		.addr = server, .giaddr = giaddr, .rank = 1,
	};
	dialect_default(&set->dialect);
}

static void miss_paid(__be32 which, uint64_t cookie, const char *port,
		      uint32_t payer)
{
	struct miss miss = {
		.addr = which, .ifindex = 5, .payer = payer, .cookie = cookie,
	};

	snprintf(miss.port, sizeof(miss.port), "%s", port);
	question_miss(&miss);
	fake_advance(0.);
}

static void miss_on(__be32 which, uint64_t cookie, const char *port)
{
	miss_paid(which, cookie, port, 5);
}

static void miss(uint64_t cookie)
{
	miss_on(addr, cookie, "acc0");
}

/* What a server adds to its answer. */
struct says {
	uint8_t client;		/* last byte of its hardware address, 0: 1 */
	const char *circuit;	/* option 82 */
	int ago;		/* client-last-transaction-time, 0: none */
};

static void message_says(struct message *m, const struct says *says)
{
	uint32_t ago = htonl((uint32_t)says->ago);
	uint8_t info[64] = { LG_AGENT_CIRCUIT_ID };

	if (says->client)
		m->bytes[MSG_CHADDR + 5] = says->client;
	if (says->circuit) {
		info[1] = (uint8_t)strlen(says->circuit);
		memcpy(info + 2, says->circuit, info[1]);
		message_option(m, LG_OPT_AGENT_INFO, info,
			       (uint8_t)(2 + info[1]));
	}
	if (says->ago)
		message_option(m, LG_OPT_CLTT, &ago, sizeof(ago));
}

/* The server answers query number @n. */
static void answer_with(unsigned int n, uint8_t type, const struct says *says)
{
	const struct fake_query *q = &fake.sent[n];
	struct message m;
	struct reply reply = {
		.xid = q->xid, .server = q->server, .giaddr = q->giaddr,
		.message = m.bytes,
	};

	assert_true(n < fake.n_sent);
	if (type == LG_DHCPLEASEACTIVE)
		message_active(&m, q->xid, q->addr, q->giaddr);
	else
		message_begin(&m, type, q->xid, q->addr, q->giaddr);
	message_says(&m, says);
	reply.len = m.len;
	ask_reply(&reply);
	fake_advance(0.);
}

static void answer(unsigned int n, uint8_t type)
{
	answer_with(n, type, &(struct says){ 0 });
}

static void active(unsigned int n, uint8_t client, const char *circuit,
		   int ago)
{
	answer_with(n, LG_DHCPLEASEACTIVE, &(struct says){
		.client = client, .circuit = circuit, .ago = ago,
	});
}

/* Makes a server known to answer, and leaves nothing behind. */
static void prove(__be32 server)
{
	server_get(server)->proven = true;
}

static void assert_put(unsigned int n, enum leaseglean_state state)
{
	assert_int_equal(fake.n_put, n);
	assert_int_equal(fake.put[n - 1].lease.state, state);
}

/* ---- one server ---- */

static void one_query_one_put(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(7);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.n_open, 1);
	assert_int_equal(fake.sent[0].server, s1);
	assert_int_equal(fake.sent[0].giaddr, g1);
	assert_int_equal(fake.sent[0].addr, addr);
	fake_advance(0.01);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(fake.put[0].miss.cookie, 7);
	assert_int_equal(questions_count(), 0);
	/* and nothing ever after */
	fake_advance(600.);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.n_put, 1);
}

static void unassigned_of_the_only_server_settles_at_once(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	answer(0, LG_DHCPLEASEUNASSIGNED);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(fake.put[0].lease.expires, 60);
}

static void unknown_of_the_only_server_settles(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	answer(0, LG_DHCPLEASEUNKNOWN);
	assert_put(1, LEASEGLEAN_STATE_UNKNOWN);
	assert_int_equal(fake.put[0].lease.expires, 300);
}

static void same_miss_again_is_one_question(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	miss(1);
	miss(2);
	assert_int_equal(fake.n_sent, 1);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	/* the newest cookie is the one the module would take */
	assert_int_equal(fake.put[0].miss.cookie, 2);
}

static void answered_twice_is_put_once(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	answer(0, LG_DHCPLEASEACTIVE);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(counters.refused_xid, 1);
}

static void vrfs_are_apart(void **state)
{
	struct miss other = { .addr = addr, .vrf = 40, .cookie = 2 };

	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	question_miss(&other);
	fake_advance(0.);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].vrf, 40);
	answer(1, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(fake.put[0].miss.vrf, 40);
	assert_int_equal(questions_count(), 1);
}

/* ---- silence ---- */

static void retries_back_off(void **state)
{
	static const double at[] = { 0., 1., 3., 7., 15. };
	unsigned int i;

	(void)state;
	use_server(s1, g1);
	prove(s1);
	/* Silent ones are probed by another clock, so keep it in good repute. */
	miss(1);
	for (i = 0; i < 5; i++) {
		server_get(s1)->silent = 0;
		assert_int_equal(fake.n_sent, i + 1);
		assert_true(fake.sent[i].at == 1000. + at[i]);
		/* the same xid, so that a late answer is still one */
		assert_int_equal(fake.sent[i].xid, fake.sent[0].xid);
		/* announced for longer than it is waited for */
		assert_true(fake.open_seconds >= (i < 4 ? at[i + 1] - at[i] : 10));
		fake_advance(i < 4 ? at[i + 1] - at[i] : 0.);
	}
	fake_advance(10.);
	assert_int_equal(fake.n_sent, 5);
	assert_int_equal(counters.timeouts, 5);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(questions_count(), 1);
}

/* Least and longest time between two queries to a server. */
static void assert_gaps(__be32 server, double least, double longest)
{
	double last = 0., gap;
	unsigned int i, n = 0;

	for (i = 0; i < fake.n_sent; i++) {
		if (fake.sent[i].server != server)
			continue;
		gap = fake.sent[i].at - last;
		last = fake.sent[i].at;
		if (!n++)
			continue;
		assert_true(gap >= least - 0.001);
		assert_true(gap <= longest + 0.001);
	}
	assert_true(n > 1 && fake.now - last <= longest);
}

static void silence_is_asked_again_within_a_minute(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	for (fake.jitter = 0.9; fake.jitter < 1.15; fake.jitter += 0.1) {
		miss(1);
		fake_advance(1800.);
		assert_gaps(s1, 0., 60.);
		assert_true(fake.n_sent > 29);
		assert_int_equal(fake.n_put, 0);
		questions_clear();
		fake.n_sent = 0;
	}
}

/* Nor does that depend on how long an answer is waited for. */
static void patience_ends_within_a_minute(void **state)
{
	(void)state;
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	config.timeout_first = 50.;
	config.timeout_max = 50.;
	for (config.tries = 1; config.tries < 4; config.tries++)
		for (fake.jitter = 0.9; fake.jitter < 1.15;
		     fake.jitter += 0.1) {
			miss(1);
			fake_advance(1800.);
			assert_gaps(s1, 0., 60.);
			assert_gaps(s2, 10., 60.);
			questions_clear();
			fake.n_sent = 0;
		}
}

/*
 * One was known to answer, the other gets few queries, and each address waits
 * for its turn there: that is no reason to wait with the first one.
 */
static void silent_server_waits_for_no_other(void **state)
{
	unsigned int i, n;
	char text[32];

	(void)state;
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	for (fake.jitter = 0.9; fake.jitter < 1.15; fake.jitter += 0.1) {
		miss(1);
		fake_advance(1800.);
		assert_gaps(s1, 0., 60.);
		assert_gaps(s2, 10., 60.);
		questions_clear();
		fake.n_sent = 0;
	}
	fake.jitter = 1.;
	for (i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "10.77.1.%u", 10 + i);
		miss_on(ip(text), i + 1, "acc0");
	}
	/* All have been given up for now; then it is there again. */
	fake_advance(1800.);
	while (fake.sent[fake.n_sent - 1].server != s1)
		fake_advance(1.);
	n = fake.n_sent - 1;
	for (i = 0; i < 120; i++) {
		for (; n < fake.n_sent; n++)
			if (fake.sent[n].server == s1)
				answer(n, LG_DHCPLEASEACTIVE);
		fake_advance(0.5);
	}
	assert_int_equal(fake.n_put, 20);
	assert_int_equal(questions_count(), 0);
}

static void unproven_server_gets_one_in_ten_seconds(void **state)
{
	char text[32];
	unsigned int i;

	(void)state;
	use_server(s1, g1);
	for (fake.jitter = 0.9; fake.jitter < 1.15; fake.jitter += 0.1) {
		for (i = 0; i < 50; i++) {
			snprintf(text, sizeof(text), "10.77.1.%u", 10 + i);
			miss_on(ip(text), i + 1, "acc0");
		}
		fake_advance(1800.);
		assert_true(fake.n_sent > 25);
		for (i = 1; i < fake.n_sent; i++) {
			double gap = fake.sent[i].at - fake.sent[i - 1].at;

			assert_true(gap >= 9.999);
			assert_true(gap <= 60.001);
		}
		questions_clear();
		fake.n_sent = 0;
		fake_advance(100.);
	}
}

static void first_answer_opens_the_flood(void **state)
{
	char text[32];
	unsigned int i;

	(void)state;
	use_server(s1, g1);
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "10.77.1.%u", i + 1);
		miss_on(ip(text), i + 1, "acc0");
	}
	assert_int_equal(fake.n_sent, 1);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_sent, 33);
	/* as many in flight as allowed, and one more for each answer */
	for (i = 1; i < 200; i++) {
		assert_true(fake.n_sent - i <= 32);
		fake_advance(0.001);
		answer(i, LG_DHCPLEASEACTIVE);
	}
	assert_int_equal(fake.n_sent, 200);
	assert_int_equal(fake.n_put, 200);
	assert_int_equal(questions_count(), 0);
	assert_int_equal(fake.n_missing, 0);
}

static void silent_server_is_found_again_soon(void **state)
{
	unsigned int sent;

	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	fake_advance(300.);
	sent = fake.n_sent;
	/* restarted: a new miss must not wait a minute */
	miss_on(ip("10.77.1.11"), 2, "acc0");
	fake_advance(11.2);
	assert_true(fake.n_sent > sent);
	answer(fake.n_sent - 1, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 1);
}

static void late_answer_settles(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	fake_advance(1.5);
	assert_int_equal(fake.n_sent, 2);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(questions_count(), 0);
	/* its second query is no longer waited for */
	assert_int_equal(server_get(s1)->in_flight, 0);
}

static void answer_while_paused_settles(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	fake.source_err = -EADDRNOTAVAIL;
	fake_advance(1.1);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(server_get(s1)->in_flight, 0);
}

static void gleaned_meanwhile_is_not_asked_again(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	fake.missing = 0;
	fake_advance(100.);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(questions_count(), 0);
	assert_int_equal(counters.given_up, 1);
}

static void module_that_cannot_be_asked_is_not_a_no(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	fake.missing = -ETIMEDOUT;
	fake_advance(5.);
	assert_true(fake.n_sent > 1);
	assert_int_equal(questions_count(), 1);
}

/* ---- leases that others claim ---- */

static void doubt(uint64_t cookie)
{
	struct miss claimed = {
		.addr = addr, .ifindex = 5, .payer = 5, .cookie = cookie,
		.doubt = true,
	};

	strcpy(claimed.port, "acc0");
	question_miss(&claimed);
	fake_advance(0.);
}

static void doubt_is_asked_of_like_a_miss(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	doubt(7);
	assert_int_equal(fake.n_sent, 1);
	fake_advance(1.5);
	assert_int_equal(fake.n_sent, 2);
	answer(1, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(fake.put[0].miss.cookie, 7);
	assert_int_equal(questions_count(), 0);
}

/* The lease stands: nobody waits for an answer any more. */
static void doubt_is_given_up_in_silence(void **state)
{
	unsigned int sent;

	(void)state;
	use_server(s1, g1);
	prove(s1);
	doubt(7);
	fake_advance(60.);
	sent = fake.n_sent;
	assert_int_equal(sent, config.tries);
	assert_int_equal(questions_count(), 0);
	assert_int_equal(counters.given_up, 1);
	fake_advance(300.);
	assert_int_equal(fake.n_sent, sent);
	doubt(8);
	assert_true(fake.n_sent > sent);
}

/* The module keeps it against a server that knows of none. */
static void doubt_that_is_refused_ends(void **state)
{
	(void)state;
	use_server(s1, g1);
	prove(s1);
	doubt(7);
	fake.put_err = -ESTALE;
	answer(0, LG_DHCPLEASEUNKNOWN);
	assert_int_equal(questions_count(), 0);
	assert_int_equal(counters.put_stale, 1);
	assert_int_equal(counters.put_errors, 0);
	fake_advance(300.);
	assert_int_equal(fake.n_sent, 1);
}

/* Silence about the address before is no reason to wait with it. */
static void doubt_begins_a_round(void **state)
{
	unsigned int sent;

	(void)state;
	use_server(s1, g1);
	prove(s1);
	miss(1);
	fake_advance(40.);
	sent = fake.n_sent;
	fake_advance(2.);
	assert_int_equal(fake.n_sent, sent);
	doubt(7);
	fake_advance(11.);
	assert_true(fake.n_sent > sent);
	answer(fake.n_sent - 1, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.put[0].miss.cookie, 7);
}

/* The lease ends while it is asked of, and traffic misses it. */
static void doubt_that_becomes_a_miss(void **state)
{
	unsigned int sent;

	(void)state;
	use_server(s1, g1);
	prove(s1);
	doubt(7);
	fake_advance(1.5);
	miss(8);
	fake_advance(60.);
	sent = fake.n_sent;
	fake_advance(120.);
	assert_true(fake.n_sent > sent);
	assert_int_equal(questions_count(), 1);
}

/* ---- several servers ---- */

static void two_servers(void)
{
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	prove(s2);
	miss(1);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[0].server, s1);
	assert_int_equal(fake.sent[1].server, s2);
	assert_true(fake.sent[0].xid != fake.sent[1].xid);
}

/* The lease that was put is that of @client, at @circuit. */
static void assert_lease(uint8_t client, const char *circuit)
{
	const struct lease *lease;
	size_t len = circuit ? strlen(circuit) : 0;

	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	lease = &fake.put[0].lease;
	assert_int_equal(lease->hwaddr[5], client);
	assert_int_equal(lease->agent_info_len, len ? 2 + len : 0);
	if (len)
		assert_memory_equal(lease->agent_info + 2, circuit, len);
}

/* Draft -01, 6.7: one that is faster need not know better. */
static void whole_active_waits_for_who_may_know_better(void **state)
{
	(void)state;
	two_servers();
	active(1, 1, "a", 100);
	assert_int_equal(fake.n_put, 0);
	active(0, 2, "b", 40);
	assert_lease(2, "b");
	assert_int_equal(fake.put[0].lease.server, s1);
	assert_true(fake.put[0].lease.has_last_transaction);
	assert_int_equal(fake.put[0].lease.last_transaction, 40);
	assert_int_equal(server_get(s1)->in_flight, 0);
	assert_int_equal(server_get(s2)->in_flight, 0);
}

static void active_of_the_only_server_settles_at_once(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	active(0, 1, NULL, 0);
	assert_lease(1, NULL);
}

static void active_without_place_waits_for_the_others(void **state)
{
	(void)state;
	two_servers();
	fake_advance(0.1);
	active(0, 1, NULL, 0);
	fake_advance(0.5);
	assert_int_equal(fake.n_put, 0);
	active(1, 1, "a", 100);
	assert_lease(1, "a");
	assert_true(fake.put[0].at < 1000.7);
}

static void active_without_age_waits_for_the_others(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, "a", 0);
	assert_int_equal(fake.n_put, 0);
	active(1, 1, NULL, 100);
	assert_lease(1, "a");
	assert_int_equal(fake.put[0].lease.server, s2);
}

static void active_waits_one_timeout_only(void **state)
{
	(void)state;
	two_servers();
	fake_advance(0.3);
	active(0, 1, NULL, 0);
	fake_advance(0.6);
	assert_int_equal(fake.n_put, 0);
	fake_advance(0.2);
	assert_lease(1, NULL);
	assert_true(fake.put[0].at >= 1001. && fake.put[0].at < 1001.01);
}

/* Later, when the first timeout is over, nobody is waited for. */
static void late_active_waits_for_nobody(void **state)
{
	(void)state;
	two_servers();
	fake_advance(1.5);
	active(0, 1, NULL, 0);
	assert_lease(1, NULL);
}

/* It would keep traffic waiting for the turn of one that is dead. */
static void active_does_not_wait_for_a_silent_server(void **state)
{
	(void)state;
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	prove(s2);
	miss_on(ip("10.77.1.99"), 9, "acc0");
	server_get(s2)->silent = 100;
	miss(1);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, s1);
	active(2, 1, NULL, 0);
	assert_lease(1, NULL);
}

/* Whom nobody waits for any longer was silent, too: five times are enough. */
static void a_dead_partner_is_waited_for_five_times(void **state)
{
	unsigned int i;

	(void)state;
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	prove(s2);
	/* Its own timer would end behind the question. */
	fake.jitter = 1.1;
	for (i = 0; i < 5; i++) {
		fake.n_put = 0;
		miss(1 + i);
		active(2 * i, 1, NULL, 0);
		assert_int_equal(fake.n_put, 0);
		assert_int_equal(server_get(s2)->silent, i);
		fake_advance(1.);
		assert_int_equal(fake.n_put, 1);
	}
	assert_int_equal(counters.timeouts, 5);
	assert_int_equal(server_get(s2)->timeouts, 5);
	assert_int_equal(server_get(s2)->in_flight, 0);
	/* The next is its probe, the one after that is no matter of it. */
	miss_on(ip("10.77.1.99"), 6, "acc0");
	miss(7);
	assert_int_equal(fake.n_sent, 13);
	assert_int_equal(fake.sent[12].server, s1);
	fake.n_put = 0;
	active(12, 1, NULL, 0);
	assert_lease(1, NULL);
}

/* Nor is who has had no time to answer. */
static void who_was_asked_late_was_not_silent(void **state)
{
	(void)state;
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	prove(s2);
	server_get(s2)->blocked_until = 1000.5;
	miss(1);
	active(0, 1, NULL, 0);
	fake_advance(0.5);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.n_put, 0);
	fake_advance(0.5);
	assert_lease(1, NULL);
	assert_int_equal(counters.timeouts, 0);
	assert_int_equal(server_get(s2)->silent, 0);
	assert_int_equal(server_get(s2)->in_flight, 0);
}

/* Its own timer does not count it a second time. */
static void a_silence_is_counted_once(void **state)
{
	(void)state;
	two_servers();
	/* Later ends the timer of who is asked now. */
	fake.jitter = 1.1;
	miss_on(ip("10.77.1.99"), 2, "acc0");
	active(2, 1, NULL, 0);
	fake.put_err = -EINVAL;
	fake_advance(1.);
	fake.n_put = 0;
	assert_int_equal(counters.timeouts, 3);
	fake_advance(0.2);
	assert_int_equal(counters.timeouts, 3);
}

static void active_does_not_wait_for_one_that_knows_not(void **state)
{
	(void)state;
	two_servers();
	answer(1, LG_DHCPLEASEUNKNOWN);
	active(0, 1, NULL, 0);
	assert_lease(1, NULL);
}

static void smallest_last_transaction_time_wins(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 500);
	active(1, 2, NULL, 20);
	assert_lease(2, NULL);
	assert_int_equal(fake.put[0].lease.server, s2);
}

static void smallest_last_transaction_time_wins_in_any_order(void **state)
{
	(void)state;
	two_servers();
	active(0, 2, NULL, 20);
	active(1, 1, NULL, 500);
	assert_lease(2, NULL);
	assert_int_equal(fake.put[0].lease.server, s1);
}

/* One second apart decides, and of an equal age the first stands. */
static void last_transaction_times_close_together(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 101);
	active(1, 2, NULL, 100);
	assert_lease(2, NULL);
	fake.n_put = 0;
	miss(2);
	active(2, 1, NULL, 100);
	active(3, 2, NULL, 100);
	assert_lease(1, NULL);
}

/* Who was asked for long says how old it is when it says so. */
static void times_go_on_while_others_are_waited_for(void **state)
{
	(void)state;
	config.timeout_first = 40.;
	config.timeout_max = 40.;
	two_servers();
	active(0, 1, NULL, 10);
	fake_advance(30.);
	active(1, 2, NULL, 35);
	assert_lease(2, NULL);
	assert_int_equal(fake.put[0].lease.expires, 592);
	fake.n_put = 0;
	/* What is left of the lease is that, too. */
	miss(2);
	active(2, 1, NULL, 10);
	fake_advance(39.);
	assert_int_equal(fake.n_put, 0);
	fake_advance(1.);
	assert_lease(1, NULL);
	assert_int_equal(fake.put[0].lease.expires, 552);
}

/* The partner was in touch last, but does not know where the client is. */
static void place_is_kept_from_whoever_has_it(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 20);
	active(1, 1, "a", 500);
	assert_lease(1, "a");
	assert_int_equal(fake.put[0].lease.server, s1);
}

static void place_of_another_client_is_not_kept(void **state)
{
	(void)state;
	two_servers();
	active(0, 2, NULL, 20);
	active(1, 1, "a", 500);
	assert_lease(2, NULL);
}

static void age_is_preferred_to_none(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 0);
	active(1, 2, NULL, 500);
	assert_lease(2, NULL);
}

static void place_is_preferred_to_none(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 0);
	active(1, 2, "a", 0);
	assert_lease(2, "a");
}

/* It was given back to the server that says so. */
static void unassigned_of_late_beats_active_of_old(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 500);
	answer_with(1, LG_DHCPLEASEUNASSIGNED, &(struct says){ .ago = 20 });
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(fake.put[0].lease.server, s2);
}

static void active_of_late_beats_unassigned_of_old(void **state)
{
	(void)state;
	two_servers();
	answer_with(0, LG_DHCPLEASEUNASSIGNED, &(struct says){ .ago = 500 });
	active(1, 1, "a", 20);
	assert_lease(1, "a");
}

static void active_answered_twice_is_one_answer(void **state)
{
	(void)state;
	two_servers();
	active(0, 1, NULL, 500);
	active(0, 2, "b", 20);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(counters.refused_xid, 1);
	fake_advance(1.);
	assert_lease(1, NULL);
}

/* The place decides which port it is put on, whoever told it. */
static void port_is_that_of_the_merged_place(void **state)
{
	(void)state;
	fake.access_name = "acc7";
	fake.access_index = 17;
	two_servers();
	active(0, 1, NULL, 20);
	active(1, 1, "acc7", 500);
	assert_lease(1, "acc7");
	assert_int_equal(fake.put[0].lease.ifindex, 17);
}

static void active_beats_unassigned(void **state)
{
	(void)state;
	two_servers();
	answer(0, LG_DHCPLEASEUNASSIGNED);
	assert_int_equal(fake.n_put, 0);
	fake_advance(0.5);
	assert_int_equal(fake.n_put, 0);
	answer(1, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
}

static void unassigned_waits_one_timeout_only(void **state)
{
	(void)state;
	two_servers();
	fake_advance(0.3);
	answer(0, LG_DHCPLEASEUNASSIGNED);
	fake_advance(0.6);
	assert_int_equal(fake.n_put, 0);
	fake_advance(0.2);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	assert_true(fake.put[0].at >= 1001. && fake.put[0].at < 1001.01);
	assert_int_equal(fake.put[0].lease.server, s1);
}

/* Who was asked again, or first, a moment before has its time to answer, too. */
static void late_unassigned_waits_for_who_was_asked_late(void **state)
{
	(void)state;
	two_servers();
	fake_advance(1.01);
	assert_int_equal(fake.n_sent, 4);
	assert_int_equal(fake.sent[3].server, s2);
	answer(2, LG_DHCPLEASEUNASSIGNED);
	assert_int_equal(fake.n_put, 0);
	active(3, 1, NULL, 0);
	assert_lease(1, NULL);
}

static void late_unassigned_waits_one_timeout_only(void **state)
{
	(void)state;
	two_servers();
	fake_advance(1.5);
	answer(2, LG_DHCPLEASEUNASSIGNED);
	fake_advance(0.4);
	assert_int_equal(fake.n_put, 0);
	fake_advance(0.2);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	assert_true(fake.put[0].at >= 1002. && fake.put[0].at < 1002.01);
}

/* Its turn has not come yet. */
static void late_unassigned_waits_for_a_queue(void **state)
{
	(void)state;
	two_servers();
	server_get(s2)->blocked_until = 1001.9;
	fake_advance(1.5);
	assert_int_equal(fake.n_sent, 3);
	answer(2, LG_DHCPLEASEUNASSIGNED);
	fake_advance(0.5);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(fake.n_sent, 4);
	active(3, 1, NULL, 0);
	assert_lease(1, NULL);
}

static void unassigned_by_all_settles_at_once(void **state)
{
	(void)state;
	two_servers();
	answer(0, LG_DHCPLEASEUNASSIGNED);
	answer(1, LG_DHCPLEASEUNASSIGNED);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
}

static void unassigned_beats_unknown(void **state)
{
	(void)state;
	two_servers();
	answer(0, LG_DHCPLEASEUNKNOWN);
	assert_int_equal(fake.n_put, 0);
	answer(1, LG_DHCPLEASEUNASSIGNED);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(fake.put[0].lease.server, s2);
}

static void unknown_needs_all(void **state)
{
	(void)state;
	two_servers();
	answer(1, LG_DHCPLEASEUNKNOWN);
	fake_advance(0.5);
	assert_int_equal(fake.n_put, 0);
	answer(0, LG_DHCPLEASEUNKNOWN);
	assert_put(1, LEASEGLEAN_STATE_UNKNOWN);
}

static void unknown_and_silence_is_not_unknown(void **state)
{
	unsigned int i, to_s1 = 0, to_s2 = 0;

	(void)state;
	config.hold_unknown = 3600;
	two_servers();
	answer(0, LG_DHCPLEASEUNKNOWN);
	fake_advance(600.);
	assert_int_equal(fake.n_put, 0);
	for (i = 0; i < fake.n_sent; i++) {
		to_s1 += fake.sent[i].server == s1;
		to_s2 += fake.sent[i].server == s2;
	}
	/* the one that said so is left alone about this address */
	assert_int_equal(to_s1, 1);
	assert_true(to_s2 > 10);
	/* the other comes back */
	answer(fake.n_sent - 1, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
}

static unsigned int sent_to(__be32 server)
{
	unsigned int i, n = 0;

	for (i = 0; i < fake.n_sent; i++)
		n += fake.sent[i].server == server;
	return n;
}

/* Draft -01, 6.5: even after another server settled the question. */
static void unknown_silences_its_server_for_long(void **state)
{
	(void)state;
	two_servers();
	answer(0, LG_DHCPLEASEUNKNOWN);
	answer(1, LG_DHCPLEASEUNASSIGNED);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	fake_advance(61.);
	miss(2);
	assert_int_equal(sent_to(s1), 1);
	assert_int_equal(sent_to(s2), 2);
	answer(2, LG_DHCPLEASEUNASSIGNED);
	assert_int_equal(fake.n_put, 2);
	/* about this address only */
	miss_on(ip("10.77.1.11"), 3, "acc0");
	assert_int_equal(sent_to(s1), 2);
	answer(fake.n_sent - 1, LG_DHCPLEASEUNASSIGNED);
	/* and not for ever */
	fake_advance(config.hold_unknown);
	miss(4);
	assert_int_equal(sent_to(s1), 3);
}

/* The operator cleared the table: the answer may be another by now. */
static void unknown_by_all_is_asked_anew(void **state)
{
	(void)state;
	two_servers();
	answer(0, LG_DHCPLEASEUNKNOWN);
	answer(1, LG_DHCPLEASEUNKNOWN);
	assert_put(1, LEASEGLEAN_STATE_UNKNOWN);
	miss(2);
	assert_int_equal(fake.n_sent, 4);
	active(2, 1, "a", 5);
	answer(3, LG_DHCPLEASEUNKNOWN);
	assert_put(2, LEASEGLEAN_STATE_ACTIVE);
}

/* The module would not have it the first time. */
static void unknown_by_all_is_put_again(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	fake.put_err = -ENOMEM;
	answer(0, LG_DHCPLEASEUNKNOWN);
	assert_int_equal(questions_count(), 1);
	fake.put_err = 0;
	fake_advance(60.);
	assert_put(1, LEASEGLEAN_STATE_UNKNOWN);
	/* without asking again */
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(questions_count(), 0);
}

/* ---- turns ---- */

/*
 * Interface 5 has many addresses asked for that lie on @port, then @payer one
 * on acc0: how many answers it takes until that one is asked for.
 */
static unsigned int answers_before(const char *port, uint32_t payer)
{
	const __be32 waits = ip("10.77.1.200");
	unsigned int i, n;

	use_server(s1, g1);
	prove(s1);
	config.in_flight = 4;
	for (i = 1; i <= 40; i++)
		miss_paid(htonl(ntohl(ip("10.77.2.0")) + i), i, port, 5);
	assert_int_equal(fake.n_sent, 4);
	miss_paid(waits, 99, "acc0", payer);
	for (n = 0; n < 41 && fake.sent[fake.n_sent - 1].addr != waits; n++) {
		answer(n, LG_DHCPLEASEUNASSIGNED);
		fake_advance(0.);
	}
	return n;
}

static void ports_take_turns(void **state)
{
	(void)state;
	assert_in_range(answers_before("acc1", 6), 1, 2);
}

/* He waits his own turn, not that of those whose addresses he tries. */
static void scanner_of_another_port_takes_his_own_turn(void **state)
{
	(void)state;
	assert_in_range(answers_before("acc0", 6), 1, 2);
}

static void one_port_has_one_turn(void **state)
{
	(void)state;
	assert_int_equal(answers_before("acc1", 5), 37);
}

/* ---- ranks: a primary and a secondary ---- */

static void primary_and_secondary(void)
{
	use_server(s1, g1);
	use_server(s2, g1);
	config.servers[1].rank = 2;
}

static void both_proven(void)
{
	primary_and_secondary();
	prove(s1);
	prove(s2);
	miss(1);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s1);
}

/* It has as long as any once it is asked. */
static void late_unassigned_waits_for_a_first_query(void **state)
{
	(void)state;
	both_proven();
	server_get(s2)->blocked_until = 1001.9;
	fake_advance(1.5);
	assert_int_equal(fake.n_sent, 2);
	answer(1, LG_DHCPLEASEUNASSIGNED);
	fake_advance(0.5);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, s2);
	fake_advance(0.8);
	assert_int_equal(fake.n_put, 0);
	active(2, 1, NULL, 0);
	assert_lease(1, NULL);
}

static void secondary_is_not_asked_beside_the_primary(void **state)
{
	(void)state;
	both_proven();
	fake_advance(0.9);
	answer(0, LG_DHCPLEASEUNASSIGNED);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
	miss_on(ip("10.77.1.11"), 2, "acc0");
	active(1, 1, NULL, 0);
	assert_put(2, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].server, s1);
	assert_int_equal(questions_count(), 0);
}

static void secondary_is_asked_after_one_timeout(void **state)
{
	(void)state;
	both_proven();
	fake_advance(1.1);
	/* the primary again, too: it may only have lost one */
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[1].server, s1);
	assert_int_equal(fake.sent[2].server, s2);
	assert_true(fake.sent[2].at < 1001.1);
	active(2, 1, NULL, 0);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(fake.put[0].lease.server, s2);
}

static void secondary_is_asked_what_the_primary_knows_not(void **state)
{
	(void)state;
	both_proven();
	answer(0, LG_DHCPLEASEUNKNOWN);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].server, s2);
	answer(1, LG_DHCPLEASEUNKNOWN);
	assert_put(1, LEASEGLEAN_STATE_UNKNOWN);
	/* missed anew, they are asked anew, and in order */
	miss(2);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, s1);
}

static void primary_that_never_answered_keeps_nobody_waiting(void **state)
{
	unsigned int i;

	(void)state;
	primary_and_secondary();
	prove(s2);
	for (i = 10; i < 30; i++)
		miss_on(htonl(0x0a4d0100u + i), i, "acc0");
	/* it gets its chance, with one */
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s1);
	fake_advance(1.1);
	assert_int_equal(fake.n_sent, 1 + 20);
	for (i = 1; i < fake.n_sent; i++)
		assert_int_equal(fake.sent[i].server, s2);
	/* from then on nobody waits for it at all */
	miss_on(ip("10.77.1.40"), 40, "acc0");
	assert_int_equal(fake.n_sent, 22);
	assert_int_equal(fake.sent[21].server, s2);
}

static void secondary_is_left_alone_when_the_primary_is_back(void **state)
{
	(void)state;
	both_proven();
	server_get(s1)->silent = 5;
	miss_on(ip("10.77.1.11"), 2, "acc0");
	assert_int_equal(fake.sent[1].server, s2);
	answer(0, LG_DHCPLEASEUNASSIGNED);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, s1);
	answer(1, LG_DHCPLEASEUNASSIGNED);
	answer(2, LG_DHCPLEASEUNASSIGNED);
	assert_int_equal(fake.n_put, 2);
	miss_on(ip("10.77.1.12"), 3, "acc0");
	assert_int_equal(fake.n_sent, 4);
	assert_int_equal(fake.sent[3].server, s1);
}

static void secondary_is_asked_when_nothing_reaches_the_primary(void **state)
{
	unsigned int i, of_s2 = 0;

	(void)state;
	primary_and_secondary();
	prove(s1);
	prove(s2);
	fake.send_err = -ENETUNREACH;
	miss(1);
	assert_int_equal(fake.n_sent, 0);
	fake.send_err = 0;
	fake_advance(1.);
	for (i = 0; i < fake.n_sent; i++)
		of_s2 += fake.sent[i].server == s2;
	assert_int_equal(of_s2, 1);
}

static void ranks_are_asked_one_after_the_other(void **state)
{
	__be32 s3 = ip("198.18.0.4");

	(void)state;
	both_proven();
	use_server(s3, g1);
	config.servers[2].rank = 3;
	prove(s3);
	miss_on(ip("10.77.1.11"), 2, "acc0");
	assert_int_equal(fake.n_sent, 2);
	answer(1, LG_DHCPLEASEUNKNOWN);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, s2);
	answer(2, LG_DHCPLEASEUNKNOWN);
	assert_int_equal(fake.n_sent, 4);
	assert_int_equal(fake.sent[3].server, s3);
	answer(3, LG_DHCPLEASEUNASSIGNED);
	assert_put(1, LEASEGLEAN_STATE_UNASSIGNED);
}

/* ---- whom to ask, and where from ---- */

/* The primary says nothing of what it does not manage; the secondary does. */
static void secondary_answers_in_its_stead(void)
{
	both_proven();
	fake_advance(1.1);
	active(2, 1, "a", 5);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	/* it answers for others meanwhile: nobody doubts it */
	server_answered(server_get(s1), LEASEGLEAN_STATE_UNASSIGNED, 0.1);
}

/* Draft -01, 6.5: who manages an address is remembered. */
static void who_manages_an_address_is_asked_at_once(void **state)
{
	unsigned int of_s1, of_s2;

	(void)state;
	secondary_answers_in_its_stead();
	of_s1 = sent_to(s1);
	of_s2 = sent_to(s2);
	miss(2);
	assert_int_equal(sent_to(s1), of_s1 + 1);
	assert_int_equal(sent_to(s2), of_s2 + 1);
	/* about this address only */
	miss_on(ip("10.77.1.11"), 3, "acc0");
	assert_int_equal(sent_to(s1), of_s1 + 2);
	assert_int_equal(sent_to(s2), of_s2 + 1);
}

static void who_manages_an_address_is_remembered_for_long_only(void **state)
{
	unsigned int n;

	(void)state;
	secondary_answers_in_its_stead();
	n = fake.n_sent;
	fake_advance(config.hold_unknown);
	miss(2);
	assert_int_equal(fake.n_sent, n + 1);
	assert_int_equal(fake.sent[n].server, s1);
}

static void who_manages_an_address_no_more_is_left_alone(void **state)
{
	unsigned int i;

	(void)state;
	secondary_answers_in_its_stead();
	miss(2);
	for (i = fake.n_sent - 2; i < fake.n_sent; i++)
		if (fake.sent[i].server == s2)
			answer(i, LG_DHCPLEASEUNKNOWN);
	for (i = fake.n_sent - 2; i < fake.n_sent; i++)
		if (fake.sent[i].server == s1)
			answer(i, LG_DHCPLEASEUNASSIGNED);
	assert_put(2, LEASEGLEAN_STATE_UNASSIGNED);
	fake_advance(61.);
	miss(3);
	fake_advance(5.);
	assert_int_equal(sent_to(s2), 2);
}

static void servers_are_for_their_ports(void **state)
{
	(void)state;
	use_server(s1, g1);
	use_server(s2, g1);
	prove(s1);
	prove(s2);
	config.servers[0].n_for_ports = 1;
	strcpy(config.servers[0].for_ports[0], "acc0");
	config.servers[1].n_for_ports = 1;
	strcpy(config.servers[1].for_ports[0], "acc1.*");
	miss(1);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s1);
	miss_on(ip("10.77.2.10"), 2, "acc1.100");
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].server, s2);
	/* nobody knows those of this one */
	miss_on(ip("10.77.3.10"), 3, "acc1");
	assert_int_equal(fake.n_sent, 2);
}

static void servers_are_for_their_giaddrs(void **state)
{
	(void)state;
	relays_note("acc0", g1, s1);
	relays_note("acc1", g2, s1);
	use_server(s1, 0);
	use_server(s2, 0);
	prove(s1);
	prove(s2);
	config.servers[1].n_for_giaddrs = 1;
	config.servers[1].for_giaddrs[0] = g2;
	miss(1);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s1);
	/* one that is for all is asked, too */
	miss_on(ip("10.77.2.10"), 2, "acc1");
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, s2);
	assert_int_equal(fake.sent[2].giaddr, g2);
}

static void relays_own_servers_and_giaddrs(void **state)
{
	(void)state;
	relays_note("acc0", g1, s1);
	relays_note("acc1", g2, s2);
	prove(s1);
	prove(s2);
	miss_on(ip("10.77.2.10"), 1, "acc1");
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s2);
	assert_int_equal(fake.sent[0].giaddr, g2);
	/* a port that no relay was seen on: all servers seen anywhere */
	miss_on(ip("10.77.3.10"), 2, "acc2");
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[1].server, s1);
	assert_int_equal(fake.sent[1].giaddr, g1);
	assert_int_equal(fake.sent[2].server, s2);
	assert_int_equal(fake.sent[2].giaddr, g2);
}

static void configured_servers_win(void **state)
{
	(void)state;
	relays_note("acc0", g1, s1);
	use_server(s2, 0);
	miss(1);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s2);
	/* from where the relay agent asks on that port */
	assert_int_equal(fake.sent[0].giaddr, g1);
}

static void configured_giaddrs_win(void **state)
{
	(void)state;
	relays_note("acc0", g1, s1);
	config.giaddrs[config.n_giaddrs++] = g2;
	miss(1);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.sent[0].server, s1);
	assert_int_equal(fake.sent[0].giaddr, g2);
}

static void several_giaddrs_take_turns(void **state)
{
	(void)state;
	use_server(s1, 0);
	config.giaddrs[config.n_giaddrs++] = g2;
	config.giaddrs[config.n_giaddrs++] = g1;
	relays_note("acc0", g1, s2);
	prove(s1);
	miss(1);
	fake_advance(1.);
	assert_int_equal(fake.n_sent, 2);
	/* the one in use on the port is the best guess */
	assert_int_equal(fake.sent[0].giaddr, g1);
	assert_int_equal(fake.sent[1].giaddr, g2);
	answer(1, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(fake.put[0].lease.giaddr, g2);
}

static void reply_to_a_giaddr_not_asked_from_is_refused(void **state)
{
	struct message m;
	struct reply reply;

	(void)state;
	use_server(s1, 0);
	config.giaddrs[config.n_giaddrs++] = g1;
	config.giaddrs[config.n_giaddrs++] = g2;
	miss(1);
	message_active(&m, fake.sent[0].xid, addr, g2);
	reply = (struct reply){ .xid = fake.sent[0].xid, .server = s1,
		.giaddr = g2, .message = m.bytes, .len = m.len };
	ask_reply(&reply);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(counters.refused_giaddr, 1);
	assert_int_equal(questions_count(), 1);
}

static void nobody_known_waits_for_a_relay(void **state)
{
	(void)state;
	miss(1);
	fake_advance(5.);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(questions_count(), 1);
	relays_note("acc0", g1, s1);
	assert_true(relays_changed());
	questions_targets_changed();
	fake_advance(0.);
	assert_int_equal(fake.n_sent, 1);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 1);
}

static void nobody_known_is_forgotten_when_not_needed(void **state)
{
	(void)state;
	miss(1);
	fake.missing = 0;
	fake_advance(61.);
	assert_int_equal(questions_count(), 0);
}

/* ---- what goes wrong on this host ---- */

static void no_route_is_not_silence(void **state)
{
	(void)state;
	use_server(s1, g1);
	fake.send_err = -ENETUNREACH;
	miss(1);
	fake_advance(120.);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(counters.timeouts, 0);
	assert_true(counters.send_errors > 10);
	assert_true(counters.send_errors < 100);
	/* the route comes: within moments it is asked and answered */
	fake.send_err = 0;
	fake_advance(6.);
	assert_int_equal(fake.n_sent, 1);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 1);
}

/* An operator who was told of the one has not heard of the other. */
static void silence_and_no_route_are_both_told(void **state)
{
	FILE *f = tmpfile();
	int keep = dup(STDERR_FILENO);
	char said[1024];
	size_t n;

	(void)state;
	assert_non_null(f);
	use_server(s1, g1);
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	miss(1);
	fake_advance(1.1);
	fake.send_err = -ENETUNREACH;
	fake_advance(12.);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	assert_non_null(strstr(said, "does not answer"));
	assert_non_null(strstr(said, "cannot reach server 198.18.0.2"));
}

static void no_address_is_not_silence(void **state)
{
	(void)state;
	use_server(s1, g1);
	fake.source_err = -EADDRNOTAVAIL;
	miss(1);
	fake_advance(120.);
	assert_int_equal(fake.n_sent, 0);
	/* not even announced */
	assert_int_equal(fake.n_open, 0);
	fake.source_err = 0;
	fake_advance(6.);
	assert_int_equal(fake.n_sent, 1);
}

static void not_announced_is_not_sent(void **state)
{
	(void)state;
	use_server(s1, g1);
	fake.open_err = -ENOSPC;
	miss(1);
	fake_advance(20.);
	assert_int_equal(fake.n_sent, 0);
	assert_true(counters.open_errors > 3);
	fake.open_err = 0;
	fake_advance(6.);
	assert_int_equal(fake.n_sent, 1);
}

static void stale_put_ends_the_question(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	fake.put_err = -ESTALE;
	fake.missing = 0;
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(questions_count(), 0);
	assert_int_equal(counters.put_stale, 1);
	assert_int_equal(fake.n_put, 0);
}

/* The miss ended and came back while the server thought. */
static void stale_put_of_a_new_miss_is_repeated(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	fake.put_err_once = -ESTALE;
	fake.cookie = 9;
	answer(0, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(fake.put[0].miss.cookie, 9);
	assert_int_equal(fake.n_sent, 1);
}

static void refused_put_is_tried_later(void **state)
{
	(void)state;
	use_server(s1, g1);
	miss(1);
	fake.put_err = -ENOMEM;
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(questions_count(), 1);
	assert_int_equal(counters.put_errors, 1);
	fake.put_err = 0;
	fake_advance(50.);
	assert_int_equal(fake.n_sent, 1);
	fake_advance(5.);
	assert_int_equal(fake.n_sent, 2);
	answer(1, LG_DHCPLEASEACTIVE);
	assert_put(1, LEASEGLEAN_STATE_ACTIVE);
}

static void too_many_are_left_with_the_module(void **state)
{
	char text[32];
	unsigned int i;

	(void)state;
	use_server(s1, g1);
	prove(s1);
	config.questions_max = 10;
	for (i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "10.77.1.%u", 10 + i);
		miss_on(ip(text), i + 1, "acc0");
	}
	assert_int_equal(questions_count(), 10);
	assert_int_equal(counters.misses_full, 10);
	for (i = 0; i < 4; i++)
		answer(i, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_resync, 0);
	answer(4, LG_DHCPLEASEACTIVE);
	/* there is room again: they are read from the module */
	assert_int_equal(fake.n_resync, 1);
}

static void module_gone_clears_all(void **state)
{
	(void)state;
	two_servers();
	questions_clear();
	assert_int_equal(questions_count(), 0);
	assert_int_equal(server_get(s1)->in_flight, 0);
	fake_advance(300.);
	assert_int_equal(fake.n_sent, 2);
	answer(0, LG_DHCPLEASEACTIVE);
	assert_int_equal(fake.n_put, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(one_query_one_put),
	TEST(unassigned_of_the_only_server_settles_at_once),
	TEST(unknown_of_the_only_server_settles),
	TEST(same_miss_again_is_one_question),
	TEST(answered_twice_is_put_once),
	TEST(vrfs_are_apart),
	TEST(retries_back_off),
	TEST(silence_is_asked_again_within_a_minute),
	TEST(patience_ends_within_a_minute),
	TEST(silent_server_waits_for_no_other),
	TEST(unproven_server_gets_one_in_ten_seconds),
	TEST(first_answer_opens_the_flood),
	TEST(silent_server_is_found_again_soon),
	TEST(late_answer_settles),
	TEST(answer_while_paused_settles),
	TEST(gleaned_meanwhile_is_not_asked_again),
	TEST(module_that_cannot_be_asked_is_not_a_no),
	TEST(doubt_is_asked_of_like_a_miss),
	TEST(doubt_is_given_up_in_silence),
	TEST(doubt_that_is_refused_ends),
	TEST(doubt_begins_a_round),
	TEST(doubt_that_becomes_a_miss),
	TEST(whole_active_waits_for_who_may_know_better),
	TEST(active_of_the_only_server_settles_at_once),
	TEST(active_without_place_waits_for_the_others),
	TEST(active_without_age_waits_for_the_others),
	TEST(active_waits_one_timeout_only),
	TEST(late_active_waits_for_nobody),
	TEST(active_does_not_wait_for_a_silent_server),
	TEST(a_dead_partner_is_waited_for_five_times),
	TEST(who_was_asked_late_was_not_silent),
	TEST(a_silence_is_counted_once),
	TEST(active_does_not_wait_for_one_that_knows_not),
	TEST(smallest_last_transaction_time_wins),
	TEST(smallest_last_transaction_time_wins_in_any_order),
	TEST(last_transaction_times_close_together),
	TEST(times_go_on_while_others_are_waited_for),
	TEST(place_is_kept_from_whoever_has_it),
	TEST(place_of_another_client_is_not_kept),
	TEST(age_is_preferred_to_none),
	TEST(place_is_preferred_to_none),
	TEST(unassigned_of_late_beats_active_of_old),
	TEST(active_of_late_beats_unassigned_of_old),
	TEST(active_answered_twice_is_one_answer),
	TEST(port_is_that_of_the_merged_place),
	TEST(active_beats_unassigned),
	TEST(unassigned_waits_one_timeout_only),
	TEST(late_unassigned_waits_for_who_was_asked_late),
	TEST(late_unassigned_waits_one_timeout_only),
	TEST(late_unassigned_waits_for_a_queue),
	TEST(late_unassigned_waits_for_a_first_query),
	TEST(unassigned_by_all_settles_at_once),
	TEST(unassigned_beats_unknown),
	TEST(unknown_needs_all),
	TEST(unknown_and_silence_is_not_unknown),
	TEST(unknown_silences_its_server_for_long),
	TEST(unknown_by_all_is_asked_anew),
	TEST(unknown_by_all_is_put_again),
	TEST(ports_take_turns),
	TEST(scanner_of_another_port_takes_his_own_turn),
	TEST(one_port_has_one_turn),
	TEST(secondary_is_not_asked_beside_the_primary),
	TEST(secondary_is_asked_after_one_timeout),
	TEST(secondary_is_asked_what_the_primary_knows_not),
	TEST(primary_that_never_answered_keeps_nobody_waiting),
	TEST(secondary_is_left_alone_when_the_primary_is_back),
	TEST(secondary_is_asked_when_nothing_reaches_the_primary),
	TEST(ranks_are_asked_one_after_the_other),
	TEST(who_manages_an_address_is_asked_at_once),
	TEST(who_manages_an_address_is_remembered_for_long_only),
	TEST(who_manages_an_address_no_more_is_left_alone),
	TEST(servers_are_for_their_ports),
	TEST(servers_are_for_their_giaddrs),
	TEST(relays_own_servers_and_giaddrs),
	TEST(configured_servers_win),
	TEST(configured_giaddrs_win),
	TEST(several_giaddrs_take_turns),
	TEST(reply_to_a_giaddr_not_asked_from_is_refused),
	TEST(nobody_known_waits_for_a_relay),
	TEST(nobody_known_is_forgotten_when_not_needed),
	TEST(no_route_is_not_silence),
	TEST(silence_and_no_route_are_both_told),
	TEST(no_address_is_not_silence),
	TEST(not_announced_is_not_sent),
	TEST(stale_put_ends_the_question),
	TEST(stale_put_of_a_new_miss_is_repeated),
	TEST(refused_put_is_tried_later),
	TEST(too_many_are_left_with_the_module),
	TEST(module_gone_clears_all),
};

const struct fake_tests question_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
