// SPDX-License-Identifier: GPL-2.0
/*
 * Whom to ask, and where from. What is configured wins; else the servers that
 * the relay agent uses on the port, from the address that it uses there; else
 * those that it uses anywhere. A configured server may be for some ports only.
 */
#include "target.h"

#include <fnmatch.h>

#include "config.h"
#include "relays.h"

static bool has_giaddr(const struct target *target, __be32 giaddr)
{
	unsigned int i;

	for (i = 0; i < target->n_giaddrs; i++)
		if (target->giaddrs[i] == giaddr)
			return true;
	return false;
}

static void add_giaddr(struct target *target, __be32 giaddr)
{
	if (target->n_giaddrs < TARGET_GIADDRS_MAX &&
	    !has_giaddr(target, giaddr))
		target->giaddrs[target->n_giaddrs++] = giaddr;
}

static bool configured_giaddr(__be32 giaddr)
{
	size_t i;

	for (i = 0; i < config.n_giaddrs; i++)
		if (config.giaddrs[i] == giaddr)
			return true;
	return false;
}

/*
 * The addresses that relay agents use on @port, towards @server unless that
 * is 0; of those set by hand only, if any are.
 */
static void add_relay_giaddrs(struct target *target,
			      const struct relay_port *port, __be32 server)
{
	const struct relay *relay;

	for (relay = port ? port->relays : NULL; relay; relay = relay->next) {
		if (!relay_current(port, relay) ||
		    (server && relay->server != server))
			continue;
		if (!config.n_giaddrs || configured_giaddr(relay->giaddr))
			add_giaddr(target, relay->giaddr);
	}
}

static void add_any_giaddrs(struct target *target, __be32 server)
{
	const struct relay_port *port;

	for (port = relays_ports(); port; port = port->hh.next)
		if (target->n_giaddrs < TARGET_GIADDRS_MAX)
			add_relay_giaddrs(target, port, server);
}

/* Fills in where to ask @target's server from, the best guess first. */
static bool choose_giaddrs(struct target *target, const struct relay_port *port)
{
	size_t i;

	add_relay_giaddrs(target, port, target->server);
	if (!target->n_giaddrs)
		add_relay_giaddrs(target, port, 0);
	for (i = 0; i < config.n_giaddrs; i++)
		add_giaddr(target, config.giaddrs[i]);
	if (!target->n_giaddrs)
		add_any_giaddrs(target, target->server);
	if (!target->n_giaddrs)
		add_any_giaddrs(target, 0);
	return target->n_giaddrs > 0;
}

static bool for_port(const struct config_server *server, const char *name)
{
	size_t i;

	for (i = 0; i < server->n_for_ports; i++)
		if (!fnmatch(server->for_ports[i], name, 0))
			return true;
	return false;
}

/* A relay agent sends what comes from @port from one of these addresses. */
static bool for_giaddr(const struct config_server *server,
		       const struct relay_port *port)
{
	const struct relay *relay;
	size_t i;

	for (relay = port ? port->relays : NULL; relay; relay = relay->next)
		for (i = 0; i < server->n_for_giaddrs; i++)
			if (relay->giaddr == server->for_giaddrs[i] &&
			    relay_current(port, relay))
				return true;
	return false;
}

/* Whether a server may know the subscribers of a port. */
static bool serves(const struct config_server *server, const char *name,
		   const struct relay_port *port)
{
	if (!server->n_for_ports && !server->n_for_giaddrs)
		return true;
	return for_port(server, name) || for_giaddr(server, port);
}

static size_t configured_targets(const char *name,
				 const struct relay_port *port,
				 struct target *targets, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < config.n_servers && n < max; i++) {
		const struct config_server *server = &config.servers[i];

		if (!serves(server, name, port))
			continue;
		targets[n] = (struct target){
			.server = server->addr, .rank = server->rank,
		};
		if (server->giaddr)
			add_giaddr(&targets[n], server->giaddr);
		else if (!choose_giaddrs(&targets[n], port))
			continue;
		n++;
	}
	return n;
}

static bool has_server(const struct target *targets, size_t n, __be32 server)
{
	while (n)
		if (targets[--n].server == server)
			return true;
	return false;
}

/* Appends the servers that relay agents use on @port to the @n there are. */
static size_t relay_targets(const struct relay_port *port,
			    struct target *targets, size_t n, size_t max)
{
	const struct relay *relay;

	for (relay = port->relays; relay && n < max; relay = relay->next) {
		if (!relay_current(port, relay) ||
		    has_server(targets, n, relay->server))
			continue;
		targets[n] = (struct target){ .server = relay->server };
		if (choose_giaddrs(&targets[n], port))
			n++;
	}
	return n;
}

static size_t any_relay_targets(struct target *targets, size_t max)
{
	const struct relay_port *port;
	size_t n = 0;

	for (port = relays_ports(); port && n < max; port = port->hh.next)
		n = relay_targets(port, targets, n, max);
	return n;
}

/**
 * targets_for() - whom to ask for an address behind a port
 * @port: name of the port
 * @targets: filled in
 * @max: how many there is room for
 *
 * Return: how many there are, 0 while nothing is known.
 */
size_t targets_for(const char *port, struct target *targets, size_t max)
{
	const struct relay_port *seen = relays_of(port);
	size_t n = 0;

	if (config.n_servers)
		return configured_targets(port, seen, targets, max);
	if (seen)
		n = relay_targets(seen, targets, 0, max);
	if (n)
		return n;
	return any_relay_targets(targets, max);
}

/**
 * target_for() - where to ask a server from, whatever is asked
 * @server: its address
 * @target: filled in; without a giaddr where none is known
 */
void target_for(__be32 server, struct target *target)
{
	size_t i;

	*target = (struct target){ .server = server };
	for (i = 0; i < config.n_servers; i++)
		if (config.servers[i].addr == server &&
		    config.servers[i].giaddr)
			add_giaddr(target, config.servers[i].giaddr);
	if (!target->n_giaddrs)
		choose_giaddrs(target, NULL);
}

/**
 * targets_all() - whom to ask for any address or client
 * @targets: filled in
 * @max: how many there is room for
 *
 * Return: how many there are, 0 while nothing is known.
 */
size_t targets_all(struct target *targets, size_t max)
{
	size_t i, n = 0;

	if (!config.n_servers)
		return any_relay_targets(targets, max);
	for (i = 0; i < config.n_servers && n < max; i++) {
		target_for(config.servers[i].addr, &targets[n]);
		n += targets[n].n_giaddrs > 0;
	}
	return n;
}
