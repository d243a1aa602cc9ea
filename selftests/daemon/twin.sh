#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The answering side: two BNGs that have each other for a server, in every
# dialect; and who gets no answer.
#
#	stranger                a                              b
#	there 198.18.1.5-9 ---- east 198.18.1.1
#	                       core0 198.18.0.1 ------------ core0 198.18.0.2
#	                        acc0 10.88.0.1/16 --- wan      acc0 10.77.0.1/16 --- wan
#	                                              (suba)                         (subb)

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"

twins_up()
{
	lg_namespaces=(a b suba subb stranger)
	ip -batch - <<-END || return 1
		$(printf 'netns add %s\n' "${lg_namespaces[@]}")
		link add core0 netns a type veth peer name core0 netns b
		link add east netns a type veth peer name there netns stranger
		link add acc0 netns a type veth peer name wan netns suba
		link add acc0 netns b type veth peer name wan netns subb
	END
	ip -n a -batch - <<-END || return 1
		link set lo up
		addr add 198.18.0.1/24 dev core0
		addr add 198.18.1.1/24 dev east
		addr add 10.88.0.1/16 dev acc0
		link set core0 up
		link set east up
		link set acc0 up
		route add 10.77.0.0/16 via 198.18.0.2
	END
	ip -n b -batch - <<-END || return 1
		link set lo up
		addr add 198.18.0.2/24 dev core0
		addr add 10.77.0.1/16 dev acc0
		link set core0 up
		link set acc0 up
		route add 10.88.0.0/16 via 198.18.0.1
	END
	ip -n stranger -batch - <<-END || return 1
		link set lo up
		addr add 198.18.1.5/24 dev there
		addr add 198.18.1.6/24 dev there
		addr add 198.18.1.7/24 dev there
		addr add 198.18.1.8/24 dev there
		addr add 198.18.1.9/24 dev there
		link set there up
	END
	ip -n suba link set wan up && ip -n subb link set wan up &&
		on a sysctl -qw net.ipv4.ip_forward=1 &&
		on b sysctl -qw net.ipv4.ip_forward=1
}

twins_up && module_load || ktap_bail "set-up"
lg_python daemon/twin.py "$LG_TMP"
