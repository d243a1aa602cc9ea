// SPDX-License-Identifier: GPL-2.0
/* Values as people write them. */
#include "parse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

/**
 * parse_u32() - a decimal number
 * @text: it
 * @min: least that it may be
 * @max: most that it may be
 * @value: set to it
 *
 * Return: NULL or the reason.
 */
const char *parse_u32(const char *text, uint32_t min, uint32_t max,
		      uint32_t *value)
{
	static char reason[64];
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end)
		return "not a number";
	if (errno || number < min || number > max) {
		snprintf(reason, sizeof(reason), "not within %lu and %lu",
			 (unsigned long)min, (unsigned long)max);
		return reason;
	}
	*value = (uint32_t)number;
	return NULL;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/**
 * parse_hex() - bytes in hexadecimal, with or without colons between them
 * @text: them
 * @bytes: they are put behind those that are there
 * @room: bytes that it holds
 * @len: how many it has, brought up to date
 *
 * Return: NULL or the reason.
 */
const char *parse_hex(const char *text, uint8_t *bytes, size_t room,
		      size_t *len)
{
	size_t n = *len;

	do {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0)
			return "not pairs of hexadecimal digits";
		if (n == room)
			return "too long";
		bytes[n++] = (uint8_t)(high << 4 | low);
		text += 2;
		if (text[0] == ':' && text[1])
			text++;
	} while (*text);
	*len = n;
	return NULL;
}

/* The driver is what tells a VRF from other devices by an ioctl. */
static bool is_vrf(const char *name)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&info };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool yes;

	if (fd < 0)
		return false;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	yes = !ioctl(fd, SIOCETHTOOL, &request) && !strcmp(info.driver, "vrf");
	close(fd);
	return yes;
}

/**
 * parse_vrf() - a VRF, by its device's name
 * @text: that
 * @index: set to the device's number
 *
 * Return: NULL or the reason.
 */
const char *parse_vrf(const char *text, uint32_t *index)
{
	*index = if_nametoindex(text);
	if (!*index)
		return "there is no such device";
	return is_vrf(text) ? NULL : "it is no VRF";
}

/* Whether a host elsewhere can have it, such as a server or a relay agent. */
bool addr_of_host(__be32 addr)
{
	uint32_t host = ntohl(addr);

	return host >> 24 && host >> 24 != 127 && host < 0xe0000000u;
}
