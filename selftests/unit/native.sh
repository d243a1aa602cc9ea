# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Programs that need a compiler and its sanitizers, but no kernel of ours, run
# in the guests' root on this machine's own kernel: sourced, not run. User-mode
# Linux has too little address space for ASan, and emulated machines are slow.

# native "$@": runs the calling script there, and ends as it ends; comes back
# where that is done.
native()
{
	[ -z "${LG_NATIVE:-}${LG_GUEST:-}" ] || return 0
	(
		# shellcheck source=../vm/lib.sh
		. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
		[ "$(id -u)" = 0 ] || fatal "run it as root"
		host_deps
		need_root
		script=$(realpath "$0")
		tmp=$(mktemp -d) || exit
		in_root -b "$repo" /mnt -b "$tmp" /tmp \
			env LG_NATIVE=1 "/mnt/${script#"$repo"/}" "$@"
		status=$?
		rm -rf "$tmp"
		exit "$status"
	)
	exit
}

# native_done DIRECTORY: removes what a program was built in. Not where coverage
# is measured: its counts are there.
native_done()
{
	[ -n "${LG_COVERAGE:-}" ] || rm -rf "$1"
}

# The sanitizers there are, as options of the compiler.
native_sanitizers()
{
	case ${LG_KERNEL:-} in
	uml*) echo undefined ;;
	*) echo address,undefined ;;
	esac
}
