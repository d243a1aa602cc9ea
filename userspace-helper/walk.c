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

/* ---- coming and going ---- */

/**
 * walk_begin() - look for all leases of a client
 * @request: the query that they answer; its message is copied
 * @client: whose
 *
 * What was given to walk_open() is called when they are found, or are not.
 *
 * Return: 0, -EBUSY where as many as may be wait already, or -EMSGSIZE.
 */
int walk_begin(const struct request *request, const struct client *client)
{
	struct job *job = &jobs[(first + n_jobs) % WALKS_MAX];

	if (n_jobs == WALKS_MAX)
		return -EBUSY;
	if (request->len > sizeof(job->message))
		return -EMSGSIZE;
	job->request = *request;
	job->request.known = NULL;
	job->request.message = job->message;
	memcpy(job->message, request->message, request->len);
	job->client = *client;
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
