#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The helper daemon beside each relay agent: unconfigured, it asks the server
# that the relay agent uses from the address that it uses; the relay agent goes
# on working; and nothing of a leasequery reaches a subscriber.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

# missed ADDRESS STATE: what it becomes once a packet has missed it
missed()
{
	packets "$1" && becomes "$1" "$2"
}

# remembers PORT GIADDR
remembers()
{
	grep -q "^$1 $2 $CORE_ADDR " "$LG_TMP/state/relays" &&
		return 0
	cat "$LG_TMP/state/relays"
	return 1
}

reboot()
{
	stop helper KILL
	module_unload && module_load && helper_start && access_ports_add
}

# from_where ADDRESS CLIENT PORT GIADDR
from_where()
{
	lease_is "$1" giaddr "$4" && lease_is "$1" server "$CORE_ADDR" &&
		lease_is "$1" port "$3" && lease_is "$1" origin leasequery &&
		lease_is "$1" hwaddr "$(subscriber_mac "$2")"
}

# A frame that is known to come after all others, so that the captures are
# complete when it is in them.
captures_settle()
{
	local sub

	on bng python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for port in ("acc0", "acc1.100", "acc2.100.7", "acc3"):
	s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, port.encode())
	s.sendto(b"end", ("255.255.255.255", 4711))'
	for sub in "${SUBSCRIBERS[@]}"; do
		wait_for "$LG_PATIENCE" capture_has "$sub" udp port 4711 ||
			{ echo "$sub never got the last frame"; return 1; }
	done
}

# coexist RELAY SERVER CLIENT PORT NET: with that client, behind that port
coexist()
{
	local relay=$1 what="$1, $2" client=$3 port=$4 net=$5 address sub

	relay_start "$relay" || { ktap_not_ok "$what: starts"; return; }
	check "$what: a client gets an address" client_start "$client" udhcpc ||
		return
	address=$(subscriber_address "$client")
	check "$what: it is gleaned" wait_for "$LG_PATIENCE" \
		is_state "$address" active
	check "$what: what it uses is remembered" \
		wait_for "$LG_PATIENCE" remembers "$port" "$net.1"

	# from here on no client says anything by itself
	stop "$client" KILL
	check "$what: all is forgotten but that" reboot
	capture_start core core core0 udp
	for sub in "${SUBSCRIBERS[@]}"; do
		capture_start "$sub" "$sub" wan
	done
	check "$what: the client is asked for" missed "$address" active
	check "$what: as the relay agent would ask" \
		from_where "$address" "$client" "$port" "$net.1"
	check "$what: a free address is unassigned" \
		missed "$net.249" unassigned
	check "$what: one outside of all pools is unknown" \
		missed "$net.254" unknown
	check "$what: all by leasequery" leasequeries_are 6 core
	check "$what: the captures are complete" captures_settle
	for sub in "${SUBSCRIBERS[@]}"; do
		check "$what: no leasequery reached $sub" \
			no_leasequery "$sub"
		capture_stop "$sub"
	done
	capture_stop core
	check "$what: it still serves clients" client_start sub2 udhcpc
	check "$what: its socket is its own" says 'users:.*"'"$relay" \
		on bng ss -Hlunp 'sport = :67'
	check "$what: the helper lives" running helper

	stop sub2 KILL
	ip -n "$client" addr flush dev wan
	ip -n sub2 addr flush dev wan
	stop helper KILL
	relay_stop
	module_unload && module_load || ktap_bail "the module again"
	rm -f "$LG_TMP/state/relays"
	helper_start && access_ports_add || ktap_bail "the helper again"
}

ktap_start
topology_up && module_load && server_start isc &&
	helper_start && access_ports_add || ktap_bail "set-up"
for relay in dhcrelay dnsmasq dhcp-helper; do
	coexist $relay isc sub1 acc0 10.77.1
done
# the relay agent that hands on most, with answers of another make, and a port
# on which what it hands on would reach two subscribers
server_stop
server_start kea || ktap_bail "Kea"
coexist dhcrelay kea sub4 acc3 10.77.4
ktap_end
