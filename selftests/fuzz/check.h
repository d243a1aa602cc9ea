/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold of whatever a harness is given. */
#ifndef _LG_FUZZ_CHECK_H
#define _LG_FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: does not hold: %s\n",	\
				__FILE__, __LINE__, #condition);	\
			abort();					\
		}							\
	} while (0)

#endif
