/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module keeps for each network namespace.
 *
 * Parts, in the order a packet meets them:
 *
 *   hook.c      netfilter hooks: tells DHCP from data
 *   ingress.c   the same, at the door of ports that are looked at there
 *   bridge.c    what only a bridge can tell of its ports
 *   message.c   finds a DHCP message in a packet
 *   dhcp.c      reads a DHCP message
 *   exchange.c  xid and chaddr of a client's request: where it came from
 *   glean.c     a server's reply that completes an exchange
 *   lease.c     the table
 *   block.c     what a packet needs to know of it, in one cache line
 *   miss.c      a packet to an address the table does not hold
 *   neigh.c     neighbour entries from the table, on ports without ARP
 *   verify.c    a packet from an address that may not be the sender's
 *   route.c     how the host reaches an address
 *   query.c     replies to the helper's DHCPLEASEQUERY
 *   answer.c    DHCPLEASEQUERY of others, and the helper's replies to it
 *   port.c      roles and budgets of interfaces
 *   netlink.c   the helper and the operator
 *   proc.c      /proc/net/leaseglean
 */
#ifndef _LG_H
#define _LG_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "stats.h"

/**
 * struct lg_bucket - token bucket
 * @lock: leaf lock, taken with softirqs off
 * @last: jiffies of the last refill
 * @tokens: what is left, in 1/HZ of a token
 */
struct lg_bucket {
	spinlock_t lock; /* leaf */
	unsigned long last;
	u64 tokens;
};

void lg_bucket_init(struct lg_bucket *bucket);
void lg_bucket_fill(struct lg_bucket *bucket, u32 burst);
bool lg_bucket_take(struct lg_bucket *bucket, u32 rate, u32 burst);

/* Classes of entries that are counted and capped apart. */
enum lg_class {
	LG_CLASS_ACTIVE,
	LG_CLASS_NEGATIVE,
	LG_CLASS_PENDING,
	__LG_CLASS_MAX
};

/**
 * struct lg_servers - servers whose replies are believed unasked
 * @rcu: replaced as a whole
 * @n: how many
 * @addr: network order
 */
struct lg_servers {
	struct rcu_head rcu;
	unsigned int n;
	__be32 addr[];
};

#define LG_ACCESS_SLOTS	64

struct lg_port;
struct lg_table;

/**
 * struct lg_net - all state of one network namespace
 * @net: the namespace
 * @tables: lg_table by VRF interface index, 0 for none; lease.h
 * @main: the table of no VRF, which is in @tables too; RCU
 * @ports: lg_port by interface index; port.h
 * @access: those with the access role, by the low bits of their index, for
 *	packets; RCU, written under rtnl
 * @access_rest: how many of them found their place in @access taken
 * @n_access: ports with the access role
 * @count: entries by class, over all tables
 * @cookie: of the last miss
 * @exchange_lock: all of the exchanges; exchange.h
 * @exchanges: by xid and chaddr
 * @exchange_lru: those of a known place, longest idle first
 * @exchange_orphans: the others, oldest first
 * @n_exchanges: how many of a known place
 * @n_orphans: how many others
 * @query_lock: all of the queries; query.h
 * @queries: by xid, server and giaddr
 * @query_list: the same
 * @n_queries: how many
 * @servers: believed unasked, or NULL; RCU, written under the genl lock
 * @helper: portid of the helper's socket or 0; written under the genl lock
 *	and by the netlink release notifier, both with cmpxchg
 * @answerer: portid of the socket that answers queries or 0; likewise
 * @requestors: who may ask it, or NULL; RCU, written under the genl lock
 * @budget: misses of all ports
 * @n_bridged: ports with a role that are a bridge's; written under rtnl
 * @held: bytes held for pending entries, at most
 * @neigh_over: neighbour entries of ours were dropped
 * @neigh_stale: others may be of ports that have ARP again
 * @gc: takes out what has ended; armed while there is anything
 * @gc_vrf: where the next round of @gc begins
 * @gc_addr: likewise
 * @stats: counters
 *
 * Lock order: rtnl > table (xa_lock) > { its rivals (xa_lock), bucket }
 *             table (xa_lock of neighs) is a leaf, and so is that of tables
 *             exchange_lock and query_lock are leaves; nothing is called
 *             with them held but allocation and rhashtable.
 * All spinlocks are taken with softirqs off. Packets hold only the RCU read
 * lock while they look things up. Tables, ports, leases, queries and the
 * server list are freed after a grace period; exchanges never leave their
 * lock. An lg_net lives from pernet init to pernet exit, and hooks,
 * netlink and notifiers are gone before that.
 */
struct lg_net {
	struct net *net;
	struct xarray tables;
	struct lg_table __rcu *main;
	struct xarray ports;
	struct lg_port __rcu *access[LG_ACCESS_SLOTS];
	unsigned int access_rest;
	atomic_t n_access;
	atomic_t count[__LG_CLASS_MAX];
	atomic64_t cookie;

	spinlock_t exchange_lock; /* leaf */
	struct rhashtable exchanges;
	struct list_head exchange_lru;
	struct list_head exchange_orphans;
	unsigned int n_exchanges;
	unsigned int n_orphans;

	spinlock_t query_lock; /* leaf */
	struct rhltable queries;
	struct list_head query_list;
	unsigned int n_queries;

	struct lg_servers __rcu *servers;
	u32 helper;
	u32 answerer;
	struct lg_requestors __rcu *requestors;
	struct lg_bucket budget;
	unsigned int n_bridged;
	atomic_t held;
	bool neigh_over;
	bool neigh_stale;

	struct delayed_work gc;
	unsigned long gc_vrf;
	unsigned long gc_addr;

	struct lg_stats __percpu *stats;
};

/* Seconds between two rounds of the GC, while there is anything to take out. */
#define LG_GC_PERIOD	1

void lg_gc_arm(struct lg_net *lgn);
unsigned int lg_cap(const struct lg_net *lgn, unsigned int max);

extern unsigned int lg_net_id;

static inline struct lg_net *lg_pernet(const struct net *net)
{
	return net_generic(net, lg_net_id);
}

/* Seconds of boottime: goes on in suspend, as leases do. Fits 136 years. */
static inline u32 lg_now(void)
{
	return (u32)ktime_get_boottime_seconds();
}

#endif /* _LG_H */
