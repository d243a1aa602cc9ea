// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the running daemon: a Unix socket that root and the daemon's own
 * user may connect to. A connection is one line of words, and one answer to
 * it. Whoever connects is kept from costing much: lines, answers, connections
 * and the time that they may take are bounded, and nothing is waited for.
 */
#include "control.h"

#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>
#include <utlist.h>

#include "clock.h"
#include "log.h"

#define COUNT(array)		(sizeof(array) / sizeof((array)[0]))
#define CONNECTIONS_MAX		16
/* Of them those that wait for servers: others are to hear how it stands. */
#define QUERIES_MAX		12
#define LINE_MAX_LEN		4096
#define WORDS_MAX		64
#define ANSWER_MAX		(4u << 20)
/* For the line, and for each part of the answer to be taken. */
#define IDLE_SECONDS		5.0
#define ACCEPT_SECONDS		1.0

/**
 * struct control - a connection
 * @io: its socket
 * @timer: ends it where nothing comes of it
 * @line: the request so far
 * @got: bytes of it
 * @asked: it was read, and is being answered
 * @out: the answer, NULL until there is one
 * @len: bytes of it
 * @sent: bytes of it that were taken
 * @prev: among all
 * @next: among all
 */
struct control {
	ev_io io;
	struct timer timer;
	char line[LINE_MAX_LEN + 1];
	size_t got;
	bool asked;
	char *out;
	size_t len;
	size_t sent;
	struct control *prev;
	struct control *next;
};

static const struct {
	const char *word;
	void (*run)(struct control *control, char **words, size_t n);
	bool waits;
} requests[] = {
	{ "query", control_query, true },
	{ "status", control_status, false },
	{ "metrics", control_metrics, false },
};

static char *socket_path;
static ev_io listener;
static struct timer accept_timer;
static struct control *controls;

/* ---- a connection's end ---- */

static void close_control(struct control *control)
{
	ev_io_stop(EV_DEFAULT, &control->io);
	timer_stop(&control->timer);
	close(control->io.fd);
	DL_DELETE(controls, control);
	free(control->out);
	free(control);
}

static void too_slow(struct timer *timer)
{
	counters.requests_late++;
	close_control(timer->data);
}

/* ---- the answer ---- */

static void send_some(struct control *control)
{
	ssize_t n = send(control->io.fd, control->out + control->sent,
			 control->len - control->sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		control->sent += (size_t)n;
		timer_start(&control->timer, IDLE_SECONDS);
	}
	if (n < 0 || control->sent == control->len)
		close_control(control);
}

/**
 * control_answer_text() - a request's answer, as it is sent
 * @control: the connection, which is gone some time afterwards
 * @text: it
 * @len: bytes of it
 */
void control_answer_text(struct control *control, const char *text, size_t len)
{
	if (len > ANSWER_MAX) {
		control_refuse(control, "", "the answer is too long");
		return;
	}
	control->out = malloc(len);
	if (!control->out) {
		close_control(control);
		return;
	}
	memcpy(control->out, text, len);
	control->len = len;
	timer_start(&control->timer, IDLE_SECONDS);
	/* Sent from the loop, so that no caller finds @control gone. */
	ev_io_stop(EV_DEFAULT, &control->io);
	ev_io_set(&control->io, control->io.fd, EV_WRITE);
	ev_io_start(EV_DEFAULT, &control->io);
}

/**
 * control_answer() - a request's answer as a line of JSON
 * @control: the connection, which is gone some time afterwards
 * @json: it, put here; NULL where there was no memory for it
 */
void control_answer(struct control *control, struct json_object *json)
{
	const char *text = json ? json_object_to_json_string_ext(json,
				JSON_C_TO_STRING_PLAIN |
				JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;
	char *line = NULL;
	int len = text ? asprintf(&line, "%s\n", text) : -1;

	json_object_put(json);
	if (len < 0) {
		/* Ends it, with nothing said. */
		timer_start(&control->timer, 0.);
		return;
	}
	control_answer_text(control, line, (size_t)len);
	free(line);
}

/**
 * control_refuse() - a request that is not answered
 * @control: the connection, which is gone some time afterwards
 * @what: the word at fault, "" where it is none
 * @reason: why
 */
void control_refuse(struct control *control, const char *what,
		    const char *reason)
{
	struct json_object *json = json_object_new_object();
	char text[512];

	counters.requests_refused++;
	snprintf(text, sizeof(text), "%s%s%s", what, *what ? ": " : "",
		 reason);
	json_object_object_add(json, "error", json_object_new_string(text));
	control_answer(control, json);
}

/* ---- the request ---- */

static unsigned int count_waiting(void)
{
	const struct control *control;
	unsigned int n = 0;

	DL_FOREACH(controls, control)
		n += control->asked && !control->out;
	return n;
}

static void run(struct control *control)
{
	char *rest = control->line, *word, *words[WORDS_MAX];
	size_t i, n = 0;

	while ((word = strsep(&rest, " \t")))
		if (*word && n == WORDS_MAX)
			break;
		else if (*word)
			words[n++] = word;
	for (i = 0; n && i < COUNT(requests); i++)
		if (!strcmp(requests[i].word, words[0]))
			break;
	if (word) {
		control_refuse(control, "", "too many words");
	} else if (!n || i == COUNT(requests)) {
		control_refuse(control, "", "no such request");
	} else if (requests[i].waits && count_waiting() >= QUERIES_MAX) {
		control_refuse(control, "", "too many queries at a time");
	} else {
		control->asked = true;
		/* Again, to hear when it goes. */
		ev_io_start(EV_DEFAULT, &control->io);
		requests[i].run(control, words + 1, n - 1);
	}
}

/* What was asked may be answered much later; nothing more is read. */
static void take_line(struct control *control, char *end)
{
	ev_io_stop(EV_DEFAULT, &control->io);
	timer_stop(&control->timer);
	if (end > control->line && end[-1] == '\r')
		end--;
	*end = '\0';
	/* A word of it that is not text would be sent back. */
	while (end > control->line)
		if (*--end != '\t' && (*end < ' ' || *end > '~')) {
			control_refuse(control, "", "not a line of text");
			return;
		}
	run(control);
}

static void receive_some(struct control *control)
{
	ssize_t n = recv(control->io.fd, control->line + control->got,
			 LINE_MAX_LEN - control->got, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_control(control);
		return;
	}
	control->got += (size_t)n;
	end = memchr(control->line, '\n', control->got);
	if (end) {
		take_line(control, end);
	} else if (control->got == LINE_MAX_LEN) {
		ev_io_stop(EV_DEFAULT, &control->io);
		control_refuse(control, "", "the line is too long");
	}
}

/* Of one that waits; it may have said all that it has to say, or too much. */
static void hear_it_go(struct control *control)
{
	struct pollfd fd = { .fd = control->io.fd };

	ev_io_stop(EV_DEFAULT, &control->io);
	if (poll(&fd, 1, 0) <= 0 || !(fd.revents & (POLLHUP | POLLERR)))
		return;
	control_query_stop(control);
	close_control(control);
}

static void on_io(struct ev_loop *loop, ev_io *w, int revents)
{
	struct control *control = w->data;

	(void)loop;
	(void)revents;
	if (control->out)
		send_some(control);
	else if (control->asked)
		hear_it_go(control);
	else
		receive_some(control);
}

/* ---- connections ---- */

/* Whoever could do as the daemon does anyway. */
static bool peer_allowed(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	return !cred.uid || cred.uid == geteuid();
}

static unsigned int count_controls(void)
{
	const struct control *control;
	unsigned int n;

	DL_COUNT(controls, control, n);
	return n;
}

static const char *admit(int fd)
{
	static const char other[] = "{\"error\":\"root alone may ask\"}\n";
	static const char full[] = "{\"error\":\"too many at a time\"}\n";
	struct control *control;

	if (!peer_allowed(fd))
		return other;
	control = count_controls() < CONNECTIONS_MAX ?
		  calloc(1, sizeof(*control)) : NULL;
	if (!control)
		return full;
	ev_io_init(&control->io, on_io, fd, EV_READ);
	control->io.data = control;
	timer_init(&control->timer, too_slow, control);
	DL_APPEND(controls, control);
	ev_io_start(EV_DEFAULT, &control->io);
	timer_start(&control->timer, IDLE_SECONDS);
	return NULL;
}

static void on_connection(struct ev_loop *loop, ev_io *w, int revents)
{
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	const char *refusal;

	(void)revents;
	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		/* No descriptor is left: it would be called for ever. */
		ev_io_stop(loop, w);
		timer_start(&accept_timer, ACCEPT_SECONDS);
		return;
	}
	counters.requests++;
	refusal = admit(fd);
	if (!refusal)
		return;
	counters.requests_refused++;
	if (send(fd, refusal, strlen(refusal), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("control: %s", strerror(errno));
	close(fd);
}

static void accept_again(struct timer *timer)
{
	(void)timer;
	ev_io_start(EV_DEFAULT, &listener);
}

/* ---- the socket ---- */

static int make_directory(const char *path)
{
	char *copy = strdup(path), *dir;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	dir = dirname(copy);
	/* Whatever the umask: what is in it is what is kept from others. */
	if (!mkdir(dir, 0755))
		err = chmod(dir, 0755) < 0 ? -errno : 0;
	else if (errno != EEXIST)
		err = -errno;
	free(copy);
	return err;
}

/* One that nobody listens at was left behind. */
static int remove_stale(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (lstat(sun->sun_path, &st) < 0)
		err = errno == ENOENT ? 0 : -errno;
	else if (!S_ISSOCK(st.st_mode))
		err = -EEXIST;
	else if (!connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ||
		 errno == EAGAIN)
		err = -EADDRINUSE;
	else if (unlink(sun->sun_path) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int bind_private(int fd, const struct sockaddr_un *sun)
{
	mode_t was = umask(0177);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));

	err = err < 0 ? -errno : 0;
	umask(was);
	return err;
}

static int listen_at(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	err = make_directory(path);
	if (!err)
		err = remove_stale(&sun);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = bind_private(fd, &sun);
	if (!err && listen(fd, CONNECTIONS_MAX) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/**
 * control_start() - take requests
 * @path: the socket's, made with its directory
 *
 * Return: 0 or a negative errno, -EADDRINUSE where another daemon listens.
 */
int control_start(const char *path)
{
	int fd;

	socket_path = strdup(path);
	if (!socket_path)
		return -ENOMEM;
	fd = listen_at(path);
	if (fd < 0) {
		free(socket_path);
		socket_path = NULL;
		return fd;
	}
	timer_init(&accept_timer, accept_again, NULL);
	ev_io_init(&listener, on_connection, fd, EV_READ);
	ev_io_start(EV_DEFAULT, &listener);
	return 0;
}

/* Those that wait for an answer are closed. */
void control_stop(void)
{
	if (!socket_path)
		return;
	timer_stop(&accept_timer);
	ev_io_stop(EV_DEFAULT, &listener);
	close(listener.fd);
	while (controls)
		close_control(controls);
	unlink(socket_path);
	free(socket_path);
	socket_path = NULL;
}
