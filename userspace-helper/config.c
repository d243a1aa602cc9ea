// SPDX-License-Identifier: GPL-2.0
/*
 * What the operator set. The file is INI and read strictly: what is not
 * understood is refused, by file, line and reason, before anything starts.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ini.h>

#include "log.h"
#include "parse.h"

#define LINE_LEN	180
#define SECTION_LEN	49
#define PORTS_MAX	65536
/* With jitter, and the second before the next round, it is within a minute. */
#define TIMEOUT_MAX	50

/* What is in force. */
struct config config;

/*
 * Where in the file the reader is, and what it refused there; also the lines
 * of what may turn out to be at fault when all of a section, or of the file,
 * is known.
 */
struct reader {
	FILE *f;
	struct config *config;
	const char *path;
	unsigned int line;
	bool failed;
	struct config_server *server;
	struct config_requestor *requestor;
	struct config_port *port;
	unsigned int line_of_answer;
	unsigned int line_of[__SETTINGS_LAST];
	unsigned int line_of_circuit;
	unsigned int line_of_dialect[__DIALECT_LAST];
	unsigned int line_of_auth[__AUTH_LAST];
	unsigned int line_of_timeouts;
	unsigned int line_of_bulk;
	unsigned int line_of_order;
	/* Of those that come once, which did. */
	unsigned int sections;
	char section[SECTION_LEN + 1];
	char seen[512];
};

/**
 * config_defaults() - what holds where nothing is said
 * @c: filled in; what it held is not freed
 */
void config_defaults(struct config *c)
{
	memset(c, 0, sizeof(*c));
	snprintf(c->state_dir, sizeof(c->state_dir), "%s", CONFIG_STATE_DIR);
	snprintf(c->control, sizeof(c->control), "%s", CONFIG_CONTROL);
	/* Of RFC 5007, 4.1.4. */
	c->timeout_first = 1.0;
	c->timeout_max = 10.0;
	c->tries = 5;
	c->slow = 60.0;
	c->in_flight = 32;
	c->questions_max = 65536;
	c->hold_unassigned = 60;
	c->hold_unknown = 300;
	c->client_queries = 2;
	c->recovery[0] = RECOVERY_SNAPSHOT;
	c->recovery[1] = RECOVERY_BULK;
	c->n_recovery = 2;
	c->snapshot = 60.;
}

void config_free(struct config *c)
{
	struct config_port *port, *next;

	HASH_CLEAR(hh_circuit, c->circuits);
	HASH_ITER(hh, c->ports, port, next) {
		HASH_DEL(c->ports, port);
		free(port);
	}
	c->n_ports = 0;
}

/**
 * config_use() - put a configuration in force
 * @c: which; left empty, what was in force is freed
 */
void config_use(struct config *c)
{
	config_free(&config);
	config = *c;
	memset(c, 0, sizeof(*c));
}

/* ---- values; each returns NULL, or why the text cannot be one ---- */

static const char *parse_addr(const char *text, __be32 *addr)
{
	struct in_addr in;
	uint32_t host;

	if (inet_pton(AF_INET, text, &in) != 1)
		return "not an IPv4 address";
	host = ntohl(in.s_addr);
	if (!(host >> 24) || host >= 0xe0000000u)
		return "not an address that a host can have";
	*addr = in.s_addr;
	return NULL;
}

/* "1", "1s", "0.5s", "250ms", "2m" */
static const char *parse_seconds(const char *text, double min, double max,
				 double *value)
{
	static char reason[64];
	double seconds;
	char *end;

	errno = 0;
	if (!isdigit((unsigned char)*text) || strpbrk(text, "xXpPeE"))
		return "not a time, such as 2s or 250ms";
	seconds = strtod(text, &end);
	if (!strcmp(end, "ms"))
		seconds /= 1000;
	else if (!strcmp(end, "m"))
		seconds *= 60;
	else if (*end && strcmp(end, "s"))
		return "not a time, such as 2s or 250ms";
	if (errno || seconds < min || seconds > max) {
		snprintf(reason, sizeof(reason), "not within %gs and %gs", min,
			 max);
		return reason;
	}
	*value = seconds;
	return NULL;
}

static const char *parse_hold(const char *text, uint32_t *value)
{
	double seconds;
	const char *reason = parse_seconds(text, 1, 86400, &seconds);

	if (!reason)
		*value = (uint32_t)seconds;
	return reason;
}

static const char *parse_circuit_id(const char *text, struct config_port *port)
{
	return parse_hex(text, port->circuit_id,
			 sizeof(port->circuit_id) - 2, &port->circuit_id_len);
}

static const char *parse_state_dir(struct config *c, const char *text)
{
	if (*text != '/')
		return "not an absolute path";
	if (strlen(text) >= sizeof(c->state_dir))
		return "too long";
	snprintf(c->state_dir, sizeof(c->state_dir), "%s", text);
	return NULL;
}

/**
 * config_set_control() - where requests are taken
 * @c: changed
 * @text: a path, or "none"
 *
 * Return: NULL, or why it cannot be.
 */
const char *config_set_control(struct config *c, const char *text)
{
	if (!strcmp(text, "none"))
		text = "";
	else if (*text != '/')
		return "not an absolute path, nor none";
	if (strlen(text) >= sizeof(c->control))
		return "too long";
	snprintf(c->control, sizeof(c->control), "%s", text);
	return NULL;
}

/* ---- servers, giaddrs, ports ---- */

static struct config_server *server_find(struct config *c, __be32 addr)
{
	size_t i;

	for (i = 0; i < c->n_servers; i++)
		if (c->servers[i].addr == addr)
			return &c->servers[i];
	return NULL;
}

static const char *server_add(struct config *c, const char *text,
			      struct config_server **server)
{
	__be32 addr;
	const char *reason = parse_addr(text, &addr);

	if (reason)
		return reason;
	if (server_find(c, addr))
		return "given twice";
	if (c->n_servers == CONFIG_SERVERS_MAX)
		return "too many servers";
	*server = &c->servers[c->n_servers++];
	**server = (struct config_server){ .addr = addr, .rank = 1 };
	(*server)->bulk.port = LG_DHCP_SERVER_PORT;
	dialect_default(&(*server)->dialect);
	return NULL;
}

/**
 * config_dialect() - how to speak with a server
 * @server: its address
 *
 * Return: the dialect that was set, or the usual one.
 */
const struct dialect *config_dialect(__be32 server)
{
	static struct dialect usual;
	const struct config_server *set = server_find(&config, server);

	if (set)
		return &set->dialect;
	dialect_default(&usual);
	return &usual;
}

/**
 * config_auth() - how messages to and from a server are authenticated
 * @server: its address
 *
 * Return: what was set, or that they are not.
 */
const struct auth *config_auth(__be32 server)
{
	static const struct auth none;
	const struct config_server *set = server_find(&config, server);

	return set ? &set->auth : &none;
}

/**
 * config_add_server() - a server from the command line
 * @c: added to
 * @text: its address
 * @reason: set when @text is refused
 *
 * Return: 0 or -EINVAL.
 */
int config_add_server(struct config *c, const char *text, const char **reason)
{
	struct config_server *server;

	*reason = server_add(c, text, &server);
	return *reason ? -EINVAL : 0;
}

/**
 * config_add_giaddr() - an address to ask from, from the command line
 * @c: added to
 * @text: the address
 * @reason: set when @text is refused
 *
 * Return: 0 or -EINVAL.
 */
int config_add_giaddr(struct config *c, const char *text, const char **reason)
{
	__be32 addr;
	size_t i;

	*reason = parse_addr(text, &addr);
	for (i = 0; !*reason && i < c->n_giaddrs; i++)
		if (c->giaddrs[i] == addr)
			*reason = "given twice";
	if (!*reason && c->n_giaddrs == CONFIG_GIADDRS_MAX)
		*reason = "too many addresses";
	if (*reason)
		return -EINVAL;
	c->giaddrs[c->n_giaddrs++] = addr;
	return 0;
}

/**
 * config_requestor() - a host that may ask
 * @addr: its address
 *
 * Return: what was set of it, NULL where it may not.
 */
const struct config_requestor *config_requestor(__be32 addr)
{
	size_t i;

	for (i = 0; i < config.n_requestors; i++)
		if (config.requestors[i].addr == addr)
			return &config.requestors[i];
	return NULL;
}

/* Adds it to the @n there are; @whole is what is wrong with one of no length. */
static const char *prefix_add(struct settings_prefix *all, size_t *n,
			      size_t max, const char *word, const char *whole)
{
	struct settings_prefix prefix;
	const char *reason = settings_prefix_read(word, &prefix);
	size_t i;

	if (reason)
		return reason;
	if (!prefix.len)
		return whole;
	for (i = 0; i < *n; i++)
		if (all[i].addr == prefix.addr && all[i].len == prefix.len)
			return "given twice";
	if (*n == max)
		return "too many prefixes";
	all[(*n)++] = prefix;
	return NULL;
}

static const char *requestor_add(struct config *c, const char *text,
				 struct config_requestor **requestor)
{
	__be32 addr;
	const char *reason = parse_addr(text, &addr);
	size_t i;

	if (reason)
		return reason;
	for (i = 0; i < c->n_requestors; i++)
		if (c->requestors[i].addr == addr)
			return "given twice";
	if (c->n_requestors == CONFIG_REQUESTORS_MAX)
		return "too many requestors";
	*requestor = &c->requestors[c->n_requestors++];
	**requestor = (struct config_requestor){
		.addr = addr, .giaddr = addr,
	};
	dialect_default(&(*requestor)->dialect);
	return NULL;
}

static const char *add_network(void *to, const char *word)
{
	struct config *c = to;

	return prefix_add(c->networks, &c->n_networks, CONFIG_NETWORKS_MAX,
			  word,
			  "all addresses: those are not all of one host's networks");
}

static const char *port_add(struct config *c, const char *name,
			    struct config_port **port)
{
	struct config_port *added;

	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, " \t/:"))
		return "not an interface name";
	HASH_FIND_STR(c->ports, name, added);
	if (added)
		return "given twice";
	if (c->n_ports == PORTS_MAX)
		return "too many ports";
	added = calloc(1, sizeof(*added));
	if (!added)
		return "out of memory";
	memcpy(added->name, name, strlen(name) + 1);
	added->number = c->n_ports++;
	HASH_ADD_STR(c->ports, name, added);
	*port = added;
	return NULL;
}

/* Hands each word of a list to @add until one is refused. */
static const char *each_word(const char *text, void *to,
			     const char *(*add)(void *to, const char *word))
{
	const char *reason = text[strspn(text, ", \t")] ? NULL : "an empty list";
	char *list = strdup(text), *rest = list, *word;

	if (!list)
		return "out of memory";
	while (!reason && (word = strsep(&rest, ", \t")))
		if (*word)
			reason = add(to, word);
	free(list);
	return reason;
}

static const char *add_giaddr(void *to, const char *word)
{
	const char *reason;

	config_add_giaddr(to, word, &reason);
	return reason;
}

static const char *add_for_giaddr(void *to, const char *word)
{
	struct config_server *server = to;
	__be32 addr;
	const char *reason = parse_addr(word, &addr);
	size_t i;

	for (i = 0; !reason && i < server->n_for_giaddrs; i++)
		if (server->for_giaddrs[i] == addr)
			reason = "given twice";
	if (!reason && server->n_for_giaddrs == CONFIG_FOR_MAX)
		reason = "too many addresses";
	if (!reason)
		server->for_giaddrs[server->n_for_giaddrs++] = addr;
	return reason;
}

static const char *add_for_port(void *to, const char *word)
{
	struct config_server *server = to;
	size_t i;

	if (strlen(word) >= IFNAMSIZ || strpbrk(word, "/:"))
		return "not an interface name, nor a pattern of such";
	for (i = 0; i < server->n_for_ports; i++)
		if (!strcmp(server->for_ports[i], word))
			return "given twice";
	if (server->n_for_ports == CONFIG_FOR_MAX)
		return "too many ports";
	snprintf(server->for_ports[server->n_for_ports++], IFNAMSIZ, "%s",
		 word);
	return NULL;
}

/* ---- sections ---- */

static const char *section_begin(struct reader *r)
{
	static const char * const once[] = {
		"leasegleand", "query", "recovery", "answer",
	};
	char *argument = strchr(r->section, ' ');
	unsigned int i;
	bool twice;

	r->server = NULL;
	r->requestor = NULL;
	r->port = NULL;
	r->line_of_bulk = 0;
	r->seen[0] = '\0';
	if (!strcmp(r->section, "answer"))
		r->line_of_answer = r->line;
	for (i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		if (strcmp(r->section, once[i]))
			continue;
		twice = r->sections & 1u << i;
		r->sections |= 1u << i;
		return twice ? "given twice" : NULL;
	}
	if (!argument)
		return "an unknown section";
	argument += strspn(argument, " ");
	if (!strncmp(r->section, "server ", 7))
		return server_add(r->config, argument, &r->server);
	if (!strncmp(r->section, "requestor ", 10))
		return requestor_add(r->config, argument, &r->requestor);
	if (!strncmp(r->section, "port ", 5))
		return port_add(r->config, argument, &r->port);
	return "an unknown section";
}

static const char unknown_key[] = "an unknown key";

static const char *key_of_daemon(struct config *c, const char *key,
				 const char *value)
{
	if (!strcmp(key, "state-dir"))
		return parse_state_dir(c, value);
	if (!strcmp(key, "giaddr"))
		return each_word(value, c, add_giaddr);
	if (!strcmp(key, "control"))
		return config_set_control(c, value);
	return unknown_key;
}

static const char *bulk_id_add(struct config_bulk *bulk, uint8_t code,
			       const char *text)
{
	struct config_bulk_id *id;
	unsigned int i;
	const char *reason;

	if (bulk->n_ids == CONFIG_BULK_IDS_MAX)
		return "too many of bulk-relay-id and bulk-remote-id";
	id = &bulk->ids[bulk->n_ids];
	id->code = code;
	id->len = 0;
	reason = parse_hex(text, id->bytes, sizeof(id->bytes), &id->len);
	for (i = 0; !reason && i < bulk->n_ids; i++)
		if (bulk->ids[i].code == code && bulk->ids[i].len == id->len &&
		    !memcmp(bulk->ids[i].bytes, id->bytes, id->len))
			reason = "one of them twice";
	if (!reason)
		bulk->n_ids++;
	return reason;
}

static const char *add_relay_id(void *to, const char *word)
{
	return bulk_id_add(to, LG_AGENT_RELAY_ID, word);
}

static const char *add_remote_id(void *to, const char *word)
{
	return bulk_id_add(to, LG_AGENT_REMOTE_ID, word);
}

static const char *add_subnet(void *to, const char *word)
{
	struct config_bulk *bulk = to;

	return prefix_add(bulk->subnets, &bulk->n_subnets,
			  CONFIG_BULK_SUBNETS_MAX, word,
			  "all addresses: that is to say nothing");
}

static const char *parse_yes(const char *text, bool *value)
{
	if (strcmp(text, "yes") && strcmp(text, "no"))
		return "not yes or no";
	*value = *text == 'y';
	return NULL;
}

static const char *parse_bulk_order(const char *text, bool *by_time)
{
	if (strcmp(text, "any") && strcmp(text, "time"))
		return "not any or time";
	*by_time = *text == 't';
	return NULL;
}

static const char *key_of_bulk(struct reader *r, const char *key,
			       const char *value)
{
	struct config_bulk *bulk = &r->server->bulk;
	const char *reason;
	uint32_t port;

	if (!strcmp(key, "bulk"))
		return parse_yes(value, &bulk->on);
	r->line_of_bulk = r->line;
	if (!strcmp(key, "bulk-relay-id"))
		return each_word(value, bulk, add_relay_id);
	if (!strcmp(key, "bulk-remote-id"))
		return each_word(value, bulk, add_remote_id);
	if (!strcmp(key, "bulk-subnet"))
		return each_word(value, bulk, add_subnet);
	if (!strcmp(key, "bulk-order"))
		return parse_bulk_order(value, &bulk->by_time);
	if (strcmp(key, "bulk-port"))
		return unknown_key;
	reason = parse_u32(value, 1, UINT16_MAX, &port);
	if (!reason)
		bulk->port = (uint16_t)port;
	return reason;
}

/* The reader's only: a secret that others can read is none. */
static const char *secret_is_kept(const struct reader *r)
{
	struct stat st;

	if (fstat(fileno(r->f), &st) < 0)
		return strerror(errno);
	return st.st_mode & 0004 ?
	       "everybody can read it: chmod o-r the file" : NULL;
}

static const char *key_of_auth(struct reader *r, struct auth *auth, int word,
			       const char *value)
{
	const char *reason = NULL;

	r->line_of_auth[word] = r->line;
	if (word == AUTH_SECRET)
		reason = secret_is_kept(r);
	return reason ? reason : auth_take(auth, (enum auth_key)word, value);
}

static const char *key_of_server(struct reader *r, const char *key,
				 const char *value)
{
	int word = dialect_word(key);

	if (!strcmp(key, "giaddr"))
		return parse_addr(value, &r->server->giaddr);
	if (!strcmp(key, "for-port"))
		return each_word(value, r->server, add_for_port);
	if (!strcmp(key, "for-giaddr"))
		return each_word(value, r->server, add_for_giaddr);
	if (!strcmp(key, "rank"))
		return parse_u32(value, 1, CONFIG_RANK_MAX, &r->server->rank);
	if (!strncmp(key, "bulk", 4))
		return key_of_bulk(r, key, value);
	if (auth_word(key) >= 0)
		return key_of_auth(r, &r->server->auth, auth_word(key), value);
	if (word < 0)
		return unknown_key;
	r->line_of_dialect[word] = r->line;
	return dialect_take(&r->server->dialect, (enum dialect_key)word, value);
}

/* It asks; what it is asked for is nothing of it. */
static const char *key_of_requestor(struct reader *r, const char *key,
				    const char *value)
{
	struct config_requestor *requestor = r->requestor;
	int word = dialect_word(key);

	if (!strcmp(key, "giaddr"))
		return parse_addr(value, &requestor->giaddr);
	if (auth_word(key) >= 0)
		return key_of_auth(r, &requestor->auth, auth_word(key), value);
	if (word < 0 || word == DIALECT_OPTIONS || word == DIALECT_RESERVATIONS)
		return unknown_key;
	r->line_of_dialect[word] = r->line;
	return dialect_take(&requestor->dialect, (enum dialect_key)word,
			    value);
}

static const char *key_of_answer(struct config *c, const char *key,
				 const char *value)
{
	if (!strcmp(key, "networks"))
		return each_word(value, c, add_network);
	if (!strcmp(key, "client-queries"))
		return parse_u32(value, 0, 100, &c->client_queries);
	return unknown_key;
}

static const char *key_of_port(struct reader *r, const char *key,
			       const char *value)
{
	int setting = settings_word(key, settings_exact);

	if (!strcmp(key, "circuit-id")) {
		r->line_of_circuit = r->line;
		return parse_circuit_id(value, r->port);
	}
	if (setting < 0)
		return unknown_key;
	r->line_of[setting] = r->line;
	return settings_take(&r->port->set, (enum settings_key)setting, value,
			     settings_exact);
}

static const char *key_of_query(struct reader *r, const char *key,
				const char *value)
{
	struct config *c = r->config;

	if (!strncmp(key, "timeout-", 8))
		r->line_of_timeouts = r->line;
	if (!strcmp(key, "timeout-first"))
		return parse_seconds(value, 0.05, TIMEOUT_MAX,
				     &c->timeout_first);
	if (!strcmp(key, "timeout-max"))
		return parse_seconds(value, 0.05, TIMEOUT_MAX, &c->timeout_max);
	if (!strcmp(key, "slow"))
		return parse_seconds(value, 10, 60, &c->slow);
	if (!strcmp(key, "tries"))
		return parse_u32(value, 1, 20, &c->tries);
	if (!strcmp(key, "in-flight"))
		return parse_u32(value, 1, 1024, &c->in_flight);
	if (!strcmp(key, "questions-max"))
		return parse_u32(value, 1, 10000000, &c->questions_max);
	if (!strcmp(key, "hold-unassigned"))
		return parse_hold(value, &c->hold_unassigned);
	if (!strcmp(key, "hold-unknown"))
		return parse_hold(value, &c->hold_unknown);
	return unknown_key;
}

static const char *add_source(void *to, const char *word)
{
	enum recovery_source source;
	struct config *c = to;
	unsigned int i;

	for (source = 0; source < __RECOVERY_SOURCES; source++)
		if (!strcmp(word, recovery_source_name(source)))
			break;
	if (source == __RECOVERY_SOURCES)
		return "not snapshot, bulk, both or none";
	for (i = 0; i < c->n_recovery; i++)
		if (c->recovery[i] == source)
			return "one of them twice";
	c->recovery[c->n_recovery++] = source;
	return NULL;
}

static const char *key_of_recovery(struct reader *r, const char *key,
				   const char *value)
{
	struct config *c = r->config;

	if (!strcmp(key, "order")) {
		r->line_of_order = r->line;
		c->n_recovery = 0;
		return strcmp(value, "none") ?
		       each_word(value, c, add_source) : NULL;
	}
	if (strcmp(key, "snapshot"))
		return unknown_key;
	c->snapshot = 0.;
	return strcmp(value, "off") ?
	       parse_seconds(value, 1, 86400, &c->snapshot) : NULL;
}

static bool key_seen(const struct reader *r, const char *key)
{
	char word[LINE_LEN + 3];

	snprintf(word, sizeof(word), " %s ", key);
	return strstr(r->seen, word);
}

/* Keys come once in a section. */
static const char *key_once(struct reader *r, const char *key)
{
	size_t used = strlen(r->seen);
	int n;

	if (key_seen(r, key))
		return "given twice";
	n = snprintf(r->seen + used, sizeof(r->seen) - used, " %s ", key);
	if (n < 0 || (size_t)n >= sizeof(r->seen) - used)
		return "too many keys";
	return NULL;
}

static const char *key_take(struct reader *r, const char *key,
			    const char *value)
{
	const char *reason = key_once(r, key);

	if (reason)
		return reason;
	if (r->server)
		return key_of_server(r, key, value);
	if (r->requestor)
		return key_of_requestor(r, key, value);
	if (r->port)
		return key_of_port(r, key, value);
	if (!strcmp(r->section, "answer"))
		return key_of_answer(r->config, key, value);
	if (!strcmp(r->section, "query"))
		return key_of_query(r, key, value);
	if (!strcmp(r->section, "recovery"))
		return key_of_recovery(r, key, value);
	if (!strcmp(r->section, "leasegleand"))
		return key_of_daemon(r->config, key, value);
	return "outside of a section";
}

/* KEY += VALUE, for what is too long for one line. */
static const char *key_more(struct reader *r, const char *key,
			    const char *value)
{
	if (!key_seen(r, key))
		return "+= without a = before it";
	if (r->server && !strcmp(key, auth_key_name(AUTH_SECRET)))
		return auth_take(&r->server->auth, AUTH_SECRET, value);
	if (r->requestor && !strcmp(key, auth_key_name(AUTH_SECRET)))
		return auth_take(&r->requestor->auth, AUTH_SECRET, value);
	if (r->server && !strcmp(key, "options"))
		return dialect_options_more(&r->server->dialect, value);
	if (r->server && !strcmp(key, "for-port"))
		return each_word(value, r->server, add_for_port);
	if (r->server && !strcmp(key, "for-giaddr"))
		return each_word(value, r->server, add_for_giaddr);
	if (r->server && !strcmp(key, "bulk-relay-id"))
		return each_word(value, &r->server->bulk, add_relay_id);
	if (r->server && !strcmp(key, "bulk-remote-id"))
		return each_word(value, &r->server->bulk, add_remote_id);
	if (r->server && !strcmp(key, "bulk-subnet"))
		return each_word(value, &r->server->bulk, add_subnet);
	if (r->port && !strcmp(key, "circuit-id"))
		return parse_circuit_id(value, r->port);
	if (r->port && !strcmp(key, "exclude"))
		return settings_exclude_more(&r->port->set, value);
	if (!strcmp(r->section, "leasegleand") && !strcmp(key, "giaddr"))
		return each_word(value, r->config, add_giaddr);
	if (!strcmp(r->section, "answer") && !strcmp(key, "networks"))
		return each_word(value, r->config, add_network);
	return "takes no +=";
}

/* ---- reading ---- */

static void refused(struct reader *r, const char *what, const char *reason)
{
	if (!r->failed)
		log_err("%s:%u: %s: %s", r->path, r->line, what, reason);
	r->failed = true;
}

/* The + of += is the end of what inih takes for the key. */
static bool plus_take(char *key)
{
	size_t len = strlen(key);

	if (!len || key[len - 1] != '+')
		return false;
	do {
		key[--len] = '\0';
	} while (len && strchr(" \t", key[len - 1]));
	return true;
}

static int on_key(void *user, const char *section, const char *text,
		  const char *value)
{
	struct reader *r = user;
	const char *reason;
	char key[LINE_LEN];

	(void)section;
	if (r->failed)
		return 0;
	snprintf(key, sizeof(key), "%s", text);
	if (plus_take(key))
		reason = key_more(r, key, value);
	else
		reason = key_take(r, key, value);
	if (reason)
		refused(r, key, reason);
	return !reason;
}

static void refused_at(struct reader *r, unsigned int line, const char *what,
		       const char *reason)
{
	r->line = line;
	refused(r, what, reason);
}

static void dialect_end(struct reader *r, const struct dialect *dialect)
{
	enum dialect_key key;
	const char *reason = dialect_check(dialect, &key);

	if (reason)
		refused_at(r, r->line_of_dialect[key], dialect_key_name(key),
			   reason);
}

static void auth_end(struct reader *r, const struct auth *auth)
{
	enum auth_key key;
	const char *reason = auth_check(auth, &key);

	if (reason)
		refused_at(r, r->line_of_auth[key], auth_key_name(key), reason);
}

static void server_end(struct reader *r, const struct config_server *server)
{
	dialect_end(r, &server->dialect);
	auth_end(r, &server->auth);
	if (r->line_of_bulk && !server->bulk.on)
		refused_at(r, r->line_of_bulk, "bulk-",
			   "needs bulk = yes in the same section");
	if (server->bulk.on && server->auth.protocol != AUTH_NONE)
		refused_at(r, r->line_of_auth[AUTH_PROTOCOL], "auth",
			   "no bulk leasequery is authenticated (RFC 6926, 9): bulk = no, or no auth");
}

static void circuit_end(struct reader *r, struct config_port *port)
{
	unsigned int len = (unsigned int)port->circuit_id_len;
	struct config *c = r->config;
	struct config_port *other;

	HASH_FIND(hh_circuit, c->circuits, port->circuit_id, len, other);
	if (other)
		refused_at(r, r->line_of_circuit, "circuit-id",
			   "another port has the same");
	else
		HASH_ADD(hh_circuit, c->circuits, circuit_id, len, port);
}

static void port_end(struct reader *r)
{
	struct config_port *port = r->port;
	const char *word;

	word = settings_access_only(&port->set);
	if (word && (!settings_has(&port->set, SETTINGS_ROLE) ||
		     port->set.role != LEASEGLEAN_ROLE_ACCESS))
		refused_at(r, r->line_of[settings_word(word, settings_exact)],
			   word, "needs role = access in the same section");
	if (port->circuit_id_len)
		circuit_end(r, port);
}

/* What contradicts itself is known when all of a section is. */
static void section_end(struct reader *r)
{
	if (r->failed)
		return;
	if (r->server)
		server_end(r, r->server);
	if (r->requestor) {
		dialect_end(r, &r->requestor->dialect);
		auth_end(r, &r->requestor->auth);
	}
	if (r->port)
		port_end(r);
}

static char *trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* inih tells only of sections that have keys; an empty one counts here too. */
static void on_section_line(struct reader *r, const char *line)
{
	char copy[LINE_LEN + 2];
	const char *reason;
	char *name, *end;

	section_end(r);
	if (r->failed)
		return;
	snprintf(copy, sizeof(copy), "%s", line);
	name = copy + strspn(copy, " \t") + 1;
	end = strchr(name, ']');
	if (!end) {
		refused(r, trimmed(copy), "a section without its ]");
		return;
	}
	*end++ = '\0';
	end = trimmed(end);
	if (*end && *end != ';' && *end != '#') {
		refused(r, name, "something behind the ]");
		return;
	}
	name = trimmed(name);
	if (strlen(name) > SECTION_LEN) {
		refused(r, name, "a section name that is too long");
		return;
	}
	memcpy(r->section, name, strlen(name) + 1);
	reason = section_begin(r);
	if (reason)
		refused(r, name, reason);
}

/* fgets() for inih that counts lines and hears of sections. */
static char *read_ini_line(char *buf, int size, void *user)
{
	struct reader *r = user;
	char *line;
	size_t len;

	if (r->failed)
		return NULL;
	line = fgets(buf, size, r->f);
	if (!line)
		return NULL;
	r->line++;
	len = strlen(line);
	if (len > LINE_LEN || (!feof(r->f) && (!len || line[len - 1] != '\n'))) {
		refused(r, "this line", "too long, or not text");
		return NULL;
	}
	if (line[strspn(line, " \t")] == '[')
		on_section_line(r, line);
	/* A line that is indented is a line, not more of the one before. */
	memmove(line, line + strspn(line, " \t"),
		len - strspn(line, " \t") + 1);
	return r->failed ? NULL : line;
}

static bool bulk_is_left_out(const struct config *c)
{
	bool wanted = false;
	size_t i;

	for (i = 0; i < c->n_recovery; i++)
		if (c->recovery[i] == RECOVERY_BULK)
			return false;
	for (i = 0; i < c->n_servers; i++)
		wanted |= c->servers[i].bulk.on;
	return wanted;
}

/* What contradicts itself across lines is known at the end of the file. */
static void file_end(struct reader *r)
{
	section_end(r);
	if (!r->failed && r->config->timeout_max < r->config->timeout_first)
		refused_at(r, r->line_of_timeouts, "[query]",
			   "timeout-max is less than timeout-first");
	if (!r->failed && bulk_is_left_out(r->config))
		refused_at(r, r->line_of_order, "order",
			   "leaves bulk out, while a server has bulk = yes");
	if (!r->failed && r->line_of_answer && !r->config->n_requestors)
		refused_at(r, r->line_of_answer, "[answer]",
			   "needs a [requestor ADDRESS] that may ask");
}

/**
 * config_read() - take over a configuration file
 * @c: holds the defaults, gets what the file says; half of it where the file
 *	is refused
 * @path: its path
 *
 * What is wrong with it is logged.
 *
 * Return: 0 or a negative errno.
 */
int config_read(struct config *c, const char *path)
{
	struct reader r = { .config = c, .path = path };
	int bad;

	r.f = fopen(path, "re");
	if (!r.f) {
		int err = -errno;

		log_err("%s: %s%s", path, strerror(-err), err == -EACCES ?
			"; whoever this runs as has to be in its group" : "");
		return err;
	}
	bad = ini_parse_stream(read_ini_line, &r, on_key, &r);
	if (!r.failed && ferror(r.f)) {
		refused(&r, "reading", "failed");
	} else if (!r.failed && bad) {
		r.line = bad > 0 ? (unsigned int)bad : r.line;
		refused(&r, "this line", "neither KEY = VALUE nor [SECTION]");
	}
	file_end(&r);
	fclose(r.f);
	return r.failed ? -EINVAL : 0;
}
