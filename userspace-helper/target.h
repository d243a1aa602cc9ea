/* SPDX-License-Identifier: GPL-2.0 */
/* Whom to ask, and where from. */
#ifndef _LG_TARGET_H
#define _LG_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#define TARGETS_MAX		16
#define TARGET_GIADDRS_MAX	4

/**
 * struct target - a server to ask
 * @server: its address
 * @giaddrs: addresses to ask from, best first; each retry takes the next
 * @n_giaddrs: how many
 * @rank: those of the least are asked first
 */
struct target {
	__be32 server;
	unsigned int rank;
	__be32 giaddrs[TARGET_GIADDRS_MAX];
	unsigned int n_giaddrs;
};

size_t targets_for(const char *port, struct target *targets, size_t max);
size_t targets_all(struct target *targets, size_t max);
void target_for(__be32 server, struct target *target);

#endif /* _LG_TARGET_H */
