#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Floods: budgets and caps hold, and no lease pays for them.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load max_leases=100 max_pending_port=30 max_pending=50 \
	max_negative_port=20 max_negative=30 max_exchanges_port=40 ||
	ktap_bail "set-up"
lg_python caps.py
