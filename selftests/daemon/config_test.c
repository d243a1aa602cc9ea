// SPDX-License-Identifier: GPL-2.0
/* What a configuration file may say, and that nothing else passes. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "message.h"

static char path[64];

static int set_up(void **state)
{
	int fd;

	(void)state;
	fake_reset();
	strcpy(path, "/tmp/config-test.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	config_free();
	return 0;
}

static int reads(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	config_defaults();
	return config_read(path);
}

/* What config_read() says about @text: the daemon's standard error. */
static const char *complaint(const char *text)
{
	static char said[1024];
	FILE *f = tmpfile();
	int keep = dup(STDERR_FILENO), err;
	size_t n;

	assert_non_null(f);
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	err = reads(text);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	assert_true(!err == !n);
	return said;
}

static const char everything[] =
	"# a comment\n"
	"[leasegleand]\n"
	"state-dir = /var/tmp/x\n"
	"  giaddr = 10.77.1.1, 10.77.2.1 10.77.3.1\n"
	"\n"
	"[server 198.18.0.2]\n"
	"[server  198.18.0.3 ] ; another\n"
	"giaddr=10.77.9.1 ; where from\n"
	"[port acc1.100]\n"
	"role = access\n"
	"budget = 100/500\n"
	"circuit-id = 0004AbcD\n"
	"[port acc2]\r\n"
	"role = trusted\r\n"
	"[query]\n"
	"timeout-first = 250ms\ntimeout-max = 0.5m\ntries = 3\n"
	"in-flight = 8\nslow = 20\nquestions-max = 1000\n"
	"hold-unassigned = 5\nhold-unknown = 2m";

static void everything_is_taken(void **state)
{
	static const uint8_t id[] = { 0, 4, 0xab, 0xcd };

	(void)state;
	assert_int_equal(reads(everything), 0);
	assert_string_equal(config.state_dir, "/var/tmp/x");
	assert_int_equal(config.n_giaddrs, 3);
	assert_int_equal(config.giaddrs[2], ip("10.77.3.1"));
	/* a section without keys counts */
	assert_int_equal(config.n_servers, 2);
	assert_int_equal(config.servers[0].addr, ip("198.18.0.2"));
	assert_int_equal(config.servers[0].giaddr, 0);
	assert_int_equal(config.servers[1].giaddr, ip("10.77.9.1"));
	assert_int_equal(config.n_ports, 2);
	assert_string_equal(config.ports[0].name, "acc1.100");
	assert_int_equal(config.ports[0].role, LEASEGLEAN_ROLE_ACCESS);
	assert_int_equal(config.ports[0].rate, 100);
	assert_int_equal(config.ports[0].burst, 500);
	assert_int_equal(config.ports[0].circuit_id_len, sizeof(id));
	assert_memory_equal(config.ports[0].circuit_id, id, sizeof(id));
	assert_int_equal(config.ports[1].role, LEASEGLEAN_ROLE_TRUSTED);
	assert_true(config.timeout_first == 0.25);
	assert_true(config.timeout_max == 30.);
	assert_true(config.slow == 20.);
	assert_int_equal(config.tries, 3);
	assert_int_equal(config.in_flight, 8);
	assert_int_equal(config.questions_max, 1000);
	assert_int_equal(config.hold_unassigned, 5);
	assert_int_equal(config.hold_unknown, 120);
}

static void nothing_is_enough(void **state)
{
	(void)state;
	assert_int_equal(reads(""), 0);
	assert_string_equal(config.state_dir, "/var/lib/leaseglean");
	assert_int_equal(config.n_servers, 0);
}

static void example_is_good(void **state)
{
	(void)state;
	assert_non_null(getenv("LG_EXAMPLE_CONF"));
	assert_int_equal(config_read(getenv("LG_EXAMPLE_CONF")), 0);
}

/* Each with the line that is at fault, and a word of the reason. */
static void the_rest_is_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *reason;
	} bad[] = {
		{ "tries = 3\n", 1, "outside of a section" },
		{ "[querry]\n", 1, "unknown section" },
		{ "[port]\n", 1, "unknown section" },
		{ "\n[server]\n", 2, "unknown section" },
		{ "[query\n", 1, "without its ]" },
		{ "[query] tries = 3\n", 1, "behind the ]" },
		{ "[query]\ntrys = 3\n", 2, "unknown key" },
		{ "[query]\ntries\n", 2, "neither" },
		{ "[query]\n\n\ntries = 0\n", 4, "not within" },
		{ "[query]\ntries = 21\n", 2, "not within" },
		{ "[query]\ntries = -1\n", 2, "not a number" },
		{ "[query]\ntries = 3x\n", 2, "not a number" },
		{ "[query]\ntries =\n", 2, "not a number" },
		{ "[query]\ntries = 99999999999999999999\n", 2, "not within" },
		{ "[query]\ntries = 3\ntries = 3\n", 3, "given twice" },
		{ "[query]\ntimeout-first = 1h\n", 2, "not a time" },
		{ "[query]\ntimeout-first = 1e3\n", 2, "not a time" },
		{ "[query]\ntimeout-first = nan\n", 2, "not a time" },
		{ "[query]\ntimeout-first = 0\n", 2, "not within" },
		{ "[query]\nslow = 61s\n", 2, "not within" },
		{ "[query]\nhold-unknown = 0\n", 2, "not within" },
		{ "[server 198.18.0]\n", 1, "not an IPv4 address" },
		{ "[server dhcp.example]\n", 1, "not an IPv4 address" },
		{ "[server 0.0.0.0]\n", 1, "a host can have" },
		{ "[server 224.0.0.1]\n", 1, "a host can have" },
		{ "[server 255.255.255.255]\n", 1, "a host can have" },
		{ "[server 198.18.0.2]\n[server 198.18.0.2]\n", 2, "twice" },
		{ "[server 198.18.0.2]\nrole = access\n", 2, "unknown key" },
		{ "[server 198.18.0.2]\ngiaddr = x\n", 2, "not an IPv4" },
		{ "[leasegleand]\nstate-dir = var\n", 2, "absolute" },
		{ "[leasegleand]\ngiaddr = 10.77.1.1,x\n", 2, "not an IPv4" },
		{ "[leasegleand]\ngiaddr = 10.7.1.1,10.7.1.1\n", 2, "twice" },
		{ "[port acc0]\n[port acc0]\n", 2, "twice" },
		{ "[port a/b]\n", 1, "not an interface name" },
		{ "[port abcdefghijklmnop]\n", 1, "not an interface name" },
		{ "[port acc0]\nrole = Access\n", 2, "not a role" },
		{ "[port acc0]\nbudget = 100\n", 2, "not a budget" },
		{ "[port acc0]\nbudget = 0/5\n", 2, "not within" },
		{ "[port acc0]\nbudget = 5/30001\n", 2, "not within" },
		{ "[port acc0]\ncircuit-id = 123\n", 2, "pairs" },
		{ "[port acc0]\ncircuit-id = 12zz\n", 2, "pairs" },
		{ "[port acc0]\ncircuit-id =\n", 2, "pairs" },
	};
	char where[128];
	const char *said;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		said = complaint(bad[i].text);
		snprintf(where, sizeof(where), "%s:%u: ", path, bad[i].line);
		if (!strstr(said, where) || !strstr(said, bad[i].reason))
			fail_msg("of \"%s\" it says: %s", bad[i].text, said);
	}
}

static void long_lines_are_refused(void **state)
{
	char text[8192];
	size_t len;

	(void)state;
	for (len = 150; len < 4200; len += 50) {
		snprintf(text, sizeof(text), "[leasegleand]\nstate-dir = /%0*d\n",
			 (int)len, 0);
		if (len > 200)
			assert_non_null(strstr(complaint(text), ":2: "));
		else
			complaint(text);
	}
}

static void missing_file_is_refused(void **state)
{
	(void)state;
	unlink(path);
	assert_true(config_read(path) < 0);
}

static void values_must_go_together(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(reads("[query]\ntimeout-first = 20s\n"), 0);
	assert_true(config_check(&reason) < 0);
	assert_non_null(strstr(reason, "timeout-max"));
	assert_int_equal(reads("[port a]\ncircuit-id = 01\n"
			       "[port b]\ncircuit-id = 01\n"), 0);
	assert_true(config_check(&reason) < 0);
	assert_int_equal(reads("[port a]\ncircuit-id = 01\n"
			       "[port b]\ncircuit-id = 0100\n"), 0);
	assert_int_equal(config_check(&reason), 0);
}

static void command_line_addresses(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(config_add_server("198.18.0.2", &reason), 0);
	assert_true(config_add_server("198.18.0.2", &reason) < 0);
	assert_string_equal(reason, "given twice");
	assert_true(config_add_server("", &reason) < 0);
	assert_int_equal(config_add_giaddr("10.77.1.1", &reason), 0);
	assert_true(config_add_giaddr("10.77.1.1", &reason) < 0);
	assert_true(config_add_giaddr("10.77.1.1/24", &reason) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(everything_is_taken),
	TEST(nothing_is_enough),
	TEST(example_is_good),
	TEST(the_rest_is_refused),
	TEST(long_lines_are_refused),
	TEST(missing_file_is_refused),
	TEST(values_must_go_together),
	TEST(command_line_addresses),
};

const struct fake_tests config_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
