// SPDX-License-Identifier: GPL-2.0
/*
 * Walks of the module's table for all leases of a client. Each looks at every
 * lease that there is, so it goes on a piece at a time, and whatever else the
 * daemon has to do comes in between. One is under way; others wait for it.
 */
#include "walk.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <ev.h>

#include "clock.h"
#include "module.h"
#include "netlink.h"

/* Of a million leases it takes a fraction of a second. */
#define WALK_SECONDS	10.
/* The table may change under a walk, which then begins anew. */
#define WALK_TRIES	4

/**
 * struct job - a walk
 * @request: what it is for; its message is below, and it knows nothing
 * @client: who is looked for
 * @message: what was asked
 */
struct job {
	struct request request;
	struct client client;
	uint8_t message[LEASEGLEAN_ANSWER_MAX];
};

/* The first is under way. */
static struct job jobs[WALKS_MAX];
static unsigned int first, n_jobs;

static struct job *job_at(unsigned int i)
{
	return &jobs[(first + i) % WALKS_MAX];
}

/* Of the walk under way. */
static struct nl_sock sock;
static ev_io sock_io;
static struct timer patience;
static struct nl_answer answer;
static struct leases_found found;
static unsigned int tries;
static walk_done walked;

/* ---- what is asked, and found ---- */

/* The kernel looks for all sub-options that it is given. */
static void put_remote_id(struct nlmsghdr *nlh, const struct client *client)
{
	uint8_t info[2 + LG_AGENT_VALUE_MAX] = {
		LG_AGENT_REMOTE_ID, client->remote_id_len,
	};

	memcpy(info + 2, client->remote_id, client->remote_id_len);
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_AGENT_INFO,
		     2u + client->remote_id_len, info);
}

static int on_lease(const struct nlmsghdr *nlh, void *data)
{
	const struct client *client = &jobs[first].client;
	struct known known;

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN ||
	    known_read(&known, mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN),
		       mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN))
		return -EBADMSG;
	if ((!client->hlen || known.htype == client->htype) &&
	    (client->reservations || known.origin != LEASEGLEAN_ORIGIN_STATIC))
		found_add(&found, &known);
	return 0;
}

static int ask(void)
{
	const struct client *client = &jobs[first].client;
	struct nlmsghdr *nlh;
	char buf[1024];

	found.n = 0;
	answer = (struct nl_answer){ .handler = on_lease };
	nlh = nl_genl(buf, module_family(), LEASEGLEAN_CMD_LEASE_GET,
		      NLM_F_DUMP);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_STATE,
			 LEASEGLEAN_STATE_ACTIVE);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_VRF, client->vrf);
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_PIECES, 0, NULL);
	if (client->hlen)
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_HWADDR, client->hlen,
			     client->hwaddr);
	if (client->client_id_len)
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_CLIENT_ID,
			     client->client_id_len, client->client_id);
	if (client->remote_id_len)
		put_remote_id(nlh, client);
	return nl_send(&sock, nlh);
}

/* ---- one after the other ---- */

static int begin(void)
{
	int err = nl_open(&sock, NETLINK_GENERIC);

	if (err)
		return err;
	ev_io_set(&sock_io, nl_fd(&sock), EV_READ);
	ev_io_start(EV_DEFAULT, &sock_io);
	timer_start(&patience, WALK_SECONDS);
	tries = 1;
	return ask();
}

/* What the kernel would still say of it goes with the socket. */
static void end(int err)
{
	const struct request *request = &jobs[first].request;

	timer_stop(&patience);
	ev_io_stop(EV_DEFAULT, &sock_io);
	nl_close(&sock);
	walked(request, err ? NULL : &found);
	first = (first + 1) % WALKS_MAX;
	n_jobs--;
}

/* Whoever is first now, and those behind him if that fails at once. */
static void next(void)
{
	int err;

	while (n_jobs) {
		err = begin();
		if (!err)
			return;
		end(err);
	}
}

static void on_timeout(struct timer *timer)
{
	(void)timer;
	end(-ETIMEDOUT);
	next();
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	int err = nl_answer_read(&sock, &answer, MSG_DONTWAIT);

	(void)loop;
	(void)w;
	(void)revents;
	if (err == -EINPROGRESS)
		return;
	if (err == -EINTR && tries++ < WALK_TRIES) {
		err = ask();
		if (!err)
			return;
	}
	end(err);
	next();
}

/* ---- who waits ---- */

static bool same_client(const struct client *a, const struct client *b)
{
	return a->vrf == b->vrf && a->htype == b->htype && a->hlen == b->hlen &&
	       a->client_id_len == b->client_id_len &&
	       a->remote_id_len == b->remote_id_len &&
	       a->reservations == b->reservations &&
	       !memcmp(a->hwaddr, b->hwaddr, a->hlen) &&
	       !memcmp(a->client_id, b->client_id, a->client_id_len) &&
	       !memcmp(a->remote_id, b->remote_id, a->remote_id_len);
}

/*
 * A query that is sent again while its answer is on the way. Not its bytes
 * are compared: option 90 is another one each time.
 */
static bool is_repeat(const struct request *request,
		      const struct client *client)
{
	unsigned int i;

	for (i = 0; i < n_jobs; i++) {
		const struct job *job = job_at(i);

		if (job->request.requestor == request->requestor &&
		    job->request.server == request->server &&
		    job->client.xid == client->xid &&
		    same_client(&job->client, client))
			return true;
	}
	return false;
}

static unsigned int places_of(__be32 requestor)
{
	unsigned int i, n = 0;

	for (i = 0; i < n_jobs; i++)
		n += job_at(i)->request.requestor == requestor;
	return n;
}

/*
 * The place of one that waits, for a requestor who has none: the last of those
 * whose requestor has more than one. The walk under way never is, as nobody
 * has another before it.
 */
static struct job *place_taken(__be32 requestor)
{
	unsigned int i = n_jobs;

	if (places_of(requestor))
		return NULL;
	while (i--)
		if (places_of(job_at(i)->request.requestor) > 1) {
			walked(&job_at(i)->request, NULL);
			return job_at(i);
		}
	return NULL;
}

static void job_write(struct job *job, const struct request *request,
		      const struct client *client)
{
	job->request = *request;
	job->request.known = NULL;
	job->request.message = job->message;
	memcpy(job->message, request->message, request->len);
	job->client = *client;
}

/* ---- coming and going ---- */

/**
 * walk_begin() - look for all leases of a client
 * @request: the query that they answer; its message is copied
 * @client: whose
 *
 * What was given to walk_open() is called when they are found, or are not. As
 * many as may be can wait for one requestor while no other asks; who has none
 * has one of them give way.
 *
 * Return: 0, -EALREADY for what waits already, -EBUSY where as many as may be
 * wait, or -EMSGSIZE.
 */
int walk_begin(const struct request *request, const struct client *client)
{
	struct job *job;

	if (request->len > sizeof(job->message))
		return -EMSGSIZE;
	if (is_repeat(request, client))
		return -EALREADY;
	if (n_jobs == WALKS_MAX) {
		job = place_taken(request->requestor);
		if (!job)
			return -EBUSY;
		job_write(job, request, client);
		return 0;
	}
	job_write(job_at(n_jobs), request, client);
	if (!n_jobs++)
		next();
	return 0;
}

/**
 * walk_open() - be ready for walks
 * @done: told of each what was found
 */
void walk_open(walk_done done)
{
	walked = done;
	timer_init(&patience, on_timeout, NULL);
	ev_init(&sock_io, on_readable);
	/* Misses first. */
	ev_set_priority(&sock_io, EV_MINPRI);
}

/* Those that are not finished never are, and are told so. */
void walk_close(void)
{
	while (n_jobs)
		end(-ECANCELED);
}
