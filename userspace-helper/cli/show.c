// SPDX-License-Identifier: GPL-2.0
/* leaseglean show: the table, row by row as the kernel gives it. */
#include "cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "filter.h"
#include "lease.h"

/**
 * struct output - how far the output is
 * @json: else text
 * @any: something was printed
 * @begun: a row came
 * @vrf: of the last row that came
 * @addr: likewise, host order
 */
struct output {
	bool json;
	bool any;
	bool begun;
	uint32_t vrf;
	uint32_t addr;
};

static void print_json(struct output *out, const struct row *row)
{
	struct json_object *obj = row_json(row);

	printf("%s%s", out->any ? ",\n" : "[", json_line(obj));
	json_object_put(obj);
}

/* A dump that is begun again repeats rows; they come in order. */
static bool came_before(const struct output *out, uint32_t vrf, uint32_t addr)
{
	if (!out->begun || vrf > out->vrf)
		return false;
	return vrf < out->vrf || addr <= out->addr;
}

static int on_row(const struct nlmsghdr *nlh, void *data)
{
	struct output *out = data;
	uint32_t vrf, addr;
	struct row row;

	if (row_read(&row, nlh))
		return -EBADMSG;
	vrf = row_u32(&row, LEASEGLEAN_A_LEASE_VRF);
	addr = ntohl(row_u32(&row, LEASEGLEAN_A_LEASE_ADDR));
	if (came_before(out, vrf, addr))
		return 0;
	out->begun = true;
	out->vrf = vrf;
	out->addr = addr;
	if (out->json)
		print_json(out, &row);
	else
		row_text(&row);
	out->any = true;
	if (ferror(stdout))
		cli_end_output();
	return 0;
}

static int dump(struct cli *cli, struct nlmsghdr *nlh, struct output *out)
{
	int tries, err = -EINTR;

	for (tries = 0; tries < CLI_DUMP_TRIES && err == -EINTR; tries++)
		err = cli_ask(cli, nlh, on_row, out);
	return err;
}

/* ADDRESS [ vrf DEV ], or a filter of all */
static int read_words(struct cli *cli, void *buf, struct nlmsghdr **nlh)
{
	__be32 addr;

	if (!cli->argc || !cli_addr(cli->argv[0], &addr)) {
		*nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_GET,
				   NLM_F_DUMP);
		/* The daemon, and other commands, have their turn meanwhile. */
		mnl_attr_put(*nlh, LEASEGLEAN_A_LEASE_PIECES, 0, NULL);
		return filter_put(cli, *nlh);
	}
	cli->argc--;
	cli->argv++;
	*nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_GET, 0);
	mnl_attr_put_u32(*nlh, LEASEGLEAN_A_LEASE_ADDR, addr);
	if (!cli->argc)
		return CLI_OK;
	if (cli->argc != 2 || !cli_word(cli->argv[0], "vrf"))
		return cli_usage("an address is in a vrf only");
	return put_vrf(*nlh, cli->argv[1]);
}

int show(struct cli *cli)
{
	struct output out = { .json = cli->json };
	struct nlmsghdr *nlh;
	char buf[FILTER_ROOM];
	int status, err;

	status = read_words(cli, buf, &nlh);
	if (!status)
		status = cli_connect(cli);
	if (status)
		return status;
	err = dump(cli, nlh, &out);
	if (err && !out.any)
		return cli_refused(cli, err);
	if (cli->json)
		puts(out.any ? "]" : "[]");
	return err ? cli_refused(cli, err) : CLI_OK;
}
