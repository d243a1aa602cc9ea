/* SPDX-License-Identifier: GPL-2.0 */
/* How long things take, counted in buckets that never change. */
#ifndef _LG_HISTOGRAM_H
#define _LG_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS	16

/**
 * struct histogram - how often something took how long
 * @counts: of those within a bound, but not within the one before; the last
 *	is of those beyond all bounds
 * @sum: seconds of all
 */
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS + 1];
	double sum;
};

/* Seconds: the upper bounds of all buckets but the last. */
extern const double histogram_bounds[HISTOGRAM_BUCKETS];

void histogram_note(struct histogram *h, double seconds);
uint64_t histogram_count(const struct histogram *h);
double histogram_quantile(const struct histogram *h, double part);

#endif /* _LG_HISTOGRAM_H */
