// SPDX-License-Identifier: GPL-2.0
/* leaseglean status: how it stands with leasegleand and the servers. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon.h"

#define SECONDS		5

static const char *string_of(struct json_object *obj, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, key, &value) && value ?
	       json_object_get_string(value) : "-";
}

static void show_time(struct json_object *obj, const char *key,
		      const char *name)
{
	struct json_object *value;

	double seconds;

	if (!json_object_object_get_ex(obj, key, &value) || !value)
		return;
	seconds = json_object_get_double(value);
	if (seconds < 0.9995)
		printf(" %s %.3gms", name, 1000 * seconds);
	else
		printf(" %s %.1fsec", name, seconds);
}

static void show_server(struct json_object *obj)
{
	static const char * const keys[][2] = {
		{ "in_flight", "in-flight" }, { "queued", "queued" },
		{ "queries", "queries" }, { "active", "active" },
		{ "unassigned", "unassigned" }, { "unknown", "unknown" },
		{ "timeouts", "timeouts" },
	};
	size_t i;

	printf("server %s dialect %s %s\n   ", string_of(obj, "server"),
	       string_of(obj, "dialect"), string_of(obj, "state"));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		printf(" %s %s", keys[i][1], string_of(obj, keys[i][0]));
	show_time(obj, "median", "median");
	show_time(obj, "p99", "p99");
	putchar('\n');
}

static void show_recovery(struct json_object *obj)
{
	static const char * const keys[][2] = {
		{ "read", "read" }, { "put", "put" }, { "waiting", "waiting" },
		{ "expired", "expired" }, { "known", "known" },
		{ "elsewhere", "elsewhere" }, { "no_room", "no-room" },
		{ "refused", "refused" },
	};
	size_t i;

	printf("recovery %s %s", string_of(obj, "source"),
	       string_of(obj, "state"));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		printf(" %s %s", keys[i][1], string_of(obj, keys[i][0]));
	show_time(obj, "seconds", "took");
	putchar('\n');
}

static void show_status(struct json_object *json)
{
	struct json_object *array, *all, *module;
	size_t i;

	json_object_object_get_ex(json, "module", &module);
	printf("leasegleand %s pid %s up %ssec module %s questions %s",
	       string_of(json, "version"), string_of(json, "pid"),
	       string_of(json, "uptime"),
	       json_object_get_boolean(module) ? "attached" : "absent",
	       string_of(json, "questions"));
	show_time(json, "median", "median");
	show_time(json, "p99", "p99");
	putchar('\n');
	if (json_object_object_get_ex(json, "servers", &array))
		for (i = 0; i < json_object_array_length(array); i++)
			show_server(json_object_array_get_idx(array, i));
	if (json_object_object_get_ex(json, "recovery", &array))
		for (i = 0; i < json_object_array_length(array); i++)
			show_recovery(json_object_array_get_idx(array, i));
	if (!json_object_object_get_ex(json, "counters", &all))
		return;
	json_object_object_foreach(all, name, value)
		printf("%s %s\n", name, json_object_get_string(value));
}

static int show_json(struct cli *cli, const char *text)
{
	struct json_object *json = daemon_json(text);
	int status = daemon_refused(json);

	if (!status && cli->json)
		fputs(text, stdout);
	else if (!status)
		show_status(json);
	json_object_put(json);
	return status;
}

int status(struct cli *cli)
{
	char *text;
	int result = CLI_OK;

	if (cli->argc)
		return cli_usage("status takes no words");
	text = daemon_ask(cli, cli->prometheus ? "metrics\n" : "status\n",
			  SECONDS, false);
	if (!text)
		return CLI_REFUSED;
	/* Refusals are JSON, in whatever form the answer would have been. */
	if (cli->prometheus && *text != '{')
		fputs(text, stdout);
	else
		result = show_json(cli, text);
	free(text);
	return result;
}
