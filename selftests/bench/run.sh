#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Takes the figures, in a User-mode Linux without debug options, and writes
# bench.json and the table of BENCHMARKS.md.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../vm/lib.sh"

kernel=uml-bench
host_deps
need_kernel "$kernel"
dir=$(build_path "$kernel")/bench
mkdir -p "$dir"
cp "$here"/module/* "$here/leases.c" "$here/ask.c" "$here/bulk.c" \
	"$repo/uapi/leaseglean.h" "$dir/"
quiet "$dir/build.log" make -C "$(uml_path "$kernel")" -s ARCH=um \
	M="$dir" modules || exit 1
quiet "$dir/build.log" in_root -b "$dir" /mnt \
	gcc -O2 -Wall -o /mnt/leases /mnt/leases.c -lmnl || exit 1
for program in ask bulk; do
	quiet "$dir/build.log" in_root -b "$dir" /mnt gcc -O2 -Wall -D_GNU_SOURCE \
		-o "/mnt/$program" "/mnt/$program.c" || exit 1
done

exec "$here/../vm/run" -k "$kernel" -m 6000 -t 2700 -s "$dir" -- \
	env BENCH_ROUNDS="${BENCH_ROUNDS:-7}" BENCH_PACKETS="${BENCH_PACKETS:-500000}" \
	python3 selftests/bench/bench.py "$dir" "$@"
