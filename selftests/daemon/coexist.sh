#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The helper daemon beside each relay agent: unconfigured, it asks the server
# that the relay agent uses from the address that it uses; the relay agent goes
# on working; nothing that it hands on is gleaned twice; and nothing of a
# leasequery reaches a subscriber.
#
# dhcrelay hands every reply to subscribers, leasequery's too, and reads them
# before the kernel's own hooks do: with the module unloaded they are heard.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

# remembers PORT GIADDR
remembers()
{
	local port giaddr server rest

	while read -r port giaddr server rest; do
		[ "$port $giaddr $server" != "$1 $2 $CORE_ADDR" ] || return 0
	done <"$LG_TMP/state/relays"
	cat "$LG_TMP/state/relays"
	return 1
}

# No more is heard of before than what it remembered.
forget()
{
	stop helper KILL
	module_unload
}

back()
{
	module_load && helper_start && access_ports_add
}

# from_where ADDRESS CLIENT PORT GIADDR
from_where()
{
	lease_is "$1" giaddr "$4" && lease_is "$1" server "$CORE_ADDR" &&
		lease_is "$1" port "$3" && lease_is "$1" origin leasequery &&
		lease_is "$1" hwaddr "$(subscriber_mac "$2")"
}

# What a helper without the module would do: its reply is the relay agent's.
# ask GIADDR TOTAL ADDRESS...: and of all, TOTAL is on the core wire.
ask()
{
	local giaddr=$1 total=$2
	shift 2

	watch ask "$giaddr" "$@" && watch heard core "$total" leasequery
}

glean_counters()
{
	counter_read glean_bound && bound=$REPLY &&
		counter_read glean_extended && extended=$REPLY &&
		counter_read glean_local && local_acks=$REPLY
}

# Each ACK that the server sent is gleaned once: what a relay agent makes of it
# and a forwarded renewal leave by an access port, too, as a local server's do.
# dhcrelay reads and relays the renewal that is forwarded, so there are two.
acks_are_gleaned_once()
{
	local client=$1 acks=2 bound extended local_acks was

	[ "$relay_kind" != dhcrelay ] || acks=3
	watch heard "$client" "$acks" 5 && watch mark || return 1
	watch count core 5 || return 1
	acks=$REPLY
	glean_counters
	was="$((bound - bound_before)) $((extended - extended_before))"
	was+=" $((local_acks - local_before))"
	[ "$acks" -ge 2 ] && [ "$was" = "1 $((acks - 1)) 0" ] && return 0
	echo "of $acks ACKs, bound, extended and local are: $was"
	return 1
}

# dhcrelay has handed on all there is once this many were kept from going on.
egress_rose()
{
	counter_read egress_leasequery
	[ "$REPLY" -ge "$1" ]
}

# coexist RELAY SERVER CLIENT PORT NET: with that client, behind that port
coexist()
{
	local relay=$1 what="$1, $2" client=$3 port=$4 net=$5 address sub
	local bound extended local_acks bound_before extended_before local_before

	relay_start "$relay" || { ktap_not_ok "$what: starts"; return; }
	glean_counters
	bound_before=$bound
	extended_before=$extended
	local_before=$local_acks
	watch forget
	check "$what: a client gets an address" client_start "$client" udhcpc ||
		return
	address=$(subscriber_address "$client")
	check "$what: it is gleaned" wait_for "$LG_PATIENCE" \
		is_state "$address" active
	check "$what: what it uses is remembered" \
		wait_for "$LG_PATIENCE" remembers "$port" "$net.1"
	check "$what: a unicast renewal extends it" renew "$client" "$address"
	check "$what: each ACK is gleaned once" acks_are_gleaned_once "$client"

	# from here on no client says anything by itself
	stop "$client" KILL
	check "$what: the helper is killed, the module unloaded" forget
	if [ "$relay" = dhcrelay ]; then
		watch forget
		check "$what: without the module: three questions, three answers" \
			ask "$net.1" 6 "$address" "$net.249" "$net.254"
		check "$what: without the module subscribers hear them" \
			watch heard "$client" 1 leasequery
	fi
	check "$what: all is forgotten but that" back
	watch forget
	watch send "$address" "$net.249" "$net.254"
	check "$what: the client is asked for" becomes "$address" active
	check "$what: as the relay agent would ask" \
		from_where "$address" "$client" "$port" "$net.1"
	check "$what: a free address is unassigned" \
		becomes "$net.249" unassigned
	check "$what: one outside of all pools is unknown" \
		becomes "$net.254" unknown
	check "$what: all by leasequery" watch heard core 6 leasequery
	if [ "$relay" = dhcrelay ]; then
		check "$what: with the module: three questions, three answers" \
			ask "$net.1" 12 "$address" "$net.249" "$net.254"
		check "$what: what is kept from subscribers is counted" \
			wait_for "$LG_PATIENCE" egress_rose 6
	fi
	check "$what: the captures are complete" watch mark
	for sub in "${SUBSCRIBERS[@]}"; do
		check "$what: no leasequery reached $sub" \
			watch none "$sub" leasequery
	done
	ip -n "$client" addr flush dev wan
	check "$what: it still serves clients" client_start "$client" udhcpc
	check "$what: its socket is its own" says 'users:.*"'"$relay" \
		on bng ss -Hlunp 'sport = :67'
	check "$what: the helper lives" running helper

	stop "$client" KILL
	ip -n "$client" addr flush dev wan
	relay_stop
}

ktap_start
topology_up && module_load && server_start isc &&
	helper_start && access_ports_add && watch_start || ktap_bail "set-up"
# a port each, so that none is remembered from before
coexist dhcrelay isc sub1 acc0 10.77.1
coexist dnsmasq isc sub2 acc1.100 10.77.2
coexist dhcp-helper isc sub3 acc2.100.7 10.77.3
# Answers of another make, and a port on which what is handed on would reach
# two subscribers; with the relay agent that hands on most where that is not
# left to other kernels.
case $LG_KERNEL in
6.1) relay=dnsmasq ;;
7.3) relay=dhcp-helper ;;
*) relay=dhcrelay ;;
esac
server_stop
server_start kea || ktap_bail "Kea"
coexist "$relay" kea sub4 acc3 10.77.4
ktap_end
