// SPDX-License-Identifier: GPL-2.0
/* The table in a file: as it was written, or not at all. */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "snapshot.h"

#define WRITTEN	1700000000u

static char dir[32];

static int setup(void **state)
{
	(void)state;
	fake_reset();
	strcpy(dir, "/tmp/snapshot.XXXXXX");
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	unlink("leases");
	unlink("leases.new");
	unlink("leases.bad");
	return rmdir(dir);
}

/* The longest and the shortest that there can be. */
static void leases_make(struct snapshot_lease *l)
{
	memset(l, 0, 2 * sizeof(*l));
	l[0].addr = ip("10.0.0.1");
	memset(l[0].port, 'p', IFNAMSIZ - 1);
	memset(l[0].vrf, 'v', IFNAMSIZ - 1);
	l[0].expires = WRITTEN + 300;
	l[0].last = WRITTEN - 77;
	l[0].lease.state = LEASEGLEAN_STATE_ACTIVE;
	l[0].lease.htype = 1;
	l[0].lease.hlen = LEASEGLEAN_HWADDR_MAX;
	memset(l[0].lease.hwaddr, 0xab, LEASEGLEAN_HWADDR_MAX);
	l[0].lease.giaddr = ip("10.0.0.254");
	l[0].lease.server = ip("198.18.0.2");
	l[0].lease.agent_info_len = LEASEGLEAN_OPAQUE_MAX;
	memset(l[0].lease.agent_info, 0x52, LEASEGLEAN_OPAQUE_MAX);
	l[0].lease.client_id_len = LEASEGLEAN_OPAQUE_MAX;
	memset(l[0].lease.client_id, 0x61, LEASEGLEAN_OPAQUE_MAX);
	l[1].addr = ip("10.0.0.2");
	l[1].expires = SNAPSHOT_NEVER;
	l[1].last = SNAPSHOT_NEVER;
	l[1].lease.state = LEASEGLEAN_STATE_ACTIVE;
	l[1].lease.hlen = 1;
}

static void file_write(void)
{
	uint8_t bytes[SNAPSHOT_LEASE_MAX];
	struct snapshot_lease leases[2];
	struct snapshot_file file;
	unsigned int i;
	size_t len;

	leases_make(leases);
	assert_int_equal(snapshot_begin(&file, dir, WRITTEN), 0);
	for (i = 0; i < 2; i++) {
		len = snapshot_encode(bytes, &leases[i]);
		assert_int_equal(snapshot_add(&file, bytes, len), 0);
	}
	assert_int_equal(snapshot_commit(&file), 0);
}

static size_t file_read(uint8_t *bytes, size_t room)
{
	int fd = open("leases", O_RDONLY);
	ssize_t n = read(fd, bytes, room);

	close(fd);
	assert_true(n > 0);
	return (size_t)n;
}

static void file_put(const uint8_t *bytes, size_t len)
{
	int fd = open("leases", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void what_was_written_is_read(void **state)
{
	struct snapshot_lease want[2], got;
	struct snapshot s;
	struct stat st;
	unsigned int i;

	(void)state;
	/* What a crash left behind has no say in who may read it. */
	close(open("leases.new", O_WRONLY | O_CREAT, 0666));
	chmod("leases.new", 0666);
	file_write();
	assert_int_equal(stat("leases", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_not_equal(access("leases.new", F_OK), 0);
	leases_make(want);
	assert_int_equal(snapshot_open(&s, dir), 0);
	assert_int_equal(s.leases, 2);
	assert_int_equal(s.written, WRITTEN);
	for (i = 0; i < 2; i++) {
		assert_true(snapshot_next(&s, &got));
		assert_memory_equal(&got, &want[i], sizeof(got));
	}
	assert_false(snapshot_next(&s, &got));
	snapshot_close(&s);
}

static const char *judge(const uint8_t *bytes, size_t len)
{
	struct snapshot s = { .len = len };
	const char *reason;

	/* Of its very length, so that the sanitizer sees what is past it. */
	s.bytes = malloc(len ? len : 1);
	memcpy(s.bytes, bytes, len);
	reason = snapshot_check(&s);
	free(s.bytes);
	return reason;
}

static void any_damage_is_seen(void **state)
{
	uint8_t bytes[4096];
	size_t len, i;

	(void)state;
	file_write();
	len = file_read(bytes, sizeof(bytes));
	assert_null(judge(bytes, len));
	for (i = 0; i < len; i++) {
		bytes[i] ^= 0x10;
		assert_non_null(judge(bytes, len));
		bytes[i] ^= 0x10;
		assert_non_null(judge(bytes, i));
	}
	bytes[len] = 0;
	assert_string_equal(judge(bytes, len + 1),
			    "there is something behind its end");
	bytes[0] ^= 1;
	assert_string_equal(judge(bytes, len),
			    "it does not begin as a file of this program's does");
	bytes[0] ^= 1;
	bytes[11]++;
	assert_string_equal(judge(bytes, len),
			    "it is of another version of this program");
	bytes[11]--;
	bytes[len - 1] ^= 1;
	assert_string_equal(judge(bytes, len), "its checksum is wrong");
}

static void a_damaged_file_is_kept_aside(void **state)
{
	uint8_t bytes[4096];
	struct snapshot s;
	size_t len;

	(void)state;
	file_write();
	len = file_read(bytes, sizeof(bytes));
	bytes[len / 2] ^= 1;
	file_put(bytes, len);
	assert_int_equal(snapshot_open(&s, dir), -EBADMSG);
	assert_null(s.bytes);
	assert_int_equal(access("leases.bad", F_OK), 0);
	/* From then on it is as if there had been none. */
	assert_int_equal(snapshot_open(&s, dir), 0);
	assert_null(s.bytes);
	file_write();
	assert_int_equal(snapshot_open(&s, dir), 0);
	assert_int_equal(s.leases, 2);
	snapshot_close(&s);
}

static void what_cannot_be_read_stays(void **state)
{
	struct snapshot s;

	(void)state;
	assert_int_equal(symlink("/etc/passwd", "leases"), 0);
	assert_int_equal(snapshot_open(&s, dir), -ELOOP);
	unlink("leases");
	assert_int_equal(mkfifo("leases", 0600), 0);
	assert_int_equal(snapshot_open(&s, dir), -EINVAL);
	assert_int_equal(access("leases", F_OK), 0);
	unlink("leases");
	assert_int_equal(snapshot_open(&s, "/nonexistent"), 0);
}

static void an_aborted_file_changes_nothing(void **state)
{
	struct snapshot_file file;
	struct snapshot s;

	(void)state;
	file_write();
	assert_int_equal(snapshot_begin(&file, dir, WRITTEN + 60), 0);
	snapshot_abort(&file);
	assert_int_not_equal(access("leases.new", F_OK), 0);
	assert_int_equal(snapshot_open(&s, dir), 0);
	assert_int_equal(s.written, WRITTEN);
	snapshot_close(&s);
	assert_int_equal(snapshot_begin(&file, "/nonexistent", 1), -ENOENT);
}

/* As on a full disk: no file may grow beyond this. */
static void file_limit(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_costs_the_new_file_alone(void **state)
{
	static const uint8_t bytes[SNAPSHOT_LEASE_MAX];
	struct snapshot_file file;
	struct snapshot s;
	int err, i;

	(void)state;
	file_write();
	/* That it does not fit is seen at its end, or before. */
	assert_int_equal(snapshot_begin(&file, dir, WRITTEN + 120), 0);
	assert_int_equal(snapshot_add(&file, bytes, sizeof(bytes)), 0);
	file_limit(100);
	err = snapshot_commit(&file);
	file_limit(RLIM_INFINITY);
	assert_int_equal(err, -EFBIG);
	assert_int_equal(snapshot_begin(&file, dir, WRITTEN + 120), 0);
	file_limit(100);
	err = 0;
	for (i = 0; i < 100 && !err; i++)
		err = snapshot_add(&file, bytes, sizeof(bytes));
	snapshot_abort(&file);
	file_limit(RLIM_INFINITY);
	assert_int_equal(err, -EIO);
	assert_int_not_equal(access("leases.new", F_OK), 0);
	assert_int_equal(snapshot_open(&s, dir), 0);
	assert_int_equal(s.written, WRITTEN);
	assert_int_equal(s.leases, 2);
	snapshot_close(&s);
}

/* What stands in the way is the operator's, and is left alone. */
static void what_is_in_the_way_stays(void **state)
{
	struct snapshot_file file;
	uint8_t bytes[4096];
	struct snapshot s;
	size_t len;

	(void)state;
	file_write();
	assert_int_equal(mkdir("leases.new", 0700), 0);
	assert_int_equal(snapshot_begin(&file, dir, WRITTEN + 60), -EEXIST);
	assert_int_equal(rmdir("leases.new"), 0);
	assert_int_equal(snapshot_open(&s, dir), 0);
	assert_int_equal(s.written, WRITTEN);
	snapshot_close(&s);
	/* Not to be believed even where it cannot be set aside, and there yet. */
	len = file_read(bytes, sizeof(bytes));
	bytes[len / 2] ^= 1;
	file_put(bytes, len);
	assert_int_equal(mkdir("leases.bad", 0700), 0);
	assert_int_equal(snapshot_open(&s, dir), -EISDIR);
	assert_null(s.bytes);
	assert_int_equal(access("leases", F_OK), 0);
	assert_int_equal(rmdir("leases.bad"), 0);
}

static void times_are_of_the_wall_clock(void **state)
{
	struct snapshot s = { .written = WRITTEN };

	(void)state;
	assert_int_equal(snapshot_seconds(&s, WRITTEN + 100, WRITTEN + 300),
			 199);
	assert_int_equal(snapshot_seconds(&s, WRITTEN + 298, WRITTEN + 300),
			 1);
	/* It may be over before this second is. */
	assert_int_equal(snapshot_seconds(&s, WRITTEN + 299, WRITTEN + 300),
			 0);
	assert_int_equal(snapshot_seconds(&s, WRITTEN + 900, WRITTEN + 300),
			 0);
	assert_int_equal(snapshot_seconds(&s, WRITTEN + 900, SNAPSHOT_NEVER),
			 UINT32_MAX);
	/* For ever is said by the file alone. */
	assert_int_equal(snapshot_seconds(&s, WRITTEN, SNAPSHOT_NEVER - 1),
			 UINT32_MAX - 1);
	/* The clock was set back: nothing is won by it. */
	assert_int_equal(snapshot_seconds(&s, 5, WRITTEN + 300), 299);
	assert_int_equal(snapshot_seconds(&s, 5, WRITTEN - 1), 0);
}

static uint32_t ago(uint64_t now, uint64_t last)
{
	struct snapshot s = { .written = WRITTEN };
	struct lease lease;

	snapshot_last(&s, now, last, &lease);
	assert_true(lease.has_last_transaction);
	return lease.last_transaction;
}

static void last_transactions_go_on_meanwhile(void **state)
{
	struct snapshot s = { .written = WRITTEN };
	struct lease lease = { .has_last_transaction = true };

	(void)state;
	assert_int_equal(ago(WRITTEN + 100, WRITTEN - 77), 177);
	assert_int_equal(ago(WRITTEN + 100, WRITTEN + 100), 0);
	assert_int_equal(ago(WRITTEN + 100, WRITTEN + 200), 0);
	assert_int_equal(ago(5, WRITTEN - 77), 77);
	assert_int_equal(ago(WRITTEN + ((uint64_t)9 << 32), 0), UINT32_MAX);
	snapshot_last(&s, WRITTEN, SNAPSHOT_NEVER, &lease);
	assert_false(lease.has_last_transaction);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(what_was_written_is_read, setup,
					teardown),
	cmocka_unit_test_setup_teardown(any_damage_is_seen, setup, teardown),
	cmocka_unit_test_setup_teardown(a_damaged_file_is_kept_aside, setup,
					teardown),
	cmocka_unit_test_setup_teardown(what_cannot_be_read_stays, setup,
					teardown),
	cmocka_unit_test_setup_teardown(an_aborted_file_changes_nothing,
					setup, teardown),
	cmocka_unit_test_setup_teardown(a_full_disk_costs_the_new_file_alone,
					setup, teardown),
	cmocka_unit_test_setup_teardown(what_is_in_the_way_stays, setup,
					teardown),
	cmocka_unit_test(times_are_of_the_wall_clock),
	cmocka_unit_test(last_transactions_go_on_meanwhile),
};

const struct fake_tests snapshot_tests = {
	tests, sizeof(tests) / sizeof(tests[0]),
};
