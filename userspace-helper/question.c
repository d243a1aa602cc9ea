// SPDX-License-Identifier: GPL-2.0
/*
 * An address that is missing, and who is asked for it.
 *
 * All targets of the least rank are asked at once, each with its own tries,
 * and their answers are merged; those of the next when nobody before them is
 * likely to answer, or all have said that they do not know; and whoever said
 * before that it manages the address with the first. ACTIVE with its place and
 * age settles the question. Without, it does when no other server can still
 * add to it within the first timeout, and so does UNASSIGNED when none can
 * still say ACTIVE; UNKNOWN only when every server asked says so.
 * Silence settles nothing: who was silent is asked again, slowly, for as long
 * as the module says that traffic needs the address, whether others still have
 * their turn or not.
 */
#include "question.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "ask.h"
#include "config.h"
#include "log.h"
#include "managed.h"
#include "merge.h"
#include "server.h"
#include "target.h"

/* Between asking the module whether an address is still missing. */
#define CHECK_SECONDS	0.5

/* No padding: it is hashed as bytes. */
struct question_key {
	__be32 addr;
	uint32_t vrf;
};

/**
 * struct question - an address being asked for
 * @key: the address
 * @query: the same, as servers are asked for it
 * @miss: the module's, with its current cookie
 * @asks: one a target, fixed during a round
 * @n_asks: 0 while nobody is known that could be asked
 * @outdated: others are to be asked than @asks, once no query is in flight
 * @merged: what the servers said so far, but for those that do not know
 * @begun: when it was first missed
 * @first_sent: when the first query of this round went out, 0 before
 * @doubt_until: while @merged is of no lease, others may know one until then
 * @asked: a query went out before, in whatever round
 * @checked: when the module was last asked whether it is still missing
 * @timer: settles on @merged, or has those asked again that were silent
 * @hh: in the table by @key
 */
struct question {
	struct question_key key;
	struct query query;
	struct miss miss;
	struct ask *asks;
	size_t n_asks;
	bool outdated;
	struct merged merged;
	double begun;
	double first_sent;
	double doubt_until;
	bool asked;
	double checked;
	struct timer timer;
	UT_hash_handle hh;
};

static struct question *questions;
static bool left_some;
/* Seconds from the miss until the module was told. */
static struct histogram answer_time;
static struct log_limit no_target_limit;
static struct log_limit put_limit;

static const char *addr_text(__be32 addr)
{
	static char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	return text;
}

/* Being unloaded: that is told once, when it is noticed. */
static bool module_gone(int err)
{
	return err == -ENOTCONN || err == -ENOENT;
}

const struct histogram *questions_answer_time(void)
{
	return &answer_time;
}

size_t questions_count(void)
{
	return HASH_COUNT(questions);
}

static void asks_free(struct question *q)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		ask_end(&q->asks[i]);
	free(q->asks);
	q->asks = NULL;
	q->n_asks = 0;
}

/* ---- settling ---- */

/* Once there is room for what had to be left with the module. */
static void take_left(void)
{
	if (!left_some || questions_count() > config.questions_max / 2)
		return;
	left_some = false;
	module_resync();
}

static void question_free(struct question *q)
{
	asks_free(q);
	timer_stop(&q->timer);
	HASH_DEL(questions, q);
	free(q);
	take_left();
}

static void count_answer(const struct question *q, enum leaseglean_state state)
{
	histogram_note(&answer_time, clock_now() - q->begun);
	if (state == LEASEGLEAN_STATE_ACTIVE)
		counters.put_active++;
	else if (state == LEASEGLEAN_STATE_UNASSIGNED)
		counters.put_unassigned++;
	else
		counters.put_unknown++;
}

/* The miss ended, but the address is missing again. */
static bool missing_again(struct question *q, int err)
{
	/* Refused of a lease in doubt, it stands. */
	return err == -ESTALE && !q->miss.doubt &&
	       module_still_missing(&q->miss) > 0;
}

static int put(struct question *q, struct lease *lease)
{
	int err = module_lease_put(&q->miss, lease);

	/* The port that option 82 named may have gone since. */
	if (err && err != -ESTALE && lease->ifindex) {
		lease->ifindex = 0;
		err = module_lease_put(&q->miss, lease);
	}
	/* What was learned holds for another miss, too. */
	if (missing_again(q, err))
		err = module_lease_put(&q->miss, lease);
	return err;
}

static void go_slow(struct question *q);

/* Tells the module; @q is gone afterwards unless the module refused. */
static void settle(struct question *q, struct lease *lease)
{
	int err = put(q, lease);

	if (missing_again(q, err)) {
		counters.put_errors++;
		go_slow(q);
		return;
	}
	if (!err || err == -ESTALE) {
		if (err)
			counters.put_stale++;
		else
			count_answer(q, lease->state);
		question_free(q);
		return;
	}
	counters.put_errors++;
	if (!module_gone(err))
		log_limited(&put_limit, LOG_ERR, "the module refuses %s: %s",
			    addr_text(q->key.addr), module_why(err));
	go_slow(q);
}

/* It is not asked until its time has come again. */
static bool ask_rests(const struct ask *ask)
{
	return ask->state == ASK_SILENT || ask->state == ASK_ANSWERED;
}

/* Counted from when it was asked last, if it was. */
static void ask_lay_down(struct ask *ask)
{
	if (!ask->tries)
		ask->last_sent = clock_now();
	ask_rest(ask, ASK_SILENT);
}

/* Has those asked again that rest, when the time of the first has come. */
static void rest(struct question *q)
{
	double now = clock_now(), first = now, wait;
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		if (ask_rests(&q->asks[i]) && q->asks[i].last_sent < first)
			first = q->asks[i].last_sent;
	/* The longest jitter included, config.slow is not exceeded. */
	wait = jitter(config.slow / 1.1) - (now - first);
	timer_start(&q->timer, wait > 1. ? wait : 1.);
}

/*
 * Nothing more to be had in this round: wait for the next. A lease in doubt
 * is not worth one, the module asks again if it is claimed again.
 */
static void go_slow(struct question *q)
{
	size_t i;

	if (q->miss.doubt) {
		counters.given_up++;
		question_free(q);
		return;
	}
	for (i = 0; i < q->n_asks; i++)
		if (ask_open(&q->asks[i]))
			ask_lay_down(&q->asks[i]);
	memset(&q->merged, 0, sizeof(q->merged));
	/* Nothing is in flight that a new round would have to wait for. */
	q->outdated = false;
	rest(q);
}

static void settle_unknown(struct question *q)
{
	struct lease lease = {
		.state = LEASEGLEAN_STATE_UNKNOWN,
		.server = q->asks[0].target.server,
		.expires = config.hold_unknown,
	};

	settle(q, &lease);
}

static void question_round(struct question *q);
static void ask_next(struct question *q);

/* Somebody may still answer, or will be asked. */
static bool ask_counts(const struct question *q, const struct ask *ask)
{
	return q->outdated ? ask->state == ASK_SENT : ask_open(ask);
}

static bool is_active(const struct question *q)
{
	return q->merged.lease.state == LEASEGLEAN_STATE_ACTIVE;
}

static void settle_merged(struct question *q)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		ask_lapse(&q->asks[i]);
	merge_age(&q->merged);
	if (is_active(q))
		answer_place(&q->miss, &q->merged.lease);
	settle(q, &q->merged.lease);
}

/*
 * Whether a server may still add to what is merged. Nobody waits for the turn
 * of one that was silent so far: a lease is there, and traffic needs it.
 */
static bool may_add(const struct question *q, const struct ask *ask)
{
	if (!is_active(q))
		return ask_counts(q, ask);
	return ask->state == ASK_SENT ||
	       (ask_counts(q, ask) && server_answers(ask->server));
}

/*
 * How long "no lease" is not the last word: as long as a first query is waited
 * for, also of those that were asked late. Of a lease nobody is, for traffic
 * has waited for it.
 */
static double doubt_until(const struct question *q)
{
	double from = q->first_sent, now = clock_now();
	size_t i;

	for (i = 0; i < q->n_asks; i++) {
		const struct ask *ask = &q->asks[i];

		if (ask->state == ASK_SENT && ask->last_sent > from)
			from = ask->last_sent;
		else if (ask->state == ASK_QUEUED &&
			 server_answers(ask->server))
			from = now;
	}
	return from + config.timeout_first;
}

static void decide_merged(struct question *q)
{
	double until = is_active(q) ? q->first_sent + config.timeout_first :
				      q->doubt_until;
	double left = until - clock_now();
	bool wait = false;
	size_t i;

	for (i = 0; i < q->n_asks && !wait; i++)
		wait = may_add(q, &q->asks[i]);
	if (!wait || left <= 0.)
		settle_merged(q);
	else
		timer_start(&q->timer, left);
}

/* Decides on what the servers said so far; @q may be gone afterwards. */
static void question_decide(struct question *q)
{
	size_t i, open = 0, unknown = 0, resting = 0;

	if (q->merged.lease.state) {
		decide_merged(q);
		return;
	}
	ask_next(q);
	for (i = 0; i < q->n_asks; i++) {
		open += ask_counts(q, &q->asks[i]);
		unknown += q->asks[i].state == ASK_UNKNOWN;
		resting += ask_rests(&q->asks[i]);
	}
	/* Others may keep it open for hours, in a long line. */
	if (open && resting && !q->outdated && !q->miss.doubt)
		rest(q);
	if (open)
		return;
	if (q->outdated)
		question_round(q);
	else if (unknown == q->n_asks)
		settle_unknown(q);
	else
		go_slow(q);
}

/* ---- asking ---- */

/* Its first query is on its way, to a server that has answered so far. */
static bool ask_hopeful(const struct ask *ask)
{
	if (server_in_doubt(ask->server))
		return false;
	return (ask->state == ASK_QUEUED && !ask->tries) ||
	       (ask->state == ASK_SENT && ask->tries == 1);
}

/* Queues those of the least rank that are held; false if there are none. */
static bool ask_rank(struct question *q)
{
	unsigned int rank = UINT_MAX;
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		if (q->asks[i].state == ASK_HELD &&
		    q->asks[i].target.rank < rank)
			rank = q->asks[i].target.rank;
	for (i = 0; i < q->n_asks; i++)
		if (q->asks[i].state == ASK_HELD &&
		    q->asks[i].target.rank == rank)
			ask_queue(&q->asks[i]);
	return rank != UINT_MAX;
}

/* Goes on to those of the next rank where it should not wait any longer. */
static void ask_next(struct question *q)
{
	size_t i;

	if (q->outdated || q->merged.lease.state)
		return;
	do {
		for (i = 0; i < q->n_asks; i++)
			if (ask_hopeful(&q->asks[i]))
				return;
	} while (ask_rank(q));
}

/**
 * questions_fall_back() - a server cannot be counted on any more
 * @server: which; whoever waits for it asks those of the next rank, too
 */
void questions_fall_back(const struct server *server)
{
	struct question *q, *next;
	size_t i;

	HASH_ITER(hh, questions, q, next)
		for (i = 0; i < q->n_asks; i++)
			if (q->asks[i].server == server &&
			    ask_open(&q->asks[i]))
				ask_next(q);
}

/* A retry is for nothing when the lease was gleaned meanwhile. */
static bool still_missing(struct question *q)
{
	double now = clock_now();

	if (now - q->checked < CHECK_SECONDS)
		return true;
	q->checked = now;
	return module_still_missing(&q->miss) != 0;
}

static bool on_wanted(struct ask *ask)
{
	struct question *q = ask->data;

	if (still_missing(q))
		return true;
	counters.given_up++;
	question_free(q);
	return false;
}

static bool on_timed_out(const struct ask *ask)
{
	const struct question *q = ask->data;

	return ask->tries < config.tries && !q->outdated;
}

static void on_sent(struct ask *ask)
{
	struct question *q = ask->data;

	q->asked = true;
	if (q->first_sent <= 0.)
		q->first_sent = ask->last_sent;
	/* It was still to have its turn when another said "no lease". */
	if (q->merged.lease.state && ask->tries == 1)
		q->doubt_until = ask->last_sent + config.timeout_first;
}

static void on_delayed(struct ask *ask)
{
	ask_next(ask->data);
}

static void on_silent(struct ask *ask)
{
	ask_lay_down(ask);
	question_decide(ask->data);
}

static struct managed_key managed_key(const struct question *q,
				      const struct ask *ask)
{
	return (struct managed_key){
		.server = ask->target.server, .addr = q->key.addr,
		.vrf = q->key.vrf,
	};
}

static unsigned int least_rank(const struct question *q)
{
	unsigned int rank = UINT_MAX;
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		if (q->asks[i].target.rank < rank)
			rank = q->asks[i].target.rank;
	return rank;
}

/* That one of the least rank manages it makes no difference to anybody. */
static void note_managed(const struct question *q, const struct ask *ask)
{
	struct managed_key key = managed_key(q, ask);

	if (ask->state == ASK_UNKNOWN)
		managed_note(&key, MANAGED_NO);
	else if (ask->target.rank > least_rank(q))
		managed_note(&key, MANAGED_YES);
	else
		managed_note(&key, MANAGED_UNTOLD);
}

static void on_answered(struct ask *ask, const struct answer *answer)
{
	struct question *q = ask->data;

	note_managed(q, ask);
	if (ask->state != ASK_UNKNOWN) {
		if (!q->merged.lease.state)
			q->doubt_until = doubt_until(q);
		merge(&q->merged, answer);
	}
	question_decide(q);
}

static const struct asker asker = {
	.wanted = on_wanted,
	.more = on_timed_out,
	.sent = on_sent,
	.delayed = on_delayed,
	.silent = on_silent,
	.answered = on_answered,
};

/*
 * Whoever said not to know the address is left alone. Where all have, and it
 * is missed anew, as after the table was cleared, that is all there is to ask.
 */
static void leave_alone(struct question *q)
{
	size_t i, left = 0;

	for (i = 0; i < q->n_asks; i++) {
		struct managed_key key = managed_key(q, &q->asks[i]);

		if (managed_said(&key) != MANAGED_NO)
			continue;
		q->asks[i].state = ASK_UNKNOWN;
		left++;
	}
	if (left < q->n_asks || q->asked)
		return;
	for (i = 0; i < q->n_asks; i++)
		q->asks[i].state = ASK_HELD;
}

/* Nobody waits for others in vain before whoever said to manage the address. */
static void ask_managers(struct question *q)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++) {
		struct managed_key key = managed_key(q, &q->asks[i]);

		if (q->asks[i].state == ASK_HELD &&
		    managed_said(&key) == MANAGED_YES)
			ask_queue(&q->asks[i]);
	}
}

static void round_asks(struct question *q, const struct target *targets,
		       size_t n)
{
	struct ask *asks = calloc(n, sizeof(*asks));
	size_t i, made = 0;

	for (i = 0; asks && i < n; i++) {
		asks[made] = (struct ask){
			.asker = &asker, .data = q, .query = &q->query,
			.vrf = q->key.vrf, .payer = &q->miss.payer,
		};
		made += !ask_init(&asks[made], &targets[i]);
	}
	asks_free(q);
	q->asks = asks;
	q->n_asks = made;
}

/*
 * Asks all targets there are now, or waits until there are some; @q may be
 * gone afterwards.
 */
static void question_round(struct question *q)
{
	struct target targets[TARGETS_MAX];
	size_t i, n = targets_for(q->miss.port, targets, TARGETS_MAX);

	timer_stop(&q->timer);
	q->outdated = false;
	q->first_sent = 0.;
	memset(&q->merged, 0, sizeof(q->merged));
	if (!n)
		log_limited(&no_target_limit, LOG_WARNING,
			    "whom to ask for %s is not known yet: no server is configured, and no relay agent was seen to reach one",
			    addr_text(q->key.addr));
	round_asks(q, targets, n);
	leave_alone(q);
	ask_next(q);
	ask_managers(q);
	for (i = 0; i < q->n_asks && !ask_open(&q->asks[i]); i++)
		;
	/* Nobody to ask, or all have said before that they do not know. */
	if (i == q->n_asks && q->n_asks)
		question_decide(q);
	else if (i == q->n_asks)
		go_slow(q);
}

static bool targets_stand(const struct question *q);

/* Whether it is time to ask it again; jitter shortens config.slow, too. */
static bool ask_due(const struct question *q, const struct ask *ask)
{
	if (ask->state == ASK_UNKNOWN) {
		struct managed_key key = managed_key(q, ask);

		return managed_said(&key) != MANAGED_NO;
	}
	return ask_rests(ask) &&
	       clock_now() - ask->last_sent >= .8 * config.slow;
}

/* Those whose time has come, while others are asked or rest. */
static void ask_again(struct question *q)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++) {
		if (!ask_due(q, &q->asks[i]))
			continue;
		q->asks[i].tries = 0;
		ask_queue(&q->asks[i]);
	}
	rest(q);
}

/* Whether others than those whose time has come are asked or rest. */
static bool goes_on(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		if (ask_open(&q->asks[i]) ||
		    (ask_rests(&q->asks[i]) && !ask_due(q, &q->asks[i])))
			return targets_stand(q);
	return false;
}

static void question_expired(struct timer *timer)
{
	struct question *q = timer->data;

	if (q->merged.lease.state) {
		question_decide(q);
		return;
	}
	/* It goes on by what is in flight. */
	if (q->outdated)
		return;
	q->checked = 0.;
	if (!still_missing(q)) {
		counters.given_up++;
		question_free(q);
		return;
	}
	if (goes_on(q))
		ask_again(q);
	else
		question_round(q);
}

static struct question *question_find(const struct question_key *key)
{
	struct question *q;

	HASH_FIND(hh, questions, key, sizeof(*key), q);
	return q;
}

static struct question *question_new(const struct question_key *key)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->key = *key;
	q->query.key.ciaddr = key->addr;
	q->begun = clock_now();
	timer_init(&q->timer, question_expired, q);
	HASH_ADD(hh, questions, key, sizeof(q->key), q);
	return q;
}

static bool question_asking(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		if (ask_open(&q->asks[i]))
			return true;
	return q->merged.lease.state;
}

/**
 * question_miss() - the module says that an address is missing
 * @miss: which; of one already asked for, what is new is taken over
 *
 * A miss that finds no room stays in the module, and is read from there when
 * there is room again.
 */
void question_miss(const struct miss *miss)
{
	struct question_key key = { .addr = miss->addr, .vrf = miss->vrf };
	struct question *q = question_find(&key);

	if (q) {
		counters.misses_known++;
		q->miss = *miss;
		/* One that waits for its next round would not get it. */
		if (miss->doubt && !question_asking(q))
			question_round(q);
		return;
	}
	if (questions_count() < config.questions_max)
		q = question_new(&key);
	if (!q) {
		counters.misses_full++;
		left_some = true;
		return;
	}
	counters.misses++;
	q->miss = *miss;
	question_round(q);
}

/* Somebody new can be asked: take up what waits for that. */
void questions_targets_changed(void)
{
	struct question *q, *next;

	HASH_ITER(hh, questions, q, next)
		if (!q->n_asks)
			question_round(q);
}

static bool asks_target(const struct question *q, const struct target *target)
{
	size_t i;

	for (i = 0; i < q->n_asks; i++)
		if (q->asks[i].target.server == target->server)
			return q->asks[i].target.rank == target->rank &&
			       !memcmp(q->asks[i].target.giaddrs,
				       target->giaddrs,
				       sizeof(target->giaddrs));
	return false;
}

/* Whether those being asked are those that would be asked now. */
static bool targets_stand(const struct question *q)
{
	struct target targets[TARGETS_MAX];
	size_t i, n = targets_for(q->miss.port, targets, TARGETS_MAX);

	for (i = 0; i < n; i++)
		if (!asks_target(q, &targets[i]))
			return false;
	return n == q->n_asks;
}

/**
 * questions_reconfigured() - other limits or servers are configured
 *
 * What is under way goes on. Where others are to be asked now, that is done at
 * once, or when the queries that are out are answered or timed out: behind a
 * server that does not answer it could wait for hours.
 */
void questions_reconfigured(void)
{
	struct question *q, *next;

	take_left();
	HASH_ITER(hh, questions, q, next) {
		q->outdated = !targets_stand(q);
		/* With that it settles in a moment, by its timer. */
		if (q->outdated && !q->merged.lease.state)
			question_decide(q);
	}
}

/* The module is gone, and with it whoever wanted to know. */
void questions_clear(void)
{
	struct question *q, *next;

	left_some = false;
	HASH_ITER(hh, questions, q, next)
		question_free(q);
}
