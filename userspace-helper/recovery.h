/* SPDX-License-Identifier: GPL-2.0 */
/* Refills the module's table before traffic asks. */
#ifndef _LG_RECOVERY_H
#define _LG_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "module.h"

/* What the table is refilled from; on demand it always is. */
enum recovery_source {
	RECOVERY_SNAPSHOT,	/* the file of when it was last written */
	RECOVERY_BULK,		/* servers, by bulk leasequery */
	__RECOVERY_SOURCES
};

enum recovery_state {
	RECOVERY_OFF,		/* not among those that are set */
	RECOVERY_WAITING,	/* for the module, or for its turn */
	RECOVERY_RUNNING,
	RECOVERY_ENDED,		/* all of it was read */
	RECOVERY_FAILED,	/* not all, or none: the log says why */
};

/* Why a lease that was read is not in the table by it. */
enum recovery_reason {
	RECOVERY_EXPIRED,	/* its time was over */
	RECOVERY_KNOWN,		/* the module knew as well or better */
	RECOVERY_ROUTE,		/* no access port leads there, or not wanted */
	RECOVERY_FULL,		/* no room in the table or on its port */
	RECOVERY_REFUSED,	/* by the module, else */
	__RECOVERY_REASONS
};

/**
 * struct recovery_status - how far one source is
 * @state: enum recovery_state
 * @read: leases read from it
 * @put: of them, those that the module took
 * @dropped: the others, by enum recovery_reason
 * @waiting: leases whose ports are not there yet
 * @seconds: that it took so far
 */
struct recovery_status {
	enum recovery_state state;
	uint64_t read;
	uint64_t put;
	uint64_t dropped[__RECOVERY_REASONS];
	uint64_t waiting;
	double seconds;
};

void recovery_start(void);
void recovery_stop(void);
void recovery_attached(void);
void recovery_detached(void);
void recovery_reconfigured(void);
void recovery_link_came(const char *name);
void recovery_port_came(void);
bool recovery_going_on(void);
bool recovery_waits(void);
void recovery_status(enum recovery_source source,
		     struct recovery_status *status);

const char *recovery_source_name(enum recovery_source source);
const char *recovery_reason_name(enum recovery_reason reason);

#endif /* _LG_RECOVERY_H */
