// SPDX-License-Identifier: GPL-2.0
/* An operator's question, as the command takes it and the daemon is sent it. */
#include "lookup_request.h"

#include <arpa/inet.h>
#include <string.h>

#include "parse.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define ETHERNET_HLEN	6

/* ---- values; each returns NULL, or why the text cannot be one ---- */

static const char *take_addr(const char *text, __be32 *addr)
{
	struct in_addr in;

	if (*addr)
		return "given twice";
	if (inet_pton(AF_INET, text, &in) != 1)
		return "not an IPv4 address";
	if (!addr_of_host(in.s_addr))
		return "not an address that a host can have";
	*addr = in.s_addr;
	return NULL;
}

static const char *take_ip(struct lookup_request *r, const char *text)
{
	return take_addr(text, &r->addr);
}

static const char *take_giaddr(struct lookup_request *r, const char *text)
{
	return take_addr(text, &r->giaddr);
}

static const char *take_mac(struct lookup_request *r, const char *text)
{
	size_t len = 0;
	const char *reason;

	if (r->hlen)
		return "given twice";
	reason = parse_hex(text, r->hwaddr, sizeof(r->hwaddr), &len);
	if (reason)
		return reason;
	r->hlen = ETHERNET_HLEN;
	return len == ETHERNET_HLEN ? NULL : "not six bytes";
}

static const char *take_client_id(struct lookup_request *r, const char *text)
{
	if (r->client_id_len)
		return "given twice";
	return parse_hex(text, r->client_id, sizeof(r->client_id),
			 &r->client_id_len);
}

static const char *take_remote_id(struct lookup_request *r, const char *text)
{
	if (r->remote_id_len)
		return "given twice";
	return parse_hex(text, r->remote_id, sizeof(r->remote_id),
			 &r->remote_id_len);
}

static const char *take_server(struct lookup_request *r, const char *text)
{
	__be32 addr = 0;
	const char *reason = take_addr(text, &addr);
	size_t i;

	for (i = 0; !reason && i < r->n_servers; i++)
		if (r->servers[i] == addr)
			reason = "given twice";
	if (!reason && r->n_servers == LOOKUP_SERVERS_MAX)
		reason = "too many servers";
	if (!reason)
		r->servers[r->n_servers++] = addr;
	return reason;
}

static const char *take_vrf(struct lookup_request *r, const char *text)
{
	if (r->vrf)
		return "given twice";
	return parse_vrf(text, &r->vrf);
}

static const char *take_timeout(struct lookup_request *r, const char *text)
{
	if (r->seconds)
		return "given twice";
	return parse_u32(text, 1, LOOKUP_SECONDS_MAX, &r->seconds);
}

static const struct {
	const char *name;
	const char *(*take)(struct lookup_request *r, const char *text);
} takes[] = {
	{ "ip", take_ip },
	{ "mac", take_mac },
	{ "client-id", take_client_id },
	{ "remote-id", take_remote_id },
	{ "server", take_server },
	{ "giaddr", take_giaddr },
	{ "vrf", take_vrf },
	{ "timeout", take_timeout },
};

static const char *take(struct lookup_request *r, const char *word,
			const char *value)
{
	size_t i;

	for (i = 0; i < COUNT(takes); i++)
		if (!strcmp(takes[i].name, word))
			break;
	if (i == COUNT(takes))
		return "what is that?";
	return value ? takes[i].take(r, value) : "a word is missing behind it";
}

/* One key, or a hardware address and a client-id (draft -01, 5). */
static const char *check_keys(const struct lookup_request *r)
{
	bool both = r->hlen && r->client_id_len;
	int keys = !!r->addr + !!r->hlen + !!r->client_id_len +
		   !!r->remote_id_len;

	if (!keys)
		return "by what? ip, mac, client-id or remote-id";
	if (keys > 1 + both)
		return "one key at a time, but for mac with client-id";
	return NULL;
}

/**
 * lookup_request_read() - what words ask
 * @r: filled in
 * @words: names and values by turns
 * @n: how many
 * @word: set to the one that is wrong, "" where it is not one
 *
 * Return: NULL or the reason.
 */
const char *lookup_request_read(struct lookup_request *r, char **words,
				size_t n, const char **word)
{
	const char *reason = NULL;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; !reason && i < n; i += 2) {
		*word = words[i];
		reason = take(r, words[i], i + 1 < n ? words[i + 1] : NULL);
	}
	if (reason)
		return reason;
	*word = "";
	if (!r->seconds)
		r->seconds = LOOKUP_SECONDS;
	return check_keys(r);
}
