/* SPDX-License-Identifier: GPL-2.0 */
/* One thing at a time that takes long, in a process of its own. */
#ifndef _LG_CHILD_H
#define _LG_CHILD_H

#include <stdbool.h>

bool child_busy(void);
int child_run(int (*work)(void), void (*ended)(int err));
void child_stop(void);

#endif /* _LG_CHILD_H */
