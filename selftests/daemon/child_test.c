// SPDX-License-Identifier: GPL-2.0
/* What is done in a process of its own: the one box that is not simulated. */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>

/* The others' tests have one that does all at once, by these names. */
#define child_busy	real_child_busy
#define child_run	real_child_run
#define child_stop	real_child_stop
#include "../../userspace-helper/child.c"

static struct child child, other;
static int told;
static unsigned int n_told;
static int pipe_fds[2];

static int setup(void **state)
{
	(void)state;
	told = 1;
	n_told = 0;
	return pipe2(pipe_fds, O_CLOEXEC);
}

static int teardown(void **state)
{
	(void)state;
	child_stop(&child);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

static void on_told(int err)
{
	told = err;
	n_told++;
}

static int works(void)
{
	return 0;
}

static int fails(void)
{
	return -ENOSPC;
}

static int is_killed(void)
{
	raise(SIGKILL);
	return 0;
}

static int is_ended_by_its_signal(void)
{
	raise(SIGTERM);
	return 0;
}

static int never_ends(void)
{
	while (pause())
		;
	return 0;
}

/* Nothing that the daemon has open may live on in it. */
static int has_no_file(void)
{
	return fcntl(pipe_fds[0], F_GETFD) < 0 &&
	       fcntl(pipe_fds[1], F_GETFD) < 0 &&
	       fcntl(STDERR_FILENO, F_GETFD) >= 0 ? 0 : -EBADF;
}

/* What comes of it, told once, when the loop has nothing more to wait for. */
static int outcome(int (*work)(void))
{
	assert_int_equal(child_run(&child, work, on_told), 0);
	assert_true(child_busy(&child));
	assert_int_equal(n_told, 0);
	ev_run(EV_DEFAULT, 0);
	assert_int_equal(n_told, 1);
	assert_false(child_busy(&child));
	n_told = 0;
	return told;
}

static void what_came_of_it_is_told(void **state)
{
	(void)state;
	assert_int_equal(outcome(works), 0);
	assert_int_equal(outcome(fails), -ENOSPC);
	assert_int_equal(outcome(is_killed), -EINTR);
	assert_int_equal(outcome(works), 0);
}

static void no_file_stays_open_in_it(void **state)
{
	(void)state;
	assert_int_equal(outcome(has_no_file), 0);
	assert_true(fcntl(pipe_fds[0], F_GETFD) >= 0);
}

static void on_signal(int number)
{
	(void)number;
}

/* The daemon's handlers would only note a signal, for a loop that it lacks. */
static void a_signal_ends_it(void **state)
{
	static const int handled[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sighandler_t was = signal(SIGTERM, on_signal);
	sigset_t before, after;
	size_t i;

	(void)state;
	sigprocmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(outcome(is_ended_by_its_signal), -EINTR);
	sigprocmask(SIG_SETMASK, NULL, &after);
	for (i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		assert_int_equal(sigismember(&after, handled[i]),
				 sigismember(&before, handled[i]));
	assert_ptr_equal(signal(SIGTERM, was), on_signal);
}

static void one_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(child_run(&child, never_ends, on_told), 0);
	assert_int_equal(child_run(&child, works, on_told), -EBUSY);
	assert_true(child_busy(&child));
	/* Others have their own. */
	assert_false(child_busy(&other));
	assert_int_equal(child_run(&other, works, on_told), 0);
	while (!n_told)
		ev_run(EV_DEFAULT, EVRUN_ONCE);
	assert_int_equal(told, 0);
	assert_true(child_busy(&child));
	assert_false(child_busy(&other));
}

static void one_that_is_stopped_is_gone_and_tells_nothing(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(child_run(&child, never_ends, on_told), 0);
	pid = child.pid;
	child_stop(&child);
	assert_false(child_busy(&child));
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	ev_run(EV_DEFAULT, EVRUN_NOWAIT);
	assert_int_equal(n_told, 0);
	/* Where there is none, nothing is ended. */
	child_stop(&child);
	assert_int_equal(outcome(works), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(what_came_of_it_is_told),
	TEST(no_file_stays_open_in_it),
	TEST(a_signal_ends_it),
	TEST(one_at_a_time),
	TEST(one_that_is_stopped_is_gone_and_tells_nothing),
};

const struct fake_tests child_tests = {
	tests, sizeof(tests) / sizeof(tests[0]),
};
