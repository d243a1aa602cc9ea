/* SPDX-License-Identifier: GPL-2.0 */
/* Walks of the module's table for all leases of a client. */
#ifndef _LG_WALK_H
#define _LG_WALK_H

#include "respond.h"

/* Walks that wait for their turn, with the one under way; of all requestors. */
#define WALKS_MAX	4

/* @found: the client's leases, NULL where it was not found out */
typedef void (*walk_done)(const struct request *request,
			  const struct leases_found *found);

void walk_open(walk_done done);
void walk_close(void);
int walk_begin(const struct request *request, const struct client *client);

#endif /* _LG_WALK_H */
