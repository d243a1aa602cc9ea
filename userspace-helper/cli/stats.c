// SPDX-License-Identifier: GPL-2.0
/* leaseglean stats: the module's counters, and the daemon's. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon.h"

#define DAEMON_SECONDS	2

static const struct nl_attr_rule rules[LEASEGLEAN_A_COUNTER_MAX + 1] = {
	[LEASEGLEAN_A_COUNTER_NAME] = { MNL_TYPE_NUL_STRING, 0 },
	[LEASEGLEAN_A_COUNTER_VALUE] = { MNL_TYPE_U64, 8 },
};

/**
 * struct output - how they are told
 * @json: gets them, or NULL
 * @prometheus: in its format, else a line each
 */
struct output {
	struct json_object *json;
	bool prometheus;
};

/* What the table holds now goes up and down; all others only up. */
static bool is_gauge(const char *name)
{
	return !strcmp(name, "active") || !strcmp(name, "negative") ||
	       !strcmp(name, "pending");
}

static void put_prometheus(const char *name, uint64_t value)
{
	const char *of = is_gauge(name) ? "" : "_total";

	printf("# HELP leaseglean_%s%s %s %s.\n", name, of, is_gauge(name) ?
	       "Entries of the module's table that are" :
	       "What the module counts as", name);
	printf("# TYPE leaseglean_%s%s %s\n", name, of,
	       is_gauge(name) ? "gauge" : "counter");
	printf("leaseglean_%s%s %" PRIu64 "\n", name, of, value);
}

static void put_counter(const struct output *out, const char *name,
			uint64_t value)
{
	if (out->json)
		json_object_object_add(out->json, name,
				       json_object_new_uint64(value));
	else if (out->prometheus)
		put_prometheus(name, value);
	else
		printf("%s %" PRIu64 "\n", name, value);
}

static int on_counters(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_COUNTER_MAX + 1];
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return -EBADMSG;
	nl_for_each_genl(attr, nlh) {
		if (mnl_attr_get_type(attr) != LEASEGLEAN_A_STATS_COUNTER)
			continue;
		if (nl_attrs(tb, rules, LEASEGLEAN_A_COUNTER_MAX,
			     mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr)) ||
		    !tb[LEASEGLEAN_A_COUNTER_NAME] ||
		    !tb[LEASEGLEAN_A_COUNTER_VALUE])
			return -EBADMSG;
		put_counter(data,
			    mnl_attr_get_str(tb[LEASEGLEAN_A_COUNTER_NAME]),
			    mnl_attr_get_u64(tb[LEASEGLEAN_A_COUNTER_VALUE]));
	}
	return 0;
}

/* The daemon's beside them, where it is there. */
static void add_daemon(struct cli *cli, struct json_object *json)
{
	char *text = daemon_ask(cli, "status\n", DAEMON_SECONDS, true);
	struct json_object *said = text ? daemon_json(text) : NULL;
	struct json_object *counters, *times;

	if (said && json_object_object_get_ex(said, "counters", &counters)) {
		if (json_object_object_get_ex(said, "histograms", &times))
			json_object_object_add(counters, "histograms",
					       json_object_get(times));
		json_object_object_add(json, "leasegleand",
				       json_object_get(counters));
	}
	json_object_put(said);
	free(text);
}

int stats(struct cli *cli)
{
	struct output out = { .prometheus = cli->prometheus };
	struct nlmsghdr *nlh;
	char buf[128];
	int err;

	if (cli->argc)
		return cli_usage("stats takes no words");
	if (cli_connect(cli))
		return CLI_REFUSED;
	nlh = cli_request(buf, LEASEGLEAN_CMD_STATS_GET, 0);
	if (cli->json)
		out.json = json_object_new_object();
	err = cli_ask(cli, nlh, on_counters, &out);
	if (!err && out.json) {
		add_daemon(cli, out.json);
		puts(json_object_to_json_string_ext(out.json,
						    JSON_C_TO_STRING_PLAIN));
	}
	json_object_put(out.json);
	return err ? cli_refused(cli, err) : CLI_OK;
}
