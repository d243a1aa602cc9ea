// SPDX-License-Identifier: GPL-2.0
/*
 * What an operator wants to know: asked of all servers, by any key. It waits
 * for its turn like the questions that traffic raises, and tells each server's
 * answer. Nothing of it goes to the module.
 *
 * Servers answer by address at once, but may have to search for the other keys:
 * such questions are kept rare (draft -01, 5).
 */
#include "lookup.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "config.h"
#include "module.h"
#include "server.h"

#define HTYPE_ETHERNET	1
/* Questions by other keys than the address: at once, and seconds for each. */
#define HEAVY_BURST	10.0
#define HEAVY_SECONDS	6.0

/* It takes no port's turn. */
static const uint32_t nobody;
static const char no_such_query[] = "its dialect has no query by such a key";
static struct lookup *lookups;
static double heavy_spent;
static double heavy_since;

/* ---- how often ---- */

static bool is_heavy(const struct lookup_request *request)
{
	return !request->addr;
}

static bool heavy_allowed(void)
{
	double now = clock_now();

	heavy_spent -= (now - heavy_since) / HEAVY_SECONDS;
	if (heavy_spent < 0.)
		heavy_spent = 0.;
	heavy_since = now;
	return heavy_spent + 1. <= HEAVY_BURST;
}

/* ---- the end ---- */

/* Takes it out, and frees it. */
void lookup_end(struct lookup *lookup)
{
	size_t i;

	timer_stop(&lookup->timer);
	for (i = 0; i < lookup->n_servers; i++)
		ask_end(&lookup->servers[i].ask);
	DL_DELETE(lookups, lookup);
	free(lookup->servers);
	free(lookup);
}

static void decide(struct lookup *lookup)
{
	size_t i;

	for (i = 0; i < lookup->n_servers; i++)
		if (ask_open(&lookup->servers[i].ask))
			return;
	lookup->done(lookup);
}

static const char *why_not_asked(const struct ask *ask)
{
	if (ask->state == ASK_PAUSED)
		return "there is no address of this host to ask it from now";
	if (ask->server->block > 0.)
		return "it cannot be reached now";
	return "its turn did not come in time";
}

/* Nothing more is waited for. @reason is NULL where each has its own. */
static void give_up(struct lookup *lookup, const char *reason)
{
	size_t i;

	for (i = 0; i < lookup->n_servers; i++) {
		struct lookup_server *server = &lookup->servers[i];

		if (!ask_open(&server->ask))
			continue;
		if (reason)
			server->reason = reason;
		else if (!server->ask.tries)
			server->reason = why_not_asked(&server->ask);
		ask_rest(&server->ask, ASK_SILENT);
	}
	lookup->done(lookup);
}

static void time_is_over(struct timer *timer)
{
	give_up(timer->data, NULL);
}

/**
 * lookups_give_up() - no answer can come any more
 * @reason: why
 */
void lookups_give_up(const char *reason)
{
	struct lookup *lookup, *next;

	DL_FOREACH_SAFE(lookups, lookup, next)
		give_up(lookup, reason);
}

/**
 * lookups_forget() - whoever asked has gone
 * @data: of his lookups, which end without a word
 */
void lookups_forget(const void *data)
{
	struct lookup *lookup, *next;

	DL_FOREACH_SAFE(lookups, lookup, next)
		if (lookup->data == data)
			lookup_end(lookup);
}

/* Without a word to whoever asked. */
void lookups_free(void)
{
	while (lookups)
		lookup_end(lookups);
	heavy_spent = 0.;
	heavy_since = 0.;
}

/* ---- asking ---- */

static bool can_be_asked(const struct query *query, const struct target *target)
{
	return dialect_has(config_dialect(target->server), &query->key);
}

static bool on_wanted(struct ask *ask)
{
	(void)ask;
	return true;
}

static bool on_timed_out(const struct ask *ask)
{
	return ask->tries < config.tries;
}

/* All are asked from the beginning on. */
static void nothing_to_do(struct ask *ask)
{
	(void)ask;
}

static struct lookup_server *server_of(struct lookup *lookup,
				       const struct ask *ask)
{
	struct lookup_server *server = lookup->servers;

	while (&server->ask != ask)
		server++;
	return server;
}

static void on_silent(struct ask *ask)
{
	struct lookup *lookup = ask->data;

	if (!can_be_asked(&lookup->query, &ask->target))
		server_of(lookup, ask)->reason = no_such_query;
	decide(lookup);
}

static void on_answered(struct ask *ask, const struct answer *answer)
{
	struct lookup *lookup = ask->data;
	struct lookup_server *server = server_of(lookup, ask);

	server->answer = *answer;
	server->seconds = clock_now() - ask->first_sent;
	server->reason = NULL;
	if (ask->state != ASK_UNKNOWN)
		merge(&lookup->merged, answer);
	decide(lookup);
}

static const struct asker asker = {
	.wanted = on_wanted,
	.more = on_timed_out,
	.sent = nothing_to_do,
	.delayed = nothing_to_do,
	.silent = on_silent,
	.answered = on_answered,
};

static void query_from(struct query *query, const struct lookup_request *r)
{
	*query = (struct query){
		.all = true,
		.key = {
			.ciaddr = r->addr,
			.htype = r->hlen ? HTYPE_ETHERNET : 0,
			.hlen = r->hlen,
			.chaddr = r->hwaddr,
			.client_id_len = (uint8_t)r->client_id_len,
			.client_id = r->client_id,
			.remote_id_len = (uint8_t)r->remote_id_len,
			.remote_id = r->remote_id,
		},
	};
}

static const char *find_targets(const struct lookup_request *r,
				struct target *targets, size_t *n)
{
	size_t i;

	for (*n = 0; *n < r->n_servers; (*n)++)
		target_for(r->servers[*n], &targets[*n]);
	if (!r->n_servers)
		*n = targets_all(targets, TARGETS_MAX);
	for (i = 0; i < *n; i++) {
		if (r->giaddr) {
			targets[i].giaddrs[0] = r->giaddr;
			targets[i].n_giaddrs = 1;
		}
		if (!targets[i].n_giaddrs)
			return "where to ask from is not known: give a giaddr";
	}
	if (!*n)
		return "whom to ask is not known: no server is set, and no relay agent was seen";
	return NULL;
}

static const char *check_dialects(const struct query *query,
				  const struct target *targets, size_t n)
{
	while (n)
		if (can_be_asked(query, &targets[--n]))
			return NULL;
	return "no server has queries by such a key in its dialect";
}

static const char *check(const struct lookup_request *r)
{
	if (!module_attached())
		return "the kernel module is not loaded, and without it no answer is heard";
	if (r->giaddr && query_source(r->vrf, r->giaddr))
		return "the giaddr is not an address of this host";
	if (is_heavy(r) && !heavy_allowed())
		return "too many queries by other keys than the address: wait some seconds";
	return NULL;
}

static bool add_servers(struct lookup *lookup, const struct target *targets,
			size_t n)
{
	lookup->servers = calloc(n, sizeof(*lookup->servers));
	if (!lookup->servers)
		return false;
	for (; lookup->n_servers < n; lookup->n_servers++) {
		struct lookup_server *server =
			&lookup->servers[lookup->n_servers];

		server->ask = (struct ask){
			.asker = &asker, .data = lookup,
			.query = &lookup->query, .vrf = lookup->request.vrf,
			.payer = &nobody,
		};
		if (ask_init(&server->ask, &targets[lookup->n_servers]))
			return false;
	}
	return true;
}

static struct lookup *lookup_new(const struct lookup_request *request)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup)
		return NULL;
	lookup->request = *request;
	query_from(&lookup->query, &lookup->request);
	timer_init(&lookup->timer, time_is_over, lookup);
	DL_APPEND(lookups, lookup);
	return lookup;
}

/**
 * lookup_begin() - ask
 * @request: what, and whom
 * @done: called when there is nothing more to wait for, never from here
 * @data: for it
 *
 * Return: NULL, or why nothing is asked.
 */
const char *lookup_begin(const struct lookup_request *request,
			 void (*done)(struct lookup *lookup), void *data)
{
	struct target targets[TARGETS_MAX];
	struct lookup *lookup;
	const char *reason;
	struct query query;
	size_t i, n;

	query_from(&query, request);
	reason = check(request);
	if (!reason)
		reason = find_targets(request, targets, &n);
	if (!reason)
		reason = check_dialects(&query, targets, n);
	if (reason)
		return reason;
	lookup = lookup_new(request);
	if (!lookup)
		return "out of memory";
	if (!add_servers(lookup, targets, n)) {
		lookup_end(lookup);
		return "out of memory";
	}
	lookup->done = done;
	lookup->data = data;
	heavy_spent += is_heavy(request);
	timer_start(&lookup->timer, request->seconds);
	for (i = 0; i < n; i++) {
		if (can_be_asked(&lookup->query, &targets[i]))
			ask_queue(&lookup->servers[i].ask);
		else
			lookup->servers[i].reason = no_such_query;
	}
	return NULL;
}

/**
 * lookup_verdict() - what the servers say together
 * @lookup: which
 *
 * Return: enum leaseglean_state, 0 where they were silent. Unknown is what all
 * of them have to say.
 */
enum leaseglean_state lookup_verdict(const struct lookup *lookup)
{
	size_t i;

	if (lookup->merged.lease.state)
		return lookup->merged.lease.state;
	for (i = 0; i < lookup->n_servers; i++)
		if (lookup->servers[i].ask.state != ASK_UNKNOWN)
			return 0;
	return LEASEGLEAN_STATE_UNKNOWN;
}
