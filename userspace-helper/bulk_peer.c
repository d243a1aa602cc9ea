// SPDX-License-Identifier: GPL-2.0
/*
 * The servers that are asked for all at once (RFC 6926), each at its pace:
 * one connection to each, on it one query after the other.
 *
 *	connect --> query --> leases ... DONE --> the next query, or over
 *	   ^                    |
 *	   +---- a while later -+-- broken: the same query again
 *
 * A query that was broken is asked again whole (RFC 6926, 4), as servers may
 * tell leases in any order (Kea does by address); of one that is known to tell
 * them in the order of their last transaction, from there on.
 */
#include "bulk_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "bulk.h"
#include "bulk_io.h"
#include "bulk_merge.h"
#include "clock.h"
#include "config.h"
#include "log.h"
#include "target.h"

/*
 * BULK_LQ_DATA_TIMEOUT (RFC 6926, 6.3), for it may search all its leases
 * before it says anything; one whose host is gone is seen earlier.
 */
#define SILENCE_SECONDS	300.0
#define CONNECT_SECONDS	10.0
#define RETRY_FIRST	1.0
#define RETRY_MAX	60.0
/* In a row, without anything won by them: some five minutes. */
#define TRIES_MAX	10
/*
 * One that says nothing has had as long each time, and others wait: what is
 * asked of this host, and the snapshot behind it.
 */
#define SILENCE_TRIES	5

/**
 * struct bulk_peer - a server
 * @prev: of all
 * @next: of all
 * @addr: its address
 * @set: how it is asked
 * @from: address of this host that is set for it, or 0
 * @io: the connection, NULL while there is none
 * @timer: it has been silent for too long; or it is time to try again
 * @stream: what the connection brought
 * @query: index of what is being asked
 * @xid: of the query, host order
 * @since: what the query began with, second of the server's clock
 * @last: last transaction of the last lease that it told of, likewise
 * @asked: when the query was sent, 0 on a connection that has none yet
 * @lag: least difference seen between our clock and its base time, seconds
 * @has_lag: there is one
 * @tries: in vain
 * @wait: before the next, seconds
 * @over: it has told all it will
 * @whole: and that was all
 */
struct bulk_peer {
	struct bulk_peer *prev;
	struct bulk_peer *next;
	__be32 addr;
	struct config_bulk set;
	__be32 from;
	struct bulk_io *io;
	struct timer timer;
	struct bulk_stream stream;
	unsigned int query;
	uint32_t xid;
	uint32_t since;
	uint32_t last;
	double asked;
	double lag;
	bool has_lag;
	unsigned int tries;
	double wait;
	bool over;
	bool whole;
};

static const struct bulk_ops *bulk_ops;
static struct bulk_peer *peers;
static unsigned int n_peers;
static struct timer end_timer;
static bool running;

static const char *peer_name(const struct bulk_peer *peer)
{
	static char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &peer->addr, text, sizeof(text));
	return text;
}

static const struct config_bulk_id *peer_id(const struct bulk_peer *peer)
{
	return peer->set.n_ids ? &peer->set.ids[peer->query] : NULL;
}

static const char *query_name(const struct bulk_peer *peer)
{
	const struct config_bulk_id *id = peer_id(peer);

	if (!id)
		return "for all";
	return id->code == LG_AGENT_RELAY_ID ? "by relay-id" : "by remote-id";
}

/* ---- the end of it ---- */

static bool all_over(void)
{
	const struct bulk_peer *peer;

	DL_FOREACH(peers, peer)
		if (!peer->over)
			return false;
	return true;
}

static void peer_hang_up(struct bulk_peer *peer)
{
	timer_stop(&peer->timer);
	peer->stream.skip = 0;
	peer->stream.len = 0;
	peer->has_lag = false;
	if (peer->io)
		bulk_io_close(peer->io);
	peer->io = NULL;
}

/* The rest from the loop: whoever called still uses the peer. */
static void peer_over(struct bulk_peer *peer)
{
	peer_hang_up(peer);
	peer->over = true;
	if (all_over())
		timer_start(&end_timer, 0.);
}

static void end(struct timer *timer)
{
	const struct bulk_peer *peer;
	bool whole = true;

	(void)timer;
	DL_FOREACH(peers, peer)
		whole &= peer->whole;
	bulk_stop();
	bulk_ops->ended(whole);
}

/* ---- leases ---- */

/*
 * Seconds that a message took here: it lay in buffers meanwhile, but no longer
 * than it was asked for, whatever is done to the server's clock. This host's
 * wall clock, which may be set just now, has no part in it.
 */
static uint32_t transit(struct bulk_peer *peer, const struct bulk_message *m)
{
	double now = clock_now(), lag = now - m->base;

	if (!m->has_base)
		return 0;
	if (!peer->has_lag || lag < peer->lag)
		peer->lag = lag;
	peer->has_lag = true;
	lag -= peer->lag;
	return (uint32_t)(lag < now - peer->asked ? lag : now - peer->asked);
}

/* Of one of the networks that it is asked about. */
static bool in_subnets(const struct bulk_peer *peer, __be32 addr)
{
	return !peer->set.n_subnets ||
	       settings_prefixes_have(peer->set.subnets, peer->set.n_subnets,
				      addr);
}

/* What is left of a lease; false for none. */
static bool time_left(struct lease *lease, uint32_t gone)
{
	if (lease->state != LEASEGLEAN_STATE_ACTIVE)
		lease->expires = config.hold_unassigned;
	else if (lease->expires != UINT32_MAX)
		lease->expires -= gone < lease->expires ? gone : lease->expires;
	return lease->expires;
}

/* Whether the module is to be told; several servers may speak of one address. */
static bool is_news(struct bulk_word *word)
{
	if (n_peers > 1)
		return bulk_merge(word);
	return word->lease.state == LEASEGLEAN_STATE_ACTIVE;
}

static void lease_take(struct bulk_peer *peer, const struct bulk_message *m)
{
	uint32_t gone = transit(peer, m);
	struct bulk_word word = {
		.addr = m->addr, .lease = m->lease, .dated = m->dated,
		.since = clock_now() - gone - m->ago, .remote = m->remote,
	};
	bool active = m->lease.state == LEASEGLEAN_STATE_ACTIVE;

	if (m->has_last)
		peer->last = m->last;
	word.lease.server = peer->addr;
	if (word.lease.last_transaction < UINT32_MAX - gone)
		word.lease.last_transaction += gone;
	if (!in_subnets(peer, m->addr)) {
		if (active)
			bulk_ops->dropped(RECOVERY_ROUTE);
	} else if (!time_left(&word.lease, gone)) {
		bulk_ops->dropped(RECOVERY_EXPIRED);
	} else if (is_news(&word)) {
		bulk_ops->lease(word.addr, &word.lease);
	} else if (active) {
		bulk_ops->dropped(RECOVERY_KNOWN);
	}
}

/* ---- queries ---- */

static void peer_broken(struct bulk_peer *peer, int err);

static void query_send(struct bulk_peer *peer)
{
	struct bulk_query q = { .id = peer_id(peer), .since = peer->since };
	uint8_t buf[BULK_QUERY_MAX];
	int err;

	peer->xid = random_u32();
	q.xid = peer->xid;
	peer->last = 0;
	peer->asked = clock_now();
	err = bulk_io_send(peer->io, buf,
			   (size_t)bulk_query_build(buf, &q));
	if (err)
		peer_broken(peer, err);
	else
		timer_start(&peer->timer, SILENCE_SECONDS);
}

/* Of the next query all is to be asked. */
static void query_over(struct bulk_peer *peer)
{
	peer->query++;
	peer->since = 0;
	peer->tries = 0;
	peer->wait = 0.;
	if (peer->query >= peer->set.n_ids)
		peer_over(peer);
	else
		query_send(peer);
}

static void query_refused(struct bulk_peer *peer,
			  const struct bulk_message *m)
{
	log_warn("server %s refuses bulk leasequery %s: status %u%s%s",
		 peer_name(peer), query_name(peer), m->status,
		 *m->text ? ", " : "", m->text);
	peer->whole = false;
	query_over(peer);
}

/* Whether the stream goes on, to the same query or to the next. */
static bool on_message(const uint8_t *message, size_t len, void *data)
{
	struct bulk_peer *peer = data;
	struct bulk_message m;

	/* Not for each byte: one that drips would be waited for without end. */
	timer_start(&peer->timer, SILENCE_SECONDS);
	switch (bulk_read(peer->xid, message, len, &m)) {
	case BULK_LEASE:
		lease_take(peer, &m);
		break;
	case BULK_OTHER:
		break;
	case BULK_DONE:
		query_over(peer);
		break;
	case BULK_REFUSED:
		query_refused(peer, &m);
		break;
	case BULK_TERMINATED:
		peer_broken(peer, -ECONNRESET);
		break;
	case BULK_BAD:
		peer_broken(peer, -EBADMSG);
		break;
	}
	return peer->io;
}

/* ---- the connection ---- */

/* Where from, as the relay agent asks, or whichever the routes say. */
static __be32 peer_source(const struct bulk_peer *peer)
{
	struct target targets[TARGETS_MAX];
	size_t i, n;

	if (peer->from)
		return peer->from;
	n = targets_for("", targets, TARGETS_MAX);
	for (i = 0; i < n; i++)
		if (targets[i].server == peer->addr)
			return targets[i].giaddrs[peer->tries %
						  targets[i].n_giaddrs];
	return 0;
}

static void peer_connect(struct bulk_peer *peer)
{
	int err;

	peer->asked = 0.;
	peer->io = bulk_io_open(peer, peer->addr, peer->set.port,
				peer_source(peer), &err);
	if (peer->io)
		timer_start(&peer->timer, CONNECT_SECONDS);
	else
		peer_broken(peer, err);
}

static void peer_timer(struct timer *timer)
{
	struct bulk_peer *peer = timer->data;

	if (peer->io && peer->asked > 0.)
		peer->tries += SILENCE_TRIES - 1;
	if (peer->io)
		peer_broken(peer, -ETIMEDOUT);
	else
		peer_connect(peer);
}

/* What is known of the query is worth something only if it has an order. */
static void peer_broken(struct bulk_peer *peer, int err)
{
	bool won = peer->set.by_time && peer->last > peer->since;

	if (won) {
		peer->since = peer->last;
		peer->tries = 0;
		peer->wait = 0.;
	}
	peer_hang_up(peer);
	if (++peer->tries >= TRIES_MAX) {
		log_warn("bulk leasequery of server %s: %s; given up, addresses are asked for as traffic needs them",
			 peer_name(peer), strerror(-err));
		peer->whole = false;
		peer_over(peer);
		return;
	}
	log_debug("bulk leasequery of server %s: %s; trying on",
		  peer_name(peer), strerror(-err));
	peer->wait = peer->wait > 0. ? peer->wait * 2 : RETRY_FIRST;
	if (peer->wait > RETRY_MAX)
		peer->wait = RETRY_MAX;
	timer_start(&peer->timer, jitter(peer->wait));
}

void bulk_connected(struct bulk_peer *peer)
{
	query_send(peer);
}

void bulk_data(struct bulk_peer *peer, const uint8_t *bytes, size_t len)
{
	if (!bulk_stream_feed(&peer->stream, bytes, len, on_message, peer) &&
	    peer->io)
		peer_broken(peer, -EBADMSG);
	bulk_ops->pause();
}

/* The other side has closed it, or cannot be reached. */
void bulk_closed(struct bulk_peer *peer, int err)
{
	peer_broken(peer, err ? err : -ECONNRESET);
}

/* ---- beginning and end ---- */

static void peer_add(const struct config_server *server)
{
	struct bulk_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return;
	peer->addr = server->addr;
	peer->set = server->bulk;
	peer->from = server->giaddr;
	if (!peer->from && server->n_for_giaddrs)
		peer->from = server->for_giaddrs[0];
	peer->whole = true;
	timer_init(&peer->timer, peer_timer, peer);
	DL_APPEND(peers, peer);
	n_peers++;
	timer_start(&peer->timer, 0.);
}

/**
 * bulk_start() - ask the servers that are set for all that they have leased
 * @ops: kept
 *
 * All that comes of it comes from the loop.
 */
void bulk_start(const struct bulk_ops *ops)
{
	size_t i;

	bulk_ops = ops;
	running = true;
	timer_init(&end_timer, end, NULL);
	for (i = 0; i < config.n_servers; i++)
		if (config.servers[i].bulk.on)
			peer_add(&config.servers[i]);
	if (!peers)
		timer_start(&end_timer, 0.);
}

/* Whatever was begun is given up. */
void bulk_stop(void)
{
	struct bulk_peer *peer, *next;

	if (!running)
		return;
	running = false;
	timer_stop(&end_timer);
	DL_FOREACH_SAFE(peers, peer, next) {
		peer_hang_up(peer);
		DL_DELETE(peers, peer);
		free(peer);
	}
	n_peers = 0;
	bulk_merge_forget();
}
