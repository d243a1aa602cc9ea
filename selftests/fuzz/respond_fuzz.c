// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer harness of the answering side: what a requestor may send is all of
 * the input but its first bytes, which say what the module knows. Whatever
 * comes, there is silence or one message that answers the query in the
 * requestor's dialect and is no longer than it may be.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "clock.h"
#include "config.h"
#include "log.h"
#include "recovery.h"
#include "respond.h"

#define SECRETS	255

struct config config;
struct counters counters;
static struct config_requestor from;
static struct known known;
static uint8_t secrets[SECRETS];
static unsigned int n_found;

double clock_now(void)
{
	static double now;

	return now += 1.;
}

uint64_t clock_ntp(void)
{
	return 1;
}

bool recovery_going_on(void)
{
	return false;
}

bool recovery_waits(void)
{
	return false;
}

const struct config_requestor *config_requestor(__be32 addr)
{
	return addr == from.addr ? &from : NULL;
}

/* What a walk of the table finds. */
static void find(const struct client *client, struct leases_found *found)
{
	unsigned int i;
	uint8_t sum = 0;

	CHECK(client->hlen || client->client_id_len || client->remote_id_len);
	CHECK(!client->remote_id_len || from.dialect.id == DIALECT_RFC4388);
	CHECK(client->hlen <= LG_DHCP_CHADDR_LEN);
	for (i = 0; i < client->hlen; i++)
		sum += client->hwaddr[i];
	for (i = 0; i < client->client_id_len; i++)
		sum += client->client_id[i];
	for (i = 0; i < client->remote_id_len; i++)
		sum += client->remote_id[i];
	for (i = 0; i < n_found; i++) {
		known.age = (known.age * 31 + sum) % 1000;
		known.addr = htonl(i);
		found_add(found, &known);
	}
	CHECK(found->n <= LG_ASSOCIATED_MAX);
	for (i = 1; i < found->n; i++)
		CHECK(found->rank[i - 1] <= found->rank[i]);
}

static void know(const uint8_t *p)
{
	static const char * const dialects[] = {
		"rfc4388", "draft-01", "draft-00",
	};

	from.addr = htonl(1);
	dialect_default(&from.dialect);
	dialect_take(&from.dialect, DIALECT_DIALECT, dialects[p[0] % 3]);
	from.auth = (struct auth){ .secret_len = 1 };
	if (p[0] & 64)
		from.auth.protocol = p[0] & 128 ? AUTH_DELAYED : AUTH_TOKEN;
	known = (struct known){
		.addr = htonl(p[1]), .state = p[2] % 6, .origin = p[3] % 6,
		.expires = p[4] & 1 ? UINT32_MAX : p[4], .age = p[5],
		.dated = p[6] & 1,
		.htype = p[6], .hlen = p[7] % 17, .hwaddr = secrets,
		.client_id_len = p[8], .client_id = secrets,
		.agent_info_len = p[9], .agent_info = secrets,
	};
	n_found = p[10] * 2u % 300;
	config.client_queries = 100;
	config.n_networks = 1;
	config.networks[0] = (struct settings_prefix){
		.addr = htonl(0x0a000000), .len = 1 + p[11] % 32,
	};
}

static void check_answer(const uint8_t *answer, int len, const uint8_t *query)
{
	struct lg_dhcp msg;
	uint64_t replay;

	CHECK(len >= 300 && len <= LG_LEASEQUERY_REPLY_MAX);
	CHECK(lg_dhcp_parse(&msg, answer, (size_t)len) == LG_DHCP_OK);
	CHECK(msg.op == LG_BOOTREPLY && !msg.yiaddr);
	CHECK(msg.giaddr == from.giaddr && msg.giaddr);
	CHECK(!memcmp(answer + 4, query + 4, 4));
	CHECK(!memcmp(answer + 24, query + 24, 4));
	CHECK(dialect_verdict(&from.dialect, &msg) != DIALECT_NOTHING);
	/* what is said of a client is said with his address */
	CHECK(!msg.hlen || msg.type == from.dialect.active);
	CHECK(auth_verify(&from.auth, &msg, answer, (size_t)len, 0, &replay) ==
	      AUTH_GENUINE);
	if (msg.type == from.dialect.unknown)
		CHECK(lg_dhcp_option(&msg, LG_OPT_AGENT_INFO, NULL, 0) < 0 &&
		      lg_dhcp_option(&msg, LG_OPT_CLIENT_ID, NULL, 0) < 0);
}

/* libFuzzer's name for it: checkpatch minds the capitals. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t knows[12] = { 0 }, answer[LG_LEASEQUERY_REPLY_MAX];
	struct request request = { .server = htonl(2) };
	struct leases_found found = { .n = 0 };
	struct client client;
	uint8_t *query;
	int len;

	/* behind the query, so that captured ones are seeds */
	if (size > sizeof(knows))
		memcpy(knows, data + size - sizeof(knows), sizeof(knows));
	know(knows);
	/* all that a seed lacks to be a query is its op, mostly */
	query = malloc(size + 1);
	CHECK(query);
	memcpy(query, data, size);
	if (size > 28 && knows[0] & 4)
		query[0] = LG_BOOTREQUEST;
	if (size >= 28)
		memcpy(&from.giaddr, query + 24, 4);
	if (!from.giaddr || knows[0] & 8)
		from.giaddr = htonl(3);
	/* half of them by who knows the secret */
	if (knows[11] & 32)
		auth_sign(&from.auth, query, size);
	request.requestor = knows[0] & 16 ? htonl(9) : from.addr;
	request.message = query;
	request.len = size;
	request.known = knows[0] & 32 ? NULL : &known;
	len = respond(&request, &client, answer, sizeof(answer));
	if (len == -EINPROGRESS) {
		find(&client, &found);
		len = respond_found(&request, &found, answer, sizeof(answer));
	}
	if (len) {
		CHECK(request.requestor == from.addr);
		check_answer(answer, len, query);
	}
	free(query);
	return 0;
}
