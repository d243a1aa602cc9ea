/* SPDX-License-Identifier: GPL-2.0 */
/* What several servers tell of the same addresses by bulk leasequery. */
#ifndef _LG_BULK_MERGE_H
#define _LG_BULK_MERGE_H

#include <stdbool.h>

#include <linux/types.h>

#include "module.h"

/**
 * struct bulk_word - what one server tells of one address
 * @addr: the address
 * @lease: active or unassigned
 * @dated: it is known since when that is so
 * @since: second of this host's clock_now()
 * @remote: the server knows that from another one
 * @apart: leases of different places were told of
 */
struct bulk_word {
	__be32 addr;
	struct lease lease;
	bool dated;
	double since;
	bool remote;
	bool apart;
};

bool bulk_merge(struct bulk_word *word);
void bulk_merge_forget(void);

#endif /* _LG_BULK_MERGE_H */
