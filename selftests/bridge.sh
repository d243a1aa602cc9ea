#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Access by a bridge, without and with VLAN filtering, and by a bond: each
# lease has the bridge's own port, and verification holds to it.
#
#	acc0 (sub1) \
#	             br0 10.77.1.1, and with VLAN filtering br0.200 10.77.4.1
#	acc3 (sub4, sub5 behind an access node) /
#	acc2 (sub3, QinQ) -- br0.100.7 10.77.3.1
#	acc1 (sub2) -- bond0 -- bond0.100 10.77.2.1

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

bridge_up()
{
	ip -n bng -batch - <<-END
		addr flush dev acc0
		addr flush dev acc3
		link add br0 type bridge
		link set acc0 master br0
		link set acc3 master br0
		addr add 10.77.1.1/24 dev br0
		link set br0 up
		link del acc2.100
		link set acc2 master br0
		link add link br0 name br0.100 type vlan protocol 802.1ad id 100
		link add link br0.100 name br0.100.7 type vlan id 7
		addr add 10.77.3.1/24 dev br0.100.7
		link set br0.100 up
		link set br0.100.7 up
		link del acc1.100
		link set acc1 down
		link add bond0 type bond mode active-backup
		link set acc1 master bond0
		link set bond0 up
		link add link bond0 name bond0.100 type vlan id 100
		addr add 10.77.2.1/24 dev bond0.100
		link set bond0.100 up
	END
}

# One row of an address: its port, VLANs and client
row_is()
{
	local sub=$1 address want

	address=$(subscriber_address "$sub")
	want="$address active gleaned $(subscriber_mac "$sub") $2 $3"
	[ "$(leases | awk -v a="$address" '
		$1 == a { print $1,$2,$3,$4,$5,$6 }')" = "$want" ] ||
		{ echo "not $want"; leases; return 1; }
}

# role PORT [SETTING...]
role()
{
	on bng leaseglean port add "$1" role access "${@:2}"
}

strict()
{
	on bng leaseglean port set "$1" verify strict
}

reaches_core()
{
	on "$1" ping -c 1 -W "$LG_PATIENCE" "$CORE_ADDR" >/dev/null ||
		{ on bng leaseglean stats | grep verify; return 1; }
}

# rises COUNTER COMMAND...: by what COMMAND sends, of which nothing arrives
rises()
{
	local name=$1 before
	shift

	before=$(counter "$name")
	"$@" && { echo "it arrives"; return 1; }
	[ "$(counter "$name")" -gt "$before" ] ||
		{ echo "$name stays $before"; on bng leaseglean stats; return 1; }
}

# pings SUBSCRIBER OPTION...: one packet, once it was sent
pings()
{
	local sub=$1
	shift

	on "$sub" ping -c 1 -W 0.3 "$@" "$CORE_ADDR" >/dev/null
}

# verified SUBSCRIBER: he reaches the core, and was looked at
verified()
{
	local before

	before=$(counter verify_ok)
	reaches_core "$1" || return 1
	[ "$(counter verify_ok)" -gt "$before" ] ||
		{ echo "nobody verified him"; on bng leaseglean stats; return 1; }
}

# nobodys SUBSCRIBER ADDRESS: what he sends from an address without a lease
nobodys()
{
	local status

	ip -n "$1" addr add "$2/24" dev wan || return 0
	pings "$1" -I "$2"
	status=$?
	ip -n "$1" addr del "$2/24" dev wan
	return $status
}

# as SUBSCRIBER ADDRESS MAC COMMAND...: with another's address and MAC
as()
{
	local sub=$1 address=$2 mac=$3 own status gateway=${2%.*}.1
	shift 3

	own=$(subscriber_mac "$sub")
	ip -n "$sub" -batch - <<-END || return 2
		link set wan address $mac
		addr add $address/24 dev wan
		neigh replace $gateway lladdr $(gateway_mac) dev wan nud permanent
		route replace default via $gateway dev wan src $address
	END
	"$@"
	status=$?
	ip -n "$sub" -batch - <<-END || return 2
		addr del $address/24 dev wan
		neigh flush dev wan nud permanent
		link set wan address $own
	END
	return $status
}

gateway_mac()
{
	link_address bng br0
}

# A frame that pretends to be the BNG's ACK, bridged from one subscriber to
# another who waits for it.
forged_ack_learns_nothing()
{
	local before

	before=$(counter glean_local)
	lg_python bridge_forge.py "$LG_PATIENCE" || return 1
	[ "$(counter glean_local)" = "$before" ] && lease_absent 10.77.1.99
}

recovers()
{
	local address=$1 sub=$2

	module_unload
	ip -n bng neigh flush all
	module_load && role acc0 verify strict && role acc3 verify strict &&
		role br0 || return 1
	wait_for "$LG_PATIENCE" says 'ready: helping' \
		tail -n 1 "$LG_TMP/helper.log"
	wait_for "$LG_PATIENCE" answered "$address" ||
		{ leases; log_tail helper; return 1; }
	reaches_core "$sub" || return 1
	rises verify_mac as sub5 "$address" 02:00:00:00:99:99 pings sub5
}

kept()
{
	[ "$(counter challenge_kept)" -gt "$1" ]
}

# A forged packet has the server asked, whose answer may name the relay
# agent's port: the bridge.
stays_where_he_is()
{
	local address=$1 sub=$2 before

	before=$(counter challenge_kept)
	as sub5 "$address" 02:00:00:00:99:98 pings sub5
	wait_for "$LG_PATIENCE" kept "$before" ||
		{ log_tail helper; on bng leaseglean stats; return 1; }
	lease_is "$address" port acc0 &&
		rises verify_port as sub5 "$address" "$(subscriber_mac "$sub")" \
			pings sub5
}

answered()
{
	on core ping -c 1 -W 0.3 "$1" >/dev/null
}

extended()
{
	[ "$(lease_field "$1" expires)" -gt "$2" ]
}

# renews ADDRESS SUBSCRIBER PORT
renews()
{
	local before

	before=$(lease_field "$1" expires)
	wait_for 20 eval "[ \$(lease_field $1 expires) -lt $before ]" ||
		{ echo "the lease does not run down"; return 1; }
	signal "$2" USR1
	wait_for "$LG_PATIENCE" extended "$1" "$((before - 1))" ||
		{ leases; log_tail "$2"; return 1; }
	row_is "$2" "$3" -
}

stays_in_vrf()
{
	local expired

	expired=$(counter lease_expired)
	on bng ip link add red type vrf table 10 &&
		on bng ip link set red up &&
		on bng ip link set br0 master red || return 1
	on bng env PYTHONPATH="$LG_LIB" python3 -c '
import socket
from genl import Family, ORIGIN
index = socket.if_nametoindex
Family().put(
    {"addr": "10.77.1.61", "hwaddr": bytes(6), "port": index("acc0"),
     "vrf": index("red"), "origin": ORIGIN["static"]},
    {"addr": "10.77.1.62", "hwaddr": bytes(6), "port": index("acc0"),
     "vrf": index("red"), "expires": 1, "origin": ORIGIN["restored"]})' ||
		return 1
	# once the GC has been by
	wait_for "$LG_PATIENCE" eval \
		"[ \$(counter lease_expired) -gt $expired ]" || return 1
	lease_is 10.77.1.61 port acc0 && lease_is 10.77.1.61 vrf red || return 1
	on bng ip link set br0 nomaster && on bng ip link del red
}

# sub1 untagged as before; sub4 by a tag, in a network of his own
filter_vlans()
{
	ip -n bng -batch - <<-END || return 1
		link set br0 type bridge vlan_filtering 1
		link add link br0 name br0.200 type vlan id 200
		addr add 10.77.4.1/24 dev br0.200
		link set br0.200 up
	END
	on bng bridge -batch - <<-END || return 1
		vlan add dev br0 vid 200 self
		vlan add dev acc3 vid 200
	END
	role br0.200
}

clients()
{
	local sub

	for sub; do
		client_start "$sub" udhcpc || return 1
	done
}

no_address()
{
	! has_address "$1"
}

# anew SUBSCRIBER...: all over again, from the DISCOVER on
anew()
{
	local sub

	for sub; do
		signal "$sub" USR2
		wait_for "$LG_PATIENCE" no_address "$sub" || return 1
		signal "$sub" USR1
		client_ready "$sub" || return 1
	done
}

clients_stop()
{
	local sub

	for sub; do
		client_stop "$sub"
		ip -n "$sub" -4 addr flush dev wan
	done
}

ktap_start
topology_up && module_load && bridge_up || ktap_bail "set-up"
for port in acc0 acc3 br0; do
	role "$port" || ktap_bail "role of $port"
done
# of topology.sh
# shellcheck disable=SC2034
ACCESS_PORTS=(br0 br0.100.7 bond0.100)
# shellcheck disable=SC2034
ACCESS_GIADDRS=(10.77.1.1 10.77.3.1 10.77.2.1)
server_start isc && relay_start dhcrelay || ktap_bail "server and relay"

check "clients behind a bridge get addresses" clients sub1 sub4 sub5
check "each has its own port: sub1" row_is sub1 acc0 -
check "sub4" row_is sub4 acc3 -
check "sub5" row_is sub5 acc3 -
one=$(subscriber_address sub1)
four=$(subscriber_address sub4)
for port in acc0 acc3; do
	check "$port verifies strictly" strict "$port"
done
check "sub1 reaches the core" reaches_core sub1
check "sub4 reaches the core" reaches_core sub4
check "with another's address it does not" \
	rises verify_mac as sub5 "$one" 02:00:00:00:01:05 pings sub5
check "nor with his address and hardware address, from another port" \
	rises verify_port as sub5 "$one" "$(subscriber_mac sub1)" pings sub5
# the bridge has learnt the wrong port of that hardware address
check "and he is still there" reaches_core sub1
check "a unicast renewal keeps port and lease" renews "$one" sub1 acc0
# no server may answer that request, and no relay agent take it up
relay_stop
server_stop
check "an ACK forged by a neighbour goes nowhere" \
	rises reply_from_access lg_python bridge_forge.py 1
on bng leaseglean port del acc3
check "from a port that is no access port it does, and nothing is learnt" \
	forged_ack_learns_nothing
server_start isc && relay_start dhcrelay || ktap_bail "the server, again"
check "a client behind that port" anew sub5
check "is gleaned with the bridge as its port" row_is sub5 br0 -
role acc3 verify strict
helper_start || ktap_bail "the helper"
check "asked of, a lease keeps its port" stays_where_he_is "$one" sub1
check "after a restart the answer's lease is verified" recovers "$four" sub4
check "a renewal brings back his port" renews "$four" sub4 acc3
helper_stop
clients_stop sub4

# tagged by the access node: sub4 is behind VLAN 200 of acc3 from now on
tag_sub4()
{
	ip -n agg link add link uplink name uplink.200 type vlan id 200 &&
		ip -n agg link set line4 nomaster &&
		ip -n agg link add br200 type bridge &&
		ip -n agg link set uplink.200 master br200 &&
		ip -n agg link set line4 master br200 &&
		ip -n agg link set br200 up && ip -n agg link set uplink.200 up
}

# bond MODE [OPTION...]: of two links, on both sides
bond()
{
	ip -n bng -batch - <<-END || return 1
		link set bond0 down
		link set acc1 nomaster
		link set acc4 nomaster
		link set bond0 type bond mode $*
		link set acc1 down
		link set acc4 down
		link set acc1 master bond0
		link set acc4 master bond0
		link set bond0 up
	END
	ip -n sub2 -batch - <<-END || return 1
		link add lag address $(subscriber_mac sub2) type bond mode $*
		link set trunk down
		link set trunk master lag
		link set trunk2 master lag
		link set lag up
		link add link lag name wan type vlan id 100
		link set wan up
	END
	relay_start dhcrelay
}

no_bond()
{
	clients_stop sub2
	relay_stop
	ip -n sub2 link del lag
}

received()
{
	awk -v name="$1:" '$1 == name { print $3 }' \
		"/proc/${lg_pids[bng]}/net/dev"
}

# each_link_carries: when sub2 sends, the bond's links take turns
each_link_carries()
{
	local one two

	one=$(received acc1)
	two=$(received acc4)
	on sub2 ping -c 4 -i 0.1 -W "$LG_PATIENCE" "$CORE_ADDR" >/dev/null ||
		return 1
	[ "$(received acc1)" -gt "$one" ] && [ "$(received acc4)" -gt "$two" ]
}

# distributes NAMESPACE BOND: both of its links, as either side has said
distributes()
{
	[ "$(on "$1" grep -c 'port state: 63$' "/proc/net/bonding/$2")" -eq 4 ]
}

two_links()
{
	distributes bng bond0 && distributes sub2 lag
}

# verified_behind MODE: sub2, by his lease, and nobody else
verified_behind()
{
	check "$1: the client's row has the bond's VLAN" row_is sub2 bond0.100 100
	check "$1: he reaches the core" \
		wait_for "$LG_PATIENCE" verified sub2
	check "$1: from nobody's address he does not" \
		rises verify_no_lease nobodys sub2 10.77.2.9
}

one_link()
{
	ip -n bng link show acc1 | grep -q NO-CARRIER
}

one_link_fails()
{
	ip -n sub2 link set trunk down && wait_for "$LG_PATIENCE" one_link
}

check "VLAN filtering" filter_vlans
tag_sub4 || ktap_bail "the access node"
relay_stop
# shellcheck disable=SC2034
ACCESS_PORTS=(br0 br0.200 br0.100.7 bond0.100)
# shellcheck disable=SC2034
ACCESS_GIADDRS=(10.77.1.1 10.77.4.1 10.77.3.1 10.77.2.1)
relay_start dhcrelay || ktap_bail "the relay agent"
role br0.100.7 && role acc2 && role bond0.100 || ktap_bail "other roles"
check "a client gets an address by a tag" clients sub4
check "and those without" anew sub1 sub5
check "sub1 has no tag" row_is sub1 acc0 -
check "sub4 has one" row_is sub4 acc3 200
check "sub5, on the same port, has none" row_is sub5 acc3 -
for port in acc0 acc3; do
	check "$port verifies strictly" strict "$port"
done
check "sub1 reaches the core" reaches_core sub1
check "sub4 reaches the core" reaches_core sub4
check "sub5 reaches the core" reaches_core sub5
check "the tagged one's address, hardware address and port, without the tag" \
	rises verify_vlan as sub5 "$(subscriber_address sub4)" \
	"$(subscriber_mac sub4)" pings sub5
clients_stop sub1 sub4 sub5

check "clients behind QinQ and a bond" clients sub3 sub2
check "who has two tags has the bridge's port" row_is sub3 acc2 100.7
check "who is behind the bond has the VLAN on it" row_is sub2 bond0.100 100
i=3
for port in acc2 bond0.100; do
	check "$port verifies strictly" strict "$port"
	check "$port: its client reaches the core" verified "sub$i"
	check "$port: from nobody's address he does not" \
		rises verify_no_lease nobodys "sub$i" "10.77.$i.9"
	i=2
done
clients_stop sub3 sub2

relay_stop
ip -n sub2 link del wan
ip link add acc4 netns bng type veth peer name trunk2 netns sub2
check "a bond that takes turns" bond balance-rr miimon 50
check "balance-rr: a client behind it" clients sub2
verified_behind balance-rr
check "balance-rr: each of its links carries his packets" each_link_carries
check "balance-rr: one of them fails" one_link_fails
verified_behind balance-rr
no_bond
check "a bond by LACP" bond 802.3ad miimon 50 lacp_rate fast
check "802.3ad: both links are its" wait_for "$LG_PATIENCE" two_links
check "802.3ad: a client behind it" clients sub2
verified_behind 802.3ad
check "802.3ad: one of its links fails" one_link_fails
verified_behind 802.3ad
no_bond

# What the GC would take for a port that has left its VRF
check "a bridge in a VRF: leases of its ports stay" stays_in_vrf
ktap_end
