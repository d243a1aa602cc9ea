#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A DHCP server on the BNG itself: each with real clients, through renewal and
# end; and nothing learnt twice of what a relay agent passes on.

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
	 "loggers":[{"name":"kea-dhcp4","severity":"INFO",
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
	want+=" ${vlans[$sub]} - 10.77.${sub#sub}.1 - -"
	[ "$(leases | awk -v a="$address" '
		$1 == a { print $1,$2,$3,$4,$5,$6,$7,$8,$10,$11 }')" = "$want" ] ||
		{ echo "not $want"; leases; return 1; }
}

extended()
{
	[ "$(lease_field "$1" expires)" -gt "$2" ]
}

renews()
{
	local address=$1 sub=$2 before

	before=$(lease_field "$address" expires)
	wait_for 20 eval "[ \$(lease_field $address expires) -lt $before ]" ||
		{ echo "the lease does not run down"; return 1; }
	signal "$sub" USR1
	wait_for "$LG_PATIENCE" extended "$address" "$((before - 1))" ||
		{ leases; log_tail "$sub"; return 1; }
	row_is "$sub"
}

releases()
{
	signal "$1" USR2
	wait_for "$LG_PATIENCE" lease_absent "$2" ||
		{ leases; log_tail "$1"; on bng leaseglean stats; return 1; }
}

# Each ACK once: as many gleaned as clients bound or renewed.
gleaned_once()
{
	on bng cat /proc/net/leaseglean/stats | awk '
		{ value[$1] = $2 }
		END {
			all = value["glean_bound"] + value["glean_extended"]
			print "local", value["glean_local"], "of", all
			exit !(all > 0 && value["glean_local"] == all)
		}'
}

try()
{
	local name=$1 sub address

	module_unload
	module_load && access_ports_add
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
	# a client may be renewing just now
	check "$name: each ACK is gleaned once" wait_for 5 gleaned_once
	check "$name: a RELEASE ends it" releases sub1 "$address"
	for sub in "${!client[@]}"; do
		client_stop "$sub"
		ip -n "$sub" -4 addr flush dev wan
	done
	stop server
}

# What a relay agent and a forwarded renewal send out of an access port.
not_twice()
{
	local address bound

	module_unload
	module_load && access_ports_add && server_start isc &&
		relay_start "$1" && client_start sub1 udhcpc || return 1
	address=$(subscriber_address sub1)
	renews_relayed "$address" || return 1
	bound=$(counter glean_bound)
	[ "$bound $(counter glean_local)" = "1 0" ] ||
		{ echo "bound $bound, local $(counter glean_local)"; return 1; }
	client_stop sub1
	ip -n sub1 -4 addr flush dev wan
	relay_stop
	server_stop
}

renews_relayed()
{
	local before

	before=$(lease_field "$1" expires)
	wait_for 20 eval "[ \$(lease_field $1 expires) -lt $before ]" ||
		return 1
	signal sub1 USR1
	wait_for "$LG_PATIENCE" extended "$1" "$((before - 1))"
}

ktap_start
topology_up && module_load || ktap_bail "set-up"
for server in dnsmasq isc kea; do
	try "$server"
done
for relay in dhcrelay dnsmasq dhcp-helper; do
	check "through $relay nothing is gleaned twice" not_twice "$relay"
done
ktap_end
