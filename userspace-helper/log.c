// SPDX-License-Identifier: GPL-2.0
/* Messages for the operator, and the counters that tell of the rest. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "clock.h"

#define LIMIT_SECONDS	60.0

struct counters counters;

static struct log_style how;
static bool to_journal;

/* Whether standard error ends in systemd's journal: it names that file. */
static bool is_journal(void)
{
	const char *names = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return names && sscanf(names, "%ju:%ju", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev &&
	       st.st_ino == ino;
}

/**
 * log_open() - say how messages are to be written from now on
 * @style: how
 */
void log_open(const struct log_style *style)
{
	how = *style;
	to_journal = !how.to_syslog && is_journal();
	if (how.to_syslog)
		openlog("leasegleand", LOG_PID, LOG_DAEMON);
}

static void write_line(int priority, const char *text)
{
	if (how.to_syslog)
		syslog(priority, "%s", text);
	else if (to_journal)
		/* It adds the name, and takes the priority from this. */
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "%s%s\n", how.json ? "" : "leasegleand: ",
			text);
}

/* ---- JSON ---- */

static const char *level_name(int priority)
{
	switch (priority) {
	case LOG_ERR:
		return "error";
	case LOG_WARNING:
		return "warning";
	case LOG_INFO:
		return "info";
	default:
		return "debug";
	}
}

static void add_text(struct json_object *obj, const char *key, const char *text,
		     size_t len)
{
	json_object_object_add(obj, key,
			       json_object_new_string_len(text, (int)len));
}

static void add_time(struct json_object *obj)
{
	time_t now = (time_t)clock_wall();
	struct tm tm;
	char text[32];

	add_text(obj, "time", text,
		 strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ",
			  gmtime_r(&now, &tm)));
}

/* The box of the picture in main.c that it is of: the file's name. */
static void add_component(struct json_object *obj, const char *file)
{
	const char *name = strrchr(file, '/');

	name = name ? name + 1 : file;
	add_text(obj, "component", name, strcspn(name, "."));
}

static void write_json(const char *file, int priority, const char *text)
{
	struct json_object *obj = json_object_new_object();

	add_time(obj);
	add_text(obj, "level", level_name(priority),
		 strlen(level_name(priority)));
	add_component(obj, file);
	add_text(obj, "message", text, strlen(text));
	write_line(priority,
		   json_object_to_json_string_ext(obj,
						  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

/* ---- any ---- */

/*
 * A line is one line, steers no terminal, whoever named things, and JSON is
 * UTF-8.
 */
static void make_plain(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* The compiler cannot see that the callers' formats are checked. */
__attribute__((format(printf, 3, 0)))
static void log_va(const char *file, int priority, const char *fmt, va_list ap)
{
	char text[512];

	if (priority == LOG_DEBUG && !how.verbose)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	make_plain(text);
	if (how.json)
		write_json(file, priority, text);
	else
		write_line(priority, text);
}

/**
 * log_msg() - tell the operator, by log_err() and its kin
 * @file: source of the caller
 * @priority: of syslog(3)
 * @fmt: a line without its end
 */
void log_msg(const char *file, int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(file, priority, fmt, ap);
	va_end(ap);
}

/**
 * log_msg_limited() - tell what may come often, by log_limited()
 * @file: source of the caller
 * @limit: of this kind of message: one a minute, with how many there were
 * @priority: of syslog(3)
 * @fmt: a line without its end
 */
void log_msg_limited(const char *file, struct log_limit *limit, int priority,
		     const char *fmt, ...)
{
	double now = clock_now();
	va_list ap;

	if (limit->next > now) {
		limit->held++;
		return;
	}
	va_start(ap, fmt);
	log_va(file, priority, fmt, ap);
	va_end(ap);
	if (limit->held)
		log_msg(file, priority, "(%lu more like this before it)",
			limit->held);
	limit->held = 0;
	limit->next = now + LIMIT_SECONDS;
}

void counters_log(void)
{
#define X(name, ...) log_info("%s %llu", #name, (unsigned long long)counters.name);
	COUNTERS(X)
#undef X
}
