// SPDX-License-Identifier: GPL-2.0
/* leaseglean port: which interfaces are access ports. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#define DUMP_TRIES	16

static const struct nl_attr_rule rules[LEASEGLEAN_A_PORT_MAX + 1] = {
	[LEASEGLEAN_A_PORT_IFINDEX] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_IFNAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_PORT_ROLE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_BUDGET_RATE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_BUDGET_BURST] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_PENDING] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_NEGATIVE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_ACTIVE] = { MNL_TYPE_U32, 4 },
};

/* Numbers of a port, in the order shown. */
static const struct {
	uint16_t type;
	const char *name;
} numbers[] = {
	{ LEASEGLEAN_A_PORT_BUDGET_RATE, "budget_rate" },
	{ LEASEGLEAN_A_PORT_BUDGET_BURST, "budget_burst" },
	{ LEASEGLEAN_A_PORT_ACTIVE, "active" },
	{ LEASEGLEAN_A_PORT_PENDING, "pending" },
	{ LEASEGLEAN_A_PORT_NEGATIVE, "negative" },
};

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

struct ports {
	struct json_object *json;
};

static const char *port_name(const struct nlattr **tb, char *name)
{
	const struct nlattr *index = tb[LEASEGLEAN_A_PORT_IFINDEX];

	if (tb[LEASEGLEAN_A_PORT_IFNAME])
		return mnl_attr_get_str(tb[LEASEGLEAN_A_PORT_IFNAME]);
	if (index && if_indextoname(mnl_attr_get_u32(index), name))
		return name;
	return "?";
}

static const char *role_name(const struct nlattr **tb)
{
	return cli_role(tb[LEASEGLEAN_A_PORT_ROLE] ?
			mnl_attr_get_u32(tb[LEASEGLEAN_A_PORT_ROLE]) : 0);
}

static struct json_object *json_number(const struct nlattr *attr)
{
	return attr ? json_object_new_int64(mnl_attr_get_u32(attr)) : NULL;
}

static void add_json(struct ports *ports, const struct nlattr **tb)
{
	struct json_object *obj = json_object_new_object();
	char name[IFNAMSIZ];
	size_t i;

	json_object_object_add(obj, "port",
			       json_object_new_string(port_name(tb, name)));
	json_object_object_add(obj, "role",
			       json_object_new_string(role_name(tb)));
	for (i = 0; i < N_NUMBERS; i++)
		json_object_object_add(obj, numbers[i].name,
				       json_number(tb[numbers[i].type]));
	json_object_array_add(ports->json, obj);
}

static void print_text(const struct nlattr **tb)
{
	char name[IFNAMSIZ];
	size_t i;

	printf("%s role %s", port_name(tb, name), role_name(tb));
	if (tb[LEASEGLEAN_A_PORT_BUDGET_RATE] &&
	    tb[LEASEGLEAN_A_PORT_BUDGET_BURST])
		printf(" budget %" PRIu32 "/%" PRIu32,
		       mnl_attr_get_u32(tb[LEASEGLEAN_A_PORT_BUDGET_RATE]),
		       mnl_attr_get_u32(tb[LEASEGLEAN_A_PORT_BUDGET_BURST]));
	for (i = 2; i < N_NUMBERS; i++)
		if (tb[numbers[i].type])
			printf(" %s %" PRIu32, numbers[i].name,
			       mnl_attr_get_u32(tb[numbers[i].type]));
	putchar('\n');
}

static int on_port(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_PORT_MAX + 1];
	struct ports *ports = data;

	if (nl_genl_attrs(tb, rules, LEASEGLEAN_A_PORT_MAX, nlh))
		return -EBADMSG;
	if (ports->json)
		add_json(ports, tb);
	else
		print_text(tb);
	return 0;
}

static int port_show(struct cli *cli)
{
	struct ports ports = { 0 };
	struct nlmsghdr *nlh;
	char buf[256];
	int tries, err = -EINTR;

	if (cli->argc > 1)
		return cli_usage("one port at a time");
	if (cli->argc && strlen(cli->argv[0]) >= IFNAMSIZ)
		return cli_usage("not an interface name");
	for (tries = 0; tries < DUMP_TRIES && err == -EINTR; tries++) {
		nlh = cli_request(cli, buf, LEASEGLEAN_CMD_PORT_GET,
				  cli->argc ? 0 : NLM_F_DUMP);
		if (cli->argc)
			mnl_attr_put_strz(nlh, LEASEGLEAN_A_PORT_IFNAME,
					  cli->argv[0]);
		if (ports.json)
			json_object_put(ports.json);
		ports.json = cli->json ? json_object_new_array() : NULL;
		err = nl_request(&cli->nl, nlh, on_port, &ports);
	}
	if (!err && ports.json)
		puts(json_object_to_json_string_ext(ports.json,
						    JSON_C_TO_STRING_PLAIN));
	if (ports.json)
		json_object_put(ports.json);
	return err ? cli_refused(cli, err) : CLI_OK;
}

static int port_set(struct cli *cli, const char *name, uint32_t role,
		    uint32_t rate, uint32_t burst)
{
	struct nlmsghdr *nlh;
	char buf[256];
	int err;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return cli_usage("not an interface name");
	nlh = cli_request(cli, buf, LEASEGLEAN_CMD_PORT_SET, 0);
	mnl_attr_put_strz(nlh, LEASEGLEAN_A_PORT_IFNAME, name);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_ROLE, role);
	if (rate) {
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_BUDGET_RATE, rate);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_BUDGET_BURST, burst);
	}
	err = nl_request(&cli->nl, nlh, NULL, NULL);
	return err ? cli_refused(cli, err) : CLI_OK;
}

static bool read_u32(const char *text, uint32_t *value, char behind)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end != behind || !number ||
	    number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	return true;
}

/* DEV [ role ] ROLE [ budget RATE/BURST ] */
static int port_add(struct cli *cli)
{
	uint32_t role, rate = 0, burst = 0;
	char **word = cli->argv + 1;
	int left;

	if (cli->argc > 1 && cli_word(*word, "role"))
		word++;
	left = cli->argc - (int)(word - cli->argv);
	if (left < 1)
		return cli_usage("which port, and which role?");
	if (cli_word(*word, "access"))
		role = LEASEGLEAN_ROLE_ACCESS;
	else if (cli_word(*word, "trusted"))
		role = LEASEGLEAN_ROLE_TRUSTED;
	else
		return cli_usage("a role is access or trusted");
	left--;
	word++;
	if (left == 2 && cli_word(word[0], "budget")) {
		const char *slash = strchr(word[1], '/');

		if (!slash || !read_u32(word[1], &rate, '/') ||
		    !read_u32(slash + 1, &burst, '\0'))
			return cli_usage("a budget is RATE/BURST");
		left = 0;
	}
	if (left)
		return cli_usage("too many words");
	return port_set(cli, cli->argv[0], role, rate, burst);
}

static int port_del(struct cli *cli)
{
	if (cli->argc != 1)
		return cli_usage("which port?");
	return port_set(cli, cli->argv[0], LEASEGLEAN_ROLE_NONE, 0, 0);
}

int port(struct cli *cli)
{
	const char *verb;

	if (!cli->argc)
		return port_show(cli);
	verb = cli->argv[0];
	cli->argc--;
	cli->argv++;
	if (cli_word(verb, "show") || cli_word(verb, "list"))
		return port_show(cli);
	if (cli_word(verb, "add") || cli_word(verb, "set"))
		return port_add(cli);
	if (cli_word(verb, "del") || cli_word(verb, "delete"))
		return port_del(cli);
	return cli_usage("port show, add or del?");
}
