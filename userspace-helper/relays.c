// SPDX-License-Identifier: GPL-2.0
/*
 * What relay agents on this host were seen to use. The module learns it anew
 * after a restart, but only from clients that come: those that are silent are
 * what leasequery is for. So it is kept in a file, replaced as a whole.
 *
 *	leaseglean-relays 1
 *	PORT GIADDR SERVER SECONDS
 *	...
 *	end LINES CHECKSUM
 */
#include "relays.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utlist.h>

#include "child.h"
#include "clock.h"
#include "log.h"
#include "parse.h"

#define FILE_NAME	"relays"
#define FILE_NEW	"relays.new"
#define FILE_DAMAGED	"relays.damaged"
#define FILE_HEADER	"leaseglean-relays 1\n"
#define DAMAGED_MAX	100

/* As many as the configuration may have. */
#define PORTS_MAX	65536
#define RELAYS_MAX	16
/* A server that others have replaced on its port is not asked for ever. */
#define CURRENT_SECONDS	(24 * 3600)
/* @seen is written to the file no more often than this. */
#define SEEN_SECONDS	1800
#define WRITE_DELAY	0.2
#define WRITE_INTERVAL	2.0
#define WRITE_RETRY	60.0

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

static struct relay_port *ports;
static bool changed;
/* Locked; of a path that a process of its own opens again. */
static int dir_fd = -1;
static char dir_path[PATH_MAX];
static struct timer write_timer;
static struct child writer;
static double written;
static struct log_limit write_limit;
static struct log_limit addr_limit;

const struct relay_port *relays_ports(void)
{
	return ports;
}

const struct relay_port *relays_of(const char *port)
{
	struct relay_port *found;

	HASH_FIND_STR(ports, port, found);
	return found;
}

/*
 * Not long outlived by others on the same port. What the module has now needs
 * no clock, which may be wrong until the network is up.
 */
bool relay_current(const struct relay_port *port, const struct relay *relay)
{
	return relay->live || relay->seen >= port->relays->seen - CURRENT_SECONDS;
}

static void port_forget(struct relay_port *port)
{
	struct relay *relay, *next;

	DL_FOREACH_SAFE(port->relays, relay, next) {
		DL_DELETE(port->relays, relay);
		free(relay);
	}
	HASH_DEL(ports, port);
	free(port);
}

/* Interfaces come and go: the one not heard of for longest is gone. */
static void port_forget_oldest(void)
{
	struct relay_port *port, *oldest = ports;

	for (port = ports; port; port = port->hh.next)
		if (!port->relays ||
		    (oldest->relays &&
		     port->relays->seen < oldest->relays->seen))
			oldest = port;
	port_forget(oldest);
}

static struct relay_port *port_get(const char *name)
{
	struct relay_port *port;

	HASH_FIND_STR(ports, name, port);
	if (port)
		return port;
	if (HASH_COUNT(ports) >= PORTS_MAX)
		port_forget_oldest();
	port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	snprintf(port->name, sizeof(port->name), "%s", name);
	HASH_ADD_STR(ports, name, port);
	return port;
}

static struct relay *relay_get(struct relay_port *port, __be32 giaddr,
			       __be32 server)
{
	struct relay *relay, *last;
	int count;

	DL_FOREACH(port->relays, relay)
		if (relay->giaddr == giaddr && relay->server == server)
			return relay;
	DL_COUNT(port->relays, last, count);
	if (count >= RELAYS_MAX) {
		last = port->relays->prev;
		DL_DELETE(port->relays, last);
		free(last);
	}
	relay = calloc(1, sizeof(*relay));
	if (!relay)
		return NULL;
	relay->giaddr = giaddr;
	relay->server = server;
	DL_APPEND(port->relays, relay);
	changed = true;
	return relay;
}

static int later_first(const struct relay *a, const struct relay *b)
{
	return (a->seen < b->seen) - (a->seen > b->seen);
}

/* Whether the file does not tell of it well enough. */
static bool note(const char *name, __be32 giaddr, __be32 server, time_t seen,
		 bool live)
{
	struct relay_port *port = port_get(name);
	struct relay *relay;
	bool stale;

	if (!port)
		return false;
	relay = relay_get(port, giaddr, server);
	if (!relay)
		return false;
	/* A clock that was set back must not make all look older. */
	stale = seen > relay->seen + SEEN_SECONDS ||
		relay->seen > seen + SEEN_SECONDS;
	relay->seen = seen;
	relay->live |= live;
	DL_SORT(port->relays, later_first);
	return stale;
}

/* Whether something new was noted since this was last asked. */
bool relays_changed(void)
{
	bool was = changed;

	changed = false;
	return was;
}

/*
 * Nobody can be asked there or from there: passed over, said once. Not a
 * reason to give up the rest of a file.
 */
static bool addrs_bad(const char *port, __be32 giaddr, __be32 server)
{
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];

	if (addr_of_host(giaddr) && addr_of_host(server))
		return false;
	inet_ntop(AF_INET, &giaddr, from, sizeof(from));
	inet_ntop(AF_INET, &server, to, sizeof(to));
	log_limited(&addr_limit, LOG_WARNING,
		    "relay agent on %s from %s to %s: not addresses of hosts, ignored",
		    port, from, to);
	return true;
}

/**
 * relays_note() - a relay agent is at work
 * @port: name of the port that it serves
 * @giaddr: address that it relays from
 * @server: server that it relays to
 */
void relays_note(const char *port, __be32 giaddr, __be32 server)
{
	double wait = written + WRITE_INTERVAL - clock_now();

	if (addrs_bad(port, giaddr, server))
		return;
	/* A crowd of ports that come up at once is written together. */
	if (note(port, giaddr, server, time(NULL), true) && dir_fd >= 0 &&
	    !timer_running(&write_timer))
		timer_start(&write_timer,
			    wait > WRITE_DELAY ? wait : WRITE_DELAY);
}

/* ---- the file ---- */

/* FNV-1a: against a torn or edited file, not against an enemy. */
static uint32_t checksum(const char *text, size_t len)
{
	uint32_t sum = 2166136261u;

	while (len--) {
		sum ^= (uint8_t)*text++;
		sum *= 16777619u;
	}
	return sum;
}

/* All of it as text to be freed by the caller; NULL without memory. */
static char *text_of_all(size_t *len)
{
	char giaddr[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN];
	const struct relay_port *port;
	const struct relay *relay;
	unsigned long lines = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	fputs(FILE_HEADER, f);
	for (port = ports; port; port = port->hh.next)
		DL_FOREACH(port->relays, relay) {
			inet_ntop(AF_INET, &relay->giaddr, giaddr,
				  sizeof(giaddr));
			inet_ntop(AF_INET, &relay->server, server,
				  sizeof(server));
			fprintf(f, "%s %s %s %lld\n", port->name, giaddr,
				server, (long long)relay->seen);
			lines++;
		}
	if (!fflush(f))
		fprintf(f, "end %lu %08" PRIx32 "\n", lines,
			checksum(text, *len));
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Either the old file stands or the new one does, whatever happens. */
static int replace_file(int dir, const char *text, size_t len)
{
	int fd, err;

	fd = openat(dir, FILE_NEW,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err && renameat(dir, FILE_NEW, dir, FILE_NAME) < 0)
		err = -errno;
	if (!err && fsync(dir) < 0)
		err = -errno;
	return err;
}

/* In a process of its own, or when there is nothing else to do any more. */
static int write_file(void)
{
	int err, dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t len;
	char *text;

	if (dir < 0)
		return -errno;
	text = text_of_all(&len);
	err = text ? replace_file(dir, text, len) : -ENOMEM;
	free(text);
	close(dir);
	return err;
}

static void kept(int err)
{
	if (!err)
		return;
	counters.relays_errors++;
	log_limited(&write_limit, LOG_ERR,
		    "cannot keep what relay agents use: %s; trying on",
		    strerror(-err));
	timer_start(&write_timer, WRITE_RETRY);
}

static void write_due(struct timer *timer)
{
	int err;

	written = clock_now();
	err = child_run(&writer, write_file, kept);
	if (err == -EBUSY)
		timer_start(timer, WRITE_INTERVAL);
	else if (err)
		kept(err);
}

/* Returns a reason why @line cannot be, NULL when it was taken. */
static const char *read_line(char *line)
{
	char *rest = line, *name = strsep(&rest, " ");
	char *giaddr_text = strsep(&rest, " "), *server_text = strsep(&rest, " ");
	struct in_addr giaddr, server;
	long long seen;
	char *end;

	if (!rest)
		return "a line with too few words";
	if (!*name || strlen(name) >= IFNAMSIZ)
		return "a port that cannot have that name";
	if (inet_pton(AF_INET, giaddr_text, &giaddr) != 1 ||
	    inet_pton(AF_INET, server_text, &server) != 1)
		return "a bad address";
	errno = 0;
	seen = strtoll(rest, &end, 10);
	if (errno || *end || end == rest || seen < 0)
		return "a bad time";
	if (!addrs_bad(name, giaddr.s_addr, server.s_addr))
		note(name, giaddr.s_addr, server.s_addr, (time_t)seen, false);
	return NULL;
}

/* Checks the last line, which vouches for all before it. */
static const char *check_end(char *text, size_t len, char **body,
			     unsigned long *lines)
{
	char *last;
	uint32_t sum;
	int used = 0;

	if (len < strlen(FILE_HEADER) ||
	    memcmp(text, FILE_HEADER, strlen(FILE_HEADER)))
		return "it does not begin as this version's does";
	if (strlen(text) != len || text[len - 1] != '\n')
		return "it is cut short";
	text[len - 1] = '\0';
	last = strrchr(text, '\n');
	/* The header alone has but the one line end that is gone now. */
	if (!last || sscanf(last, "\nend %lu %8" SCNx32 "%n", lines, &sum,
			    &used) != 2 || last[used])
		return "its last line is missing";
	last++;
	if (checksum(text, (size_t)(last - text)) != sum)
		return "its checksum is wrong";
	*last = '\0';
	*body = text + strlen(FILE_HEADER);
	return NULL;
}

static const char *take_text(char *text, size_t len)
{
	unsigned long lines, n = 0;
	const char *reason;
	char *body, *line;

	reason = check_end(text, len, &body, &lines);
	while (!reason && *body) {
		line = strsep(&body, "\n");
		reason = read_line(line);
		n++;
	}
	if (!reason && n != lines)
		reason = "lines are missing";
	return reason;
}

static void forget_all(void)
{
	struct relay_port *port, *next;

	HASH_ITER(hh, ports, port, next)
		port_forget(port);
}

/* Keeps a damaged file for the operator, and whichever was kept before. */
static int set_aside(const char *reason)
{
	char name[64] = FILE_DAMAGED;
	int i;

	for (i = 1; i <= DAMAGED_MAX; i++) {
		if (!renameat2(dir_fd, FILE_NAME, dir_fd, name,
			       RENAME_NOREPLACE)) {
			log_err("the file %s in the state directory is damaged: %s. It is set aside as %s, and learned anew",
				FILE_NAME, reason, name);
			return 0;
		}
		if (errno != EEXIST)
			return -errno;
		snprintf(name, sizeof(name), FILE_DAMAGED ".%d", i);
	}
	return -EEXIST;
}

/* The whole of @fd with a NUL behind it, to be freed; NULL and errno. */
static char *slurp(int fd, size_t *len)
{
	size_t room = 65536;
	char *text = malloc(room), *more;
	ssize_t n = 0;

	*len = 0;
	while (text && (n = read(fd, text + *len, room - *len - 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		*len += (size_t)n;
		if (room - *len > 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			n = -1;
		if (!more)
			break;
		text = more;
	}
	if (text && n < 0) {
		free(text);
		return NULL;
	}
	if (text)
		text[*len] = '\0';
	return text;
}

static int read_file(void)
{
	const char *reason;
	size_t len;
	char *text;
	int fd, err;

	fd = openat(dir_fd, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	text = slurp(fd, &len);
	err = text ? 0 : -errno;
	close(fd);
	if (err)
		return err;
	reason = take_text(text, len);
	free(text);
	if (!reason)
		return 0;
	forget_all();
	return set_aside(reason);
}

/**
 * relays_open() - read what was kept, and keep it from now on
 * @dir: the state directory, made if its parent is there
 *
 * Return: 0; -EWOULDBLOCK when another daemon uses @dir; another negative
 * errno when it cannot be used.
 */
int relays_open(const char *dir)
{
	int err;

	timer_init(&write_timer, write_due, NULL);
	written = -WRITE_INTERVAL;
	snprintf(dir_path, sizeof(dir_path), "%s", dir);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	if (flock(dir_fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	if (faccessat(dir_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return -errno;
	err = read_file();
	changed = false;
	return err;
}

void relays_close(void)
{
	bool due = timer_running(&write_timer) || child_busy(&writer);

	child_stop(&writer);
	if (due)
		kept(write_file());
	timer_stop(&write_timer);
	forget_all();
	if (dir_fd >= 0)
		close(dir_fd);
	dir_fd = -1;
}
