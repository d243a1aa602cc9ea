// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel module as the daemon sees it: it may come and go; while it is
 * there this daemon is its helper, hears of misses and replies, and puts
 * what it learned.
 *
 * Four sockets. The helper's is the registration: misses and replies arrive
 * there, and queries are announced from it. Requests and dumps have one each,
 * so that a dump can be read while its rows cause requests. Events are
 * multicast, all but the few kinds wanted are filtered out in the kernel.
 */
#include "module.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <ev.h>
#include <linux/filter.h>
#include <utlist.h>

#include "clock.h"
#include "exit.h"
#include "log.h"
#include "netlink.h"
#include "settings_nl.h"

#define HELPER_RCVBUF		(4 << 20)
#define DEFERRED_MAX		(8u << 20)
#define REATTACH_SECONDS	1.0
#define RESYNC_SECONDS		0.1
/* That relay agents still do what they did nobody tells. */
#define REFRESH_SECONDS		3600.0
#define OPEN_TRIES		4

/* A notification that waits until nothing else is being asked. */
struct deferred {
	struct deferred *prev;
	struct deferred *next;
	size_t size;
	/* nlmsghdr's alignment */
	uint32_t data[];
};

static const struct module_ops *module_ops;
static struct nl_family family;
static bool attached;
static bool told_absent;

static struct nl_sock ctrl;
static struct nl_sock helper;
static struct nl_sock requests;
static struct nl_sock dumps;
static struct nl_sock events;

static ev_io ctrl_io;
static ev_io helper_io;
static ev_io events_io;
static struct timer attach_timer;
static struct timer resync_timer;
static struct timer refresh_timer;

static struct deferred *deferred;
static size_t deferred_bytes;
static char why[320];

static const struct nl_attr_rule pending_rules[LEASEGLEAN_A_PENDING_MAX + 1] = {
	[LEASEGLEAN_A_PENDING_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PENDING_VRF] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PENDING_PORT] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PENDING_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_PENDING_COOKIE] = { MNL_TYPE_U64, 8 },
	[LEASEGLEAN_A_PENDING_PACKETS] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PENDING_PAYER] = { MNL_TYPE_U32, 4 },
};

static const struct nl_attr_rule query_rules[LEASEGLEAN_A_QUERY_MAX + 1] = {
	[LEASEGLEAN_A_QUERY_XID] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_QUERY_SERVER] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_QUERY_GIADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_QUERY_MESSAGE] = { MNL_TYPE_BINARY, 0 },
};

static const struct nl_attr_rule relay_rules[LEASEGLEAN_A_RELAY_MAX + 1] = {
	[LEASEGLEAN_A_RELAY_PORT] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_RELAY_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_RELAY_GIADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_RELAY_SERVER] = { MNL_TYPE_U32, 4 },
};

static const struct nl_attr_rule port_rules[LEASEGLEAN_A_PORT_MAX + 1] = {
	[LEASEGLEAN_A_PORT_IFINDEX] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_PORT_ROLE] = { MNL_TYPE_U32, 4 },
};

static const struct nl_attr_rule lease_rules[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_STATE] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_COOKIE] = { MNL_TYPE_U64, 8 },
};

static uint32_t attr_u32(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u32(attr) : 0;
}

static void attr_name(char *name, const struct nlattr *attr, uint32_t ifindex)
{
	memset(name, 0, IFNAMSIZ);
	if (attr)
		memcpy(name, mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
	else if (ifindex && !if_indextoname(ifindex, name))
		name[0] = '\0';
}

/* The number of its netlink family, 0 while it is not there. */
uint16_t module_family(void)
{
	return attached ? family.id : 0;
}

/* What the kernel said of the last request that failed with @err. */
const char *module_why(int err)
{
	const char *text = requests.extack;

	if (*text)
		snprintf(why, sizeof(why), "%s (%s)", strerror(-err), text);
	else
		snprintf(why, sizeof(why), "%s", strerror(-err));
	return why;
}

/* ---- notifications ---- */

static void on_pending(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[LEASEGLEAN_A_PENDING_MAX + 1];
	struct miss miss = { 0 };

	if (nl_genl_attrs(tb, pending_rules, LEASEGLEAN_A_PENDING_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_PENDING_ADDR] || !tb[LEASEGLEAN_A_PENDING_COOKIE]) {
		log_debug("a miss that cannot be read");
		return;
	}
	miss.addr = mnl_attr_get_u32(tb[LEASEGLEAN_A_PENDING_ADDR]);
	miss.vrf = attr_u32(tb[LEASEGLEAN_A_PENDING_VRF]);
	miss.ifindex = attr_u32(tb[LEASEGLEAN_A_PENDING_PORT]);
	attr_name(miss.port, tb[LEASEGLEAN_A_PENDING_PORT_NAME], miss.ifindex);
	miss.payer = tb[LEASEGLEAN_A_PENDING_PAYER] ?
		     mnl_attr_get_u32(tb[LEASEGLEAN_A_PENDING_PAYER]) :
		     miss.ifindex;
	miss.cookie = mnl_attr_get_u64(tb[LEASEGLEAN_A_PENDING_COOKIE]);
	/* No packet missed the lease: it is there. */
	miss.doubt = tb[LEASEGLEAN_A_PENDING_PACKETS] &&
		     !mnl_attr_get_u32(tb[LEASEGLEAN_A_PENDING_PACKETS]);
	module_ops->miss(&miss);
}

static void on_reply(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[LEASEGLEAN_A_QUERY_MAX + 1];
	struct reply reply = { 0 };

	if (nl_genl_attrs(tb, query_rules, LEASEGLEAN_A_QUERY_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_QUERY_XID] || !tb[LEASEGLEAN_A_QUERY_SERVER] ||
	    !tb[LEASEGLEAN_A_QUERY_GIADDR] ||
	    !tb[LEASEGLEAN_A_QUERY_MESSAGE]) {
		log_debug("a reply that cannot be read");
		return;
	}
	reply.xid = mnl_attr_get_u32(tb[LEASEGLEAN_A_QUERY_XID]);
	reply.server = mnl_attr_get_u32(tb[LEASEGLEAN_A_QUERY_SERVER]);
	reply.giaddr = mnl_attr_get_u32(tb[LEASEGLEAN_A_QUERY_GIADDR]);
	reply.message = mnl_attr_get_payload(tb[LEASEGLEAN_A_QUERY_MESSAGE]);
	reply.len = mnl_attr_get_payload_len(tb[LEASEGLEAN_A_QUERY_MESSAGE]);
	module_ops->reply(&reply);
}

static int on_relay(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_RELAY_MAX + 1];
	char port[IFNAMSIZ];

	(void)data;
	if (nl_genl_attrs(tb, relay_rules, LEASEGLEAN_A_RELAY_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_RELAY_GIADDR] || !tb[LEASEGLEAN_A_RELAY_SERVER]) {
		log_debug("a relay that cannot be read");
		return 0;
	}
	attr_name(port, tb[LEASEGLEAN_A_RELAY_PORT_NAME],
		  attr_u32(tb[LEASEGLEAN_A_RELAY_PORT]));
	if (*port)
		module_ops->relay(port,
			mnl_attr_get_u32(tb[LEASEGLEAN_A_RELAY_GIADDR]),
			mnl_attr_get_u32(tb[LEASEGLEAN_A_RELAY_SERVER]));
	return 0;
}

static int cmd_of(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != family.id ||
	    mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return -1;
	return genl->cmd;
}

/* Kept for later: handling it now could need the socket it came from. */
static int defer(const struct nlmsghdr *nlh, void *data)
{
	struct deferred *item;

	(void)data;
	if (cmd_of(nlh) != LEASEGLEAN_CMD_MISS_NTF &&
	    cmd_of(nlh) != LEASEGLEAN_CMD_REPLY_NTF)
		return 0;
	item = NULL;
	if (deferred_bytes + nlh->nlmsg_len <= DEFERRED_MAX)
		item = malloc(sizeof(*item) + nlh->nlmsg_len);
	if (!item) {
		module_resync();
		return 0;
	}
	item->size = nlh->nlmsg_len;
	memcpy(item->data, nlh, item->size);
	deferred_bytes += item->size;
	DL_APPEND(deferred, item);
	/* Nothing may be left to read that would wake the loop. */
	ev_feed_event(EV_DEFAULT, &helper_io, EV_READ);
	return 0;
}

static void defer_stray(const struct nlmsghdr *nlh, void *data)
{
	defer(nlh, data);
}

static void deferred_drop(void)
{
	while (deferred) {
		struct deferred *item = deferred;

		DL_DELETE(deferred, item);
		free(item);
	}
	deferred_bytes = 0;
}

static void deferred_run(void)
{
	while (deferred) {
		struct deferred *item = deferred;
		const struct nlmsghdr *nlh = (const void *)item->data;

		DL_DELETE(deferred, item);
		deferred_bytes -= item->size;
		if (cmd_of(nlh) == LEASEGLEAN_CMD_MISS_NTF)
			on_pending(nlh);
		else
			on_reply(nlh);
		free(item);
	}
}

static void helper_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	int i, err = 0;

	(void)loop;
	(void)w;
	(void)revents;
	/* Not for ever: timers and signals want their turn. */
	for (i = 0; i < 64 && !err; i++) {
		err = nl_read(&helper, defer, NULL);
		if (err == -ENOBUFS) {
			counters.overruns++;
			module_resync();
			err = 0;
		}
	}
	deferred_run();
}

static int on_event(const struct nlmsghdr *nlh, void *data)
{
	if (cmd_of(nlh) == LEASEGLEAN_CMD_RELAY_NTF) {
		on_relay(nlh, data);
		module_ops->relays_done();
	}
	return 0;
}

static void events_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	int i, err = 0;

	(void)loop;
	(void)w;
	(void)revents;
	for (i = 0; i < 64 && !err; i++)
		err = nl_read(&events, on_event, NULL);
	if (err == -ENOBUFS)
		module_resync();
}

/* ---- dumps ---- */

static int dump(uint8_t cmd, nl_handler handler)
{
	char buf[512];
	int tries, err = -EINTR;

	for (tries = 0; tries < 8 && err == -EINTR; tries++) {
		struct nlmsghdr *nlh = nl_genl(buf, family.id, cmd, NLM_F_DUMP);

		err = nl_request(&dumps, nlh, handler, NULL);
	}
	return err;
}

static int read_relays(void)
{
	int err = dump(LEASEGLEAN_CMD_RELAY_GET, on_relay);

	if (!err)
		module_ops->relays_done();
	return err;
}

static void refresh(struct timer *timer)
{
	read_relays();
	timer_start(timer, REFRESH_SECONDS);
}

static int on_pending_row(const struct nlmsghdr *nlh, void *data)
{
	(void)data;
	on_pending(nlh);
	return 0;
}

static void resync(struct timer *timer)
{
	int err;

	(void)timer;
	if (!attached)
		return;
	err = read_relays();
	if (!err)
		err = dump(LEASEGLEAN_CMD_PENDING_GET, on_pending_row);
	/* Gone: the notification of it is on its way. */
	if (err && err != -ENOENT)
		timer_start(&resync_timer, REATTACH_SECONDS);
}

/* Notifications were lost, or could not be kept: dump what they told of. */
void module_resync(void)
{
	if (attached && !timer_running(&resync_timer))
		timer_start(&resync_timer, RESYNC_SECONDS);
}

/* ---- coming and going ---- */

/* The command is the first byte of the generic netlink header. */
static int filter_events(struct nl_sock *nl)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LEASEGLEAN_CMD_RELAY_NTF,
			 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code,
	};

	if (setsockopt(nl_fd(nl), SOL_SOCKET, SO_ATTACH_FILTER, &prog,
		       sizeof(prog)) < 0)
		return -errno;
	return 0;
}

static void sockets_close(void)
{
	struct ev_loop *loop = EV_DEFAULT;

	ev_io_stop(loop, &helper_io);
	ev_io_stop(loop, &events_io);
	nl_close(&helper);
	nl_close(&requests);
	nl_close(&dumps);
	nl_close(&events);
	deferred_drop();
}

static int sockets_open(void)
{
	int size = HELPER_RCVBUF, err;

	err = nl_open(&helper, NETLINK_GENERIC);
	if (!err)
		err = nl_open(&requests, NETLINK_GENERIC);
	if (!err)
		err = nl_open(&dumps, NETLINK_GENERIC);
	if (!err)
		err = nl_open(&events, NETLINK_GENERIC);
	if (err)
		return err;
	/* Beyond rmem_max where allowed; smaller works too. */
	if (setsockopt(nl_fd(&helper), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		setsockopt(nl_fd(&helper), SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
	helper.stray = defer_stray;
	return 0;
}

static int sockets_start(void)
{
	struct ev_loop *loop = EV_DEFAULT;
	int err;

	if (family.events) {
		err = filter_events(&events);
		if (!err)
			err = nl_join(&events, family.events);
		if (err)
			return err;
	}
	ev_io_set(&helper_io, nl_fd(&helper), EV_READ);
	ev_io_set(&events_io, nl_fd(&events), EV_READ);
	ev_io_start(loop, &helper_io);
	ev_io_start(loop, &events_io);
	return 0;
}

static int register_helper(void)
{
	char buf[128];
	struct nlmsghdr *nlh = nl_genl(buf, family.id,
				       LEASEGLEAN_CMD_HELPER_SET, 0);

	return nl_request(&helper, nlh, NULL, NULL);
}

static void absent(void)
{
	if (!told_absent)
		log_warn("the kernel module leaseglean is not loaded: waiting for it");
	told_absent = true;
}

/* Whatever fails here for good ends the daemon with a status that says why. */
static void attach_failed(int err)
{
	const char *text = *helper.extack ? helper.extack : strerror(-err);

	switch (err) {
	case -EBUSY:
		log_err("another helper serves the module: %s", text);
		daemon_exit(EXIT_OTHER_HELPER);
		break;
	case -EPERM:
	case -EACCES:
		log_err("the module refuses this helper: %s", text);
		daemon_exit(EXIT_PRIVILEGES);
		break;
	case -ENOENT:
		absent();
		break;
	default:
		log_warn("cannot attach to the module: %s", text);
		timer_start(&attach_timer, REATTACH_SECONDS);
	}
	sockets_close();
}

static void attach(void)
{
	int err;

	if (attached)
		return;
	timer_stop(&attach_timer);
	err = nl_resolve(&ctrl, LEASEGLEAN_FAMILY_NAME, &family);
	if (err == -ENOENT) {
		absent();
		return;
	}
	if (!err)
		err = sockets_open();
	if (!err)
		err = register_helper();
	if (!err)
		err = sockets_start();
	if (err) {
		attach_failed(err);
		return;
	}
	attached = true;
	log_info("ready: helping the kernel module");
	told_absent = false;
	module_ops->attached();
	resync(&resync_timer);
	timer_start(&refresh_timer, REFRESH_SECONDS);
}

static void detach(void)
{
	if (!attached)
		return;
	attached = false;
	timer_stop(&resync_timer);
	timer_stop(&refresh_timer);
	sockets_close();
	module_ops->detached();
	absent();
}

static void attach_again(struct timer *timer)
{
	(void)timer;
	attach();
}

static const struct nl_attr_rule notify_rules[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_NAME] = { MNL_TYPE_NUL_STRING, 0 },
};

/* Only notes what is to be done: acting needs this socket. */
static int on_ctrl(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];
	bool *here = data;

	if (nl_genl_attrs(tb, notify_rules, CTRL_ATTR_MAX, nlh) ||
	    !tb[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(mnl_attr_get_str(tb[CTRL_ATTR_FAMILY_NAME]),
		   LEASEGLEAN_FAMILY_NAME))
		return 0;
	if (genl->cmd == CTRL_CMD_DELFAMILY)
		detach();
	else if (genl->cmd == CTRL_CMD_NEWFAMILY)
		*here = true;
	return 0;
}

static void ctrl_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct nl_family now;
	bool here = false;
	int err;

	(void)loop;
	(void)w;
	(void)revents;
	do {
		err = nl_read(&ctrl, on_ctrl, &here);
		if (err == -ENOBUFS) {
			/* Whether it went, came, or both, the number tells. */
			if (nl_resolve(&ctrl, LEASEGLEAN_FAMILY_NAME, &now) ||
			    now.id != family.id)
				detach();
			here = true;
		}
	} while (!err || err == -ENOBUFS);
	if (here)
		attach();
}

static void ctrl_stray(const struct nlmsghdr *nlh, void *data)
{
	bool here = false;

	(void)data;
	on_ctrl(nlh, &here);
	if (here)
		timer_start(&attach_timer, 0.);
}

/**
 * module_start() - attach to the module, now or whenever it comes
 * @ops: kept
 *
 * Return: 0, or a negative errno when not even the kernel's own generic
 * netlink works. What the module itself refuses ends the daemon.
 */
int module_start(const struct module_ops *ops)
{
	int err;

	module_ops = ops;
	timer_init(&attach_timer, attach_again, NULL);
	timer_init(&resync_timer, resync, NULL);
	timer_init(&refresh_timer, refresh, NULL);
	ev_init(&helper_io, helper_readable);
	ev_init(&events_io, events_readable);

	err = nl_open(&ctrl, NETLINK_GENERIC);
	/* The controller's one group has the number of its family. */
	if (!err)
		err = nl_join(&ctrl, GENL_ID_CTRL);
	if (err)
		return err;
	ctrl.stray = ctrl_stray;
	ev_io_init(&ctrl_io, ctrl_readable, nl_fd(&ctrl), EV_READ);
	ev_io_start(EV_DEFAULT, &ctrl_io);
	attach();
	return 0;
}

void module_stop(void)
{
	timer_stop(&attach_timer);
	timer_stop(&resync_timer);
	timer_stop(&refresh_timer);
	sockets_close();
	attached = false;
	ev_io_stop(EV_DEFAULT, &ctrl_io);
	nl_close(&ctrl);
}

/* Whether it is there, and this daemon its helper. */
bool module_attached(void)
{
	return attached;
}

/* ---- requests ---- */

static int request(struct nlmsghdr *nlh, nl_handler handler, void *data)
{
	return nl_request(&requests, nlh, handler, data);
}

/**
 * module_query_open() - announce a query, so that its reply comes here
 * @xid: its transaction id, host order
 * @server: where it goes
 * @giaddr: where it comes from
 * @timeout: seconds that a reply is awaited
 *
 * Return: 0 or a negative errno: then the query must not be sent, as its
 * reply would reach the relay agent.
 */
int module_query_open(uint32_t xid, __be32 server, __be32 giaddr,
		      unsigned int timeout)
{
	int tries, err = -ENOBUFS;
	char buf[256];

	if (!attached)
		return -ENOTCONN;
	/* An overrun may have cost the answer; opening again is harmless. */
	for (tries = 0; tries < OPEN_TRIES && err == -ENOBUFS; tries++) {
		struct nlmsghdr *nlh = nl_genl(buf, family.id,
					       LEASEGLEAN_CMD_QUERY_OPEN, 0);

		mnl_attr_put_u32(nlh, LEASEGLEAN_A_QUERY_XID, xid);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_QUERY_SERVER, server);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_QUERY_GIADDR, giaddr);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_QUERY_TIMEOUT, timeout);
		err = nl_request(&helper, nlh, NULL, NULL);
		if (err == -ENOBUFS) {
			counters.overruns++;
			module_resync();
		}
	}
	return err;
}

static void put_lease_attrs(struct nlmsghdr *nlh,
			    enum leaseglean_origin origin,
			    const struct lease *lease)
{
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_STATE, lease->state);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ORIGIN, origin);
	if (lease->hlen) {
		mnl_attr_put_u8(nlh, LEASEGLEAN_A_LEASE_HTYPE, lease->htype);
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_HWADDR, lease->hlen,
			     lease->hwaddr);
	}
	if (lease->ifindex)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_PORT, lease->ifindex);
	if (lease->giaddr)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_GIADDR, lease->giaddr);
	if (lease->server)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_SERVER, lease->server);
	if (lease->expires != UINT32_MAX)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_EXPIRES,
				 lease->expires);
	if (lease->has_last_transaction &&
	    lease->state == LEASEGLEAN_STATE_ACTIVE)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_LAST_TRANSACTION,
				 lease->last_transaction);
	if (lease->agent_info_len)
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_AGENT_INFO,
			     lease->agent_info_len, lease->agent_info);
	if (lease->client_id_len)
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_CLIENT_ID,
			     lease->client_id_len, lease->client_id);
}

/**
 * module_lease_put() - answer a miss
 * @miss: which
 * @lease: with what
 *
 * Return: 0, -ESTALE when the module learned better since, or another
 * negative errno that module_why() explains.
 */
int module_lease_put(const struct miss *miss, const struct lease *lease)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	char buf[1024];

	if (!attached)
		return -ENOTCONN;
	nlh = nl_genl(buf, family.id, LEASEGLEAN_CMD_LEASE_PUT, 0);
	nest = mnl_attr_nest_start(nlh, LEASEGLEAN_A_LEASES_LEASE);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, miss->addr);
	/* Said even where it is 0: a port of another VRF must not be taken. */
	if (miss->vrf || lease->ifindex)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_VRF, miss->vrf);
	mnl_attr_put_u64(nlh, LEASEGLEAN_A_LEASE_COOKIE, miss->cookie);
	put_lease_attrs(nlh, LEASEGLEAN_ORIGIN_LEASEQUERY, lease);
	mnl_attr_nest_end(nlh, nest);
	return request(nlh, NULL, NULL);
}

/* ---- many leases ---- */

/* Which of a batch the kernel stopped at; its last where it did not say. */
static unsigned int batch_refused(const struct module_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->n; i++)
		if (batch->offset[i] == requests.extack_offset)
			return i;
	return batch->n - 1;
}

/* Those up to the one that was refused are done with; it is put behind. */
static void batch_behind(struct module_batch *batch, unsigned int refused)
{
	uint32_t first = batch->offset[0], by = batch->len - first;
	unsigned int i;

	batch->n -= refused + 1;
	if (batch->n)
		by = batch->offset[refused + 1] - first;
	memmove((char *)batch->buf + first, (char *)batch->buf + first + by,
		batch->len - first - by);
	batch->len -= by;
	for (i = 0; i < batch->n; i++)
		batch->offset[i] = batch->offset[refused + 1 + i] - by;
}

static void batch_tell(const struct module_batch *batch, unsigned int n,
		       int err)
{
	while (n--)
		batch->result(err);
}

/**
 * module_batch_flush() - put what waits
 * @batch: which
 *
 * The module stops at the first lease that it refuses: what is behind that one
 * is put again.
 */
void module_batch_flush(struct module_batch *batch)
{
	struct nlmsghdr *nlh = (void *)batch->buf;

	while (batch->n) {
		unsigned int refused;
		int err;

		nlh->nlmsg_len = batch->len;
		err = attached ? request(nlh, NULL, NULL) : -ENOTCONN;
		if (!err || !requests.extack_offset) {
			batch_tell(batch, batch->n, err);
			batch->n = 0;
			return;
		}
		refused = batch_refused(batch);
		batch_tell(batch, refused, 0);
		batch_tell(batch, 1, err);
		batch_behind(batch, refused);
	}
}

/**
 * module_batch_add() - put a lease, together with others
 * @batch: has its origin and result set, the rest 0 before the first
 * @addr: the address
 * @vrf: interface index of its VRF, 0 for the default; NULL for the port's
 * @lease: the lease
 *
 * It takes the place of nothing that is known already, but of what was
 * restored, or told by bulk, where a server says better.
 */
void module_batch_add(struct module_batch *batch, __be32 addr,
		      const uint32_t *vrf, const struct lease *lease)
{
	struct nlmsghdr *nlh = (void *)batch->buf;
	struct nlattr *nest;

	if (batch->n == MODULE_BATCH_MAX ||
	    batch->len + 1024 > sizeof(batch->buf))
		module_batch_flush(batch);
	if (!batch->n)
		nl_genl(batch->buf, family.id, LEASEGLEAN_CMD_LEASE_PUT, 0);
	batch->offset[batch->n++] = nlh->nlmsg_len;
	nest = mnl_attr_nest_start(nlh, LEASEGLEAN_A_LEASES_LEASE);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, addr);
	if (vrf)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_VRF, *vrf);
	put_lease_attrs(nlh, batch->origin, lease);
	mnl_attr_nest_end(nlh, nest);
	batch->len = nlh->nlmsg_len;
}

static const struct nl_attr_rule row_rules[LEASEGLEAN_A_LEASE_MAX + 1] = {
	[LEASEGLEAN_A_LEASE_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_VRF] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_ORIGIN] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_HTYPE] = { MNL_TYPE_U8, 1 },
	[LEASEGLEAN_A_LEASE_HWADDR] = { MNL_TYPE_BINARY, LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_LEASE_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_LEASE_GIADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_SERVER] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_EXPIRES] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_LEASE_AGENT_INFO] = { MNL_TYPE_BINARY, LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_CLIENT_ID] = { MNL_TYPE_BINARY, LEASEGLEAN_OPAQUE_MAX },
	[LEASEGLEAN_A_LEASE_LAST_TRANSACTION] = { MNL_TYPE_U32, 4 },
};

static uint16_t attr_bytes(uint8_t *bytes, const struct nlattr *attr)
{
	if (!attr)
		return 0;
	memcpy(bytes, mnl_attr_get_payload(attr),
	       mnl_attr_get_payload_len(attr));
	return mnl_attr_get_payload_len(attr);
}

static void row_read(struct module_lease *row, const struct nlattr **tb)
{
	struct lease *lease = &row->lease;

	row->vrf = attr_u32(tb[LEASEGLEAN_A_LEASE_VRF]);
	row->origin = attr_u32(tb[LEASEGLEAN_A_LEASE_ORIGIN]);
	attr_name(row->port, tb[LEASEGLEAN_A_LEASE_PORT_NAME], 0);
	lease->state = LEASEGLEAN_STATE_ACTIVE;
	lease->htype = tb[LEASEGLEAN_A_LEASE_HTYPE] ?
		       mnl_attr_get_u8(tb[LEASEGLEAN_A_LEASE_HTYPE]) : 1;
	lease->hlen = (uint8_t)attr_bytes(lease->hwaddr,
					  tb[LEASEGLEAN_A_LEASE_HWADDR]);
	lease->giaddr = attr_u32(tb[LEASEGLEAN_A_LEASE_GIADDR]);
	lease->server = attr_u32(tb[LEASEGLEAN_A_LEASE_SERVER]);
	lease->expires = tb[LEASEGLEAN_A_LEASE_EXPIRES] ?
			 attr_u32(tb[LEASEGLEAN_A_LEASE_EXPIRES]) :
			 UINT32_MAX;
	lease->has_last_transaction = tb[LEASEGLEAN_A_LEASE_LAST_TRANSACTION];
	lease->last_transaction =
		attr_u32(tb[LEASEGLEAN_A_LEASE_LAST_TRANSACTION]);
	lease->agent_info_len = attr_bytes(lease->agent_info,
					   tb[LEASEGLEAN_A_LEASE_AGENT_INFO]);
	lease->client_id_len = attr_bytes(lease->client_id,
					  tb[LEASEGLEAN_A_LEASE_CLIENT_ID]);
}

struct rows {
	int (*each)(const struct module_lease *lease, void *data);
	void *data;
};

static int on_row(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1];
	struct module_lease row = { 0 };
	const struct rows *rows = data;

	if (nl_genl_attrs(tb, row_rules, LEASEGLEAN_A_LEASE_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_LEASE_ADDR])
		return -EBADMSG;
	row.addr = mnl_attr_get_u32(tb[LEASEGLEAN_A_LEASE_ADDR]);
	row_read(&row, tb);
	return rows->each(&row, rows->data);
}

/**
 * module_leases() - all active leases, from a socket of its own
 * @each: called for each; what it returns other than 0 is the result
 * @data: for @each
 *
 * Takes long where there are many: for processes that nobody waits for.
 *
 * Return: 0 or a negative errno, -ENOENT where the module is not there.
 */
int module_leases(int (*each)(const struct module_lease *lease, void *data),
		  void *data)
{
	struct rows rows = { .each = each, .data = data };
	struct nl_family now;
	struct nl_sock own;
	struct nlmsghdr *nlh;
	char buf[512];
	int err;

	err = nl_open(&own, NETLINK_GENERIC);
	if (err)
		return err;
	err = nl_resolve(&own, LEASEGLEAN_FAMILY_NAME, &now);
	if (!err) {
		nlh = nl_genl(buf, now.id, LEASEGLEAN_CMD_LEASE_GET,
			      NLM_F_DUMP);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_STATE,
				 LEASEGLEAN_STATE_ACTIVE);
		err = nl_request(&own, nlh, on_row, &rows);
	}
	nl_close(&own);
	return err;
}

struct held {
	uint32_t state;
	uint64_t cookie;
};

static int on_held(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1];
	struct held *held = data;

	if (nl_genl_attrs(tb, lease_rules, LEASEGLEAN_A_LEASE_MAX, nlh))
		return -EBADMSG;
	held->state = attr_u32(tb[LEASEGLEAN_A_LEASE_STATE]);
	if (tb[LEASEGLEAN_A_LEASE_COOKIE])
		held->cookie = mnl_attr_get_u64(tb[LEASEGLEAN_A_LEASE_COOKIE]);
	return 0;
}

/**
 * module_still_missing() - is an answer to a miss still wanted?
 * @miss: which; its cookie is brought up to date
 *
 * Return: 1 when it is, 0 when the address is known or forgotten, or a
 * negative errno when the module cannot be asked.
 */
int module_still_missing(struct miss *miss)
{
	struct held held = { 0 };
	struct nlmsghdr *nlh;
	char buf[256];
	int err;

	if (!attached)
		return -ENOTCONN;
	nlh = nl_genl(buf, family.id, LEASEGLEAN_CMD_LEASE_GET, 0);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, miss->addr);
	if (miss->vrf)
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_VRF, miss->vrf);
	err = request(nlh, on_held, &held);
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	if (miss->doubt)
		return held.state == LEASEGLEAN_STATE_ACTIVE &&
		       held.cookie == miss->cookie;
	if (held.state != LEASEGLEAN_STATE_PENDING)
		return 0;
	if (held.cookie)
		miss->cookie = held.cookie;
	return 1;
}

struct port_found {
	uint32_t ifindex;
	uint32_t role;
};

static int on_port(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_PORT_MAX + 1];
	struct port_found *found = data;

	if (nl_genl_attrs(tb, port_rules, LEASEGLEAN_A_PORT_MAX, nlh))
		return -EBADMSG;
	found->ifindex = attr_u32(tb[LEASEGLEAN_A_PORT_IFINDEX]);
	found->role = attr_u32(tb[LEASEGLEAN_A_PORT_ROLE]);
	return 0;
}

/* Index of the access port named @name; -ENOENT when it is none. */
int module_access_port(const char *name, uint32_t *ifindex)
{
	struct port_found found = { 0 };
	struct nlmsghdr *nlh;
	char buf[256];
	int err;

	if (!attached)
		return -ENOTCONN;
	nlh = nl_genl(buf, family.id, LEASEGLEAN_CMD_PORT_GET, 0);
	mnl_attr_put_strz(nlh, LEASEGLEAN_A_PORT_IFNAME, name);
	err = request(nlh, on_port, &found);
	if (err)
		return err;
	if (found.role != LEASEGLEAN_ROLE_ACCESS || !found.ifindex)
		return -ENOENT;
	*ifindex = found.ifindex;
	return 0;
}

/* The servers whose replies the module is to believe unasked. */
int module_servers_set(const __be32 *servers, size_t count)
{
	char buf[NL_ALIGN(256) + 1024 * 8];
	struct nlmsghdr *nlh;
	size_t i;

	if (!attached)
		return -ENOTCONN;
	nlh = nl_genl(buf, family.id, LEASEGLEAN_CMD_SERVER_SET, 0);
	for (i = 0; i < count; i++)
		if (!mnl_attr_put_u32_check(nlh, sizeof(buf),
					    LEASEGLEAN_A_SERVER_ADDR,
					    servers[i]))
			return -E2BIG;
	return request(nlh, NULL, NULL);
}

/**
 * module_port_set() - give a port its settings
 * @ifindex: which
 * @set: those that were said; the others stay
 *
 * Return: 0 or a negative errno.
 */
int module_port_set(uint32_t ifindex, const struct settings *set)
{
	struct nlmsghdr *nlh;
	char buf[SETTINGS_ROOM];

	if (!attached)
		return -ENOTCONN;
	nlh = nl_genl(buf, family.id, LEASEGLEAN_CMD_PORT_SET, 0);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_IFINDEX, ifindex);
	settings_put(nlh, set);
	return request(nlh, NULL, NULL);
}
