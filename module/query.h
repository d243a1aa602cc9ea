/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queries that the helper has open. The relay agent owns UDP port 67, to
 * which servers send their answers; so the module picks those out and hands
 * them over, and no relay agent sees, let alone forwards, them.
 *
 * A query stays open until its time is over, answered or not: late and
 * repeated answers must not reach a relay agent either.
 */
#ifndef _LG_QUERY_H
#define _LG_QUERY_H

#include <linux/types.h>

#include "lg.h"

/**
 * struct lg_query_key - names a query; all in network order
 * @xid: transaction id
 * @server: that was asked
 * @giaddr: that it answers to
 */
struct lg_query_key {
	__be32 xid;
	__be32 server;
	__be32 giaddr;
};

int lg_query_open(struct lg_net *lgn, const struct lg_query_key *key,
		  u32 timeout);
bool lg_query_is_open(struct lg_net *lgn, const struct lg_query_key *key);
bool lg_query_xid_open(struct lg_net *lgn, __be32 xid);

int lg_queries_init(struct lg_net *lgn);
void lg_queries_gc(struct lg_net *lgn);
void lg_queries_exit(struct lg_net *lgn);

#endif /* _LG_QUERY_H */
