// SPDX-License-Identifier: GPL-2.0
/* Messages for the operator, and the counters that tell of the rest. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define LIMIT_SECONDS	60.0

struct counters counters;

static bool use_syslog;
static bool use_debug;
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

void log_open(bool to_syslog, bool verbose)
{
	use_syslog = to_syslog;
	use_debug = verbose;
	to_journal = !to_syslog && is_journal();
	if (to_syslog)
		openlog("leasegleand", LOG_PID, LOG_DAEMON);
}

static void log_text(int priority, const char *text)
{
	if (use_syslog)
		syslog(priority, "%s", text);
	else if (to_journal)
		/* It adds the name, and takes the priority from this. */
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "leasegleand: %s\n", text);
}

/* The compiler cannot see that the callers' formats are checked. */
__attribute__((format(printf, 2, 0)))
static void log_va(int priority, const char *fmt, va_list ap)
{
	char text[512], *c;

	if (priority == LOG_DEBUG && !use_debug)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	/* A line is one line, and steers no terminal, whoever named things. */
	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	log_text(priority, text);
}

void log_msg(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(priority, fmt, ap);
	va_end(ap);
}

void log_limited(struct log_limit *limit, int priority, const char *fmt, ...)
{
	double now = clock_now();
	va_list ap;

	if (limit->next > now) {
		limit->held++;
		return;
	}
	va_start(ap, fmt);
	log_va(priority, fmt, ap);
	va_end(ap);
	if (limit->held)
		log_msg(priority, "(%lu more like this before it)", limit->held);
	limit->held = 0;
	limit->next = now + LIMIT_SECONDS;
}

void counters_log(void)
{
#define X(name, ...) log_info("%s %llu", #name, (unsigned long long)counters.name);
	COUNTERS(X)
#undef X
}
