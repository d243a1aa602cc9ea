#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module's part of `make install`, as an operator's host would run it:
# DKMS adds, builds and installs the module for the running kernel, modprobe
# finds that one, it works, and the removal leaves nothing. Runs in a guest,
# whose root is thrown away.

top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
# shellcheck source=../lib/ktap.sh
. "$top/selftests/lib/ktap.sh"

release=$(uname -r)
modules=/lib/modules/$release
package=$top/packaging/dkms.sh
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$top/dkms.conf")

if [ "$LG_GUEST" != 1 ]; then
	echo "dkms.sh installs modules: run it by selftests/vm/run" >&2
	exit 1
fi

LG_TMP=$(mktemp -d) || exit 1
trap 'rm -rf "$LG_TMP"' EXIT

# depmod reads every module that there is, which takes minutes where the
# processor is emulated. The module needs no other one; that is checked.
hide_other_modules() {
	rm -f "$modules/updates/leaseglean.ko"
	mount -t tmpfs none "$modules/kernel" && depmod "$release"
}

same_versions() {
	[ -n "$version" ] &&
	grep -q "^MODULE_VERSION(\"$version\");" "$top/module/main.c"
}

# Directives with which DKMS 3.0.10 or newer ones make trouble.
no_trouble() {
	! grep -E '^(REMAKE_INITRD|BUILD_EXCLUSIVE_CONFIG)' "$top/dkms.conf"
}

status_is() { # TEXT
	dkms status leaseglean -k "$release" | tee /dev/stderr |
		grep -q "^leaseglean/$version, $release, .*: $1"
}

loads() { # FILE, as compressed as may be
	local file

	file=$(modinfo -F filename leaseglean) && echo "$file" &&
	case $file in
	$1*) ;;
	*) return 1 ;;
	esac
}

depends_on_none() { [ -z "$(modinfo -F depends leaseglean)" ]; }

loaded_is_installed() {
	[ "$(cat /sys/module/leaseglean/version)" = "$version" ] &&
	[ "$(cat /sys/module/leaseglean/srcversion)" = \
	  "$(modinfo -F srcversion leaseglean)" ]
}

# What is put by netlink shows in procfs.
works() {
	python3 - "$top" <<-'PYTHON' || return
	import sys
	sys.path.insert(0, sys.argv[1] + "/selftests/lib")
	from genl import Family, STATE, ORIGIN
	Family().put({"addr": "192.0.2.9", "state": STATE["active"],
	              "origin": ORIGIN["static"],
	              "hwaddr": bytes.fromhex("020000000009")})
	PYTHON
	cat /proc/net/leaseglean/leases
	grep -q '^192\.0\.2\.9 active static 02:00:00:00:00:09 ' \
		/proc/net/leaseglean/leases &&
	grep -qx 'active 1' /proc/net/leaseglean/stats
}

# Only what a build takes was copied.
sources_are_few() {
	(cd "/usr/src/leaseglean-$version" && find . -mindepth 1 -maxdepth 1 |
		sort | tr '\n' ' ') | tee /dev/stderr |
		grep -qx './Kbuild ./LICENSE ./dkms.conf ./module ./uapi '
}

plant() { # WHERE
	mkdir -p "$modules/$1" &&
	cp "$(modinfo -F filename leaseglean)" "$modules/$1/"
}

# An order of search that puts extra/ before what DKMS installed.
shadow() {
	plant extra &&
	echo "search extra updates built-in" >/etc/depmod.d/test.conf &&
	depmod "$release"
}

# Both are told: what would load, and the file to remove.
shadow_is_said() {
	! "$package" check >"$LG_TMP/said" 2>&1 || return
	cat "$LG_TMP/said"
	grep -q "modprobe would load .*/extra/leaseglean.ko" "$LG_TMP/said" &&
	grep -q "stale module: $modules/extra/leaseglean.ko" "$LG_TMP/said"
}

nothing_left() {
	[ -z "$(dkms status leaseglean)" ] &&
	[ -z "$(find "$modules/" -name 'leaseglean.ko*')" ] &&
	[ -z "$(find /usr/src /var/lib/dkms -maxdepth 1 -name 'leaseglean*')" ]
}

ktap_start
hide_other_modules || ktap_bail "cannot set up the modules' directory"

check "dkms.conf and the module have one version" same_versions
check "dkms.conf has nothing that old or new DKMS stumbles over" no_trouble
check "add, build and install" "$package" install ||
	ktap_bail "no module to go on with"
ktap_diag "installed after $SECONDS s"
check "DKMS knows it as installed" status_is installed
check "its sources are what a build takes" sources_are_few
check "modprobe finds DKMS's module" loads "$modules/updates/dkms/leaseglean.ko"
check "it needs no other module" depends_on_none
check "it loads by name" modprobe leaseglean
check "the one loaded is the one installed" loaded_is_installed
check "it works" works
check "a stale module is planted before it" shadow
check "the check fails and names it" shadow_is_said
rm -rf "$modules/extra" /etc/depmod.d/test.conf

check "it unloads" rmmod leaseglean
check "removal" "$package" uninstall
check "removal leaves nothing" nothing_left
check_fails "and nothing to load by name" modprobe leaseglean
ktap_end
