/* SPDX-License-Identifier: GPL-2.0 */
/* What the module's table has of an address, as the answering side needs it. */
#ifndef _LG_KNOWN_H
#define _LG_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

/**
 * struct known - what the module's table has of an address
 * @addr: the address
 * @state: enum leaseglean_state
 * @origin: enum leaseglean_origin
 * @expires: seconds left, UINT32_MAX for ever
 * @dated: it is known when a server last heard of the client
 * @age: seconds since then, else since it was learnt
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
	bool dated;
	uint32_t age;
	uint8_t htype;
	uint8_t hlen;
	uint8_t client_id_len;
	uint8_t agent_info_len;
	const uint8_t *hwaddr;
	const uint8_t *client_id;
	const uint8_t *agent_info;
};

int known_read(struct known *known, const void *attrs, size_t len);

#endif /* _LG_KNOWN_H */
