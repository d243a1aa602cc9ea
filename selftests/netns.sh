#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each network namespace has a table, ports, a helper and counters of its own,
# and takes them with it.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
namespace other
ip -n other link add acc0 type dummy
ip -n other link set acc0 up
lg_python netns.py
