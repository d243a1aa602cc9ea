// SPDX-License-Identifier: GPL-2.0
/*
 * What is answered to a DHCPLEASEQUERY, in the requestor's dialect. Silence is
 * the answer to whatever is not in order, and to what this host itself is
 * asking its servers for, or may know again once its table is refilled: it has
 * no answer yet, and the requestor asks again.
 */
#include "respond.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "log.h"
#include "recovery.h"

/* Queries by client that one may ask at once: each is a walk of the table. */
#define CLIENTS_BURST	4.

/* Options that a requestor may ask for. */
struct wanted {
	bool all;
	uint8_t n;
	uint8_t codes[UINT8_MAX];
};

/*
 * What outlives another configuration of a requestor, and is forgotten with the
 * daemon: what replay detection of his queries was last, and how many by client
 * he had left at which time.
 */
struct heard {
	__be32 requestor;
	uint64_t replay;
	double tokens;
	double at;
};

static struct heard heard[CONFIG_REQUESTORS_MAX];

/* A query, checked. */
struct query {
	struct lg_dhcp msg;
	struct lg_leasequery keys;
	struct wanted wanted;
	uint8_t client_id[UINT8_MAX];
	uint8_t agent_info[UINT8_MAX];
};

static bool names(const struct wanted *wanted, uint8_t code)
{
	return memchr(wanted->codes, code, wanted->n);
}

static bool wants(const struct wanted *wanted, uint8_t code)
{
	return code && (wanted->all || names(wanted, code));
}

/* Without option 55 it gets what there is, as other servers do. */
static bool read_wanted(const struct lg_dhcp *msg, struct wanted *wanted)
{
	int n = lg_dhcp_option(msg, LG_OPT_PARAM_LIST, wanted->codes,
			       sizeof(wanted->codes));

	wanted->all = n == -ENOENT;
	wanted->n = n > 0 ? (uint8_t)n : 0;
	return n >= 0 || wanted->all;
}

/*
 * RFC 6148 has an option 82 with a remote-id and no more. Relay agents on the
 * way may have added one to a query that has another key, and it is none then.
 */
static bool read_remote_id(struct query *q)
{
	struct lg_leasequery *keys = &q->keys;
	int n, len;

	if (keys->hlen || keys->client_id_len)
		return true;
	n = lg_dhcp_option(&q->msg, LG_OPT_AGENT_INFO, q->agent_info,
			   sizeof(q->agent_info));
	if (n < 0)
		return n == -ENOENT;
	len = lg_agent_suboption(q->agent_info, (size_t)n, LG_AGENT_REMOTE_ID,
				 &keys->remote_id);
	keys->remote_id_len = len > 0 ? (uint8_t)len : 0;
	return len == n - 2;
}

/*
 * An address is asked for whatever else there is: draft -00, 6.2 and draft -01,
 * 6.3 have it. RFC 4388, 6.3 has two keys at once be none.
 */
static bool read_keys(const struct dialect *d, struct query *q)
{
	struct lg_leasequery *keys = &q->keys;
	int n;

	keys->ciaddr = q->msg.ciaddr;
	if (keys->ciaddr && d->id != DIALECT_RFC4388)
		return true;
	keys->htype = q->msg.htype;
	keys->hlen = q->msg.hlen;
	keys->chaddr = q->msg.chaddr;
	n = lg_dhcp_option(&q->msg, LG_OPT_CLIENT_ID, q->client_id,
			   sizeof(q->client_id));
	if (n < 0 && n != -ENOENT)
		return false;
	keys->client_id_len = n > 0 ? (uint8_t)n : 0;
	keys->client_id = q->client_id;
	if (!keys->ciaddr && !read_remote_id(q))
		return false;
	return dialect_has(d, keys);
}

static bool read_query(const struct request *request,
		       const struct config_requestor *from, struct query *q)
{
	memset(&q->keys, 0, sizeof(q->keys));
	if (lg_dhcp_parse(&q->msg, request->message, request->len) !=
	    LG_DHCP_OK)
		return false;
	return q->msg.op == LG_BOOTREQUEST &&
	       q->msg.type == from->dialect.query &&
	       q->msg.giaddr == from->giaddr &&
	       read_wanted(&q->msg, &q->wanted) &&
	       read_keys(&from->dialect, q);
}

/*
 * Of one who is configured nothing may be forgotten, or what he said once could
 * be said again; where there is no room, there is one who is not any more.
 */
static struct heard *heard_of(__be32 requestor)
{
	struct heard *spare = &heard[0];
	size_t i;

	for (i = 0; i < CONFIG_REQUESTORS_MAX && heard[i].requestor; i++) {
		if (heard[i].requestor == requestor)
			return &heard[i];
		if (!config_requestor(heard[i].requestor))
			spare = &heard[i];
	}
	if (i < CONFIG_REQUESTORS_MAX)
		spare = &heard[i];
	*spare = (struct heard){
		.requestor = requestor, .tokens = CLIENTS_BURST,
		.at = clock_now(),
	};
	return spare;
}

static bool is_genuine(const struct request *request,
		       const struct config_requestor *from,
		       const struct query *q)
{
	struct heard *last;
	uint64_t replay;

	if (from->auth.protocol == AUTH_NONE)
		return true;
	last = heard_of(from->addr);
	switch (auth_verify(&from->auth, &q->msg, request->message,
			    request->len, last->replay, &replay)) {
	case AUTH_GENUINE:
		last->replay = replay;
		return true;
	case AUTH_REPLAYED:
		counters.asked_replayed++;
		return false;
	default:
		counters.asked_forged++;
		return false;
	}
}

/* Whether all that there is of an address would be in the table. */
static bool managed(__be32 addr)
{
	return !recovery_waits() &&
	       settings_prefixes_have(config.networks, config.n_networks, addr);
}

/* Whether reservations are asked for: only draft -01 tells them apart. */
static bool reservations(const struct dialect *d, const struct query *q)
{
	return !d->reservation || q->msg.flags & htons(d->reservation);
}

static enum dialect_verdict verdict_of(const struct dialect *d,
				       const struct query *q,
				       const struct known *known)
{
	uint32_t state = known && known->expires ? known->state : 0;

	switch (state) {
	case LEASEGLEAN_STATE_ACTIVE:
		if (known->origin == LEASEGLEAN_ORIGIN_STATIC &&
		    !reservations(d, q))
			return DIALECT_UNKNOWN;
		return DIALECT_ACTIVE;
	case LEASEGLEAN_STATE_UNASSIGNED:
		return DIALECT_UNASSIGNED;
	case LEASEGLEAN_STATE_PENDING:
		return DIALECT_NOTHING;
	default:
		/* Also where servers do not know it: they may not manage it. */
		if (recovery_going_on())
			return DIALECT_NOTHING;
		return managed(q->keys.ciaddr) ? DIALECT_UNASSIGNED :
						 DIALECT_UNKNOWN;
	}
}

/*
 * The table has no T1 and T2; clients that were given none take these parts
 * of the lease (RFC 2131, 4.4.5). One that is over is left out, and as they are
 * made up, so are both where nobody names them.
 */
static bool running(const struct known *known, uint32_t eighths,
		    uint32_t *left)
{
	uint64_t total = (uint64_t)known->age + known->expires;
	uint64_t end = total * eighths / 8;

	*left = end > known->age ? (uint32_t)(end - known->age) : 0;
	return *left;
}

static void write_timers(struct lg_leasequery_reply *r,
			 const struct wanted *wanted,
			 const struct known *known)
{
	if (known->expires == UINT32_MAX) {
		r->t1 = UINT32_MAX;
		r->t2 = UINT32_MAX;
		r->has_t1 = names(wanted, LG_OPT_T1);
		r->has_t2 = names(wanted, LG_OPT_T2);
		return;
	}
	r->has_t1 = names(wanted, LG_OPT_T1) &&
		    running(known, 4, &r->t1);
	r->has_t2 = names(wanted, LG_OPT_T2) &&
		    running(known, 7, &r->t2);
}

/*
 * When the client was last heard of is known of what was gleaned, and of what
 * was learnt from servers that told.
 */
static void write_times(struct lg_leasequery_reply *r, const struct dialect *d,
			const struct wanted *wanted, const struct known *known)
{
	/* In the drafts it is what says that there is a lease. */
	r->has_lease_time = d->active == d->unassigned ||
			    wants(wanted, LG_OPT_LEASE_TIME);
	r->lease_time = known->expires;
	if (!known->dated)
		return;
	if (wants(wanted, d->last_transaction))
		r->cltt_code = d->last_transaction;
	r->cltt = known->age;
	write_timers(r, wanted, known);
}

static void write_lease(struct lg_leasequery_reply *r, const struct dialect *d,
			const struct wanted *wanted, const struct known *known)
{
	r->ciaddr = known->addr;
	r->htype = known->htype;
	r->hlen = known->hlen;
	r->chaddr = known->hwaddr;
	if (known->origin == LEASEGLEAN_ORIGIN_STATIC)
		r->flags = htons(d->reservation);
	write_times(r, d, wanted, known);
	if (wants(wanted, LG_OPT_CLIENT_ID)) {
		r->client_id = known->client_id;
		r->client_id_len = known->client_id_len;
	}
	if (wants(wanted, LG_OPT_AGENT_INFO)) {
		r->agent_info = known->agent_info;
		r->agent_info_len = known->agent_info_len;
	}
}

/*
 * DHCPUNKNOWN has no other options (draft -01, 6.4; RFC 4388, 6.4), but for
 * the remote-id that was asked for (RFC 6148, 4.3).
 */
static int write_reply(struct lg_leasequery_reply *r,
		       const struct request *request, const struct query *q,
		       const struct config_requestor *from,
		       enum dialect_verdict verdict, uint8_t *buf, size_t size)
{
	const struct dialect *d = &from->dialect;
	uint8_t auth[LG_OPTION_MAX];
	int len;

	r->xid = q->msg.xid;
	r->giaddr = q->msg.giaddr;
	if (verdict != DIALECT_UNKNOWN)
		r->server_id = request->server;
	switch (verdict) {
	case DIALECT_ACTIVE:
		counters.answered_active++;
		r->type = d->active;
		break;
	case DIALECT_UNASSIGNED:
		counters.answered_unassigned++;
		r->type = d->unassigned;
		break;
	default:
		counters.answered_unknown++;
		r->type = d->unknown;
		break;
	}
	r->auth = auth;
	r->auth_len = auth_option(&from->auth, auth);
	r->n_associated = lg_leasequery_reply_room(r);
	len = lg_leasequery_reply_build(buf, size, r);
	if (len > 0)
		auth_sign(&from->auth, buf, (size_t)len);
	return len;
}

static int by_address(const struct request *request, const struct query *q,
		      const struct config_requestor *from, uint8_t *buf,
		      size_t size)
{
	const struct dialect *d = &from->dialect;
	enum dialect_verdict verdict = verdict_of(d, q, request->known);
	struct lg_leasequery_reply r = { .ciaddr = q->keys.ciaddr };

	if (verdict == DIALECT_NOTHING) {
		counters.asked_pending++;
		return 0;
	}
	if (verdict == DIALECT_ACTIVE)
		write_lease(&r, d, &q->wanted, request->known);
	return write_reply(&r, request, q, from, verdict, buf, size);
}

/*
 * Each is a walk of all of the table: section 5 of draft -01 has them rare.
 * Each requestor has a budget of his own, so that none can use up another's.
 */
static bool may_walk(const struct config_requestor *from)
{
	struct heard *asks = heard_of(from->addr);
	double now = clock_now();

	asks->tokens += (now - asks->at) * config.client_queries;
	asks->at = now;
	if (asks->tokens > CLIENTS_BURST)
		asks->tokens = CLIENTS_BURST;
	if (!config.client_queries || asks->tokens < 1.) {
		counters.asked_throttled++;
		return false;
	}
	asks->tokens -= 1.;
	return true;
}

/* Whose leases they are that a query is about. */
static void read_client(struct client *client, const struct request *request,
			const struct dialect *d, const struct query *q)
{
	const struct lg_leasequery *keys = &q->keys;

	*client = (struct client){
		.xid = q->msg.xid, .vrf = request->vrf,
		.htype = keys->htype, .hlen = keys->hlen,
		.client_id_len = keys->client_id_len,
		.remote_id_len = keys->remote_id_len,
		.reservations = reservations(d, q),
	};
	memcpy(client->hwaddr, keys->chaddr, keys->hlen);
	memcpy(client->client_id, keys->client_id, keys->client_id_len);
	if (keys->remote_id_len)
		memcpy(client->remote_id, keys->remote_id,
		       keys->remote_id_len);
}

/**
 * respond() - the answer to a query
 * @request: the query, and what the module knows
 * @client: filled in where there is none before its leases are found
 * @buf: the answer is written here
 * @size: bytes that it holds, LG_LEASEQUERY_REPLY_MAX or more
 *
 * Whom the query is from, its type, its giaddr and how it is authenticated
 * have to be as configured, and its keys as the dialect has them.
 *
 * Return: length of the answer, 0 for silence, which is counted, or
 * -EINPROGRESS where respond_found() has it once @client's leases are found.
 */
int respond(const struct request *request, struct client *client,
	    uint8_t *buf, size_t size)
{
	const struct config_requestor *from;
	struct query q;
	int len;

	counters.asked++;
	from = config_requestor(request->requestor);
	if (!from || !read_query(request, from, &q)) {
		counters.asked_refused++;
		return 0;
	}
	if (!is_genuine(request, from, &q))
		return 0;
	if (!q.keys.ciaddr) {
		if (!may_walk(from))
			return 0;
		read_client(client, request, &from->dialect, &q);
		return -EINPROGRESS;
	}
	len = by_address(request, &q, from, buf, size);
	return len > 0 ? len : 0;
}

static void keep_newest(struct leases_found *found, const struct known *known)
{
	struct known *newest = &found->newest;

	*newest = *known;
	found->at = clock_now();
	if (known->hlen)
		memcpy(found->hwaddr, known->hwaddr, known->hlen);
	if (known->client_id_len)
		memcpy(found->client_id, known->client_id,
		       known->client_id_len);
	if (known->agent_info_len)
		memcpy(found->agent_info, known->agent_info,
		       known->agent_info_len);
	newest->hwaddr = found->hwaddr;
	newest->client_id = found->client_id;
	newest->agent_info = found->agent_info;
}

/*
 * What he was heard of with last comes first (RFC 4388, 6.4.1), whichever is
 * found when; of what it is not known that may be long ago. What is reserved
 * for a client comes after all.
 */
static uint64_t rank_of(const struct known *known)
{
	uint64_t class = known->origin == LEASEGLEAN_ORIGIN_STATIC ? 3 :
			 known->dated ? 1 : 2;

	return (class << 62) + known->age - (uint64_t)clock_now();
}

/**
 * found_add() - another lease of a client
 * @found: those before it; the oldest goes where there is no room
 * @known: it; kept as @found->newest if it is
 *
 * One whose time is over by now is none.
 */
void found_add(struct leases_found *found, const struct known *known)
{
	unsigned int at = found->n, rest;
	uint64_t rank = rank_of(known);

	if (!known->expires)
		return;
	while (at && found->rank[at - 1] > rank)
		at--;
	if (at == LG_ASSOCIATED_MAX)
		return;
	if (found->n < LG_ASSOCIATED_MAX)
		found->n++;
	rest = found->n - 1 - at;
	memmove(&found->addr[at + 1], &found->addr[at],
		rest * sizeof(found->addr[0]));
	memmove(&found->rank[at + 1], &found->rank[at],
		rest * sizeof(found->rank[0]));
	found->addr[at] = known->addr;
	found->rank[at] = rank;
	if (!at)
		keep_newest(found, known);
}

/* Where there are others, RFC 4388, 6.4.2 has it told even to who asks not. */
static bool wants_associated(const struct dialect *d,
			     const struct wanted *wanted, unsigned int n)
{
	return wants(wanted, d->associated_ip) ||
	       (d->id == DIALECT_RFC4388 && n > 1);
}

/* A walk takes its time, which the lease that it found has less now, if any. */
static bool found_holds(struct known *known, const struct leases_found *found)
{
	uint32_t passed = (uint32_t)(clock_now() - found->at);

	*known = found->newest;
	known->age += passed;
	if (known->expires == UINT32_MAX)
		return true;
	if (known->expires <= passed)
		return false;
	known->expires -= passed;
	return true;
}

static int by_client(const struct request *request, const struct query *q,
		     const struct config_requestor *from,
		     const struct leases_found *found, uint8_t *buf,
		     size_t size)
{
	const struct dialect *d = &from->dialect;
	struct lg_leasequery_reply r = { .ciaddr = 0 };
	struct known newest;

	if (!found->n && recovery_going_on()) {
		counters.asked_pending++;
		return 0;
	}
	if (!found->n) {
		r.agent_info = q->agent_info;
		r.agent_info_len = q->keys.remote_id_len ?
				   (uint8_t)(2 + q->keys.remote_id_len) : 0;
		return write_reply(&r, request, q, from, DIALECT_UNKNOWN, buf,
				   size);
	}
	if (!found_holds(&newest, found)) {
		counters.asked_failed++;
		return 0;
	}
	write_lease(&r, d, &q->wanted, &newest);
	if (wants_associated(d, &q->wanted, found->n)) {
		r.associated_code = d->associated_ip;
		r.associated = found->addr;
		r.n_associated = (uint8_t)found->n;
	}
	return write_reply(&r, request, q, from, DIALECT_ACTIVE, buf, size);
}

/**
 * respond_found() - the answer to a query by client
 * @request: for which respond() had a client looked for
 * @found: the client's leases
 * @buf: the answer is written here
 * @size: bytes that it holds, LG_LEASEQUERY_REPLY_MAX or more
 *
 * Return: length of the answer, or 0 for silence.
 */
int respond_found(const struct request *request,
		  const struct leases_found *found, uint8_t *buf, size_t size)
{
	const struct config_requestor *from;
	struct query q;
	int len;

	from = config_requestor(request->requestor);
	if (!from || !read_query(request, from, &q))
		return 0;
	len = by_client(request, &q, from, found, buf, size);
	return len > 0 ? len : 0;
}
