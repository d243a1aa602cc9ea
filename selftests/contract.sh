#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# uapi/leaseglean.yaml is the contract: the kernel tree's own ynl drives the
# family by it and hears its events. That the header has the same names and
# values is lint.sh's to see.
#
# $LG_KSRC is an unpacked kernel source of 6.12 or so.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

export LG_YNL=$LG_KSRC/tools/net/ynl
[ -r "$LG_YNL/cli.py" ] || ktap_bail "no kernel source in LG_KSRC='$LG_KSRC'"
topology_up && module_load || ktap_bail "set-up"
PYTHONPYCACHEPREFIX=/tmp/pycache PYTHONPATH=$LG_LIB:$LG_LIB/yaml:$LG_YNL \
	python3 "$LG_TOP/selftests/contract.py"
