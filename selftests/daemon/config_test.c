// SPDX-License-Identifier: GPL-2.0
/* What a configuration file may say, and that nothing else passes. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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
	config_free(&config);
	return 0;
}

static int reads(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	config_free(&config);
	config_defaults(&config);
	return config_read(&config, path);
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
	"for-port = acc0, eth1.*\nfor-port += eth2\n"
	"for-giaddr = 10.77.1.1\nfor-giaddr += 10.77.2.1\nrank = 2\n"
	"flag-reservation = 0x2000\n"
	"dialect = draft-01\n"
	"type-query = 20\ntype-known = 21\ntype-unknown = 22\n"
	"option-last-transaction = 200\noption-associated-ip = 201\n"
	"option-host-name = 202\nreservations = yes\n"
	"options = 51, 82\noptions += 200\n"
	"bulk-port = 1067\nbulk = yes\nbulk-order = time\n"
	"bulk-relay-id = 01:02, 03\nbulk-relay-id += 04\n"
	"bulk-remote-id = 0102\n"
	"bulk-subnet = 10.77.0.0/16, 10.78.1.0/24\n"
	"bulk-subnet += 10.79.0.9\n"
	"[recovery]\norder = bulk, snapshot\nsnapshot = 5m\n"
	"[port acc1.100]\n"
	"arp = off\n"
	"role = access\n"
	"budget = 100/500\n"
	"circuit-id = 0004AbcD\n"
	"verify = permissive\n"
	"match = mac, vlan\n"
	"move = deny\n"
	"max = 64\n"
	"exclude = 10.77.2.200/29,10.77.2.9 ; a router\n"
	"exclude += 192.0.2.0/24\n"
	"[port acc2]\r\n"
	"role = trusted\r\n"
	"[answer]\n"
	"networks = 10.77.0.0/16, 10.78.0.0/16\n"
	"networks += 10.79.1.0/24\n"
	"client-queries = 7\n"
	"[requestor 198.18.0.9]\n"
	"[requestor 198.18.0.8]\n"
	"type-query = 20\ndialect = draft-00\ngiaddr = 10.77.0.1\n"
	"auth-secret = 00:01\nauth-secret += 0a\nauth = delayed\n"
	"auth-key-id = 4294967295\n"
	"[server 198.18.0.4]\nauth = token\nauth-secret = 616263\n"
	"[query]\n"
	"timeout-first = 250ms\ntimeout-max = 0.5m\ntries = 3\n"
	"in-flight = 8\nslow = 20\nquestions-max = 1000\n"
	"hold-unassigned = 5\nhold-unknown = 2m";

static void everything_of_a_port(const struct settings *set)
{
	assert_int_equal(set->has, (1u << __SETTINGS_LAST) - 1);
	assert_int_equal(set->role, LEASEGLEAN_ROLE_ACCESS);
	assert_int_equal(set->rate, 100);
	assert_int_equal(set->burst, 500);
	assert_int_equal(set->arp, LEASEGLEAN_ARP_OFF);
	assert_int_equal(set->verify, LEASEGLEAN_VERIFY_PERMISSIVE);
	assert_int_equal(set->match,
			 LEASEGLEAN_MATCH_MAC | LEASEGLEAN_MATCH_VLAN);
	assert_int_equal(set->move, LEASEGLEAN_MOVE_DENY);
	assert_int_equal(set->max_leases, 64);
	assert_int_equal(set->n_exclude, 3);
	assert_int_equal(set->exclude[0].addr, ip("10.77.2.200"));
	assert_int_equal(set->exclude[0].len, 29);
	assert_int_equal(set->exclude[1].addr, ip("10.77.2.9"));
	assert_int_equal(set->exclude[1].len, 32);
	assert_int_equal(set->exclude[2].addr, ip("192.0.2.0"));
}

static void everything_of_a_server(const struct dialect *d)
{
	static const uint8_t options[] = { 51, 82, 200 };

	assert_int_equal(d->id, DIALECT_DRAFT_01);
	assert_int_equal(d->query, 20);
	assert_int_equal(d->active, 21);
	assert_int_equal(d->unassigned, 21);
	assert_int_equal(d->unknown, 22);
	assert_int_equal(d->last_transaction, 200);
	assert_int_equal(d->associated_ip, 201);
	assert_int_equal(d->host_name, 202);
	assert_int_equal(d->reservation, 0x2000);
	assert_true(d->reservations);
	assert_int_equal(d->n_options, sizeof(options));
	assert_memory_equal(d->options, options, sizeof(options));
}

static void everything_of_whom(const struct config_server *server)
{
	assert_int_equal(server->rank, 2);
	assert_int_equal(server->n_for_ports, 3);
	assert_string_equal(server->for_ports[0], "acc0");
	assert_string_equal(server->for_ports[1], "eth1.*");
	assert_string_equal(server->for_ports[2], "eth2");
	assert_int_equal(server->n_for_giaddrs, 2);
	assert_int_equal(server->for_giaddrs[0], ip("10.77.1.1"));
	assert_int_equal(server->for_giaddrs[1], ip("10.77.2.1"));
	/* the rest of them is for all, and first */
	assert_int_equal(config.servers[0].rank, 1);
	assert_int_equal(config.servers[0].n_for_ports, 0);
	assert_int_equal(config.servers[0].n_for_giaddrs, 0);
}

static void everything_of_recovery(const struct config_bulk *bulk)
{
	assert_true(bulk->on && bulk->by_time);
	assert_int_equal(bulk->port, 1067);
	assert_int_equal(bulk->n_ids, 4);
	assert_int_equal(bulk->ids[0].code, LG_AGENT_RELAY_ID);
	assert_int_equal(bulk->ids[0].len, 2);
	assert_memory_equal(bulk->ids[0].bytes, "\1\2", 2);
	assert_int_equal(bulk->ids[2].bytes[0], 4);
	assert_int_equal(bulk->ids[3].code, LG_AGENT_REMOTE_ID);
	assert_int_equal(bulk->n_subnets, 3);
	assert_int_equal(bulk->subnets[1].addr, ip("10.78.1.0"));
	assert_int_equal(bulk->subnets[1].len, 24);
	assert_int_equal(bulk->subnets[2].len, 32);
	assert_int_equal(config.n_recovery, 2);
	assert_int_equal(config.recovery[0], RECOVERY_BULK);
	assert_int_equal(config.recovery[1], RECOVERY_SNAPSHOT);
	assert_true(config.snapshot == 300.);
}

static void everything_is_taken(void **state)
{
	static const uint8_t id[] = { 0, 4, 0xab, 0xcd };
	const struct config_port *port;

	(void)state;
	assert_int_equal(reads(everything), 0);
	assert_string_equal(config.state_dir, "/var/tmp/x");
	assert_int_equal(config.n_giaddrs, 3);
	assert_int_equal(config.giaddrs[2], ip("10.77.3.1"));
	/* a section without keys counts */
	assert_int_equal(config.n_servers, 3);
	assert_int_equal(config.servers[0].addr, ip("198.18.0.2"));
	assert_int_equal(config.servers[0].giaddr, 0);
	assert_int_equal(config.servers[1].giaddr, ip("10.77.9.1"));
	everything_of_whom(&config.servers[1]);
	everything_of_a_server(&config.servers[1].dialect);
	everything_of_recovery(&config.servers[1].bulk);
	assert_false(config.servers[0].bulk.on);
	assert_ptr_equal(config_dialect(ip("198.18.0.3")),
			 &config.servers[1].dialect);
	assert_int_equal(config_dialect(ip("198.18.0.2"))->id,
			 DIALECT_RFC4388);
	/* one that a relay agent uses */
	assert_int_equal(config_dialect(ip("198.18.0.9"))->id,
			 DIALECT_RFC4388);
	assert_int_equal(config.n_ports, 2);
	assert_string_equal(config.ports->name, "acc1.100");
	everything_of_a_port(&config.ports->set);
	assert_int_equal(config.ports->circuit_id_len, sizeof(id));
	assert_memory_equal(config.ports->circuit_id, id, sizeof(id));
	port = config.ports->hh.next;
	assert_int_equal(port->set.role, LEASEGLEAN_ROLE_TRUSTED);
	assert_int_equal(port->set.has, 1u << SETTINGS_ROLE);
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
	assert_int_equal(config.n_recovery, 2);
	assert_int_equal(config.recovery[0], RECOVERY_SNAPSHOT);
	assert_true(config.snapshot == 60.);
	assert_int_equal(reads("[recovery]\norder = none\nsnapshot = off\n"),
			 0);
	assert_int_equal(config.n_recovery, 0);
	assert_true(config.snapshot == 0.);
}

static void requests_are_taken_where_said(void **state)
{
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "[leasegleand]\ncontrol = /%0106d\n", 0);
	assert_int_equal(reads(text), 0);
	/* no room for the NUL */
	snprintf(text, sizeof(text), "[leasegleand]\ncontrol = /%0107d\n", 0);
	assert_non_null(strstr(complaint(text), "too long"));
	assert_int_equal(reads(""), 0);
	assert_string_equal(config.control, "/run/leaseglean/control.sock");
	assert_int_equal(reads("[leasegleand]\ncontrol = /run/x/y\n"), 0);
	assert_string_equal(config.control, "/run/x/y");
	assert_int_equal(reads("[leasegleand]\ncontrol = none\n"), 0);
	assert_string_equal(config.control, "");
}

static void example_is_good(void **state)
{
	(void)state;
	assert_non_null(getenv("LG_EXAMPLE_CONF"));
	assert_int_equal(config_read(&config, getenv("LG_EXAMPLE_CONF")), 0);
}

static void requestors_are_those_that_were_named(void **state)
{
	const struct config_requestor *one;

	(void)state;
	assert_int_equal(reads(everything), 0);
	assert_int_equal(config.client_queries, 7);
	assert_int_equal(config.n_networks, 3);
	assert_int_equal(config.networks[2].addr, ip("10.79.1.0"));
	assert_int_equal(config.networks[2].len, 24);
	assert_int_equal(config.n_requestors, 2);
	one = config_requestor(ip("198.18.0.9"));
	assert_non_null(one);
	assert_int_equal(one->giaddr, one->addr);
	assert_int_equal(one->dialect.id, DIALECT_RFC4388);
	one = config_requestor(ip("198.18.0.8"));
	assert_non_null(one);
	assert_int_equal(one->giaddr, ip("10.77.0.1"));
	assert_int_equal(one->dialect.id, DIALECT_DRAFT_00);
	assert_int_equal(one->dialect.query, 20);
	assert_null(config_requestor(ip("198.18.0.7")));
	assert_int_equal(reads("[query]\n"), 0);
	assert_int_equal(config.n_requestors, 0);
}

static void secrets_are_those_that_were_set(void **state)
{
	const struct auth *auth;

	(void)state;
	assert_int_equal(reads(everything), 0);
	auth = config_auth(ip("198.18.0.4"));
	assert_int_equal(auth->protocol, AUTH_TOKEN);
	assert_int_equal(auth->secret_len, 3);
	assert_memory_equal(auth->secret, "abc", 3);
	auth = &config_requestor(ip("198.18.0.8"))->auth;
	assert_int_equal(auth->protocol, AUTH_DELAYED);
	assert_int_equal(auth->key_id, UINT32_MAX);
	assert_int_equal(auth->secret_len, 3);
	assert_memory_equal(auth->secret, "\0\1\n", 3);
	assert_int_equal(config_auth(ip("198.18.0.2"))->protocol, AUTH_NONE);
	assert_int_equal(config_auth(ip("198.18.9.9"))->protocol, AUTH_NONE);
	assert_int_equal(config_requestor(ip("198.18.0.9"))->auth.protocol,
			 AUTH_NONE);
}

/* Nor is it written into what is said of it. */
static void secrets_are_for_nobody_else(void **state)
{
	static const char text[] = "[server 198.18.0.2]\nauth = token\n"
				   "auth-secret = 616263\n";
	const char *said;

	(void)state;
	assert_int_equal(reads(text), 0);
	assert_int_equal(chmod(path, 0644), 0);
	said = complaint(text);
	assert_non_null(strstr(said, ":3: auth-secret: everybody can read"));
	assert_null(strstr(said, "616263"));
	assert_int_equal(reads("[query]\n"), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(reads(text), 0);
}

#define SERVER "[server 198.18.0.2]\n"
#define TOKEN "auth = token\nauth-secret = 61\n"
#define ASKS "[requestor 198.18.0.9]\n"
#define ACCESS "[port acc0]\nrole = access\n"

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
		{ "[query]\ntries = 3\n\n[query]\ntries = 4\n", 4,
		  "given twice" },
		{ "[recovery]\n[query]\n[recovery]\n", 3, "given twice" },
		{ "[leasegleand]\n[leasegleand]\n", 2, "given twice" },
		{ ASKS "[answer]\n[answer]\n", 3, "given twice" },
		{ ASKS "[answer]\nnetworks = 10.7.0.0/16\n"
		  "networks += 10.7.0.0/16\n", 4, "given twice" },
		{ "[query]\ntimeout-first = 1h\n", 2, "not a time" },
		{ "[query]\ntimeout-first = 1e3\n", 2, "not a time" },
		{ "[query]\ntimeout-first = nan\n", 2, "not a time" },
		{ "[query]\ntimeout-first = 0\n", 2, "not within" },
		{ "[query]\nslow = 61s\n", 2, "not within" },
		{ "[query]\ntimeout-first = 51s\ntimeout-max = 50s\n", 2,
		  "not within 0.05s and 50s" },
		{ "[query]\ntimeout-max = 51s\n", 2, "not within" },
		{ "[query]\nhold-unknown = 0\n", 2, "not within" },
		{ "[server 198.18.0]\n", 1, "not an IPv4 address" },
		{ "[server dhcp.example]\n", 1, "not an IPv4 address" },
		{ "[server 0.0.0.0]\n", 1, "a host can have" },
		{ "[server 224.0.0.1]\n", 1, "a host can have" },
		{ "[server 255.255.255.255]\n", 1, "a host can have" },
		{ "[server 198.18.0.2]\n[server 198.18.0.2]\n", 2, "twice" },
		{ "[server 198.18.0.2]\nrole = access\n", 2, "unknown key" },
		{ "[server 198.18.0.2]\ngiaddr = x\n", 2, "not an IPv4" },
		{ SERVER "dialect = rfc2131\n", 2, "not rfc4388" },
		{ SERVER "dialect = draft-00\ndialect = draft-00\n", 3,
		  "twice" },
		{ SERVER "type-query = 0\n", 2, "not within" },
		{ SERVER "type-query = 8\n", 2, "not within" },
		{ ASKS "type-query = 3\n", 2, "not within" },
		{ SERVER "type-query = 255\n", 2, "not within" },
		{ SERVER "type-query = 0x0d\n", 2, "not a number" },
		{ SERVER "reservations = maybe\n", 2, "not yes or no" },
		{ SERVER "flag-reservation = 16384\n", 2, "such as" },
		{ SERVER "flag-reservation = 0x8000\n", 2, "one bit" },
		{ SERVER "flag-reservation = 0x6000\n", 2, "one bit" },
		{ SERVER "flag-reservation = 0x\n", 2, "one bit" },
		{ SERVER "options =\n", 2, "empty" },
		{ SERVER "rank = 0\n", 2, "not within" },
		{ SERVER "rank = 17\n", 2, "not within" },
		{ SERVER "for-port =\n", 2, "empty" },
		{ SERVER "for-port = a/b\n", 2, "not an interface" },
		{ SERVER "for-port = longerthanifnamsiz\n", 2,
		  "not an interface" },
		{ SERVER "for-port = acc0\nfor-port += acc0\n", 3, "twice" },
		{ SERVER "for-port = a b c d e f g h i j k l m n o p q\n", 2,
		  "too many" },
		{ SERVER "for-giaddr = 224.0.0.1\n", 2, "address" },
		{ SERVER "for-giaddr = 10.0.0.1 10.0.0.1\n", 2, "twice" },
		{ "[leasegleand]\ngiaddr = ,\n", 2, "empty" },
		{ SERVER "options = 51,82,51\n", 2, "twice" },
		{ SERVER "options = 51,82,x\n", 2, "not a number" },
		{ SERVER "options = 51,82\noptions += 51\n", 3, "twice" },
		{ SERVER "options = 82,91\n\n", 2, "51 and 82" },
		{ SERVER "options = 51\n[query]\n", 2, "51 and 82" },
		{ SERVER "bulk = 67\n", 2, "not yes or no" },
		{ SERVER "bulk = yes\nbulk-port = 65536\n", 3, "not within" },
		{ SERVER "bulk = yes\nbulk-order = addr\n", 3, "any or time" },
		{ SERVER "bulk = yes\nbulk-ids = 01\n", 3, "unknown key" },
		{ SERVER "bulk = yes\nbulk-relay-id =\n", 3, "empty" },
		{ SERVER "bulk = yes\nbulk-relay-id = 0\n", 3, "pairs" },
		{ SERVER "bulk = yes\nbulk-remote-id = 01, 01\n", 3,
		  "twice" },
		{ SERVER "bulk = yes\n"
		  "bulk-relay-id = 01,02,03,04,05,06,07,08,09\n", 3,
		  "too many" },
		{ SERVER "bulk-port = 67\n\n", 2, "needs bulk = yes" },
		{ SERVER "bulk-subnet = 10.7.0.0/16\n\n", 2,
		  "needs bulk = yes" },
		{ SERVER "bulk = yes\nbulk-subnet = 0.0.0.0/0\n", 3,
		  "all addresses" },
		{ SERVER "bulk = yes\nbulk-subnet = 10.7.0.1/16\n", 3,
		  "behind its length" },
		{ SERVER "bulk = yes\nbulk-subnet = 10.7.0.0/16\n"
		  "bulk-subnet += 10.7.0.0/16\n", 4, "given twice" },
		{ "[recovery]\norder =\n", 2, "empty" },
		{ "[recovery]\norder = snapshot none\n", 2, "not snapshot" },
		{ "[recovery]\norder = bulk bulk\n", 2, "twice" },
		{ "[recovery]\norder = snapshot\n" SERVER "bulk = yes\n", 2,
		  "a server has bulk = yes" },
		{ SERVER "bulk = yes\n[recovery]\norder = none\n", 4,
		  "a server has bulk = yes" },
		{ "[recovery]\nsnapshot = on\n", 2, "not a time" },
		{ "[recovery]\nsnapshot = 0\n", 2, "not within" },
		{ "[recovery]\ntries = 1\n", 2, "unknown key" },
		/* keys of another dialect, whatever the order */
		{ SERVER "reservations = yes\n", 2, "dialect" },
		{ SERVER "type-known = 20\ndialect = rfc4388\n", 2,
		  "this server's dialect" },
		{ SERVER "dialect = draft-01\ntype-active = 20\n\n", 3,
		  "this server's dialect" },
		{ SERVER "option-associated-ip = 161\n"
		  "dialect = draft-00\n[query]\n", 2, "dialect" },
		/* what cannot be told apart */
		{ SERVER "type-active = 11\n", 2, "same type" },
		{ SERVER "type-unknown = 13\n", 2, "same type" },
		{ SERVER "type-unassigned = 12\n", 2, "same type" },
		{ SERVER "dialect = draft-00\ntype-known = 6\n", 3,
		  "same type" },
		{ SERVER "option-host-name = 82\n", 2, "same code" },
		{ SERVER "option-associated-ip = 91\n", 2, "same code" },
		{ "[answer]\n", 1, "needs a [requestor" },
		{ "[query]\n[answer]\nclient-queries = 5\n\n", 2,
		  "needs a [requestor" },
		{ "[answers]\n", 1, "unknown section" },
		{ "[requestor]\n", 1, "unknown section" },
		{ "[requestor 224.0.0.1]\n", 1, "a host can have" },
		{ ASKS "[requestor 198.18.0.9]\n", 2, "twice" },
		{ ASKS "giaddr = x\n", 2, "not an IPv4" },
		{ ASKS "networks = 10.0.0.0/8\n", 2, "unknown key" },
		{ ASKS "options = 51, 82\n", 2, "unknown key" },
		{ ASKS "reservations = yes\n", 2, "unknown key" },
		{ ASKS "dialect = rfc2131\n", 2, "not rfc4388" },
		{ ASKS "type-known = 20\n[query]\n", 2, "dialect" },
		{ ASKS "type-active = 11\n", 2, "same type" },
		{ ASKS "[answer]\nrequestor = 198.18.0.8\n", 3, "unknown key" },
		{ ASKS "[answer]\nnetworks = 10.0.0.1/8\n", 3, "bits set" },
		{ ASKS "[answer]\nnetworks = 0.0.0.0/0\n", 3, "all addresses" },
		{ ASKS "[answer]\nnetworks =\n", 3, "empty" },
		{ ASKS "[answer]\nnetworks += 10.0.0.0/8\n", 3, "without a =" },
		{ ASKS "[answer]\nclient-queries = 101\n", 3, "not within" },
		{ "[leasegleand]\nstate-dir = var\n", 2, "absolute" },
		{ "[leasegleand]\ncontrol = run/x\n", 2, "absolute" },
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
		{ "[port acc0]\ncircuit-id = 01:\n", 2, "pairs" },
		{ "[port acc0]\ncircuit-id += 01\n", 2, "without a =" },
		{ "[port acc0]\nmax = 5\nmax += 5\n", 3, "no +=" },
		{ "[query]\ntries = 5\ntries += 5\n", 3, "no +=" },
		{ "[port acc0]\n+= 5\n", 2, "without a =" },
		{ ACCESS "arp = maybe\n", 3, "on or off" },
		{ ACCESS "arp = of\n", 3, "on or off" },
		{ ACCESS "verify = yes\n", 3, "off, log, permissive" },
		{ ACCESS "match = mac,ports\n", 3, "not ip, or" },
		{ ACCESS "match =\n", 3, "empty" },
		{ ACCESS "match = mac,mac\n", 3, "twice" },
		{ ACCESS "move = ask\n", 3, "deny, query or accept" },
		{ ACCESS "max = 0\n", 3, "not within" },
		{ ACCESS "max = many\n", 3, "not a number" },
		{ ACCESS "max = 4294967296\n", 3, "not within" },
		{ ACCESS "exclude = 10.0.0.0/33\n", 3, "length" },
		{ ACCESS "exclude = 10.0.0.0/\n", 3, "length" },
		{ ACCESS "exclude = 10.0.0/8\n", 3, "not an IPv4 prefix" },
		{ ACCESS "exclude = 10.0.0.1/8\n", 3, "bits set behind" },
		{ ACCESS "exclude = 0.0.0.0/0\n", 3, "verify off" },
		{ ACCESS "exclude =\n", 3, "empty" },
		{ ACCESS "exclude = 10.0.0.0/8,10.0.0.0/8\n", 3, "twice" },
		{ ACCESS "exclude = none\nexclude += 10.0.0.0/8\n", 4,
		  "more than none" },
		{ ACCESS "exclude = none,10.0.0.0/8\n", 3, "not an IPv4" },
		{ ACCESS "exclude = 10.0.0.0/8\nexclude = none\n", 4, "twice" },
		{ ACCESS "verify = log\nverify = log\n", 4, "twice" },
		/* of access ports only, whatever the order */
		{ "[port acc0]\nverify = strict\n\n", 2, "role = access" },
		{ "[port acc0]\nmove = deny\nrole = trusted\n[query]\n", 2,
		  "role = access" },
		{ "[port acc0]\nrole = none\n\narp = off\n[port b]\n", 4,
		  "role = access" },
		{ "[port a]\ncircuit-id = 01\n[port b]\n"
		  "circuit-id = 01\nrole = access\n", 4, "has the same" },
		{ "[port a]\ncircuit-id = 0102\n[port b]\n"
		  "circuit-id = 01\ncircuit-id += 02\n[query]\n", 4,
		  "has the same" },
		{ SERVER "auth = md5\n", 2, "not none, token or delayed" },
		{ SERVER "auth = token\n\n", 2, "needs auth-secret" },
		{ ASKS "auth = delayed\nauth-secret = 61\n", 2,
		  "needs auth-key-id" },
		{ SERVER "auth = none\nauth-secret = 61\n", 3,
		  "needs auth = token" },
		{ ASKS TOKEN "auth-key-id = 1\n", 4, "needs auth = delayed" },
		{ SERVER "auth-secret = secret\n", 2, "hexadecimal" },
		{ SERVER "auth-key-id = 4294967296\n", 2, "not within" },
		{ SERVER TOKEN TOKEN, 4, "given twice" },
		{ SERVER "bulk = yes\n" TOKEN, 3, "no bulk leasequery is authenticated" },
		{ SERVER "option-host-name = 90\n", 2, "the same code" },
		/* against the default, and against what comes first */
		{ "[query]\ntimeout-first = 20s\n[port a]\n", 2,
		  "timeout-max is less" },
		{ "[query]\ntimeout-max = 2s\n\ntimeout-first = 3s\n", 4,
		  "timeout-max is less" },
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

/*
 * As many as there may be: while they are read, nobody is answered, and the
 * service manager's watchdog waits 30 s.
 */
static void many_ports_are_read_soon(void **state)
{
	enum { PORTS = 65536, LINES = 64 };
	char *text = malloc(PORTS * LINES + LINES), *end = text;
	const struct config_port *port;
	uint8_t id[] = { 0, 4, 0, 0 };
	clock_t begun;
	unsigned int i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < PORTS; i++)
		end += sprintf(end, "[port eth1.%u.%u]\nrole = access\n"
			       "circuit-id = 0004%04x\n", i / 4000, i % 4000,
			       i);
	begun = clock();
	assert_int_equal(reads(text), 0);
	assert_true((clock() - begun) / CLOCKS_PER_SEC < 15);
	assert_int_equal(config.n_ports, PORTS);
	HASH_FIND_STR(config.ports, "eth1.16.1535", port);
	assert_non_null(port);
	assert_int_equal(port->number, PORTS - 1);
	id[2] = 1;
	HASH_FIND(hh_circuit, config.circuits, id, sizeof(id), port);
	assert_string_equal(port->name, "eth1.0.256");
	strcpy(end, "[port one]\n");
	assert_non_null(strstr(complaint(text), "too many ports"));
	strcpy(end, "[port eth1.0.0]\n");
	assert_non_null(strstr(complaint(text), "given twice"));
	free(text);
}

/* As many lines as it takes: 253 bytes are what option 82 has room for. */
static void circuit_id_of_any_length(void **state)
{
	char text[1024] = "[port a]\ncircuit-id = 00\n", *end = text;
	unsigned int i, len;

	(void)state;
	for (len = 1; len < 253; len += i) {
		end += strlen(end);
		end += sprintf(end, "circuit-id  += ");
		for (i = 0; i < 63 && len + i < 253; i++)
			end += sprintf(end, "%02x", len + i);
		strcpy(end, "\n");
	}
	assert_int_equal(reads(text), 0);
	assert_int_equal(config.ports->circuit_id_len, 253);
	for (i = 0; i < 253; i++)
		assert_int_equal(config.ports->circuit_id[i], i);
	strcat(text, "circuit-id += 00\n");
	assert_non_null(strstr(complaint(text), "too long"));
}

/* With colons it is what others print. */
static void circuit_id_with_colons(void **state)
{
	static const uint8_t id[] = { 0, 4, 0xab };

	(void)state;
	assert_int_equal(reads("[port a]\ncircuit-id = 00:04:AB\n"), 0);
	assert_int_equal(config.ports->circuit_id_len, sizeof(id));
	assert_memory_equal(config.ports->circuit_id, id, sizeof(id));
}

static void lists_of_several_lines(void **state)
{
	char text[2048] = ACCESS "exclude = 10.0.0.0/24\n", *end = text;
	unsigned int i;

	(void)state;
	for (i = 1; i < LEASEGLEAN_EXCLUDES_MAX; i++) {
		end += strlen(end);
		sprintf(end, "exclude += 10.0.%u.0/24\n", i);
	}
	strcat(text, "[leasegleand]\ngiaddr = 10.77.1.1\n"
	       "giaddr += 10.77.2.1, 10.77.3.1\n");
	assert_int_equal(reads(text), 0);
	assert_int_equal(config.ports->set.n_exclude,
			 LEASEGLEAN_EXCLUDES_MAX);
	assert_int_equal(config.n_giaddrs, 3);
	strcpy(end + strlen("exclude += 10.0.15.0/24\n"),
	       "exclude += 10.0.16.0/24\n");
	assert_non_null(strstr(complaint(text), "too many prefixes"));
}

/* What takes something back is a setting, too. */
static void nothing_as_a_value(void **state)
{
	const struct settings *set;

	(void)state;
	assert_int_equal(reads(ACCESS "max = none\nexclude = none\nmatch = ip\n"
			       "arp = on\nverify = off\nmove = query\n"), 0);
	set = &config.ports->set;
	assert_true(settings_has(set, SETTINGS_MAX));
	assert_int_equal(set->max_leases, 0);
	assert_true(settings_has(set, SETTINGS_EXCLUDE));
	assert_int_equal(set->n_exclude, 0);
	assert_true(settings_has(set, SETTINGS_MATCH));
	assert_int_equal(set->match, 0);
	assert_false(settings_has(set, SETTINGS_BUDGET));
}

static void missing_file_is_refused(void **state)
{
	(void)state;
	unlink(path);
	assert_true(config_read(&config, path) < 0);
}

static void one_is_the_others_beginning(void **state)
{
	(void)state;
	assert_int_equal(reads("[port a]\ncircuit-id = 01\n"
			       "[port b]\ncircuit-id = 0100\n"), 0);
}

static void command_line_addresses(void **state)
{
	const char *reason;

	(void)state;
	assert_int_equal(config_add_server(&config, "198.18.0.2", &reason), 0);
	assert_true(config_add_server(&config, "198.18.0.2", &reason) < 0);
	assert_string_equal(reason, "given twice");
	assert_true(config_add_server(&config, "", &reason) < 0);
	assert_int_equal(config_add_giaddr(&config, "10.77.1.1", &reason), 0);
	assert_true(config_add_giaddr(&config, "10.77.1.1", &reason) < 0);
	assert_true(config_add_giaddr(&config, "10.77.1.1/24", &reason) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(everything_is_taken),
	TEST(nothing_is_enough),
	TEST(requests_are_taken_where_said),
	TEST(example_is_good),
	TEST(secrets_are_those_that_were_set),
	TEST(secrets_are_for_nobody_else),
	TEST(requestors_are_those_that_were_named),
	TEST(the_rest_is_refused),
	TEST(long_lines_are_refused),
	TEST(many_ports_are_read_soon),
	TEST(circuit_id_of_any_length),
	TEST(circuit_id_with_colons),
	TEST(lists_of_several_lines),
	TEST(nothing_as_a_value),
	TEST(missing_file_is_refused),
	TEST(one_is_the_others_beginning),
	TEST(command_line_addresses),
};

const struct fake_tests config_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
