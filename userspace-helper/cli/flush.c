// SPDX-License-Identifier: GPL-2.0
/* leaseglean clear, or flush: forget leases. */
#include "cli.h"

#include "filter.h"

int flush(struct cli *cli)
{
	struct nlmsghdr *nlh;
	char buf[FILTER_ROOM];
	int status, err;

	nlh = cli_request(buf, LEASEGLEAN_CMD_LEASE_FLUSH, 0);
	status = filter_put(cli, nlh);
	if (!status)
		status = cli_connect(cli);
	if (status)
		return status;
	err = cli_ask(cli, nlh, NULL, NULL);
	return err ? cli_refused(cli, err) : CLI_OK;
}
