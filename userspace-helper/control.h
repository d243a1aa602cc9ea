/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the running daemon, and its answers. */
#ifndef _LG_CONTROL_H
#define _LG_CONTROL_H

#include <stddef.h>

#include <json-c/json.h>

struct control;

int control_start(const char *path);
void control_stop(void);

/* What a request is answered with, once, now or later. */
void control_answer(struct control *control, struct json_object *json);
void control_answer_text(struct control *control, const char *text,
			 size_t len);
void control_refuse(struct control *control, const char *what,
		    const char *reason);

/* From when on status says that it is up. */
void control_status_begin(void);

/* The requests; the words behind the first one are theirs. */
void control_query(struct control *control, char **words, size_t n);
void control_query_stop(const struct control *control);
void control_status(struct control *control, char **words, size_t n);
void control_metrics(struct control *control, char **words, size_t n);

#endif /* _LG_CONTROL_H */
