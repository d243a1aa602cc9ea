# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Questions to servers by the command, for the tests written in shell: sourced,
# behind ktap.sh and topology.sh.

# What the command said is in SAID. It finds the daemon by its socket, in
# whatever namespace.
# asked STATUS WORD...
asked()
{
	local status=$1 got
	shift

	leaseglean "$@" >"$LG_TMP/said" 2>&1
	got=$?
	SAID=$(<"$LG_TMP/said")
	[ "$got" -eq "$status" ] && return 0
	echo "status $got, not $status: $*"
	echo "$SAID"
	log_tail helper
	return 1
}

# said PATTERN...: each is in what was said
said()
{
	local pattern

	for pattern in "$@"; do
		[[ $SAID == *"$pattern"* ]] && continue
		echo "not said: $pattern"
		echo "$SAID"
		return 1
	done
}

# tells STATUS PATTERN... -- WORD...
tells()
{
	local status=$1 patterns=()
	shift

	while [ "$1" != -- ]; do
		patterns+=("$1")
		shift
	done
	shift
	asked "$status" "$@" && said "${patterns[@]}"
}

# The lease of a client as its server knows it, by each key; neither server has
# the remote-id for one: what it says then is VERDICT, which the command ends
# with STATUS for.
# by_keys WHAT CLIENT NET CIRCUIT-ID STATUS VERDICT
by_keys()
{
	local what=$1 client=$2 net=$3 circuit=$4 address mac lease

	address=$(subscriber_address "$client")
	mac=$(subscriber_mac "$client")
	lease=("server $CORE_ADDR giaddr 10.77.1.1 dialect rfc4388 active"
		"    $address lladdr $mac expires " "sec"
		" last-transaction " " circuit-id $circuit"
		" client-id 01${mac//:/}"
		"merged active server $CORE_ADDR $address lladdr $mac")
	check "$what: by address" \
		tells 0 "${lease[@]}" -- query ip "$address"
	check "$what: by hardware address" \
		tells 0 "${lease[@]}" -- query mac "$mac"
	check "$what: by client-id" \
		tells 0 "${lease[@]}" -- query client-id "01:$mac"
	check "$what: a free address is unassigned" \
		tells 3 "merged unassigned" -- query ip "$net.249"
	check "$what: one outside of all pools is unknown" \
		tells 4 "merged unknown" -- query ip "$net.254"
	check "$what: a client that nobody knows is unknown" \
		tells 4 "merged unknown" -- query mac 02:00:00:00:99:99
	check "$what: by remote-id it is $6" \
		tells "$5" "dialect rfc4388 $6" "merged $6" -- \
		query remote-id text:nobody --timeout 1
	check "$what: the server is in good repute" \
		tells 0 "server $CORE_ADDR dialect rfc4388 proven" \
		"in-flight 0 queued 0 " "timeouts " "median " "p99 " -- status
}
