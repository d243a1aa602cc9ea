// SPDX-License-Identifier: GPL-2.0
/* One port: read, and printed. */
#include "port_row.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const uint32_t match_bits[] = {
	LEASEGLEAN_MATCH_MAC, LEASEGLEAN_MATCH_PORT, LEASEGLEAN_MATCH_VLAN,
};

#define N_MATCH_BITS	(sizeof(match_bits) / sizeof(match_bits[0]))

/* Numbers of entries, in the order shown. */
static const struct {
	uint16_t type;
	const char *name;
} counts[] = {
	{ LEASEGLEAN_A_PORT_ACTIVE, "active" },
	{ LEASEGLEAN_A_PORT_PENDING, "pending" },
	{ LEASEGLEAN_A_PORT_NEGATIVE, "negative" },
};

#define N_COUNTS	(sizeof(counts) / sizeof(counts[0]))

/**
 * port_row_read() - take a port out of a message
 * @row: to fill; points into the message
 * @nlh: the message
 *
 * Return: 0 or -EBADMSG.
 */
int port_row_read(struct port_row *row, const struct nlmsghdr *nlh)
{
	if (nl_genl_attrs(row->tb, settings_rules, LEASEGLEAN_A_PORT_MAX, nlh))
		return -EBADMSG;
	return settings_get(&row->set, row->tb, nlh);
}

static const char *name_text(const struct port_row *row, char *text)
{
	const char *name = text_device(row->tb[LEASEGLEAN_A_PORT_IFNAME],
				       row->tb[LEASEGLEAN_A_PORT_IFINDEX],
				       text);

	return name ? name : "?";
}

static const char *prefix_text(const struct settings_prefix *prefix,
			       char *text)
{
	char addr[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &prefix->addr, addr, sizeof(addr));
	snprintf(text, TEXT_MAX, "%s/%u", addr, prefix->len);
	return text;
}

/* ---- JSON ---- */

static void json_append(struct json_object *array, const char *text)
{
	json_object_array_add(array, json_object_new_string(text));
}

static struct json_object *json_match(const struct settings *set)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < N_MATCH_BITS; i++)
		if (set->match & match_bits[i])
			json_append(array, settings_match(match_bits[i]));
	return array;
}

static struct json_object *json_exclude(const struct settings *set)
{
	struct json_object *array = json_object_new_array();
	char text[TEXT_MAX];
	unsigned int i;

	for (i = 0; i < set->n_exclude; i++)
		json_append(array, prefix_text(&set->exclude[i], text));
	return array;
}

/* To be put by the caller. */
struct json_object *port_row_json(const struct port_row *row)
{
	struct json_object *obj = json_object_new_object(), *max = NULL;
	const struct settings *set = &row->set;
	char text[TEXT_MAX];
	size_t i;

	json_text(obj, "port", name_text(row, text));
	json_text(obj, "role", settings_role(set->role));
	json_u32(obj, "budget_rate", row->tb[LEASEGLEAN_A_PORT_BUDGET_RATE]);
	json_u32(obj, "budget_burst", row->tb[LEASEGLEAN_A_PORT_BUDGET_BURST]);
	json_text(obj, "arp", settings_arp(set->arp));
	json_text(obj, "verify", settings_verify(set->verify));
	json_object_object_add(obj, "match", json_match(set));
	json_text(obj, "move", settings_move(set->move));
	if (set->max_leases)
		max = json_object_new_int64(set->max_leases);
	json_object_object_add(obj, "max_leases", max);
	json_object_object_add(obj, "exclude", json_exclude(set));
	for (i = 0; i < N_COUNTS; i++)
		json_u32(obj, counts[i].name, row->tb[counts[i].type]);
	return obj;
}

/* ---- text ---- */

static void print_match(const struct settings *set)
{
	const char *between = " match ";
	size_t i;

	if (!set->match)
		text_word("match", settings_match(0));
	for (i = 0; i < N_MATCH_BITS; i++)
		if (set->match & match_bits[i]) {
			printf("%s%s", between, settings_match(match_bits[i]));
			between = ",";
		}
}

static void print_exclude(const struct settings *set)
{
	char text[TEXT_MAX];
	unsigned int i;

	if (!set->n_exclude)
		text_word("exclude", "none");
	for (i = 0; i < set->n_exclude; i++)
		printf("%s%s", i ? "," : " exclude ",
		       prefix_text(&set->exclude[i], text));
}

static void print_access(const struct settings *set)
{
	text_word("arp", settings_arp(set->arp));
	text_word("verify", settings_verify(set->verify));
	print_match(set);
	text_word("move", settings_move(set->move));
	if (set->max_leases)
		printf(" max %" PRIu32, set->max_leases);
	else
		text_word("max", "none");
	print_exclude(set);
}

/* One line, in the words that "port set" takes. */
void port_row_settings(const struct port_row *row)
{
	const struct settings *set = &row->set;
	char text[TEXT_MAX];

	printf("%s role %s budget %" PRIu32 "/%" PRIu32, name_text(row, text),
	       settings_role(set->role), set->rate, set->burst);
	if (set->role == LEASEGLEAN_ROLE_ACCESS)
		print_access(set);
	putchar('\n');
}

void port_row_counts(const struct port_row *row)
{
	size_t i;

	printf("   ");
	for (i = 0; i < N_COUNTS; i++)
		if (row->tb[counts[i].type])
			printf(" %s %" PRIu32, counts[i].name,
			       mnl_attr_get_u32(row->tb[counts[i].type]));
	putchar('\n');
}
