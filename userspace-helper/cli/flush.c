// SPDX-License-Identifier: GPL-2.0
/* leaseglean clear, or flush: forget leases. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter.h"
#include "lease.h"

struct key {
	__be32 addr;
	uint32_t vrf;
};

/**
 * struct keys - leases that were found
 * @filter: what to find
 * @n: how many there are
 * @room: how many @key holds
 * @key: those
 */
struct keys {
	struct filter filter;
	size_t n;
	size_t room;
	struct key *key;
};

static struct key *keys_next(struct keys *keys)
{
	struct key *key;

	if (keys->n == keys->room) {
		keys->room = keys->room ? keys->room * 2 : 256;
		key = reallocarray(keys->key, keys->room, sizeof(*key));
		if (!key)
			return NULL;
		keys->key = key;
	}
	return &keys->key[keys->n++];
}

static int on_row(const struct nlmsghdr *nlh, void *data)
{
	struct keys *keys = data;
	struct key *key;
	struct row row;

	if (row_read(&row, nlh))
		return -EBADMSG;
	if (!filter_match(&keys->filter, &row))
		return 0;
	/* As the kernel's own flush spares them. */
	if (!keys->filter.origin_given &&
	    row_u32(&row, LEASEGLEAN_A_LEASE_ORIGIN) ==
	    LEASEGLEAN_ORIGIN_STATIC)
		return 0;
	key = keys_next(keys);
	if (!key)
		return -ENOMEM;
	key->addr = row_u32(&row, LEASEGLEAN_A_LEASE_ADDR);
	key->vrf = row_u32(&row, LEASEGLEAN_A_LEASE_VRF);
	return 0;
}

static int delete_one(struct cli *cli, const struct key *key)
{
	struct nlmsghdr *nlh;
	char buf[128];
	int err;

	nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_DEL, 0);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, key->addr);
	if (key->vrf)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_VRF, key->vrf);
	err = cli_ask(cli, nlh, NULL, NULL);
	/* It ended by itself meanwhile. */
	return err == -ENOENT ? 0 : err;
}

/* What the kernel cannot find by itself is found here and taken out singly. */
static int flush_rows(struct cli *cli, struct nlmsghdr *nlh, struct keys *keys)
{
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	int tries, err = -EINTR;
	size_t i;

	genl->cmd = LEASEGLEAN_CMD_LEASE_GET;
	nlh->nlmsg_flags |= NLM_F_DUMP;
	for (tries = 0; tries < CLI_DUMP_TRIES && err == -EINTR; tries++) {
		keys->n = 0;
		err = cli_ask(cli, nlh, on_row, keys);
	}
	for (i = 0; i < keys->n && !err; i++)
		err = delete_one(cli, &keys->key[i]);
	return err;
}

int flush(struct cli *cli)
{
	struct keys keys = { 0 };
	struct nlmsghdr *nlh;
	char buf[FILTER_ROOM];
	int status, err;

	nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_FLUSH, 0);
	status = filter_put(cli, nlh, &keys.filter);
	if (!status)
		status = cli_connect(cli);
	if (status)
		return status;
	if (filter_by_row(&keys.filter))
		err = flush_rows(cli, nlh, &keys);
	else
		err = cli_ask(cli, nlh, NULL, NULL);
	free(keys.key);
	return err ? cli_refused(cli, err) : CLI_OK;
}
