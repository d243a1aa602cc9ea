/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: the interfaces behind which clients were seen, or which were given
 * a role. A port lives from then until its interface goes.
 */
#ifndef _LG_PORT_H
#define _LG_PORT_H

#include <leaseglean.h>
#include <linux/jump_label.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <linux/types.h>

#include "lg.h"

/* Pairs of giaddr and server that are remembered for each port. */
#define LG_PORT_RELAYS	8

/**
 * struct lg_relay - what a relay agent uses for a port
 * @giaddr: network order
 * @server: network order
 */
struct lg_relay {
	__be32 giaddr;
	__be32 server;
};

/**
 * struct lg_port_settings - what an operator sets of a port
 * @role: enum leaseglean_role
 * @rate: misses a second
 * @burst: misses at once
 * @arp: enum leaseglean_arp
 * @verify: enum leaseglean_verify
 * @match: bits of enum leaseglean_match
 * @move: enum leaseglean_move
 * @max_leases: active ones, 0 for no limit
 *
 * All but the first three are of access ports, and defaults on others.
 */
struct lg_port_settings {
	u32 role;
	u32 rate;
	u32 burst;
	u32 arp;
	u32 verify;
	u32 match;
	u32 move;
	u32 max_leases;
};

/**
 * struct lg_prefix - addresses that have the first bits in common
 * @addr: the first, network order
 * @mask: network order
 */
struct lg_prefix {
	__be32 addr;
	__be32 mask;
};

/**
 * struct lg_excludes - sources that verification lets pass
 * @rcu: replaced as a whole
 * @n: how many
 * @prefix: those
 */
struct lg_excludes {
	struct rcu_head rcu;
	unsigned int n;
	struct lg_prefix prefix[LEASEGLEAN_EXCLUDES_MAX];
};

#define LG_ARP_VARS	4

/**
 * struct lg_arp_kept - an interface's numbers of probes before ours
 * @ours: it has ours now
 * @inherited: those that were not set, but the default
 * @val: all
 */
struct lg_arp_kept {
	bool ours;
	bool inherited[LG_ARP_VARS];
	int val[LG_ARP_VARS];
};

/**
 * struct lg_port - one interface
 * @ifindex: of the interface
 * @set: settings; written under rtnl, read anywhere
 * @excludes: sources not verified, or NULL; RCU, written under rtnl
 * @bucket: of misses
 * @spoofs: of events of refused packets
 * @count: entries of the table by class
 * @held: bytes held for its pending entries, at most
 * @arp: while ARP is off; rtnl
 * @seq: tells it from another that had or will have the same index
 * @gone: takes no more exchanges; under lgn->exchange_lock
 * @n_exchanges: open ones; likewise
 * @exchange_lru: those, longest idle first; likewise
 * @relay_lock: leaf lock of @relay and @n_relays, softirqs off
 * @n_relays: how many
 * @relay: of those that a server answered
 * @egress: keeps leasequery messages from subscribers, while it is an access
 *	port; rtnl
 * @ingress: verifies sources, and sees what enters by a bridge's port; rtnl
 * @bridged: it has a role and is a bridge's; written under rtnl
 * @rcu: frees it
 *
 * Found and used under the RCU read lock or rtnl.
 */
struct lg_port {
	u32 ifindex;
	struct lg_port_settings set;
	struct lg_excludes __rcu *excludes;
	struct lg_bucket bucket;
	struct lg_bucket spoofs;
	atomic_t count[__LG_CLASS_MAX];
	atomic_t held;
	struct lg_arp_kept arp;
	u32 seq;
	bool gone;
	unsigned int n_exchanges;
	struct list_head exchange_lru;
	spinlock_t relay_lock; /* leaf */
	unsigned int n_relays;
	struct lg_relay relay[LG_PORT_RELAYS];
	struct nf_hook_ops egress;
	struct nf_hook_ops ingress;
	bool bridged;
	struct rcu_head rcu;
};

extern const struct lg_port_settings lg_port_defaults;

struct lg_port *lg_port_get(struct lg_net *lgn, u32 ifindex);
int lg_port_set(struct lg_net *lgn, struct net_device *dev,
		const struct lg_port_settings *set,
		struct lg_excludes *excludes, struct netlink_ext_ack *extack);
void lg_port_saw_relay(struct lg_net *lgn, u32 ifindex, __be32 giaddr,
		       __be32 server);
unsigned int lg_port_relays(struct lg_port *port, struct lg_relay *copy);

void lg_ports_init(struct lg_net *lgn);
void lg_ports_pre_exit(struct lg_net *lgn);
void lg_ports_exit(struct lg_net *lgn);
int lg_port_notifier_register(void);
void lg_port_notifier_unregister(void);

/* Whether any namespace has an access port. */
DECLARE_STATIC_KEY_FALSE(lg_access_key);

/**
 * lg_port_find() - the port of an interface
 * @lgn: namespace state
 * @ifindex: of the interface
 *
 * Context: RCU read lock or rtnl.
 * Return: the port or NULL.
 */
static inline struct lg_port *lg_port_find(const struct lg_net *lgn,
					   u32 ifindex)
{
	return xa_load((struct xarray *)&lgn->ports, ifindex);
}

/**
 * lg_port_access() - the port of an interface, if it has the access role
 * @lgn: namespace state
 * @ifindex: of the interface
 *
 * Context: RCU read lock or rtnl.
 * Return: the port or NULL.
 */
static inline struct lg_port *lg_port_access(const struct lg_net *lgn,
					     u32 ifindex)
{
	struct lg_port *port;

	port = rcu_dereference_check(lgn->access[ifindex % LG_ACCESS_SLOTS],
				     lockdep_rtnl_is_held());
	if (likely(port && port->ifindex == ifindex))
		return port;
	if (!READ_ONCE(lgn->access_rest))
		return NULL;
	port = lg_port_find(lgn, ifindex);
	return port && READ_ONCE(port->set.role) == LEASEGLEAN_ROLE_ACCESS ?
	       port : NULL;
}

/**
 * lg_port_move() - whether a lease may be claimed
 * @lgn: namespace state
 * @claimed: access port that it is claimed from
 * @ifindex: of the lease's own port, which protects it too
 *
 * Context: RCU read lock.
 * Return: the stricter enum leaseglean_move of the two.
 */
static inline u32 lg_port_move(const struct lg_net *lgn,
			       const struct lg_port *claimed, u32 ifindex)
{
	const struct lg_port *port = lg_port_access(lgn, ifindex);
	u32 move = READ_ONCE(claimed->set.move);

	return port ? min(move, READ_ONCE(port->set.move)) : move;
}

bool lg_port_below(const struct lg_net *lgn, const struct net_device *dev);
bool lg_port_within(const struct lg_net *lgn, u32 inner, u32 outer);

static inline bool lg_port_trusted(const struct lg_net *lgn, u32 ifindex)
{
	struct lg_port *port = lg_port_find(lgn, ifindex);

	return port && READ_ONCE(port->set.role) == LEASEGLEAN_ROLE_TRUSTED;
}

#endif /* _LG_PORT_H */
