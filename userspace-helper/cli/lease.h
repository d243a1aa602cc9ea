/* SPDX-License-Identifier: GPL-2.0 */
/* One entry of the table: read, and printed. */
#ifndef _LG_CLI_LEASE_H
#define _LG_CLI_LEASE_H

#include "cli.h"
#include "text.h"

/**
 * struct row - one entry of the table; what is missing is NULL or 0
 * @tb: attributes
 * @vlans: outermost first
 * @n_vlans: how many
 */
struct row {
	const struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1];
	uint16_t vlans[LEASEGLEAN_VLANS_MAX];
	unsigned int n_vlans;
};

int row_read(struct row *row, const struct nlmsghdr *nlh);
uint32_t row_u32(const struct row *row, int type);
struct json_object *row_json(const struct row *row);
void row_text(const struct row *row);

#endif /* _LG_CLI_LEASE_H */
