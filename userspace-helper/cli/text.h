/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of output, as text and as JSON. */
#ifndef _LG_CLI_TEXT_H
#define _LG_CLI_TEXT_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "../netlink.h"
#include "../../uapi/leaseglean.h"

/* Holds any text of these, an interface's name too. */
#define TEXT_MAX	(3 * LEASEGLEAN_OPAQUE_MAX + 1)

const char *text_hex(const void *bytes, size_t len, const char *between,
		     char *text);
const char *text_addr(const struct nlattr *attr, char *text);
const char *text_hwaddr(const struct nlattr *attr, char *text);
const char *text_device(const struct nlattr *name, const struct nlattr *index,
			char *text);
const char *text_vrf(const struct nlattr *index, char *text);
void text_word(const char *name, const char *value);
void text_vlans(const uint16_t *vlans, unsigned int n);

/* The VLANs of a message whose attributes were checked; returns how many. */
unsigned int vlans_read(const struct nlmsghdr *nlh, uint16_t type,
			uint16_t *vlans);

void json_text(struct json_object *obj, const char *key, const char *text);
void json_u32(struct json_object *obj, const char *key,
	      const struct nlattr *attr);
void json_vlans(struct json_object *obj, const uint16_t *vlans,
		unsigned int n);
const char *json_line(struct json_object *obj);

#endif /* _LG_CLI_TEXT_H */
