#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unit tests of the daemon, in simulated time, with ASan and UBSan: which
# replies are answers, who is asked when, what is remembered, what others are
# answered, what a configuration may say. Beside them, which words the command
# refuses, what it makes of answers, and what the daemon says of a configuration.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../unit/native.sh
. "$here/../unit/native.sh"
native "$@"

top=$here/../..
work=$(mktemp -d)
trap 'native_done "$work"' EXIT

sources=("$here"/*.c "$top/module/dhcp.c")
for box in answer ask auth bulk bulk_merge bulk_peer config control_query dialect histogram log \
	lookup lookup_request managed merge parse question recovery relays respond \
	server settings snapshot target walk; do
	sources+=("$top/userspace-helper/$box.c")
done

# What messages the daemon logs is in the test's own hands; the rest is noise.
export LG_EXAMPLE_CONF=$top/userspace-helper/leasegleand.conf

echo "KTAP version 1"
# shellcheck disable=SC2086 # options
if ! "${CC:-clang}" ${CFLAGS:--g -O1} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	-Wno-missing-field-initializers \
	"-fsanitize=$(native_sanitizers)" -fno-sanitize-recover=all \
	-include errno.h -include string.h -I "$top/userspace-helper" \
	-o "$work/daemon_test" "${sources[@]}" \
	-lcmocka -lev -linih -ljson-c -lmnl -lnettle -lz \
	>"$work/log" 2>&1; then
	sed 's/^/# /' "$work/log"
	echo "1..1"
	echo "not ok 1 the daemon's unit tests build"
	exit 1
fi
# one that waits for ever has failed
timeout -s KILL 300 "$work/daemon_test" 2>"$work/said"
status=$?
[ "$status" -eq 0 ] || sed 's/^/# /' "$work/said"
# a sanitizer has stopped it: there are results missing, and this says why
[ "$status" -le 1 ] || echo "not ok 0 daemon_test ended with status $status"
"$here/words.sh" || status=1
"$here/check.sh" || status=1
"$here/control.sh" || status=1
"$here/shown.sh" || status=1
[ "$status" -eq 0 ] || exit 1
