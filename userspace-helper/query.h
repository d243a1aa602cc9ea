/* SPDX-License-Identifier: GPL-2.0 */
/* Sends DHCPLEASEQUERY messages. */
#ifndef _LG_QUERY_H
#define _LG_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "../module/dhcp.h"

/**
 * struct query - what a server is asked
 * @key: by what; nothing of it but the key is read
 * @all: to tell all that it knows, not only what traffic needs
 */
struct query {
	struct lg_leasequery key;
	bool all;
};

int query_source(uint32_t vrf, __be32 giaddr);
int query_send(uint32_t vrf, __be32 giaddr, __be32 server, uint32_t xid,
	       const struct query *query);
void query_close_all(void);

#endif /* _LG_QUERY_H */
