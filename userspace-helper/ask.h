/* SPDX-License-Identifier: GPL-2.0 */
/* One server that is asked, by one key, on somebody's behalf. */
#ifndef _LG_ASK_H
#define _LG_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>
#include <uthash.h>

#include "answer.h"
#include "clock.h"
#include "module.h"
#include "query.h"
#include "target.h"

/**
 * enum ask_state - how it stands with one server
 * @ASK_HELD: nothing was done yet: others may answer before it is asked
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

struct ask;
struct line;
struct server;

/**
 * struct asker - what whoever asks is told, and decides
 * @wanted: whether another try is worth it, before it is sent; false when
 *	nobody needs the answer any more, and then @ask is gone
 * @more: whether another try is due, after one that timed out
 * @sent: a query went out
 * @delayed: a try timed out, or could not be made; another follows
 * @silent: no other try follows; @ask may be gone afterwards
 * @answered: the server's first answer came; @ask may be gone afterwards
 */
struct asker {
	bool (*wanted)(struct ask *ask);
	bool (*more)(const struct ask *ask);
	void (*sent)(struct ask *ask);
	void (*delayed)(struct ask *ask);
	void (*silent)(struct ask *ask);
	void (*answered)(struct ask *ask, const struct answer *answer);
};

/**
 * struct ask - one server asked by one key
 * @asker: who asks
 * @data: the asker's own
 * @query: what
 * @vrf: interface index of the VRF that it is asked from, or 0
 * @payer: interface index of the port whose turn it takes, 0 for none
 * @target: whom, and where from
 * @server: whom
 * @line: the server's that it waits in
 * @prev: in that line
 * @next: in that line
 * @used: bit for each of the target's giaddrs that a query went from
 * @state: enum ask_state
 * @tries: queries sent
 * @pause: seconds of the last pause
 * @first_sent: when the first query went out
 * @last_sent: when the last one did
 * @before: the server's replay detection when it was first asked
 * @xid: transaction id, host order
 * @timer: of the state
 * @hh: in the table by @xid
 */
struct ask {
	const struct asker *asker;
	void *data;
	const struct query *query;
	uint32_t vrf;
	const uint32_t *payer;
	struct target target;
	struct server *server;
	struct line *line;
	struct ask *prev;
	struct ask *next;
	uint8_t used;
	enum ask_state state;
	unsigned int tries;
	double pause;
	double first_sent;
	double last_sent;
	uint64_t before;
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

int ask_init(struct ask *ask, const struct target *target);
void ask_queue(struct ask *ask);
bool ask_open(const struct ask *ask);
void ask_rest(struct ask *ask, enum ask_state state);
void ask_lapse(struct ask *ask);
void ask_end(struct ask *ask);

enum ask_result ask_send(struct ask *ask, int *err);
void ask_reply(const struct reply *reply);

#endif /* _LG_ASK_H */
