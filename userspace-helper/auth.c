// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication of DHCP messages, option 90 (RFC 3118): a token that both
 * sides know, or a hash over the message with a key that both know. RFC 4388, 7
 * has a query be what a DHCPDISCOVER is there, which asks for a hash but has
 * none. A query has one here: nobody else is to learn where subscribers are.
 *
 * The hash does not cover option 82 (RFC 3118, 3), so neither the remote-id of
 * a query nor the place in an answer is protected by it.
 */
#include "auth.h"

#include <arpa/inet.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "clock.h"
#include "parse.h"

/* Bytes of the value of option 90 (RFC 3118, 2, 4 and 5.2). */
enum {
	AT_PROTOCOL = 0,
	AT_ALGORITHM = 1,
	AT_RDM = 2,
	AT_REPLAY = 3,
	AT_TOKEN = 11,
	AT_KEY_ID = 11,
	AT_HASH = 15,
	DELAYED_LEN = AT_HASH + MD5_DIGEST_SIZE,
};

/* Fields of the message that relay agents change (RFC 3118, 3). */
enum {
	AT_HOPS = 3,
	AT_GIADDR = 24,
};

#define ALGORITHM_HMAC_MD5	1

static const char * const protocols[] = {
	[AUTH_NONE] = "none", [AUTH_TOKEN] = "token",
	[AUTH_DELAYED] = "delayed",
};

static const char * const keys[__AUTH_LAST] = {
	[AUTH_PROTOCOL] = "auth", [AUTH_KEY_ID] = "auth-key-id",
	[AUTH_SECRET] = "auth-secret",
};

static bool has(const struct auth *auth, enum auth_key key)
{
	return auth->has & 1u << key;
}

/**
 * auth_word() - which key a word is
 * @word: it
 *
 * Return: enum auth_key, or -1.
 */
int auth_word(const char *word)
{
	int i;

	for (i = 0; i < __AUTH_LAST; i++)
		if (!strcmp(keys[i], word))
			return i;
	return -1;
}

const char *auth_key_name(enum auth_key key)
{
	return keys[key];
}

/**
 * auth_take() - a value for a key
 * @auth: changed
 * @key: the key
 * @value: as it was written
 *
 * Return: NULL or the reason why it cannot be one.
 */
const char *auth_take(struct auth *auth, enum auth_key key, const char *value)
{
	enum auth_protocol protocol;

	auth->has |= 1u << key;
	switch (key) {
	case AUTH_KEY_ID:
		return parse_u32(value, 0, UINT32_MAX, &auth->key_id);
	case AUTH_SECRET:
		return parse_hex(value, auth->secret, sizeof(auth->secret),
				 &auth->secret_len);
	default:
		break;
	}
	for (protocol = AUTH_NONE; protocol <= AUTH_DELAYED; protocol++) {
		auth->protocol = protocol;
		if (!strcmp(protocols[protocol], value))
			return NULL;
	}
	return "not none, token or delayed";
}

/**
 * auth_check() - do all the keys go together?
 * @auth: with all that was said
 * @key: set to one that does not go with the others
 *
 * Return: NULL or the reason.
 */
const char *auth_check(const struct auth *auth, enum auth_key *key)
{
	*key = AUTH_PROTOCOL;
	if (auth->protocol != AUTH_NONE && !has(auth, AUTH_SECRET))
		return "needs auth-secret in the same section";
	if (auth->protocol == AUTH_DELAYED && !has(auth, AUTH_KEY_ID))
		return "needs auth-key-id in the same section";
	*key = AUTH_SECRET;
	if (auth->protocol == AUTH_NONE && has(auth, AUTH_SECRET))
		return "needs auth = token or delayed in the same section";
	*key = AUTH_KEY_ID;
	if (auth->protocol != AUTH_DELAYED && has(auth, AUTH_KEY_ID))
		return "needs auth = delayed in the same section";
	return NULL;
}

/* Whether what is authenticated by one is by the other. */
bool auth_same(const struct auth *a, const struct auth *b)
{
	return a->protocol == b->protocol && a->key_id == b->key_id &&
	       a->secret_len == b->secret_len &&
	       !memcmp(a->secret, b->secret, a->secret_len);
}

/* ---- what is sent ---- */

static void put_u32(uint8_t *at, uint32_t value)
{
	uint32_t net = htonl(value);

	memcpy(at, &net, sizeof(net));
}

static uint64_t get_u64(const uint8_t *at)
{
	uint32_t net[2];

	memcpy(net, at, sizeof(net));
	return (uint64_t)ntohl(net[0]) << 32 | ntohl(net[1]);
}

/* More than ever before, and than before a restart (RFC 3118, 2, RDM 0). */
static uint64_t replay_next(void)
{
	static uint64_t last;
	uint64_t now = clock_ntp();

	last = now > last ? now : last + 1;
	return last;
}

/**
 * auth_option() - option 90 for a message
 * @auth: how it is to be authenticated
 * @value: written to; without its hash, which auth_sign() adds
 *
 * Return: its length, 0 where there is to be none.
 */
uint8_t auth_option(const struct auth *auth, uint8_t value[LG_OPTION_MAX])
{
	uint64_t replay;

	if (auth->protocol == AUTH_NONE)
		return 0;
	memset(value, 0, LG_OPTION_MAX);
	replay = replay_next();
	put_u32(value + AT_REPLAY, (uint32_t)(replay >> 32));
	put_u32(value + AT_REPLAY + 4, (uint32_t)replay);
	if (auth->protocol == AUTH_TOKEN) {
		memcpy(value + AT_TOKEN, auth->secret, auth->secret_len);
		return (uint8_t)(AT_TOKEN + auth->secret_len);
	}
	value[AT_PROTOCOL] = 1;
	value[AT_ALGORITHM] = ALGORITHM_HMAC_MD5;
	put_u32(value + AT_KEY_ID, auth->key_id);
	return DELAYED_LEN;
}

/* ---- the hash ---- */

/* Takes option 82 out of a copy of the message, wherever it stands. */
static size_t agent_info_cut(const struct lg_dhcp *msg, const uint8_t *message,
			     uint8_t *copy, size_t len)
{
	bool cut[LG_DHCP_MAX_LEN] = { false };
	struct lg_dhcp_part part = { 0 };
	size_t i, n = 0;

	while (lg_dhcp_next(msg, LG_OPT_AGENT_INFO, &part))
		memset(cut + (part.value - message) - 2, true, part.len + 2u);
	for (i = 0; i < len; i++)
		if (!cut[i])
			copy[n++] = copy[i];
	return n;
}

/*
 * Over all of the message but what relay agents change, with 0 where the hash
 * is (RFC 3118, 3 and 5.2).
 */
static void hash_of(const struct auth *auth, const struct lg_dhcp *msg,
		    const uint8_t *message, size_t len, const uint8_t *at,
		    uint8_t hash[MD5_DIGEST_SIZE])
{
	uint8_t copy[LG_DHCP_MAX_LEN];
	struct hmac_md5_ctx hmac;

	memcpy(copy, message, len);
	copy[AT_HOPS] = 0;
	memset(copy + AT_GIADDR, 0, sizeof(msg->giaddr));
	memset(copy + (at - message), 0, MD5_DIGEST_SIZE);
	len = agent_info_cut(msg, message, copy, len);
	hmac_md5_set_key(&hmac, auth->secret_len, auth->secret);
	hmac_md5_update(&hmac, len, copy);
	hmac_md5_digest(&hmac, MD5_DIGEST_SIZE, hash);
}

/* Option 90 where it stands, whole and once; false where it does not. */
static bool find_option(const struct lg_dhcp *msg, struct lg_dhcp_part *found)
{
	struct lg_dhcp_part part = { 0 };

	if (!lg_dhcp_next(msg, LG_OPT_AUTHENTICATION, &part))
		return false;
	*found = part;
	return !lg_dhcp_next(msg, LG_OPT_AUTHENTICATION, &part);
}

/**
 * auth_sign() - complete a message that has what auth_option() wrote
 * @auth: how it is authenticated
 * @message: BOOTP, from the op on; the hash is written into it, if there is one
 * @len: bytes of it
 */
void auth_sign(const struct auth *auth, uint8_t *message, size_t len)
{
	struct lg_dhcp_part part;
	struct lg_dhcp msg;
	uint8_t *at;

	if (auth->protocol != AUTH_DELAYED ||
	    lg_dhcp_parse(&msg, message, len) != LG_DHCP_OK ||
	    !find_option(&msg, &part) || part.len != DELAYED_LEN)
		return;
	at = message + (part.value - message) + AT_HASH;
	hash_of(auth, &msg, message, len, at, at);
}

/* ---- what comes ---- */

static bool has_token(const struct auth *auth, const struct lg_dhcp_part *part)
{
	return !part->value[AT_PROTOCOL] && !part->value[AT_ALGORITHM] &&
	       part->len == AT_TOKEN + auth->secret_len &&
	       memeql_sec(part->value + AT_TOKEN, auth->secret,
			  auth->secret_len);
}

static bool has_hash(const struct auth *auth, const struct lg_dhcp *msg,
		     const uint8_t *message, size_t len,
		     const struct lg_dhcp_part *part)
{
	uint8_t id[4], hash[MD5_DIGEST_SIZE];

	if (part->len != DELAYED_LEN || part->value[AT_PROTOCOL] != 1 ||
	    part->value[AT_ALGORITHM] != ALGORITHM_HMAC_MD5)
		return false;
	put_u32(id, auth->key_id);
	if (memcmp(part->value + AT_KEY_ID, id, sizeof(id)))
		return false;
	hash_of(auth, msg, message, len, part->value + AT_HASH, hash);
	return memeql_sec(part->value + AT_HASH, hash, sizeof(hash));
}

/**
 * auth_verify() - is a message from who knows the secret?
 * @auth: how it has to be authenticated
 * @msg: the message, read
 * @message: the same, from the op on
 * @len: bytes of it
 * @before: what its replay detection has to exceed; of no weight with a token,
 *	which protects nothing else of the message (RFC 3118, 4)
 * @replay: set to that of the message, 0 where it has none
 *
 * Return: AUTH_GENUINE, or what is wrong with it.
 */
enum auth_fault auth_verify(const struct auth *auth, const struct lg_dhcp *msg,
			    const uint8_t *message, size_t len,
			    uint64_t before, uint64_t *replay)
{
	struct lg_dhcp_part part;

	*replay = 0;
	if (auth->protocol == AUTH_NONE)
		return AUTH_GENUINE;
	/* Of another kind of replay detection nothing is known. */
	if (!find_option(msg, &part) || part.len < AT_TOKEN ||
	    part.value[AT_RDM])
		return AUTH_FORGED;
	if (auth->protocol == AUTH_TOKEN)
		return has_token(auth, &part) ? AUTH_GENUINE : AUTH_FORGED;
	if (!has_hash(auth, msg, message, len, &part))
		return AUTH_FORGED;
	*replay = get_u64(part.value + AT_REPLAY);
	return *replay > before ? AUTH_GENUINE : AUTH_REPLAYED;
}
