#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module goes and comes while packets, DHCP, dumps and puts go on. The rig
# reads the kernel log afterwards, and looks for leaks.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

rounds=${LG_ROUNDS:-5}

# no process: those that are watched keep the processor busy
count_of()
{
	mapfile -t lines <"$LG_TMP/$1.log"
	REPLY=${#lines[@]}
}

# still at work: it says more than it had said
goes_on()
{
	count_of "$1"
	[ "$REPLY" -gt "$2" ]
}

# The module's own jump is patched at the first access port, which emulated
# processors may not follow (see hold_jumps of the rig): nobody runs then.
# Every second round the ports have all that verifies and does without ARP:
# neighbours, held packets and hooks of theirs go under load, too.
access_roles()
{
	local kind settings=()

	(($1 % 2)) || settings=(arp off verify strict)

	[ "$LG_KERNEL" = uml ] || for kind in traffic clients; do
		signal "$kind" STOP
	done
	on bng leaseglean port add acc0 role access "${settings[@]}" &&
		on bng leaseglean port add acc3 role access "${settings[@]}" ||
		ktap_bail "roles"
	[ "$LG_KERNEL" = uml ] || for kind in traffic clients; do
		signal "$kind" CONT
	done
}

# All of the traffic ran while the module was there, and while it was not.
everything_moves()
{
	local name before

	for name in traffic clients netlink readers; do
		count_of "$name"
		before=$REPLY
		wait_for 60 goes_on "$name" "$before" ||
			{ echo "$name stands still"; log_tail "$name"; return 1; }
	done
}

ktap_start
topology_up || ktap_bail "topology"
for kind in traffic clients netlink readers; do
	spawn "$kind" bng env PYTHONPYCACHEPREFIX=/tmp/pycache PYTHONPATH="$LG_LIB" \
		python3 "$LG_TOP/selftests/lib/load.py" "$kind"
done
for ((i = 1; i <= rounds; i++)); do
	check "round $i: the module comes" module_load
	access_roles "$i"
	check "round $i: all goes on" everything_moves
	check "round $i: the module goes under load" module_unload
done
check "without it all goes on" everything_moves
for kind in traffic clients netlink readers; do
	check "$kind never failed" running "$kind"
done
ktap_end
