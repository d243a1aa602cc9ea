#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# SIGHUP: a file that is refused changes nothing, a good one takes effect, and
# what is pending is not lost over it. And what a service manager hears of it.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

# dhcpd has leased them to clients that nobody has seen since.
leases_write()
{
	local i

	for i in 10 11; do
		cat <<-END
		lease 10.77.1.$i {
		  starts 0 2024/01/07 00:00:00;
		  ends never;
		  binding state active;
		  hardware ethernet 02:00:00:01:00:$i;
		}
		END
	done >"$LG_TMP/dhcpd.leases"
}

# configure LINE...: behind what stays the same
configure()
{
	printf '%s\n' '[leasegleand]' "state-dir = $LG_TMP/state" "$@" \
		>"$LG_TMP/helper.conf"
}

# What the service manager would hear, one behind the other.
manager_start()
{
	spawn manager bng socat -u "UNIX-RECV:$LG_TMP/notify" -
	wait_for "$LG_PATIENCE" [ -S "$LG_TMP/notify" ]
}

manager_heard()
{
	tr -d '\n' <"$LG_TMP/manager.log" | grep -qE -- "$1"
}

helper_run()
{
	mkdir -p "$LG_TMP/state"
	spawn helper bng env "NOTIFY_SOCKET=$LG_TMP/notify" WATCHDOG_USEC=500000 \
		leasegleand -f -c "$LG_TMP/helper.conf"
}

# says_after N PATTERN: a line behind the first N says that
says_after()
{
	tail -n +$(($1 + 1)) "$LG_TMP/helper.log" | grep -qE -- "$2"
}

helper_says()
{
	grep -qE -- "$1" "$LG_TMP/helper.log"
}

# reload PATTERN: it says that in answer to SIGHUP
reload()
{
	local before

	before=$(wc -l <"$LG_TMP/helper.log")
	signal helper HUP
	wait_for "$LG_PATIENCE" says_after "$before" "$1" && return 0
	log_tail helper
	return 1
}

port_has()
{
	on bng leaseglean -j port show "$1" | jq -e ".[0] | $2" >/dev/null
}

refused_file_changes_nothing()
{
	configure '[port acc0]' 'role = access' 'verify = log' \
		"[server $CORE_ADDR]" '[query]' 'trys = 3'
	reload 'helper.conf:8: trys: an unknown key' &&
		helper_says 'refused: the one before stays in force' || return 1
	running helper && port_has acc0 '.verify == "off"' || return 1
	# what comes now is asked of the server that was configured, in vain
	packets 10.77.1.11
	becomes 10.77.1.11 pending && is_state 10.77.1.10 pending
}

good_file_takes_effect()
{
	configure "[server $CORE_ADDR]" 'giaddr = 10.77.1.1' \
		'[port acc0]' 'role = access' 'verify = log' \
		'[port acc3]' 'role = trusted'
	reload 'the new configuration is in force'
}

ports_are_applied()
{
	wait_for "$LG_PATIENCE" port_has acc0 \
		'.role == "access" and .verify == "log"' &&
		port_has acc3 '.role == "trusted"'
}

state_dir_stays()
{
	configure "[server $CORE_ADDR]" 'giaddr = 10.77.1.1'
	sed -i "s|^state-dir = .*|state-dir = $LG_TMP/other|" \
		"$LG_TMP/helper.conf"
	reload "state-dir $LG_TMP/other is used from the next start on" &&
		reload 'the new configuration is in force' &&
		[ ! -e "$LG_TMP/other" ]
}

ktap_start
topology_up || ktap_bail "set-up"
leases_write
server_start isc || ktap_bail "the server"
module_load || ktap_bail "the module"
manager_start || ktap_bail "the service manager's socket"
# nobody is there to answer
configure '[server 198.18.0.99]' 'giaddr = 10.77.1.1' \
	'[port acc0]' 'role = access'
helper_run
check "a service manager hears that it is ready" \
	wait_for "$LG_PATIENCE" manager_heard '^READY=1'
check "its port has its role" wait_for "$LG_PATIENCE" port_has acc0 \
	'.role == "access"'
packets 10.77.1.10
check "nobody answers" becomes 10.77.1.10 pending
check "a file that is refused changes nothing" refused_file_changes_nothing
check "a good one is taken" good_file_takes_effect
check "the service manager hears of each reload, and its end" \
	wait_for "$LG_PATIENCE" manager_heard \
	'(RELOADING=1MONOTONIC_USEC=[0-9]+READY=1.*){2}'
check "the ports have what it says" ports_are_applied
check "what was pending is answered by the new server" \
	becomes 10.77.1.10 active
check "all of it" becomes 10.77.1.11 active
check "the state directory stays, and that is said" state_dir_stays
check "the watchdog is fed" wait_for "$LG_PATIENCE" manager_heard 'WATCHDOG=1'
stop helper
check "the service manager hears of the end" \
	wait_for "$LG_PATIENCE" manager_heard 'STOPPING=1$'
ktap_end
