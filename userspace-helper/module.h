/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel module as the daemon sees it: it may come and go; while it is
 * there this daemon is its helper, hears of misses and replies, and puts
 * what it learned.
 */
#ifndef _LG_MODULE_H
#define _LG_MODULE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "settings.h"

/**
 * struct miss - an address that traffic needs and nobody knows, or one whose
 * lease is claimed by another client
 * @addr: the address
 * @vrf: interface index of its VRF, 0 for the default
 * @ifindex: the port that the packet would have left by
 * @port: that port's name, "" when the module did not say
 * @payer: the port that has it asked for, and waits its turn
 * @cookie: names this miss in the put that answers it
 * @doubt: there is a lease, which stands unless a server says otherwise
 */
struct miss {
	__be32 addr;
	uint32_t vrf;
	uint32_t ifindex;
	char port[IFNAMSIZ];
	uint32_t payer;
	uint64_t cookie;
	bool doubt;
};

/**
 * struct reply - a message that a server sent to an address of ours
 * @xid: transaction id of the query that it was taken for, host order
 * @server: where it came from
 * @giaddr: where it went to
 * @message: BOOTP, from the op on
 * @len: bytes of it
 */
struct reply {
	uint32_t xid;
	__be32 server;
	__be32 giaddr;
	const uint8_t *message;
	size_t len;
};

/**
 * struct lease - what a server's answer says of an address
 * @state: enum leaseglean_state, not pending
 * @htype: ARP hardware type
 * @hlen: bytes of @hwaddr
 * @hwaddr: the client's
 * @ifindex: port, or 0 for the one of the miss
 * @giaddr: the query went from here
 * @server: it went to there
 * @expires: seconds left; UINT32_MAX for ever
 * @has_last_transaction: it is known when the client was last heard of
 * @last_transaction: seconds since then
 * @agent_info: payload of option 82
 * @agent_info_len: 0 when there is none
 * @client_id: payload of option 61
 * @client_id_len: 0 when there is none
 */
struct lease {
	enum leaseglean_state state;
	uint8_t htype;
	uint8_t hlen;
	uint8_t hwaddr[LEASEGLEAN_HWADDR_MAX];
	uint32_t ifindex;
	__be32 giaddr;
	__be32 server;
	uint32_t expires;
	bool has_last_transaction;
	uint32_t last_transaction;
	uint8_t agent_info[LEASEGLEAN_OPAQUE_MAX];
	uint16_t agent_info_len;
	uint8_t client_id[LEASEGLEAN_OPAQUE_MAX];
	uint16_t client_id_len;
};

/**
 * struct module_ops - what the rest of the daemon does when the module speaks
 * @attached: this daemon became its helper; called before any of the others
 * @detached: it is gone, and all that it knew with it
 * @miss: an address is wanted
 * @reply: a server answered
 * @relay: a relay was seen to use @giaddr and @server on @port
 * @relays_done: all relays known to the module have been told of
 */
struct module_ops {
	void (*attached)(void);
	void (*detached)(void);
	void (*miss)(const struct miss *miss);
	void (*reply)(const struct reply *reply);
	void (*relay)(const char *port, __be32 giaddr, __be32 server);
	void (*relays_done)(void);
};

/**
 * struct module_lease - an active lease that the module has
 * @addr: the address
 * @vrf: interface index of its VRF, 0 for the default
 * @origin: where the knowledge came from
 * @port: name of its port, "" where there is none now
 * @lease: the rest of it
 */
struct module_lease {
	__be32 addr;
	uint32_t vrf;
	enum leaseglean_origin origin;
	char port[IFNAMSIZ];
	struct lease lease;
};

#define MODULE_BATCH_BYTES	32768
#define MODULE_BATCH_MAX	256

/**
 * struct module_batch - leases on their way to the module, many in a message
 * @origin: of all of them
 * @result: told of each, in order: 0, -ESTALE when the module knew better, or
 *	another negative errno
 * @offset: of each that waits, where in @buf it begins
 * @n: how many wait
 * @len: bytes of @buf in use
 * @buf: the message
 */
struct module_batch {
	enum leaseglean_origin origin;
	void (*result)(int err);
	uint32_t offset[MODULE_BATCH_MAX];
	unsigned int n;
	uint32_t len;
	/* nlmsghdr's alignment */
	uint32_t buf[MODULE_BATCH_BYTES / sizeof(uint32_t)];
};

int module_start(const struct module_ops *ops);
void module_stop(void);
bool module_attached(void);
void module_resync(void);
uint16_t module_family(void);

int module_query_open(uint32_t xid, __be32 server, __be32 giaddr,
		      unsigned int timeout);
int module_lease_put(const struct miss *miss, const struct lease *lease);
int module_still_missing(struct miss *miss);
int module_access_port(const char *name, uint32_t *ifindex);
void module_batch_add(struct module_batch *batch, __be32 addr,
		      const uint32_t *vrf, const struct lease *lease);
void module_batch_flush(struct module_batch *batch);
int module_leases(int (*each)(const struct module_lease *lease, void *data),
		  void *data);
int module_servers_set(const __be32 *servers, size_t count);
int module_port_set(uint32_t ifindex, const struct settings *set);
const char *module_why(int err);

#endif /* _LG_MODULE_H */
