/* SPDX-License-Identifier: GPL-2.0 */
/* The lock of a neighbour table is a spinlock from Linux 6.19 on. */
#ifndef _LG_COMPAT_NEIGH_H
#define _LG_COMPAT_NEIGH_H

#include <linux/version.h>
#include <net/neighbour.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define lg_neigh_lock_bh(tbl)	spin_lock_bh(&(tbl)->lock)
#define lg_neigh_unlock_bh(tbl)	spin_unlock_bh(&(tbl)->lock)
#else
#define lg_neigh_lock_bh(tbl)	write_lock_bh(&(tbl)->lock)
#define lg_neigh_unlock_bh(tbl)	write_unlock_bh(&(tbl)->lock)
#endif

#endif /* _LG_COMPAT_NEIGH_H */
