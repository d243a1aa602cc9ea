#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command: every form of it, what it prints, what it is refused and how it
# ends. What the settings do is for other tests, and which words it refuses by
# itself, without a module, for daemon/words.sh.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

# The rest of this file runs in bng, by the same process that has put the
# topology up: a command is then one process, of which there are hundreds.
if [ -z "$CLI_IN_BNG" ]; then
	ktap_start
	topology_up && module_load || ktap_bail "set-up"
	export CLI_IN_BNG="$LG_TMP ${lg_pids[bng]}"
	exec nsenter --net=/run/netns/bng -- "$0"
fi
rmdir "$LG_TMP"
read -r LG_TMP "lg_pids[bng]" <<<"$CLI_IN_BNG"
unset CLI_IN_BNG
# shellcheck disable=SC2034 # topology.sh's
lg_namespaces=(core bng agg "${SUBSCRIBERS[@]}")

cli()
{
	leaseglean "$@"
}

# json_is FILTER WANT WORD...: what jq makes of the answer
json_is()
{
	local filter=$1 want=$2 out got
	shift 2

	out=$(cli -j "$@") || { echo "$* failed: $out"; return 1; }
	got=$(jq -c "$filter" <<<"$out") || { echo "no JSON: $out"; return 1; }
	[ "$got" = "$want" ] || { echo "got $got, not $want"; return 1; }
}

# first_line_is LINE WORD...
first_line_is()
{
	local want=$1 out
	shift

	out=$(cli "$@") || { echo "$out"; return 1; }
	[ "${out%%$'\n'*}" = "$want" ] || { echo "$out"; return 1; }
}

# refused STATUS PATTERN WORD...: it ends with that, and standard error says
# why; nothing is on standard output
refused()
{
	local status=$1 pattern=$2 got said
	shift 2

	cli "$@" >"$LG_TMP/out" 2>"$LG_TMP/err"
	got=$?
	IFS= read -rd '' said <"$LG_TMP/err"
	[ "$got" -eq "$status" ] && [ ! -s "$LG_TMP/out" ] &&
		[[ $said == *"$pattern"* ]] && return 0
	echo "status $got, not $status, for: $*"
	cat "$LG_TMP/out" "$LG_TMP/err"
	return 1
}

# Each line: the exit status, what is said, and after a colon the words.
refuses_all()
{
	local status pattern words failed=0

	while IFS='|' read -r status pattern words; do
		# shellcheck disable=SC2086 # words
		refused "$status" "$pattern" $words || failed=1
	done
	return $failed
}

#
# Ports
#

defaults='{"port":"acc0","role":"access","budget_rate":100,"budget_burst":512,'
defaults+='"arp":"on","verify":"off","match":["mac","port","vlan"],'
defaults+='"move":"query","max_leases":null,"exclude":[],"active":0,'
defaults+='"pending":0,"negative":0}'
changed='{"port":"acc0","role":"access","budget_rate":7,"budget_burst":9,'
changed+='"arp":"off","verify":"strict","match":["mac","vlan"],"move":"deny",'
changed+='"max_leases":64,"exclude":["10.77.1.200/29","192.0.2.1/32"],'
changed+='"active":0,"pending":0,"negative":0}'
changed_line="acc0 role access budget 7/9 arp off verify strict"
changed_line+=" match mac,vlan move deny max 64"
changed_line+=" exclude 10.77.1.200/29,192.0.2.1/32"

# What the first line shows of a port, given back to "port set".
paste_back()
{
	local line

	line=$(cli port acc0 | head -n 1)
	cli port del acc0 || return 1
	json_is '.[0].role' '"none"' port acc0 || return 1
	# shellcheck disable=SC2086 # words
	cli port set $line && json_is '.[0]' "$changed" port acc0
}

one_setting()
{
	cli port set acc0 verify log &&
		json_is '.[0]|[.verify,.arp,.max_leases,.budget_rate]' \
			'["log","off",64,7]' port acc0 || return 1
	cli port set acc0 match ip && json_is '.[0].match' '[]' port acc0 &&
		first_line_is "${changed_line/strict match mac,vlan/log match ip}" \
			port acc0 || return 1
	cli port set acc0 max none exclude none &&
		json_is '.[0]|[.max_leases,.exclude,.arp]' '[null,[],"off"]' \
			port acc0
}

role_taken_away()
{
	cli port set acc0 role trusted &&
		first_line_is "acc0 role trusted budget 7/9" port show acc0 &&
		cli port add acc0 access budget 100/512 &&
		json_is '.[0]' "$defaults" port show acc0
}

# sixteen of the longest
many_prefixes()
{
	local list="" i

	for i in $(seq 16); do
		list+="${list:+,}198.51.100.$((100 + i))/32"
	done
	cli port set acc0 exclude "$list" &&
		json_is '.[0].exclude|join(",")' "\"$list\"" port acc0 &&
		first_line_is "${defaults_line/exclude none/exclude $list}" \
			port acc0 &&
		refused 1 "too many prefixes" \
			port set acc0 exclude "$list,198.51.100.1" &&
		cli port set acc0 exclude none
}
defaults_line="acc0 role access budget 100/512 arp on verify off"
defaults_line+=" match mac,port,vlan move query max none exclude none"

# What an interface may be called, and no terminal nor JSON is to have.
strange_name()
{
	local name=$'a\e[31m\xff"' said

	ip -n bng link add "$name" type dummy || return 1
	cli port add "$name" trusted &&
		json_is '.[0].port' '"a\\x1b[31m\\xff\""' port "$name" &&
		said=$(cli port "$name") || return 1
	[ "${said%% *}" = 'a\x1b[31m\xff"' ] || { cat -v <<<"$said"; return 1; }
	ip -n bng link del "$name"
}

ports()
{
	check "port add gives the defaults" eval \
		'cli port add acc0 access && json_is ".[0]" "$defaults" port acc0'
	check "and text in the words of port set" \
		first_line_is "$defaults_line" port show acc0
	check "all settings, in any order, shortened" cli port set acc0 \
		ex 10.77.1.200/29,192.0.2.1 bud 7/9 ver str ar of mo d max 64 \
		mat vlan,mac role acc
	check "JSON shows them" json_is '.[0]' "$changed" port acc0
	check "text shows them" first_line_is "$changed_line" port acc0
	check "what is shown can be given back" paste_back
	check "one setting leaves the others" one_setting
	check "with the role the others go" role_taken_away
	check "as many prefixes as there may be" many_prefixes
	check "port add takes settings, too" eval \
		'cli port add acc3 role access verify permissive max 9 &&
		json_is "[.[]|[.port,.verify,.max_leases]]" \
		"[[\"acc0\",\"off\",null],[\"acc3\",\"permissive\",9]]" port'
	check "port is port show is port list" eval \
		'[ "$(cli port)" = "$(cli port show)" ] &&
		[ "$(cli port list)" = "$(cli port show)" ] &&
		[ "$(wc -l <<<"$(cli port)")" -eq 4 ]'
	check "wrong words and ports are refused" refuses_all <<-'END'
		1|not a role|port set acc0 role bogus
		1|what is "bogus"?|port set acc0 arp off bogus 1
		2|no such interface|port set nosuch arp on
		2|no such interface|port nosuch
		2|not used as a port|port lo
		2|access role|port set lo arp off
		2|access role|port set acc0 role trusted verify log
	END
	check "and change nothing" json_is '.[0]' "$defaults" port acc0
	check "a name that is no text" strange_name
	check "port del" eval 'cli port del acc3 &&
		json_is "[.[].role]" "[\"access\",\"none\"]" port'
}

#
# Counters
#

# As Prometheus reads them: each with its type, and the values of the text.
counters_for_prometheus()
{
	cli stats >"$LG_TMP/stats" && cli stats --prometheus >"$LG_TMP/prom" ||
		return 1
	grep -qx '# TYPE leaseglean_miss_cap_port_total counter' "$LG_TMP/prom" &&
		grep -qx '# TYPE leaseglean_active gauge' "$LG_TMP/prom" || return 1
	sed -nE 's/^leaseglean_([a-z_]+) [0-9]+$/\1/p' "$LG_TMP/prom" |
		sed 's/_total$//' | diff - <(cut -d ' ' -f 1 "$LG_TMP/stats") &&
		! grep -vE '^(# (HELP|TYPE) )?leaseglean_[a-z_]+ ' "$LG_TMP/prom"
}

#
# Static bindings
#

static_in_a_vrf()
{
	ip -n bng link add customer type vrf table 10 || return 1
	cli add 10.77.1.50 lladdr 02:00:00:00:99:52 vrf customer &&
		json_is '[.[]|[.vrf,.hwaddr]]' \
			'[["customer","02:00:00:00:99:52"]]' \
			show 10.77.1.50 vrf customer &&
		json_is '[.[].address]' '["10.77.1.50"]' show vrf customer &&
		refused 2 "nothing is known" show 10.77.1.50 &&
		cli del 10.77.1.50 vrf customer &&
		refused 2 "nothing is known" show 10.77.1.50 vrf customer
	ip -n bng link del customer
}

static_bindings()
{
	check "add" cli add 10.77.1.50 lladdr 02:00:00:00:99:50 dev acc0
	check "it is static, for ever, on the port" json_is \
		'.[0]|[.address,.state,.origin,.hwaddr,.port,.expires]' \
		'["10.77.1.50","active","static","02:00:00:00:99:50","acc0",null]' \
		show 10.77.1.50
	check "add does not replace" refused 2 "has an entry" \
		add 10.77.1.50 lladdr 02:00:00:00:99:51
	check "replace does" eval \
		'cli replace 10.77.1.50 dev acc3 ll 020000009951 &&
		json_is ".[0]|[.hwaddr,.port]" "[\"02:00:00:00:99:51\",\"acc3\"]" \
		show 10.77.1.50'
	check "replace adds, without a port" eval \
		'cli replace 10.77.1.51 lladdr 02:00:00:00:99:53 &&
		json_is ".[0]|[.hwaddr,.port]" "[\"02:00:00:00:99:53\",null]" \
		show 10.77.1.51'
	check "flush and clear spare them" eval 'cli flush && cli clear &&
		json_is length 2 show'
	check "del, and delete" eval \
		'cli del 10.77.1.50 && cli delete 10.77.1.51 && json_is . "[]" show'
	check "in a VRF" static_in_a_vrf
	check "wrong ones are refused" refuses_all <<-'END'
		1|given twice|add 10.77.1.50 dev acc0 port acc0
		2|no host's|add 127.0.0.1 lladdr 02:00:00:00:99:50
		2|no host's|replace 224.0.0.1 lladdr 02:00:00:00:99:50
		1|it is no VRF|add 10.77.1.50 lladdr 02:00:00:00:99:50 vrf acc0
		2|nothing is known|del 10.77.1.50
	END
}

#
# What is shown, what is forgotten
#

# One Python for all that is put by netlink: code, up to a line of a dot, is
# answered by "done" or by what went wrong.
cat >"$LG_TMP/put.py" <<'END'
import socket
import sys
from genl import LEASE, NLA_F_NESTED, ORIGIN, STATE, Family, attr, encode

family = Family()


def put(addr, mac=None, port=None, circuit=None, remote=None,
        origin="leasequery", state="active", ago=None):
    lease = {"addr": addr, "origin": ORIGIN[origin], "state": STATE[state],
             "port": socket.if_nametoindex(port), "expires": 600}
    if mac:
        lease["hwaddr"] = bytes((2, 0, 0, 0, 0x99, mac))
    info = b""
    for code, value in ((1, circuit), (2, remote)):
        if value is not None:
            info += bytes((code, len(value))) + value
    if info:
        lease["agent-info"] = info
    if ago is not None:
        lease["last-transaction"] = ago
    family.put(lease)


def has_lost(portid):
    """Whether a netlink socket of this namespace has dropped messages."""
    with open("/proc/net/netlink", encoding="ascii") as file:
        rows = [line.split() for line in file]
    return any(row[2] == str(portid) and row[8] != "0" for row in rows[1:])


code = ""
for line in sys.stdin:
    if line != ".\n":
        code += line
        continue
    try:
        exec(code)
        print("done", flush=True)
    except Exception as error:
        print(repr(error), flush=True)
    code = ""
END

putter_start()
{
	coproc PUTTER {
		PYTHONPYCACHEPREFIX=/tmp/pycache PYTHONPATH=$LG_LIB \
			exec python3 "$LG_TMP/put.py"
	} 2>"$LG_TMP/put.log"
	lg_pids[putter]=$PUTTER_PID
	# PUTTER itself goes when it ends
	putter=("${PUTTER[@]}")
}

# lg_put CODE
lg_put()
{
	local said

	printf '%s\n.\n' "$1" >&"${putter[1]}"
	read -r said <&"${putter[0]}"
	[ "$said" = "done" ] || { echo "$said"; cat "$LG_TMP/put.log"; return 1; }
}

# .20 to .23 on two ports, one of them static; .24 has no lease
populate()
{
	lg_put 'family.flush()
family.flush(origin=ORIGIN["static"])
put(addr="10.77.1.20", mac=0x20, port="acc0", circuit=b"acc0", remote=b"\xde\xad")
put(addr="10.77.1.21", mac=0x21, port="acc0", circuit=b"\0\4", remote=b"\xde\xad",
    ago=7000)
put(addr="10.77.2.22", mac=0x20, port="acc3", circuit=b"acc0", remote=b"", origin="restored")
put(addr="10.77.2.23", mac=0x23, port="acc3", circuit=b"acc0", origin="static")
put(addr="10.77.2.24", port="acc3", state="unassigned")'
}

# looks STATUS NAME ENDINGS WORD...: keeps what is shown with those words, as
# text and as JSON. Its name, the last bytes of the addresses that it has to be
# and the status of what came before are for judge.
looked=()
looks()
{
	local status=$1 name=$2 want=$3 line ends=""
	shift 3

	cli show "$@" >"$LG_TMP/show" || status=1
	while read -r line; do
		line=${line%% *}
		ends+=${ends:+ }${line##*.}
	done <"$LG_TMP/show"
	cli -j show "$@" >>"$LG_TMP/looked.json" || status=1
	looked+=("$name|$want|$ends|$status")
}

# A result for each look. One jq reads the JSON of all.
judge()
{
	local one name want ends status got=() n=0

	mapfile -t got < <(jq -r \
		'try ([.[].address|split(".")[3]]|join(" ")) catch "no rows"' \
		"$LG_TMP/looked.json")
	for one in "${looked[@]}"; do
		IFS='|' read -r name want ends status <<<"$one"
		check "$name" shows "$want" "$ends" "${got[n]-nothing}" "$status" \
			"${#got[@]}"
		n=$((n + 1))
	done
	looked=()
	: >"$LG_TMP/looked.json"
}

# shows WANT TEXT JSON STATUS LOOKS
shows()
{
	[ "$2" = "$1" ] && [ "$3" = "$1" ] && [ "$4" -eq 0 ] &&
		[ "$5" -eq ${#looked[@]} ] && return 0
	echo "text shows '$2', JSON '$3', not '$1'; status $4"
	echo "$5 answers in JSON to ${#looked[@]} looks"
	return 1
}

filters()
{
	local words want

	populate
	looks $? "leases to look for" "20 21 22 23 24"
	check "JSON: when the client was heard of, where that was told" json_is \
		'[.[].last_transaction|if . then .>=7000 and .<7100 else . end]' \
		'[null,true,null,null,null]' show
	while IFS='|' read -r want words; do
		# shellcheck disable=SC2086 # words
		looks 0 "show $words" "$want" $words
	done <<-'END'
		20 21|port acc0
		20 21|dev acc0
		20 22|mac 02:00:00:00:99:20
		20 22|lladdr 020000009920
		20|mac 02:00:00:00:99:20 port acc0
		|mac 02:00:00:00:99
		20 22 23|circuit-id text:acc0
		20 22 23|circuit-id 61636330
		20 22 23|circuit 61:63:63:30
		21|circuit-id 00:04
		|circuit-id 00:04:00
		20 21|remote-id DEAD
		22|remote-id text:
		20|remote-id de:ad circuit-id text:acc0
		22 23|circuit-id text:acc0 port acc3
		23|circuit-id text:acc0 origin static
		24|state unassigned
		20 21 22 23|state act
		22|origin restored
		20 21|or lease st active
	END
	judge
	check "wrong filters are refused" refuses_all <<-'END'
		1|what is "10.77.1.20"?|clear 10.77.1.20
		1|Cannot find device "nosuch"|clear port nosuch
		1|given twice|clear port acc0 dev acc3
		1|in a vrf only|show 10.77.1.20 port acc0
	END
	looks $? "and nothing is gone" "20 21 22 23 24"
	while IFS='|' read -r want words; do
		# shellcheck disable=SC2086 # words
		populate && cli clear $words
		looks $? "clear $words" "$want"
	done <<-'END'
		22 23 24|port acc0
		21 23 24|mac 02:00:00:00:99:20
		21 23 24|circuit-id text:acc0
		20 21 22 24|circuit-id text:acc0 origin static
		22 23 24|remote-id dead
		20 22 23 24|remote-id dead circuit-id 00:04
		20 21 22 23 24|circuit-id text:nobody
		20 21 22 23|state unassigned
		20 21 23 24|origin restored
		23|
	END
	populate && cli flush circuit-id text:acc0 port acc3
	looks $? "flush is clear" "20 21 23 24"
	judge
	cli clear && cli clear origin static
}

#
# Events
#

# monitor_start NAME WORD...: comes back once it hears, by what "poke" did
monitor_start()
{
	local name=$1
	shift

	spawn "$name" bng leaseglean "$@"
	wait_for "$LG_PATIENCE" hears "$name" ||
		{ echo "$name hears nothing"; log_tail "$name"; return 1; }
}

# An event of each kind that all monitors here hear, until this one did.
hears()
{
	cli replace 10.77.9.9 lladdr 02:00:00:00:99:09 &&
		cli port set acc3 budget 100/512 || return 1
	grep -qE '10\.77\.9\.9|acc3' "$LG_TMP/$1.log"
}

# ends NAME STATUS: it ends by itself, with that
ends()
{
	local pid=${lg_pids[$1]} status

	wait_for "$LG_PATIENCE" ended "$pid" ||
		{ echo "$1 does not end"; return 1; }
	unset "lg_pids[$1]"
	wait "$pid"
	status=$?
	[ "$status" -eq "$2" ] ||
		{ echo "$1 ended with $status, not $2"; log_tail "$1"; return 1; }
}

ends_by_signal()
{
	signal "$1" "$2" && ends "$1" 0
}

# objects NAME FILTER: what jq picks of the lines of a monitor
objects()
{
	jq -c "$2" <"$LG_TMP/$1.log"
}

has_object()
{
	objects "$1" "$2" | grep -qxF -- "$3"
}

wait_object()
{
	wait_for "$LG_PATIENCE" has_object "$@" ||
		{ echo "never: $3"; objects "$1" "$2"; return 1; }
}

address=
# A real client's lease: bound, moved by an operator, ended.
life_of_a_lease()
{
	client_start sub1 udhcpc || return 1
	address=$(subscriber_address sub1)
	wait_log all "^${address//./\\.} port acc0 lladdr 02:00:00:00:01:01 active origin gleaned expires [0-9]+sec giaddr 10.77.1.1 server 198.18.0.2 circuit-id 61636330" || return 1
	cli replace "$address" lladdr 02:00:00:00:01:04 dev acc1.100 &&
		wait_log all "^${address//./\\.} port acc1.100 vlan 100 lladdr 02:00:00:00:01:04 active origin static expires never\$" &&
		cli del "$address" &&
		wait_log all "^Deleted ${address//./\\.} port acc1.100 vlan 100 lladdr 02:00:00:00:01:04 active"
}

lease_objects()
{
	local id="$address\",\"gleaned\",\"acc0\",\"61636330"

	wait_object json '[.event,.address,.origin,.port,.circuit_id]' \
		"[\"lease\",\"$id\"]" &&
		wait_object json '[.event,.address,.port,.vlans]' \
			"[\"lease\",\"$address\",\"acc1.100\",[100]]" &&
		wait_object json '[.event,.address,.port]' \
			"[\"lease-deleted\",\"$address\",\"acc1.100\"]" &&
		[ "$(jq -s "[.[]|select(.address==\"$address\")]|length" \
			<"$LG_TMP/json.log")" -eq 3 ]
}

relay_told()
{
	wait_log all '^relay port acc0 giaddr 10.77.1.1 server 198.18.0.2$' &&
		wait_object json 'select(.event=="relay")|del(.time)' \
			'{"port":"acc0","giaddr":"10.77.1.1","server":"198.18.0.2","event":"relay"}'
}

port_told()
{
	cli port set acc0 verify log max 5 || return 1
	wait_log all "^port acc0 role access budget 100/512 arp on verify log match mac,port,vlan move query max 5 exclude none\$" &&
		wait_object json 'select(.event=="port")|[.port,.verify,.max_leases]' \
			'["acc0","log",5]'
}

# From an address that nobody leased; in a subscriber's namespace.
spoof_told()
{
	ip -n sub1 addr replace 10.77.1.9/24 dev wan &&
		ip -n sub1 route replace "$CORE_ADDR" via 10.77.1.1 src 10.77.1.9 || return 1
	wait_for "$LG_PATIENCE" spoof_heard ||
		{ log_tail all; log_tail json; return 1; }
}

spoof_heard()
{
	on sub1 ping -c 1 -W 1 "$CORE_ADDR" >/dev/null 2>&1
	grep -qE '^spoof 10\.77\.1\.9 port acc0 lladdr 02:00:00:00:01:01 reason (no-lease|negative) passed$' \
		"$LG_TMP/all.log" &&
		has_object json \
		'select(.event=="spoof")|[.address,.port,.hwaddr,.dropped,.vlans]' \
		'["10.77.1.9","acc0","02:00:00:00:01:01",false,[]]'
}

# every line of each monitor begins as one of its kind does
kinds_kept_apart()
{
	! grep -v '^port ' "$LG_TMP/ports.log" &&
		! grep -vE '^(Deleted )?10\.77\.' "$LG_TMP/leases.log" &&
		grep -q '^Deleted' "$LG_TMP/leases.log" &&
		! grep -vE '^\[20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}\] (relay|port) ' \
			"$LG_TMP/stamped.log" &&
		grep -q '\] relay' "$LG_TMP/stamped.log" &&
		! objects json '.time|type' | grep -v '"string"'
}

lost_events()
{
	signal leases STOP
	lg_put 'batch = b"".join(attr(1 | NLA_F_NESTED, encode(LEASE, {
    "addr": "10.77.200.%d" % n, "hwaddr": bytes((2, 0, 0, 0, 0, n))}))
    for n in range(1, 251))
for n in range(200):
    family.do("lease-put", batch)
    if has_lost('"${lg_pids[leases]}"'):
        break' || return 1
	signal leases CONT
	wait_log leases '^leaseglean: events were lost$' || return 1
	# all that was not lost has been read when this is told of
	: >"$LG_TMP/leases.log"
	cli clear origin static
	wait_for "$LG_PATIENCE" hears leases
}

quiet_pipe()
{
	on bng sh -c 'leaseglean monitor ports | head -n 1' \
		>"$LG_TMP/pipe" 2>"$LG_TMP/pipe.err" &
	wait_for "$LG_PATIENCE" eval \
		'cli port set acc3 budget 100/512; ended $!' || return 1
	[ ! -s "$LG_TMP/pipe.err" ] && [ "$(wc -l <"$LG_TMP/pipe")" -eq 1 ]
}

monitors()
{
	check "monitors of everything, of some kinds, with times" eval '
		monitor_start all monitor && monitor_start json monitor -j -t all &&
		monitor_start ports mon po && monitor_start leases monitor leases &&
		monitor_start stamped -t monitor relays ports' ||
		return
	check "a relay agent, a server" eval \
		'server_start isc && relay_start dhcrelay'
	check "a lease that comes, moves and ends" life_of_a_lease
	check "the same as JSON, once each" lease_objects
	check "what the relay agent uses" relay_told
	check "a port's settings" port_told
	check "a source that is not the sender's" spoof_told
	check "each kind for whom it is" kinds_kept_apart
	check "lost events are told of, and it goes on" lost_events
	check "SIGINT ends it well" ends_by_signal all INT
	check "SIGTERM ends it well" ends_by_signal ports TERM
	check "a reader that goes ends it quietly" quiet_pipe
	client_stop sub1
	relay_stop
	server_stop
}

module_goes()
{
	module_unload || return 1
	ends json 2 && ends leases 2 && ends stamped 2 &&
		grep -qx 'leaseglean: the kernel module leaseglean is gone' \
			"$LG_TMP/leases.log"
}

putter_start
ports
check "counters for Prometheus" counters_for_prometheus
static_bindings
filters
monitors
check "monitors end when the module goes" module_goes
check "without the module everything is refused" refuses_all <<-'END'
	2|leaseglean is not loaded|show
	2|leaseglean is not loaded|monitor
	2|leaseglean is not loaded|add 10.77.1.50 lladdr 02:00:00:00:99:50
END
ktap_end
