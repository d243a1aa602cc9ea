/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon may do: administer the network, nothing else. */
#ifndef _LG_PRIVILEGES_H
#define _LG_PRIVILEGES_H

int privileges_check(void);
int privileges_drop(void);

#endif /* _LG_PRIVILEGES_H */
