// SPDX-License-Identifier: GPL-2.0
/* leaseglean: shows and steers the leaseglean kernel module. */
#include "cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.1"
#endif

/* Options that are of some verbs only; -j says nothing where nothing is told. */
enum {
	OPT_TIMESTAMP = 1 << 0,
	OPT_PROMETHEUS = 1 << 1,
	OPT_CONTROL = 1 << 2,
};

/**
 * struct verb - what can be done
 * @name: its word
 * @run: does it
 * @options: that mean something to it
 */
struct verb {
	const char *name;
	int (*run)(struct cli *cli);
	unsigned int options;
};

static const struct verb verbs[] = {
	{ "show", show, 0 },
	{ "port", port, 0 },
	{ "stats", stats, OPT_PROMETHEUS | OPT_CONTROL },
	{ "flush", flush, 0 },
	{ "clear", flush, 0 },
	{ "add", static_add, 0 },
	{ "replace", static_replace, 0 },
	{ "delete", static_del, 0 },
	{ "monitor", monitor, OPT_TIMESTAMP },
	{ "query", query, OPT_CONTROL },
	{ "status", status, OPT_PROMETHEUS | OPT_CONTROL },
};

static const char usage_text[] =
	"Usage: leaseglean [ -j[son] ] show [ FILTER ]... | show ADDRESS [ vrf DEV ]\n"
	"       leaseglean clear [ FILTER ]...\n"
	"       leaseglean { add | replace } ADDRESS lladdr MAC [ dev PORT ] [ vrf DEV ]\n"
	"       leaseglean del ADDRESS [ vrf DEV ]\n"
	"       leaseglean [ -j[son] ] port [ show ] [ DEV ]\n"
	"       leaseglean port { add DEV [ role ] ROLE | set DEV } [ SETTING ]...\n"
	"       leaseglean port del DEV\n"
	"       leaseglean [ -j[son] ] [ -t[imestamp] ] monitor [ EVENTS ]...\n"
	"       leaseglean [ -j[son] | --prometheus ] stats\n"
	"       leaseglean [ -j[son] ] query KEY [ --server ADDRESS ]... [ --giaddr ADDRESS ]\n"
	"                  [ vrf DEV ] [ --timeout SECONDS ]\n"
	"       leaseglean [ -j[son] | --prometheus ] status\n"
	"stats, query and status also take --control PATH\n"
	"FILTER  := port DEV | mac MAC | circuit-id ID | remote-id ID |\n"
	"           state STATE | origin ORIGIN | vrf DEV\n"
	"ID      := hexadecimal digits | text:TEXT\n"
	"STATE   := active | unassigned | unknown | pending\n"
	"ORIGIN  := gleaned | leasequery | bulk | static | restored\n"
	"KEY     := ip ADDRESS | { mac MAC | client-id ID }... | remote-id ID\n"
	"SETTING := role ROLE | budget RATE/BURST | arp { on | off } |\n"
	"           verify { off | log | permissive | strict } |\n"
	"           match { ip | { mac | port | vlan }[,...] } |\n"
	"           move { deny | query | accept } | max { LEASES | none } |\n"
	"           exclude { PREFIX[,PREFIX]... | none }\n"
	"ROLE    := access | trusted\n"
	"EVENTS  := leases | ports | relays | spoofs | all\n";

/* Is @given @word, or the beginning of it? */
bool cli_word(const char *given, const char *word)
{
	return *given && !strncmp(given, word, strlen(given));
}

/**
 * cli_one_of() - which of several words is meant
 * @given: it, or the beginning of it
 * @names: those, NULL where there is none
 * @n: how many
 *
 * Return: its number, CLI_NO_WORD or CLI_TWO_WORDS.
 */
int cli_one_of(const char *given, const char * const *names, size_t n)
{
	int found = CLI_NO_WORD;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!names[i])
			continue;
		if (!strcmp(given, names[i]))
			return (int)i;
		if (cli_word(given, names[i]))
			found = found == CLI_NO_WORD ? (int)i : CLI_TWO_WORDS;
	}
	return found;
}

/* Of what cli_one_of() gave no number for. */
int cli_unknown(const char *given, int number)
{
	fprintf(stderr, number == CLI_TWO_WORDS ?
		"leaseglean: \"%s\" can mean several things\n" :
		"leaseglean: what is \"%s\"?\n", given);
	return cli_usage(NULL);
}

/* The last word, which another has to follow. */
int cli_missing(const char *word)
{
	fprintf(stderr, "leaseglean: a word is missing behind \"%s\"\n",
		word);
	return cli_usage(NULL);
}

/* A value that cannot be. */
int cli_bad(const char *what, const char *given, const char *reason)
{
	fprintf(stderr, "leaseglean: %s \"%s\": %s\n", what, given, reason);
	return CLI_USAGE;
}

int cli_usage(const char *text)
{
	if (text)
		fprintf(stderr, "leaseglean: %s\n", text);
	fputs(usage_text, stderr);
	return CLI_USAGE;
}

/* Tells why the kernel would not. */
int cli_refused(struct cli *cli, int err)
{
	if (*cli->nl.extack)
		fprintf(stderr, "Error: leaseglean: %s.\n", cli->nl.extack);
	fprintf(stderr, "leaseglean answers: %s\n", strerror(-err));
	return CLI_REFUSED;
}

/* What a request is put into; to whom it goes is known when it is asked. */
struct nlmsghdr *cli_request(void *buf, uint8_t cmd, uint16_t flags)
{
	return nl_genl(buf, 0, cmd, flags);
}

/* As nl_request(), of the module that cli_connect() found. */
int cli_ask(struct cli *cli, struct nlmsghdr *nlh, nl_handler handler,
	    void *data)
{
	nlh->nlmsg_type = cli->family.id;
	return nl_request(&cli->nl, nlh, handler, data);
}

bool cli_addr(const char *text, __be32 *addr)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = in.s_addr;
	return true;
}

/* What could not be written is a failure, and ends the command. */
void cli_end_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return;
	/* Nobody reads on: as quiet about it as head(1) expects. */
	if (errno != EPIPE)
		fprintf(stderr, "leaseglean: cannot write: %s\n",
			strerror(errno));
	_Exit(CLI_REFUSED);
}

static const struct verb *verb_find(const char *given)
{
	size_t i, n = sizeof(verbs) / sizeof(verbs[0]), matches = 0;
	const struct verb *found = NULL;

	for (i = 0; i < n; i++) {
		if (!strcmp(given, verbs[i].name))
			return &verbs[i];
		if (cli_word(given, verbs[i].name)) {
			found = &verbs[i];
			matches++;
		}
	}
	if (matches == 1)
		return found;
	fprintf(stderr, matches ?
		"leaseglean: \"%s\" can mean several things\n" :
		"leaseglean: \"%s\" is unknown\n", given);
	return NULL;
}

/* What would be without effect was not meant so. */
static bool options_fit(const struct cli *cli, const struct verb *verb)
{
	static const char * const names[] = {
		"--timestamp", "--prometheus", "--control",
	};
	unsigned int given = (cli->timestamp ? OPT_TIMESTAMP : 0) |
			     (cli->prometheus ? OPT_PROMETHEUS : 0) |
			     (cli->control ? OPT_CONTROL : 0);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (given & ~verb->options & 1u << i) {
			fprintf(stderr, "leaseglean: %s has no option %s\n",
				verb->name, names[i]);
			return false;
		}
	if (!cli->prometheus || !cli->json)
		return true;
	fputs("leaseglean: either JSON or Prometheus' format\n", stderr);
	return false;
}

/* --NAME VALUE is NAME VALUE to the verb. */
static bool is_word_option(const char *word)
{
	static const char * const names[] = { "server", "giaddr", "timeout" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], word))
			return true;
	return false;
}

/* Takes options out from among the words, wherever they stand. */
static int options_take(struct cli *cli, int argc, char **argv)
{
	int i, n = 0;

	for (i = 1; i < argc; i++) {
		char *word = argv[i];

		if (*word != '-') {
			argv[n++] = argv[i];
			continue;
		}
		word += word[1] == '-' ? 2 : 1;
		if (cli_word(word, "json")) {
			cli->json = true;
		} else if (cli_word(word, "timestamp")) {
			cli->timestamp = true;
		} else if (!strcmp(word, "prometheus")) {
			cli->prometheus = true;
		} else if (!strcmp(word, "control")) {
			if (++i == argc || !*argv[i] || cli->control) {
				fputs("leaseglean: --control: which socket?\n",
				      stderr);
				return -1;
			}
			cli->control = argv[i];
		} else if (is_word_option(word)) {
			argv[n++] = word;
		} else if (!strcmp(word, "V") || cli_word(word, "Version") ||
			   cli_word(word, "version")) {
			puts("leaseglean " VERSION);
			exit(CLI_OK);
		} else if (cli_word(word, "help")) {
			fputs(usage_text, stdout);
			exit(CLI_OK);
		} else {
			fprintf(stderr, "leaseglean: what is \"%s\"?\n",
				argv[i]);
			return -1;
		}
	}
	cli->argc = n;
	cli->argv = argv;
	return 0;
}

/**
 * cli_connect() - find the module, when all words have been read
 * @cli: gets the socket
 *
 * So what is wrong with the words is said whether it is loaded or not.
 *
 * Return: enum cli_status; it has said why.
 */
int cli_connect(struct cli *cli)
{
	int err = nl_open(&cli->nl, NETLINK_GENERIC);

	if (err) {
		fprintf(stderr, "leaseglean: cannot talk to the kernel: %s\n",
			strerror(-err));
		return CLI_REFUSED;
	}
	err = nl_resolve(&cli->nl, LEASEGLEAN_FAMILY_NAME, &cli->family);
	if (err == -ENOENT)
		fputs("leaseglean: the kernel module leaseglean is not loaded\n",
		      stderr);
	else if (err)
		cli_refused(cli, err);
	return err ? CLI_REFUSED : CLI_OK;
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	struct cli cli = { 0 };
	int status;

	/* Else the first socket would take its place. */
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
		fputs("leaseglean: standard output is closed\n", stderr);
		return CLI_REFUSED;
	}
	/* Writing fails instead, and is noticed. */
	signal(SIGPIPE, SIG_IGN);
	if (options_take(&cli, argc, argv))
		return cli_usage(NULL);
	if (!cli.argc)
		return cli_usage("what to do?");
	if (cli_word(cli.argv[0], "help")) {
		fputs(usage_text, stdout);
		return CLI_OK;
	}
	verb = verb_find(cli.argv[0]);
	if (!verb)
		return cli_usage(NULL);
	if (!options_fit(&cli, verb))
		return CLI_USAGE;
	cli.argc--;
	cli.argv++;
	status = verb->run(&cli);
	cli_end_output();
	nl_close(&cli.nl);
	return status;
}
