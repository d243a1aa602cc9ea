/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_ROUTE_H
#define _LG_ROUTE_H

#include <linux/netdevice.h>
#include <linux/types.h>

#include "lease.h"
#include "lg.h"

/**
 * struct lg_route - how an address is reached
 * @dev: by this interface
 * @nexthop: through this address of that interface's network; the address
 *	itself where it is directly connected; network order
 */
struct lg_route {
	struct net_device *dev;
	__be32 nexthop;
};

bool lg_route_find(const struct lg_net *lgn, struct lg_key key,
		   struct lg_route *route);

#endif /* _LG_ROUTE_H */
