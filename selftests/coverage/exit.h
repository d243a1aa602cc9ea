/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before everything else where coverage is measured: the counts are
 * written by what exit() calls, and a program that ends by _exit() has them
 * written before.
 */
#ifndef COVERAGE_EXIT_H
#define COVERAGE_EXIT_H

#include <unistd.h>

void __gcov_dump(void);

__attribute__((noreturn))
static inline void coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

#define _exit(status) coverage_exit(status)

#endif
