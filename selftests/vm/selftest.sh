#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# selftest.sh [KERNEL]...: the rig's own test. A throwaway checkout, whose
# module does wrong on request, shows that each wrong fails a run, and that
# status, output and mounts come through.

here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- uml 6.12

tree=$(mktemp -d "${TMPDIR:-/tmp}/leaseglean-rig.XXXXXX") || exit 1
built=$("$here/run" --path cache)/build/$(echo "$tree" | sha256sum | cut -c1-12)
trap 'rm -rf "$tree" "$built"' EXIT
mkdir -p "$tree/selftests" "$tree/module" "$tree/share"
cp -a "$here" "$tree/selftests/vm"
cp "$here/plant/Kbuild" "$tree/Kbuild"
cp "$here/plant/plant.c" "$tree/module/"
run=$tree/selftests/vm/run

count=0 passed=0 failed=0
result() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok $count $2"
	else
		failed=$((failed + 1))
		echo "not ok $count $2"
		sed 's/^/# /' "$tree/err" | tail -n 30
	fi
}

# expect NAME STATUS COMMAND...: output stays in $tree/out and err
expect() {
	local name=$1 want=$2 got

	shift 2
	"$run" -k "$kernel" -t 200 "$@" >"$tree/out" 2>"$tree/err"
	got=$?
	[ "$got" = "$want" ] || echo "status $got, not $want" >>"$tree/err"
	[ "$got" = "$want" ]
	result $? "$kernel: $name"
}

# shown WHAT TEXT: in what the last run said
shown() {
	grep -q "$2" "$tree/err"
	result $? "$kernel: $1 is shown"
}

# the planted fault fails the run and is shown
planted() { # PLANT TEXT
	expect "$1 fails the run" 123 -- modprobe leaseglean plant="$1"
	shown "$1" "$2"
}

# What cannot be made ends the run where it is missed, with a word why: no room,
# nothing to fetch it from, no directory to share.
unprepared() {
	mkdir "$tree/tiny"
	unshare -m --propagation private sh -c '
		mount -t tmpfs -o size=20m tiny "$1" || exit 1
		XDG_CACHE_HOME=$1 exec "$2" --path linux-source' \
		sh "$tree/tiny" "$run" >"$tree/out" 2>"$tree/err"
	[ $? = 125 ] && grep -q 'are free' "$tree/err" && [ ! -s "$tree/out" ]
	result $? "a full disk ends it before it begins"

	XDG_CACHE_HOME=$tree/empty LG_MIRROR=file:/none \
		"$run" --path linux-source >"$tree/out" 2>"$tree/err"
	[ $? = 125 ] && grep -q 'error: apt-get update' "$tree/err" &&
		[ ! -s "$tree/out" ]
	result $? "what cannot be fetched ends it"

	"$run" -n -s "$tree/none" -- true >"$tree/out" 2>"$tree/err"
	[ $? = 125 ] && grep -q 'no such directory' "$tree/err"
	result $? "a share that is not there ends it"
}

# A file that a command left in the guests' root would be in every guest. (The
# library sets names of its own.)
untouched() {
	(
		. "$here/lib.sh"
		host_deps
		need_root
		in_root sh -c 'touch /tmp/file && ! touch /left'
	) >"$tree/out" 2>"$tree/err"
	result $? "nothing is left in the guests' root"
}

# TERM to a run in progress: its status tells, and no process of it remains
interrupted() {
	local pid tries

	rm -f "$tree/share/started"
	TMPDIR=$tree/share "$run" -n -k "$kernel" -s "$tree/share" -- \
		sh -c "touch $tree/share/started; sleep 1000" \
		>"$tree/out" 2>"$tree/err" &
	pid=$!
	for ((tries = 0; tries < 1200; tries++)); do
		[ -e "$tree/share/started" ] && break
		sleep 0.1
	done
	# at least the guest's own process is seen to be there
	pgrep -f "$tree/share/leaseglean-vm" >"$tree/before" || return
	kill -TERM "$pid"
	wait "$pid"
	[ $? = 143 ] || return
	for ((tries = 0; tries < 100; tries++)); do
		pgrep -f "$tree/share/leaseglean-vm" >"$tree/err" || return 0
		sleep 0.1
	done
	return 1
}

common() {
	expect "nothing wrong passes, nor what was so before the load" 0 -- \
		sh -c 'echo "WARNING: before" >/dev/kmsg
		modprobe leaseglean && grep ^leaseglean /proc/modules &&
			[ "$(wc -c)" = 0 ] && echo end'
	grep -q '^leaseglean' "$tree/out"
	result $? "$kernel: the module was there"
	grep -qx end "$tree/out"
	result $? "$kernel: standard input is closed or empty"

	expect "the command's status" 42 -- sh -c 'exit 42'
	expect "no such command" 127 -- /no/such/command
	expect "a killed command" 137 -- sh -c 'kill -9 $$'

	"$run" -n -k "$kernel" -s "$tree/share" -- sh -c '
		head -c 300000 /dev/urandom >'"$tree"'/share/random
		cat '"$tree"'/share/random
		echo to-stderr >&2
		sleep 1000 &' >"$tree/out" 2>"$tree/err"
	result $? "$kernel: a daemon left behind does not hold the run"
	[ -s "$tree/out" ] && cmp "$tree/share/random" "$tree/out" 2>>"$tree/err"
	result $? "$kernel: share and output carry bytes unchanged"
	grep -qx to-stderr "$tree/err"
	result $? "$kernel: standard error is a channel of its own"

	expect "a fault after the load fails the run" 123 -- sh -c \
		'modprobe leaseglean; echo "WARNING: after" >/dev/kmsg'
	planted stay "could not be unloaded"
	expect "a namespace reference fails the run" 123 -- sh -c '
		unshare -n modprobe leaseglean plant=namespace'
	grep -q "leaked namespaces" "$tree/err"
	result $? "$kernel: a namespace reference is shown"

	"$run" -k "$kernel" -- modprobe leaseglean plant=panic \
		>"$tree/out" 2>"$tree/err"
	[ $? = 125 ] && grep -q planted "$tree/err"
	result $? "$kernel: a panic fails the run and is shown"

	interrupted
	result $? "$kernel: an interrupted run leaves no guest behind"

	"$run" -n -k "$kernel" -t 25 -- sleep 1000 >"$tree/out" 2>"$tree/err"
	[ $? = 124 ]
	result $? "$kernel: a hung command fails the run"
}

# What the kernel says of faults, one after the other; of some it stops looking
# at locks. Each of these texts by itself fails a run, as the one of a fault after
# the load does.
debugging() {
	expect "faults fail the run" 123 -- sh -c '
		for plant in rcu atomic-sleep warn use-after-free; do
			modprobe leaseglean plant=$plant && rmmod leaseglean
		done
		ip link add planted type dummy
		modprobe leaseglean plant=device
		ip link del planted & tries=0
		until dmesg | grep -q ref_tracker || [ $((tries += 1)) = 300 ]
		do sleep 0.1; done'
	shown rcu "suspicious RCU usage"
	shown atomic-sleep "sleeping function called"
	shown warn "WARNING: .*plant"
	shown use-after-free "KASAN: slab-use-after-free"
	shown device ref_tracker
	planted deadlock "possible circular locking"
	planted leak "unreferenced object"
}

# Of a kernel in QEMU what takes another way than in UML.
brief() {
	"$run" -k "$kernel" -s "$tree/share" -- sh -c '
		head -c 300000 /dev/urandom >'"$tree"'/share/random
		cat '"$tree"'/share/random
		echo to-stderr >&2
		unshare -n modprobe leaseglean && exit 42' \
		>"$tree/out" 2>"$tree/err"
	[ $? = 42 ]
	result $? "$kernel: the command's status, nothing wrong passes"
	[ -s "$tree/out" ] && cmp "$tree/share/random" "$tree/out" 2>>"$tree/err"
	result $? "$kernel: share and output carry bytes unchanged"
	grep -qx to-stderr "$tree/err"
	result $? "$kernel: standard error is a channel of its own"
	expect "a fault fails the run" 123 -- sh -c '
		unshare -n modprobe leaseglean plant=namespace
		echo "WARNING: after" >/dev/kmsg'
	grep -q "WARNING: after" "$tree/err"
	result $? "$kernel: it is shown"
	grep -q "leaked namespaces" "$tree/err"
	result $? "$kernel: a namespace reference is shown"
}

unprepared
untouched
for kernel; do
	case $kernel in
	uml)
		common
		debugging ;;
	*)
		brief ;;
	esac
done

echo "1..$count"
echo "# $passed passed, $failed failed"
[ "$failed" = 0 ]
