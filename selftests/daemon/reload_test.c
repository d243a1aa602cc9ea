// SPDX-License-Identifier: GPL-2.0
/*
 * Another configuration comes into force while questions are under way, in
 * simulated time: nothing that is pending is lost, and what is new counts.
 */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
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

#define SERVER		"[server 198.18.0.2]\ngiaddr = 10.77.1.1\n"
#define OTHER_SERVER	"[server 198.18.0.3]\ngiaddr = 10.77.1.1\n"
#define SERVER_PORT	"[port acc0]\nrole = access\n"

static char path[64];

static int set_up(void **state)
{
	int fd;

	(void)state;
	fake_reset();
	log_open(&(struct log_style){ .json = false });
	strcpy(path, "/tmp/reload-test.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	questions_clear();
	managed_free();
	servers_free();
	relays_close();
	config_free(&config);
	assert_int_equal(fake_timers(), 0);
	return 0;
}

/* As the daemon does on SIGHUP. */
static int reload(const char *text)
{
	FILE *f = fopen(path, "w");
	struct config c;
	int err;

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	config_defaults(&c);
	err = config_read(&c, path);
	if (!err) {
		config_use(&c);
		servers_reconfigured();
		questions_reconfigured();
	}
	config_free(&c);
	fake_advance(0.);
	return err;
}

static void miss(unsigned int n)
{
	struct miss one = { .ifindex = 5, .cookie = n, .port = "acc0" };
	char text[32];

	snprintf(text, sizeof(text), "10.77.1.%u", n);
	one.addr = ip(text);
	question_miss(&one);
	fake_advance(0.);
}

/* The server has an answer to query number @n. */
static void answer(unsigned int n)
{
	const struct fake_query *q = &fake.sent[n];
	struct message m;
	struct reply reply = {
		.xid = q->xid, .server = q->server, .giaddr = q->giaddr,
		.message = m.bytes,
	};

	assert_true(n < fake.n_sent);
	message_active(&m, q->xid, q->addr, q->giaddr);
	reply.len = m.len;
	ask_reply(&reply);
	fake_advance(0.);
}

static void new_takes_the_place_of_the_old(void **state)
{
	(void)state;
	assert_int_equal(reload("[query]\ntries = 3\n" SERVER SERVER_PORT), 0);
	assert_int_equal(config.tries, 3);
	assert_int_equal(config.n_ports, 1);
	/* what is not said any more is the default again */
	assert_int_equal(reload("[query]\nslow = 20s\n"), 0);
	assert_int_equal(config.tries, 5);
	assert_true(config.slow == 20.);
	assert_int_equal(config.n_servers, 0);
	assert_int_equal(config.n_ports, 0);
}

static void refused_file_changes_nothing(void **state)
{
	struct config was;

	(void)state;
	assert_int_equal(reload("[query]\ntries = 3\n" SERVER SERVER_PORT), 0);
	was = config;
	miss(10);
	/* it is wrong at its very end: all before it was read */
	assert_true(reload("[query]\ntries = 7\n" OTHER_SERVER
			   "[port acc1]\nrole = trusted\n[port acc1]\n") < 0);
	assert_memory_equal(&config, &was, sizeof(was));
	assert_string_equal(config.ports->name, "acc0");
	answer(0);
	assert_int_equal(fake.n_put, 1);
}

static void under_way_goes_on(void **state)
{
	(void)state;
	assert_int_equal(reload(SERVER), 0);
	miss(10);
	assert_int_equal(fake.n_sent, 1);
	/* the server that is being asked is not configured any more */
	assert_int_equal(reload(OTHER_SERVER), 0);
	assert_int_equal(questions_count(), 1);
	assert_int_equal(fake.n_sent, 1);
	answer(0);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(fake.put[0].miss.cookie, 10);
	/* but for what comes now the new one is */
	miss(11);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].server, ip("198.18.0.3"));
}

/* Silence of the old one: the new one is asked when that is seen. */
static void in_flight_is_waited_for_once(void **state)
{
	(void)state;
	assert_int_equal(reload(SERVER), 0);
	server_get(ip("198.18.0.2"))->proven = true;
	miss(10);
	assert_int_equal(reload(OTHER_SERVER), 0);
	fake_advance(0.9);
	assert_int_equal(fake.n_sent, 1);
	fake_advance(0.2);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(fake.sent[1].server, ip("198.18.0.3"));
	answer(1);
	assert_int_equal(fake.n_put, 1);
	fake_advance(300.);
	assert_int_equal(fake.n_sent, 2);
}

/* It knows nothing: the new one may. */
static void unknown_of_the_old_one_settles_nothing(void **state)
{
	const struct fake_query *q = &fake.sent[0];
	struct message m;
	struct reply reply = { .message = m.bytes };

	(void)state;
	assert_int_equal(reload(SERVER), 0);
	miss(10);
	assert_int_equal(reload(OTHER_SERVER), 0);
	message_begin(&m, LG_DHCPLEASEUNKNOWN, q->xid, q->addr, q->giaddr);
	reply.len = m.len;
	reply.xid = q->xid;
	reply.server = q->server;
	reply.giaddr = q->giaddr;
	ask_reply(&reply);
	fake_advance(0.);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(fake.n_sent, 2);
	answer(1);
	assert_int_equal(fake.n_put, 1);
}

/* What it said is refused, and nothing is in flight that it could go on by. */
static void refused_after_a_reload_is_asked_again(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(reload(SERVER OTHER_SERVER), 0);
	server_get(ip("198.18.0.2"))->proven = true;
	server_get(ip("198.18.0.3"))->proven = true;
	miss(10);
	answer(0);
	assert_int_equal(fake.n_put, 0);
	assert_int_equal(reload(OTHER_SERVER), 0);
	fake.put_err = -ENOSPC;
	fake_advance(1.);
	assert_int_equal(counters.put_errors, 1);
	fake.put_err = 0;
	for (i = 0; i < config.slow && fake.n_sent < 3; i++)
		fake_advance(1.);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].server, ip("198.18.0.3"));
	answer(2);
	assert_int_equal(questions_count(), 0);
}

/* All but one wait in its queue, which would take hours to get through. */
static void queue_of_a_dead_server_is_left(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(reload(SERVER), 0);
	server_get(ip("198.18.0.3"))->proven = true;
	for (i = 10; i < 40; i++)
		miss(i);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(reload(SERVER OTHER_SERVER), 0);
	assert_int_equal(fake.n_sent, 1 + 29);
	for (i = 1; i < 30; i++)
		answer(i);
	assert_int_equal(fake.n_put, 29);
	fake_advance(1.1);
	answer(30);
	assert_int_equal(questions_count(), 0);
}

/* The same servers: not a query more. */
static void same_targets_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(reload(SERVER OTHER_SERVER), 0);
	miss(10);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(reload("[query]\ntries = 4\n" OTHER_SERVER SERVER), 0);
	assert_int_equal(fake.n_sent, 2);
	answer(1);
	answer(0);
	assert_int_equal(fake.n_put, 1);
	fake_advance(300.);
	assert_int_equal(fake.n_sent, 2);
}

static void nobody_to_ask_is_asked_at_once(void **state)
{
	(void)state;
	miss(10);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(reload(SERVER), 0);
	assert_int_equal(fake.n_sent, 1);
	answer(0);
	assert_int_equal(fake.n_put, 1);
	assert_int_equal(fake.put[0].miss.cookie, 10);
}

static void more_in_flight_at_once(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(reload("[query]\nin-flight = 2\n" SERVER), 0);
	server_get(ip("198.18.0.2"))->proven = true;
	for (i = 10; i < 20; i++)
		miss(i);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(reload("[query]\nin-flight = 5\n" SERVER), 0);
	assert_int_equal(fake.n_sent, 5);
	/* fewer: what is out stays out, and is waited for first */
	assert_int_equal(reload("[query]\nin-flight = 1\n" SERVER), 0);
	for (i = 0; i < 4; i++)
		answer(i);
	assert_int_equal(fake.n_sent, 5);
	answer(4);
	assert_int_equal(fake.n_sent, 6);
}

static void more_questions_at_once(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(reload("[query]\nquestions-max = 4\n" SERVER), 0);
	for (i = 10; i < 20; i++)
		miss(i);
	assert_int_equal(questions_count(), 4);
	/* those that were left are read from the module, without an answer */
	assert_int_equal(fake.n_resync, 0);
	assert_int_equal(reload("[query]\nquestions-max = 100\n" SERVER), 0);
	assert_int_equal(fake.n_resync, 1);
	/* fewer: none of those that are is dropped */
	assert_int_equal(reload("[query]\nquestions-max = 1\n" SERVER), 0);
	assert_int_equal(questions_count(), 4);
}

static void timers_of_now_count(void **state)
{
	(void)state;
	assert_int_equal(reload(SERVER), 0);
	server_get(ip("198.18.0.2"))->proven = true;
	miss(10);
	assert_int_equal(reload("[query]\ntimeout-first = 3s\n" SERVER), 0);
	miss(11);
	/* one second for the query that is out, three for the new one */
	fake_advance(1.5);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(fake.sent[2].addr, ip("10.77.1.10"));
	assert_true(fake.sent[2].at == 1001.);
	fake_advance(2.);
	assert_int_equal(fake.n_sent, 4);
	assert_int_equal(fake.sent[3].addr, ip("10.77.1.11"));
	assert_true(fake.sent[3].at == 1003.);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(new_takes_the_place_of_the_old),
	TEST(refused_file_changes_nothing),
	TEST(under_way_goes_on),
	TEST(in_flight_is_waited_for_once),
	TEST(unknown_of_the_old_one_settles_nothing),
	TEST(refused_after_a_reload_is_asked_again),
	TEST(queue_of_a_dead_server_is_left),
	TEST(same_targets_are_left_alone),
	TEST(nobody_to_ask_is_asked_at_once),
	TEST(more_in_flight_at_once),
	TEST(more_questions_at_once),
	TEST(timers_of_now_count),
};

const struct fake_tests reload_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
