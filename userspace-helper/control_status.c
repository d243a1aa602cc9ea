// SPDX-License-Identifier: GPL-2.0
/*
 * The requests "status" and "metrics": how it stands with the daemon and the
 * servers, as JSON, and in numbers as Prometheus' text format 0.0.4.
 */
#include "control.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "log.h"
#include "module.h"
#include "question.h"
#include "recovery.h"
#include "server.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

static double started;

/* From now on it is up. */
void control_status_begin(void)
{
	started = clock_now();
}

/* Those that are configured are told of before they are asked, too. */
static const struct server *all_servers(void)
{
	size_t i;

	for (i = 0; i < config.n_servers; i++)
		server_get(config.servers[i].addr);
	return servers_all();
}

static const char *standing(const struct server *server)
{
	if (!server->proven)
		return "unproven";
	return server_answers(server) ? "proven" : "silent";
}

static const char *addr_text(__be32 addr)
{
	static char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	return text;
}

/* ---- JSON ---- */

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key, json_object_new_string(text));
}

static void add_number(struct json_object *obj, const char *key,
		       uint64_t number)
{
	json_object_object_add(obj, key, json_object_new_uint64(number));
}

static void add_quantile(struct json_object *obj, const char *key,
			 const struct histogram *h, double part)
{
	double seconds = histogram_quantile(h, part);

	json_object_object_add(obj, key, seconds >= 0. ?
			       json_object_new_double(seconds) : NULL);
}

static struct json_object *server_json(const struct server *server)
{
	struct json_object *obj = json_object_new_object();

	add_text(obj, "server", addr_text(server->addr));
	add_text(obj, "dialect", dialect_name(config_dialect(server->addr)));
	add_text(obj, "state", standing(server));
	add_number(obj, "in_flight", server->in_flight);
	add_number(obj, "queued", server->queued);
	add_number(obj, "queries", server->queries);
	add_number(obj, "active", server->active);
	add_number(obj, "unassigned", server->unassigned);
	add_number(obj, "unknown", server->unknown);
	add_number(obj, "timeouts", server->timeouts);
	add_quantile(obj, "median", &server->answer_time, 0.5);
	add_quantile(obj, "p99", &server->answer_time, 0.99);
	return obj;
}

/* As Prometheus has it: of each bound, how many took no longer. */
static struct json_object *histogram_json(const struct histogram *h)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *array = json_object_new_array(), *bucket;
	uint64_t below = 0;
	unsigned int i;
	char text[32];

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += h->counts[i];
		bucket = json_object_new_object();
		snprintf(text, sizeof(text), "%g", histogram_bounds[i]);
		json_object_object_add(bucket, "le",
				       json_object_new_double_s(histogram_bounds[i],
								text));
		add_number(bucket, "count", below);
		json_object_array_add(array, bucket);
	}
	json_object_object_add(obj, "buckets", array);
	json_object_object_add(obj, "sum", json_object_new_double(h->sum));
	add_number(obj, "count", histogram_count(h));
	return obj;
}

static struct json_object *histograms_json(void)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *servers = json_object_new_object();
	const struct server *server;

	json_object_object_add(obj, "miss_answer_seconds",
			       histogram_json(questions_answer_time()));
	for (server = servers_all(); server; server = server->hh.next)
		json_object_object_add(servers, addr_text(server->addr),
				       histogram_json(&server->answer_time));
	json_object_object_add(obj, "server_answer_seconds", servers);
	return obj;
}

static struct json_object *counters_json(void)
{
	struct json_object *obj = json_object_new_object();

#define X(name, ...) add_number(obj, #name, counters.name);
	COUNTERS(X)
#undef X
	return obj;
}

static const char * const recovery_states[] = {
	[RECOVERY_OFF] = "off",
	[RECOVERY_WAITING] = "waiting",
	[RECOVERY_RUNNING] = "running",
	[RECOVERY_ENDED] = "ended",
	[RECOVERY_FAILED] = "failed",
};

static const char * const dropped_keys[] = {
	[RECOVERY_EXPIRED] = "expired",
	[RECOVERY_KNOWN] = "known",
	[RECOVERY_ROUTE] = "elsewhere",
	[RECOVERY_FULL] = "no_room",
	[RECOVERY_REFUSED] = "refused",
};

static struct json_object *recovery_json(enum recovery_source source)
{
	struct json_object *obj = json_object_new_object();
	struct recovery_status row;
	unsigned int i;

	recovery_status(source, &row);
	add_text(obj, "source", recovery_source_name(source));
	add_text(obj, "state", recovery_states[row.state]);
	json_object_object_add(obj, "seconds",
			       json_object_new_double(row.seconds));
	add_number(obj, "read", row.read);
	add_number(obj, "put", row.put);
	add_number(obj, "waiting", row.waiting);
	for (i = 0; i < __RECOVERY_REASONS; i++)
		add_number(obj, dropped_keys[i], row.dropped[i]);
	return obj;
}

static struct json_object *status_json(void)
{
	struct json_object *json = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct json_object *sources = json_object_new_array();
	const struct server *server;
	unsigned int i;

	add_number(json, "pid", (uint64_t)getpid());
	add_text(json, "version", VERSION);
	add_number(json, "uptime", (uint64_t)(clock_now() - started));
	json_object_object_add(json, "module",
			       json_object_new_boolean(module_attached()));
	add_number(json, "questions", questions_count());
	add_quantile(json, "median", questions_answer_time(), 0.5);
	add_quantile(json, "p99", questions_answer_time(), 0.99);
	for (server = all_servers(); server; server = server->hh.next)
		json_object_array_add(array, server_json(server));
	json_object_object_add(json, "servers", array);
	for (i = 0; i < __RECOVERY_SOURCES; i++)
		json_object_array_add(sources, recovery_json(i));
	json_object_object_add(json, "recovery", sources);
	json_object_object_add(json, "counters", counters_json());
	json_object_object_add(json, "histograms", histograms_json());
	return json;
}

/**
 * control_status() - tell how it stands
 * @control: who gets the answer
 * @words: none are taken
 * @n: how many there are
 */
void control_status(struct control *control, char **words, size_t n)
{
	if (n)
		control_refuse(control, words[0], "status takes no words");
	else
		control_answer(control, status_json());
}

/* ---- Prometheus ---- */

static void put_head(FILE *f, const char *name, const char *kind,
		     const char *help)
{
	fprintf(f, "# HELP leasegleand_%s %s.\n# TYPE leasegleand_%s %s\n",
		name, help, name, kind);
}

static void put_gauge(FILE *f, const char *name, const char *help, double value)
{
	put_head(f, name, "gauge", help);
	fprintf(f, "leasegleand_%s %.9g\n", name, value);
}

static void put_counter(FILE *f, const char *name, const char *help,
			uint64_t value)
{
	put_head(f, name, "counter", help);
	fprintf(f, "leasegleand_%s %" PRIu64 "\n", name, value);
}

static void put_counters(FILE *f)
{
#define X(name, help) put_counter(f, #name "_total", help, counters.name);
	COUNTERS(X)
#undef X
}

/* @label: one, with a comma behind it, or "" */
static void put_buckets(FILE *f, const char *name, const char *label,
			const struct histogram *h)
{
	uint64_t below = 0;
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += h->counts[i];
		fprintf(f, "leasegleand_%s_seconds_bucket{%sle=\"%g\"} %" PRIu64 "\n",
			name, label, histogram_bounds[i], below);
	}
	fprintf(f, "leasegleand_%s_seconds_bucket{%sle=\"+Inf\"} %" PRIu64 "\n",
		name, label, histogram_count(h));
}

static void put_server_number(FILE *f, const char *name, size_t at, bool wide)
{
	const struct server *server;

	for (server = servers_all(); server; server = server->hh.next) {
		const char *field = (const char *)server + at;

		fprintf(f, "leasegleand_server_%s{server=\"%s\"} %" PRIu64 "\n",
			name, addr_text(server->addr),
			wide ? *(const uint64_t *)field :
			       *(const unsigned int *)field);
	}
}

static void put_answers(FILE *f, const struct server *server,
			const char *verdict, uint64_t value)
{
	fprintf(f, "leasegleand_server_answers_total{server=\"%s\",",
		addr_text(server->addr));
	fprintf(f, "verdict=\"%s\"} %" PRIu64 "\n", verdict, value);
}

static void put_server_answers(FILE *f)
{
	const struct server *server;

	put_head(f, "server_answers_total", "counter",
		 "Answers of a server to queries, by what they said");
	for (server = servers_all(); server; server = server->hh.next) {
		put_answers(f, server, "active", server->active);
		put_answers(f, server, "unassigned", server->unassigned);
		put_answers(f, server, "unknown", server->unknown);
	}
}

static void put_server_times(FILE *f)
{
	const struct server *server;
	char label[64];

	put_head(f, "server_answer_seconds", "histogram",
		 "Time from the first query for something to the server's answer");
	for (server = servers_all(); server; server = server->hh.next) {
		const struct histogram *h = &server->answer_time;

		snprintf(label, sizeof(label), "server=\"%s\",",
			 addr_text(server->addr));
		put_buckets(f, "server_answer", label, h);
		fprintf(f, "leasegleand_server_answer_seconds_sum{server=\"%s\"} %.9g\n"
			"leasegleand_server_answer_seconds_count{server=\"%s\"} %" PRIu64 "\n",
			addr_text(server->addr), h->sum,
			addr_text(server->addr), histogram_count(h));
	}
}

/* One that was never asked is neither up nor down: it has a state. */
static void put_server_states(FILE *f)
{
	static const char * const states[] = { "unproven", "proven", "silent" };
	const struct server *server;
	unsigned int i;

	put_head(f, "server_state", "gauge", "How it stands with a server");
	for (server = all_servers(); server; server = server->hh.next)
		for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
			fprintf(f, "leasegleand_server_state{server=\"%s\",state=\"%s\"} %d\n",
				addr_text(server->addr), states[i],
				!strcmp(states[i], standing(server)));
}

static void put_servers(FILE *f)
{
	put_server_states(f);
#define NUMBER(name, kind, member, wide, help) do { \
		put_head(f, "server_" name, kind, help); \
		put_server_number(f, name, offsetof(struct server, member), \
				  wide); \
	} while (0)
	NUMBER("in_flight", "gauge", in_flight, false,
	       "Queries that a server may still answer in time");
	NUMBER("queued", "gauge", queued, false,
	       "Queries that wait for their turn with a server");
	NUMBER("queries_total", "counter", queries, true,
	       "Queries sent to a server");
	NUMBER("timeouts_total", "counter", timeouts, true,
	       "Queries that a server did not answer in time");
#undef NUMBER
	put_server_answers(f);
	put_server_times(f);
}

static void put_misses(FILE *f)
{
	const struct histogram *h = questions_answer_time();

	put_head(f, "miss_answer_seconds", "histogram",
		 "Time from a miss until the module was given the answer");
	put_buckets(f, "miss_answer", "", h);
	fprintf(f, "leasegleand_miss_answer_seconds_sum %.9g\n"
		"leasegleand_miss_answer_seconds_count %" PRIu64 "\n", h->sum,
		histogram_count(h));
}

static void put_recovered(FILE *f, enum recovery_source source,
			  const char *result, uint64_t value)
{
	fprintf(f, "leasegleand_recovery_leases{source=\"%s\",result=\"%s\"} %" PRIu64 "\n",
		recovery_source_name(source), result, value);
}

static void put_recovery_states(FILE *f)
{
	struct recovery_status row;
	unsigned int source, i;

	put_head(f, "recovery_state", "gauge",
		 "How far a source is that the table is refilled from");
	for (source = 0; source < __RECOVERY_SOURCES; source++) {
		recovery_status(source, &row);
		for (i = 0; i <= RECOVERY_FAILED; i++)
			fprintf(f, "leasegleand_recovery_state{source=\"%s\",state=\"%s\"} %d\n",
				recovery_source_name(source),
				recovery_states[i], i == row.state);
	}
}

static void put_recovery(FILE *f)
{
	struct recovery_status row;
	unsigned int source, i;

	put_recovery_states(f);
	put_head(f, "recovery_leases", "gauge",
		 "Leases read from such a source, by what became of them");
	for (source = 0; source < __RECOVERY_SOURCES; source++) {
		recovery_status(source, &row);
		put_recovered(f, source, "put", row.put);
		put_recovered(f, source, "waiting", row.waiting);
		for (i = 0; i < __RECOVERY_REASONS; i++)
			put_recovered(f, source, dropped_keys[i],
				      row.dropped[i]);
	}
}

/**
 * control_metrics() - tell the numbers
 * @control: who gets them
 * @words: none are taken
 * @n: how many there are
 */
void control_metrics(struct control *control, char **words, size_t n)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if (n) {
		control_refuse(control, words[0], "metrics takes no words");
		return;
	}
	f = open_memstream(&text, &len);
	if (f) {
		put_head(f, "info", "gauge", "Which version runs");
		fputs("leasegleand_info{version=\"" VERSION "\"} 1\n", f);
		put_gauge(f, "uptime_seconds", "Time since it was started",
			  clock_now() - started);
		put_gauge(f, "module_attached",
			  "Whether it is the kernel module's helper",
			  module_attached());
		put_gauge(f, "questions", "Addresses being asked for",
			  (double)questions_count());
		put_counters(f);
		put_misses(f);
		put_servers(f);
		put_recovery(f);
	}
	if (f && !fclose(f))
		control_answer_text(control, text, len);
	else
		control_refuse(control, "", "out of memory");
	free(text);
}
