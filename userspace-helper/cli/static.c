// SPDX-License-Identifier: GPL-2.0
/*
 * leaseglean add, replace and del: bindings of hosts that do not use DHCP, in
 * the words of "ip neighbour".
 */
#include "cli.h"

#include <net/ethernet.h>
#include <stdio.h>

#include "filter.h"

enum word {
	WORD_LLADDR,
	WORD_DEV,
	WORD_PORT,
	WORD_VRF,
	__WORD_LAST
};

static const char * const words[__WORD_LAST] = {
	[WORD_LLADDR] = "lladdr",
	[WORD_DEV] = "dev",
	[WORD_PORT] = "port",
	[WORD_VRF] = "vrf",
};

static int put_word(struct nlmsghdr *nlh, enum word word, const char *value)
{
	switch (word) {
	case WORD_LLADDR:
		return put_hwaddr(nlh, value, ETH_ALEN);
	case WORD_DEV:
		return put_device(nlh, LEASEGLEAN_A_LEASE_PORT, value);
	default:
		return put_vrf(nlh, value);
	}
}

/**
 * put_words() - ADDRESS and what is said of it
 * @cli: its words are used up
 * @nlh: gets the attributes
 * @allowed: bits of enum word
 * @needed: likewise
 *
 * Return: enum cli_status.
 */
static int put_words(struct cli *cli, struct nlmsghdr *nlh, uint32_t allowed,
		     uint32_t needed)
{
	uint32_t seen = 0;
	__be32 addr;
	int status;

	if (!cli->argc || !cli_addr(cli->argv[0], &addr))
		return cli_usage("which address?");
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, addr);
	for (cli->argc--, cli->argv++; cli->argc;
	     cli->argc -= 2, cli->argv += 2) {
		int word = cli_one_of(cli->argv[0], words, __WORD_LAST);

		if (word == WORD_PORT)
			word = WORD_DEV;
		if (word < 0 || !(allowed & 1u << word))
			return cli_unknown(cli->argv[0], word);
		if (cli->argc < 2)
			return cli_missing(cli->argv[0]);
		if (seen & 1u << word)
			return cli_bad("word", cli->argv[0], "given twice");
		seen |= 1u << word;
		status = put_word(nlh, (enum word)word, cli->argv[1]);
		if (status)
			return status;
	}
	if (needed & ~seen)
		return cli_usage("which hardware address (lladdr)?");
	return CLI_OK;
}

static int put(struct cli *cli, uint16_t flags)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	char buf[256];
	int status, err;

	nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_PUT, flags);
	nest = mnl_attr_nest_start(nlh, LEASEGLEAN_A_LEASES_LEASE);
	status = put_words(cli, nlh, 1u << WORD_LLADDR | 1u << WORD_DEV |
			   1u << WORD_VRF, 1u << WORD_LLADDR);
	if (!status)
		status = cli_connect(cli);
	if (status)
		return status;
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_STATE,
			 LEASEGLEAN_STATE_ACTIVE);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ORIGIN,
			 LEASEGLEAN_ORIGIN_STATIC);
	mnl_attr_nest_end(nlh, nest);
	err = cli_ask(cli, nlh, NULL, NULL);
	return err ? cli_refused(cli, err) : CLI_OK;
}

int static_add(struct cli *cli)
{
	return put(cli, NLM_F_CREATE | NLM_F_EXCL);
}

int static_replace(struct cli *cli)
{
	return put(cli, NLM_F_CREATE | NLM_F_REPLACE);
}

int static_del(struct cli *cli)
{
	struct nlmsghdr *nlh;
	char buf[256];
	int status, err;

	nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_DEL, 0);
	status = put_words(cli, nlh, 1u << WORD_VRF, 0);
	if (!status)
		status = cli_connect(cli);
	if (status)
		return status;
	err = cli_ask(cli, nlh, NULL, NULL);
	return err ? cli_refused(cli, err) : CLI_OK;
}
