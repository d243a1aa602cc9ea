/* SPDX-License-Identifier: GPL-2.0 */
/* What relay agents on this host were seen to use, across restarts. */
#ifndef _LG_RELAYS_H
#define _LG_RELAYS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <linux/types.h>
#include <uthash.h>

/**
 * struct relay - a relay agent's doing, confirmed by a server's answer
 * @giaddr: the address that it relays from
 * @server: the server that it relays to
 * @seen: when that was last known to be so, wall clock
 * @live: the module has said so since this daemon started
 * @prev: on the same port
 * @next: on the same port
 */
struct relay {
	__be32 giaddr;
	__be32 server;
	time_t seen;
	bool live;
	struct relay *prev;
	struct relay *next;
};

/**
 * struct relay_port - where it was seen
 * @name: of the interface: the index changes at reboot
 * @relays: most recent first
 * @hh: in the table by @name
 */
struct relay_port {
	char name[IFNAMSIZ];
	struct relay *relays;
	UT_hash_handle hh;
};

int relays_open(const char *dir);
void relays_close(void);
void relays_note(const char *port, __be32 giaddr, __be32 server);
bool relays_changed(void);
const struct relay_port *relays_of(const char *port);
const struct relay_port *relays_ports(void);
bool relay_current(const struct relay_port *port, const struct relay *relay);

#endif /* _LG_RELAYS_H */
