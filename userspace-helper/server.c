// SPDX-License-Identifier: GPL-2.0
/*
 * A DHCP server: how much it is asked at a time, and whether it answers.
 *
 * Ports take turns: a subscriber who has many addresses asked for, which
 * nobody answers for perhaps, keeps no other port waiting. The turn is that of
 * the port which has asked, wherever the address lies: else who tries those of
 * another port would stand in that port's line.
 *
 * One that answers is asked as fast as its answers come, config.in_flight at
 * a time. One that is not known to support leasequery gets one query per ten
 * seconds at most and, while anybody needs it, one per minute at least (draft
 * -01, 6.6); one that fell silent is probed faster, as it may only have been
 * restarted. Nothing is sent from a caller's context: the timer does, so
 * that no caller finds its question gone when it comes back.
 */
#include "server.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "ask.h"
#include "config.h"
#include "question.h"

#define SILENT_LIMIT		5
#define UNPROVEN_INTERVAL	10.0
#define UNPROVEN_MAX		48.0
#define SILENT_INTERVAL		1.0
#define SILENT_MAX		10.0
#define BLOCK_FIRST		0.25
#define BLOCK_MAX		5.0

static struct server *servers;

static const char *server_name(const struct server *server)
{
	static char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &server->addr, text, sizeof(text));
	return text;
}

/* Known to support leasequery, and not silent since. */
bool server_answers(const struct server *server)
{
	return server->proven && server->silent < SILENT_LIMIT;
}

/* Nobody should wait for it alone: it was silent too often, or is not reached. */
bool server_in_doubt(const struct server *server)
{
	return server->block > 0. ||
	       server->silent >= (server->proven ? SILENT_LIMIT : 1u);
}

/* Never sooner than @seconds: what jitter there is comes on top. */
static double at_least(double seconds)
{
	return jitter(seconds / 0.9);
}

/* Seconds until the head of the round may go, negative for not foreseeable. */
static double delay(const struct server *server, double now)
{
	double until = server->blocked_until;

	if (server_answers(server)) {
		if (server->in_flight >= config.in_flight)
			return -1.;
	} else {
		if (server->in_flight)
			return -1.;
		if (server->next_send > until)
			until = server->next_send;
	}
	return until > now ? until - now : 0.;
}

static void sent(struct server *server)
{
	double first = server->proven ? SILENT_INTERVAL : UNPROVEN_INTERVAL;
	double max = server->proven ? SILENT_MAX : UNPROVEN_MAX;

	server->in_flight++;
	server->block = 0.;
	if (server_answers(server))
		return;
	server->interval = server->interval > 0. ? server->interval * 2 : first;
	if (server->interval > max)
		server->interval = max;
	server->next_send = clock_now() + at_least(server->interval);
}

/*
 * No route, no carrier, a firewall, too many open queries: not the server's
 * silence. @err is 0 when the reason was told.
 */
static void blocked(struct server *server, int err)
{
	server->block = server->block > 0. ? server->block * 2 : BLOCK_FIRST;
	if (server->block > BLOCK_MAX)
		server->block = BLOCK_MAX;
	server->blocked_until = clock_now() + jitter(server->block);
	if (!err)
		return;
	counters.send_errors++;
	log_limited(&server->reach_limit, LOG_WARNING,
		    "cannot reach server %s: %s; trying on",
		    server_name(server), strerror(-err));
}

static struct line *line_get(struct server *server, uint32_t payer)
{
	struct line *line;

	HASH_FIND(hh, server->lines, &payer, sizeof(payer), line);
	if (line)
		return line;
	line = calloc(1, sizeof(*line));
	if (!line)
		return &server->spare;
	line->payer = payer;
	HASH_ADD(hh, server->lines, payer, sizeof(line->payer), line);
	return line;
}

static void line_leave(struct server *server, struct ask *ask)
{
	struct line *line = ask->line;

	DL_DELETE(line->asks, ask);
	ask->line = NULL;
	server->queued--;
	if (line->asks)
		return;
	DL_DELETE(server->round, line);
	if (line == &server->spare)
		return;
	HASH_DEL(server->lines, line);
	free(line);
}

/* Takes out who is next; @payer is told, as the line may be gone. */
static struct ask *next_turn(struct server *server, uint32_t *payer)
{
	struct line *line = server->round;
	struct ask *ask = line->asks;

	*payer = line->payer;
	DL_DELETE(server->round, line);
	DL_APPEND(server->round, line);
	line_leave(server, ask);
	return ask;
}

/* It could not have its turn: it has the next. */
static void again(struct server *server, struct ask *ask, uint32_t payer)
{
	struct line *line = line_get(server, payer);

	if (line->asks)
		DL_DELETE(server->round, line);
	DL_PREPEND(server->round, line);
	DL_PREPEND(line->asks, ask);
	ask->line = line;
	server->queued++;
}

static void pump(struct timer *timer)
{
	struct server *server = timer->data;
	uint32_t payer;

	while (server->round) {
		double wait = delay(server, clock_now());
		struct ask *ask;
		int err = 0;

		if (wait > 0.)
			timer_start(&server->timer, wait);
		if (wait != 0.)
			return;
		ask = next_turn(server, &payer);
		switch (ask_send(ask, &err)) {
		case ASK_WENT:
			sent(server);
			break;
		case ASK_BLOCKED:
			again(server, ask, payer);
			blocked(server, err);
			questions_fall_back(server);
			break;
		case ASK_WAITS:
		case ASK_ENDED:
			break;
		}
	}
}

static void kick(struct server *server)
{
	if (server->round)
		timer_start(&server->timer, 0.);
}

/**
 * server_get() - a server by its address, made where there is none yet
 * @addr: its address
 *
 * Return: the server, which stays for the daemon's life; NULL without memory.
 */
struct server *server_get(__be32 addr)
{
	struct server *server;

	HASH_FIND(hh, servers, &addr, sizeof(addr), server);
	if (server)
		return server;
	server = calloc(1, sizeof(*server));
	if (!server)
		return NULL;
	server->addr = addr;
	timer_init(&server->timer, pump, server);
	HASH_ADD(hh, servers, addr, sizeof(server->addr), server);
	return server;
}

/* The first of all that were asked; the next is in its hh. */
const struct server *servers_all(void)
{
	return servers;
}

/**
 * server_enqueue() - ask_send() is called when its turn has come
 * @server: the server
 * @ask: who wants to ask it
 * @payer: interface index of the port whose turn it takes; it is last there
 */
void server_enqueue(struct server *server, struct ask *ask, uint32_t payer)
{
	struct line *line = line_get(server, payer);

	if (!line->asks)
		DL_APPEND(server->round, line);
	DL_APPEND(line->asks, ask);
	ask->line = line;
	server->queued++;
	kick(server);
}

void server_dequeue(struct server *server, struct ask *ask)
{
	line_leave(server, ask);
}

static void count_answer(struct server *server, enum leaseglean_state state)
{
	if (state == LEASEGLEAN_STATE_ACTIVE)
		server->active++;
	else if (state == LEASEGLEAN_STATE_UNASSIGNED)
		server->unassigned++;
	else
		server->unknown++;
}

/**
 * server_replayed() - what the replay detection of its answers has to exceed
 * @server: the server
 *
 * Return: most that it was by the key that is set now; each has its own count.
 */
uint64_t server_replayed(const struct server *server)
{
	return auth_same(&server->auth, config_auth(server->addr)) ?
	       server->replay : 0;
}

/* A genuine answer had this in its option 90, or 0 for none. */
void server_replay(struct server *server, uint64_t replay)
{
	if (replay <= server_replayed(server))
		return;
	server->auth = *config_auth(server->addr);
	server->replay = replay;
}

/**
 * server_answered() - it answered a query, in time or late
 * @server: the server
 * @state: what it said
 * @seconds: how long that took
 */
void server_answered(struct server *server, enum leaseglean_state state,
		     double seconds)
{
	count_answer(server, state);
	histogram_note(&server->answer_time, seconds);
	if (!server->proven)
		log_info("server %s answers leasequeries", server_name(server));
	else if (server->silent >= SILENT_LIMIT)
		log_info("server %s answers again", server_name(server));
	server->proven = true;
	server->silent = 0;
	server->interval = 0.;
	server->next_send = 0.;
	kick(server);
}

void server_timed_out(struct server *server)
{
	bool was = server_in_doubt(server);

	if (server->silent < SILENT_LIMIT &&
	    ++server->silent == (server->proven ? SILENT_LIMIT : 1u))
		log_limited(&server->silent_limit, LOG_WARNING,
			    "server %s does not answer; asking on, slowly",
			    server_name(server));
	server_abandoned(server);
	if (!was && server_in_doubt(server))
		questions_fall_back(server);
}

/* A query in flight is waited for no longer. */
void server_abandoned(struct server *server)
{
	if (server->in_flight)
		server->in_flight--;
	kick(server);
}

/* More of them may be in flight now. */
void servers_reconfigured(void)
{
	struct server *server;

	for (server = servers; server; server = server->hh.next)
		kick(server);
}

void servers_free(void)
{
	struct server *server, *next;

	HASH_ITER(hh, servers, server, next) {
		timer_stop(&server->timer);
		HASH_DEL(servers, server);
		free(server);
	}
}
