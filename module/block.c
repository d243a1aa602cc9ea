// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "block.h"
#include "lease.h"

/* How long before its time a quarter is looked at, in seconds. */
#define LG_BLOCK_AHEAD	8

static void *lg_map_get(void __rcu **slot, size_t size)
{
	void *next = rcu_dereference_protected(*slot, true);

	if (next)
		return next;
	next = kzalloc(size, GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (next)
		rcu_assign_pointer(*slot, next);
	return next;
}

static struct lg_block *lg_block_get(struct lg_table *table, u32 addr)
{
	const unsigned int mask = LG_MAP_SLOTS - 1;
	struct lg_map *map = &table->blocks;

	map = lg_map_get(&map->slot[addr >> LG_MAP_SHIFT_1], sizeof(*map));
	if (map)
		map = lg_map_get(&map->slot[addr >> LG_MAP_SHIFT_2 & mask],
				 sizeof(*map));
	if (!map || !lg_map_get(&map->slot[addr >> LG_MAP_SHIFT_3 & mask],
				sizeof(struct lg_leaf)))
		return NULL;
	return lg_block_find(&table->blocks, addr);
}

static unsigned int lg_block_quarter(u32 addr)
{
	return addr >> LG_BLOCK_QUARTER_BITS & (LG_BLOCK_QUARTERS - 1);
}

/**
 * lg_block_set() - an address has an active lease
 * @table: its table
 * @addr: the address, host order
 * @expires: boottime second at which that ends, or LG_NEVER
 *
 * Without memory nothing happens: packets read the entry then.
 *
 * Context: the table's xa_lock.
 */
void lg_block_set(struct lg_table *table, u32 addr, u32 expires)
{
	struct lg_block *block = lg_block_get(table, addr);
	unsigned int q = lg_block_quarter(addr);

	if (!block)
		return;
	if (block->active[q])
		expires = min(expires, block->until[q]);
	WRITE_ONCE(block->until[q], expires);
	/* Pairs with the acquire in lg_block_holds(): time before bit. */
	smp_store_release(&block->active[q],
			  block->active[q] | BIT_ULL(addr & 63));
}

/**
 * lg_block_clear() - an address has no active lease
 * @table: its table
 * @addr: the address, host order
 *
 * Context: the table's xa_lock.
 */
void lg_block_clear(struct lg_table *table, u32 addr)
{
	struct lg_block *block = lg_block_find(&table->blocks, addr);
	unsigned int q = lg_block_quarter(addr);

	if (block)
		WRITE_ONCE(block->active[q],
			   block->active[q] & ~BIT_ULL(addr & 63));
}

/* The earliest end of what is active, from the entries themselves. */
static void lg_block_renew(struct lg_table *table, struct lg_block *block,
			   u32 first, unsigned int q)
{
	u32 addr = first + (q << LG_BLOCK_QUARTER_BITS);
	u64 left = block->active[q];
	u32 until = LG_NEVER;

	for (; left; left &= left - 1) {
		const struct lg_lease *lease;

		lease = xa_load(&table->xa, addr + __ffs64(left));
		if (lease)
			until = min(until, READ_ONCE(lease->expires));
	}
	WRITE_ONCE(block->until[q], until);
}

static bool lg_block_due(const struct lg_block *block, u32 soon)
{
	unsigned int q;

	for (q = 0; q < LG_BLOCK_QUARTERS; q++)
		if (READ_ONCE(block->active[q]) &&
		    READ_ONCE(block->until[q]) <= soon)
			return true;
	return false;
}

/* One at a time under the lock, which others wait for. */
static void lg_block_gc(struct lg_table *table, struct lg_block *block,
			u32 first)
{
	u32 soon = lg_now() + LG_BLOCK_AHEAD;
	unsigned int q;

	if (!lg_block_due(block, soon))
		return;
	xa_lock_bh(&table->xa);
	for (q = 0; q < LG_BLOCK_QUARTERS; q++)
		if (block->active[q] && block->until[q] <= soon)
			lg_block_renew(table, block, first, q);
	xa_unlock_bh(&table->xa);
}

static void lg_leaf_gc(struct lg_table *table, struct lg_leaf *leaf, u32 first)
{
	unsigned int i;

	for (i = 0; i < LG_LEAF_BLOCKS; i++)
		lg_block_gc(table, &leaf->block[i], first | i << LG_BLOCK_BITS);
	cond_resched();
}

/* Maps of the third level hold leaves. */
static void lg_map_gc(struct lg_table *table, struct lg_map *map,
		      unsigned int shift, u32 first)
{
	unsigned int i;
	void *next;

	for (i = 0; i < LG_MAP_SLOTS; i++) {
		next = rcu_dereference_protected(map->slot[i], true);
		if (next && shift == LG_MAP_SHIFT_3)
			lg_leaf_gc(table, next, first | i << shift);
		else if (next)
			lg_map_gc(table, next, shift - LG_MAP_BITS,
				  first | i << shift);
	}
}

/**
 * lg_blocks_gc() - make times exact that come soon
 * @table: the table
 *
 * Context: the GC, which alone frees tables in use.
 */
void lg_blocks_gc(struct lg_table *table)
{
	lg_map_gc(table, &table->blocks, LG_MAP_SHIFT_1, 0);
}

static void lg_map_free(struct lg_map *map, unsigned int shift)
{
	unsigned int i;
	void *next;

	for (i = 0; i < LG_MAP_SLOTS; i++) {
		next = rcu_dereference_protected(map->slot[i], true);
		if (next && shift != LG_MAP_SHIFT_3)
			lg_map_free(next, shift - LG_MAP_BITS);
		kfree(next);
	}
	cond_resched();
}

/**
 * lg_blocks_free() - free all
 * @table: which nobody reads or writes any more
 */
void lg_blocks_free(struct lg_table *table)
{
	lg_map_free(&table->blocks, LG_MAP_SHIFT_1);
}
