/* SPDX-License-Identifier: GPL-2.0 */
/* How leasegleand ends. The manual page promises these numbers. */
#ifndef _LG_EXIT_H
#define _LG_EXIT_H

enum daemon_status {
	EXIT_OK = 0,
	EXIT_USAGE = 1,
	EXIT_CONFIG = 2,
	EXIT_PRIVILEGES = 3,
	EXIT_OTHER_HELPER = 4,
	EXIT_STATE_DIR = 5,
	EXIT_SYSTEM = 6,
};

/* Ends the loop; the first status given stands. */
void daemon_exit(enum daemon_status status);

#endif /* _LG_EXIT_H */
