/* SPDX-License-Identifier: GPL-2.0 */
/* An operator's question, as the command takes it and the daemon is sent it. */
#ifndef _LG_LOOKUP_REQUEST_H
#define _LG_LOOKUP_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../module/dhcp.h"

#define LOOKUP_SERVERS_MAX	16
#define LOOKUP_SECONDS		15
#define LOOKUP_SECONDS_MAX	60

/**
 * struct lookup_request - what is asked, and whom
 * @addr: the address asked for, 0 unless by address
 * @hlen: bytes of @hwaddr, 0 unless by hardware address
 * @hwaddr: that, Ethernet
 * @client_id_len: bytes of @client_id, 0 unless by client-id
 * @client_id: value of option 61
 * @remote_id_len: bytes of @remote_id, 0 unless by remote-id
 * @remote_id: value of sub-option 2 of option 82
 * @servers: to be asked instead of the usual ones
 * @n_servers: how many
 * @giaddr: to ask from, 0 for the usual choice
 * @vrf: interface index of the VRF to ask in, 0 for the default
 * @seconds: for which answers are waited
 */
struct lookup_request {
	__be32 addr;
	uint8_t hlen;
	uint8_t hwaddr[LG_DHCP_CHADDR_LEN];
	size_t client_id_len;
	uint8_t client_id[255];
	size_t remote_id_len;
	uint8_t remote_id[LG_AGENT_VALUE_MAX];
	__be32 servers[LOOKUP_SERVERS_MAX];
	size_t n_servers;
	__be32 giaddr;
	uint32_t vrf;
	uint32_t seconds;
};

const char *lookup_request_read(struct lookup_request *r, char **words,
				size_t n, const char **word);

#endif /* _LG_LOOKUP_REQUEST_H */
