/* SPDX-License-Identifier: GPL-2.0 */
/* Replies as servers write them, and wrong in one place each. */
#ifndef _LG_MESSAGE_H
#define _LG_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

enum message_offset {
	MSG_OP = 0, MSG_HTYPE = 1, MSG_HLEN = 2, MSG_XID = 4, MSG_CIADDR = 12,
	MSG_YIADDR = 16, MSG_GIADDR = 24, MSG_CHADDR = 28, MSG_COOKIE = 236,
	MSG_OPTIONS = 240,
};

/**
 * struct message - a BOOTP message being written
 * @bytes: it
 * @len: of them
 */
struct message {
	uint8_t bytes[2048];
	size_t len;
};

void message_begin(struct message *m, uint8_t type, uint32_t xid,
		   __be32 ciaddr, __be32 giaddr);
void message_option(struct message *m, uint8_t code, const void *value,
		    uint8_t len);
void message_lease_time(struct message *m, uint32_t seconds);
void message_active(struct message *m, uint32_t xid, __be32 ciaddr,
		    __be32 giaddr);
__be32 ip(const char *text);

#endif /* _LG_MESSAGE_H */
