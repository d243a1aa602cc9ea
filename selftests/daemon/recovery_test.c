// SPDX-License-Identifier: GPL-2.0
/* The table is refilled from what was kept, and kept only once it is. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bulk_peer.h"
#include "config.h"
#include "message.h"
#include "log.h"
#include "recovery.h"
#include "respond.h"
#include "snapshot.h"

static char dir[32];

static int setup(void **state)
{
	(void)state;
	fake_reset();
	strcpy(dir, "/tmp/recovery.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir))
		return -1;
	snprintf(config.state_dir, sizeof(config.state_dir), "%s", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink("leases");
	unlink("leases.bad");
	return rmdir(dir);
}

static struct module_lease *row_add(const char *addr, const char *port,
				    uint32_t expires)
{
	struct module_lease *row = &fake.rows[fake.n_rows++];

	memset(row, 0, sizeof(*row));
	row->addr = ip(addr);
	row->origin = LEASEGLEAN_ORIGIN_GLEANED;
	strcpy(row->port, port);
	row->lease.state = LEASEGLEAN_STATE_ACTIVE;
	row->lease.htype = 1;
	row->lease.hlen = 6;
	row->lease.hwaddr[5] = (uint8_t)fake.n_rows;
	row->lease.expires = expires;
	return row;
}

/* A daemon that had these in its module's table, and ended. */
static void once_before(void)
{
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	recovery_stop();
	assert_int_equal(fake_timers(), 0);
	fake.n_rows = 0;
	fake.n_batch = 0;
}

static struct recovery_status restored(void)
{
	struct recovery_status status;

	recovery_status(RECOVERY_SNAPSHOT, &status);
	return status;
}

static void what_was_known_is_put(void **state)
{
	struct recovery_status status;

	(void)state;
	row_add("10.0.0.1", "lo", 300)->lease.agent_info_len = 7;
	fake.rows[0].lease.has_last_transaction = true;
	fake.rows[0].lease.last_transaction = 33;
	row_add("10.0.0.2", "lo", UINT32_MAX);
	row_add("10.0.0.3", "lo", 50);
	row_add("10.0.0.4", "lo", 300)->origin = LEASEGLEAN_ORIGIN_STATIC;
	once_before();
	fake.now += 100;
	recovery_start();
	assert_int_equal(restored().state, RECOVERY_WAITING);
	recovery_attached();
	assert_int_equal(restored().state, RECOVERY_RUNNING);
	fake_advance(1.);
	status = restored();
	assert_int_equal(status.state, RECOVERY_ENDED);
	assert_int_equal(status.read, 3);
	assert_int_equal(status.put, 2);
	assert_int_equal(status.dropped[RECOVERY_EXPIRED], 1);
	assert_int_equal(fake.n_batch, 2);
	assert_int_equal(fake.batch[0].addr, ip("10.0.0.1"));
	assert_int_equal(fake.batch[0].origin, LEASEGLEAN_ORIGIN_RESTORED);
	assert_int_equal(fake.batch[0].lease.expires, 199);
	assert_int_equal(fake.batch[0].lease.ifindex, if_nametoindex("lo"));
	assert_int_equal(fake.batch[0].lease.agent_info_len, 7);
	assert_true(fake.batch[0].lease.has_last_transaction);
	assert_in_range(fake.batch[0].lease.last_transaction, 133, 134);
	assert_false(fake.batch[1].lease.has_last_transaction);
	assert_int_equal(fake.batch[1].lease.expires, UINT32_MAX);
	recovery_stop();
}

static void what_waits_is_not_lost(void **state)
{
	(void)state;
	row_add("10.0.0.1", "gone0", 300);
	row_add("10.0.0.2", "gone0", 100);
	once_before();
	recovery_start();
	recovery_attached();
	fake_advance(61.);
	assert_int_equal(fake.n_batch, 0);
	assert_int_equal(restored().waiting, 2);
	/* It was written meanwhile, and is again now, with what waits. */
	recovery_stop();
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(restored().waiting, 2);
	/* One whose time is over waits no more. */
	fake_advance(60.);
	assert_int_equal(restored().waiting, 1);
	assert_int_equal(restored().dropped[RECOVERY_EXPIRED], 1);
	/* Another interface does not help, nor does one that went again. */
	recovery_link_came("lo");
	recovery_link_came("gone0");
	assert_int_equal(fake.n_batch, 0);
	assert_int_equal(restored().waiting, 1);
	recovery_stop();
}

/* What a requestor is answered of an address that is not in the table. */
static uint8_t told_of(const char *addr)
{
	static const uint8_t none[] = { 51, 82 };
	uint8_t buf[LG_LEASEQUERY_REPLY_MAX];
	struct leases_found found = { .n = 0 };
	struct request request = {
		.requestor = ip("198.18.0.77"), .server = ip("198.18.0.1"),
	};
	struct client client;
	struct lg_dhcp msg;
	struct message m;
	int len;

	message_begin(&m, LG_DHCPLEASEQUERY, 1, addr ? ip(addr) : 0,
		      ip("198.18.0.77"));
	m.bytes[MSG_OP] = LG_BOOTREQUEST;
	if (!addr)
		message_option(&m, LG_OPT_CLIENT_ID, "id", 2);
	message_option(&m, LG_OPT_PARAM_LIST, none, sizeof(none));
	request.message = m.bytes;
	request.len = m.len;
	len = respond(&request, &client, buf, sizeof(buf));
	assert_int_equal(len == -EINPROGRESS, !addr);
	if (!addr)
		len = respond_found(&request, &found, buf, sizeof(buf));
	if (!len)
		return 0;
	assert_int_equal(lg_dhcp_parse(&msg, buf, (size_t)len), LG_DHCP_OK);
	return msg.type;
}

/* A requestor, and a network of which all leases are known here. */
static void networks_are_known(void)
{
	config.n_requestors = 1;
	config.requestors[0] = (struct config_requestor){
		.addr = ip("198.18.0.77"), .giaddr = ip("198.18.0.77"),
	};
	dialect_default(&config.requestors[0].dialect);
	config.client_queries = 100;
	config.n_networks = 1;
	config.networks[0] = (struct settings_prefix){
		.addr = ip("10.0.0.0"), .len = 8,
	};
}

static void what_may_be_known_again_is_not_denied(void **state)
{
	(void)state;
	networks_are_known();
	row_add("10.0.0.1", "lo", 300);
	row_add("10.0.0.2", "gone0", 300);
	once_before();
	recovery_start();
	recovery_attached();
	/* silence, while the file is read */
	assert_int_equal(told_of("10.0.0.1"), 0);
	assert_int_equal(told_of("11.0.0.1"), 0);
	assert_int_equal(told_of(NULL), 0);
	assert_int_equal(counters.asked_pending, 3);
	assert_int_equal(counters.answered_unassigned, 0);
	assert_int_equal(counters.answered_unknown, 0);
	fake_advance(1.);
	/* some wait for their port: not all there is of the network is known */
	assert_int_equal(restored().waiting, 1);
	assert_int_equal(told_of("10.0.0.2"), LG_DHCPLEASEUNKNOWN);
	assert_int_equal(told_of("11.0.0.1"), LG_DHCPLEASEUNKNOWN);
	assert_int_equal(told_of(NULL), LG_DHCPLEASEUNKNOWN);
	/* until they are over */
	fake_advance(400.);
	assert_int_equal(restored().waiting, 0);
	assert_int_equal(told_of("10.0.0.2"), LG_DHCPLEASEUNASSIGNED);
	assert_int_equal(counters.asked_pending, 3);
	recovery_stop();
}

/* Its port is gone for good, perhaps: its lease does not end to show it. */
static void what_never_ends_is_not_waited_for_as_long(void **state)
{
	unsigned int i;

	(void)state;
	networks_are_known();
	row_add("10.0.0.2", "gone0", UINT32_MAX);
	row_add("10.0.0.3", "gone0", 600);
	once_before();
	/* It is kept, and each start may be one at which the port comes. */
	for (i = 0; i < 2; i++) {
		recovery_start();
		recovery_attached();
		fake_advance(299.);
		assert_int_equal(told_of("10.0.0.1"), LG_DHCPLEASEUNKNOWN);
		fake_advance(2.);
		/* One that has an end is waited for until then. */
		assert_int_equal(restored().waiting, 2 - i);
		assert_int_equal(told_of("10.0.0.1"),
				 i ? LG_DHCPLEASEUNASSIGNED :
				     LG_DHCPLEASEUNKNOWN);
		fake_advance(360.);
		assert_int_equal(restored().waiting, 1);
		assert_int_equal(told_of("10.0.0.1"), LG_DHCPLEASEUNASSIGNED);
		recovery_stop();
	}
}

/* Where the table is not written, either. */
static void what_is_over_waits_no_more(void **state)
{
	(void)state;
	networks_are_known();
	row_add("10.0.0.2", "gone0", 300);
	once_before();
	config.snapshot = 0.;
	recovery_start();
	recovery_attached();
	fake_advance(200.);
	assert_int_equal(restored().waiting, 1);
	assert_int_equal(told_of("10.0.0.1"), LG_DHCPLEASEUNKNOWN);
	fake_advance(200.);
	assert_int_equal(restored().waiting, 0);
	assert_int_equal(restored().dropped[RECOVERY_EXPIRED], 1);
	assert_int_equal(told_of("10.0.0.1"), LG_DHCPLEASEUNASSIGNED);
	/* Nor is it looked for any longer. */
	assert_int_equal(fake_timers(), 0);
	recovery_stop();
}

static void the_module_knows_better(void **state)
{
	(void)state;
	row_add("10.0.0.1", "lo", 300);
	row_add("10.0.0.2", "lo", 300);
	once_before();
	fake.batch_err = -ESTALE;
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(restored().put, 0);
	assert_int_equal(restored().dropped[RECOVERY_KNOWN], 2);
	recovery_stop();
}

/* Each refusal has its own count: what is to be done about it differs. */
static void refusals_have_their_counts(void **state)
{
	static const struct {
		int err;
		enum recovery_reason reason;
	} reasons[] = {
		{ -ESTALE, RECOVERY_KNOWN },
		{ -EPERM, RECOVERY_KNOWN },
		{ -EHOSTUNREACH, RECOVERY_ROUTE },
		{ -ENOSPC, RECOVERY_FULL },
		{ -EINVAL, RECOVERY_REFUSED },
	};
	struct recovery_status status;
	unsigned int i, j;

	(void)state;
	row_add("10.0.0.1", "lo", 3000);
	once_before();
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		fake.batch_err = reasons[i].err;
		recovery_start();
		recovery_attached();
		fake_advance(1.);
		status = restored();
		assert_int_equal(status.put, 0);
		for (j = 0; j < __RECOVERY_REASONS; j++)
			assert_int_equal(status.dropped[j],
					 j == reasons[i].reason);
		/* Without an end it writes no table, which is empty here. */
		recovery_detached();
		recovery_stop();
	}
}

/* Its number may be another one's after a restart: it has its name. */
static void a_vrf_is_known_by_its_name(void **state)
{
	uint32_t index = if_nametoindex("lo");

	(void)state;
	row_add("10.0.0.1", "lo", 300)->vrf = index;
	row_add("10.0.0.2", "lo", 300);
	/* One that went while its leases were read has none to keep. */
	row_add("10.0.0.3", "lo", 300)->vrf = 0x7fffffff;
	once_before();
	fake.master = index;
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(restored().read, 2);
	assert_int_equal(fake.n_batch, 2);
	assert_int_equal(fake.batch[0].vrf, index);
	assert_int_equal(fake.batch[1].addr, ip("10.0.0.2"));
	assert_int_equal(fake.batch[1].vrf, 0);
	recovery_stop();
}

/* A port is made before it is put into its VRF. */
static void a_port_is_waited_for_in_its_vrf(void **state)
{
	uint32_t index = if_nametoindex("lo");

	(void)state;
	row_add("10.0.0.1", "lo", 300)->vrf = index;
	row_add("10.0.0.2", "lo", 300);
	once_before();
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(fake.n_batch, 1);
	assert_int_equal(fake.batch[0].addr, ip("10.0.0.2"));
	assert_int_equal(restored().waiting, 1);
	recovery_link_came("lo");
	assert_int_equal(restored().waiting, 1);
	fake.master = index;
	recovery_link_came("lo");
	assert_int_equal(restored().waiting, 0);
	assert_int_equal(fake.n_batch, 2);
	assert_int_equal(fake.batch[1].addr, ip("10.0.0.1"));
	assert_int_equal(fake.batch[1].vrf, index);
	recovery_stop();
}

static void what_cannot_be_written_is_tried_again(void **state)
{
	(void)state;
	row_add("10.0.0.1", "lo", 30000);
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(mkdir("leases.new", 0700), 0);
	fake_advance(121.);
	assert_int_not_equal(access("leases", F_OK), 0);
	assert_int_equal(counters.snapshot_errors, 2);
	assert_int_equal(counters.snapshots, 0);
	assert_int_equal(rmdir("leases.new"), 0);
	fake_advance(60.);
	assert_int_equal(access("leases", F_OK), 0);
	assert_int_equal(counters.snapshot_errors, 2);
	assert_int_equal(counters.snapshots, 1);
	/* Somebody has removed the directory: no reason to say nothing. */
	strcat(config.state_dir, "/gone");
	fake_advance(60.);
	assert_int_equal(counters.snapshot_errors, 3);
	/* Without the module there is nothing to keep, and nothing wrong. */
	config.state_dir[strlen(config.state_dir) - 5] = '\0';
	fake.rows_err = -ENOENT;
	fake_advance(60.);
	assert_int_equal(counters.snapshot_errors, 3);
	assert_int_equal(counters.snapshots, 1);
	fake.rows_err = 0;
	recovery_stop();
}

/* However often the configuration is read again. */
static void reloads_do_not_put_it_off(void **state)
{
	unsigned int i;

	(void)state;
	row_add("10.0.0.1", "lo", 30000);
	recovery_start();
	recovery_attached();
	for (i = 0; i < 5; i++) {
		fake_advance(11.);
		recovery_reconfigured();
	}
	assert_int_not_equal(access("leases", F_OK), 0);
	fake_advance(6.);
	assert_int_equal(access("leases", F_OK), 0);
	/* What is set now counts from when it was written. */
	assert_int_equal(unlink("leases"), 0);
	fake_advance(10.);
	config.snapshot = 20.;
	recovery_reconfigured();
	fake_advance(8.);
	assert_int_not_equal(access("leases", F_OK), 0);
	fake_advance(2.);
	assert_int_equal(access("leases", F_OK), 0);
	config.snapshot = 0.;
	recovery_reconfigured();
	assert_int_equal(unlink("leases"), 0);
	fake_advance(600.);
	config.snapshot = 60.;
	recovery_reconfigured();
	fake_advance(0.);
	assert_int_equal(access("leases", F_OK), 0);
	recovery_stop();
}

/* What is not in the table yet is in no other place. */
static void the_file_stays_until_it_is_read(void **state)
{
	(void)state;
	row_add("10.0.0.1", "lo", 3000);
	once_before();
	/* The module does not come at all. */
	recovery_start();
	fake_advance(200.);
	recovery_stop();
	/* It goes before the first lease is put. */
	recovery_start();
	recovery_attached();
	recovery_detached();
	fake_advance(200.);
	recovery_stop();
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(restored().put, 1);
	recovery_stop();
}

/* What cannot be read now may be another time. */
static void an_unreadable_file_stays(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkfifo("leases", 0600), 0);
	row_add("10.0.0.1", "lo", 3000);
	recovery_start();
	recovery_attached();
	assert_int_equal(restored().state, RECOVERY_FAILED);
	fake_advance(200.);
	recovery_stop();
	assert_int_equal(stat("leases", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

/* Nothing of it is lost, where it cannot be set aside either. */
static void a_damaged_file_is_not_written_over(void **state)
{
	struct stat st;

	(void)state;
	close(creat("leases", 0600));
	assert_int_equal(mkdir("leases.bad", 0700), 0);
	row_add("10.0.0.1", "lo", 3000);
	recovery_start();
	recovery_attached();
	assert_int_equal(restored().state, RECOVERY_FAILED);
	fake_advance(200.);
	recovery_stop();
	assert_int_equal(stat("leases", &st), 0);
	assert_int_equal(st.st_size, 0);
	/* Set aside, it makes room for the next one. */
	assert_int_equal(rmdir("leases.bad"), 0);
	recovery_start();
	recovery_attached();
	recovery_stop();
	assert_int_equal(stat("leases.bad", &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(stat("leases", &st), 0);
	assert_true(st.st_size);
}

/* The last connection is answered with a lease, and that this was all. */
static void server_tells(void)
{
	struct bulk_io *io = &fake.io[fake.n_io - 1];
	uint8_t bytes[2 + sizeof(struct message)];
	struct message m;
	uint32_t xid;
	int i;

	assert_true(fake.n_io && io->open);
	bulk_connected(io->peer);
	memcpy(&xid, io->query + 2 + MSG_XID, sizeof(xid));
	for (i = 0; i < 2; i++) {
		if (!i)
			message_active(&m, ntohl(xid), ip("10.0.0.1"), 0);
		else
			message_begin(&m, LG_DHCPLEASEQUERYDONE, ntohl(xid), 0,
				      0);
		bytes[0] = (uint8_t)(m.len >> 8);
		bytes[1] = (uint8_t)m.len;
		memcpy(bytes + 2, m.bytes, m.len);
		bulk_data(io->peer, bytes, 2 + m.len);
	}
	fake_advance(0.);
}

static struct recovery_status told(void)
{
	struct recovery_status status;

	recovery_status(RECOVERY_BULK, &status);
	return status;
}

/* At the start of a host the way to a server may be there before its ports. */
static void ports_that_come_later_are_asked_for(void **state)
{
	struct config_server *server = &config.servers[config.n_servers++];

	(void)state;
	*server = (struct config_server){
		.addr = ip("198.18.0.2"), .giaddr = ip("10.77.1.1"),
		.bulk = { .on = true, .port = 67 },
	};
	recovery_start();
	recovery_port_came();
	recovery_attached();
	fake_advance(1.);
	/* While it is under way, it is waited for. */
	recovery_port_came();
	fake_advance(7.);
	assert_int_equal(fake.n_io, 1);
	fake.batch_err = -EHOSTUNREACH;
	server_tells();
	assert_int_equal(told().state, RECOVERY_ENDED);
	assert_int_equal(told().dropped[RECOVERY_ROUTE], 1);
	recovery_port_came();
	fake_advance(4.);
	recovery_port_came();
	fake_advance(4.9);
	assert_int_equal(fake.n_io, 1);
	fake_advance(0.2);
	assert_int_equal(fake.n_io, 2);
	assert_int_equal(told().state, RECOVERY_RUNNING);
	server_tells();
	assert_int_equal(told().state, RECOVERY_ENDED);
	/* And so on, but not for ever. */
	fake_advance(300.);
	recovery_port_came();
	fake_advance(60.);
	assert_int_equal(fake.n_io, 2);
	recovery_detached();
	recovery_attached();
	fake_advance(1.);
	fake.batch_err = 0;
	server_tells();
	assert_int_equal(told().put, 1);
	/* Nor where nothing is missing. */
	recovery_port_came();
	fake_advance(60.);
	assert_int_equal(fake.n_io, 3);
	recovery_stop();
}

static void bulk_server(const char *addr)
{
	config.servers[config.n_servers++] = (struct config_server){
		.addr = ip(addr), .giaddr = ip("10.77.1.1"),
		.bulk = { .on = true, .port = 67 },
	};
}

/* That 10.0.0.1 is so since, with option 82 where there is one. */
static void is_told(struct bulk_io *io, bool active, uint32_t ago,
		    const char *circuit)
{
	uint8_t bytes[2 + sizeof(struct message)], info[32] = { 1 };
	uint32_t xid, net = htonl(ago);
	struct message m;

	memcpy(&xid, io->query + 2 + MSG_XID, sizeof(xid));
	if (active)
		message_active(&m, ntohl(xid), ip("10.0.0.1"), 0);
	else
		message_begin(&m, LG_DHCPLEASEUNASSIGNED, ntohl(xid),
			      ip("10.0.0.1"), 0);
	message_option(&m, LG_OPT_CLTT, &net, sizeof(net));
	if (circuit) {
		info[1] = (uint8_t)strlen(circuit);
		memcpy(info + 2, circuit, info[1]);
		message_option(&m, LG_OPT_AGENT_INFO, info,
			       (uint8_t)(2 + info[1]));
	}
	bytes[0] = (uint8_t)(m.len >> 8);
	bytes[1] = (uint8_t)m.len;
	memcpy(bytes + 2, m.bytes, m.len);
	bulk_data(io->peer, bytes, 2 + m.len);
}

/* Its port may be in a VRF, where alone the lease is. */
static void what_ended_is_put_where_it_was(void **state)
{
	const struct fake_batch *put = fake.batch;

	(void)state;
	bulk_server("198.18.0.2");
	bulk_server("198.18.0.3");
	fake.access_name = "acc0";
	fake.access_index = 7;
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(fake.n_io, 2);
	bulk_connected(fake.io[0].peer);
	bulk_connected(fake.io[1].peer);
	is_told(&fake.io[0], true, 50, "acc0");
	is_told(&fake.io[1], false, 10, NULL);
	assert_int_equal(fake.n_batch, 2);
	assert_int_equal(put[0].lease.state, LEASEGLEAN_STATE_ACTIVE);
	assert_int_equal(put[0].lease.ifindex, 7);
	assert_int_equal(put[0].lease.agent_info_len, 6);
	assert_int_equal(put[1].lease.state, LEASEGLEAN_STATE_UNASSIGNED);
	assert_int_equal(put[1].lease.ifindex, 7);
	/* The module has no client of what is none. */
	assert_int_equal(put[1].lease.agent_info_len, 0);
	recovery_stop();
}

static void off_is_off(void **state)
{
	(void)state;
	config.snapshot = 0.;
	row_add("10.0.0.1", "lo", 3000);
	recovery_start();
	recovery_attached();
	fake_advance(600.);
	recovery_stop();
	assert_int_not_equal(access("leases", F_OK), 0);
	config.snapshot = 60.;
	once_before();
	config.n_recovery = 0;
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(fake.n_batch, 0);
	assert_int_equal(restored().state, RECOVERY_OFF);
	recovery_stop();
}

static void the_clock_was_set_back(void **state)
{
	(void)state;
	row_add("10.0.0.1", "lo", 300);
	once_before();
	fake.wall = 0;
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(fake.n_batch, 1);
	assert_int_equal(fake.batch[0].lease.expires, 299);
	recovery_stop();
}

/* It cannot tell of what was before it began, and does not make it up. */
static void the_clock_has_just_begun(void **state)
{
	(void)state;
	row_add("10.0.0.1", "lo", 300)->lease.has_last_transaction = true;
	fake.rows[0].lease.last_transaction = UINT32_MAX / 2;
	fake.wall = 0;
	once_before();
	recovery_start();
	recovery_attached();
	fake_advance(1.);
	assert_int_equal(fake.n_batch, 1);
	assert_false(fake.batch[0].lease.has_last_transaction);
	recovery_stop();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(what_was_known_is_put, setup,
					teardown),
	cmocka_unit_test_setup_teardown(what_may_be_known_again_is_not_denied,
					setup, teardown),
	cmocka_unit_test_setup_teardown(what_never_ends_is_not_waited_for_as_long,
					setup, teardown),
	cmocka_unit_test_setup_teardown(what_is_over_waits_no_more, setup,
					teardown),
	cmocka_unit_test_setup_teardown(what_waits_is_not_lost, setup,
					teardown),
	cmocka_unit_test_setup_teardown(the_module_knows_better, setup,
					teardown),
	cmocka_unit_test_setup_teardown(refusals_have_their_counts, setup,
					teardown),
	cmocka_unit_test_setup_teardown(a_vrf_is_known_by_its_name, setup,
					teardown),
	cmocka_unit_test_setup_teardown(a_port_is_waited_for_in_its_vrf, setup,
					teardown),
	cmocka_unit_test_setup_teardown(what_cannot_be_written_is_tried_again,
					setup, teardown),
	cmocka_unit_test_setup_teardown(reloads_do_not_put_it_off, setup,
					teardown),
	cmocka_unit_test_setup_teardown(the_file_stays_until_it_is_read,
					setup, teardown),
	cmocka_unit_test_setup_teardown(an_unreadable_file_stays, setup,
					teardown),
	cmocka_unit_test_setup_teardown(a_damaged_file_is_not_written_over,
					setup, teardown),
	cmocka_unit_test_setup_teardown(ports_that_come_later_are_asked_for,
					setup, teardown),
	cmocka_unit_test_setup_teardown(what_ended_is_put_where_it_was,
					setup, teardown),
	cmocka_unit_test_setup_teardown(off_is_off, setup, teardown),
	cmocka_unit_test_setup_teardown(the_clock_was_set_back, setup,
					teardown),
	cmocka_unit_test_setup_teardown(the_clock_has_just_begun, setup,
					teardown),
};

const struct fake_tests recovery_tests = {
	tests, sizeof(tests) / sizeof(tests[0]),
};
