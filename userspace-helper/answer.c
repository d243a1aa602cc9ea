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
static bool same_address(const struct answer_to *to, const struct lg_dhcp *msg)
{
	if (msg->ciaddr == to->addr)
		return true;
	return !msg->ciaddr && msg->type != LG_DHCPLEASEACTIVE;
}

static bool check_header(const struct answer_to *to, const struct reply *reply,
			 const struct lg_dhcp *msg)
{
	if (msg->op != LG_BOOTREPLY)
		return refuse(op);
	if (msg->type != LG_DHCPLEASEACTIVE &&
	    msg->type != LG_DHCPLEASEUNASSIGNED &&
	    msg->type != LG_DHCPLEASEUNKNOWN)
		return refuse(type);
	if (reply->xid != to->xid || ntohl(msg->xid) != to->xid)
		return refuse(xid);
	if (reply->server != to->server)
		return refuse(source);
	if (msg->giaddr != reply->giaddr || !asked_from(to, reply->giaddr))
		return refuse(giaddr);
	if (!same_address(to, msg))
		return refuse(ciaddr);
	if (msg->yiaddr && msg->yiaddr != to->addr)
		return refuse(yiaddr);
	return true;
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

static bool read_active(const struct lg_dhcp *msg, struct lease *lease)
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

/**
 * answer_read() - is this the answer, and what does it say?
 * @to: what was asked
 * @reply: what came
 * @lease: filled in; where the port is stays open, see answer_place()
 *
 * Source, destination, op, type, xid, ciaddr and giaddr all have to be as
 * RFC 4388, section 6.4 has them. What is refused is counted by reason.
 *
 * Return: whether @lease holds the answer.
 */
bool answer_read(const struct answer_to *to, const struct reply *reply,
		 struct lease *lease)
{
	struct lg_dhcp msg;

	memset(lease, 0, sizeof(*lease));
	if (lg_dhcp_parse(&msg, reply->message, reply->len) != LG_DHCP_OK)
		return refuse(malformed);
	if (!check_header(to, reply, &msg))
		return false;
	lease->server = reply->server;
	lease->giaddr = reply->giaddr;
	switch (msg.type) {
	case LG_DHCPLEASEACTIVE:
		return read_active(&msg, lease);
	case LG_DHCPLEASEUNASSIGNED:
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

static const struct config_port *configured_port(const uint8_t *id, size_t len)
{
	size_t i;

	for (i = 0; i < config.n_ports; i++)
		if (config.ports[i].circuit_id_len == len &&
		    !memcmp(config.ports[i].circuit_id, id, len))
			return &config.ports[i];
	return NULL;
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
 * @lease: its ifindex is set where the circuit-id names an access port other
 *	than that of the miss, which stands otherwise. Of a lease in doubt
 *	nothing stands: its place is that of the client it is taken from.
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
	if (!*name || (!miss->doubt && !strcmp(name, miss->port)))
		return;
	/* Failing, nothing is known but the port of the miss. */
	if (module_access_port(name, &lease->ifindex))
		lease->ifindex = 0;
}
