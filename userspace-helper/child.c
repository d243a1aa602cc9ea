// SPDX-License-Identifier: GPL-2.0
/*
 * What takes long, in a process of its own: it sees all that this one knows,
 * and changes none of it. No file of this process stays open there, for the
 * kernel has a helper while its socket is, and others keep away while the state
 * directory is locked.
 */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

bool child_busy(const struct child *child)
{
	return child->pid > 0;
}

static void on_end(struct ev_loop *loop, ev_child *w, int revents)
{
	struct child *child = w->data;

	(void)revents;
	ev_child_stop(loop, w);
	child->pid = 0;
	child->ended(WIFEXITED(w->rstatus) ? -WEXITSTATUS(w->rstatus) : -EINTR);
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
 * @child: of whoever wants it done
 * @work: what; returns 0 or a negative errno, and logs nothing
 * @ended: told of that
 *
 * Return: 0, -EBUSY while @child has something to do, or another negative errno.
 */
int child_run(struct child *child, int (*work)(void), void (*ended)(int err))
{
	/* With it comes the handler by which it hears of the end, be it soon. */
	struct ev_loop *loop = EV_DEFAULT;
	sigset_t all, mask;
	pid_t pid, self = getpid();
	int err;

	if (child_busy(child))
		return -EBUSY;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &mask);
	pid = fork();
	if (!pid)
		child_main(work, self, &mask);
	err = pid < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (err)
		return err;
	child->pid = pid;
	child->ended = ended;
	ev_child_init(&child->w, on_end, pid, 0);
	child->w.data = child;
	ev_child_start(loop, &child->w);
	return 0;
}

/* Ends it, whatever it has done of its work. */
void child_stop(struct child *child)
{
	if (!child_busy(child))
		return;
	ev_child_stop(EV_DEFAULT, &child->w);
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
}
