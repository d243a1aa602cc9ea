/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source verification: what enters by an access port must come from an
 * address that has a lease there (RFC 2827 at the level of a subscriber).
 *
 * The lease of the source address decides, or, for a network behind a
 * subscriber, the lease of the address that it is routed through. What has
 * none is asked for, once and within the port's budget, but only if the
 * address is reached by an access port.
 */
#ifndef _LG_VERIFY_H
#define _LG_VERIFY_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/types.h>

#include <leaseglean.h>

#include "lg.h"
#include "port.h"

/* Events of refused packets that listeners are told of, a second, at once. */
#define LG_SPOOF_RATE	10
#define LG_SPOOF_BURST	100

/**
 * struct lg_claim - who says that he has an address
 * @addr: the address, network order
 * @vrf: interface index of the VRF device, or 0
 * @dev: port that it came by
 * @hwaddr: source of the frame
 * @two: the frame's source and the one that it tells of (ARP) differ
 * @vlan: identifiers, outermost first, 0 for none
 */
struct lg_claim {
	__be32 addr;
	u32 vrf;
	struct net_device *dev;
	u8 hwaddr[ETH_ALEN];
	bool two;
	u16 vlan[LEASEGLEAN_VLANS_MAX];
};

bool lg_verify(struct lg_net *lgn, struct lg_port *port,
	       const struct lg_claim *claim);

#endif /* _LG_VERIFY_H */
