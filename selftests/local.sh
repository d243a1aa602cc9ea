#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A DHCP server on the BNG itself: each with real clients, through renewal and
# end. That nothing is learnt twice of what a relay agent passes on is in
# daemon/coexist.sh.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

declare -A client=([sub1]=udhcpc [sub2]=dhclient [sub3]=udhcpc [sub4]=dhcpcd)
declare -A port=([sub1]=acc0 [sub2]=acc1.100 [sub3]=acc2.100.7 [sub4]=acc3)
declare -A vlans=([sub1]=- [sub2]=100 [sub3]=100.7 [sub4]=-)

local_start_dnsmasq()
{
	local net args=()

	for net in 1 2 3 4; do
		args+=("--dhcp-range=10.77.$net.10,10.77.$net.250,600")
	done
	spawn server bng dnsmasq -k -C /dev/null -p 0 -u root --log-facility=- \
		--log-dhcp --dhcp-leasefile="$LG_TMP/dnsmasq.leases" \
		--dhcp-authoritative --no-ping "${args[@]}"
	wait_log server 'DHCP, IP range 10.77.4.10'
}

local_start_isc()
{
	local net

	{
		echo "ping-check false; authoritative; dhcp-cache-threshold 0;"
		echo "default-lease-time 600; max-lease-time 600;"
		for net in 1 2 3 4; do
			echo "subnet 10.77.$net.0 netmask 255.255.255.0 {"
			echo "  range 10.77.$net.10 10.77.$net.250; }"
		done
	} >"$LG_TMP/dhcpd.conf"
	: >"$LG_TMP/dhcpd.leases"
	spawn server bng dhcpd -4 -f -d --no-pid -cf "$LG_TMP/dhcpd.conf" \
		-lf "$LG_TMP/dhcpd.leases" "${ACCESS_PORTS[@]}"
	wait_log server 'Server starting service'
}

local_start_kea()
{
	local net subnets=''

	for net in 1 2 3 4; do
		subnets+="${subnets:+,}{\"id\":$net,\"subnet\":\"10.77.$net.0/24\",
			\"interface\":\"${ACCESS_PORTS[net - 1]}\",
			\"pools\":[{\"pool\":\"10.77.$net.10 - 10.77.$net.250\"}]}"
	done
	mkdir -p "$LG_TMP/kea"
	cat >"$LG_TMP/kea.conf" <<-END
	{"Dhcp4":{
	 "interfaces-config":{"interfaces":["acc0","acc1.100","acc2.100.7",
	  "acc3"], "dhcp-socket-type":"raw"},
	 "lease-database":{"type":"memfile","persist":false},
	 "cache-threshold":0.0, "valid-lifetime":600,
	 "subnet4":[$subnets],
	 "loggers":[{"name":"kea-dhcp4","severity":"DEBUG","debuglevel":40,
	  "output-options":[{"output":"stdout","flush":true}]}]
	}}
	END
	spawn server bng env KEA_LOCKFILE_DIR=none \
		KEA_DHCP_DATA_DIR="$LG_TMP/kea" KEA_PIDFILE_DIR="$LG_TMP/kea" \
		KEA_CONTROL_SOCKET_DIR="$LG_TMP/kea" \
		kea-dhcp4 -c "$LG_TMP/kea.conf"
	wait_log server 'DHCP4_STARTED'
}

# Every column but the client's own identifier and the time left.
row_is()
{
	local sub=$1 address want

	address=$(subscriber_address "$sub")
	want="$address active gleaned $(subscriber_mac "$sub") ${port[$sub]}"
	want+=" ${vlans[$sub]} - 10.77.${sub#sub}.1 * - - * -"
	lease_row "$address" && [ "${ROW[*]}" = "$want" ] && return 0
	echo "not $want"
	leases
	return 1
}

renews()
{
	renew "$2" "$1" && row_is "$2"
}

releases()
{
	signal "$1" USR2
	wait_for "$LG_PATIENCE" lease_absent "$2" ||
		{ leases; log_tail "$1"; on bng leaseglean stats; return 1; }
}

# acks_sent SERVER: sets REPLY to how many it says that it sent
acks_sent()
{
	local line pattern

	case $1 in
	kea) pattern='DHCP4_PACKET_SEND .*DHCPACK' ;;
	*) pattern='DHCPACK[( ]' ;;
	esac
	REPLY=0
	while read -r line; do
		[[ ! $line =~ $pattern ]] || REPLY=$((REPLY + 1))
	done <"$LG_TMP/server.log"
}

# gleaned_once SERVER: each ACK that it sent, and each as a local server's
gleaned_once()
{
	local acks bound extended here

	counter_read glean_bound && bound=$REPLY
	counter_read glean_extended && extended=$REPLY
	counter_read glean_local && here=$REPLY
	acks_sent "$1"
	acks=$REPLY
	# every client one, and the renewal
	[ "$acks" -gt "${#client[@]}" ] && [ "$here" -eq "$acks" ] &&
		[ $((bound + extended)) -eq "$acks" ] && return 0
	echo "of $acks ACKs, $bound bound, $extended extended, $here local"
	grep -E 'DHCPACK|DHCPREQUEST|LEASE_ALLOC' "$LG_TMP/server.log"
	on bng leaseglean stats
	return 1
}

acks_are_gleaned_once()
{
	# a client may be renewing just now
	wait_for 5 gleaned_once "$1" >/dev/null
	gleaned_once "$1"
}

# What the server unicasts to a client without an address, and what a client
# sends to renew, is nothing that a strict port or one without ARP loses.
verified()
{
	verified_all && return
	on bng leaseglean stats
	wait_log spoofs . && cat "$LG_TMP/spoofs.log"
	return 1
}

verified_all()
{
	counter_read verify_ok
	[ "$REPLY" -gt 0 ] || { echo "nothing was verified"; return 1; }
	counter_read verify_dropped
	[ "$REPLY" -eq 0 ] || { echo "$REPLY packets were dropped"; return 1; }
	counter_read neigh_filled
	[ "$REPLY" -gt 0 ] || { echo "no neighbour entry of a lease"; return 1; }
	counter_read neigh_refused
	[ "$REPLY" -eq 0 ] || { echo "$REPLY were refused"; return 1; }
}

# try SERVER [SETTING...]: with those settings of the access ports
try()
{
	local name=$1 sub address
	shift

	module_unload
	module_load && access_ports_add "$@" || ktap_bail "$name: set-up"
	spawn spoofs bng leaseglean monitor spoofs
	check "$name on the BNG starts" "local_start_$name" || return
	for sub in "${!client[@]}"; do
		"client_start_${client[$sub]}" "$sub"
	done
	for sub in "${!client[@]}"; do
		check "$name: ${client[$sub]} on $sub has an address" \
			client_ready "$sub" || continue
		check "$name: its row says where" \
			wait_for 5 row_is "$sub"
	done
	address=$(subscriber_address sub1)
	check "$name: a renewal extends it" renews "$address" sub1
	check "$name: each ACK is gleaned once" acks_are_gleaned_once "$name"
	[ $# -eq 0 ] || check "$name: all passes with $*" verified
	check "$name: a RELEASE ends it" releases sub1 "$address"
	clients_stop "${!client[@]}"
	stop server
	stop spoofs
}

ktap_start
topology_up && module_load || ktap_bail "set-up"
# dnsmasq makes neighbour entries itself, for clients without an address
try dnsmasq verify strict arp off
try isc
try kea
ktap_end
