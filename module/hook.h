/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_HOOK_H
#define _LG_HOOK_H

#include <linux/netfilter.h>

#include "dhcp.h"
#include "exchange.h"
#include "lg.h"
#include "message.h"

void lg_place_of(struct lg_place *place, const struct sk_buff *skb,
		 const struct net_device *dev);
void lg_hook_request(struct lg_net *lgn, const struct lg_dhcp *dhcp,
		     const struct lg_place *place, __be32 server);
bool lg_hook_pries(struct lg_net *lgn, const struct net_device *dev,
		   const struct lg_message *m);
unsigned int lg_hook_ingress(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
unsigned int lg_hook_egress(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state);
int lg_hooks_register(void);
void lg_hooks_unregister(void);

#endif /* _LG_HOOK_H */
