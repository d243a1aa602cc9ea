// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "exchange.h"
#include "lease.h"
#include "port.h"

/* The longest pause between two of a client's tries (RFC 2131, 4.1). */
#define LG_EXCHANGE_IDLE	(64 * HZ)

/* Orphans only bridge a race of two CPUs. */
#define LG_EXCHANGE_ORPHANS	256

static unsigned int max_exchanges = 1 << 15;
module_param(max_exchanges, uint, 0644);
MODULE_PARM_DESC(max_exchanges, "Open DHCP exchanges in one network namespace");

static unsigned int max_exchanges_port = 1 << 11;
module_param(max_exchanges_port, uint, 0644);
MODULE_PARM_DESC(max_exchanges_port, "The same on one port");

/* Idle since @used; all under lgn->exchange_lock. */
struct lg_exchange_node {
	struct rhash_head node;
	struct list_head lru;		/* lgn->exchange_lru, or orphans */
	struct list_head port_lru;	/* port->exchange_lru; not of orphans */
	struct lg_port *port;		/* NULL of an orphan */
	struct lg_exchange_key key;
	unsigned long used;
	struct lg_exchange exchange;
};

static const struct rhashtable_params lg_exchange_params = {
	.head_offset = offsetof(struct lg_exchange_node, node),
	.key_offset = offsetof(struct lg_exchange_node, key),
	.key_len = sizeof(struct lg_exchange_key),
	.automatic_shrinking = true,
};

static void lg_exchange_key_of(struct lg_exchange_key *key,
			       const struct lg_dhcp *msg)
{
	memset(key, 0, sizeof(*key));
	key->xid = msg->xid;
	key->htype = msg->htype;
	key->hlen = msg->hlen;
	memcpy(key->chaddr, msg->chaddr, msg->hlen);
}

static struct lg_exchange_node *
lg_exchange_lookup(struct lg_net *lgn, const struct lg_dhcp *msg)
{
	struct lg_exchange_key key;

	lockdep_assert_held(&lgn->exchange_lock);
	lg_exchange_key_of(&key, msg);
	return rhashtable_lookup_fast(&lgn->exchanges, &key,
				      lg_exchange_params);
}

static void lg_exchange_unlist(struct lg_net *lgn, struct lg_exchange_node *ex)
{
	list_del(&ex->lru);
	if (ex->port) {
		list_del(&ex->port_lru);
		ex->port->n_exchanges--;
		lgn->n_exchanges--;
	} else {
		lgn->n_orphans--;
	}
}

static void lg_exchange_free(struct lg_net *lgn, struct lg_exchange_node *ex)
{
	rhashtable_remove_fast(&lgn->exchanges, &ex->node, lg_exchange_params);
	lg_exchange_unlist(lgn, ex);
	kfree(ex);
}

/* An orphan, on no list yet. */
static struct lg_exchange_node *lg_exchange_new(struct lg_net *lgn,
						const struct lg_dhcp *msg)
{
	struct lg_exchange_node *ex;

	ex = kzalloc(sizeof(*ex), GFP_ATOMIC | __GFP_NOWARN);
	if (!ex)
		goto nomem;
	lg_exchange_key_of(&ex->key, msg);
	if (rhashtable_insert_fast(&lgn->exchanges, &ex->node,
				   lg_exchange_params)) {
		kfree(ex);
		goto nomem;
	}
	lg_gc_arm(lgn);
	return ex;

nomem:
	lg_stat_inc(lgn, exchange_nomem);
	return NULL;
}

static void lg_exchange_evict(struct lg_net *lgn, struct list_head *lru)
{
	lg_exchange_free(lgn, list_first_entry(lru, struct lg_exchange_node,
					       lru));
}

static struct lg_exchange_node *lg_exchange_orphan(struct lg_net *lgn,
						   const struct lg_dhcp *msg)
{
	struct lg_exchange_node *ex;

	if (lgn->n_orphans >= LG_EXCHANGE_ORPHANS)
		lg_exchange_evict(lgn, &lgn->exchange_orphans);
	ex = lg_exchange_new(lgn, msg);
	if (!ex)
		return NULL;
	ex->used = jiffies;
	list_add_tail(&ex->lru, &lgn->exchange_orphans);
	lgn->n_orphans++;
	return ex;
}

static void lg_exchange_make_room(struct lg_net *lgn, struct lg_port *port)
{
	if (port->n_exchanges &&
	    port->n_exchanges >= lg_cap(lgn, READ_ONCE(max_exchanges_port))) {
		lg_exchange_free(lgn, list_first_entry(&port->exchange_lru,
						       struct lg_exchange_node,
						       port_lru));
		lg_stat_inc(lgn, exchange_cap_port);
	}
	if (lgn->n_exchanges &&
	    lgn->n_exchanges >= lg_cap(lgn, READ_ONCE(max_exchanges))) {
		lg_exchange_evict(lgn, &lgn->exchange_lru);
		lg_stat_inc(lgn, exchange_cap_net);
	}
}

/* A new one, or the orphan @ex, gets its place. */
static struct lg_exchange_node *
lg_exchange_settle(struct lg_net *lgn, struct lg_exchange_node *ex,
		   struct lg_port *port, const struct lg_dhcp *msg,
		   const struct lg_place *place)
{
	lg_exchange_make_room(lgn, port);
	if (ex)
		lg_exchange_unlist(lgn, ex);
	else
		ex = lg_exchange_new(lgn, msg);
	if (!ex)
		return NULL;
	ex->port = port;
	ex->used = jiffies;
	ex->exchange.place = *place;
	list_add_tail(&ex->lru, &lgn->exchange_lru);
	list_add_tail(&ex->port_lru, &port->exchange_lru);
	port->n_exchanges++;
	lgn->n_exchanges++;
	lg_stat_inc(lgn, exchange_new);
	return ex;
}

/* An option too long to keep is as good as none: half of one would mislead. */
static u8 lg_opaque(const struct lg_dhcp *msg, u8 code, u8 *buf)
{
	int len = lg_dhcp_option(msg, code, buf, LEASEGLEAN_OPAQUE_MAX);

	return len > 0 ? len : 0;
}

static bool lg_same_place(const struct lg_place *a, const struct lg_place *b)
{
	return a->port == b->port &&
	       !memcmp(a->vlan, b->vlan, sizeof(a->vlan)) &&
	       ether_addr_equal_unaligned(a->l2src, b->l2src);
}

static void lg_exchange_request(struct lg_net *lgn, struct lg_exchange *ex,
				const struct lg_dhcp *msg, __be32 server,
				bool trusted)
{
	ex->type = msg->type;
	ex->wanted = msg->requested_addr ? msg->requested_addr : msg->ciaddr;
	ex->id_len = lg_opaque(msg, LG_OPT_CLIENT_ID, ex->client_id);
	ex->unicast = server;
	ex->bound = false;
	if (!trusted && lg_dhcp_option(msg, LG_OPT_AGENT_INFO, NULL, 0) >= 0) {
		ex->foreign_agent_info = true;
		ex->agent_len = 0;
		lg_stat_inc(lgn, client_agent_info);
	}
}

/**
 * lg_exchange_client() - a client's request came in by a port
 * @lgn: namespace state
 * @msg: the request
 * @place: where it came from
 * @server: the server it was unicast to, or 0 (RFC 2131, 4.4.5)
 * @trusted: option 82 from there is believed
 *
 * Context: softirq, RCU read lock.
 */
void lg_exchange_client(struct lg_net *lgn, const struct lg_dhcp *msg,
			const struct lg_place *place, __be32 server,
			bool trusted)
{
	struct lg_port *port = lg_port_get(lgn, place->port);
	struct lg_exchange_node *node;

	if (!port) {
		lg_stat_inc(lgn, exchange_nomem);
		return;
	}
	spin_lock_bh(&lgn->exchange_lock);
	node = lg_exchange_lookup(lgn, msg);
	if (node && node->port &&
	    !lg_same_place(&node->exchange.place, place)) {
		node->exchange.spoilt = true;
		lg_stat_inc(lgn, exchange_conflict);
		goto out;
	}
	if ((!node || !node->port) && !port->gone)
		node = lg_exchange_settle(lgn, node, port, msg, place);
	if (!node || !node->port)
		goto out;
	lg_exchange_request(lgn, &node->exchange, msg, server, trusted);
	node->used = jiffies;
	list_move_tail(&node->lru, &lgn->exchange_lru);
	list_move_tail(&node->port_lru, &node->port->exchange_lru);
out:
	spin_unlock_bh(&lgn->exchange_lock);
}

/**
 * lg_exchange_spoil() - nothing that comes of this request is to be believed
 * @lgn: namespace state
 * @msg: a request that pretends to be a relay agent's
 * @place: where it came from
 *
 * A relay agent may pass it on as it is.
 *
 * Context: softirq, RCU read lock.
 */
void lg_exchange_spoil(struct lg_net *lgn, const struct lg_dhcp *msg,
		       const struct lg_place *place)
{
	struct lg_port *port = lg_port_get(lgn, place->port);
	struct lg_exchange_node *node;

	spin_lock_bh(&lgn->exchange_lock);
	node = lg_exchange_lookup(lgn, msg);
	if ((!node || !node->port) && port && !port->gone)
		node = lg_exchange_settle(lgn, node, port, msg, place);
	if (node)
		node->exchange.spoilt = true;
	spin_unlock_bh(&lgn->exchange_lock);
}

/**
 * lg_exchange_asked() - whether a relay agent here asked a server
 * @exchange: the exchange
 * @server: the server, network order
 */
bool lg_exchange_asked(const struct lg_exchange *exchange, __be32 server)
{
	unsigned int i;

	for (i = 0; i < exchange->n_servers; i++)
		if (exchange->server[i] == server)
			return true;
	return false;
}

static void lg_exchange_server(struct lg_net *lgn, struct lg_exchange *ex,
			       __be32 server)
{
	if (lg_exchange_asked(ex, server))
		return;
	if (ex->n_servers == LG_EXCHANGE_SERVERS) {
		lg_stat_inc(lgn, exchange_servers);
		return;
	}
	ex->server[ex->n_servers++] = server;
}

/**
 * lg_exchange_relay() - a relay agent on this host asks a server
 * @lgn: namespace state
 * @msg: the request as relayed (RFC 2131, 4.1; RFC 3046, 2.1)
 * @server: its destination, network order
 *
 * Context: process or softirq, RCU read lock.
 */
void lg_exchange_relay(struct lg_net *lgn, const struct lg_dhcp *msg,
		       __be32 server)
{
	struct lg_exchange_node *node;
	struct lg_exchange *ex;

	spin_lock_bh(&lgn->exchange_lock);
	node = lg_exchange_lookup(lgn, msg);
	if (!node)
		node = lg_exchange_orphan(lgn, msg);
	if (node) {
		ex = &node->exchange;
		ex->relayed = true;
		ex->giaddr = msg->giaddr;
		ex->agent_len = 0;
		if (!ex->foreign_agent_info)
			ex->agent_len = lg_opaque(msg, LG_OPT_AGENT_INFO,
						  ex->agent_info);
		lg_exchange_server(lgn, ex, server);
		lg_stat_inc(lgn, exchange_relayed);
	}
	spin_unlock_bh(&lgn->exchange_lock);
}

/**
 * lg_exchange_find() - the open exchange that a reply belongs to
 * @lgn: namespace state
 * @msg: the reply
 *
 * The exchange stays open: the same reply may come by relay and directly,
 * and more than one server may answer. The copy is too large for a stack on
 * which packets that were held may be sent yet.
 *
 * Context: softirq, RCU read lock.
 * Return: a copy for the caller to kfree(), or NULL where there is none whose
 * place is known, or no memory.
 */
struct lg_exchange *lg_exchange_find(struct lg_net *lgn,
				     const struct lg_dhcp *msg)
{
	struct lg_exchange_node *node;
	struct lg_exchange *copy = NULL;

	spin_lock_bh(&lgn->exchange_lock);
	node = lg_exchange_lookup(lgn, msg);
	if (node && node->port) {
		copy = kmemdup(&node->exchange, sizeof(*copy),
			       GFP_ATOMIC | __GFP_NOWARN);
		if (!copy)
			lg_stat_inc(lgn, exchange_nomem);
	}
	spin_unlock_bh(&lgn->exchange_lock);
	return copy;
}

/**
 * lg_exchange_seen() - whether a request was seen as it entered a bridge
 * @lgn: namespace state
 * @msg: the request
 * @ifindex: interface above the bridge's ports, that it comes by now
 *
 * Context: softirq, RCU read lock.
 */
bool lg_exchange_seen(struct lg_net *lgn, const struct lg_dhcp *msg,
		      u32 ifindex)
{
	struct lg_exchange_node *node;
	struct lg_port *port;
	u32 place = 0;

	spin_lock_bh(&lgn->exchange_lock);
	node = lg_exchange_lookup(lgn, msg);
	if (node && node->port)
		place = node->exchange.place.port;
	spin_unlock_bh(&lgn->exchange_lock);
	port = place ? lg_port_find(lgn, place) : NULL;
	return port && READ_ONCE(port->bridged) && place != ifindex &&
	       lg_port_within(lgn, place, ifindex);
}

/**
 * lg_exchange_bound() - a reply of this exchange has bound an address
 * @lgn: namespace state
 * @msg: the reply
 *
 * Context: softirq, RCU read lock.
 */
void lg_exchange_bound(struct lg_net *lgn, const struct lg_dhcp *msg)
{
	struct lg_exchange_node *node;

	spin_lock_bh(&lgn->exchange_lock);
	node = lg_exchange_lookup(lgn, msg);
	if (node)
		node->exchange.bound = true;
	spin_unlock_bh(&lgn->exchange_lock);
}

/* One at a time, so that the lock is never held for long. */
static bool lg_exchange_gc_one(struct lg_net *lgn, struct list_head *lru)
{
	struct lg_exchange_node *node;
	bool idle;

	spin_lock_bh(&lgn->exchange_lock);
	node = list_first_entry_or_null(lru, struct lg_exchange_node, lru);
	idle = node && time_after(jiffies, node->used + LG_EXCHANGE_IDLE);
	if (idle) {
		lg_exchange_free(lgn, node);
		lg_stat_inc(lgn, exchange_expired);
	}
	spin_unlock_bh(&lgn->exchange_lock);
	cond_resched();
	return idle;
}

/**
 * lg_exchanges_gc() - drop exchanges that nothing came of
 * @lgn: namespace state
 */
void lg_exchanges_gc(struct lg_net *lgn)
{
	while (lg_exchange_gc_one(lgn, &lgn->exchange_lru))
		;
	while (lg_exchange_gc_one(lgn, &lgn->exchange_orphans))
		;
}

/**
 * lg_exchanges_port_gone() - drop the exchanges of a port, for good
 * @lgn: namespace state
 * @port: the port, which takes no more
 */
void lg_exchanges_port_gone(struct lg_net *lgn, struct lg_port *port)
{
	struct lg_exchange_node *node, *next;

	spin_lock_bh(&lgn->exchange_lock);
	port->gone = true;
	list_for_each_entry_safe(node, next, &port->exchange_lru, port_lru)
		lg_exchange_free(lgn, node);
	spin_unlock_bh(&lgn->exchange_lock);
}

/**
 * lg_exchanges_init() - no exchanges yet
 * @lgn: namespace state
 *
 * Return: 0 or -ENOMEM.
 */
int lg_exchanges_init(struct lg_net *lgn)
{
	spin_lock_init(&lgn->exchange_lock);
	INIT_LIST_HEAD(&lgn->exchange_lru);
	INIT_LIST_HEAD(&lgn->exchange_orphans);
	return rhashtable_init(&lgn->exchanges, &lg_exchange_params);
}

/**
 * lg_exchanges_exit() - free all
 * @lgn: namespace state; no hook runs in it any more, all ports are gone
 */
void lg_exchanges_exit(struct lg_net *lgn)
{
	struct lg_exchange_node *node, *next;

	spin_lock_bh(&lgn->exchange_lock);
	list_for_each_entry_safe(node, next, &lgn->exchange_orphans, lru)
		lg_exchange_free(lgn, node);
	spin_unlock_bh(&lgn->exchange_lock);
	rhashtable_destroy(&lgn->exchanges);
}
