// SPDX-License-Identifier: GPL-2.0
/* leaseglean query: what the DHCP servers say of an address or a client. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lookup_request.h"
#include "daemon.h"

#define LINE_ROOM	4096
/* What the daemon itself may take beside the servers' time. */
#define DAEMON_SECONDS	5

enum word {
	WORD_IP,
	WORD_MAC,
	WORD_CLIENT_ID,
	WORD_REMOTE_ID,
	WORD_SERVER,
	WORD_GIADDR,
	WORD_VRF,
	WORD_TIMEOUT,
	__WORD_LAST
};

static const char * const names[__WORD_LAST] = {
	[WORD_IP] = "ip",
	[WORD_MAC] = "mac",
	[WORD_CLIENT_ID] = "client-id",
	[WORD_REMOTE_ID] = "remote-id",
	[WORD_SERVER] = "server",
	[WORD_GIADDR] = "giaddr",
	[WORD_VRF] = "vrf",
	[WORD_TIMEOUT] = "timeout",
};

/* Those without a unit, not even "", are text that a client may have chosen. */
static const struct {
	const char *key;
	const char *name;
	const char *unit;
} shown[] = {
	{ "address", NULL, "" },
	{ "hwaddr", "lladdr", "" },
	{ "expires", "expires", "sec" },
	{ "t1", "t1", "sec" },
	{ "t2", "t2", "sec" },
	{ "last_transaction", "last-transaction", "sec" },
	{ "circuit_id", "circuit-id", "" },
	{ "remote_id", "remote-id", "" },
	{ "relay_id", "relay-id", "" },
	{ "client_id", "client-id", "" },
	{ "agent_info", "agent-info", "" },
	{ "server_id", "server-id", "" },
	{ "vendor_class", "vendor-class", NULL },
	{ "host_name", "host-name", NULL },
};

/* ---- asking ---- */

/* text:... in hexadecimal, which it is sent in. */
static int id_text(char *text, size_t room, const char *value)
{
	size_t i, len = strlen(value);

	if (!len)
		return cli_bad("identifier", "text:", "empty");
	if (2 * len >= room)
		return cli_bad("identifier", value, "too long");
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", (unsigned char)value[i]);
	return CLI_OK;
}

static int put_word(char *line, const char *word)
{
	size_t used = strlen(line);

	/* It would be several, and others, to the daemon. */
	if (strpbrk(word, " \t\r\n"))
		return cli_bad("word", word, "has a blank in it");
	if (used + strlen(word) + 3 > LINE_ROOM)
		return cli_usage("too many words");
	sprintf(line + used, " %s", word);
	return CLI_OK;
}

/* Words in full, as the daemon has them. */
static int read_words(struct cli *cli, char *line)
{
	char text[2 * 255 + 2];
	int i, status = CLI_OK;

	strcpy(line, "query");
	for (i = 0; i < cli->argc && !status; i++) {
		const char *value = cli->argv[i];

		if (i % 2 == 0) {
			int number = cli_one_of(value, names, __WORD_LAST);

			if (number < 0)
				return cli_unknown(value, number);
			value = names[number];
		} else if (!strncmp(value, "text:", 5)) {
			status = id_text(text, sizeof(text), value + 5);
			value = text;
		}
		if (!status)
			status = put_word(line, value);
	}
	return status;
}

/* What is wrong with them is said whether the daemon is there or not. */
static int check_words(const char *line, struct lookup_request *request)
{
	char copy[LINE_ROOM], *rest = copy, *words[LINE_ROOM / 2];
	const char *word = "", *reason;
	size_t n = 0;

	strcpy(copy, line);
	strsep(&rest, " ");
	while (rest)
		words[n++] = strsep(&rest, " ");
	reason = lookup_request_read(request, words, n, &word);
	if (!reason)
		return CLI_OK;
	if (!*word)
		return cli_usage(reason);
	fprintf(stderr, "leaseglean: %s: %s\n", word, reason);
	return CLI_USAGE;
}

/* ---- showing ---- */

static const char *string_of(struct json_object *obj, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(obj, key, &value) || !value)
		return NULL;
	return json_object_get_string(value);
}

static bool is_true(struct json_object *obj, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, key, &value) &&
	       json_object_get_boolean(value);
}

static bool is_active(struct json_object *obj)
{
	const char *verdict = string_of(obj, "verdict");

	return verdict && !strcmp(verdict, "active");
}

static void show_associated(struct json_object *obj)
{
	struct json_object *array;
	size_t i;

	if (!json_object_object_get_ex(obj, "associated", &array) ||
	    !json_object_is_type(array, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(array); i++)
		printf("%s%s", i ? "," : " associated ",
		       json_object_get_string(json_object_array_get_idx(array,
									i)));
}

/* What a client may have chosen: no blank in it begins another field. */
static void show_text(const char *name, const char *value)
{
	printf(" %s \"", name);
	for (; *value; value++)
		if (*value == '"')
			fputs("\\x22", stdout);
		else
			putchar(*value);
	putchar('"');
}

static void show_lease(struct json_object *obj, bool active)
{
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const char *value = string_of(obj, shown[i].key);

		if (!value && active && !strcmp(shown[i].key, "expires"))
			printf(" expires never");
		if (!value)
			continue;
		if (!shown[i].unit) {
			show_text(shown[i].name, value);
			continue;
		}
		printf(" %s%s%s%s", shown[i].name ? shown[i].name : "",
		       shown[i].name ? " " : "", value, shown[i].unit);
	}
}

static void show_server(struct json_object *obj)
{
	const char *giaddr = string_of(obj, "giaddr");
	const char *reason = string_of(obj, "reason");

	printf("server %s", string_of(obj, "server"));
	if (giaddr)
		printf(" giaddr %s", giaddr);
	printf(" dialect %s %s", string_of(obj, "dialect"),
	       string_of(obj, "verdict"));
	if (reason)
		printf(": %s", reason);
	if (string_of(obj, "address") || string_of(obj, "vendor_class") ||
	    string_of(obj, "host_name")) {
		printf("\n   ");
		show_lease(obj, is_active(obj));
	}
	show_associated(obj);
	if (is_true(obj, "reserved"))
		printf(" reserved");
	putchar('\n');
}

static void show_answer(struct json_object *json)
{
	struct json_object *array, *merged;
	size_t i;

	if (json_object_object_get_ex(json, "servers", &array))
		for (i = 0; i < json_object_array_length(array); i++)
			show_server(json_object_array_get_idx(array, i));
	printf("merged %s", string_of(json, "verdict"));
	if (json_object_object_get_ex(json, "merged", &merged) && merged) {
		printf(" server %s", string_of(merged, "server"));
		show_lease(merged, is_active(json));
	}
	putchar('\n');
}

static int verdict_status(struct json_object *json)
{
	static const struct {
		const char *verdict;
		enum cli_status status;
	} of[] = {
		{ "active", CLI_OK },
		{ "unassigned", CLI_UNASSIGNED },
		{ "unknown", CLI_UNKNOWN },
		{ "silent", CLI_SILENT },
	};
	const char *verdict = string_of(json, "verdict");
	size_t i;

	for (i = 0; verdict && i < sizeof(of) / sizeof(of[0]); i++)
		if (!strcmp(of[i].verdict, verdict))
			return of[i].status;
	return CLI_REFUSED;
}

static int told(const struct cli *cli, struct json_object *json,
		const char *text)
{
	int status = verdict_status(json);

	if (status == CLI_REFUSED)
		return daemon_refused(NULL);
	if (cli->json)
		fputs(text, stdout);
	else
		show_answer(json);
	return status;
}

int query(struct cli *cli)
{
	struct lookup_request request;
	struct json_object *json;
	char line[LINE_ROOM];
	char *text;
	int status;

	status = read_words(cli, line);
	if (!status)
		status = check_words(line, &request);
	if (status)
		return status;
	strcat(line, "\n");
	text = daemon_ask(cli, line, request.seconds + DAEMON_SECONDS, false);
	if (!text)
		return CLI_REFUSED;
	json = daemon_json(text);
	status = daemon_refused(json);
	if (!status)
		status = told(cli, json, text);
	json_object_put(json);
	free(text);
	return status;
}
