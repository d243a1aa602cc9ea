/* SPDX-License-Identifier: GPL-2.0 */
/* An address that is missing, and who is asked for it. */
#ifndef _LG_QUESTION_H
#define _LG_QUESTION_H

#include <stddef.h>

#include "histogram.h"
#include "module.h"

struct server;

void questions_fall_back(const struct server *server);
void question_miss(const struct miss *miss);
void questions_targets_changed(void);
void questions_reconfigured(void);
void questions_clear(void);
size_t questions_count(void);
const struct histogram *questions_answer_time(void);

#endif /* _LG_QUESTION_H */
