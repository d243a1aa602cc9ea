/* SPDX-License-Identifier: GPL-2.0 */
/* The servers that are asked for all at once, each at its pace. */
#ifndef _LG_BULK_PEER_H
#define _LG_BULK_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "module.h"
#include "recovery.h"

/**
 * struct bulk_ops - what comes of it
 * @lease: a server tells of a lease, or that there is none where one was told
 *	of; it may be changed
 * @dropped: it tells of one that is nothing to the module
 * @pause: nothing more comes at once
 * @ended: no server has anything more to tell; whether all told everything
 */
struct bulk_ops {
	void (*lease)(__be32 addr, struct lease *lease);
	void (*dropped)(enum recovery_reason reason);
	void (*pause)(void);
	void (*ended)(bool whole);
};

struct bulk_peer;

void bulk_start(const struct bulk_ops *ops);
void bulk_stop(void);

/* By the wire: */
void bulk_connected(struct bulk_peer *peer);
void bulk_data(struct bulk_peer *peer, const uint8_t *bytes, size_t len);
void bulk_closed(struct bulk_peer *peer, int err);

#endif /* _LG_BULK_PEER_H */
