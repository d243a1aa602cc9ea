/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_PLACE_H
#define _LG_PLACE_H

#include <linux/if_vlan.h>
#include <leaseglean.h>
#include <linux/netdevice.h>

/**
 * lg_place_vlans() - the tags that a frame on an interface bears
 * @dev: the interface
 * @vlan: LEASEGLEAN_VLANS_MAX identifiers, outermost first, 0 for none
 *
 * Of a deeper stack than that the innermost are taken.
 *
 * Context: RCU read lock or rtnl.
 */
static inline void lg_place_vlans(const struct net_device *dev, u16 *vlan)
{
	unsigned int n = 0;
	u16 inner[LEASEGLEAN_VLANS_MAX];

	memset(vlan, 0, LEASEGLEAN_VLANS_MAX * sizeof(*vlan));
#if IS_ENABLED(CONFIG_VLAN_8021Q)
	while (is_vlan_dev(dev) && n < LEASEGLEAN_VLANS_MAX) {
		inner[n++] = vlan_dev_priv(dev)->vlan_id;
		dev = vlan_dev_priv(dev)->real_dev;
	}
#endif
	while (n--)
		*vlan++ = inner[n];
}

/**
 * lg_place_is_plain() - whether frames on an interface bear its tags only
 * @dev: the interface
 *
 * On a bridge's port they may bear any, and what is above a bridge cannot tell
 * whether its VLAN is a tag or none (a PVID) on the port below.
 */
static inline bool lg_place_is_plain(const struct net_device *dev)
{
	if (netif_is_bridge_port(dev))
		return false;
#if IS_ENABLED(CONFIG_VLAN_8021Q)
	while (is_vlan_dev(dev))
		dev = vlan_dev_priv(dev)->real_dev;
#endif
	return !netif_is_bridge_master(dev);
}

#endif /* _LG_PLACE_H */
