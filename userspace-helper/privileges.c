// SPDX-License-Identifier: GPL-2.0
/* What the daemon may do: administer the network, nothing else. */
#include "privileges.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#define NET_ADMIN_WORD	CAP_TO_INDEX(CAP_NET_ADMIN)
#define NET_ADMIN_BIT	CAP_TO_MASK(CAP_NET_ADMIN)

static struct __user_cap_header_struct header = {
	.version = _LINUX_CAPABILITY_VERSION_3,
};

/* 0 when this process may administer the network, else -EPERM. */
int privileges_check(void)
{
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, caps) < 0)
		return -errno;
	return caps[NET_ADMIN_WORD].effective & NET_ADMIN_BIT ? 0 : -EPERM;
}

/* Only a process with CAP_SETPCAP can; one without it gains nothing by exec. */
static void drop_bounding(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (cap != CAP_NET_ADMIN)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

/**
 * privileges_drop() - keep CAP_NET_ADMIN and let go of the rest for good
 *
 * Return: 0 or a negative errno.
 */
int privileges_drop(void)
{
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* Kernels before 4.3 have no ambient set to clear. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 &&
	    errno != EINVAL)
		return -errno;
	drop_bounding();
	memset(caps, 0, sizeof(caps));
	caps[NET_ADMIN_WORD].effective = NET_ADMIN_BIT;
	caps[NET_ADMIN_WORD].permitted = NET_ADMIN_BIT;
	if (syscall(SYS_capset, &header, caps) < 0)
		return -errno;
	return 0;
}
