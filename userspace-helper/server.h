/* SPDX-License-Identifier: GPL-2.0 */
/* A DHCP server: how much it is asked at a time, and whether it answers. */
#ifndef _LG_SERVER_H
#define _LG_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>
#include <uthash.h>

#include "auth.h"
#include "clock.h"
#include "histogram.h"
#include "log.h"
#include "../uapi/leaseglean.h"

struct ask;

/**
 * struct line - who wants to ask a server at one port's expense
 * @payer: interface index of that port
 * @asks: those, never empty while it is in the server's round
 * @prev: in the server's round
 * @next: in the server's round
 * @hh: in the server's table by @payer
 */
struct line {
	uint32_t payer;
	struct ask *asks;
	struct line *prev;
	struct line *next;
	UT_hash_handle hh;
};

/**
 * struct server - one that is or was asked
 * @addr: its address
 * @proven: it has answered a leasequery before
 * @silent: queries in a row that it did not answer
 * @replay: most that replay detection of its answers was. Each answer has more
 *	than those had that were here before it was asked for, however they
 *	overtake each other on their way.
 * @auth: by what those were authenticated
 * @in_flight: queries that it may still answer in time
 * @interval: seconds between queries while it is silent
 * @next_send: time before which a silent server is left alone
 * @blocked_until: time before which nothing can be sent to it
 * @block: seconds that sending failed last, doubling
 * @round: lines of those who want to ask it, that of the next turn first
 * @lines: the same by who pays, but @spare
 * @spare: for whom there was no memory for a line
 * @timer: wakes the queue
 * @silent_limit: of the log lines about its silence
 * @reach_limit: of those about the way to it
 * @queued: who waits in @round
 * @queries: sent to it
 * @active: answers that there is a lease
 * @unassigned: answers that there is none
 * @unknown: answers that it does not know
 * @timeouts: queries that it did not answer in time
 * @answer_time: seconds from the first of an ask's queries to the answer
 * @hh: in the table by @addr
 */
struct server {
	__be32 addr;
	bool proven;
	unsigned int silent;
	uint64_t replay;
	struct auth auth;
	unsigned int in_flight;
	double interval;
	double next_send;
	double blocked_until;
	double block;
	struct line *round;
	struct line *lines;
	struct line spare;
	struct timer timer;
	struct log_limit silent_limit;
	struct log_limit reach_limit;
	unsigned int queued;
	uint64_t queries;
	uint64_t active;
	uint64_t unassigned;
	uint64_t unknown;
	uint64_t timeouts;
	struct histogram answer_time;
	UT_hash_handle hh;
};

struct server *server_get(__be32 addr);
const struct server *servers_all(void);
void server_enqueue(struct server *server, struct ask *ask, uint32_t payer);
void server_dequeue(struct server *server, struct ask *ask);
void server_answered(struct server *server, enum leaseglean_state state,
		     double seconds);
void server_replay(struct server *server, uint64_t replay);
uint64_t server_replayed(const struct server *server);
void server_timed_out(struct server *server);
bool server_answers(const struct server *server);
bool server_in_doubt(const struct server *server);
void server_abandoned(struct server *server);
void servers_reconfigured(void);
void servers_free(void);

#endif /* _LG_SERVER_H */
