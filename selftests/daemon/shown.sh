#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shown.py with a command that the sanitizers watch; neither daemon nor module
# is here.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../unit/native.sh
. "$here/../unit/native.sh"
native "$@"

work=$(mktemp -d)
trap 'native_done "$work"' EXIT

mkdir "$work/cli"
if ! make -s -C "$here/../../userspace-helper" O="$work" CC="${CC:-clang}" \
	CFLAGS="${CFLAGS:--g -O1} -fsanitize=$(native_sanitizers) -fno-sanitize-recover=all" \
	"$work/leaseglean" >"$work/log" 2>&1; then
	sed 's/^/# /' "$work/log"
	printf '%s\n' "KTAP version 1" "1..1" "not ok 1 the command builds"
	exit 1
fi
PYTHONDONTWRITEBYTECODE=1 python3 "$here/shown.py" "$work/leaseglean" "$work"
