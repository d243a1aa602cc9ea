#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The servers that no other test has: a failover pair of ISC dhcpd, dnsmasq and
# FreeRADIUS. Of each a client leases an address through the relay agent, the
# table is lost, and the lease comes back by leasequery with its place; the
# command shows what they tell, by every key that they know.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=../lib/topology.sh
. "$here/../lib/topology.sh"
# shellcheck source=../lib/asked.sh
. "$here/../lib/asked.sh"

PARTNER_ADDR=198.18.1.2

# The failover partner, which a link of its own leads to: two dhcpd of one
# interface would each take what is for the other.
partner_up()
{
	namespace partner || return
	ip -n bng -batch - <<-END || return
		link add up1 type veth peer name core0 netns partner
		addr add ${PARTNER_ADDR%.*}.1/24 dev up1
		link set up1 up
	END
	ip -n partner -batch - <<-END || return
		addr add $PARTNER_ADDR/24 dev core0
		link set core0 up
		route add default via ${PARTNER_ADDR%.*}.1
	END
	ip -n core route add "${PARTNER_ADDR%.*}.0/24" via "$BNG_ADDR"
}

# failover_start NAME NAMESPACE ADDRESS PEER LINE: one of the pair, which has
# worked before: a new one would wait for mclt.
failover_start()
{
	local since="normal at 1 2024/01/01 00:00:00"

	{
		cat <<-END
			failover peer "pair" {
			  address $3; port 647; peer address $4; peer port 647;
			  max-response-delay 30; max-unacked-updates 10;
			  load balance max seconds 3; $5
			}
		END
		dhcpd_conf "${3%.*}.0" 'failover peer "pair";'
	} >"$LG_TMP/$1.conf"
	echo "failover peer \"pair\" state {
		my state $since; partner state $since; }" >"$LG_TMP/$1.leases"
	spawn "$1" "$2" dhcpd -4 -f -d --no-pid -cf "$LG_TMP/$1.conf" \
		-lf "$LG_TMP/$1.leases" core0
}

# All clients are the primary's, and the relay agent tells it alone: a request
# that the partner heard after the primary's update, it would grant as well, and
# know the place from then on. The primary connects to its partner, and waits some
# seconds where that does not listen yet.
server_start_failover()
{
	failover_start partner partner "$PARTNER_ADDR" "$CORE_ADDR" "secondary;"
	wait_log partner 'Server starting service' || return
	failover_start server core "$CORE_ADDR" "$PARTNER_ADDR" \
		"primary; mclt 600; split 255;"
	wait_log server 'Both servers normal' &&
		wait_log partner 'Both servers normal'
}

# By a list, which has sub3 alone. Of 10.77.4.0/24 the policy does not say what
# to answer.
server_start_freeradius()
{
	# of the dictionaries of all vendors it needs none, and is slow to read
	mkdir -p "$LG_TMP/radius"
	ln -sf /usr/share/freeradius/dictionary.{dhcp,vqp} "$LG_TMP/radius"
	echo "\$INCLUDE /usr/share/freeradius/dictionary.freeradius.internal" \
		>"$LG_TMP/radius/dictionary"
	cat >"$LG_TMP/radius/radiusd.conf" <<-END
	libdir = /usr/lib/freeradius
	logdir = $LG_TMP/radius
	run_dir = $LG_TMP/radius
	modules {
	}
	policy {
		lease {
			if (&DHCP-Client-IP-Address == 10.77.3.13 || \\
			    (&DHCP-Client-Hardware-Address && &DHCP-Client-Hardware-Address == 02:00:00:00:01:03) || \\
			    (&DHCP-Client-Identifier && &DHCP-Client-Identifier == 0x01020000000103) || \\
			    (&DHCP-Relay-Remote-Id && &DHCP-Relay-Remote-Id == 0x6c696e6533)) {
				update reply {
					&DHCP-DHCP-Server-Identifier := $CORE_ADDR
					&DHCP-IP-Address-Lease-Time := 600
					&DHCP-Client-Hardware-Address := 02:00:00:00:01:03
					&DHCP-Client-Identifier := 0x01020000000103
					&DHCP-Relay-Circuit-Id := 0x616363322e3130302e37
					&DHCP-Relay-Remote-Id := 0x6c696e6533
				}
				update control {
					&DHCP-Your-IP-Address := 10.77.3.13
				}
			}
		}
		terms {
			lease
			update reply {
				&DHCP-Your-IP-Address := &control:DHCP-Your-IP-Address
				&DHCP-Subnet-Mask := 255.255.255.0
				&DHCP-Router-Address := 10.77.3.1
			}
		}
	}
	server dhcp {
		listen {
			type = dhcp
			ipaddr = $CORE_ADDR
			port = 67
			broadcast = no
		}
		dhcp DHCP-Discover {
			terms
			update reply {
				&DHCP-Message-Type := DHCP-Offer
			}
		}
		dhcp DHCP-Request {
			terms
			update reply {
				&DHCP-Message-Type := DHCP-Ack
			}
		}
		dhcp DHCP-Lease-Query {
			lease
			if (&control:DHCP-Your-IP-Address) {
				update reply {
					&DHCP-Message-Type := DHCP-Lease-Active
					&DHCP-Client-IP-Address := &control:DHCP-Your-IP-Address
					&DHCP-Client-Last-Txn-Time := 7
				}
			}
			elsif ("%{DHCP-Client-IP-Address}" =~ /^10\.77\.[1-3]\.([1-9].|1..|2[0-4].|250)\$/) {
				update reply {
					&DHCP-Message-Type := DHCP-Lease-Unassigned
				}
			}
			elsif ("%{DHCP-Client-IP-Address}" !~ /^10\.77\.4\./) {
				update reply {
					&DHCP-Message-Type := DHCP-Lease-Unknown
				}
			}
		}
	}
	END
	spawn server core freeradius -X -d "$LG_TMP/radius" \
		-D "$LG_TMP/radius"
	wait_log server 'Ready to process requests'
}

# configure SERVER...: a busy machine is no reason to settle for less than all
# of them
configure()
{
	printf '%s\n' '[leasegleand]' "state-dir = $LG_TMP/state" \
		'[recovery]' 'snapshot = off' '[query]' 'timeout-first = 2s' \
		>"$LG_TMP/helper.conf"
	printf '[server %s]\ngiaddr = 10.77.1.1\n' "$@" >>"$LG_TMP/helper.conf"
}

# binds CLIENT: sets ADDRESS
binds()
{
	client_start "$1" udhcpc || return
	ADDRESS=$(subscriber_address "$1")
	stop "$1" KILL
	becomes "$ADDRESS" active && lease_is "$ADDRESS" origin gleaned
}

table_is_lost()
{
	helper_stop
	module_unload && module_load && lease_absent "$ADDRESS" &&
		access_ports_add && helper_start
}

packet()
{
	on core bash -c "echo >/dev/udp/$ADDRESS/9"
}

# comes_back COLUMN VALUE...: by leasequery
comes_back()
{
	becomes "$ADDRESS" active && lease_is "$ADDRESS" origin leasequery ||
		return
	while [ $# -gt 0 ]; do
		lease_is "$ADDRESS" "$1" "$2" || return
		shift 2
	done
}

packet_brings()
{
	packet && comes_back "$@"
}

# answers STATUS CONDITION WORD...: it holds for what the command says in JSON
answers()
{
	local status=$1 condition=$2
	shift 2

	asked "$status" -j "$@" || return
	jq -e --arg server "$CORE_ADDR" --arg partner "$PARTNER_ADDR" \
		--arg address "$ADDRESS" "$condition" <<<"$SAID" >/dev/null &&
		return
	echo "$SAID"
	return 1
}

#
# A failover pair: the partner knows the lease, but neither where it is nor how
# long ago the client was heard.
#

partner_has_it()
{
	wait_for "$LG_PATIENCE" grep -q 'binding state active' \
		"$LG_TMP/partner.leases"
}

# It cannot be taken for all there is.
partner_answers_first()
{
	local answered

	signal server STOP
	packet
	wait_log partner "DHCPLEASEACTIVE to .* for IP $ADDRESS "
	answered=$?
	signal server CONT
	return "$answered"
}

both_answer='
	def of(address): .servers[] | select(.server == address);
	.verdict == "active" and (.servers | length) == 2 and
	(of($server) | .verdict == "active" and .address == $address and
		.circuit_id == "61636330" and .last_transaction != null and
		.vendor_class != null) and
	(of($partner) | .verdict == "active" and .address == $address and
		.hwaddr == "02:00:00:00:01:01" and .expires > 0 and
		.client_id == "01020000000101" and .circuit_id == null and
		.last_transaction == null and .vendor_class == null) and
	(.merged | .server == $server and .circuit_id == "61636330" and
		.last_transaction != null)'

one_answers='
	def of(address): .servers[] | select(.server == address);
	.verdict == "active" and (of($server) | .verdict == "silent") and
	(of($partner) | .verdict == "active") and
	(.merged | .server == $partner and .address == $address and
		.hwaddr == "02:00:00:00:01:01" and .circuit_id == null)'

ends_alone()
{
	stop server KILL
	answers 0 "$one_answers" query ip "$ADDRESS" --timeout 1
}

comes_back_from_partner()
{
	on bng leaseglean flush && lease_absent "$ADDRESS" &&
		packet_brings server "$PARTNER_ADDR" \
			hwaddr 02:00:00:00:01:01 port acc0 circuit-id -
}

try_failover()
{
	local what="failover pair"

	check "$what: a client gets an address" binds sub1 || return
	check "$what: the table is lost" table_is_lost
	check "$what: the partner is told" partner_has_it
	check "$what: the partner answers first" partner_answers_first
	check "$what: the place is taken from who knows it" \
		comes_back server "$CORE_ADDR" hwaddr 02:00:00:00:01:01 \
			port acc0 circuit-id 61636330
	check "$what: both replies are shown, and what they come to" \
		answers 0 "$both_answer" query ip "$ADDRESS"
	check "$what: one that is gone is silent, the other answers" ends_alone
	check "$what: that is enough for the table" comes_back_from_partner
	stop partner
}

#
# One server
#

try_dnsmasq()
{
	local what=dnsmasq

	check "$what: a client gets an address" binds sub2 || return
	configure "$CORE_ADDR"
	check "$what: the table is lost" table_is_lost
	check "$what: the lease comes back, with its place" \
		packet_brings server "$CORE_ADDR" hwaddr 02:00:00:00:01:02 \
			port acc1.100 circuit-id 616363312e313030
	# not in the second in which it was
	check "$what: it tells when the client was heard of" \
		wait_for "$LG_PATIENCE" tells 0 " last-transaction " -- \
		query ip "$ADDRESS"
	by_keys "$what" sub2 10.77.2 616363312e313030 4 unknown
	check "$what: all that it tells" answers 0 '.servers[0] |
		.t1 > 0 and .t2 > .t1 and .expires > .t2 and
		.client_id == "01020000000102" and .remote_id == null and
		(.vendor_class | startswith("udhcp")) and
		.associated == []' query ip "$ADDRESS"
}

# As any message that its policy has no answer for.
nak_is_no_answer()
{
	answers 0 '.counters.refused_type == 0' status &&
		tells 5 "merged silent" -- query ip 10.77.4.24 --timeout 1 &&
		answers 0 '.counters.refused_type > 0' status
}

try_freeradius()
{
	local what=FreeRADIUS

	check "$what: a client gets an address" binds sub3 || return
	configure "$CORE_ADDR"
	check "$what: the table is lost" table_is_lost
	check "$what: the lease comes back, with its place" \
		packet_brings server "$CORE_ADDR" hwaddr 02:00:00:00:01:03 \
			port acc2.100.7 circuit-id 616363322e3130302e37 \
			remote-id 6c696e6533
	by_keys "$what" sub3 10.77.3 616363322e3130302e37 4 unknown
	check "$what: by remote-id" answers 0 '.servers[0] |
		.verdict == "active" and .address == $address and
		.remote_id == "6c696e6533" and .last_transaction == 7' \
		query remote-id text:line3
	check "$what: its DHCPNAK is no answer" nak_is_no_answer
}

ktap_start
configure "$PARTNER_ADDR" "$CORE_ADDR"
topology_up && partner_up && module_load && helper_start &&
	access_ports_add && relay_start dhcrelay ||
	ktap_bail "set-up"
for kind in failover dnsmasq freeradius; do
	if check "$kind: it starts" server_start "$kind"; then
		"try_$kind"
	fi
	server_stop
done
ktap_end
