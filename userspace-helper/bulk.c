// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked by bulk leasequery, and what comes (RFC 6926). Messages are
 * those of DHCP, each behind its length in a stream that may be cut anywhere.
 */
#include "bulk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "answer.h"
#include "log.h"

#define SOURCE_REMOTE	1
/* Type of virtual subnet selection: the global, default VPN (RFC 6926, 6.2.9). */
#define VPN_GLOBAL	255

/* ---- the query ---- */

static uint8_t *put_option(uint8_t *at, uint8_t code, const void *value,
			   size_t len)
{
	*at++ = code;
	*at++ = (uint8_t)len;
	memcpy(at, value, len);
	return at + len;
}

/**
 * bulk_query_build() - write a DHCPBULKLEASEQUERY, its length before it
 * @buf: written to
 * @q: what is asked
 *
 * All addresses are 0, and so is chaddr: there is no key but that in option
 * 82, or none for all that the server has.
 *
 * Return: how many bytes it is.
 */
int bulk_query_build(uint8_t buf[BULK_QUERY_MAX], const struct bulk_query *q)
{
	static const uint8_t cookie[] = { 99, 130, 83, 99 };
	static const uint8_t wanted[] = {
		LG_OPT_LEASE_TIME, LG_OPT_CLIENT_ID, LG_OPT_AGENT_INFO,
		LG_OPT_CLTT, LG_OPT_BASE_TIME, LG_OPT_START_OF_STATE,
		LG_OPT_DATA_SOURCE,
	};
	const uint8_t type = LG_DHCPBULKLEASEQUERY;
	uint8_t info[2 + LG_AGENT_VALUE_MAX];
	uint8_t *message = buf + BULK_LENGTH, *at;
	uint32_t xid = htonl(q->xid), since = htonl(q->since);
	uint16_t len;

	memset(buf, 0, BULK_QUERY_MAX);
	message[0] = LG_BOOTREQUEST;
	memcpy(message + 4, &xid, sizeof(xid));
	at = message + LG_DHCP_FIXED_LEN;
	memcpy(at, cookie, sizeof(cookie));
	at = put_option(at + sizeof(cookie), LG_OPT_MSG_TYPE, &type, 1);
	at = put_option(at, LG_OPT_PARAM_LIST, wanted, sizeof(wanted));
	if (q->since)
		at = put_option(at, LG_OPT_QUERY_START_TIME, &since, 4);
	if (q->id) {
		put_option(info, q->id->code, q->id->bytes, q->id->len);
		at = put_option(at, LG_OPT_AGENT_INFO, info, 2 + q->id->len);
	}
	*at++ = LG_OPT_END;
	len = htons((uint16_t)(at - message));
	memcpy(buf, &len, sizeof(len));
	return (int)(at - buf);
}

/* ---- the stream ---- */

/* Bytes of the message that begins the stream; 0 while its length is cut. */
static size_t message_len(const struct bulk_stream *stream)
{
	if (stream->len < BULK_LENGTH)
		return 0;
	return (size_t)stream->bytes[0] << 8 | stream->bytes[1];
}

static size_t wanted(const struct bulk_stream *stream)
{
	size_t whole = BULK_LENGTH + message_len(stream);

	return whole - stream->len;
}

/* Of bytes that came, those of a message that is too long for a lease. */
static size_t skip(struct bulk_stream *stream, size_t len)
{
	size_t n = stream->skip < len ? stream->skip : len;

	stream->skip -= n;
	return n;
}

/**
 * bulk_stream_feed() - take what a connection brought
 * @stream: what it brought before, all 0 at first
 * @bytes: what it brings now
 * @len: of them
 * @handler: told of each message that is whole
 * @data: for @handler
 *
 * A message may have 65535 bytes (RFC 6926, 6.1), of which no lease needs more
 * than LG_DHCP_MAX_LEN: one that has is passed over and counted.
 *
 * Return: false where a message has a length that none can have, or where
 * @handler has ended the reading: nothing that follows means anything then.
 */
bool bulk_stream_feed(struct bulk_stream *stream, const uint8_t *bytes,
		      size_t len, bulk_handler handler, void *data)
{
	while (len) {
		size_t n = skip(stream, len);

		bytes += n;
		len -= n;
		n = wanted(stream);
		if (n > len)
			n = len;
		memcpy(stream->bytes + stream->len, bytes, n);
		stream->len += n;
		bytes += n;
		len -= n;
		if (stream->len < BULK_LENGTH)
			return true;
		if (message_len(stream) < LG_DHCP_FIXED_LEN)
			return false;
		if (message_len(stream) > LG_DHCP_MAX_LEN) {
			counters.refused_malformed++;
			stream->skip = message_len(stream);
			stream->len = 0;
			continue;
		}
		if (wanted(stream))
			continue;
		n = message_len(stream);
		stream->len = 0;
		if (!handler(stream->bytes + BULK_LENGTH, n, data))
			return false;
	}
	return true;
}

/* ---- messages ---- */

static bool option_u32(const struct lg_dhcp *msg, uint8_t code,
		       uint32_t *value)
{
	uint8_t bytes[4];
	uint32_t net;

	if (lg_dhcp_option(msg, code, bytes, sizeof(bytes)) != sizeof(bytes))
		return false;
	memcpy(&net, bytes, sizeof(net));
	*value = ntohl(net);
	return true;
}

/* What a server says goes to the log: as ASCII, whatever it is. */
static void text_take(char *text, size_t room, const uint8_t *bytes,
		      size_t len)
{
	size_t i;

	for (i = 0; i < len && i + 1 < room; i++)
		text[i] = bytes[i] >= ' ' && bytes[i] < 127 ?
			  (char)bytes[i] : '?';
	text[i] = '\0';
}

static void status_take(const struct lg_dhcp *msg, struct bulk_message *m)
{
	uint8_t bytes[LEASEGLEAN_OPAQUE_MAX];
	int n = lg_dhcp_option(msg, LG_OPT_STATUS_CODE, bytes, sizeof(bytes));

	if (n <= 0)
		return;
	m->status = bytes[0];
	text_take(m->text, sizeof(m->text), bytes + 1, (size_t)n - 1);
}

static enum bulk_kind status_kind(uint8_t status)
{
	switch (status) {
	case BULK_SUCCESS:
		return BULK_DONE;
	case BULK_MALFORMED_QUERY:
	case BULK_NOT_ALLOWED:
		return BULK_REFUSED;
	default:
		return BULK_TERMINATED;
	}
}

/*
 * Nothing but the default VPN is asked for (RFC 6926, 7.2): in another the
 * same address is somebody else's.
 */
static bool other_vpn(const struct lg_dhcp *msg)
{
	uint8_t vpn[LEASEGLEAN_OPAQUE_MAX];
	int n = lg_dhcp_option(msg, LG_OPT_VPN_ID, vpn, sizeof(vpn));

	if (n == -ENOENT || (n == 1 && vpn[0] == VPN_GLOBAL))
		return false;
	counters.refused_vpn++;
	return true;
}

/* How old it is, and where from. */
static void source_take(const struct lg_dhcp *msg, struct bulk_message *m)
{
	uint8_t source;

	m->addr = msg->ciaddr;
	m->has_base = option_u32(msg, LG_OPT_BASE_TIME, &m->base);
	if (m->has_base && msg->has_cltt && msg->cltt <= m->base) {
		m->has_last = true;
		m->last = m->base - msg->cltt;
	}
	m->lease.has_last_transaction = msg->has_cltt;
	m->lease.last_transaction = msg->cltt;
	m->dated = msg->has_cltt;
	m->ago = msg->cltt;
	if (!m->dated)
		m->dated = option_u32(msg, LG_OPT_START_OF_STATE, &m->ago);
	m->remote = lg_dhcp_option(msg, LG_OPT_DATA_SOURCE, &source, 1) == 1 &&
		    source & SOURCE_REMOTE;
}

static enum bulk_kind lease_take(const struct lg_dhcp *msg,
				 struct bulk_message *m)
{
	if (!msg->ciaddr || other_vpn(msg) ||
	    !answer_read_active(msg, &m->lease))
		return BULK_OTHER;
	source_take(msg, m);
	return BULK_LEASE;
}

/* It says nothing against another server's word if not since when. */
static enum bulk_kind unassigned_take(const struct lg_dhcp *msg,
				      struct bulk_message *m)
{
	if (other_vpn(msg))
		return BULK_OTHER;
	m->lease.state = LEASEGLEAN_STATE_UNASSIGNED;
	source_take(msg, m);
	return m->addr && m->dated ? BULK_LEASE : BULK_OTHER;
}

/**
 * bulk_read() - what does a message say?
 * @xid: of the query, host order
 * @message: one that a stream brought
 * @len: of it
 * @m: filled in
 *
 * A lease that cannot be one is BULK_OTHER, and counted by reason: the stream
 * goes on behind it.
 *
 * Return: what it is.
 */
enum bulk_kind bulk_read(uint32_t xid, const uint8_t *message, size_t len,
			 struct bulk_message *m)
{
	struct lg_dhcp msg;

	memset(m, 0, sizeof(*m));
	if (lg_dhcp_parse(&msg, message, len) != LG_DHCP_OK ||
	    msg.op != LG_BOOTREPLY || ntohl(msg.xid) != xid)
		return BULK_BAD;
	status_take(&msg, m);
	switch (msg.type) {
	case LG_DHCPLEASEACTIVE:
		if (m->status)
			return status_kind(m->status);
		return lease_take(&msg, m);
	case LG_DHCPLEASEUNASSIGNED:
		if (m->status)
			return status_kind(m->status);
		return unassigned_take(&msg, m);
	case LG_DHCPLEASEUNKNOWN:
		return m->status ? status_kind(m->status) : BULK_OTHER;
	case LG_DHCPLEASEQUERYDONE:
		return status_kind(m->status);
	default:
		return BULK_BAD;
	}
}
