#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /proc/net/leaseglean while the table changes under the reader: rows that are
# there all the time are seen exactly once, whole and in order. Netlink dumps
# likewise. A million rows where there is memory for them; for netlink, which
# has no reads of many sizes, only while nothing changes. The rig has built the
# reader.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

case $LG_KERNEL in
# debugging takes ten times the memory of a row
uml) rows=30000 rounds=3 netlink=30000 ;;
6.12) rows=1000000 rounds=1 netlink=100000 ;;
*) rows=50000 rounds=1 netlink=50000 ;;
esac

module_load || ktap_bail "set-up"
namespace bng
on bng /usr/local/libexec/leaseglean/procfs "${LG_ROWS:-$rows}" "${LG_ROUNDS:-$rounds}" \
	"${LG_ROWS:-$netlink}"
