// SPDX-License-Identifier: GPL-2.0
/*
 * Figures from inside the kernel: forwards packets that it makes itself,
 * and compares structures that a lease table could be made of.
 *
 * Commands are written to /proc/lg_bench, one a write; what the last one
 * found is read there. All act on the writer's network namespace.
 *
 *   devices here                     core, ptp and ether: one for packets to
 *                                    enter by, two to leave by
 *   forward DEV FIRST N COUNT PROTO  COUNT packets of IP protocol PROTO enter
 *                                    by DEV for random addresses of the N
 *                                    from FIRST (a number) on
 *   sweep DEV FIRST N PROTO          one packet for each of them, in order
 *   hook on|off                      an empty FORWARD hook
 *   egress DEV on|off                an empty netfilter egress hook
 *   conntrack on|off                 connection tracking, without any rule
 *   table FIRST N                    both tables with N leases each; 0: none
 *   lookup xarray|rhashtable COUNT   random look-ups in one of them
 *
 * Time is the processor time of this kernel where that can be had (User-mode
 * Linux is one thread of its host), so that load on the host counts for less.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_netdev.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/udp.h>
#include <linux/xarray.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

#define BENCH_BATCH	64
#define BENCH_PAYLOAD	18

/* ------------------------------------------------------------- time */

#ifdef CONFIG_UML
#define BENCH_CLOCK		"processor"
#define HOST_CLOCK_GETTIME	228
#define HOST_THREAD_CPUTIME	3

static u64 bench_ns(void)
{
	struct { long sec, nsec; } ts = { 0, 0 };
	long ret;

	asm volatile("syscall" : "=a" (ret)
		     : "0" (HOST_CLOCK_GETTIME), "D" (HOST_THREAD_CPUTIME),
		       "S" (&ts)
		     : "rcx", "r11", "memory");
	return ts.sec * NSEC_PER_SEC + ts.nsec;
}
#else
#define BENCH_CLOCK		"wall"
static u64 bench_ns(void)
{
	return ktime_get_ns();
}
#endif

static u32 bench_rng = 1;

static u32 bench_random(u32 n)
{
	bench_rng ^= bench_rng << 13;
	bench_rng ^= bench_rng >> 17;
	bench_rng ^= bench_rng << 5;
	return ((u64)bench_rng * n) >> 32;
}

/* ------------------------------------------------------------- devices */

static netdev_tx_t bench_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev->stats.tx_packets++;
	dev->stats.tx_bytes += skb->len;
	consume_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops bench_netdev_ops = {
	.ndo_start_xmit = bench_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void bench_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &bench_netdev_ops;
	dev->lltx = true;
	dev->priv_flags |= IFF_NO_QUEUE;
	eth_hw_addr_random(dev);
}

/* Point to point: one neighbour for all addresses. */
static void bench_setup_ptp(struct net_device *dev)
{
	bench_setup(dev);
	dev->flags |= IFF_NOARP | IFF_POINTOPOINT;
	dev->flags &= ~(IFF_BROADCAST | IFF_MULTICAST);
}

/* Sets of devices, each in the namespace of who asked for it. */
static struct net_device *bench_dev[64];
static unsigned int bench_n_devs;

static int bench_dev_add(const char *name,
			 void (*setup)(struct net_device *dev))
{
	struct net_device *dev;
	int err;

	if (bench_n_devs == ARRAY_SIZE(bench_dev))
		return -ENOSPC;
	dev = alloc_netdev(0, name, NET_NAME_USER, setup);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, current->nsproxy->net_ns);
	err = register_netdev(dev);
	if (err)
		free_netdev(dev);
	else
		bench_dev[bench_n_devs++] = dev;
	return err;
}

static int bench_devices(const char *args)
{
	int err;

	err = bench_dev_add("core", bench_setup);
	if (!err)
		err = bench_dev_add("ptp", bench_setup_ptp);
	if (!err)
		err = bench_dev_add("ether", bench_setup);
	return err;
}

static void bench_devices_free(void)
{
	while (bench_n_devs--) {
		unregister_netdev(bench_dev[bench_n_devs]);
		free_netdev(bench_dev[bench_n_devs]);
	}
}

/* ------------------------------------------------------------- traffic */

/* The source address of the frame is what the sets hold beside @daddr. */
static struct sk_buff *bench_packet(struct net_device *dev, u32 daddr,
				    u8 proto)
{
	struct ethhdr *eth;
	struct udphdr *uh;
	struct iphdr *iph;
	struct sk_buff *skb;

	skb = netdev_alloc_skb_ip_align(dev, 128);
	if (!skb)
		return NULL;
	eth = skb_put_zero(skb, sizeof(*eth));
	ether_addr_copy(eth->h_dest, dev->dev_addr);
	eth->h_source[0] = 2;
	put_unaligned_be32(daddr, &eth->h_source[2]);
	eth->h_proto = htons(ETH_P_IP);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(sizeof(*iph) + sizeof(*uh) + BENCH_PAYLOAD);
	iph->ttl = 64;
	iph->protocol = proto;
	iph->saddr = htonl(0xc0000202);
	iph->daddr = htonl(daddr);
	ip_send_check(iph);
	uh = skb_put_zero(skb, sizeof(*uh) + BENCH_PAYLOAD);
	uh->source = htons(4000);
	uh->dest = htons(5000);
	uh->len = htons(sizeof(*uh) + BENCH_PAYLOAD);
	skb->protocol = eth_type_trans(skb, dev);
	return skb;
}

/**
 * struct bench_traffic - what is to be sent
 * @dev: where it enters
 * @first: first address
 * @n: how many
 * @proto: IP protocol
 * @in_order: each once, in order
 * @sent: so far
 * @ns: time from a packet's entry to its end, summed up
 * @ns_alloc: the same with its allocation
 */
struct bench_traffic {
	struct net_device *dev;
	u32 first;
	u32 n;
	unsigned int proto;
	bool in_order;
	u32 sent;
	u64 ns;
	u64 ns_alloc;
};

static int bench_batch(struct bench_traffic *t, unsigned int count)
{
	struct sk_buff *skb[BENCH_BATCH];
	u64 begin, made, end;
	unsigned int i;

	local_bh_disable();
	begin = bench_ns();
	for (i = 0; i < count; i++) {
		u32 off = t->in_order ? t->sent + i : bench_random(t->n);

		skb[i] = bench_packet(t->dev, t->first + off, t->proto);
		if (!skb[i])
			goto nomem;
	}
	made = bench_ns();
	for (i = 0; i < count; i++)
		netif_receive_skb(skb[i]);
	end = bench_ns();
	local_bh_enable();
	t->sent += count;
	t->ns += end - made;
	t->ns_alloc += end - begin;
	return 0;
nomem:
	local_bh_enable();
	while (i--)
		kfree_skb(skb[i]);
	return -ENOMEM;
}

static u64 bench_found[3];

static int bench_send(struct bench_traffic *t, const char *name, u32 count)
{
	int err = 0;

	t->dev = dev_get_by_name(current->nsproxy->net_ns, name);
	if (!t->dev)
		return -ENODEV;
	while (t->sent < count && !err) {
		err = bench_batch(t, min(count - t->sent, BENCH_BATCH));
		cond_resched();
	}
	dev_put(t->dev);
	bench_found[0] = t->sent;
	bench_found[1] = t->ns;
	bench_found[2] = t->ns_alloc;
	return err;
}

static int bench_forward(const char *args)
{
	struct bench_traffic t = { .in_order = false };
	char name[IFNAMSIZ];
	u32 count;

	if (sscanf(args, "%15s %u %u %u %u", name, &t.first, &t.n, &count,
		   &t.proto) != 5)
		return -EINVAL;
	return bench_send(&t, name, count);
}

static int bench_sweep(const char *args)
{
	struct bench_traffic t = { .in_order = true };
	char name[IFNAMSIZ];

	if (sscanf(args, "%15s %u %u %u", name, &t.first, &t.n,
		   &t.proto) != 4)
		return -EINVAL;
	return bench_send(&t, name, t.n);
}

/* ------------------------------------------------------------- hooks */

static unsigned int bench_nothing(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static struct nf_hook_ops bench_forward_ops = {
	.hook = bench_nothing,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_FORWARD,
	.priority = NF_IP_PRI_LAST,
};

static struct nf_hook_ops bench_egress_ops = {
	.hook = bench_nothing,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_EGRESS,
};

static int bench_hook(const char *args)
{
	struct net *net = current->nsproxy->net_ns;

	if (!strcmp(args, "on"))
		return nf_register_net_hook(net, &bench_forward_ops);
	if (strcmp(args, "off"))
		return -EINVAL;
	nf_unregister_net_hook(net, &bench_forward_ops);
	return 0;
}

static int bench_egress(const char *args)
{
	struct net *net = current->nsproxy->net_ns;
	char name[IFNAMSIZ], onoff[4];
	int err;

	if (sscanf(args, "%15s %3s", name, onoff) != 2)
		return -EINVAL;
	if (!strcmp(onoff, "on")) {
		rtnl_lock();
		bench_egress_ops.dev = __dev_get_by_name(net, name);
		err = bench_egress_ops.dev ?
		      nf_register_net_hook(net, &bench_egress_ops) : -ENODEV;
		rtnl_unlock();
		return err;
	}
	nf_unregister_net_hook(net, &bench_egress_ops);
	return 0;
}

static int bench_conntrack(const char *args)
{
	struct net *net = current->nsproxy->net_ns;

	if (!strcmp(args, "on"))
		return nf_ct_netns_get(net, NFPROTO_IPV4);
	if (strcmp(args, "off"))
		return -EINVAL;
	nf_ct_netns_put(net, NFPROTO_IPV4);
	return 0;
}

/* ------------------------------------------------------------- tables */

struct bench_key {
	u32 vrf;
	u32 addr;
};

/* Of the size of a lease without opaque bytes. */
struct bench_lease {
	u8 state;
	u32 expires;
	struct bench_key key;
	struct rhash_head node;
	u8 rest[88];
};

static const struct rhashtable_params bench_params = {
	.key_len = sizeof(struct bench_key),
	.key_offset = offsetof(struct bench_lease, key),
	.head_offset = offsetof(struct bench_lease, node),
	.automatic_shrinking = true,
};

static DEFINE_XARRAY(bench_xa);
static struct rhashtable bench_ht;
static bool bench_ht_there;
static u32 bench_first, bench_n;

static void bench_table_free(void)
{
	struct bench_lease *lease;
	unsigned long index;

	if (bench_ht_there)
		rhashtable_destroy(&bench_ht);
	bench_ht_there = false;
	xa_for_each(&bench_xa, index, lease) {
		xa_erase(&bench_xa, index);
		kfree(lease);
		cond_resched();
	}
	xa_destroy(&bench_xa);
	bench_n = 0;
}

static int bench_table_add(u32 addr)
{
	struct bench_lease *lease = kzalloc(sizeof(*lease), GFP_KERNEL);
	int err;

	if (!lease)
		return -ENOMEM;
	lease->state = 1;
	lease->expires = U32_MAX;
	lease->key.addr = addr;
	err = xa_err(xa_store(&bench_xa, addr, lease, GFP_KERNEL));
	if (err) {
		kfree(lease);
		return err;
	}
	do {
		err = rhashtable_insert_fast(&bench_ht, &lease->node,
					     bench_params);
		cond_resched();
	} while (err == -EBUSY || err == -EAGAIN);
	return err;
}

static int bench_table(const char *args)
{
	u32 first, n, i;
	int err;

	if (sscanf(args, "%u %u", &first, &n) != 2)
		return -EINVAL;
	bench_table_free();
	err = rhashtable_init(&bench_ht, &bench_params);
	if (err)
		return err;
	bench_ht_there = true;
	for (i = 0; i < n && !err; i++)
		err = bench_table_add(first + i);
	/* what is measured is a table at rest */
	flush_work(&bench_ht.run_work);
	bench_first = first;
	bench_n = n;
	return err;
}

static u32 bench_xa_get(u32 addr)
{
	const struct bench_lease *lease = xa_load(&bench_xa, addr);

	return lease && lease->expires ? lease->state : 0;
}

static u32 bench_ht_get(u32 addr)
{
	const struct bench_key key = { .addr = addr };
	const struct bench_lease *lease;

	lease = rhashtable_lookup(&bench_ht, &key, bench_params);
	return lease && lease->expires ? lease->state : 0;
}

static int bench_lookup(const char *args)
{
	u32 count, left, found = 0;
	char what[16];
	u64 begin, ns;
	bool xa;

	if (sscanf(args, "%15s %u", what, &count) != 2 || !bench_n)
		return -EINVAL;
	xa = !strcmp(what, "xarray");
	if (!xa && strcmp(what, "rhashtable"))
		return -EINVAL;
	rcu_read_lock();
	begin = bench_ns();
	if (xa)
		for (left = count; left; left--)
			found += bench_xa_get(bench_first +
					      bench_random(bench_n));
	else
		for (left = count; left; left--)
			found += bench_ht_get(bench_first +
					      bench_random(bench_n));
	ns = bench_ns() - begin;
	rcu_read_unlock();
	bench_found[0] = found;
	bench_found[1] = ns;
	bench_found[2] = 0;
	return found == count ? 0 : -ENOENT;
}

/* ------------------------------------------------------------- commands */

static const struct {
	const char *name;
	int (*run)(const char *args);
} bench_commands[] = {
	{ "devices ", bench_devices },
	{ "forward ", bench_forward },
	{ "sweep ", bench_sweep },
	{ "hook ", bench_hook },
	{ "egress ", bench_egress },
	{ "conntrack ", bench_conntrack },
	{ "table ", bench_table },
	{ "lookup ", bench_lookup },
};

static DEFINE_MUTEX(bench_lock);

static int bench_command(const char *line)
{
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(bench_commands); i++) {
		len = strlen(bench_commands[i].name);
		if (!strncmp(line, bench_commands[i].name, len))
			return bench_commands[i].run(line + len);
	}
	return -EINVAL;
}

static ssize_t bench_write(struct file *file, const char __user *buf,
			   size_t len, loff_t *pos)
{
	char *line;
	int err;

	if (len > 255)
		return -EINVAL;
	line = memdup_user_nul(buf, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&bench_lock);
	err = bench_command(strim(line));
	mutex_unlock(&bench_lock);
	kfree(line);
	return err ? err : len;
}

static int bench_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%llu %llu %llu " BENCH_CLOCK "\n", bench_found[0],
		   bench_found[1], bench_found[2]);
	return 0;
}

static int bench_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_show, NULL);
}

static const struct proc_ops bench_proc_ops = {
	.proc_open = bench_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = bench_write,
};

static int __init bench_init(void)
{
	return proc_create("lg_bench", 0600, NULL, &bench_proc_ops) ?
	       0 : -ENOMEM;
}

/* Hooks and conntrack are to be switched off before. */
static void __exit bench_exit(void)
{
	remove_proc_entry("lg_bench", NULL);
	bench_table_free();
	bench_devices_free();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Figures for leaseglean");
MODULE_LICENSE("GPL");
