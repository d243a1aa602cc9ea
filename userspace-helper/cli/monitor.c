// SPDX-License-Identifier: GPL-2.0
/*
 * leaseglean monitor: what the module tells of, a line an event, until it is
 * interrupted or the module goes.
 */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lease.h"
#include "port_row.h"
#include "text.h"

#define EVENTS_RCVBUF	(4 << 20)
/* Datagrams before it is looked whether the module is still there. */
#define EVENTS_MAX	64

enum kind {
	KIND_LEASES,
	KIND_PORTS,
	KIND_RELAYS,
	KIND_SPOOFS,
	KIND_ALL,
	__KIND_LAST
};

static const char * const kinds[__KIND_LAST] = {
	[KIND_LEASES] = "leases",
	[KIND_PORTS] = "ports",
	[KIND_RELAYS] = "relays",
	[KIND_SPOOFS] = "spoofs",
	[KIND_ALL] = "all",
};

static const struct nl_attr_rule relay_rules[LEASEGLEAN_A_RELAY_MAX + 1] = {
	[LEASEGLEAN_A_RELAY_PORT] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_RELAY_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_RELAY_GIADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_RELAY_SERVER] = { MNL_TYPE_U32, 4 },
};

static const struct nl_attr_rule spoof_rules[LEASEGLEAN_A_SPOOF_MAX + 1] = {
	[LEASEGLEAN_A_SPOOF_ADDR] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_SPOOF_VRF] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_SPOOF_REASON] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_SPOOF_HWADDR] = { MNL_TYPE_BINARY, LEASEGLEAN_HWADDR_MAX },
	[LEASEGLEAN_A_SPOOF_PORT] = { MNL_TYPE_U32, 4 },
	[LEASEGLEAN_A_SPOOF_PORT_NAME] = { MNL_TYPE_NUL_STRING, IFNAMSIZ },
	[LEASEGLEAN_A_SPOOF_VLAN] = { MNL_TYPE_U16, 2 },
	[LEASEGLEAN_A_SPOOF_DROPPED] = { MNL_TYPE_FLAG, 0 },
};

static const char * const reasons[] = {
	[LEASEGLEAN_REASON_NO_LEASE] = "no-lease",
	[LEASEGLEAN_REASON_NEGATIVE] = "negative",
	[LEASEGLEAN_REASON_SOURCE] = "source",
	[LEASEGLEAN_REASON_MAC] = "mac",
	[LEASEGLEAN_REASON_PORT] = "port",
	[LEASEGLEAN_REASON_VLAN] = "vlan",
	[LEASEGLEAN_REASON_MOVE] = "move",
};

/**
 * struct watch - one run of the command
 * @cli: its socket hears the events
 * @ctrl: hears of families that go
 * @kinds: bits of enum kind that are wanted
 * @gone: the module is
 */
struct watch {
	struct cli *cli;
	struct nl_sock ctrl;
	uint32_t kinds;
	bool gone;
};

/* ---- one event ---- */

/* "[2026-11-24T10:34:03.123456] ", or nothing. @text: TEXT_MAX bytes */
static const char *stamp(const struct cli *cli, char *text)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	*text = '\0';
	if (!cli->timestamp)
		return text;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(text, TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, TEXT_MAX - len, ".%06ld", now.tv_nsec / 1000);
	return text;
}

/* Before the text of an event. */
static void begin_text(const struct cli *cli, const char *what)
{
	char text[TEXT_MAX];

	if (*stamp(cli, text))
		printf("[%s] ", text);
	fputs(what, stdout);
}

/* One object a line, with what it tells of in it. */
static void print_json(const struct cli *cli, const char *event,
		       struct json_object *obj)
{
	char text[TEXT_MAX];

	json_text(obj, "event", event);
	if (*stamp(cli, text))
		json_text(obj, "time", text);
	puts(json_line(obj));
	json_object_put(obj);
}

static int on_lease(const struct cli *cli, const struct nlmsghdr *nlh,
		    bool deleted)
{
	struct row row;

	if (row_read(&row, nlh))
		return -EBADMSG;
	if (cli->json) {
		print_json(cli, deleted ? "lease-deleted" : "lease",
			   row_json(&row));
		return 0;
	}
	begin_text(cli, deleted ? "Deleted " : "");
	row_text(&row);
	return 0;
}

static int on_port(const struct cli *cli, const struct nlmsghdr *nlh)
{
	struct port_row row;

	if (port_row_read(&row, nlh))
		return -EBADMSG;
	if (cli->json) {
		print_json(cli, "port", port_row_json(&row));
		return 0;
	}
	begin_text(cli, "port ");
	port_row_settings(&row);
	return 0;
}

static int on_relay(const struct cli *cli, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[LEASEGLEAN_A_RELAY_MAX + 1];
	char port[TEXT_MAX], giaddr[TEXT_MAX], server[TEXT_MAX];
	const char *name;

	if (nl_genl_attrs(tb, relay_rules, LEASEGLEAN_A_RELAY_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_RELAY_GIADDR] || !tb[LEASEGLEAN_A_RELAY_SERVER])
		return -EBADMSG;
	name = text_device(tb[LEASEGLEAN_A_RELAY_PORT_NAME],
			   tb[LEASEGLEAN_A_RELAY_PORT], port);
	text_addr(tb[LEASEGLEAN_A_RELAY_GIADDR], giaddr);
	text_addr(tb[LEASEGLEAN_A_RELAY_SERVER], server);
	if (cli->json) {
		struct json_object *obj = json_object_new_object();

		json_text(obj, "port", name);
		json_text(obj, "giaddr", giaddr);
		json_text(obj, "server", server);
		print_json(cli, "relay", obj);
		return 0;
	}
	begin_text(cli, "relay");
	text_word("port", name);
	text_word("giaddr", giaddr);
	text_word("server", server);
	putchar('\n');
	return 0;
}

static const char *reason_text(const struct nlattr *attr)
{
	uint32_t reason = attr ? mnl_attr_get_u32(attr) : 0;

	return reason && reason <= LEASEGLEAN_REASON_MAX ? reasons[reason] :
							   "?";
}

/* To be put by the caller. */
static struct json_object *spoof_json(const struct nlattr **tb,
				      const struct nlmsghdr *nlh)
{
	struct json_object *obj = json_object_new_object();
	uint16_t vlans[LEASEGLEAN_VLANS_MAX];
	char text[TEXT_MAX];

	json_text(obj, "address", text_addr(tb[LEASEGLEAN_A_SPOOF_ADDR], text));
	json_text(obj, "reason", reason_text(tb[LEASEGLEAN_A_SPOOF_REASON]));
	json_object_object_add(obj, "dropped",
			       json_object_new_boolean(!!tb[LEASEGLEAN_A_SPOOF_DROPPED]));
	json_text(obj, "hwaddr",
		  text_hwaddr(tb[LEASEGLEAN_A_SPOOF_HWADDR], text));
	json_text(obj, "port", text_device(tb[LEASEGLEAN_A_SPOOF_PORT_NAME],
					   tb[LEASEGLEAN_A_SPOOF_PORT], text));
	json_vlans(obj, vlans,
		   vlans_read(nlh, LEASEGLEAN_A_SPOOF_VLAN, vlans));
	if (text_vrf(tb[LEASEGLEAN_A_SPOOF_VRF], text))
		json_text(obj, "vrf", text);
	return obj;
}

static int on_spoof(const struct cli *cli, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[LEASEGLEAN_A_SPOOF_MAX + 1];
	uint16_t vlans[LEASEGLEAN_VLANS_MAX];
	char text[TEXT_MAX];

	if (nl_genl_attrs(tb, spoof_rules, LEASEGLEAN_A_SPOOF_MAX, nlh) ||
	    !tb[LEASEGLEAN_A_SPOOF_ADDR])
		return -EBADMSG;
	if (cli->json) {
		print_json(cli, "spoof", spoof_json(tb, nlh));
		return 0;
	}
	begin_text(cli, "spoof ");
	fputs(text_addr(tb[LEASEGLEAN_A_SPOOF_ADDR], text), stdout);
	text_word("port", text_device(tb[LEASEGLEAN_A_SPOOF_PORT_NAME],
				      tb[LEASEGLEAN_A_SPOOF_PORT], text));
	text_vlans(vlans, vlans_read(nlh, LEASEGLEAN_A_SPOOF_VLAN, vlans));
	text_word("lladdr", text_hwaddr(tb[LEASEGLEAN_A_SPOOF_HWADDR], text));
	text_word("reason", reason_text(tb[LEASEGLEAN_A_SPOOF_REASON]));
	text_word("vrf", text_vrf(tb[LEASEGLEAN_A_SPOOF_VRF], text));
	puts(tb[LEASEGLEAN_A_SPOOF_DROPPED] ? " dropped" : " passed");
	return 0;
}

static int on_event(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct watch *watch = data;
	int err = 0;

	if (nlh->nlmsg_type != watch->cli->family.id ||
	    mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return 0;
#define WANTED(kind) (watch->kinds & 1u << (kind))
	if (genl->cmd == LEASEGLEAN_CMD_LEASE_NTF && WANTED(KIND_LEASES))
		err = on_lease(watch->cli, nlh, false);
	if (genl->cmd == LEASEGLEAN_CMD_LEASE_DEL_NTF && WANTED(KIND_LEASES))
		err = on_lease(watch->cli, nlh, true);
	if (genl->cmd == LEASEGLEAN_CMD_PORT_NTF && WANTED(KIND_PORTS))
		err = on_port(watch->cli, nlh);
	if (genl->cmd == LEASEGLEAN_CMD_RELAY_NTF && WANTED(KIND_RELAYS))
		err = on_relay(watch->cli, nlh);
	if (genl->cmd == LEASEGLEAN_CMD_SPOOF_NTF && WANTED(KIND_SPOOFS))
		err = on_spoof(watch->cli, nlh);
#undef WANTED
	if (err)
		fputs("leaseglean: an event that cannot be read\n", stderr);
	if (ferror(stdout))
		cli_end_output();
	return 0;
}

/* ---- the module goes ---- */

static const struct nl_attr_rule ctrl_rules[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_NAME] = { MNL_TYPE_NUL_STRING, 0 },
};

static int on_ctrl(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct watch *watch = data;

	if (!nl_genl_attrs(tb, ctrl_rules, CTRL_ATTR_MAX, nlh) &&
	    genl->cmd == CTRL_CMD_DELFAMILY && tb[CTRL_ATTR_FAMILY_NAME] &&
	    !strcmp(mnl_attr_get_str(tb[CTRL_ATTR_FAMILY_NAME]),
		    LEASEGLEAN_FAMILY_NAME))
		watch->gone = true;
	return 0;
}

/* What was lost may have been the one thing that is listened for. */
static void ctrl_lost(struct watch *watch)
{
	struct nl_family now;
	int err = nl_resolve(&watch->ctrl, LEASEGLEAN_FAMILY_NAME, &now);

	if (err == -ENOENT || (!err && now.id != watch->cli->family.id))
		watch->gone = true;
}

/* ---- the run ---- */

static int read_kinds(struct cli *cli, uint32_t *wanted)
{
	int kind;

	*wanted = 0;
	for (; cli->argc; cli->argc--, cli->argv++) {
		kind = cli_one_of(cli->argv[0], kinds, __KIND_LAST);
		if (kind < 0)
			return cli_unknown(cli->argv[0], kind);
		*wanted |= kind == KIND_ALL ? UINT32_MAX : 1u << kind;
	}
	if (!*wanted)
		*wanted = UINT32_MAX;
	return CLI_OK;
}

static int open_sockets(struct watch *watch)
{
	struct cli *cli = watch->cli;
	int size = EVENTS_RCVBUF, err;

	err = nl_open(&watch->ctrl, NETLINK_GENERIC);
	/* The controller's one group has the number of its family. */
	if (!err)
		err = nl_join(&watch->ctrl, GENL_ID_CTRL);
	/* Once more: it may have gone before somebody listened for that. */
	if (!err)
		err = nl_resolve(&cli->nl, LEASEGLEAN_FAMILY_NAME,
				 &cli->family);
	if (err)
		return err;
	/* Beyond rmem_max where allowed; smaller works too. */
	if (setsockopt(nl_fd(&cli->nl), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		setsockopt(nl_fd(&cli->nl), SOL_SOCKET, SO_RCVBUF, &size,
			   sizeof(size));
	return nl_join(&cli->nl, cli->family.events);
}

static int read_events(struct watch *watch)
{
	int i, err = 0;

	for (i = 0; i < EVENTS_MAX && !err; i++) {
		err = nl_read(&watch->cli->nl, on_event, watch);
		if (err == -ENOBUFS) {
			fputs("leaseglean: events were lost\n", stderr);
			err = 0;
		}
	}
	return err;
}

static int read_ctrl(struct watch *watch)
{
	int err = 0;

	while (!err && !watch->gone) {
		err = nl_read(&watch->ctrl, on_ctrl, watch);
		if (err == -ENOBUFS) {
			ctrl_lost(watch);
			err = 0;
		}
	}
	return err;
}

static int follow(struct watch *watch)
{
	struct pollfd fds[] = {
		{ .fd = nl_fd(&watch->cli->nl), .events = POLLIN },
		{ .fd = nl_fd(&watch->ctrl), .events = POLLIN },
	};
	int err = -EAGAIN;

	while (err == -EAGAIN || !err) {
		if (watch->gone) {
			/* What it said last, to the end. */
			while (!read_events(watch))
				;
			return -ENODEV;
		}
		if (poll(fds, 2, -1) < 0)
			return -errno;
		err = 0;
		if (fds[1].revents)
			err = read_ctrl(watch);
		if ((!err || err == -EAGAIN) && fds[0].revents)
			err = read_events(watch);
	}
	return err;
}

/* Whole lines have been written, and half of one is better not. */
static void on_end(int number)
{
	(void)number;
	_exit(CLI_OK);
}

int monitor(struct cli *cli)
{
	struct watch watch = { .cli = cli };
	static char lines[1 << 16];
	int status, err;

	status = read_kinds(cli, &watch.kinds);
	if (!status)
		status = cli_connect(cli);
	if (status)
		return status;
	signal(SIGINT, on_end);
	signal(SIGTERM, on_end);
	setvbuf(stdout, lines, _IOLBF, sizeof(lines));
	err = open_sockets(&watch);
	if (!err)
		err = follow(&watch);
	if (err == -ENODEV || err == -ENOENT)
		fputs("leaseglean: the kernel module leaseglean is gone\n",
		      stderr);
	else
		cli_refused(cli, err);
	nl_close(&watch.ctrl);
	return CLI_REFUSED;
}
