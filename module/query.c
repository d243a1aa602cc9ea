// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "query.h"

static unsigned int max_queries = 1 << 14;
module_param(max_queries, uint, 0644);
MODULE_PARM_DESC(max_queries, "Open leasequeries in one network namespace");

/* Queries that the GC looks at before it lets others have the lock. */
#define LG_QUERY_STEP	64U

/* Changed under lgn->query_lock, freed after a grace period. */
struct lg_query {
	struct rhlist_head node;
	struct list_head list;
	struct lg_query_key key;
	unsigned long ends;
	struct rcu_head rcu;
};

static const struct rhashtable_params lg_query_params = {
	.head_offset = offsetof(struct lg_query, node),
	.key_offset = offsetof(struct lg_query, key.xid),
	.key_len = sizeof(__be32),
	.automatic_shrinking = true,
};

static struct lg_query *lg_query_lookup(struct lg_net *lgn,
					const struct lg_query_key *key)
{
	struct rhlist_head *list, *pos;
	struct lg_query *query;

	lockdep_assert_held(&lgn->query_lock);
	list = rhltable_lookup(&lgn->queries, &key->xid, lg_query_params);
	rhl_for_each_entry_rcu(query, pos, list, node)
		if (query->key.server == key->server &&
		    query->key.giaddr == key->giaddr)
			return query;
	return NULL;
}

static int lg_query_add(struct lg_net *lgn, const struct lg_query_key *key,
			unsigned long ends, struct lg_query *query)
{
	int err;

	if (lgn->n_queries >= lg_cap(lgn, READ_ONCE(max_queries))) {
		lg_stat_inc(lgn, query_cap);
		return -ENOSPC;
	}
	query->key = *key;
	query->ends = ends;
	err = rhltable_insert(&lgn->queries, &query->node, lg_query_params);
	if (err) {
		lg_stat_inc(lgn, query_nomem);
		return err;
	}
	list_add_tail(&query->list, &lgn->query_list);
	lgn->n_queries++;
	lg_gc_arm(lgn);
	lg_stat_inc(lgn, query_opened);
	return 0;
}

/**
 * lg_query_open() - expect a reply from now on
 * @lgn: namespace state
 * @key: to what
 * @timeout: for how many seconds
 *
 * An open one is prolonged.
 *
 * Context: process.
 * Return: 0, -ENOSPC at the cap, -ENOMEM.
 */
int lg_query_open(struct lg_net *lgn, const struct lg_query_key *key,
		  u32 timeout)
{
	unsigned long ends = jiffies + timeout * HZ;
	struct lg_query *query, *spare;
	int err = 0;

	spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
	if (!spare) {
		lg_stat_inc(lgn, query_nomem);
		return -ENOMEM;
	}
	rcu_read_lock();
	spin_lock_bh(&lgn->query_lock);
	query = lg_query_lookup(lgn, key);
	if (query) {
		query->ends = ends;
	} else {
		err = lg_query_add(lgn, key, ends, spare);
		if (!err)
			spare = NULL;
	}
	spin_unlock_bh(&lgn->query_lock);
	rcu_read_unlock();
	kfree(spare);
	return err;
}

/**
 * lg_query_is_open() - whether a reply is expected
 * @lgn: namespace state
 * @key: the reply's xid, source and giaddr
 *
 * Context: RCU read lock.
 */
bool lg_query_is_open(struct lg_net *lgn, const struct lg_query_key *key)
{
	struct lg_query *query;

	spin_lock_bh(&lgn->query_lock);
	query = lg_query_lookup(lgn, key);
	spin_unlock_bh(&lgn->query_lock);
	return query;
}

/**
 * lg_query_xid_open() - whether any query has this xid
 * @lgn: namespace state
 * @xid: network order
 *
 * Context: RCU read lock.
 */
bool lg_query_xid_open(struct lg_net *lgn, __be32 xid)
{
	return rhltable_lookup(&lgn->queries, &xid, lg_query_params);
}

static void lg_query_free(struct lg_net *lgn, struct lg_query *query)
{
	rhltable_remove(&lgn->queries, &query->node, lg_query_params);
	list_del(&query->list);
	lgn->n_queries--;
	kfree_rcu(query, rcu);
}

/* Goes round: what is looked at goes to the end. */
static void lg_queries_gc_some(struct lg_net *lgn, unsigned int step)
{
	struct lg_query *query;

	while (step-- && !list_empty(&lgn->query_list)) {
		query = list_first_entry(&lgn->query_list, struct lg_query,
					 list);
		if (time_after(jiffies, query->ends))
			lg_query_free(lgn, query);
		else
			list_move_tail(&query->list, &lgn->query_list);
	}
}

/**
 * lg_queries_gc() - close those whose time is over
 * @lgn: namespace state
 */
void lg_queries_gc(struct lg_net *lgn)
{
	unsigned int left = READ_ONCE(lgn->n_queries);

	while (left) {
		unsigned int step = min(left, LG_QUERY_STEP);

		spin_lock_bh(&lgn->query_lock);
		lg_queries_gc_some(lgn, step);
		spin_unlock_bh(&lgn->query_lock);
		cond_resched();
		left -= step;
	}
}

/**
 * lg_queries_init() - none are open
 * @lgn: namespace state
 *
 * Return: 0 or -ENOMEM.
 */
int lg_queries_init(struct lg_net *lgn)
{
	spin_lock_init(&lgn->query_lock);
	INIT_LIST_HEAD(&lgn->query_list);
	return rhltable_init(&lgn->queries, &lg_query_params);
}

/**
 * lg_queries_exit() - free all
 * @lgn: namespace state; no hook runs in it any more
 */
void lg_queries_exit(struct lg_net *lgn)
{
	struct lg_query *query, *next;

	spin_lock_bh(&lgn->query_lock);
	list_for_each_entry_safe(query, next, &lgn->query_list, list)
		lg_query_free(lgn, query);
	spin_unlock_bh(&lgn->query_lock);
	rhltable_destroy(&lgn->queries);
}
