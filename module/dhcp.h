/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DHCPv4 messages: reading any, and writing a DHCPLEASEQUERY and what answers
 * it. One source for the module, the daemon, the fuzzer and the unit tests: no
 * allocation, no state, no side effect, callable in any context.
 */
#ifndef _LG_DHCP_H
#define _LG_DHCP_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif
#include <linux/types.h>

#define LG_DHCP_SERVER_PORT	67
#define LG_DHCP_CLIENT_PORT	68

/* BOOTP fixed part with the option area's magic cookie left out (RFC 951). */
#define LG_DHCP_FIXED_LEN	236
/* Longest UDP payload read. Longer ones are refused. */
#define LG_DHCP_MAX_LEN		4096
#define LG_DHCP_CHADDR_LEN	16
#define LG_DHCP_INFINITE	0xffffffffU

enum lg_bootp_op {
	LG_BOOTREQUEST = 1,
	LG_BOOTREPLY = 2,
};

/* Message types, option 53: RFC 2132, 3203, 4388, 6926, 7724. */
enum lg_dhcp_type {
	LG_BOOTP = 0,			/* no option 53 */
	LG_DHCPDISCOVER = 1,
	LG_DHCPOFFER = 2,
	LG_DHCPREQUEST = 3,
	LG_DHCPDECLINE = 4,
	LG_DHCPACK = 5,
	LG_DHCPNAK = 6,
	LG_DHCPRELEASE = 7,
	LG_DHCPINFORM = 8,
	LG_DHCPFORCERENEW = 9,
	LG_DHCPLEASEQUERY = 10,
	LG_DHCPLEASEUNASSIGNED = 11,
	LG_DHCPLEASEUNKNOWN = 12,
	LG_DHCPLEASEACTIVE = 13,
	LG_DHCPLEASEQUERY_DRAFT = 13,	/* of draft -00 and -01 */
	LG_DHCPBULKLEASEQUERY = 14,
	LG_DHCPLEASEQUERYDONE = 15,
	LG_DHCPACTIVELEASEQUERY = 16,
	LG_DHCPLEASEQUERYSTATUS = 17,
	LG_DHCPTLS = 18,
};

enum lg_dhcp_option_code {
	LG_OPT_PAD = 0,
	LG_OPT_HOST_NAME = 12,
	LG_OPT_REQUESTED_ADDR = 50,
	LG_OPT_LEASE_TIME = 51,
	LG_OPT_OVERLOAD = 52,
	LG_OPT_MSG_TYPE = 53,
	LG_OPT_SERVER_ID = 54,
	LG_OPT_PARAM_LIST = 55,
	LG_OPT_T1 = 58,
	LG_OPT_T2 = 59,
	LG_OPT_VENDOR_CLASS = 60,
	LG_OPT_CLIENT_ID = 61,
	LG_OPT_AGENT_INFO = 82,
	LG_OPT_AUTHENTICATION = 90,	/* RFC 3118 */
	LG_OPT_CLTT = 91,		/* client-last-transaction-time */
	LG_OPT_ASSOCIATED_IP = 92,
	/* of bulk leasequery, RFC 6926 */
	LG_OPT_STATUS_CODE = 151,
	LG_OPT_BASE_TIME = 152,
	LG_OPT_START_OF_STATE = 153,
	LG_OPT_QUERY_START_TIME = 154,
	LG_OPT_DATA_SOURCE = 157,
	LG_OPT_VPN_ID = 221,		/* RFC 6607 */
	LG_OPT_END = 255,
};

/* Sub-options of option 82 (RFC 3046). */
enum lg_agent_suboption {
	LG_AGENT_CIRCUIT_ID = 1,
	LG_AGENT_REMOTE_ID = 2,
	LG_AGENT_RELAY_ID = 12,		/* RFC 6925 */
};

/* What an option 82 of one sub-option has room for. */
#define LG_AGENT_VALUE_MAX	253
/* What an option has room for. */
#define LG_OPTION_MAX		255

/* Why a message is refused; 0 is success. Each has a counter. */
enum lg_dhcp_err {
	LG_DHCP_OK = 0,
	LG_DHCP_ETRUNCATED,	/* shorter than the BOOTP fixed part */
	LG_DHCP_EOVERSIZED,	/* longer than LG_DHCP_MAX_LEN */
	LG_DHCP_EOP,		/* op is neither request nor reply */
	LG_DHCP_EHLEN,		/* hlen over 16 */
	LG_DHCP_EOPTION,	/* an option runs past its area */
	LG_DHCP_EVALUE,		/* an option read here has a wrong length or value */
	__LG_DHCP_ERR_MAX
};

/**
 * struct lg_dhcp - one DHCP or BOOTP message, read and checked
 * @op: enum lg_bootp_op
 * @htype: ARP hardware type of @chaddr
 * @hlen: bytes of @chaddr that count, at most 16
 * @hops: relay hops
 * @type: enum lg_dhcp_type; LG_BOOTP without option 53; any other value as sent
 * @has_lease_time: option 51 is there
 * @has_t1: option 58 is there
 * @has_t2: option 59 is there
 * @has_cltt: option 91 is there
 * @xid: transaction id, network order
 * @flags: network order
 * @ciaddr: network order, as all addresses here
 * @yiaddr: the address given
 * @siaddr: next server
 * @giaddr: relay agent
 * @chaddr: 16 bytes inside the message
 * @requested_addr: option 50, or 0
 * @server_id: option 54, or 0
 * @lease_time: option 51 in seconds, host order; valid if @has_lease_time
 * @t1: option 58 in seconds; valid if @has_t1
 * @t2: option 59 in seconds; valid if @has_t2
 * @cltt: option 91 in seconds ago; valid if @has_cltt
 * @area: option area, then file and sname where option 52 says so, in the
 *	order of RFC 3396
 * @area_len: their lengths, 0 where there is none
 *
 * Points into the caller's buffer and is valid as long as that is.
 */
struct lg_dhcp {
	__u8 op;
	__u8 htype;
	__u8 hlen;
	__u8 hops;
	__u8 type;
	bool has_lease_time;
	bool has_t1;
	bool has_t2;
	bool has_cltt;
	__be32 xid;
	__be16 flags;
	__be32 ciaddr;
	__be32 yiaddr;
	__be32 siaddr;
	__be32 giaddr;
	const __u8 *chaddr;
	__be32 requested_addr;
	__be32 server_id;
	__u32 lease_time;
	__u32 t1;
	__u32 t2;
	__u32 cltt;
	const __u8 *area[3];
	__u16 area_len[3];
};

enum lg_dhcp_err lg_dhcp_parse(struct lg_dhcp *msg, const void *buf,
			       size_t len);

/**
 * struct lg_dhcp_part - an option, or one part of it, inside a message
 * @value: its value
 * @code: option code
 * @len: bytes of @value
 * @area: where the next one is looked for; 0 at first
 * @pos: likewise
 */
struct lg_dhcp_part {
	const __u8 *value;
	__u8 code;
	__u8 len;
	int area;
	size_t pos;
};

bool lg_dhcp_next(const struct lg_dhcp *msg, __u8 code,
		  struct lg_dhcp_part *part);
int lg_dhcp_option(const struct lg_dhcp *msg, __u8 code, void *buf,
		   size_t size);
int lg_agent_suboption(const void *info, size_t len, __u8 code,
		       const __u8 **value);
bool lg_dhcp_is_leasequery(__u8 type);

/**
 * struct lg_leasequery - what a DHCPLEASEQUERY asks
 * @xid: transaction id, network order
 * @ciaddr: the address asked for, 0 unless by address
 * @giaddr: where the server sends its answer
 * @flags: BOOTP flags, network order
 * @type: value of option 53, which the dialects do not agree on
 * @hops: written as given: 10 or more keeps other relay agents' hands off
 * @htype: ARP hardware type of @chaddr, 0 unless by hardware address
 * @hlen: bytes of @chaddr, 0 unless by hardware address
 * @client_id_len: bytes of @client_id, 0 unless by client identifier
 * @remote_id_len: bytes of @remote_id, 0 unless by remote-id, at most 253
 * @n_options: how many @options there are
 * @auth_len: bytes of @auth, 0 to leave option 90 out
 * @chaddr: hardware address asked for
 * @client_id: value of option 61 asked for
 * @remote_id: value of sub-option 2 of option 82 asked for
 * @options: codes for option 55, in this order
 * @auth: value of option 90
 *
 * Which keys go together is the server's dialect's matter: RFC 4388, 6.2 and
 * RFC 6148, 4.1 have exactly one, draft -01, 6.2 has @chaddr with @client_id.
 */
struct lg_leasequery {
	__be32 xid;
	__be32 ciaddr;
	__be32 giaddr;
	__be16 flags;
	__u8 type;
	__u8 hops;
	__u8 htype;
	__u8 hlen;
	__u8 client_id_len;
	__u8 remote_id_len;
	__u8 n_options;
	__u8 auth_len;
	const __u8 *chaddr;
	const __u8 *client_id;
	const __u8 *remote_id;
	const __u8 *options;
	const __u8 *auth;
};

/* No query is longer. */
#define LG_LEASEQUERY_MAX	1272

int lg_leasequery_build(void *buf, size_t size, const struct lg_leasequery *q);

/* What one option of addresses has room for; more are in several (RFC 3396). */
#define LG_ASSOCIATED_PART	63
/* No more are told, though a frame has room for some 300 and nothing else. */
#define LG_ASSOCIATED_MAX	255
/* No reply is longer: what a frame of 1500 bytes has room for. */
#define LG_LEASEQUERY_REPLY_MAX	1472

/**
 * struct lg_leasequery_reply - what answers a DHCPLEASEQUERY
 * @xid: of the query
 * @ciaddr: the address that it is about, 0 for none
 * @giaddr: of the query
 * @flags: BOOTP flags, network order
 * @type: value of option 53, which the dialects do not agree on
 * @htype: ARP hardware type of @chaddr, 0 without a client
 * @hlen: bytes of @chaddr, 0 without a client
 * @has_lease_time: option 51 is written
 * @has_t1: option 58 is
 * @has_t2: option 59 is
 * @cltt_code: option of client-last-transaction-time, 0 to leave it out
 * @associated_code: option of associated-ip
 * @n_associated: how many @associated there are, 0 to leave the option out
 * @client_id_len: bytes of @client_id, 0 to leave option 61 out
 * @agent_info_len: bytes of @agent_info, 0 to leave option 82 out
 * @auth_len: bytes of @auth, 0 to leave option 90 out
 * @server_id: option 54, 0 to leave it out
 * @lease_time: seconds left, host order, as the other times
 * @t1: seconds until renewal
 * @t2: seconds until rebinding
 * @cltt: seconds since the client was last heard of
 * @chaddr: the client's hardware address
 * @associated: addresses of the client, network order, in this order
 * @client_id: value of option 61
 * @agent_info: value of option 82
 * @auth: value of option 90
 */
struct lg_leasequery_reply {
	__be32 xid;
	__be32 ciaddr;
	__be32 giaddr;
	__be16 flags;
	__u8 type;
	__u8 htype;
	__u8 hlen;
	bool has_lease_time;
	bool has_t1;
	bool has_t2;
	__u8 cltt_code;
	__u8 associated_code;
	__u8 n_associated;
	__u8 client_id_len;
	__u8 agent_info_len;
	__u8 auth_len;
	__be32 server_id;
	__u32 lease_time;
	__u32 t1;
	__u32 t2;
	__u32 cltt;
	const __u8 *chaddr;
	const __be32 *associated;
	const __u8 *client_id;
	const __u8 *agent_info;
	const __u8 *auth;
};

__u8 lg_leasequery_reply_room(const struct lg_leasequery_reply *r);
int lg_leasequery_reply_build(void *buf, size_t size,
			      const struct lg_leasequery_reply *r);

#endif /* _LG_DHCP_H */
