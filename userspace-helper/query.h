/* SPDX-License-Identifier: GPL-2.0 */
/* Sends DHCPLEASEQUERY messages. */
#ifndef _LG_QUERY_H
#define _LG_QUERY_H

#include <stdint.h>

#include <linux/types.h>

int query_source(uint32_t vrf, __be32 giaddr);
int query_send(uint32_t vrf, __be32 giaddr, __be32 server, uint32_t xid,
	       __be32 addr);
void query_close_all(void);

#endif /* _LG_QUERY_H */
