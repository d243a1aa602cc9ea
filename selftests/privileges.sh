#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Circuits are personal data: who may read them, and who may not.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

files="leases pending ports stats"
operations="lease-get lease-get-dump lease-put lease-del lease-flush port-get
	port-get-dump port-set helper-set pending-get query-open server-set
	relay-get stats-get events"
declare -A said=()

root()
{
	on bng "$@"
}

# in bng, as root who may do all but administer networks
incapable()
{
	on bng capsh --drop=cap_net_admin -- -c "$*"
}

# in bng, as a user
user()
{
	on bng setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all "$@"
}

# as the root of a namespace of a user's own
own()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare --user --map-root-user --net "$@"
}

# tries WHO AS: all that there is to try; $said gets what came of it
tries()
{
	local what came

	while read -r what came; do
		said[$1 $what]=$came
	done < <("$1" env PYTHONPYCACHEPREFIX=/tmp/pycache "PYTHONPATH=$LG_LIB" \
		python3 "$LG_TOP/selftests/privileges.py" "$2" 2>&1)
}

# came WHO WHAT WORD
came()
{
	[ "${said[$1 $2]:-nothing}" = "$3" ] && return 0
	echo "$1, $2: '${said[$1 $2]}', not '$3'"
	return 1
}

# all came to the same: came_all WHO WORD WHAT...
came_all()
{
	local who=$1 word=$2 what failed=0
	shift 2

	for what in "$@"; do
		came "$who" "$what" "$word" || failed=1
	done
	return $failed
}

modes_are_0440()
{
	local modes

	modes=$(cd "/proc/${lg_pids[bng]}/net/leaseglean" &&
		stat -c '%n %a' -- *) || return 1
	# shellcheck disable=SC2086 # words
	[ "$modes" = "$(printf '%s 440\n' $files)" ] || { echo "$modes"; return 1; }
}

ktap_start
topology_up && module_load && access_ports_add || ktap_bail "set-up"
tries root root
came root put "done" || ktap_bail "a lease"
tries incapable other
tries user other
tries own own

for file in $files; do
	check "root of the namespace reads $file" came root "$file" "done"
	# the one opens it, for it is root's, and the other does not
	check "without CAP_NET_ADMIN it does not" came incapable "$file" EPERM
	check "a user does not" came user "$file" EACCES
done
check "the mode of each is 0440" modes_are_0440
check "a descriptor opened without CAP_NET_ADMIN tells root nothing" \
	came root opener EPERM

for who in incapable user; do
	for operation in $operations; do
		check "$who: $operation is refused" came $who "$operation" EPERM
	done
done
check "the lease stands" lease_is 10.77.1.10 state active

check "root of a user's own namespace puts, gets and reads its own table" \
	came own table "done"
# shellcheck disable=SC2086 # words
check "and may do there all that others may not" \
	came_all own "done" $files $operations
ktap_end
