/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands in for the clock, the kernel module and the wire, so that the
 * daemon's decisions can be tested in simulated time.
 */
#ifndef _LG_FAKE_H
#define _LG_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "module.h"
#include "../../module/dhcp.h"

#define FAKE_MAX	4096

/* A query that went out. */
struct fake_query {
	double at;
	uint32_t vrf;
	__be32 giaddr;
	__be32 server;
	uint32_t xid;
	__be32 addr;
	struct lg_leasequery key;
};

/* A lease that was put. */
struct fake_put {
	double at;
	struct miss miss;
	struct lease lease;
};

/* A connection of bulk leasequery, and the last query on it. */
struct bulk_io {
	struct bulk_peer *peer;
	__be32 server;
	__be32 from;
	uint16_t port;
	bool open;
	uint8_t query[1024];
	size_t len;
};

/* One of many that were put at once. */
struct fake_batch {
	__be32 addr;
	uint32_t vrf;
	bool has_vrf;
	enum leaseglean_origin origin;
	struct lease lease;
};

extern struct fake {
	double now;
	uint64_t wall;			/* at second 0 of now */
	struct fake_batch batch[FAKE_MAX];
	unsigned int n_batch;
	int batch_err;			/* what each is refused with */
	struct module_lease rows[8];	/* of the module's table */
	unsigned int n_rows;
	int rows_err;
	struct bulk_io io[64];
	unsigned int n_io;
	int io_err;			/* what bulk_io_open() says */
	double jitter;			/* factor, 1 unless a test says so */
	struct fake_query sent[FAKE_MAX];
	unsigned int n_sent;
	struct fake_put put[FAKE_MAX];
	unsigned int n_put;
	unsigned int n_open;		/* queries announced */
	unsigned int open_seconds;	/* of the last one */
	unsigned int n_missing;		/* times asked whether still missing */
	unsigned int n_resync;
	bool absent;			/* the module is not there */
	int source_err;			/* what query_source() returns */
	int send_err;			/* what query_send() returns */
	int open_err;			/* what module_query_open() returns */
	int put_err;			/* what module_lease_put() returns */
	int put_err_once;		/* the same, once */
	int missing;			/* what module_still_missing() returns */
	uint64_t cookie;		/* the module's, when not 0 */
	uint32_t master;		/* what links_master() says */
	bool slow_children;		/* they wait for fake_child_end() */
	struct child *child;		/* the last of them */
	const char *access_name;	/* the one access port there is */
	uint32_t access_index;
} fake;

void fake_reset(void);
void fake_advance(double seconds);
unsigned int fake_timers(void);
void fake_child_end(void);

/* Test cases of one file. */
struct fake_tests {
	const struct CMUnitTest *tests;
	size_t n;
};

extern const struct fake_tests answer_tests, asked_tests, auth_tests,
	bulk_tests, child_tests, clock_tests, config_tests, dialect_tests,
	lookup_tests, question_tests, recovery_tests, relays_tests,
	reload_tests, respond_tests, snapshot_tests, walk_tests;

#endif /* _LG_FAKE_H */
