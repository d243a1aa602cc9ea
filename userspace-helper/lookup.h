/* SPDX-License-Identifier: GPL-2.0 */
/* What an operator wants to know: asked of all servers, by any key. */
#ifndef _LG_LOOKUP_H
#define _LG_LOOKUP_H

#include <stddef.h>

#include "answer.h"
#include "ask.h"
#include "clock.h"
#include "lookup_request.h"
#include "merge.h"

/**
 * struct lookup_server - one server and what it said
 * @ask: how it stands with it
 * @answer: what it said, if it answered
 * @seconds: from the first query to the answer
 * @reason: why it was not asked, NULL if it was
 */
struct lookup_server {
	struct ask ask;
	struct answer answer;
	double seconds;
	const char *reason;
};

/**
 * struct lookup - a question of an operator
 * @request: what is asked
 * @query: the same, as servers are asked; points into @request
 * @servers: those asked
 * @n_servers: how many
 * @merged: what they said, but for those that do not know
 * @timer: ends it
 * @done: called once, when all have answered or the time is over; calls
 *	lookup_end()
 * @data: for @done
 * @prev: among all
 * @next: among all
 */
struct lookup {
	struct lookup_request request;
	struct query query;
	struct lookup_server *servers;
	size_t n_servers;
	struct merged merged;
	struct timer timer;
	void (*done)(struct lookup *lookup);
	void *data;
	struct lookup *prev;
	struct lookup *next;
};

const char *lookup_begin(const struct lookup_request *request,
			 void (*done)(struct lookup *lookup), void *data);
enum leaseglean_state lookup_verdict(const struct lookup *lookup);
void lookup_end(struct lookup *lookup);
void lookups_forget(const void *data);
void lookups_give_up(const char *reason);
void lookups_free(void);

#endif /* _LG_LOOKUP_H */
