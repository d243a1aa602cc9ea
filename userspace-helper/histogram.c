// SPDX-License-Identifier: GPL-2.0
/* How long things take, counted in buckets that never change. */
#include "histogram.h"

/* From a server beside this host to the last of its retries. */
const double histogram_bounds[HISTOGRAM_BUCKETS] = {
	0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
	0.25, 0.5, 1., 2.5, 10., 30.,
};

/**
 * histogram_note() - one more
 * @h: the histogram
 * @seconds: how long it took
 */
void histogram_note(struct histogram *h, double seconds)
{
	unsigned int i = 0;

	while (i < HISTOGRAM_BUCKETS && seconds > histogram_bounds[i])
		i++;
	h->counts[i]++;
	h->sum += seconds;
}

uint64_t histogram_count(const struct histogram *h)
{
	uint64_t count = 0;
	unsigned int i;

	for (i = 0; i <= HISTOGRAM_BUCKETS; i++)
		count += h->counts[i];
	return count;
}

/**
 * histogram_quantile() - how long a part of them took at most
 * @h: the histogram
 * @part: which, such as 0.5 for the median
 *
 * As exact as the buckets are: those within one are taken to be spread evenly
 * in it. What is beyond all bounds counts as the last of them.
 *
 * Return: seconds, or -1 where there are none.
 */
double histogram_quantile(const struct histogram *h, double part)
{
	double rank = part * (double)histogram_count(h), below = 0., lower = 0.;
	unsigned int i;

	if (rank <= 0.)
		return -1.;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double here = (double)h->counts[i];
		double width = histogram_bounds[i] - lower;

		if (below + here >= rank)
			return lower + width * (rank - below) / here;
		below += here;
		lower = histogram_bounds[i];
	}
	return lower;
}
