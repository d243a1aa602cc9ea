#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink family, byte by byte: what it does, what it refuses, and what it
# says about it. contract.sh has an independent reader do the same.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
lg_python netlink.py
