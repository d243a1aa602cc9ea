#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Forwarding without ARP. First with real programs: a BNG that lost everything
# answers the first ping, and asks no subscriber by ARP; then packet by packet.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

arp_off()
{
	local port

	for port in "${ACCESS_PORTS[@]}"; do
		on bng leaseglean port add "$port" role access arp off || return
	done
}

# the numbers of probes of all access ports
probes()
{
	local port files=()

	for port in "${ACCESS_PORTS[@]}"; do
		files+=("/proc/sys/net/ipv4/neigh/$port/"{app_solicit,mcast_resolicit,mcast_solicit,ucast_solicit})
	done
	on bng cat "${files[@]}"
}

probes_as_before()
{
	[ "$(probes)" = "$before" ]
}

neighbours_of_ours()
{
	on bng ip neigh show nud all proto dhcp
}

no_neighbours_of_ours()
{
	[ -z "$(neighbours_of_ours)" ]
}

# All subscribers are watched, whoever is pinged.
watch()
{
	local i args=()

	for i in "${!ACCESS_PORTS[@]}"; do
		args+=("sub$((i + 1))=${ACCESS_PORTS[i]}")
	done
	coproc WATCH { lg_python arp_watch.py "${args[@]}"; }
	watched
}

# Sets seen[SUBSCRIBER KIND] to the addresses since the last look; fails where
# nobody watches.
watched()
{
	local sub kind address

	seen=()
	while read -rt "$LG_PATIENCE" -u "${WATCH[0]}" sub kind address; do
		[ "$sub" != end ] || return 0
		seen[$sub $kind]+="$address "
	done
	echo "nobody watches"
	return 1
}

look()
{
	echo >&"${WATCH[1]}" && watched
}

none_lost()
{
	on core ping -c 5 -i 0.05 -W 20 "$1" >"$LG_TMP/ping"
	grep ' 5 received' "$LG_TMP/ping" || { cat "$LG_TMP/ping"; return 1; }
}

# pinged_only SUBSCRIBER ADDRESS: he saw five echo requests, and no ARP request
pinged_only()
{
	local five="$2 $2 $2 $2 $2 "

	[ "${seen[$1 echo]-}" = "$five" ] && [ -z "${seen[$1 arp]-}" ] && return
	declare -p seen
	return 1
}

# With ARP on he is asked, which the watch sees.
asked_with_arp()
{
	on bng leaseglean port set acc0 arp on &&
		on bng ip neigh flush dev acc0 nud all && look &&
		none_lost "$1" && look || return
	[ -n "${seen[sub1 arp]-}" ] && [ -z "${seen[sub1 arp]//$1 /}" ] && return
	declare -p seen
	return 1
}

reboot()
{
	helper_stop && module_unload && ip -n bng neigh flush nud all &&
		module_load && arp_off && helper_start
}

try()
{
	local server=$1 relay=$2 sub
	local -A address=()

	check "$server: it starts" server_start "$server"
	check "$relay: it starts" relay_start "$relay"
	for sub in "${subs[@]}"; do
		check "$relay: $sub gets an address" client_start "$sub" udhcpc
		address[$sub]=$(subscriber_address "$sub")
	done
	check "$relay: a reboot" reboot
	check "$relay: the table is empty" eval '[ "$(leases | wc -l)" -eq 1 ]'
	check "$relay: and so is that of neighbours" no_neighbours_of_ours
	check "$relay: all are watched" look
	for sub in "${subs[@]}"; do
		check "$relay: $sub answers from the first ping on" \
			none_lost "${address[$sub]}"
		check "$relay: the lease is of the leasequery" \
			lease_is "${address[$sub]}" origin leasequery
	done
	check "$relay: all were watched" look
	for sub in "${subs[@]}"; do
		check "$relay: $sub saw his pings, and was not asked by ARP" \
			pinged_only "$sub" "${address[$sub]}"
	done
	[ "$relay" != dhcrelay ] || check "$relay: with ARP on he is" \
		asked_with_arp "${address[sub1]}"
	for sub in "${subs[@]}"; do
		client_stop "$sub"
		ip -n "$sub" addr flush dev wan
	done
	relay_stop
	server_stop
	on bng leaseglean flush
	check "$relay: neighbours go with the leases" \
		wait_for "$LG_PATIENCE" no_neighbours_of_ours
}

ktap_start
topology_up && module_load || ktap_bail "set-up"
subs=(sub1 sub2 sub3 sub4)
declare -A seen
before=$(probes)
check "ports without ARP" arp_off
check_fails "which shows in their numbers of probes" \
	probes_as_before
check "the helper starts" helper_start
check "what the BNG asks is watched" watch
try isc dhcrelay
try kea dnsmasq
eval "exec ${WATCH[1]}>&-"
helper_stop
check "the module is unloaded" module_unload
check "the numbers of probes are as before" probes_as_before
check "and no neighbour of ours is left" no_neighbours_of_ours

topology_down
topology_up && module_load || ktap_bail "set-up"
check "packet by packet" lg_python arp.py
ktap_end
