// SPDX-License-Identifier: GPL-2.0
#include "dhcp.h"

/* Offsets of the BOOTP fields (RFC 2131, 2). */
enum lg_bootp_offset {
	LG_BOOTP_OP = 0,
	LG_BOOTP_HTYPE = 1,
	LG_BOOTP_HLEN = 2,
	LG_BOOTP_HOPS = 3,
	LG_BOOTP_XID = 4,
	LG_BOOTP_FLAGS = 10,
	LG_BOOTP_CIADDR = 12,
	LG_BOOTP_YIADDR = 16,
	LG_BOOTP_SIADDR = 20,
	LG_BOOTP_GIADDR = 24,
	LG_BOOTP_CHADDR = 28,
	LG_BOOTP_SNAME = 44,
	LG_BOOTP_FILE = 108,
};

#define LG_BOOTP_SNAME_LEN	64
#define LG_BOOTP_FILE_LEN	128
/* Relay agents may drop what is shorter (RFC 951, 3). */
#define LG_BOOTP_MIN_LEN	300

#define LG_COOKIE_LEN		4
#define LG_OPTIONS		(LG_DHCP_FIXED_LEN + LG_COOKIE_LEN)

static const __u8 lg_cookie[LG_COOKIE_LEN] = { 99, 130, 83, 99 };

/* Values of option 52 (RFC 2132, 9.3), which are bits. */
enum lg_overload {
	LG_OVERLOAD_FILE = 1,
	LG_OVERLOAD_SNAME = 2,
	LG_OVERLOAD_BOTH = 3,
};

/* Places of lg_dhcp.area, in the order of RFC 3396, 5. */
enum lg_area {
	LG_AREA_OPTIONS,
	LG_AREA_FILE,
	LG_AREA_SNAME,
	__LG_AREA_MAX
};

/* Options of one byte or four whose values the reader takes out. */
enum lg_scalar_index {
	LG_SCALAR_OVERLOAD,
	LG_SCALAR_MSG_TYPE,
	LG_SCALAR_REQUESTED_ADDR,
	LG_SCALAR_LEASE_TIME,
	LG_SCALAR_SERVER_ID,
	LG_SCALAR_T1,
	LG_SCALAR_T2,
	LG_SCALAR_CLTT,
	__LG_SCALAR_MAX
};

/* The first four bytes that an option has in all areas together. */
struct lg_scalar {
	__u8 value[4];
	__u16 len;
	bool present;
};

static __be32 lg_get_be32(const __u8 *p)
{
	__be32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __be16 lg_get_be16(const __u8 *p)
{
	__be16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __u32 lg_get_u32(const __u8 *p)
{
	return (__u32)p[0] << 24 | (__u32)p[1] << 16 | (__u32)p[2] << 8 | p[3];
}

static void lg_put_be32(__u8 *p, __be32 v)
{
	memcpy(p, &v, sizeof(v));
}

/* Returns the byte behind the option. */
static __u8 *lg_put_option(__u8 *p, __u8 code, const __u8 *value, __u8 len)
{
	*p++ = code;
	*p++ = len;
	if (len)
		memcpy(p, value, len);
	return p + len;
}

static __u8 *lg_put_option_u32(__u8 *p, __u8 code, __u32 v)
{
	const __u8 value[4] = { v >> 24, v >> 16, v >> 8, v };

	return lg_put_option(p, code, value, sizeof(value));
}

/*
 * Reads the option at @pos of an area and returns the bytes to the next one;
 * 0 at the end of the area, negative where the option runs past it.
 */
static int lg_option_at(const __u8 *area, size_t len, size_t pos,
			struct lg_dhcp_part *opt)
{
	size_t at = pos;

	while (at < len && area[at] == LG_OPT_PAD)
		at++;
	if (at == len || area[at] == LG_OPT_END)
		return 0;
	if (len - at < 2 || len - at - 2 < area[at + 1])
		return -EINVAL;
	opt->code = area[at];
	opt->len = area[at + 1];
	opt->value = area + at + 2;
	return at + 2 + opt->len - pos;
}

static int lg_scalar_index(__u8 code)
{
	switch (code) {
	case LG_OPT_OVERLOAD:
		return LG_SCALAR_OVERLOAD;
	case LG_OPT_MSG_TYPE:
		return LG_SCALAR_MSG_TYPE;
	case LG_OPT_REQUESTED_ADDR:
		return LG_SCALAR_REQUESTED_ADDR;
	case LG_OPT_LEASE_TIME:
		return LG_SCALAR_LEASE_TIME;
	case LG_OPT_SERVER_ID:
		return LG_SCALAR_SERVER_ID;
	case LG_OPT_T1:
		return LG_SCALAR_T1;
	case LG_OPT_T2:
		return LG_SCALAR_T2;
	case LG_OPT_CLTT:
		return LG_SCALAR_CLTT;
	default:
		return -1;
	}
}

static void lg_scalar_append(struct lg_scalar *scalar,
			     const struct lg_dhcp_part *opt)
{
	unsigned int i;

	scalar->present = true;
	for (i = 0; i < opt->len; i++, scalar->len++)
		if (scalar->len < sizeof(scalar->value))
			scalar->value[scalar->len] = opt->value[i];
}

/* Walks one area to its end option and takes it into @msg. */
static enum lg_dhcp_err lg_read_area(struct lg_dhcp *msg, enum lg_area area,
				     const __u8 *start, size_t len,
				     struct lg_scalar *scalars)
{
	struct lg_dhcp_part opt;
	size_t pos = 0;
	int step, i;

	while ((step = lg_option_at(start, len, pos, &opt)) > 0) {
		pos += step;
		i = lg_scalar_index(opt.code);
		if (i >= 0)
			lg_scalar_append(&scalars[i], &opt);
	}
	if (step < 0)
		return LG_DHCP_EOPTION;
	msg->area[area] = start;
	msg->area_len[area] = pos;
	return LG_DHCP_OK;
}

static enum lg_dhcp_err lg_read_areas(struct lg_dhcp *msg, const __u8 *buf,
				      size_t len, struct lg_scalar *scalars)
{
	const struct lg_scalar *scalar = &scalars[LG_SCALAR_OVERLOAD];
	enum lg_dhcp_err err, file = LG_DHCP_OK, sname = LG_DHCP_OK;
	__u8 overload;

	err = lg_read_area(msg, LG_AREA_OPTIONS, buf + LG_OPTIONS,
			   len - LG_OPTIONS, scalars);
	if (!scalar->present)
		return err;
	/* Taken now: an overloaded field cannot overload (RFC 2132, 9.3). */
	overload = scalar->value[0];
	if (!err && (scalar->len != 1 || overload < LG_OVERLOAD_FILE ||
		     overload > LG_OVERLOAD_BOTH))
		err = LG_DHCP_EVALUE;
	/* Whatever is wrong: servers are not as strict, and look there. */
	if (overload & LG_OVERLOAD_FILE)
		file = lg_read_area(msg, LG_AREA_FILE, buf + LG_BOOTP_FILE,
				    LG_BOOTP_FILE_LEN, scalars);
	if (overload & LG_OVERLOAD_SNAME)
		sname = lg_read_area(msg, LG_AREA_SNAME, buf + LG_BOOTP_SNAME,
				     LG_BOOTP_SNAME_LEN, scalars);
	return err ? : file ? : sname;
}

/* Whether an option that is there is of four bytes in all. */
static bool lg_scalar_is_u32(const struct lg_scalar *scalar)
{
	return !scalar->present || scalar->len == 4;
}

static bool lg_scalar_u32(const struct lg_scalar *scalar, __u32 *value)
{
	if (!scalar->present)
		return false;
	*value = lg_get_u32(scalar->value);
	return true;
}

static enum lg_dhcp_err lg_take_scalars(struct lg_dhcp *msg,
					const struct lg_scalar *scalars)
{
	const struct lg_scalar *type = &scalars[LG_SCALAR_MSG_TYPE];
	int i;

	for (i = LG_SCALAR_REQUESTED_ADDR; i < __LG_SCALAR_MAX; i++)
		if (!lg_scalar_is_u32(&scalars[i]))
			return LG_DHCP_EVALUE;
	/* A type of 0 must not pass for BOOTP, which binds for ever. */
	if (type->present && (type->len != 1 || type->value[0] == LG_BOOTP))
		return LG_DHCP_EVALUE;

	msg->type = type->value[0];
	msg->requested_addr =
		lg_get_be32(scalars[LG_SCALAR_REQUESTED_ADDR].value);
	msg->server_id = lg_get_be32(scalars[LG_SCALAR_SERVER_ID].value);
	msg->has_lease_time = lg_scalar_u32(&scalars[LG_SCALAR_LEASE_TIME],
					    &msg->lease_time);
	msg->has_t1 = lg_scalar_u32(&scalars[LG_SCALAR_T1], &msg->t1);
	msg->has_t2 = lg_scalar_u32(&scalars[LG_SCALAR_T2], &msg->t2);
	msg->has_cltt = lg_scalar_u32(&scalars[LG_SCALAR_CLTT], &msg->cltt);
	return LG_DHCP_OK;
}

static enum lg_dhcp_err lg_read_fixed(struct lg_dhcp *msg, const __u8 *buf)
{
	msg->op = buf[LG_BOOTP_OP];
	msg->htype = buf[LG_BOOTP_HTYPE];
	msg->hlen = buf[LG_BOOTP_HLEN];
	msg->hops = buf[LG_BOOTP_HOPS];
	msg->xid = lg_get_be32(buf + LG_BOOTP_XID);
	msg->flags = lg_get_be16(buf + LG_BOOTP_FLAGS);
	msg->ciaddr = lg_get_be32(buf + LG_BOOTP_CIADDR);
	msg->yiaddr = lg_get_be32(buf + LG_BOOTP_YIADDR);
	msg->siaddr = lg_get_be32(buf + LG_BOOTP_SIADDR);
	msg->giaddr = lg_get_be32(buf + LG_BOOTP_GIADDR);
	msg->chaddr = buf + LG_BOOTP_CHADDR;
	if (msg->op != LG_BOOTREQUEST && msg->op != LG_BOOTREPLY)
		return LG_DHCP_EOP;
	if (msg->hlen > LG_DHCP_CHADDR_LEN)
		return LG_DHCP_EHLEN;
	return LG_DHCP_OK;
}

static bool lg_has_cookie(const __u8 *buf, size_t len)
{
	return len >= LG_OPTIONS &&
	       !memcmp(buf + LG_DHCP_FIXED_LEN, lg_cookie, LG_COOKIE_LEN);
}

/**
 * lg_dhcp_parse() - read and check one DHCP or BOOTP message
 * @msg: filled in; not to be used unless LG_DHCP_OK is returned, but for what
 *	fixed fields and message type it seems to have when it is not truncated
 * @buf: UDP payload; @msg points into it, and no alignment is needed
 * @len: its bytes
 *
 * The fixed fields are those of RFC 2131, 2; without the magic cookie
 * (RFC 2131, 3) the message is BOOTP and has no options. Options stand in any
 * order, and an area may lack its end option. What follows an end option is
 * ignored. An option that comes more than once is one option in parts
 * (RFC 3396, 7), so one of fixed length that comes twice is too long.
 *
 * Context: any.
 * Return: LG_DHCP_OK, or why the message is refused.
 */
enum lg_dhcp_err lg_dhcp_parse(struct lg_dhcp *msg, const void *buf,
			       size_t len)
{
	struct lg_scalar scalars[__LG_SCALAR_MAX];
	enum lg_dhcp_err err;

	memset(msg, 0, sizeof(*msg));
	if (len < LG_DHCP_FIXED_LEN)
		return LG_DHCP_ETRUNCATED;
	if (len > LG_DHCP_MAX_LEN)
		return LG_DHCP_EOVERSIZED;
	err = lg_read_fixed(msg, buf);
	if (err || !lg_has_cookie(buf, len))
		return err;
	memset(scalars, 0, sizeof(scalars));
	err = lg_read_areas(msg, buf, len, scalars);
	if (!err)
		err = lg_take_scalars(msg, scalars);
	if (err)
		msg->type = scalars[LG_SCALAR_MSG_TYPE].value[0];
	return err;
}

/**
 * lg_dhcp_next() - the next part of an option
 * @msg: message that lg_dhcp_parse() took
 * @code: option code; not pad or end
 * @part: all 0 at first, then as it was left
 *
 * Those of the option area come first, then those of file and of sname (RFC
 * 3396, 5).
 *
 * Context: any.
 * Return: whether there is one, which @part then is.
 */
bool lg_dhcp_next(const struct lg_dhcp *msg, __u8 code,
		  struct lg_dhcp_part *part)
{
	/* 52 counts in the option area only, as in lg_read_areas(). */
	int areas = code == LG_OPT_OVERLOAD ? 1 : __LG_AREA_MAX;
	int step;

	for (; part->area < areas; part->area++, part->pos = 0) {
		while ((step = lg_option_at(msg->area[part->area],
					    msg->area_len[part->area],
					    part->pos, part)) > 0) {
			part->pos += step;
			if (part->code == code)
				return true;
		}
	}
	return false;
}

/**
 * lg_dhcp_option() - the value of an option
 * @msg: message that lg_dhcp_parse() took
 * @code: option code; not pad or end
 * @buf: the value is copied here; NULL to learn its length only
 * @size: bytes that @buf holds
 *
 * All parts of the option are put together, those of the option area first,
 * then those of file and of sname (RFC 3396, 5 and 7; RFC 2132, 9.3). Bytes
 * are copied as they are. @buf is untouched where the value does not fit.
 *
 * Context: any.
 * Return: length of the value, -ENOENT where the option is absent, -EMSGSIZE
 * where it is longer than @size.
 */
int lg_dhcp_option(const struct lg_dhcp *msg, __u8 code, void *buf,
		   size_t size)
{
	struct lg_dhcp_part part = {};
	bool found = false;
	size_t total = 0;
	__u8 *to = buf;

	while (lg_dhcp_next(msg, code, &part)) {
		found = true;
		total += part.len;
	}
	if (!found)
		return -ENOENT;
	if (!buf)
		return total;
	if (total > size)
		return -EMSGSIZE;
	memset(&part, 0, sizeof(part));
	while (lg_dhcp_next(msg, code, &part)) {
		memcpy(to, part.value, part.len);
		to += part.len;
	}
	return total;
}

/**
 * lg_agent_suboption() - find a sub-option of the relay agent's option 82
 * @info: value of option 82
 * @len: its bytes
 * @code: enum lg_agent_suboption, or any other
 * @value: where the sub-option is inside @info; set only on success
 *
 * The list has neither pad nor end (RFC 3046, 2). All of it is checked, not
 * just what precedes the sub-option. A sub-option that comes twice says two
 * things about one place, so nothing can be said.
 *
 * Context: any.
 * Return: length of the sub-option, -ENOENT where it is absent, -EINVAL where
 * the list is malformed or has it twice.
 */
int lg_agent_suboption(const void *info, size_t len, __u8 code,
		       const __u8 **value)
{
	const __u8 *p = info;
	const __u8 *found = NULL;
	size_t pos = 0;

	while (pos < len) {
		if (len - pos < 2 || len - pos - 2 < p[pos + 1])
			return -EINVAL;
		if (p[pos] == code) {
			if (found)
				return -EINVAL;
			found = p + pos;
		}
		pos += 2 + p[pos + 1];
	}
	if (!found)
		return -ENOENT;
	*value = found + 2;
	return found[1];
}

/**
 * lg_dhcp_is_leasequery() - whether no subscriber has business with a type
 * @type: value of option 53
 *
 * Context: any.
 * Return: whether it is one of 10 to 18, which leasequery by UDP and by TCP
 * use (RFC 4388, 6.1; RFC 6926, 6.2; RFC 7724, 5.2).
 */
bool lg_dhcp_is_leasequery(__u8 type)
{
	return type >= LG_DHCPLEASEQUERY && type <= LG_DHCPTLS;
}

/* Bytes that an option takes, which is left out where it has no value. */
static size_t lg_option_len(size_t len)
{
	return len ? 2 + len : 0;
}

static size_t lg_leasequery_len(const struct lg_leasequery *q)
{
	size_t remote_id = lg_option_len(q->remote_id_len);
	size_t len = LG_OPTIONS + lg_option_len(1) +
		     lg_option_len(q->client_id_len) +
		     lg_option_len(q->n_options) + lg_option_len(q->auth_len) +
		     lg_option_len(remote_id) + 1;

	return len < LG_BOOTP_MIN_LEN ? LG_BOOTP_MIN_LEN : len;
}

static void lg_leasequery_fixed(__u8 *p, const struct lg_leasequery *q)
{
	p[LG_BOOTP_OP] = LG_BOOTREQUEST;
	p[LG_BOOTP_HTYPE] = q->htype;
	p[LG_BOOTP_HLEN] = q->hlen;
	p[LG_BOOTP_HOPS] = q->hops;
	lg_put_be32(p + LG_BOOTP_XID, q->xid);
	memcpy(p + LG_BOOTP_FLAGS, &q->flags, sizeof(q->flags));
	lg_put_be32(p + LG_BOOTP_CIADDR, q->ciaddr);
	lg_put_be32(p + LG_BOOTP_GIADDR, q->giaddr);
	if (q->hlen)
		memcpy(p + LG_BOOTP_CHADDR, q->chaddr, q->hlen);
}

/* Option 82 is last, as relay agents have it (RFC 3046, 2.1). */
static void lg_leasequery_options(__u8 *p, const struct lg_leasequery *q)
{
	memcpy(p, lg_cookie, LG_COOKIE_LEN);
	p = lg_put_option(p + LG_COOKIE_LEN, LG_OPT_MSG_TYPE, &q->type, 1);
	if (q->client_id_len)
		p = lg_put_option(p, LG_OPT_CLIENT_ID, q->client_id,
				  q->client_id_len);
	if (q->n_options)
		p = lg_put_option(p, LG_OPT_PARAM_LIST, q->options,
				  q->n_options);
	if (q->auth_len)
		p = lg_put_option(p, LG_OPT_AUTHENTICATION, q->auth,
				  q->auth_len);
	if (q->remote_id_len) {
		*p++ = LG_OPT_AGENT_INFO;
		*p++ = 2 + q->remote_id_len;
		p = lg_put_option(p, LG_AGENT_REMOTE_ID, q->remote_id,
				  q->remote_id_len);
	}
	*p = LG_OPT_END;
}

/**
 * lg_leasequery_build() - write a DHCPLEASEQUERY
 * @buf: where to
 * @size: bytes that @buf holds; LG_LEASEQUERY_MAX are always enough
 * @q: what is asked
 *
 * As RFC 4388, 6.2 and RFC 6148, 4.1 have it: of the keys that are not asked by,
 * ciaddr, or htype, hlen and chaddr, are zero, and options 61 and 82 left out.
 * Padded to the least length of a BOOTP message. Option 55 is left out where
 * @q asks for no options.
 *
 * Context: any.
 * Return: length of the message, -EMSGSIZE, or -EINVAL where hlen or the
 * remote-id are more than a message has room for.
 */
int lg_leasequery_build(void *buf, size_t size, const struct lg_leasequery *q)
{
	size_t len = lg_leasequery_len(q);

	if (q->hlen > LG_DHCP_CHADDR_LEN ||
	    q->remote_id_len > LG_AGENT_VALUE_MAX)
		return -EINVAL;
	if (len > size)
		return -EMSGSIZE;
	memset(buf, 0, len);
	lg_leasequery_fixed(buf, q);
	lg_leasequery_options((__u8 *)buf + LG_DHCP_FIXED_LEN, q);
	return len;
}

/* Each part of the option is a list of whole addresses (RFC 4388, 6.1). */
static size_t lg_associated_len(size_t n)
{
	return 4 * n + 2 * ((n + LG_ASSOCIATED_PART - 1) / LG_ASSOCIATED_PART);
}

static size_t lg_reply_len(const struct lg_leasequery_reply *r)
{
	size_t longs = !!r->server_id + r->has_lease_time + r->has_t1 +
		       r->has_t2 + !!r->cltt_code;
	size_t len = LG_OPTIONS + lg_option_len(1) + longs * lg_option_len(4) +
		     lg_option_len(r->client_id_len) +
		     lg_associated_len(r->n_associated) +
		     lg_option_len(r->auth_len) +
		     lg_option_len(r->agent_info_len) + 1;

	return len < LG_BOOTP_MIN_LEN ? LG_BOOTP_MIN_LEN : len;
}

static void lg_reply_fixed(__u8 *p, const struct lg_leasequery_reply *r)
{
	p[LG_BOOTP_OP] = LG_BOOTREPLY;
	p[LG_BOOTP_HTYPE] = r->htype;
	p[LG_BOOTP_HLEN] = r->hlen;
	lg_put_be32(p + LG_BOOTP_XID, r->xid);
	memcpy(p + LG_BOOTP_FLAGS, &r->flags, sizeof(r->flags));
	lg_put_be32(p + LG_BOOTP_CIADDR, r->ciaddr);
	lg_put_be32(p + LG_BOOTP_GIADDR, r->giaddr);
	if (r->hlen)
		memcpy(p + LG_BOOTP_CHADDR, r->chaddr, r->hlen);
}

static __u8 *lg_reply_times(__u8 *p, const struct lg_leasequery_reply *r)
{
	if (r->has_lease_time)
		p = lg_put_option_u32(p, LG_OPT_LEASE_TIME, r->lease_time);
	if (r->has_t1)
		p = lg_put_option_u32(p, LG_OPT_T1, r->t1);
	if (r->has_t2)
		p = lg_put_option_u32(p, LG_OPT_T2, r->t2);
	if (r->cltt_code)
		p = lg_put_option_u32(p, r->cltt_code, r->cltt);
	return p;
}

static __u8 *lg_reply_associated(__u8 *p, const struct lg_leasequery_reply *r)
{
	size_t done, n;

	for (done = 0; done < r->n_associated; done += n) {
		n = r->n_associated - done;
		if (n > LG_ASSOCIATED_PART)
			n = LG_ASSOCIATED_PART;
		p = lg_put_option(p, r->associated_code,
				  (const __u8 *)(r->associated + done), 4 * n);
	}
	return p;
}

static void lg_reply_options(__u8 *p, const struct lg_leasequery_reply *r)
{
	memcpy(p, lg_cookie, LG_COOKIE_LEN);
	p = lg_put_option(p + LG_COOKIE_LEN, LG_OPT_MSG_TYPE, &r->type, 1);
	if (r->server_id)
		p = lg_put_option(p, LG_OPT_SERVER_ID,
				  (const __u8 *)&r->server_id, 4);
	p = lg_reply_times(p, r);
	if (r->client_id_len)
		p = lg_put_option(p, LG_OPT_CLIENT_ID, r->client_id,
				  r->client_id_len);
	p = lg_reply_associated(p, r);
	if (r->auth_len)
		p = lg_put_option(p, LG_OPT_AUTHENTICATION, r->auth,
				  r->auth_len);
	if (r->agent_info_len)
		p = lg_put_option(p, LG_OPT_AGENT_INFO, r->agent_info,
				  r->agent_info_len);
	*p = LG_OPT_END;
}

/**
 * lg_leasequery_reply_room() - how many of its associated addresses fit
 * @r: what is answered, complete but for option 90's value
 *
 * Context: any.
 * Return: @r->n_associated, or as many of them as LG_LEASEQUERY_REPLY_MAX has
 * room for.
 */
__u8 lg_leasequery_reply_room(const struct lg_leasequery_reply *r)
{
	struct lg_leasequery_reply less = *r;

	while (less.n_associated &&
	       lg_reply_len(&less) > LG_LEASEQUERY_REPLY_MAX)
		less.n_associated--;
	return less.n_associated;
}

/**
 * lg_leasequery_reply_build() - write the answer to a DHCPLEASEQUERY
 * @buf: where to
 * @size: bytes that @buf holds; LG_LEASEQUERY_REPLY_MAX are always enough for
 *	what lg_leasequery_reply_room() has room for
 * @r: what is answered
 *
 * As RFC 4388, 6.4 and draft -01, 6.4 have it: the address in ciaddr and none
 * in yiaddr, the client in htype, hlen and chaddr. Option 82 is last (RFC
 * 3046, 2.1). Padded to the least length of a BOOTP message.
 *
 * Context: any.
 * Return: length of the message, -EMSGSIZE, or -EINVAL where hlen is more than
 * a message has room for.
 */
int lg_leasequery_reply_build(void *buf, size_t size,
			      const struct lg_leasequery_reply *r)
{
	size_t len = lg_reply_len(r);

	if (r->hlen > LG_DHCP_CHADDR_LEN)
		return -EINVAL;
	if (len > size)
		return -EMSGSIZE;
	memset(buf, 0, len);
	lg_reply_fixed(buf, r);
	lg_reply_options((__u8 *)buf + LG_DHCP_FIXED_LEN, r);
	return len;
}
