#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bridge that filters VLANs, packet by packet: a port without tags, a trunk,
# and the interfaces above the bridge in a VRF.
#
#	acc0 (sub1), no tags: VLAN 200 \
#	                                br0 -- br0.200 10.77.1.1, br0.300: VRF red
#	acc3 (sub4), tags 200 and 300  /

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
ip -n bng -batch - <<-END && bridge -n bng -batch - <<-END2 || ktap_bail "bridge"
	addr flush dev acc0
	link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0
	link set acc0 master br0
	link set acc3 master br0
	link set br0 up
	link add red type vrf table 10
	link set red up
	link add link br0 name br0.200 type vlan id 200
	link add link br0 name br0.300 type vlan id 300
	link set br0.200 master red
	link set br0.300 master red
	addr add 10.77.1.1/24 dev br0.200
	link set br0.200 up
	link set br0.300 up
	route add 10.77.1.0/24 dev br0.200
END
	vlan add dev br0 vid 200 self
	vlan add dev br0 vid 300 self
	vlan add dev acc0 vid 200 pvid untagged
	vlan add dev acc3 vid 200
	vlan add dev acc3 vid 300
END2
lg_python bridged.py
