// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "message.h"

/**
 * lg_is_dhcp() - whether a packet goes to a DHCP server's or client's port
 * @skb: the packet, reassembled or never fragmented
 * @offset: of its IP header from skb->data
 * @udp: filled in
 *
 * Context: any.
 */
bool lg_is_dhcp(const struct sk_buff *skb, unsigned int offset,
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

/**
 * lg_is_dhcp_piece() - whether it is the first piece of a DHCP message
 * @skb: the packet
 * @offset: of its IP header from skb->data
 *
 * No client needs to send such, a forger may: none of us can read it.
 *
 * Context: any.
 */
bool lg_is_dhcp_piece(const struct sk_buff *skb, unsigned int offset)
{
	const struct iphdr *iph;
	const struct udphdr *uh;
	struct iphdr _iph;
	struct udphdr _uh;

	iph = skb_header_pointer(skb, offset, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < 5 ||
	    iph->protocol != IPPROTO_UDP ||
	    (iph->frag_off & htons(IP_MF | IP_OFFSET)) != htons(IP_MF))
		return false;
	uh = skb_header_pointer(skb, offset + iph->ihl * 4, sizeof(_uh), &_uh);
	return !uh || uh->dest == htons(LG_DHCP_SERVER_PORT) ||
	       uh->dest == htons(LG_DHCP_CLIENT_PORT);
}

/**
 * lg_count_error() - count a message that cannot be read
 * @lgn: namespace state
 * @err: why
 */
void lg_count_error(struct lg_net *lgn, enum lg_dhcp_err err)
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

/**
 * lg_message_read() - read the DHCP message of a datagram
 * @lgn: namespace state
 * @skb: the packet
 * @m: its @udp is filled in, the rest will be; @copy is the caller's to free
 *
 * In place where it is linear, else from a copy.
 *
 * Context: any.
 * Return: false, counted, if the datagram holds none or memory is short;
 * else m->err tells how far reading went.
 */
bool lg_message_read(struct lg_net *lgn, struct sk_buff *skb,
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

/**
 * lg_udp_intact() - whether the UDP checksum holds, where there is one
 * @lgn: namespace state
 * @skb: the packet
 * @m: read from it
 *
 * By hand: the usual helpers take the IP length for the UDP length, and leave
 * their result in a skb that may be on its way out again.
 *
 * Context: any.
 * Return: false, counted, if not.
 */
bool lg_udp_intact(struct lg_net *lgn, const struct sk_buff *skb,
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
