// SPDX-License-Identifier: GPL-2.0
/*
 * Which servers said not to know which addresses. One that did is seldom
 * asked for that address again (draft -01, 6.5), whatever others said and
 * however often it is missed meanwhile.
 */
#include "unknowns.h"

#include <stdlib.h>

#include <uthash.h>

#include "clock.h"
#include "config.h"

struct unknown {
	struct unknown_key key;
	double until;
	UT_hash_handle hh;
};

/* In the order in which they were noted, which is that of their end. */
static struct unknown *unknowns;

static void forget(struct unknown *unknown)
{
	HASH_DEL(unknowns, unknown);
	free(unknown);
}

static struct unknown *find(const struct unknown_key *key)
{
	struct unknown *unknown;

	HASH_FIND(hh, unknowns, key, sizeof(*key), unknown);
	return unknown;
}

/**
 * unknown_note() - a server says that it does not know an address
 * @key: which, and of which
 *
 * That stands for config.hold_unknown seconds. There are never more of them
 * than questions may be: the oldest makes room.
 */
void unknown_note(const struct unknown_key *key)
{
	struct unknown *unknown = find(key);

	if (unknown)
		forget(unknown);
	while (unknowns && (unknowns->until <= clock_now() ||
			    HASH_COUNT(unknowns) >= config.questions_max))
		forget(unknowns);
	unknown = calloc(1, sizeof(*unknown));
	if (!unknown)
		return;
	unknown->key = *key;
	unknown->until = clock_now() + config.hold_unknown;
	HASH_ADD(hh, unknowns, key, sizeof(unknown->key), unknown);
}

/* Whether it said so not long ago. */
bool unknown_stands(const struct unknown_key *key)
{
	const struct unknown *unknown = find(key);

	return unknown && unknown->until > clock_now();
}

void unknowns_free(void)
{
	while (unknowns)
		forget(unknowns);
}
