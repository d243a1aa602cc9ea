#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs test programs one after the other, as kselftest's runner does: their
# output goes out as it comes, indented, and each ends as one KTAP result. The
# last line counts the results of all programs. Ends 0 when nothing failed.
#
#	runner.sh PROGRAM...

cd "$(dirname "$0")/.." || exit 1
[ -r settings ] && . ./settings

passed=0
failed=0
skipped=0
number=0

# One program's results, from its output in $log and its status.
tally()
{
	local prog=$1 status=$2 ok not_ok skip plan

	ok=$(grep -cE '^ok [0-9]+' "$log")
	not_ok=$(grep -cE '^not ok [0-9]+' "$log")
	skip=$(grep -cE '^ok [0-9]+ .*# SKIP' "$log")
	plan=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$log" | tail -n 1)

	case $status in
	0 | 1) ;;
	4)
		skipped=$((skipped + 1))
		echo "ok $number selftests: leaseglean: $prog # SKIP"
		return
		;;
	*)
		[ "$status" -ne 124 ] || echo "# $prog took longer than ${timeout}s"
		not_ok=$((not_ok + 1))
		;;
	esac
	# a program that stopped half-way, or says nothing, has failed
	if [ "${plan:-0}" -eq 0 ] || [ "$plan" -ne $((ok + not_ok)) ] ||
	   { [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; }; then
		echo "# $prog: plan '$plan', results $((ok + not_ok)), status $status"
		[ "$not_ok" -gt 0 ] || not_ok=1
	fi

	passed=$((passed + ok - skip))
	skipped=$((skipped + skip))
	failed=$((failed + not_ok))
	if [ "$not_ok" -eq 0 ]; then
		echo "ok $number selftests: leaseglean: $prog"
	else
		echo "not ok $number selftests: leaseglean: $prog # exit=$status"
	fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
timeout=${kselftest_timeout:-${timeout:-300}}

echo "TAP version 13"
echo "1..$#"
for prog in "$@"; do
	number=$((number + 1))
	started=$SECONDS
	echo "# selftests: leaseglean: $prog"
	timeout -k 20 "$timeout" "./$prog" 2>&1 | tee "$log" | sed -u 's/^/# /'
	status=${PIPESTATUS[0]}
	echo "# $prog: $((SECONDS - started)) s"
	tally "$prog" "$status"
done
echo "# totals: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
