// SPDX-License-Identifier: GPL-2.0
/*
 * How a server speaks leasequery. The drafts left their code points open, so
 * equipment from before RFC 4388 picked its own: each is a setting. 13 is the
 * query in one dialect and the answer in another, so nothing here is guessed
 * from what a server sends.
 */
#include "dialect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Regimes: what a query may go by. */
enum {
	BY_IP = 1 << 0,
	BY_HWADDR = 1 << 1,
	BY_CLIENT_ID = 1 << 2,
	BY_REMOTE_ID = 1 << 3,
};

static const struct {
	const char *name;
	unsigned int regimes[4];
	struct dialect defaults;
} dialects[__DIALECT_MAX] = {
	[DIALECT_RFC4388] = {
		.name = "rfc4388",
		.regimes = { BY_IP, BY_HWADDR, BY_CLIENT_ID, BY_REMOTE_ID },
		.defaults = {
			.id = DIALECT_RFC4388,
			.query = LG_DHCPLEASEQUERY,
			.active = LG_DHCPLEASEACTIVE,
			.unassigned = LG_DHCPLEASEUNASSIGNED,
			.unknown = LG_DHCPLEASEUNKNOWN,
			.last_transaction = LG_OPT_CLTT,
			.associated_ip = LG_OPT_ASSOCIATED_IP,
			.host_name = LG_OPT_HOST_NAME,
		},
	},
	[DIALECT_DRAFT_01] = {
		.name = "draft-01",
		.regimes = { BY_IP, BY_HWADDR, BY_CLIENT_ID,
			     BY_HWADDR | BY_CLIENT_ID },
		.defaults = {
			.id = DIALECT_DRAFT_01,
			.query = 13,
			.active = 14,
			.unassigned = 14,
			.unknown = 15,
			.last_transaction = 163,
			.associated_ip = 161,
			.host_name = 162,
			.reservation = 0x4000,
		},
	},
	[DIALECT_DRAFT_00] = {
		.name = "draft-00",
		.regimes = { BY_IP },
		.defaults = {
			.id = DIALECT_DRAFT_00,
			.query = 13,
			.active = LG_DHCPACK,
			.unassigned = LG_DHCPACK,
			.unknown = LG_DHCPNAK,
			.host_name = LG_OPT_HOST_NAME,
		},
	},
};

/* What says where an address is, and how long that holds. */
static const uint8_t usual_options[] = {
	LG_OPT_LEASE_TIME, LG_OPT_SERVER_ID, LG_OPT_T1, LG_OPT_T2,
	LG_OPT_CLIENT_ID, LG_OPT_AGENT_INFO,
};

/* Sets of dialects. */
enum {
	RFC = 1 << DIALECT_RFC4388,
	WITH_R = 1 << DIALECT_DRAFT_01,
	NEW = RFC | WITH_R,
	DRAFTS = WITH_R | 1 << DIALECT_DRAFT_00,
	ALL = RFC | DRAFTS,
};

/* The dialects that a key is of, and the code that it sets, if it does. */
static const struct {
	const char *name;
	unsigned int of;
	size_t code;
} keys[__DIALECT_LAST] = {
#define CODE(member)	offsetof(struct dialect, member)
	[DIALECT_DIALECT] = { "dialect", ALL, 0 },
	[DIALECT_TYPE_QUERY] = { "type-query", ALL, CODE(query) },
	[DIALECT_TYPE_ACTIVE] = { "type-active", RFC, CODE(active) },
	[DIALECT_TYPE_UNASSIGNED] = { "type-unassigned", RFC,
				      CODE(unassigned) },
	[DIALECT_TYPE_UNKNOWN] = { "type-unknown", ALL, CODE(unknown) },
	[DIALECT_TYPE_KNOWN] = { "type-known", DRAFTS, CODE(active) },
	[DIALECT_OPTION_LAST_TRANSACTION] = { "option-last-transaction", NEW,
					      CODE(last_transaction) },
	[DIALECT_OPTION_ASSOCIATED_IP] = { "option-associated-ip", NEW,
					   CODE(associated_ip) },
	[DIALECT_OPTION_HOST_NAME] = { "option-host-name", NEW,
				       CODE(host_name) },
	[DIALECT_FLAG_RESERVATION] = { "flag-reservation", WITH_R, 0 },
	[DIALECT_RESERVATIONS] = { "reservations", WITH_R, 0 },
	[DIALECT_OPTIONS] = { "options", ALL, 0 },
#undef CODE
};

static bool has(const struct dialect *d, enum dialect_key key)
{
	return d->has & 1u << key;
}

static uint8_t *code_of(struct dialect *d, enum dialect_key key)
{
	return (uint8_t *)d + keys[key].code;
}

static uint8_t code_set(const struct dialect *d, enum dialect_key key)
{
	return *((const uint8_t *)d + keys[key].code);
}

/**
 * dialect_default() - that of servers of which nothing is said
 * @d: filled in
 */
void dialect_default(struct dialect *d)
{
	*d = dialects[DIALECT_RFC4388].defaults;
}

/**
 * dialect_word() - which key a word is
 * @word: it
 *
 * Return: enum dialect_key, or -1.
 */
int dialect_word(const char *word)
{
	int i;

	for (i = 0; i < __DIALECT_LAST; i++)
		if (!strcmp(keys[i].name, word))
			return i;
	return -1;
}

const char *dialect_key_name(enum dialect_key key)
{
	return keys[key].name;
}

/* ---- values; each returns NULL, or why the text cannot be one ---- */

/* The codes that were set before its name stay set. */
static const char *take_dialect(struct dialect *d, const char *value)
{
	struct dialect was = *d;
	size_t i;
	int key;

	for (i = 0; i < COUNT(dialects); i++)
		if (!strcmp(dialects[i].name, value))
			break;
	if (i == COUNT(dialects))
		return "not rfc4388, draft-01 or draft-00";
	*d = dialects[i].defaults;
	d->has = was.has;
	d->reservations = was.reservations;
	d->n_options = was.n_options;
	memcpy(d->options, was.options, sizeof(d->options));
	for (key = 0; key < __DIALECT_LAST; key++)
		if (keys[key].code && has(&was, (enum dialect_key)key))
			*code_of(d, (enum dialect_key)key) =
				code_set(&was, (enum dialect_key)key);
	if (has(&was, DIALECT_TYPE_KNOWN))
		d->unassigned = d->active;
	if (has(&was, DIALECT_FLAG_RESERVATION))
		d->reservation = was.reservation;
	return NULL;
}

static const char *take_code_from(uint32_t least, const char *value,
				  uint8_t *code)
{
	uint32_t number;
	const char *reason = parse_u32(value, least, 254, &number);

	if (!reason)
		*code = (uint8_t)number;
	return reason;
}

static const char *take_code(const char *value, uint8_t *code)
{
	return take_code_from(1, value, code);
}

/* One bit, and not that of broadcast (RFC 2131, 2). */
static const char *take_flag(const char *value, uint16_t *flag)
{
	unsigned long number;
	char *end;

	if (strncmp(value, "0x", 2))
		return "not a flag, such as 0x4000";
	number = strtoul(value, &end, 16);
	if (*end || end == value + 2 || number > 0x4000 || !number ||
	    number & (number - 1))
		return "not one bit from 0x0001 to 0x4000";
	*flag = (uint16_t)number;
	return NULL;
}

static const char *take_yes(const char *value, bool *yes)
{
	*yes = !strcmp(value, "yes");
	return *yes || !strcmp(value, "no") ? NULL : "not yes or no";
}

static const char *take_option(struct dialect *d, const char *value)
{
	const char *reason;
	uint8_t code;

	reason = take_code(value, &code);
	if (reason)
		return reason;
	if (memchr(d->options, code, d->n_options))
		return "an option given twice";
	if (d->n_options == DIALECT_OPTIONS_MAX)
		return "too many options";
	d->options[d->n_options++] = code;
	return NULL;
}

/**
 * dialect_options_more() - codes behind those that are there
 * @d: the dialect
 * @value: the codes, with commas or blanks between them
 *
 * Return: NULL or the reason.
 */
const char *dialect_options_more(struct dialect *d, const char *value)
{
	char *list = strdup(value), *rest = list, *word;
	const char *reason = NULL;

	if (!list)
		return "out of memory";
	while (!reason && (word = strsep(&rest, ", \t")))
		if (*word)
			reason = take_option(d, word);
	free(list);
	if (!reason && !d->n_options)
		return "empty";
	return reason;
}

/**
 * dialect_take() - a value for a key
 * @d: the dialect, changed
 * @key: the key
 * @value: as it was written
 *
 * The keys come in any order; dialect_check() says whether they go together.
 *
 * Return: NULL or the reason.
 */
const char *dialect_take(struct dialect *d, enum dialect_key key,
			 const char *value)
{
	const char *reason;

	d->has |= 1u << key;
	switch (key) {
	case DIALECT_DIALECT:
		return take_dialect(d, value);
	case DIALECT_FLAG_RESERVATION:
		return take_flag(value, &d->reservation);
	case DIALECT_RESERVATIONS:
		return take_yes(value, &d->reservations);
	case DIALECT_OPTIONS:
		return dialect_options_more(d, value);
	case DIALECT_TYPE_QUERY:
		/* What clients say to servers is no query (RFC 2132, 9.6). */
		return take_code_from(LG_DHCPINFORM + 1, value, &d->query);
	case DIALECT_TYPE_KNOWN:
		reason = take_code(value, &d->active);
		d->unassigned = d->active;
		return reason;
	default:
		return take_code(value, code_of(d, key));
	}
}

/* ---- what contradicts itself ---- */

/* Who set a type, of those that could have; the dialect if nobody did. */
static enum dialect_key setter(const struct dialect *d,
			       const enum dialect_key *of, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (has(d, of[i]))
			return of[i];
	return DIALECT_DIALECT;
}

static bool types_are_apart(const struct dialect *d)
{
	bool one = dialects[d->id].defaults.active ==
		   dialects[d->id].defaults.unassigned;

	return d->unknown != d->active && d->unknown != d->unassigned &&
	       (one || d->active != d->unassigned);
}

/* Every value that is read as something else, too, would be misread. */
static bool options_are_apart(const struct dialect *d)
{
	static const uint8_t taken[] = {
		LG_OPT_LEASE_TIME, LG_OPT_OVERLOAD, LG_OPT_MSG_TYPE,
		LG_OPT_SERVER_ID, LG_OPT_PARAM_LIST, LG_OPT_T1, LG_OPT_T2,
		LG_OPT_VENDOR_CLASS, LG_OPT_CLIENT_ID, LG_OPT_AGENT_INFO,
		LG_OPT_AUTHENTICATION,
	};
	const uint8_t codes[] = {
		d->last_transaction, d->associated_ip, d->host_name,
	};
	size_t i;

	for (i = 0; i < COUNT(codes); i++) {
		if (!codes[i])
			continue;
		if (memchr(taken, codes[i], sizeof(taken)) ||
		    memchr(codes, codes[i], i))
			return false;
	}
	return true;
}

/**
 * dialect_check() - do all the keys go together?
 * @d: the dialect
 * @key: set to one that does not go with the others
 *
 * Return: NULL or the reason.
 */
const char *dialect_check(const struct dialect *d, enum dialect_key *key)
{
	static const enum dialect_key types[] = {
		DIALECT_TYPE_UNKNOWN, DIALECT_TYPE_KNOWN,
		DIALECT_TYPE_UNASSIGNED, DIALECT_TYPE_ACTIVE,
	};
	static const enum dialect_key options[] = {
		DIALECT_OPTION_LAST_TRANSACTION, DIALECT_OPTION_ASSOCIATED_IP,
		DIALECT_OPTION_HOST_NAME,
	};
	int i;

	for (i = 0; i < __DIALECT_LAST; i++) {
		*key = (enum dialect_key)i;
		if (has(d, *key) && !(keys[i].of & 1u << d->id))
			return "not a key of this server's dialect";
	}
	*key = setter(d, types, COUNT(types));
	if (!types_are_apart(d))
		return "another answer has the same type";
	*key = setter(d, options, COUNT(options));
	if (!options_are_apart(d))
		return "another option has the same code";
	*key = DIALECT_OPTIONS;
	if (d->n_options && (!memchr(d->options, LG_OPT_LEASE_TIME,
				     d->n_options) ||
			     !memchr(d->options, LG_OPT_AGENT_INFO,
				     d->n_options)))
		return "51 and 82 must be among them";
	return NULL;
}

/* ---- the wire ---- */

static unsigned int regime(const struct lg_leasequery *q)
{
	return (q->ciaddr ? BY_IP : 0) | (q->hlen ? BY_HWADDR : 0) |
	       (q->client_id_len ? BY_CLIENT_ID : 0) |
	       (q->remote_id_len ? BY_REMOTE_ID : 0);
}

/**
 * dialect_has() - whether there are queries by such a key
 * @d: the dialect
 * @key: which
 */
bool dialect_has(const struct dialect *d, const struct lg_leasequery *key)
{
	const unsigned int *regimes = dialects[d->id].regimes;
	unsigned int by = regime(key);
	size_t i;

	for (i = 0; i < COUNT(dialects[0].regimes); i++)
		if (by && regimes[i] == by)
			return true;
	return false;
}

const char *dialect_name(const struct dialect *d)
{
	return dialects[d->id].name;
}

static void ask_for(struct lg_leasequery *q, uint8_t *options, uint8_t code)
{
	if (code && q->n_options < DIALECT_OPTIONS_MAX &&
	    !memchr(options, code, q->n_options))
		options[q->n_options++] = code;
}

/* The answer has to show by which client-id it is one. */
static void ask_for_key(struct lg_leasequery *q, uint8_t *options)
{
	if (q->client_id_len)
		ask_for(q, options, LG_OPT_CLIENT_ID);
}

/**
 * dialect_ask() - a query in a server's words
 * @d: the server's dialect
 * @q: its key is there; type, flags and options are filled in
 * @options: room for the codes, which @q then points to
 *
 * Return: 0, or -EOPNOTSUPP where the dialect has no query by such a key.
 */
int dialect_ask(const struct dialect *d, struct lg_leasequery *q,
		uint8_t options[DIALECT_OPTIONS_MAX])
{
	if (!dialect_has(d, q))
		return -EOPNOTSUPP;
	q->type = d->query;
	q->flags = d->reservations ? htons(d->reservation) : 0;
	q->options = options;
	if (d->n_options) {
		q->n_options = d->n_options;
		memcpy(options, d->options, d->n_options);
		ask_for_key(q, options);
		return 0;
	}
	q->n_options = sizeof(usual_options);
	memcpy(options, usual_options, sizeof(usual_options));
	if (d->last_transaction)
		options[q->n_options++] = d->last_transaction;
	return 0;
}

/**
 * dialect_ask_all() - have a server tell all that is read
 * @d: the server's dialect
 * @q: of dialect_ask(); what it does not ask for yet is added
 * @options: likewise
 */
void dialect_ask_all(const struct dialect *d, struct lg_leasequery *q,
		     uint8_t options[DIALECT_OPTIONS_MAX])
{
	const uint8_t codes[] = {
		LG_OPT_T1, LG_OPT_T2, LG_OPT_CLIENT_ID, LG_OPT_VENDOR_CLASS,
		LG_OPT_HOST_NAME, d->host_name, d->last_transaction,
		d->associated_ip,
	};
	size_t i;

	for (i = 0; i < COUNT(codes); i++)
		ask_for(q, options, codes[i]);
}

/**
 * dialect_verdict() - what an answer says
 * @d: the dialect of the server that it is from
 * @msg: the message
 *
 * Where there is one type for both, a lease time that is not zero says that
 * there is a lease (draft -01, 6.5).
 *
 * Return: enum dialect_verdict.
 */
enum dialect_verdict dialect_verdict(const struct dialect *d,
				     const struct lg_dhcp *msg)
{
	if (msg->type == d->unknown)
		return DIALECT_UNKNOWN;
	if (msg->type != d->active)
		return msg->type == d->unassigned ? DIALECT_UNASSIGNED :
						    DIALECT_NOTHING;
	if (d->active != d->unassigned)
		return DIALECT_ACTIVE;
	return msg->has_lease_time && msg->lease_time ? DIALECT_ACTIVE :
							DIALECT_UNASSIGNED;
}

/* Whether an answer tells of a reservation instead of a lease (-01, 6.4). */
bool dialect_reserved(const struct dialect *d, const struct lg_dhcp *msg)
{
	return d->reservation && msg->flags & htons(d->reservation);
}
