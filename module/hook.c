// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_ipv4.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "answer.h"
#include "dhcp.h"
#include "exchange.h"
#include "glean.h"
#include "hook.h"
#include "message.h"
#include "miss.h"
#include "netlink.h"
#include "place.h"
#include "port.h"
#include "query.h"

/**
 * lg_place_of() - where a message is from, as far as the interface knows
 * @place: filled in
 * @skb: the packet
 * @dev: the interface
 *
 * Context: RCU read lock.
 */
void lg_place_of(struct lg_place *place, const struct sk_buff *skb,
		 const struct net_device *dev)
{
	memset(place, 0, sizeof(*place));
	place->port = dev->ifindex;
	place->vrf = l3mdev_master_ifindex_rcu(dev);
	lg_place_vlans(dev, place->vlan);
	if (skb_mac_header_was_set(skb) && dev->type == ARPHRD_ETHER)
		ether_addr_copy(place->l2src, eth_hdr(skb)->h_source);
}

/**
 * lg_hook_request() - a client's message
 * @lgn: namespace state
 * @dhcp: the message
 * @place: where it is from
 * @server: that it was unicast to, or 0
 *
 * Context: softirq, RCU read lock.
 */
void lg_hook_request(struct lg_net *lgn, const struct lg_dhcp *dhcp,
		     const struct lg_place *place, __be32 server)
{
	bool trusted = lg_port_trusted(lgn, place->port);

	if (dhcp->hlen == ETH_ALEN && !is_zero_ether_addr(place->l2src) &&
	    !ether_addr_equal_unaligned(place->l2src, dhcp->chaddr))
		lg_stat_inc(lgn, client_hwaddr);
	if (dhcp->giaddr && !trusted) {
		lg_stat_inc(lgn, client_giaddr);
		lg_exchange_spoil(lgn, dhcp, place);
		return;
	}
	switch (dhcp->type) {
	case LG_DHCPRELEASE:
	case LG_DHCPDECLINE:
		lg_glean_release(lgn, dhcp, place);
		break;
	case LG_BOOTP:
	case LG_DHCPDISCOVER:
	case LG_DHCPREQUEST:
	case LG_DHCPINFORM:
		lg_exchange_client(lgn, dhcp, place, server, trusted);
		break;
	default:
		lg_stat_inc(lgn, request_type);
		break;
	}
}

/* What entered a bridge by an access port was seen there, with the port. */
static void lg_hook_asks(struct lg_net *lgn, const struct sk_buff *skb,
			 const struct net_device *dev,
			 const struct lg_dhcp *dhcp, __be32 server)
{
	struct lg_place place;

	if (lg_port_below(lgn, dev) &&
	    lg_exchange_seen(lgn, dhcp, dev->ifindex))
		return;
	lg_place_of(&place, skb, dev);
	lg_hook_request(lgn, dhcp, &place, server);
}

/*
 * A reply to our own address. Those to a leasequery end here, whether or not
 * they are awaited: a relay agent would pass them on to a subscriber.
 */
static bool lg_hook_consumes(struct lg_net *lgn, const struct lg_message *m,
			     bool from_access)
{
	const struct lg_query_key key = {
		.xid = m->dhcp.xid,
		.server = m->udp.saddr,
		.giaddr = m->udp.daddr,
	};

	if (m->err == LG_DHCP_ETRUNCATED)
		return false;
	if (!from_access && m->udp.sport == htons(LG_DHCP_SERVER_PORT) &&
	    lg_query_is_open(lgn, &key)) {
		lg_netlink_reply(lgn, &key, m->payload, m->udp.len);
		return true;
	}
	if (!lg_dhcp_is_leasequery(m->dhcp.type) ||
	    !atomic_read(&lgn->n_access))
		return false;
	lg_stat_inc(lgn, query_reply_unmatched);
	return true;
}

/**
 * lg_hook_pries() - whether a subscriber asks where others are
 * @lgn: namespace state
 * @dev: interface that the message came by
 * @m: the message
 *
 * That is none of his business: who calls drops it.
 *
 * Context: RCU read lock.
 */
bool lg_hook_pries(struct lg_net *lgn, const struct net_device *dev,
		   const struct lg_message *m)
{
	if (m->err == LG_DHCP_ETRUNCATED || m->dhcp.op != LG_BOOTREQUEST ||
	    !lg_dhcp_is_leasequery(m->dhcp.type) ||
	    !lg_port_access(lgn, dev->ifindex))
		return false;
	lg_stat_inc(lgn, query_from_access);
	return true;
}

static unsigned int lg_hook_to_us(struct lg_net *lgn, struct sk_buff *skb,
				  const struct net_device *dev,
				  struct lg_message *m)
{
	bool from_access = lg_port_access(lgn, dev->ifindex);

	if (m->dhcp.op == LG_BOOTREPLY &&
	    lg_hook_consumes(lgn, m, from_access)) {
		consume_skb(skb);
		return NF_STOLEN;
	}
	if (lg_hook_pries(lgn, dev, m))
		return NF_DROP;
	if (!from_access && lg_answer_takes(lgn, skb, dev, m)) {
		consume_skb(skb);
		return NF_STOLEN;
	}
	if (m->err) {
		lg_count_error(lgn, m->err);
	} else if (m->dhcp.op == LG_BOOTREQUEST) {
		lg_hook_asks(lgn, skb, dev, &m->dhcp, 0);
	} else if (from_access) {
		lg_stat_inc(lgn, reply_from_access);
	} else {
		const struct lg_reply reply = {
			.msg = &m->dhcp, .source = m->udp.saddr,
		};

		lg_glean_reply(lgn, &reply);
	}
	return NF_ACCEPT;
}

/* In a VRF skb->dev is by now the VRF's; the frame came by another. */
static const struct net_device *lg_frame_dev(const struct sk_buff *skb,
					     const struct nf_hook_state *state)
{
	const struct net_device *dev = NULL;

	if (netif_is_l3_master(state->in))
		dev = dev_get_by_index_rcu(state->net, IPCB(skb)->iif);
	return dev ? dev : state->in;
}

static unsigned int lg_hook_local_in(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);
	unsigned int verdict = NF_ACCEPT;
	struct lg_message m;

	if (!lg_is_dhcp(skb, skb_network_offset(skb), &m.udp) ||
	    m.udp.dport != htons(LG_DHCP_SERVER_PORT) ||
	    !lg_message_read(lgn, skb, &m))
		return NF_ACCEPT;
	if (lg_udp_intact(lgn, skb, &m))
		verdict = lg_hook_to_us(lgn, skb, lg_frame_dev(skb, state), &m);
	kfree(m.copy);
	return verdict;
}

/* What becomes of a DHCP message that is forwarded. */
enum lg_way {
	LG_WAY_DATA,		/* as all data: it may raise a miss */
	LG_WAY_CLIENT,		/* to a client, who may have no lease yet */
	LG_WAY_DROP,
};

/*
 * br_netfilter shows what is bridged here, too, as if it came by the bridge;
 * of the bridge's ports not all are subscribers'.
 */
static bool lg_hook_routes(const struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);

	return rt && rt->rt_type == RTN_UNICAST;
}

/* What a subscriber says is a server's; his are not those of others here. */
static bool lg_hook_poses(struct lg_net *lgn, const struct net_device *dev,
			  const struct lg_message *m)
{
	if (m->err == LG_DHCP_ETRUNCATED || m->dhcp.op != LG_BOOTREPLY ||
	    !lg_port_access(lgn, dev->ifindex))
		return false;
	lg_stat_inc(lgn, reply_from_access);
	return true;
}

/*
 * Unicast between client and server: RFC 2131, 4.4.5. Of what goes to a
 * client's port only the renewal of an unknown lease may raise a miss, as an
 * offer has no lease yet.
 */
static enum lg_way lg_hook_between(struct lg_net *lgn, struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   const struct lg_message *m)
{
	const struct net_device *dev = lg_frame_dev(skb, state);
	bool to_server = m->udp.dport == htons(LG_DHCP_SERVER_PORT);
	const struct lg_reply reply = {
		.msg = &m->dhcp, .source = m->udp.saddr,
		.out = state->out->ifindex,
	};

	if (lg_hook_pries(lgn, dev, m))
		return LG_WAY_DROP;
	if (!to_server && lg_hook_poses(lgn, dev, m))
		return lg_hook_routes(skb) &&
		       lg_port_access(lgn, state->out->ifindex) ?
		       LG_WAY_DROP : LG_WAY_CLIENT;
	if (m->err) {
		lg_count_error(lgn, m->err);
	} else if (to_server) {
		if (m->dhcp.op == LG_BOOTREQUEST)
			lg_hook_asks(lgn, skb, dev, &m->dhcp, m->udp.daddr);
	} else if (m->dhcp.op == LG_BOOTREPLY) {
		return lg_glean_reply(lgn, &reply) ? LG_WAY_DATA :
						     LG_WAY_CLIENT;
	}
	return to_server ? LG_WAY_DATA : LG_WAY_CLIENT;
}

/* A subscriber's question, in pieces that nobody here can read. */
static bool lg_hook_breaks(struct lg_net *lgn, const struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	if (!lg_hook_routes(skb) ||
	    !lg_is_dhcp_piece(skb, skb_network_offset(skb)) ||
	    !lg_port_access(lgn, lg_frame_dev(skb, state)->ifindex))
		return false;
	lg_stat_inc(lgn, dhcp_fragment);
	return true;
}

static noinline enum lg_way lg_hook_way(struct lg_net *lgn,
					struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	struct lg_message m;
	enum lg_way way;

	if (lg_hook_breaks(lgn, skb, state))
		return LG_WAY_DROP;
	if (!lg_is_dhcp(skb, skb_network_offset(skb), &m.udp))
		return LG_WAY_DATA;
	way = m.udp.dport == htons(LG_DHCP_SERVER_PORT) ? LG_WAY_DATA :
							  LG_WAY_CLIENT;
	if (!lg_message_read(lgn, skb, &m))
		return way;
	if (lg_udp_intact(lgn, skb, &m))
		way = lg_hook_between(lgn, skb, state, &m);
	kfree(m.copy);
	return way;
}

/* On its way out: the next hop is known, its neighbour not asked for yet. */
static __always_inline struct lg_port *lg_hook_next(struct lg_net *lgn,
						    const struct sk_buff *skb,
						    struct net_device *out,
						    __be32 *nexthop)
{
	const struct rtable *rt;
	struct lg_port *port;

	if (!static_branch_unlikely(&lg_access_key))
		return NULL;
	port = lg_port_access(lgn, out->ifindex);
	if (!port)
		return NULL;
	/* Of a tunnel the outer packet leaves here, and comes again. */
	rt = skb_rtable(skb);
	if (!rt || rt->rt_type != RTN_UNICAST ||
	    rt->rt_gw_family == AF_INET6 || dst_xfrm(skb_dst(skb)))
		return NULL;
	*nexthop = rt_nexthop(rt, ip_hdr(skb)->daddr);
	return port;
}

/* Whether it may go on. */
static __always_inline bool lg_hook_data(struct lg_net *lgn,
					 const struct sk_buff *skb,
					 struct net_device *out)
{
	__be32 nexthop;
	struct lg_port *port = lg_hook_next(lgn, skb, out, &nexthop);

	return !port || lg_forward(lgn, port, skb, out, nexthop);
}

/*
 * DHCP to a client, who may have no lease yet: never a miss. Returns whether
 * anybody could tell where he is.
 */
static noinline bool lg_hook_client(struct lg_net *lgn,
				    const struct sk_buff *skb,
				    struct net_device *out)
{
	struct lg_key key = { .vrf = lg_vrf_of(out) };
	struct lg_port *port = lg_hook_next(lgn, skb, out, &key.addr);

	return !port || lg_arp_is_on(port) || lg_neigh_client(lgn, out, key);
}

/* Whether it may go on. */
static bool lg_hook_onward(struct lg_net *lgn, const struct sk_buff *skb,
			   struct net_device *out, enum lg_way way)
{
	if (likely(way == LG_WAY_DATA))
		return lg_hook_data(lgn, skb, out);
	if (lg_hook_client(lgn, skb, out))
		return true;
	lg_stat_inc(lgn, neigh_refused);
	return false;
}

static unsigned int lg_hook_forward(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);
	enum lg_way way = LG_WAY_DATA;

	if (unlikely(lg_may_be_dhcp(skb, skb_network_offset(skb))))
		way = lg_hook_way(lgn, skb, state);
	if (unlikely(way == LG_WAY_DROP))
		return NF_DROP;
	if (likely(lg_hook_onward(lgn, skb, state->out, way)))
		return NF_ACCEPT;
	/* As the neighbour layer does where nobody answers. */
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	return NF_DROP;
}

/*
 * From port 67, which only the privileged may use, with a giaddr of ours: not
 * just anything that a local program or, through one, a client made up.
 */
static void lg_hook_relayed(struct lg_net *lgn, const struct lg_message *m)
{
	if (m->err || m->dhcp.op != LG_BOOTREQUEST || !m->dhcp.giaddr ||
	    lg_dhcp_is_leasequery(m->dhcp.type))
		return;
	if (m->udp.sport == htons(LG_DHCP_SERVER_PORT) &&
	    !ipv4_is_loopback(m->dhcp.giaddr) &&
	    __ip_dev_find(lgn->net, m->dhcp.giaddr, false))
		lg_exchange_relay(lgn, &m->dhcp, m->udp.daddr);
	else
		lg_stat_inc(lgn, relay_foreign);
}

/*
 * A mangle or route chain may have had it routed anew. What a VRF sends comes
 * twice, and counts as that of the interface.
 */
static struct net_device *lg_out_dev(const struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct dst_entry *dst = skb_dst(skb);

	return dst && !netif_is_l3_master(state->out) ? dst->dev : state->out;
}

/* What a relay agent on this host, or the host itself, sends. */
static unsigned int lg_hook_local_out(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);
	struct lg_message m;
	bool pass;

	if (ip_hdr(skb)->protocol != IPPROTO_UDP ||
	    !lg_is_dhcp(skb, skb_network_offset(skb), &m.udp)) {
		local_bh_disable();
		pass = lg_hook_data(lgn, skb, lg_out_dev(skb, state));
		local_bh_enable();
		return pass ? NF_ACCEPT : NF_DROP_ERR(-EHOSTUNREACH);
	}
	/* Whatever comes of it: relay agents see to their clients themselves. */
	if (m.udp.dport != htons(LG_DHCP_SERVER_PORT)) {
		local_bh_disable();
		lg_hook_client(lgn, skb, lg_out_dev(skb, state));
		local_bh_enable();
		return NF_ACCEPT;
	}
	if (!lg_message_read(lgn, skb, &m))
		return NF_ACCEPT;
	lg_hook_relayed(lgn, &m);
	kfree(m.copy);
	return NF_ACCEPT;
}

/*
 * Where the IP header of an outgoing frame is, or -1. From the frame itself:
 * a packet socket's idea of it may be off by a VLAN header.
 */
static int lg_frame_ip(const struct sk_buff *skb, const struct net_device *dev)
{
	unsigned int offset = ETH_HLEN, tags = 0;
	const __be16 *proto;
	__be16 _proto;

	if (dev->type != ARPHRD_ETHER) {
		int at = skb_network_offset(skb);

		return at < 0 ? -1 : at;
	}
	for (;;) {
		proto = skb_header_pointer(skb, offset - sizeof(_proto),
					   sizeof(_proto), &_proto);
		if (!proto)
			return -1;
		if (*proto == htons(ETH_P_IP))
			return offset;
		if (!eth_type_vlan(*proto) || ++tags > LEASEGLEAN_VLANS_MAX)
			return -1;
		offset += VLAN_HLEN;
	}
}

static bool lg_leaks(struct lg_net *lgn, const struct lg_message *m)
{
	if (m->err == LG_DHCP_ETRUNCATED)
		return false;
	return lg_dhcp_is_leasequery(m->dhcp.type) ||
	       (m->dhcp.op == LG_BOOTREPLY &&
		lg_query_xid_open(lgn, m->dhcp.xid));
}

/*
 * A reply of a server on this host: never received by any interface, from an
 * address of ours. What was received, be it bridged, may be anybody's.
 */
static bool lg_made_here(struct lg_net *lgn, const struct sk_buff *skb,
			 const struct lg_message *m)
{
	return !m->err && m->dhcp.op == LG_BOOTREPLY && !skb->skb_iif &&
	       m->udp.sport == htons(LG_DHCP_SERVER_PORT) &&
	       m->udp.dport == htons(LG_DHCP_CLIENT_PORT) &&
	       __ip_dev_find(lgn->net, m->udp.saddr, false);
}

static noinline unsigned int lg_hook_leaves(struct lg_net *lgn,
					    struct sk_buff *skb,
					    struct net_device *dev)
{
	int offset = lg_frame_ip(skb, dev);
	unsigned int verdict = NF_ACCEPT;
	struct lg_message m;

	if (offset < 0)
		return NF_ACCEPT;
	if (!lg_is_dhcp(skb, offset, &m.udp))
		return lg_neigh_may_leave(skb, dev) ? NF_ACCEPT : NF_DROP;
	if (!lg_message_read(lgn, skb, &m))
		return NF_ACCEPT;
	if (lg_leaks(lgn, &m)) {
		lg_stat_inc(lgn, egress_leasequery);
		verdict = NF_DROP;
	} else if (lg_made_here(lgn, skb, &m)) {
		const struct lg_reply reply = {
			.msg = &m.dhcp, .source = m.udp.saddr,
		};

		lg_glean_local(lgn, &reply, dev->ifindex);
	}
	kfree(m.copy);
	return verdict;
}

/* An Ethernet frame without tags, with an IP header right behind it. */
static bool lg_frame_plain(const struct sk_buff *skb,
			   const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER && skb_headlen(skb) >= ETH_HLEN &&
	       ((const struct ethhdr *)skb->data)->h_proto == htons(ETH_P_IP);
}

/**
 * lg_hook_egress() - keep leasequery messages from subscribers
 * @priv: unused
 * @skb: a frame that leaves by an access port
 * @state: netfilter's
 *
 * A relay agent with a packet socket sees replies before any hook, and sends
 * past all hooks but this one.
 *
 * Return: NF_DROP or NF_ACCEPT.
 */
unsigned int lg_hook_egress(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	if (lg_frame_plain(skb, state->out) && !lg_may_be_dhcp(skb, ETH_HLEN))
		return lg_neigh_may_leave(skb, state->out) ? NF_ACCEPT :
							     NF_DROP;
	return lg_hook_leaves(lg_pernet(state->net), skb, state->out);
}

/*
 * LOCAL_IN first, as relay agents with packet sockets do not care what a
 * filter drops there; the others last, for what filters let pass.
 */
static const struct nf_hook_ops lg_hook_ops[] = {
	{
		.hook = lg_hook_local_in,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_FIRST,
	},
	{
		.hook = lg_hook_forward,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = lg_hook_local_out,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_LAST,
	},
#if IS_ENABLED(CONFIG_NETFILTER_FAMILY_ARP)
	{
		.hook = lg_hook_arp,
		.pf = NFPROTO_ARP,
		.hooknum = NF_ARP_IN,
		.priority = INT_MAX,
	},
#endif
};

static int __net_init lg_hooks_net_init(struct net *net)
{
	return nf_register_net_hooks(net, lg_hook_ops,
				     ARRAY_SIZE(lg_hook_ops));
}

static void __net_exit lg_hooks_net_pre_exit(struct net *net)
{
	nf_unregister_net_hooks(net, lg_hook_ops, ARRAY_SIZE(lg_hook_ops));
}

static struct pernet_operations lg_hooks_net_ops = {
	.init = lg_hooks_net_init,
	.pre_exit = lg_hooks_net_pre_exit,
};

/**
 * lg_hooks_register() - begin to see packets, in every namespace
 *
 * Return: 0 or what netfilter says.
 */
int lg_hooks_register(void)
{
	return register_pernet_subsys(&lg_hooks_net_ops);
}

/**
 * lg_hooks_unregister() - see no more of them
 *
 * When it returns no hook runs any more but those of access ports.
 */
void lg_hooks_unregister(void)
{
	unregister_pernet_subsys(&lg_hooks_net_ops);
}
