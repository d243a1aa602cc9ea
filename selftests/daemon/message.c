// SPDX-License-Identifier: GPL-2.0
/* Replies as servers write them, and wrong in one place each. */
#include "message.h"

#include <arpa/inet.h>
#include <string.h>

#include "fake.h"
#include "../../module/dhcp.h"

__be32 ip(const char *text)
{
	struct in_addr in;

	assert_int_equal(inet_pton(AF_INET, text, &in), 1);
	return in.s_addr;
}

/* Each call closes the message, the next one opens it again. */
static void end(struct message *m)
{
	m->bytes[m->len] = LG_OPT_END;
	m->len++;
}

void message_option(struct message *m, uint8_t code, const void *value,
		    uint8_t len)
{
	uint8_t *p = m->bytes + m->len - 1;

	assert_true(m->len + 2u + len < sizeof(m->bytes));
	p[0] = code;
	p[1] = len;
	memcpy(p + 2, value, len);
	m->len += 1u + len;
	end(m);
}

void message_begin(struct message *m, uint8_t type, uint32_t xid,
		   __be32 ciaddr, __be32 giaddr)
{
	static const uint8_t cookie[] = { 99, 130, 83, 99 };
	uint32_t net = htonl(xid);

	memset(m, 0, sizeof(*m));
	m->bytes[MSG_OP] = LG_BOOTREPLY;
	memcpy(m->bytes + MSG_XID, &net, sizeof(net));
	memcpy(m->bytes + MSG_CIADDR, &ciaddr, sizeof(ciaddr));
	memcpy(m->bytes + MSG_GIADDR, &giaddr, sizeof(giaddr));
	memcpy(m->bytes + MSG_COOKIE, cookie, sizeof(cookie));
	m->len = MSG_OPTIONS;
	end(m);
	message_option(m, LG_OPT_MSG_TYPE, &type, 1);
}

void message_lease_time(struct message *m, uint32_t seconds)
{
	uint32_t net = htonl(seconds);

	message_option(m, LG_OPT_LEASE_TIME, &net, sizeof(net));
}

void message_active(struct message *m, uint32_t xid, __be32 ciaddr,
		    __be32 giaddr)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 1, 1 };

	message_begin(m, LG_DHCPLEASEACTIVE, xid, ciaddr, giaddr);
	m->bytes[MSG_HTYPE] = 1;
	m->bytes[MSG_HLEN] = sizeof(mac);
	memcpy(m->bytes + MSG_CHADDR, mac, sizeof(mac));
	message_lease_time(m, 592);
}
