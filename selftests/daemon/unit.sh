#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The service under systemd itself, with all that leasegleand.service takes from
# it: it starts, helps, reads its file again, keeps its state, and is brought
# back when it hangs or dies, but not when its file is at fault.
#
# systemd is the first process of namespaces made for it, in the network
# namespace bng.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

unit=leasegleand.service
# as it was built with the daemon, for where both are installed
built=/usr/local/lib/systemd/system/$unit
log=/run/leasegleand.log

# Run inside of systemd's namespaces; the file system below is read only there.
container()
{
	local units=/run/systemd/system

	mount -t tmpfs run /run && mount -t tmpfs state /var/lib &&
		mount -t tmpfs etc /etc/systemd/system &&
		mount -t tmpfs none /usr/lib/systemd/system-generators &&
		mount -t cgroup2 cgroup /sys/fs/cgroup &&
		cp /etc/passwd /etc/group /run &&
		mount --bind /run/passwd /etc/passwd &&
		mount --bind /run/group /etc/group || return
	mkdir -p "$units/$unit.d" || return
	# for the test: without all that a machine starts before its services,
	# where it logs, its file, and a watchdog that is waited for
	cat >"$units/$unit.d/test.conf" <<-END
		[Unit]
		DefaultDependencies=no
		[Service]
		StandardOutput=append:$log
		StandardError=append:$log
		WatchdogSec=4
		ExecStart=
		$(sed -n 's/^ExecStart=.*/& -c \/run\/helper.conf/p' "$built")
	END
	printf '%s\n' '[Unit]' 'DefaultDependencies=no' >"$units/test.target"
	configure || return
	exec env -i container=test PATH="$PATH" /usr/lib/systemd/systemd \
		--system --unit=test.target --show-status=no \
		--log-target=console --log-level=warning
}

configure()
{
	printf '%s\n' '[server 198.18.0.2]' 'giaddr = 10.77.1.1' \
		'[port acc0]' 'role = access' >/run/helper.conf
}

[ "${1-}" != --container ] || { container; exit 1; }

manager_start()
{
	spawn manager bng unshare --fork --pid --mount --mount-proc --cgroup \
		--uts --ipc --kill-child "$here/unit.sh" --container
	wait_for "$LG_PATIENCE" first_process &&
		wait_for "$LG_PATIENCE" inside systemctl list-units --no-legend
}

# Sets first to the process that is 1 in there.
first_process()
{
	first=$(pgrep -P "${lg_pids[manager]}") &&
		[ -e "/proc/$first/root/run/systemd/private" ]
}

inside()
{
	nsenter --target "$first" --mount --pid --net --cgroup --ipc "$@" \
		>"$LG_TMP/inside" 2>&1 && return
	cat "$LG_TMP/inside"
	return 1
}

# property NAME VALUE: of the unit
property()
{
	inside systemctl show --value --property "$1" "$unit" &&
		[ "$(cat "$LG_TMP/inside")" = "$2" ]
}

# unit_becomes NAME VALUE
unit_becomes()
{
	wait_for "$LG_PATIENCE" property "$@" && return
	inside systemctl status --no-pager --lines 0 "$unit"
	cat "$LG_TMP/inside" "/proc/$first/root$log"
	return 1
}

# What the kernel says of the process: NAME VALUE, in one line each.
is_confined()
{
	local line

	inside systemctl show --value --property MainPID "$unit" || return
	inside cat "/proc/$(cat "$LG_TMP/inside")/status" || return
	while read -r line; do
		tr '\t' ' ' <"$LG_TMP/inside" | grep -qx "$line" && continue
		echo "not so: $line"
		cat "$LG_TMP/inside"
		return 1
	done
}

# CAP_NET_ADMIN is the 13th; a filter of system calls is mode 2
confined()
{
	is_confined <<-END
		CapPrm: 0000000000001000
		CapEff: 0000000000001000
		CapInh: 0000000000000000
		CapAmb: 0000000000000000
		CapBnd: 0000000000001000
		NoNewPrivs: 1
		Seccomp: 2
	END
}

kept()
{
	inside stat -L -c %a /var/lib/leaseglean &&
		[ "$(cat "$LG_TMP/inside")" = 700 ] &&
		inside test -s /var/lib/leaseglean/leases
}

# runs_as LEAST MOST: a user of these numbers
runs_as()
{
	local uid

	inside systemctl show --value --property MainPID "$unit" &&
		inside stat -c %u "/proc/$(cat "$LG_TMP/inside")" || return
	uid=$(cat "$LG_TMP/inside")
	echo "it is user $uid"
	[ "$uid" -ge "$1" ] && [ "$uid" -le "$2" ]
}

# A file that has a secret, which only root and a group of 990 may read
keep_secret()
{
	printf '%s\n' 'auth = token' 'auth-secret = 0102' |
		sed -i '/^giaddr/r /dev/stdin' "$1" &&
		chgrp 990 "$1" && chmod 0640 "$1"
}

says_why()
{
	inside cat "$log" && grep -q "Permission denied" "$LG_TMP/inside"
}

user_stays()
{
	echo leasegleand:x:990:990::/:/usr/sbin/nologin \
		>>"/proc/$first/root/run/passwd" &&
		echo leasegleand:x:990: >>"/proc/$first/root/run/group"
}

port_has_role()
{
	wait_for "$LG_PATIENCE" says "$1 .*access" on bng leaseglean port
}

asked()
{
	ping_once 10.77.1.10
	[ -s "$LG_TMP/server.log" ]
}

# signalled SIGNAL: the process of the service
signalled()
{
	inside systemctl kill --kill-whom main --signal "$1" "$unit"
}

# No more than it takes for one query.
small_topology()
{
	lg_namespaces=(core bng)
	ip -batch - <<-END || return
		$(printf 'netns add %s\n' "${lg_namespaces[@]}")
		link add core0 netns core type veth peer name up0 netns bng
		link add acc0 netns bng type dummy
		link add acc1 netns bng type dummy
	END
	ip -n core -batch - <<-END || return
		addr add $CORE_ADDR/24 dev core0
		link set core0 up
		route add $ACCESS_NET via $BNG_ADDR
	END
	ip -n bng -batch - <<-END || return
		link set lo up
		addr add $BNG_ADDR/24 dev up0
		addr add 10.77.1.1/24 dev acc0
		link set up0 up
		link set acc0 up
		link set acc1 up
	END
	on bng sysctl -qw net.ipv4.ip_forward=1
}

small_topology && module_load || ktap_bail "set-up"
ktap_start
# a server that is silent
spawn server core socat -u UDP-RECV:67 -
check "systemd starts" manager_start || ktap_end
check "it finds nothing wrong with the unit" \
	inside systemd-analyze verify --man=no "$built"
# what the test sets in their place would hide that they are not there
check "it is one that says when it is ready, and has a watchdog" eval \
	'grep -qx Type=notify "$built" && grep -qx "WatchdogSec=[1-9][0-9]*" "$built"'
check "the service starts, and says so" inside systemctl start "$unit"
check "its port has its role" port_has_role acc0
check "it may do no more than it needs" confined
# those of DynamicUser=
check "it runs as a user of its own" runs_as 61184 65519
check "it asks the server" wait_for "$LG_PATIENCE" asked
check "others have requests for it" inside leaseglean status
printf '%s\n' '[port acc1]' 'role = access' \
	>>"/proc/$first/root/run/helper.conf"
check "it reads its file again" inside systemctl reload "$unit"
check "in which there is another port" port_has_role acc1
check "it has never been started again" unit_becomes NRestarts 0
check "it hangs" signalled STOP
check "so it is started again" unit_becomes NRestarts 1
check "and runs" unit_becomes ActiveState active
check "it is killed" signalled KILL
check "so it is started again, too" unit_becomes NRestarts 2
check "and runs as before" unit_becomes ActiveState active
check "it is stopped" inside systemctl stop "$unit"
check "and that was no failure" unit_becomes Result success
check "what it has to keep is there, for itself" kept
conf=/proc/$first/root/run/helper.conf
check "its file gets a secret" keep_secret "$conf"
check_fails "which it may not read" inside systemctl start "$unit"
check "and says so" says_why
check "it gets a user that stays" user_stays
check "as which it may" inside systemctl start "$unit"
check "it runs as this user" runs_as 990 990
check "it is stopped again" inside systemctl stop "$unit"
check "what it has to keep is there for this user" kept
echo '[querry]' >"$conf"
check_fails "with a file at fault it does not start" \
	inside systemctl start "$unit"
check "nor is it tried again" eval \
	'unit_becomes ActiveState failed && unit_becomes ExecMainStatus 2'
stop manager KILL
ktap_end
