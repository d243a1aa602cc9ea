// SPDX-License-Identifier: GPL-2.0
/* Pieces of output, as text and as JSON. */
#include "text.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* @text: TEXT_MAX bytes, as in all of these */
const char *text_hex(const void *bytes, size_t len, const char *between,
		     char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	char *to = text;
	size_t i;

	for (i = 0; i < len; i++) {
		if (i && *between)
			*to++ = *between;
		*to++ = digits[p[i] >> 4];
		*to++ = digits[p[i] & 15];
	}
	*to = '\0';
	return text;
}

/* NULL when there is none */
const char *text_addr(const struct nlattr *attr, char *text)
{
	return attr ? inet_ntop(AF_INET, mnl_attr_get_payload(attr), text,
				INET_ADDRSTRLEN) : NULL;
}

const char *text_hwaddr(const struct nlattr *attr, char *text)
{
	return attr ? text_hex(mnl_attr_get_payload(attr),
			       mnl_attr_get_payload_len(attr), ":", text) :
		      NULL;
}

/* An interface may be called by bytes that no terminal, nor JSON, is to have. */
static const char *text_name(const char *name, char *text)
{
	char *to = text;

	for (; *name; name++)
		if (*name > ' ' && *name <= '~' && *name != '\\')
			*to++ = *name;
		else
			to += sprintf(to, "\\x%02x", (unsigned char)*name);
	*to = '\0';
	return text;
}

/**
 * text_device() - an interface's name
 * @name: as the kernel said it, or NULL
 * @index: where it did not
 * @text: gets it; what is no printable ASCII is \xHH
 *
 * Return: the name; NULL for none, and for one that is gone.
 */
const char *text_device(const struct nlattr *name, const struct nlattr *index,
			char *text)
{
	char now[IF_NAMESIZE];

	if (name)
		return text_name(mnl_attr_get_str(name), text);
	if (!index || !if_indextoname(mnl_attr_get_u32(index), now))
		return NULL;
	return text_name(now, text);
}

/* A VRF's name, or its number when it is gone; NULL for the default. */
const char *text_vrf(const struct nlattr *index, char *text)
{
	char now[IF_NAMESIZE];

	if (!index || !mnl_attr_get_u32(index))
		return NULL;
	if (if_indextoname(mnl_attr_get_u32(index), now))
		return text_name(now, text);
	snprintf(text, TEXT_MAX, "%" PRIu32, mnl_attr_get_u32(index));
	return text;
}

void text_word(const char *name, const char *value)
{
	if (value)
		printf(" %s %s", name, value);
}

void text_vlans(const uint16_t *vlans, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		printf("%s%u", i ? "." : " vlan ", vlans[i]);
}

unsigned int vlans_read(const struct nlmsghdr *nlh, uint16_t type,
			uint16_t *vlans)
{
	const struct nlattr *attr;
	unsigned int n = 0;

	nl_for_each_genl(attr, nlh)
		if (mnl_attr_get_type(attr) == type &&
		    mnl_attr_get_payload_len(attr) == sizeof(*vlans) &&
		    n < LEASEGLEAN_VLANS_MAX)
			vlans[n++] = mnl_attr_get_u16(attr);
	return n;
}

void json_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key,
			       text ? json_object_new_string(text) : NULL);
}

void json_u32(struct json_object *obj, const char *key,
	      const struct nlattr *attr)
{
	struct json_object *number = NULL;

	if (attr)
		number = json_object_new_int64(mnl_attr_get_u32(attr));
	json_object_object_add(obj, key, number);
}

void json_vlans(struct json_object *obj, const uint16_t *vlans,
		unsigned int n)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_int(vlans[i]));
	json_object_object_add(obj, "vlans", array);
}

const char *json_line(struct json_object *obj)
{
	return json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
}
