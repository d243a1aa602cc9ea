/* SPDX-License-Identifier: GPL-2.0 */
/* What the verbs of the leaseglean command share. */
#ifndef _LG_CLI_H
#define _LG_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "../netlink.h"
#include "../../uapi/leaseglean.h"

/* As those of iproute2. */
enum cli_status {
	CLI_OK = 0,
	CLI_USAGE = 1,
	CLI_REFUSED = 2,
};

/**
 * struct cli - what a verb is run with
 * @nl: socket
 * @family: the module's
 * @json: -j was given
 * @argc: words behind the verb
 * @argv: they
 */
struct cli {
	struct nl_sock nl;
	struct nl_family family;
	bool json;
	int argc;
	char **argv;
};

int show(struct cli *cli);
int port(struct cli *cli);
int stats(struct cli *cli);
int flush(struct cli *cli);

bool cli_word(const char *given, const char *word);
int cli_usage(const char *text);
int cli_refused(struct cli *cli, int err);
struct nlmsghdr *cli_request(struct cli *cli, void *buf, uint8_t cmd,
			     uint16_t flags);
bool cli_addr(const char *text, __be32 *addr);
void cli_end_output(void);
const char *cli_role(uint32_t role);

#endif /* _LG_CLI_H */
