/* SPDX-License-Identifier: GPL-2.0 */
/* The table in a file, so that it outlives the module and the host's reboot. */
#ifndef _LG_SNAPSHOT_H
#define _LG_SNAPSHOT_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/types.h>

#include "module.h"

/* Expiry of what never ends, and time of what nobody knows. */
#define SNAPSHOT_NEVER	UINT64_MAX
/* Longest lease in the file, its length left out. */
#define SNAPSHOT_LEASE_MAX	(3 * 4 + 2 * 8 + 2 + LEASEGLEAN_HWADDR_MAX + \
				 2 * IFNAMSIZ + 2 * (1 + LEASEGLEAN_OPAQUE_MAX))

/**
 * struct snapshot_lease - a lease as the file has it
 * @addr: the address
 * @port: name of its port: indices change; "" for none
 * @vrf: name of its VRF device, "" for the default
 * @expires: second of the wall clock (since 1970) from which on it is void, or
 *	SNAPSHOT_NEVER; boottime does not survive a reboot
 * @last: likewise, at which a server last heard of the client, or
 *	SNAPSHOT_NEVER
 * @lease: the rest; what it says of times and port index means nothing
 */
struct snapshot_lease {
	__be32 addr;
	char port[IFNAMSIZ];
	char vrf[IFNAMSIZ];
	uint64_t expires;
	uint64_t last;
	struct lease lease;
};

/**
 * struct snapshot - the contents of a file, being read
 * @bytes: all of it, to be freed
 * @len: of them
 * @at: where the next lease begins
 * @written: second of the wall clock at which it was
 * @leases: how many there are
 */
struct snapshot {
	uint8_t *bytes;
	size_t len;
	size_t at;
	uint64_t written;
	uint64_t leases;
};

/**
 * struct snapshot_file - a file being written
 * @f: it, under a temporary name
 * @dir_fd: the directory
 * @crc: of what is in it so far
 * @leases: how many
 */
struct snapshot_file {
	FILE *f;
	int dir_fd;
	uint32_t crc;
	uint64_t leases;
};

size_t snapshot_encode(uint8_t bytes[SNAPSHOT_LEASE_MAX],
		       const struct snapshot_lease *lease);
bool snapshot_decode(const uint8_t *bytes, size_t len,
		     struct snapshot_lease *lease);
const char *snapshot_check(struct snapshot *snapshot);
bool snapshot_next(struct snapshot *snapshot, struct snapshot_lease *lease);
uint32_t snapshot_seconds(const struct snapshot *snapshot, uint64_t now,
			  uint64_t expires);
void snapshot_last(const struct snapshot *snapshot, uint64_t now,
		   uint64_t last, struct lease *lease);

int snapshot_open(struct snapshot *snapshot, const char *dir);
void snapshot_close(struct snapshot *snapshot);

int snapshot_begin(struct snapshot_file *file, const char *dir, uint64_t now);
int snapshot_add(struct snapshot_file *file, const uint8_t *bytes, size_t len);
int snapshot_commit(struct snapshot_file *file);
void snapshot_abort(struct snapshot_file *file);

#endif /* _LG_SNAPSHOT_H */
