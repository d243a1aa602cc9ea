// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netfilter_ipv4.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "dhcp.h"
#include "exchange.h"
#include "glean.h"
#include "hook.h"
#include "miss.h"
#include "netlink.h"
#include "place.h"
#include "port.h"
#include "query.h"
#include "verify.h"

/**
 * struct lg_datagram - a UDP datagram inside an skb
 * @saddr: IP source, network order
 * @daddr: IP destination
 * @sport: UDP source port, network order
 * @dport: UDP destination port
 * @offset: of the UDP header from skb->data
 * @len: of the payload
 */
struct lg_datagram {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	unsigned int offset;
	unsigned int len;
};

/**
 * struct lg_message - a DHCP message inside an skb
 * @udp: the datagram
 * @dhcp: the message, read
 * @err: how far that went
 * @payload: what @dhcp points into
 * @copy: the same, where it had to be copied, else NULL
 */
struct lg_message {
	struct lg_datagram udp;
	struct lg_dhcp dhcp;
	enum lg_dhcp_err err;
	const void *payload;
	void *copy;
};

/* To or from a DHCP server's port; reassembled or never fragmented. */
static bool lg_is_dhcp(const struct sk_buff *skb, unsigned int offset,
		       struct lg_datagram *udp)
{
	const struct iphdr *iph;
	const struct udphdr *uh;
	struct iphdr _iph;
	struct udphdr _uh;

	iph = skb_header_pointer(skb, offset, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < 5 || iph->protocol != IPPROTO_UDP ||
	    ip_is_fragment(iph))
		return false;
	udp->saddr = iph->saddr;
	udp->daddr = iph->daddr;
	udp->offset = offset + iph->ihl * 4;
	uh = skb_header_pointer(skb, udp->offset, sizeof(_uh), &_uh);
	if (!uh)
		return false;
	udp->sport = uh->source;
	udp->dport = uh->dest;
	udp->len = ntohs(uh->len);
	return uh->dest == htons(LG_DHCP_SERVER_PORT) ||
	       uh->dest == htons(LG_DHCP_CLIENT_PORT);
}

/*
 * Nearly all packets end here: one glance at what is linear, and no message
 * on the stack, which most kernels would have to clear.
 */
static bool lg_may_be_dhcp(const struct sk_buff *skb, unsigned int offset)
{
	const struct iphdr *iph = (const struct iphdr *)(skb->data + offset);
	const struct udphdr *uh = (const struct udphdr *)(iph + 1);

	if (skb_headlen(skb) < offset + sizeof(*iph) + sizeof(*uh) ||
	    iph->ihl != 5)
		return true;
	return iph->protocol == IPPROTO_UDP &&
	       (uh->dest == htons(LG_DHCP_SERVER_PORT) ||
		uh->dest == htons(LG_DHCP_CLIENT_PORT));
}

static void lg_count_error(struct lg_net *lgn, enum lg_dhcp_err err)
{
	switch (err) {
	case LG_DHCP_ETRUNCATED:
		lg_stat_inc(lgn, dhcp_truncated);
		break;
	case LG_DHCP_EOVERSIZED:
		lg_stat_inc(lgn, dhcp_oversized);
		break;
	case LG_DHCP_EOP:
		lg_stat_inc(lgn, dhcp_op);
		break;
	case LG_DHCP_EHLEN:
		lg_stat_inc(lgn, dhcp_hlen);
		break;
	case LG_DHCP_EOPTION:
		lg_stat_inc(lgn, dhcp_option);
		break;
	default:
		lg_stat_inc(lgn, dhcp_value);
		break;
	}
}

/* In place where it is linear, else from a copy. */
static bool lg_message_read(struct lg_net *lgn, struct sk_buff *skb,
			    struct lg_message *m)
{
	unsigned int offset = m->udp.offset + sizeof(struct udphdr);

	m->copy = NULL;
	if (m->udp.len < sizeof(struct udphdr) ||
	    m->udp.len > skb->len - m->udp.offset) {
		lg_stat_inc(lgn, udp_length);
		return false;
	}
	m->udp.len -= sizeof(struct udphdr);
	if (m->udp.len > LG_DHCP_MAX_LEN) {
		lg_stat_inc(lgn, dhcp_oversized);
		return false;
	}
	if (skb_headlen(skb) >= offset + m->udp.len) {
		m->payload = skb->data + offset;
	} else {
		m->copy = kmalloc(m->udp.len, GFP_ATOMIC | __GFP_NOWARN);
		if (!m->copy) {
			lg_stat_inc(lgn, dhcp_nomem);
			return false;
		}
		skb_copy_bits(skb, offset, m->copy, m->udp.len);
		m->payload = m->copy;
	}
	m->err = lg_dhcp_parse(&m->dhcp, m->payload, m->udp.len);
	return true;
}

/*
 * By hand: the usual helpers take the IP length for the UDP length, and leave
 * their result in a skb that may be on its way out again.
 */
static bool lg_udp_intact(struct lg_net *lgn, const struct sk_buff *skb,
			  const struct lg_message *m)
{
	unsigned int len = m->udp.len + sizeof(struct udphdr);
	const struct udphdr *uh;
	struct udphdr _uh;
	__wsum sum;

	uh = skb_header_pointer(skb, m->udp.offset, sizeof(_uh), &_uh);
	if (!uh || !uh->check || skb->ip_summed == CHECKSUM_PARTIAL ||
	    skb_csum_unnecessary(skb))
		return true;
	sum = skb_checksum(skb, m->udp.offset, len, 0);
	if (!csum_tcpudp_magic(m->udp.saddr, m->udp.daddr, len, IPPROTO_UDP,
			       sum))
		return true;
	lg_stat_inc(lgn, udp_checksum);
	return false;
}

/* Where a message is from that was not seen below the interface. */
static void lg_place_of(struct lg_place *place, const struct sk_buff *skb,
			const struct net_device *dev)
{
	memset(place, 0, sizeof(*place));
	place->port = dev->ifindex;
	place->vrf = l3mdev_master_ifindex_rcu(dev);
	lg_place_vlans(dev, place->vlan);
	if (skb_mac_header_was_set(skb) && dev->type == ARPHRD_ETHER)
		ether_addr_copy(place->l2src, eth_hdr(skb)->h_source);
}

/* From a client: broadcast, or unicast to @server (0 for a broadcast). */
static void lg_hook_request(struct lg_net *lgn, const struct lg_dhcp *dhcp,
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

static unsigned int lg_hook_to_us(struct lg_net *lgn, struct sk_buff *skb,
				  const struct net_device *dev,
				  struct lg_message *m)
{
	bool below = lg_port_below(lgn, dev);
	bool from_access = below || lg_port_access(lgn, dev->ifindex);
	struct lg_place place;

	if (m->dhcp.op == LG_BOOTREPLY &&
	    lg_hook_consumes(lgn, m, from_access)) {
		consume_skb(skb);
		return NF_STOLEN;
	}
	/* Requests were seen as they entered the bridge. */
	if (below && m->dhcp.op != LG_BOOTREPLY)
		return NF_ACCEPT;
	if (m->err) {
		lg_count_error(lgn, m->err);
	} else if (m->dhcp.op == LG_BOOTREQUEST) {
		lg_place_of(&place, skb, dev);
		lg_hook_request(lgn, &m->dhcp, &place, 0);
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

/*
 * Unicast between client and server: RFC 2131, 4.4.5. Returns whether the
 * packet may raise a miss: of those to a client's port only the renewal of
 * an unknown lease may, as an offer has no lease yet.
 */
static bool lg_hook_between(struct lg_net *lgn, struct sk_buff *skb,
			    const struct nf_hook_state *state,
			    const struct lg_message *m)
{
	const struct net_device *dev = lg_frame_dev(skb, state);
	bool to_server = m->udp.dport == htons(LG_DHCP_SERVER_PORT);
	const struct lg_reply reply = {
		.msg = &m->dhcp, .source = m->udp.saddr,
		.out = state->out->ifindex,
	};

	bool below = lg_port_below(lgn, dev);
	struct lg_place place;

	/* Seen as it entered the bridge. */
	if (below && to_server)
		return true;
	if (m->err) {
		lg_count_error(lgn, m->err);
	} else if (to_server) {
		if (m->dhcp.op == LG_BOOTREQUEST) {
			lg_place_of(&place, skb, dev);
			lg_hook_request(lgn, &m->dhcp, &place, m->udp.daddr);
		}
	} else if (m->dhcp.op == LG_BOOTREPLY) {
		if (!below && !lg_port_access(lgn, dev->ifindex))
			return lg_glean_reply(lgn, &reply);
		lg_stat_inc(lgn, reply_from_access);
	}
	return to_server;
}

/* Whether it may raise a miss. */
static noinline bool lg_hook_forwards(struct lg_net *lgn, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	struct lg_message m;
	bool miss;

	if (!lg_is_dhcp(skb, skb_network_offset(skb), &m.udp))
		return true;
	miss = m.udp.dport == htons(LG_DHCP_SERVER_PORT);
	if (!lg_message_read(lgn, skb, &m))
		return miss;
	if (lg_udp_intact(lgn, skb, &m))
		miss = lg_hook_between(lgn, skb, state, &m);
	kfree(m.copy);
	return miss;
}

/* On its way out: the next hop is known, its neighbour not asked for yet. */
static __always_inline void lg_hook_data(struct lg_net *lgn,
					 const struct sk_buff *skb,
					 const struct net_device *out)
{
	const struct rtable *rt;
	struct lg_port *port;
	__be32 nexthop;

	if (!static_branch_unlikely(&lg_access_key))
		return;
	port = lg_port_access(lgn, out->ifindex);
	if (!port)
		return;
	/* Of a tunnel the outer packet leaves here, and comes again. */
	rt = skb_rtable(skb);
	if (!rt || rt->rt_type != RTN_UNICAST ||
	    rt->rt_gw_family == AF_INET6 || dst_xfrm(skb_dst(skb)))
		return;
	nexthop = rt_nexthop(rt, ip_hdr(skb)->daddr);
	lg_forward(lgn, port, out, nexthop);
}

static unsigned int lg_hook_forward(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);

	if (likely(!lg_may_be_dhcp(skb, skb_network_offset(skb))) ||
	    lg_hook_forwards(lgn, skb, state))
		lg_hook_data(lgn, skb, state->out);
	return NF_ACCEPT;
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

/* What a relay agent on this host, or the host itself, sends. */
static unsigned int lg_hook_local_out(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);
	struct lg_message m;

	if (ip_hdr(skb)->protocol != IPPROTO_UDP ||
	    !lg_is_dhcp(skb, skb_network_offset(skb), &m.udp)) {
		local_bh_disable();
		lg_hook_data(lgn, skb, state->out);
		local_bh_enable();
		return NF_ACCEPT;
	}
	/* To a client, who may have no lease yet: never a miss. */
	if (m.udp.dport != htons(LG_DHCP_SERVER_PORT) ||
	    !lg_message_read(lgn, skb, &m))
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
					    const struct net_device *dev)
{
	int offset = lg_frame_ip(skb, dev);
	unsigned int verdict = NF_ACCEPT;
	struct lg_message m;

	if (offset < 0 || !lg_is_dhcp(skb, offset, &m.udp) ||
	    !lg_message_read(lgn, skb, &m))
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
		return NF_ACCEPT;
	return lg_hook_leaves(lg_pernet(state->net), skb, state->out);
}

/**
 * struct lg_frame - what entered by a port
 * @proto: Ethernet protocol behind all tags
 * @offset: of what follows, from skb->data
 * @l3: interface whose routes it is subject to
 * @tags: how many it bears
 * @vlan: identifiers, outermost first, those of the port included
 */
struct lg_frame {
	__be16 proto;
	unsigned int offset;
	struct net_device *l3;
	unsigned int tags;
	u16 vlan[LEASEGLEAN_VLANS_MAX];
};

/* Of a bridge's port, the bridge or the VLAN interface upon it. */
static void lg_frame_tag(struct lg_frame *frame, __be16 proto, u16 vid)
{
	struct net_device *upper;
	unsigned int i;

	for (i = 0; i < LEASEGLEAN_VLANS_MAX && frame->vlan[i]; i++)
		;
	if (i == LEASEGLEAN_VLANS_MAX)
		memmove(frame->vlan, frame->vlan + 1,
			(--i) * sizeof(*frame->vlan));
	frame->vlan[i] = vid;
	frame->tags++;
	upper = __vlan_find_dev_deep_rcu(frame->l3, proto, vid);
	if (upper)
		frame->l3 = upper;
}

/* At ingress skb->data is behind the Ethernet header, or the first tag. */
static bool lg_frame_read(struct lg_frame *frame, const struct sk_buff *skb,
			  struct net_device *dev)
{
	struct net_device *master = netdev_master_upper_dev_get_rcu(dev);
	const struct vlan_hdr *tag;
	struct vlan_hdr _tag;

	memset(frame, 0, sizeof(*frame));
	frame->proto = skb->protocol;
	frame->l3 = master && netif_is_bridge_master(master) ? master : dev;
	lg_place_vlans(dev, frame->vlan);
	if (skb_vlan_tag_present(skb))
		lg_frame_tag(frame, skb->vlan_proto, skb_vlan_tag_get_id(skb));
	while (eth_type_vlan(frame->proto)) {
		tag = skb_header_pointer(skb, frame->offset, sizeof(_tag),
					 &_tag);
		if (!tag || frame->tags > LEASEGLEAN_VLANS_MAX)
			return false;
		lg_frame_tag(frame, frame->proto,
			     ntohs(tag->h_vlan_TCI) & VLAN_VID_MASK);
		frame->proto = tag->h_vlan_encapsulated_proto;
		frame->offset += sizeof(_tag);
	}
	return true;
}

/* A request that enters a bridge: above it nobody knows by which port. */
static void lg_hook_bridged(struct lg_net *lgn, struct sk_buff *skb,
			    const struct net_device *dev,
			    const struct lg_frame *frame, struct lg_message *m)
{
	struct lg_place place;
	__be32 server = 0;

	if (!lg_message_read(lgn, skb, m))
		return;
	if (m->err)
		lg_count_error(lgn, m->err);
	else if (m->dhcp.op == LG_BOOTREQUEST && lg_udp_intact(lgn, skb, m)) {
		lg_place_of(&place, skb, dev);
		memcpy(place.vlan, frame->vlan, sizeof(place.vlan));
		place.vrf = l3mdev_master_ifindex_rcu(frame->l3);
		if (inet_addr_type_dev_table(lgn->net, frame->l3,
					     m->udp.daddr) == RTN_UNICAST)
			server = m->udp.daddr;
		lg_hook_request(lgn, &m->dhcp, &place, server);
	}
	kfree(m->copy);
}

static void lg_claim_of(struct lg_claim *claim, const struct sk_buff *skb,
			struct net_device *dev, const struct lg_frame *frame,
			__be32 addr)
{
	memset(claim, 0, sizeof(*claim));
	claim->addr = addr;
	claim->vrf = l3mdev_master_ifindex_rcu(frame->l3);
	claim->dev = dev;
	memcpy(claim->vlan, frame->vlan, sizeof(claim->vlan));
	if (skb_mac_header_was_set(skb) && dev->type == ARPHRD_ETHER)
		ether_addr_copy(claim->hwaddr, eth_hdr(skb)->h_source);
}

static noinline bool lg_hook_request_enters(struct lg_net *lgn,
					    const struct lg_port *port,
					    struct sk_buff *skb,
					    const struct net_device *dev,
					    const struct lg_frame *frame)
{
	struct lg_message m;

	if (!lg_is_dhcp(skb, frame->offset, &m.udp) ||
	    m.udp.dport != htons(LG_DHCP_SERVER_PORT))
		return false;
	if (READ_ONCE(port->bridged))
		lg_hook_bridged(lgn, skb, dev, frame, &m);
	return true;
}

static unsigned int lg_hook_ip_enters(struct lg_net *lgn, struct lg_port *port,
				      struct sk_buff *skb,
				      struct net_device *dev,
				      const struct lg_frame *frame)
{
	struct lg_claim claim;
	const struct iphdr *iph;
	struct iphdr _iph;

	/* DHCP passes: who asks may have no address yet. */
	if (unlikely(lg_may_be_dhcp(skb, frame->offset)) &&
	    lg_hook_request_enters(lgn, port, skb, dev, frame))
		return NF_ACCEPT;
	if (READ_ONCE(port->set.verify) == LEASEGLEAN_VERIFY_OFF)
		return NF_ACCEPT;
	iph = skb_header_pointer(skb, frame->offset, sizeof(_iph), &_iph);
	/* Too short for anybody to forward. */
	if (!iph)
		return NF_ACCEPT;
	lg_claim_of(&claim, skb, dev, frame, iph->saddr);
	return lg_verify(lgn, port, &claim) ? NF_ACCEPT : NF_DROP;
}

/* Ethernet and IPv4, of RFC 826. */
struct lg_arp {
	struct arphdr head;
	u8 sha[ETH_ALEN];
	u8 sip[4];
	u8 tha[ETH_ALEN];
	u8 tip[4];
} __packed;

static unsigned int lg_hook_arp_enters(struct lg_net *lgn,
				       struct lg_port *port,
				       struct sk_buff *skb,
				       struct net_device *dev,
				       const struct lg_frame *frame)
{
	const struct lg_arp *arp;
	struct lg_claim claim;
	struct lg_arp _arp;
	__be32 sip;

	if (READ_ONCE(port->set.verify) == LEASEGLEAN_VERIFY_OFF)
		return NF_ACCEPT;
	arp = skb_header_pointer(skb, frame->offset, sizeof(_arp), &_arp);
	if (!arp || arp->head.ar_pro != htons(ETH_P_IP) ||
	    arp->head.ar_hln != ETH_ALEN || arp->head.ar_pln != sizeof(sip))
		return NF_ACCEPT;
	memcpy(&sip, arp->sip, sizeof(sip));
	/* A probe claims nothing yet (RFC 5227, 2.1.1). */
	if (!sip)
		return NF_ACCEPT;
	lg_claim_of(&claim, skb, dev, frame, sip);
	claim.two = memcmp(claim.hwaddr, arp->sha, ETH_ALEN);
	return lg_verify(lgn, port, &claim) ? NF_ACCEPT : NF_DROP;
}

/**
 * lg_hook_ingress() - see who sends what, on an access port that is a
 *	bridge's or that verifies sources
 * @priv: unused
 * @skb: a frame that enters by it
 * @state: netfilter's
 *
 * What bears a tag of a VLAN interface upon the port enters that one next.
 *
 * Return: NF_DROP or NF_ACCEPT.
 */
unsigned int lg_hook_ingress(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);
	struct lg_frame frame;
	struct lg_port *port;

	port = lg_port_access(lgn, state->in->ifindex);
	if (!port || !lg_frame_read(&frame, skb, state->in) ||
	    (frame.tags && !READ_ONCE(port->bridged)))
		return NF_ACCEPT;
	if (frame.proto == htons(ETH_P_IP))
		return lg_hook_ip_enters(lgn, port, skb, state->in, &frame);
	if (frame.proto == htons(ETH_P_ARP))
		return lg_hook_arp_enters(lgn, port, skb, state->in, &frame);
	return NF_ACCEPT;
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
