// SPDX-License-Identifier: GPL-2.0
/* Reads what the module's table has of an address. */
#include "known.h"

#include <errno.h>

#include "netlink.h"
#include "../uapi/leaseglean.h"

static const struct nl_attr_rule rules[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_STATE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_ORIGIN] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_HTYPE] = { MNL_TYPE_U8, 1 },
	[LEASEGLEAN_A_LEASE_HWADDR] = { MNL_TYPE_BINARY,
					LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_EXPIRES] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_AGE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { MNL_TYPE_BINARY,
					    LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { MNL_TYPE_BINARY,
					   LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_LAST_TRANSACTION] = { MNL_TYPE_U32, 4 },
};

static uint32_t attr_u32(const struct nlattr *attr, uint32_t absent)
{
	return attr ? mnl_attr_get_u32(attr) : absent;
}

static const uint8_t *attr_bytes(const struct nlattr *attr, uint8_t *len)
{
	*len = attr ? (uint8_t)mnl_attr_get_payload_len(attr) : 0;
	return attr ? mnl_attr_get_payload(attr) : NULL;
}

/**
 * known_read() - take it out of attributes
 * @known: filled in; points into them
 * @attrs: of a lease
 * @len: bytes of them
 *
 * Return: 0, or -EBADMSG when one is not as it has to be.
 */
int known_read(struct known *known, const void *attrs, size_t len)
{
	const struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1], *htype;

	if (nl_attrs(tb, rules, LEASEGLEAN_A_LEASE_MAX, attrs, len))
		return -EBADMSG;
	htype = tb[LEASEGLEAN_A_LEASE_HTYPE];
	known->addr = attr_u32(tb[LEASEGLEAN_A_LEASE_ADDR], 0);
	known->state = attr_u32(tb[LEASEGLEAN_A_LEASE_STATE], 0);
	known->origin = attr_u32(tb[LEASEGLEAN_A_LEASE_ORIGIN], 0);
	/* What never ends has none, the contract says. */
	known->expires = attr_u32(tb[LEASEGLEAN_A_LEASE_EXPIRES], UINT32_MAX);
	known->dated = tb[LEASEGLEAN_A_LEASE_LAST_TRANSACTION];
	known->age = attr_u32(tb[LEASEGLEAN_A_LEASE_AGE], 0);
	known->htype = htype ? mnl_attr_get_u8(htype) : 0;
	known->hwaddr = attr_bytes(tb[LEASEGLEAN_A_LEASE_HWADDR],
				   &known->hlen);
	known->client_id = attr_bytes(tb[LEASEGLEAN_A_LEASE_CLIENT_ID],
				      &known->client_id_len);
	known->agent_info = attr_bytes(tb[LEASEGLEAN_A_LEASE_AGENT_INFO],
				       &known->agent_info_len);
	return 0;
}
