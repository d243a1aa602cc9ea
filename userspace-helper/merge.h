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
 * @at: when its numbers of seconds were right
 */
struct merged {
	__be32 addr;
	struct lease lease;
	double at;
};

bool merge(struct merged *merged, const struct answer *answer);
void merge_age(struct merged *merged);

#endif /* _LG_MERGE_H */
