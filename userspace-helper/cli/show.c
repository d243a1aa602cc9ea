// SPDX-License-Identifier: GPL-2.0
/* leaseglean show: the table, row by row as the kernel gives it. */
#include "cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "../../module/dhcp.h"
#include "filter.h"

#define DUMP_TRIES	16
#define HEX_MAX		(2 * LEASEGLEAN_OPAQUE_MAX + 1)

/**
 * struct row - one entry of the table; what is missing is NULL or 0
 * @tb: attributes
 * @vlans: outermost first
 * @n_vlans: how many
 * @port: name of the port
 */
struct row {
	const struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1];
	uint16_t vlans[LEASEGLEAN_VLANS_MAX];
	unsigned int n_vlans;
	char port[IFNAMSIZ];
};

/**
 * struct output - how far the output is
 * @json: else text
 * @any: something was printed
 * @vrf: of the last row printed
 * @addr: of the last row printed, host order
 */
struct output {
	bool json;
	bool any;
	uint32_t vrf;
	uint32_t addr;
};

static const struct nl_attr_rule rules[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_VRF] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_STATE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_ORIGIN] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_HWADDR] = { MNL_TYPE_BINARY, LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_PORT] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_LEASE_VLAN] = { MNL_TYPE_U16, 2 },
	[LEASEGLEAN_A_LEASE_GIADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_SERVER] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_EXPIRES] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { MNL_TYPE_BINARY,
					    LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { MNL_TYPE_BINARY,
					   LEASEGLEAN_OPAQUE_MAX },
};

static void row_vlans(struct row *row, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	nl_for_each_genl(attr, nlh)
		if (mnl_attr_get_type(attr) == LEASEGLEAN_A_LEASE_VLAN &&
		    row->n_vlans < LEASEGLEAN_VLANS_MAX)
			row->vlans[row->n_vlans++] = mnl_attr_get_u16(attr);
}

static void row_port(struct row *row)
{
	const struct nlattr *name = row->tb[LEASEGLEAN_A_LEASE_PORT_NAME];
	const struct nlattr *index = row->tb[LEASEGLEAN_A_LEASE_PORT];

	if (name)
		memcpy(row->port, mnl_attr_get_payload(name),
		       mnl_attr_get_payload_len(name));
	else if (index && !if_indextoname(mnl_attr_get_u32(index), row->port))
		row->port[0] = '\0';
}

static int row_read(struct row *row, const struct nlmsghdr *nlh)
{
	memset(row, 0, sizeof(*row));
	if (nl_genl_attrs(row->tb, rules, LEASEGLEAN_A_LEASE_MAX, nlh) ||
	    !row->tb[LEASEGLEAN_A_LEASE_ADDR])
		return -EBADMSG;
	row_vlans(row, nlh);
	row_port(row);
	return 0;
}

static uint32_t row_u32(const struct row *row, int type)
{
	return row->tb[type] ? mnl_attr_get_u32(row->tb[type]) : 0;
}

/* The address in attribute @type as text, NULL when there is none. */
static const char *row_addr(const struct row *row, int type, char *text)
{
	if (!row->tb[type])
		return NULL;
	return inet_ntop(AF_INET, mnl_attr_get_payload(row->tb[type]), text,
			 INET_ADDRSTRLEN);
}

static const char *row_origin(const struct row *row)
{
	if (!row->tb[LEASEGLEAN_A_LEASE_ORIGIN])
		return NULL;
	return filter_origin_name(row_u32(row, LEASEGLEAN_A_LEASE_ORIGIN));
}

/* The VRF's name, or its number when it is gone. @text: HEX_MAX bytes. */
static const char *row_vrf(const struct row *row, char *text)
{
	uint32_t vrf = row_u32(row, LEASEGLEAN_A_LEASE_VRF);

	if (!if_indextoname(vrf, text))
		snprintf(text, HEX_MAX, "%" PRIu32, vrf);
	return text;
}

static const char *hex(const void *bytes, size_t len, const char *between,
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

static const char *row_hex(const struct row *row, int type, const char *between,
			   char *text)
{
	if (!row->tb[type])
		return NULL;
	return hex(mnl_attr_get_payload(row->tb[type]),
		   mnl_attr_get_payload_len(row->tb[type]), between, text);
}

/* Circuit-id or remote-id, NULL when option 82 has none that can be read. */
static const char *row_agent(const struct row *row, uint8_t code, char *text)
{
	const struct nlattr *info = row->tb[LEASEGLEAN_A_LEASE_AGENT_INFO];
	const uint8_t *value;
	int len;

	if (!info)
		return NULL;
	len = lg_agent_suboption(mnl_attr_get_payload(info),
				 mnl_attr_get_payload_len(info), code, &value);
	return len < 0 ? NULL : hex(value, (size_t)len, "", text);
}

/* ---- JSON ---- */

static void add_text(struct json_object *obj, const char *key,
		     const char *text)
{
	json_object_object_add(obj, key,
			       text ? json_object_new_string(text) : NULL);
}

static struct json_object *json_number(const struct row *row, int type)
{
	return row->tb[type] ? json_object_new_int64(row_u32(row, type)) : NULL;
}

static struct json_object *json_of(const struct row *row)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *vlans = json_object_new_array();
	char text[HEX_MAX];
	unsigned int i;

	for (i = 0; i < row->n_vlans; i++)
		json_object_array_add(vlans,
				      json_object_new_int(row->vlans[i]));
	add_text(obj, "address", row_addr(row, LEASEGLEAN_A_LEASE_ADDR, text));
	add_text(obj, "state",
		 filter_state_name(row_u32(row, LEASEGLEAN_A_LEASE_STATE)));
	add_text(obj, "origin", row_origin(row));
	add_text(obj, "hwaddr",
		 row_hex(row, LEASEGLEAN_A_LEASE_HWADDR, ":", text));
	add_text(obj, "port", *row->port ? row->port : NULL);
	json_object_object_add(obj, "vlans", vlans);
	add_text(obj, "giaddr", row_addr(row, LEASEGLEAN_A_LEASE_GIADDR, text));
	add_text(obj, "server", row_addr(row, LEASEGLEAN_A_LEASE_SERVER, text));
	add_text(obj, "circuit_id", row_agent(row, LG_AGENT_CIRCUIT_ID, text));
	add_text(obj, "remote_id", row_agent(row, LG_AGENT_REMOTE_ID, text));
	add_text(obj, "client_id",
		 row_hex(row, LEASEGLEAN_A_LEASE_CLIENT_ID, "", text));
	json_object_object_add(obj, "expires",
			       json_number(row, LEASEGLEAN_A_LEASE_EXPIRES));
	if (row_u32(row, LEASEGLEAN_A_LEASE_VRF))
		add_text(obj, "vrf", row_vrf(row, text));
	return obj;
}

static void print_json(struct output *out, const struct row *row)
{
	struct json_object *obj = json_of(row);

	printf("%s%s", out->any ? ",\n" : "[",
	       json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

/* ---- text ---- */

static void print_word(const char *name, const char *value)
{
	if (value)
		printf(" %s %s", name, value);
}

static void print_text(const struct row *row)
{
	char text[HEX_MAX];
	unsigned int i;

	printf("%s", row_addr(row, LEASEGLEAN_A_LEASE_ADDR, text));
	print_word("port", *row->port ? row->port : NULL);
	for (i = 0; i < row->n_vlans; i++)
		printf("%s%u", i ? "." : " vlan ", row->vlans[i]);
	print_word("lladdr", row_hex(row, LEASEGLEAN_A_LEASE_HWADDR, ":",
				     text));
	printf(" %s", filter_state_name(row_u32(row,
						LEASEGLEAN_A_LEASE_STATE)));
	print_word("origin", row_origin(row));
	if (row->tb[LEASEGLEAN_A_LEASE_EXPIRES])
		printf(" expires %" PRIu32 "sec",
		       row_u32(row, LEASEGLEAN_A_LEASE_EXPIRES));
	else if (row_u32(row, LEASEGLEAN_A_LEASE_STATE) !=
		 LEASEGLEAN_STATE_PENDING)
		printf(" expires never");
	print_word("giaddr", row_addr(row, LEASEGLEAN_A_LEASE_GIADDR, text));
	print_word("server", row_addr(row, LEASEGLEAN_A_LEASE_SERVER, text));
	print_word("circuit-id", row_agent(row, LG_AGENT_CIRCUIT_ID, text));
	print_word("remote-id", row_agent(row, LG_AGENT_REMOTE_ID, text));
	print_word("client-id", row_hex(row, LEASEGLEAN_A_LEASE_CLIENT_ID, "",
					text));
	if (row_u32(row, LEASEGLEAN_A_LEASE_VRF))
		print_word("vrf", row_vrf(row, text));
	putchar('\n');
}

/* ---- the dump ---- */

/* A dump that is begun again repeats rows; they come in order. */
static bool printed_before(const struct output *out, uint32_t vrf,
			   uint32_t addr)
{
	if (!out->any || vrf > out->vrf)
		return false;
	return vrf < out->vrf || addr <= out->addr;
}

static int on_row(const struct nlmsghdr *nlh, void *data)
{
	struct output *out = data;
	uint32_t vrf, addr;
	struct row row;

	if (row_read(&row, nlh))
		return -EBADMSG;
	vrf = row_u32(&row, LEASEGLEAN_A_LEASE_VRF);
	addr = ntohl(row_u32(&row, LEASEGLEAN_A_LEASE_ADDR));
	if (printed_before(out, vrf, addr))
		return 0;
	if (out->json)
		print_json(out, &row);
	else
		print_text(&row);
	out->any = true;
	out->vrf = vrf;
	out->addr = addr;
	if (ferror(stdout))
		cli_end_output();
	return 0;
}

static int dump(struct cli *cli, struct nlmsghdr *nlh, struct output *out)
{
	int tries, err = -EINTR;

	for (tries = 0; tries < DUMP_TRIES && err == -EINTR; tries++)
		err = nl_request(&cli->nl, nlh, on_row, out);
	return err;
}

int show(struct cli *cli)
{
	struct output out = { .json = cli->json };
	struct nlmsghdr *nlh;
	char buf[512];
	__be32 addr;
	int status, err;

	if (cli->argc && cli_addr(cli->argv[0], &addr)) {
		cli->argc--;
		cli->argv++;
		if (cli->argc && !cli_word(cli->argv[0], "vrf"))
			return cli_usage("an address is in a vrf only");
		nlh = cli_request(cli, buf, LEASEGLEAN_CMD_LEASE_GET, 0);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, addr);
	} else {
		nlh = cli_request(cli, buf, LEASEGLEAN_CMD_LEASE_GET,
				  NLM_F_DUMP);
	}
	status = filter_put(cli, nlh);
	if (status)
		return status;
	err = dump(cli, nlh, &out);
	if (err && !out.any)
		return cli_refused(cli, err);
	if (cli->json)
		puts(out.any ? "]" : "[]");
	return err ? cli_refused(cli, err) : CLI_OK;
}
