/* SPDX-License-Identifier: GPL-2.0 */
/* Which leases are meant: words of the command line. */
#ifndef _LG_CLI_FILTER_H
#define _LG_CLI_FILTER_H

#include "cli.h"

/* Bytes that hold any request with a filter in it. */
#define FILTER_ROOM	512

int filter_put(struct cli *cli, struct nlmsghdr *nlh);
int put_device(struct nlmsghdr *nlh, uint16_t type, const char *name);
int put_vrf(struct nlmsghdr *nlh, const char *name);
int put_hwaddr(struct nlmsghdr *nlh, const char *text, size_t want);
const char *filter_state_name(uint32_t state);
const char *filter_origin_name(uint32_t origin);

#endif /* _LG_CLI_FILTER_H */
