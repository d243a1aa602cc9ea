/* SPDX-License-Identifier: GPL-2.0 */
/* One port: read, and printed. */
#ifndef _LG_CLI_PORT_ROW_H
#define _LG_CLI_PORT_ROW_H

#include "../settings_nl.h"
#include "cli.h"
#include "text.h"

/**
 * struct port_row - one port
 * @tb: attributes; what is missing is NULL
 * @set: settings
 */
struct port_row {
	const struct nlattr *tb[LEASEGLEAN_A_PORT_MAX + 1];
	struct settings set;
};

int port_row_read(struct port_row *row, const struct nlmsghdr *nlh);
struct json_object *port_row_json(const struct port_row *row);
void port_row_settings(const struct port_row *row);
void port_row_counts(const struct port_row *row);

#endif /* _LG_CLI_PORT_ROW_H */
