/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_BRIDGE_H
#define _LG_BRIDGE_H

#include <linux/netdevice.h>
#include <linux/types.h>

void lg_bridge_get(void);
void lg_bridge_put(void);
bool lg_bridge_pvid(const struct net_device *dev, const struct net_device *br,
		    __be16 *proto, u16 *vid);

#endif /* _LG_BRIDGE_H */
