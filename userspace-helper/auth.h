/* SPDX-License-Identifier: GPL-2.0 */
/* Authentication of DHCP messages, option 90 (RFC 3118). */
#ifndef _LG_AUTH_H
#define _LG_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../module/dhcp.h"

/* What the information of option 90 has room for. */
#define AUTH_SECRET_MAX	244

/* Protocols, but for none. */
enum auth_protocol {
	AUTH_NONE,
	AUTH_TOKEN,		/* 0: a password (RFC 3118, 4) */
	AUTH_DELAYED,		/* 1: HMAC-MD5 (RFC 3118, 5) */
};

/* Keys of a section that are about it. */
enum auth_key {
	AUTH_PROTOCOL,
	AUTH_KEY_ID,
	AUTH_SECRET,
	__AUTH_LAST
};

/**
 * struct auth - how messages to and from a host are authenticated
 * @protocol: enum auth_protocol
 * @has: bit for each enum auth_key that was set
 * @key_id: says which secret it is, to those who have several
 * @secret: the token, or the key
 * @secret_len: bytes of it
 */
struct auth {
	enum auth_protocol protocol;
	uint32_t has;
	uint32_t key_id;
	uint8_t secret[AUTH_SECRET_MAX];
	size_t secret_len;
};

/* What is wrong with a message. */
enum auth_fault {
	AUTH_GENUINE,
	AUTH_FORGED,	/* no option 90, or another protocol, key or hash */
	AUTH_REPLAYED,	/* not newer than what was before it */
};

int auth_word(const char *word);
const char *auth_key_name(enum auth_key key);
const char *auth_take(struct auth *auth, enum auth_key key, const char *value);
const char *auth_check(const struct auth *auth, enum auth_key *key);
bool auth_same(const struct auth *a, const struct auth *b);

uint8_t auth_option(const struct auth *auth, uint8_t value[LG_OPTION_MAX]);
void auth_sign(const struct auth *auth, uint8_t *message, size_t len);
enum auth_fault auth_verify(const struct auth *auth, const struct lg_dhcp *msg,
			    const uint8_t *message, size_t len,
			    uint64_t before, uint64_t *replay);

#endif /* _LG_AUTH_H */
