// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/dst_metadata.h>
#include <net/route.h>

#include "compat/neigh.h"
#include "miss.h"
#include "neigh.h"

/* Times that a change of the table is followed before another's turn. */
#define LG_NEIGH_TRIES	8
/* Records that one step of a walk looks at. */
#define LG_NEIGH_STEP	512
/* A neighbour table of more entries, or of more chains, is left to its GC. */
#define LG_NEIGH_SWEEP	4096
#define LG_NEIGH_CHAINS	BIT(16)
/* What an entry made by us must not be counted against. */
#define LG_NEIGH_ROOM	((int)BIT(21))
/* Probes to user space, one a second, for which packets are held. */
#define LG_HOLD_PROBES	10
/* Seconds for which ARP of an address that is asked for is kept away. */
#define LG_ARP_PATIENCE	5
/* Chains that the largest block of pages has room for. */
#define LG_CHAINS_MAX \
	((unsigned int)(MAX_ORDER_NR_PAGES * PAGE_SIZE / sizeof(void *)))
#define LG_CHAINS_MIN	256u
/* More than there will ever be. */
#define LG_NOTHING_HIDDEN	(INT_MAX / 2)
/* Seconds between looks whether the neighbour table may be told the truth. */
#define LG_HIDE_PERIOD	5
/* Seconds for which its GC is waited for, where the module is unloaded. */
#define LG_HIDE_PATIENCE	60

DEFINE_STATIC_KEY_FALSE(lg_arp_off_key);

static unsigned int max_held = 64 << 20;
module_param(max_held, uint, 0644);
MODULE_PARM_DESC(max_held, "Bytes held for addresses being asked for");

static unsigned int max_held_port = 16 << 20;
module_param(max_held_port, uint, 0644);
MODULE_PARM_DESC(max_held_port, "The same on one port");

static unsigned int max_chains = LG_CHAINS_MAX;
module_param(max_chains, uint, 0644);
MODULE_PARM_DESC(max_chains, "Chains to which neighbours may make their table grow");

/* What becomes of a packet. */
enum lg_neigh_fate {
	LG_NEIGH_REFUSED,
	LG_NEIGH_GOES,
	LG_NEIGH_HELD,
};

enum lg_neigh_owner {
	LG_NEIGH_NOBODYS,
	LG_NEIGH_OURS,
	LG_NEIGH_OPERATORS,
};

#define LG_NEIGH_SET	(NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN)
#define LG_NEIGH_KEEP	(LG_NEIGH_SET | NEIGH_UPDATE_F_EXT_LEARNED)

/* ------------------------------------------- the neighbour table's size */

/*
 * The table doubles its chains whenever it has more entries than those. Where
 * there is no block of pages for so many, neigh_hash_alloc() warns, and the
 * next entry tries again. So it is not told of all: this many were taken off
 * its count, and its chains are longer. Made more before that count is made
 * less, and less before that is made more: no two give the same back.
 * Of all namespaces, as the table is.
 */
static atomic_t lg_hidden;
/*
 * One at a time: what one hides is enough, and two would hide too much. Taken
 * with softirqs off and never waited for; inside of it nothing is taken.
 */
static DEFINE_SPINLOCK(lg_hide_lock);

/*
 * What the table is told of must not be less than gc_thresh1, or its GC would
 * come for nobody's entries: that is worth more than a warning.
 */
static int lg_chains_max(void)
{
	unsigned int least = 2u * max(READ_ONCE(arp_tbl.gc_thresh1), 1);
	unsigned int chains = READ_ONCE(max_chains) ? : LG_CHAINS_MAX;

	chains = clamp(chains, LG_CHAINS_MIN, LG_CHAINS_MAX);
	chains = rounddown_pow_of_two(chains);
	while (chains < least && chains < LG_CHAINS_MAX)
		chains *= 2;
	return chains < least ? LG_NOTHING_HIDDEN : chains;
}

/* Brings the count up to @most; returns how many remain hidden. */
static int lg_neigh_unhide(int most)
{
	int hidden = atomic_read(&lg_hidden), n;

	do {
		n = min(hidden, most - atomic_read(&arp_tbl.entries));
		if (n <= 0)
			return hidden;
	} while (!atomic_try_cmpxchg(&lg_hidden, &hidden, hidden - n));
	atomic_add(n, &arp_tbl.entries);
	return hidden - n;
}

static void lg_neigh_unhide_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(lg_hide_work, lg_neigh_unhide_work);

static void lg_neigh_unhide_work(struct work_struct *work)
{
	int max = lg_chains_max();

	if (lg_neigh_unhide(max - max / 4))
		schedule_delayed_work(&lg_hide_work, LG_HIDE_PERIOD * HZ);
}

/*
 * Leaves some room for entries of others, who do not come by here. Softirqs
 * are off.
 */
static void lg_neigh_hide(void)
{
	int max = lg_chains_max(), n;

	if (likely(atomic_read(&arp_tbl.entries) < max - max / 64) ||
	    !spin_trylock(&lg_hide_lock))
		return;
	n = atomic_read(&arp_tbl.entries) - (max - max / 64);
	if (n >= 0) {
		atomic_add(n + max / 8, &lg_hidden);
		atomic_sub(n + max / 8, &arp_tbl.entries);
		schedule_delayed_work(&lg_hide_work, LG_HIDE_PERIOD * HZ);
	}
	spin_unlock(&lg_hide_lock);
}

/**
 * lg_neigh_exit() - the neighbour table counts all that it has again
 *
 * What was dropped is its GC's to take, which is called for it: so many
 * entries at once are not taken from it under its lock. Whatever is left in a
 * minute, since traffic has had them resolved by ARP, it is told of.
 *
 * Context: may sleep; nothing of this module makes entries any more.
 */
void lg_neigh_exit(void)
{
	unsigned int tries = 0;
	int left;

	cancel_delayed_work_sync(&lg_hide_work);
	while (lg_neigh_unhide(lg_chains_max()) &&
	       tries++ < LG_HIDE_PATIENCE) {
		mod_delayed_work(system_power_efficient_wq, &arp_tbl.gc_work,
				 0);
		ssleep(1);
	}
	left = atomic_xchg(&lg_hidden, 0);
	atomic_add(left, &arp_tbl.entries);
	if (left)
		pr_notice("leaseglean: %d neighbours more than the kernel's table of them has room for: it may warn of that\n",
			  left);
}

/* ------------------------------------------------------ one neighbour */

static enum lg_neigh_owner lg_neigh_owner(struct neighbour *n, u8 *state)
{
	u32 flags;
	u8 protocol;

	read_lock_bh(&n->lock);
	*state = n->nud_state;
	flags = n->flags;
	protocol = n->protocol;
	read_unlock_bh(&n->lock);
	if (*state & NUD_PERMANENT)
		return LG_NEIGH_OPERATORS;
	if (flags & NTF_EXT_LEARNED)
		return protocol == RTPROT_DHCP ? LG_NEIGH_OURS :
						 LG_NEIGH_OPERATORS;
	return *state & NUD_NOARP || flags & NTF_MANAGED ?
	       LG_NEIGH_OPERATORS : LG_NEIGH_NOBODYS;
}

static void lg_neigh_mark(struct neighbour *n)
{
	write_lock_bh(&n->lock);
	n->protocol = RTPROT_DHCP;
	write_unlock_bh(&n->lock);
}

static bool lg_neigh_is_operators(struct net_device *dev, __be32 addr)
{
	struct neighbour *n = __ipv4_neigh_lookup_noref(dev, (__force u32)addr);
	u8 state;

	return n && lg_neigh_owner(n, &state) == LG_NEIGH_OPERATORS;
}

/*
 * Entries of ours are exempt from gc_thresh3, but only netlink can say so
 * beforehand: where it is reached, count less until ours has been marked.
 */
static struct neighbour *lg_neigh_create(struct net_device *dev, __be32 addr)
{
	struct neighbour *n;

	lg_neigh_hide();
	if (atomic_read(&arp_tbl.gc_entries) < READ_ONCE(arp_tbl.gc_thresh3)) {
		n = __neigh_create(&arp_tbl, &addr, dev, true);
		if (n != ERR_PTR(-ENOBUFS))
			return n;
	}
	atomic_sub(LG_NEIGH_ROOM, &arp_tbl.gc_entries);
	n = __neigh_create(&arp_tbl, &addr, dev, true);
	atomic_add(LG_NEIGH_ROOM, &arp_tbl.gc_entries);
	return n;
}

/* Fails only where the entry is on its way out. */
static int lg_neigh_update(struct neighbour *n, const u8 *hwaddr, u8 state,
			   u32 flags)
{
	return neigh_update(n, hwaddr, state, flags, 0) ? -EAGAIN : 0;
}

static bool lg_lease_is_ethernet(const struct lg_lease *lease)
{
	return lease->htype == ARPHRD_ETHER && lease->hlen == ETH_ALEN &&
	       is_valid_ether_addr(lease->hwaddr);
}

static bool lg_neigh_is_filled(struct neighbour *n,
			       const struct lg_lease *lease)
{
	bool is;

	read_lock_bh(&n->lock);
	is = n->nud_state & NUD_NOARP && ether_addr_equal(n->ha, lease->hwaddr);
	read_unlock_bh(&n->lock);
	return is;
}

/* Releases what was held, which comes back to our egress hook. */
static int lg_neigh_fill(struct lg_net *lgn, struct neighbour *n,
			 const struct lg_lease *lease)
{
	u8 hwaddr[MAX_ADDR_LEN] = {};

	memcpy(hwaddr, lease->hwaddr, ETH_ALEN);
	/* Not each time that the lease is renewed. */
	if (!lg_neigh_is_filled(n, lease))
		lg_stat_inc(lgn, neigh_filled);
	lg_neigh_mark(n);
	return lg_neigh_update(n, hwaddr, NUD_NOARP, LG_NEIGH_KEEP);
}

/* What ARP or an earlier lease said must not be used. */
static int lg_neigh_hold(struct neighbour *n, enum lg_neigh_owner owner,
			 u8 state)
{
	if (owner == LG_NEIGH_OURS && !(state & NUD_VALID))
		return 0;
	lg_neigh_mark(n);
	if (state & NUD_VALID)
		return lg_neigh_update(n, NULL, NUD_FAILED, LG_NEIGH_KEEP);
	/* The state stays. */
	return lg_neigh_update(n, NULL, NUD_NONE,
			       LG_NEIGH_KEEP | NEIGH_UPDATE_F_USE);
}

/* Senders of what is held are told; the GC takes the entry. */
static int lg_neigh_drop(struct lg_net *lgn, struct neighbour *n)
{
	lg_stat_inc(lgn, neigh_dropped);
	WRITE_ONCE(lgn->neigh_over, true);
	lg_gc_arm(lgn);
	return lg_neigh_update(n, NULL, NUD_FAILED, LG_NEIGH_SET);
}

/* ----------------------------------------------------- what we have made */

static bool lg_neigh_forget(struct lg_net *lgn, struct lg_key key, u32 ifindex)
{
	struct lg_table *table = lg_table_find(lgn, key.vrf);

	return table && xa_cmpxchg_bh(&table->neighs, ntohl(key.addr),
				      xa_mk_value(ifindex), NULL, 0);
}

/* The next hop is reached by another interface now, or by none. */
static void lg_neigh_leave(struct lg_net *lgn, u32 ifindex, __be32 addr)
{
	struct net_device *dev = dev_get_by_index_rcu(lgn->net, ifindex);
	struct neighbour *n;
	u8 state;

	n = dev ? __ipv4_neigh_lookup(dev, (__force u32)addr) : NULL;
	if (!n)
		return;
	if (lg_neigh_owner(n, &state) == LG_NEIGH_OURS)
		lg_neigh_drop(lgn, n);
	neigh_release(n);
}

/* Before the entry is made, so that whoever ends the lease finds it. */
static bool lg_neigh_note(struct lg_net *lgn, struct lg_key key, u32 ifindex)
{
	struct lg_table *table = lg_table_find(lgn, key.vrf);
	void *old, *record = xa_mk_value(ifindex);

	if (!table)
		return false;
	if (xa_load(&table->neighs, ntohl(key.addr)) == record)
		return true;
	old = xa_store_bh(&table->neighs, ntohl(key.addr), record,
			  GFP_ATOMIC | __GFP_NOWARN);
	if (xa_is_err(old))
		return false;
	if (old && old != record)
		lg_neigh_leave(lgn, xa_to_value(old), key.addr);
	return true;
}

/* -------------------------------------------------- neighbour and table */

/*
 * What a neighbour may be made of; *@odd: of no lease because its hardware
 * address is not Ethernet's.
 */
static struct lg_lease *lg_neigh_lease(struct lg_net *lgn,
				       const struct net_device *dev,
				       struct lg_key key, bool *odd)
{
	struct lg_port *port = lg_port_access(lgn, dev->ifindex);
	struct lg_lease *lease;

	*odd = false;
	if (!port || lg_arp_is_on(port) || lg_vrf_of(dev) != key.vrf)
		return NULL;
	lease = lg_lease_find(lgn, key);
	if (!lease || lease->state == LEASEGLEAN_STATE_PENDING)
		return lease;
	if (lease->state != LEASEGLEAN_STATE_ACTIVE)
		return NULL;
	*odd = !lg_lease_is_ethernet(lease);
	return *odd ? NULL : lease;
}

static int lg_neigh_apply(struct lg_net *lgn, struct neighbour *n,
			  struct lg_key key, const struct lg_lease *lease,
			  enum lg_neigh_fate *fate)
{
	enum lg_neigh_owner owner;
	u8 state;

	owner = lg_neigh_owner(n, &state);
	*fate = LG_NEIGH_GOES;
	if (owner == LG_NEIGH_OPERATORS) {
		lg_neigh_forget(lgn, key, n->dev->ifindex);
		return 0;
	}
	if (lease && lease->state == LEASEGLEAN_STATE_ACTIVE)
		return lg_neigh_fill(lgn, n, lease);
	if (lease) {
		*fate = LG_NEIGH_HELD;
		return lg_neigh_hold(n, owner, state);
	}
	*fate = LG_NEIGH_REFUSED;
	/* Before another look at the table, or a new lease would lose it. */
	lg_neigh_forget(lgn, key, n->dev->ifindex);
	/* In another VRF by now, it is of another table's lease. */
	return owner == LG_NEIGH_OURS && lg_vrf_of(n->dev) == key.vrf ?
	       lg_neigh_drop(lgn, n) : 0;
}

static int lg_neigh_once(struct lg_net *lgn, struct net_device *dev,
			 struct lg_key key, const struct lg_lease *lease,
			 bool create, enum lg_neigh_fate *fate)
{
	struct neighbour *n;
	int err;

	*fate = LG_NEIGH_REFUSED;
	if (lease && !lg_neigh_note(lgn, key, dev->ifindex)) {
		lg_stat_inc(lgn, neigh_nomem);
		return -ENOMEM;
	}
	n = __ipv4_neigh_lookup(dev, (__force u32)key.addr);
	if (!n && lease && create)
		n = lg_neigh_create(dev, key.addr);
	if (IS_ERR(n)) {
		lg_stat_inc(lgn, neigh_nomem);
		n = NULL;
	}
	if (!n) {
		/* Not that of a lease: a packet may just be making its entry. */
		if (!lease)
			lg_neigh_forget(lgn, key, dev->ifindex);
		return 0;
	}
	err = lg_neigh_apply(lgn, n, key, lease, fate);
	neigh_release(n);
	return err;
}

/*
 * Writes what the table says, and looks whether it still says so: of two who
 * write the later one has seen what the earlier one saw, or sees it then.
 */
static enum lg_neigh_fate lg_neigh_write(struct lg_net *lgn,
					 struct net_device *dev,
					 struct lg_key key, bool create)
{
	unsigned int left = LG_NEIGH_TRIES;
	struct lg_lease *lease, *now;
	enum lg_neigh_fate fate;
	bool odd;
	int err;

	lease = lg_neigh_lease(lgn, dev, key, &odd);
	/* Not at each further look: it is one packet's, or one change's. */
	if (odd)
		lg_stat_inc(lgn, neigh_hwaddr);
	do {
		err = lg_neigh_once(lgn, dev, key, lease, create, &fate);
		/* Pairs with the one in lg_neigh_sync(). */
		smp_mb();
		now = lg_neigh_lease(lgn, dev, key, &odd);
		if (err != -EAGAIN && now == lease)
			return fate;
		lease = now;
	} while (--left);
	/* An entry without a timer must not keep what may be wrong. */
	lg_neigh_leave(lgn, dev->ifindex, key.addr);
	return LG_NEIGH_REFUSED;
}

/**
 * lg_neigh_make() - give an address that has a lease its neighbour
 * @lgn: namespace state
 * @out: interface of the port, whose ARP is off
 * @key: address and VRF
 *
 * Context: softirqs off, RCU read lock.
 * Return: whether a packet to it may go on.
 */
bool lg_neigh_make(struct lg_net *lgn, struct net_device *out,
		   struct lg_key key)
{
	if (lg_neigh_write(lgn, out, key, true) != LG_NEIGH_REFUSED)
		return true;
	lg_stat_inc(lgn, neigh_refused);
	return false;
}

/* ------------------------------------------------------ what is held */

/* Set in lease->held once nothing may be added. */
#define LG_HELD_OVER	-1

/**
 * lg_neigh_unhold() - a pending entry ends, and with it what was held for it
 * @lgn: namespace state
 * @port: which counts it, or NULL
 * @lease: the entry
 *
 * Context: the table's xa_lock.
 */
void lg_neigh_unhold(struct lg_net *lgn, struct lg_port *port,
		     struct lg_lease *lease)
{
	int held = atomic_xchg(&lease->held, LG_HELD_OVER);

	if (held <= 0)
		return;
	atomic_sub(held, &lgn->held);
	if (port)
		atomic_sub(held, &port->held);
}

/* The neighbour layer throws the oldest away beyond this. */
static int lg_neigh_queue_max(const struct net_device *dev)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);

	return in_dev ? NEIGH_VAR(in_dev->arp_parms, QUEUE_LEN_BYTES) : 0;
}

/* Below 0 for a moment where an entry ends while it is charged. */
static bool lg_neigh_is_full(const struct lg_net *lgn, const atomic_t *held,
			     unsigned int max)
{
	return (s64)atomic_read(held) > (s64)lg_cap(lgn, max);
}

/*
 * Whether there is room for one more. It is the port that the address was
 * asked for from that pays, as for the entry itself: who tries addresses
 * behind another port is not to use up what that one's first packets need.
 */
static bool lg_neigh_charge(struct lg_net *lgn, struct lg_lease *lease,
			    int size, int queue_max)
{
	struct lg_port *port = lg_port_find(lgn, lease->payer);
	int was = atomic_read(&lease->held), is;

	if (port && port->seq != lease->payer_seq)
		port = NULL;
	if (lg_neigh_is_full(lgn, &lgn->held, READ_ONCE(max_held)) ||
	    (port && lg_neigh_is_full(lgn, &port->held,
				      READ_ONCE(max_held_port))))
		return false;
	do {
		/* Settled just now: it will be released at once. */
		if (was < 0)
			return true;
		is = max(was, min(was + size, queue_max));
	} while (!atomic_try_cmpxchg(&lease->held, &was, is));
	atomic_add(is - was, &lgn->held);
	if (port)
		atomic_add(is - was, &port->held);
	return true;
}

/**
 * lg_neigh_pass() - what becomes of a packet to an address without a lease
 * @lgn: namespace state
 * @skb: the packet
 * @out: interface of an access port, whose ARP is off
 * @key: address and VRF of the next hop, which was asked for if it could be
 *
 * Context: softirqs off, RCU read lock.
 * Return: whether it may go on: to be held, or because an operator says where.
 */
bool lg_neigh_pass(struct lg_net *lgn, const struct sk_buff *skb,
		   struct net_device *out, struct lg_key key)
{
	struct lg_lease *lease = lg_lease_find(lgn, key);
	enum lg_neigh_fate fate;

	if (!lease || (lease->state != LEASEGLEAN_STATE_PENDING &&
		       lease->state != LEASEGLEAN_STATE_ACTIVE)) {
		if (lg_neigh_is_operators(out, key.addr))
			return true;
		lg_stat_inc(lgn, neigh_refused);
		return false;
	}
	fate = lg_neigh_write(lgn, out, key, true);
	if (fate == LG_NEIGH_HELD &&
	    lease->state == LEASEGLEAN_STATE_PENDING &&
	    !lg_neigh_charge(lgn, lease, skb->truesize,
			     lg_neigh_queue_max(out))) {
		lg_stat_inc(lgn, neigh_held_cap);
		return false;
	}
	if (fate == LG_NEIGH_REFUSED)
		lg_stat_inc(lgn, neigh_refused);
	return fate != LG_NEIGH_REFUSED;
}

/**
 * lg_neigh_client() - a DHCP server or relay agent writes to a client
 * @lgn: namespace state
 * @out: interface of an access port, whose ARP is off
 * @key: address and VRF of the next hop
 *
 * Where the relay agent said in the neighbour table where the client is, that
 * stands: to whom an address is offered may be another than who had it last.
 *
 * Context: softirqs off, RCU read lock.
 * Return: whether anything says where the client is.
 */
bool lg_neigh_client(struct lg_net *lgn, struct net_device *out,
		     struct lg_key key)
{
	struct lg_lease *lease = lg_lease_find(lgn, key);
	struct neighbour *n;

	n = __ipv4_neigh_lookup_noref(out, (__force u32)key.addr);
	if (n && READ_ONCE(n->nud_state) & NUD_VALID)
		return true;
	return lease && lease->state == LEASEGLEAN_STATE_ACTIVE &&
	       lg_neigh_write(lgn, out, key, true) != LG_NEIGH_REFUSED;
}

/**
 * lg_neigh_leaves() - as lg_neigh_may_leave()
 * @skb: an IPv4 packet that leaves by an access port
 * @dev: its interface
 *
 * A subscriber's ARP may have had packets released that were held for
 * another; and the lease may have ended behind the first look.
 */
bool lg_neigh_leaves(const struct sk_buff *skb, struct net_device *dev)
{
	struct lg_net *lgn = lg_pernet(dev_net(dev));
	struct lg_port *port = lg_port_access(lgn, dev->ifindex);
	const struct dst_entry *dst = skb_dst(skb);
	const struct rtable *rt = skb_rtable(skb);
	const struct lg_lease *lease;
	struct lg_key key;

	/* Not routed here, or not by us: no neighbour was asked. */
	if (!port || lg_arp_is_on(port) || !skb_valid_dst(skb) ||
	    dst->dev != dev || dst->ops->family != AF_INET || dst_xfrm(dst) ||
	    rt->rt_type != RTN_UNICAST || rt->rt_gw_family == AF_INET6)
		return true;
	key.addr = rt_nexthop(rt, ip_hdr(skb)->daddr);
	key.vrf = lg_vrf_of(dev);
	if (likely(lg_lease_holds(lgn, key)))
		return true;
	lease = lg_lease_find(lgn, key);
	if ((lease && lease->state == LEASEGLEAN_STATE_ACTIVE) ||
	    lg_neigh_is_operators(dev, key.addr))
		return true;
	lg_stat_inc(lgn, neigh_astray);
	return false;
}

/* ------------------------------------------------- changes of the table */

/**
 * lg_neigh_sync() - an address has another entry, or none any more
 * @lgn: namespace state
 * @table: its table
 * @addr: the address, network order
 *
 * Not under the table's lock: packets that were held go out, and unreachable
 * senders are told.
 *
 * Context: RCU read lock.
 */
void lg_neigh_sync(struct lg_net *lgn, struct lg_table *table, __be32 addr)
{
	const struct lg_key key = { .addr = addr, .vrf = table->vrf };
	struct net_device *dev;
	void *record;
	u32 ifindex;

	/* Pairs with the one in lg_neigh_write(). */
	smp_mb();
	if (likely(xa_empty(&table->neighs)))
		return;
	record = xa_load(&table->neighs, ntohl(addr));
	if (!record)
		return;
	ifindex = xa_to_value(record);
	dev = dev_get_by_index_rcu(lgn->net, ifindex);
	if (dev)
		lg_neigh_write(lgn, dev, key, false);
	else
		lg_neigh_forget(lgn, key, ifindex);
}

/**
 * lg_neigh_table_free() - take out all neighbours that a table has left
 * @lgn: namespace state
 * @table: which nobody finds any more
 *
 * Context: may sleep.
 */
void lg_neigh_table_free(struct lg_net *lgn, struct lg_table *table)
{
	unsigned long index = 0;
	unsigned int seen = 0;
	void *record;

	rcu_read_lock();
	xa_for_each(&table->neighs, index, record) {
		lg_neigh_leave(lgn, xa_to_value(record), htonl(index));
		if (++seen % LG_NEIGH_STEP == 0)
			lg_rcu_breathe();
	}
	rcu_read_unlock();
	xa_destroy(&table->neighs);
}

/* Under n->lock. Of all namespaces: such an entry is always ours. */
static int lg_neigh_is_over(struct neighbour *n)
{
	return n->protocol == RTPROT_DHCP && n->nud_state == NUD_FAILED &&
	       !(n->flags & (NTF_EXT_LEARNED | NTF_MANAGED)) &&
	       refcount_read(&n->refcnt) == 1;
}

/* The number of chains never falls, however few the entries are later. */
static bool lg_neigh_is_large(void)
{
	unsigned int shift;

	rcu_read_lock();
	shift = rcu_dereference(arp_tbl.nht)->hash_shift;
	rcu_read_unlock();
	return BIT(shift) > LG_NEIGH_CHAINS ||
	       atomic_read(&arp_tbl.entries) + atomic_read(&lg_hidden) >
	       LG_NEIGH_SWEEP;
}

/* Whose neighbours are ours to make. */
static bool lg_neigh_has_port(const struct lg_net *lgn, u32 ifindex)
{
	const struct lg_port *port = lg_port_access(lgn, ifindex);

	return port && !lg_arp_is_on(port);
}

/* The next record of no such port at or after @key; -EAGAIN: breathe. */
static int lg_neigh_next(struct lg_net *lgn, struct lg_key *key, u32 *ifindex)
{
	unsigned long vrf = key->vrf, index = ntohl(key->addr);
	unsigned int left = LG_NEIGH_STEP;
	struct lg_table *table;
	void *record;

	table = xa_find(&lgn->tables, &vrf, U32_MAX, XA_PRESENT);
	if (!table)
		return -ENOENT;
	if (vrf != key->vrf)
		index = 0;
	key->vrf = vrf;
	for (record = xa_find(&table->neighs, &index, U32_MAX, XA_PRESENT);
	     record && lg_neigh_has_port(lgn, xa_to_value(record)) && --left;
	     record = xa_find_after(&table->neighs, &index, U32_MAX,
				    XA_PRESENT))
		;
	if (record) {
		key->addr = htonl(index);
		*ifindex = xa_to_value(record);
		return left ? 0 : -EAGAIN;
	}
	key->addr = 0;
	return ++key->vrf ? -EAGAIN : -ENOENT;
}

/* Where the interface is gone, so are its neighbours. */
static void lg_neigh_drain_one(struct lg_net *lgn, struct lg_key key,
			       u32 ifindex)
{
	struct net_device *dev = dev_get_by_index_rcu(lgn->net, ifindex);

	if (dev)
		lg_neigh_write(lgn, dev, key, false);
	else
		lg_neigh_forget(lgn, key, ifindex);
}

/* Of all ports in one walk, however many they are. */
static void lg_neigh_drain(struct lg_net *lgn)
{
	struct lg_key key = {};
	u32 ifindex;
	int err;

	rcu_read_lock();
	while ((err = lg_neigh_next(lgn, &key, &ifindex)) != -ENOENT) {
		if (!err) {
			lg_neigh_drain_one(lgn, key, ifindex);
			if (!lg_key_step(&key))
				break;
		}
		lg_rcu_breathe();
	}
	rcu_read_unlock();
}

/**
 * lg_neigh_gc() - take out entries that were dropped, or whose port has ARP
 * @lgn: namespace state
 *
 * The neighbour layer's own GC leaves those that were dropped where they are
 * fewer than gc_thresh1, for ever. Where they are many it comes, and a walk
 * would keep others waiting.
 *
 * Context: may sleep.
 */
void lg_neigh_gc(struct lg_net *lgn)
{
	/* Pairs with the one in lg_neigh_port_on(). */
	if (READ_ONCE(lgn->neigh_stale) && xchg(&lgn->neigh_stale, false))
		lg_neigh_drain(lgn);
	/* Others make entries, too. */
	if (static_branch_unlikely(&lg_arp_off_key)) {
		local_bh_disable();
		lg_neigh_hide();
		local_bh_enable();
	}
	if (!READ_ONCE(lgn->neigh_over))
		return;
	WRITE_ONCE(lgn->neigh_over, false);
	if (lg_neigh_is_large())
		return;
	lg_neigh_lock_bh(&arp_tbl);
	__neigh_for_each_release(&arp_tbl, lg_neigh_is_over);
	lg_neigh_unlock_bh(&arp_tbl);
}

/* -------------------------------------------------------------- ports */

static const struct {
	u8 var;
	u8 val;
} lg_arp_vars[LG_ARP_VARS] = {
	{ NEIGH_VAR_APP_PROBES, LG_HOLD_PROBES },
	{ NEIGH_VAR_MCAST_PROBES, 0 },
	{ NEIGH_VAR_UCAST_PROBES, 0 },
	{ NEIGH_VAR_MCAST_REPROBES, 0 },
};

static void lg_arp_vars_set(struct lg_port *port, struct neigh_parms *parms)
{
	unsigned int i;

	for (i = 0; i < LG_ARP_VARS; i++) {
		port->arp.val[i] = parms->data[lg_arp_vars[i].var];
		port->arp.inherited[i] = !test_bit(lg_arp_vars[i].var,
						   parms->data_state);
		neigh_var_set(parms, lg_arp_vars[i].var, lg_arp_vars[i].val);
	}
	port->arp.ours = true;
}

/*
 * What it would be had it not been set. Only in the first namespace does a
 * change of the default reach interfaces that are there.
 */
static int lg_arp_var_was(const struct lg_port *port,
			  const struct neigh_parms *parms, unsigned int i)
{
	if (port->arp.inherited[i] &&
	    net_eq(neigh_parms_net(parms), &init_net))
		return READ_ONCE(arp_tbl.parms.data[lg_arp_vars[i].var]);
	return port->arp.val[i];
}

/* What an operator set meanwhile stays. */
static void lg_arp_vars_restore(struct lg_port *port,
				struct neigh_parms *parms)
{
	unsigned int i;

	for (i = 0; i < LG_ARP_VARS; i++) {
		if (parms->data[lg_arp_vars[i].var] != lg_arp_vars[i].val)
			continue;
		neigh_var_set(parms, lg_arp_vars[i].var,
			      lg_arp_var_was(port, parms, i));
		if (port->arp.inherited[i])
			clear_bit(lg_arp_vars[i].var, parms->data_state);
	}
	port->arp.ours = false;
}

static void lg_neigh_port_off(struct lg_net *lgn, struct lg_port *port)
{
	struct net_device *dev = __dev_get_by_index(lgn->net, port->ifindex);
	struct in_device *in_dev = dev ? __in_dev_get_rtnl(dev) : NULL;

	if (in_dev)
		lg_arp_vars_set(port, in_dev->arp_parms);
	WRITE_ONCE(port->set.arp, LEASEGLEAN_ARP_OFF);
	static_branch_inc(&lg_arp_off_key);
}

static void lg_neigh_port_on(struct lg_net *lgn, struct lg_port *port)
{
	struct net_device *dev = __dev_get_by_index(lgn->net, port->ifindex);
	struct in_device *in_dev = dev ? __in_dev_get_rtnl(dev) : NULL;

	WRITE_ONCE(port->set.arp, LEASEGLEAN_ARP_ON);
	static_branch_dec(&lg_arp_off_key);
	if (in_dev && port->arp.ours)
		lg_arp_vars_restore(port, in_dev->arp_parms);
	/*
	 * Not here, under rtnl: there may be a million. Whoever makes one from
	 * now on sees that ARP is on.
	 */
	smp_store_mb(lgn->neigh_stale, true);
	lg_gc_arm(lgn);
}

/**
 * lg_neigh_port_check() - whether an interface can do without ARP
 * @dev: the interface
 * @set: what is wanted of it
 * @extack: told why not
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int lg_neigh_port_check(const struct net_device *dev,
			const struct lg_port_settings *set,
			struct netlink_ext_ack *extack)
{
	if (set->arp == LEASEGLEAN_ARP_ON)
		return 0;
	if (!IS_ENABLED(CONFIG_NETFILTER_FAMILY_ARP)) {
		NL_SET_ERR_MSG(extack, "this kernel was built without CONFIG_NETFILTER_FAMILY_ARP");
		return -EOPNOTSUPP;
	}
	if (dev->type != ARPHRD_ETHER || dev->addr_len != ETH_ALEN ||
	    dev->flags & (IFF_NOARP | IFF_LOOPBACK | IFF_POINTOPOINT)) {
		NL_SET_ERR_MSG(extack, "this interface has no Ethernet neighbours");
		return -EOPNOTSUPP;
	}
	if (netif_is_any_bridge_port(dev)) {
		NL_SET_ERR_MSG(extack, "ARP is the bridge's: set it there");
		return -EOPNOTSUPP;
	}
	if (netif_is_lag_port(dev)) {
		NL_SET_ERR_MSG(extack, "ARP is the bond's: set it there");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * lg_neigh_port_set() - a port is to do with ARP or without
 * @lgn: namespace state
 * @port: the port
 * @arp: enum leaseglean_arp
 *
 * Context: rtnl.
 */
void lg_neigh_port_set(struct lg_net *lgn, struct lg_port *port, u32 arp)
{
	if (port->set.arp == arp)
		return;
	if (arp == LEASEGLEAN_ARP_OFF)
		lg_neigh_port_off(lgn, port);
	else
		lg_neigh_port_on(lgn, port);
}

/**
 * lg_neigh_port_mtu() - an interface may have lost IPv4, or got it back
 * @port: its port
 * @dev: the interface
 *
 * Below an MTU of 68 all that is of IPv4 goes, and later comes anew.
 *
 * Context: rtnl.
 */
void lg_neigh_port_mtu(struct lg_port *port, struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);

	if (lg_arp_is_on(port))
		return;
	if (!in_dev)
		port->arp.ours = false;
	else if (!port->arp.ours)
		lg_arp_vars_set(port, in_dev->arp_parms);
}

/* ---------------------------------------------------------------- ARP */

/* Sender of RFC 826, Ethernet and IPv4. */
struct lg_arp_sender {
	struct arphdr head;
	u8 sha[ETH_ALEN];
	u8 sip[4];
} __packed;

/* That of a bridge's port is the bridge's, too. */
static bool lg_lease_is_at(const struct lg_net *lgn,
			   const struct lg_lease *lease,
			   struct net_device *dev)
{
	struct net_device *place;

	if (lease->port == dev->ifindex)
		return true;
	place = dev_get_by_index_rcu(lgn->net, lease->port);
	return place && netdev_has_upper_dev_all_rcu(place, dev);
}

/*
 * The first claim would get what is held. Its sender asks again; and if the
 * servers stay silent, so that he has to do without them, what is held goes
 * before he is heard.
 */
static unsigned int lg_arp_of_pending(struct lg_net *lgn,
				      struct net_device *dev,
				      const struct lg_lease *lease)
{
	struct neighbour *n;
	u8 state;

	n = __ipv4_neigh_lookup(dev, (__force u32)lease->addr);
	if (!n)
		return NF_ACCEPT;
	if (lg_neigh_owner(n, &state) == LG_NEIGH_OURS &&
	    state & NUD_INCOMPLETE) {
		if (lg_now() - lease->since < LG_ARP_PATIENCE) {
			neigh_release(n);
			lg_stat_inc(lgn, arp_pending);
			return NF_DROP;
		}
		lg_neigh_update(n, NULL, NUD_FAILED, LG_NEIGH_KEEP);
	}
	neigh_release(n);
	return NF_ACCEPT;
}

/*
 * Each sender without a lease here makes an ordinary neighbour: not so many
 * that the kernel begins to throw out those of other interfaces.
 */
static unsigned int lg_arp_of_unknown(struct lg_net *lgn,
				      struct net_device *dev, __be32 addr)
{
	if (atomic_read(&arp_tbl.gc_entries) < READ_ONCE(arp_tbl.gc_thresh2) ||
	    __ipv4_neigh_lookup_noref(dev, (__force u32)addr))
		return NF_ACCEPT;
	lg_stat_inc(lgn, arp_full);
	return NF_DROP;
}

/**
 * lg_hook_arp() - who has a lease is known before his ARP is heard
 * @priv: unused
 * @skb: an ARP message that came in
 * @state: netfilter's
 *
 * So it is answered, but nothing is learnt from it, nor counted against
 * gc_thresh3.
 *
 * Return: NF_DROP or NF_ACCEPT.
 */
unsigned int lg_hook_arp(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	struct lg_net *lgn = lg_pernet(state->net);
	struct lg_arp_sender _arp, *arp;
	struct lg_port *port;
	struct lg_lease *lease;
	struct lg_key key;

	if (!static_branch_unlikely(&lg_arp_off_key))
		return NF_ACCEPT;
	port = lg_port_access(lgn, state->in->ifindex);
	if (!port || lg_arp_is_on(port))
		return NF_ACCEPT;
	arp = skb_header_pointer(skb, skb_network_offset(skb), sizeof(_arp),
				 &_arp);
	if (!arp || arp->head.ar_pro != htons(ETH_P_IP) ||
	    arp->head.ar_hln != ETH_ALEN ||
	    arp->head.ar_pln != sizeof(arp->sip))
		return NF_ACCEPT;
	memcpy(&key.addr, arp->sip, sizeof(key.addr));
	key.vrf = lg_vrf_of(state->in);
	lease = lg_lease_find(lgn, key);
	if (lease && lease->state == LEASEGLEAN_STATE_PENDING)
		return lg_arp_of_pending(lgn, state->in, lease);
	if (!lease || lease->state != LEASEGLEAN_STATE_ACTIVE ||
	    !lg_lease_is_at(lgn, lease, state->in))
		return lg_arp_of_unknown(lgn, state->in, key.addr);
	lg_neigh_ready(lgn, state->in, key);
	return NF_ACCEPT;
}
