/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table: what is known of each address.
 *
 * One XArray for each VRF, indexed by the address in host order. A look-up
 * is a short walk down the radix tree under RCU; no hash to flood, no resize,
 * and a walk in order of addresses that can go on from where it was, so that
 * a dump holds each stable entry exactly once however much changes around it.
 *
 * Entries are immutable but for the packet count and expiry of a pending one,
 * which each packet that needs it moves on. A change puts a new entry in the
 * old one's place under the table's xa_lock; the old one is freed after a
 * grace period. An entry that is past its time counts as absent to every
 * reader, whether or not the GC has come.
 */
#ifndef _LG_LEASE_H
#define _LG_LEASE_H

#include <leaseglean.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "block.h"
#include "lg.h"

/* Expiry of what never ends. */
#define LG_NEVER	U32_MAX

#define LG_MARK_PENDING		XA_MARK_0
#define LG_MARK_NEGATIVE	XA_MARK_1

/**
 * struct lg_lease - one entry
 * @state: enum leaseglean_state
 * @origin: enum leaseglean_origin
 * @htype: ARP hardware type of @hwaddr
 * @hlen: bytes of @hwaddr
 * @expires: boottime second from which on it is void, or LG_NEVER
 * @port: interface index, 0 if not known
 * @addr: the address, network order
 * @vrf: interface index of the VRF device, or 0
 * @since: boottime second of the client's last transaction with a server where
 *	@dated, which may lie before boot, modulo 2^32; else at which this was
 *	learnt
 * @hwaddr: chaddr of the client
 * @packets: of a pending entry: those that missed so far
 * @held: of a pending entry: bytes held for it, at most; neigh.c
 * @payer: of one that is not active: interface index of the port whose caps
 *	it counts against, from which it was asked for
 * @payer_seq: of that port, as @port_seq
 * @rcu: frees it
 * @cookie: of the miss that made it or that it answered
 * @giaddr: the relay agent's, or 0
 * @server: which gave the lease, or 0
 * @vlan: identifiers, outermost first, 0 for none
 * @vlan_known: whether @vlan is all that a frame from there bears
 * @dated: whether it is known when a server last heard of the client
 * @agent_len: bytes of option 82 in @data
 * @id_len: bytes of option 61 behind it
 * @port_seq: of the port, which counts it if it is active, 0 for none; the
 *	table's own
 * @asked: of an active entry: boottime second at which servers were asked
 *	whether it holds, or 0; of a rival that question's, once they denied it
 * @data: both
 *
 * The packet path reads the first 32 bytes, which kmalloc-96 and the larger
 * sizes keep in one cache line.
 */
struct lg_lease {
	u8 state;
	u8 origin;
	u8 htype;
	u8 hlen;
	u32 expires;
	u32 port;
	__be32 addr;
	union {
		u8 hwaddr[LEASEGLEAN_HWADDR_MAX];
		struct {
			atomic_t packets;
			atomic_t held;
			u32 payer;
			u32 payer_seq;
		};
	};
	u32 vrf;
	u32 since;
	struct rcu_head rcu;
	u64 cookie;
	__be32 giaddr;
	__be32 server;
	u32 port_seq;
	u32 asked;
	u16 vlan[LEASEGLEAN_VLANS_MAX];
	u8 vlan_known : 1;
	u8 dated : 1;
	u8 agent_len;
	u8 id_len;
	u8 data[];
};

/* With 40 bytes of options it takes 128, of which there may be a million. */
static_assert(offsetof(struct lg_lease, data) <= 88);

/**
 * struct lg_table - the entries of one VRF
 * @xa: lg_lease by address in host order
 * @blocks: which of them are active; block.h
 * @rivals: by address, what would take the place of an entry if servers say
 *	so; under the xa_lock of @xa
 * @neighs: by address, index of the interface that has a neighbour entry of
 *	ours, or is about to have; neigh.c
 * @rival_next: where the GC goes on among them
 * @vrf: interface index of the VRF device, or 0
 * @dead: the VRF is gone, nothing may be added; under xa_lock
 *
 * Found and used under the RCU read lock. Freed by the GC once it is dead.
 */
struct lg_table {
	struct xarray xa;
	struct lg_map blocks;
	struct xarray rivals;
	struct xarray neighs;
	unsigned long rival_next;
	u32 vrf;
	bool dead;
};

/**
 * struct lg_key - names an entry
 * @addr: the address, network order
 * @vrf: interface index of the VRF device, or 0
 */
struct lg_key {
	__be32 addr;
	u32 vrf;
};

/* Entries that one step of a walk looks at. */
#define LG_WALK_STEP	2048

/* For walks in process context: lets others run, and grace periods end. */
static inline void lg_rcu_breathe(void)
{
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}

/* The key after this one; false behind the last. */
static inline bool lg_key_step(struct lg_key *key)
{
	key->addr = htonl(ntohl(key->addr) + 1);
	return key->addr || ++key->vrf;
}

/**
 * struct lg_filter - what a walk is to touch; a 0 matches all
 * @state: enum leaseglean_state
 * @origin: enum leaseglean_origin
 * @port: interface index
 * @settled: all but pending ones
 * @has_vrf: whether @vrf counts
 * @vrf: interface index of the VRF device, or 0
 * @hlen: bytes of @hwaddr
 * @id_len: bytes of @client_id
 * @agent_len: bytes of @agent_info
 * @hwaddr: client's hardware address, in the caller's hands
 * @client_id: its option 61, likewise
 * @agent_info: sub-options that its option 82 has to have, likewise; each
 *	once, as lg_agent_suboption() takes them
 */
struct lg_filter {
	u8 state;
	u8 origin;
	u8 hlen;
	u8 id_len;
	u8 agent_len;
	bool settled;
	bool has_vrf;
	u32 vrf;
	u32 port;
	const u8 *hwaddr;
	const u8 *client_id;
	const u8 *agent_info;
};

/* How an entry may take the place of another. */
enum lg_put {
	LG_PUT_GLEANED,		/* a server said so just now */
	LG_PUT_RENEWED,		/* likewise, and it was made from what is there */
	LG_PUT_ANSWER,		/* settles the miss with this cookie */
	LG_PUT_FILL,		/* older knowledge: only where nothing is, or older */
	LG_PUT_OPERATOR,	/* always */
	LG_PUT_OPERATOR_EXCL,	/* only where nothing is, else EEXIST */
	LG_PUT_MISS,		/* pending: only where nothing is */
	LG_PUT_ASKED,		/* made from what is there, and asked of */
};

struct lg_lease *lg_lease_alloc(const void *agent_info, u8 agent_len,
				const void *client_id, u8 id_len, gfp_t gfp);
int lg_lease_put(struct lg_net *lgn, struct lg_lease *lease, enum lg_put how,
		 const struct lg_lease *from, struct netlink_ext_ack *extack);
struct lg_lease *lg_lease_copy(const struct lg_lease *lease);
struct lg_lease *lg_lease_filled(struct lg_net *lgn, struct lg_lease *lease);
void lg_lease_rival(struct lg_net *lgn, struct lg_lease *rival);
int lg_lease_del(struct lg_net *lgn, struct lg_key key);
bool lg_lease_end(struct lg_net *lgn, const struct lg_lease *lease);
struct lg_lease *lg_lease_find(const struct lg_net *lgn, struct lg_key key);
struct lg_lease *lg_lease_next(const struct lg_net *lgn, struct lg_key *key,
			       const struct lg_filter *filter,
			       unsigned int *left);
unsigned int lg_lease_flush(struct lg_net *lgn, const struct lg_filter *filter);
void lg_place_from(struct lg_lease *lease, const struct lg_lease *from);
bool lg_lease_same_client(const struct lg_lease *lease, u8 htype, u8 hlen,
			  const u8 *hwaddr);
u32 lg_lease_expiry(u32 now, u32 lease_time);

void lg_table_vrf_gone(struct lg_net *lgn, u32 vrf);
bool lg_tables_gc(struct lg_net *lgn);
void lg_tables_init(struct lg_net *lgn);
void lg_tables_exit(struct lg_net *lgn);

/**
 * lg_lease_live() - whether an entry still holds
 * @lease: the entry
 * @now: lg_now()
 */
static inline bool lg_lease_live(const struct lg_lease *lease, u32 now)
{
	/* LG_NEVER is later than any now. */
	return now < READ_ONCE(lease->expires);
}

/**
 * lg_table_find() - the table of a VRF
 * @lgn: namespace state
 * @vrf: interface index of the VRF device, or 0
 *
 * Context: RCU read lock.
 * Return: the table or NULL.
 */
static inline struct lg_table *lg_table_find(const struct lg_net *lgn, u32 vrf)
{
	/* Nearly all packets: without a walk. */
	if (likely(!vrf))
		return rcu_dereference_check(lgn->main, true);
	return xa_load((struct xarray *)&lgn->tables, vrf);
}

/**
 * lg_lease_holds() - whether an address has an active lease, for packets
 * @lgn: namespace state
 * @key: address and VRF
 *
 * Context: RCU read lock.
 * Return: true if so; false if lg_lease_find() must tell.
 */
static inline bool lg_lease_holds(const struct lg_net *lgn, struct lg_key key)
{
	const struct lg_table *table = lg_table_find(lgn, key.vrf);

	return table && lg_block_holds(&table->blocks, ntohl(key.addr),
				       lg_now());
}

#endif /* _LG_LEASE_H */
