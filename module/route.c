// SPDX-License-Identifier: GPL-2.0
#include <net/ip_fib.h>

#include "route.h"

/**
 * lg_route_find() - how the host would reach an address
 * @lgn: namespace state
 * @key: address and VRF
 * @route: filled in
 *
 * Context: RCU read lock, under which @route is valid.
 * Return: false for what is not unicast, of this host, or not reachable.
 */
bool lg_route_find(const struct lg_net *lgn, struct lg_key key,
		   struct lg_route *route)
{
	struct flowi4 fl4 = { .daddr = key.addr, .flowi4_l3mdev = key.vrf };
	const struct fib_nh_common *nhc;
	struct fib_result res = {};

	if (fib_lookup(lgn->net, &fl4, &res, FIB_LOOKUP_IGNORE_LINKSTATE) ||
	    res.type != RTN_UNICAST)
		return false;
	nhc = res.nhc;
	if (nhc->nhc_gw_family == AF_INET6 || !nhc->nhc_dev)
		return false;
	route->dev = nhc->nhc_dev;
	route->nexthop = nhc->nhc_gw_family ? nhc->nhc_gw.ipv4 : key.addr;
	return true;
}
