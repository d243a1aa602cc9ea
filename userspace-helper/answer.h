/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the answer to a DHCPLEASEQUERY, and believes nothing else. */
#ifndef _LG_ANSWER_H
#define _LG_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "auth.h"
#include "dialect.h"
#include "module.h"

/* What a message of one frame has room for. */
#define ANSWER_ASSOCIATED_MAX	308

/**
 * struct answer_to - the query that a reply has to be the answer of
 * @xid: transaction id, host order
 * @server: the server asked
 * @dialect: how it speaks
 * @key: by what it was asked
 * @auth: how its messages are authenticated
 * @before: what replay detection has to exceed: what it was when it was asked
 * @giaddrs: the addresses it was asked from
 * @n_giaddrs: how many
 */
struct answer_to {
	uint32_t xid;
	__be32 server;
	const struct dialect *dialect;
	const struct lg_leasequery *key;
	const struct auth *auth;
	uint64_t before;
	const __be32 *giaddrs;
	unsigned int n_giaddrs;
};

/**
 * struct answer_text - an option whose bytes are a text, or should be
 * @bytes: as sent
 * @len: 0 where there is none
 */
struct answer_text {
	uint8_t bytes[LEASEGLEAN_OPAQUE_MAX];
	uint16_t len;
};

/**
 * struct answer - all that a server said
 * @addr: the address that it is about, 0 where it names none
 * @server_id: option 54, or 0
 * @lease: what the module is told of it
 * @replay: its replay detection, 0 where it has none that counts
 * @has_t1: it sent the renewal time
 * @has_t2: it sent the rebinding time
 * @reserved: it tells of a reservation, which nobody uses (draft -01, 6.4)
 * @t1: seconds until renewal
 * @t2: seconds until rebinding
 * @vendor_class: option 60
 * @host_name: what the client asked to be called
 * @associated: addresses of the same client, network order
 * @n_associated: how many; the first of them where there are more
 */
struct answer {
	__be32 addr;
	__be32 server_id;
	struct lease lease;
	uint64_t replay;
	bool has_t1;
	bool has_t2;
	bool reserved;
	uint32_t t1;
	uint32_t t2;
	struct answer_text vendor_class;
	struct answer_text host_name;
	__be32 associated[ANSWER_ASSOCIATED_MAX];
	unsigned int n_associated;
};

bool answer_read(const struct answer_to *to, const struct reply *reply,
		 struct answer *answer);
bool answer_read_active(const struct lg_dhcp *msg, struct lease *lease);
void answer_place(const struct miss *miss, struct lease *lease);

#endif /* _LG_ANSWER_H */
