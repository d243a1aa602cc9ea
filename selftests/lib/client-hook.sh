#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What dhclient (by $reason) and udhcpc (by $1) call when their lease changes:
# sets the address and the route in the network namespace it is run in.

set_address()
{
	ip -4 addr replace "$2/$3" dev "$1"
	[ -z "$4" ] || ip route replace default via "${4%% *}" dev "$1"
}

# dhclient gives the mask dotted, udhcpc as a number too. Sets $len.
prefix_length()
{
	len=0
	IFS=.
	# shellcheck disable=SC2086 # the bytes of it
	set -- $1
	unset IFS
	for byte; do
		while [ "$byte" -gt 0 ]; do
			len=$((len + (byte & 1)))
			byte=$((byte >> 1))
		done
	done
}

case ${1:-$reason} in
PREINIT)
	ip link set "$interface" up
	;;
BOUND | RENEW | REBIND | REBOOT)
	# shellcheck disable=SC2154 # dhclient's environment
	prefix_length "$new_subnet_mask"
	set_address "$interface" "$new_ip_address" \
		"$len" "$new_routers"
	;;
bound | renew)
	# shellcheck disable=SC2154 # udhcpc's environment
	set_address "$interface" "$ip" "$mask" "$router"
	;;
EXPIRE | FAIL | RELEASE | STOP | deconfig)
	ip link set "$interface" up
	ip -4 addr flush dev "$interface"
	;;
esac
exit 0
