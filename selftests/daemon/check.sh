#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# leasegleand --check: what it says of a configuration, and that it needs no
# module, no state directory and no privileges for that.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../unit/native.sh
. "$here/../unit/native.sh"
native "$@"

# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
LG_TMP=$(mktemp -d)
trap 'native_done "$LG_TMP"' EXIT
# the checks of a user, who has nothing, read here
chmod 755 "$LG_TMP"
cd "$LG_TMP" || exit 1

builds()
{
	mkdir -p cli && make -s -C "$here/../../userspace-helper" O="$LG_TMP" \
		"$LG_TMP/leasegleand"
}

# built_as TYPE OPTION...: what the unit has systemd wait for, and the daemon does
built_as()
{
	local type=$1 o=$LG_TMP/again
	shift

	make -s -C "$here/../../userspace-helper" O="$o" "$@" \
		"$o/notify.o" "$o/main.o" "$o/leasegleand.service" || return 1
	grep -qx "Type=$type" again/leasegleand.service || return 1
	if [ "$type" = notify ]; then
		grep -q sd_notify again/notify.o
	else
		! grep sd_notify again/notify.o
	fi
}

# As where libsystemd-dev comes, or goes, between two builds.
built_again()
{
	printf '%s\n' '#!/bin/sh' 'case " $* " in' '*" libsystemd "*) exit 1 ;;' \
		'esac' 'exec pkg-config "$@"' >pkg-config.without
	chmod +x pkg-config.without
	mkdir -p again/cli
	built_as notify && built_as exec PKG_CONFIG="$LG_TMP/pkg-config.without" &&
		built_as notify && built_as notify VERSION=9.9 &&
		grep -q "leasegleand 9\.9" again/main.o
}

# checked STATUS PATTERN OPTION...: by a user; the pattern alone is said, or
# nothing at all
checked()
{
	local status=$1 pattern=$2 got
	shift 2

	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all ./leasegleand --check "$@" >said 2>&1
	got=$?
	if [ "$got" -eq "$status" ]; then
		[ -n "$pattern" ] || [ -s said ] || return 0
		[ -z "$pattern" ] || [ "$(wc -l <said)" -ne 1 ] ||
			! grep -qE -- "$pattern" said || return 0
	fi
	echo "status $got"
	cat said
	return 1
}

# No file, and nothing that was there before, is other than before.
leaves_nothing()
{
	printf '%s\n' '[leasegleand]' "state-dir = $LG_TMP/state" >good.conf
	chmod 777 .
	checked 0 "" -c good.conf && [ ! -e state ] && chmod 755 .
}

# touches_none PATTERN: system calls whose lines match it, of which there is none
touches_none()
{
	strace -f -o trace ./leasegleand --check -c good.conf || return 1
	! grep -E "$1" trace
}

# The journal is the file that JOURNAL_STREAM names; to others lines begin with
# who speaks.
to_journal()
{
	local said

	: >said
	JOURNAL_STREAM=$(stat -c %d:%i said) \
		./leasegleand --check -c strange.conf 2>said
	said=$(<said)
	[ "$said" = '<3>strange.conf:2: a?[31m: an unknown key' ] || {
		cat -v said
		return 1
	}
	JOURNAL_STREAM=$(stat -c %d:%i strange.conf) \
		./leasegleand --check -c strange.conf 2>said
	said=$(<said)
	[ "$said" = 'leasegleand: strange.conf:2: a?[31m: an unknown key' ] &&
		return 0
	cat -v said
	return 1
}

# What is said of strange.conf is one object in a line.
json()
{
	./leasegleand --check --log-json -c strange.conf 2>said
	python3 - <<-'END' || { cat -v said; return 1; }
		import calendar, json, time
		with open("said", encoding="ascii") as file:
		    (line,) = file.read().splitlines()
		said = json.loads(line)
		when = time.strptime(said.pop("time"), "%Y-%m-%dT%H:%M:%SZ")
		assert abs(time.time() - calendar.timegm(when)) < 60, when
		assert said == {
		    "level": "error", "component": "config",
		    "message": "strange.conf:2: a?[31m: an unknown key"}, said
	END
}

# As for a service, which may write to no more than it needs.
read_only_state()
{
	mkdir ro && unshare -m sh -c 'mount -t tmpfs -o ro none ro &&
		exec ./leasegleand -f --control none --state-dir "$PWD/ro/state"' \
		>said 2>&1
	[ $? -eq 5 ] && grep -qE 'state directory .*/ro/state cannot be used: .*ReadWritePaths=' \
		said && return 0
	cat said
	return 1
}

printf '%s\n' '[query]' $'a\e[31m = 3' >strange.conf
printf '%s\n' '[query]' 'tries = 3' '' 'trys = 3' >unknown.conf
printf '%s\n' '[query]' 'timeout-first = 20s' '[port a]' >contrary.conf
printf '%s\n' '[query]' 'tries = 300' >value.conf

ktap_start
check "the daemon builds" builds || ktap_end
check "a good file ends with 0, in silence, and leaves nothing" leaves_nothing
check "the example is good" checked 0 "" \
	-c "$here/../../userspace-helper/leasegleand.conf"
check "an unknown key ends with 2: file, line and reason" \
	checked 2 'unknown.conf:4: trys: an unknown key$' -c unknown.conf
check "so does a bad value" \
	checked 2 'value.conf:2: tries: not within 1 and 20$' -c value.conf
check "so does a contradiction" \
	checked 2 'contrary.conf:2: .* timeout-max is less than' -c contrary.conf
check "so does a file that is not there" \
	checked 2 'none.conf: No such file' -c none.conf
check "a wrong option ends with 1" checked 1 '--server x: not an IPv4' \
	-c good.conf --server x
check "systemd's journal has priorities, and lines of one line" to_journal
check "what it says can be read by programs" json
check "a state directory that is read only ends it with 5" read_only_state
check "what was built before is built again where it has to be" built_again
check "it has no socket, and drops no privileges" \
	touches_none \
	'(socket|capset|fork|clone3?|mkdir|flock)\(|NO_NEW_PRIVS|CAPBSET_DROP'
ktap_end
