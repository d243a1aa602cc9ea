/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_HOOK_H
#define _LG_HOOK_H

#include <linux/netfilter.h>

struct lg_net;

unsigned int lg_hook_ingress(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
unsigned int lg_hook_egress(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state);
int lg_hooks_register(void);
void lg_hooks_unregister(void);

#endif /* _LG_HOOK_H */
