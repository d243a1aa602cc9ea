// SPDX-License-Identifier: GPL-2.0
/*
 * What only a bridge can tell of its ports. Its functions are looked up when
 * the first port with a role is a bridge's, so that whoever has no bridge does
 * not load its module for us; they are kept until this module goes, and the
 * bridge's module with them.
 */
#include <linux/if_bridge.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "bridge.h"

static struct {
	typeof(br_vlan_enabled) *enabled;
	typeof(br_vlan_get_proto) *proto;
	typeof(br_vlan_get_pvid_rcu) *pvid;
	bool ready;
} lg_bridge __read_mostly;

/**
 * lg_bridge_put() - let go of the bridge's functions
 *
 * Context: nothing of this module runs any more, or rtnl and never @ready.
 */
void lg_bridge_put(void)
{
	if (lg_bridge.enabled)
		symbol_put(br_vlan_enabled);
	if (lg_bridge.proto)
		symbol_put(br_vlan_get_proto);
	if (lg_bridge.pvid)
		symbol_put(br_vlan_get_pvid_rcu);
	memset(&lg_bridge, 0, sizeof(lg_bridge));
}

/**
 * lg_bridge_get() - a port is a bridge's: its functions are there
 *
 * Context: rtnl.
 */
void lg_bridge_get(void)
{
	ASSERT_RTNL();
	if (lg_bridge.ready)
		return;
	lg_bridge.enabled = symbol_get(br_vlan_enabled);
	lg_bridge.proto = symbol_get(br_vlan_get_proto);
	lg_bridge.pvid = symbol_get(br_vlan_get_pvid_rcu);
	if (lg_bridge.enabled && lg_bridge.proto && lg_bridge.pvid)
		/* Pairs with the acquire in lg_bridge_pvid(). */
		smp_store_release(&lg_bridge.ready, true);
	else
		lg_bridge_put();
}

/**
 * lg_bridge_pvid() - the VLAN of frames without a tag
 * @dev: a bridge's port
 * @br: the bridge
 * @proto: of its VLANs, network order
 * @vid: filled in
 *
 * Context: RCU read lock.
 * Return: whether the bridge filters VLANs and there is one.
 */
bool lg_bridge_pvid(const struct net_device *dev, const struct net_device *br,
		    __be16 *proto, u16 *vid)
{
	u16 type;

	/* Pairs with the release in lg_bridge_get(). */
	if (!smp_load_acquire(&lg_bridge.ready) || !lg_bridge.enabled(br) ||
	    lg_bridge.proto(br, &type) || lg_bridge.pvid(dev, vid))
		return false;
	*proto = htons(type);
	return *vid;
}
