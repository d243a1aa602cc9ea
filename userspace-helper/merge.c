// SPDX-License-Identifier: GPL-2.0
/*
 * What several servers say of one address, made one (draft -01, 6.7). Who was
 * in touch with the client last knows best; but a failover partner may know
 * the lease without knowing where it is.
 */
#include "merge.h"

#include <string.h>

#include "clock.h"

static bool answer_wins(const struct merged *merged,
			const struct answer *answer)
{
	const struct lease *lease = &answer->lease, *other = &merged->lease;
	bool dated = lease->has_last_transaction;

	if (!other->state)
		return true;
	if (dated && other->has_last_transaction &&
	    lease->last_transaction != other->last_transaction)
		return lease->last_transaction < other->last_transaction;
	if (lease->state != other->state)
		return lease->state == LEASEGLEAN_STATE_ACTIVE;
	if (dated != other->has_last_transaction)
		return dated;
	return lease->agent_info_len && !other->agent_info_len;
}

static bool same_client(const struct lease *a, const struct lease *b)
{
	return a->state == LEASEGLEAN_STATE_ACTIVE && a->state == b->state &&
	       a->htype == b->htype && a->hlen == b->hlen &&
	       !memcmp(a->hwaddr, b->hwaddr, a->hlen);
}

/* Another client's place is not this one's. */
static void fill_gaps(struct lease *lease, const struct lease *from)
{
	if (!same_client(lease, from))
		return;
	if (!lease->agent_info_len) {
		memcpy(lease->agent_info, from->agent_info,
		       from->agent_info_len);
		lease->agent_info_len = from->agent_info_len;
	}
	if (!lease->client_id_len) {
		memcpy(lease->client_id, from->client_id, from->client_id_len);
		lease->client_id_len = from->client_id_len;
	}
}

/**
 * merge_age() - what was said gets older while others are waited for
 * @merged: its seconds are those of now afterwards
 */
void merge_age(struct merged *merged)
{
	struct lease *lease = &merged->lease;
	uint32_t gone;

	if (!lease->state)
		return;
	gone = (uint32_t)(clock_now() - merged->at);
	merged->at += gone;
	if (lease->last_transaction < UINT32_MAX - gone)
		lease->last_transaction += gone;
	if (lease->state == LEASEGLEAN_STATE_ACTIVE &&
	    lease->expires != UINT32_MAX)
		lease->expires -= gone < lease->expires ? gone :
				  lease->expires - 1;
}

/**
 * merge() - take one more server's word
 * @merged: the others' words, all zero before the first
 * @answer: active or unassigned
 *
 * The smallest client-last-transaction-time wins. Where that does not decide,
 * active beats unassigned, and then an answer that has it, or option 82, one
 * that has not; then the first stands. Options 82 and 61 are kept from
 * whoever has them, if it is the same client and address.
 *
 * Return: whether it is the best that is known now.
 */
bool merge(struct merged *merged, const struct answer *answer)
{
	struct lease lost = answer->lease;
	bool same = merged->addr == answer->addr, wins;

	merge_age(merged);
	wins = answer_wins(merged, answer);
	if (wins) {
		merged->at = clock_now();
		lost = merged->lease;
		merged->addr = answer->addr;
		merged->lease = answer->lease;
	}
	if (same)
		fill_gaps(&merged->lease, &lost);
	return wins;
}
