/* SPDX-License-Identifier: GPL-2.0 */
/* How a server speaks leasequery: chosen by the operator, never guessed. */
#ifndef _LG_DIALECT_H
#define _LG_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../module/dhcp.h"

#define DIALECT_OPTIONS_MAX	64

enum dialect_id {
	DIALECT_RFC4388,	/* and RFC 6148 */
	DIALECT_DRAFT_01,	/* draft-ietf-dhc-leasequery-01 */
	DIALECT_DRAFT_00,	/* draft-ietf-dhc-leasequery-00 */
	__DIALECT_MAX
};

/* Keys of a [server] section that are about it. */
enum dialect_key {
	DIALECT_DIALECT,
	DIALECT_TYPE_QUERY,
	DIALECT_TYPE_ACTIVE,
	DIALECT_TYPE_UNASSIGNED,
	DIALECT_TYPE_UNKNOWN,
	DIALECT_TYPE_KNOWN,
	DIALECT_OPTION_LAST_TRANSACTION,
	DIALECT_OPTION_ASSOCIATED_IP,
	DIALECT_OPTION_HOST_NAME,
	DIALECT_FLAG_RESERVATION,
	DIALECT_RESERVATIONS,
	DIALECT_OPTIONS,
	__DIALECT_LAST
};

/**
 * struct dialect - how one server speaks
 * @id: which the rest began as
 * @has: bit for each enum dialect_key that was set by hand
 * @query: message type of a query
 * @active: of "there is a lease"
 * @unassigned: of "it is mine, but there is no lease"; where it is the same
 *	as @active, option 51 tells them apart
 * @unknown: of "it is not mine"
 * @last_transaction: option of client-last-transaction-time, 0 for none
 * @associated_ip: option of associated-ip, 0 for none
 * @host_name: option of the name that the client asked for
 * @reservation: the flag that is about reservations, 0 for none
 * @reservations: whether they are asked for
 * @options: codes to ask for, where the operator said so
 * @n_options: how many, 0 for the usual ones
 */
struct dialect {
	enum dialect_id id;
	uint32_t has;
	uint8_t query;
	uint8_t active;
	uint8_t unassigned;
	uint8_t unknown;
	uint8_t last_transaction;
	uint8_t associated_ip;
	uint8_t host_name;
	uint16_t reservation;
	bool reservations;
	uint8_t options[DIALECT_OPTIONS_MAX];
	uint8_t n_options;
};

/* What a message means in a dialect. */
enum dialect_verdict {
	DIALECT_NOTHING,	/* not an answer */
	DIALECT_ACTIVE,
	DIALECT_UNASSIGNED,
	DIALECT_UNKNOWN,
};

void dialect_default(struct dialect *d);
int dialect_word(const char *word);
const char *dialect_key_name(enum dialect_key key);
const char *dialect_take(struct dialect *d, enum dialect_key key,
			 const char *value);
const char *dialect_options_more(struct dialect *d, const char *value);
const char *dialect_check(const struct dialect *d, enum dialect_key *key);

bool dialect_has(const struct dialect *d, const struct lg_leasequery *key);
const char *dialect_name(const struct dialect *d);
int dialect_ask(const struct dialect *d, struct lg_leasequery *q,
		uint8_t options[DIALECT_OPTIONS_MAX]);
void dialect_ask_all(const struct dialect *d, struct lg_leasequery *q,
		     uint8_t options[DIALECT_OPTIONS_MAX]);
enum dialect_verdict dialect_verdict(const struct dialect *d,
				     const struct lg_dhcp *msg);
bool dialect_reserved(const struct dialect *d, const struct lg_dhcp *msg);

#endif /* _LG_DIALECT_H */
