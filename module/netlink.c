// SPDX-License-Identifier: GPL-2.0
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/l3mdev.h>
#include <net/sock.h>

#include "dhcp.h"
#include "netlink.h"
#include "place.h"
#include "route.h"

/* Servers that may be believed unasked. */
#define LG_SERVERS_MAX		64
#define LG_QUERY_TIMEOUT_MAX	120

enum {
	LG_MCGRP_EVENTS,
};

static struct genl_family lg_family;

/* Cleared, and a grace period waited for, before the family goes. */
static bool lg_family_up;

static const struct nla_policy lg_key_policy[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_ADDR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_VRF] = { .type = NLA_U32 },
};

static const struct nla_policy lg_filter_policy[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_VRF] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, LEASEGLEAN_STATE_MAX),
	[LEASEGLEAN_A_LEASE_ORIGIN] = NLA_POLICY_RANGE(NLA_U32, 1, LEASEGLEAN_ORIGIN_MAX),
	[LEASEGLEAN_A_LEASE_HWADDR] = { .type = NLA_BINARY, .len = LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_PORT] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { .type = NLA_BINARY, .len = LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { .type = NLA_BINARY, .len = LEASEGLEAN_OPAQUE_MAX },
};

/* Of a dump. */
static const struct nla_policy lg_walk_policy[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_VRF] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, LEASEGLEAN_STATE_MAX),
	[LEASEGLEAN_A_LEASE_ORIGIN] = NLA_POLICY_RANGE(NLA_U32, 1, LEASEGLEAN_ORIGIN_MAX),
	[LEASEGLEAN_A_LEASE_HWADDR] = { .type = NLA_BINARY, .len = LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_PORT] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { .type = NLA_BINARY, .len = LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { .type = NLA_BINARY, .len = LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_PIECES] = { .type = NLA_FLAG },
};

static const struct nla_policy lg_lease_policy[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_ADDR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_VRF] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, LEASEGLEAN_STATE_MAX),
	[LEASEGLEAN_A_LEASE_ORIGIN] = NLA_POLICY_RANGE(NLA_U32, 1, LEASEGLEAN_ORIGIN_MAX),
	[LEASEGLEAN_A_LEASE_HTYPE] = { .type = NLA_U8 },
	[LEASEGLEAN_A_LEASE_HWADDR] = { .type = NLA_BINARY, .len = LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_PORT] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_GIADDR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_SERVER] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_EXPIRES] = { .type = NLA_U32 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { .type = NLA_BINARY, .len = LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { .type = NLA_BINARY, .len = LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_COOKIE] = { .type = NLA_U64 },
	[LEASEGLEAN_A_LEASE_LAST_TRANSACTION] = { .type = NLA_U32 },
};

static const struct nla_policy lg_leases_policy[LEASEGLEAN_A_LEASES_MAX + 1] = {
	[LEASEGLEAN_A_LEASES_LEASE] = NLA_POLICY_NESTED(lg_lease_policy),
};

static const struct nla_policy lg_port_key_policy[LEASEGLEAN_A_PORT_MAX + 1] = {
	[LEASEGLEAN_A_PORT_IFINDEX] = { .type = NLA_U32 },
	[LEASEGLEAN_A_PORT_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static const struct nla_policy lg_prefix_policy[LEASEGLEAN_A_PREFIX_MAX + 1] = {
	[LEASEGLEAN_A_PREFIX_ADDR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 32),
};

static const struct nla_policy lg_port_policy[LEASEGLEAN_A_PORT_MAX + 1] = {
	[LEASEGLEAN_A_PORT_IFINDEX] = { .type = NLA_U32 },
	[LEASEGLEAN_A_PORT_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[LEASEGLEAN_A_PORT_ROLE] = NLA_POLICY_RANGE(NLA_U32, 0, LEASEGLEAN_ROLE_MAX),
	[LEASEGLEAN_A_PORT_BUDGET_RATE] = NLA_POLICY_RANGE(NLA_U32, 1, 30000),
	[LEASEGLEAN_A_PORT_BUDGET_BURST] = NLA_POLICY_RANGE(NLA_U32, 1, 30000),
	[LEASEGLEAN_A_PORT_ARP] = NLA_POLICY_RANGE(NLA_U32, 0, LEASEGLEAN_ARP_MAX),
	[LEASEGLEAN_A_PORT_VERIFY] = NLA_POLICY_RANGE(NLA_U32, 0, LEASEGLEAN_VERIFY_MAX),
	[LEASEGLEAN_A_PORT_MATCH] = NLA_POLICY_RANGE(NLA_U32, 0, LEASEGLEAN_MATCH_MASK),
	[LEASEGLEAN_A_PORT_MOVE] = NLA_POLICY_RANGE(NLA_U32, 0, LEASEGLEAN_MOVE_MAX),
	[LEASEGLEAN_A_PORT_MAX_LEASES] = { .type = NLA_U32 },
	[LEASEGLEAN_A_PORT_EXCLUDE] = NLA_POLICY_NESTED(lg_prefix_policy),
};

static const struct nla_policy lg_query_policy[LEASEGLEAN_A_QUERY_MAX + 1] = {
	[LEASEGLEAN_A_QUERY_XID] = { .type = NLA_U32 },
	[LEASEGLEAN_A_QUERY_SERVER] = { .type = NLA_U32 },
	[LEASEGLEAN_A_QUERY_GIADDR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_QUERY_TIMEOUT] = NLA_POLICY_RANGE(NLA_U32, 1, LG_QUERY_TIMEOUT_MAX),
};

static const struct nla_policy lg_server_policy[LEASEGLEAN_A_SERVER_MAX + 1] = {
	[LEASEGLEAN_A_SERVER_ADDR] = { .type = NLA_U32 },
};

static const struct nla_policy lg_requestor_policy[LEASEGLEAN_A_REQUESTOR_MAX + 1] = {
	[LEASEGLEAN_A_REQUESTOR_ADDR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_REQUESTOR_GIADDR] = { .type = NLA_U32 },
	/* Else what clients say would not be relayed any more. */
	[LEASEGLEAN_A_REQUESTOR_TYPE] = NLA_POLICY_MIN(NLA_U8, LG_DHCPINFORM + 1),
};

static const struct nla_policy lg_requestors_policy[LEASEGLEAN_A_REQUESTORS_MAX + 1] = {
	[LEASEGLEAN_A_REQUESTORS_REQUESTOR] = NLA_POLICY_NESTED(lg_requestor_policy),
};

static const struct nla_policy lg_answer_policy[LEASEGLEAN_A_REQUEST_MAX + 1] = {
	[LEASEGLEAN_A_REQUEST_REQUESTOR] = { .type = NLA_U32 },
	[LEASEGLEAN_A_REQUEST_SERVER] = { .type = NLA_U32 },
	[LEASEGLEAN_A_REQUEST_VRF] = { .type = NLA_U32 },
	[LEASEGLEAN_A_REQUEST_MESSAGE] = { .type = NLA_BINARY, .len = LEASEGLEAN_ANSWER_MAX },
};

/* Of commands that take no attributes. */
static const struct nla_policy lg_nothing_policy[] = {
	[1] = { .type = NLA_REJECT },
};

static struct lg_net *lg_info_lgn(const struct genl_info *info)
{
	return lg_pernet(genl_info_net((struct genl_info *)info));
}

static u32 lg_get_u32(struct nlattr *const *tb, int type, u32 absent)
{
	return tb[type] ? nla_get_u32(tb[type]) : absent;
}

static __be32 lg_get_addr(struct nlattr *const *tb, int type)
{
	return tb[type] ? nla_get_in_addr(tb[type]) : 0;
}

static int lg_refuse(struct netlink_ext_ack *extack, int err, const char *why)
{
	if (extack)
		extack->_msg = why;
	return err;
}

/* ------------------------------------------------------------ writing */

static int lg_put_dev_name(struct sk_buff *skb, struct net *net, int type,
			   u32 ifindex)
{
	struct net_device *dev;

	dev = ifindex ? dev_get_by_index_rcu(net, ifindex) : NULL;
	return dev ? nla_put_string(skb, type, dev->name) : 0;
}

static int lg_put_addr(struct sk_buff *skb, int type, __be32 addr)
{
	return addr ? nla_put_in_addr(skb, type, addr) : 0;
}

static int lg_put_nonzero(struct sk_buff *skb, int type, u32 value)
{
	return value ? nla_put_u32(skb, type, value) : 0;
}

static int lg_put_opaque(struct sk_buff *skb, int type, const u8 *bytes,
			 u8 len)
{
	return len ? nla_put(skb, type, len, bytes) : 0;
}

static int lg_put_vlans(struct sk_buff *skb, int type, const u16 *vlan)
{
	unsigned int i;

	for (i = 0; i < LEASEGLEAN_VLANS_MAX && vlan[i]; i++)
		if (nla_put_u16(skb, type, vlan[i]))
			return -EMSGSIZE;
	return 0;
}

static int lg_put_hwaddr(struct sk_buff *skb, const struct lg_lease *lease)
{
	if (lease->state != LEASEGLEAN_STATE_ACTIVE)
		return 0;
	if (nla_put_u8(skb, LEASEGLEAN_A_LEASE_HTYPE, lease->htype))
		return -EMSGSIZE;
	return lg_put_opaque(skb, LEASEGLEAN_A_LEASE_HWADDR, lease->hwaddr,
			     lease->hlen);
}

static int lg_put_times(struct sk_buff *skb, const struct lg_lease *lease)
{
	u32 now = lg_now(), expires = READ_ONCE(lease->expires);

	if (expires != LG_NEVER &&
	    nla_put_u32(skb, LEASEGLEAN_A_LEASE_EXPIRES,
			expires > now ? expires - now : 0))
		return -EMSGSIZE;
	if (lease->dated &&
	    nla_put_u32(skb, LEASEGLEAN_A_LEASE_LAST_TRANSACTION,
			now - lease->since))
		return -EMSGSIZE;
	return nla_put_u32(skb, LEASEGLEAN_A_LEASE_AGE, now - lease->since);
}

/* RCU read lock. */
static int lg_put_lease(struct sk_buff *skb, struct net *net,
			const struct lg_lease *lease)
{
	if (nla_put_in_addr(skb, LEASEGLEAN_A_LEASE_ADDR, lease->addr) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_LEASE_VRF, lease->vrf) ||
	    nla_put_u32(skb, LEASEGLEAN_A_LEASE_STATE, lease->state) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_LEASE_ORIGIN, lease->origin) ||
	    lg_put_hwaddr(skb, lease) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_LEASE_PORT, lease->port) ||
	    lg_put_dev_name(skb, net, LEASEGLEAN_A_LEASE_PORT_NAME,
			    lease->port) ||
	    lg_put_vlans(skb, LEASEGLEAN_A_LEASE_VLAN, lease->vlan) ||
	    lg_put_addr(skb, LEASEGLEAN_A_LEASE_GIADDR, lease->giaddr) ||
	    lg_put_addr(skb, LEASEGLEAN_A_LEASE_SERVER, lease->server) ||
	    lg_put_times(skb, lease) ||
	    lg_put_opaque(skb, LEASEGLEAN_A_LEASE_AGENT_INFO, lease->data,
			  lease->agent_len) ||
	    lg_put_opaque(skb, LEASEGLEAN_A_LEASE_CLIENT_ID,
			  lease->data + lease->agent_len, lease->id_len))
		return -EMSGSIZE;
	if (lease->cookie &&
	    nla_put_u64_64bit(skb, LEASEGLEAN_A_LEASE_COOKIE, lease->cookie,
			      LEASEGLEAN_A_LEASE_PAD))
		return -EMSGSIZE;
	return 0;
}

/* RCU read lock. */
static int lg_put_miss(struct sk_buff *skb, struct net *net,
		       const struct lg_lease *lease, u32 payer)
{
	if (nla_put_in_addr(skb, LEASEGLEAN_A_PENDING_ADDR, lease->addr) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_PENDING_VRF, lease->vrf) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PENDING_PORT, lease->port) ||
	    lg_put_dev_name(skb, net, LEASEGLEAN_A_PENDING_PORT_NAME,
			    lease->port) ||
	    nla_put_u64_64bit(skb, LEASEGLEAN_A_PENDING_COOKIE, lease->cookie,
			      LEASEGLEAN_A_PENDING_PAD) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PENDING_AGE,
			lg_now() - lease->since) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PENDING_PACKETS,
			lease->state == LEASEGLEAN_STATE_PENDING ?
			atomic_read(&lease->packets) : 0) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PENDING_PAYER, payer))
		return -EMSGSIZE;
	return 0;
}

/* RCU read lock. */
static int lg_put_pending(struct sk_buff *skb, struct net *net,
			  const struct lg_lease *lease)
{
	return lg_put_miss(skb, net, lease, lease->payer);
}

static int lg_put_prefix(struct sk_buff *skb, int type,
			 const struct lg_prefix *prefix)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_in_addr(skb, LEASEGLEAN_A_PREFIX_ADDR, prefix->addr) ||
	    nla_put_u8(skb, LEASEGLEAN_A_PREFIX_LEN,
		       inet_mask_len(prefix->mask)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* RCU read lock. */
static int lg_put_settings(struct sk_buff *skb, const struct lg_port *port)
{
	const struct lg_excludes *excludes = rcu_dereference(port->excludes);
	const struct lg_port_settings *set = &port->set;
	unsigned int i;

	if (nla_put_u32(skb, LEASEGLEAN_A_PORT_ROLE, READ_ONCE(set->role)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_BUDGET_RATE,
			READ_ONCE(set->rate)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_BUDGET_BURST,
			READ_ONCE(set->burst)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_ARP, READ_ONCE(set->arp)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_VERIFY,
			READ_ONCE(set->verify)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_MATCH,
			READ_ONCE(set->match)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_MOVE, READ_ONCE(set->move)) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_MAX_LEASES,
			READ_ONCE(set->max_leases)))
		return -EMSGSIZE;
	for (i = 0; excludes && i < excludes->n; i++)
		if (lg_put_prefix(skb, LEASEGLEAN_A_PORT_EXCLUDE,
				  &excludes->prefix[i]))
			return -EMSGSIZE;
	return 0;
}

/* RCU read lock. */
static int lg_put_port(struct sk_buff *skb, struct net *net,
		       const struct lg_port *port)
{
	struct net_device *dev = dev_get_by_index_rcu(net, port->ifindex);
	u32 vrf = dev ? l3mdev_master_ifindex_rcu(dev) : 0;

	if (nla_put_u32(skb, LEASEGLEAN_A_PORT_IFINDEX, port->ifindex) ||
	    lg_put_dev_name(skb, net, LEASEGLEAN_A_PORT_IFNAME,
			    port->ifindex) ||
	    lg_put_settings(skb, port) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_PENDING,
			atomic_read(&port->count[LG_CLASS_PENDING])) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_NEGATIVE,
			atomic_read(&port->count[LG_CLASS_NEGATIVE])) ||
	    nla_put_u32(skb, LEASEGLEAN_A_PORT_ACTIVE,
			atomic_read(&port->count[LG_CLASS_ACTIVE])) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_PORT_VRF, vrf))
		return -EMSGSIZE;
	return 0;
}

/* RCU read lock. */
static int lg_put_relay(struct sk_buff *skb, struct net *net, u32 ifindex,
			const struct lg_relay *relay)
{
	if (nla_put_u32(skb, LEASEGLEAN_A_RELAY_PORT, ifindex) ||
	    lg_put_dev_name(skb, net, LEASEGLEAN_A_RELAY_PORT_NAME, ifindex) ||
	    nla_put_in_addr(skb, LEASEGLEAN_A_RELAY_GIADDR, relay->giaddr) ||
	    nla_put_in_addr(skb, LEASEGLEAN_A_RELAY_SERVER, relay->server))
		return -EMSGSIZE;
	return 0;
}

static int lg_put_counter(struct sk_buff *skb, const char *name, u64 value)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, LEASEGLEAN_A_STATS_COUNTER);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(skb, LEASEGLEAN_A_COUNTER_NAME, name) ||
	    nla_put_u64_64bit(skb, LEASEGLEAN_A_COUNTER_VALUE, value,
			      LEASEGLEAN_A_COUNTER_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* ------------------------------------------------------------- events */

/* RCU read lock or rtnl, which unloading takes between the two steps. */
static bool lg_heard(struct lg_net *lgn)
{
	return READ_ONCE(lg_family_up) &&
	       genl_has_listeners(&lg_family, lgn->net, LG_MCGRP_EVENTS);
}

static void lg_multicast(struct lg_net *lgn, struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&lg_family, lgn->net, skb, 0, LG_MCGRP_EVENTS,
				GFP_ATOMIC);
}

static struct sk_buff *lg_event_new(u8 cmd, unsigned int size, void **header)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	*header = genlmsg_put(skb, 0, 0, &lg_family, 0, cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/**
 * lg_netlink_lease_event() - tell listeners of a lease
 * @lgn: namespace state
 * @cmd: LEASEGLEAN_CMD_LEASE_NTF or LEASEGLEAN_CMD_LEASE_DEL_NTF
 * @lease: the entry
 *
 * Context: RCU read lock.
 */
void lg_netlink_lease_event(struct lg_net *lgn, u8 cmd,
			    const struct lg_lease *lease)
{
	struct sk_buff *skb;
	void *header;

	if (!lg_heard(lgn))
		return;
	skb = lg_event_new(cmd, NLMSG_GOODSIZE, &header);
	if (!skb)
		return;
	if (lg_put_lease(skb, lgn->net, lease))
		nlmsg_free(skb);
	else
		lg_multicast(lgn, skb, header);
}

/**
 * lg_netlink_port_event() - tell listeners of a port's settings
 * @lgn: namespace state
 * @port: the port
 *
 * Context: rtnl.
 */
void lg_netlink_port_event(struct lg_net *lgn, const struct lg_port *port)
{
	struct sk_buff *skb;
	void *header;
	int err;

	if (!lg_heard(lgn))
		return;
	skb = lg_event_new(LEASEGLEAN_CMD_PORT_NTF, NLMSG_GOODSIZE, &header);
	if (!skb)
		return;
	rcu_read_lock();
	err = lg_put_port(skb, lgn->net, port);
	rcu_read_unlock();
	if (err)
		nlmsg_free(skb);
	else
		lg_multicast(lgn, skb, header);
}

/**
 * lg_netlink_relay_event() - tell listeners what a relay agent uses
 * @lgn: namespace state
 * @port: port of the clients
 * @relay: giaddr and server
 *
 * Context: RCU read lock.
 */
void lg_netlink_relay_event(struct lg_net *lgn, const struct lg_port *port,
			    const struct lg_relay *relay)
{
	struct sk_buff *skb;
	void *header;

	if (!lg_heard(lgn))
		return;
	skb = lg_event_new(LEASEGLEAN_CMD_RELAY_NTF, NLMSG_GOODSIZE, &header);
	if (!skb)
		return;
	if (lg_put_relay(skb, lgn->net, port->ifindex, relay))
		nlmsg_free(skb);
	else
		lg_multicast(lgn, skb, header);
}

static bool lg_to_socket(struct lg_net *lgn, struct sk_buff *skb, void *header,
			 u32 portid)
{
	genlmsg_end(skb, header);
	if (portid)
		return !genlmsg_unicast(lgn->net, skb, portid);
	nlmsg_free(skb);
	return false;
}

static bool lg_to_helper(struct lg_net *lgn, struct sk_buff *skb, void *header)
{
	return lg_to_socket(lgn, skb, header, READ_ONCE(lgn->helper));
}

/**
 * lg_netlink_miss() - the upcall
 * @lgn: namespace state
 * @lease: the pending entry, or a lease that was claimed
 * @payer: the access port that has it asked for
 *
 * A lost one makes the helper's socket report ENOBUFS; it then dumps what is
 * pending.
 *
 * Context: RCU read lock.
 */
void lg_netlink_miss(struct lg_net *lgn, const struct lg_lease *lease,
		     const struct lg_port *payer)
{
	struct sk_buff *skb;
	void *header;

	skb = lg_event_new(LEASEGLEAN_CMD_MISS_NTF, NLMSG_GOODSIZE, &header);
	if (!skb) {
		lg_stat_inc(lgn, upcall_lost);
		return;
	}
	if (lg_put_miss(skb, lgn->net, lease, payer->ifindex)) {
		nlmsg_free(skb);
		lg_stat_inc(lgn, upcall_lost);
	} else if (lg_to_helper(lgn, skb, header)) {
		lg_stat_inc(lgn, upcall_sent);
	} else {
		lg_stat_inc(lgn, upcall_lost);
	}
}

/* RCU read lock. */
static int lg_put_spoof(struct sk_buff *skb, struct net *net,
			const struct lg_claim *claim, u32 reason, bool dropped)
{
	if (nla_put_in_addr(skb, LEASEGLEAN_A_SPOOF_ADDR, claim->addr) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_SPOOF_VRF, claim->vrf) ||
	    nla_put_u32(skb, LEASEGLEAN_A_SPOOF_REASON, reason) ||
	    nla_put(skb, LEASEGLEAN_A_SPOOF_HWADDR, ETH_ALEN,
		    claim->hwaddr) ||
	    nla_put_u32(skb, LEASEGLEAN_A_SPOOF_PORT, claim->dev->ifindex) ||
	    nla_put_string(skb, LEASEGLEAN_A_SPOOF_PORT_NAME,
			   claim->dev->name) ||
	    lg_put_vlans(skb, LEASEGLEAN_A_SPOOF_VLAN, claim->vlan) ||
	    (dropped && nla_put_flag(skb, LEASEGLEAN_A_SPOOF_DROPPED)))
		return -EMSGSIZE;
	return 0;
}

/**
 * lg_netlink_spoof() - tell listeners that somebody claims what is not his
 * @lgn: namespace state
 * @port: access port that it came by
 * @claim: who claims what, and where
 * @reason: enum leaseglean_reason
 * @dropped: whether it was refused
 *
 * Of many, some: what is dropped is counted elsewhere.
 *
 * Context: softirqs off, RCU read lock.
 */
void lg_netlink_spoof(struct lg_net *lgn, struct lg_port *port,
		      const struct lg_claim *claim, u32 reason, bool dropped)
{
	struct sk_buff *skb;
	void *header;

	if (!lg_heard(lgn))
		return;
	if (!lg_bucket_take(&port->spoofs, LG_SPOOF_RATE, LG_SPOOF_BURST)) {
		lg_stat_inc(lgn, spoof_untold);
		return;
	}
	skb = lg_event_new(LEASEGLEAN_CMD_SPOOF_NTF, NLMSG_GOODSIZE, &header);
	if (!skb)
		return;
	if (lg_put_spoof(skb, lgn->net, claim, reason, dropped))
		nlmsg_free(skb);
	else
		lg_multicast(lgn, skb, header);
}

/**
 * lg_netlink_reply() - hand a reply to an open query to the helper
 * @lgn: namespace state
 * @key: the query
 * @message: the reply from its op on
 * @len: of it
 *
 * Context: RCU read lock.
 */
void lg_netlink_reply(struct lg_net *lgn, const struct lg_query_key *key,
		      const void *message, unsigned int len)
{
	struct sk_buff *skb;
	void *header;

	skb = lg_event_new(LEASEGLEAN_CMD_REPLY_NTF,
			   3 * nla_total_size(sizeof(u32)) +
			   nla_total_size(len), &header);
	if (!skb) {
		lg_stat_inc(lgn, query_reply_lost);
		return;
	}
	if (nla_put_u32(skb, LEASEGLEAN_A_QUERY_XID, ntohl(key->xid)) ||
	    nla_put_in_addr(skb, LEASEGLEAN_A_QUERY_SERVER, key->server) ||
	    nla_put_in_addr(skb, LEASEGLEAN_A_QUERY_GIADDR, key->giaddr) ||
	    nla_put(skb, LEASEGLEAN_A_QUERY_MESSAGE, len, message)) {
		nlmsg_free(skb);
		lg_stat_inc(lgn, query_reply_lost);
	} else if (lg_to_helper(lgn, skb, header)) {
		lg_stat_inc(lgn, query_reply);
	} else {
		lg_stat_inc(lgn, query_reply_lost);
	}
}

/* All attributes of a lease but its opaque ones, with room to spare. */
#define LG_LEASE_ROOM	256

/* RCU read lock. */
static int lg_put_known(struct sk_buff *skb, struct lg_net *lgn,
			const struct lg_lease *lease)
{
	struct nlattr *nest;

	if (!lease)
		return 0;
	nest = nla_nest_start(skb, LEASEGLEAN_A_REQUEST_LEASE);
	if (!nest || lg_put_lease(skb, lgn->net, lease))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * lg_netlink_request() - hand a requestor's query to the socket that answers
 * @lgn: namespace state
 * @m: the query
 * @key: what it asks for; an address of 0 is none
 *
 * With what is known of it, so that one message is all that an answer takes.
 *
 * Context: RCU read lock.
 */
void lg_netlink_request(struct lg_net *lgn, const struct lg_message *m,
			struct lg_key key)
{
	const struct lg_lease *lease;
	unsigned int size = 3 * nla_total_size(sizeof(u32)) +
			    nla_total_size(m->udp.len);
	struct sk_buff *skb;
	void *header;

	lease = key.addr ? lg_lease_find(lgn, key) : NULL;
	/* To measure: what is much too large is copied on its way. */
	if (lease)
		size += LG_LEASE_ROOM + lease->agent_len + lease->id_len;
	skb = lg_event_new(LEASEGLEAN_CMD_REQUEST_NTF, size, &header);
	if (!skb) {
		lg_stat_inc(lgn, answer_lost);
		return;
	}
	if (nla_put_in_addr(skb, LEASEGLEAN_A_REQUEST_REQUESTOR,
			    m->udp.saddr) ||
	    nla_put_in_addr(skb, LEASEGLEAN_A_REQUEST_SERVER, m->udp.daddr) ||
	    lg_put_nonzero(skb, LEASEGLEAN_A_REQUEST_VRF, key.vrf) ||
	    nla_put(skb, LEASEGLEAN_A_REQUEST_MESSAGE, m->udp.len,
		    m->payload) ||
	    lg_put_known(skb, lgn, lease)) {
		nlmsg_free(skb);
		lg_stat_inc(lgn, answer_lost);
	} else if (lg_to_socket(lgn, skb, header, READ_ONCE(lgn->answerer))) {
		lg_stat_inc(lgn, answer_asked);
	} else {
		lg_stat_inc(lgn, answer_lost);
	}
}

/* ------------------------------------------------------------- leases */

static int lg_parse_key(struct lg_key *key, struct genl_info *info)
{
	if (!info->attrs[LEASEGLEAN_A_LEASE_ADDR])
		return lg_refuse(info->extack, -EINVAL, "addr is missing");
	key->addr = nla_get_in_addr(info->attrs[LEASEGLEAN_A_LEASE_ADDR]);
	key->vrf = lg_get_u32(info->attrs, LEASEGLEAN_A_LEASE_VRF, 0);
	return 0;
}

/* A list that is malformed, or has one twice, is one that nothing can have. */
static int lg_parse_agent(struct lg_filter *filter, const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	const u8 *info = nla_data(attr), *unused;
	unsigned int len = nla_len(attr), pos;

	for (pos = 0; pos < len; pos += 2 + info[pos + 1]) {
		if (lg_agent_suboption(info, len, info[pos], &unused) < 0) {
			NL_SET_BAD_ATTR(extack, attr);
			return lg_refuse(extack, -EINVAL,
					 "agent-info is no list of sub-options, each once");
		}
	}
	filter->agent_len = len;
	filter->agent_info = info;
	return 0;
}

/* What is there but says nothing: who flushes by it did not mean to flush all. */
static bool lg_filter_is_blank(struct nlattr *const *tb)
{
	const struct nlattr *hwaddr = tb[LEASEGLEAN_A_LEASE_HWADDR];
	const struct nlattr *id = tb[LEASEGLEAN_A_LEASE_CLIENT_ID];

	return (hwaddr && !nla_len(hwaddr)) || (id && !nla_len(id)) ||
	       !lg_get_u32(tb, LEASEGLEAN_A_LEASE_PORT, U32_MAX);
}

/* It points into the request, which a dump keeps as long as it lasts. */
static int lg_parse_filter(struct lg_filter *filter, struct nlattr *const *tb,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *agent = tb[LEASEGLEAN_A_LEASE_AGENT_INFO];
	const struct nlattr *hwaddr = tb[LEASEGLEAN_A_LEASE_HWADDR];
	const struct nlattr *id = tb[LEASEGLEAN_A_LEASE_CLIENT_ID];

	memset(filter, 0, sizeof(*filter));
	if (lg_filter_is_blank(tb))
		return lg_refuse(extack, -EINVAL,
				 "hwaddr or client-id of no bytes, or port 0");
	filter->state = lg_get_u32(tb, LEASEGLEAN_A_LEASE_STATE, 0);
	filter->origin = lg_get_u32(tb, LEASEGLEAN_A_LEASE_ORIGIN, 0);
	filter->port = lg_get_u32(tb, LEASEGLEAN_A_LEASE_PORT, 0);
	filter->has_vrf = tb[LEASEGLEAN_A_LEASE_VRF];
	filter->vrf = lg_get_u32(tb, LEASEGLEAN_A_LEASE_VRF, 0);
	if (hwaddr) {
		filter->hlen = nla_len(hwaddr);
		filter->hwaddr = nla_data(hwaddr);
	}
	if (id) {
		filter->id_len = nla_len(id);
		filter->client_id = nla_data(id);
	}
	return agent ? lg_parse_agent(filter, agent, extack) : 0;
}

static int lg_reply_lease(struct sk_buff *skb, struct genl_info *info,
			  struct lg_key key)
{
	struct lg_net *lgn = lg_info_lgn(info);
	struct lg_lease *lease;
	void *header;
	int err;

	header = genlmsg_put_reply(skb, info, &lg_family, 0,
				   LEASEGLEAN_CMD_LEASE_GET);
	if (!header)
		return -EMSGSIZE;
	rcu_read_lock();
	lease = lg_lease_find(lgn, key);
	if (lease)
		err = lg_put_lease(skb, lgn->net, lease);
	else
		err = lg_refuse(info->extack, -ENOENT,
				"nothing is known of this address");
	rcu_read_unlock();
	genlmsg_end(skb, header);
	return err;
}

static int lg_lease_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	struct lg_key key;
	int err;

	err = lg_parse_key(&key, info);
	if (err)
		return err;
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return lg_refuse(info->extack, -ENOMEM, "no memory");
	err = lg_reply_lease(reply, info, key);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/* Where a dump is, in the callback's own memory, which is 0 at first. */
struct lg_dump {
	struct lg_key key;
	bool pieces;
	bool done;
};

static struct lg_dump *lg_dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct lg_dump) > sizeof(cb->ctx));
	return (struct lg_dump *)cb->ctx;
}

typedef int (*lg_put_fn)(struct sk_buff *skb, struct net *net,
			 const struct lg_lease *lease);

/* RCU read lock. */
static int lg_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		       u8 cmd, lg_put_fn put, const struct lg_lease *lease)
{
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &lg_family, NLM_F_MULTI, cmd);
	if (!header)
		return -EMSGSIZE;
	if (put(skb, sock_net(cb->skb->sk), lease)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* A dump of no bytes would be over. */
static int lg_dump_noop(struct sk_buff *skb, struct netlink_callback *cb)
{
	return nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			 NLMSG_NOOP, 0, NLM_F_MULTI) ? 0 : -EMSGSIZE;
}

static int lg_dump(struct sk_buff *skb, struct netlink_callback *cb,
		   const struct lg_filter *filter, u8 cmd, lg_put_fn put)
{
	struct lg_net *lgn = lg_pernet(sock_net(cb->skb->sk));
	struct lg_dump *dump = lg_dump_of(cb);
	unsigned int left = LG_WALK_STEP;
	struct lg_lease *lease;
	int err = 0;

	rcu_read_lock();
	while (!dump->done) {
		lease = lg_lease_next(lgn, &dump->key, filter, &left);
		if (!lease) {
			dump->done = true;
			break;
		}
		if (IS_ERR(lease)) {
			if (dump->pieces)
				break;
			lg_rcu_breathe();
			left = LG_WALK_STEP;
			continue;
		}
		err = lg_dump_one(skb, cb, cmd, put, lease);
		if (err)
			break;
		dump->done = !lg_key_step(&dump->key);
	}
	rcu_read_unlock();
	if (!skb->len && !err && !dump->done)
		err = lg_dump_noop(skb, cb);
	return skb->len ? skb->len : err;
}

static int lg_lease_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1];
	struct lg_filter filter;
	int err;

	/* Each time: there is no room to keep it, and this is soon done. */
	err = nlmsg_parse(cb->nlh, GENL_HDRLEN, tb, LEASEGLEAN_A_LEASE_MAX,
			  lg_walk_policy, cb->extack);
	if (!err)
		err = lg_parse_filter(&filter, tb, cb->extack);
	if (err)
		return err;
	lg_dump_of(cb)->pieces = tb[LEASEGLEAN_A_LEASE_PIECES];
	return lg_dump(skb, cb, &filter, LEASEGLEAN_CMD_LEASE_GET,
		       lg_put_lease);
}

static int lg_pending_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	static const struct lg_filter pending = {
		.state = LEASEGLEAN_STATE_PENDING,
	};

	return lg_dump(skb, cb, &pending, LEASEGLEAN_CMD_PENDING_GET,
		       lg_put_pending);
}

static int lg_check_lease(struct nlattr *const *tb,
			  struct netlink_ext_ack *extack)
{
	u32 state = lg_get_u32(tb, LEASEGLEAN_A_LEASE_STATE,
			       LEASEGLEAN_STATE_ACTIVE);
	const struct nlattr *expires = tb[LEASEGLEAN_A_LEASE_EXPIRES];
	__be32 addr = lg_get_addr(tb, LEASEGLEAN_A_LEASE_ADDR);

	if (!tb[LEASEGLEAN_A_LEASE_ADDR])
		return lg_refuse(extack, -EINVAL, "addr is missing");
	if (ipv4_is_zeronet(addr) || ipv4_is_loopback(addr) ||
	    ipv4_is_multicast(addr) || ipv4_is_lbcast(addr))
		return lg_refuse(extack, -EINVAL, "addr is no host's");
	if (state == LEASEGLEAN_STATE_PENDING)
		return lg_refuse(extack, -EINVAL, "only the kernel makes pending entries");
	if (state == LEASEGLEAN_STATE_ACTIVE &&
	    (!tb[LEASEGLEAN_A_LEASE_HWADDR] ||
	     !nla_len(tb[LEASEGLEAN_A_LEASE_HWADDR])))
		return lg_refuse(extack, -EINVAL, "hwaddr is missing");
	if (state != LEASEGLEAN_STATE_ACTIVE &&
	    (!expires || nla_get_u32(expires) == LG_NEVER))
		return lg_refuse(extack, -EINVAL, "expires is missing: a negative state ends");
	if (state != LEASEGLEAN_STATE_ACTIVE &&
	    (tb[LEASEGLEAN_A_LEASE_HWADDR] ||
	     tb[LEASEGLEAN_A_LEASE_AGENT_INFO] ||
	     tb[LEASEGLEAN_A_LEASE_CLIENT_ID] ||
	     tb[LEASEGLEAN_A_LEASE_LAST_TRANSACTION]))
		return lg_refuse(extack, -EINVAL, "a negative state has no client");
	if (expires && !nla_get_u32(expires))
		return lg_refuse(extack, -EINVAL, "expires is 0");
	if (lg_get_u32(tb, LEASEGLEAN_A_LEASE_ORIGIN, 0) ==
	    LEASEGLEAN_ORIGIN_GLEANED)
		return lg_refuse(extack, -EINVAL, "only the kernel gleans");
	return 0;
}

static struct lg_lease *lg_parse_opaque(struct nlattr *const *tb)
{
	const struct nlattr *agent = tb[LEASEGLEAN_A_LEASE_AGENT_INFO];
	const struct nlattr *id = tb[LEASEGLEAN_A_LEASE_CLIENT_ID];

	return lg_lease_alloc(agent ? nla_data(agent) : NULL,
			      agent ? nla_len(agent) : 0,
			      id ? nla_data(id) : NULL,
			      id ? nla_len(id) : 0, GFP_KERNEL_ACCOUNT);
}

static void lg_parse_lease(struct lg_lease *lease, struct nlattr *const *tb)
{
	const struct nlattr *hwaddr = tb[LEASEGLEAN_A_LEASE_HWADDR];
	const struct nlattr *htype = tb[LEASEGLEAN_A_LEASE_HTYPE];
	const struct nlattr *last = tb[LEASEGLEAN_A_LEASE_LAST_TRANSACTION];

	lease->addr = lg_get_addr(tb, LEASEGLEAN_A_LEASE_ADDR);
	lease->giaddr = lg_get_addr(tb, LEASEGLEAN_A_LEASE_GIADDR);
	lease->server = lg_get_addr(tb, LEASEGLEAN_A_LEASE_SERVER);
	lease->state = lg_get_u32(tb, LEASEGLEAN_A_LEASE_STATE,
				  LEASEGLEAN_STATE_ACTIVE);
	lease->origin = lg_get_u32(tb, LEASEGLEAN_A_LEASE_ORIGIN,
				   LEASEGLEAN_ORIGIN_STATIC);
	lease->expires = lg_lease_expiry(lease->since,
					 lg_get_u32(tb, LEASEGLEAN_A_LEASE_EXPIRES,
						    LG_NEVER));
	if (tb[LEASEGLEAN_A_LEASE_COOKIE])
		lease->cookie = nla_get_u64(tb[LEASEGLEAN_A_LEASE_COOKIE]);
	/* Of more than 68 years it could be taken for one to come. */
	if (last && nla_get_u32(last) <= S32_MAX) {
		lease->dated = true;
		lease->since -= nla_get_u32(last);
	}
	if (hwaddr && lease->state == LEASEGLEAN_STATE_ACTIVE) {
		lease->htype = htype ? nla_get_u8(htype) : ARPHRD_ETHER;
		lease->hlen = nla_len(hwaddr);
		memcpy(lease->hwaddr, nla_data(hwaddr), lease->hlen);
	}
}

/* RCU read lock. The VRF is the port's, where a port is given. */
static int lg_parse_place(struct lg_net *lgn, struct lg_lease *lease,
			  struct nlattr *const *tb,
			  struct netlink_ext_ack *extack)
{
	u32 port = lg_get_u32(tb, LEASEGLEAN_A_LEASE_PORT, 0);
	u32 vrf = lg_get_u32(tb, LEASEGLEAN_A_LEASE_VRF, 0);
	struct net_device *dev;

	if (!port) {
		dev = vrf ? dev_get_by_index_rcu(lgn->net, vrf) : NULL;
		if (vrf && (!dev || !netif_is_l3_master(dev)))
			return lg_refuse(extack, -ENODEV, "vrf is no VRF device");
		lease->vrf = vrf;
		return 0;
	}
	dev = dev_get_by_index_rcu(lgn->net, port);
	if (!dev)
		return lg_refuse(extack, -ENODEV, "port is no interface here");
	lease->port = port;
	lease->vrf = netif_is_bridge_port(dev) ? vrf :
		     l3mdev_master_ifindex_rcu(dev);
	lg_place_vlans(dev, lease->vlan);
	lease->vlan_known = lg_place_is_plain(dev);
	if (tb[LEASEGLEAN_A_LEASE_VRF] && vrf != lease->vrf)
		return lg_refuse(extack, -EINVAL, "vrf is not the port's");
	if (!lg_port_get(lgn, port))
		return lg_refuse(extack, -ENOMEM, "no memory for the port");
	return 0;
}

/*
 * What a server tells of all that it has leased may be elsewhere: taken is
 * what is reached by an access port, and there it is where none is named.
 * RCU read lock.
 */
static int lg_place_bulk(struct lg_net *lgn, struct lg_lease *lease,
			 struct netlink_ext_ack *extack)
{
	const struct lg_key key = { .addr = lease->addr, .vrf = lease->vrf };
	struct lg_route route;

	if (!lg_route_find(lgn, key, &route))
		return lg_refuse(extack, -EHOSTUNREACH, "addr is not reached by any port");
	if (lease->port) {
		if (!lg_port_access(lgn, lease->port) ||
		    !lg_port_within(lgn, lease->port, route.dev->ifindex))
			return lg_refuse(extack, -EHOSTUNREACH, "port does not lead to addr");
		return 0;
	}
	if (!lg_port_access(lgn, route.dev->ifindex))
		return lg_refuse(extack, -EHOSTUNREACH, "addr is not reached by an access port");
	lease->port = route.dev->ifindex;
	lg_place_vlans(route.dev, lease->vlan);
	lease->vlan_known = lg_place_is_plain(route.dev);
	return 0;
}

static enum lg_put lg_put_how(const struct lg_lease *lease, u16 flags)
{
	if (lease->cookie)
		return LG_PUT_ANSWER;
	if (lease->origin != LEASEGLEAN_ORIGIN_STATIC)
		return LG_PUT_FILL;
	return flags & NLM_F_EXCL ? LG_PUT_OPERATOR_EXCL : LG_PUT_OPERATOR;
}

static int lg_put_one(struct lg_net *lgn, const struct nlattr *attr, u16 flags,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1];
	struct lg_lease *lease;
	int err;

	err = nla_parse_nested(tb, LEASEGLEAN_A_LEASE_MAX, attr,
			       lg_lease_policy, extack);
	if (err)
		return err;
	err = lg_check_lease(tb, extack);
	if (err)
		return err;
	lease = lg_parse_opaque(tb);
	if (!lease)
		return lg_refuse(extack, -ENOMEM, "no memory for the lease");
	lg_parse_lease(lease, tb);
	rcu_read_lock();
	err = lg_parse_place(lgn, lease, tb, extack);
	if (!err && lease->origin == LEASEGLEAN_ORIGIN_BULK)
		err = lg_place_bulk(lgn, lease, extack);
	if (!err) {
		lease = lg_lease_filled(lgn, lease);
		err = lg_lease_put(lgn, lease, lg_put_how(lease, flags),
				   NULL, extack);
	}
	rcu_read_unlock();
	if (err)
		kfree(lease);
	return err;
}

static int lg_lease_put_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	const struct nlattr *attr;
	int rem, err, n = 0;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != LEASEGLEAN_A_LEASES_LEASE)
			continue;
		err = lg_put_one(lgn, attr, info->nlhdr->nlmsg_flags,
				 info->extack);
		if (err) {
			NL_SET_BAD_ATTR(info->extack, attr);
			lg_stat_inc(lgn, put_refused);
			return err;
		}
		lg_stat_inc(lgn, put);
		n++;
	}
	return n ? 0 : lg_refuse(info->extack, -EINVAL, "lease is missing");
}

static int lg_lease_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_key key;
	int err;

	err = lg_parse_key(&key, info);
	if (err)
		return err;
	err = lg_lease_del(lg_info_lgn(info), key);
	if (err)
		return lg_refuse(info->extack, err,
				 "nothing is known of this address");
	return 0;
}

static int lg_lease_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_filter filter;
	int err;

	err = lg_parse_filter(&filter, info->attrs, info->extack);
	if (!err)
		lg_lease_flush(lg_info_lgn(info), &filter);
	return err;
}

/* -------------------------------------------------------------- ports */

/* rtnl or RCU read lock */
static struct net_device *lg_parse_dev(struct genl_info *info)
{
	struct nlattr *const *tb = info->attrs;
	struct net *net = genl_info_net(info);
	struct net_device *dev = NULL;

	if (tb[LEASEGLEAN_A_PORT_IFINDEX])
		dev = dev_get_by_index_rcu(net, nla_get_u32(tb[LEASEGLEAN_A_PORT_IFINDEX]));
	else if (tb[LEASEGLEAN_A_PORT_IFNAME])
		dev = dev_get_by_name_rcu(net, nla_data(tb[LEASEGLEAN_A_PORT_IFNAME]));
	if (!dev)
		NL_SET_ERR_MSG(info->extack, "no such interface here");
	return dev;
}

static int lg_parse_exclude(struct lg_excludes *excludes,
			    const struct nlattr *attr,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[LEASEGLEAN_A_PREFIX_MAX + 1];
	__be32 addr, mask;
	int err;

	err = nla_parse_nested(tb, LEASEGLEAN_A_PREFIX_MAX, attr,
			       lg_prefix_policy, extack);
	if (err)
		return err;
	if (!tb[LEASEGLEAN_A_PREFIX_ADDR] || !tb[LEASEGLEAN_A_PREFIX_LEN])
		return lg_refuse(extack, -EINVAL, "addr or len of a prefix is missing");
	if (excludes->n == LEASEGLEAN_EXCLUDES_MAX)
		return lg_refuse(extack, -E2BIG, "too many prefixes");
	addr = nla_get_in_addr(tb[LEASEGLEAN_A_PREFIX_ADDR]);
	mask = inet_make_mask(nla_get_u8(tb[LEASEGLEAN_A_PREFIX_LEN]));
	if (addr & ~mask)
		return lg_refuse(extack, -EINVAL, "a prefix has bits set behind its length");
	excludes->prefix[excludes->n].addr = addr;
	excludes->prefix[excludes->n++].mask = mask;
	return 0;
}

static bool lg_excludes_all(const struct lg_excludes *excludes)
{
	unsigned int i;

	for (i = 0; i < excludes->n; i++)
		if (!excludes->prefix[i].mask)
			return true;
	return false;
}

/* NULL where the request says nothing of them. */
static struct lg_excludes *lg_parse_excludes(struct genl_info *info)
{
	struct lg_excludes *excludes;
	const struct nlattr *attr;
	int rem, err;

	if (!info->attrs[LEASEGLEAN_A_PORT_EXCLUDE])
		return NULL;
	excludes = kzalloc(sizeof(*excludes), GFP_KERNEL_ACCOUNT);
	if (!excludes)
		return ERR_PTR(lg_refuse(info->extack, -ENOMEM, "no memory"));
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != LEASEGLEAN_A_PORT_EXCLUDE)
			continue;
		err = lg_parse_exclude(excludes, attr, info->extack);
		if (err) {
			NL_SET_BAD_ATTR(info->extack, attr);
			kfree(excludes);
			return ERR_PTR(err);
		}
	}
	/* 0.0.0.0/0 alone says that there shall be none. */
	if (excludes->n == 1 && !excludes->prefix[0].mask)
		excludes->n = 0;
	if (lg_excludes_all(excludes)) {
		NL_SET_ERR_MSG(info->extack, "0.0.0.0/0 would exclude all: set verify off");
		kfree(excludes);
		return ERR_PTR(-EINVAL);
	}
	return excludes;
}

static bool lg_of_access(int type)
{
	return type >= LEASEGLEAN_A_PORT_ARP &&
	       type <= LEASEGLEAN_A_PORT_EXCLUDE;
}

/* What is asked for, over what is; of a port that loses the role, nothing. */
static int lg_parse_settings(struct lg_port_settings *set,
			     const struct genl_info *info)
{
	struct nlattr *const *tb = info->attrs;
	int type;

	set->role = lg_get_u32(tb, LEASEGLEAN_A_PORT_ROLE, set->role);
	set->rate = lg_get_u32(tb, LEASEGLEAN_A_PORT_BUDGET_RATE, set->rate);
	set->burst = lg_get_u32(tb, LEASEGLEAN_A_PORT_BUDGET_BURST,
				set->burst);
	if (set->role != LEASEGLEAN_ROLE_ACCESS) {
		for (type = 1; type <= LEASEGLEAN_A_PORT_MAX; type++)
			if (lg_of_access(type) && tb[type])
				return lg_refuse(info->extack, -EINVAL,
						 "only of a port with the access role");
		set->arp = lg_port_defaults.arp;
		set->verify = lg_port_defaults.verify;
		set->match = lg_port_defaults.match;
		set->move = lg_port_defaults.move;
		set->max_leases = lg_port_defaults.max_leases;
		return 0;
	}
	set->arp = lg_get_u32(tb, LEASEGLEAN_A_PORT_ARP, set->arp);
	set->verify = lg_get_u32(tb, LEASEGLEAN_A_PORT_VERIFY, set->verify);
	set->match = lg_get_u32(tb, LEASEGLEAN_A_PORT_MATCH, set->match);
	set->move = lg_get_u32(tb, LEASEGLEAN_A_PORT_MOVE, set->move);
	set->max_leases = lg_get_u32(tb, LEASEGLEAN_A_PORT_MAX_LEASES,
				     set->max_leases);
	return 0;
}

/* rtnl */
static int lg_port_change(struct genl_info *info,
			  struct lg_excludes *excludes)
{
	struct lg_net *lgn = lg_info_lgn(info);
	struct lg_port_settings set;
	struct net_device *dev;
	struct lg_port *port;
	int err;

	rcu_read_lock();
	dev = lg_parse_dev(info);
	rcu_read_unlock();
	if (!dev)
		return -ENODEV;
	/* Under rtnl it stays. */
	port = lg_port_find(lgn, dev->ifindex);
	set = port ? port->set : lg_port_defaults;
	err = lg_parse_settings(&set, info);
	return err ? err : lg_port_set(lgn, dev, &set, excludes,
				       info->extack);
}

static int lg_port_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_excludes *excludes = lg_parse_excludes(info);
	int err;

	if (IS_ERR(excludes))
		return PTR_ERR(excludes);
	rtnl_lock();
	err = lg_port_change(info, excludes);
	rtnl_unlock();
	if (err)
		kfree(excludes);
	return err;
}

/* RCU read lock. */
static int lg_reply_port(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	struct net_device *dev;
	struct lg_port *port;
	void *header;
	int err;

	dev = lg_parse_dev(info);
	if (!dev)
		return -ENODEV;
	port = lg_port_find(lgn, dev->ifindex);
	if (!port)
		return lg_refuse(info->extack, -ENOENT,
				 "the interface is not used as a port");
	header = genlmsg_put_reply(skb, info, &lg_family, 0,
				   LEASEGLEAN_CMD_PORT_GET);
	if (!header)
		return -EMSGSIZE;
	err = lg_put_port(skb, lgn->net, port);
	genlmsg_end(skb, header);
	return err;
}

static int lg_port_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	int err;

	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return lg_refuse(info->extack, -ENOMEM, "no memory");
	rcu_read_lock();
	err = lg_reply_port(reply, info);
	rcu_read_unlock();
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/* RCU read lock. */
static int lg_dump_port(struct sk_buff *skb, struct netlink_callback *cb,
			const struct lg_port *port)
{
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &lg_family, NLM_F_MULTI,
			     LEASEGLEAN_CMD_PORT_GET);
	if (!header)
		return -EMSGSIZE;
	if (lg_put_port(skb, sock_net(cb->skb->sk), port)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int lg_port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lg_net *lgn = lg_pernet(sock_net(cb->skb->sk));
	unsigned long ifindex = cb->args[0];
	struct lg_port *port;
	int err = 0;

	rcu_read_lock();
	xa_for_each_start(&lgn->ports, ifindex, port, ifindex) {
		err = lg_dump_port(skb, cb, port);
		if (err)
			break;
		cb->args[0] = ifindex + 1;
	}
	rcu_read_unlock();
	return skb->len ? skb->len : err;
}

/* RCU read lock. */
static int lg_dump_relay(struct sk_buff *skb, struct netlink_callback *cb,
			 u32 ifindex, const struct lg_relay *relay)
{
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &lg_family, NLM_F_MULTI,
			     LEASEGLEAN_CMD_RELAY_GET);
	if (!header)
		return -EMSGSIZE;
	if (lg_put_relay(skb, sock_net(cb->skb->sk), ifindex, relay)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int lg_relay_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct lg_net *lgn = lg_pernet(sock_net(cb->skb->sk));
	unsigned long ifindex = cb->args[0];
	struct lg_relay relay[LG_PORT_RELAYS];
	struct lg_port *port;
	unsigned int i, n;
	int err = 0;

	rcu_read_lock();
	xa_for_each_start(&lgn->ports, ifindex, port, ifindex) {
		/* The port that was not finished may be gone. */
		if (ifindex != cb->args[0])
			cb->args[1] = 0;
		n = lg_port_relays(port, relay);
		for (i = cb->args[1]; i < n && !err; i++) {
			err = lg_dump_relay(skb, cb, ifindex, &relay[i]);
			if (!err)
				cb->args[1] = i + 1;
		}
		if (err)
			break;
		cb->args[0] = ifindex + 1;
		cb->args[1] = 0;
	}
	/* Of the port that did not fit. */
	if (err)
		cb->args[0] = ifindex;
	rcu_read_unlock();
	return skb->len ? skb->len : err;
}

/* ------------------------------------------------------------- helper */

static int lg_helper_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	u32 old = cmpxchg(&lgn->helper, 0, info->snd_portid);

	if (!old || old == info->snd_portid)
		return 0;
	return lg_refuse(info->extack, -EBUSY, "another helper is registered");
}

static int lg_query_open_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	struct nlattr *const *tb = info->attrs;
	const struct lg_query_key key = {
		.xid = htonl(lg_get_u32(tb, LEASEGLEAN_A_QUERY_XID, 0)),
		.server = lg_get_addr(tb, LEASEGLEAN_A_QUERY_SERVER),
		.giaddr = lg_get_addr(tb, LEASEGLEAN_A_QUERY_GIADDR),
	};
	int err;

	if (!tb[LEASEGLEAN_A_QUERY_XID] || !key.server || !key.giaddr ||
	    !tb[LEASEGLEAN_A_QUERY_TIMEOUT])
		return lg_refuse(info->extack, -EINVAL,
				 "xid, server, giaddr or timeout is missing");
	if (READ_ONCE(lgn->helper) != info->snd_portid)
		return lg_refuse(info->extack, -EPERM,
				 "only the registered helper opens queries");
	err = lg_query_open(lgn, &key,
			    nla_get_u32(tb[LEASEGLEAN_A_QUERY_TIMEOUT]));
	if (err)
		return lg_refuse(info->extack, err, "too many open queries, or no memory");
	return 0;
}

static int lg_server_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	struct lg_servers *servers, *old;
	const struct nlattr *attr;
	int rem;

	servers = kzalloc(struct_size(servers, addr, LG_SERVERS_MAX),
			  GFP_KERNEL_ACCOUNT);
	if (!servers)
		return lg_refuse(info->extack, -ENOMEM, "no memory");
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != LEASEGLEAN_A_SERVER_ADDR)
			continue;
		if (servers->n == LG_SERVERS_MAX) {
			kfree(servers);
			return lg_refuse(info->extack, -E2BIG,
					 "too many servers");
		}
		servers->addr[servers->n++] = nla_get_in_addr(attr);
	}
	/* The genl lock keeps others out. */
	old = rcu_replace_pointer(lgn->servers, servers, true);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/* ------------------------------------------------------- answering side */

static int lg_parse_requestor(struct lg_requestors *list,
			      const struct nlattr *attr,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[LEASEGLEAN_A_REQUESTOR_MAX + 1];
	struct lg_requestor *one;
	unsigned int i;
	int err;

	err = nla_parse_nested(tb, LEASEGLEAN_A_REQUESTOR_MAX, attr,
			       lg_requestor_policy, extack);
	if (err)
		return err;
	if (list->n == LEASEGLEAN_REQUESTORS_MAX)
		return lg_refuse(extack, -E2BIG, "too many requestors");
	one = &list->of[list->n];
	one->addr = lg_get_addr(tb, LEASEGLEAN_A_REQUESTOR_ADDR);
	one->giaddr = tb[LEASEGLEAN_A_REQUESTOR_GIADDR] ?
		      nla_get_in_addr(tb[LEASEGLEAN_A_REQUESTOR_GIADDR]) :
		      one->addr;
	if (!one->addr || !one->giaddr || !tb[LEASEGLEAN_A_REQUESTOR_TYPE])
		return lg_refuse(extack, -EINVAL, "addr, giaddr or type of a requestor is missing");
	one->type = nla_get_u8(tb[LEASEGLEAN_A_REQUESTOR_TYPE]);
	for (i = 0; i < list->n; i++)
		if (list->of[i].addr == one->addr)
			return lg_refuse(extack, -EINVAL, "a requestor is there twice");
	list->n++;
	return 0;
}

static struct lg_requestors *lg_parse_requestors(struct genl_info *info)
{
	struct lg_requestors *list;
	const struct nlattr *attr;
	int rem, err;

	list = kzalloc(struct_size(list, of, LEASEGLEAN_REQUESTORS_MAX),
		       GFP_KERNEL_ACCOUNT);
	if (!list)
		return ERR_PTR(lg_refuse(info->extack, -ENOMEM, "no memory"));
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != LEASEGLEAN_A_REQUESTORS_REQUESTOR)
			continue;
		err = lg_parse_requestor(list, attr, info->extack);
		if (err) {
			NL_SET_BAD_ATTR(info->extack, attr);
			kfree(list);
			return ERR_PTR(err);
		}
	}
	return list;
}

static int lg_requestor_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	u32 is = READ_ONCE(lgn->answerer), me = info->snd_portid;
	struct lg_requestors *list, *old;

	if (is && is != me)
		return lg_refuse(info->extack, -EBUSY, "another socket answers");
	list = lg_parse_requestors(info);
	if (IS_ERR(list))
		return PTR_ERR(list);
	/*
	 * The genl lock keeps others out. The list is there before anybody
	 * answers by it, and nobody does any more when it is empty.
	 */
	old = rcu_replace_pointer(lgn->requestors, list, true);
	WRITE_ONCE(lgn->answerer, list->n ? me : 0);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

static const char *lg_answer_why(int err)
{
	switch (err) {
	case -ENOENT:
		return "no such requestor";
	case -EADDRNOTAVAIL:
		return "server is no address of this host";
	case -EACCES:
		return "the way to giaddr leads out of an access port";
	case -ENOMEM:
		return "no memory";
	default:
		return "there is no way to giaddr";
	}
}

static int lg_answer_send_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_net *lgn = lg_info_lgn(info);
	struct nlattr *const *tb = info->attrs;
	const struct nlattr *message = tb[LEASEGLEAN_A_REQUEST_MESSAGE];
	struct lg_answer answer = {
		.requestor = lg_get_addr(tb, LEASEGLEAN_A_REQUEST_REQUESTOR),
		.server = lg_get_addr(tb, LEASEGLEAN_A_REQUEST_SERVER),
		.vrf = lg_get_u32(tb, LEASEGLEAN_A_REQUEST_VRF, 0),
	};
	int err;

	if (!answer.requestor || !answer.server || !message)
		return lg_refuse(info->extack, -EINVAL,
				 "requestor, server or message is missing");
	if (READ_ONCE(lgn->answerer) != info->snd_portid)
		return lg_refuse(info->extack, -EPERM,
				 "only the socket that queries go to answers");
	answer.message = nla_data(message);
	answer.len = nla_len(message);
	if (answer.len < LG_DHCP_FIXED_LEN ||
	    *(const u8 *)answer.message != LG_BOOTREPLY)
		return lg_refuse(info->extack, -EINVAL,
				 "message is no BOOTREPLY");
	err = lg_answer_send(lgn, &answer);
	if (!err) {
		lg_stat_inc(lgn, answer_sent);
		return 0;
	}
	lg_stat_inc(lgn, answer_refused);
	return lg_refuse(info->extack, err, lg_answer_why(err));
}

/* Their socket is closed: by itself, or by its end. */
static int lg_netlink_release(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	const struct netlink_notify *notify = ptr;
	struct lg_net *lgn;

	if (event != NETLINK_URELEASE || !notify->portid ||
	    notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	lgn = lg_pernet(notify->net);
	cmpxchg(&lgn->helper, notify->portid, 0);
	cmpxchg(&lgn->answerer, notify->portid, 0);
	return NOTIFY_DONE;
}

static struct notifier_block lg_netlink_notifier = {
	.notifier_call = lg_netlink_release,
};

/* --------------------------------------------------------- statistics */

static int lg_put_stats(struct sk_buff *skb, struct lg_net *lgn)
{
	enum lg_stat stat;

	if (lg_put_counter(skb, "active",
			   atomic_read(&lgn->count[LG_CLASS_ACTIVE])) ||
	    lg_put_counter(skb, "negative",
			   atomic_read(&lgn->count[LG_CLASS_NEGATIVE])) ||
	    lg_put_counter(skb, "pending",
			   atomic_read(&lgn->count[LG_CLASS_PENDING])))
		return -EMSGSIZE;
	for (stat = 0; stat < __LG_STAT_MAX; stat++)
		if (lg_put_counter(skb, lg_stat_name(stat),
				   lg_stat_read(lgn, stat)))
			return -EMSGSIZE;
	return 0;
}

static int lg_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *header;

	reply = genlmsg_new((__LG_STAT_MAX + 3) * 64, GFP_KERNEL);
	if (!reply)
		return lg_refuse(info->extack, -ENOMEM, "no memory");
	header = genlmsg_put_reply(reply, info, &lg_family, 0,
				   LEASEGLEAN_CMD_STATS_GET);
	if (!header || lg_put_stats(reply, lg_info_lgn(info))) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/* ------------------------------------------------------------- family */

static const struct genl_ops lg_ops[] = {
	{
		.cmd = LEASEGLEAN_CMD_LEASE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_key_policy,
		.maxattr = LEASEGLEAN_A_LEASE_MAX,
		.validate = GENL_DONT_VALIDATE_DUMP,
		.doit = lg_lease_get_doit,
		.dumpit = lg_lease_get_dumpit,
	}, {
		.cmd = LEASEGLEAN_CMD_LEASE_PUT,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_leases_policy,
		.maxattr = LEASEGLEAN_A_LEASES_MAX,
		.doit = lg_lease_put_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_LEASE_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_key_policy,
		.maxattr = LEASEGLEAN_A_LEASE_MAX,
		.doit = lg_lease_del_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_LEASE_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_filter_policy,
		.maxattr = LEASEGLEAN_A_LEASE_MAX,
		.doit = lg_lease_flush_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_PORT_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_port_key_policy,
		.maxattr = LEASEGLEAN_A_PORT_MAX,
		.doit = lg_port_get_doit,
		.dumpit = lg_port_get_dumpit,
	}, {
		.cmd = LEASEGLEAN_CMD_PORT_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_port_policy,
		.maxattr = LEASEGLEAN_A_PORT_MAX,
		.doit = lg_port_set_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_HELPER_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lg_helper_set_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_PENDING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = lg_pending_get_dumpit,
	}, {
		.cmd = LEASEGLEAN_CMD_QUERY_OPEN,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_query_policy,
		.maxattr = LEASEGLEAN_A_QUERY_MAX,
		.doit = lg_query_open_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_SERVER_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_server_policy,
		.maxattr = LEASEGLEAN_A_SERVER_MAX,
		.doit = lg_server_set_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_RELAY_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = lg_relay_get_dumpit,
	}, {
		.cmd = LEASEGLEAN_CMD_STATS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = lg_stats_get_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_REQUESTOR_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_requestors_policy,
		.maxattr = LEASEGLEAN_A_REQUESTORS_MAX,
		.doit = lg_requestor_set_doit,
	}, {
		.cmd = LEASEGLEAN_CMD_ANSWER_SEND,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = lg_answer_policy,
		.maxattr = LEASEGLEAN_A_REQUEST_MAX,
		.doit = lg_answer_send_doit,
	},
};

static const struct genl_multicast_group lg_mcgrps[] = {
	[LG_MCGRP_EVENTS] = {
		.name = LEASEGLEAN_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

static struct genl_family lg_family __ro_after_init = {
	.name = LEASEGLEAN_FAMILY_NAME,
	.version = LEASEGLEAN_FAMILY_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.policy = lg_nothing_policy,
	.maxattr = ARRAY_SIZE(lg_nothing_policy) - 1,
	.ops = lg_ops,
	.n_ops = ARRAY_SIZE(lg_ops),
	.resv_start_op = LEASEGLEAN_CMD_MAX + 1,
	.mcgrps = lg_mcgrps,
	.n_mcgrps = ARRAY_SIZE(lg_mcgrps),
};

/**
 * lg_netlink_register() - the family, for every namespace
 *
 * Return: 0 or what netlink says.
 */
int lg_netlink_register(void)
{
	int err = netlink_register_notifier(&lg_netlink_notifier);

	if (err)
		return err;
	err = genl_register_family(&lg_family);
	if (err)
		netlink_unregister_notifier(&lg_netlink_notifier);
	else
		WRITE_ONCE(lg_family_up, true);
	return err;
}

/**
 * lg_netlink_unregister() - no command runs any more when it returns
 */
void lg_netlink_unregister(void)
{
	rtnl_lock();
	WRITE_ONCE(lg_family_up, false);
	rtnl_unlock();
	synchronize_rcu();
	genl_unregister_family(&lg_family);
	netlink_unregister_notifier(&lg_netlink_notifier);
}
