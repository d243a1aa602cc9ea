#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two VRFs with the same addresses in both.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
ip -n bng -batch - <<-END || ktap_bail "VRFs"
	link add red type vrf table 10
	link add blue type vrf table 20
	link set red up
	link set blue up
	link set acc0 master red
	link set acc3 master blue
	addr flush dev acc3
	addr add 10.77.1.1/24 dev acc3
END
lg_python vrf.py
