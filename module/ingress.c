// SPDX-License-Identifier: GPL-2.0
/*
 * What enters by an access port that is a bridge's or that verifies sources:
 * seen before anything else of the host sees it, with the port and all tags.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/igmp.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "bridge.h"
#include "glean.h"
#include "hook.h"
#include "message.h"
#include "place.h"
#include "port.h"
#include "verify.h"

/* Tags that are read; who sends more of them means to hide something. */
#define LG_FRAME_TAGS	8

/**
 * struct lg_frame - what entered by a port
 * @proto: Ethernet protocol behind all tags
 * @offset: of what follows, from skb->data
 * @l3: interface whose routes it is subject to
 * @tagged: it bears a tag that is not of priority alone
 * @vlan: identifiers, outermost first, those of the port included
 */
struct lg_frame {
	__be16 proto;
	unsigned int offset;
	struct net_device *l3;
	bool tagged;
	u16 vlan[LEASEGLEAN_VLANS_MAX];
};

/* Of a port of a bridge or bond, that or the VLAN interface upon it. */
static void lg_frame_tag(struct lg_frame *frame, __be16 proto, u16 vid)
{
	struct net_device *upper;
	unsigned int i;

	/* A priority tag, which whoever reads the frame next takes off. */
	if (!vid)
		return;
	frame->tagged = true;
	for (i = 0; i < LEASEGLEAN_VLANS_MAX && frame->vlan[i]; i++)
		;
	if (i == LEASEGLEAN_VLANS_MAX)
		memmove(frame->vlan, frame->vlan + 1,
			(--i) * sizeof(*frame->vlan));
	frame->vlan[i] = vid;
	upper = __vlan_find_dev_deep_rcu(frame->l3, proto, vid);
	if (upper)
		frame->l3 = upper;
}

/* The bridge gives it a VLAN, whose interface may be in another VRF. */
static void lg_frame_untagged(struct lg_frame *frame, struct net_device *dev)
{
	struct net_device *upper;
	__be16 proto;
	u16 vid;

	if (frame->tagged || frame->l3 == dev ||
	    !netif_is_bridge_master(frame->l3) ||
	    !lg_bridge_pvid(dev, frame->l3, &proto, &vid))
		return;
	upper = __vlan_find_dev_deep_rcu(frame->l3, proto, vid);
	if (upper)
		frame->l3 = upper;
}

/* At ingress skb->data is behind the Ethernet header, or the first tag. */
static bool lg_frame_read(struct lg_frame *frame, const struct sk_buff *skb,
			  struct net_device *dev)
{
	struct net_device *master = netdev_master_upper_dev_get_rcu(dev);
	unsigned int left = LG_FRAME_TAGS;
	const struct vlan_hdr *tag;
	struct vlan_hdr _tag;

	memset(frame, 0, sizeof(*frame));
	frame->proto = skb->protocol;
	frame->l3 = master && (netif_is_bridge_master(master) ||
			       netif_is_lag_master(master)) ? master : dev;
	lg_place_vlans(dev, frame->vlan);
	if (skb_vlan_tag_present(skb))
		lg_frame_tag(frame, skb->vlan_proto, skb_vlan_tag_get_id(skb));
	while (eth_type_vlan(frame->proto)) {
		tag = skb_header_pointer(skb, frame->offset, sizeof(_tag),
					 &_tag);
		if (!tag || !left--)
			return false;
		lg_frame_tag(frame, frame->proto,
			     ntohs(tag->h_vlan_TCI) & VLAN_VID_MASK);
		frame->proto = tag->h_vlan_encapsulated_proto;
		frame->offset += sizeof(_tag);
	}
	lg_frame_untagged(frame, dev);
	return true;
}

/* A request that enters a bridge: above it nobody knows by which port. */
static void lg_request_bridged(struct lg_net *lgn, const struct sk_buff *skb,
			       const struct net_device *dev,
			       const struct lg_frame *frame,
			       const struct lg_message *m)
{
	struct lg_place place;
	__be32 server = 0;

	lg_place_of(&place, skb, dev);
	memcpy(place.vlan, frame->vlan, sizeof(place.vlan));
	place.vrf = l3mdev_master_ifindex_rcu(frame->l3);
	if (inet_addr_type_dev_table(lgn->net, frame->l3, m->udp.daddr) ==
	    RTN_UNICAST)
		server = m->udp.daddr;
	lg_hook_request(lgn, &m->dhcp, &place, server);
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

/*
 * Who has no address yet, or speaks for others, as access nodes do, may say
 * which groups are wanted (RFC 3376, 4.2.13). It claims nothing. A query does:
 * to be the router, which from 0.0.0.0 no other is elected before.
 */
static bool lg_is_anonymous_report(const struct sk_buff *skb,
				   unsigned int offset,
				   const struct iphdr *iph)
{
	const u8 *type;
	u8 _type;

	if (iph->saddr || iph->protocol != IPPROTO_IGMP ||
	    !ipv4_is_multicast(iph->daddr) || ip_is_fragment(iph))
		return false;
	type = skb_header_pointer(skb, offset + iph->ihl * 4, sizeof(_type),
				  &_type);
	return type && (*type == IGMP_HOST_MEMBERSHIP_REPORT ||
			*type == IGMPV2_HOST_MEMBERSHIP_REPORT ||
			*type == IGMPV3_HOST_MEMBERSHIP_REPORT ||
			*type == IGMP_HOST_LEAVE_MESSAGE);
}

static unsigned int lg_source_enters(struct lg_net *lgn, struct lg_port *port,
				     struct sk_buff *skb,
				     struct net_device *dev,
				     const struct lg_frame *frame)
{
	struct lg_claim claim;
	const struct iphdr *iph;
	struct iphdr _iph;

	if (READ_ONCE(port->set.verify) == LEASEGLEAN_VERIFY_OFF)
		return NF_ACCEPT;
	iph = skb_header_pointer(skb, frame->offset, sizeof(_iph), &_iph);
	/* Too short for anybody to forward. */
	if (!iph || lg_is_anonymous_report(skb, frame->offset, iph))
		return NF_ACCEPT;
	lg_claim_of(&claim, skb, dev, frame, iph->saddr);
	return lg_verify(lgn, port, &claim) ? NF_ACCEPT : NF_DROP;
}

/*
 * Who asks may have no address yet, or one that we do not know yet; but only
 * what a server or a relay agent of ours will read goes without a look.
 */
static bool lg_request_passes(struct lg_net *lgn, const struct lg_port *port,
			      const struct lg_frame *frame,
			      const struct lg_message *m)
{
	if (m->udp.dport != htons(LG_DHCP_SERVER_PORT))
		return false;
	return !m->udp.saddr || ipv4_is_lbcast(m->udp.daddr) ||
	       inet_addr_type_dev_table(lgn->net, frame->l3, m->udp.daddr) !=
	       RTN_UNICAST ||
	       lg_server_known(lgn, port->ifindex, m->udp.daddr) ||
	       lg_server_known(lgn, frame->l3->ifindex, m->udp.daddr);
}

/* Above a bridge nobody knows by which port what seems a server's came. */
static bool lg_reply_enters(struct lg_net *lgn, const struct lg_port *port,
			    const struct lg_message *m)
{
	if (!READ_ONCE(port->bridged) || m->err == LG_DHCP_ETRUNCATED ||
	    m->dhcp.op != LG_BOOTREPLY)
		return false;
	lg_stat_inc(lgn, reply_from_access);
	return true;
}

static unsigned int lg_message_enters(struct lg_net *lgn, struct lg_port *port,
				      struct sk_buff *skb,
				      struct net_device *dev,
				      const struct lg_frame *frame,
				      struct lg_message *m)
{
	bool request = !m->err && m->dhcp.op == LG_BOOTREQUEST;

	/* What is bridged on is seen by no other hook. */
	if (lg_reply_enters(lgn, port, m) ||
	    (READ_ONCE(port->bridged) && lg_hook_pries(lgn, dev, m)))
		return NF_DROP;
	if (READ_ONCE(port->bridged) && m->err)
		lg_count_error(lgn, m->err);
	else if (READ_ONCE(port->bridged) && request &&
		 m->udp.dport == htons(LG_DHCP_SERVER_PORT) &&
		 lg_udp_intact(lgn, skb, m))
		lg_request_bridged(lgn, skb, dev, frame, m);
	return request && lg_request_passes(lgn, port, frame, m) ?
	       NF_ACCEPT : lg_source_enters(lgn, port, skb, dev, frame);
}

static noinline unsigned int
lg_dhcp_enters(struct lg_net *lgn, struct lg_port *port, struct sk_buff *skb,
	       struct net_device *dev, const struct lg_frame *frame)
{
	unsigned int verdict;
	struct lg_message m;

	if (READ_ONCE(port->bridged) && lg_is_dhcp_piece(skb, frame->offset)) {
		lg_stat_inc(lgn, dhcp_fragment);
		return NF_DROP;
	}
	if (!lg_is_dhcp(skb, frame->offset, &m.udp))
		return lg_source_enters(lgn, port, skb, dev, frame);
	if (!lg_message_read(lgn, skb, &m))
		return READ_ONCE(port->bridged) ? NF_DROP :
		       lg_source_enters(lgn, port, skb, dev, frame);
	verdict = lg_message_enters(lgn, port, skb, dev, frame, &m);
	kfree(m.copy);
	return verdict;
}

static unsigned int lg_ip_enters(struct lg_net *lgn, struct lg_port *port,
				 struct sk_buff *skb, struct net_device *dev,
				 const struct lg_frame *frame)
{
	if (unlikely(lg_may_be_dhcp(skb, frame->offset)))
		return lg_dhcp_enters(lgn, port, skb, dev, frame);
	return lg_source_enters(lgn, port, skb, dev, frame);
}

/* Ethernet and IPv4, of RFC 826. */
struct lg_arp {
	struct arphdr head;
	u8 sha[ETH_ALEN];
	u8 sip[4];
	u8 tha[ETH_ALEN];
	u8 tip[4];
} __packed;

static unsigned int lg_arp_enters(struct lg_net *lgn,
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

/* A bridge's trusted port: of requests alone, whose option 82 is believed. */
static void lg_trusted_enters(struct lg_net *lgn, struct sk_buff *skb,
			      struct net_device *dev)
{
	const struct lg_port *port = lg_port_find(lgn, dev->ifindex);
	struct lg_frame frame;
	struct lg_message m;

	if (!port || !READ_ONCE(port->bridged) ||
	    !lg_frame_read(&frame, skb, dev) ||
	    frame.proto != htons(ETH_P_IP) ||
	    !lg_is_dhcp(skb, frame.offset, &m.udp) ||
	    m.udp.dport != htons(LG_DHCP_SERVER_PORT) ||
	    !lg_message_read(lgn, skb, &m))
		return;
	if (!m.err && m.dhcp.op == LG_BOOTREQUEST && lg_udp_intact(lgn, skb, &m))
		lg_request_bridged(lgn, skb, dev, &frame, &m);
	kfree(m.copy);
}

/*
 * For the VLAN of subscribers upon a bond: that has no hook where only the
 * bond's links verify. Where it does it is as that port is set.
 */
static bool lg_frame_is_bonds(const struct lg_net *lgn,
			      const struct lg_frame *frame,
			      const struct net_device *dev)
{
	const struct lg_port *port;

	if (!netif_is_lag_port(dev))
		return false;
	port = lg_port_access(lgn, frame->l3->ifindex);
	return port && READ_ONCE(port->set.verify) == LEASEGLEAN_VERIFY_OFF;
}

/**
 * lg_hook_ingress() - see who sends what, on an access port that is a
 *	bridge's or that verifies sources, and on a bridge's trusted port
 * @priv: unused
 * @skb: a frame that enters by it
 * @state: netfilter's
 *
 * What bears a tag of a VLAN interface upon the port enters that one next,
 * and is looked at there; but for a bond's link, by which all comes.
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
	if (!port) {
		lg_trusted_enters(lgn, skb, state->in);
		return NF_ACCEPT;
	}
	if (!lg_frame_read(&frame, skb, state->in)) {
		lg_stat_inc(lgn, frame_tags);
		return NF_DROP;
	}
	if (frame.tagged && !READ_ONCE(port->bridged) &&
	    !lg_frame_is_bonds(lgn, &frame, state->in))
		return NF_ACCEPT;
	if (frame.proto == htons(ETH_P_IP))
		return lg_ip_enters(lgn, port, skb, state->in, &frame);
	if (frame.proto == htons(ETH_P_ARP))
		return lg_arp_enters(lgn, port, skb, state->in, &frame);
	return NF_ACCEPT;
}
