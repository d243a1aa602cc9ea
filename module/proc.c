// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/user_namespace.h>

#include "compat/hex.h"
#include "dhcp.h"
#include "lease.h"
#include "port.h"
#include "proc.h"

#define LG_PROC_MODE	0440

static const char *const lg_state_names[] = {
	[LEASEGLEAN_STATE_ACTIVE] = "active",
	[LEASEGLEAN_STATE_UNASSIGNED] = "unassigned",
	[LEASEGLEAN_STATE_UNKNOWN] = "unknown",
	[LEASEGLEAN_STATE_PENDING] = "pending",
};

static const char *const lg_origin_names[] = {
	[0] = "-",
	[LEASEGLEAN_ORIGIN_GLEANED] = "gleaned",
	[LEASEGLEAN_ORIGIN_LEASEQUERY] = "leasequery",
	[LEASEGLEAN_ORIGIN_BULK] = "bulk",
	[LEASEGLEAN_ORIGIN_STATIC] = "static",
	[LEASEGLEAN_ORIGIN_RESTORED] = "restored",
};

static const char *const lg_role_names[] = {
	[LEASEGLEAN_ROLE_NONE] = "none",
	[LEASEGLEAN_ROLE_ACCESS] = "access",
	[LEASEGLEAN_ROLE_TRUSTED] = "trusted",
};

static const char *const lg_arp_names[] = {
	[LEASEGLEAN_ARP_ON] = "on",
	[LEASEGLEAN_ARP_OFF] = "off",
};

static const char *const lg_verify_names[] = {
	[LEASEGLEAN_VERIFY_OFF] = "off",
	[LEASEGLEAN_VERIFY_LOG] = "log",
	[LEASEGLEAN_VERIFY_PERMISSIVE] = "permissive",
	[LEASEGLEAN_VERIFY_STRICT] = "strict",
};

static const char *const lg_move_names[] = {
	[LEASEGLEAN_MOVE_DENY] = "deny",
	[LEASEGLEAN_MOVE_QUERY] = "query",
	[LEASEGLEAN_MOVE_ACCEPT] = "accept",
};

static struct lg_net *lg_seq_lgn(const struct seq_file *seq)
{
	return lg_pernet(seq_file_net((struct seq_file *)seq));
}

/* Circuits are personal data: a mode alone would let a group in. */
static bool lg_seq_may(const struct seq_file *seq)
{
	struct net *net = seq_file_net((struct seq_file *)seq);

	return file_ns_capable(seq->file, net->user_ns, CAP_NET_ADMIN);
}

/* Position 0 is the header; of an entry it is its key, plus 1. */
static loff_t lg_key_to_pos(struct lg_key key)
{
	return (loff_t)(((u64)key.vrf << 32) + ntohl(key.addr)) + 1;
}

static struct lg_key lg_pos_to_key(loff_t pos)
{
	u64 at = pos - 1;

	return (struct lg_key) {
		.addr = htonl(lower_32_bits(at)), .vrf = upper_32_bits(at),
	};
}

static void *lg_seq_find(struct seq_file *seq, loff_t *pos, u8 state)
{
	const struct lg_filter filter = { .state = state, .settled = !state };
	struct lg_key key = lg_pos_to_key(*pos);
	struct lg_lease *lease;
	unsigned int left;

	for (;;) {
		left = LG_WALK_STEP;
		lease = lg_lease_next(lg_seq_lgn(seq), &key, &filter, &left);
		if (!IS_ERR(lease))
			break;
		/* The row before this one has been shown. */
		lg_rcu_breathe();
	}
	if (lease)
		*pos = lg_key_to_pos(key);
	else
		++*pos;
	return lease;
}

static void *lg_seq_begin(struct seq_file *seq, loff_t *pos, u8 state)
	__acquires(rcu)
{
	rcu_read_lock();
	if (!lg_seq_may(seq))
		return ERR_PTR(-EPERM);
	return *pos ? lg_seq_find(seq, pos, state) : SEQ_START_TOKEN;
}

static void *lg_leases_start(struct seq_file *seq, loff_t *pos)
	__acquires(rcu)
{
	return lg_seq_begin(seq, pos, 0);
}

static void *lg_leases_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return lg_seq_find(seq, pos, 0);
}

static void *lg_pending_start(struct seq_file *seq, loff_t *pos)
	__acquires(rcu)
{
	return lg_seq_begin(seq, pos, LEASEGLEAN_STATE_PENDING);
}

static void *lg_pending_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return lg_seq_find(seq, pos, LEASEGLEAN_STATE_PENDING);
}

static void lg_seq_stop(struct seq_file *seq, void *v)
	__releases(rcu)
{
	rcu_read_unlock();
}

/* Position 0 is the header, any other the interface index of a port. */
static void *lg_ports_find(struct seq_file *seq, loff_t *pos)
{
	struct lg_net *lgn = lg_seq_lgn(seq);
	unsigned long ifindex = *pos;
	struct lg_port *port;

	port = xa_find(&lgn->ports, &ifindex, U32_MAX, XA_PRESENT);
	*pos = port ? ifindex : *pos + 1;
	return port;
}

static void *lg_ports_start(struct seq_file *seq, loff_t *pos)
	__acquires(rcu)
{
	rcu_read_lock();
	if (!lg_seq_may(seq))
		return ERR_PTR(-EPERM);
	return *pos ? lg_ports_find(seq, pos) : SEQ_START_TOKEN;
}

static void *lg_ports_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return lg_ports_find(seq, pos);
}

static void lg_show_hex(struct seq_file *seq, const u8 *bytes, int len)
{
	char hex[2 * LEASEGLEAN_OPAQUE_MAX];

	if (len <= 0) {
		seq_puts(seq, " -");
		return;
	}
	bin2hex(hex, bytes, len);
	seq_putc(seq, ' ');
	seq_write(seq, hex, 2 * len);
}

static void lg_show_hwaddr(struct seq_file *seq, const struct lg_lease *lease)
{
	unsigned int i;

	if (!lease->hlen || lease->state != LEASEGLEAN_STATE_ACTIVE) {
		seq_puts(seq, " -");
		return;
	}
	for (i = 0; i < lease->hlen; i++)
		seq_printf(seq, "%c%02x", i ? ':' : ' ', lease->hwaddr[i]);
}

static const char *lg_dev_name(struct seq_file *seq, u32 ifindex)
{
	struct net_device *dev;

	dev = ifindex ? dev_get_by_index_rcu(seq_file_net(seq), ifindex) : NULL;
	return dev ? dev->name : "-";
}

static void lg_show_dev(struct seq_file *seq, u32 ifindex)
{
	seq_printf(seq, " %s", lg_dev_name(seq, ifindex));
}

static void lg_show_vlans(struct seq_file *seq, const u16 *vlan)
{
	if (!vlan[0])
		seq_puts(seq, " -");
	else if (!vlan[1])
		seq_printf(seq, " %u", vlan[0]);
	else
		seq_printf(seq, " %u.%u", vlan[0], vlan[1]);
}

static void lg_show_addr(struct seq_file *seq, __be32 addr)
{
	if (addr)
		seq_printf(seq, " %pI4", &addr);
	else
		seq_puts(seq, " -");
}

static void lg_show_expires(struct seq_file *seq, const struct lg_lease *lease)
{
	u32 now = lg_now(), expires = READ_ONCE(lease->expires);

	if (expires == LG_NEVER)
		seq_puts(seq, " never");
	else
		seq_printf(seq, " %u", expires > now ? expires - now : 0);
}

static void lg_show_agent(struct seq_file *seq, const struct lg_lease *lease,
			  u8 code)
{
	const u8 *value;
	int len;

	len = lg_agent_suboption(lease->data, lease->agent_len, code, &value);
	lg_show_hex(seq, value, len);
}

static int lg_leases_show(struct seq_file *seq, void *v)
{
	const struct lg_lease *lease = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "address state origin hwaddr port vlans giaddr server expires circuit-id remote-id client-id vrf\n");
		return 0;
	}
	seq_printf(seq, "%pI4 %s %s", &lease->addr,
		   lg_state_names[lease->state],
		   lg_origin_names[lease->origin]);
	lg_show_hwaddr(seq, lease);
	lg_show_dev(seq, lease->port);
	lg_show_vlans(seq, lease->vlan);
	lg_show_addr(seq, lease->giaddr);
	lg_show_addr(seq, lease->server);
	lg_show_expires(seq, lease);
	lg_show_agent(seq, lease, LG_AGENT_CIRCUIT_ID);
	lg_show_agent(seq, lease, LG_AGENT_REMOTE_ID);
	lg_show_hex(seq, lease->data + lease->agent_len, lease->id_len);
	lg_show_dev(seq, lease->vrf);
	seq_putc(seq, '\n');
	return 0;
}

static int lg_pending_show(struct seq_file *seq, void *v)
{
	struct lg_lease *lease = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "address port age packets cookie vrf payer\n");
		return 0;
	}
	seq_printf(seq, "%pI4", &lease->addr);
	lg_show_dev(seq, lease->port);
	seq_printf(seq, " %u %u %llu", lg_now() - lease->since,
		   atomic_read(&lease->packets), lease->cookie);
	lg_show_dev(seq, lease->vrf);
	lg_show_dev(seq, lease->payer);
	seq_putc(seq, '\n');
	return 0;
}

static void lg_show_match(struct seq_file *seq, u32 match)
{
	seq_printf(seq, " ip%s%s%s",
		   match & LEASEGLEAN_MATCH_MAC ? ",mac" : "",
		   match & LEASEGLEAN_MATCH_PORT ? ",port" : "",
		   match & LEASEGLEAN_MATCH_VLAN ? ",vlan" : "");
}

static void lg_show_excludes(struct seq_file *seq, const struct lg_port *port)
{
	const struct lg_excludes *excludes = rcu_dereference(port->excludes);
	unsigned int i;

	if (!excludes || !excludes->n)
		seq_puts(seq, " -");
	for (i = 0; excludes && i < excludes->n; i++)
		seq_printf(seq, "%c%pI4/%d", i ? ',' : ' ',
			   &excludes->prefix[i].addr,
			   inet_mask_len(excludes->prefix[i].mask));
}

static int lg_ports_show(struct seq_file *seq, void *v)
{
	const struct lg_port *port = v;
	const struct lg_port_settings *set = &port->set;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "port role rate burst arp verify match move max exclude active pending negative\n");
		return 0;
	}
	seq_printf(seq, "%s %s %u %u %s %s", lg_dev_name(seq, port->ifindex),
		   lg_role_names[READ_ONCE(set->role)],
		   READ_ONCE(set->rate), READ_ONCE(set->burst),
		   lg_arp_names[READ_ONCE(set->arp)],
		   lg_verify_names[READ_ONCE(set->verify)]);
	lg_show_match(seq, READ_ONCE(set->match));
	seq_printf(seq, " %s %u", lg_move_names[READ_ONCE(set->move)],
		   READ_ONCE(set->max_leases));
	lg_show_excludes(seq, port);
	seq_printf(seq, " %d %d %d\n",
		   atomic_read(&port->count[LG_CLASS_ACTIVE]),
		   atomic_read(&port->count[LG_CLASS_PENDING]),
		   atomic_read(&port->count[LG_CLASS_NEGATIVE]));
	return 0;
}

static int lg_stats_show(struct seq_file *seq, void *v)
{
	struct lg_net *lgn = lg_pernet(seq_file_single_net(seq));
	enum lg_stat stat;

	if (!file_ns_capable(seq->file, lgn->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	seq_puts(seq, "counter value\n");
	seq_printf(seq, "active %d\n",
		   atomic_read(&lgn->count[LG_CLASS_ACTIVE]));
	seq_printf(seq, "negative %d\n",
		   atomic_read(&lgn->count[LG_CLASS_NEGATIVE]));
	seq_printf(seq, "pending %d\n",
		   atomic_read(&lgn->count[LG_CLASS_PENDING]));
	for (stat = 0; stat < __LG_STAT_MAX; stat++)
		seq_printf(seq, "%s %lu\n", lg_stat_name(stat),
			   lg_stat_read(lgn, stat));
	return 0;
}

static const struct seq_operations lg_leases_ops = {
	.start = lg_leases_start,
	.next = lg_leases_next,
	.stop = lg_seq_stop,
	.show = lg_leases_show,
};

static const struct seq_operations lg_pending_ops = {
	.start = lg_pending_start,
	.next = lg_pending_next,
	.stop = lg_seq_stop,
	.show = lg_pending_show,
};

static const struct seq_operations lg_ports_ops = {
	.start = lg_ports_start,
	.next = lg_ports_next,
	.stop = lg_seq_stop,
	.show = lg_ports_show,
};

/*
 * The root of the user namespace owns it, or who made that namespace where it
 * has no mapping yet, as when both namespaces are made by one unshare().
 */
static bool lg_proc_own(const struct lg_net *lgn, struct proc_dir_entry *file)
{
	const struct user_namespace *user_ns = lgn->net->user_ns;
	kuid_t uid = make_kuid(lgn->net->user_ns, 0);
	kgid_t gid = make_kgid(lgn->net->user_ns, 0);

	if (!file)
		return false;
	proc_set_user(file, uid_valid(uid) ? uid : user_ns->owner,
		      gid_valid(gid) ? gid : user_ns->group);
	return true;
}

/**
 * lg_proc_init() - /proc/net/leaseglean of a namespace
 * @lgn: namespace state
 *
 * Return: 0 or -ENOMEM.
 */
int lg_proc_init(struct lg_net *lgn)
{
	struct proc_dir_entry *dir;

	dir = proc_net_mkdir(lgn->net, "leaseglean", lgn->net->proc_net);
	if (!dir)
		return -ENOMEM;
	if (lg_proc_own(lgn, proc_create_net("leases", LG_PROC_MODE, dir,
					     &lg_leases_ops,
					     sizeof(struct seq_net_private))) &&
	    lg_proc_own(lgn, proc_create_net("pending", LG_PROC_MODE, dir,
					     &lg_pending_ops,
					     sizeof(struct seq_net_private))) &&
	    lg_proc_own(lgn, proc_create_net("ports", LG_PROC_MODE, dir,
					     &lg_ports_ops,
					     sizeof(struct seq_net_private))) &&
	    lg_proc_own(lgn, proc_create_net_single("stats", LG_PROC_MODE, dir,
						    lg_stats_show, NULL)))
		return 0;
	lg_proc_exit(lgn);
	return -ENOMEM;
}

/**
 * lg_proc_exit() - take it away again; waits for readers
 * @lgn: namespace state
 */
void lg_proc_exit(struct lg_net *lgn)
{
	remove_proc_subtree("leaseglean", lgn->net->proc_net);
}
