// SPDX-License-Identifier: GPL-2.0
/* One entry of the table: read, and printed. */
#include "lease.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../module/dhcp.h"
#include "filter.h"

static const struct nl_attr_rule rules[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_VRF] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_STATE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_ORIGIN] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_HWADDR] = { MNL_TYPE_BINARY, LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_PORT] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_LEASE_VLAN] = { MNL_TYPE_U16, 2 },
	[LEASEGLEAN_A_LEASE_GIADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_SERVER] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_EXPIRES] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { MNL_TYPE_BINARY,
					    LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { MNL_TYPE_BINARY,
					   LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_LAST_TRANSACTION] = { MNL_TYPE_U32, 4 },
};

/**
 * row_read() - take a lease out of a message
 * @row: to fill; points into the message
 * @nlh: the message
 *
 * Return: 0 or -EBADMSG.
 */
int row_read(struct row *row, const struct nlmsghdr *nlh)
{
	memset(row, 0, sizeof(*row));
	if (nl_genl_attrs(row->tb, rules, LEASEGLEAN_A_LEASE_MAX, nlh) ||
	    !row->tb[LEASEGLEAN_A_LEASE_ADDR])
		return -EBADMSG;
	row->n_vlans = vlans_read(nlh, LEASEGLEAN_A_LEASE_VLAN, row->vlans);
	return 0;
}

uint32_t row_u32(const struct row *row, int type)
{
	return row->tb[type] ? mnl_attr_get_u32(row->tb[type]) : 0;
}

/* The circuit-id or remote-id, NULL where none can be read. */
static const char *agent_text(const struct row *row, uint8_t code, char *text)
{
	const struct nlattr *info = row->tb[LEASEGLEAN_A_LEASE_AGENT_INFO];
	const uint8_t *value;
	int len;

	if (!info)
		return NULL;
	len = lg_agent_suboption(mnl_attr_get_payload(info),
				 mnl_attr_get_payload_len(info), code, &value);
	return len < 0 ? NULL : text_hex(value, (size_t)len, "", text);
}

static const char *origin_text(const struct row *row)
{
	if (!row->tb[LEASEGLEAN_A_LEASE_ORIGIN])
		return NULL;
	return filter_origin_name(row_u32(row, LEASEGLEAN_A_LEASE_ORIGIN));
}

static const char *state_text(const struct row *row)
{
	return filter_state_name(row_u32(row, LEASEGLEAN_A_LEASE_STATE));
}

static const char *client_id_text(const struct row *row, char *text)
{
	const struct nlattr *id = row->tb[LEASEGLEAN_A_LEASE_CLIENT_ID];

	return id ? text_hex(mnl_attr_get_payload(id),
			     mnl_attr_get_payload_len(id), "", text) : NULL;
}

static const char *port_text(const struct row *row, char *text)
{
	return text_device(row->tb[LEASEGLEAN_A_LEASE_PORT_NAME],
			   row->tb[LEASEGLEAN_A_LEASE_PORT], text);
}

/* To be put by the caller. */
struct json_object *row_json(const struct row *row)
{
	struct json_object *obj = json_object_new_object();
	const struct nlattr * const *tb = row->tb;
	char text[TEXT_MAX];

	json_text(obj, "address", text_addr(tb[LEASEGLEAN_A_LEASE_ADDR], text));
	json_text(obj, "state", state_text(row));
	json_text(obj, "origin", origin_text(row));
	json_text(obj, "hwaddr",
		  text_hwaddr(tb[LEASEGLEAN_A_LEASE_HWADDR], text));
	json_text(obj, "port", port_text(row, text));
	json_vlans(obj, row->vlans, row->n_vlans);
	json_text(obj, "giaddr", text_addr(tb[LEASEGLEAN_A_LEASE_GIADDR],
					   text));
	json_text(obj, "server", text_addr(tb[LEASEGLEAN_A_LEASE_SERVER],
					   text));
	json_text(obj, "circuit_id",
		  agent_text(row, LG_AGENT_CIRCUIT_ID, text));
	json_text(obj, "remote_id", agent_text(row, LG_AGENT_REMOTE_ID, text));
	json_text(obj, "client_id", client_id_text(row, text));
	json_u32(obj, "expires", tb[LEASEGLEAN_A_LEASE_EXPIRES]);
	json_u32(obj, "last_transaction",
		 tb[LEASEGLEAN_A_LEASE_LAST_TRANSACTION]);
	if (row_u32(row, LEASEGLEAN_A_LEASE_VRF))
		json_text(obj, "vrf",
			  text_vrf(tb[LEASEGLEAN_A_LEASE_VRF], text));
	return obj;
}

static void expires_text(const struct row *row)
{
	if (row->tb[LEASEGLEAN_A_LEASE_EXPIRES])
		printf(" expires %" PRIu32 "sec",
		       row_u32(row, LEASEGLEAN_A_LEASE_EXPIRES));
	else if (row_u32(row, LEASEGLEAN_A_LEASE_STATE) !=
		 LEASEGLEAN_STATE_PENDING)
		printf(" expires never");
}

/* One line. */
void row_text(const struct row *row)
{
	const struct nlattr * const *tb = row->tb;
	char text[TEXT_MAX];

	printf("%s", text_addr(tb[LEASEGLEAN_A_LEASE_ADDR], text));
	text_word("port", port_text(row, text));
	text_vlans(row->vlans, row->n_vlans);
	text_word("lladdr", text_hwaddr(tb[LEASEGLEAN_A_LEASE_HWADDR], text));
	printf(" %s", state_text(row));
	text_word("origin", origin_text(row));
	expires_text(row);
	text_word("giaddr", text_addr(tb[LEASEGLEAN_A_LEASE_GIADDR], text));
	text_word("server", text_addr(tb[LEASEGLEAN_A_LEASE_SERVER], text));
	text_word("circuit-id", agent_text(row, LG_AGENT_CIRCUIT_ID, text));
	text_word("remote-id", agent_text(row, LG_AGENT_REMOTE_ID, text));
	text_word("client-id", client_id_text(row, text));
	text_word("vrf", text_vrf(tb[LEASEGLEAN_A_LEASE_VRF], text));
	putchar('\n');
}
