// SPDX-License-Identifier: GPL-2.0
/*
 * What several servers tell of the same addresses by bulk leasequery, made
 * one as their answers on demand are (RFC 6926, 7.6): what is of late is
 * better than what is of old, then what a server knows itself than what it has
 * from another, and option 82 is kept from whoever has it. As nobody waits for
 * the slowest server, what was told so far is kept in mind.
 */
#include "bulk_merge.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "clock.h"
#include "config.h"
#include "merge.h"
#include "snapshot.h"

/* Of those beyond, what is told last stands. */
#define TOLD_MAX	1048576u

/**
 * struct told - the best that was told of an address so far
 * @addr: the address
 * @dated: as of struct bulk_word
 * @remote: likewise
 * @apart: likewise
 * @since: likewise
 * @hh: in the table by @addr
 * @len: bytes of the lease, 0 where there is none
 * @bytes: as in a snapshot, but that its times are of clock_now()
 */
struct told {
	__be32 addr;
	bool dated;
	bool remote;
	bool apart;
	double since;
	UT_hash_handle hh;
	size_t len;
	uint8_t bytes[];
};

static struct told *all;

static void forget(struct told *told)
{
	HASH_DEL(all, told);
	free(told);
}

/* Nothing is told of any address any more. */
void bulk_merge_forget(void)
{
	struct told *told, *next;

	HASH_ITER(hh, all, told, next)
		forget(told);
}

static size_t encode(const struct bulk_word *word,
		     uint8_t bytes[SNAPSHOT_LEASE_MAX])
{
	struct snapshot_lease keep = {
		.addr = word->addr, .lease = word->lease,
		.expires = SNAPSHOT_NEVER, .last = SNAPSHOT_NEVER,
	};

	if (word->lease.state != LEASEGLEAN_STATE_ACTIVE)
		return 0;
	if (word->lease.expires != UINT32_MAX)
		keep.expires = (uint64_t)clock_now() + word->lease.expires;
	/* It may be from before boot: modulo 2^64. */
	if (word->lease.has_last_transaction)
		keep.last = (uint64_t)clock_now() -
			    word->lease.last_transaction;
	return snapshot_encode(bytes, &keep);
}

static void remember(const struct bulk_word *word)
{
	uint8_t bytes[SNAPSHOT_LEASE_MAX];
	size_t len = encode(word, bytes);
	struct told *told;

	if (HASH_COUNT(all) >= TOLD_MAX)
		return;
	told = malloc(sizeof(*told) + len);
	if (!told)
		return;
	told->addr = word->addr;
	told->dated = word->dated;
	told->remote = word->remote;
	told->apart = word->apart;
	told->since = word->since;
	told->len = len;
	memcpy(told->bytes, bytes, len);
	HASH_ADD(hh, all, addr, sizeof(told->addr), told);
}

static bool decode(const struct told *told, struct lease *lease)
{
	uint64_t now = (uint64_t)clock_now();
	struct snapshot_lease kept;

	if (!snapshot_decode(told->bytes, told->len, &kept) ||
	    kept.expires <= now + 1)
		return false;
	*lease = kept.lease;
	lease->expires = kept.expires == SNAPSHOT_NEVER ? UINT32_MAX :
			 (uint32_t)(kept.expires - now - 1);
	lease->has_last_transaction = kept.last != SNAPSHOT_NEVER;
	if (lease->has_last_transaction)
		lease->last_transaction = (uint32_t)(now - kept.last);
	return true;
}

/* Takes out what was told before; false where that was nothing that is still. */
static bool recall(__be32 addr, struct bulk_word *word)
{
	struct told *told;
	bool stands = true;

	HASH_FIND(hh, all, &addr, sizeof(addr), told);
	if (!told)
		return false;
	memset(word, 0, sizeof(*word));
	word->addr = addr;
	word->dated = told->dated;
	word->since = told->since;
	word->remote = told->remote;
	word->apart = told->apart;
	word->lease.state = LEASEGLEAN_STATE_UNASSIGNED;
	if (told->len)
		stands = decode(told, &word->lease);
	forget(told);
	return stands;
}

static uint32_t ago(const struct bulk_word *word)
{
	double seconds = clock_now() - word->since;

	if (!word->dated || seconds < 0.)
		return 0;
	return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

/* Where no transaction is told of, since when it is so counts as one (7.6). */
static struct lease as_compared(const struct bulk_word *word)
{
	struct lease lease = word->lease;

	lease.has_last_transaction = word->dated;
	lease.last_transaction = ago(word);
	return lease;
}

/* @other is added to @word, which stands where nothing says which is better. */
static void add(struct bulk_word *word, const struct bulk_word *other)
{
	struct merged merged = {
		.addr = word->addr, .lease = as_compared(word),
		.at = clock_now(),
	};
	struct answer answer = {
		.addr = other->addr, .lease = as_compared(other),
	};
	struct lease told;

	if (merge(&merged, &answer))
		*word = *other;
	told = word->lease;
	word->lease = merged.lease;
	word->lease.has_last_transaction = told.has_last_transaction;
	word->lease.last_transaction = told.last_transaction;
}

/* A place is found by the circuit-id alone. */
static int circuit_id(const struct lease *lease, const uint8_t **value)
{
	return lg_agent_suboption(lease->agent_info, lease->agent_info_len,
				  LG_AGENT_CIRCUIT_ID, value);
}

static bool elsewhere(const struct lease *a, const struct lease *b)
{
	const uint8_t *here, *there;
	int len = circuit_id(a, &here), other = circuit_id(b, &there);

	return len >= 0 && other >= 0 &&
	       (len != other || memcmp(here, there, (size_t)len));
}

/*
 * What has ended is where it was, which may be a VRF: by its address alone it
 * would be put into another, where that is somebody else's.
 */
static void end_there(struct bulk_word *word, const struct lease *was)
{
	if (word->lease.state == LEASEGLEAN_STATE_ACTIVE || word->apart)
		return;
	word->lease.agent_info_len = was->agent_info_len;
	memcpy(word->lease.agent_info, was->agent_info, was->agent_info_len);
}

/**
 * bulk_merge() - take one more server's word
 * @word: what it says; becomes what all say together
 *
 * Where that is an end to the one lease that was told, it has its option 82.
 *
 * Return: whether the module is to be told of @word, which is another lease
 * than was told before, or that there is none where one was.
 */
bool bulk_merge(struct bulk_word *word)
{
	struct bulk_word before;
	struct lease was;
	bool apart;

	if (!recall(word->addr, &before)) {
		remember(word);
		return word->lease.state == LEASEGLEAN_STATE_ACTIVE;
	}
	was = before.lease;
	apart = before.apart || elsewhere(&was, &word->lease);
	if (before.remote && !word->remote) {
		add(word, &before);
	} else {
		add(&before, word);
		*word = before;
	}
	word->apart = apart;
	end_there(word, &was);
	remember(word);
	if (was.state != LEASEGLEAN_STATE_ACTIVE)
		return word->lease.state == LEASEGLEAN_STATE_ACTIVE;
	return memcmp(&word->lease, &was, sizeof(was));
}
