/* SPDX-License-Identifier: GPL-2.0 */
/* What is answered to a DHCPLEASEQUERY, and whether anything is. */
#ifndef _LG_RESPOND_H
#define _LG_RESPOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../module/dhcp.h"
#include "../uapi/leaseglean.h"

/**
 * struct known - what the module's table has of an address
 * @addr: the address
 * @state: enum leaseglean_state
 * @origin: enum leaseglean_origin
 * @expires: seconds left, UINT32_MAX for ever
 * @age: seconds since it was learnt
 * @htype: ARP hardware type
 * @hlen: bytes of @hwaddr
 * @client_id_len: bytes of @client_id
 * @agent_info_len: bytes of @agent_info
 * @hwaddr: the client's; not its own memory, nor are the others
 * @client_id: value of option 61
 * @agent_info: value of option 82
 */
struct known {
	__be32 addr;
	uint32_t state;
	uint32_t origin;
	uint32_t expires;
	uint32_t age;
	uint8_t htype;
	uint8_t hlen;
	uint8_t client_id_len;
	uint8_t agent_info_len;
	const uint8_t *hwaddr;
	const uint8_t *client_id;
	const uint8_t *agent_info;
};

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
	uint32_t vrf;
	uint8_t htype;
	uint8_t hlen;
	uint8_t client_id_len;
	uint8_t remote_id_len;
	bool reservations;
	const uint8_t *hwaddr;
	const uint8_t *client_id;
	const uint8_t *remote_id;
};

/**
 * struct leases_found - a client's, that heard of last first
 * @newest: the first; what it points to stays until the next look
 * @n: how many there are, at most LG_ASSOCIATED_MAX
 * @addr: their addresses
 * @age: of each, as in struct known
 */
struct leases_found {
	struct known newest;
	unsigned int n;
	__be32 addr[LG_ASSOCIATED_MAX];
	uint32_t age[LG_ASSOCIATED_MAX];
};

void found_add(struct leases_found *found, const struct known *known);
int respond(const struct request *request, uint8_t *buf, size_t size);

/* In asked.c: all leases of a client; 0 or a negative errno. */
int asked_find(const struct client *client, struct leases_found *found);

#endif /* _LG_RESPOND_H */
