# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KTAP results for the tests written in shell: sourced, not run.
#
#	ktap_start
#	check "what must hold" COMMAND...
#	ktap_end

KSFT_PASS=0
KSFT_FAIL=1
KSFT_SKIP=4

ktap_count=0
ktap_failed=0

ktap_start()
{
	echo "KTAP version 1"
}

ktap_ok()
{
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $*"
}

ktap_not_ok()
{
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	echo "not ok $ktap_count $*"
}

ktap_diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# One result, by the status of a command; its output is shown when it failed.
# The script has made $LG_TMP, or topology.sh has.
check()
{
	local name=$1 out=${LG_TMP:?}/check
	shift

	# in this shell: what the command sets must last
	if "$@" >"$out" 2>&1; then
		ktap_ok "$name"
		return 0
	fi
	ktap_not_ok "$name"
	ktap_diag "failed: $*"
	sed 's/^/# /' "$out"
	return 1
}

# As check, for a command that must fail.
check_fails()
{
	local name=$1
	shift

	# shellcheck disable=SC2317 # called through check
	refused() { ! "$@"; }
	check "$name" refused "$@"
}

# The whole test cannot run on this machine, whatever is installed on it.
ktap_skip_all()
{
	echo "1..0 # SKIP $*"
	exit "$KSFT_SKIP"
}

# Ends the test at once: what follows would make no sense.
ktap_bail()
{
	ktap_not_ok "$*"
	ktap_end
}

ktap_end()
{
	echo "1..$ktap_count"
	echo "# Totals: pass:$((ktap_count - ktap_failed)) fail:$ktap_failed"
	[ "$ktap_count" -gt 0 ] && [ "$ktap_failed" -eq 0 ] && exit "$KSFT_PASS"
	exit "$KSFT_FAIL"
}
