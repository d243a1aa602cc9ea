// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_arp.h>

#include "bridge.h"
#include "lease.h"
#include "miss.h"
#include "netlink.h"
#include "route.h"
#include "verify.h"

static bool lg_excluded(const struct lg_port *port, __be32 addr)
{
	const struct lg_excludes *excludes = rcu_dereference(port->excludes);
	unsigned int i;

	for (i = 0; excludes && i < excludes->n; i++)
		if ((addr & excludes->prefix[i].mask) ==
		    excludes->prefix[i].addr)
			return true;
	return false;
}

/* Of two interfaces, one above the other, one may know no more than that. */
static bool lg_same_port(const struct lg_net *lgn, u32 a, u32 b)
{
	return lg_port_within(lgn, a, b) || lg_port_within(lgn, b, a);
}

/* Whether a bridge has put what bears no tag on its port into that VLAN. */
static bool lg_vlan_given(const struct lg_net *lgn, u32 port,
			  const u16 *below, const u16 *above)
{
	struct net_device *dev, *br;
	__be16 proto;
	u16 vid;

	if (below[0] || above[1])
		return false;
	dev = dev_get_by_index_rcu(lgn->net, port);
	br = dev ? netdev_master_upper_dev_get_rcu(dev) : NULL;
	return br && netif_is_bridge_master(br) &&
	       lg_bridge_pvid(dev, br, &proto, &vid) && above[0] == vid;
}

/* One of the two may have been seen on a bridge's port, the other above. */
static bool lg_vlan_fits(const struct lg_net *lgn, const struct lg_lease *lease,
			 const struct lg_claim *claim)
{
	u32 here = claim->dev->ifindex;

	if (!memcmp(lease->vlan, claim->vlan, sizeof(lease->vlan)))
		return true;
	if (lease->port == here)
		return false;
	if (lg_port_within(lgn, lease->port, here))
		return lg_vlan_given(lgn, lease->port, lease->vlan,
				     claim->vlan);
	return lg_port_within(lgn, here, lease->port) &&
	       lg_vlan_given(lgn, here, claim->vlan, lease->vlan);
}

/* Returns why the claim does not fit the lease, or 0. */
static u32 lg_claim_fits(const struct lg_net *lgn, u32 match,
			 const struct lg_lease *lease,
			 const struct lg_claim *claim)
{
	if (match & LEASEGLEAN_MATCH_MAC &&
	    (claim->two ||
	     (lease->htype == ARPHRD_ETHER && lease->hlen == ETH_ALEN &&
	      memcmp(lease->hwaddr, claim->hwaddr, ETH_ALEN))))
		return LEASEGLEAN_REASON_MAC;
	if (match & LEASEGLEAN_MATCH_PORT && lease->port &&
	    !lg_same_port(lgn, lease->port, claim->dev->ifindex))
		return LEASEGLEAN_REASON_PORT;
	if (match & LEASEGLEAN_MATCH_VLAN && lease->vlan_known &&
	    !lg_vlan_fits(lgn, lease, claim))
		return LEASEGLEAN_REASON_VLAN;
	return 0;
}

static u32 lg_claim_judge(struct lg_net *lgn, struct lg_port *port,
			  struct lg_lease *lease, const struct lg_claim *claim)
{
	u32 reason;

	switch (lease->state) {
	case LEASEGLEAN_STATE_ACTIVE:
		reason = lg_claim_fits(lgn, READ_ONCE(port->set.match), lease,
				       claim);
		if (reason && lg_port_move(lgn, port, lease->port) ==
			      LEASEGLEAN_MOVE_QUERY)
			lg_challenge(lgn, port, lease);
		return reason;
	case LEASEGLEAN_STATE_PENDING:
		lg_pending_wanted(lease);
		return LEASEGLEAN_REASON_NO_LEASE;
	default:
		return LEASEGLEAN_REASON_NEGATIVE;
	}
}

/*
 * Only what is reached by an access port is asked for: a subscriber could
 * have servers asked for any address otherwise.
 */
static bool lg_claim_route(const struct lg_net *lgn, struct lg_key key,
			   const struct lg_claim *claim,
			   struct lg_route *route)
{
	return lg_route_find(lgn, key, route) &&
	       (route->dev == claim->dev ||
		lg_port_access(lgn, route->dev->ifindex) ||
		netdev_has_upper_dev_all_rcu(claim->dev, route->dev));
}

/*
 * Of an address that has no lease: a network behind a subscriber, perhaps,
 * whose route may have come after servers said so.
 */
static u32 lg_claim_unknown(struct lg_net *lgn, struct lg_port *port,
			    struct lg_lease *negative,
			    const struct lg_claim *claim)
{
	struct lg_key key = { .addr = claim->addr, .vrf = claim->vrf };
	struct lg_lease *lease = negative;
	struct lg_route route;

	if (!lg_claim_route(lgn, key, claim, &route))
		return LEASEGLEAN_REASON_SOURCE;
	if (route.nexthop != key.addr) {
		key.addr = route.nexthop;
		lease = lg_lease_find(lgn, key);
	}
	if (lease)
		return lg_claim_judge(lgn, port, lease, claim);
	lg_miss(lgn, port, route.dev, key);
	return LEASEGLEAN_REASON_NO_LEASE;
}

static void lg_count_reason(struct lg_net *lgn, u32 reason)
{
	switch (reason) {
	case LEASEGLEAN_REASON_NO_LEASE:
		lg_stat_inc(lgn, verify_no_lease);
		break;
	case LEASEGLEAN_REASON_NEGATIVE:
		lg_stat_inc(lgn, verify_negative);
		break;
	case LEASEGLEAN_REASON_MAC:
		lg_stat_inc(lgn, verify_mac);
		break;
	case LEASEGLEAN_REASON_PORT:
		lg_stat_inc(lgn, verify_port);
		break;
	case LEASEGLEAN_REASON_VLAN:
		lg_stat_inc(lgn, verify_vlan);
		break;
	default:
		lg_stat_inc(lgn, verify_source);
		break;
	}
}

static bool lg_claim_passes(u32 mode, u32 reason)
{
	switch (mode) {
	case LEASEGLEAN_VERIFY_STRICT:
		return false;
	case LEASEGLEAN_VERIFY_PERMISSIVE:
		return reason == LEASEGLEAN_REASON_NO_LEASE;
	default:
		return true;
	}
}

/**
 * lg_verify() - whether a subscriber may use the address that he does
 * @lgn: namespace state
 * @port: access port that it came by
 * @claim: what is claimed
 *
 * What is refused is counted by reason; some of it is told of.
 *
 * Context: softirqs off, RCU read lock.
 * Return: whether it passes.
 */
bool lg_verify(struct lg_net *lgn, struct lg_port *port,
	       const struct lg_claim *claim)
{
	const struct lg_key key = { .addr = claim->addr, .vrf = claim->vrf };
	u32 mode = READ_ONCE(port->set.verify), reason;
	struct lg_lease *lease;
	bool pass;

	if (lg_excluded(port, claim->addr)) {
		lg_stat_inc_bh(lgn, verify_excluded);
		return true;
	}
	lease = lg_lease_find(lgn, key);
	if (lease && (lease->state == LEASEGLEAN_STATE_ACTIVE ||
		      lease->state == LEASEGLEAN_STATE_PENDING))
		reason = lg_claim_judge(lgn, port, lease, claim);
	else
		reason = lg_claim_unknown(lgn, port, lease, claim);
	if (!reason) {
		lg_stat_inc_bh(lgn, verify_ok);
		return true;
	}
	lg_count_reason(lgn, reason);
	pass = lg_claim_passes(mode, reason);
	if (!pass)
		lg_stat_inc(lgn, verify_dropped);
	if (!pass || mode == LEASEGLEAN_VERIFY_LOG)
		lg_netlink_spoof(lgn, port, claim, reason, !pass);
	return pass;
}
