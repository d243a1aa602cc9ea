// SPDX-License-Identifier: GPL-2.0
/* A port's settings as attributes of the module's messages. */
#include "settings_nl.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

const struct nl_attr_rule settings_rules[LEASEGLEAN_A_PORT_MAX + 1] = {
	[LEASEGLEAN_A_PORT_IFINDEX] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_IFNAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_PORT_ROLE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_BUDGET_RATE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_BUDGET_BURST] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_PENDING] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_NEGATIVE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_ACTIVE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_ARP] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_VERIFY] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_MATCH] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_MOVE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_MAX_LEASES] = { MNL_TYPE_U32, 4 },
};

static const struct nl_attr_rule prefix_rules[LEASEGLEAN_A_PREFIX_MAX + 1] = {
	[LEASEGLEAN_A_PREFIX_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PREFIX_LEN] = { MNL_TYPE_U8, 1 },
};

/* Those that are one number each. */
static const struct {
	enum settings_key key;
	uint16_t type;
	size_t offset;
} numbers[] = {
#define NUMBER(key, type, member) \
	{ SETTINGS_##key, LEASEGLEAN_A_PORT_##type, \
	  offsetof(struct settings, member) }
	NUMBER(ROLE, ROLE, role),
	NUMBER(BUDGET, BUDGET_RATE, rate),
	NUMBER(BUDGET, BUDGET_BURST, burst),
	NUMBER(ARP, ARP, arp),
	NUMBER(VERIFY, VERIFY, verify),
	NUMBER(MATCH, MATCH, match),
	NUMBER(MOVE, MOVE, move),
	NUMBER(MAX, MAX_LEASES, max_leases),
#undef NUMBER
};

#define N_NUMBERS	(sizeof(numbers) / sizeof(numbers[0]))

static void put_prefix(struct nlmsghdr *nlh,
		       const struct settings_prefix *prefix)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh,
						  LEASEGLEAN_A_PORT_EXCLUDE);

	mnl_attr_put_u32(nlh, LEASEGLEAN_A_PREFIX_ADDR, prefix->addr);
	mnl_attr_put_u8(nlh, LEASEGLEAN_A_PREFIX_LEN, prefix->len);
	mnl_attr_nest_end(nlh, nest);
}

/**
 * settings_put() - write what was said into a request
 * @nlh: of SETTINGS_ROOM bytes
 * @set: settings
 */
void settings_put(struct nlmsghdr *nlh, const struct settings *set)
{
	/* A single one of length 0 says that there shall be none. */
	static const struct settings_prefix none;
	uint32_t value;
	unsigned int i;

	for (i = 0; i < N_NUMBERS; i++) {
		if (!settings_has(set, numbers[i].key))
			continue;
		memcpy(&value, (const char *)set + numbers[i].offset,
		       sizeof(value));
		mnl_attr_put_u32(nlh, numbers[i].type, value);
	}
	if (!settings_has(set, SETTINGS_EXCLUDE))
		return;
	for (i = 0; i < set->n_exclude; i++)
		put_prefix(nlh, &set->exclude[i]);
	if (!set->n_exclude)
		put_prefix(nlh, &none);
}

static int get_prefix(struct settings *set, const struct nlattr *attr)
{
	const struct nlattr *tb[LEASEGLEAN_A_PREFIX_MAX + 1];
	struct settings_prefix *prefix;

	if (nl_attrs(tb, prefix_rules, LEASEGLEAN_A_PREFIX_MAX,
		     mnl_attr_get_payload(attr),
		     mnl_attr_get_payload_len(attr)) ||
	    !tb[LEASEGLEAN_A_PREFIX_ADDR] || !tb[LEASEGLEAN_A_PREFIX_LEN] ||
	    set->n_exclude == LEASEGLEAN_EXCLUDES_MAX)
		return -EBADMSG;
	prefix = &set->exclude[set->n_exclude++];
	prefix->addr = mnl_attr_get_u32(tb[LEASEGLEAN_A_PREFIX_ADDR]);
	prefix->len = mnl_attr_get_u8(tb[LEASEGLEAN_A_PREFIX_LEN]);
	return 0;
}

/**
 * settings_get() - read a port's settings out of the module's message
 * @set: to fill
 * @tb: LEASEGLEAN_A_PORT_MAX + 1 attributes, sorted by settings_rules
 * @nlh: the message that they are of
 *
 * Return: 0 or -EBADMSG.
 */
int settings_get(struct settings *set, const struct nlattr **tb,
		 const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	uint32_t value;
	unsigned int i;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < N_NUMBERS; i++) {
		if (!tb[numbers[i].type])
			continue;
		value = mnl_attr_get_u32(tb[numbers[i].type]);
		memcpy((char *)set + numbers[i].offset, &value, sizeof(value));
		set->has |= 1u << numbers[i].key;
	}
	set->has |= 1u << SETTINGS_EXCLUDE;
	nl_for_each_genl(attr, nlh)
		if (mnl_attr_get_type(attr) == LEASEGLEAN_A_PORT_EXCLUDE &&
		    get_prefix(set, attr))
			return -EBADMSG;
	return 0;
}
