#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module's part of `make install` and `make uninstall`.
#
#	dkms.sh install [RELEASE]	sources to /usr/src, build, install
#	dkms.sh uninstall		all versions, for all kernels
#	dkms.sh check [RELEASE]		is DKMS's module the one that loads?
#
# RELEASE is a kernel's, by default the running one's. With DESTDIR set,
# install copies the sources and stops: DKMS runs where the package goes.

name=leaseglean
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
command=$1
release=${2:-$(uname -r)}
modules=/lib/modules/$release

say() { echo "leaseglean: $*" >&2; }
fail() { say "$@"; exit 1; }

version() { sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$top/dkms.conf"; }

need_dkms() {
	command -v dkms >/dev/null ||
		fail "there is no dkms: install the package dkms"
}

# Only what a build takes: the tree's own Makefile is for the checkout.
copy_sources() { # TO
	rm -rf "$1" && mkdir -p "$1" &&
	(cd "$top" && cp -r dkms.conf Kbuild LICENSE "$1/" &&
	 find module uapi -name '*.[ch]' ! -name '*.mod.c' |
	 while read -r file; do
		mkdir -p "$1/${file%/*}" && cp "$file" "$1/$file" || exit 1
	 done)
}

# DKMS prints "leaseglean/0.1.0, 6.12.1-amd64, x86_64: installed", and
# "leaseglean/0.1.0: added" of what is built for no kernel.
versions() {
	dkms status "$name" | sed -n "s|^$name/\([^,: ]*\)[,:].*|\1|p" | sort -u
}

# The kernels that DKMS has it installed for.
releases() {
	dkms status "$name" |
		sed -n "s|^$name/[^,]*, \([^,]*\), .*installed.*|\1|p" | sort -u
}

remove_all() {
	for v in $(versions); do
		dkms remove "$name/$v" --all || return 1
	done
	for dir in "/usr/src/$name-"[0-9]*; do
		[ ! -e "$dir/dkms.conf" ] || rm -rf "$dir" || return 1
	done
}

build_log() {
	log=/var/lib/dkms/$name/$(version)/build/make.log
	[ ! -r "$log" ] || tail -n 30 "$log" >&2
}

# Modules of our name that are not OURS, for modprobe could take them for it.
strays() { # OURS
	# -H: /lib/modules/RELEASE may be a link
	find -H "$modules" -name "$name.ko*" ! -path "$1" |
	while read -r ko; do
		say "stale module: $ko"
		echo "$ko"
	done | grep -q .
}

# What modprobe would load, and every other file that it could have been.
check() {
	status=0
	ours=""
	for ko in "$modules/updates/dkms/$name.ko"* \
		  "$modules/updates/$name.ko"* "$modules/extra/$name.ko"*; do
		[ -e "$ko" ] || continue
		case $(dkms status "$name" -k "$release") in
		*installed*) ours=$ko; break ;;
		esac
	done
	[ -n "$ours" ] || fail "DKMS has no module installed for $release"

	found=$(modinfo -k "$release" -F filename $name 2>/dev/null)
	if [ "$(realpath "$found" 2>/dev/null)" != "$(realpath "$ours")" ]; then
		say "modprobe would load ${found:-nothing}, not $ours"
		status=1
	fi
	! strays "$ours" ||
		say "remove what is stale and run depmod $release"

	loaded=$(cat /sys/module/$name/srcversion 2>/dev/null)
	if [ "$release" = "$(uname -r)" ] && [ -n "$loaded" ] &&
	   [ "$loaded" != "$(modinfo -F srcversion "$ours")" ]; then
		say "another build of the module is loaded: rmmod $name and" \
		    "modprobe $name put the new one in its place"
	fi
	return $status
}

install_module() {
	v=$(version)
	[ -n "$v" ] || fail "dkms.conf has no version"
	if [ -n "$DESTDIR" ]; then
		copy_sources "$DESTDIR/usr/src/$name-$v" ||
			fail "cannot copy the sources"
		return
	fi
	need_dkms
	[ -e "$modules/build/Makefile" ] ||
		fail "no headers of $release: install linux-headers-$release"
	# the same version too: its sources may have changed
	others=$(releases | grep -vxF "$release")
	remove_all || fail "cannot remove what DKMS had of $name"
	copy_sources "/usr/src/$name-$v" || fail "cannot copy the sources"
	dkms add "$name/$v" || fail "dkms add failed"
	dkms build "$name/$v" -k "$release" ||
		{ build_log; fail "dkms build failed"; }
	# --force: what was asked for is this version, whatever else lies there;
	# DKMS takes that aside and puts it back at its removal
	strays ""
	dkms install "$name/$v" -k "$release" --force ||
		fail "dkms install failed"
	for other in $others; do
		dkms install "$name/$v" -k "$other" --force ||
			say "not installed for $other, which had it"
	done
	check || fail "installed, but something else is in its way"
}

uninstall_module() {
	[ -z "$DESTDIR" ] || { rm -rf "$DESTDIR/usr/src/$name-$(version)"; return; }
	! command -v dkms >/dev/null || remove_all ||
		fail "DKMS could not remove $name"
	[ ! -e /sys/module/$name ] ||
		say "the module is still loaded: rmmod $name"
	find -H /lib/modules -name "$name.ko*" | while read -r ko; do
		say "not DKMS's, left alone: $ko"
	done
}

case $command in
install) install_module ;;
uninstall) uninstall_module ;;
check) need_dkms; check ;;
*) sed -n '3,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
