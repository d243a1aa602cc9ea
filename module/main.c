// SPDX-License-Identifier: GPL-2.0
/*
 * leaseglean: where DHCP subscribers are, gleaned, and asked for by
 * DHCPLEASEQUERY once that is lost. See lg.h for the parts.
 */
#include <linux/module.h>

#include "answer.h"
#include "bridge.h"
#include "exchange.h"
#include "hook.h"
#include "lease.h"
#include "lg.h"
#include "miss.h"
#include "neigh.h"
#include "netlink.h"
#include "port.h"
#include "proc.h"
#include "query.h"

unsigned int lg_net_id __read_mostly;

static bool lg_empty(const struct lg_net *lgn)
{
	return !atomic_read(&lgn->count[LG_CLASS_ACTIVE]) &&
	       !atomic_read(&lgn->count[LG_CLASS_NEGATIVE]) &&
	       !atomic_read(&lgn->count[LG_CLASS_PENDING]) &&
	       !READ_ONCE(lgn->n_exchanges) && !READ_ONCE(lgn->n_orphans) &&
	       !READ_ONCE(lgn->n_queries);
}

/**
 * lg_gc_arm() - something was put in that will have to be taken out
 * @lgn: namespace state
 *
 * Context: any.
 */
void lg_gc_arm(struct lg_net *lgn)
{
	if (!delayed_work_pending(&lgn->gc))
		queue_delayed_work(system_power_efficient_wq, &lgn->gc,
				   round_jiffies_relative(LG_GC_PERIOD * HZ));
}

static void lg_gc(struct work_struct *work)
{
	struct lg_net *lgn = container_of(to_delayed_work(work),
					  struct lg_net, gc);
	bool hurry = lg_tables_gc(lgn);

	lg_neigh_gc(lgn);
	lg_exchanges_gc(lgn);
	lg_queries_gc(lgn);
	if (hurry)
		queue_delayed_work(system_power_efficient_wq, &lgn->gc, 1);
	else if (!lg_empty(lgn))
		lg_gc_arm(lgn);
}

static int __net_init lg_net_init(struct net *net)
{
	struct lg_net *lgn = lg_pernet(net);
	int err;

	lgn->net = net;
	INIT_DELAYED_WORK(&lgn->gc, lg_gc);
	lg_tables_init(lgn);
	lg_ports_init(lgn);
	lg_misses_init(lgn);
	lgn->stats = alloc_percpu(struct lg_stats);
	if (!lgn->stats)
		return -ENOMEM;
	err = lg_exchanges_init(lgn);
	if (err)
		goto err_stats;
	err = lg_queries_init(lgn);
	if (err)
		goto err_exchanges;
	err = lg_proc_init(lgn);
	if (err)
		goto err_queries;
	return 0;

err_queries:
	lg_queries_exit(lgn);
err_exchanges:
	lg_exchanges_exit(lgn);
err_stats:
	free_percpu(lgn->stats);
	return err;
}

/* A grace period passes between this and lg_net_exit(). */
static void __net_exit lg_net_pre_exit(struct net *net)
{
	struct lg_net *lgn = lg_pernet(net);

	lg_proc_exit(lgn);
	lg_ports_pre_exit(lgn);
	lg_neigh_gc(lgn);
}

static void __net_exit lg_net_exit(struct net *net)
{
	struct lg_net *lgn = lg_pernet(net);

	cancel_delayed_work_sync(&lgn->gc);
	lg_ports_exit(lgn);
	lg_queries_exit(lgn);
	lg_exchanges_exit(lgn);
	lg_tables_exit(lgn);
	/* Neighbours that were left are dropped, which arms it. */
	cancel_delayed_work_sync(&lgn->gc);
	kfree(rcu_dereference_protected(lgn->servers, true));
	kfree(rcu_dereference_protected(lgn->requestors, true));
	free_percpu(lgn->stats);
}

static struct pernet_operations lg_net_ops = {
	.init = lg_net_init,
	.pre_exit = lg_net_pre_exit,
	.exit = lg_net_exit,
	.id = &lg_net_id,
	.size = sizeof(struct lg_net),
};

static int __init lg_init(void)
{
	int err;

	err = register_pernet_subsys(&lg_net_ops);
	if (err)
		return err;
	err = lg_port_notifier_register();
	if (err)
		goto err_net;
	err = lg_netlink_register();
	if (err)
		goto err_notifier;
	err = lg_hooks_register();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	lg_netlink_unregister();
err_notifier:
	lg_port_notifier_unregister();
err_net:
	unregister_pernet_subsys(&lg_net_ops);
	lg_neigh_exit();
	rcu_barrier();
	lg_bridge_put();
	return err;
}

/* In the order in which a packet or a message would come in. */
static void __exit lg_exit(void)
{
	lg_hooks_unregister();
	lg_netlink_unregister();
	lg_port_notifier_unregister();
	unregister_pernet_subsys(&lg_net_ops);
	lg_neigh_exit();
	rcu_barrier();
	lg_bridge_put();
}

module_init(lg_init);
module_exit(lg_exit);

MODULE_DESCRIPTION("DHCP lease gleaning and DHCPLEASEQUERY for access concentrators");
MODULE_AUTHOR("The leaseglean authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
