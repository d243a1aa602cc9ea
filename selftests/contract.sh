#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# uapi/leaseglean.yaml is the contract: the kernel tree's own tools read it.
# ynl drives the family by it, and what ynl-gen-c makes of it must have the
# same names and values as uapi/leaseglean.h.
#
# $LG_KSRC is an unpacked kernel source of 6.12 or so.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

spec=$LG_TOP/uapi/leaseglean.yaml
ynl=$LG_KSRC/tools/net/ynl
python=(PYTHONDONTWRITEBYTECODE=1 "PYTHONPATH=$LG_LIB/yaml" python3)

# Where 64 bit need alignment there are pad attributes, which this ynl knows
# of only as unknown ones.
# ynl OPERATION-KIND OPERATION [JSON] [OPTION...]
ynl()
{
	local kind=$1 op=$2 json='{}'
	shift 2
	[ $# -eq 0 ] || { json=$1; shift; }

	on bng env "${python[@]}" "$ynl/cli.py" \
		--spec "$spec" --no-schema --process-unknown --output-json --"$kind" "$op" --json "$json" "$@"
}

# ynl_multi [OPERATION JSON]...: in one message batch
ynl_multi()
{
	local args=()

	while [ $# -gt 1 ]; do
		args+=(--multi "$1" "$2")
		shift 2
	done
	on bng env "${python[@]}" "$ynl/cli.py" \
		--spec "$spec" --no-schema --process-unknown "${args[@]}"
}

# ynl_says FILTER WANT KIND OPERATION JSON: what jq makes of the answer
ynl_says()
{
	local filter=$1 want=$2 got
	shift 2

	got=$(ynl "$@") || { echo "$got"; return 1; }
	got=$(jq -c "$filter" <<<"$got") || return 1
	[ "$got" = "$want" ] || { echo "got $got, not $want"; return 1; }
}

ynl_refused()
{
	local pattern=$1 out
	shift

	out=$(ynl "$@" 2>&1) && { echo "not refused: $out"; return 1; }
	grep -q "$pattern" <<<"$out" && grep -qi "extack.*msg" <<<"$out" ||
		{ echo "$out"; return 1; }
}

# Says what it can do, and exits; needs the family to be there.
valid()
{
	on bng env "${python[@]}" "$ynl/cli.py" --list-ops \
		--spec "$spec" \
		--schema "$LG_KSRC/Documentation/netlink/$schema.yaml" |
		grep -q lease-put
}

number()
{
	local IFS=. part sum=0
	for part in $1; do
		sum=$((sum * 256 + part))
	done
	echo "$sum"
}

# One C file that fails to compile where a value differs.
same_values()
{
	local name

	mkdir -p "$LG_TMP/spec/Documentation/netlink/specs"
	# the generator looks for the top of a kernel tree
	: >"$LG_TMP/spec/MAINTAINERS"
	cp "$LG_KSRC"/Documentation/netlink/*.yaml \
		"$LG_TMP/spec/Documentation/netlink"
	cp "$spec" "$LG_TMP/spec/Documentation/netlink/specs"
	timeout 60 env "${python[@]}" "$ynl/ynl-gen-c.py" \
		--spec "$LG_TMP/spec/Documentation/netlink/specs/leaseglean.yaml" \
		--mode uapi --header -o "$LG_TMP/generated.h" || return 1
	names "$LG_TMP/generated.h" >"$LG_TMP/generated"
	names "$LG_TOP/uapi/leaseglean.h" >"$LG_TMP/written"
	diff "$LG_TMP/generated" "$LG_TMP/written" || return 1
	values generated "$LG_TMP/generated.h" >"$LG_TMP/a" &&
		values written "$LG_TOP/uapi/leaseglean.h" >"$LG_TMP/b" &&
		[ "$(wc -l <"$LG_TMP/a")" -gt 100 ] &&
		diff "$LG_TMP/a" "$LG_TMP/b"
}

same_policies()
{
	genl ctrl policy name leaseglean | "$LG_TOP/selftests/policy.py" "$spec"
}

names()
{
	grep -oE '\b_*LEASEGLEAN_[A-Z0-9_]+' "$1" |
		grep -vE '_H$|FAMILY_NAME|MCGRP' | sort -u
}

# values NAME HEADER: each constant and its value, by the compiler
values()
{
	local name

	{
		echo "#include <stdio.h>"
		echo "#include \"$2\""
		echo "int main(void) {"
		while read -r name; do
			echo "printf(\"$name %lld\\n\", (long long)$name);"
		done <"$LG_TMP/$1"
		echo "return 0; }"
	} >"$LG_TMP/$1.c"
	gcc -Wall -Werror -o "$LG_TMP/$1.bin" "$LG_TMP/$1.c" &&
		"$LG_TMP/$1.bin"
}

ktap_start
[ -r "$ynl/cli.py" ] || ktap_bail "no kernel source in LG_KSRC='$LG_KSRC'"
schema=$(sed -n 's/^protocol: //p' "$spec")
check "the spec and the header have the same names and values" same_values

topology_up && module_load || ktap_bail "set-up"
check "the module's policies are those of the spec" same_policies
acc1=$(ip -n bng -o link show acc1.100 | cut -d: -f1)
check "the spec is valid by the kernel tree's schema" valid
a=$(number 10.77.2.10)
b=$(number 10.77.2.11)
c=$(number 10.77.2.12)

# each call reads the whole spec, which takes long: several operations in one
check "port-set, lease-put of two, of a negative one" ynl_multi \
	port-set '{"ifname":"acc1.100","role":"access","budget-rate":50}' \
	lease-put "{\"lease\":[
	{\"addr\":$a,\"hwaddr\":\"020000000101\",\"port\":$acc1,\"expires\":3600,
	 \"agent-info\":\"0103616263\",\"giaddr\":$(number 10.77.2.1)},
	{\"addr\":$b,\"hwaddr\":\"020000000102\",\"origin\":\"static\"}]}" \
	lease-put "{\"lease\":[
	{\"addr\":$c,\"state\":\"unassigned\",\"origin\":\"leasequery\",
	 \"port\":$acc1,\"expires\":3600}]}"
check "port-get" ynl_says '[.ifname,.role,."budget-rate"]' \
	'["acc1.100","access",50]' do port-get '{"ifname":"acc1.100"}'
check "port-get, dump" ynl_says '[.[].ifname]' '["acc1.100"]' dump port-get
check "lease-get" ynl_says \
	'[.addr,.state,.origin,.hwaddr,."port-name",.vlan,.giaddr,."agent-info"]' \
	'["10.77.2.10","active","static","02:00:00:00:01:01","acc1.100",[100],"10.77.2.1","01 03 61 62 63"]' \
	do lease-get "{\"addr\":$a}"
check "lease-get, dump" ynl_says '[.[].addr]' \
	'["10.77.2.10","10.77.2.11","10.77.2.12"]' dump lease-get
check "dump by port" ynl_says '[.[].addr]' '["10.77.2.10","10.77.2.12"]' \
	dump lease-get "{\"port\":$acc1}"
check "dump by state and origin" ynl_says '[.[].addr]' '["10.77.2.12"]' \
	dump lease-get '{"state":"unassigned","origin":"leasequery"}'
check "dump by hwaddr" ynl_says '[.[].addr]' '["10.77.2.11"]' \
	dump lease-get '{"hwaddr":"020000000102"}'
check "lease-put refused: no hwaddr" ynl_refused "Invalid argument" \
	do lease-put "{\"lease\":[{\"addr\":$a}]}"
check "lease-put refused: exclusive" ynl_refused "File exists" \
	do lease-put "{\"lease\":[{\"addr\":$a,\"hwaddr\":\"020000000109\"}]}" --excl
check "query-open refused: not the helper" ynl_refused "not permitted" \
	do query-open "{\"xid\":1,\"server\":$a,\"giaddr\":$b,\"timeout\":9}"
check "helper-set, query-open, server-set, lease-del, lease-flush" ynl_multi \
	helper-set '{}' \
	query-open "{\"xid\":1,\"server\":$a,\"giaddr\":$b,\"timeout\":9}" \
	server-set "{\"addr\":[$a,$b]}" \
	lease-del "{\"addr\":$b}" \
	lease-flush '{"state":"unassigned"}'
check "one is left" ynl_says '[.[].addr]' '["10.77.2.10"]' dump lease-get
check "stats-get" ynl_says \
	'[.counter[]|select(.name=="put" or .name=="put_refused" or .name=="query_opened")|.value]' \
	'[1,3,2]' do stats-get
check "pending-get, dump" ynl_says 'length' '0' dump pending-get
check "relay-get, dump" ynl_says 'length' '0' dump relay-get
ktap_end
