/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values as people write them. Each function returns NULL, or why the text
 * cannot be one; that stands until the next call.
 */
#ifndef _LG_PARSE_H
#define _LG_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

const char *parse_u32(const char *text, uint32_t min, uint32_t max,
		      uint32_t *value);
const char *parse_hex(const char *text, uint8_t *bytes, size_t room,
		      size_t *len);
const char *parse_vrf(const char *text, uint32_t *index);
bool addr_of_host(__be32 addr);

#endif /* _LG_PARSE_H */
