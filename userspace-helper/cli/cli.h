/* SPDX-License-Identifier: GPL-2.0 */
/* What the verbs of the leaseglean command share. */
#ifndef _LG_CLI_H
#define _LG_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "../netlink.h"
#include "../../uapi/leaseglean.h"

/* Instead of a number: the word is none, or begins several. */
#define CLI_NO_WORD	(-1)
#define CLI_TWO_WORDS	(-2)

/* Dumps of a table that changes are begun again so often. */
#define CLI_DUMP_TRIES	16

/* As those of iproute2; the others are what servers say, by query alone. */
enum cli_status {
	CLI_OK = 0,
	CLI_USAGE = 1,
	CLI_REFUSED = 2,
	CLI_UNASSIGNED = 3,
	CLI_UNKNOWN = 4,
	CLI_SILENT = 5,
};

/**
 * struct cli - what a verb is run with
 * @nl: socket
 * @family: the module's
 * @json: -j was given
 * @timestamp: -t was given
 * @prometheus: --prometheus was given
 * @control: the daemon's socket, NULL for the usual one
 * @argc: words behind the verb
 * @argv: they
 */
struct cli {
	struct nl_sock nl;
	struct nl_family family;
	bool json;
	bool timestamp;
	bool prometheus;
	const char *control;
	int argc;
	char **argv;
};

int show(struct cli *cli);
int port(struct cli *cli);
int stats(struct cli *cli);
int flush(struct cli *cli);
int static_add(struct cli *cli);
int static_replace(struct cli *cli);
int static_del(struct cli *cli);
int monitor(struct cli *cli);
int query(struct cli *cli);
int status(struct cli *cli);

bool cli_word(const char *given, const char *word);
int cli_one_of(const char *given, const char * const *names, size_t n);
int cli_usage(const char *text);
int cli_unknown(const char *given, int number);
int cli_missing(const char *word);
int cli_bad(const char *what, const char *given, const char *reason);
int cli_refused(struct cli *cli, int err);
int cli_connect(struct cli *cli);
struct nlmsghdr *cli_request(void *buf, uint8_t cmd, uint16_t flags);
int cli_ask(struct cli *cli, struct nlmsghdr *nlh, nl_handler handler,
	    void *data);
bool cli_addr(const char *text, __be32 *addr);
void cli_end_output(void);

#endif /* _LG_CLI_H */
