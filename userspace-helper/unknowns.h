/* SPDX-License-Identifier: GPL-2.0 */
/* Which servers said not to know which addresses. */
#ifndef _LG_UNKNOWNS_H
#define _LG_UNKNOWNS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

/**
 * struct unknown_key - one server's ignorance; no padding: hashed as bytes
 * @server: who said so
 * @addr: of which address
 * @vrf: interface index of its VRF, 0 for the default
 */
struct unknown_key {
	__be32 server;
	__be32 addr;
	uint32_t vrf;
};

void unknown_note(const struct unknown_key *key);
bool unknown_stands(const struct unknown_key *key);
void unknowns_free(void);

#endif /* _LG_UNKNOWNS_H */
