/* SPDX-License-Identifier: GPL-2.0 */
/* An address that is missing, and who is asked for it. */
#ifndef _LG_QUESTION_H
#define _LG_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>
#include <uthash.h>

#include "clock.h"
#include "module.h"
#include "target.h"

/**
 * enum ask_state - how it stands with one server
 * @ASK_HELD: not its turn while others, of a lesser rank, may answer
 * @ASK_QUEUED: in the server's queue
 * @ASK_SENT: a query is out
 * @ASK_PAUSED: it could not be sent from its address, tried again shortly
 * @ASK_ANSWERED: active or unassigned, which waits for what others say
 * @ASK_UNKNOWN: answered so
 * @ASK_SILENT: tried often enough for now
 */
enum ask_state {
	ASK_HELD,
	ASK_QUEUED,
	ASK_SENT,
	ASK_PAUSED,
	ASK_ANSWERED,
	ASK_UNKNOWN,
	ASK_SILENT,
};

struct line;
struct question;
struct server;

/**
 * struct ask - one server asked for one address
 * @question: for which
 * @server: whom
 * @line: the server's that it waits in
 * @prev: in that line
 * @next: in that line
 * @target: where from
 * @used: bit for each of the target's giaddrs that a query went from
 * @state: enum ask_state
 * @tries: queries sent in this round
 * @pause: seconds of the last pause
 * @xid: transaction id, host order
 * @timer: of the state
 * @hh: in the table by @xid
 */
struct ask {
	struct question *question;
	struct server *server;
	struct line *line;
	struct ask *prev;
	struct ask *next;
	struct target target;
	uint8_t used;
	enum ask_state state;
	unsigned int tries;
	double pause;
	uint32_t xid;
	struct timer timer;
	UT_hash_handle hh;
};

/* What ask_send() found. */
enum ask_result {
	ASK_WENT,	/* sent */
	ASK_WAITS,	/* not now, its own timer brings it back */
	ASK_BLOCKED,	/* nothing reaches this server now, keep it queued */
	ASK_ENDED,	/* freed: nobody needs the answer any more */
};

enum ask_result ask_send(struct ask *ask, int *err);

void questions_fall_back(const struct server *server);
void question_miss(const struct miss *miss);
void question_reply(const struct reply *reply);
void questions_targets_changed(void);
void questions_reconfigured(void);
void questions_clear(void);
size_t questions_count(void);

#endif /* _LG_QUESTION_H */
