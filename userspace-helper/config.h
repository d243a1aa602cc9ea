/* SPDX-License-Identifier: GPL-2.0 */
/* What the operator set: the configuration file and the command line. */
#ifndef _LG_CONFIG_H
#define _LG_CONFIG_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>
#include <uthash.h>

#include "auth.h"
#include "dialect.h"
#include "recovery.h"
#include "settings.h"

/* What the address of a Unix socket has room for. */
#define CONFIG_CONTROL_MAX	108
#define CONFIG_SERVERS_MAX	64
#define CONFIG_GIADDRS_MAX	64
#define CONFIG_FOR_MAX		16
#define CONFIG_RANK_MAX		16
#define CONFIG_REQUESTORS_MAX	LEASEGLEAN_REQUESTORS_MAX
#define CONFIG_NETWORKS_MAX	64
#define CONFIG_STATE_DIR	"/var/lib/leaseglean"
#define CONFIG_CONTROL		"/run/leaseglean/control.sock"

#define CONFIG_BULK_IDS_MAX	8
#define CONFIG_BULK_SUBNETS_MAX	64

/**
 * struct config_bulk_id - one bulk query: for what bears this in option 82
 * @code: sub-option, enum lg_agent_suboption
 * @bytes: its value
 * @len: of it
 */
struct config_bulk_id {
	uint8_t code;
	uint8_t bytes[LG_AGENT_VALUE_MAX];
	size_t len;
};

/**
 * struct config_bulk - bulk leasequery of a server (RFC 6926)
 * @on: whether it is asked
 * @port: TCP port
 * @by_time: it tells leases in the order of their last transaction
 * @ids: what is asked for, one query each
 * @n_ids: how many; with none, one query for all
 * @subnets: what is taken of what it tells
 * @n_subnets: how many; with none, all
 */
struct config_bulk {
	bool on;
	uint16_t port;
	bool by_time;
	struct config_bulk_id ids[CONFIG_BULK_IDS_MAX];
	unsigned int n_ids;
	struct settings_prefix subnets[CONFIG_BULK_SUBNETS_MAX];
	size_t n_subnets;
};

/**
 * struct config_server - a DHCP server to ask
 * @addr: its address
 * @giaddr: address to ask it from, 0 for the usual choice
 * @for_ports: patterns of the ports that it knows the subscribers of
 * @n_for_ports: how many
 * @for_giaddrs: relay agents' addresses on ports that it knows those of
 * @n_for_giaddrs: how many; where neither is given it is asked for all ports
 * @rank: it is asked when those of a lesser one do not answer, or do not know
 * @dialect: how it speaks
 * @auth: how messages to and from it are authenticated
 * @bulk: whether and how it is asked for all at once
 */
struct config_server {
	__be32 addr;
	__be32 giaddr;
	char for_ports[CONFIG_FOR_MAX][IFNAMSIZ];
	size_t n_for_ports;
	__be32 for_giaddrs[CONFIG_FOR_MAX];
	size_t n_for_giaddrs;
	unsigned int rank;
	struct dialect dialect;
	struct auth auth;
	struct config_bulk bulk;
};

/**
 * struct config_requestor - a host that may ask
 * @addr: its address
 * @giaddr: that its queries have to have; where answers go
 * @dialect: how it speaks
 * @auth: how messages from and to it are authenticated
 */
struct config_requestor {
	__be32 addr;
	__be32 giaddr;
	struct dialect dialect;
	struct auth auth;
};

/**
 * struct config_port - a port that gets settings
 * @name: of the interface, which need not exist yet
 * @number: how many were before it
 * @set: those
 * @circuit_id: option 82 circuit-id that names this port
 * @circuit_id_len: 0 when there is none
 * @hh: in the table by @name
 * @hh_circuit: in the table by @circuit_id
 */
struct config_port {
	char name[IFNAMSIZ];
	size_t number;
	struct settings set;
	uint8_t circuit_id[LEASEGLEAN_OPAQUE_MAX];
	size_t circuit_id_len;
	UT_hash_handle hh;
	UT_hash_handle hh_circuit;
};

/**
 * struct config - all of it
 * @state_dir: where what must outlive a restart is kept
 * @control: path of the socket for requests, "" for none
 * @servers: to be asked instead of those that relays use
 * @n_servers: how many
 * @giaddrs: to ask from instead of those that relays use
 * @n_giaddrs: how many
 * @requestors: those who may ask
 * @n_requestors: how many
 * @networks: of whose addresses all is known here
 * @n_networks: how many
 * @client_queries: those by client that each is answered in a second
 * @ports: table of them by name, in the order of the file
 * @n_ports: how many
 * @circuits: those that have a circuit-id, by that
 * @timeout_first: seconds until the first retry
 * @timeout_max: seconds that the wait doubles up to
 * @slow: seconds between tries once a server has been silent for long
 * @tries: queries to one server before that
 * @in_flight: queries to one server that are unanswered at a time
 * @questions_max: addresses asked for at a time
 * @hold_unassigned: seconds that DHCPLEASEUNASSIGNED stands
 * @hold_unknown: seconds that DHCPLEASEUNKNOWN stands
 * @recovery: what the table is refilled from, in this order
 * @n_recovery: how many
 * @snapshot: seconds between two snapshots of the table, 0 for none
 */
struct config {
	char state_dir[PATH_MAX];
	char control[CONFIG_CONTROL_MAX];
	struct config_server servers[CONFIG_SERVERS_MAX];
	size_t n_servers;
	__be32 giaddrs[CONFIG_GIADDRS_MAX];
	size_t n_giaddrs;
	struct config_requestor requestors[CONFIG_REQUESTORS_MAX];
	size_t n_requestors;
	struct settings_prefix networks[CONFIG_NETWORKS_MAX];
	size_t n_networks;
	uint32_t client_queries;
	struct config_port *ports;
	size_t n_ports;
	struct config_port *circuits;
	double timeout_first;
	double timeout_max;
	double slow;
	unsigned int tries;
	unsigned int in_flight;
	unsigned int questions_max;
	uint32_t hold_unassigned;
	uint32_t hold_unknown;
	enum recovery_source recovery[__RECOVERY_SOURCES];
	unsigned int n_recovery;
	double snapshot;
};

extern struct config config;

void config_defaults(struct config *c);
int config_read(struct config *c, const char *path);
int config_add_server(struct config *c, const char *text, const char **reason);
int config_add_giaddr(struct config *c, const char *text, const char **reason);
const char *config_set_control(struct config *c, const char *text);
void config_use(struct config *c);
const struct dialect *config_dialect(__be32 server);
const struct auth *config_auth(__be32 server);
const struct config_requestor *config_requestor(__be32 addr);
void config_free(struct config *c);

#endif /* _LG_CONFIG_H */
