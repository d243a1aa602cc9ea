// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the service manager how it stands, where there is one: sd_notify(3)
 * does nothing where nobody listens. The watchdog is fed by the event loop, so
 * that a loop that hangs is noticed.
 */
#include "notify.h"

#ifdef HAVE_SYSTEMD
#include <inttypes.h>
#include <stdint.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "clock.h"

static struct timer watchdog;
static double watchdog_seconds;

static void watchdog_feed(struct timer *timer)
{
	sd_notify(0, "WATCHDOG=1");
	timer_start(timer, watchdog_seconds);
}

/* Fed twice in the time that the manager waits, as sd_watchdog_enabled(3) has it. */
static void watchdog_start(void)
{
	uint64_t usec = 0;

	if (watchdog_seconds > 0. || sd_watchdog_enabled(0, &usec) <= 0)
		return;
	watchdog_seconds = (double)usec / 2e6;
	timer_init(&watchdog, watchdog_feed, NULL);
	timer_start(&watchdog, watchdog_seconds);
}

static void watchdog_stop(void)
{
	if (watchdog_seconds > 0.)
		timer_stop(&watchdog);
	watchdog_seconds = 0.;
}

/* Started, or a reload is over, whatever came of it. */
void notify_ready(void)
{
	sd_notify(0, "READY=1");
	watchdog_start();
}

/* notify_ready() has to follow. */
void notify_reloading(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	/* Type=notify-reload has to know which of two reloads this is. */
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		   (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

void notify_stopping(void)
{
	watchdog_stop();
	sd_notify(0, "STOPPING=1");
}
#else
void notify_ready(void)
{
}

void notify_reloading(void)
{
}

void notify_stopping(void)
{
}
#endif
