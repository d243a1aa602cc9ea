/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forwarding without ARP: on access ports with "arp off" the kernel's
 * neighbours come from the table.
 *
 * An entry is made when a packet needs it. While the address is being asked
 * for, the neighbour layer holds its packets as it would for ARP, but asks
 * nobody: the port's numbers of probes are 0 but for those to user space,
 * which only measure the time. A lease turns the entry to NOARP, which
 * releases them; it has no timer, and what subscribers send by ARP does not
 * change it. All entries of ours are externally learnt, so that no gc_thresh
 * counts them, and of protocol dhcp. What is permanent, NOARP or externally
 * learnt by others is an operator's and left alone.
 *
 * What the neighbour layer holds is no proof of anything: each packet asks
 * the table first, and what was held asks once more as it leaves.
 */
#ifndef _LG_NEIGH_H
#define _LG_NEIGH_H

#include <leaseglean.h>
#include <linux/jump_label.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/arp.h>
#include <net/neighbour.h>

#include "lease.h"
#include "lg.h"
#include "port.h"

/* Whether any namespace has a port with ARP off. */
DECLARE_STATIC_KEY_FALSE(lg_arp_off_key);

int lg_neigh_port_check(const struct net_device *dev,
			const struct lg_port_settings *set,
			struct netlink_ext_ack *extack);
void lg_neigh_port_set(struct lg_net *lgn, struct lg_port *port, u32 arp);
void lg_neigh_port_mtu(struct lg_port *port, struct net_device *dev);

bool lg_neigh_make(struct lg_net *lgn, struct net_device *out,
		   struct lg_key key);
bool lg_neigh_pass(struct lg_net *lgn, const struct sk_buff *skb,
		   struct net_device *out, struct lg_key key);
bool lg_neigh_client(struct lg_net *lgn, struct net_device *out,
		     struct lg_key key);
bool lg_neigh_leaves(const struct sk_buff *skb, struct net_device *dev);
void lg_neigh_sync(struct lg_net *lgn, struct lg_table *table, __be32 addr);
void lg_neigh_unhold(struct lg_net *lgn, struct lg_port *port,
		     struct lg_lease *lease);
void lg_neigh_table_free(struct lg_net *lgn, struct lg_table *table);
void lg_neigh_gc(struct lg_net *lgn);
void lg_neigh_exit(void);
unsigned int lg_hook_arp(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);

static inline bool lg_arp_is_on(const struct lg_port *port)
{
	return READ_ONCE(port->set.arp) == LEASEGLEAN_ARP_ON;
}

/**
 * lg_neigh_ready() - the neighbour of an address that has a lease
 * @lgn: namespace state
 * @out: interface of the port, whose ARP is off
 * @key: address and VRF
 *
 * Context: softirqs off, RCU read lock.
 * Return: whether a packet to it may go on.
 */
static inline bool lg_neigh_ready(struct lg_net *lgn, struct net_device *out,
				  struct lg_key key)
{
	struct neighbour *n;

	n = __ipv4_neigh_lookup_noref(out, (__force u32)key.addr);
	if (likely(n && READ_ONCE(n->nud_state) & (NUD_NOARP | NUD_PERMANENT)))
		return true;
	return lg_neigh_make(lgn, out, key);
}

/**
 * lg_neigh_may_leave() - whether a frame has not been given to a wrong one
 * @skb: an IPv4 packet that leaves by an access port
 * @dev: its interface
 *
 * Context: softirqs off, RCU read lock.
 */
static inline bool lg_neigh_may_leave(const struct sk_buff *skb,
				      struct net_device *dev)
{
	return !static_branch_unlikely(&lg_arp_off_key) ||
	       lg_neigh_leaves(skb, dev);
}

#endif /* _LG_NEIGH_H */
