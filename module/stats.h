/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, one for each reason. A name here is the name in
 * /proc/net/leaseglean/stats and in the netlink statistics.
 */
#ifndef _LG_STATS_H
#define _LG_STATS_H

struct lg_net;
struct seq_file;

/* checkpatch takes this list, which has no value, for an expression. */
#define LG_STATS(X)							\
	/* packets that leave by an access port */			\
	X(hit)			/* the next hop's lease is known */	\
	X(hit_negative)		/* known to have no lease */		\
	X(hit_pending)		/* missed before, still being asked */	\
	X(miss)			/* a new pending entry */		\
	X(miss_no_helper)	/* nobody would ask */			\
	X(miss_budget_port)	/* the port's token bucket is empty */	\
	X(miss_budget_net)	/* the overall one is */		\
	X(miss_cap_port)	/* too many pending on the port */	\
	X(miss_cap_net)		/* too many pending overall */		\
	X(miss_nomem)							\
	X(upcall_sent)							\
	X(upcall_lost)		/* the helper's socket was full */	\
	/* neighbour entries, on access ports without ARP */		\
	X(neigh_filled)		/* made or set right from a lease */	\
	X(neigh_dropped)	/* the lease ended, or ARP is on again */ \
	X(neigh_refused)	/* packets: no lease, nobody was asked */ \
	X(neigh_held_cap)	/* packets: too much is held */		\
	X(neigh_astray)		/* packets released by a wrong one */	\
	X(neigh_nomem)							\
	X(neigh_hwaddr)		/* the lease is not of an Ethernet host */ \
	X(arp_pending)		/* ARP of an address being asked for */	\
	X(arp_full)		/* ARP of senders without a lease here */ \
	/* sources of what enters by a port that verifies them */	\
	X(frame_tags)		/* more tags than are read, or half one */ \
	X(verify_ok)							\
	X(verify_excluded)	/* of a prefix that is let pass */	\
	X(verify_no_lease)	/* nothing known, or being asked for */	\
	X(verify_negative)	/* known to have no lease */		\
	X(verify_source)	/* no subscriber has this address */	\
	X(verify_mac)		/* the lease is of another client */	\
	X(verify_port)		/* of another port */			\
	X(verify_vlan)		/* of another VLAN */			\
	X(verify_dropped)	/* of all these but the first two */	\
	X(spoof_untold)		/* more events than are told of */	\
	/* addresses with a lease, claimed by another client */		\
	X(move_denied)		/* the lease stands until its end */	\
	X(move_asked)		/* the server's word is awaited */	\
	X(challenge)		/* a lease that servers are asked of */	\
	X(challenge_kept)	/* they knew of no other client */	\
	X(challenge_moved)	/* they named another one */		\
	/* messages that could not be read */				\
	X(udp_length)		/* UDP length contradicts the packet */	\
	X(udp_checksum)							\
	X(dhcp_fragment)	/* a piece of one, from an access port */ \
	X(dhcp_truncated)						\
	X(dhcp_oversized)						\
	X(dhcp_op)							\
	X(dhcp_hlen)							\
	X(dhcp_option)							\
	X(dhcp_value)							\
	X(dhcp_nomem)							\
	/* requests */							\
	X(exchange_new)							\
	X(exchange_relayed)	/* the relay agent passed it on */	\
	X(exchange_expired)						\
	X(exchange_conflict)	/* xid and chaddr from two places */	\
	X(exchange_cap_port)	/* the port's idlest made room */	\
	X(exchange_cap_net)	/* the namespace's idlest made room */	\
	X(exchange_nomem)						\
	X(exchange_servers)	/* relayed to more servers than kept */	\
	X(client_giaddr)	/* giaddr set, on an untrusted port */	\
	X(client_hwaddr)	/* chaddr is not the frame's source */	\
	X(client_agent_info)	/* option 82, on an untrusted port */	\
	X(relay_foreign)	/* relayed by something that is no relay */ \
	X(request_type)		/* not a type that a client sends */	\
	X(request_no_hwaddr)	/* neither chaddr nor an L2 source */	\
	/* replies */							\
	X(glean_bound)							\
	X(glean_local)		/* by a server on this host */		\
	X(glean_extended)	/* same client, same place */		\
	X(glean_moved)		/* other client or other place */	\
	X(glean_nak)		/* ended by NAK */			\
	X(glean_released)						\
	X(glean_declined)						\
	X(reply_from_access)	/* a server does not live there */	\
	X(reply_no_exchange)	/* nobody asked */			\
	X(reply_wrong_server)	/* another one was asked */		\
	X(reply_conflict)	/* the exchange is of two places */	\
	X(reply_offer)		/* binds nothing */			\
	X(reply_inform)		/* binds nothing */			\
	X(reply_type)		/* not a type that a server sends */	\
	X(reply_no_address)						\
	X(reply_bad_address)	/* multicast, loopback or our own */	\
	X(reply_no_lease_time)						\
	X(reply_stale)		/* renews or repeats what is not known */ \
	X(reply_mismatch)	/* not of this client, place or server */ \
	X(nak_mismatch)		/* not of the client or place bound */	\
	X(release_mismatch)						\
	X(decline_mismatch)						\
	X(static_kept)		/* an operator's entry stood */		\
	X(lease_cap)							\
	X(lease_cap_port)	/* the port has as many as it may */	\
	X(lease_nomem)							\
	X(relay_cap)		/* more relay pairs than remembered */	\
	/* leasequery */						\
	X(query_opened)							\
	X(query_cap)							\
	X(query_nomem)							\
	X(query_reply)		/* handed to the helper */		\
	X(query_reply_lost)	/* the helper's socket was full */	\
	X(query_reply_unmatched) /* consumed, no open query */		\
	X(query_from_access)	/* asked by a subscriber: dropped */	\
	X(egress_leasequery)	/* kept from a subscriber */		\
	/* leasequeries of others, once somebody answers here */	\
	X(answer_asked)		/* handed to who answers */		\
	X(answer_lost)		/* its socket was full */		\
	X(answer_unlisted)	/* not a requestor's: passed on */	\
	X(answer_type)		/* of another dialect: passed on */	\
	X(answer_giaddr)	/* giaddr is not its own: passed on */	\
	X(answer_sent)							\
	X(answer_refused)	/* no route, no memory, an access port */ \
	/* the table */							\
	X(put)								\
	X(put_refused)							\
	X(put_stale)							\
	X(negative_cap_port)						\
	X(negative_cap_net)						\
	X(lease_expired)						\
	X(negative_expired)						\
	X(pending_expired)						\
	X(port_gone)		/* the entry's interface went */

enum lg_stat {
#define X(name) LG_STAT_##name,
	LG_STATS(X)
#undef X
	__LG_STAT_MAX
};

/* Long, not u64: never torn, on 32 bit it wraps. */
struct lg_stats {
	unsigned long count[__LG_STAT_MAX];
};

#define lg_stat_inc(lgn, name) \
	this_cpu_inc((lgn)->stats->count[LG_STAT_##name])

/* Where softirqs are off, for a counter that is only used so. */
#define lg_stat_inc_bh(lgn, name) \
	__this_cpu_inc((lgn)->stats->count[LG_STAT_##name])

const char *lg_stat_name(enum lg_stat stat);
unsigned long lg_stat_read(const struct lg_net *lgn, enum lg_stat stat);

#endif /* _LG_STATS_H */
