#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fuzzes the DHCP codec for a time, from the corpus of captured messages; for
# half of that each the answering side, with whatever a requestor may send, the
# asking side, with whatever a server may, and what refills the table: the
# snapshot's file, and the stream of bulk leasequery made of the same messages.
# What makes one fail is kept in selftests/fuzz/crashes.
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

	"${CC:-clang}" -g -O1 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
		"-fsanitize=fuzzer,$(native_sanitizers)" \
		-fno-sanitize-recover=all -include errno.h -include string.h \
		-I "$module" -I "$helper" -o "$LG_TMP/$name" "$here/${name}_fuzz.c" \
		"$module/dhcp.c" "$@" -lnettle -lz
}

# A seed that is not read at all teaches nothing.
have_seeds()
{
	[ "$(find "$corpus" -name '*.bin' -size +235c | wc -l)" -gt 0 ]
}

# A lease of a snapshot, and a captured message as a stream brings it, for each
# way that the harness may take them.
recovery_seeds()
{
	local file len

	mkdir -p "$LG_TMP/recovery-seeds" && cd "$LG_TMP/recovery-seeds" || return
	printf '\1%b%b%b' '\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\x65\0\0\0' \
		'\0\0\0\0\x64\0\0\0' '\1\6\2\0\0\0\1\1\2lo\0\2\1\0\0' >lease
	len=$(($(stat -c %s lease) - 1))
	{ printf '\2\0%b' "\\x$(printf %x $len)"; tail -c +2 lease; } >leases
	{ printf '\0lglease\n\0\0\0\2'; head -c 30 /dev/zero; } >file
	for file in "$corpus"/*.bin; do
		len=$(stat -c %s "$file")
		{
			printf "\\3\\x$(printf %x $((len >> 8)))\\x$(printf %x $((len & 255)))"
			cat "$file"
		} >"${file##*/}"
	done
	[ "$(find . -type f | wc -l)" -gt 3 ]
}

# fuzz NAME SECONDS CORPUS
fuzz()
{
	local input name=$1 bad=$LG_TMP/bad-$1

	mkdir -p "$LG_TMP/found-$name" "$bad" &&
		"$LG_TMP/$name" -max_total_time="$2" -max_len=4200 \
			-timeout=10 -print_final_stats=1 \
			-dict="$here/dhcp.dict" -artifact_prefix="$bad/" \
			"$LG_TMP/found-$name" "$3" >"$LG_TMP/log-$name" 2>&1 && return
	tail -n 60 "$LG_TMP/log-$name"
	mkdir -p "$kept"
	for input in "$bad/"*; do
		[ -e "$input" ] && cp "$input" "$kept/$name-${input##*/}" &&
			echo "kept: selftests/fuzz/crashes/$name-${input##*/}"
	done
	return 1
}

executions()
{
	local n

	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$LG_TMP/log-$1")
	echo "${n:-0}"
}

# ran NAME: beyond its seeds
ran()
{
	[ "$(executions "$1")" -gt "$((2 * $(find "$corpus" -name '*.bin' | wc -l)))" ]
}

ktap_start
check "there are seeds" have_seeds
check "the fuzzer builds" build dhcp || ktap_end
check "nothing found in $seconds s" fuzz dhcp "$seconds" "$corpus"
check "inputs were executed beyond the seeds" ran dhcp
ktap_diag "executions: $(executions dhcp)"
half=$(((seconds + 1) / 2))
check "that of the answering side builds" build respond "$helper/respond.c" \
	"$helper/auth.c" "$helper/dialect.c" "$helper/parse.c" || ktap_end
check "nothing found there in $half s" fuzz respond "$half" "$corpus"
check "inputs were executed beyond the seeds there" ran respond
ktap_diag "executions: $(executions respond)"
check "that of the asking side builds" build answer "$helper/answer.c" \
	"$helper/auth.c" "$helper/dialect.c" "$helper/parse.c" || ktap_end
check "nothing found there in $half s" fuzz answer "$half" "$corpus"
check "inputs were executed beyond the seeds there" ran answer
ktap_diag "executions: $(executions answer)"
check "that of the recovery builds" build recovery "$helper/snapshot.c" \
	"$helper/bulk.c" "$helper/answer.c" "$helper/auth.c" \
	"$helper/dialect.c" "$helper/parse.c" || ktap_end
check "it has seeds" recovery_seeds
check "nothing found there in $half s" fuzz recovery "$half" \
	"$LG_TMP/recovery-seeds"
check "inputs were executed beyond the seeds there" ran recovery
ktap_diag "executions: $(executions recovery)"
ktap_end
