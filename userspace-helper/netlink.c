// SPDX-License-Identifier: GPL-2.0
/* Requests to the kernel over netlink, for the daemon and the command. */
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../uapi/leaseglean.h"

/* The kernel answers at once; this only bounds what should not happen. */
#define ANSWER_SECONDS	10

int nl_open(struct nl_sock *nl, int protocol)
{
	struct timeval timeout = { .tv_sec = ANSWER_SECONDS };
	int one = 1, err;

	memset(nl, 0, sizeof(*nl));
	nl->buf = malloc(NL_BUFFER_SIZE);
	if (!nl->buf)
		return -ENOMEM;
	nl->mnl = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!nl->mnl || mnl_socket_bind(nl->mnl, 0, MNL_SOCKET_AUTOPID) < 0)
		goto fail;
	nl->portid = mnl_socket_get_portid(nl->mnl);
	/* Kernels that lack these still work, they only say less. */
	mnl_socket_setsockopt(nl->mnl, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->mnl, NETLINK_CAP_ACK, &one, sizeof(one));
	if (setsockopt(nl_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)) < 0)
		goto fail;
	nl->seq = 1;
	return 0;
fail:
	err = -errno;
	nl_close(nl);
	return err;
}

void nl_close(struct nl_sock *nl)
{
	if (nl->mnl)
		mnl_socket_close(nl->mnl);
	free(nl->buf);
	nl->mnl = NULL;
	nl->buf = NULL;
}

int nl_fd(const struct nl_sock *nl)
{
	return mnl_socket_get_fd(nl->mnl);
}

int nl_join(struct nl_sock *nl, uint32_t group)
{
	if (mnl_socket_setsockopt(nl->mnl, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) < 0)
		return -errno;
	return 0;
}

int nl_nonblock(struct nl_sock *nl)
{
	int flags = fcntl(nl_fd(nl), F_GETFL);

	if (flags < 0 || fcntl(nl_fd(nl), F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* Starts a generic netlink request in @buf, MNL_SOCKET_BUFFER_SIZE bytes. */
struct nlmsghdr *nl_genl(void *buf, uint16_t family, uint8_t cmd,
			 uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = LEASEGLEAN_FAMILY_VERSION;
	return nlh;
}

/*
 * One datagram of the kernel's: its length or a negative errno. What another
 * process sends to this socket is dropped.
 */
static ssize_t receive(struct nl_sock *nl, int flags)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = nl->buf, .iov_len = NL_BUFFER_SIZE };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t len;

	for (;;) {
		msg.msg_namelen = sizeof(from);
		len = recvmsg(nl_fd(nl), &msg, flags);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if (msg.msg_namelen != sizeof(from) || from.nl_pid)
			continue;
		if (msg.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		return len;
	}
}

static const struct nl_attr_rule extack_rules[NLMSGERR_ATTR_MAX + 1] = {
	[NLMSGERR_ATTR_MSG] = { MNL_TYPE_NUL_STRING, 0 },
	[NLMSGERR_ATTR_OFFS] = { MNL_TYPE_U32, 4 },
};

static void extack_keep(struct nl_sock *nl, const struct nlmsghdr *nlh,
			size_t offset)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || offset > len)
		return;
	if (nl_attrs(tb, extack_rules, NLMSGERR_ATTR_MAX,
		     (const char *)mnl_nlmsg_get_payload(nlh) + offset,
		     len - offset))
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		snprintf(nl->extack, sizeof(nl->extack), "%s",
			 mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]));
	if (tb[NLMSGERR_ATTR_OFFS])
		nl->extack_offset = mnl_attr_get_u32(tb[NLMSGERR_ATTR_OFFS]);
}

/* What an NLMSG_ERROR says: 0 or a negative errno. */
static int error_of(struct nl_sock *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*err);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return -EBADMSG;
	/* The request comes back whole unless the kernel caps it. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
	    err->msg.nlmsg_len > sizeof(err->msg))
		offset += NL_ALIGN(err->msg.nlmsg_len - sizeof(err->msg));
	extack_keep(nl, nlh, offset);
	return err->error > 0 ? -EBADMSG : err->error;
}

static int done_of(struct nl_sock *nl, const struct nlmsghdr *nlh)
{
	int error = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error)) {
		memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
		extack_keep(nl, nlh, NL_ALIGN(sizeof(error)));
	}
	return error > 0 ? -EBADMSG : error;
}

/**
 * nl_send() - ask the kernel
 * @nl: a socket on which no answer is awaited
 * @nlh: the request, NLM_F_ACK or NLM_F_DUMP set in it
 *
 * Return: 0 or a negative errno.
 */
int nl_send(struct nl_sock *nl, struct nlmsghdr *nlh)
{
	nlh->nlmsg_seq = ++nl->seq ? nl->seq : ++nl->seq;
	nl->extack[0] = '\0';
	nl->extack_offset = 0;
	return mnl_socket_sendto(nl->mnl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

/* One message of an answer; returns as nl_answer_read() does. */
static int take_message(struct nl_sock *nl, struct nl_answer *answer,
			const struct nlmsghdr *nlh)
{
	int end;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		end = error_of(nl, nlh);
		return answer->err ? answer->err : end;
	case NLMSG_DONE:
		end = done_of(nl, nlh);
		if (answer->err || end)
			return answer->err ? answer->err : end;
		return answer->interrupted ? -EINTR : 0;
	default:
		/* Read on after a failure: the socket stays in step. */
		if (answer->handler && !answer->err &&
		    nlh->nlmsg_type >= NLMSG_MIN_TYPE)
			answer->err = answer->handler(nlh, answer->data);
		return -EINPROGRESS;
	}
}

/**
 * nl_answer_read() - read one datagram of the answer to what was sent last
 * @nl: the socket
 * @answer: all 0 at first but for the handler and its data
 * @flags: MSG_DONTWAIT, or 0 to wait for it
 *
 * Return: -EINPROGRESS while there is more to come, then what nl_request()
 * does.
 */
int nl_answer_read(struct nl_sock *nl, struct nl_answer *answer, int flags)
{
	const struct nlmsghdr *in = (const void *)nl->buf;
	ssize_t got = receive(nl, flags);
	int left = (int)got, err;

	if (got == -EAGAIN)
		return flags & MSG_DONTWAIT ? -EINPROGRESS : -ETIMEDOUT;
	if (got < 0)
		return (int)got;
	for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
		if (in->nlmsg_seq != nl->seq || in->nlmsg_pid != nl->portid) {
			if (nl->stray)
				nl->stray(in, nl->stray_data);
			continue;
		}
		err = take_message(nl, answer, in);
		if (err != -EINPROGRESS)
			return err;
	}
	return -EINPROGRESS;
}

/**
 * nl_request() - ask the kernel and read all of its answer
 * @nl: a socket that blocks
 * @nlh: the request, NLM_F_ACK or NLM_F_DUMP set in it
 * @handler: called for each message of the answer, may be NULL
 * @data: for @handler
 *
 * Return: 0, the kernel's negative errno, what @handler returned if that is
 * not 0, or -EINTR when the kernel says that a dump changed under way: the
 * answer is then whole only if it is asked for again. -ENOBUFS: the answer
 * may have been lost together with notifications.
 */
int nl_request(struct nl_sock *nl, struct nlmsghdr *nlh, nl_handler handler,
	       void *data)
{
	struct nl_answer answer = { .handler = handler, .data = data };
	int err = nl_send(nl, nlh);

	if (err)
		return err;
	do
		err = nl_answer_read(nl, &answer, 0);
	while (err == -EINPROGRESS);
	return err;
}

/**
 * nl_read() - hand on the notifications that are there
 * @nl: any socket
 * @handler: called for each
 * @data: for @handler
 *
 * Reads one datagram without waiting.
 *
 * Return: 0, -EAGAIN when there is nothing more, -ENOBUFS when some were
 * lost, another negative errno of the socket's or the handler's.
 */
int nl_read(struct nl_sock *nl, nl_handler handler, void *data)
{
	const struct nlmsghdr *in = (const void *)nl->buf;
	ssize_t got = receive(nl, MSG_DONTWAIT);
	int left = (int)got, err = 0;

	if (got < 0)
		return (int)got;
	for (; !err && mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left))
		if (in->nlmsg_type >= NLMSG_MIN_TYPE)
			err = handler(in, data);
	return err;
}

static int attr_ok(const struct nlattr *attr, const struct nl_attr_rule *rule)
{
	if (mnl_attr_validate(attr, rule->type) < 0)
		return -EBADMSG;
	if (rule->max && mnl_attr_get_payload_len(attr) > rule->max)
		return -EBADMSG;
	return 0;
}

/**
 * nl_attrs() - sort attributes by type, checked
 * @tb: @max + 1 pointers to fill, the last of a type stands
 * @rules: @max + 1 of them, attributes without one are passed over
 * @max: highest type known
 * @attrs: where they begin
 * @len: bytes of them
 *
 * Return: 0, or -EBADMSG when one is not as its rule says.
 */
int nl_attrs(const struct nlattr **tb, const struct nl_attr_rule *rules,
	     uint16_t max, const void *attrs, size_t len)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1u) * sizeof(*tb));
	nl_for_each_attr(attr, (const struct nlattr *)attrs, len) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= max && rules[type].type != MNL_TYPE_UNSPEC) {
			if (attr_ok(attr, &rules[type]))
				return -EBADMSG;
			tb[type] = attr;
		}
	}
	return 0;
}

int nl_genl_attrs(const struct nlattr **tb, const struct nl_attr_rule *rules,
		  uint16_t max, const struct nlmsghdr *nlh)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (len < GENL_HDRLEN)
		return -EBADMSG;
	return nl_attrs(tb, rules, max,
			(const char *)mnl_nlmsg_get_payload(nlh) + GENL_HDRLEN,
			len - GENL_HDRLEN);
}

static const struct nl_attr_rule ctrl_rules[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { MNL_TYPE_U16, 0 },
	[CTRL_ATTR_MCAST_GROUPS] = { MNL_TYPE_NESTED, 0 },
};

static const struct nl_attr_rule group_rules[CTRL_ATTR_MCAST_GRP_MAX + 1] = {
	[CTRL_ATTR_MCAST_GRP_NAME] = { MNL_TYPE_NUL_STRING, 0 },
	[CTRL_ATTR_MCAST_GRP_ID] = { MNL_TYPE_U32, 0 },
};

static int family_answer(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];
	const struct nlattr *grp[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nl_family *family = data;
	const struct nlattr *attr;

	if (nl_genl_attrs(tb, ctrl_rules, CTRL_ATTR_MAX, nlh) ||
	    !tb[CTRL_ATTR_FAMILY_ID])
		return -EBADMSG;
	family->id = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (!tb[CTRL_ATTR_MCAST_GROUPS])
		return 0;
	nl_for_each_nested(attr, tb[CTRL_ATTR_MCAST_GROUPS]) {
		if (nl_attrs(grp, group_rules, CTRL_ATTR_MCAST_GRP_MAX,
			     mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr)))
			return -EBADMSG;
		if (grp[CTRL_ATTR_MCAST_GRP_NAME] &&
		    grp[CTRL_ATTR_MCAST_GRP_ID] &&
		    !strcmp(mnl_attr_get_str(grp[CTRL_ATTR_MCAST_GRP_NAME]),
			    LEASEGLEAN_MCGRP_EVENTS))
			family->events =
				mnl_attr_get_u32(grp[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

/* Number of the family @name; -ENOENT when its module is not there. */
int nl_resolve(struct nl_sock *nl, const char *name, struct nl_family *family)
{
	char buf[512];
	struct nlmsghdr *nlh = nl_genl(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);

	memset(family, 0, sizeof(*family));
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	return nl_request(nl, nlh, family_answer, family);
}
