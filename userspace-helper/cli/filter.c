// SPDX-License-Identifier: GPL-2.0
/* Which leases are meant: words of the command line as attributes. */
#include "filter.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

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

/* Number of the one name that @word begins, 0 for none or several. */
static uint32_t number_of(const char *word, const char * const *names,
			  uint32_t max)
{
	uint32_t i, found = 0;

	for (i = 1; i <= max; i++) {
		if (!strcmp(word, names[i]))
			return i;
		if (cli_word(word, names[i])) {
			if (found)
				return 0;
			found = i;
		}
	}
	return found;
}

static int put_number(struct nlmsghdr *nlh, uint16_t type, uint32_t number,
		      const char *word)
{
	if (!number) {
		fprintf(stderr, "leaseglean: what is \"%s\"?\n", word);
		return cli_usage(NULL);
	}
	mnl_attr_put_u32(nlh, type, number);
	return CLI_OK;
}

static int put_device(struct nlmsghdr *nlh, uint16_t type, const char *name)
{
	unsigned int index = if_nametoindex(name);

	if (!index) {
		fprintf(stderr, "Cannot find device \"%s\"\n", name);
		return CLI_USAGE;
	}
	mnl_attr_put_u32(nlh, type, index);
	return CLI_OK;
}

/**
 * filter_put() - take all words that are left as a filter of leases
 * @cli: its words are used up
 * @nlh: gets the attributes
 *
 * Return: enum cli_status.
 */
int filter_put(struct cli *cli, struct nlmsghdr *nlh)
{
	int status = CLI_OK;

	for (; cli->argc && !status; cli->argc -= 2, cli->argv += 2) {
		const char *word = cli->argv[0], *value = cli->argv[1];

		if (cli->argc < 2)
			return cli_usage("a word is missing");
		if (!strcmp(word, "port") || !strcmp(word, "dev"))
			status = put_device(nlh, LEASEGLEAN_A_LEASE_PORT,
					    value);
		else if (cli_word(word, "vrf"))
			status = put_device(nlh, LEASEGLEAN_A_LEASE_VRF,
					    value);
		else if (cli_word(word, "state"))
			status = put_number(nlh, LEASEGLEAN_A_LEASE_STATE,
					    number_of(value, states,
						      LEASEGLEAN_STATE_MAX),
					    value);
		else if (cli_word(word, "origin"))
			status = put_number(nlh, LEASEGLEAN_A_LEASE_ORIGIN,
					    number_of(value, origins,
						      LEASEGLEAN_ORIGIN_MAX),
					    value);
		else
			status = put_number(nlh, 0, 0, word);
	}
	return status;
}
