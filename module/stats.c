// SPDX-License-Identifier: GPL-2.0
#include "lg.h"
#include "stats.h"

static const char *const lg_stat_names[] = {
#define X(name) [LG_STAT_##name] = #name,
	LG_STATS(X)
#undef X
};

/**
 * lg_stat_name() - name of a counter as users see it
 * @stat: the counter
 */
const char *lg_stat_name(enum lg_stat stat)
{
	return lg_stat_names[stat];
}

/**
 * lg_stat_read() - sum of a counter over all CPUs
 * @lgn: namespace state
 * @stat: the counter
 *
 * Any context. A count that changes meanwhile may or may not be in it.
 */
unsigned long lg_stat_read(const struct lg_net *lgn, enum lg_stat stat)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(lgn->stats, cpu)->count[stat]);
	return sum;
}
