// SPDX-License-Identifier: GPL-2.0
/*
 * The table in a file, so that it outlives the module and the host's reboot.
 * All numbers are in network order:
 *
 *	magic (8), version (4), written (8)
 *	then for each lease: length (2) and so many bytes
 *		address, giaddr, server (4 each), expires, last transaction (8
 *		each), htype, hlen (1 each), hardware address, and each behind
 *		its length (1): name of the port, of the VRF, option 82,
 *		option 61
 *	0 (2), number of leases (8), CRC-32 of all before it (4)
 *
 * It is replaced as a whole and believed as a whole. Circuits and clients are
 * personal data: only its owner may read it.
 */
#include "snapshot.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "log.h"

#define FILE_NAME	"leases"
#define FILE_NEW	"leases.new"
#define FILE_BAD	"leases.bad"

#define VERSION_NOW	2
#define HEAD_LEN	20
#define TAIL_LEN	14
/* What no table has room for is not read into memory. */
#define FILE_MAX	((off_t)4 << 30)

static const uint8_t magic[8] = { 'l', 'g', 'l', 'e', 'a', 's', 'e', '\n' };

/* ---- one lease ---- */

/**
 * struct cursor - bytes being read or written one behind the other
 * @at: the next
 * @left: from there on
 */
struct cursor {
	uint8_t *at;
	size_t left;
};

/* The next @n bytes, or NULL where there are fewer. */
static uint8_t *take(struct cursor *c, size_t n)
{
	uint8_t *at = c->at;

	if (c->left < n)
		return NULL;
	c->at += n;
	c->left -= n;
	return at;
}

static void put(struct cursor *c, const void *bytes, size_t n)
{
	memcpy(take(c, n), bytes, n);
}

static void put_counted(struct cursor *c, const void *bytes, size_t n)
{
	uint8_t len = (uint8_t)n;

	put(c, &len, 1);
	put(c, bytes, n);
}

static bool get(struct cursor *c, void *bytes, size_t n)
{
	const uint8_t *from = take(c, n);

	if (from)
		memcpy(bytes, from, n);
	return from;
}

static bool get_counted(struct cursor *c, uint8_t *bytes, uint16_t *n)
{
	uint8_t len;

	if (!get(c, &len, 1) || !get(c, bytes, len))
		return false;
	*n = len;
	return true;
}

static bool get_name(struct cursor *c, char *name)
{
	uint8_t len;

	if (!get(c, &len, 1) || len >= IFNAMSIZ || !get(c, name, len))
		return false;
	name[len] = '\0';
	return strlen(name) == len;
}

/**
 * snapshot_encode() - a lease as the file has it
 * @bytes: written to
 * @lease: active
 *
 * Return: how many bytes it is.
 */
size_t snapshot_encode(uint8_t bytes[SNAPSHOT_LEASE_MAX],
		       const struct snapshot_lease *lease)
{
	struct cursor c = { .at = bytes, .left = SNAPSHOT_LEASE_MAX };
	const struct lease *l = &lease->lease;
	uint64_t expires = htobe64(lease->expires);
	uint64_t last = htobe64(lease->last);

	put(&c, &lease->addr, 4);
	put(&c, &l->giaddr, 4);
	put(&c, &l->server, 4);
	put(&c, &expires, sizeof(expires));
	put(&c, &last, sizeof(last));
	put(&c, &l->htype, 1);
	put_counted(&c, l->hwaddr, l->hlen);
	put_counted(&c, lease->port, strlen(lease->port));
	put_counted(&c, lease->vrf, strlen(lease->vrf));
	put_counted(&c, l->agent_info, l->agent_info_len);
	put_counted(&c, l->client_id, l->client_id_len);
	return (size_t)(c.at - bytes);
}

/**
 * snapshot_decode() - what snapshot_encode() wrote, or anything
 * @bytes: of one lease
 * @len: of them
 * @lease: filled in
 *
 * Return: false where they are no lease.
 */
bool snapshot_decode(const uint8_t *bytes, size_t len,
		     struct snapshot_lease *lease)
{
	/* Only read from. */
	struct cursor c = { .at = (uint8_t *)(uintptr_t)bytes, .left = len };
	struct lease *l = &lease->lease;
	uint64_t expires, last;

	memset(lease, 0, sizeof(*lease));
	if (!get(&c, &lease->addr, 4) || !get(&c, &l->giaddr, 4) ||
	    !get(&c, &l->server, 4) ||
	    !get(&c, &expires, sizeof(expires)) ||
	    !get(&c, &last, sizeof(last)) || !get(&c, &l->htype, 1) ||
	    !get(&c, &l->hlen, 1) || !l->hlen ||
	    l->hlen > sizeof(l->hwaddr) || !get(&c, l->hwaddr, l->hlen) ||
	    !get_name(&c, lease->port) || !get_name(&c, lease->vrf) ||
	    !get_counted(&c, l->agent_info, &l->agent_info_len) ||
	    !get_counted(&c, l->client_id, &l->client_id_len))
		return false;
	l->state = LEASEGLEAN_STATE_ACTIVE;
	lease->expires = be64toh(expires);
	lease->last = be64toh(last);
	return !c.left;
}

/* ---- reading the file ---- */

static uint64_t number(const uint8_t *bytes, size_t len)
{
	uint64_t value = 0;

	while (len--)
		value = value << 8 | *bytes++;
	return value;
}

static uint32_t crc_of(uint32_t crc, const uint8_t *bytes, size_t len)
{
	return (uint32_t)crc32_z(crc, bytes, len);
}

static const char *check_head(struct snapshot *s)
{
	if (s->len < HEAD_LEN || memcmp(s->bytes, magic, sizeof(magic)))
		return "it does not begin as a file of this program's does";
	if (number(s->bytes + 8, 4) != VERSION_NOW)
		return "it is of another version of this program";
	s->written = number(s->bytes + 12, 8);
	s->at = HEAD_LEN;
	return NULL;
}

/* Where the next lease is, past its length; its length, 0 at the end. */
static size_t lease_at(const struct snapshot *s, size_t at)
{
	if (s->len - at < 2)
		return 0;
	return number(s->bytes + at, 2);
}

/**
 * snapshot_check() - is all of it as it was written?
 * @s: has its bytes; the rest is filled in
 *
 * Return: NULL, or why it must not be believed.
 */
const char *snapshot_check(struct snapshot *s)
{
	const char *reason = check_head(s);
	struct snapshot_lease lease;
	uint64_t n = 0;
	size_t at = s->at, len;

	if (reason)
		return reason;
	if (s->len < HEAD_LEN + TAIL_LEN)
		return "it is cut short";
	while ((len = lease_at(s, at))) {
		if (len > s->len - at - 2)
			return "it is cut short";
		if (!snapshot_decode(s->bytes + at + 2, len, &lease))
			return "a lease in it is damaged";
		at += 2 + len;
		n++;
	}
	if (s->len - at < TAIL_LEN)
		return "it is cut short";
	if (s->len - at > TAIL_LEN)
		return "there is something behind its end";
	if (number(s->bytes + at + 2, 8) != n)
		return "leases are missing";
	if (number(s->bytes + at + 10, 4) != crc_of(0, s->bytes, at + 10))
		return "its checksum is wrong";
	s->leases = n;
	return NULL;
}

/**
 * snapshot_next() - one lease after the other
 * @s: checked
 * @lease: filled in
 *
 * Return: false behind the last.
 */
bool snapshot_next(struct snapshot *s, struct snapshot_lease *lease)
{
	size_t len = s->bytes ? lease_at(s, s->at) : 0;

	if (!len || !snapshot_decode(s->bytes + s->at + 2, len, lease))
		return false;
	s->at += 2 + len;
	return true;
}

/**
 * snapshot_seconds() - what is left of a lease
 * @s: that it is in
 * @now: wall clock
 * @expires: as the file has it
 *
 * A clock that was set back, or does not know the time yet, adds nothing to a
 * lease: then it is as if the file had been written just now. Nor do the
 * seconds of this clock and of the module's, which begin at different times:
 * a lease may end a second or two early, but never after the server's.
 *
 * Return: seconds, 0 where it is over, UINT32_MAX for ever.
 */
uint32_t snapshot_seconds(const struct snapshot *s, uint64_t now,
			  uint64_t expires)
{
	if (expires == SNAPSHOT_NEVER)
		return UINT32_MAX;
	if (now < s->written)
		now = s->written;
	now++;
	if (expires <= now)
		return 0;
	return expires - now < UINT32_MAX ? (uint32_t)(expires - now) :
					    UINT32_MAX - 1;
}

/**
 * snapshot_last() - when the client of a lease was last heard of
 * @s: that it is in
 * @now: wall clock
 * @last: as the file has it
 * @lease: told
 */
void snapshot_last(const struct snapshot *s, uint64_t now, uint64_t last,
		   struct lease *lease)
{
	if (now < s->written)
		now = s->written;
	lease->has_last_transaction = last != SNAPSHOT_NEVER;
	lease->last_transaction = 0;
	if (lease->has_last_transaction && last < now)
		lease->last_transaction = now - last < UINT32_MAX ?
					  (uint32_t)(now - last) : UINT32_MAX;
}

static int read_all(int fd, struct snapshot *s)
{
	size_t got = 0;

	s->bytes = malloc(s->len ? s->len : 1);
	if (!s->bytes)
		return -ENOMEM;
	while (got < s->len) {
		ssize_t n = read(fd, s->bytes + got, s->len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		got += (size_t)n;
	}
	s->len = got;
	return 0;
}

static int read_file(int dir_fd, struct snapshot *s)
{
	struct stat st;
	int fd, err;

	fd = openat(dir_fd, FILE_NAME,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		err = -EINVAL;
	else
		err = 0;
	if (!err) {
		s->len = (size_t)st.st_size;
		err = read_all(fd, s);
	}
	close(fd);
	return err;
}

/* Kept for the operator, and out of the way of the next one, if that can be. */
static int set_aside(int dir_fd, const char *dir, const char *reason)
{
	int err;

	if (renameat(dir_fd, FILE_NAME, dir_fd, FILE_BAD) < 0) {
		err = -errno;
		log_err("%s/%s is damaged: %s. It cannot be set aside as %s: %s. Nothing is restored from it, and it stays until the next start",
			dir, FILE_NAME, reason, FILE_BAD, strerror(-err));
		return err;
	}
	log_err("%s/%s is damaged: %s. Nothing is restored from it; it is kept as %s, and may be removed",
		dir, FILE_NAME, reason, FILE_BAD);
	return -EBADMSG;
}

/**
 * snapshot_open() - read the file and check all of it
 * @s: filled in
 * @dir: the state directory
 *
 * What is wrong is logged. A file that must not be believed is renamed.
 *
 * Return: 0, also where there is none; -EBADMSG for one not to be believed;
 * another negative errno where it cannot be read, or renamed: it is there yet.
 */
int snapshot_open(struct snapshot *s, const char *dir)
{
	const char *reason;
	int dir_fd, err;

	memset(s, 0, sizeof(*s));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = dir_fd < 0 ? -errno : read_file(dir_fd, s);
	reason = err ? NULL : snapshot_check(s);
	if (reason) {
		err = set_aside(dir_fd, dir, reason);
	} else if (err && err != -ENOENT) {
		log_err("%s/%s cannot be read: %s. Nothing is restored from it, and it stays until the next start",
			dir, FILE_NAME, strerror(-err));
	}
	if (dir_fd >= 0)
		close(dir_fd);
	if (err)
		snapshot_close(s);
	return err == -ENOENT ? 0 : err;
}

void snapshot_close(struct snapshot *s)
{
	free(s->bytes);
	memset(s, 0, sizeof(*s));
}

/* ---- writing it ---- */

static int write_bytes(struct snapshot_file *file, const void *bytes,
		       size_t len)
{
	file->crc = crc_of(file->crc, bytes, len);
	return fwrite(bytes, 1, len, file->f) == len ? 0 : -EIO;
}

static int write_number(struct snapshot_file *file, uint64_t value, size_t len)
{
	uint64_t net = htobe64(value);

	return write_bytes(file, (uint8_t *)&net + sizeof(net) - len, len);
}

/**
 * snapshot_begin() - begin a new file beside the one that is there
 * @file: filled in
 * @dir: the state directory
 * @now: wall clock
 *
 * Return: 0, then snapshot_commit() or snapshot_abort() has to follow, or a
 * negative errno.
 */
int snapshot_begin(struct snapshot_file *file, const char *dir, uint64_t now)
{
	int fd, err;

	memset(file, 0, sizeof(*file));
	file->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir_fd < 0)
		return -errno;
	/* One that was left half written may have other rights. */
	unlinkat(file->dir_fd, FILE_NEW, 0);
	fd = openat(file->dir_fd, FILE_NEW,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	file->f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file->f) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		close(file->dir_fd);
		return err;
	}
	if (write_bytes(file, magic, sizeof(magic)) ||
	    write_number(file, VERSION_NOW, 4) ||
	    write_number(file, now, 8)) {
		snapshot_abort(file);
		return -EIO;
	}
	return 0;
}

/* One lease as snapshot_encode() wrote it; 0 or a negative errno. */
int snapshot_add(struct snapshot_file *file, const uint8_t *bytes, size_t len)
{
	if (write_number(file, len, 2) || write_bytes(file, bytes, len))
		return -EIO;
	file->leases++;
	return 0;
}

/**
 * snapshot_commit() - put the new file in the place of the old one
 * @file: over with, whatever is returned
 *
 * Either the old one stands or the new one does, whatever happens.
 *
 * Return: 0 or a negative errno.
 */
int snapshot_commit(struct snapshot_file *file)
{
	int err = 0;

	errno = 0;
	if (write_number(file, 0, 2) || write_number(file, file->leases, 8) ||
	    write_number(file, file->crc, 4) || fflush(file->f) ||
	    fsync(fileno(file->f)) < 0)
		err = errno ? -errno : -EIO;
	if (err) {
		snapshot_abort(file);
		return err;
	}
	if (fclose(file->f) ||
	    renameat(file->dir_fd, FILE_NEW, file->dir_fd, FILE_NAME) < 0 ||
	    fsync(file->dir_fd) < 0)
		err = -errno;
	close(file->dir_fd);
	return err;
}

void snapshot_abort(struct snapshot_file *file)
{
	fclose(file->f);
	unlinkat(file->dir_fd, FILE_NEW, 0);
	close(file->dir_fd);
}
