#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Source verification, moves of bindings, caps of ports, and what is asked
# for: packet by packet, on a plain port, a VLAN, QinQ and in a VRF.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
# a network behind a subscriber
ip -n bng route add 10.99.0.0/24 via 10.77.1.60
lg_python verify.py
