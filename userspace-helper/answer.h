/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the answer to a DHCPLEASEQUERY, and believes nothing else. */
#ifndef _LG_ANSWER_H
#define _LG_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "module.h"

/**
 * struct answer_to - the query that a reply has to be the answer of
 * @xid: transaction id, host order
 * @server: the server asked
 * @addr: the address asked for
 * @giaddrs: the addresses it was asked from
 * @n_giaddrs: how many
 */
struct answer_to {
	uint32_t xid;
	__be32 server;
	__be32 addr;
	const __be32 *giaddrs;
	unsigned int n_giaddrs;
};

bool answer_read(const struct answer_to *to, const struct reply *reply,
		 struct lease *lease);
void answer_place(const struct miss *miss, struct lease *lease);

#endif /* _LG_ANSWER_H */
