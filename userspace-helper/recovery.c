// SPDX-License-Identifier: GPL-2.0
/*
 * Refills the module's table before traffic asks: from the sources that are
 * set, one after the other, each time that the module has come and knows
 * nothing. What was gleaned meanwhile stands.
 *
 *	attached --> snapshot --+
 *	                 |      +--> batches --> module
 *	                bulk  --+
 *	                 |
 *	               ended: the table is written to the snapshot now and then
 *
 * Until the snapshot was read to its end the file stays as it is: what is not
 * in the table yet is in no other place.
 */
#include "recovery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "../module/dhcp.h"
#include "answer.h"
#include "bulk_peer.h"
#include "child.h"
#include "clock.h"
#include "config.h"
#include "links.h"
#include "log.h"
#include "snapshot.h"

/* Leases restored before others have their turn. */
#define RESTORE_TURN	512
#define PLACES_MAX	4096
/* A port that comes so soon after the module is of the same start. */
#define START_SECONDS	300.0
/* Others may come right behind it. */
#define AGAIN_SECONDS	5.0
/* Leases that wait are looked through for those that are over. */
#define EXPIRE_SECONDS	60.0

/* A lease whose port, or VRF, is not there yet, or the one not in the other. */
struct waiting {
	struct waiting *prev;
	struct waiting *next;
	bool endless;
	size_t len;
	uint8_t bytes[];
};

/* All that wait for the same interface. */
struct waiting_link {
	char name[IFNAMSIZ];
	struct waiting *leases;
	UT_hash_handle hh;
};

/* Where a circuit-id leads: the module need not be asked each time. */
struct place {
	uint8_t id[LEASEGLEAN_OPAQUE_MAX];
	uint32_t ifindex;
	UT_hash_handle hh;
};

static struct recovery_status rows[__RECOVERY_SOURCES];
static double started[__RECOVERY_SOURCES];
/* Which, in which order, as set when the module came; whose turn it is. */
static enum recovery_source order[__RECOVERY_SOURCES];
static unsigned int n_order;
static unsigned int turn;
static bool attached;
static double attached_at;
/* Whose end the log has told of. */
static bool logged[__RECOVERY_SOURCES];
/* All of the file is in the table, waits, or was dropped. */
static bool settled;
/* It could not be read now, which says nothing against it: it stays. */
static bool unreadable;

static struct snapshot snapshot;
static struct waiting_link *waiting;
/* Of them, those that never end. */
static uint64_t endless;
static struct place *places;
static struct timer restore_timer;
static struct timer again_timer;
static struct timer expire_timer;
static struct timer write_timer;
/* When it was last due: a reload does not put it off. */
static double write_at;
static struct child writer;
static struct log_limit write_limit;

const char *recovery_source_name(enum recovery_source source)
{
	static const char * const names[] = {
		[RECOVERY_SNAPSHOT] = "snapshot",
		[RECOVERY_BULK] = "bulk",
	};

	return names[source];
}

const char *recovery_reason_name(enum recovery_reason reason)
{
	static const char * const names[] = {
		[RECOVERY_EXPIRED] = "expired",
		[RECOVERY_KNOWN] = "known better",
		[RECOVERY_ROUTE] = "elsewhere",
		[RECOVERY_FULL] = "no room",
		[RECOVERY_REFUSED] = "refused",
	};

	return names[reason];
}

/* ---- what became of a lease ---- */

static void dropped(enum recovery_source source, enum recovery_reason reason)
{
	rows[source].dropped[reason]++;
}

static void result(enum recovery_source source, int err)
{
	switch (err) {
	case 0:
		rows[source].put++;
		break;
	case -ESTALE:
	case -EPERM:
		dropped(source, RECOVERY_KNOWN);
		break;
	case -EHOSTUNREACH:
		dropped(source, RECOVERY_ROUTE);
		break;
	case -ENOSPC:
		dropped(source, RECOVERY_FULL);
		break;
	default:
		dropped(source, RECOVERY_REFUSED);
	}
}

static void restored(int err)
{
	result(RECOVERY_SNAPSHOT, err);
}

static void told(int err)
{
	result(RECOVERY_BULK, err);
}

static struct module_batch restore_batch = {
	.origin = LEASEGLEAN_ORIGIN_RESTORED, .result = restored,
};

static struct module_batch bulk_batch = {
	.origin = LEASEGLEAN_ORIGIN_BULK, .result = told,
};

/* ---- leases whose ports are not there ---- */

static struct waiting_link *link_get(const char *name)
{
	struct waiting_link *link;

	HASH_FIND_STR(waiting, name, link);
	if (link)
		return link;
	link = calloc(1, sizeof(*link));
	if (!link)
		return NULL;
	memcpy(link->name, name, strlen(name));
	HASH_ADD_STR(waiting, name, link);
	return link;
}

static void wait_for(const char *name, const struct snapshot_lease *lease)
{
	uint8_t bytes[SNAPSHOT_LEASE_MAX];
	size_t len = snapshot_encode(bytes, lease);
	struct waiting_link *link = link_get(name);
	struct waiting *w = link ? malloc(sizeof(*w) + len) : NULL;

	if (!w) {
		dropped(RECOVERY_SNAPSHOT, RECOVERY_REFUSED);
		return;
	}
	w->len = len;
	memcpy(w->bytes, bytes, len);
	w->endless = lease->expires == SNAPSHOT_NEVER;
	DL_APPEND(link->leases, w);
	endless += w->endless;
	rows[RECOVERY_SNAPSHOT].waiting++;
	if (!timer_running(&expire_timer))
		timer_start(&expire_timer, EXPIRE_SECONDS);
}

static void waiting_free(struct waiting_link *link, struct waiting *w)
{
	DL_DELETE(link->leases, w);
	endless -= w->endless;
	free(w);
	rows[RECOVERY_SNAPSHOT].waiting--;
}

static void link_free(struct waiting_link *link)
{
	HASH_DEL(waiting, link);
	free(link);
}

static void waiting_forget(void)
{
	struct waiting_link *link, *next_link;
	struct waiting *w, *next;

	HASH_ITER(hh, waiting, link, next_link) {
		DL_FOREACH_SAFE(link->leases, w, next)
			waiting_free(link, w);
		link_free(link);
	}
}

static bool is_over(const uint8_t *bytes, size_t len)
{
	struct snapshot_lease lease;

	return !snapshot_decode(bytes, len, &lease) ||
	       !snapshot_seconds(&snapshot, clock_wall(), lease.expires);
}

/* Those whose ports did not come in their time. */
static void waiting_expire(struct timer *timer)
{
	struct waiting_link *link, *next_link;
	struct waiting *w, *next;

	HASH_ITER(hh, waiting, link, next_link) {
		DL_FOREACH_SAFE(link->leases, w, next)
			if (is_over(w->bytes, w->len)) {
				waiting_free(link, w);
				dropped(RECOVERY_SNAPSHOT, RECOVERY_EXPIRED);
			}
		if (!link->leases)
			link_free(link);
	}
	if (waiting)
		timer_start(timer, EXPIRE_SECONDS);
}

/* ---- restoring ---- */

/*
 * Leases of a port follow each other: it need not be looked up each time. For a
 * turn only: an interface comes back with another index.
 */
static char last_name[IFNAMSIZ];
static uint32_t last_index;
static bool last_asked;
static bool last_alone;

static uint32_t index_of(const char *name)
{
	if (!last_index || strcmp(name, last_name)) {
		last_index = if_nametoindex(name);
		last_asked = false;
		memset(last_name, 0, sizeof(last_name));
		memcpy(last_name, name, strlen(name));
	}
	return last_index;
}

/*
 * Whether the port looked up last is part of nothing: an interface is made
 * first, and put into its VRF then, of which there is word again.
 */
static bool is_alone(void)
{
	uint32_t master;

	if (!last_asked)
		last_alone = !links_master(last_index, &master) && !master;
	last_asked = true;
	return last_alone;
}

static void restore_one(struct snapshot_lease *lease)
{
	uint32_t vrf = 0;

	lease->lease.expires = snapshot_seconds(&snapshot, clock_wall(),
						lease->expires);
	if (!lease->lease.expires) {
		dropped(RECOVERY_SNAPSHOT, RECOVERY_EXPIRED);
		return;
	}
	snapshot_last(&snapshot, clock_wall(), lease->last, &lease->lease);
	if (*lease->vrf) {
		vrf = if_nametoindex(lease->vrf);
		if (!vrf) {
			wait_for(lease->vrf, lease);
			return;
		}
	}
	if (*lease->port) {
		lease->lease.ifindex = index_of(lease->port);
		if (!lease->lease.ifindex || (vrf && is_alone())) {
			wait_for(lease->port, lease);
			return;
		}
	}
	module_batch_add(&restore_batch, lease->addr, &vrf, &lease->lease);
}

static void step(void);

static void source_over(enum recovery_source source, bool whole)
{
	struct recovery_status *row = &rows[source];

	row->state = whole ? RECOVERY_ENDED : RECOVERY_FAILED;
	row->seconds = clock_now() - started[source];
	turn++;
	step();
}

static void restore_over(bool whole)
{
	uint64_t written = snapshot.written;

	snapshot_close(&snapshot);
	/* What waits is still measured by it. */
	snapshot.written = written;
	settled = true;
	source_over(RECOVERY_SNAPSHOT, whole);
}

static void restore(struct timer *timer)
{
	struct snapshot_lease lease;
	unsigned int n = 0;

	last_index = 0;
	while (n < RESTORE_TURN && snapshot_next(&snapshot, &lease)) {
		rows[RECOVERY_SNAPSHOT].read++;
		restore_one(&lease);
		n++;
	}
	module_batch_flush(&restore_batch);
	if (n == RESTORE_TURN)
		timer_start(timer, 0.);
	else
		restore_over(true);
}

static void restore_begin(void)
{
	int err;

	settled = false;
	waiting_forget();
	err = snapshot_open(&snapshot, config.state_dir);
	unreadable = err && err != -EBADMSG;
	if (err) {
		restore_over(false);
		return;
	}
	if (snapshot.written > clock_wall())
		log_warn("the clock was set back since the leases were kept: they are taken as if that were now");
	timer_start(&restore_timer, 0.);
}

/**
 * recovery_link_came() - an interface is there, or still is
 * @name: of it
 */
void recovery_link_came(const char *name)
{
	struct snapshot_lease lease;
	struct waiting_link *link;
	struct waiting *w, *next;

	HASH_FIND_STR(waiting, name, link);
	if (!link || !attached || !if_nametoindex(name))
		return;
	HASH_DEL(waiting, link);
	last_index = 0;
	DL_FOREACH_SAFE(link->leases, w, next) {
		if (snapshot_decode(w->bytes, w->len, &lease))
			restore_one(&lease);
		waiting_free(link, w);
	}
	free(link);
	module_batch_flush(&restore_batch);
}

/* ---- bulk ---- */

static void places_forget(void)
{
	struct place *place, *next;

	HASH_ITER(hh, places, place, next) {
		HASH_DEL(places, place);
		free(place);
	}
}

/* The access port that option 82 names; otherwise routes tell. */
static void place_find(struct lease *lease)
{
	static const struct miss nowhere;
	struct place *place = NULL;
	const uint8_t *id;
	int len;

	len = lg_agent_suboption(lease->agent_info, lease->agent_info_len,
				 LG_AGENT_CIRCUIT_ID, &id);
	if (len <= 0)
		return;
	HASH_FIND(hh, places, id, (unsigned int)len, place);
	if (place) {
		lease->ifindex = place->ifindex;
		return;
	}
	answer_place(&nowhere, lease);
	if (HASH_COUNT(places) >= PLACES_MAX)
		places_forget();
	place = calloc(1, sizeof(*place));
	if (!place)
		return;
	memcpy(place->id, id, (size_t)len);
	place->ifindex = lease->ifindex;
	HASH_ADD(hh, places, id, (unsigned int)len, place);
}

static void on_bulk_lease(__be32 addr, struct lease *lease)
{
	rows[RECOVERY_BULK].read++;
	place_find(lease);
	/* Where there is no lease, it tells of the place alone. */
	if (lease->state != LEASEGLEAN_STATE_ACTIVE)
		lease->agent_info_len = 0;
	module_batch_add(&bulk_batch, addr, NULL, lease);
}

static void on_bulk_dropped(enum recovery_reason reason)
{
	rows[RECOVERY_BULK].read++;
	dropped(RECOVERY_BULK, reason);
}

static void on_bulk_pause(void)
{
	module_batch_flush(&bulk_batch);
}

static void on_bulk_ended(bool whole)
{
	module_batch_flush(&bulk_batch);
	places_forget();
	source_over(RECOVERY_BULK, whole);
}

static const struct bulk_ops bulk_ops = {
	.lease = on_bulk_lease,
	.dropped = on_bulk_dropped,
	.pause = on_bulk_pause,
	.ended = on_bulk_ended,
};

/* ---- one source after the other ---- */

static void row_log(enum recovery_source source)
{
	const struct recovery_status *row = &rows[source];
	char text[256] = "";
	size_t used = 0;
	unsigned int i;

	for (i = 0; i < __RECOVERY_REASONS && used < sizeof(text); i++)
		if (row->dropped[i])
			used += (size_t)snprintf(text + used,
						 sizeof(text) - used,
						 ", %llu %s",
						 (unsigned long long)row->dropped[i],
						 recovery_reason_name(i));
	log_info("recovery by %s %s after %.1f s: %llu of %llu leases put, %llu wait for their ports%s",
		 recovery_source_name(source),
		 row->state == RECOVERY_ENDED ? "ended" : "failed",
		 row->seconds, (unsigned long long)row->put,
		 (unsigned long long)row->read,
		 (unsigned long long)row->waiting, text);
}

static void ended(void)
{
	unsigned int i;

	settled = true;
	for (i = 0; i < __RECOVERY_SOURCES; i++) {
		if (!logged[i] && rows[i].state > RECOVERY_RUNNING &&
		    (rows[i].read || rows[i].state == RECOVERY_FAILED))
			row_log(i);
		logged[i] = true;
	}
}

/* Only from the loop or as the last thing done: it may begin another. */
static void step(void)
{
	enum recovery_source source;

	if (turn == n_order) {
		ended();
		return;
	}
	source = order[turn];
	rows[source].state = RECOVERY_RUNNING;
	started[source] = clock_now();
	if (source == RECOVERY_SNAPSHOT)
		restore_begin();
	else
		bulk_start(&bulk_ops);
}

static void reset(void)
{
	unsigned int i;

	memset(rows, 0, sizeof(rows));
	memset(logged, 0, sizeof(logged));
	memcpy(order, config.recovery, sizeof(order));
	n_order = config.n_recovery;
	for (i = 0; i < n_order; i++)
		rows[order[i]].state = RECOVERY_WAITING;
}

static void halt(void)
{
	timer_stop(&restore_timer);
	timer_stop(&again_timer);
	timer_stop(&expire_timer);
	bulk_stop();
	child_stop(&writer);
	snapshot_close(&snapshot);
	waiting_forget();
	places_forget();
	restore_batch.n = 0;
	bulk_batch.n = 0;
	settled = false;
	unreadable = false;
}

/* The module is there, and may know nothing. */
void recovery_attached(void)
{
	attached = true;
	attached_at = clock_now();
	reset();
	turn = 0;
	step();
}

/* Servers have told of leases that no port led to then. */
static void again(struct timer *timer)
{
	struct recovery_status *row = &rows[RECOVERY_BULK];

	if (turn < n_order) {
		timer_start(timer, AGAIN_SECONDS);
		return;
	}
	if (!row->dropped[RECOVERY_ROUTE])
		return;
	memset(row, 0, sizeof(*row));
	row->state = RECOVERY_RUNNING;
	started[RECOVERY_BULK] = clock_now();
	logged[RECOVERY_BULK] = false;
	turn = n_order - 1;
	bulk_start(&bulk_ops);
}

/**
 * recovery_port_came() - a port has got its role
 *
 * The daemon is there before the network is, and the way to the servers may be
 * before the ports are: what they told of these was dropped, and is asked for
 * once more. Not at any time, though, as subscribers' ports come and go.
 */
void recovery_port_came(void)
{
	if (attached && clock_now() - attached_at < START_SECONDS)
		timer_start(&again_timer, AGAIN_SECONDS);
}

/* It is gone, with all that it knew. */
void recovery_detached(void)
{
	attached = false;
	halt();
	reset();
}

/* ---- keeping the table ---- */

static int save_one(const struct module_lease *row, void *data)
{
	static uint32_t last_vrf;
	static char vrf_name[IFNAMSIZ];
	uint8_t bytes[SNAPSHOT_LEASE_MAX];
	struct snapshot_lease lease;
	struct snapshot_file *file = data;

	/* The operator's own are not a server's word. */
	if (row->origin == LEASEGLEAN_ORIGIN_STATIC)
		return 0;
	memset(&lease, 0, sizeof(lease));
	lease.addr = row->addr;
	lease.lease = row->lease;
	memcpy(lease.port, row->port, sizeof(lease.port));
	if (row->vrf && row->vrf != last_vrf &&
	    !if_indextoname(row->vrf, vrf_name))
		return 0;
	if (row->vrf) {
		last_vrf = row->vrf;
		memcpy(lease.vrf, vrf_name, strlen(vrf_name));
	}
	lease.expires = row->lease.expires == UINT32_MAX ?
			SNAPSHOT_NEVER : clock_wall() + row->lease.expires;
	lease.last = SNAPSHOT_NEVER;
	if (row->lease.has_last_transaction &&
	    row->lease.last_transaction < clock_wall())
		lease.last = clock_wall() - row->lease.last_transaction;
	return snapshot_add(file, bytes, snapshot_encode(bytes, &lease));
}

static int save_waiting(struct snapshot_file *file)
{
	struct waiting_link *link;
	struct waiting *w;
	int err = 0;

	for (link = waiting; link && !err; link = link->hh.next)
		DL_FOREACH(link->leases, w)
			if (!err)
				err = snapshot_add(file, w->bytes, w->len);
	return err;
}

/* In a process of its own, or when there is nothing else to do any more. */
static int save(void)
{
	struct snapshot_file file;
	int err;

	err = snapshot_begin(&file, config.state_dir, clock_wall());
	if (err)
		return err;
	err = module_leases(save_one, &file);
	/* Told apart from a state directory that is not there any more. */
	if (err == -ENOENT)
		err = -ENODEV;
	/* Behind the table's: of two of one address the first is restored. */
	if (!err)
		err = save_waiting(&file);
	if (!err)
		return snapshot_commit(&file);
	snapshot_abort(&file);
	return err;
}

static bool may_write(void)
{
	return attached && settled && !unreadable;
}

static void saved(int err)
{
	/* Without the module there is nothing to keep. */
	if (err == -ENODEV)
		return;
	if (!err) {
		counters.snapshots++;
		return;
	}
	counters.snapshot_errors++;
	log_limited(&write_limit, LOG_ERR,
		    "cannot keep the leases in %s: %s; trying on",
		    config.state_dir, strerror(-err));
}

static void write_next(void)
{
	timer_stop(&write_timer);
	if (config.snapshot > 0.)
		timer_start(&write_timer,
			    write_at + config.snapshot - clock_now());
}

static void write_due(struct timer *timer)
{
	int err;

	(void)timer;
	write_at = clock_now();
	if (may_write() && !child_busy(&writer)) {
		err = child_run(&writer, save, saved);
		if (err)
			saved(err);
	}
	write_next();
}

/**
 * recovery_start() - before the module is talked to
 */
void recovery_start(void)
{
	timer_init(&restore_timer, restore, NULL);
	timer_init(&again_timer, again, NULL);
	timer_init(&expire_timer, waiting_expire, NULL);
	timer_init(&write_timer, write_due, NULL);
	write_at = clock_now();
	reset();
	write_next();
}

/* The configuration is another: what has begun goes on as it was. */
void recovery_reconfigured(void)
{
	write_next();
}

/* The table is kept once more, while the module can still be asked. */
void recovery_stop(void)
{
	bool keep = may_write() && config.snapshot > 0.;

	timer_stop(&write_timer);
	timer_stop(&restore_timer);
	child_stop(&writer);
	if (keep)
		saved(save());
	attached = false;
	halt();
}

/**
 * recovery_going_on() - whether any source has not been read to its end yet
 */
bool recovery_going_on(void)
{
	return attached && turn < n_order;
}

/**
 * recovery_waits() - whether leases are missing whose ports are not there yet
 *
 * One that never ends is expected back as long as ports come of the same start
 * only: its port may be gone for good, and it is in each snapshot again.
 */
bool recovery_waits(void)
{
	if (rows[RECOVERY_SNAPSHOT].waiting > endless)
		return true;
	return endless && clock_now() - attached_at < START_SECONDS;
}

/**
 * recovery_status() - how far a source is
 * @source: which
 * @status: filled in
 */
void recovery_status(enum recovery_source source,
		     struct recovery_status *status)
{
	*status = rows[source];
	if (status->state == RECOVERY_RUNNING)
		status->seconds = clock_now() - started[source];
}
