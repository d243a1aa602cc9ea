#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fuzzes the DHCP codec, and the answering side with whatever a requestor may
# send, for a time each, from the corpus of captured messages. What makes them
# fail is kept in selftests/fuzz/crashes.
#
# usage: [SECONDS]

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../unit/native.sh"

seconds=${1:-20}
case $seconds in
*[!0-9]* | 0) echo "usage: $0 [SECONDS]" >&2; exit 2 ;;
esac
native "$@"

corpus=$here/corpus
kept=$here/crashes
module=$here/../../module
helper=$here/../../userspace-helper
LG_TMP=$(mktemp -d)
trap 'rm -rf "$LG_TMP"' EXIT

# build NAME SOURCE...
build()
{
	local name=$1
	shift

	"${CC:-clang}" -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE \
		"-fsanitize=fuzzer,$(native_sanitizers)" \
		-fno-sanitize-recover=all -include errno.h -include string.h \
		-I "$module" -I "$helper" -o "$LG_TMP/$name" \
		"$here/${name}_fuzz.c" "$@"
}

# A seed that is not read at all teaches nothing.
have_seeds()
{
	[ "$(find "$corpus" -name '*.bin' -size +235c | wc -l)" -gt 0 ]
}

# fuzz NAME
fuzz()
{
	local input

	rm -rf "$LG_TMP/found"
	mkdir -p "$LG_TMP/found" "$LG_TMP/bad" &&
		"$LG_TMP/$1" -max_total_time="$seconds" -max_len=4200 \
			-timeout=10 -print_final_stats=1 \
			-dict="$here/dhcp.dict" -artifact_prefix="$LG_TMP/bad/" \
			"$LG_TMP/found" "$corpus" >"$LG_TMP/log" 2>&1 && return
	tail -n 60 "$LG_TMP/log"
	mkdir -p "$kept"
	for input in "$LG_TMP/bad/"*; do
		[ -e "$input" ] && cp "$input" "$kept" &&
			echo "kept: selftests/fuzz/crashes/${input##*/}"
	done
	return 1
}

executions()
{
	local n

	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$LG_TMP/log")
	echo "${n:-0}"
}

ran()
{
	[ "$(executions)" -gt "$(find "$corpus" -name '*.bin' | wc -l)" ]
}

ktap_start
check "there are seeds" have_seeds
check "the codec's fuzzer builds" build dhcp "$module/dhcp.c" || ktap_end
check "nothing found in $seconds s" fuzz dhcp
check "inputs were executed beyond the seeds" ran
ktap_diag "executions: $(executions)"
check "the answering side's fuzzer builds" build respond "$module/dhcp.c" \
	"$helper/respond.c" "$helper/dialect.c" "$helper/parse.c" || ktap_end
check "nothing found in $seconds s" fuzz respond
check "inputs were executed beyond the seeds" ran
ktap_diag "executions: $(executions)"
ktap_end
