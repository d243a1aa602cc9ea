// SPDX-License-Identifier: GPL-2.0
/*
 * A module of the same name as the real one that does on request what the rig
 * must notice, so that the rig's own test can see it noticed.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>

static char *plant = "nothing";
module_param(plant, charp, 0444);
MODULE_PARM_DESC(plant, "what to do wrong");

static DEFINE_SPINLOCK(plant_lock_a);
static DEFINE_SPINLOCK(plant_lock_b);
static DEFINE_MUTEX(plant_mutex);
static netdevice_tracker plant_tracker;
static void __rcu *plant_pointer;

static void plant_deadlock(void)
{
	spin_lock(&plant_lock_a);
	spin_lock(&plant_lock_b);
	spin_unlock(&plant_lock_b);
	spin_unlock(&plant_lock_a);

	spin_lock(&plant_lock_b);
	spin_lock(&plant_lock_a);
	spin_unlock(&plant_lock_a);
	spin_unlock(&plant_lock_b);
}

static void plant_use_after_free(void)
{
	int *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	pr_info("read %d\n", READ_ONCE(p[1]));
}

static void plant_atomic_sleep(void)
{
	spin_lock(&plant_lock_a);
	mutex_lock(&plant_mutex);
	mutex_unlock(&plant_mutex);
	spin_unlock(&plant_lock_a);
}

static void plant_leaks(void)
{
	int i;

	/* a stale pointer on some stack may hide one, hardly all of them */
	for (i = 0; i < 16; i++) {
		void *leaked = kmalloc(200, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(leaked);
	}
}

static void plant_device_reference(void)
{
	struct net_device *dev = dev_get_by_name(&init_net, "planted");

	if (!dev)
		return;
	/* taken twice, given back once: the tracker knows which is left */
	netdev_hold(dev, &plant_tracker, GFP_KERNEL);
	dev_put(dev);
}

/* That of whoever loads the module, which has no other user soon. */
static void plant_namespace_reference(void)
{
	get_net(current->nsproxy->net_ns);
}

static int __init plant_init(void)
{
	if (!strcmp(plant, "warn"))
		WARN_ON_ONCE(1);
	else if (!strcmp(plant, "deadlock"))
		plant_deadlock();
	else if (!strcmp(plant, "use-after-free"))
		plant_use_after_free();
	else if (!strcmp(plant, "atomic-sleep"))
		plant_atomic_sleep();
	else if (!strcmp(plant, "rcu"))
		pr_info("%p\n", rcu_dereference(plant_pointer));
	else if (!strcmp(plant, "leak"))
		plant_leaks();
	else if (!strcmp(plant, "device"))
		plant_device_reference();
	else if (!strcmp(plant, "namespace"))
		plant_namespace_reference();
	else if (!strcmp(plant, "stay"))
		__module_get(THIS_MODULE);
	else if (!strcmp(plant, "panic"))
		panic("planted");
	pr_info("loaded with %s\n", plant);
	return 0;
}

static void __exit plant_exit(void)
{
}

module_init(plant_init);
module_exit(plant_exit);
MODULE_DESCRIPTION("plants what the rig must notice");
MODULE_LICENSE("GPL");
