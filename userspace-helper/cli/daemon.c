// SPDX-License-Identifier: GPL-2.0
/* Requests to leasegleand: a line there, what it answers back. */
#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROL		"/run/leaseglean/control.sock"
#define ANSWER_MAX	(8u << 20)

/* The socket, or a negative errno. */
static int connected(const char *path, unsigned int seconds)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = seconds };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
		       sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* All that comes, with a NUL behind it; NULL and errno. */
static char *read_all(int fd)
{
	size_t len = 0, room = 65536;
	char *text = malloc(room), *more;
	ssize_t n = -1;

	while (text && (n = recv(fd, text + len, room - len - 1, 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		/* Its end, if it did not care for all that it was sent. */
		if (n < 0 && errno == ECONNRESET && len)
			n = 0;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (room - len > 1)
			continue;
		room *= 2;
		more = room <= ANSWER_MAX ? realloc(text, room) : NULL;
		if (!more) {
			errno = EMSGSIZE;
			n = -1;
			break;
		}
		text = more;
	}
	if (text && n < 0) {
		free(text);
		return NULL;
	}
	if (text)
		text[len] = '\0';
	return text;
}

static int send_line(int fd, const char *line)
{
	size_t len = strlen(line);

	while (len) {
		ssize_t n = send(fd, line, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		/* It has answered before it heard all. */
		if (n < 0)
			return errno == EPIPE ? 0 : -1;
		line += n;
		len -= (size_t)n;
	}
	return 0;
}

static const char *why(int err)
{
	switch (err) {
	case EAGAIN:
		return "it does not answer";
	case ENOENT:
	case ECONNREFUSED:
		return "it does not run, or with another --control";
	case EACCES:
		return "root alone may ask";
	case ECONNRESET:
		return "it hung up";
	default:
		return strerror(err);
	}
}

/**
 * daemon_ask() - ask the running daemon
 * @cli: where its socket is
 * @line: the request, with its line end
 * @seconds: that it may keep silent
 * @quiet: say nothing where it cannot be asked
 *
 * Return: the answer, to be freed, or NULL.
 */
char *daemon_ask(struct cli *cli, const char *line, unsigned int seconds,
		 bool quiet)
{
	const char *path = cli->control ? cli->control : CONTROL;
	int fd = connected(path, seconds);
	char *text = NULL;

	if (fd < 0) {
		errno = -fd;
	} else {
		if (!send_line(fd, line))
			text = read_all(fd);
		if (text && !*text) {
			free(text);
			text = NULL;
			errno = ECONNRESET;
		}
	}
	if (!text && !quiet)
		fprintf(stderr, "leaseglean: leasegleand cannot be asked at %s: %s\n",
			path, why(errno));
	if (fd >= 0)
		close(fd);
	return text;
}

/* An answer that is an object, to be put; NULL where it is none. */
struct json_object *daemon_json(const char *text)
{
	struct json_object *json = json_tokener_parse(text);

	if (json_object_is_type(json, json_type_object))
		return json;
	json_object_put(json);
	return NULL;
}

/* Whether the answer is a refusal, which is told then; or is no answer. */
int daemon_refused(struct json_object *json)
{
	struct json_object *error;

	if (!json) {
		fputs("leaseglean: what leasegleand answers cannot be read\n",
		      stderr);
		return CLI_REFUSED;
	}
	if (!json_object_object_get_ex(json, "error", &error))
		return CLI_OK;
	fprintf(stderr, "Error: leasegleand: %s.\n",
		json_object_get_string(error));
	return CLI_REFUSED;
}
