// SPDX-License-Identifier: GPL-2.0
/* Time, timers and chance, apart so that tests can replace them. */
#include "clock.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

/* Seconds since boot. Suspended time counts: leases run on meanwhile. */
double clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Seconds since 1970, as far as this host knows: the clock may be set. */
uint64_t clock_wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec > 0 ? (uint64_t)ts.tv_sec : 0;
}

/* The same as NTP writes it: 32 bits of seconds since 1900, 32 of fraction. */
uint64_t clock_ntp(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((uint64_t)ts.tv_sec + 2208988800u) << 32 |
	       ((uint64_t)ts.tv_nsec << 32) / 1000000000u;
}

static void timer_expired(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct timer *timer = w->data;

	(void)loop;
	(void)revents;
	timer->expired(timer);
}

void timer_init(struct timer *timer, void (*expired)(struct timer *timer),
		void *data)
{
	ev_timer_init(&timer->w, timer_expired, 0., 0.);
	timer->w.data = timer;
	timer->expired = expired;
	timer->data = data;
}

/* A running timer is set anew. Calls back from the loop, never from here. */
void timer_start(struct timer *timer, double after)
{
	struct ev_loop *loop = EV_DEFAULT;

	ev_timer_stop(loop, &timer->w);
	/* The loop's idea of now may be old after a long batch. */
	ev_now_update(loop);
	ev_timer_set(&timer->w, after > 0. ? after : 0., 0.);
	ev_timer_start(loop, &timer->w);
}

void timer_stop(struct timer *timer)
{
	ev_timer_stop(EV_DEFAULT, &timer->w);
}

bool timer_running(const struct timer *timer)
{
	return ev_is_active(&timer->w);
}

/* Unpredictable: a transaction id is what keeps forged replies out. */
uint32_t random_u32(void)
{
	uint32_t value;

	if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
		abort();
	return value;
}

/* @seconds give or take a tenth, as in RFC 8415, section 15. */
double jitter(double seconds)
{
	double unit = (double)random_u32() / (double)UINT32_MAX;

	return seconds * (0.9 + 0.2 * unit);
}
