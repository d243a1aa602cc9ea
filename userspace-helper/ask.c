// SPDX-License-Identifier: GPL-2.0
/*
 * One server that is asked, by one key, on somebody's behalf: it waits for its
 * turn, is sent again when nothing answers, and takes the first answer that is
 * one. What that means, and whether it goes on, is the asker's matter.
 */
#include "ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "server.h"

#define PAUSE_FIRST	0.25
#define PAUSE_MAX	5.0
/* The module forgets a query only after the next try has replaced it. */
#define OPEN_MARGIN	0.9
#define OPEN_MAX	120.0
/* To a server that never answered it is 10 s away: a slow one is heard. */
#define OPEN_MIN	12.0

static struct ask *asks_by_xid;
static struct log_limit open_limit;
static struct log_limit source_limit;

static uint32_t xid_new(void)
{
	struct ask *other;
	uint32_t xid;

	do {
		xid = random_u32();
		HASH_FIND(hh, asks_by_xid, &xid, sizeof(xid), other);
	} while (other);
	return xid;
}

/* Takes @ask out of wherever its state has it. */
void ask_rest(struct ask *ask, enum ask_state state)
{
	timer_stop(&ask->timer);
	if (ask->state == ASK_QUEUED)
		server_dequeue(ask->server, ask);
	else if (ask->state == ASK_SENT)
		server_abandoned(ask->server);
	ask->state = state;
}

/* Somebody may still answer, or will be asked. */
bool ask_open(const struct ask *ask)
{
	return ask->state == ASK_QUEUED || ask->state == ASK_SENT ||
	       ask->state == ASK_PAUSED;
}

void ask_queue(struct ask *ask)
{
	ask->state = ASK_QUEUED;
	server_enqueue(ask->server, ask, *ask->payer);
}

/* No reply is taken for its answer any more. */
void ask_end(struct ask *ask)
{
	ask_rest(ask, ASK_SILENT);
	HASH_DEL(asks_by_xid, ask);
}

/* Seconds that the next query is waited for. */
static double ask_timeout(const struct ask *ask)
{
	double seconds = config.timeout_first;
	unsigned int i;

	for (i = 0; i < ask->tries && seconds < config.timeout_max; i++)
		seconds *= 2;
	return seconds < config.timeout_max ? seconds : config.timeout_max;
}

static void ask_count_silence(struct ask *ask)
{
	ask->server->timeouts++;
	counters.timeouts++;
	/*
	 * Silence by an address is that of the server; by another key it may be
	 * that the server has no answers by such keys, but those that traffic
	 * needs.
	 */
	if (ask->query->key.ciaddr) {
		timer_stop(&ask->timer);
		ask->state = ASK_SILENT;
		server_timed_out(ask->server);
	} else {
		ask_rest(ask, ASK_SILENT);
	}
}

static void ask_timed_out(struct ask *ask)
{
	ask_count_silence(ask);
	if (!ask->asker->more(ask)) {
		ask->asker->silent(ask);
		return;
	}
	ask_queue(ask);
	ask->asker->delayed(ask);
}

/**
 * ask_lapse() - nobody waits for it any longer
 * @ask: which; silent, if it had as long as its first query is waited for
 *
 * Without this a server that has died would be found so only where its own
 * timer, for jitter, ends first.
 */
void ask_lapse(struct ask *ask)
{
	if (ask->state == ASK_SENT &&
	    clock_now() - ask->last_sent >= config.timeout_first * 0.9)
		ask_count_silence(ask);
}

static void ask_expired(struct timer *timer)
{
	struct ask *ask = timer->data;

	if (ask->state == ASK_PAUSED)
		ask_queue(ask);
	else
		ask_timed_out(ask);
}

static enum ask_result ask_pause(struct ask *ask)
{
	counters.send_errors++;
	ask->pause = ask->pause > 0. ? ask->pause * 2 : PAUSE_FIRST;
	if (ask->pause > PAUSE_MAX)
		ask->pause = PAUSE_MAX;
	ask->state = ASK_PAUSED;
	timer_start(&ask->timer, jitter(ask->pause));
	ask->asker->delayed(ask);
	return ASK_WAITS;
}

static void ask_sent(struct ask *ask, double timeout)
{
	counters.queries++;
	ask->server->queries++;
	ask->last_sent = clock_now();
	if (!ask->tries) {
		ask->first_sent = ask->last_sent;
		ask->before = server_replayed(ask->server);
	}
	ask->tries++;
	ask->pause = 0.;
	ask->state = ASK_SENT;
	ask->asker->sent(ask);
	timer_start(&ask->timer, jitter(timeout));
}

/* Has the module expect the answer, for longer than it is waited for. */
static int expect(const struct ask *ask, __be32 giaddr, double timeout)
{
	/* Later tries keep the xid, so an answer to this one stays good. */
	double open = 1.1 * timeout + OPEN_MARGIN;
	int err;

	if (open < OPEN_MIN)
		open = OPEN_MIN;
	err = module_query_open(ask->xid, ask->target.server, giaddr,
				(unsigned int)(open < OPEN_MAX ? open : OPEN_MAX));
	if (!err)
		return 0;
	counters.open_errors++;
	/* Being unloaded: that is told once, when it is noticed. */
	if (err != -ENOTCONN && err != -ENOENT)
		log_limited(&open_limit, LOG_WARNING,
			    "the module cannot expect an answer now: %s",
			    strerror(-err));
	return err;
}

/* Not after a reload, perhaps; and to try on would keep all others waiting. */
static bool has_words(const struct ask *ask)
{
	return dialect_has(config_dialect(ask->target.server),
			   &ask->query->key);
}

static int find_source(const struct ask *ask, __be32 giaddr)
{
	int err = query_source(ask->vrf, giaddr);
	char text[INET_ADDRSTRLEN];

	if (err)
		log_limited(&source_limit, LOG_WARNING,
			    "cannot ask from %s now: %s; trying on",
			    inet_ntop(AF_INET, &giaddr, text, sizeof(text)),
			    strerror(-err));
	return err;
}

/**
 * ask_send() - a server's turn has come: send the query
 * @ask: which, already out of the server's queue
 * @err: why the server cannot be reached when ASK_BLOCKED is returned, 0 if
 *	the reason is another and was told
 *
 * Return: enum ask_result.
 */
enum ask_result ask_send(struct ask *ask, int *err)
{
	unsigned int turn = (ask->tries + (ask->pause > 0.)) %
			    ask->target.n_giaddrs;
	__be32 giaddr = ask->target.giaddrs[turn];
	double timeout;

	/* Out of the queue, whatever happens below. */
	ask->state = ASK_SILENT;
	*err = 0;
	if ((ask->tries || ask->pause > 0.) && !ask->asker->wanted(ask))
		return ASK_ENDED;
	if (!has_words(ask)) {
		ask->asker->silent(ask);
		return ASK_ENDED;
	}
	if (find_source(ask, giaddr))
		return ask_pause(ask);
	timeout = ask_timeout(ask);
	if (expect(ask, giaddr, timeout)) {
		ask->state = ASK_QUEUED;
		return ASK_BLOCKED;
	}
	*err = query_send(ask->vrf, giaddr, ask->target.server, ask->xid,
			  ask->query);
	if (*err == -EADDRNOTAVAIL)
		return ask_pause(ask);
	if (*err) {
		ask->state = ASK_QUEUED;
		return ASK_BLOCKED;
	}
	ask->used |= (uint8_t)(1u << turn);
	ask_sent(ask, timeout);
	return ASK_WENT;
}

/**
 * ask_init() - a server that will be asked
 * @ask: all zero but for asker, data, query, vrf and payer
 * @target: the server, and where it is asked from
 *
 * Return: 0 or -ENOMEM; ask_queue() has it asked, ask_end() has to follow.
 */
int ask_init(struct ask *ask, const struct target *target)
{
	ask->server = server_get(target->server);
	if (!ask->server)
		return -ENOMEM;
	ask->target = *target;
	ask->state = ASK_HELD;
	ask->xid = xid_new();
	timer_init(&ask->timer, ask_expired, ask);
	HASH_ADD(hh, asks_by_xid, xid, sizeof(ask->xid), ask);
	return 0;
}

static unsigned int used_giaddrs(const struct ask *ask, __be32 *giaddrs)
{
	unsigned int i, n = 0;

	for (i = 0; i < ask->target.n_giaddrs; i++)
		if (ask->used & 1u << i)
			giaddrs[n++] = ask->target.giaddrs[i];
	return n;
}

/**
 * ask_reply() - a server sent something that looks like an answer
 * @reply: as the module saw it
 *
 * Only the first answer of a server counts.
 */
void ask_reply(const struct reply *reply)
{
	__be32 giaddrs[TARGET_GIADDRS_MAX];
	struct answer_to to;
	struct answer answer;
	struct ask *ask;

	counters.replies++;
	HASH_FIND(hh, asks_by_xid, &reply->xid, sizeof(reply->xid), ask);
	if (!ask || ask->state == ASK_UNKNOWN || ask->state == ASK_ANSWERED) {
		counters.refused_xid++;
		return;
	}
	to.xid = ask->xid;
	to.server = ask->target.server;
	to.dialect = config_dialect(to.server);
	to.key = &ask->query->key;
	to.auth = config_auth(to.server);
	/* Less where the key is another one by now. */
	to.before = server_replayed(ask->server);
	if (to.before > ask->before)
		to.before = ask->before;
	to.giaddrs = giaddrs;
	to.n_giaddrs = used_giaddrs(ask, giaddrs);
	if (!answer_read(&to, reply, &answer))
		return;

	server_replay(ask->server, answer.replay);
	/* Late or in time, it shows that the server is there. */
	ask_rest(ask, answer.lease.state == LEASEGLEAN_STATE_UNKNOWN ?
		 ASK_UNKNOWN : ASK_ANSWERED);
	server_answered(ask->server, answer.lease.state,
			clock_now() - ask->first_sent);
	ask->asker->answered(ask, &answer);
}
