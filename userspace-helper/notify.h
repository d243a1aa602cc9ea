/* SPDX-License-Identifier: GPL-2.0 */
/* Tells the service manager how it stands, where there is one. */
#ifndef _LG_NOTIFY_H
#define _LG_NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif /* _LG_NOTIFY_H */
