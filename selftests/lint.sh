#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What can be said of the sources without running them: sparse and warnings on
# the module for each stock kernel, the kernel's checkpatch, shellcheck, and
# whether the contract is one that the kernel tree's tools read and the header
# agrees with.
# Runs in the guests' root (selftests/vm/run --root), on this machine's kernel.

top=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "$LG_LINT" ]; then
	source=$("$top/selftests/vm/run" --path linux-source) || exit 1
	exec "$top/selftests/vm/run" -s "$source" --root env LG_LINT=1 \
		LG_KSRC="$source" "$top/selftests/lint.sh"
fi

. "$top/selftests/lib/ktap.sh"
LG_TMP=$(mktemp -d)
trap 'rm -rf "$LG_TMP"' EXIT
cd "$top" || exit 1

sources()
{
	find "$@" -name '*.[ch]' \
		! -name '*.mod.c' ! -path '*/build/*' | sort
}

scripts()
{
	find selftests packaging .ci -type f ! -path '*/corpus/*' |
		while read -r file; do
			head -n 1 "$file" | grep -qE '^#!.*sh$|shellcheck shell' &&
				echo "$file"
		done | sort
}

# 7.3 asks by a script, which its headers lack, whether sparse knows an operator
# that it does not know, nor the length of a literal as a constant: it is told,
# in this root, which is thrown away, and by two definitions.
quiet_build()
{
	local headers=$1 flags=-D__CHECK_ENDIAN__
	local ask=${headers%-amd64}-common/scripts/checker-valid.sh

	if grep -q checker-valid "${headers%-amd64}-common/Makefile"; then
		printf '%s\n' '#!/bin/sh' 'echo 1' >"$ask" && chmod +x "$ask"
		flags="$flags -D__typeof_unqual__=__typeof__"
		flags="$flags -D'__builtin_strlen(s)=(sizeof(s)-1)'"
	fi
	rm -rf "$LG_TMP/build" && mkdir "$LG_TMP/build" &&
		cp -r Kbuild module uapi "$LG_TMP/build" &&
		make -s -C "$headers" M="$LG_TMP/build" W=1 C=2 CF="$flags" \
			modules >"$LG_TMP/out" 2>&1 || {
		cat "$LG_TMP/out"
		return 1
	}
	# what the headers package lacks says nothing about these sources
	! grep -vE 'Skipping BTF|warning: the compiler differs|The kernel was built by|You are using|^$' \
		"$LG_TMP/out"
}

# checkpatch IGNORED FILE...
checkpatch()
{
	local ignored=$1
	shift

	perl "$LG_KSRC/scripts/checkpatch.pl" --no-tree --strict --terse \
		--no-summary --show-types ${ignored:+--ignore "$ignored"} \
		-f "$@" 2>&1 | grep -v 'git: not found' >"$LG_TMP/out"
	# it leaves a list of names behind
	rm -f .checkpatch-camelcase.*
	[ ! -s "$LG_TMP/out" ] || { cat "$LG_TMP/out"; return 1; }
}

#
# The contract
#

spec=$top/uapi/leaseglean.yaml
ynl=$LG_KSRC/tools/net/ynl

# ynl's program, or its library, by its file or by -c
ynl_python()
{
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$top/selftests/lib/yaml:$ynl \
		timeout 60 python3 "$@"
}

# The schema is that of the protocol that the spec names.
spec_is_valid()
{
	ynl_python -c '
import sys
from lib import SpecFamily
spec = SpecFamily(sys.argv[1], sys.argv[2])
assert "lease-put" in spec.ops, list(spec.ops)
' "$spec" "$LG_KSRC/Documentation/netlink/$(sed -n 's/^protocol: //p' "$spec").yaml"
}

# What ynl-gen-c makes of the spec beside the header as it is written: the names,
# then what they are worth to the compiler.
same_values()
{
	mkdir -p "$LG_TMP/spec/Documentation/netlink/specs"
	# the generator looks for the top of a kernel tree
	: >"$LG_TMP/spec/MAINTAINERS"
	cp "$LG_KSRC"/Documentation/netlink/*.yaml \
		"$LG_TMP/spec/Documentation/netlink"
	cp "$spec" "$LG_TMP/spec/Documentation/netlink/specs"
	ynl_python "$ynl/ynl-gen-c.py" \
		--spec "$LG_TMP/spec/Documentation/netlink/specs/leaseglean.yaml" \
		--mode uapi --header -o "$LG_TMP/generated.h" || return 1
	names "$LG_TMP/generated.h" >"$LG_TMP/generated"
	names "$top/uapi/leaseglean.h" >"$LG_TMP/written"
	diff "$LG_TMP/generated" "$LG_TMP/written" || return 1
	values generated "$LG_TMP/generated.h" >"$LG_TMP/a" &&
		values written "$top/uapi/leaseglean.h" >"$LG_TMP/b" &&
		[ "$(wc -l <"$LG_TMP/a")" -gt 100 ] &&
		diff "$LG_TMP/a" "$LG_TMP/b"
}

names()
{
	grep -oE '\b_*LEASEGLEAN_[A-Z0-9_]+' "$1" |
		grep -vE '_H$|FAMILY_NAME|MCGRP' | sort -u
}

# values NAME HEADER: each constant and its value, by the compiler
values()
{
	local name

	{
		echo "#include <stdio.h>"
		echo "#include \"$2\""
		echo "int main(void) {"
		while read -r name; do
			echo "printf(\"$name %lld\\n\", (long long)$name);"
		done <"$LG_TMP/$1"
		echo "return 0; }"
	} >"$LG_TMP/$1.c"
	gcc -Wall -Werror -o "$LG_TMP/$1.bin" "$LG_TMP/$1.c" &&
		"$LG_TMP/$1.bin"
}

# What checkpatch asks for that the sources cannot give:
# a list as a macro of macros (X) is neither in parentheses nor an expression;
lists=COMPLEX_MACRO,MACRO_ARG_REUSE,BRACKET_SPACE,TRAILING_SEMICOLON
# only module/compat may ask for the version, and it must;
versions=LINUX_VERSION_CODE,CONSTANT_COMPARISON
# what only the kernel has: its types, strscpy, ARRAY_SIZE, attribute macros;
kernel_only=PREFER_KERNEL_TYPES,STRCPY,STRNCPY,ARRAY_SIZE
kernel_only=$kernel_only,PREFER_DEFINED_ATTRIBUTE_MACRO,MACRO_ARG_REUSE
# names that libraries chose, and a verb that is the name of its function.
names=CAMELCASE,EMBEDDED_FUNCTION_NAME

# shellcheck disable=SC2046 # names without blanks
{
	ktap_start
	check "the spec is valid by the kernel tree's schema" spec_is_valid
	check "the spec and the header have the same names and values" \
		same_values
	for headers in /usr/src/linux-headers-*-amd64; do
		check "sparse and W=1 are silent: ${headers##*/linux-headers-}" \
			quiet_build "$headers"
	done
	check "checkpatch --strict is silent: module, contract" \
		checkpatch "" $(sources module uapi |
			grep -v -e /compat/ -e /stats)
	check "checkpatch --strict is silent: lists of counters" \
		checkpatch "$lists" $(sources module | grep /stats)
	check "checkpatch --strict is silent: compat" \
		checkpatch "$versions" $(sources module/compat)
	check "checkpatch --strict is silent: programs" \
		checkpatch "$kernel_only,$names,$lists" \
		$(sources userspace-helper selftests)
	# SC2154: variables of files that are sourced; SC1010: ynl's "do"
	check "shellcheck is silent" \
		shellcheck -x -S warning -e SC2154,SC1010 $(scripts)
	ktap_end
}
