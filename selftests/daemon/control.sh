#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# control.py with a daemon that the sanitizers watch; no module is here, and
# none is needed.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../unit/native.sh
. "$here/../unit/native.sh"
native "$@"

work=$(mktemp -d)
trap 'native_done "$work"' EXIT
# another user connects here
chmod 755 "$work"

mkdir "$work/cli"
if ! make -s -C "$here/../../userspace-helper" O="$work" CC="${CC:-clang}" \
	CFLAGS="${CFLAGS:--g -O1} -fsanitize=$(native_sanitizers) -fno-sanitize-recover=all" \
	"$work/leasegleand" >"$work/log" 2>&1; then
	sed 's/^/# /' "$work/log"
	printf '%s\n' "KTAP version 1" "1..1" "not ok 1 the daemon builds"
	exit 1
fi
PYTHONDONTWRITEBYTECODE=1 python3 "$here/control.py" "$work/leasegleand" "$work"
