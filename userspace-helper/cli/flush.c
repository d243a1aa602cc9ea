// SPDX-License-Identifier: GPL-2.0
/* leaseglean flush: forget leases. */
#include "cli.h"

#include "filter.h"

int flush(struct cli *cli)
{
	struct nlmsghdr *nlh;
	char buf[256];
	int status, err;

	nlh = cli_request(cli, buf, LEASEGLEAN_CMD_LEASE_FLUSH, 0);
	status = filter_put(cli, nlh);
	if (status)
		return status;
	err = nl_request(&cli->nl, nlh, NULL, NULL);
	return err ? cli_refused(cli, err) : CLI_OK;
}
