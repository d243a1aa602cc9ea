#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module goes and comes while packets, DHCP, dumps and puts go on. The rig
# reads the kernel log afterwards, and looks for leaks.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

rounds=${LG_ROUNDS:-5}

count_of()
{
	wc -l <"$LG_TMP/$1.log"
}

# still at work: it says more than it had said
goes_on()
{
	[ "$(count_of "$1")" -gt "$2" ]
}

# The module's own jump is patched at the first access port, which emulated
# processors may not follow (see hold_jumps of the rig): nobody runs then.
access_roles()
{
	local kind

	[ "$LG_KERNEL" = uml ] || for kind in traffic clients; do
		signal "$kind" STOP
	done
	on bng leaseglean port add acc0 role access &&
		on bng leaseglean port add acc3 role access
	[ "$LG_KERNEL" = uml ] || for kind in traffic clients; do
		signal "$kind" CONT
	done
}

# All of the traffic ran while the module was there, and while it was not.
everything_moves()
{
	local name before

	for name in traffic clients netlink readers; do
		before=$(count_of "$name")
		wait_for 60 goes_on "$name" "$before" ||
			{ echo "$name stands still"; log_tail "$name"; return 1; }
	done
}

ktap_start
topology_up || ktap_bail "topology"
for kind in traffic clients netlink readers; do
	spawn "$kind" bng env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$LG_LIB" \
		python3 "$LG_TOP/selftests/lib/load.py" "$kind"
done
for ((i = 1; i <= rounds; i++)); do
	check "round $i: the module comes" module_load
	access_roles
	check "round $i: all goes on" everything_moves
	check "round $i: the module goes under load" module_unload
done
check "without it all goes on" everything_moves
for kind in traffic clients netlink readers; do
	check "$kind never failed" running "$kind"
done
ktap_end
