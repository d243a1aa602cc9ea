// SPDX-License-Identifier: GPL-2.0
/*
 * Queries of other hosts. The module hands over those of the requestors that
 * are configured, each with what is known of the address, and sends the
 * answers; so this needs neither port 67, which is the relay agent's, nor a
 * socket that could send to just anybody.
 *
 * A socket of its own: what requestors ask too much of is lost here, counted,
 * and takes no room from misses and replies. Many queries are read and many
 * answers sent by one system call each. Those by client wait for a walk of the
 * table, and others are answered meanwhile.
 */
#include "asked.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <ev.h>

#include "config.h"
#include "log.h"
#include "module.h"
#include "netlink.h"
#include "respond.h"
#include "walk.h"

#define RCVBUF		(4 << 20)
#define BATCH		32
/* Batches until others have their turn. */
#define BATCHES		8
/* What a query with its lease takes, and an answer. */
#define QUERY_ROOM	4096
#define ANSWER_ROOM	(256 + LG_LEASEQUERY_REPLY_MAX)
#define SEND_ROOM	32768

static struct nl_sock asked;
static ev_io asked_io;
static bool is_open;
static struct log_limit limit;

static char queries[BATCH][QUERY_ROOM] __attribute__((aligned(8)));
static char answers[SEND_ROOM] __attribute__((aligned(8)));
static size_t answers_len;
static unsigned int n_answers;

static const struct nl_attr_rule request_rules[LEASEGLEAN_A_REQUEST_MAX + 1] = {
	[LEASEGLEAN_A_REQUEST_REQUESTOR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_REQUEST_SERVER] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_REQUEST_VRF] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_REQUEST_MESSAGE] = { MNL_TYPE_BINARY,
					   LEASEGLEAN_ANSWER_MAX },
	[LEASEGLEAN_A_REQUEST_LEASE] = { MNL_TYPE_NESTED, 0 },
};

/* ---- answers ---- */

static void answers_send(void)
{
	if (!answers_len)
		return;
	if (send(nl_fd(&asked), answers, answers_len, 0) < 0)
		counters.answer_errors += n_answers;
	answers_len = 0;
	n_answers = 0;
}

static void answer_add(const struct request *request, const uint8_t *message,
		       int len)
{
	struct nlmsghdr *nlh;

	nlh = nl_genl(answers + answers_len, module_family(),
		      LEASEGLEAN_CMD_ANSWER_SEND, 0);
	/* Only a refusal is heard of. */
	nlh->nlmsg_flags = NLM_F_REQUEST;
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUEST_REQUESTOR,
			 request->requestor);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUEST_SERVER, request->server);
	if (request->vrf)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUEST_VRF, request->vrf);
	mnl_attr_put(nlh, LEASEGLEAN_A_REQUEST_MESSAGE, (size_t)len, message);
	answers_len += NL_ALIGN(nlh->nlmsg_len);
	n_answers++;
	if (answers_len + ANSWER_ROOM > sizeof(answers))
		answers_send();
}

static bool request_read(struct request *request, struct known *known,
			 const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[LEASEGLEAN_A_REQUEST_MAX + 1], *lease, *vrf;

	if (nl_genl_attrs(tb, request_rules, LEASEGLEAN_A_REQUEST_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_REQUEST_REQUESTOR] ||
	    !tb[LEASEGLEAN_A_REQUEST_SERVER] ||
	    !tb[LEASEGLEAN_A_REQUEST_MESSAGE])
		return false;
	vrf = tb[LEASEGLEAN_A_REQUEST_VRF];
	*request = (struct request){
		.requestor = mnl_attr_get_u32(tb[LEASEGLEAN_A_REQUEST_REQUESTOR]),
		.server = mnl_attr_get_u32(tb[LEASEGLEAN_A_REQUEST_SERVER]),
		.vrf = vrf ? mnl_attr_get_u32(vrf) : 0,
		.message = mnl_attr_get_payload(tb[LEASEGLEAN_A_REQUEST_MESSAGE]),
		.len = mnl_attr_get_payload_len(tb[LEASEGLEAN_A_REQUEST_MESSAGE]),
	};
	lease = tb[LEASEGLEAN_A_REQUEST_LEASE];
	if (!lease)
		return true;
	if (known_read(known, mnl_attr_get_payload(lease),
		       mnl_attr_get_payload_len(lease)))
		return false;
	request->known = known;
	return true;
}

static void on_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error) || !error->error)
		return;
	counters.answer_errors++;
	log_limited(&limit, LOG_WARNING,
		    "the module cannot send an answer to a requestor: %s",
		    strerror(-error->error));
}

static void on_walked(const struct request *request,
		      const struct leases_found *found)
{
	uint8_t answer[LG_LEASEQUERY_REPLY_MAX];
	int len;

	/* Not found out is not the same as not there. */
	if (!found) {
		counters.asked_failed++;
		return;
	}
	len = respond_found(request, found, answer, sizeof(answer));
	if (len)
		answer_add(request, answer, len);
	answers_send();
}

static void walk_for(const struct request *request,
		     const struct client *client)
{
	switch (walk_begin(request, client)) {
	case 0:
		break;
	case -EALREADY:
		counters.asked_repeated++;
		break;
	default:
		counters.asked_busy++;
		break;
	}
}

static void on_message(const struct nlmsghdr *nlh)
{
	uint8_t answer[LG_LEASEQUERY_REPLY_MAX];
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct request request;
	struct client client;
	struct known known;
	int len;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		on_error(nlh);
		return;
	}
	if (nlh->nlmsg_type != module_family() ||
	    mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN ||
	    genl->cmd != LEASEGLEAN_CMD_REQUEST_NTF ||
	    !request_read(&request, &known, nlh))
		return;
	len = respond(&request, &client, answer, sizeof(answer));
	if (len > 0)
		answer_add(&request, answer, len);
	else if (len == -EINPROGRESS)
		walk_for(&request, &client);
}

/* One datagram. */
static void on_datagram(const struct mmsghdr *m, const void *data)
{
	const struct sockaddr_nl *from = m->msg_hdr.msg_name;
	const struct nlmsghdr *nlh = data;
	int left = (int)m->msg_len;

	/* Only the kernel has no port. */
	if (m->msg_hdr.msg_namelen != sizeof(*from) || from->nl_pid ||
	    m->msg_hdr.msg_flags & MSG_TRUNC)
		return;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		on_message(nlh);
}

/* Returns how many there were. */
static int read_batch(void)
{
	static struct sockaddr_nl from[BATCH];
	static struct iovec iov[BATCH];
	static struct mmsghdr m[BATCH];
	int i, n;

	for (i = 0; i < BATCH; i++) {
		iov[i].iov_base = queries[i];
		iov[i].iov_len = sizeof(queries[i]);
		m[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i], .msg_namelen = sizeof(from[i]),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
	}
	n = recvmmsg(nl_fd(&asked), m, BATCH, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++)
		on_datagram(&m[i], queries[i]);
	return n;
}

static void asked_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	int i, n = BATCH;

	(void)loop;
	(void)w;
	(void)revents;
	for (i = 0; i < BATCHES && n == BATCH; i++)
		n = read_batch();
	answers_send();
}

/* ---- coming and going ---- */

/* What is lost here is asked again: no need to hear of it. */
static void sockets_tune(void)
{
	int one = 1, size = RCVBUF;

	setsockopt(nl_fd(&asked), SOL_NETLINK, NETLINK_NO_ENOBUFS, &one,
		   sizeof(one));
	if (setsockopt(nl_fd(&asked), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		setsockopt(nl_fd(&asked), SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
}

static int requestors_set(void)
{
	char buf[256 + CONFIG_REQUESTORS_MAX * 64];
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	size_t i;

	nlh = nl_genl(buf, module_family(), LEASEGLEAN_CMD_REQUESTOR_SET, 0);
	for (i = 0; i < config.n_requestors; i++) {
		const struct config_requestor *one = &config.requestors[i];

		nest = mnl_attr_nest_start(nlh,
					   LEASEGLEAN_A_REQUESTORS_REQUESTOR);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUESTOR_ADDR, one->addr);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUESTOR_GIADDR,
				 one->giaddr);
		mnl_attr_put_u8(nlh, LEASEGLEAN_A_REQUESTOR_TYPE,
				one->dialect.query);
		mnl_attr_nest_end(nlh, nest);
	}
	return nl_request(&asked, nlh, NULL, NULL);
}

void asked_close(void)
{
	if (!is_open)
		return;
	ev_io_stop(EV_DEFAULT, &asked_io);
	walk_close();
	nl_close(&asked);
	answers_len = 0;
	n_answers = 0;
	is_open = false;
}

/**
 * asked_apply() - answer those that the configuration names, from now on
 *
 * Anew each time: before a socket has said who may ask, no query is on it
 * that could be taken for the module's word on that. What was on the old one
 * is asked again.
 */
void asked_apply(void)
{
	int err;

	asked_close();
	if (!config.n_requestors || !module_family())
		return;
	err = nl_open(&asked, NETLINK_GENERIC);
	is_open = true;
	if (!err) {
		sockets_tune();
		err = requestors_set();
	}
	if (err) {
		log_err("requestors are not answered: %s", *asked.extack ?
			asked.extack : strerror(-err));
		asked_close();
		return;
	}
	walk_open(on_walked);
	ev_io_init(&asked_io, asked_readable, nl_fd(&asked), EV_READ);
	/* Misses first. */
	ev_set_priority(&asked_io, EV_MINPRI);
	ev_io_start(EV_DEFAULT, &asked_io);
	log_info("answering the leasequeries of %zu requestors",
		 config.n_requestors);
}
