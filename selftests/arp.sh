#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Forwarding without ARP. First with real programs: a BNG that lost everything
# answers the first ping, and asks no subscriber by ARP; then packet by packet.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

arp_off()
{
	access_ports_add && on bng sh -c 'for port; do
		leaseglean port set "$port" arp off || exit 1
	done' sh "${ACCESS_PORTS[@]}"
}

# the numbers of probes of all access ports
probes()
{
	local port

	for port in "${ACCESS_PORTS[@]}"; do
		on bng sh -c 'cat /proc/sys/net/ipv4/neigh/$1/*_*solicit' sh "$port"
	done
}

probes_as_before()
{
	[ "$(probes)" = "$before" ]
}

neighbours_of_ours()
{
	ip -n bng neigh show nud all proto dhcp
}

none_lost()
{
	on core ping -c 5 -i 0.2 -W 20 "$1" | tee "$LG_TMP/ping"
	grep -q ' 5 received' "$LG_TMP/ping"
}

# what the BNG broadcasts for, or asks of anybody, on the access side
asked()
{
	local sub=$1

	capture_show "$sub" "arp[6:2] == 1 and ether src $(
		link_address bng "$2")"
}

reboot()
{
	helper_stop && module_unload && ip -n bng neigh flush nud all &&
		module_load && arp_off && helper_start
}

try()
{
	local relay=$1 sub address i

	check "$relay: it starts" relay_start "$relay"
	for sub in sub1 sub2 sub3; do
		check "$relay: $sub gets an address" client_start "$sub" udhcpc
	done
	check "$relay: a reboot" reboot
	check "$relay: the table is empty" eval '[ "$(leases | wc -l)" -eq 1 ]'
	check "$relay: and so is that of neighbours" \
		eval '[ -z "$(neighbours_of_ours)" ]'
	i=0
	for sub in sub1 sub2 sub3; do
		address=$(subscriber_address "$sub")
		check "$relay: a capture at $sub" \
			capture_start "$sub" "$sub" wan arp or icmp
		check "$relay: $sub answers from the first ping on" \
			none_lost "$address"
		check "$relay: the lease is of the leasequery" \
			lease_is "$address" origin leasequery
		wait_for "$LG_PATIENCE" eval \
			'[ "$(capture_count "$sub" icmp)" -ge 10 ]'
		check "$relay: $sub was not asked by ARP" \
			eval '[ -z "$(asked "$sub" "${ACCESS_PORTS[$i]}")" ]' ||
			capture_show "$sub" -e
		capture_stop "$sub"
		client_stop "$sub"
		ip -n "$sub" addr flush dev wan
		i=$((i + 1))
	done
	relay_stop
	on bng leaseglean flush
	check "$relay: neighbours go with the leases" \
		wait_for "$LG_PATIENCE" eval '[ -z "$(neighbours_of_ours)" ]'
}

ktap_start
topology_up && module_load || ktap_bail "set-up"
before=$(probes)
check "ports without ARP" arp_off
check_fails "which shows in their numbers of probes" \
	probes_as_before
check "the helper starts" helper_start
check "the server starts" server_start isc
for relay in dhcrelay dnsmasq; do
	try "$relay"
done
server_stop
helper_stop
check "the module is unloaded" module_unload
check "the numbers of probes are as before" probes_as_before
check "and no neighbour of ours is left" eval '[ -z "$(neighbours_of_ours)" ]'

topology_down
topology_up && module_load || ktap_bail "set-up"
check "packet by packet" lg_python arp.py
ktap_end
