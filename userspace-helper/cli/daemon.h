/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to leasegleand. */
#ifndef _LG_CLI_DAEMON_H
#define _LG_CLI_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "cli.h"

char *daemon_ask(struct cli *cli, const char *line, unsigned int seconds,
		 bool quiet);
struct json_object *daemon_json(const char *text);
int daemon_refused(struct json_object *json);

#endif /* _LG_CLI_DAEMON_H */
