/* SPDX-License-Identifier: GPL-2.0 */
/* Which leases are meant: words of the command line. */
#ifndef _LG_CLI_FILTER_H
#define _LG_CLI_FILTER_H

#include "cli.h"
#include "lease.h"

/**
 * struct filter_id - an identifier that a relay agent gave
 * @given: leases without this one are not meant
 * @code: sub-option of option 82
 * @len: bytes of @value
 * @value: it
 */
struct filter_id {
	bool given;
	uint8_t code;
	size_t len;
	uint8_t value[LEASEGLEAN_OPAQUE_MAX];
};

/**
 * struct filter - what the kernel does not look for by itself
 * @circuit: circuit-id
 * @remote: remote-id
 * @origin_given: the kernel has been told of an origin
 */
struct filter {
	struct filter_id circuit;
	struct filter_id remote;
	bool origin_given;
};

/* Bytes that hold any request with a filter in it. */
#define FILTER_ROOM	512

int filter_put(struct cli *cli, struct nlmsghdr *nlh, struct filter *filter);
bool filter_by_row(const struct filter *filter);
bool filter_match(const struct filter *filter, const struct row *row);
int put_device(struct nlmsghdr *nlh, uint16_t type, const char *name);
int put_hwaddr(struct nlmsghdr *nlh, const char *text, size_t want);
const char *filter_state_name(uint32_t state);
const char *filter_origin_name(uint32_t origin);

#endif /* _LG_CLI_FILTER_H */
