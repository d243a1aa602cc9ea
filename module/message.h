/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_MESSAGE_H
#define _LG_MESSAGE_H

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "dhcp.h"
#include "lg.h"

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

bool lg_is_dhcp(const struct sk_buff *skb, unsigned int offset,
		struct lg_datagram *udp);
bool lg_is_dhcp_piece(const struct sk_buff *skb, unsigned int offset);
bool lg_message_read(struct lg_net *lgn, struct sk_buff *skb,
		     struct lg_message *m);
bool lg_udp_intact(struct lg_net *lgn, const struct sk_buff *skb,
		   const struct lg_message *m);
void lg_count_error(struct lg_net *lgn, enum lg_dhcp_err err);

/**
 * lg_may_be_dhcp() - one glance, with which nearly all packets end
 * @skb: the packet
 * @offset: of its IP header from skb->data
 *
 * At what is linear, and with no message on the stack, which most kernels
 * would have to clear.
 *
 * Context: any.
 * Return: false if it is no UDP datagram to a DHCP port, else whether or not.
 */
static inline bool lg_may_be_dhcp(const struct sk_buff *skb,
				  unsigned int offset)
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

#endif /* _LG_MESSAGE_H */
