#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Forwarding without ARP.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
lg_python arp.py
