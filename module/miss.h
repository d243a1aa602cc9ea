/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_MISS_H
#define _LG_MISS_H

#include <linux/netdevice.h>
#include <net/l3mdev.h>

#include "lease.h"
#include "lg.h"
#include "neigh.h"
#include "port.h"

void lg_miss(struct lg_net *lgn, struct lg_port *port,
	     const struct net_device *out, struct lg_key key);
void lg_challenge(struct lg_net *lgn, struct lg_port *port,
		  const struct lg_lease *lease);
void lg_pending_wanted(struct lg_lease *lease);
bool lg_forward_read(struct lg_net *lgn, struct lg_port *port,
		     const struct sk_buff *skb, struct net_device *out,
		     struct lg_key key);

/* Without a call for the many that are in no VRF. */
static inline u32 lg_vrf_of(const struct net_device *dev)
{
	return netif_is_l3_slave(dev) || netif_is_l3_master(dev) ?
	       l3mdev_master_ifindex_rcu(dev) : 0;
}

/**
 * lg_forward() - a packet is about to leave by an access port
 * @lgn: namespace state
 * @port: that port
 * @skb: the packet
 * @out: its interface
 * @nexthop: address of the next hop, network order
 *
 * Context: softirqs off, RCU read lock.
 * Return: whether it may go on; always where ARP is on.
 */
static inline bool lg_forward(struct lg_net *lgn, struct lg_port *port,
			      const struct sk_buff *skb,
			      struct net_device *out, __be32 nexthop)
{
	const struct lg_key key = {
		.addr = nexthop, .vrf = lg_vrf_of(out),
	};

	if (unlikely(!lg_lease_holds(lgn, key)))
		return lg_forward_read(lgn, port, skb, out, key);
	lg_stat_inc_bh(lgn, hit);
	return lg_arp_is_on(port) || lg_neigh_ready(lgn, out, key);
}

void lg_misses_init(struct lg_net *lgn);

#endif /* _LG_MISS_H */
