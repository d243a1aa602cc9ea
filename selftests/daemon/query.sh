#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# leaseglean query and status: ISC dhcpd and Kea asked by every key that they
# have, an address that nobody leased, a server that is not there, as text and
# as JSON; and nothing of it reaches a subscriber, or the table.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

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

json_is_whole()
{
	asked 0 -j query ip "$1" --server "$CORE_ADDR" --server 198.18.0.9 \
		--timeout 1 || return 1
	echo "$SAID" >"$LG_TMP/query.json"
	asked 0 -j status || return 1
	echo "$SAID" >"$LG_TMP/status.json"
	on bng leaseglean -j stats >"$LG_TMP/stats.json" || return 1
	python3 - "$LG_TMP" "$1" <<-'END'
		import json, sys
		def read(name):
		    with open(sys.argv[1] + "/" + name, encoding="ascii") as file:
		        return json.load(file)
		query, status, stats = map(read, ("query.json", "status.json",
		                                  "stats.json"))
		lease = {"address", "hwaddr", "expires", "circuit_id",
		         "remote_id", "relay_id", "client_id",
		         "last_transaction", "server"}
		one, dead = query["servers"]
		assert set(query) == {"verdict", "merged", "servers"}, query
		assert query["verdict"] == one["verdict"] == "active", query
		assert set(query["merged"]) == lease, query
		assert set(one) == set(dead) == lease | {
		    "dialect", "verdict", "reason", "queries", "seconds",
		    "giaddr", "t1", "t2", "vendor_class", "host_name",
		    "associated", "reserved"}, one
		assert one["address"] == sys.argv[2] and one["expires"] > 0, one
		assert 0 < one["seconds"] < 60, one
		assert dead["verdict"] == "silent", dead
		assert dead["server"] == "198.18.0.9" and not dead["address"], dead
		assert status["module"] is True and status["pid"] > 1, status
		servers = {one["server"]: one for one in status["servers"]}
		real = servers["198.18.0.2"]
		assert real["state"] == "proven" and real["active"] > 0, real
		assert 0 < real["median"] <= real["p99"], real
		assert servers["198.18.0.9"]["state"] == "unproven", servers
		assert stats["leasegleand"]["queries"] >= \
		    status["counters"]["queries"] > 0, stats
		assert "query_opened" in stats, stats
	END
}

# What Prometheus reads: names of its own, each line a number, and the times of
# the server's answers add up to its answers.
metrics_are()
{
	local count of sum="server=\"$CORE_ADDR\""

	asked 0 status --prometheus || return 1
	if grep -vE '^(# TYPE leasegleand_[a-z0-9_]+ (counter|gauge|histogram)|leasegleand_[a-z0-9_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$' \
		<<<"$SAID"; then
		return 1
	fi
	count=$(sed -n "s/^leasegleand_server_answer_seconds_count{$sum} //p" \
		<<<"$SAID")
	of=$(sed -n "s/^leasegleand_server_answer_seconds_bucket{$sum,le=\"+Inf\"} //p" \
		<<<"$SAID")
	[ "$count" -gt 0 ] && [ "$count" = "$of" ] &&
		said "leasegleand_module_attached 1" \
			"leasegleand_miss_answer_seconds_bucket{le=\"+Inf\"}"
}

of_root_alone()
{
	local said

	said=$(stat -c '%a %u' /run/leaseglean/control.sock /run/leaseglean)
	[ "${said//$'\n'/ }" = "600 0 755 0" ] || { echo "$said"; return 1; }
	# even where the file would let him
	chmod 666 /run/leaseglean/control.sock
	said=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
		leaseglean status 2>&1)
	[ $? -eq 2 ] && [[ $said == *"root alone may ask"* ]] && return 0
	echo "$said"
	return 1
}

# One that was killed leaves a socket behind, which is no obstacle.
dies_and_is_back()
{
	helper_stop KILL
	tells 2 "cannot be asked" -- query ip 10.77.1.10 &&
		[ -S /run/leaseglean/control.sock ] && helper_start &&
		tells 0 "module attached" -- status && helper_stop &&
		[ ! -e /run/leaseglean/control.sock ]
}

ktap_start
topology_up && module_load && server_start isc && helper_start &&
	access_ports_add && watch_start && relay_start dhcrelay ||
	ktap_bail "set-up"
check "nobody is known to ask" tells 2 "whom to ask is not known" -- \
	query ip 10.77.1.10
check "a client gets an address" client_start sub1 udhcpc || ktap_end
address=$(subscriber_address sub1)
stop sub1 KILL
wait_for "$LG_PATIENCE" is_state "$address" active || ktap_bail "glean"
watch forget
by_keys "ISC dhcpd" sub1 10.77.1 61636330 4 unknown
check "a giaddr of another host is refused" \
	tells 2 "not an address of this host" -- \
	query ip "$address" --giaddr 10.99.9.9
check "JSON has it all, and a server that is not there is silent" \
	json_is_whole "$address"
check "so have metrics" metrics_are
server_stop
server_start kea && client_start sub2 udhcpc || ktap_bail "Kea"
stop sub2 KILL
wait_for "$LG_PATIENCE" is_state "$(subscriber_address sub2)" active ||
	ktap_bail "glean"
by_keys Kea sub2 10.77.2 616363312e313030 5 silent
check "the captures are complete" watch mark
for sub in "${SUBSCRIBERS[@]}"; do
	check "no leasequery reached $sub" watch none "$sub" leasequery
done
check "what was asked is not in the table" lease_absent 10.77.1.249
check "root alone may ask" of_root_alone
check "a daemon that died leaves no obstacle" dies_and_is_back
ktap_end
