/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: the interfaces behind which clients were seen, or which were given
 * a role. A port lives from then until its interface goes.
 */
#ifndef _LG_PORT_H
#define _LG_PORT_H

#include <leaseglean.h>
#include <linux/jump_label.h>
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
 * struct lg_port - one interface
 * @ifindex: of the interface
 * @role: enum leaseglean_role; written under rtnl, read anywhere
 * @rate: misses a second; written under rtnl
 * @burst: misses at once; written under rtnl
 * @bucket: of these
 * @count: entries of the table by class
 * @seq: tells it from another that had or will have the same index
 * @gone: takes no more exchanges; under lgn->exchange_lock
 * @n_exchanges: open ones; likewise
 * @exchange_lru: those, longest idle first; likewise
 * @relay_lock: leaf lock of @relay and @n_relays, softirqs off
 * @n_relays: how many
 * @relay: of those that a server answered
 * @egress: keeps leasequery messages from subscribers, while @role is access
 * @rcu: frees it
 *
 * Found and used under the RCU read lock or rtnl.
 */
struct lg_port {
	u32 ifindex;
	u32 role;
	u32 rate;
	u32 burst;
	struct lg_bucket bucket;
	atomic_t count[__LG_CLASS_MAX];
	u32 seq;
	bool gone;
	unsigned int n_exchanges;
	struct list_head exchange_lru;
	spinlock_t relay_lock; /* leaf */
	unsigned int n_relays;
	struct lg_relay relay[LG_PORT_RELAYS];
	struct nf_hook_ops egress;
	struct rcu_head rcu;
};

/**
 * struct lg_port_change - what an operator asks of a port
 * @has_role: whether @role counts
 * @role: enum leaseglean_role
 * @rate: misses a second, 0 for no change
 * @burst: misses at once, 0 for no change
 */
struct lg_port_change {
	bool has_role;
	u32 role;
	u32 rate;
	u32 burst;
};

struct lg_port *lg_port_get(struct lg_net *lgn, u32 ifindex);
int lg_port_set(struct lg_net *lgn, struct net_device *dev,
		const struct lg_port_change *change,
		struct netlink_ext_ack *extack);
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
	return port && READ_ONCE(port->role) == LEASEGLEAN_ROLE_ACCESS ?
	       port : NULL;
}

static inline bool lg_port_trusted(const struct lg_net *lgn, u32 ifindex)
{
	struct lg_port *port = lg_port_find(lgn, ifindex);

	return port && READ_ONCE(port->role) == LEASEGLEAN_ROLE_TRUSTED;
}

#endif /* _LG_PORT_H */
