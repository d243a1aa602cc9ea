/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LG_PROC_H
#define _LG_PROC_H

struct lg_net;

int lg_proc_init(struct lg_net *lgn);
void lg_proc_exit(struct lg_net *lgn);

#endif /* _LG_PROC_H */
