/* SPDX-License-Identifier: GPL-2.0 */
/* bin2hex() has a header of its own from Linux 6.4 on. */
#ifndef _LG_COMPAT_HEX_H
#define _LG_COMPAT_HEX_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#include <linux/hex.h>
#else
#include <linux/kernel.h>
#endif

#endif /* _LG_COMPAT_HEX_H */
