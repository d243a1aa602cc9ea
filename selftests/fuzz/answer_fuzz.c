// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer harness of the asking side: what a server may answer is all of the
 * input but its last bytes, which say what was asked, how the server speaks and
 * how it signs. Whatever comes, it is refused, or it is about what was asked
 * and within bounds; and what has to be signed and is not is refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "../../userspace-helper/answer.h"
#include "clock.h"
#include "config.h"
#include "log.h"

#define KNOBS	8

/* What the reader needs of the rest of the daemon. */
struct config config;
struct counters counters;

uint64_t clock_ntp(void)
{
	return 1;
}

int module_access_port(const char *name, uint32_t *ifindex)
{
	CHECK(strnlen(name, IFNAMSIZ) < IFNAMSIZ && *name);
	*ifindex = 7;
	return 0;
}

/* By what it is asked, that of the message itself mostly. */
static void key_of(struct lg_leasequery *key, const uint8_t *knobs,
		   const uint8_t *message)
{
	static const uint8_t id[255] = { 1, 2, 0, 0, 0, 1, 1 };

	switch (knobs[1] % 4) {
	case 0:
		memcpy(&key->ciaddr, message + 12, 4);
		key->ciaddr = key->ciaddr ? key->ciaddr : htonl(1);
		break;
	case 1:
		key->htype = message[1];
		key->hlen = 1 + knobs[2] % LG_DHCP_CHADDR_LEN;
		key->chaddr = message + 28;
		break;
	case 2:
		key->client_id = id;
		key->client_id_len = 1 + knobs[2] % 8;
		break;
	default:
		key->remote_id = id;
		key->remote_id_len = 1 + knobs[2] % 8;
		break;
	}
}

static void check_answer(const struct answer_to *to, const struct answer *got)
{
	const struct lease *lease = &got->lease;
	struct lease placed = *lease;
	struct miss miss = { .port = "acc0" };

	CHECK(lease->state == LEASEGLEAN_STATE_ACTIVE ||
	      lease->state == LEASEGLEAN_STATE_UNASSIGNED ||
	      lease->state == LEASEGLEAN_STATE_UNKNOWN);
	CHECK(!to->key->ciaddr || got->addr == to->key->ciaddr);
	CHECK(got->n_associated <= ANSWER_ASSOCIATED_MAX);
	CHECK(got->vendor_class.len <= LEASEGLEAN_OPAQUE_MAX);
	CHECK(got->host_name.len <= LEASEGLEAN_OPAQUE_MAX);
	CHECK(lease->agent_info_len <= LEASEGLEAN_OPAQUE_MAX);
	CHECK(lease->client_id_len <= LEASEGLEAN_OPAQUE_MAX);
	if (lease->state == LEASEGLEAN_STATE_ACTIVE) {
		CHECK(got->addr && lease->expires);
		CHECK(lease->hlen && lease->hlen <= LEASEGLEAN_HWADDR_MAX);
		CHECK(!to->key->hlen || lease->hlen == to->key->hlen);
	} else {
		CHECK(!lease->hlen && !lease->agent_info_len);
	}
	answer_place(&miss, &placed);
}

/* libFuzzer's name for it: checkpatch minds the capitals. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char * const dialects[] = {
		"rfc4388", "draft-01", "draft-00",
	};
	uint8_t knobs[KNOBS] = { 0 };
	struct auth auth = { .secret_len = 1 };
	struct lg_leasequery key = { .xid = 0 };
	struct answer_to to = { .server = htonl(2), .key = &key, .auth = &auth };
	struct reply reply = { .server = htonl(2) };
	struct dialect dialect;
	struct answer got;
	uint8_t *message;
	__be32 giaddr;

	if (size < LG_DHCP_FIXED_LEN)
		return 0;
	memcpy(knobs, data + size - sizeof(knobs), sizeof(knobs));
	dialect_default(&dialect);
	dialect_take(&dialect, DIALECT_DIALECT, dialects[knobs[0] % 3]);
	if (knobs[0] & 64)
		auth.protocol = knobs[0] & 128 ? AUTH_DELAYED : AUTH_TOKEN;
	message = malloc(size);
	CHECK(message);
	memcpy(message, data, size);
	/* what most seeds lack to be an answer */
	if (knobs[0] & 4)
		message[0] = LG_BOOTREPLY;
	if (knobs[0] & 8)
		memset(message + 16, 0, 4);
	if (knobs[0] & 16)
		auth_sign(&auth, message, size);
	key_of(&key, knobs, message);
	memcpy(&giaddr, message + 24, 4);
	memcpy(&to.xid, message + 4, 4);
	to.xid = ntohl(to.xid);
	to.dialect = &dialect;
	to.giaddrs = &giaddr;
	to.n_giaddrs = 1;
	reply.xid = to.xid;
	reply.giaddr = giaddr;
	reply.message = message;
	reply.len = size;
	if (answer_read(&to, &reply, &got)) {
		CHECK(auth.protocol != AUTH_DELAYED || knobs[0] & 16);
		check_answer(&to, &got);
	}
	free(message);
	return 0;
}
