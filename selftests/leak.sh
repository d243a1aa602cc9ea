#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dhcrelay hands every reply to subscribers, leasequery's too, and reads them
# before the kernel's own hooks do. A port without a role shows it; the access
# role keeps them off the wire. daemon/coexist.sh has the same question asked
# of each relay agent, with the helper at work.

. "$(dirname "$0")/lib/ktap.sh"
. "$(dirname "$0")/lib/topology.sh"

# What a helper without the module would do: its reply is the relay agent's.
queries()
{
	on bng python3 - "$LG_LIB" "$@" <<-'END'
		import socket, sys
		sys.path.insert(0, sys.argv[1])
		import packet as p
		sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for number, address in enumerate(sys.argv[2:]):
		    sock.sendto(p.dhcp(
		        p.BOOTREQUEST, p.options(p.LEASEQUERY,
		                                 (55, bytes((51, 82)))),
		        xid=0x7000 + number, ciaddr=address, htype=0, hops=16,
		        giaddr="10.77.1.1"), ("198.18.0.2", 67))
	END
}

# ask CAPTURE: a leased, a free and a foreign address, and their replies
ask()
{
	capture_start "$1" sub1 wan || return 1
	capture_start "$1-core" core core0 || return 1
	queries "$address" 10.77.1.249 10.77.1.254 || return 1
	wait_for "$LG_PATIENCE" leasequeries_are 6 "$1-core" ||
		{ echo "the server does not answer"; return 1; }
	# it goes the way that the replies would go, after them
	capture_mark "$1-core" core "$BNG_ADDR" &&
		capture_mark "$1" bng "$address"
}

rose()
{
	[ "$(counter "$1")" -ge "$2" ] || { echo "$1 is $(counter "$1")"; return 1; }
}

ktap_start
topology_up && module_load && server_start isc && relay_start dhcrelay ||
	ktap_bail "set-up"
check "a subscriber has an address" client_start sub1 udhcpc
address=$(subscriber_address sub1)

module_unload
check "without the module: three questions, three answers" ask bare
check "without the module subscribers hear them" \
	wait_for "$LG_PATIENCE" leasequeries_are 1 bare

module_load && access_ports_add
check "with the access role: three questions, three answers" ask access
check "with it they hear none" no_leasequery access
check "and what was kept from them is counted" rose egress_leasequery 1
ktap_end
