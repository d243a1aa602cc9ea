/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_GLEAN_H
#define _LG_GLEAN_H

#include "dhcp.h"
#include "exchange.h"
#include "lg.h"

/**
 * struct lg_reply - a server's message and how it came
 * @msg: the message
 * @source: IP source, network order
 * @out: port that a unicast reply is forwarded to, 0 for one to the relay
 */
struct lg_reply {
	const struct lg_dhcp *msg;
	__be32 source;
	u32 out;
};

bool lg_server_known(struct lg_net *lgn, u32 ifindex, __be32 server);
bool lg_glean_reply(struct lg_net *lgn, const struct lg_reply *reply);
void lg_glean_local(struct lg_net *lgn, const struct lg_reply *reply,
		    u32 port);
void lg_glean_release(struct lg_net *lgn, const struct lg_dhcp *msg,
		      const struct lg_place *place);

#endif /* _LG_GLEAN_H */
