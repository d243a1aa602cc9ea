/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet needs to know of an address: that an active lease holds.
 *
 * A block says it of 256 neighbouring addresses in one cache line, and so
 * of a million in 256 KB, while their leases fill a hundred MB. Reading a
 * lease for each packet costs several misses of cache and TLB.
 *
 * A set bit whose time is not over is proof; all else only means that the
 * entry itself is to be read. The time of a quarter of a block is the
 * earliest end of its leases, or, once that one was renewed, before it; the
 * GC makes it exact again before it comes.
 */
#ifndef _LG_BLOCK_H
#define _LG_BLOCK_H

#include <linux/bits.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct lg_table;

#define LG_BLOCK_BITS		8
#define LG_BLOCK_QUARTERS	4
#define LG_BLOCK_QUARTER_BITS	(LG_BLOCK_BITS - 2)
#define LG_LEAF_BITS		12
#define LG_LEAF_BLOCKS		BIT(LG_LEAF_BITS - LG_BLOCK_BITS)
#define LG_MAP_BITS		7
#define LG_MAP_SLOTS		BIT(LG_MAP_BITS)

/**
 * struct lg_block - of 256 addresses, those with an active lease
 * @active: a bit for each
 * @until: boottime second up to which the bits of that quarter are true
 *
 * Written under the table's xa_lock, read under RCU.
 */
struct lg_block {
	u64 active[LG_BLOCK_QUARTERS];
	u32 until[LG_BLOCK_QUARTERS];
} __aligned(64);

/**
 * struct lg_leaf - the blocks of a /20
 * @block: each of a /24
 */
struct lg_leaf {
	struct lg_block block[LG_LEAF_BLOCKS];
};

/**
 * struct lg_map - the way to a leaf, one of three levels
 * @slot: struct lg_map, or struct lg_leaf in those of the third
 *
 * Three loads for a packet and no call; for a million leases all of them are
 * of a few cache lines. What was made stays while the table does: 1 KB for
 * each /20 that ever held a lease, 1 KB for each /13.
 */
struct lg_map {
	void __rcu *slot[LG_MAP_SLOTS];
};

/* Shifts of the levels: 6, 7 and 7 bits above those of a leaf. */
#define LG_MAP_SHIFT_3	LG_LEAF_BITS
#define LG_MAP_SHIFT_2	(LG_MAP_SHIFT_3 + LG_MAP_BITS)
#define LG_MAP_SHIFT_1	(LG_MAP_SHIFT_2 + LG_MAP_BITS)

/**
 * lg_block_find() - the block of an address
 * @root: of the table
 * @addr: the address, host order
 *
 * Context: RCU read lock or the table's xa_lock.
 * Return: the block or NULL.
 */
static inline struct lg_block *lg_block_find(const struct lg_map *root,
					     u32 addr)
{
	const unsigned int mask = LG_MAP_SLOTS - 1;
	const struct lg_map *map;
	struct lg_leaf *leaf;

	map = rcu_dereference_check(root->slot[addr >> LG_MAP_SHIFT_1], true);
	if (!map)
		return NULL;
	map = rcu_dereference_check(map->slot[addr >> LG_MAP_SHIFT_2 & mask],
				    true);
	if (!map)
		return NULL;
	leaf = rcu_dereference_check(map->slot[addr >> LG_MAP_SHIFT_3 & mask],
				     true);
	return leaf ? &leaf->block[addr >> LG_BLOCK_BITS &
				   (LG_LEAF_BLOCKS - 1)] : NULL;
}

/**
 * lg_block_holds() - whether an active lease is known to hold
 * @root: of the table
 * @addr: the address, host order
 * @now: lg_now()
 *
 * Context: RCU read lock.
 * Return: true if so; false if only the entry can tell.
 */
static inline bool lg_block_holds(const struct lg_map *root, u32 addr, u32 now)
{
	unsigned int quarter = addr >> LG_BLOCK_QUARTER_BITS &
			       (LG_BLOCK_QUARTERS - 1);
	const struct lg_block *block = lg_block_find(root, addr);
	u64 active;

	if (!block)
		return false;
	/* Pairs with the release in lg_block_set(): no bit without its time. */
	active = smp_load_acquire(&block->active[quarter]);
	return active & BIT_ULL(addr & 63) &&
	       now < READ_ONCE(block->until[quarter]);
}

void lg_block_set(struct lg_table *table, u32 addr, u32 expires);
void lg_block_clear(struct lg_table *table, u32 addr);
void lg_blocks_gc(struct lg_table *table);
void lg_blocks_free(struct lg_table *table);

#endif /* _LG_BLOCK_H */
