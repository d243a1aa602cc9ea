/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be set of a port, as the command line and the configuration file
 * both say it: a word and its value.
 */
#ifndef _LG_SETTINGS_H
#define _LG_SETTINGS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../uapi/leaseglean.h"

/* In the order in which they are shown. */
enum settings_key {
	SETTINGS_ROLE,
	SETTINGS_BUDGET,
	/* the rest are of access ports only */
	SETTINGS_ARP,
	SETTINGS_VERIFY,
	SETTINGS_MATCH,
	SETTINGS_MOVE,
	SETTINGS_MAX,
	SETTINGS_EXCLUDE,
	__SETTINGS_LAST
};

/* Instead of a number: the word is none, or begins several. */
#define SETTINGS_NO_WORD	(-1)
#define SETTINGS_TWO_WORDS	(-2)

/**
 * struct settings_prefix - addresses that have their first bits in common
 * @addr: the first of them
 * @len: bits
 */
struct settings_prefix {
	__be32 addr;
	uint8_t len;
};

/**
 * struct settings - some settings of a port, or all
 * @has: a bit for each enum settings_key that was said; the others' values
 *	mean nothing
 * @role: enum leaseglean_role
 * @rate: misses per second in the long run
 * @burst: misses at once
 * @arp: enum leaseglean_arp
 * @verify: enum leaseglean_verify
 * @match: bits of enum leaseglean_match
 * @move: enum leaseglean_move
 * @max_leases: 0 for no limit
 * @exclude: sources that are not verified
 * @n_exclude: how many
 */
struct settings {
	uint32_t has;
	uint32_t role;
	uint32_t rate;
	uint32_t burst;
	uint32_t arp;
	uint32_t verify;
	uint32_t match;
	uint32_t move;
	uint32_t max_leases;
	struct settings_prefix exclude[LEASEGLEAN_EXCLUDES_MAX];
	unsigned int n_exclude;
};

/* Is @given @word? The command line also takes the beginning of one. */
typedef bool (*settings_same)(const char *given, const char *word);

bool settings_exact(const char *given, const char *word);
int settings_word(const char *given, settings_same same);
const char *settings_take(struct settings *set, enum settings_key key,
			  const char *value, settings_same same);
const char *settings_prefix_read(const char *word,
				 struct settings_prefix *prefix);

/* Whether an address has the bits of one of @n prefixes, none of length 0. */
static inline bool settings_prefixes_have(const struct settings_prefix *all,
					  size_t n, __be32 addr)
{
	while (n--)
		if (!((ntohl(addr) ^ ntohl(all[n].addr)) >> (32 - all[n].len)))
			return true;
	return false;
}

const char *settings_exclude_more(struct settings *set, const char *value);
bool settings_has(const struct settings *set, enum settings_key key);
const char *settings_access_only(const struct settings *set);

const char *settings_name(enum settings_key key);
const char *settings_role(uint32_t role);
const char *settings_arp(uint32_t arp);
const char *settings_verify(uint32_t verify);
const char *settings_move(uint32_t move);
const char *settings_match(uint32_t bit);

#endif /* _LG_SETTINGS_H */
