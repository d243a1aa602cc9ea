// SPDX-License-Identifier: GPL-2.0
/* Which leases are meant: words of the command line. */
#include "filter.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "../parse.h"
#include "../../module/dhcp.h"

static const char * const states[] = {
	[LEASEGLEAN_STATE_ACTIVE] = "active",
	[LEASEGLEAN_STATE_UNASSIGNED] = "unassigned",
	[LEASEGLEAN_STATE_UNKNOWN] = "unknown",
	[LEASEGLEAN_STATE_PENDING] = "pending",
};

static const char * const origins[] = {
	[LEASEGLEAN_ORIGIN_GLEANED] = "gleaned",
	[LEASEGLEAN_ORIGIN_LEASEQUERY] = "leasequery",
	[LEASEGLEAN_ORIGIN_BULK] = "bulk",
	[LEASEGLEAN_ORIGIN_STATIC] = "static",
	[LEASEGLEAN_ORIGIN_RESTORED] = "restored",
};

const char *filter_state_name(uint32_t state)
{
	return state && state <= LEASEGLEAN_STATE_MAX ? states[state] : "?";
}

const char *filter_origin_name(uint32_t origin)
{
	return origin && origin <= LEASEGLEAN_ORIGIN_MAX ? origins[origin] : "?";
}

/**
 * struct agent - what a lease's option 82 has to have
 * @len: bytes of @info
 * @info: sub-options
 */
struct agent {
	size_t len;
	uint8_t info[LEASEGLEAN_OPAQUE_MAX];
};

enum word {
	WORD_PORT,
	WORD_DEV,
	WORD_VRF,
	WORD_MAC,
	WORD_LLADDR,
	WORD_STATE,
	WORD_ORIGIN,
	WORD_CIRCUIT_ID,
	WORD_REMOTE_ID,
	__WORD_LAST
};

static const char * const words[__WORD_LAST] = {
	[WORD_PORT] = "port",
	[WORD_DEV] = "dev",
	[WORD_VRF] = "vrf",
	[WORD_MAC] = "mac",
	[WORD_LLADDR] = "lladdr",
	[WORD_STATE] = "state",
	[WORD_ORIGIN] = "origin",
	[WORD_CIRCUIT_ID] = "circuit-id",
	[WORD_REMOTE_ID] = "remote-id",
};

static int put_number(struct nlmsghdr *nlh, uint16_t type, const char *text,
		      const char * const *names, size_t n)
{
	int number = cli_one_of(text, names, n);

	if (number < 0)
		return cli_unknown(text, number);
	mnl_attr_put_u32(nlh, type, (uint32_t)number);
	return CLI_OK;
}

int put_device(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	unsigned int index = if_nametoindex(name);

	if (!index) {
		fprintf(stderr, "Cannot find device \"%s\"\n", name);
		return CLI_USAGE;
	}
	mnl_attr_put_u32(nlh, type, index);
	return CLI_OK;
}

int put_vrf(struct nlmsghdr *nlh, const char *name)
{
	uint32_t index;
	const char *reason = parse_vrf(name, &index);

	if (reason)
		return cli_bad("vrf", name, reason);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_VRF, index);
	return CLI_OK;
}

/* @want: bytes that it has to have, 0 for any number */
int put_hwaddr(struct nlmsghdr *nlh, const char *text, size_t want)
{
	uint8_t hwaddr[LEASEGLEAN_HWADDR_MAX];
	const char *reason;
	size_t len = 0;

	reason = parse_hex(text, hwaddr, sizeof(hwaddr), &len);
	if (!reason && want && len != want)
		reason = "not six bytes";
	if (reason)
		return cli_bad("hardware address", text, reason);
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_HWADDR, len, hwaddr);
	return CLI_OK;
}

/* In hexadecimal, or text:... for what is text. */
static const char *read_id(const char *text, uint8_t *value, size_t *len)
{
	static const char prefix[] = "text:";

	*len = 0;
	if (strncmp(text, prefix, strlen(prefix)))
		return parse_hex(text, value, LG_AGENT_VALUE_MAX, len);
	text += strlen(prefix);
	if (strlen(text) > LG_AGENT_VALUE_MAX)
		return "too long";
	*len = strlen(text);
	memcpy(value, text, *len);
	return NULL;
}

/* What a relay agent says in one option 82, that has one length. */
static int take_id(struct agent *agent, uint8_t code, const char *text)
{
	uint8_t value[LG_AGENT_VALUE_MAX];
	const char *reason;
	size_t len;

	reason = read_id(text, value, &len);
	if (!reason && agent->len + 2 + len > sizeof(agent->info))
		reason = "too long beside the other";
	if (reason)
		return cli_bad("identifier", text, reason);
	agent->info[agent->len++] = code;
	agent->info[agent->len++] = (uint8_t)len;
	memcpy(agent->info + agent->len, value, len);
	agent->len += len;
	return CLI_OK;
}

static int filter_word(struct nlmsghdr *nlh, struct agent *agent,
		       enum word word, const char *value)
{
	switch (word) {
	case WORD_PORT:
	case WORD_DEV:
		return put_device(nlh, LEASEGLEAN_A_LEASE_PORT, value);
	case WORD_VRF:
		return put_vrf(nlh, value);
	case WORD_MAC:
	case WORD_LLADDR:
		return put_hwaddr(nlh, value, 0);
	case WORD_STATE:
		return put_number(nlh, LEASEGLEAN_A_LEASE_STATE, value, states,
				  LEASEGLEAN_STATE_MAX + 1);
	case WORD_ORIGIN:
		return put_number(nlh, LEASEGLEAN_A_LEASE_ORIGIN, value,
				  origins, LEASEGLEAN_ORIGIN_MAX + 1);
	case WORD_CIRCUIT_ID:
		return take_id(agent, LG_AGENT_CIRCUIT_ID, value);
	case WORD_REMOTE_ID:
		return take_id(agent, LG_AGENT_REMOTE_ID, value);
	default:
		return CLI_USAGE;
	}
}

/**
 * filter_put() - take all words that are left as a filter of leases
 * @cli: its words are used up
 * @nlh: of FILTER_ROOM bytes, gets what the kernel looks for
 *
 * Return: enum cli_status.
 */
int filter_put(struct cli *cli, struct nlmsghdr *nlh)
{
	struct agent agent = { 0 };
	uint32_t seen = 0;
	int status = CLI_OK;

	for (; cli->argc && !status; cli->argc -= 2, cli->argv += 2) {
		int word = cli_one_of(cli->argv[0], words, __WORD_LAST);

		if (word < 0)
			return cli_unknown(cli->argv[0], word);
		/* Two names of one thing. */
		if (word == WORD_DEV)
			word = WORD_PORT;
		if (word == WORD_LLADDR)
			word = WORD_MAC;
		if (cli->argc < 2)
			return cli_missing(cli->argv[0]);
		if (seen & 1u << word)
			return cli_bad("filter", cli->argv[0], "given twice");
		seen |= 1u << word;
		status = filter_word(nlh, &agent, (enum word)word,
				     cli->argv[1]);
	}
	if (!status && agent.len)
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_AGENT_INFO, agent.len,
			     agent.info);
	return status;
}
