/* SPDX-License-Identifier: GPL-2.0 */
/* Messages for the operator, and the counters that tell of the rest. */
#ifndef _LG_LOG_H
#define _LG_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/**
 * struct log_style - how messages are written
 * @to_syslog: to syslog(3), else to standard error
 * @json: each as an object of JSON with time, level, component and message
 * @verbose: those for who looks for faults, too
 */
struct log_style {
	bool to_syslog;
	bool json;
	bool verbose;
};

void log_open(const struct log_style *style);
__attribute__((format(printf, 3, 4)))
void log_msg(const char *file, int priority, const char *fmt, ...);

#define log_err(...)	log_msg(__FILE__, LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_msg(__FILE__, LOG_WARNING, __VA_ARGS__)
#define log_info(...)	log_msg(__FILE__, LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_msg(__FILE__, LOG_DEBUG, __VA_ARGS__)

/**
 * struct log_limit - lets one line of a kind through per minute
 * @next: monotonic seconds before which nothing is let through
 * @held: how many lines were held back since
 */
struct log_limit {
	double next;
	unsigned long held;
};

__attribute__((format(printf, 4, 5)))
void log_msg_limited(const char *file, struct log_limit *limit, int priority,
		     const char *fmt, ...);

#define log_limited(limit, priority, ...) \
	log_msg_limited(__FILE__, limit, priority, __VA_ARGS__)

/* Of each: its name, and what it counts, as metrics tell it. */
#define COUNTERS(X) \
	X(misses, "Misses taken up") \
	X(misses_known, "Misses of an address already being asked for") \
	X(misses_full, "Misses left to the module: too many questions") \
	X(queries, "DHCPLEASEQUERY messages sent") \
	X(send_errors, "Queries not sent: no route, no address") \
	X(open_errors, "Queries not sent: the module refused to expect the answer") \
	X(timeouts, "Queries that nothing answered in time") \
	X(replies, "Replies that the module handed over") \
	X(replies_active, "Answers that there is a lease") \
	X(replies_unassigned, "Answers that there is none") \
	X(replies_unknown, "Answers that the server does not know") \
	X(refused_malformed, "Replies: not a DHCP message") \
	X(refused_op, "Replies: not a BOOTREPLY") \
	X(refused_type, "Replies: not an answer to a leasequery") \
	X(refused_xid, "Replies: no such question, or already settled") \
	X(refused_source, "Replies: not from the server asked") \
	X(refused_giaddr, "Replies: not to the address it was asked from") \
	X(refused_ciaddr, "Replies: about another address") \
	X(refused_client, "Replies: about another client") \
	X(refused_yiaddr, "Replies: give an address instead of telling of one") \
	X(refused_hwaddr, "Replies: active without a usable hardware address") \
	X(refused_lease_time, "Replies: active without time left") \
	X(refused_vpn, "Replies: bulk leasequery, a lease of another VPN than the default") \
	X(refused_option, "Replies: an option longer than it may be, or of wrong length") \
	X(refused_auth, "Replies: not authenticated as they have to be") \
	X(refused_replay, "Replies: authenticated, but older than the query") \
	X(put_active, "Leases that the module took") \
	X(put_unassigned, "Addresses without a lease that the module took") \
	X(put_unknown, "Unknown addresses that the module took") \
	X(put_stale, "Answers not put: the module knew better meanwhile") \
	X(put_errors, "Answers not put: the module refused them otherwise") \
	X(given_up, "Questions ended: nobody needs the address any more") \
	X(overruns, "Notifications lost, made good by a dump") \
	X(asked, "Queries of requestors") \
	X(asked_refused, "Those not as the configuration and the dialect have it") \
	X(asked_forged, "Those not authenticated as they have to be") \
	X(asked_replayed, "Those authenticated, but older than one before") \
	X(asked_pending, "Those of what is being asked for, or restored: silence") \
	X(asked_throttled, "Those by client, more often than may be") \
	X(asked_repeated, "Those by client, again while the answer is on the way") \
	X(asked_busy, "Those by client, while as many as may be wait for a walk") \
	X(asked_failed, "Those by client, and no walk was finished in time") \
	X(answered_active, "Requestors told of a lease") \
	X(answered_unassigned, "Requestors told that there is none") \
	X(answered_unknown, "Requestors told that it is unknown") \
	X(answer_errors, "Answers that the module could not send") \
	X(snapshots, "Snapshots of the table kept") \
	X(snapshot_errors, "Snapshots that could not be kept: the log says why") \
	X(relays_errors, "What relay agents use could not be kept: likewise") \
	X(requests, "Connections to the control socket") \
	X(requests_refused, "Those of others than root, too many, or refused a request") \
	X(requests_late, "Those that said nothing, or did not take the answer, in time")

struct counters {
#define X(name, ...) uint64_t name;
	COUNTERS(X)
#undef X
};

extern struct counters counters;

void counters_log(void);

#endif /* _LG_LOG_H */
