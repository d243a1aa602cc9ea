/* SPDX-License-Identifier: GPL-2.0 */
/* Gives the configured ports their settings, whenever their interfaces come. */
#ifndef _LG_LINKS_H
#define _LG_LINKS_H

#include <stdint.h>

int links_start(void);
void links_apply(void);
int links_reload(void);
void links_stop(void);
int links_master(uint32_t ifindex, uint32_t *master);

#endif /* _LG_LINKS_H */
