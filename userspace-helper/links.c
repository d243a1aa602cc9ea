// SPDX-License-Identifier: GPL-2.0
/*
 * Gives the configured ports their settings, whenever their interfaces come,
 * and has the leases restored that waited for one.
 */
#include "links.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <linux/rtnetlink.h>

#include "clock.h"
#include "config.h"
#include "log.h"
#include "module.h"
#include "netlink.h"
#include "recovery.h"

#define RETRY_SECONDS	5.0

static struct nl_sock watch;
static struct nl_sock asking;
/* A dump may be under way on the other. */
static struct nl_sock asking_one;
static ev_io watch_io;
static struct timer retry_timer;
static struct log_limit port_limit;

/* Of each configured port: the interface that has its settings, 0 for none. */
static int *applied;

static const struct nl_attr_rule link_rules[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[IFLA_MASTER] = { MNL_TYPE_U32, 4 },
};

static void apply(const struct config_port *port, int ifindex)
{
	int err;

	if (applied[port->number] == ifindex)
		return;
	if (!port->set.has)
		return;
	err = module_port_set((uint32_t)ifindex, &port->set);
	if (!err) {
		applied[port->number] = ifindex;
		recovery_port_came();
		return;
	}
	/* When the module comes back, all is applied again. */
	if (err == -ENOTCONN || err == -ENOENT)
		return;
	log_limited(&port_limit, LOG_ERR, "port %s: the module refuses it: %s",
		    port->name, module_why(err));
	timer_start(&retry_timer, RETRY_SECONDS);
}

static void link_came(int ifindex, const char *name)
{
	struct config_port *port;

	HASH_FIND_STR(config.ports, name, port);
	if (port)
		apply(port, ifindex);
	recovery_link_came(name);
}

static void link_went(int ifindex)
{
	size_t i;

	for (i = 0; i < config.n_ports; i++)
		if (applied[i] == ifindex)
			applied[i] = 0;
}

static int link_attrs(const struct nlattr **tb, const struct nlmsghdr *nlh)
{
	const size_t head = sizeof(struct ifinfomsg);

	return nl_attrs(tb, link_rules, IFLA_MAX,
			mnl_nlmsg_get_payload_offset(nlh, head),
			mnl_nlmsg_get_payload_len(nlh) - NL_ALIGN(head));
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFLA_MAX + 1];

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return 0;
	/* Bridges tell of their members in a family of their own. */
	if (ifi->ifi_family != AF_UNSPEC)
		return 0;
	if (nlh->nlmsg_type == RTM_DELLINK)
		link_went(ifi->ifi_index);
	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (link_attrs(tb, nlh) || !tb[IFLA_IFNAME])
		return 0;
	link_came(ifi->ifi_index, mnl_attr_get_str(tb[IFLA_IFNAME]));
	return 0;
}

/* Of one, or of all where @ifindex is 0; @buf has 256 bytes. */
static struct nlmsghdr *get_link(char *buf, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | (ifindex ? NLM_F_ACK : NLM_F_DUMP);
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	return nlh;
}

static void dump(struct timer *timer)
{
	char buf[256];
	int err;

	err = nl_request(&asking, get_link(buf, 0), on_link, NULL);
	if (err && !timer_running(timer))
		timer_start(timer, RETRY_SECONDS);
}

static int on_master(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	uint32_t *master = data;

	if (nlh->nlmsg_type == RTM_NEWLINK && !link_attrs(tb, nlh) &&
	    tb[IFLA_MASTER])
		*master = mnl_attr_get_u32(tb[IFLA_MASTER]);
	return 0;
}

/**
 * links_master() - what an interface is part of
 * @ifindex: the interface
 * @master: index of its VRF, bridge or bond, 0 for none
 *
 * Return: 0 or a negative errno.
 */
int links_master(uint32_t ifindex, uint32_t *master)
{
	char buf[256];

	*master = 0;
	if (!applied)
		return -ENOTCONN;
	return nl_request(&asking_one, get_link(buf, (int)ifindex), on_master,
			  master);
}

/* The module is new: it knows of no role. */
void links_apply(void)
{
	if (!applied)
		return;
	memset(applied, 0, config.n_ports * sizeof(*applied));
	dump(&retry_timer);
}

static void watch_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	int i, err = 0;

	(void)loop;
	(void)w;
	(void)revents;
	for (i = 0; i < 64 && !err; i++)
		err = nl_read(&watch, on_link, NULL);
	/* A deletion may be among what was lost: apply all of them again. */
	if (err == -ENOBUFS)
		links_apply();
}

/**
 * links_start() - watch interfaces come and go
 *
 * Return: 0 or a negative errno.
 */
int links_start(void)
{
	int err;

	timer_init(&retry_timer, dump, NULL);
	applied = calloc(config.n_ports + 1, sizeof(*applied));
	if (!applied)
		return -ENOMEM;
	err = nl_open(&asking, NETLINK_ROUTE);
	if (!err)
		err = nl_open(&asking_one, NETLINK_ROUTE);
	if (!err)
		err = nl_open(&watch, NETLINK_ROUTE);
	if (!err)
		err = nl_join(&watch, RTNLGRP_LINK);
	if (err) {
		links_stop();
		return err;
	}
	ev_io_init(&watch_io, watch_readable, nl_fd(&watch), EV_READ);
	ev_io_start(EV_DEFAULT, &watch_io);
	return 0;
}

void links_stop(void)
{
	if (!applied)
		return;
	ev_io_stop(EV_DEFAULT, &watch_io);
	timer_stop(&retry_timer);
	nl_close(&watch);
	nl_close(&asking);
	nl_close(&asking_one);
	free(applied);
	applied = NULL;
}

/**
 * links_reload() - other ports are configured now
 *
 * One that no longer is keeps the settings that it has.
 *
 * Return: 0, or a negative errno: then no port is given anything.
 */
int links_reload(void)
{
	int err;

	links_stop();
	err = links_start();
	if (!err)
		links_apply();
	return err;
}
