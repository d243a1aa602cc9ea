/* SPDX-License-Identifier: GPL-2.0 */
/* Which leases are meant: words of the command line as attributes. */
#ifndef _LG_CLI_FILTER_H
#define _LG_CLI_FILTER_H

#include "cli.h"

int filter_put(struct cli *cli, struct nlmsghdr *nlh);
const char *filter_state_name(uint32_t state);
const char *filter_origin_name(uint32_t origin);

#endif /* _LG_CLI_FILTER_H */
