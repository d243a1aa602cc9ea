#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The table comes back before traffic asks: from the snapshot that the daemon
# keeps, and by bulk leasequery from Kea, whose connection is cut once.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

told=300
cut_port=1067

program()
{
	lg_python daemon/restore.py "$@"
}

# configure LINE...: behind what stays the same
configure()
{
	printf '%s\n' '[leasegleand]' "state-dir = $LG_TMP/state" "$@" \
		>"$LG_TMP/helper.conf"
}

# The table is lost, as by a reboot.
module_again()
{
	# what the helper before has said is not to be waited for
	rm -f "$LG_TMP/helper.log"
	module_unload && module_load && access_ports_add
}

keep_table()
{
	leases >"$LG_TMP/before"
	kept_at=$SECONDS
}

table_is_back()
{
	leases >"$LG_TMP/after"
	program same "$LG_TMP/before" "$LG_TMP/after" $((SECONDS - kept_at))
}

# wait_says PATTERN: the helper does
wait_says()
{
	wait_log helper "$1"
}

rows_are()
{
	local rows

	rows=$(leases | awk -v origin="$1" '$3 == origin' | wc -l)
	[ "$rows" -eq "$2" ] || { echo "$rows rows of $1"; leases | head; return 1; }
}

file_is_private()
{
	[ "$(stat -c '%a %U' "$LG_TMP/state/leases")" = '600 root' ]
}

# What was written is not lost with the daemon, nor what waits for its port.
comes_back_after_a_crash()
{
	# shellcheck disable=SC2034 # module_again's
	local ACCESS_PORTS=(acc0 acc2.100.7 acc3)

	keep_table
	stop helper KILL
	ip -n bng link del acc1.100
	module_again || return 1
	capture_start core core core0
	helper_start || return 1
	wait_says 'recovery by snapshot ended after .* 37 of 49 leases put, 12 wait for their ports$'
}

status_tells()
{
	on bng leaseglean -j status | jq -e '.recovery[0] |
		.source == "snapshot" and .state == "ended" and .read == 49 and
		.put == 37 and .waiting == 12 and .refused == 0' >/dev/null &&
		on bng leaseglean status | grep -q \
		'^recovery snapshot ended read 49 put 37 waiting 12 expired 0 '
}

port_make()
{
	ip -n bng -batch - <<-END
		link add link acc1 name acc1.100 type vlan id 100
		addr add 10.77.2.1/24 dev acc1.100
		link set acc1.100 up
	END
}

port_comes()
{
	port_make || return 1
	wait_for "$LG_PATIENCE" eval '[ "$(leases | grep -c acc1.100)" -eq 12 ]'
}

nothing_was_asked()
{
	capture_mark core bng "$CORE_ADDR"
	no_leasequery core
}

comes_back_as_it_was_at_the_end()
{
	on bng leaseglean del 10.77.1.100 || return 1
	keep_table
	stop helper
	module_again && helper_start &&
		wait_says 'recovery by snapshot ended' && table_is_back
}

# Interfaces are made, and then put into their VRF.
comes_back_when_its_port_is_in_its_vrf()
{
	ip -n bng -batch - <<-END || return 1
		link add red type vrf table 10
		link add vacc type dummy
		link set red up
		link set vacc master red
	END
	program vrf vacc && stop helper && module_again || return 1
	ip -n bng link set vacc nomaster || return 1
	helper_start &&
		wait_says 'recovery by snapshot ended after .* 1 wait for their ports$' ||
		return 1
	! leases | grep -q '^10\.88\.0\.9 ' || return 1
	ip -n bng link set vacc master red || return 1
	wait_for "$LG_PATIENCE" says '^10\.88\.0\.9 active restored ' leases ||
		{ leases | tail -n 3; log_tail helper; return 1; }
	ip -n bng -batch - <<-END
		link del vacc
		link del red
	END
}

# A byte in the middle of it.
damage()
{
	printf '\377' | dd of="$LG_TMP/state/leases" bs=1 seek=700 \
		conv=notrunc status=none
}

damaged_file_is_refused()
{
	stop helper
	damage && module_again && helper_start || return 1
	wait_says "$LG_TMP/state/leases is damaged: .*\. Nothing is restored from it; it is kept as leases.bad" &&
		[ -e "$LG_TMP/state/leases.bad" ] && rows_are restored 0
}

asked_on_demand()
{
	packets 10.77.1.10
	becomes 10.77.1.10 active && lease_is 10.77.1.10 origin leasequery
}

cut_start()
{
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$LG_LIB spawn cut core \
		python3 "$here/restore.py" cut "$CORE_ADDR" $cut_port 67 20000
	wait_log cut listening
}

bulk_refills()
{
	stop helper
	rm "$LG_TMP/state/leases"
	configure '[recovery]' 'order = bulk' 'snapshot = off' \
		"[server $CORE_ADDR]" 'giaddr = 10.77.1.1' 'bulk = yes' \
		"bulk-port = $cut_port" 'bulk-remote-id = 6e6f646537'
	module_again && helper_start || return 1
	wait_says 'recovery by bulk ended after' ||
		{ log_tail cut; log_tail server; return 1; }
}

connection_was_cut()
{
	[ "$(grep -c 'a connection' "$LG_TMP/cut.log")" -eq 2 ] &&
		grep -q '^cut' "$LG_TMP/cut.log"
}

# Those of half the ports by their circuit-id, the others by their route.
bulk_rows()
{
	rows_are bulk "$told" || return 1
	leases | awk -v told="$told" '
		BEGIN { split("acc0 acc1.100 acc2.100.7 acc3", port) }
		$3 != "bulk" { next }
		{ split($1, byte, "."); ok = $5 == port[byte[3]] && $9 > 2500 && $9 <= 3500 }
		ok { n++ }
		END { exit n != told }'
}

# A port that was not there when the server told of its leases.
bulk_is_asked_again()
{
	# shellcheck disable=SC2034 # module_again's
	local ACCESS_PORTS=(acc0 acc2.100.7 acc3)

	stop helper
	printf '%s\n' '[port acc1.100]' 'role = access' >>"$LG_TMP/helper.conf"
	ip -n bng link del acc1.100
	module_again && helper_start || return 1
	wait_says 'recovery by bulk ended after .* 225 of 305 leases put, .* 80 elsewhere' &&
		port_make && wait_for "$LG_PATIENCE" bulk_rows ||
		{ leases | tail -n 3; log_tail helper; return 1; }
}

# A server may search for long; one whose host is gone must not be waited for.
silence_is_watched()
{
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$LG_LIB spawn mute core \
		python3 "$here/restore.py" mute "$CORE_ADDR" $((cut_port + 1))
	wait_log mute listening && stop helper || return 1
	sed -i "s/^bulk-port = .*/bulk-port = $((cut_port + 1))/" \
		"$LG_TMP/helper.conf"
	helper_start && wait_log mute '^a query' || return 1
	on bng ss -Htno state established "dport = :$((cut_port + 1))" |
		tee "$LG_TMP/timers" | grep -q 'timer:(keepalive,[12]' ||
		{ cat "$LG_TMP/timers"; return 1; }
}

ktap_start
topology_up && module_load && access_ports_add || ktap_bail "set-up"
mkdir -p "$LG_TMP/kea" "$LG_TMP/state"
program kea "$told" "$LG_TMP/kea/leases.csv" || ktap_bail "leases of Kea"
check "there are leases" program put
configure '[recovery]' 'snapshot = 1s'
check "the helper starts" helper_start
check "it keeps them, now and then" wait_for "$LG_PATIENCE" \
	[ -s "$LG_TMP/state/leases" ]
check "in a file that nobody else may read" file_is_private
configure "[server $CORE_ADDR]" 'giaddr = 10.77.1.1'
check "after a crash they come back" comes_back_after_a_crash
check "status tells how far that went" status_tells
check "those of a port that was not there when it comes" port_comes
check "with the times that they have left, but for an operator's own" \
	table_is_back
check "nobody was asked for them" nothing_was_asked
capture_stop core
check "they come back as they were when the helper was ended" \
	comes_back_as_it_was_at_the_end
check "those of a VRF when their port is in it" \
	comes_back_when_its_port_is_in_its_vrf
LG_KEA_BULK=1 server_start kea || ktap_bail "the server"
check "a damaged file is refused, and kept" damaged_file_is_refused
check "the table is refilled on demand" asked_on_demand
check "a connection that will be cut" cut_start
check "bulk leasequery refills the table" bulk_refills
check "although its connection was cut" connection_was_cut
check "all are there, on their ports, and no others" bulk_rows
check "and those of a port that comes later" bulk_is_asked_again
check "a server that says nothing is asked whether it is there" \
	silence_is_watched
ktap_end
