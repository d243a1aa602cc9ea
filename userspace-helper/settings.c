// SPDX-License-Identifier: GPL-2.0
/* What can be set of a port: words and values. */
#include "settings.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* Of the module's policy. */
#define BUDGET_MAX	30000

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const char * const words[__SETTINGS_LAST] = {
	[SETTINGS_ROLE] = "role",
	[SETTINGS_BUDGET] = "budget",
	[SETTINGS_ARP] = "arp",
	[SETTINGS_VERIFY] = "verify",
	[SETTINGS_MATCH] = "match",
	[SETTINGS_MOVE] = "move",
	[SETTINGS_MAX] = "max",
	[SETTINGS_EXCLUDE] = "exclude",
};

static const char * const roles[] = {
	[LEASEGLEAN_ROLE_NONE] = "none",
	[LEASEGLEAN_ROLE_ACCESS] = "access",
	[LEASEGLEAN_ROLE_TRUSTED] = "trusted",
};

static const char * const arps[] = {
	[LEASEGLEAN_ARP_ON] = "on",
	[LEASEGLEAN_ARP_OFF] = "off",
};

static const char * const verifies[] = {
	[LEASEGLEAN_VERIFY_OFF] = "off",
	[LEASEGLEAN_VERIFY_LOG] = "log",
	[LEASEGLEAN_VERIFY_PERMISSIVE] = "permissive",
	[LEASEGLEAN_VERIFY_STRICT] = "strict",
};

static const char * const moves[] = {
	[LEASEGLEAN_MOVE_DENY] = "deny",
	[LEASEGLEAN_MOVE_QUERY] = "query",
	[LEASEGLEAN_MOVE_ACCEPT] = "accept",
};

/* The address is always matched: saying so says that nothing else is. */
static const char * const matches[] = {
	[0] = "ip",
	[LEASEGLEAN_MATCH_MAC] = "mac",
	[LEASEGLEAN_MATCH_PORT] = "port",
	[LEASEGLEAN_MATCH_VLAN] = "vlan",
};

static const char *name_of(const char * const *names, size_t n, uint32_t i)
{
	return i < n && names[i] ? names[i] : "?";
}

const char *settings_name(enum settings_key key)
{
	return name_of(words, COUNT(words), key);
}

const char *settings_role(uint32_t role)
{
	return name_of(roles, COUNT(roles), role);
}

const char *settings_arp(uint32_t arp)
{
	return name_of(arps, COUNT(arps), arp);
}

const char *settings_verify(uint32_t verify)
{
	return name_of(verifies, COUNT(verifies), verify);
}

const char *settings_move(uint32_t move)
{
	return name_of(moves, COUNT(moves), move);
}

/* @bit: one of enum leaseglean_match, or 0 */
const char *settings_match(uint32_t bit)
{
	return name_of(matches, COUNT(matches), bit);
}

bool settings_exact(const char *given, const char *word)
{
	return !strcmp(given, word);
}

/* Number of the one name that is @given. */
static int number_of(const char *given, const char * const *names, size_t n,
		     settings_same same)
{
	int found = SETTINGS_NO_WORD;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!names[i])
			continue;
		if (!strcmp(given, names[i]))
			return (int)i;
		if (same(given, names[i]))
			found = found == SETTINGS_NO_WORD ?
				(int)i : SETTINGS_TWO_WORDS;
	}
	return found;
}

/* enum settings_key, or SETTINGS_NO_WORD or SETTINGS_TWO_WORDS */
int settings_word(const char *given, settings_same same)
{
	return number_of(given, words, COUNT(words), same);
}

bool settings_has(const struct settings *set, enum settings_key key)
{
	return set->has & 1u << key;
}

/* The first word that was said and is of access ports only, or NULL. */
const char *settings_access_only(const struct settings *set)
{
	enum settings_key key;

	for (key = SETTINGS_ARP; key < __SETTINGS_LAST; key++)
		if (settings_has(set, key))
			return words[key];
	return NULL;
}

/* ---- values; each returns NULL, or why the text cannot be one ---- */

static const char *take_name(const char *text, const char * const *names,
			     size_t n, settings_same same, uint32_t *value,
			     const char *reason)
{
	int number = number_of(text, names, n, same);

	if (number < 0)
		return reason;
	*value = (uint32_t)number;
	return NULL;
}

static const char *take_budget(struct settings *set, const char *text)
{
	const char *slash = strchr(text, '/'), *reason;
	char rate[16] = "";

	if (!slash || (size_t)(slash - text) >= sizeof(rate))
		return "not a budget: RATE/BURST";
	memcpy(rate, text, (size_t)(slash - text));
	reason = parse_u32(rate, 1, BUDGET_MAX, &set->rate);
	if (!reason)
		reason = parse_u32(slash + 1, 1, BUDGET_MAX, &set->burst);
	return reason;
}

static const char *take_max(struct settings *set, const char *text,
			    settings_same same)
{
	set->max_leases = 0;
	if (same(text, "none"))
		return NULL;
	return parse_u32(text, 1, UINT32_MAX, &set->max_leases);
}

/* Calls @take with each word between commas and blanks. */
static const char *each_word(struct settings *set, const char *text,
			     settings_same same,
			     const char *(*take)(struct settings *set,
						 const char *word,
						 settings_same same))
{
	char *list = strdup(text), *rest = list, *word;
	const char *reason = NULL;
	bool any = false;

	if (!list)
		return "out of memory";
	while (!reason && (word = strsep(&rest, ", \t")))
		if (*word) {
			reason = take(set, word, same);
			any = true;
		}
	free(list);
	return reason || any ? reason : "empty";
}

static const char *take_match(struct settings *set, const char *word,
			      settings_same same)
{
	int bit = number_of(word, matches, COUNT(matches), same);

	if (bit < 0)
		return "not ip, or some of mac, port and vlan";
	if (bit && set->match & (uint32_t)bit)
		return "one of them twice";
	set->match |= (uint32_t)bit;
	return NULL;
}

static const char *prefix_split(char *text, struct settings_prefix *prefix)
{
	char *slash = strchr(text, '/');
	struct in_addr in;
	uint32_t len = 32;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, &in) != 1)
		return "not an IPv4 prefix";
	if (slash && parse_u32(slash + 1, 0, 32, &len))
		return "not the length of a prefix";
	prefix->addr = in.s_addr;
	prefix->len = (uint8_t)len;
	return NULL;
}

/**
 * settings_prefix_read() - an IPv4 prefix
 * @word: it
 * @prefix: filled in
 *
 * Return: NULL or the reason why not.
 */
const char *settings_prefix_read(const char *word,
				 struct settings_prefix *prefix)
{
	char text[32] = "";
	const char *reason;

	if (strlen(word) >= sizeof(text))
		return "not an IPv4 prefix";
	memcpy(text, word, strlen(word));
	reason = prefix_split(text, prefix);
	if (!reason && prefix->len && prefix->len < 32 &&
	    ntohl(prefix->addr) << prefix->len)
		return "a prefix has bits set behind its length";
	return reason;
}

static const char *take_prefix(struct settings *set, const char *word,
			       settings_same same)
{
	struct settings_prefix prefix;
	const char *reason;
	unsigned int i;

	(void)same;
	reason = settings_prefix_read(word, &prefix);
	if (reason)
		return reason;
	if (!prefix.len)
		return "all addresses: that is verify off";
	for (i = 0; i < set->n_exclude; i++)
		if (set->exclude[i].addr == prefix.addr &&
		    set->exclude[i].len == prefix.len)
			return "a prefix twice";
	if (set->n_exclude == LEASEGLEAN_EXCLUDES_MAX)
		return "too many prefixes";
	set->exclude[set->n_exclude++] = prefix;
	return NULL;
}

static const char *take_exclude(struct settings *set, const char *text,
				settings_same same)
{
	set->n_exclude = 0;
	if (same(text, "none"))
		return NULL;
	return each_word(set, text, same, take_prefix);
}

/**
 * settings_exclude_more() - prefixes in addition to those taken before
 * @set: has some
 * @value: list of them
 *
 * Return: NULL or the reason why not.
 */
const char *settings_exclude_more(struct settings *set, const char *value)
{
	if (!set->n_exclude)
		return "more than none";
	return each_word(set, value, settings_exact, take_prefix);
}

static const char *take_value(struct settings *set, enum settings_key key,
			      const char *value, settings_same same)
{
	switch (key) {
	case SETTINGS_ROLE:
		return take_name(value, roles, COUNT(roles), same, &set->role,
				 "not a role: access, trusted or none");
	case SETTINGS_BUDGET:
		return take_budget(set, value);
	case SETTINGS_ARP:
		return take_name(value, arps, COUNT(arps), same, &set->arp,
				 "not on or off");
	case SETTINGS_VERIFY:
		return take_name(value, verifies, COUNT(verifies), same,
				 &set->verify,
				 "not off, log, permissive or strict");
	case SETTINGS_MATCH:
		set->match = 0;
		return each_word(set, value, same, take_match);
	case SETTINGS_MOVE:
		return take_name(value, moves, COUNT(moves), same, &set->move,
				 "not deny, query or accept");
	case SETTINGS_MAX:
		return take_max(set, value, same);
	case SETTINGS_EXCLUDE:
		return take_exclude(set, value, same);
	default:
		return "unknown";
	}
}

/**
 * settings_take() - take over one setting
 * @set: gets it
 * @key: which
 * @value: as text
 * @same: which words are taken for those known
 *
 * Return: NULL or the reason why not; then @set is of no use any more.
 */
const char *settings_take(struct settings *set, enum settings_key key,
			  const char *value, settings_same same)
{
	const char *reason;

	if (settings_has(set, key))
		return "given twice";
	reason = take_value(set, key, value, same);
	set->has |= 1u << key;
	return reason;
}
