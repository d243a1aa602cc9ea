#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 200 subscribers are bound when the BNG loses its table. One packet to each:
# every one is answered for by leasequery, each is asked for exactly once, and
# nothing else is asked.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

subscribers=200

# rows ORIGIN: addresses and hardware addresses of active rows
rows()
{
	leases | awk -v origin="$1" \
		'$2 == "active" && $3 == origin { print $1, $4 }' | sort
}

all_rows()
{
	diff <(sort "$LG_TMP/bound") <(rows "$1")
}

one_packet_each()
{
	lg_python lib/one_packet.py core "$CORE_ADDR" \
		<<<"$(cut -d ' ' -f 1 "$LG_TMP/bound")"
}

recovered()
{
	wait_for 60 eval '[ "$(rows leasequery | wc -l)" -ge $subscribers ]'
	all_rows leasequery
}

on_port()
{
	leases | awk -v port="$1" \
		'$2 == "active" && $5 != port { print; bad = 1 } END { exit bad }'
}

# every address asked for once, by one query, with one answer
asked_once()
{
	diff <(lg_python lib/pcap.py "$LG_TMP/core.pcap" 10 |
	       cut -d ' ' -f 4 | sort) <(cut -d ' ' -f 1 "$LG_TMP/bound" | sort)
}

nothing_else()
{
	! lg_python lib/pcap.py "$LG_TMP/core.pcap" | grep -vE '^[^ ]+ [^ ]+ 1[03] '
}

try()
{
	local server=$1

	check "$server: it starts" server_start "$server"
	check "$server: $subscribers subscribers lease addresses" \
		eval "lg_python lib/subscribers.py sub4 $subscribers >$LG_TMP/bound"
	check "$server: all are gleaned" all_rows gleaned || leases | tail -n 5

	check "$server: the helper stops" helper_stop
	check "$server: the module is unloaded" module_unload
	on bng ip neigh flush all
	check "$server: the module is loaded" module_load
	check "$server: ports get their role" access_ports_add
	check "$server: the table is empty" eval '[ "$(leases | wc -l)" -eq 1 ]'
	check "$server: the helper starts" helper_start
	check "$server: a capture on the core wire" \
		capture_start core core core0

	check "$server: one packet to each" one_packet_each
	check "$server: every one is answered for" recovered ||
		{ leases | tail -n 5; on bng cat /proc/net/leaseglean/stats |
			grep -v ' 0$'; log_tail helper; }
	check "$server: on the port it was leased on" on_port acc3
	check "$server: nothing is pending" \
		eval '[ "$(on bng cat /proc/net/leaseglean/pending | wc -l)" -eq 1 ]'
	capture_mark core bng "$CORE_ADDR"
	check "$server: each was asked for once" asked_once
	check "$server: nothing else was asked" nothing_else
	capture_stop core

	server_stop
	on bng leaseglean flush
}

# A server on a busy machine may be slow: no reason for a second query.
cat >"$LG_TMP/helper.conf" <<-END
	[leasegleand]
	state-dir = $LG_TMP/state
	[recovery]
	snapshot = off
	[query]
	timeout-first = 10s
END

ktap_start
topology_up && module_load && access_ports_add || ktap_bail "set-up"
check "the relay agent starts" relay_start dhcrelay
check "the helper starts" helper_start
try isc
try kea
ktap_end
