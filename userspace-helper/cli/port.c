// SPDX-License-Identifier: GPL-2.0
/* leaseglean port: which interfaces are access ports, and how they are held. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "port_row.h"

struct ports {
	struct json_object *json;
};

static bool name_ok(const char *name)
{
	return *name && strlen(name) < IFNAMSIZ;
}

/* ---- show ---- */

static int on_port(const struct nlmsghdr *nlh, void *data)
{
	struct ports *ports = data;
	struct port_row row;

	if (port_row_read(&row, nlh))
		return -EBADMSG;
	if (ports->json) {
		json_object_array_add(ports->json, port_row_json(&row));
	} else {
		port_row_settings(&row);
		port_row_counts(&row);
	}
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
	if (cli->argc && !name_ok(cli->argv[0]))
		return cli_usage("not an interface name");
	if (cli_connect(cli))
		return CLI_REFUSED;
	for (tries = 0; tries < CLI_DUMP_TRIES && err == -EINTR; tries++) {
		nlh = cli_request(buf, LEASEGLEAN_CMD_PORT_GET,
				  cli->argc ? 0 : NLM_F_DUMP);
		if (cli->argc)
			mnl_attr_put_strz(nlh, LEASEGLEAN_A_PORT_IFNAME,
					  cli->argv[0]);
		if (ports.json)
			json_object_put(ports.json);
		ports.json = cli->json ? json_object_new_array() : NULL;
		err = cli_ask(cli, nlh, on_port, &ports);
	}
	if (!err && ports.json)
		puts(json_line(ports.json));
	if (ports.json)
		json_object_put(ports.json);
	return err ? cli_refused(cli, err) : CLI_OK;
}

/* ---- set ---- */

static int apply(struct cli *cli, const char *name,
		 const struct settings *set)
{
	struct nlmsghdr *nlh;
	char buf[SETTINGS_ROOM];
	int err;

	if (!name_ok(name))
		return cli_usage("not an interface name");
	if (cli_connect(cli))
		return CLI_REFUSED;
	nlh = cli_request(buf, LEASEGLEAN_CMD_PORT_SET, 0);
	mnl_attr_put_strz(nlh, LEASEGLEAN_A_PORT_IFNAME, name);
	settings_put(nlh, set);
	err = cli_ask(cli, nlh, NULL, NULL);
	return err ? cli_refused(cli, err) : CLI_OK;
}

static int take(struct settings *set, int key, const char *value)
{
	const char *reason = settings_take(set, (enum settings_key)key, value,
					   cli_word);

	return reason ? cli_bad(settings_name((enum settings_key)key), value,
				reason) : CLI_OK;
}

static int read_settings(struct cli *cli, struct settings *set)
{
	int status = CLI_OK;

	for (; cli->argc && !status; cli->argc -= 2, cli->argv += 2) {
		int key = settings_word(cli->argv[0], cli_word);

		if (key < 0)
			return cli_unknown(cli->argv[0], key);
		if (cli->argc < 2)
			return cli_missing(cli->argv[0]);
		status = take(set, key, cli->argv[1]);
	}
	return status;
}

/* DEV [ SETTING ]..., where the first may be a role without the word */
static int port_set(struct cli *cli, bool add)
{
	struct settings set = { 0 };
	const char *name;
	int status = CLI_OK;

	if (!cli->argc)
		return cli_usage("which port?");
	name = *cli->argv++;
	if (--cli->argc &&
	    settings_word(cli->argv[0], cli_word) == SETTINGS_NO_WORD) {
		status = take(&set, SETTINGS_ROLE, cli->argv[0]);
		cli->argc--;
		cli->argv++;
	}
	if (!status)
		status = read_settings(cli, &set);
	if (status)
		return status;
	if (add && !settings_has(&set, SETTINGS_ROLE))
		return cli_usage("which port, and which role?");
	if (!set.has)
		return cli_usage("what is to be set?");
	return apply(cli, name, &set);
}

static int port_del(struct cli *cli)
{
	static const struct settings none = {
		.has = 1u << SETTINGS_ROLE, .role = LEASEGLEAN_ROLE_NONE,
	};

	if (cli->argc != 1)
		return cli_usage("which port?");
	return apply(cli, cli->argv[0], &none);
}

int port(struct cli *cli)
{
	enum { SHOW, LIST, ADD, SET, DEL };
	static const char * const verbs[] = {
		"show", "list", "add", "set", "delete",
	};
	int verb;

	if (!cli->argc)
		return port_show(cli);
	verb = cli_one_of(cli->argv[0], verbs,
			  sizeof(verbs) / sizeof(verbs[0]));
	if (verb == CLI_TWO_WORDS)
		return cli_unknown(cli->argv[0], verb);
	/* What is no verb is a port's name. */
	if (verb == CLI_NO_WORD)
		return port_show(cli);
	cli->argc--;
	cli->argv++;
	if (verb == ADD || verb == SET)
		return port_set(cli, verb == ADD);
	return verb == DEL ? port_del(cli) : port_show(cli);
}
