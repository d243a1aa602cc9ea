#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The hostile subscriber: what each attack costs the others, with the helper
# at work. Arguments choose attacks, by the names of their functions. Single
# packets of the same kinds are in craft.sh and verify.sh.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

# subscriber ADDRESS GATEWAY: one that answers the core
subscriber()
{
	ip -n "$1" addr add "$2/24" dev wan &&
		ip -n "$1" route add default via "$3"
}

set_up()
{
	# what one CPU floods, the other's queue is to hold
	sysctl -qw net.core.netdev_max_backlog=10000
	topology_up || return 1
	# a /16 behind a port
	ip -n bng addr add 10.88.0.1/16 dev acc0
	ip -n core route add 10.88.0.0/16 via "$BNG_ADDR"
	subscriber sub1 10.77.1.2 10.77.1.1 &&
		subscriber sub2 10.77.2.2 10.77.2.1 &&
		subscriber sub4 10.77.4.2 10.77.4.1 &&
		subscriber sub5 10.77.4.3 10.77.4.1 || return 1
	# low enough for a test to reach
	module_load max_pending_port=300 max_pending=900 \
		max_negative_port=1500 max_negative=4000 \
		max_exchanges_port=200 max_exchanges=600 || return 1
	mkdir -p "$LG_TMP/state"
	cat >"$LG_TMP/helper.conf" <<-END
		[leasegleand]
		state-dir = $LG_TMP/state
		[recovery]
		snapshot = off
		[query]
		timeout-first = 3s
	END
	access_ports_add || return 1
	# as an operator runs it: it is to be quiet
	spawn helper bng leasegleand -f -c "$LG_TMP/helper.conf"
	wait_log helper 'ready: helping'
}

set_up || ktap_bail "set-up"
lg_python hostile.py "$LG_TMP/helper.log" "${lg_pids[helper]}" "$@"
