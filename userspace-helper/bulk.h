/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked by bulk leasequery, and what comes (RFC 6926). */
#ifndef _LG_BULK_H
#define _LG_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "../module/dhcp.h"
#include "config.h"
#include "module.h"

/* Before each message, its length in so many bytes. */
#define BULK_LENGTH	2
#define BULK_QUERY_MAX	640

/**
 * struct bulk_query - one query over a connection
 * @xid: transaction id, host order
 * @id: what is asked for; NULL for all
 * @since: only what changed since, second of the server's wall clock; 0 for
 *	all
 */
struct bulk_query {
	uint32_t xid;
	const struct config_bulk_id *id;
	uint32_t since;
};

/* What a message of a stream is. */
enum bulk_kind {
	BULK_LEASE,		/* or since when there is none */
	BULK_OTHER,		/* nothing that is of use here */
	BULK_DONE,		/* all was sent */
	BULK_TERMINATED,	/* the server ends: it may be asked again */
	BULK_REFUSED,		/* it will not say, however often it is asked */
	BULK_BAD,		/* no message, or not of this query */
};

/* Of option 151 (RFC 6926, 6.2.2). */
enum bulk_status {
	BULK_SUCCESS,
	BULK_UNSPEC_FAIL,
	BULK_QUERY_TERMINATED,
	BULK_MALFORMED_QUERY,
	BULK_NOT_ALLOWED,
};

/**
 * struct bulk_message - one message of a stream
 * @addr: of a lease, the address
 * @lease: the rest of it, active or unassigned; seconds as they were at @base
 * @has_base: the server said when it wrote this
 * @base: second of its wall clock
 * @dated: it said how long that has been so
 * @ago: seconds since it heard of the client last, or since it is so
 * @has_last: it said when it heard of the client last
 * @last: second of its wall clock
 * @remote: it knows the lease from another server (option 157)
 * @status: enum bulk_status or another number
 * @text: what the server said beside it, printable
 */
struct bulk_message {
	__be32 addr;
	struct lease lease;
	bool has_base;
	uint32_t base;
	bool dated;
	uint32_t ago;
	bool has_last;
	uint32_t last;
	bool remote;
	uint8_t status;
	char text[80];
};

/**
 * struct bulk_stream - what a connection brought, put together
 * @skip: bytes to come of a message that is passed over
 * @len: bytes in @bytes
 * @bytes: an unfinished message, its length before it
 */
struct bulk_stream {
	size_t skip;
	size_t len;
	uint8_t bytes[BULK_LENGTH + LG_DHCP_MAX_LEN];
};

/* Told of each message; false ends the reading. */
typedef bool (*bulk_handler)(const uint8_t *message, size_t len, void *data);

int bulk_query_build(uint8_t buf[BULK_QUERY_MAX], const struct bulk_query *q);
bool bulk_stream_feed(struct bulk_stream *stream, const uint8_t *bytes,
		      size_t len, bulk_handler handler, void *data);
enum bulk_kind bulk_read(uint32_t xid, const uint8_t *message, size_t len,
			 struct bulk_message *m);

#endif /* _LG_BULK_H */
