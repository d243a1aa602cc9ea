// SPDX-License-Identifier: GPL-2.0
/*
 * Many leases, or neighbours, by netlink.
 *
 *   leases put DEV [AGENT]  puts the "ADDRESS MAC SECONDS" of each line of
 *                           standard input, each with AGENT bytes of option 82
 *   leases dump             prints such lines, in the table's order
 *   leases neigh DEV        makes permanent neighbours of such lines
 *   leases access DEV       gives the access role
 *   leases noarp DEV        takes ARP off such a port
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>

#include "leaseglean.h"

#define MESSAGE_MAX	65536	/* an nlmsg may be longer; this does */
#define AGENT_MAX	255

struct line {
	struct in_addr addr;
	uint8_t mac[6];
	uint32_t seconds;
};

static struct mnl_socket *sock;
static unsigned int portid;
static uint16_t family;
static char out[MESSAGE_MAX];
static char in[4 * MESSAGE_MAX];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void open_socket(int bus)
{
	int size = 4 << 20;

	sock = mnl_socket_open(bus);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID))
		die("netlink socket");
	portid = mnl_socket_get_portid(sock);
	if (setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_SNDBUFFORCE,
		       &size, sizeof(size)))
		die("SO_SNDBUFFORCE");
}

/* Sends what is in out[], hands each answer to @cb, until ACK or end. */
static void transact(mnl_cb_t cb)
{
	const struct nlmsghdr *nlh = (void *)out;
	static unsigned int seq;
	ssize_t len;
	int ret;

	((struct nlmsghdr *)out)->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		die("send");
	do {
		len = mnl_socket_recvfrom(sock, in, sizeof(in));
		if (len < 0)
			die("receive");
		ret = mnl_cb_run(in, len, seq, portid, cb, NULL);
	} while (ret > 0);
	if (ret < 0)
		die("refused");
}

static struct nlmsghdr *request(uint16_t type, uint16_t flags, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void find_family(void)
{
	struct nlmsghdr *nlh;

	open_socket(NETLINK_GENERIC);
	nlh = request(GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, LEASEGLEAN_FAMILY_NAME);
	transact(family_cb);
}

static bool read_line(struct line *line)
{
	char text[128], addr[16];
	uint8_t *m = line->mac;

	if (!fgets(text, sizeof(text), stdin))
		return false;
	if (sscanf(text, "%15s %hhx:%hhx:%hhx:%hhx:%hhx:%hhx %u", addr, &m[0],
		   &m[1], &m[2], &m[3], &m[4], &m[5], &line->seconds) != 8 ||
	    inet_pton(AF_INET, addr, &line->addr) != 1) {
		fprintf(stderr, "not understood: %s", text);
		exit(1);
	}
	return true;
}

static void put_lease(struct nlmsghdr *nlh, const struct line *line,
		      unsigned int port, unsigned int agent_len)
{
	static const uint8_t agent[AGENT_MAX];
	struct nlattr *nest;

	nest = mnl_attr_nest_start(nlh, LEASEGLEAN_A_LEASES_LEASE);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, line->addr.s_addr);
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_HWADDR, sizeof(line->mac),
		     line->mac);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ORIGIN,
			 LEASEGLEAN_ORIGIN_RESTORED);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_PORT, port);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_GIADDR, htonl(0x0a000001));
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_SERVER, htonl(0xc0000201));
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_EXPIRES, line->seconds);
	if (agent_len)
		mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_AGENT_INFO, agent_len,
			     agent);
	mnl_attr_nest_end(nlh, nest);
}

static void put(unsigned int port, unsigned int agent_len)
{
	const size_t most = 96 + agent_len;
	struct nlmsghdr *nlh = NULL;
	struct line line;

	while (read_line(&line)) {
		if (!nlh)
			nlh = request(family, NLM_F_ACK,
				      LEASEGLEAN_CMD_LEASE_PUT);
		put_lease(nlh, &line, port, agent_len);
		if (nlh->nlmsg_len + most > sizeof(out)) {
			transact(NULL);
			nlh = NULL;
		}
	}
	if (nlh)
		transact(NULL);
}

static int dump_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;
	const uint8_t *mac = NULL;
	uint32_t seconds = 0;
	char addr[16] = "";

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case LEASEGLEAN_A_LEASE_ADDR:
			inet_ntop(AF_INET, mnl_attr_get_payload(attr), addr,
				  sizeof(addr));
			break;
		case LEASEGLEAN_A_LEASE_HWADDR:
			mac = mnl_attr_get_payload(attr);
			break;
		case LEASEGLEAN_A_LEASE_EXPIRES:
			seconds = mnl_attr_get_u32(attr);
			break;
		}
	}
	if (!mac)
		return MNL_CB_ERROR;
	printf("%s %02x:%02x:%02x:%02x:%02x:%02x %u\n", addr, mac[0], mac[1],
	       mac[2], mac[3], mac[4], mac[5], seconds);
	return MNL_CB_OK;
}

static void access_role(unsigned int port, uint32_t arp)
{
	struct nlmsghdr *nlh = request(family, NLM_F_ACK,
				       LEASEGLEAN_CMD_PORT_SET);

	mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_IFINDEX, port);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_ROLE, LEASEGLEAN_ROLE_ACCESS);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_PORT_ARP, arp);
	transact(NULL);
}

/* One message each, many to a datagram; the last one asks for the answer. */
static void neigh(unsigned int ifindex)
{
	struct nlmsghdr *nlh = (void *)out;
	struct ndmsg *ndm;
	struct line line;
	size_t used = 0;
	bool more;

	open_socket(NETLINK_ROUTE);
	for (more = read_line(&line); more;) {
		nlh = mnl_nlmsg_put_header(out + used);
		nlh->nlmsg_type = RTM_NEWNEIGH;
		nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
		ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
		ndm->ndm_family = AF_INET;
		ndm->ndm_ifindex = ifindex;
		ndm->ndm_state = NUD_PERMANENT;
		mnl_attr_put_u32(nlh, NDA_DST, line.addr.s_addr);
		mnl_attr_put(nlh, NDA_LLADDR, sizeof(line.mac), line.mac);
		used += nlh->nlmsg_len;
		more = read_line(&line);
		if (more && used + 128 < sizeof(out))
			continue;
		nlh->nlmsg_flags |= NLM_F_ACK;
		if (mnl_socket_sendto(sock, out, used) < 0 ||
		    mnl_socket_recvfrom(sock, in, sizeof(in)) < 0)
			die("neighbours");
		nlh = (void *)in;
		if (((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error) {
			fprintf(stderr, "neighbours refused\n");
			exit(1);
		}
		used = 0;
	}
}

static unsigned int index_of(const char *name)
{
	unsigned int ifindex = name ? if_nametoindex(name) : 0;

	if (!ifindex)
		die(name ? name : "which interface?");
	return ifindex;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "neigh")) {
		neigh(index_of(argv[2]));
		return 0;
	}
	find_family();
	if (!strcmp(what, "put")) {
		unsigned int agent_len = argc > 3 ? atoi(argv[3]) : 0;

		if (agent_len > AGENT_MAX)
			return 1;
		put(index_of(argv[2]), agent_len);
	} else if (!strcmp(what, "dump")) {
		request(family, NLM_F_DUMP, LEASEGLEAN_CMD_LEASE_GET);
		transact(dump_cb);
	} else if (!strcmp(what, "access")) {
		access_role(index_of(argv[2]), LEASEGLEAN_ARP_ON);
	} else if (!strcmp(what, "noarp")) {
		access_role(index_of(argv[2]), LEASEGLEAN_ARP_OFF);
	} else {
		fprintf(stderr, "usage: leases put|dump|neigh|access|noarp ...\n");
		return 2;
	}
	return fflush(stdout) ? 1 : 0;
}
