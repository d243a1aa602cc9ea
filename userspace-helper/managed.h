/* SPDX-License-Identifier: GPL-2.0 */
/* Which servers manage which addresses, as they said. */
#ifndef _LG_MANAGED_H
#define _LG_MANAGED_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

/**
 * enum managed - what a server said of an address not long ago
 * @MANAGED_UNTOLD: nothing that is remembered
 * @MANAGED_YES: that it manages it, leased or not
 * @MANAGED_NO: that it does not know it
 */
enum managed {
	MANAGED_UNTOLD,
	MANAGED_YES,
	MANAGED_NO,
};

/**
 * struct managed_key - one server's word on one address; no padding: hashed as
 * bytes
 * @server: who said so
 * @addr: of which address
 * @vrf: interface index of its VRF, 0 for the default
 */
struct managed_key {
	__be32 server;
	__be32 addr;
	uint32_t vrf;
};

void managed_note(const struct managed_key *key, enum managed says);
enum managed managed_said(const struct managed_key *key);
void managed_free(void);

#endif /* _LG_MANAGED_H */
