#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The words of the command that it refuses by itself, before it asks the kernel
# anything: no module is here. What the module refuses is cli.sh's.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../unit/native.sh
. "$here/../unit/native.sh"
native "$@"

# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
LG_TMP=$(mktemp -d)
trap 'native_done "$LG_TMP"' EXIT

# refused PATTERN WORD...: it ends with status 1, standard error says why, and
# nothing is on standard output
refused()
{
	local pattern=$1 status said
	shift

	"$LG_TMP/leaseglean" "$@" >"$LG_TMP/out" 2>"$LG_TMP/err"
	status=$?
	said=$(<"$LG_TMP/err")
	[ "$status" -eq 1 ] && [ ! -s "$LG_TMP/out" ] &&
		[[ $said == *"$pattern"* ]] && return 0
	echo "status $status for: $*"
	cat "$LG_TMP/out" "$LG_TMP/err"
	return 1
}

# Each line: what is said, and behind a bar the words.
refuses_all()
{
	local pattern words failed=0

	while IFS='|' read -r pattern words; do
		# shellcheck disable=SC2086 # words
		refused "$pattern" $words || failed=1
	done
	return $failed
}

builds()
{
	mkdir -p "$LG_TMP/cli" &&
		make -s -C "$here/../../userspace-helper" O="$LG_TMP" \
			"$LG_TMP/leaseglean"
}

ktap_start
check "the command builds" builds || ktap_end
check "what is no verb is refused" refuses_all <<-'END'
	what to do?|
	"bogus" is unknown|bogus
	can mean several things|s
	what is "-"?|- show
	which socket?|status --control
	what is "-x"?|-x show
END
check "wrong words of port are refused" refuses_all <<-'END'
	which port?|port set
	what is to be set?|port set acc0
	which role?|port add acc0
	which role?|port add acc0 arp off
	not a role|port add acc0 bogus
	not a role|port set acc0 role bogus
	not an interface name|port set abcdefghijklmnop arp on
	a word is missing behind "arp"|port set acc0 arp
	can mean several things|port set acc0 m deny
	can mean several things|port s acc0
	what is "bogus"?|port set acc0 arp on bogus 1
	arp "o": not on or off|port set acc0 arp o
	arp "maybe": not on or off|port set acc0 arp maybe
	not off, log, permissive or strict|port set acc0 verify on
	not ip, or some of|port set acc0 match mac,dev
	one of them twice|port set acc0 match mac,mac
	empty|port set acc0 match ,
	not deny, query or accept|port set acc0 move ask
	not within 1 and|port set acc0 max 0
	not a number|port set acc0 max few
	not within 1 and|port set acc0 max 4294967296
	not a budget|port set acc0 budget 5
	not within 1 and 30000|port set acc0 budget 0/5
	not within 1 and 30000|port set acc0 budget 5/30001
	bits set behind|port set acc0 exclude 10.0.0.1/8
	length of a prefix|port set acc0 exclude 10.0.0.0/33
	not an IPv4 prefix|port set acc0 exclude none,10.0.0.0/8
	that is verify off|port set acc0 exclude 0.0.0.0/0
	given twice|port set acc0 arp on arp on
	one port at a time|port acc0 acc3
END
check "wrong static bindings are refused" refuses_all <<-'END'
	which address?|add
	which address?|add lladdr 02:00:00:00:99:50
	which address?|add 10.77.1.300 lladdr 02:00:00:00:99:50
	which hardware address|add 10.77.1.50
	which hardware address|replace 10.77.1.50 dev lo
	a word is missing behind "lladdr"|add 10.77.1.50 lladdr
	not pairs of hexadecimal|add 10.77.1.50 lladdr 02:00:00:00:99:5
	not six bytes|add 10.77.1.50 lladdr 02:00:00:00:99
	given twice|add 10.77.1.50 dev lo port lo
	Cannot find device "nosuch"|add 10.77.1.50 lladdr 02:00:00:00:99:50 dev nosuch
	what is "nud"?|add 10.77.1.50 lladdr 02:00:00:00:99:50 nud permanent
	what is "lladdr"?|del 10.77.1.50 lladdr 02:00:00:00:99:50
END
check "wrong filters are refused" refuses_all <<-END
	what is "bogus"?|show bogus acc0
	what is "10.77.1.20"?|clear 10.77.1.20
	a word is missing behind "port"|show state active port
	not pairs of hexadecimal|show circuit-id eth0
	not pairs of hexadecimal|clear remote-id 0
	not pairs of hexadecimal|clear mac zz
	too long|show circuit-id text:$(printf '%0300d' 0)
	too long|show remote-id $(printf '%0508d' 0)
	too long beside|show circuit-id $(printf '%0400d' 0) remote-id $(printf '%0104d' 0)
	given twice|clear port lo dev lo
	given twice|clear circuit-id 00 circuit-id 01
	can mean several things|show state un
	what is "bogus"?|show origin bogus
	Cannot find device "nosuch"|clear port nosuch
	in a vrf only|show 10.77.1.20 port lo
	no such device|show vrf nosuch
	it is no VRF|show vrf lo
	it is no VRF|clear vrf lo
	it is no VRF|show 10.77.1.20 vrf lo
	it is no VRF|del 10.77.1.20 vrf lo
END
check "wrong kinds of events are refused" refuses_all <<-'END'
	what is "bogus"?|monitor bogus
	what is "acc0"?|monitor leases acc0
END
check "so are words behind stats and status" refuses_all <<-'END'
	stats takes no words|stats all
	status takes no words|status all
	either JSON or|-j status --prometheus
	either JSON or|stats -j --prometheus
END
check "options that mean nothing to a verb are refused" refuses_all <<-'END'
	show has no option --timestamp|show -t
	monitor has no option --prometheus|monitor --prometheus
	query has no option --prometheus|query ip 10.77.1.10 --prometheus
	port has no option --control|--control /run/x port
	what is "server"?|show --server 198.18.0.2
	which socket?|status --control /run/x --control /run/y
END
check "a word with a blank in it is no two words" eval '
	refused "has a blank in it" query ip "10.77.1.10 server 198.18.0.2" &&
	refused "has a blank in it" query client-id "aa bb"'
check "what can mean several things is not unknown beside" eval 	'refused "several things" s && ! grep -q "is unknown" "$LG_TMP/err"'
check "wrong queries are refused" refuses_all <<-END
	by what?|query
	by what?|query --server 198.18.0.2
	a word is missing|query ip
	what is "bogus"?|query bogus 1
	what is "198.18.0.2"?|query ip 10.77.1.10 198.18.0.2
	not an IPv4 address|query ip 10.77.1
	that a host can have|query ip 0.0.0.0
	not six bytes|query mac 02:00:00:00:01
	pairs of hexadecimal|query client-id text
	too long|query remote-id $(printf '%0508d' 0)
	too long|query client-id text:$(printf '%0300d' 0)
	empty|query client-id text:
	one key at a time|query ip 10.77.1.10 mac 02:00:00:00:01:01
	given twice|query ip 10.77.1.10 --timeout 1 --timeout 2
	not within 1 and 60|query ip 10.77.1.10 --timeout 90
	server: not an IPv4|query ip 10.77.1.10 --server x
	no such device|query ip 10.77.1.10 vrf nosuch
	it is no VRF|query ip 10.77.1.10 vrf lo
END
ktap_end
