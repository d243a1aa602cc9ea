#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demo: a BNG loses its table and gets it back from the DHCP server. Runs
# in a guest (make demo). Ends non-zero where a step did not hold.

. "$(dirname "$0")/../lib/topology.sh"

step=0

say()
{
	printf '\n\033[1m%s\033[0m\n' "$*"
}

title()
{
	step=$((step + 1))
	say "$step. $*   [$SECONDS s]"
}

show()
{
	printf '   %s\n' "$*"
}

# A command, shown as typed, and what it says
run()
{
	printf '   # %s\n' "$*"
	"$@" 2>&1 | sed 's/^/   /'
	return "${PIPESTATUS[0]}"
}

fail()
{
	say "The demo failed: $*"
	for log in helper relay server; do
		[ ! -e "$LG_TMP/$log.log" ] || { show "--- $log"; log_tail "$log"; }
	done
	exit 1
}

must()
{
	"$@" || fail "$*"
}

table()
{
	printf '   bng# cat /proc/net/leaseglean/leases\n'
	leases | sed 's/^/   /'
}

all_are()
{
	local sub

	for sub in "${SUBSCRIBERS[@]}"; do
		lease_is "${address[$sub]}" state active &&
			lease_is "${address[$sub]}" origin "$1" &&
			lease_is "${address[$sub]}" hwaddr \
				"$(subscriber_mac "$sub")" &&
			lease_is "${address[$sub]}" port "${port[$sub]}" ||
			return 1
	done >/dev/null
}

answered_on_the_wire()
{
	capture_mark core bng "$CORE_ADDR" || return 1
	lg_python lib/pcap.py "$LG_TMP/core.pcap" 10 13 >"$LG_TMP/wire"
	for sub in "${SUBSCRIBERS[@]}"; do
		for kind in 10 13; do
			awk -v kind="$kind" -v address="${address[$sub]}" \
				'$3 == kind && $4 == address { found = 1 }
				END { exit !found }' "$LG_TMP/wire" || return 1
		done
	done
}

declare -A address
declare -A port=([sub1]=acc0 [sub2]=acc1.100 [sub3]=acc2.100.7 [sub4]=acc3
	[sub5]=acc3)
declare -A client=([sub1]=dhclient [sub2]=udhcpc [sub3]=dhcpcd [sub4]=udhcpc
	[sub5]=dhclient)
declare -A place=([sub1]="acc0" [sub2]="acc1.100, a VLAN"
	[sub3]="acc2.100.7, QinQ" [sub4]="acc3, shared" [sub5]="acc3, shared")

say "leaseglean on Linux $(uname -r)"

title "A core network, a BNG with four access ports, five subscribers"
must topology_up
must server_start isc
show "core  $CORE_ADDR    ISC dhcpd"
must module_load
must relay_start dhcrelay
must access_ports_add
must helper_start
show "bng   $BNG_ADDR    leaseglean.ko, leasegleand, dhcrelay -a"

title "Subscribers lease their addresses; the BNG gleans"
for sub in "${SUBSCRIBERS[@]}"; do
	must "client_start_${client[$sub]}" "$sub"
done
for sub in "${SUBSCRIBERS[@]}"; do
	wait_for "$LG_PATIENCE" has_address "$sub" ||
		fail "$sub (${client[$sub]}) got no address"
	address[$sub]=$(subscriber_address "$sub")
	show "$sub   ${address[$sub]}   ${client[$sub]}, behind ${place[$sub]}"
done
table
wait_for 10 all_are gleaned || fail "a lease was not gleaned"

title "The BNG reboots: the table is lost"
run helper_stop
run module_unload || fail "the module could not be unloaded"
run on bng ip neigh flush all
run module_load || fail "the module could not be loaded"
run access_ports_add || fail "the ports got no role"
printf '   # helper_start\n'
must helper_start
table
[ "$(leases | wc -l)" -eq 1 ] || fail "the table is not empty"

title "The core sends to each subscriber"
must capture_start core core core0
for sub in "${SUBSCRIBERS[@]}"; do
	on core ping -c 1 -W 10 "${address[$sub]}" >"$LG_TMP/ping" ||
		fail "$sub cannot be reached: $(cat "$LG_TMP/ping")"
	show "core# $(grep 'bytes from' "$LG_TMP/ping")"
done
wait_for 20 all_are leasequery || { table; fail "a lease did not come back"; }

title "What the BNG asked on the core wire, and what the server answered"
wait_for 20 answered_on_the_wire || fail "no leasequery was seen on the wire"
query=$(awk '$3 == 10 { print $7; exit }' "$LG_TMP/wire")
tcpdump -r "$LG_TMP/core.pcap" -n -v \
	"udp port 67 and udp[12:4] = 0x$query" 2>/dev/null |
	cut -c 1-100 | sed 's/^/   /'
show "... and so on: $(grep -c ' 10 ' "$LG_TMP/wire") DHCPLEASEQUERY, $(
	grep -c ' 13 ' "$LG_TMP/wire") DHCPLEASEACTIVE"

title "The table again, from the server's answers"
table
all_are leasequery || fail "the table is not what it was"
say "Every step held.   [$SECONDS s]"
