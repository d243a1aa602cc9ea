// SPDX-License-Identifier: GPL-2.0
/* leaseglean stats: the module's counters, and the daemon's. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "daemon.h"

#define DAEMON_SECONDS	2

static const struct nl_attr_rule rules[LEASEGLEAN_A_COUNTER_MAX + 1] = {
	[LEASEGLEAN_A_COUNTER_NAME] = { MNL_TYPE_NUL_STRING, 0 },
	[LEASEGLEAN_A_COUNTER_VALUE] = { MNL_TYPE_U64, 8 },
};

static int on_counters(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_COUNTER_MAX + 1];
	struct json_object *json = data;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return -EBADMSG;
	nl_for_each_genl(attr, nlh) {
		const char *name;
		uint64_t value;

		if (mnl_attr_get_type(attr) != LEASEGLEAN_A_STATS_COUNTER)
			continue;
		if (nl_attrs(tb, rules, LEASEGLEAN_A_COUNTER_MAX,
			     mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr)) ||
		    !tb[LEASEGLEAN_A_COUNTER_NAME] ||
		    !tb[LEASEGLEAN_A_COUNTER_VALUE])
			return -EBADMSG;
		name = mnl_attr_get_str(tb[LEASEGLEAN_A_COUNTER_NAME]);
		value = mnl_attr_get_u64(tb[LEASEGLEAN_A_COUNTER_VALUE]);
		if (json)
			json_object_object_add(json, name,
					       json_object_new_uint64(value));
		else
			printf("%s %" PRIu64 "\n", name, value);
	}
	return 0;
}

/* The daemon's beside them, where it is there. */
static void add_daemon(struct cli *cli, struct json_object *json)
{
	char *text = daemon_ask(cli, "status\n", DAEMON_SECONDS, true);
	struct json_object *said = text ? daemon_json(text) : NULL;
	struct json_object *counters;

	if (said && json_object_object_get_ex(said, "counters", &counters))
		json_object_object_add(json, "leasegleand",
				       json_object_get(counters));
	json_object_put(said);
	free(text);
}

int stats(struct cli *cli)
{
	struct json_object *json = NULL;
	struct nlmsghdr *nlh;
	char buf[128];
	int err;

	if (cli->argc)
		return cli_usage("stats takes no words");
	if (cli_connect(cli))
		return CLI_REFUSED;
	nlh = cli_request(buf, LEASEGLEAN_CMD_STATS_GET, 0);
	if (cli->json)
		json = json_object_new_object();
	err = cli_ask(cli, nlh, on_counters, json);
	if (!err && json)
		add_daemon(cli, json);
	if (!err && json)
		puts(json_object_to_json_string_ext(json,
						    JSON_C_TO_STRING_PLAIN));
	if (json)
		json_object_put(json);
	return err ? cli_refused(cli, err) : CLI_OK;
}
