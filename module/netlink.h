/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_NETLINK_H
#define _LG_NETLINK_H

#include <leaseglean.h>

#include "answer.h"
#include "lease.h"
#include "lg.h"
#include "port.h"
#include "query.h"
#include "verify.h"

void lg_netlink_lease_event(struct lg_net *lgn, u8 cmd,
			    const struct lg_lease *lease);
void lg_netlink_port_event(struct lg_net *lgn, const struct lg_port *port);
void lg_netlink_relay_event(struct lg_net *lgn, const struct lg_port *port,
			    const struct lg_relay *relay);
void lg_netlink_miss(struct lg_net *lgn, const struct lg_lease *lease,
		     const struct lg_port *payer);
void lg_netlink_spoof(struct lg_net *lgn, struct lg_port *port,
		      const struct lg_claim *claim, u32 reason, bool dropped);
void lg_netlink_reply(struct lg_net *lgn, const struct lg_query_key *key,
		      const void *message, unsigned int len);
void lg_netlink_request(struct lg_net *lgn, const struct lg_message *m,
			struct lg_key key);

int lg_netlink_register(void);
void lg_netlink_unregister(void);

#endif /* _LG_NETLINK_H */
