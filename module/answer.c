// SPDX-License-Identifier: GPL-2.0
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "answer.h"
#include "netlink.h"
#include "port.h"

/* RCU read lock. */
static const struct lg_requestor *lg_requestor_find(const struct lg_net *lgn,
						    __be32 addr)
{
	const struct lg_requestors *list = rcu_dereference(lgn->requestors);
	unsigned int i;

	for (i = 0; list && i < list->n; i++)
		if (list->of[i].addr == addr)
			return &list->of[i];
	return NULL;
}

/* Counted once somebody answers: else it is a query to a server here. */
static bool lg_answer_due(struct lg_net *lgn, const struct sk_buff *skb,
			  const struct lg_message *m)
{
	const struct lg_requestor *from = lg_requestor_find(lgn, m->udp.saddr);
	const struct rtable *rt = skb_rtable(skb);
	bool asks = m->dhcp.type == LG_DHCPLEASEQUERY ||
		    m->dhcp.type == LG_DHCPLEASEQUERY_DRAFT;

	if (!from) {
		if (asks)
			lg_stat_inc(lgn, answer_unlisted);
		return false;
	}
	if (m->dhcp.type != from->type) {
		if (asks)
			lg_stat_inc(lgn, answer_type);
		return false;
	}
	if (m->dhcp.giaddr != from->giaddr) {
		lg_stat_inc(lgn, answer_giaddr);
		return false;
	}
	return rt && rt->rt_type == RTN_LOCAL &&
	       m->udp.len <= LEASEGLEAN_ANSWER_MAX;
}

/**
 * lg_answer_takes() - whether a message is a query that is answered here
 * @lgn: namespace state
 * @skb: the packet
 * @dev: interface that it came by, not an access port
 * @m: the message
 *
 * If so it was handed over, or counted as lost, and goes no further. All
 * others go where they would have gone. That giaddr is the one listed with
 * the source keeps anybody from having another's answers sent elsewhere
 * (draft -01, 6.4 sends them to giaddr).
 *
 * Context: softirq, RCU read lock.
 */
bool lg_answer_takes(struct lg_net *lgn, const struct sk_buff *skb,
		     const struct net_device *dev, const struct lg_message *m)
{
	const struct lg_key key = {
		.addr = m->dhcp.ciaddr, .vrf = l3mdev_master_ifindex_rcu(dev),
	};

	if (!READ_ONCE(lgn->answerer) || m->err ||
	    m->dhcp.op != LG_BOOTREQUEST || !lg_answer_due(lgn, skb, m))
		return false;
	lg_netlink_request(lgn, m, key);
	return true;
}

static void lg_answer_headers(struct sk_buff *skb, const struct rtable *rt,
			      const struct flowi4 *fl4, unsigned int len)
{
	struct udphdr *uh = skb_push(skb, sizeof(*uh));
	struct iphdr *iph;

	skb_reset_transport_header(skb);
	len += sizeof(*uh);
	*uh = (struct udphdr){
		.source = fl4->fl4_sport, .dest = fl4->fl4_dport,
		.len = htons(len),
	};
	uh->check = csum_tcpudp_magic(fl4->saddr, fl4->daddr, len, IPPROTO_UDP,
				      csum_partial(uh, len, 0));
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	/* The rest is filled in on the way out. */
	*iph = (struct iphdr){
		.version = 4, .ihl = sizeof(*iph) / 4,
		.ttl = ip4_dst_hoplimit(&rt->dst), .protocol = IPPROTO_UDP,
		.saddr = fl4->saddr, .daddr = fl4->daddr,
	};
}

static struct sk_buff *lg_answer_skb(struct lg_net *lgn, struct rtable *rt,
				     const struct flowi4 *fl4,
				     const struct lg_answer *answer)
{
	unsigned int headers = sizeof(struct iphdr) + sizeof(struct udphdr);
	unsigned int head = LL_RESERVED_SPACE(rt->dst.dev) +
			    rt->dst.header_len + headers;
	struct sk_buff *skb;

	skb = alloc_skb(head + answer->len + rt->dst.trailer_len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, head);
	skb_put_data(skb, answer->message, answer->len);
	lg_answer_headers(skb, rt, fl4, answer->len);
	skb->protocol = htons(ETH_P_IP);
	skb_dst_set(skb, &rt->dst);
	ip_select_ident(lgn->net, skb, NULL);
	return skb;
}

/* RCU read lock. */
static struct rtable *lg_answer_route(struct lg_net *lgn, struct flowi4 *fl4)
{
	struct rtable *rt;

	if (!__ip_dev_find(lgn->net, fl4->saddr, false))
		return ERR_PTR(-EADDRNOTAVAIL);
	rt = ip_route_output_key(lgn->net, fl4);
	/* Whoever is there is no requestor, whatever the routes say. */
	if (!IS_ERR(rt) && lg_port_access(lgn, rt->dst.dev->ifindex)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	return rt;
}

/**
 * lg_answer_send() - send an answer to a requestor's giaddr
 * @lgn: namespace state
 * @answer: what to whom
 *
 * From port 67, as requestors expect it, to port 67, where relay agents listen
 * (RFC 4388, 6.4.3; RFC 2131, 4.1), and nowhere else, whatever the message says.
 *
 * Context: process, RCU read lock not held.
 * Return: 0, -ENOENT to one who is not listed, -EADDRNOTAVAIL from an address
 * that is not this host's, -EACCES where the way leads out of an access port,
 * -ENOMEM, or what routing and sending say.
 */
int lg_answer_send(struct lg_net *lgn, const struct lg_answer *answer)
{
	struct flowi4 fl4 = {
		.flowi4_oif = answer->vrf, .flowi4_proto = IPPROTO_UDP,
		.saddr = answer->server,
		.fl4_sport = htons(LG_DHCP_SERVER_PORT),
		.fl4_dport = htons(LG_DHCP_SERVER_PORT),
	};
	const struct lg_requestor *to;
	struct sk_buff *skb;
	struct rtable *rt;
	int err;

	rcu_read_lock();
	to = lg_requestor_find(lgn, answer->requestor);
	fl4.daddr = to ? to->giaddr : 0;
	rt = to ? lg_answer_route(lgn, &fl4) : ERR_PTR(-ENOENT);
	rcu_read_unlock();
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = lg_answer_skb(lgn, rt, &fl4, answer);
	if (!skb) {
		ip_rt_put(rt);
		return -ENOMEM;
	}
	err = ip_local_out(lgn->net, NULL, skb);
	return err > 0 ? net_xmit_errno(err) : err;
}
