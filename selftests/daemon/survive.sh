#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the helper daemon does when things go as they should not: the module,
# the server, the route, an interface or the daemon itself comes and goes. And
# that a crowd of missing addresses is asked for once each.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

FIRST=10
CROWD=200
OTHER_SERVER=198.18.0.99
# of no interface here
OTHER_GIADDR=10.77.9.9
# What the helper gives its socket for upcalls, and one that overruns; the
# kernel doubles what is asked for.
HELPER_BUFFER=$((8 << 20))
SMALL_BUFFER=$((32 << 10))

# dhcpd has leased 10.77.1.10 and on to clients that nobody has seen since.
leases_write()
{
	local i ends mac

	ends=$(date -u -d '+1 hour' '+%w %Y/%m/%d %H:%M:%S')
	for ((i = FIRST; i < FIRST + CROWD; i++)); do
		# no process for each of them
		printf -v mac 02:00:00:01:00:%02x "$i"
		echo "lease 10.77.1.$i {
		  starts 0 2024/01/07 00:00:00;
		  ends $ends;
		  cltt 0 2024/01/07 00:00:00;
		  binding state active;
		  next binding state free;
		  hardware ethernet $mac;
		  option agent.circuit-id \"acc0\";
		}"
	done >"$LG_TMP/dhcpd.leases"
}

helper_configure()
{
	local port

	{
		echo "[leasegleand]"
		echo "state-dir = $LG_TMP/state"
		# the command line's are to win over these
		echo "giaddr = 10.77.4.1"
		echo "[server $OTHER_SERVER]"
		# a busy machine is no reason to ask a crowd twice
		echo "[query]"
		echo "timeout-first = 3s"
		# what this is about is asked for on demand
		echo "[recovery]"
		echo "snapshot = off"
		for port in "${ACCESS_PORTS[@]}"; do
			echo "[port $port]"
			echo "role = access"
		done
		# of the last one, which has no traffic here
		cat <<-END
		verify = strict
		arp = off
		match = mac,vlan
		move = deny
		max = 9
		budget = 7/8
		exclude = 192.0.2.0/24
		exclude += 198.51.100.1
		END
	} >"$LG_TMP/helper.conf"
}

# helper_run [OPTION...]: without waiting for it to be ready: sometimes it
# cannot be.
helper_run()
{
	spawn helper bng leasegleand -f -v -c "$LG_TMP/helper.conf" \
		--server "$CORE_ADDR" --giaddr 10.77.1.1 "$@"
}

# helper_says PATTERN [TIMES]
helper_says()
{
	local times

	times=$(grep -cE -- "$1" "$LG_TMP/helper.log")
	[ "$times" -ge "${2:-1}" ]
}

helper_ready()
{
	wait_for "$LG_PATIENCE" helper_says 'ready: helping' "${1:-1}" ||
		{ log_tail helper; return 1; }
}

helper_counter()
{
	local before

	before=$(grep -c ' overruns ' "$LG_TMP/helper.log")
	signal helper USR1
	wait_for "$LG_PATIENCE" helper_says ' overruns ' $((before + 1)) || return
	sed -n "s/^leasegleand: $1 //p" "$LG_TMP/helper.log" | tail -n 1
}

crowd()
{
	local i

	for ((i = FIRST; i < FIRST + CROWD; i++)); do
		echo "10.77.1.$i"
	done
}

known()
{
	local n

	n=$(leases | grep -c ' active leasequery ')
	[ "$n" -eq "$1" ] && return 0
	echo "$n are active, not $1"
	return 1
}

answered_for()
{
	packets "$1" && becomes "$1" active
}

role_is()
{
	[ "$(on bng leaseglean -j port show "$1" |
	     jq -r '.[0].role')" = "$2" ]
}

# All that the configuration says of acc3.
settings_are_there()
{
	[ "$(on bng leaseglean -j port show acc3 | jq -c '.[0]|[.role, .verify,
		.arp, .match, .move, .max_leases, .budget_rate, .budget_burst,
		.exclude]')" = '["access","strict","off",["mac","vlan"],"deny",9,7,8,["192.0.2.0/24","198.51.100.1/32"]]' ]
}

forget_all()
{
	on bng leaseglean flush
}

#
# The crowd
#

crowd_is_answered_for()
{
	# shellcheck disable=SC2046 # addresses are words
	packets $(crowd)
	wait_for "$LG_PATIENCE" known "$CROWD" >/dev/null
	known "$CROWD"
}

# Each by one query, as the core saw it: to the server and from the address of
# the command line.
asked_once_each()
{
	dhcp_messages core 10 >"$LG_TMP/asked" || return 1
	awk -v crowd="$CROWD" -v server="$CORE_ADDR" '
		$2 != server || $6 != "10.77.1.1" { print; bad = 1 }
		++times[$4] > 1 { print $4, "again"; bad = 1 }
		END {
			print "asked for", length(times), "addresses"
			exit bad || length(times) != crowd
		}' "$LG_TMP/asked"
}

nothing_else_asked()
{
	local n

	n=$(capture_count core dst host "$CORE_ADDR")
	[ "$n" -eq "$CROWD" ] && return 0
	echo "$n packets to the server"
	return 1
}

capture_settles()
{
	wait_for "$LG_PATIENCE" eval \
		'[ "$(capture_count core src host "$CORE_ADDR")" -ge '"$1"' ]'
}

#
# Leases that others claim
#

# The table has an address on a hardware address that the server has replaced
# since, and somebody uses it.
claim_begins()
{
	on bng leaseglean port set acc0 verify permissive move query || return 1
	on bng leaseglean del 10.77.1.25 2>/dev/null
	on bng env PYTHONPYCACHEPREFIX=/tmp/pycache PYTHONPATH="$LG_LIB" python3 -c '
import socket
from genl import ORIGIN, Family
Family().put({"addr": "10.77.1.25", "hwaddr": bytes((2, 0, 0, 0, 0x99, 1)),
              "port": socket.if_nametoindex("acc0"), "expires": 600,
              "origin": ORIGIN["restored"]})' || return 1
	ip -n sub1 addr add 10.77.1.25/24 dev wan || return 1
	on sub1 ping -c 1 -W 1 10.77.1.1 >/dev/null 2>&1
	[ "$(counter challenge)" -gt 0 ]
}

# The first query is lost with the server; in doubt the lease stands.
claim_is_settled()
{
	local timeouts

	timeouts=$(helper_counter timeouts)
	server_stop
	claim_begins || { echo "not asked of"; return 1; }
	wait_for "$LG_PATIENCE" eval \
		'[ "$(helper_counter timeouts)" -gt '"$timeouts"' ]' || return 1
	lease_is 10.77.1.25 hwaddr 02:00:00:00:99:01 || return 1
	server_start isc || return 1
	wait_for "$LG_PATIENCE" lease_is 10.77.1.25 hwaddr 02:00:00:01:00:19 \
		>/dev/null
	lease_is 10.77.1.25 hwaddr 02:00:00:01:00:19 &&
		lease_is 10.77.1.25 port acc0
}

# The server heard a question for it N times since it was started.
asked_of()
{
	local n

	n=$(grep -c "DHCPLEASEQUERY.* $1\\b" "$LG_TMP/server.log")
	[ "$n" -eq "$2" ] && return 0
	echo "asked $n times, not $2"
	grep LEASEQUERY "$LG_TMP/server.log"
	return 1
}

ping_passes()
{
	on sub1 ping -c 1 -W 1 10.77.1.1 >/dev/null 2>&1
}

pinged_active()
{
	ping_passes
	is_state 10.77.1.25 active
}

# A source that nothing is known of: dropped, asked for once, and then it
# passes, if it has the hardware address that the server says.
source_is_asked_for()
{
	local dropped n

	ip -n sub1 link set wan address 02:00:00:01:00:19 || return 1
	on bng leaseglean del 10.77.1.25 &&
		on bng leaseglean port set acc0 verify strict || return 1
	ip -n bng neigh flush dev acc0
	dropped=$(counter verify_dropped)
	n=$(grep -c 'DHCPLEASEQUERY.* 10\.77\.1\.25\b' "$LG_TMP/server.log")
	wait_for "$LG_PATIENCE" pinged_active || { becomes 10.77.1.25 active; return 1; }
	[ "$(counter verify_dropped)" -gt "$dropped" ] ||
		{ echo "it passed at once"; return 1; }
	wait_for "$LG_PATIENCE" ping_passes || { echo "it never passes"; return 1; }
	asked_of 10.77.1.25 $((n + 1))
}

#
# Upcalls that are lost
#

# Gives the one socket of the helper whose buffer has FROM bytes one of TO.
helper_buffer()
{
	python3 -c '
import ctypes, os, socket, sys
SO_RCVBUFFORCE, PIDFD_GETFD = 33, 438
pid, have, want = map(int, sys.argv[1:])
libc = ctypes.CDLL(None, use_errno=True)
pidfd = os.pidfd_open(pid)
resized = 0
for name in os.listdir("/proc/%d/fd" % pid):
    if not os.readlink("/proc/%d/fd/%s" % (pid, name)).startswith("socket:"):
        continue
    fd = libc.syscall(PIDFD_GETFD, pidfd, int(name), 0)
    if fd < 0:
        sys.exit("pidfd_getfd: " + os.strerror(ctypes.get_errno()))
    sock = socket.socket(fileno=fd)
    if sock.family == socket.AF_NETLINK and \
            sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == have:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, want // 2)
        resized += 1
sys.exit(resized != 1 and "%d sockets have that buffer" % resized)
' "$(helper_pid)" "$1" "$2"
}

# Rows of pending; it has a header.
pending()
{
	on bng cat /proc/net/leaseglean/pending | tail -n +2 | wc -l
}

pending_are()
{
	[ "$(pending)" -eq "$1" ] && return 0
	echo "$(pending) are pending, not $1"
	return 1
}

# Its buffer is small while it cannot read, and again as it was when it can:
# of the crowd's upcalls most are lost, and no answer is.
upcalls_are_lost()
{
	local lost

	lost=$(counter upcall_lost)
	helper_buffer "$HELPER_BUFFER" "$SMALL_BUFFER" || return 1
	signal helper STOP
	# shellcheck disable=SC2046 # addresses are words
	packets $(crowd)
	wait_for "$LG_PATIENCE" pending_are "$CROWD" >/dev/null
	pending_are "$CROWD" &&
		helper_buffer "$SMALL_BUFFER" "$HELPER_BUFFER" || return 1
	lost=$(($(counter upcall_lost) - lost))
	[ "$lost" -gt 0 ] && [ "$lost" -lt "$CROWD" ] && return 0
	echo "$lost upcalls were lost"
	return 1
}

helper_overran()
{
	local n

	n=$(helper_counter overruns)
	[ "$n" -gt 0 ] && return 0
	echo "$n overruns"
	return 1
}

lost_ones_are_answered_for()
{
	signal helper CONT
	wait_for "$LG_PATIENCE" known "$CROWD" >/dev/null
	known "$CROWD"
}

#
# Confinement
#

status_field()
{
	awk -v name="$1:" '$1 == name { print $2 }' \
		"/proc/$(helper_pid)/status"
}

# "ip netns exec" becomes the daemon.
helper_pid()
{
	echo "${lg_pids[helper]}"
}

only_net_admin()
{
	local set

	for set in CapEff CapPrm CapBnd; do
		[ "$((16#$(status_field $set)))" -eq $((1 << 12)) ] ||
			{ echo "$set $(status_field $set)"; return 1; }
	done
	[ "$((16#$(status_field CapAmb)))" -eq 0 ] &&
		[ "$(status_field NoNewPrivs)" = 1 ]
}

# It has asked, so that it has sockets to look at.
no_port_67()
{
	local ports

	ports=$(on bng ss -Huanp | awk '/leasegleand/ { print $4 }')
	[ -n "$ports" ] && ! grep -q ':67$' <<<"$ports" && return 0
	echo "it has: $ports"
	return 1
}

#
# Ends
#

# ends_with STATUS NAMESPACE COMMAND...
ends_with()
{
	local want=$1 got ns=$2
	shift 2

	timeout 20 ip netns exec "$ns" "$@" </dev/null
	got=$?
	[ "$got" -eq "$want" ] && return 0
	echo "ended with $got, not $want"
	return 1
}

refuses_configuration()
{
	printf '%s\n' "$@" >"$LG_TMP/bad.conf"
	ends_with 2 bng leasegleand -f -c "$LG_TMP/bad.conf" \
		--state-dir "$LG_TMP/state2"
}

ends_cleanly()
{
	local pid=${lg_pids[helper]} status

	kill -"$1" "$pid"
	wait "$pid"
	status=$?
	unset 'lg_pids[helper]'
	[ "$status" -eq 0 ] && return 0
	echo "ended with $status"
	return 1
}

in_background()
{
	local pid

	echo "[leasegleand]" >"$LG_TMP/background.conf"
	ends_with 0 bng leasegleand -c "$LG_TMP/background.conf" \
		--state-dir "$LG_TMP/state3" || return 1
	# it was ready when that came back
	ends_with 4 bng leasegleand -c "$LG_TMP/background.conf" \
		--state-dir "$LG_TMP/state4" || return 1
	pid=$(pgrep -f -- "-c $LG_TMP/background.conf") || return 1
	kill "$pid"
	wait_for 10 ended "$pid"
}

#
# What comes and goes
#

port_comes_back()
{
	ip -n bng link del acc3 2>/dev/null
	wait_for "$LG_PATIENCE" eval '! ip -n bng link show acc3 2>/dev/null' \
		>/dev/null
	ip link add acc3 netns bng type veth peer name uplink netns agg
	ip -n bng link set acc3 up
	wait_for "$LG_PATIENCE" settings_are_there
}

server_is_gone_and_back()
{
	server_stop
	packets 10.77.1.20
	becomes 10.77.1.20 pending || return 1
	# it has been asked in vain
	wait_for "$LG_PATIENCE" eval '[ "$(helper_counter timeouts)" -gt 0 ]' ||
		return 1
	# by turns from each address of the command line
	wait_for "$LG_PATIENCE" helper_says "cannot ask from $OTHER_GIADDR" ||
		return 1
	server_start isc && becomes 10.77.1.20 active
}

killed_while_pending()
{
	server_stop
	packets 10.77.1.30 10.77.1.31
	becomes 10.77.1.30 pending && becomes 10.77.1.31 pending || return 1
	stop helper KILL
	server_start isc || return 1
	helper_run
	becomes 10.77.1.30 active && becomes 10.77.1.31 active
}

no_route_then_one()
{
	ip -n bng link set up0 down
	on core true
	# from the BNG itself: the core cannot reach it now
	on bng python3 -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.77.1.40", 9))'
	becomes 10.77.1.40 pending || return 1
	wait_for "$LG_PATIENCE" helper_says 'cannot reach server' || return 1
	ip -n bng link set up0 up
	becomes 10.77.1.40 active
}

giaddr_goes_and_comes()
{
	ip -n bng addr del 10.77.1.1/24 dev acc0
	ip -n bng route add 10.77.1.0/24 dev acc0
	packets 10.77.1.50
	becomes 10.77.1.50 pending || return 1
	wait_for "$LG_PATIENCE" helper_says 'cannot ask from 10.77.1.1' ||
		return 1
	ip -n bng route del 10.77.1.0/24 dev acc0
	ip -n bng addr add 10.77.1.1/24 dev acc0
	becomes 10.77.1.50 active
}

module_goes_and_comes()
{
	local times

	times=$(grep -c 'ready: helping' "$LG_TMP/helper.log")
	module_unload || return 1
	wait_for "$LG_PATIENCE" helper_says 'not loaded: waiting' || return 1
	running helper || return 1
	module_load && helper_ready $((times + 1)) &&
		wait_for "$LG_PATIENCE" role_is acc0 access &&
		wait_for "$LG_PATIENCE" settings_are_there &&
		answered_for 10.77.1.60
}

# Many times over, under traffic: what it says it says once a time.
module_comes_and_goes_often()
{
	local i said

	said=$(grep -c . "$LG_TMP/helper.log")
	for i in 1 2 3 4 5; do
		packets 10.77.1.7$i
		module_unload && module_load || return 1
	done
	wait_for "$LG_PATIENCE" role_is acc0 access &&
		answered_for 10.77.1.70 || return 1
	running helper || return 1
	said=$(($(grep -c . "$LG_TMP/helper.log") - said))
	[ "$said" -le 20 ] && return 0
	echo "$said lines"
	return 1
}

#
# The command, where cli.sh leaves it: what it says of a daemon's leases
#

json_has_all_keys()
{
	on bng leaseglean -j show 10.77.1.70 | jq -e '
		length == 1 and (.[0] | keys - ["address", "state", "origin",
		"hwaddr", "port", "vlans", "giaddr", "server", "circuit_id",
		"remote_id", "client_id", "expires",
		"last_transaction"] == []) and
		(.[0] | length == 13) and .[0].circuit_id == "61636330" and
		.[0].remote_id == null and .[0].vlans == [] and
		.[0].hwaddr == "02:00:00:01:00:46" and
		.[0].state == "active" and .[0].origin == "leasequery" and
		.[0].port == "acc0" and .[0].server == "198.18.0.2" and
		.[0].giaddr == "10.77.1.1" and .[0].expires > 3000 and
		.[0].last_transaction > 90000000'
}

output_that_nobody_takes()
{
	ends_with 2 bng sh -c 'leaseglean show >/dev/full' &&
		ends_with 2 bng sh -c 'leaseglean -j show >&-'
}

kernel_says_why()
{
	ends_with 2 bng leaseglean port add nosuch role access || return 1
	on bng leaseglean port add nosuch role access 2>&1 | grep -q '^Error: '
}

ktap_start
topology_up || ktap_bail "set-up"
leases_write
server_start isc || ktap_bail "the server"
helper_configure
ip -n core addr add "$OTHER_SERVER/24" dev core0
helper_run --giaddr "$OTHER_GIADDR"
check "without the module it waits" \
	wait_for "$LG_PATIENCE" helper_says 'not loaded: waiting'
module_load || ktap_bail "the module"
check "it takes up the module when that comes" helper_ready
check "its ports get their roles" wait_for "$LG_PATIENCE" role_is acc0 access
check "a QinQ port too" wait_for "$LG_PATIENCE" role_is acc2.100.7 access
check "and all other settings" wait_for "$LG_PATIENCE" settings_are_there
check "it may do nothing but administer the network" only_net_admin

capture_start core core core0 udp port 67
check "a crowd of $CROWD is answered for" crowd_is_answered_for
check "all answers were seen" capture_settles "$CROWD"
check "each was asked for once" asked_once_each
check "nothing else was asked" nothing_else_asked
capture_stop core
check "it listens on no port 67" no_port_67

forget_all
capture_start core core core0 udp port 67
check "no upcall was lost" eval '[ "$(counter upcall_lost)" -eq 0 ]'
check "a helper that does not read loses upcalls" upcalls_are_lost
check "what it lost is answered for too" lost_ones_are_answered_for
check "it knows that it lost some" helper_overran
check "nothing is left pending" pending_are 0
check "all answers to that were seen" capture_settles "$CROWD"
check "each of those was asked for once" asked_once_each
capture_stop core

check "a second helper ends with 4" ends_with 4 bng \
	leasegleand -f --state-dir "$LG_TMP/state2"
check "one with the same state directory ends with 4" ends_with 4 core \
	leasegleand -f --state-dir "$LG_TMP/state"
check "a wrong option ends with 1" ends_with 1 bng leasegleand --frobnicate
check "a wrong word ends with 1" ends_with 1 bng leasegleand -f now
check "a wrong server ends with 1" ends_with 1 bng leasegleand -f --server x
check "an unknown key ends with 2" refuses_configuration '[query]' 'trys = 3'
check "a missing file ends with 2" ends_with 2 bng \
	leasegleand -f -c "$LG_TMP/none"
check "without CAP_NET_ADMIN it ends with 3" ends_with 3 bng \
	capsh --drop=cap_net_admin -- -c \
	"exec leasegleand -f --state-dir $LG_TMP/state2"
check "without a state directory it ends with 5" ends_with 5 bng \
	leasegleand -f --state-dir "$LG_TMP/none/state"

forget_all
check "a server that was silent is asked again" server_is_gone_and_back
check "a lease in doubt is asked of until the server answers" claim_is_settled
check "a source without a lease is asked for once, and passes" \
	source_is_asked_for
ip -n sub1 addr flush dev wan
ip -n sub1 link set wan address "$(subscriber_mac sub1)"
on bng leaseglean port set acc0 verify off
check "killed, nothing pending is lost" killed_while_pending
check "it waits for a route" no_route_then_one
check "it waits for its own address" giaddr_goes_and_comes
check "an interface that comes back has its role again" port_comes_back
check "it survives the module" module_goes_and_comes
check "it survives the module again and again" module_comes_and_goes_often

check "show -j has all keys" json_has_all_keys
check "show ends with 2 when nobody takes its output" output_that_nobody_takes
check "what the kernel refuses ends with 2, and says why" kernel_says_why
check "words may be short" ends_with 0 bng leaseglean sh st act
check "stats are a JSON object" eval \
	'on bng leaseglean -j stats | jq -e ".put > 0"'

check "SIGTERM ends it with 0" ends_cleanly TERM
helper_run
check "it starts again" helper_ready
check "SIGINT ends it with 0" ends_cleanly INT
check "in the background it is ready when its parent ends" in_background
ktap_end
