# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A core network, a BNG and its subscribers in network namespaces: sourced by
# the tests and the demo, and run in a guest of selftests/vm/run only.
#
#   core                    bng                                    subscribers
#   core0 198.18.0.2 ------ up0 198.18.0.1
#                           acc0         10.77.1.1/24 ----------- wan     sub1
#                           acc1.100     10.77.2.1/24 --- 802.1Q  wan     sub2
#                           acc2.100.7   10.77.3.1/24 --- QinQ    wan     sub3
#                           acc3         10.77.4.1/24 --- agg --- wan     sub4
#                                                     (bridge) -- wan     sub5
#
# The BNG routes; a relay agent on it (dhcrelay, dnsmasq or dhcp-helper) hands
# requests to the DHCP server in core (ISC dhcpd, Kea or dnsmasq). sub4 and sub5
# share one access port behind the bridge of an access node, agg.

LG_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LG_TOP=$(cd "$LG_LIB/../.." && pwd)
LG_TMP=$(mktemp -d /tmp/leaseglean.XXXXXX)

CORE_ADDR=198.18.0.2
BNG_ADDR=198.18.0.1
ACCESS_NET=10.77.0.0/16
ACCESS_PORTS=(acc0 acc1.100 acc2.100.7 acc3)
ACCESS_GIADDRS=(10.77.1.1 10.77.2.1 10.77.3.1 10.77.4.1)
SUBSCRIBERS=(sub1 sub2 sub3 sub4 sub5)

# How long a thing that must happen may take, in seconds. Generous: an emulated
# machine is slow, and only a failure ever waits that long.
LG_PATIENCE=${LG_PATIENCE:-40}

lg_namespaces=()
declare -A lg_pids=()

# A pipe that nothing is ever written to: reading it waits without a process,
# which is what emulated machines feel.
exec {lg_never}<> <(:)
pause()
{
	read -rt "$1" -u "$lg_never"
	return 0
}

#
# Waiting for what must happen
#

# wait_for SECONDS COMMAND...: until COMMAND succeeds; its own status decides.
wait_for()
{
	local deadline=$((SECONDS + $1))
	shift

	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		pause 0.1
	done
}

# Succeeds once COMMAND says the pattern.
says()
{
	local pattern=$1
	shift

	"$@" 2>/dev/null | grep -qE -- "$pattern"
}

# log_says NAME PATTERN: one of its lines matches; without a process, as this is
# asked often
log_says()
{
	local line

	[ -e "$LG_TMP/$1.log" ] || return 1
	while IFS= read -r line || [ -n "$line" ]; do
		[[ $line =~ $2 ]] && return 0
	done <"$LG_TMP/$1.log"
	return 1
}

wait_log()
{
	local name=$1 pattern=$2

	wait_for "$LG_PATIENCE" log_says "$name" "$pattern" ||
		{ echo "$name never said: $pattern"; log_tail "$name"; return 1; }
}

log_tail()
{
	tail -n 15 "$LG_TMP/$1.log"
}

#
# Processes: each has a name, its output is in $LG_TMP/NAME.log
#

# spawn NAME NAMESPACE COMMAND...
spawn()
{
	local name=$1 ns=$2
	shift 2

	# here, not in the child: nobody is to find what one before it said
	: >"$LG_TMP/$name.log"
	ip netns exec "$ns" "$@" >"$LG_TMP/$name.log" 2>&1 </dev/null \
		{lg_never}<&- &
	lg_pids[$name]=$!
}

running()
{
	[ -n "${lg_pids[$1]:-}" ] && kill -0 "${lg_pids[$1]}" 2>/dev/null
}

# stop NAME [SIGNAL]: ends it and waits for its end.
stop()
{
	local pid=${lg_pids[$1]:-}

	[ -n "$pid" ] || return 0
	unset "lg_pids[$1]"
	{
		kill -"${2:-TERM}" "$pid"
		pause 0.02
		# one that does not heed the signal is not waited for for ever
		wait_for 10 ended "$pid" || kill -KILL "$pid"
		wait "$pid"
	} 2>/dev/null # nor is the shell to tell of its end
	return 0
}

ended()
{
	! kill -0 "$1" 2>/dev/null
}

signal()
{
	kill -"$2" "${lg_pids[$1]}"
}

#
# Namespaces
#

namespace()
{
	ip netns add "$1"
	lg_namespaces+=("$1")
	ip -n "$1" link set lo up
}

# Without the mounts of "ip netns exec", which take longer than most commands:
# /sys and /etc are those of the guest.
on()
{
	local ns=$1
	shift

	nsenter --net="/run/netns/$ns" -- "$@"
}

# link_address NAMESPACE DEVICE: its hardware address
link_address()
{
	local line

	line=$(ip -n "$1" -o link show dev "$2")
	line=${line#*link/ether }
	echo "${line%% *}"
}

# lg_python FILE [ARGUMENT...]: one of the tests' Python programs.
lg_python()
{
	local program=$1
	shift

	PYTHONPYCACHEPREFIX=/tmp/pycache PYTHONPATH=$LG_LIB \
		python3 "$LG_TOP/selftests/$program" "$@"
}

# Ends what the test started, newest last, and removes all namespaces.
topology_down()
{
	local name

	for name in "${!lg_pids[@]}"; do
		stop "$name"
	done
	[ ${#lg_namespaces[@]} -eq 0 ] ||
		printf 'netns del %s\n' "${lg_namespaces[@]}" |
			ip -force -batch - 2>/dev/null
	lg_namespaces=()
}

lg_cleanup()
{
	[ "$BASHPID" = "$$" ] || return
	topology_down
	module_loaded && rmmod leaseglean
	rm -rf "$LG_TMP"
}
trap lg_cleanup EXIT

# topology_up: everything but servers, relay agent and clients.
topology_up()
{
	lg_namespaces=(core bng agg "${SUBSCRIBERS[@]}")
	ip -batch - <<-END || return 1
		$(printf 'netns add %s\n' "${lg_namespaces[@]}")
		link add core0 netns core address 02:00:00:00:c0:02 type veth peer name up0 netns bng
		link add acc0 netns bng address 02:00:00:00:ac:00 type veth peer name wan netns sub1
		link add acc1 netns bng address 02:00:00:00:ac:01 type veth peer name trunk netns sub2
		link add acc2 netns bng address 02:00:00:00:ac:02 type veth peer name trunk netns sub3
		link add acc3 netns bng address 02:00:00:00:ac:03 type veth peer name uplink netns agg
		link add line4 netns agg type veth peer name wan netns sub4
		link add line5 netns agg type veth peer name wan netns sub5
	END
	# whose /proc/PID/net is bng's
	spawn bng bng sleep infinity
	wait_for "$LG_PATIENCE" [ "/proc/${lg_pids[bng]}/ns/net" -ef /run/netns/bng ] ||
		return 1
	ip -n core -batch - <<-END || return 1
		link set lo up
		addr add $CORE_ADDR/24 dev core0
		link set core0 up
		route add $ACCESS_NET via $BNG_ADDR
	END
	ip -n bng -batch - <<-END || return 1
		link set lo up
		link add link acc1 name acc1.100 type vlan id 100
		link add link acc2 name acc2.100 type vlan protocol 802.1ad id 100
		link add link acc2.100 name acc2.100.7 type vlan id 7
		addr add $BNG_ADDR/24 dev up0
		addr add 10.77.1.1/24 dev acc0
		addr add 10.77.2.1/24 dev acc1.100
		addr add 10.77.3.1/24 dev acc2.100.7
		addr add 10.77.4.1/24 dev acc3
		link set up0 up
		link set acc0 up
		link set acc1 up
		link set acc1.100 up
		link set acc2 up
		link set acc2.100 up
		link set acc2.100.7 up
		link set acc3 up
	END
	ip -n agg -batch - <<-END || return 1
		link set lo up
		link add br0 type bridge
		link set uplink master br0
		link set line4 master br0
		link set line5 master br0
		link set br0 up
		link set uplink up
		link set line4 up
		link set line5 up
	END
	ip -n sub1 -batch - <<-END || return 1
		link set lo up
		link set wan address 02:00:00:00:01:01
		link set wan up
	END
	ip -n sub2 -batch - <<-END || return 1
		link set lo up
		link set trunk address 02:00:00:00:01:02
		link set trunk up
		link add link trunk name wan type vlan id 100
		link set wan up
	END
	ip -n sub3 -batch - <<-END || return 1
		link set lo up
		link set trunk address 02:00:00:00:01:03
		link set trunk up
		link add link trunk name svlan type vlan protocol 802.1ad id 100
		link set svlan up
		link add link svlan name wan type vlan id 7
		link set wan up
	END
	ip -n sub4 -batch - <<-END || return 1
		link set lo up
		link set wan address 02:00:00:00:01:04
		link set wan up
	END
	ip -n sub5 -batch - <<-END || return 1
		link set lo up
		link set wan address 02:00:00:00:01:05
		link set wan up
	END

	on bng sysctl -qw net.ipv4.ip_forward=1
}

subscriber_mac()
{
	echo "02:00:00:00:01:0${1#sub}"
}

subscriber_address()
{
	local line

	line=$(ip -n "$1" -4 -o addr show dev wan)
	line=${line#*inet }
	echo "${line%%/*}"
}

has_address()
{
	local routes=/proc/${lg_pids[$1]:-none}/net/route line

	# its client sees the route that comes with it: no process is needed
	if [ -e "$routes" ]; then
		while read -r line; do
			[[ $line != wan[[:space:]]* ]] || return 0
		done <"$routes"
		return 1
	fi
	[ -n "$(ip -n "$1" -4 -o addr show dev wan)" ]
}

#
# The DHCP servers, in core. They lease 10.77.N.10 to .250 on port N.
#

server_start()
{
	server_kind=$1
	"server_start_$1"
}

# dhcpd_conf NETWORK [LINE...]: of a server in that network; the lines are its
# pools'
dhcpd_conf()
{
	local network=$1 net
	shift

	echo "ping-check false; allow leasequery; authoritative;"
	# a renewal is to extend the lease, however young it is
	echo "dhcp-cache-threshold 0;"
	echo "default-lease-time ${LG_LEASE_TIME:-600};"
	echo "max-lease-time ${LG_LEASE_TIME:-600};"
	echo "subnet $network netmask 255.255.255.0 {}"
	for net in 1 2 3 4; do
		echo "subnet 10.77.$net.0 netmask 255.255.255.0 {"
		echo "  option routers 10.77.$net.1;"
		echo "  pool { $* range 10.77.$net.10 10.77.$net.250; }"
		echo "}"
	done
}

server_start_isc()
{
	dhcpd_conf 198.18.0.0 >"$LG_TMP/dhcpd.conf"
	[ -e "$LG_TMP/dhcpd.leases" ] || : >"$LG_TMP/dhcpd.leases"
	spawn server core dhcpd -4 -f -d --no-pid -cf "$LG_TMP/dhcpd.conf" \
		-lf "$LG_TMP/dhcpd.leases" core0
	wait_log server 'Server starting service'
}

# LG_KEA_BULK=1: by TCP too
server_start_kea()
{
	local net subnets='' bulk=''

	[ -z "${LG_KEA_BULK:-}" ] || bulk=",\"advanced\":{
		\"bulk-query-enabled\":true, \"lease-query-ip\":\"$CORE_ADDR\",
		\"lease-query-tcp-port\":67}"
	for net in 1 2 3 4; do
		subnets+="${subnets:+,}{\"id\":$net,\"subnet\":\"10.77.$net.0/24\",
			\"pools\":[{\"pool\":\"10.77.$net.10 - 10.77.$net.250\"}],
			\"option-data\":[{\"name\":\"routers\",\"data\":\"10.77.$net.1\"}]}"
	done
	# one that is leased from, but not by this BNG
	[ -z "$bulk" ] || subnets+=',{"id":9,"subnet":"10.99.0.0/24",
		"pools":[{"pool":"10.99.0.10 - 10.99.0.250"}]}'
	mkdir -p "$LG_TMP/kea"
	cat >"$LG_TMP/kea.conf" <<-END
	{"Dhcp4":{
	 "interfaces-config":{"interfaces":["core0/$CORE_ADDR"],
	  "dhcp-socket-type":"udp"},
	 "lease-database":{"type":"memfile","persist":true,
	  "name":"$LG_TMP/kea/leases.csv"},
	 "store-extended-info":true, "cache-threshold":0.0,
	 "valid-lifetime":${LG_LEASE_TIME:-600},
	 "subnet4":[$subnets],
	 "hooks-libraries":[{
	  "library":"$(echo /usr/lib/*/kea/hooks/libdhcp_lease_query.so)",
	  "parameters":{"requesters":["10.77.1.1","10.77.2.1","10.77.3.1",
	   "10.77.4.1","$BNG_ADDR","$CORE_ADDR"]$bulk}}],
	 "loggers":[{"name":"kea-dhcp4","severity":"INFO",
	  "output-options":[{"output":"stdout","flush":true}]}]
	}}
	END
	spawn server core env KEA_LOCKFILE_DIR=none \
		KEA_DHCP_DATA_DIR="$LG_TMP/kea" KEA_PIDFILE_DIR="$LG_TMP/kea" \
		KEA_CONTROL_SOCKET_DIR="$LG_TMP/kea" \
		kea-dhcp4 -c "$LG_TMP/kea.conf"
	wait_log server 'DHCP4_STARTED'
}

# Only releases from 2.92 on have leasequery.
server_start_dnsmasq()
{
	local net

	{
		printf '%s\n' port=0 interface=core0 bind-dynamic no-ping \
			dhcp-authoritative "leasequery=$ACCESS_NET"
		for net in 1 2 3 4; do
			echo "dhcp-range=10.77.$net.10,10.77.$net.250,255.255.255.0,${LG_LEASE_TIME:-600}"
		done
	} >"$LG_TMP/dnsmasq.conf"
	spawn server core dnsmasq-leasequery -k -C "$LG_TMP/dnsmasq.conf" \
		-u root -x '' -l "$LG_TMP/dnsmasq.leases" --log-facility=- \
		--log-dhcp
	wait_log server 'sockets bound'
}

server_stop()
{
	stop server
}

#
# The relay agents, in bng
#

# relay_start KIND [OPTION...]
relay_start()
{
	relay_kind=$1
	shift
	"relay_start_$relay_kind" "$@"
}

relay_start_dhcrelay()
{
	local port args=("$@")

	for port in "${ACCESS_PORTS[@]}"; do
		args+=(-id "$port")
	done
	# dhcrelay takes a client's option 82 away, and adds its own
	spawn relay bng dhcrelay -4 -d --no-pid -a -m discard "${args[@]}" \
		-iu up0 "$CORE_ADDR"
	wait_log relay 'Sending on   Socket'
}

relay_start_dnsmasq()
{
	local giaddr args=()

	for giaddr in "${ACCESS_GIADDRS[@]}"; do
		args+=("--dhcp-relay=$giaddr,$CORE_ADDR")
	done
	spawn relay bng dnsmasq -k -C /dev/null -p 0 -u root -x '' \
		--log-facility=- --log-dhcp "${args[@]}"
	wait_log relay 'DHCP relay'
}

relay_start_dhcp-helper()
{
	local port args=()

	for port in "${ACCESS_PORTS[@]}"; do
		args+=(-i "$port")
	done
	spawn relay bng dhcp-helper -d -u root -r "$LG_TMP/dhcp-helper.pid" \
		-s "$CORE_ADDR" "${args[@]}"
	# it says nothing: wait until it listens
	wait_for "$LG_PATIENCE" listens bng 67
}

listens()
{
	says ":$2 " ip netns exec "$1" ss -Hlun
}

relay_stop()
{
	stop relay
}

#
# The DHCP clients, each in a subscriber's namespace
#

# client_start SUBSCRIBER CLIENT: comes back once it has an address
client_start()
{
	"client_start_$2" "$1" && client_ready "$1"
}

client_ready()
{
	wait_for "$LG_PATIENCE" has_address "$1" ||
		{ echo "$1 got no address"; log_tail "$1"; return 1; }
}

client_start_udhcpc()
{
	spawn "$1" "$1" busybox udhcpc -f -i wan -s "$LG_LIB/client-hook.sh" \
		-t 10 -T 2 -A 2
}

client_start_dhclient()
{
	echo "initial-interval 1; backoff-cutoff 2; initial-delay 0;" \
		>"$LG_TMP/$1.conf"
	spawn "$1" "$1" dhclient -4 -d -cf "$LG_TMP/$1.conf" \
		-lf "$LG_TMP/$1.leases" -pf "$LG_TMP/$1.pid" \
		-sf "$LG_LIB/client-hook.sh" wan
}

client_start_dhcpcd()
{
	cat >"$LG_TMP/$1.conf" <<-END
		duid
		noarp
		noipv4ll
		option routers
	END
	# each needs a run and a state directory of its own: mount them within
	# the mount namespace that "ip netns exec" gives it
	spawn "$1" "$1" sh -c "mkdir -p /run/dhcpcd /var/lib/dhcpcd &&
		mount -t tmpfs none /run/dhcpcd &&
		mount -t tmpfs none /var/lib/dhcpcd &&
		exec dhcpcd -4 -B -f '$LG_TMP/$1.conf' -c /bin/true wan"
}

client_stop()
{
	stop "$1"
}

# clients_stop SUBSCRIBER...: ends side by side, and no address is left
clients_stop()
{
	local sub

	for sub in "$@"; do
		! running "$sub" || signal "$sub" TERM
	done
	for sub in "$@"; do
		stop "$sub"
		ip -n "$sub" -4 addr flush dev wan
	done
}

# expires ADDRESS OPERATOR SECONDS: of the time that its lease has left
expires()
{
	row_field leases "$1" expires
	[ -n "$REPLY" ] && test "$REPLY" "$2" "$3"
}

# renew SUBSCRIBER ADDRESS: by udhcpc, once a second has gone by on the lease;
# straight to the server, past a relay agent.
renew()
{
	local before

	row_field leases "$2" expires
	before=$REPLY
	wait_for 20 expires "$2" -lt "$before" ||
		{ echo "the lease does not run down"; leases; return 1; }
	signal "$1" USR1
	wait_for "$LG_PATIENCE" expires "$2" -ge "$before" ||
		{ leases; log_tail "$1"; return 1; }
}

#
# Captures: a pcap file a capture, and no packet before the call is missed
#

# capture_start NAME NAMESPACE DEVICE [FILTER...]
# The buffer has a slot of the longest packet's size for each packet.
capture_start()
{
	local name=$1 ns=$2 dev=$3
	shift 3

	spawn "capture-$name" "$ns" tcpdump -i "$dev" -n --immediate-mode -U \
		-s 2000 -B 32768 -w "$LG_TMP/$name.pcap" "$@"
	wait_log "capture-$name" 'listening on'
}

capture_show()
{
	local name=$1
	shift

	tcpdump -r "$LG_TMP/$name.pcap" -n "$@" 2>/dev/null
}

capture_count()
{
	capture_show "$@" | grep -c '^[0-9]'
}

capture_has()
{
	[ "$(capture_count "$@")" -gt 0 ]
}

# capture_mark NAME NAMESPACE ADDRESS: until a packet sent now by NAMESPACE to
# ADDRESS is in the file, so that all before it are.
capture_mark()
{
	local mark=$((20000 + RANDOM % 40000))

	on "$2" bash -c "echo mark >/dev/udp/$3/$mark" &&
		wait_for "$LG_PATIENCE" capture_has "$1" udp dst port "$mark"
}

capture_stop()
{
	stop "capture-$1"
}

# dhcp_messages NAME [TYPE]...: those of a capture, a line each as pcap.py says
dhcp_messages()
{
	local name=$1
	shift

	lg_python lib/pcap.py "$LG_TMP/$name.pcap" "$@"
}

# Leasequeries, their answers, and what is of the same over TCP.
leasequeries()
{
	dhcp_messages "$1" 10 11 12 13 14 15 16 17 18
}

# leasequeries_are N NAME: or more
leasequeries_are()
{
	[ "$(leasequeries "$2" | wc -l)" -ge "$1" ] && return 0
	dhcp_messages "$2"
	return 1
}

# no_leasequery NAME: a reader that failed is not taken for silence
no_leasequery()
{
	leasequeries "$1" >"$LG_TMP/leasequeries" &&
		[ ! -s "$LG_TMP/leasequeries" ] && return 0
	dhcp_messages "$1"
	return 1
}

# watch_start: lib/watch.py at every subscriber and in the core
watch_start()
{
	coproc LG_WATCH {
		PYTHONPYCACHEPREFIX=/tmp/pycache exec python3 "$LG_LIB/watch.py" \
			"${SUBSCRIBERS[@]}" 2>"$LG_TMP/watch.log" {lg_never}<&-
	}
	lg_pids[watch]=$LG_WATCH_PID
	watch_answer
}

# watch COMMAND WORD...: as lib/watch.py says; sets REPLY to what is answered.
watch()
{
	echo "$*" >&"${LG_WATCH[1]}" && watch_answer
}

watch_answer()
{
	local status

	read -rt $((2 * LG_PATIENCE)) -u "${LG_WATCH[0]}" status REPLY ||
		{ cat "$LG_TMP/watch.log"; return 1; }
	[ "$status" = ok ] || { echo "$REPLY"; return 1; }
}

#
# The module and the helper
#

module_loaded()
{
	[ -d /sys/module/leaseglean ]
}

# module_load [PARAMETER=VALUE...]
module_load()
{
	modprobe leaseglean "$@"
}

module_unload()
{
	rmmod leaseglean
}

# access_ports_add [SETTING...]
access_ports_add()
{
	local port

	for port in "${ACCESS_PORTS[@]}"; do
		on bng leaseglean port add "$port" role access "$@" || return
	done
}

# ping_once ADDRESS: one packet from the core, whatever becomes of it
ping_once()
{
	on core ping -c 1 -W 1 "$1" >/dev/null 2>&1 || :
}

# packets ADDRESS...: one to each from the core, as traffic would have it
packets()
{
	printf '%s\n' "$@" | lg_python lib/one_packet.py core "$CORE_ADDR"
}

# bng_proc FILE: its path, for whoever is not in bng
bng_proc()
{
	echo "/proc/${lg_pids[bng]}/net/leaseglean/$1"
}

leases()
{
	cat "$(bng_proc leases)"
}

# row_field FILE ADDRESS COLUMN: sets REPLY to the field of the address' row, the
# column by its name in the header line; to "" where there is no such row.
row_field()
{
	local names row i at address

	REPLY=""
	{
		read -ra names
		for i in "${!names[@]}"; do
			[ "${names[i]}" != address ] || address=$i
			[ "${names[i]}" != "$3" ] || at=$i
		done
		while read -ra row; do
			[ "${row[address]}" != "$2" ] || REPLY=${row[at]}
		done
	} <"/proc/${lg_pids[bng]}/net/leaseglean/$1"
}

# lease_row ADDRESS: sets ROW to the columns of its one row, REPLY to what is
# in that of the time left. That and the client identifier, which is the
# client's own choice, become "*".
lease_row()
{
	local row rows=0

	ROW=()
	while read -ra row; do
		[ "${row[0]}" = "$1" ] || continue
		rows=$((rows + 1))
		ROW=("${row[@]}")
	done <"/proc/${lg_pids[bng]}/net/leaseglean/leases"
	REPLY=${ROW[8]}
	ROW[8]="*"
	ROW[11]="*"
	[ "$rows" -eq 1 ] || { echo "$rows rows of $1"; return 1; }
}

lease_field()
{
	row_field leases "$1" "$2"
	echo "$REPLY"
}

lease_state()
{
	lease_field "$1" state
}

lease_is()
{
	row_field leases "$1" "$2"
	[ "$REPLY" = "$3" ] && return 0
	echo "$1: $2 is '$REPLY', not '$3'"
	return 1
}

# No row of that address at all.
lease_absent()
{
	row_field leases "$1" state
	[ -z "$REPLY" ]
}

# Sets REPLY to the state of an address, pending included; to "" for nothing.
state_of()
{
	row_field leases "$1" state
	[ -z "$REPLY" ] || return
	row_field pending "$1" address
	[ -z "$REPLY" ] || REPLY=pending
}

is_state()
{
	state_of "$1"
	[ "$REPLY" = "$2" ]
}

# becomes ADDRESS STATE
becomes()
{
	wait_for "$LG_PATIENCE" is_state "$1" "$2" && return 0
	state_of "$1"
	echo "$1 is '$REPLY', not '$2'"
	log_tail helper
	return 1
}

# counter_read NAME: sets REPLY to its value
counter_read()
{
	local name value

	REPLY=""
	while read -r name value; do
		[ "$name" != "$1" ] || REPLY=$value
	done <"/proc/${lg_pids[bng]}/net/leaseglean/stats"
}

counter()
{
	counter_read "$1"
	[ -z "$REPLY" ] || echo "$REPLY"
}

# helper_start [OPTION...]: comes back once it serves the module; with $LG_TMP/helper.conf if a test wrote one.
# Without, nothing that it knew before is restored: it has to ask.
helper_start()
{
	[ -e "$LG_TMP/helper.conf" ] || cat >"$LG_TMP/helper.conf" <<-END
		[leasegleand]
		state-dir = $LG_TMP/state
		[recovery]
		snapshot = off
	END
	helper_spawn "$@"
	wait_log helper 'ready: helping'
}

helper_spawn()
{
	mkdir -p "$LG_TMP/state"
	spawn helper bng leasegleand -f -v -c "$LG_TMP/helper.conf" "$@"
}

helper_stop()
{
	stop helper "$@"
}
