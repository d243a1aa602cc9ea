// SPDX-License-Identifier: GPL-2.0
/* The request "query": a lookup, and what came of it as JSON. */
#include "control.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "lookup.h"

#define HEX_ROOM	(2 * LEASEGLEAN_OPAQUE_MAX + 1)
#define ESCAPED_ROOM	(4 * LEASEGLEAN_OPAQUE_MAX + 1)

/* ---- values; what is not known is null ---- */

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key,
			       text ? json_object_new_string(text) : NULL);
}

static void add_number(struct json_object *obj, const char *key, bool has,
		       uint32_t number)
{
	json_object_object_add(obj, key,
			       has ? json_object_new_int64(number) : NULL);
}

static void add_addr(struct json_object *obj, const char *key, __be32 addr)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	add_text(obj, key, addr ? text : NULL);
}

static const char *hex(const uint8_t *bytes, size_t len, const char *between,
		       char *text)
{
	size_t i;
	char *to = text;

	*to = '\0';
	for (i = 0; i < len; i++)
		to += sprintf(to, "%s%02x", i ? between : "", bytes[i]);
	return text;
}

static void add_hex(struct json_object *obj, const char *key,
		    const uint8_t *bytes, int len)
{
	char text[HEX_ROOM];

	add_text(obj, key, len > 0 ? hex(bytes, (size_t)len, "", text) : NULL);
}

/* A server's bytes, made text: what is none is \xHH. */
static void add_escaped(struct json_object *obj, const char *key,
			const struct answer_text *from)
{
	char text[ESCAPED_ROOM], *to = text;
	size_t i;

	*to = '\0';
	for (i = 0; i < from->len; i++) {
		uint8_t byte = from->bytes[i];

		if (byte >= ' ' && byte <= '~' && byte != '\\')
			to += sprintf(to, "%c", byte);
		else
			to += sprintf(to, "\\x%02x", byte);
	}
	add_text(obj, key, from->len ? text : NULL);
}

static const char *verdict_name(enum leaseglean_state state)
{
	switch (state) {
	case LEASEGLEAN_STATE_ACTIVE:
		return "active";
	case LEASEGLEAN_STATE_UNASSIGNED:
		return "unassigned";
	case LEASEGLEAN_STATE_UNKNOWN:
		return "unknown";
	default:
		return "silent";
	}
}

/* ---- a lease ---- */

static void add_suboption(struct json_object *obj, const char *key,
			  const struct lease *lease, uint8_t code)
{
	const uint8_t *value = NULL;
	int len = lg_agent_suboption(lease->agent_info, lease->agent_info_len,
				     code, &value);

	add_hex(obj, key, value, len);
}

/* Keys that "leaseglean show" has, too, mean the same here. */
static void add_lease(struct json_object *obj, __be32 addr,
		      const struct lease *lease)
{
	bool active = lease->state == LEASEGLEAN_STATE_ACTIVE;
	char text[HEX_ROOM];

	add_addr(obj, "address", addr);
	add_text(obj, "hwaddr", lease->hlen ?
		 hex(lease->hwaddr, lease->hlen, ":", text) : NULL);
	add_number(obj, "expires", active && lease->expires != UINT32_MAX,
		   lease->expires);
	add_suboption(obj, "circuit_id", lease, LG_AGENT_CIRCUIT_ID);
	add_suboption(obj, "remote_id", lease, LG_AGENT_REMOTE_ID);
	add_suboption(obj, "relay_id", lease, LG_AGENT_RELAY_ID);
	add_hex(obj, "agent_info", lease->agent_info, lease->agent_info_len);
	add_hex(obj, "client_id", lease->client_id, lease->client_id_len);
}

/* ---- what the servers say ---- */

static struct json_object *associated(const struct answer *answer)
{
	struct json_object *array = json_object_new_array();
	char text[INET_ADDRSTRLEN];
	unsigned int i;

	for (i = 0; i < answer->n_associated; i++) {
		inet_ntop(AF_INET, &answer->associated[i], text, sizeof(text));
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static struct json_object *server_json(const struct lookup_server *server)
{
	struct json_object *obj = json_object_new_object();
	const struct answer *answer = &server->answer;
	const struct ask *ask = &server->ask;
	__be32 addr = ask->target.server;
	enum leaseglean_state state = answer->lease.state;

	add_addr(obj, "server", addr);
	add_text(obj, "dialect", dialect_name(config_dialect(addr)));
	add_text(obj, "verdict", verdict_name(state));
	add_text(obj, "reason", server->reason);
	add_number(obj, "queries", true, ask->tries);
	json_object_object_add(obj, "seconds", state ?
			       json_object_new_double(server->seconds) : NULL);
	add_addr(obj, "giaddr", answer->lease.giaddr);
	add_addr(obj, "server_id", answer->server_id);
	add_lease(obj, answer->addr, &answer->lease);
	add_number(obj, "t1", answer->has_t1, answer->t1);
	add_number(obj, "t2", answer->has_t2, answer->t2);
	add_number(obj, "last_transaction", answer->lease.has_last_transaction,
		   answer->lease.last_transaction);
	add_escaped(obj, "vendor_class", &answer->vendor_class);
	add_escaped(obj, "host_name", &answer->host_name);
	json_object_object_add(obj, "associated", associated(answer));
	json_object_object_add(obj, "reserved",
			       json_object_new_boolean(answer->reserved));
	return obj;
}

static struct json_object *merged_json(const struct merged *merged)
{
	struct json_object *obj = json_object_new_object();

	add_addr(obj, "server", merged->lease.server);
	add_lease(obj, merged->addr, &merged->lease);
	add_number(obj, "last_transaction", merged->lease.has_last_transaction,
		   merged->lease.last_transaction);
	return obj;
}

static void on_done(struct lookup *lookup)
{
	struct json_object *json = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct control *control = lookup->data;
	size_t i;

	add_text(json, "verdict", verdict_name(lookup_verdict(lookup)));
	json_object_object_add(json, "merged", lookup->merged.lease.state ?
			       merged_json(&lookup->merged) : NULL);
	for (i = 0; i < lookup->n_servers; i++)
		json_object_array_add(array, server_json(&lookup->servers[i]));
	json_object_object_add(json, "servers", array);
	lookup_end(lookup);
	control_answer(control, json);
}

/**
 * control_query() - ask the servers for an operator
 * @control: who gets the answer
 * @words: as of the command
 * @n: how many
 */
void control_query(struct control *control, char **words, size_t n)
{
	struct lookup_request request;
	const char *word, *reason;

	reason = lookup_request_read(&request, words, n, &word);
	if (!reason) {
		word = "";
		reason = lookup_begin(&request, on_done, control);
	}
	if (reason)
		control_refuse(control, word, reason);
}

/* Who asked has gone: servers are not asked for him any more. */
void control_query_stop(const struct control *control)
{
	lookups_forget(control);
}
