/* SPDX-License-Identifier: GPL-2.0 */
/* What takes long, in a process of its own. */
#ifndef _LG_CHILD_H
#define _LG_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include <ev.h>

/**
 * struct child - does one thing at a time; all 0 at first
 * @w: of its end
 * @pid: of the process, 0 while there is none
 * @ended: told what came of it
 */
struct child {
	ev_child w;
	pid_t pid;
	void (*ended)(int err);
};

bool child_busy(const struct child *child);
int child_run(struct child *child, int (*work)(void), void (*ended)(int err));
void child_stop(struct child *child);

#endif /* _LG_CHILD_H */
