// SPDX-License-Identifier: GPL-2.0
/*
 * One thing at a time that takes long, in a process of its own: it sees all
 * that this one knows, and changes none of it. No file of this process stays
 * open there, for the kernel has a helper while its socket is, and others keep
 * away while the state directory is locked.
 */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <ev.h>

static ev_child watcher;
static pid_t child;
static void (*child_ended)(int err);

bool child_busy(void)
{
	return child > 0;
}

static void on_end(struct ev_loop *loop, ev_child *w, int revents)
{
	(void)revents;
	ev_child_stop(loop, w);
	child = 0;
	child_ended(WIFEXITED(w->rstatus) ? -WEXITSTATUS(w->rstatus) : -EINTR);
}

/* Signals are blocked: this process's handlers are no good here. */
__attribute__((noreturn))
static void child_main(int (*work)(void), pid_t parent, const sigset_t *mask)
{
	static const int handled[] = {
		SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD,
	};
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EINTR);
	for (i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		signal(handled[i], SIG_DFL);
	closelog();
	close_range(STDERR_FILENO + 1, ~0u, 0);
	sigprocmask(SIG_SETMASK, mask, NULL);
	_exit(-work());
}

/**
 * child_run() - have something done meanwhile
 * @work: what; returns 0 or a negative errno, and logs nothing
 * @ended: told of that
 *
 * Return: 0, -EBUSY while something is being done, or another negative errno.
 */
int child_run(int (*work)(void), void (*ended)(int err))
{
	/* With it comes the handler by which it hears of the end, be it soon. */
	struct ev_loop *loop = EV_DEFAULT;
	sigset_t all, mask;
	pid_t self = getpid();
	int err;

	if (child_busy())
		return -EBUSY;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &mask);
	child = fork();
	if (!child)
		child_main(work, self, &mask);
	err = child < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (err)
		return err;
	child_ended = ended;
	ev_child_init(&watcher, on_end, child, 0);
	ev_child_start(loop, &watcher);
	return 0;
}

/* Ends it, whatever it has done of its work. */
void child_stop(void)
{
	if (!child_busy())
		return;
	ev_child_stop(EV_DEFAULT, &watcher);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	child = 0;
}
