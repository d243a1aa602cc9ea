#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /proc/net/leaseglean while the table changes under the reader: rows that are
# there all the time are seen exactly once, in order. Netlink dumps likewise.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
lg_python procfs.py "${LG_ROWS:-10000}"
