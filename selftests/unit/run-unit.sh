#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unit tests of the DHCP codec, with ASan and UBSan.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/native.sh"
native "$@"

module=$here/../../module
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "KTAP version 1"
if ! "${CC:-clang}" -g -O1 -Wall -Wextra -Werror \
	-Wno-missing-field-initializers \
	"-fsanitize=$(native_sanitizers)" -fno-sanitize-recover=all \
	-I "$module" -o "$work/dhcp_test" \
	"$here/dhcp_test.c" "$module/dhcp.c" -lcmocka >"$work/log" 2>&1; then
	sed 's/^/# /' "$work/log"
	echo "1..1"
	echo "not ok 1 the unit tests build"
	exit 1
fi
"$work/dhcp_test" "$here/../fuzz/corpus" 2>&1
status=$?
# a sanitizer has stopped it: there are results missing, and this says why
[ "$status" -le 1 ] || echo "not ok 0 dhcp_test ended with status $status"
[ "$status" -eq 0 ] || exit 1
