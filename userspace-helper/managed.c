// SPDX-License-Identifier: GPL-2.0
/*
 * Which servers manage which addresses, as they said (draft -01, 6.5). One that
 * does not know an address is seldom asked for it again, whatever others said
 * and however often it is missed meanwhile. One that does, but would be asked
 * after others only, is asked at once: they may say nothing of what they do not
 * manage, and would be waited for each time.
 */
#include "managed.h"

#include <stdlib.h>

#include <uthash.h>

#include "clock.h"
#include "config.h"

struct word {
	struct managed_key key;
	enum managed says;
	double until;
	UT_hash_handle hh;
};

/* In the order in which they were noted, which is that of their end. */
static struct word *words;

static void forget(struct word *word)
{
	HASH_DEL(words, word);
	free(word);
}

static struct word *find(const struct managed_key *key)
{
	struct word *word;

	HASH_FIND(hh, words, key, sizeof(*key), word);
	return word;
}

/**
 * managed_note() - a server says whether it manages an address
 * @key: which, and of which
 * @says: what; MANAGED_UNTOLD takes back what it said before
 *
 * That stands for config.hold_unknown seconds. There are never more of them
 * than questions may be: the oldest makes room.
 */
void managed_note(const struct managed_key *key, enum managed says)
{
	struct word *word = find(key);

	if (word)
		forget(word);
	if (says == MANAGED_UNTOLD)
		return;
	while (words && (words->until <= clock_now() ||
			 HASH_COUNT(words) >= config.questions_max))
		forget(words);
	word = calloc(1, sizeof(*word));
	if (!word)
		return;
	word->key = *key;
	word->says = says;
	word->until = clock_now() + config.hold_unknown;
	HASH_ADD(hh, words, key, sizeof(word->key), word);
}

/* What it said not long ago. */
enum managed managed_said(const struct managed_key *key)
{
	const struct word *word = find(key);

	if (!word || word->until <= clock_now())
		return MANAGED_UNTOLD;
	return word->says;
}

void managed_free(void)
{
	while (words)
		forget(words);
}
