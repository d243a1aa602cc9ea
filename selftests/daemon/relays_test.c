// SPDX-License-Identifier: GPL-2.0
/* What is remembered of relay agents, and what a damaged file does not do. */
#include "fake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "log.h"
#include "message.h"
#include "relays.h"

static char dir[64];
static char content[65536];

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	strcpy(dir, "/tmp/relays-test.XXXXXX");
	assert_non_null(mkdtemp(dir));
	return 0;
}

static int tear_down(void **state)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	(void)state;
	relays_close();
	while ((entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	rmdir(dir);
	return 0;
}

static const char *path(const char *name)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", dir, name);
	return text;
}

static size_t read_content(const char *name)
{
	FILE *f = fopen(path(name), "r");
	size_t n;

	if (!f)
		return 0;
	n = fread(content, 1, sizeof(content) - 1, f);
	content[n] = '\0';
	fclose(f);
	return n;
}

static void write_content(const char *name, const void *bytes, size_t len)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static bool exists(const char *name)
{
	return !access(path(name), F_OK);
}

static bool knows(const char *port, const char *giaddr, const char *server)
{
	const struct relay_port *found = relays_of(port);
	const struct relay *relay = found ? found->relays : NULL;

	for (; relay; relay = relay->next)
		if (relay->giaddr == ip(giaddr) && relay->server == ip(server))
			return true;
	return false;
}

static void note_some(void)
{
	relays_note("acc0", ip("10.77.1.1"), ip("198.18.0.2"));
	relays_note("acc0", ip("10.77.1.1"), ip("198.18.0.3"));
	relays_note("acc1.100", ip("10.77.2.1"), ip("198.18.0.2"));
	fake_advance(1.);
}

static void reopen(void)
{
	relays_close();
	assert_int_equal(relays_open(dir), 0);
}

static void kept_across_restarts(void **state)
{
	struct stat st = { 0 };

	(void)state;
	assert_int_equal(relays_open(dir), 0);
	assert_null(relays_ports());
	note_some();
	assert_true(relays_changed());
	assert_false(relays_changed());
	assert_int_equal(stat(path("relays"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	reopen();
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.2"));
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.3"));
	assert_true(knows("acc1.100", "10.77.2.1", "198.18.0.2"));
	assert_false(knows("acc1.100", "10.77.2.1", "198.18.0.3"));
	assert_null(relays_of("acc2"));
}

/* Even when it is killed moments after: all that is not yet written is. */
static void written_at_once_on_a_clean_end(void **state)
{
	(void)state;
	assert_int_equal(relays_open(dir), 0);
	relays_note("acc0", ip("10.77.1.1"), ip("198.18.0.2"));
	assert_false(exists("relays"));
	reopen();
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.2"));
}

static void same_again_is_not_written(void **state)
{
	struct stat before, after;

	(void)state;
	assert_int_equal(relays_open(dir), 0);
	note_some();
	assert_int_equal(stat(path("relays"), &before), 0);
	note_some();
	assert_int_equal(stat(path("relays"), &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(fake_timers(), 0);
}

static void directory_is_made(void **state)
{
	char below[128];

	(void)state;
	snprintf(below, sizeof(below), "%s/state", dir);
	assert_int_equal(relays_open(below), 0);
	relays_close();
	assert_int_equal(rmdir(below), 0);
	snprintf(below, sizeof(below), "%s/none/state", dir);
	assert_int_equal(relays_open(below), -ENOENT);
}

static void one_daemon_a_directory(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(relays_open(dir), 0);
	/* A second description of the same directory, as another process has. */
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	relays_close();
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(relays_open(dir), -EWOULDBLOCK);
	close(fd);
}

/* The file is refused, kept aside as it is, and a new one begun. */
static void assert_refused(const char *what, const void *bytes, size_t len,
			   const char *aside)
{
	write_content("relays", bytes, len);
	relays_close();
	if (relays_open(dir))
		fail_msg("does not start: %s", what);
	if (relays_ports())
		fail_msg("believed: %s", what);
	if (exists("relays"))
		fail_msg("left in place: %s", what);
	if (read_content(aside) != len || memcmp(content, bytes, len))
		fail_msg("not kept: %s", what);
}

static void damaged_files_are_set_aside(void **state)
{
	static const char * const bad[] = {
		"", "\n", "garbage\n", "leaseglean-relays 2\nend 0 00000000\n",
		"leaseglean-relays 1\n", "leaseglean-relays 1\nend 0 00000000\n",
		"leaseglean-relays 1\nacc0 10.77.1.1 198.18.0.2 1\n",
	};
	char aside[64] = "relays.damaged";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_refused(bad[i], bad[i], strlen(bad[i]), aside);
		snprintf(aside, sizeof(aside), "relays.damaged.%zu", i + 1);
	}
}

/* A file with these lines and a right end. */
static void write_lines(const char *lines)
{
	char text[1024];
	unsigned int n = 0;
	uint32_t sum = 2166136261u;
	const char *p;

	snprintf(text, sizeof(text), "leaseglean-relays 1\n%s", lines);
	for (p = text; *p; p++)
		sum = (sum ^ (uint8_t)*p) * 16777619u;
	for (p = lines; *p; p++)
		n += *p == '\n';
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "end %u %08x\n", n, sum);
	write_content("relays", text, strlen(text));
}

static bool current(const char *port, const char *server)
{
	const struct relay_port *found = relays_of(port);
	const struct relay *relay;

	assert_non_null(found);
	for (relay = found->relays; relay; relay = relay->next)
		if (relay->server == ip(server))
			return relay_current(found, relay);
	fail_msg("%s is not known", server);
	return false;
}

static void outlived_ones_are_not_current(void **state)
{
	(void)state;
	write_lines("acc0 10.77.1.1 198.18.0.2 1700000000\n"
		    "acc0 10.77.1.1 198.18.0.3 1700080000\n"
		    "acc0 10.77.1.1 198.18.0.4 1700090000\n"
		    "acc1 10.77.2.1 198.18.0.2 1600000000\n");
	assert_int_equal(relays_open(dir), 0);
	assert_false(current("acc0", "198.18.0.2"));
	assert_true(current("acc0", "198.18.0.3"));
	assert_true(current("acc0", "198.18.0.4"));
	assert_true(current("acc1", "198.18.0.2"));
	/* its time is now */
	relays_note("acc0", ip("10.77.1.1"), ip("198.18.0.2"));
	assert_true(current("acc0", "198.18.0.2"));
	assert_false(current("acc0", "198.18.0.3"));
}

/* Nobody can be asked there; what else the file says is good. */
static void addresses_that_no_host_has(void **state)
{
	static const char * const bad[] = {
		"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255",
		"224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
	};
	char lines[1024] = "acc0 10.77.1.1 198.18.0.2 1700000000\n";
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		sprintf(lines + strlen(lines),
			"acc1 %s 198.18.0.2 1\nacc2 10.77.1.1 %s 1\n", bad[i],
			bad[i]);
	strcat(lines, "acc3 126.255.255.255 128.0.0.1 1700000000\n");
	write_lines(lines);
	assert_int_equal(relays_open(dir), 0);
	assert_false(exists("relays.damaged"));
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.2"));
	assert_true(knows("acc3", "126.255.255.255", "128.0.0.1"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		relays_note("acc1", ip(bad[i]), ip("198.18.0.2"));
		relays_note("acc2", ip("10.77.1.1"), ip(bad[i]));
	}
	assert_null(relays_of("acc1"));
	assert_null(relays_of("acc2"));
	assert_false(relays_changed());
}

/* Without a battery the clock begins at 1970: what is there is there. */
static void clock_that_was_set_back(void **state)
{
	(void)state;
	write_lines("acc0 10.77.1.1 198.18.0.2 4000000000\n");
	assert_int_equal(relays_open(dir), 0);
	relays_note("acc0", ip("10.77.1.1"), ip("198.18.0.3"));
	assert_true(current("acc0", "198.18.0.3"));
	assert_true(current("acc0", "198.18.0.2"));
}

/* Cut short anywhere, or any one byte changed: never believed. */
static void any_damage_is_noticed(void **state)
{
	static char good[4096];
	size_t len, i;

	(void)state;
	assert_int_equal(relays_open(dir), 0);
	note_some();
	len = read_content("relays");
	assert_true(len > 100 && len < sizeof(good));
	memcpy(good, content, len);
	for (i = 0; i < len; i++) {
		assert_refused("cut short", good, i, "relays.damaged");
		unlink(path("relays.damaged"));
		good[i] ^= 1;
		assert_refused("a byte changed", good, len, "relays.damaged");
		unlink(path("relays.damaged"));
		good[i] ^= 1;
	}
	write_content("relays", good, len);
	reopen();
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.2"));
}

/* A crash in the middle of writing leaves the old file. */
static void half_written_new_file_is_no_matter(void **state)
{
	(void)state;
	assert_int_equal(relays_open(dir), 0);
	note_some();
	write_content("relays.new", "leaseglean-rel", 14);
	reopen();
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.2"));
	relays_note("acc5", ip("10.77.5.1"), ip("198.18.0.2"));
	fake_advance(1.);
	assert_false(exists("relays.new"));
	reopen();
	assert_true(knows("acc5", "10.77.5.1", "198.18.0.2"));
}

static void bounded(void **state)
{
	const struct relay_port *port;
	const struct relay *relay;
	char text[32];
	unsigned int i, n = 0;

	(void)state;
	assert_int_equal(relays_open(dir), 0);
	for (i = 1; i < 200; i++) {
		snprintf(text, sizeof(text), "198.18.0.%u", i);
		relays_note("acc0", ip("10.77.1.1"), ip(text));
	}
	port = relays_of("acc0");
	for (relay = port->relays; relay; relay = relay->next)
		n++;
	assert_true(n <= 16);
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.199"));
	for (i = 0; i < 66000; i++) {
		snprintf(text, sizeof(text), "p%u", i);
		relays_note(text, ip("10.77.1.1"), ip("198.18.0.2"));
	}
	n = 0;
	for (port = relays_ports(); port; port = port->hh.next)
		n++;
	assert_int_equal(n, 65536);
	/* the newest is there */
	assert_non_null(relays_of("p65999"));
}

/* Ports that come up one after the other are not a write each. */
static void written_together(void **state)
{
	struct stat st = { 0 };
	char text[32];
	unsigned int i, writes = 0;
	ino_t last = 0;

	(void)state;
	assert_int_equal(relays_open(dir), 0);
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "p%u", i);
		relays_note(text, ip("10.77.1.1"), ip("198.18.0.2"));
		fake_advance(0.1);
		if (!stat(path("relays"), &st) && st.st_ino != last)
			writes++;
		last = st.st_ino;
	}
	/* a new file may get the number of the one before the last */
	assert_true(writes >= 1 && writes <= 6);
	fake_advance(3.);
	reopen();
	assert_non_null(relays_of("p99"));
}

/* It goes on with what it knows, and keeps it when it can. */
static void what_cannot_be_written_is_tried_again(void **state)
{
	(void)state;
	assert_int_equal(relays_open(dir), 0);
	assert_int_equal(mkdir(path("relays.new"), 0700), 0);
	note_some();
	assert_false(exists("relays"));
	assert_true(knows("acc0", "10.77.1.1", "198.18.0.2"));
	assert_int_equal(fake_timers(), 1);
	assert_int_equal(counters.relays_errors, 1);
	assert_int_equal(rmdir(path("relays.new")), 0);
	fake_advance(60.);
	assert_int_equal(fake_timers(), 0);
	assert_int_equal(counters.relays_errors, 1);
	reopen();
	assert_true(knows("acc1.100", "10.77.2.1", "198.18.0.2"));
}

/* A disk that is slow keeps nobody waiting. */
static void written_in_a_process_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(relays_open(dir), 0);
	fake.slow_children = true;
	note_some();
	assert_non_null(fake.child);
	assert_false(exists("relays"));
	/* What comes meanwhile is written behind it. */
	relays_note("acc5", ip("10.77.5.1"), ip("198.18.0.2"));
	fake_advance(10.);
	assert_false(exists("relays"));
	fake_child_end();
	assert_true(read_content("relays"));
	assert_non_null(strstr(content, "acc1.100 10.77.2.1 198.18.0.2"));
	assert_null(strstr(content, "acc5"));
	fake_advance(2.);
	fake_child_end();
	assert_true(read_content("relays"));
	assert_non_null(strstr(content, "acc1.100 10.77.2.1 198.18.0.2"));
	assert_non_null(strstr(content, "acc5 10.77.5.1 198.18.0.2"));
	assert_int_equal(fake_timers(), 0);
	/* What it fails at is tried again, as ever. */
	assert_int_equal(mkdir(path("relays.new"), 0700), 0);
	relays_note("acc6", ip("10.77.6.1"), ip("198.18.0.2"));
	fake_advance(2.);
	assert_int_equal(counters.relays_errors, 0);
	fake_child_end();
	assert_int_equal(counters.relays_errors, 1);
	assert_int_equal(rmdir(path("relays.new")), 0);
	fake_advance(59.);
	assert_int_equal(fake_timers(), 1);
	fake_advance(1.);
	fake_child_end();
	assert_int_equal(counters.relays_errors, 1);
	reopen();
	assert_true(knows("acc6", "10.77.6.1", "198.18.0.2"));
}

/* Nor does the end of the daemon lose what it was to write. */
static void written_at_the_end_in_its_stead(void **state)
{
	(void)state;
	assert_int_equal(relays_open(dir), 0);
	fake.slow_children = true;
	note_some();
	assert_non_null(fake.child);
	assert_false(exists("relays"));
	assert_int_equal(fake_timers(), 0);
	relays_close();
	assert_int_equal(fake_timers(), 0);
	assert_int_equal(fake.child->pid, 0);
	assert_int_equal(relays_open(dir), 0);
	assert_true(knows("acc1.100", "10.77.2.1", "198.18.0.2"));
}

/* A file that vouches for itself, and says what none of this program says. */
static void lines_that_cannot_be_are_damage(void **state)
{
	static const char * const bad[] = {
		"acc0 10.77.1.1 198.18.0.2\n",
		" 10.77.1.1 198.18.0.2 1\n",
		"abcdefghijklmnop 10.77.1.1 198.18.0.2 1\n",
		"acc0 10.77.1 198.18.0.2 1\n",
		"acc0 10.77.1.1 core 1\n",
		"acc0 10.77.1.1 198.18.0.2 now\n",
		"acc0 10.77.1.1 198.18.0.2 -1\n",
		"acc0 10.77.1.1 198.18.0.2 99999999999999999999\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_lines(bad[i]);
		assert_true(read_content("relays") > 0);
		assert_refused(bad[i], content, strlen(content),
			       "relays.damaged");
		unlink(path("relays.damaged"));
	}
}

/* Nothing of the operator's is lost for a file that cannot be read. */
static void what_cannot_be_read_or_set_aside_stays(void **state)
{
	char name[64] = "relays.damaged";
	unsigned int i;

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path("relays")), 0);
	assert_int_equal(relays_open(dir), -ELOOP);
	relays_close();
	assert_int_equal(unlink(path("relays")), 0);
	assert_int_equal(mkdir(path("relays"), 0700), 0);
	assert_int_equal(relays_open(dir), -EISDIR);
	relays_close();
	assert_int_equal(rmdir(path("relays")), 0);
	write_content("relays", "garbage\n", 8);
	for (i = 1; !relays_open(dir); i++) {
		/* It has gone to one that was free, and is seen once more. */
		assert_false(exists("relays"));
		assert_true(exists(name));
		assert_true(i < 1000);
		relays_close();
		write_content("relays", "garbage\n", 8);
		snprintf(name, sizeof(name), "relays.damaged.%u", i);
	}
	relays_close();
	assert_true(i > 1);
	assert_int_equal(relays_open(dir), -EEXIST);
	assert_true(exists("relays"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(kept_across_restarts),
	TEST(written_at_once_on_a_clean_end),
	TEST(same_again_is_not_written),
	TEST(directory_is_made),
	TEST(one_daemon_a_directory),
	TEST(damaged_files_are_set_aside),
	TEST(outlived_ones_are_not_current),
	TEST(addresses_that_no_host_has),
	TEST(clock_that_was_set_back),
	TEST(any_damage_is_noticed),
	TEST(half_written_new_file_is_no_matter),
	TEST(bounded),
	TEST(written_together),
	TEST(what_cannot_be_written_is_tried_again),
	TEST(written_in_a_process_of_its_own),
	TEST(written_at_the_end_in_its_stead),
	TEST(lines_that_cannot_be_are_damage),
	TEST(what_cannot_be_read_or_set_aside_stays),
};

const struct fake_tests relays_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
