#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets made by hand, right and wrong in every way that matters: what the
# table holds afterwards and which counter rose.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

topology_up && module_load || ktap_bail "set-up"
lg_python craft.py
