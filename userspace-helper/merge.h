/* SPDX-License-Identifier: GPL-2.0 */
/* What several servers say of one address, made one. */
#ifndef _LG_MERGE_H
#define _LG_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "module.h"

/**
 * struct merged - the best that is known
 * @addr: the address that it is about, 0 where none was named
 * @lease: its state is 0 while nobody said active or unassigned
 * @has_last_transaction: who said so sent client-last-transaction-time
 * @last_transaction: seconds since the client was last heard of
 * @at: when these numbers of seconds were right
 */
struct merged {
	__be32 addr;
	struct lease lease;
	bool has_last_transaction;
	uint32_t last_transaction;
	double at;
};

bool merge(struct merged *merged, const struct answer *answer);
void merge_age(struct merged *merged);
bool merge_is_whole(const struct merged *merged);

#endif /* _LG_MERGE_H */
