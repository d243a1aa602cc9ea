// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/l3mdev.h>

#include "miss.h"
#include "netlink.h"
#include "place.h"

/* A pending entry that no packet needed for so long is dropped. */
#define LG_PENDING_IDLE	60u
/* Seconds between two questions about one lease that is claimed. */
#define LG_CHALLENGE_PAUSE	10

/*
 * And after this one that packets need: its announcement may be lost, or its
 * answer refused at a cap.
 */
static unsigned int pending_max = 120;
module_param(pending_max, uint, 0644);
MODULE_PARM_DESC(pending_max, "Seconds after which the next packet has an address asked for again");

/* Neither at each packet nor, because the clock wraps, at once. */
#define LG_PENDING_MAX	(24 * 60 * 60u)

static unsigned int miss_rate = 1000;
module_param(miss_rate, uint, 0644);
MODULE_PARM_DESC(miss_rate, "Misses raised a second, over all ports");

static unsigned int miss_burst = 4096;
module_param(miss_burst, uint, 0644);
MODULE_PARM_DESC(miss_burst, "Misses raised at once, over all ports");

static u32 lg_pending_max(void)
{
	return clamp(READ_ONCE(pending_max), 1u, LG_PENDING_MAX);
}

static bool lg_miss_allowed(struct lg_net *lgn, struct lg_port *port)
{
	if (!lg_bucket_take(&port->bucket, READ_ONCE(port->set.rate),
			    READ_ONCE(port->set.burst))) {
		lg_stat_inc(lgn, miss_budget_port);
		return false;
	}
	if (!lg_bucket_take(&lgn->budget, READ_ONCE(miss_rate),
			    READ_ONCE(miss_burst))) {
		lg_stat_inc(lgn, miss_budget_net);
		return false;
	}
	return true;
}

/**
 * lg_miss() - have an address asked for that nothing is known of
 * @lgn: namespace state
 * @port: access port whose budget it is at
 * @out: interface that the address is reached by
 * @key: address and VRF
 *
 * The entry is the state and the upcall only its announcement: one that is
 * lost is found by the helper's dump of what is pending.
 *
 * Context: softirqs off, RCU read lock.
 */
void lg_miss(struct lg_net *lgn, struct lg_port *port,
	     const struct net_device *out, struct lg_key key)
{
	struct lg_lease *lease;

	if (!READ_ONCE(lgn->helper)) {
		lg_stat_inc(lgn, miss_no_helper);
		return;
	}
	if (!lg_miss_allowed(lgn, port))
		return;
	lease = lg_lease_alloc(NULL, 0, NULL, 0, GFP_ATOMIC | __GFP_NOWARN);
	/* What is on no port of ours is taken for one whose port went. */
	if (lease && !lg_port_get(lgn, out->ifindex)) {
		kfree(lease);
		lease = NULL;
	}
	if (!lease) {
		lg_stat_inc(lgn, miss_nomem);
		return;
	}
	lease->state = LEASEGLEAN_STATE_PENDING;
	lease->addr = key.addr;
	lease->vrf = key.vrf;
	lease->port = out->ifindex;
	lease->payer = port->ifindex;
	lg_place_vlans(out, lease->vlan);
	lease->vlan_known = lg_place_is_plain(out);
	lease->expires = lease->since + min(LG_PENDING_IDLE, lg_pending_max());
	lease->cookie = atomic64_inc_return(&lgn->cookie);
	atomic_set(&lease->packets, 1);
	if (lg_lease_put(lgn, lease, LG_PUT_MISS, NULL, NULL)) {
		kfree(lease);
		return;
	}
	lg_stat_inc(lgn, miss);
	lg_netlink_miss(lgn, lease, port);
}

/**
 * lg_challenge() - ask the servers whether a lease still holds
 * @lgn: namespace state
 * @port: access port whose budget it is at, from which it was claimed
 * @lease: the active lease; it stands meanwhile
 *
 * Not again within LG_CHALLENGE_PAUSE, and never of an operator's entry.
 *
 * Context: softirqs off, RCU read lock.
 */
void lg_challenge(struct lg_net *lgn, struct lg_port *port,
		  const struct lg_lease *lease)
{
	u32 now = lg_now();
	struct lg_lease *copy;

	if (lease->origin == LEASEGLEAN_ORIGIN_STATIC ||
	    (lease->asked && now - lease->asked < LG_CHALLENGE_PAUSE))
		return;
	if (!READ_ONCE(lgn->helper)) {
		lg_stat_inc(lgn, miss_no_helper);
		return;
	}
	if (!lg_miss_allowed(lgn, port))
		return;
	copy = lg_lease_copy(lease);
	if (!copy) {
		lg_stat_inc(lgn, miss_nomem);
		return;
	}
	copy->asked = now;
	copy->cookie = atomic64_inc_return(&lgn->cookie);
	if (lg_lease_put(lgn, copy, LG_PUT_ASKED, lease, NULL)) {
		kfree(copy);
		return;
	}
	lg_stat_inc(lgn, challenge);
	lg_netlink_miss(lgn, copy, port);
}

/**
 * lg_pending_wanted() - one more packet needs a pending entry
 * @lease: the entry
 *
 * Context: RCU read lock.
 */
void lg_pending_wanted(struct lg_lease *lease)
{
	atomic_inc(&lease->packets);
	WRITE_ONCE(lease->expires,
		   min(lg_now() + LG_PENDING_IDLE, lease->since + lg_pending_max()));
}

/*
 * Above a bridge only his address tells by which of its ports a subscriber
 * is: where that port lets him use no other.
 */
static struct lg_port *lg_payer_below(const struct lg_net *lgn,
				      const struct lg_port *from,
				      struct lg_key key)
{
	const struct lg_lease *lease = lg_lease_find(lgn, key);
	struct lg_port *port;

	if (!lease || lease->state != LEASEGLEAN_STATE_ACTIVE)
		return NULL;
	port = lg_port_access(lgn, lease->port);
	return port && READ_ONCE(port->bridged) &&
	       READ_ONCE(port->set.verify) >= LEASEGLEAN_VERIFY_PERMISSIVE &&
	       lg_port_within(lgn, port->ifindex, from->ifindex) ? port : NULL;
}

/*
 * Who makes the question pays for it: a subscriber who tries the addresses
 * behind another port must not use up what its own subscribers need.
 */
static struct lg_port *lg_payer(const struct lg_net *lgn,
				struct lg_port *port,
				const struct sk_buff *skb, u32 vrf)
{
	const struct lg_key source = { .addr = ip_hdr(skb)->saddr, .vrf = vrf };
	struct lg_port *from = lg_port_access(lgn, IPCB(skb)->iif), *below;

	if (!from)
		return port;
	below = lg_payer_below(lgn, from, source);
	return below ? below : from;
}

/**
 * lg_forward_read() - as lg_forward(), where the entry itself must be read
 * @lgn: namespace state
 * @port: the access port
 * @skb: the packet
 * @out: its interface
 * @key: address and VRF of the next hop
 *
 * Context: softirqs off, RCU read lock.
 * Return: as lg_forward().
 */
bool lg_forward_read(struct lg_net *lgn, struct lg_port *port,
		     const struct sk_buff *skb, struct net_device *out,
		     struct lg_key key)
{
	struct lg_lease *lease = lg_lease_find(lgn, key);

	if (!lease) {
		lg_miss(lgn, lg_payer(lgn, port, skb, key.vrf), out, key);
	} else if (lease->state == LEASEGLEAN_STATE_ACTIVE) {
		lg_stat_inc_bh(lgn, hit);
	} else if (lease->state == LEASEGLEAN_STATE_PENDING) {
		lg_pending_wanted(lease);
		lg_stat_inc(lgn, hit_pending);
	} else {
		lg_stat_inc(lgn, hit_negative);
	}
	return lg_arp_is_on(port) || lg_neigh_pass(lgn, skb, out, key);
}

/**
 * lg_misses_init() - a full overall budget
 * @lgn: namespace state
 */
void lg_misses_init(struct lg_net *lgn)
{
	lg_bucket_init(&lgn->budget);
	lg_bucket_fill(&lgn->budget, READ_ONCE(miss_burst));
}
