// SPDX-License-Identifier: GPL-2.0
/* A clock that is advanced by hand, a module and a wire that note down. */
#include "fake.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bulk_io.h"
#include "child.h"
#include "clock.h"
#include "config.h"
#include "exit.h"
#include "links.h"
#include "log.h"
#include "query.h"

#define TIMERS_MAX	65536

struct fake fake;

static struct timer *timers[TIMERS_MAX];
static unsigned int n_timers;
static uint32_t chance;

void fake_reset(void)
{
	assert_int_equal(n_timers, 0);
	memset(&fake, 0, sizeof(fake));
	memset(&counters, 0, sizeof(counters));
	fake.now = 1000.;
	fake.wall = 1700000000;
	fake.jitter = 1.;
	fake.missing = 1;
	chance = 1;
	config_free(&config);
	config_defaults(&config);
}

unsigned int fake_timers(void)
{
	return n_timers;
}

/* ---- clock ---- */

double clock_now(void)
{
	return fake.now;
}

uint64_t clock_wall(void)
{
	return fake.wall + (uint64_t)fake.now;
}

uint64_t clock_ntp(void)
{
	return (clock_wall() + 2208988800u) << 32;
}

void timer_init(struct timer *timer, void (*expired)(struct timer *timer),
		void *data)
{
	memset(timer, 0, sizeof(*timer));
	timer->expired = expired;
	timer->data = data;
}

void timer_stop(struct timer *timer)
{
	unsigned int i;

	if (!timer->w.active)
		return;
	timer->w.active = 0;
	for (i = 0; timers[i] != timer; i++)
		;
	timers[i] = timers[--n_timers];
}

void timer_start(struct timer *timer, double after)
{
	timer_stop(timer);
	timer->w.active = 1;
	timer->w.at = fake.now + (after > 0. ? after : 0.);
	assert_true(n_timers < TIMERS_MAX);
	timers[n_timers++] = timer;
}

bool timer_running(const struct timer *timer)
{
	return timer->w.active;
}

uint32_t random_u32(void)
{
	chance = chance * 1664525u + 1013904223u;
	return chance;
}

double jitter(double seconds)
{
	return seconds * fake.jitter;
}

static struct timer *earliest(double until)
{
	struct timer *first = NULL;
	unsigned int i;

	for (i = 0; i < n_timers; i++)
		if (timers[i]->w.at <= until &&
		    (!first || timers[i]->w.at < first->w.at))
			first = timers[i];
	return first;
}

/* Lets time pass, and whatever is due happen at its time. */
void fake_advance(double seconds)
{
	double until = fake.now + seconds;
	unsigned int fired = 0;
	struct timer *timer;

	while ((timer = earliest(until))) {
		/* A daemon that spins in one place never ends otherwise. */
		assert_true(++fired < 1000000);
		if (timer->w.at > fake.now)
			fake.now = timer->w.at;
		timer_stop(timer);
		timer->expired(timer);
	}
	fake.now = until;
}

/* ---- module ---- */

bool module_attached(void)
{
	return !fake.absent;
}

int module_query_open(uint32_t xid, __be32 server, __be32 giaddr,
		      unsigned int timeout)
{
	(void)xid;
	(void)server;
	(void)giaddr;
	if (fake.open_err)
		return fake.open_err;
	fake.n_open++;
	fake.open_seconds = timeout;
	return 0;
}

int module_lease_put(const struct miss *miss, const struct lease *lease)
{
	int once = fake.put_err_once;

	fake.put_err_once = 0;
	if (once || fake.put_err)
		return once ? once : fake.put_err;
	assert_true(fake.n_put < FAKE_MAX);
	fake.put[fake.n_put++] = (struct fake_put){
		.at = fake.now, .miss = *miss, .lease = *lease,
	};
	return 0;
}

int module_still_missing(struct miss *miss)
{
	fake.n_missing++;
	if (fake.cookie)
		miss->cookie = fake.cookie;
	return fake.missing;
}

int module_access_port(const char *name, uint32_t *ifindex)
{
	if (!fake.access_name || strcmp(name, fake.access_name))
		return -ENOENT;
	*ifindex = fake.access_index;
	return 0;
}

const char *module_why(int err)
{
	return strerror(-err);
}

void module_resync(void)
{
	fake.n_resync++;
}

void module_batch_add(struct module_batch *batch, __be32 addr,
		      const uint32_t *vrf, const struct lease *lease)
{
	assert_true(fake.n_batch < FAKE_MAX);
	fake.batch[fake.n_batch++] = (struct fake_batch){
		.addr = addr, .vrf = vrf ? *vrf : 0, .has_vrf = vrf,
		.origin = batch->origin, .lease = *lease,
	};
	batch->n++;
}

void module_batch_flush(struct module_batch *batch)
{
	for (; batch->n; batch->n--)
		batch->result(fake.batch_err);
}

int module_leases(int (*each)(const struct module_lease *lease, void *data),
		  void *data)
{
	int err = fake.rows_err;
	unsigned int i;

	for (i = 0; i < fake.n_rows && !err; i++)
		err = each(&fake.rows[i], data);
	return err;
}

int links_master(uint32_t ifindex, uint32_t *master)
{
	(void)ifindex;
	*master = fake.master;
	return 0;
}

/* ---- processes ---- */

static int child_go = -1;

bool child_busy(const struct child *child)
{
	return child->pid;
}

/* As child.c has it, once the test lets it. */
static void child_main(int (*work)(void), int go, int went)
{
	char byte;

	close(went);
	if (read(go, &byte, 1))
		_exit(EINTR);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	_exit(-work());
}

int child_run(struct child *child, int (*work)(void), void (*ended)(int err))
{
	int fds[2];

	if (child_busy(child))
		return -EBUSY;
	if (!fake.slow_children) {
		ended(work());
		return 0;
	}
	assert_int_equal(child_go, -1);
	assert_int_equal(pipe(fds), 0);
	child->ended = ended;
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (!child->pid)
		child_main(work, fds[0], fds[1]);
	close(fds[0]);
	child_go = fds[1];
	fake.child = child;
	return 0;
}

static int child_over(struct child *child)
{
	int how;

	close(child_go);
	child_go = -1;
	assert_int_equal(waitpid(child->pid, &how, 0), child->pid);
	child->pid = 0;
	return WIFEXITED(how) ? -WEXITSTATUS(how) : -EINTR;
}

void child_stop(struct child *child)
{
	if (!child_busy(child))
		return;
	kill(child->pid, SIGKILL);
	child_over(child);
}

/* It does its work now, with what was known when it began. */
void fake_child_end(void)
{
	assert_true(fake.child && child_busy(fake.child));
	fake.child->ended(child_over(fake.child));
}

/* ---- wire ---- */

struct bulk_io *bulk_io_open(struct bulk_peer *peer, __be32 server,
			     uint16_t port, __be32 from, int *err)
{
	struct bulk_io *io = &fake.io[fake.n_io];

	*err = fake.io_err;
	if (*err)
		return NULL;
	assert_true(fake.n_io < sizeof(fake.io) / sizeof(fake.io[0]));
	fake.n_io++;
	*io = (struct bulk_io){
		.peer = peer, .server = server, .port = port, .from = from,
		.open = true,
	};
	return io;
}

int bulk_io_send(struct bulk_io *io, const uint8_t *bytes, size_t len)
{
	assert_true(io->open && len <= sizeof(io->query));
	memcpy(io->query, bytes, len);
	io->len = len;
	return 0;
}

void bulk_io_close(struct bulk_io *io)
{
	assert_true(io->open);
	io->open = false;
}

int query_source(uint32_t vrf, __be32 giaddr)
{
	(void)vrf;
	(void)giaddr;
	return fake.source_err;
}

int query_send(uint32_t vrf, __be32 giaddr, __be32 server, uint32_t xid,
	       const struct query *query)
{
	if (fake.send_err)
		return fake.send_err;
	if (!dialect_has(config_dialect(server), &query->key))
		return -EOPNOTSUPP;
	assert_true(fake.n_sent < FAKE_MAX);
	fake.sent[fake.n_sent++] = (struct fake_query){
		.at = fake.now, .vrf = vrf, .giaddr = giaddr,
		.server = server, .xid = xid, .addr = query->key.ciaddr,
		.key = query->key,
	};
	return 0;
}
