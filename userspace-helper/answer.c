// SPDX-License-Identifier: GPL-2.0
/* Reads the answer to a DHCPLEASEQUERY, and believes nothing else. */
#include "answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "../module/dhcp.h"
#include "config.h"
#include "log.h"

#define HTYPE_ETHERNET	1
#define ETHERNET_HLEN	6

/* Counts a refusal and is the refusal. */
#define refuse(reason) (counters.refused_##reason++, false)

static bool asked_from(const struct answer_to *to, __be32 giaddr)
{
	unsigned int i;

	for (i = 0; i < to->n_giaddrs; i++)
		if (to->giaddrs[i] == giaddr)
			return true;
	return false;
}

/*
 * The key that a server does not know it may echo or leave out
 * (dnsmasq does), so only an active lease has to name its address.
 */
static bool same_address(const struct lg_leasequery *key,
			 const struct lg_dhcp *msg,
			 enum dialect_verdict verdict)
{
	if (!msg->ciaddr)
		return verdict != DIALECT_ACTIVE;
	/* By another key, it is what the answer tells of. */
	return !key->ciaddr || msg->ciaddr == key->ciaddr;
}

static bool same_hwaddr(const struct lg_leasequery *key,
			const struct lg_dhcp *msg, enum dialect_verdict verdict)
{
	static const uint8_t none[LG_DHCP_CHADDR_LEN];

	if (msg->htype == key->htype && msg->hlen == key->hlen &&
	    !memcmp(msg->chaddr, key->chaddr, key->hlen))
		return true;
	return verdict != DIALECT_ACTIVE &&
	       !memcmp(msg->chaddr, none, msg->hlen);
}

static bool same_client_id(const struct lg_leasequery *key,
			   const struct lg_dhcp *msg,
			   enum dialect_verdict verdict)
{
	uint8_t id[LEASEGLEAN_OPAQUE_MAX];
	int len = lg_dhcp_option(msg, LG_OPT_CLIENT_ID, id, sizeof(id));

	if (len == -ENOENT)
		return verdict != DIALECT_ACTIVE;
	return len == key->client_id_len && !memcmp(id, key->client_id,
						    key->client_id_len);
}

static bool same_remote_id(const struct lg_leasequery *key,
			   const struct lg_dhcp *msg,
			   enum dialect_verdict verdict)
{
	uint8_t info[LEASEGLEAN_OPAQUE_MAX];
	int len = lg_dhcp_option(msg, LG_OPT_AGENT_INFO, info, sizeof(info));
	const uint8_t *id;

	if (len == -ENOENT)
		return verdict != DIALECT_ACTIVE;
	if (len >= 0)
		len = lg_agent_suboption(info, (size_t)len, LG_AGENT_REMOTE_ID,
					 &id);
	return len == key->remote_id_len && !memcmp(id, key->remote_id,
						    key->remote_id_len);
}

/* All keys that it was asked by; a lease has to show them. */
static bool same_client(const struct lg_leasequery *key,
			const struct lg_dhcp *msg, enum dialect_verdict verdict)
{
	if (key->hlen && !same_hwaddr(key, msg, verdict))
		return false;
	if (key->client_id_len && !same_client_id(key, msg, verdict))
		return false;
	return !key->remote_id_len || same_remote_id(key, msg, verdict);
}

/* The address that an answer tells of. */
static __be32 about(const struct answer_to *to, const struct lg_dhcp *msg)
{
	return to->key->ciaddr ? to->key->ciaddr : msg->ciaddr;
}

static bool check_header(const struct answer_to *to, const struct reply *reply,
			 const struct lg_dhcp *msg,
			 enum dialect_verdict verdict)
{
	if (msg->op != LG_BOOTREPLY)
		return refuse(op);
	if (verdict == DIALECT_NOTHING)
		return refuse(type);
	if (reply->xid != to->xid || ntohl(msg->xid) != to->xid)
		return refuse(xid);
	if (reply->server != to->server)
		return refuse(source);
	if (msg->giaddr != reply->giaddr || !asked_from(to, reply->giaddr))
		return refuse(giaddr);
	if (!same_address(to->key, msg, verdict))
		return refuse(ciaddr);
	if (!same_client(to->key, msg, verdict))
		return refuse(client);
	if (msg->yiaddr && msg->yiaddr != about(to, msg))
		return refuse(yiaddr);
	return true;
}

/* From the server itself, and not from before the query. */
static bool check_auth(const struct answer_to *to, const struct reply *reply,
		       const struct lg_dhcp *msg, uint64_t *replay)
{
	switch (auth_verify(to->auth, msg, reply->message, reply->len,
			    to->before, replay)) {
	case AUTH_GENUINE:
		return true;
	case AUTH_REPLAYED:
		return refuse(replay);
	default:
		return refuse(auth);
	}
}

/* An address that one station can have: not none, not a group. */
static bool usable_hwaddr(const struct lg_dhcp *msg)
{
	static const uint8_t none[LG_DHCP_CHADDR_LEN];

	if (!msg->htype || !msg->hlen || msg->hlen > LG_DHCP_CHADDR_LEN ||
	    !memcmp(msg->chaddr, none, msg->hlen))
		return false;
	if (msg->htype == HTYPE_ETHERNET)
		return msg->hlen == ETHERNET_HLEN && !(msg->chaddr[0] & 1);
	return true;
}

/* An option's bytes; false when they are more than an option may have. */
static bool take_option(const struct lg_dhcp *msg, uint8_t code, uint8_t *buf,
			uint16_t *len)
{
	int n = lg_dhcp_option(msg, code, buf, LEASEGLEAN_OPAQUE_MAX);

	if (n == -ENOENT)
		n = 0;
	if (n < 0)
		return false;
	*len = (uint16_t)n;
	return true;
}

/* Only shown: one that is too long is not worth the answer. */
static void take_text(const struct lg_dhcp *msg, uint8_t code,
		      struct answer_text *text)
{
	if (!take_option(msg, code, text->bytes, &text->len))
		text->len = 0;
}

/* Of the code that the dialect has for it, else of the usual one. */
static void take_host_name(const struct dialect *d, const struct lg_dhcp *msg,
			   struct answer_text *text)
{
	take_text(msg, d->host_name, text);
	if (!text->len)
		take_text(msg, LG_OPT_HOST_NAME, text);
}

static bool take_last_transaction(const struct dialect *d,
				  const struct lg_dhcp *msg,
				  struct answer *answer)
{
	uint8_t bytes[4];
	uint32_t net;
	int n;

	n = d->last_transaction ? lg_dhcp_option(msg, d->last_transaction,
						 bytes, sizeof(bytes)) :
				  -ENOENT;
	if (n == -ENOENT)
		return true;
	if (n != sizeof(bytes))
		return false;
	memcpy(&net, bytes, sizeof(net));
	answer->lease.has_last_transaction = true;
	answer->lease.last_transaction = ntohl(net);
	return true;
}

static bool take_associated(const struct dialect *d, const struct lg_dhcp *msg,
			    struct answer *answer)
{
	uint8_t *to = (uint8_t *)answer->associated;
	struct lg_dhcp_part part = { 0 };
	size_t len = 0, n;

	if (!d->associated_ip)
		return true;
	while (lg_dhcp_next(msg, d->associated_ip, &part)) {
		n = sizeof(answer->associated) - len;
		if (n > part.len)
			n = part.len;
		memcpy(to + len, part.value, n);
		len += n;
	}
	answer->n_associated = (unsigned int)(len / sizeof(*answer->associated));
	return !(len % sizeof(*answer->associated));
}

/* What any answer may have, whether or not there is a lease. */
static bool read_common(const struct dialect *d, const struct lg_dhcp *msg,
			struct answer *answer)
{
	answer->server_id = msg->server_id;
	answer->has_t1 = msg->has_t1;
	answer->t1 = msg->t1;
	answer->has_t2 = msg->has_t2;
	answer->t2 = msg->t2;
	answer->reserved = dialect_reserved(d, msg);
	take_text(msg, LG_OPT_VENDOR_CLASS, &answer->vendor_class);
	take_host_name(d, msg, &answer->host_name);
	if (!take_last_transaction(d, msg, answer) ||
	    !take_associated(d, msg, answer))
		return refuse(option);
	return true;
}

/**
 * answer_read_active() - the lease that a message tells of
 * @msg: says that there is one
 * @lease: filled in but for address, server, giaddr and port
 *
 * What is refused is counted by reason.
 *
 * Return: whether it can be one.
 */
bool answer_read_active(const struct lg_dhcp *msg, struct lease *lease)
{
	if (!usable_hwaddr(msg))
		return refuse(hwaddr);
	if (!msg->has_lease_time || !msg->lease_time)
		return refuse(lease_time);
	if (!take_option(msg, LG_OPT_AGENT_INFO, lease->agent_info,
			 &lease->agent_info_len) ||
	    !take_option(msg, LG_OPT_CLIENT_ID, lease->client_id,
			 &lease->client_id_len))
		return refuse(option);
	lease->state = LEASEGLEAN_STATE_ACTIVE;
	lease->htype = msg->htype;
	lease->hlen = msg->hlen;
	memcpy(lease->hwaddr, msg->chaddr, msg->hlen);
	/* Both sides write infinity as all ones. */
	lease->expires = msg->lease_time;
	counters.replies_active++;
	return true;
}

static bool read_verdict(const struct lg_dhcp *msg,
			 enum dialect_verdict verdict, struct lease *lease)
{
	switch (verdict) {
	case DIALECT_ACTIVE:
		return answer_read_active(msg, lease);
	case DIALECT_UNASSIGNED:
		lease->state = LEASEGLEAN_STATE_UNASSIGNED;
		lease->expires = config.hold_unassigned;
		counters.replies_unassigned++;
		return true;
	default:
		lease->state = LEASEGLEAN_STATE_UNKNOWN;
		lease->expires = config.hold_unknown;
		counters.replies_unknown++;
		return true;
	}
}

/**
 * answer_read() - is this the answer, and what does it say?
 * @to: what was asked
 * @reply: what came
 * @answer: filled in; where the port is stays open, see answer_place()
 *
 * Source, destination, op, type, xid, giaddr and the key all have to be as
 * RFC 4388, section 6.4 and RFC 6148 have them, or the server's dialect. What
 * is refused is counted by reason.
 *
 * Return: whether @answer holds the answer.
 */
bool answer_read(const struct answer_to *to, const struct reply *reply,
		 struct answer *answer)
{
	enum dialect_verdict verdict;
	struct lg_dhcp msg;

	memset(answer, 0, sizeof(*answer));
	if (lg_dhcp_parse(&msg, reply->message, reply->len) != LG_DHCP_OK)
		return refuse(malformed);
	verdict = dialect_verdict(to->dialect, &msg);
	if (!check_header(to, reply, &msg, verdict) ||
	    !check_auth(to, reply, &msg, &answer->replay) ||
	    !read_common(to->dialect, &msg, answer))
		return false;
	answer->addr = about(to, &msg);
	answer->lease.server = reply->server;
	answer->lease.giaddr = reply->giaddr;
	return read_verdict(&msg, verdict, &answer->lease);
}

static const struct config_port *configured_port(const uint8_t *id, size_t len)
{
	struct config_port *port;

	HASH_FIND(hh_circuit, config.circuits, id, (unsigned int)len, port);
	return port;
}

/*
 * Interface that a circuit-id names: configured, or, as dhcrelay writes it,
 * by its very name. "" when it names none.
 */
static void name_of_circuit(const uint8_t *id, size_t len, char *name)
{
	const struct config_port *port = configured_port(id, len);

	memset(name, 0, IFNAMSIZ);
	if (port)
		memcpy(name, port->name, IFNAMSIZ);
	else if (len < IFNAMSIZ && !memchr(id, '\0', len))
		memcpy(name, id, len);
}

/**
 * answer_place() - find the port that an answer's option 82 names
 * @miss: what was asked for
 * @lease: its ifindex is set where the circuit-id names an access port; that of
 *	the miss stands otherwise, for as long as the module has the miss. Of a
 *	lease in doubt nothing stands: its place is that of the client it is
 *	taken from.
 */
void answer_place(const struct miss *miss, struct lease *lease)
{
	char name[IFNAMSIZ];
	const uint8_t *id;
	int len;

	len = lg_agent_suboption(lease->agent_info, lease->agent_info_len,
				 LG_AGENT_CIRCUIT_ID, &id);
	if (len <= 0)
		return;
	name_of_circuit(id, (size_t)len, name);
	if (!*name)
		return;
	/* Failing, nothing is known but the port of the miss. */
	if (!miss->doubt && !strcmp(name, miss->port))
		lease->ifindex = miss->ifindex;
	else if (module_access_port(name, &lease->ifindex))
		lease->ifindex = 0;
}
