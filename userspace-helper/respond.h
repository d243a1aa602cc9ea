/* SPDX-License-Identifier: GPL-2.0 */
/* What is answered to a DHCPLEASEQUERY, and whether anything is. */
#ifndef _LG_RESPOND_H
#define _LG_RESPOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "known.h"
#include "../module/dhcp.h"
#include "../uapi/leaseglean.h"

/**
 * struct request - a query that the module handed over
 * @requestor: where it came from
 * @server: address of this host that it went to
 * @vrf: interface index of the VRF that it came by, or 0
 * @message: BOOTP, from the op on
 * @len: bytes of it
 * @known: of the address in its ciaddr, NULL for nothing
 */
struct request {
	__be32 requestor;
	__be32 server;
	uint32_t vrf;
	const uint8_t *message;
	size_t len;
	const struct known *known;
};

/**
 * struct client - whose addresses are looked for
 * @xid: of the query, which is one however often it is sent
 * @vrf: interface index of the VRF, or 0
 * @htype: ARP hardware type of @hwaddr
 * @hlen: bytes of @hwaddr, 0 where it does not matter
 * @client_id_len: bytes of @client_id, 0 where it does not matter
 * @remote_id_len: bytes of @remote_id, 0 where it does not matter
 * @reservations: what the operator wrote into the table counts too
 * @hwaddr: its hardware address
 * @client_id: its client identifier
 * @remote_id: what the relay agent told of it, in sub-option 2 of option 82
 */
struct client {
	__be32 xid;
	uint32_t vrf;
	uint8_t htype;
	uint8_t hlen;
	uint8_t client_id_len;
	uint8_t remote_id_len;
	bool reservations;
	uint8_t hwaddr[LG_DHCP_CHADDR_LEN];
	uint8_t client_id[LG_OPTION_MAX];
	uint8_t remote_id[LG_AGENT_VALUE_MAX];
};

/**
 * struct leases_found - a client's, that heard of last first, then what is only
 *	reserved for him
 * @newest: the first, which points to what is below
 * @at: when that was so, as clock_now()
 * @n: how many there are, at most LG_ASSOCIATED_MAX
 * @addr: their addresses
 * @rank: of each; a lesser one comes first
 * @hwaddr: of @newest, as are the others
 * @client_id: value of option 61
 * @agent_info: value of option 82
 */
struct leases_found {
	struct known newest;
	double at;
	unsigned int n;
	__be32 addr[LG_ASSOCIATED_MAX];
	uint64_t rank[LG_ASSOCIATED_MAX];
	uint8_t hwaddr[LEASEGLEAN_HWADDR_MAX];
	uint8_t client_id[LEASEGLEAN_OPAQUE_MAX];
	uint8_t agent_info[LEASEGLEAN_OPAQUE_MAX];
};

int respond(const struct request *request, struct client *client,
	    uint8_t *buf, size_t size);
void found_add(struct leases_found *found, const struct known *known);
int respond_found(const struct request *request,
		  const struct leases_found *found, uint8_t *buf, size_t size);

#endif /* _LG_RESPOND_H */
