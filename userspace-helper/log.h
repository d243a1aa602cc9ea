/* SPDX-License-Identifier: GPL-2.0 */
/* Messages for the operator, and the counters that tell of the rest. */
#ifndef _LG_LOG_H
#define _LG_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

void log_open(bool to_syslog, bool verbose);
__attribute__((format(printf, 2, 3)))
void log_msg(int priority, const char *fmt, ...);

#define log_err(...)	log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_msg(LOG_DEBUG, __VA_ARGS__)

/**
 * struct log_limit - lets one line of a kind through per minute
 * @next: monotonic seconds before which nothing is let through
 * @held: how many lines were held back since
 */
struct log_limit {
	double next;
	unsigned long held;
};

__attribute__((format(printf, 3, 4)))
void log_limited(struct log_limit *limit, int priority, const char *fmt, ...);

/* One line a counter: name, and what it counts. */
#define COUNTERS(X) \
	X(misses)		/* misses taken up */ \
	X(misses_known)		/* of an address already being asked for */ \
	X(misses_full)		/* left to the module: too many questions */ \
	X(queries)		/* DHCPLEASEQUERY messages sent */ \
	X(send_errors)		/* not sent: no route, no address */ \
	X(open_errors)		/* not sent: the module refused to expect it */ \
	X(timeouts)		/* queries that nothing answered in time */ \
	X(replies)		/* replies that the module handed over */ \
	X(replies_active)	\
	X(replies_unassigned)	\
	X(replies_unknown)	\
	X(refused_malformed)	/* not a DHCP message */ \
	X(refused_op)		/* not a BOOTREPLY */ \
	X(refused_type)		/* not an answer to a leasequery */ \
	X(refused_xid)		/* no such question, or already settled */ \
	X(refused_source)	/* not from the server asked */ \
	X(refused_giaddr)	/* not to the address it was asked from */ \
	X(refused_ciaddr)	/* about another address */ \
	X(refused_client)	/* about another client */ \
	X(refused_yiaddr)	/* gives an address instead of telling of one */ \
	X(refused_hwaddr)	/* active without a usable hardware address */ \
	X(refused_lease_time)	/* active without time left */ \
	X(refused_option)	/* an option longer than it may be, or of wrong length */ \
	X(refused_auth)		/* not authenticated as it has to be */ \
	X(refused_replay)	/* so, but older than the query */ \
	X(put_active)		/* told the module */ \
	X(put_unassigned)	\
	X(put_unknown)		\
	X(put_stale)		/* the module knew better meanwhile */ \
	X(put_errors)		/* the module refused it otherwise */ \
	X(given_up)		/* nobody needs the address any more */ \
	X(overruns)		/* notifications lost, made good by a dump */ \
	X(asked)		/* queries of requestors */ \
	X(asked_refused)	/* not as the configuration and the dialect have it */ \
	X(asked_forged)		/* not authenticated as they have to be */ \
	X(asked_replayed)	/* so, but older than one before */ \
	X(asked_pending)	/* of what is being asked for, or restored: silence */ \
	X(asked_throttled)	/* by client, more often than may be */ \
	X(asked_repeated)	/* so, again while its answer is on the way */ \
	X(asked_busy)		/* so, while as many as may be wait for a walk */ \
	X(asked_failed)		/* by client, and no walk was finished in time */ \
	X(answered_active)	\
	X(answered_unassigned)	\
	X(answered_unknown)	\
	X(answer_errors)	/* the module could not send them */

struct counters {
#define X(name) uint64_t name;
	COUNTERS(X)
#undef X
};

extern struct counters counters;

void counters_log(void);

#endif /* _LG_LOG_H */
