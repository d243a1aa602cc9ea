#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Circuits are personal data: who may read them, and who may not.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

files="leases pending stats"

# in bng, as root who may do all but administer networks
incapable()
{
	on bng capsh --drop=cap_net_admin -- -c "$1"
}

# in bng, as a user
user()
{
	on bng setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all sh -c "$1"
}

# as the root of a namespace of a user's own
own_root()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare --user --map-root-user --net sh -c "$1"
}

cannot()
{
	local who=$1 out
	shift

	out=$("$who" "$@" 2>&1) && { echo "it could: $out"; return 1; }
	# whatever it said, nothing of a lease
	! grep -q '10\.77\.1\.10' <<<"$out" || { echo "$out"; return 1; }
}

# A user of the file's group opens it, and root, from whom he has it, reads.
opener_counts()
{
	on bng python3 -c '
import errno, os, sys
os.seteuid(65534)
fd = os.open("/proc/net/leaseglean/leases", os.O_RDONLY)
os.seteuid(0)
try:
    sys.exit("it could: %s" % os.read(fd, 4096))
except PermissionError as error:
    assert error.errno == errno.EPERM, error
'
}

genl()
{
	echo "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$LG_LIB python3 -c '
import sys
from genl import Family, Refused
try:
    $1
except (Refused, PermissionError) as error:
    sys.exit(\"refused: %s\" % error)
'"
}

refused_by_kernel()
{
	local who=$1 out
	shift

	out=$("$who" "$@" 2>&1) && { echo "it could: $out"; return 1; }
	grep -q 'refused: .*\(EPERM\|not permitted\)' <<<"$out" || { echo "$out"; return 1; }
}

ktap_start
topology_up && module_load && access_ports_add || ktap_bail "set-up"
on bng sh -c "$(genl 'Family().put({"addr": "10.77.1.10", "hwaddr": bytes(6)})')" ||
	ktap_bail "a lease"

for file in $files; do
	check "root of the namespace reads $file" \
		on bng grep -q . "/proc/net/leaseglean/$file"
	check "without CAP_NET_ADMIN it does not" \
		cannot incapable "grep . /proc/net/leaseglean/$file"
	check "a user does not" cannot user "grep . /proc/net/leaseglean/$file"
done
check "its mode is 0440" eval \
	'[ "$(on bng stat -c %a /proc/net/leaseglean/leases)" = 440 ]'

check "a descriptor opened without CAP_NET_ADMIN tells root nothing" opener_counts

for who in incapable user; do
	check "$who: lease-get is refused" refused_by_kernel $who \
		"$(genl 'Family().get("10.77.1.10")')"
	check "$who: its dump is refused" refused_by_kernel $who \
		"$(genl 'print(Family().leases())')"
	check "$who: lease-put is refused" refused_by_kernel $who \
		"$(genl 'Family().put({"addr": "10.77.1.11", "hwaddr": bytes(6)})')"
	check "$who: lease-del is refused" refused_by_kernel $who \
		"$(genl 'Family().delete("10.77.1.10")')"
	check "$who: lease-flush is refused" refused_by_kernel $who \
		"$(genl 'Family().flush(origin=4)')"
	check "$who: port-get is refused" refused_by_kernel $who \
		"$(genl 'print(Family().ports())')"
	check "$who: port-set is refused" refused_by_kernel $who \
		"$(genl 'Family().port_set("acc0", role=0)')"
	check "$who: helper-set is refused" refused_by_kernel $who \
		"$(genl 'Family().helper()')"
	check "$who: pending-get is refused" refused_by_kernel $who \
		"$(genl 'print(Family().pending())')"
	check "$who: server-set is refused" refused_by_kernel $who \
		"$(genl 'Family().servers("1.2.3.4")')"
	check "$who: relay-get is refused" refused_by_kernel $who \
		"$(genl 'print(Family().relays())')"
	check "$who: stats-get is refused" refused_by_kernel $who \
		"$(genl 'print(Family().stats())')"
	check "$who: events are refused" refused_by_kernel $who \
		"$(genl 'Family().join()')"
done
check "the lease stands" lease_is 10.77.1.10 state active

check "root of a user's own namespace puts and gets" own_root "$(genl \
	'f = Family(); f.put({"addr": "10.0.0.9", "hwaddr": bytes(6)}); assert [one["addr"] for one in f.leases()] == ["10.0.0.9"]')"
check "and reads its own table" own_root \
	"$(genl 'Family().put({"addr": "10.0.0.9", "hwaddr": bytes(6)})') &&
	grep -q '^10.0.0.9 active' /proc/net/leaseglean/leases &&
	[ \$(wc -l </proc/net/leaseglean/leases) -eq 2 ]"
ktap_end
