/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exchanges: what a client asked, where it asked from, and what the relay
 * agent made of it, until a server's reply tells what came of it.
 *
 * The client's request opens an exchange and says the place: port, VLAN tags,
 * L2 source. The relay agent's request to the server adds giaddr, the server
 * and option 82. On another CPU the relay agent may be ahead of us; then its
 * request waits, as an orphan without a place, for the client's.
 *
 * A request with the same xid and chaddr from a second place spoils the
 * exchange: nobody can tell whose the reply will be, so it will bind nothing.
 * Who guesses an xid gains only that this one reply is not learnt from.
 *
 * Exchanges are bounded for each port and each namespace, orphans apart from
 * them, and where there is no room the one that was idle longest goes. A
 * flood on one port thus displaces the exchanges of that port.
 */
#ifndef _LG_EXCHANGE_H
#define _LG_EXCHANGE_H

#include <linux/if_ether.h>
#include <linux/types.h>

#include <leaseglean.h>

#include "dhcp.h"
#include "lg.h"

/* Servers that one request may be relayed to. */
#define LG_EXCHANGE_SERVERS	4

/**
 * struct lg_exchange_key - names an exchange
 * @xid: transaction id, network order
 * @htype: hardware type
 * @hlen: bytes of @chaddr
 * @pad: zero
 * @chaddr: zero behind hlen
 */
struct lg_exchange_key {
	__be32 xid;
	u8 htype;
	u8 hlen;
	u16 pad;
	u8 chaddr[LG_DHCP_CHADDR_LEN];
};

/**
 * struct lg_place - where a client is
 * @port: interface index
 * @vrf: interface index of its VRF device, or 0
 * @vlan: identifiers, outermost first, 0 for none
 * @l2src: source address of the frame, all zero where there is none
 */
struct lg_place {
	u32 port;
	u32 vrf;
	u16 vlan[LEASEGLEAN_VLANS_MAX];
	u8 l2src[ETH_ALEN];
};

/**
 * struct lg_exchange - what is known of one exchange
 * @place: where the client's request came in; port 0 of an orphan
 * @type: of the client's last message, enum lg_dhcp_type
 * @spoilt: the same xid and chaddr came from two places
 * @foreign_agent_info: the client sent option 82 and is not trusted to
 * @relayed: a relay agent on this host passed it on
 * @bound: a reply to the client's last message has bound an address
 * @wanted: address that the client asked to have or to keep, or 0
 * @unicast: server that the client itself wrote to, or 0; the client's choice
 *	and no ground for trust
 * @giaddr: of the relay agent
 * @n_servers: servers that the relay agent asked
 * @server: those, network order
 * @agent_len: bytes of @agent_info
 * @id_len: bytes of @client_id
 * @agent_info: option 82 that the relay agent put in
 * @client_id: option 61
 */
struct lg_exchange {
	struct lg_place place;
	u8 type;
	bool spoilt;
	bool foreign_agent_info;
	bool relayed;
	bool bound;
	__be32 wanted;
	__be32 unicast;
	__be32 giaddr;
	u8 n_servers;
	__be32 server[LG_EXCHANGE_SERVERS];
	u8 agent_len;
	u8 id_len;
	u8 agent_info[LEASEGLEAN_OPAQUE_MAX];
	u8 client_id[LEASEGLEAN_OPAQUE_MAX];
};

struct lg_port;

void lg_exchange_client(struct lg_net *lgn, const struct lg_dhcp *msg,
			const struct lg_place *place, __be32 server,
			bool trusted);
void lg_exchange_spoil(struct lg_net *lgn, const struct lg_dhcp *msg,
		       const struct lg_place *place);
void lg_exchange_relay(struct lg_net *lgn, const struct lg_dhcp *msg,
		       __be32 server);
struct lg_exchange *lg_exchange_find(struct lg_net *lgn,
				     const struct lg_dhcp *msg);
bool lg_exchange_seen(struct lg_net *lgn, const struct lg_dhcp *msg,
		      u32 ifindex);
void lg_exchange_bound(struct lg_net *lgn, const struct lg_dhcp *msg);
bool lg_exchange_asked(const struct lg_exchange *exchange, __be32 server);

void lg_exchanges_port_gone(struct lg_net *lgn, struct lg_port *port);
int lg_exchanges_init(struct lg_net *lgn);
void lg_exchanges_gc(struct lg_net *lgn);
void lg_exchanges_exit(struct lg_net *lgn);

#endif /* _LG_EXCHANGE_H */
