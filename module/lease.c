// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/l3mdev.h>

#include "dhcp.h"
#include "lease.h"
#include "miss.h"
#include "neigh.h"
#include "netlink.h"
#include "port.h"

/* Entries that one turn of the GC looks at, and between two breaths. */
#define LG_GC_TURN	65536
#define LG_GC_BREATH	512
/* Of a user's own namespace, all caps are this much lower. */
#define LG_USERNS_SHARE	64

static unsigned int max_leases = 4 << 20;
module_param(max_leases, uint, 0644);
MODULE_PARM_DESC(max_leases, "Active leases in one network namespace");

static unsigned int max_negative = 1 << 16;
module_param(max_negative, uint, 0644);
MODULE_PARM_DESC(max_negative, "Addresses known to have no lease, likewise");

static unsigned int max_negative_port = 1 << 14;
module_param(max_negative_port, uint, 0644);
MODULE_PARM_DESC(max_negative_port, "The same on one port");

static unsigned int max_pending = 1 << 15;
module_param(max_pending, uint, 0644);
MODULE_PARM_DESC(max_pending, "Addresses being asked for, likewise");

static unsigned int max_pending_port = 1 << 12;
module_param(max_pending_port, uint, 0644);
MODULE_PARM_DESC(max_pending_port, "The same on one port");

static enum lg_class lg_lease_class(const struct lg_lease *lease)
{
	switch (lease->state) {
	case LEASEGLEAN_STATE_ACTIVE:
		return LG_CLASS_ACTIVE;
	case LEASEGLEAN_STATE_PENDING:
		return LG_CLASS_PENDING;
	default:
		return LG_CLASS_NEGATIVE;
	}
}

/**
 * lg_lease_expiry() - boottime second at which a lease ends
 * @now: lg_now()
 * @lease_time: option 51 in seconds; 0xffffffff is for ever (RFC 2131, 3.3)
 */
u32 lg_lease_expiry(u32 now, u32 lease_time)
{
	if (lease_time == U32_MAX || lease_time >= LG_NEVER - now)
		return LG_NEVER;
	return now + lease_time;
}

/**
 * lg_lease_alloc() - a new entry with its opaque bytes, all else zero
 * @agent_info: payload of option 82
 * @agent_len: its length, 0 for none
 * @client_id: payload of option 61
 * @id_len: its length, 0 for none
 * @gfp: how to allocate
 *
 * Return: the entry, to be given to lg_lease_put() or kfree(), or NULL.
 */
struct lg_lease *lg_lease_alloc(const void *agent_info, u8 agent_len,
				const void *client_id, u8 id_len, gfp_t gfp)
{
	struct lg_lease *lease;

	lease = kmalloc(struct_size(lease, data, agent_len + id_len), gfp);
	if (!lease)
		return NULL;
	memset(lease, 0, sizeof(*lease));
	lease->agent_len = agent_len;
	lease->id_len = id_len;
	if (agent_len)
		memcpy(lease->data, agent_info, agent_len);
	if (id_len)
		memcpy(lease->data + agent_len, client_id, id_len);
	lease->expires = LG_NEVER;
	lease->since = lg_now();
	return lease;
}

/**
 * lg_lease_copy() - an entry like another, to be changed and put in its place
 * @lease: the other
 *
 * Context: any.
 * Return: the copy or NULL.
 */
struct lg_lease *lg_lease_copy(const struct lg_lease *lease)
{
	struct lg_lease *copy;

	copy = lg_lease_alloc(lease->data, lease->agent_len,
			      lease->data + lease->agent_len, lease->id_len,
			      GFP_ATOMIC | __GFP_NOWARN);
	if (!copy)
		return NULL;
	memcpy(copy, lease, offsetof(struct lg_lease, data));
	return copy;
}

/**
 * lg_lease_same_client() - whether an active entry is of this client
 * @lease: the entry
 * @htype: hardware type
 * @hlen: bytes of @hwaddr
 * @hwaddr: hardware address
 */
bool lg_lease_same_client(const struct lg_lease *lease, u8 htype, u8 hlen,
			  const u8 *hwaddr)
{
	return lease->state == LEASEGLEAN_STATE_ACTIVE &&
	       lease->htype == htype && lease->hlen == hlen &&
	       !memcmp(lease->hwaddr, hwaddr, hlen);
}

/* Taken under the lock of a table's entries. */
static struct lock_class_key lg_rivals_key;

/* Under RCU, so that the table stays while the caller uses it. */
static struct lg_table *lg_table_get(struct lg_net *lgn, u32 vrf)
{
	struct lg_table *table = lg_table_find(lgn, vrf), *old;

	if (table)
		return table;
	table = kzalloc(sizeof(*table), GFP_ATOMIC);
	if (!table)
		return NULL;
	xa_init_flags(&table->xa, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	xa_init_flags(&table->neighs, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	xa_init_flags(&table->rivals, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	lockdep_set_class(&table->rivals.xa_lock, &lg_rivals_key);
	table->vrf = vrf;
	xa_lock_bh(&lgn->tables);
	old = __xa_cmpxchg(&lgn->tables, vrf, NULL, table, GFP_ATOMIC);
	if (!old && !vrf)
		rcu_assign_pointer(lgn->main, table);
	xa_unlock_bh(&lgn->tables);
	if (!old)
		return table;
	kfree(table);
	return xa_is_err(old) ? NULL : old;
}

/**
 * lg_lease_find() - the entry of an address
 * @lgn: namespace state
 * @key: address and VRF
 *
 * Context: RCU read lock.
 * Return: the entry, or NULL where there is none or its time is over.
 */
struct lg_lease *lg_lease_find(const struct lg_net *lgn, struct lg_key key)
{
	struct lg_table *table = lg_table_find(lgn, key.vrf);
	struct lg_lease *lease;

	if (!table)
		return NULL;
	lease = xa_load(&table->xa, ntohl(key.addr));
	return lease && lg_lease_live(lease, lg_now()) ? lease : NULL;
}

/*
 * The port whose caps an entry counts against: its own; of one that is not
 * active, whose place may be any that somebody tries, that of who asks for it.
 */
static struct lg_port *lg_lease_payer(const struct lg_net *lgn,
				      const struct lg_lease *lease)
{
	bool own = lg_lease_class(lease) == LG_CLASS_ACTIVE || !lease->payer;

	return lg_port_find(lgn, own ? lease->port : lease->payer);
}

static void lg_count_in(struct lg_net *lgn, struct lg_lease *lease)
{
	struct lg_port *port = lg_port_find(lgn, lease->port);
	struct lg_port *payer = lg_lease_payer(lgn, lease);
	enum lg_class class = lg_lease_class(lease);

	atomic_inc(&lgn->count[class]);
	lease->port_seq = port ? port->seq : 0;
	if (class != LG_CLASS_ACTIVE)
		lease->payer_seq = payer ? payer->seq : 0;
	if (payer)
		atomic_inc(&payer->count[class]);
}

/* An interface may have come back with the index of one that is gone. */
static void lg_count_out(struct lg_net *lgn, struct lg_lease *lease)
{
	struct lg_port *payer = lg_lease_payer(lgn, lease);
	enum lg_class class = lg_lease_class(lease);
	u32 seq = class == LG_CLASS_ACTIVE ? lease->port_seq :
					     lease->payer_seq;

	if (payer && payer->seq != seq)
		payer = NULL;
	atomic_dec(&lgn->count[class]);
	if (payer)
		atomic_dec(&payer->count[class]);
	if (class == LG_CLASS_PENDING)
		lg_neigh_unhold(lgn, payer, lease);
}

/**
 * lg_cap() - a cap as it holds in a namespace
 * @lgn: namespace state
 * @max: the module's
 *
 * Anybody may make a namespace of his own, and fill it.
 */
unsigned int lg_cap(const struct lg_net *lgn, unsigned int max)
{
	if (lgn->net->user_ns == &init_user_ns)
		return max;
	return max / LG_USERNS_SHARE;
}

static bool lg_port_full(const struct lg_port *port, unsigned int here)
{
	unsigned int max = port ? READ_ONCE(port->set.max_leases) : 0;

	return max && here >= max;
}

/* At a cap the newest negative or pending entry loses, never an active one. */
static int lg_cap_check(struct lg_net *lgn, const struct lg_lease *old,
			const struct lg_lease *lease)
{
	bool another = !old || lg_lease_class(old) != lg_lease_class(lease);
	enum lg_class class = lg_lease_class(lease);
	struct lg_port *port = lg_lease_payer(lgn, lease);
	unsigned int net = atomic_read(&lgn->count[class]);
	unsigned int here = port ? atomic_read(&port->count[class]) : 0;

	if (!another && class != LG_CLASS_ACTIVE)
		return 0;
	switch (class) {
	case LG_CLASS_ACTIVE:
		if (another && net >= lg_cap(lgn, READ_ONCE(max_leases))) {
			lg_stat_inc(lgn, lease_cap);
			return -ENOSPC;
		}
		if ((another || old->port != lease->port) &&
		    lg_port_full(port, here)) {
			lg_stat_inc(lgn, lease_cap_port);
			return -ENOSPC;
		}
		return 0;
	case LG_CLASS_NEGATIVE:
		if (net >= lg_cap(lgn, READ_ONCE(max_negative))) {
			lg_stat_inc(lgn, negative_cap_net);
			return -ENOSPC;
		}
		if (here >= lg_cap(lgn, READ_ONCE(max_negative_port))) {
			lg_stat_inc(lgn, negative_cap_port);
			return -ENOSPC;
		}
		return 0;
	default:
		if (net >= lg_cap(lgn, READ_ONCE(max_pending))) {
			lg_stat_inc(lgn, miss_cap_net);
			return -ENOSPC;
		}
		if (here >= lg_cap(lgn, READ_ONCE(max_pending_port))) {
			lg_stat_inc(lgn, miss_cap_port);
			return -ENOSPC;
		}
		return 0;
	}
}

/* Servers that know of no lease do not end one that another server gave. */
static int lg_challenge_check(struct lg_net *lgn, const struct lg_lease *old,
			      const struct lg_lease *lease,
			      struct netlink_ext_ack *extack)
{
	if (lease->state != LEASEGLEAN_STATE_ACTIVE) {
		NL_SET_ERR_MSG(extack, "the lease stands");
		lg_stat_inc(lgn, challenge_kept);
		return -ESTALE;
	}
	if (lg_lease_same_client(old, lease->htype, lease->hlen,
				 lease->hwaddr))
		lg_stat_inc(lgn, challenge_kept);
	else
		lg_stat_inc(lgn, challenge_moved);
	return 0;
}

/*
 * A server says what is now; what was restored is what was once. Of several
 * servers the helper knows who says better, and tells of that.
 */
static bool lg_outranks(const struct lg_lease *lease,
			const struct lg_lease *old)
{
	return lease->origin == LEASEGLEAN_ORIGIN_BULK &&
	       (old->origin == LEASEGLEAN_ORIGIN_RESTORED ||
		old->origin == LEASEGLEAN_ORIGIN_BULK);
}

/* A question that was answered has no cookie any more, nor has what is none. */
static bool lg_lease_answers(const struct lg_lease *lease,
			     const struct lg_lease *old)
{
	return lease->cookie && old->asked && old->cookie == lease->cookie;
}

/*
 * Bulk leasequery can be faster than the answer that is the better one, since
 * another server gave it: then the client was in touch with that one later.
 */
static bool lg_lease_later(const struct lg_lease *lease,
			   const struct lg_lease *old)
{
	if (old->origin != LEASEGLEAN_ORIGIN_BULK &&
	    old->origin != LEASEGLEAN_ORIGIN_RESTORED)
		return false;
	if (lease->state != LEASEGLEAN_STATE_ACTIVE || !lease->dated ||
	    !old->dated || (s32)(lease->since - old->since) <= 0)
		return false;
	/* Another client is not where this one is. */
	return lease->port ||
	       lg_lease_same_client(old, lease->htype, lease->hlen,
				    lease->hwaddr);
}

/* By the word of servers, not of packets or an operator. */
static bool lg_lease_replaces(const struct lg_lease *lease,
			      const struct lg_lease *old)
{
	if (!lease->cookie)
		return lg_outranks(lease, old);
	return lg_lease_answers(lease, old) || lg_lease_later(lease, old);
}

/* Whether @lease may take the place of @old, which is live, or NULL. */
static int lg_put_check(struct lg_net *lgn, const struct lg_lease *old,
			const struct lg_lease *lease, enum lg_put how,
			const struct lg_lease *from,
			struct netlink_ext_ack *extack)
{
	bool fixed = old && old->origin == LEASEGLEAN_ORIGIN_STATIC;
	bool pending = old && old->state == LEASEGLEAN_STATE_PENDING;

	switch (how) {
	case LG_PUT_GLEANED:
	case LG_PUT_RENEWED:
		if (fixed) {
			lg_stat_inc(lgn, static_kept);
			return -EPERM;
		}
		if (how == LG_PUT_GLEANED)
			return 0;
		fallthrough;
	case LG_PUT_ASKED:
		/* Somebody was faster, with what is as good. */
		return old && old == from ? 0 : -EAGAIN;
	case LG_PUT_ANSWER:
		if (pending && old->cookie == lease->cookie)
			return 0;
		if (old && lg_lease_answers(lease, old))
			return lg_challenge_check(lgn, old, lease, extack);
		if (old && lg_lease_later(lease, old))
			return 0;
		NL_SET_ERR_MSG(extack, "the miss with this cookie is over");
		lg_stat_inc(lgn, put_stale);
		return -ESTALE;
	case LG_PUT_FILL:
		if (!old || pending || lg_outranks(lease, old))
			return 0;
		NL_SET_ERR_MSG(extack, "newer knowledge of this address is held");
		lg_stat_inc(lgn, put_stale);
		return -ESTALE;
	case LG_PUT_OPERATOR:
		return 0;
	case LG_PUT_OPERATOR_EXCL:
		if (!old || pending)
			return 0;
		NL_SET_ERR_MSG(extack, "the address has an entry");
		return -EEXIST;
	case LG_PUT_MISS:
		return old ? -EEXIST : 0;
	}
	return -EINVAL;
}

static void lg_marks_set(struct lg_table *table, unsigned long index,
			 const struct lg_lease *lease)
{
	enum lg_class class = lg_lease_class(lease);

	/* A store over an old entry keeps that one's marks. */
	if (class == LG_CLASS_PENDING)
		__xa_set_mark(&table->xa, index, LG_MARK_PENDING);
	else
		__xa_clear_mark(&table->xa, index, LG_MARK_PENDING);
	if (class == LG_CLASS_NEGATIVE)
		__xa_set_mark(&table->xa, index, LG_MARK_NEGATIVE);
	else
		__xa_clear_mark(&table->xa, index, LG_MARK_NEGATIVE);
}

/* Under the lock of the table's entries, which is taken before its own. */
static struct lg_lease *lg_rival_take(struct lg_table *table,
				      unsigned long index)
{
	lockdep_assert_held(&table->xa.xa_lock);
	return xa_empty(&table->rivals) ? NULL :
	       xa_erase(&table->rivals, index);
}

/*
 * Servers do not say that it is his: asked again they are if he claims it.
 * Who came behind the question is none of its matter.
 */
static void lg_rival_answered(struct lg_table *table,
			      const struct lg_lease *live)
{
	struct lg_lease *rival;

	lockdep_assert_held(&table->xa.xa_lock);
	rival = xa_load(&table->rivals, ntohl(live->addr));
	if (rival && (s32)(live->asked - rival->since) >= 0)
		rival->asked = live->asked;
}

/*
 * By a bridge's port, where servers and routes know of the bridge, or by the
 * VLANs that were seen.
 */
static bool lg_place_is_closer(struct lg_net *lgn, const struct lg_lease *live,
			       const struct lg_lease *lease)
{
	return lg_port_access(lgn, live->port) &&
	       lg_port_within(lgn, live->port, lease->port);
}

/*
 * An answer that names no port is for the one that missed. To a question
 * about a lease it says who has it; where he is was seen, and what was seen
 * is better than what a relay agent may have written into option 82. So is
 * what was restored or told before, of the same client and behind that port.
 */
static const struct lg_lease *lg_place_known(struct lg_net *lgn,
					     struct lg_table *table,
					     const struct lg_lease *live,
					     const struct lg_lease *lease)
{
	const struct lg_lease *rival;

	if (live->state == LEASEGLEAN_STATE_PENDING)
		return lease->port ? NULL : live;
	if (!lg_lease_replaces(lease, live))
		return NULL;
	if (!lg_lease_answers(lease, live)) {
		if (!lg_lease_same_client(live, lease->htype, lease->hlen,
					  lease->hwaddr))
			return NULL;
		return !lease->port || lg_place_is_closer(lgn, live, lease) ?
		       live : NULL;
	}
	if (lg_lease_same_client(live, lease->htype, lease->hlen,
				 lease->hwaddr))
		return live->port ? live : NULL;
	rival = xa_load(&table->rivals, ntohl(lease->addr));
	return rival && lg_lease_same_client(rival, lease->htype, lease->hlen,
					     lease->hwaddr) ? rival : NULL;
}

/**
 * lg_place_from() - a lease is where another is
 * @lease: to be put
 * @from: the other
 */
void lg_place_from(struct lg_lease *lease, const struct lg_lease *from)
{
	lease->port = from->port;
	lease->vlan_known = from->vlan_known;
	memcpy(lease->vlan, from->vlan, sizeof(lease->vlan));
}

static void lg_count_expired(struct lg_net *lgn, enum lg_class class)
{
	if (class == LG_CLASS_ACTIVE)
		lg_stat_inc(lgn, lease_expired);
	else if (class == LG_CLASS_NEGATIVE)
		lg_stat_inc(lgn, negative_expired);
	else
		lg_stat_inc(lgn, pending_expired);
}

/* What was over is replaced before the GC came by. */
static void lg_told_over(struct lg_net *lgn, const struct lg_lease *old)
{
	lg_count_expired(lgn, lg_lease_class(old));
	if (old->state != LEASEGLEAN_STATE_PENDING)
		lg_netlink_lease_event(lgn, LEASEGLEAN_CMD_LEASE_DEL_NTF, old);
}

static int lg_table_put(struct lg_net *lgn, struct lg_table *table,
			struct lg_lease *lease, enum lg_put how,
			const struct lg_lease *from,
			struct netlink_ext_ack *extack)
{
	unsigned long index = ntohl(lease->addr);
	struct lg_lease *old, *live = NULL;
	const struct lg_lease *place;
	int err;

	lockdep_assert_held(&table->xa.xa_lock);
	if (table->dead) {
		NL_SET_ERR_MSG(extack, "the VRF is going away");
		return -ENODEV;
	}
	old = xa_load(&table->xa, index);
	if (old && lg_lease_live(old, lg_now()))
		live = old;
	err = lg_put_check(lgn, live, lease, how, from, extack);
	if (err) {
		if (how == LG_PUT_ANSWER && live &&
		    lg_lease_answers(lease, live))
			lg_rival_answered(table, live);
		return err;
	}
	if (live && live->state == LEASEGLEAN_STATE_PENDING &&
	    lease->state != LEASEGLEAN_STATE_ACTIVE)
		lease->payer = live->payer;
	place = live ? lg_place_known(lgn, table, live, lease) : NULL;
	if (place)
		lg_place_from(lease, place);
	/* One answer to a question, and no other question at once. */
	if (how == LG_PUT_ANSWER && live && live->asked) {
		lease->asked = live->asked;
		lease->cookie = 0;
	}
	err = lg_cap_check(lgn, old, lease);
	if (err) {
		NL_SET_ERR_MSG(extack, "a cap is reached, the table's or the port's");
		return err;
	}
	/* Whoever finds it sees which port counts it. */
	lg_count_in(lgn, lease);
	err = xa_err(__xa_store(&table->xa, index, lease,
				GFP_ATOMIC | __GFP_NOWARN));
	if (err) {
		lg_count_out(lgn, lease);
		NL_SET_ERR_MSG(extack, "no memory for the table");
		lg_stat_inc(lgn, lease_nomem);
		return err;
	}
	lg_marks_set(table, index, lease);
	if (lease->state == LEASEGLEAN_STATE_ACTIVE)
		lg_block_set(table, index, lease->expires);
	else
		lg_block_clear(table, index);
	if (how != LG_PUT_ASKED)
		kfree(lg_rival_take(table, index));
	if (old && !live)
		lg_told_over(lgn, old);
	if (how != LG_PUT_MISS && how != LG_PUT_ASKED)
		lg_netlink_lease_event(lgn, LEASEGLEAN_CMD_LEASE_NTF, lease);
	if (old) {
		lg_count_out(lgn, old);
		kfree_rcu(old, rcu);
	}
	return 0;
}

/**
 * lg_lease_put() - give an address an entry
 * @lgn: namespace state
 * @lease: the new entry; the table's from now on, unless an error is returned
 * @how: what it may replace
 * @from: for LG_PUT_RENEWED and LG_PUT_ASKED the entry that it must replace,
 *	else NULL
 * @extack: told why it was refused, or NULL
 *
 * Listeners are told, in order, but of pending entries and of LG_PUT_ASKED,
 * which changes nothing for them. On success @lease may be gone at any time;
 * a caller that goes on using it holds the RCU read lock.
 *
 * Context: any but hard interrupt.
 * Return: 0, -ESTALE, -EEXIST or -EAGAIN after @how, -EPERM where a static
 * entry stands, -ENOSPC at a cap, -ENODEV for a VRF that goes away, -ENOMEM.
 */
int lg_lease_put(struct lg_net *lgn, struct lg_lease *lease, enum lg_put how,
		 const struct lg_lease *from, struct netlink_ext_ack *extack)
{
	struct lg_table *table;
	int err = -ENOMEM;

	rcu_read_lock();
	table = lg_table_get(lgn, lease->vrf);
	if (!table) {
		NL_SET_ERR_MSG(extack, "no memory for the table");
		lg_stat_inc(lgn, lease_nomem);
		goto out;
	}
	xa_lock_bh(&table->xa);
	err = lg_table_put(lgn, table, lease, how, from, extack);
	xa_unlock_bh(&table->xa);
	if (!err)
		lg_gc_arm(lgn);
	/* Of a miss the packet that raised it sees to that. */
	if (!err && how != LG_PUT_MISS)
		lg_neigh_sync(lgn, table, lease->addr);
out:
	rcu_read_unlock();
	return err;
}

/**
 * lg_lease_filled() - what servers say, with what they leave out of a lease
 *	that holds
 * @lgn: namespace state
 * @lease: to be put; the callee's from now on
 *
 * Any packet can have servers asked of another's lease, and not all of them
 * keep its option 82 and client identifier, or tell of his last transaction:
 * that of the same client must not lose what was seen of it. The question has
 * its own cookie, so what is found here is what is replaced, or the answer is
 * stale. A lease that was restored or told of by bulk leasequery may be
 * replaced by another of the same client meanwhile, and of him is what is kept.
 *
 * Context: RCU read lock.
 * Return: @lease, or what is to be put instead.
 */
struct lg_lease *lg_lease_filled(struct lg_net *lgn, struct lg_lease *lease)
{
	const struct lg_key key = { .addr = lease->addr, .vrf = lease->vrf };
	const struct lg_lease *old = lg_lease_find(lgn, key), *agent, *id;
	struct lg_lease *filled;

	if (!old || !lg_lease_replaces(lease, old) ||
	    lease->state != LEASEGLEAN_STATE_ACTIVE ||
	    !lg_lease_same_client(old, lease->htype, lease->hlen,
				  lease->hwaddr))
		return lease;
	agent = lease->agent_len ? lease : old;
	id = lease->id_len ? lease : old;
	filled = lg_lease_alloc(agent->data, agent->agent_len,
				id->data + id->agent_len, id->id_len,
				GFP_ATOMIC | __GFP_NOWARN);
	if (!filled)
		return lease;
	memcpy(filled, lease, offsetof(struct lg_lease, agent_len));
	if (!filled->giaddr)
		filled->giaddr = old->giaddr;
	if (!filled->dated && old->dated) {
		filled->dated = true;
		filled->since = old->since;
	}
	kfree(lease);
	return filled;
}

/**
 * lg_lease_rival() - remember who claims an address that another has
 * @lgn: namespace state
 * @rival: what would be put if the claim were believed; the table's from now
 *	on
 *
 * Until the entry of the address is replaced or ends.
 *
 * Context: any but hard interrupt.
 */
void lg_lease_rival(struct lg_net *lgn, struct lg_lease *rival)
{
	unsigned long index = ntohl(rival->addr);
	struct lg_lease *unused = rival;
	struct lg_table *table;

	rcu_read_lock();
	table = lg_table_find(lgn, rival->vrf);
	if (table) {
		xa_lock_bh(&table->xa);
		if (xa_load(&table->xa, index)) {
			unused = xa_store(&table->rivals, index, rival,
					  GFP_ATOMIC | __GFP_NOWARN);
			if (xa_is_err(unused))
				unused = rival;
		}
		xa_unlock_bh(&table->xa);
	}
	rcu_read_unlock();
	kfree(unused);
}

static void lg_table_erase(struct lg_net *lgn, struct lg_table *table,
			   struct lg_lease *lease)
{
	__xa_erase(&table->xa, ntohl(lease->addr));
	kfree(lg_rival_take(table, ntohl(lease->addr)));
	lg_block_clear(table, ntohl(lease->addr));
	lg_count_out(lgn, lease);
	if (lease->state != LEASEGLEAN_STATE_PENDING)
		lg_netlink_lease_event(lgn, LEASEGLEAN_CMD_LEASE_DEL_NTF,
				       lease);
	kfree_rcu(lease, rcu);
}

/**
 * lg_lease_end() - take out this very entry
 * @lgn: namespace state
 * @lease: found under the RCU read lock that the caller still holds
 *
 * Context: RCU read lock.
 * Return: whether it was still there.
 */
bool lg_lease_end(struct lg_net *lgn, const struct lg_lease *lease)
{
	struct lg_table *table = lg_table_find(lgn, lease->vrf);
	struct lg_lease *now;

	if (!table)
		return false;
	xa_lock_bh(&table->xa);
	now = xa_load(&table->xa, ntohl(lease->addr));
	if (now == lease)
		lg_table_erase(lgn, table, now);
	xa_unlock_bh(&table->xa);
	if (now == lease)
		lg_neigh_sync(lgn, table, lease->addr);
	return now == lease;
}

/**
 * lg_lease_del() - take out the entry of an address, of whatever state
 * @lgn: namespace state
 * @key: address and VRF
 *
 * Return: 0 or -ENOENT.
 */
int lg_lease_del(struct lg_net *lgn, struct lg_key key)
{
	struct lg_lease *lease;
	int err = -ENOENT;

	rcu_read_lock();
	lease = lg_lease_find(lgn, key);
	if (lease && lg_lease_end(lgn, lease))
		err = 0;
	rcu_read_unlock();
	return err;
}

/*
 * Whether option 82 has all sub-options of another, whatever else it has. One
 * that is malformed has none.
 */
static bool lg_filter_agent(const struct lg_filter *filter,
			    const struct lg_lease *lease)
{
	const u8 *want = filter->agent_info;
	const u8 *end = want + filter->agent_len, *value;

	if (filter->agent_len > lease->agent_len)
		return false;
	for (; want < end; want += 2 + want[1])
		if (lg_agent_suboption(lease->data, lease->agent_len, *want,
				       &value) != want[1] ||
		    memcmp(value, want + 2, want[1]))
			return false;
	return true;
}

static bool lg_filter_match(const struct lg_filter *filter,
			    const struct lg_lease *lease, u32 now)
{
	if (!lg_lease_live(lease, now))
		return false;
	if (filter->state && filter->state != lease->state)
		return false;
	if (filter->settled && lease->state == LEASEGLEAN_STATE_PENDING)
		return false;
	if (filter->origin && filter->origin != lease->origin)
		return false;
	if (filter->port && filter->port != lease->port)
		return false;
	if (filter->hlen &&
	    (lease->state != LEASEGLEAN_STATE_ACTIVE ||
	     filter->hlen != lease->hlen ||
	     memcmp(filter->hwaddr, lease->hwaddr, filter->hlen)))
		return false;
	if (filter->id_len &&
	    (filter->id_len != lease->id_len ||
	     memcmp(filter->client_id, lease->data + lease->agent_len,
		    filter->id_len)))
		return false;
	return lg_filter_agent(filter, lease);
}

static struct lg_lease *lg_table_next(struct lg_table *table,
				      unsigned long *index,
				      const struct lg_filter *filter,
				      unsigned int *left)
{
	xa_mark_t mark = XA_PRESENT;
	u32 now = lg_now();
	struct lg_lease *lease;

	if (filter->state == LEASEGLEAN_STATE_PENDING)
		mark = LG_MARK_PENDING;
	else if (filter->state && filter->state != LEASEGLEAN_STATE_ACTIVE)
		mark = LG_MARK_NEGATIVE;
	for (lease = xa_find(&table->xa, index, U32_MAX, mark); lease;
	     lease = xa_find_after(&table->xa, index, U32_MAX, mark)) {
		if (!*left)
			return ERR_PTR(-EAGAIN);
		--*left;
		if (lg_filter_match(filter, lease, now))
			return lease;
	}
	return NULL;
}

/**
 * lg_lease_next() - the first entry at or after a key that a filter matches
 * @lgn: namespace state
 * @key: where to begin; on return, that of the entry
 * @filter: what to look for
 * @left: entries that may be looked at, counted down
 *
 * In order of VRF, then address. To go on, step @key by lg_key_step().
 *
 * Context: RCU read lock, which may be given up between two calls.
 * Return: the entry, NULL at the end, or ERR_PTR(-EAGAIN) when none is @left:
 * give up the RCU read lock for a moment and call again.
 */
struct lg_lease *lg_lease_next(const struct lg_net *lgn, struct lg_key *key,
			       const struct lg_filter *filter,
			       unsigned int *left)
{
	unsigned long vrf = key->vrf, index = ntohl(key->addr);
	struct lg_table *table;
	struct lg_lease *lease;

	if (filter->has_vrf && vrf < filter->vrf) {
		vrf = filter->vrf;
		index = 0;
	}
	for (;;) {
		unsigned long want = vrf;

		table = xa_find((struct xarray *)&lgn->tables, &vrf, U32_MAX,
				XA_PRESENT);
		if (!table || (filter->has_vrf && vrf != filter->vrf))
			return NULL;
		if (vrf != want)
			index = 0;
		lease = lg_table_next(table, &index, filter, left);
		if (lease) {
			key->vrf = vrf;
			key->addr = htonl(index);
			return lease;
		}
		vrf++;
		index = 0;
	}
}

/**
 * lg_lease_flush() - take out all that a filter matches
 * @lgn: namespace state
 * @filter: what; static entries only where it says so
 *
 * Context: may sleep.
 * Return: how many.
 */
unsigned int lg_lease_flush(struct lg_net *lgn, const struct lg_filter *filter)
{
	struct lg_key key = {};
	struct lg_lease *lease;
	unsigned int n = 0, left = LG_GC_BREATH;

	rcu_read_lock();
	while ((lease = lg_lease_next(lgn, &key, filter, &left))) {
		if (IS_ERR(lease)) {
			lg_rcu_breathe();
			left = LG_GC_BREATH;
			continue;
		}
		if ((lease->origin != LEASEGLEAN_ORIGIN_STATIC ||
		     filter->origin == LEASEGLEAN_ORIGIN_STATIC) &&
		    lg_lease_end(lgn, lease))
			n++;
		if (!lg_key_step(&key))
			break;
	}
	rcu_read_unlock();
	return n;
}

static void lg_expire(struct lg_net *lgn, const struct lg_lease *lease)
{
	enum lg_class class = lg_lease_class(lease);

	if (lg_lease_end(lgn, lease))
		lg_count_expired(lgn, class);
}

/* Gone, come again as another, or moved to another VRF. */
static bool lg_port_left(struct lg_net *lgn, const struct lg_lease *lease)
{
	struct lg_port *port = lg_port_find(lgn, lease->port);
	struct net_device *dev;

	if (!port || port->seq != lease->port_seq)
		return true;
	dev = dev_get_by_index_rcu(lgn->net, lease->port);
	/* The VRF of a bridge's port is that of the interface above. */
	return dev && !netif_is_bridge_port(dev) &&
	       l3mdev_master_ifindex_rcu(dev) != lease->vrf;
}

/* Whether the entry ended. */
static bool lg_gc_entry(struct lg_net *lgn, const struct lg_lease *lease,
			u32 now)
{
	if (!lg_lease_live(lease, now)) {
		lg_expire(lgn, lease);
		return true;
	}
	if (!lease->port || !lg_port_left(lgn, lease) ||
	    !lg_lease_end(lgn, lease))
		return false;
	lg_stat_inc(lgn, port_gone);
	return true;
}

/* Few and bounded by their caps: all of them, each time. */
static void lg_table_gc_marked(struct lg_net *lgn, struct lg_table *table,
			       xa_mark_t mark)
{
	unsigned long index = 0;
	struct lg_lease *lease;
	unsigned int seen = 0;
	u32 now = lg_now();

	rcu_read_lock();
	xa_for_each_marked(&table->xa, index, lease, mark) {
		lg_gc_entry(lgn, lease, now);
		if (++seen % LG_GC_BREATH == 0)
			lg_rcu_breathe();
	}
	rcu_read_unlock();
}

/*
 * Goes on where the last turn stopped; returns what is left of the turn, and
 * adds to *@ended.
 */
static unsigned int lg_table_gc(struct lg_net *lgn, struct lg_table *table,
				unsigned int turn, unsigned int *ended)
{
	struct lg_lease *lease;
	u32 now = lg_now();

	rcu_read_lock();
	for (lease = xa_find(&table->xa, &lgn->gc_addr, U32_MAX, XA_PRESENT);
	     lease && turn;
	     lease = xa_find_after(&table->xa, &lgn->gc_addr, U32_MAX,
				   XA_PRESENT)) {
		*ended += lg_gc_entry(lgn, lease, now);
		if (--turn % LG_GC_BREATH == 0)
			lg_rcu_breathe();
	}
	rcu_read_unlock();
	return turn;
}

/* Without a word to anyone: nobody is left to hear it. */
static void lg_table_purge(struct lg_net *lgn, struct lg_table *table)
{
	unsigned long index = 0;
	struct lg_lease *lease;
	unsigned int seen = 0;

	rcu_read_lock();
	xa_for_each(&table->xa, index, lease) {
		/* Another may have been faster. */
		lease = xa_erase_bh(&table->xa, index);
		if (lease) {
			lg_count_out(lgn, lease);
			kfree_rcu(lease, rcu);
		}
		if (++seen % LG_GC_BREATH == 0)
			lg_rcu_breathe();
	}
	xa_for_each(&table->rivals, index, lease)
		kfree(xa_erase_bh(&table->rivals, index));
	rcu_read_unlock();
	xa_destroy(&table->xa);
}

static void lg_table_free(struct lg_net *lgn, struct lg_table *table)
{
	const struct lg_filter all = {
		.origin = 0, .has_vrf = true, .vrf = table->vrf,
	};
	const struct lg_filter fixed = {
		.origin = LEASEGLEAN_ORIGIN_STATIC, .has_vrf = true,
		.vrf = table->vrf,
	};

	lg_lease_flush(lgn, &all);
	lg_lease_flush(lgn, &fixed);
	/* What is over was passed by, as absent. */
	lg_table_purge(lgn, table);
	xa_erase_bh(&lgn->tables, table->vrf);
	synchronize_rcu();
	lg_neigh_table_free(lgn, table);
	lg_blocks_free(table);
	kfree(table);
}

/**
 * lg_table_vrf_gone() - end all that is known in a VRF
 * @lgn: namespace state
 * @vrf: interface index of the VRF device
 *
 * The GC does the work.
 */
void lg_table_vrf_gone(struct lg_net *lgn, u32 vrf)
{
	struct lg_table *table;

	rcu_read_lock();
	table = lg_table_find(lgn, vrf);
	if (table) {
		xa_lock_bh(&table->xa);
		WRITE_ONCE(table->dead, true);
		xa_unlock_bh(&table->xa);
		lg_gc_arm(lgn);
	}
	rcu_read_unlock();
}

/*
 * Claims that servers have not answered yet: there was no helper, or no
 * budget, or the upcall was lost. A bounded part, then the next.
 */
static void lg_rivals_gc(struct lg_net *lgn, struct lg_table *table)
{
	unsigned long index = table->rival_next;
	unsigned int left = LG_GC_BREATH;
	const struct lg_lease *rival;
	struct lg_lease *lease;
	struct lg_port *port;

	rcu_read_lock();
	while (!xa_empty(&table->rivals) && left--) {
		xa_lock_bh(&table->xa);
		rival = xa_find(&table->rivals, &index, U32_MAX, XA_PRESENT);
		port = rival && !rival->asked ?
		       lg_port_find(lgn, rival->port) : NULL;
		lease = rival ? xa_load(&table->xa, index) : NULL;
		xa_unlock_bh(&table->xa);
		if (!rival) {
			index = 0;
			break;
		}
		if (port && lease && lease->state == LEASEGLEAN_STATE_ACTIVE)
			lg_challenge(lgn, port, lease);
		index++;
	}
	table->rival_next = index;
	rcu_read_unlock();
}

/**
 * lg_tables_gc() - take out what is over, a bounded part at a time
 * @lgn: namespace state
 *
 * Context: the namespace's GC work, which alone frees tables but at exit, so
 * that a table found here stays.
 * Return: whether so much has ended that the next part should not wait.
 */
bool lg_tables_gc(struct lg_net *lgn)
{
	unsigned int turn = LG_GC_TURN, ended = 0;
	struct lg_table *table;
	unsigned long vrf;

	xa_for_each(&lgn->tables, vrf, table) {
		if (READ_ONCE(table->dead)) {
			lg_table_free(lgn, table);
			continue;
		}
		lg_table_gc_marked(lgn, table, LG_MARK_PENDING);
		lg_table_gc_marked(lgn, table, LG_MARK_NEGATIVE);
		lg_blocks_gc(table);
		lg_rivals_gc(lgn, table);
	}
	xa_for_each_start(&lgn->tables, vrf, table, lgn->gc_vrf) {
		if (vrf != lgn->gc_vrf) {
			lgn->gc_vrf = vrf;
			lgn->gc_addr = 0;
		}
		turn = lg_table_gc(lgn, table, turn, &ended);
		if (!turn)
			return ended > LG_GC_TURN / 4;
	}
	lgn->gc_vrf = 0;
	lgn->gc_addr = 0;
	return false;
}

/**
 * lg_tables_init() - no tables yet
 * @lgn: namespace state
 */
void lg_tables_init(struct lg_net *lgn)
{
	xa_init_flags(&lgn->tables, XA_FLAGS_LOCK_BH);
}

/**
 * lg_tables_exit() - free all
 * @lgn: namespace state; no hook, netlink or GC runs in it any more
 *
 * Context: may sleep; rcu_barrier() is the caller's.
 */
void lg_tables_exit(struct lg_net *lgn)
{
	struct lg_table *table;
	unsigned long vrf;

	xa_for_each(&lgn->tables, vrf, table) {
		lg_table_purge(lgn, table);
		xa_erase_bh(&lgn->tables, vrf);
		lg_neigh_table_free(lgn, table);
		lg_blocks_free(table);
		kfree(table);
	}
	xa_destroy(&lgn->tables);
}
