/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the kernel over netlink, for the daemon and the command. */
#ifndef _LG_NETLINK_H
#define _LG_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

/* The kernel fills dump messages up to 32 KiB. */
#define NL_BUFFER_SIZE	65536
/* As MNL_ALIGN(), in one type. */
#define NL_ALIGN(len)	(((size_t)(len) + 3) & ~(size_t)3)

/**
 * struct nl_sock - one netlink socket
 * @mnl: libmnl's socket
 * @portid: its address
 * @seq: of the last request
 * @extack: what the kernel said about the last refusal, or ""
 * @extack_offset: where in the request it was, in bytes from its begin, or 0
 * @buf: NL_BUFFER_SIZE bytes to receive into
 * @stray: told of messages that belong to no request while one waits, may
 *	be NULL; must not use the socket
 * @stray_data: for @stray
 */
struct nl_sock {
	struct mnl_socket *mnl;
	uint32_t portid;
	uint32_t seq;
	char extack[256];
	uint32_t extack_offset;
	char *buf;
	void (*stray)(const struct nlmsghdr *nlh, void *data);
	void *stray_data;
};

/**
 * struct nl_family - a generic netlink family as the kernel numbered it
 * @id: message type of its messages
 * @events: multicast group LEASEGLEAN_MCGRP_EVENTS, 0 if there is none
 */
struct nl_family {
	uint16_t id;
	uint32_t events;
};

/* Returns 0, or a negative errno that ends the reading. */
typedef int (*nl_handler)(const struct nlmsghdr *nlh, void *data);

/**
 * struct nl_answer - an answer of the kernel's, while it comes
 * @handler: called for each message of it, may be NULL
 * @data: for @handler
 * @err: what @handler returned, if that was not 0
 * @interrupted: the kernel said that a dump changed under way
 */
struct nl_answer {
	nl_handler handler;
	void *data;
	int err;
	bool interrupted;
};

int nl_open(struct nl_sock *nl, int protocol);
void nl_close(struct nl_sock *nl);
int nl_fd(const struct nl_sock *nl);
int nl_join(struct nl_sock *nl, uint32_t group);
int nl_nonblock(struct nl_sock *nl);

struct nlmsghdr *nl_genl(void *buf, uint16_t family, uint8_t cmd,
			 uint16_t flags);
int nl_send(struct nl_sock *nl, struct nlmsghdr *nlh);
int nl_answer_read(struct nl_sock *nl, struct nl_answer *answer, int flags);
int nl_request(struct nl_sock *nl, struct nlmsghdr *nlh, nl_handler handler,
	       void *data);
int nl_read(struct nl_sock *nl, nl_handler handler, void *data);
int nl_resolve(struct nl_sock *nl, const char *name, struct nl_family *family);

/**
 * struct nl_attr_rule - what an attribute has to look like
 * @type: enum mnl_attr_data_type, MNL_TYPE_UNSPEC for one not expected
 * @max: longest payload of a binary or string, bytes, a string's NUL included
 */
struct nl_attr_rule {
	uint8_t type;
	uint16_t max;
};

/* As libmnl's loops over attributes, in types that convert silently. */
#define nl_for_each_attr(attr, attrs, len) \
	for ((attr) = (attrs); \
	     mnl_attr_ok((attr), (int)((const char *)(attrs) + (len) - \
				       (const char *)(attr))); \
	     (attr) = mnl_attr_next(attr))

#define nl_for_each_nested(attr, nest) \
	nl_for_each_attr(attr, (const struct nlattr *) \
			 mnl_attr_get_payload(nest), \
			 mnl_attr_get_payload_len(nest))

/* Only of a message that nl_genl_attrs() took. */
#define nl_for_each_genl(attr, nlh) \
	nl_for_each_attr(attr, (const struct nlattr *) \
			 mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN), \
			 mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN)

int nl_attrs(const struct nlattr **tb, const struct nl_attr_rule *rules,
	     uint16_t max, const void *attrs, size_t len);
int nl_genl_attrs(const struct nlattr **tb, const struct nl_attr_rule *rules,
		  uint16_t max, const struct nlmsghdr *nlh);

#endif /* _LG_NETLINK_H */
