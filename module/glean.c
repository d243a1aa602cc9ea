// SPDX-License-Identifier: GPL-2.0
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/route.h>

#include "glean.h"
#include "lease.h"
#include "miss.h"
#include "netlink.h"
#include "port.h"
#include "verify.h"

static bool lg_server_believed(struct lg_net *lgn, __be32 addr)
{
	const struct lg_servers *servers = rcu_dereference(lgn->servers);
	unsigned int i;

	for (i = 0; servers && i < servers->n; i++)
		if (servers->addr[i] == addr)
			return true;
	return false;
}

static bool lg_port_has_server(struct lg_net *lgn, u32 ifindex, __be32 server)
{
	struct lg_port *port = lg_port_find(lgn, ifindex);
	struct lg_relay relay[LG_PORT_RELAYS];
	unsigned int i, n = port ? lg_port_relays(port, relay) : 0;

	for (i = 0; i < n; i++)
		if (relay[i].server == server)
			return true;
	return false;
}

/**
 * lg_server_known() - whether a port's clients are right to write to a server
 * @lgn: namespace state
 * @ifindex: the port
 * @server: the server, network order
 *
 * Context: RCU read lock.
 */
bool lg_server_known(struct lg_net *lgn, u32 ifindex, __be32 server)
{
	return lg_server_believed(lgn, server) ||
	       lg_port_has_server(lgn, ifindex, server);
}

/* Whoever has a frame source of his own and another's chaddr is not he. */
static bool lg_frame_is_clients(const struct lg_dhcp *msg,
				const struct lg_place *place)
{
	return is_zero_ether_addr(place->l2src) || msg->hlen != ETH_ALEN ||
	       ether_addr_equal_unaligned(place->l2src, msg->chaddr);
}

/*
 * The server of a forwarded reply is the one that the client chose to write
 * to, its accomplice perhaps. It is believed only of a lease that is known
 * to be of this client in this place, and only if it is a server of ours.
 */
static bool lg_lease_speaks(struct lg_net *lgn, const struct lg_lease *lease,
			    const struct lg_reply *reply,
			    const struct lg_exchange *ex)
{
	const struct lg_dhcp *msg = reply->msg;

	return lg_lease_same_client(lease, msg->htype, msg->hlen,
				    msg->chaddr) &&
	       (!lease->port ||
		lg_port_within(lgn, ex->place.port, lease->port)) &&
	       (lease->server == reply->source ||
		lg_server_known(lgn, ex->place.port, reply->source));
}

/* Does an open exchange expect this reply, from this server? */
static bool lg_reply_expected(struct lg_net *lgn, const struct lg_reply *reply,
			      const struct lg_exchange *ex)
{
	if (!ex) {
		lg_stat_inc(lgn, reply_no_exchange);
		return false;
	}
	if (ex->spoilt) {
		lg_stat_inc(lgn, reply_conflict);
		return false;
	}
	if (lg_exchange_asked(ex, reply->source) ||
	    lg_server_believed(lgn, reply->source) ||
	    (reply->out && ex->unicast == reply->source))
		return true;
	lg_stat_inc(lgn, reply_wrong_server);
	return false;
}

/* As the place's own routing table sees it, that of a VRF perhaps. */
static bool lg_addr_is_host(struct lg_net *lgn, __be32 addr,
			    const struct lg_place *place)
{
	u32 ifindex = place->vrf ? place->vrf : place->port;
	struct net_device *dev = dev_get_by_index_rcu(lgn->net, ifindex);
	unsigned int type;

	if (!dev || ipv4_is_zeronet(addr) || ipv4_is_loopback(addr) ||
	    ipv4_is_multicast(addr) || ipv4_is_lbcast(addr))
		return false;
	type = inet_addr_type_dev_table(lgn->net, dev, addr);
	return type != RTN_LOCAL && type != RTN_BROADCAST;
}

/* RFC 2131, 4.3.1: only an ACK with an address and a time binds. */
static bool lg_reply_binds(struct lg_net *lgn, const struct lg_dhcp *msg,
			   const struct lg_exchange *ex)
{
	if (ex->type == LG_DHCPINFORM) {
		lg_stat_inc(lgn, reply_inform);
		return false;
	}
	/* A BOOTP client is answered in kind (RFC 1534, 2), and only it is. */
	if (!msg->type != !ex->type) {
		lg_stat_inc(lgn, reply_type);
		return false;
	}
	if (!msg->yiaddr) {
		lg_stat_inc(lgn, reply_no_address);
		return false;
	}
	if (!lg_addr_is_host(lgn, msg->yiaddr, &ex->place)) {
		lg_stat_inc(lgn, reply_bad_address);
		return false;
	}
	if (msg->type != LG_BOOTP &&
	    (!msg->has_lease_time || !msg->lease_time)) {
		lg_stat_inc(lgn, reply_no_lease_time);
		return false;
	}
	return true;
}

/* chaddr, or where a client leaves it out, what its frame came from. */
static bool lg_client_hwaddr(struct lg_net *lgn, struct lg_lease *lease,
			     const struct lg_dhcp *msg,
			     const struct lg_place *place)
{
	if (msg->hlen) {
		lease->htype = msg->htype;
		lease->hlen = msg->hlen;
		memcpy(lease->hwaddr, msg->chaddr, msg->hlen);
		return true;
	}
	if (is_zero_ether_addr(place->l2src)) {
		lg_stat_inc(lgn, request_no_hwaddr);
		return false;
	}
	lease->htype = ARPHRD_ETHER;
	lease->hlen = ETH_ALEN;
	memcpy(lease->hwaddr, place->l2src, ETH_ALEN);
	return true;
}

static void lg_lease_place(struct lg_lease *lease,
			   const struct lg_place *place)
{
	lease->port = place->port;
	lease->vlan_known = true;
	memcpy(lease->vlan, place->vlan, sizeof(lease->vlan));
}

/*
 * A renewal says nothing of the place that was not known, but of a client
 * that was known to be behind a bridge, by which port: keep what is, or that.
 */
static struct lg_lease *lg_lease_renewed(const struct lg_lease *old,
					 const struct lg_place *place,
					 bool closer)
{
	struct lg_lease *lease;

	lease = lg_lease_alloc(old->data, old->agent_len,
			       old->data + old->agent_len, old->id_len,
			       GFP_ATOMIC | __GFP_NOWARN);
	if (!lease)
		return NULL;
	if (closer)
		lg_lease_place(lease, place);
	else
		lg_place_from(lease, old);
	lease->giaddr = old->giaddr;
	return lease;
}

static struct lg_lease *lg_lease_located(const struct lg_exchange *ex)
{
	struct lg_lease *lease;

	lease = lg_lease_alloc(ex->agent_info, ex->agent_len,
			       ex->client_id, ex->id_len,
			       GFP_ATOMIC | __GFP_NOWARN);
	if (!lease)
		return NULL;
	lg_lease_place(lease, &ex->place);
	lease->giaddr = ex->giaddr;
	return lease;
}

static void lg_move_told(struct lg_net *lgn, struct lg_port *port,
			 const struct lg_exchange *ex,
			 const struct lg_lease *lease)
{
	struct lg_claim claim = {
		.addr = lease->addr, .vrf = lease->vrf,
		.dev = dev_get_by_index_rcu(lgn->net, ex->place.port),
	};

	if (!claim.dev)
		return;
	memcpy(claim.hwaddr, lease->hwaddr, min_t(u8, lease->hlen, ETH_ALEN));
	memcpy(claim.vlan, ex->place.vlan, sizeof(claim.vlan));
	lg_netlink_spoof(lgn, port, &claim, LEASEGLEAN_REASON_MOVE, false);
}

/*
 * A live lease is claimed by the ACK to another client, whom the server may
 * know by a client identifier that anybody can copy. Takes @lease if so.
 */
static bool lg_glean_contested(struct lg_net *lgn,
			       const struct lg_exchange *ex,
			       const struct lg_lease *old,
			       struct lg_lease *lease)
{
	struct lg_port *port;
	u32 move;

	if (!old || old->state != LEASEGLEAN_STATE_ACTIVE ||
	    old->origin == LEASEGLEAN_ORIGIN_STATIC ||
	    lg_lease_same_client(old, lease->htype, lease->hlen,
				 lease->hwaddr))
		return false;
	port = lg_port_access(lgn, ex->place.port);
	if (!port)
		port = lg_port_access(lgn, old->port);
	if (!port)
		return false;
	move = lg_port_move(lgn, port, old->port);
	if (move == LEASEGLEAN_MOVE_ACCEPT)
		return false;
	lg_move_told(lgn, port, ex, lease);
	if (move == LEASEGLEAN_MOVE_DENY) {
		lg_stat_inc(lgn, move_denied);
		kfree(lease);
		return true;
	}
	lg_stat_inc(lgn, move_asked);
	lg_lease_rival(lgn, lease);
	lg_challenge(lgn, port, old);
	return true;
}

static void lg_count_bound(struct lg_net *lgn, const struct lg_lease *old,
			   const struct lg_lease *lease)
{
	if (!old || old->state != LEASEGLEAN_STATE_ACTIVE)
		lg_stat_inc(lgn, glean_bound);
	else if (old->port == lease->port &&
		 lg_lease_same_client(old, lease->htype, lease->hlen,
				      lease->hwaddr))
		lg_stat_inc(lgn, glean_extended);
	else
		lg_stat_inc(lgn, glean_moved);
}

/* Returns 0, or -EAGAIN where it was to replace what is there no more. */
static int lg_glean_put(struct lg_net *lgn, const struct lg_reply *reply,
			const struct lg_exchange *ex, struct lg_lease *lease,
			const struct lg_lease *old, enum lg_put how)
{
	const struct lg_dhcp *msg = reply->msg;
	int err;

	if (!lease) {
		lg_stat_inc(lgn, lease_nomem);
		return 0;
	}
	lease->state = LEASEGLEAN_STATE_ACTIVE;
	lease->origin = LEASEGLEAN_ORIGIN_GLEANED;
	lease->addr = msg->yiaddr;
	lease->vrf = ex->place.vrf;
	lease->server = reply->source;
	lease->dated = true;
	lease->expires = msg->type == LG_BOOTP ? LG_NEVER :
			 lg_lease_expiry(lease->since, msg->lease_time);
	if (!lg_client_hwaddr(lgn, lease, msg, &ex->place)) {
		kfree(lease);
		return 0;
	}
	if (lg_glean_contested(lgn, ex, old, lease))
		return 0;
	err = lg_lease_put(lgn, lease, how, old, NULL);
	if (err) {
		kfree(lease);
		return err == -EAGAIN ? err : 0;
	}
	lg_exchange_bound(lgn, msg);
	lg_count_bound(lgn, old, lease);
	return 0;
}

/*
 * An ACK that goes to the client directly is of a renewal (RFC 2131, 4.4.5).
 * It says nothing of the place: what is known stays, what is not stays so.
 * Where nothing is known, the reply itself, on its way out, raises the miss.
 *
 * Returns 1 if so, -EAGAIN where @old is there no more, else 0.
 */
static int lg_glean_renew(struct lg_net *lgn, const struct lg_reply *reply,
			  const struct lg_exchange *ex,
			  const struct lg_lease *old)
{
	bool closer;

	if (!old || old->state != LEASEGLEAN_STATE_ACTIVE) {
		lg_stat_inc(lgn, reply_stale);
		return lg_server_known(lgn, ex->place.port, reply->source);
	}
	if (!lg_lease_speaks(lgn, old, reply, ex)) {
		lg_stat_inc(lgn, reply_mismatch);
		return 0;
	}
	closer = old->port && old->port != ex->place.port &&
		 lg_frame_is_clients(reply->msg, &ex->place);
	return lg_glean_put(lgn, reply, ex,
			    lg_lease_renewed(old, &ex->place, closer), old,
			    LG_PUT_RENEWED);
}

/* Servers do not ask where a known chaddr speaks from: he may be another. */
static bool lg_moves_another(const struct lg_lease *old,
			     const struct lg_dhcp *msg,
			     const struct lg_place *place)
{
	bool elsewhere;

	if (!old || !old->port)
		return false;
	elsewhere = old->port != place->port ||
		    (old->vlan_known &&
		     memcmp(old->vlan, place->vlan, sizeof(old->vlan)));
	return elsewhere &&
	       lg_lease_same_client(old, msg->htype, msg->hlen, msg->chaddr) &&
	       !lg_frame_is_clients(msg, place);
}

/* Returns whether the reply is to raise a miss. */
static bool lg_glean_bind(struct lg_net *lgn, const struct lg_reply *reply,
			  const struct lg_exchange *ex)
{
	const struct lg_key key = {
		.addr = reply->msg->yiaddr, .vrf = ex->place.vrf,
	};
	const struct lg_lease *old = lg_lease_find(lgn, key);
	int ret;

	if (reply->out) {
		ret = lg_glean_renew(lgn, reply, ex, old);
		/* Another asked servers of it just now, in a copy of it. */
		if (ret == -EAGAIN)
			ret = lg_glean_renew(lgn, reply, ex,
					     lg_lease_find(lgn, key));
		return ret > 0;
	}
	/* A copy of the ACK, late: the lease that it gave has ended. */
	if (ex->bound && (!old || old->state != LEASEGLEAN_STATE_ACTIVE)) {
		lg_stat_inc(lgn, reply_stale);
		return false;
	}
	if (lg_moves_another(old, reply->msg, &ex->place)) {
		lg_stat_inc(lgn, reply_mismatch);
		return false;
	}
	lg_glean_put(lgn, reply, ex, lg_lease_located(ex), old,
		     LG_PUT_GLEANED);
	return false;
}

/* The lease that a client may end: its own, from its own place. */
static struct lg_lease *lg_lease_of(struct lg_net *lgn, __be32 addr,
				    const struct lg_dhcp *msg,
				    const struct lg_place *place)
{
	const struct lg_key key = { .addr = addr, .vrf = place->vrf };
	struct lg_lease *lease = addr ? lg_lease_find(lgn, key) : NULL;

	if (!lease || lease->origin == LEASEGLEAN_ORIGIN_STATIC ||
	    !lease->port || !lg_port_within(lgn, place->port, lease->port) ||
	    !lg_frame_is_clients(msg, place) ||
	    !lg_lease_same_client(lease, msg->htype, msg->hlen, msg->chaddr))
		return NULL;
	return lease->vlan_known &&
	       memcmp(lease->vlan, place->vlan, sizeof(lease->vlan)) ?
	       NULL : lease;
}

/* RFC 2131, 3.1.5 and 3.2: the address that was asked for is not to be had. */
static void lg_glean_nak(struct lg_net *lgn, const struct lg_reply *reply,
			 const struct lg_exchange *ex)
{
	struct lg_lease *lease = lg_lease_of(lgn, ex->wanted, reply->msg,
					     &ex->place);

	/* Who has his address pays no heed to it (RFC 2131, 4.4). */
	if (lease && !ex->bound &&
	    (!reply->out || lg_lease_speaks(lgn, lease, reply, ex)) &&
	    lg_lease_end(lgn, lease))
		lg_stat_inc(lgn, glean_nak);
	else
		lg_stat_inc(lgn, nak_mismatch);
}

/* Returns whether the reply is to raise a miss. */
static bool lg_glean_expected(struct lg_net *lgn, const struct lg_reply *reply,
			      const struct lg_exchange *ex)
{
	if (reply->msg->type != LG_DHCPNAK)
		return lg_reply_binds(lgn, reply->msg, ex) &&
		       lg_glean_bind(lgn, reply, ex);
	lg_glean_nak(lgn, reply, ex);
	return false;
}

/**
 * lg_glean_reply() - learn from a server's reply
 * @lgn: namespace state
 * @reply: the reply, which did not come by an access port
 *
 * Context: softirq, RCU read lock.
 * Return: whether it renews what is not known, so that it is worth a miss.
 */
bool lg_glean_reply(struct lg_net *lgn, const struct lg_reply *reply)
{
	const struct lg_dhcp *msg = reply->msg;
	struct lg_exchange *ex;
	bool raise = false;

	if (msg->type == LG_DHCPOFFER) {
		lg_stat_inc(lgn, reply_offer);
		return false;
	}
	if (msg->type != LG_DHCPACK && msg->type != LG_DHCPNAK &&
	    msg->type != LG_BOOTP) {
		lg_stat_inc(lgn, reply_type);
		return false;
	}
	ex = lg_exchange_find(lgn, msg);
	if (lg_reply_expected(lgn, reply, ex)) {
		if (ex->relayed && !reply->out)
			lg_port_saw_relay(lgn, ex->place.port, ex->giaddr,
					  reply->source);
		raise = lg_glean_expected(lgn, reply, ex);
	}
	kfree(ex);
	return raise;
}

/**
 * lg_glean_local() - learn from what a server on this host tells a client
 * @lgn: namespace state
 * @reply: the reply, made here, as it leaves
 * @port: access port that it leaves by
 *
 * Not from what a relay agent on this host passes on: that was learnt from
 * as it came in.
 *
 * Context: softirqs off, RCU read lock.
 */
void lg_glean_local(struct lg_net *lgn, const struct lg_reply *reply, u32 port)
{
	const struct lg_dhcp *msg = reply->msg;
	struct lg_exchange *ex;

	if (msg->giaddr ||
	    (msg->type != LG_DHCPACK && msg->type != LG_DHCPNAK &&
	     msg->type != LG_BOOTP))
		return;
	ex = lg_exchange_find(lgn, msg);
	if (!ex || ex->relayed || ex->place.port != port) {
		kfree(ex);
		return;
	}
	if (ex->spoilt) {
		lg_stat_inc(lgn, reply_conflict);
	} else {
		lg_stat_inc(lgn, glean_local);
		lg_glean_expected(lgn, reply, ex);
	}
	kfree(ex);
}

/**
 * lg_glean_release() - a client gives up an address
 * @lgn: namespace state
 * @msg: RELEASE of ciaddr or DECLINE of option 50 (RFC 2131, 4.4.1, 4.4.6)
 * @place: where it came from
 *
 * Only from the place and the frame source of the client itself.
 *
 * Context: softirq, RCU read lock.
 */
void lg_glean_release(struct lg_net *lgn, const struct lg_dhcp *msg,
		      const struct lg_place *place)
{
	bool release = msg->type == LG_DHCPRELEASE;
	struct lg_lease *lease;
	bool ended;

	lease = lg_lease_of(lgn, release ? msg->ciaddr : msg->requested_addr,
			    msg, place);
	ended = lease && lg_lease_end(lgn, lease);
	if (release && ended)
		lg_stat_inc(lgn, glean_released);
	else if (release)
		lg_stat_inc(lgn, release_mismatch);
	else if (ended)
		lg_stat_inc(lgn, glean_declined);
	else
		lg_stat_inc(lgn, decline_mismatch);
}
