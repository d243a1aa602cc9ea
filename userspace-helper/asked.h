/* SPDX-License-Identifier: GPL-2.0 */
/* Queries of other hosts: from the module, and the answers back to it. */
#ifndef _LG_ASKED_H
#define _LG_ASKED_H

void asked_apply(void);
void asked_close(void);

#endif /* _LG_ASKED_H */
