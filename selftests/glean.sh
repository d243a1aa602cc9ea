#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Real servers, relay agents and clients: what the table says of each lease,
# through its renewal and its end.
#
#	glean.sh [SERVER RELAY]...
#
# Without arguments each server with each relay agent: with all clients on uml.
# Stock kernels, whose machines are emulated, have all clients with each server
# and each relay agent, and one client with the other half of the pairs; on
# 6.12 the halves are the other way round.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

declare -A port=([sub1]=acc0 [sub2]=acc1.100 [sub3]=acc2.100.7 [sub4]=acc3
	[sub5]=acc3)
declare -A vlans=([sub1]=- [sub2]=100 [sub3]=100.7 [sub4]=- [sub5]=-)
declare -A giaddr=([sub1]=10.77.1.1 [sub2]=10.77.2.1 [sub3]=10.77.3.1
	[sub4]=10.77.4.1 [sub5]=10.77.4.1)
# the port's name, as dhcrelay has it
declare -A circuit_id=([sub1]=61636330 [sub2]=616363312e313030
	[sub3]=616363322e3130302e37 [sub4]=61636333 [sub5]=61636333)
declare -A client=([sub1]=dhclient [sub2]=udhcpc [sub3]=dhcpcd [sub4]=udhcpc
	[sub5]=dhclient)

# row_is SUBSCRIBER: every column of its one row
row_is()
{
	local sub=$1 address circuit=- want

	address=$(subscriber_address "$sub")
	[ "$relay_kind" != dhcrelay ] || circuit=${circuit_id[$sub]}
	want="$address active gleaned $(subscriber_mac "$sub") ${port[$sub]}"
	want+=" ${vlans[$sub]} ${giaddr[$sub]} $CORE_ADDR * $circuit - * -"
	lease_row "$address" && [ "${ROW[*]}" = "$want" ] &&
		[ "$REPLY" -gt 500 ] && [ "$REPLY" -le 600 ] && return 0
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
	wait_for "$LG_PATIENCE" lease_absent "$2" || { leases; return 1; }
}

serve()
{
	[ "$1" != "$serving" ] || return 0
	server_stop
	serving=$1
	server_start "$1"
}
serving=

# try SERVER RELAY SUBSCRIBER...: sub2 is one of them
try()
{
	local server=$1 relay=$2 sub address name="$1, $2"
	shift 2

	check "$name: they start" start_both "$server" "$relay" || return
	for sub in "$@"; do
		"client_start_${client[$sub]}" "$sub"
	done
	for sub in "$@"; do
		check "$name: ${client[$sub]} on $sub has an address" \
			client_ready "$sub" || continue
		check "$name: its row says everything" row_is "$sub"
	done
	address=$(subscriber_address sub2)
	check "$name: a unicast renewal extends it in place" \
		renews "$address" sub2
	check "$name: a RELEASE ends it" releases sub2 "$address"
	clients_stop "$@"
	relay_stop
	on bng leaseglean flush
}

start_both()
{
	serve "$1" && relay_start "$2"
}

ktap_start
topology_up && module_load || ktap_bail "set-up"
if [ $# -gt 0 ]; then
	while [ $# -gt 1 ]; do
		try "$1" "$2" "${SUBSCRIBERS[@]}"
		shift 2
	done
	ktap_end
fi
half=" isc/dhcrelay kea/dnsmasq kea/dhcp-helper "
other_half=" kea/dhcrelay isc/dnsmasq isc/dhcp-helper "
case $LG_KERNEL in
uml*) full=$half$other_half ;;
6.12) full=$other_half ;;
*) full=$half ;;
esac
for server in isc kea; do
	for relay in dhcrelay dnsmasq dhcp-helper; do
		if [[ $full == *" $server/$relay "* ]]; then
			try $server $relay "${SUBSCRIBERS[@]}"
		else
			try $server $relay sub2
		fi
	done
done
ktap_end
