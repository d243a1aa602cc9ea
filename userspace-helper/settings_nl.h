/* SPDX-License-Identifier: GPL-2.0 */
/* A port's settings as attributes of the module's messages. */
#ifndef _LG_SETTINGS_NL_H
#define _LG_SETTINGS_NL_H

#include "netlink.h"
#include "settings.h"

/* Bytes that hold any request which settings_put() fills. */
#define SETTINGS_ROOM	1024

extern const struct nl_attr_rule settings_rules[LEASEGLEAN_A_PORT_MAX + 1];

void settings_put(struct nlmsghdr *nlh, const struct settings *set);
int settings_get(struct settings *set, const struct nlattr **tb,
		 const struct nlmsghdr *nlh);

#endif /* _LG_SETTINGS_NL_H */
