/* SPDX-License-Identifier: GPL-2.0 */
/* Time, timers and chance, apart so that tests can replace them. */
#ifndef _LG_CLOCK_H
#define _LG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <ev.h>

/**
 * struct timer - calls back once, after a while
 * @w: libev's own
 * @expired: what to call
 * @data: for @expired
 */
struct timer {
	ev_timer w;
	void (*expired)(struct timer *timer);
	void *data;
};

double clock_now(void);
uint64_t clock_wall(void);
uint64_t clock_ntp(void);
void timer_init(struct timer *timer, void (*expired)(struct timer *timer),
		void *data);
void timer_start(struct timer *timer, double after);
void timer_stop(struct timer *timer);
bool timer_running(const struct timer *timer);

uint32_t random_u32(void);
double jitter(double seconds);

#endif /* _LG_CLOCK_H */
