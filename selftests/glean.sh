#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Real servers, relay agents and clients: what the table says of each lease,
# through its renewal and its end.
#
#	glean.sh [SERVER RELAY]...
#
# Without arguments each server with each relay agent; on emulated machines,
# which take minutes for that, half of them: each server and each relay agent,
# and on 6.12 the other half.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

declare -A port=([sub1]=acc0 [sub2]=acc1.100 [sub3]=acc2.100.7 [sub4]=acc3
	[sub5]=acc3)
declare -A vlans=([sub1]=- [sub2]=100 [sub3]=100.7 [sub4]=- [sub5]=-)
declare -A giaddr=([sub1]=10.77.1.1 [sub2]=10.77.2.1 [sub3]=10.77.3.1
	[sub4]=10.77.4.1 [sub5]=10.77.4.1)
declare -A client=([sub1]=dhclient [sub2]=udhcpc [sub3]=dhcpcd [sub4]=udhcpc
	[sub5]=dhclient)

hex()
{
	printf %s "$1" | od -An -tx1 | tr -d ' \n'
}

# row_is SUBSCRIBER: every column of its one row
row_is()
{
	local sub=$1 address circuit=- want

	address=$(subscriber_address "$sub")
	[ "$relay_kind" != dhcrelay ] || circuit=$(hex "${port[$sub]}")
	want="$address active gleaned $(subscriber_mac "$sub") ${port[$sub]}"
	want+=" ${vlans[$sub]} ${giaddr[$sub]} $CORE_ADDR EXPIRES $circuit - -"
	leases | awk -v address="$address" -v want="$want" '
		# the client identifier is the client'"'"'s own choice
		$1 == address { expires = $9; $9 = "EXPIRES"; $12 = "-"; NF = 12
			rows++; if ($0 != want) print "not " want; print }
		END { exit !(rows == 1 && expires > 500 && expires <= 600) }' \
		>"$LG_TMP/row" && ! grep '^not' "$LG_TMP/row" ||
		{ cat "$LG_TMP/row"; leases; return 1; }
}

extended()
{
	[ "$(lease_field "$1" expires)" -gt "$2" ]
}

# A unicast renewal straight to the server, past the relay agent.
renews()
{
	local address=$1 sub=$2 before

	before=$(lease_field "$address" expires)
	# until a second has gone by on the lease
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
	wait_for "$LG_PATIENCE" lease_absent "$2" || { leases; return 1; }
}

try()
{
	local server=$1 relay=$2 sub address name="$1, $2"

	check "$name: they start" start_both "$server" "$relay" || return
	for sub in "${SUBSCRIBERS[@]}"; do
		"client_start_${client[$sub]}" "$sub"
	done
	for sub in "${SUBSCRIBERS[@]}"; do
		check "$name: ${client[$sub]} on $sub has an address" \
			client_ready "$sub" || continue
		check "$name: its row says everything" row_is "$sub"
	done
	address=$(subscriber_address sub2)
	check "$name: a unicast renewal extends it in place" \
		renews "$address" sub2
	check "$name: a RELEASE ends it" releases sub2 "$address"
	for sub in "${SUBSCRIBERS[@]}"; do
		client_stop "$sub"
		ip -n "$sub" -4 addr flush dev wan
	done
	relay_stop
	server_stop
	rm -rf "$LG_TMP/dhcpd.leases" "$LG_TMP/kea"
	on bng leaseglean flush
}

start_both()
{
	server_start "$1" && relay_start "$2"
}

ktap_start
topology_up && module_load || ktap_bail "set-up"
half=(isc dhcrelay kea dnsmasq kea dhcp-helper)
other_half=(kea dhcrelay isc dnsmasq isc dhcp-helper)
if [ $# -eq 0 ]; then
	case $LG_KERNEL in
	uml*) set -- "${half[@]}" "${other_half[@]}" ;;
	6.12) set -- "${other_half[@]}" ;;
	*) set -- "${half[@]}" ;;
	esac
fi
while [ $# -gt 1 ]; do
	try "$1" "$2"
	shift 2
done
ktap_end
