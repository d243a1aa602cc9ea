/* SPDX-License-Identifier: GPL-2.0 */
/* The connections of bulk leasequery. */
#ifndef _LG_BULK_IO_H
#define _LG_BULK_IO_H

#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

struct bulk_io;
struct bulk_peer;

struct bulk_io *bulk_io_open(struct bulk_peer *peer, __be32 server,
			     uint16_t port, __be32 from, int *err);
int bulk_io_send(struct bulk_io *io, const uint8_t *bytes, size_t len);
void bulk_io_close(struct bulk_io *io);

#endif /* _LG_BULK_IO_H */
