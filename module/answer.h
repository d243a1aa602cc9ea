/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The answering side: DHCPLEASEQUERY messages of hosts that may ask go to the
 * socket that answers, and its answers to them. Port 67 stays with the relay
 * agent, which sees neither; who answers needs no socket that could send
 * anything to anybody.
 */
#ifndef _LG_ANSWER_H
#define _LG_ANSWER_H

#include <linux/netdevice.h>
#include <linux/types.h>

#include "lg.h"
#include "message.h"

/**
 * struct lg_requestor - a host that may ask
 * @addr: source of its queries, network order
 * @giaddr: that they have, and where all answers go
 * @type: value of option 53 in them
 */
struct lg_requestor {
	__be32 addr;
	__be32 giaddr;
	u8 type;
};

/**
 * struct lg_requestors - all of them; replaced as a whole
 * @rcu: frees it
 * @n: how many
 * @of: them
 */
struct lg_requestors {
	struct rcu_head rcu;
	unsigned int n;
	struct lg_requestor of[];
};

/**
 * struct lg_answer - what is sent to a requestor
 * @requestor: its address as listed
 * @server: address of this host that answers
 * @vrf: interface index of the VRF device that it asked in, or 0
 * @message: from the BOOTP op on
 * @len: bytes of it
 */
struct lg_answer {
	__be32 requestor;
	__be32 server;
	u32 vrf;
	const void *message;
	unsigned int len;
};

bool lg_answer_takes(struct lg_net *lgn, const struct sk_buff *skb,
		     const struct net_device *dev, const struct lg_message *m);
int lg_answer_send(struct lg_net *lgn, const struct lg_answer *answer);

#endif /* _LG_ANSWER_H */
