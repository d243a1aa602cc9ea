#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Makes the seed corpus anew: real servers, relay agents and clients talk, and
# each message seen is a seed. For a guest (selftests/vm/run -n).
#
# usage: [DIR]

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/topology.sh"

corpus=${1:-$here/corpus}
pcaps=()

die()
{
	echo "$0: $*" >&2
	exit 1
}

record()
{
	capture_start "$@" 'udp port 67 or udp port 68' ||
		die "no capture on $3"
}

recorded()
{
	# what the kernel has queued is written out first
	stop "capture-$1" INT
	pcaps+=("$1=$LG_TMP/$1.pcap")
}

saw()
{
	wait_for "$LG_PATIENCE" says "$2" capture_show "$1" -v ||
		die "$1: no $2"
}

ask()
{
	on bng "$here/ask.py" 10.77.1.1 "$CORE_ADDR" "$@" || die "ask $*"
}

# A client from first to last message: INIT to BOUND, renewal, release.
client_life()
{
	local kind=$1 sub=$2 name=$1-$3

	record "$name" "$sub" wan
	client_start "$sub" "$kind" || die "$kind"
	case $kind in
	udhcpc)
		signal "$sub" USR1
		wait_for "$LG_PATIENCE" acked "$name" 2 || die "$kind: renewal"
		signal "$sub" USR2
		;;
	dhcpcd)
		# its own process group holds the helpers it forked
		signal "$sub" ALRM
		;;
	dhclient)
		on "$sub" dhclient -4 -r -cf "$LG_TMP/$sub.conf" \
			-lf "$LG_TMP/$sub.leases" -pf "$LG_TMP/$sub.pid" \
			-sf "$LG_LIB/client-hook.sh" wan ||
			die "dhclient -r"
		;;
	esac
	saw "$name" Release
	client_stop "$sub"
	ip -n "$sub" -4 addr flush dev wan
	recorded "$name"
}

acked()
{
	[ "$(capture_show "$1" -v | grep -c 'ACK')" -ge "$2" ]
}

# What a server says to each kind of question.
interview()
{
	local name=$1-answers

	record "$name" core core0
	ask discover 02:00:00:00:99:01
	ask request 02:00:00:00:99:01 10.77.1.99
	ask leasequery 10.77.1.99
	ask leasequery 10.77.1.200
	ask leasequery 10.99.0.1
	ask inform 02:00:00:00:99:01 10.77.1.99
	# leased to another: NAK
	ask request 02:00:00:00:99:06 10.77.1.99
	recorded "$name"
}

conversation()
{
	local server=$1 relay=$2 name=$1-$2

	server_start "$server" || die "$server"
	relay_start "$relay" || die "$relay"
	record "$name" core core0
	client_life dhclient sub1 "$name"
	client_life udhcpc sub2 "$name"
	client_life dhcpcd sub3 "$name"
	recorded "$name"
	relay_stop
	interview_once "$server"
	server_stop
}

interviewed=" "
interview_once()
{
	[[ $interviewed != *" $1 "* ]] || return 0
	interviewed+="$1 "
	interview "$1"
}

# Options too many and too long for one area: overload, and RFC 3396.
long_text()
{
	printf "%$1s" '' | tr ' ' x
}

long_options()
{
	cat >"$LG_TMP/long.conf" <<-END
	ping-check false; allow bootp;
	default-lease-time 600;
	option text-a code 224 = text;
	option text-b code 225 = text;
	option text-c code 226 = text;
	subnet 198.18.0.0 netmask 255.255.255.0 {}
	subnet 10.77.1.0 netmask 255.255.255.0 {
	  option routers 10.77.1.1;
	  option text-a "$(long_text 60)";
	  option text-b "$(long_text 110)";
	  option text-c "$(long_text 160)";
	  range dynamic-bootp 10.77.1.10 10.77.1.250;
	}
	END
	: >"$LG_TMP/long.leases"
	spawn server core dhcpd -4 -f -d --no-pid -cf "$LG_TMP/long.conf" \
		-lf "$LG_TMP/long.leases" core0
	wait_log server 'Server starting service' || die "long options"
	record isc-long core core0
	ask discover 02:00:00:00:99:03 224
	ask discover 02:00:00:00:99:04 224 226
	ask discover 02:00:00:00:99:05 225 226 224
	ask bootp 02:00:00:00:99:02
	recorded isc-long
	server_stop
}

topology_up || die "topology"
# nobody fills the neighbour table here, so let ARP do it
for port in "${ACCESS_PORTS[@]}"; do
	on bng sh -c "cd /proc/sys/net/ipv4/neigh/$port &&
		echo 3 >mcast_solicit && echo 0 >app_solicit"
done
conversation isc dhcrelay
conversation kea dnsmasq
conversation isc dhcp-helper
conversation kea dhcrelay
long_options
"$here/capture.py" "$corpus" "${pcaps[@]}" || die "no corpus"
echo "$corpus: $(find "$corpus" -name '*.bin' | wc -l) messages"
