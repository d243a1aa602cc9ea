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
# shellcheck source=../lib/asked.sh
. "$here/../lib/asked.sh"

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
		         "remote_id", "relay_id", "agent_info", "client_id",
		         "last_transaction", "server"}
		one, dead = query["servers"]
		assert set(query) == {"verdict", "merged", "servers"}, query
		assert query["verdict"] == one["verdict"] == "active", query
		assert set(query["merged"]) == lease, query
		assert set(one) == set(dead) == lease | {
		    "dialect", "verdict", "reason", "queries", "seconds",
		    "giaddr", "server_id", "t1", "t2", "vendor_class",
		    "host_name", "associated", "reserved"}, one
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
		times = stats["leasegleand"]["histograms"]
		assert times["server_answer_seconds"]["198.18.0.2"]["count"] >= \
		    real["active"], times
	END
}

# What Prometheus reads: names of its own, each line a number, and the times of
# the server's answers add up to its answers.
metrics_are()
{
	local count of sum="server=\"$CORE_ADDR\""

	asked 0 status --prometheus || return 1
	if grep -vE '^(# HELP leasegleand_[a-z0-9_]+ .*|# TYPE leasegleand_[a-z0-9_]+ (counter|gauge|histogram)|leasegleand_[a-z0-9_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$' \
		<<<"$SAID"; then
		return 1
	fi
	count=$(sed -n "s/^leasegleand_server_answer_seconds_count{$sum} //p" \
		<<<"$SAID")
	of=$(sed -n "s/^leasegleand_server_answer_seconds_bucket{$sum,le=\"+Inf\"} //p" \
		<<<"$SAID")
	[ "$count" -gt 0 ] && [ "$count" = "$of" ] &&
		said "leasegleand_module_attached 1" \
			"leasegleand_server_state{$sum,state=\"proven\"} 1" \
			"leasegleand_server_state{$sum,state=\"silent\"} 0" \
			"leasegleand_server_state{server=\"198.18.0.9\",state=\"unproven\"} 1" \
			"leasegleand_recovery_state{source=\"snapshot\",state=\"ended\"} 1" \
			"leasegleand_recovery_state{source=\"snapshot\",state=\"running\"} 0" \
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

# Many that ask a server which is silent, as when all of them are: others can
# ask how it stands.
many_leave_room()
{
	local i pids=() status=0

	for ((i = 0; i < 16; i++)); do
		leaseglean query ip 10.77.1.$((100 + i)) --server 198.18.0.9 \
			--timeout 60 >"$LG_TMP/many.$i" 2>&1 &
		pids+=($!)
	done
	wait_for "$LG_PATIENCE" too_many 4 &&
		tells 0 "module attached" -- status || status=1
	kill "${pids[@]}"
	wait "${pids[@]}"
	# long before their time is over: nobody waits for them any more
	[ "$status" -eq 0 ] && wait_for 20 asked 5 query ip 10.77.1.99 \
		--server 198.18.0.9 --timeout 1
}

# A pipe that has no more to say still hears the answer.
from_a_pipe()
{
	printf '%s\n' "query ip 10.77.1.99 server 198.18.0.9 timeout 1" |
		socat -t 20 - UNIX-CONNECT:/run/leaseglean/control.sock |
		grep -q '"verdict":"silent"'
}

# Exactly so many are refused; the others are still waited for.
too_many()
{
	[ "$(cat "$LG_TMP"/many.* | grep -c "too many queries at a time")" -eq "$1" ]
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
check "a line from a pipe is answered" from_a_pipe
check "queries that wait leave room for status" many_leave_room
check "a daemon that died leaves no obstacle" dies_and_is_back
ktap_end
