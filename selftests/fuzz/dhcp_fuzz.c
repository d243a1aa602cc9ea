// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer harness of the DHCP codec: what it says of any bytes is compared
 * with a second reader, written after the RFCs in the plainest way that can
 * be had, and sharing nothing with the first but its header.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "dhcp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The plain reader: options by code, put together.
 */
static struct {
	__u8 value[256][LG_DHCP_MAX_LEN];
	size_t len[256];
	unsigned int parts[256];
} plain;

static int plain_area(const __u8 *area, size_t len, int first)
{
	size_t i = 0;

	for (;;) {
		size_t n;
		__u8 code;

		if (i >= len)
			return 0;
		code = area[i++];
		if (code == 0)
			continue;
		if (code == 255)
			return 0;
		if (i >= len)
			return -1;
		n = area[i++];
		if (i + n > len)
			return -1;
		if (code != 52 || first) {
			for (size_t k = 0; k < n; k++)
				plain.value[code][plain.len[code]++] =
					area[i + k];
			plain.parts[code]++;
		}
		i += n;
	}
}

static enum lg_dhcp_err plain_read(const __u8 *m, size_t len)
{
	static const __u8 longs[] = { 50, 51, 54, 58, 59, 91 };

	memset(plain.len, 0, sizeof(plain.len));
	memset(plain.parts, 0, sizeof(plain.parts));
	if (len < 236)
		return LG_DHCP_ETRUNCATED;
	if (len > 4096)
		return LG_DHCP_EOVERSIZED;
	if (m[0] != 1 && m[0] != 2)
		return LG_DHCP_EOP;
	if (m[2] > 16)
		return LG_DHCP_EHLEN;
	if (len < 240 || m[236] != 0x63 || m[237] != 0x82 || m[238] != 0x53 ||
	    m[239] != 0x63)
		return LG_DHCP_OK;

	if (plain_area(m + 240, len - 240, 1))
		return LG_DHCP_EOPTION;
	if (plain.parts[52]) {
		__u8 how = plain.value[52][0];

		if (plain.len[52] != 1 || how == 0 || how > 3)
			return LG_DHCP_EVALUE;
		if ((how == 1 || how == 3) && plain_area(m + 108, 128, 0))
			return LG_DHCP_EOPTION;
		if ((how == 2 || how == 3) && plain_area(m + 44, 64, 0))
			return LG_DHCP_EOPTION;
	}
	if (plain.parts[53] && (plain.len[53] != 1 || !plain.value[53][0]))
		return LG_DHCP_EVALUE;
	for (size_t i = 0; i < COUNT(longs); i++)
		if (plain.parts[longs[i]] && plain.len[longs[i]] != 4)
			return LG_DHCP_EVALUE;
	return LG_DHCP_OK;
}

static __u32 plain_long(__u8 code)
{
	__u32 value;

	if (!plain.parts[code])
		return 0;
	memcpy(&value, plain.value[code], 4);
	return ntohl(value);
}

/* How often a sub-option is there, or -1 where the list is malformed. */
static int plain_suboption(const __u8 *info, size_t len, __u8 code,
			   size_t *where)
{
	int times = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2 + info[i + 1]) {
		if (info[i] == code) {
			*where = i;
			times++;
		}
	}
	return i == len ? times : -1;
}

/*
 * The comparison
 */
static void check_fixed(const struct lg_dhcp *msg, const __u8 *m)
{
	CHECK(msg->op == m[0] && msg->htype == m[1] && msg->hlen == m[2] &&
	      msg->hops == m[3]);
	CHECK(msg->hlen <= LG_DHCP_CHADDR_LEN);
	CHECK(!memcmp(&msg->xid, m + 4, 4));
	CHECK(!memcmp(&msg->flags, m + 10, 2));
	CHECK(!memcmp(&msg->ciaddr, m + 12, 4));
	CHECK(!memcmp(&msg->yiaddr, m + 16, 4));
	CHECK(!memcmp(&msg->siaddr, m + 20, 4));
	CHECK(!memcmp(&msg->giaddr, m + 24, 4));
	CHECK(msg->chaddr == m + 28);
}

static void check_areas(const struct lg_dhcp *msg, const __u8 *m,
			size_t len)
{
	for (size_t i = 0; i < COUNT(msg->area); i++) {
		if (!msg->area[i]) {
			CHECK(!msg->area_len[i]);
			continue;
		}
		CHECK(msg->area[i] >= m + 44);
		CHECK(msg->area[i] + msg->area_len[i] <= m + len);
	}
	CHECK(!msg->area[0] || msg->area[0] == m + 240);
	CHECK(!msg->area[1] || (msg->area[1] == m + 108 &&
				msg->area_len[1] <= 128));
	CHECK(!msg->area[2] || (msg->area[2] == m + 44 &&
				msg->area_len[2] <= 64));
}

static void check_values(const struct lg_dhcp *msg)
{
	CHECK(msg->type == (plain.parts[53] ? plain.value[53][0] : 0));
	CHECK(ntohl(msg->requested_addr) == plain_long(50));
	CHECK(ntohl(msg->server_id) == plain_long(54));
	CHECK(msg->has_lease_time == !!plain.parts[51]);
	CHECK(msg->lease_time == plain_long(51));
	CHECK(msg->has_t1 == !!plain.parts[58]);
	CHECK(msg->t1 == plain_long(58));
	CHECK(msg->has_t2 == !!plain.parts[59]);
	CHECK(msg->t2 == plain_long(59));
	CHECK(msg->has_cltt == !!plain.parts[91]);
	CHECK(msg->cltt == plain_long(91));
}

static void check_option(const struct lg_dhcp *msg, __u8 code)
{
	size_t want = plain.len[code], i;
	__u8 *value;

	if (!plain.parts[code]) {
		CHECK(lg_dhcp_option(msg, code, NULL, 0) == -ENOENT);
		return;
	}
	CHECK(lg_dhcp_option(msg, code, NULL, 0) == (int)want);
	value = malloc(want + 1);
	CHECK(value);
	CHECK(lg_dhcp_option(msg, code, value, want) == (int)want);
	CHECK(!memcmp(value, plain.value[code], want));
	if (want) {
		memset(value, 0xa5, want);
		CHECK(lg_dhcp_option(msg, code, value, want - 1) == -EMSGSIZE);
		for (i = 0; i < want; i++)
			CHECK(value[i] == 0xa5);
	}
	free(value);
}

static void check_suboption(const __u8 *info, size_t len, __u8 code)
{
	const __u8 none = 0, *value = &none;
	size_t where = 0;
	int got = lg_agent_suboption(info, len, code, &value);
	int times = plain_suboption(info, len, code, &where);

	if (times == 1) {
		CHECK(got == info[where + 1]);
		CHECK(value == info + where + 2);
		CHECK(value + got <= info + len);
		return;
	}
	CHECK(got == (times == 0 ? -ENOENT : -EINVAL));
	CHECK(value == &none);
}

static void check_suboptions(const __u8 *bytes, size_t len)
{
	__u8 *info = malloc(len + 1);

	CHECK(info);
	/* ends where the allocation ends */
	memcpy(info + 1, bytes, len);
	for (int code = 0; code < 12; code++)
		check_suboption(info + 1, len, code);
	/* the first few that are there, or would be */
	for (size_t i = 0; i + 1 < len && i < 64; i += 2 + bytes[i + 1])
		check_suboption(info + 1, len, bytes[i]);
	free(info);
}

static void check_message(const __u8 *m, size_t len)
{
	enum lg_dhcp_err want = plain_read(m, len), err;
	struct lg_dhcp msg;

	memset(&msg, 0xa5, sizeof(msg));
	err = lg_dhcp_parse(&msg, m, len);
	CHECK(err == want);
	if (err)
		return;
	check_fixed(&msg, m);
	check_areas(&msg, m, len);
	check_values(&msg);
	for (int code = 0; code < 256; code++)
		if (plain.parts[code])
			check_option(&msg, code);
	/* one that is there or not, and those that never are */
	check_option(&msg, m[4]);
	check_option(&msg, LG_OPT_PAD);
	check_option(&msg, LG_OPT_END);
	if (plain.parts[82])
		check_suboptions(plain.value[82], plain.len[82]);
}

/* A query made of the input's bytes, and how long it has to be. */
static size_t make_query(struct lg_leasequery *q, const __u8 *bytes,
			 __u8 *values)
{
	size_t len = 240 + 3 + 1;

	memset(q, 0, sizeof(*q));
	memcpy(&q->xid, bytes, 4);
	memcpy(&q->ciaddr, bytes + 4, 4);
	memcpy(&q->giaddr, bytes + 8, 4);
	q->hops = bytes[12];
	q->n_options = bytes[13];
	/* a type of 0 is none */
	q->type = bytes[16] | 1;
	memcpy(&q->flags, bytes + 17, 2);
	q->htype = bytes[19];
	q->hlen = bytes[20] % 18;
	q->client_id_len = bytes[21];
	q->remote_id_len = bytes[22];
	q->options = values;
	q->chaddr = values;
	q->client_id = values;
	q->remote_id = values;
	q->auth_len = bytes[11] & 1 ? bytes[10] : 0;
	q->auth = values;
	len += q->n_options ? 2 + q->n_options : 0;
	len += q->client_id_len ? 2 + q->client_id_len : 0;
	len += q->remote_id_len ? 4 + q->remote_id_len : 0;
	len += q->auth_len ? 2 + q->auth_len : 0;
	return len < 300 ? 300 : len;
}

static void check_built(const struct lg_leasequery *q, const __u8 *buf,
			size_t len, const __u8 *values)
{
	struct lg_dhcp msg;

	CHECK(lg_dhcp_parse(&msg, buf, len) == LG_DHCP_OK);
	CHECK(msg.op == LG_BOOTREQUEST && msg.type == q->type);
	CHECK(msg.htype == q->htype && msg.hlen == q->hlen);
	CHECK(msg.flags == q->flags && !msg.yiaddr && !msg.siaddr);
	CHECK(msg.xid == q->xid && msg.ciaddr == q->ciaddr);
	CHECK(msg.giaddr == q->giaddr && msg.hops == q->hops);
	for (size_t i = 0; i < LG_DHCP_CHADDR_LEN; i++)
		CHECK(msg.chaddr[i] == (i < q->hlen ? values[i] : 0));
	CHECK(plain_read(buf, len) == LG_DHCP_OK);
	CHECK(plain.len[55] == q->n_options);
	CHECK(!memcmp(plain.value[55], values, q->n_options));
	CHECK(plain.len[61] == q->client_id_len);
	CHECK(!memcmp(plain.value[61], values, q->client_id_len));
	CHECK(plain.len[90] == q->auth_len);
	CHECK(!memcmp(plain.value[90], values, q->auth_len));
	if (!q->remote_id_len) {
		CHECK(!plain.parts[82]);
		return;
	}
	CHECK(plain.len[82] == 2u + q->remote_id_len);
	CHECK(plain.value[82][0] == LG_AGENT_REMOTE_ID);
	CHECK(plain.value[82][1] == q->remote_id_len);
	CHECK(!memcmp(plain.value[82] + 2, values, q->remote_id_len));
}

/* It is read back as what was asked. */
static void check_query(const __u8 *bytes, size_t len)
{
	struct lg_leasequery q;
	__u8 values[255];
	size_t size, need;
	__u8 *buf;
	int got;

	if (len < 23)
		return;
	need = make_query(&q, bytes, values);
	size = (bytes[14] << 8 | bytes[15]) % 1290;
	for (size_t i = 0; i < sizeof(values); i++)
		values[i] = bytes[i % len];
	buf = malloc(size + 1);
	CHECK(buf);
	memset(buf, 0xa5, size + 1);
	got = lg_leasequery_build(buf + 1, size, &q);
	if (q.hlen > 16 || q.remote_id_len > 253) {
		CHECK(got == -EINVAL);
	} else if (size < need) {
		CHECK(got == -EMSGSIZE);
	} else {
		CHECK(got == (int)need);
		check_built(&q, buf + 1, need, values);
	}
	for (size_t i = 0; got < 0 && i <= size; i++)
		CHECK(buf[i] == 0xa5);
	free(buf);
}

/* A reply made of the input's bytes, and how long it has to be. */
static size_t make_reply(struct lg_leasequery_reply *r, const __u8 *bytes,
			 const __u8 *values)
{
	size_t len = 240 + 3 + 1;

	memset(r, 0, sizeof(*r));
	memcpy(&r->xid, bytes, 4);
	memcpy(&r->ciaddr, bytes + 4, 4);
	memcpy(&r->giaddr, bytes + 8, 4);
	/* a type of 0 is none */
	r->type = bytes[16] | 1;
	memcpy(&r->flags, bytes + 17, 2);
	r->htype = bytes[19];
	r->hlen = bytes[20] % 18;
	r->client_id_len = bytes[21];
	r->agent_info_len = bytes[22];
	r->n_associated = bytes[13];
	r->auth_len = bytes[11] & 1 ? bytes[10] : 0;
	r->auth = values;
	r->associated_code = 92;
	r->has_lease_time = bytes[12] & 1;
	r->has_t1 = bytes[12] & 2;
	r->has_t2 = bytes[12] & 4;
	r->cltt_code = bytes[12] & 8 ? 91 : 0;
	memcpy(&r->server_id, bytes + 4, 4);
	memcpy(&r->lease_time, bytes + 1, 4);
	memcpy(&r->t1, bytes + 2, 4);
	memcpy(&r->t2, bytes + 3, 4);
	memcpy(&r->cltt, bytes + 5, 4);
	r->chaddr = values;
	r->client_id = values;
	r->agent_info = values;
	r->associated = (const __be32 *)values;
	len += 6 * (!!r->server_id + r->has_lease_time + r->has_t1 +
		    r->has_t2 + !!r->cltt_code);
	len += r->client_id_len ? 2 + r->client_id_len : 0;
	len += r->agent_info_len ? 2 + r->agent_info_len : 0;
	len += r->auth_len ? 2 + r->auth_len : 0;
	len += 4 * r->n_associated + 2 * ((r->n_associated + 62) / 63);
	return len < 300 ? 300 : len;
}

static void check_replied(const struct lg_leasequery_reply *r, const __u8 *buf,
			  size_t len, const __u8 *values)
{
	struct lg_dhcp msg;

	CHECK(lg_dhcp_parse(&msg, buf, len) == LG_DHCP_OK);
	CHECK(msg.op == LG_BOOTREPLY && msg.type == r->type);
	CHECK(msg.htype == r->htype && msg.hlen == r->hlen && !msg.hops);
	CHECK(msg.flags == r->flags && !msg.yiaddr && !msg.siaddr);
	CHECK(msg.xid == r->xid && msg.ciaddr == r->ciaddr);
	CHECK(msg.giaddr == r->giaddr && msg.server_id == r->server_id);
	CHECK(msg.has_lease_time == r->has_lease_time);
	CHECK(!msg.has_lease_time || msg.lease_time == r->lease_time);
	CHECK(msg.has_t1 == r->has_t1 && (!msg.has_t1 || msg.t1 == r->t1));
	CHECK(msg.has_t2 == r->has_t2 && (!msg.has_t2 || msg.t2 == r->t2));
	CHECK(msg.has_cltt == !!r->cltt_code);
	CHECK(!msg.has_cltt || msg.cltt == r->cltt);
	for (size_t i = 0; i < LG_DHCP_CHADDR_LEN; i++)
		CHECK(msg.chaddr[i] == (i < r->hlen ? values[i] : 0));
	CHECK(plain_read(buf, len) == LG_DHCP_OK);
	CHECK(plain.len[61] == r->client_id_len);
	CHECK(!memcmp(plain.value[61], values, r->client_id_len));
	CHECK(plain.len[82] == r->agent_info_len);
	CHECK(!memcmp(plain.value[82], values, r->agent_info_len));
	CHECK(plain.len[90] == r->auth_len);
	CHECK(!memcmp(plain.value[90], values, r->auth_len));
	CHECK(plain.len[92] == 4u * r->n_associated);
	CHECK(!memcmp(plain.value[92], values, 4u * r->n_associated));
}

/* It is read back as what was answered. */
static void check_reply(const __u8 *bytes, size_t len)
{
	struct lg_leasequery_reply r;
	__u8 values[1024] __attribute__((aligned(4)));
	size_t size, need, room;
	__u8 *buf;
	int got;

	if (len < 23)
		return;
	need = make_reply(&r, bytes, values);
	room = lg_leasequery_reply_room(&r);
	CHECK(need <= LG_LEASEQUERY_REPLY_MAX ? room == r.n_associated :
	      room < r.n_associated);
	size = (bytes[14] << 8 | bytes[15]) % 2400;
	for (size_t i = 0; i < sizeof(values); i++)
		values[i] = bytes[i % len];
	buf = malloc(size + 1);
	CHECK(buf);
	memset(buf, 0xa5, size + 1);
	got = lg_leasequery_reply_build(buf + 1, size, &r);
	if (r.hlen > 16) {
		CHECK(got == -EINVAL);
	} else if (size < need) {
		CHECK(got == -EMSGSIZE);
	} else {
		CHECK(got == (int)need);
		check_replied(&r, buf + 1, need, values);
	}
	for (size_t i = 0; got < 0 && i <= size; i++)
		CHECK(buf[i] == 0xa5);
	free(buf);
}

/* libFuzzer's name for it: checkpatch minds the capitals. */
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	__u8 *buf = malloc(size + 1);

	CHECK(buf);
	/* at an odd address, and up to the allocation's very end */
	memcpy(buf + 1, data, size);
	check_message(buf + 1, size);
	check_suboptions(buf + 1, size < 300 ? size : 300);
	check_query(buf + 1, size);
	check_reply(buf + 1, size);
	free(buf);
	return 0;
}
