// SPDX-License-Identifier: GPL-2.0
/* Chance: that of the daemon itself, which the other tests have no use for. */
#define clock_now	chance_now
#define clock_wall	chance_wall
#define clock_ntp	chance_ntp
#define timer_init	chance_timer_init
#define timer_start	chance_timer_start
#define timer_stop	chance_timer_stop
#define timer_running	chance_timer_running
#define random_u32	chance_u32
#define jitter		chance_jitter
#include "../../userspace-helper/clock.c"
#include "fake.h"

/* Of 10,000, some are in each tenth, and none beyond (RFC 8415, 15). */
static void jitter_is_a_tenth_either_way(void **state)
{
	unsigned int seen[10] = { 0 }, i;
	double seconds;

	(void)state;
	for (i = 0; i < 10000; i++) {
		seconds = chance_jitter(10.);
		assert_true(seconds >= 9. && seconds <= 11.);
		seen[seconds < 11. ? (int)((seconds - 9.) * 5.) : 9]++;
	}
	for (i = 0; i < 10; i++)
		assert_in_range(seen[i], 500, 1500);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(jitter_is_a_tenth_either_way),
};

const struct fake_tests clock_tests = {
	tests, sizeof(tests) / sizeof(tests[0]),
};
