// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/math64.h>
#include <linux/jiffies.h>
#include <linux/netfilter_netdev.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/l3mdev.h>

#include "bridge.h"
#include "exchange.h"
#include "hook.h"
#include "lease.h"
#include "neigh.h"
#include "netlink.h"
#include "port.h"
#include "verify.h"

/* A port's budget until it is given another: a full /24 at once. */
#define LG_PORT_RATE	100
#define LG_PORT_BURST	512

DEFINE_STATIC_KEY_FALSE(lg_access_key);

const struct lg_port_settings lg_port_defaults = {
	.role = LEASEGLEAN_ROLE_NONE,
	.rate = LG_PORT_RATE,
	.burst = LG_PORT_BURST,
	.arp = LEASEGLEAN_ARP_ON,
	.verify = LEASEGLEAN_VERIFY_OFF,
	.match = LEASEGLEAN_MATCH_MASK,
	.move = LEASEGLEAN_MOVE_QUERY,
};

/**
 * lg_bucket_init() - a bucket, to be filled
 * @bucket: the bucket
 */
void lg_bucket_init(struct lg_bucket *bucket)
{
	spin_lock_init(&bucket->lock);
}

/**
 * lg_bucket_fill() - fill a bucket
 * @bucket: the bucket
 * @burst: tokens it holds
 */
void lg_bucket_fill(struct lg_bucket *bucket, u32 burst)
{
	spin_lock_bh(&bucket->lock);
	bucket->last = jiffies;
	bucket->tokens = (u64)burst * HZ;
	spin_unlock_bh(&bucket->lock);
}

/**
 * lg_bucket_take() - take one token
 * @bucket: the bucket
 * @rate: tokens a second
 * @burst: tokens it holds
 *
 * Context: any but hard interrupt.
 * Return: whether there was one.
 */
bool lg_bucket_take(struct lg_bucket *bucket, u32 rate, u32 burst)
{
	unsigned long now;
	bool taken;

	spin_lock_bh(&bucket->lock);
	now = jiffies;
	bucket->tokens = min_t(u64, (u64)burst * HZ, bucket->tokens +
			       (u64)rate * (now - bucket->last));
	bucket->last = now;
	taken = bucket->tokens >= HZ;
	if (taken)
		bucket->tokens -= HZ;
	spin_unlock_bh(&bucket->lock);
	return taken;
}

/* Never 0, which is no port. */
static u32 lg_port_seq_next(void)
{
	static atomic_t seq;
	u32 next = atomic_inc_return(&seq);

	return next ? next : atomic_inc_return(&seq);
}

/**
 * lg_port_get() - the port of an interface, made if need be
 * @lgn: namespace state
 * @ifindex: of the interface
 *
 * Context: RCU read lock or rtnl.
 * Return: the port, or NULL without memory or such an interface.
 */
struct lg_port *lg_port_get(struct lg_net *lgn, u32 ifindex)
{
	struct lg_port *port = lg_port_find(lgn, ifindex), *old;

	if (port)
		return port;
	port = kzalloc(sizeof(*port), GFP_ATOMIC | __GFP_NOWARN);
	if (!port)
		return NULL;
	port->ifindex = ifindex;
	port->seq = lg_port_seq_next();
	INIT_LIST_HEAD(&port->exchange_lru);
	port->set = lg_port_defaults;
	lg_bucket_init(&port->bucket);
	lg_bucket_fill(&port->bucket, port->set.burst);
	lg_bucket_init(&port->spoofs);
	lg_bucket_fill(&port->spoofs, LG_SPOOF_BURST);
	spin_lock_init(&port->relay_lock);
	xa_lock_bh(&lgn->ports);
	old = __xa_cmpxchg(&lgn->ports, ifindex, NULL, port,
			   GFP_ATOMIC | __GFP_NOWARN);
	xa_unlock_bh(&lgn->ports);
	if (!old)
		return port;
	kfree(port);
	return xa_is_err(old) ? NULL : old;
}

/* Of two with the same place, the second is found the long way. */
static void lg_port_access_on(struct lg_net *lgn, struct lg_port *port)
{
	struct lg_port __rcu **slot;

	slot = &lgn->access[port->ifindex % LG_ACCESS_SLOTS];
	if (!rtnl_dereference(*slot))
		rcu_assign_pointer(*slot, port);
	else
		WRITE_ONCE(lgn->access_rest, lgn->access_rest + 1);
	atomic_inc(&lgn->n_access);
	static_branch_inc(&lg_access_key);
}

static void lg_port_access_off(struct lg_net *lgn, struct lg_port *port)
{
	struct lg_port __rcu **slot;

	slot = &lgn->access[port->ifindex % LG_ACCESS_SLOTS];
	if (rtnl_dereference(*slot) == port)
		RCU_INIT_POINTER(*slot, NULL);
	else
		WRITE_ONCE(lgn->access_rest, lgn->access_rest - 1);
	atomic_dec(&lgn->n_access);
	static_branch_dec(&lg_access_key);
}

static int lg_port_egress_on(struct lg_net *lgn, struct lg_port *port,
			     struct net_device *dev,
			     struct netlink_ext_ack *extack)
{
	int err;

	if (port->egress.dev)
		return 0;
	port->egress.hook = lg_hook_egress;
	port->egress.pf = NFPROTO_NETDEV;
	port->egress.hooknum = NF_NETDEV_EGRESS;
	port->egress.priority = 0;
	port->egress.dev = dev;
	err = nf_register_net_hook(lgn->net, &port->egress);
	if (err) {
		port->egress.dev = NULL;
		NL_SET_ERR_MSG(extack, "no netfilter egress hook on this interface");
	}
	return err;
}

static void lg_port_egress_off(struct lg_net *lgn, struct lg_port *port)
{
	if (!port->egress.dev)
		return;
	nf_unregister_net_hook(lgn->net, &port->egress);
	port->egress.dev = NULL;
}

static int lg_port_ingress_on(struct lg_net *lgn, struct lg_port *port,
			      struct net_device *dev,
			      struct netlink_ext_ack *extack)
{
	int err;

	if (port->ingress.dev)
		return 0;
	port->ingress.hook = lg_hook_ingress;
	port->ingress.pf = NFPROTO_NETDEV;
	port->ingress.hooknum = NF_NETDEV_INGRESS;
	/* After what an operator filters there. */
	port->ingress.priority = INT_MAX;
	port->ingress.dev = dev;
	err = nf_register_net_hook(lgn->net, &port->ingress);
	if (err) {
		port->ingress.dev = NULL;
		NL_SET_ERR_MSG(extack, "no netfilter ingress hook on this interface");
	}
	return err;
}

static void lg_port_ingress_off(struct lg_net *lgn, struct lg_port *port)
{
	if (!port->ingress.dev)
		return;
	nf_unregister_net_hook(lgn->net, &port->ingress);
	port->ingress.dev = NULL;
}

/* What enters by a bridge's port is seen nowhere else with that port. */
static bool lg_port_wants_ingress(const struct lg_port_settings *set,
				  bool bridged)
{
	return (bridged && set->role != LEASEGLEAN_ROLE_NONE) ||
	       set->verify != LEASEGLEAN_VERIFY_OFF;
}

static void lg_port_bridged_set(struct lg_net *lgn, struct lg_port *port,
				bool bridged)
{
	if (port->bridged == bridged)
		return;
	if (bridged)
		lg_bridge_get();
	WRITE_ONCE(port->bridged, bridged);
	WRITE_ONCE(lgn->n_bridged, lgn->n_bridged + (bridged ? 1 : -1));
}

/* Of a port that has been given the access role, or has lost it. */
static void lg_port_role_set(struct lg_net *lgn, struct lg_port *port,
			     u32 role)
{
	u32 was = port->set.role;

	WRITE_ONCE(port->set.role, role);
	if (role == was)
		return;
	if (role == LEASEGLEAN_ROLE_ACCESS)
		lg_port_access_on(lgn, port);
	else if (was == LEASEGLEAN_ROLE_ACCESS)
		lg_port_access_off(lgn, port);
	if (role != LEASEGLEAN_ROLE_ACCESS)
		lg_port_egress_off(lgn, port);
}

static void lg_port_budget_set(struct lg_port *port, u32 rate, u32 burst)
{
	if (port->set.rate == rate && port->set.burst == burst)
		return;
	WRITE_ONCE(port->set.rate, rate);
	WRITE_ONCE(port->set.burst, burst);
	lg_bucket_fill(&port->bucket, burst);
}

static void lg_port_excludes_set(struct lg_port *port,
				 struct lg_excludes *excludes)
{
	excludes = rcu_replace_pointer(port->excludes, excludes,
				       lockdep_rtnl_is_held());
	if (excludes)
		kfree_rcu(excludes, rcu);
}

/* What it has too many of afterwards, lg_port_apply() takes off. */
static int lg_port_hooks_on(struct lg_net *lgn, struct lg_port *port,
			    struct net_device *dev,
			    const struct lg_port_settings *set,
			    struct netlink_ext_ack *extack)
{
	int err = 0;

	if (lg_port_wants_ingress(set, netif_is_bridge_port(dev)))
		err = lg_port_ingress_on(lgn, port, dev, extack);
	if (err || set->role != LEASEGLEAN_ROLE_ACCESS)
		return err;
	err = lg_port_egress_on(lgn, port, dev, extack);
	if (err && !lg_port_wants_ingress(&port->set, port->bridged))
		lg_port_ingress_off(lgn, port);
	return err;
}

static void lg_port_apply(struct lg_net *lgn, struct lg_port *port,
			  const struct lg_port_settings *set)
{
	lg_neigh_port_set(lgn, port, set->arp);
	WRITE_ONCE(port->set.verify, set->verify);
	WRITE_ONCE(port->set.match, set->match);
	WRITE_ONCE(port->set.move, set->move);
	WRITE_ONCE(port->set.max_leases, set->max_leases);
	lg_port_budget_set(port, set->rate, set->burst);
	lg_port_role_set(lgn, port, set->role);
	if (!lg_port_wants_ingress(set, port->bridged))
		lg_port_ingress_off(lgn, port);
}

/**
 * lg_port_set() - give a port its settings
 * @lgn: namespace state
 * @dev: the interface
 * @set: all of them
 * @excludes: to replace the port's, which owns them from now on unless an
 *	error is returned; NULL leaves those there are to an access port
 * @extack: told why not
 *
 * Context: rtnl.
 * Return: 0, -ENOMEM or what netfilter says of the interface.
 */
int lg_port_set(struct lg_net *lgn, struct net_device *dev,
		const struct lg_port_settings *set,
		struct lg_excludes *excludes, struct netlink_ext_ack *extack)
{
	bool access = set->role == LEASEGLEAN_ROLE_ACCESS;
	struct lg_port *port;
	int err;

	ASSERT_RTNL();
	if (set->verify != LEASEGLEAN_VERIFY_OFF &&
	    set->match & LEASEGLEAN_MATCH_MAC && dev->type != ARPHRD_ETHER) {
		NL_SET_ERR_MSG(extack, "frames of this interface bear no MAC to match");
		return -EOPNOTSUPP;
	}
	port = lg_port_find(lgn, dev->ifindex);
	/* What became a bridge's or a bond's since then keeps what it has. */
	if (!port || port->set.arp != set->arp) {
		err = lg_neigh_port_check(dev, set, extack);
		if (err)
			return err;
	}
	port = lg_port_get(lgn, dev->ifindex);
	if (!port) {
		NL_SET_ERR_MSG(extack, "no memory for the port");
		return -ENOMEM;
	}
	err = lg_port_hooks_on(lgn, port, dev, set, extack);
	if (err)
		return err;
	lg_port_bridged_set(lgn, port, set->role != LEASEGLEAN_ROLE_NONE &&
			    netif_is_bridge_port(dev));
	lg_port_apply(lgn, port, set);
	if (excludes || !access)
		lg_port_excludes_set(port, excludes);
	lg_netlink_port_event(lgn, port);
	return 0;
}

static int lg_port_is_bridged(struct net_device *dev,
			      struct netdev_nested_priv *priv)
{
	const struct lg_net *lgn = priv->data;
	const struct lg_port *port = lg_port_find(lgn, dev->ifindex);

	return port && READ_ONCE(port->bridged);
}

/**
 * lg_port_below() - whether an interface has ports of ours in a bridge below
 * @lgn: namespace state
 * @dev: the interface
 *
 * Context: RCU read lock.
 */
bool lg_port_below(const struct lg_net *lgn, const struct net_device *dev)
{
	struct netdev_nested_priv priv = { .data = (void *)lgn };

	return READ_ONCE(lgn->n_bridged) &&
	       netdev_walk_all_lower_dev_rcu((struct net_device *)dev,
					     lg_port_is_bridged, &priv);
}

/**
 * lg_port_within() - whether an interface is another or in it
 * @lgn: namespace state
 * @inner: interface index, of a bridge's port perhaps
 * @outer: interface index, of the bridge or a VLAN upon it perhaps
 *
 * By a bridge's port, a bond's link or what a macvlan is on comes what the
 * interface above gets. By what a VLAN is on comes none of it: a tag leads to
 * another place.
 *
 * Context: RCU read lock.
 */
bool lg_port_within(const struct lg_net *lgn, u32 inner, u32 outer)
{
	struct net_device *dev, *upper;

	if (inner == outer)
		return true;
	dev = dev_get_by_index_rcu(lgn->net, inner);
	upper = dev_get_by_index_rcu(lgn->net, outer);
	if (!dev || !upper || !rcu_access_pointer(dev->rx_handler) ||
	    (is_vlan_dev(upper) && vlan_dev_real_dev(upper) == dev))
		return false;
	return netdev_has_upper_dev_all_rcu(dev, upper);
}

/**
 * lg_port_saw_relay() - a server answered a relay agent's request
 * @lgn: namespace state
 * @ifindex: port of the client
 * @giaddr: of the relay agent
 * @server: that answered
 *
 * Context: softirq, RCU read lock.
 */
void lg_port_saw_relay(struct lg_net *lgn, u32 ifindex, __be32 giaddr,
		       __be32 server)
{
	const struct lg_relay relay = { .giaddr = giaddr, .server = server };
	struct lg_port *port = lg_port_find(lgn, ifindex);
	bool is_new = false;
	unsigned int i;

	if (!port || !giaddr)
		return;
	spin_lock_bh(&port->relay_lock);
	for (i = 0; i < port->n_relays; i++)
		if (!memcmp(&port->relay[i], &relay, sizeof(relay)))
			break;
	if (i == port->n_relays) {
		is_new = i < LG_PORT_RELAYS;
		if (is_new)
			port->relay[port->n_relays++] = relay;
		else
			lg_stat_inc(lgn, relay_cap);
	}
	spin_unlock_bh(&port->relay_lock);
	if (is_new)
		lg_netlink_relay_event(lgn, port, &relay);
}

/**
 * lg_port_relays() - what relay agents were seen to use for a port
 * @port: the port
 * @copy: LG_PORT_RELAYS of them
 *
 * Return: how many.
 */
unsigned int lg_port_relays(struct lg_port *port, struct lg_relay *copy)
{
	unsigned int n;

	spin_lock_bh(&port->relay_lock);
	n = port->n_relays;
	memcpy(copy, port->relay, n * sizeof(*copy));
	spin_unlock_bh(&port->relay_lock);
	return n;
}

static void lg_port_free(struct lg_net *lgn, struct lg_port *port)
{
	lg_port_bridged_set(lgn, port, false);
	lg_port_apply(lgn, port, &lg_port_defaults);
	lg_port_excludes_set(port, NULL);
	lg_netlink_port_event(lgn, port);
	xa_erase_bh(&lgn->ports, port->ifindex);
	lg_exchanges_port_gone(lgn, port);
	kfree_rcu(port, rcu);
}

/* An interface became a bridge's port, or is one no more. */
static void lg_port_bridge_event(struct lg_net *lgn, struct net_device *dev,
				 bool bridged)
{
	struct lg_port *port = lg_port_find(lgn, dev->ifindex);

	if (!port || port->set.role == LEASEGLEAN_ROLE_NONE)
		return;
	if (bridged && lg_port_ingress_on(lgn, port, dev, NULL))
		pr_warn("leaseglean: %s: no ingress hook: what enters the bridge by it is not gleaned\n",
			dev->name);
	lg_port_bridged_set(lgn, port, bridged);
	if (!lg_port_wants_ingress(&port->set, bridged))
		lg_port_ingress_off(lgn, port);
}

static int lg_port_netdev_event(struct notifier_block *nb,
				unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct lg_net *lgn = lg_pernet(dev_net(dev));
	const struct netdev_notifier_changeupper_info *info = ptr;
	struct lg_port *port;

	if (event == NETDEV_CHANGEUPPER &&
	    netif_is_bridge_master(info->upper_dev))
		lg_port_bridge_event(lgn, dev, info->linking);
	if (event != NETDEV_UNREGISTER && event != NETDEV_CHANGEMTU)
		return NOTIFY_DONE;
	port = lg_port_find(lgn, dev->ifindex);
	if (event == NETDEV_CHANGEMTU) {
		if (port)
			lg_neigh_port_mtu(port, dev);
		return NOTIFY_DONE;
	}
	if (port)
		lg_port_free(lgn, port);
	if (netif_is_l3_master(dev))
		lg_table_vrf_gone(lgn, dev->ifindex);
	return NOTIFY_DONE;
}

static struct notifier_block lg_port_notifier = {
	.notifier_call = lg_port_netdev_event,
};

int lg_port_notifier_register(void)
{
	return register_netdevice_notifier(&lg_port_notifier);
}

/* Plays NETDEV_UNREGISTER for every interface: the ports are gone after it. */
void lg_port_notifier_unregister(void)
{
	unregister_netdevice_notifier(&lg_port_notifier);
}

/**
 * lg_ports_init() - no ports yet
 * @lgn: namespace state
 */
void lg_ports_init(struct lg_net *lgn)
{
	xa_init_flags(&lgn->ports, XA_FLAGS_LOCK_BH);
}

/**
 * lg_ports_pre_exit() - free all, and with them the egress hooks
 * @lgn: namespace state; takes rtnl
 */
void lg_ports_pre_exit(struct lg_net *lgn)
{
	struct lg_port *port;
	unsigned long ifindex;

	rtnl_lock();
	xa_for_each(&lgn->ports, ifindex, port)
		lg_port_free(lgn, port);
	rtnl_unlock();
}

/**
 * lg_ports_exit() - free those that a last packet made after that
 * @lgn: namespace state; no hook runs in it any more
 */
void lg_ports_exit(struct lg_net *lgn)
{
	lg_ports_pre_exit(lgn);
	xa_destroy(&lgn->ports);
}
