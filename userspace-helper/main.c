// SPDX-License-Identifier: GPL-2.0
/*
 * leasegleand: asks DHCP servers for what the kernel module misses.
 *
 *	module -- miss ---> question -- whom to ask? --> target <-- relays
 *	                       |                                      ^
 *	                       v                                      |
 *	          ask --> server (its pace) --> query --> the wire    |
 *	                                                              |
 *	module -- reply --> ask --> answer (strict)                   |
 *	                       |                                      |
 *	                       v                                      |
 *	                    question --> merge                        |
 *	                       |                                      |
 *	   +------ put --------+         module -- what they use -----+
 *
 *	control -- query -> lookup --> ask, as a question does
 *	module -- others' queries --> asked --> respond --> asked --> module
 *	                                |          ^
 *	                     by client  v          |  all of his leases
 *	                              walk <-- the table -- module
 *
 *	auth: option 90 of what query and respond send, and of what comes
 *	managed: whom question leaves alone about which address, and whom not
 *	dialect: what query writes to a server, and what its answer means
 *	links: configured ports get their settings when their interfaces come
 *	recovery: refills the module's table from the snapshot, a file, and by
 *		bulk leasequery (bulk_peer, bulk, bulk_merge), and keeps the snapshot
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>

#include "ask.h"
#include "asked.h"
#include "config.h"
#include "control.h"
#include "exit.h"
#include "links.h"
#include "log.h"
#include "lookup.h"
#include "managed.h"
#include "module.h"
#include "notify.h"
#include "privileges.h"
#include "query.h"
#include "question.h"
#include "recovery.h"
#include "relays.h"
#include "server.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

#define DEFAULT_CONFIG	"/etc/leasegleand.conf"
#define ARGS_MAX	64

/* What the command line said. */
struct options {
	bool foreground;
	struct log_style log;
	bool check;
	const char *config;
	const char *state_dir;
	const char *control;
	const char *servers[ARGS_MAX];
	size_t n_servers;
	const char *giaddrs[ARGS_MAX];
	size_t n_giaddrs;
};

static struct options options;
static enum daemon_status status;
static bool ending;

void daemon_exit(enum daemon_status with)
{
	if (!ending)
		status = with;
	ending = true;
	ev_break(EV_DEFAULT, EVBREAK_ALL);
}

/* ---- what the module says ---- */

static void servers_push(void)
{
	__be32 servers[CONFIG_SERVERS_MAX];
	size_t i;
	int err;

	for (i = 0; i < config.n_servers; i++)
		servers[i] = config.servers[i].addr;
	/* None, too: the module may have those of a daemon before. */
	err = module_servers_set(servers, config.n_servers);
	/* Gone: it is told when it comes back. */
	if (err && err != -ENOTCONN && err != -ENOENT)
		log_err("the module refuses the list of servers: %s",
			module_why(err));
}

static void on_attached(void)
{
	servers_push();
	links_apply();
	asked_apply();
	recovery_attached();
}

static void on_relays_done(void)
{
	if (relays_changed())
		questions_targets_changed();
}

static void on_detached(void)
{
	asked_close();
	questions_clear();
	recovery_detached();
	lookups_give_up("the kernel module is gone");
}

static const struct module_ops ops = {
	.attached = on_attached,
	.detached = on_detached,
	.miss = question_miss,
	.reply = ask_reply,
	.relay = relays_note,
	.relays_done = on_relays_done,
};

/* ---- setting up ---- */

static void usage(FILE *to)
{
	fputs("usage: leasegleand [-f] [-v] [-c FILE] [--server ADDRESS]... [--giaddr ADDRESS]...\n"
	      "                   [--state-dir DIR] [--control PATH|none] [--log-json] [--check]\n"
	      "  -f, --foreground  stay in the foreground, log to standard error\n"
	      "  -c, --config      configuration file, else " DEFAULT_CONFIG " if it is there\n"
	      "      --server      DHCP server to ask; may be given several times\n"
	      "      --giaddr      address of this host to ask from; may be given several times\n"
	      "      --state-dir   where what must outlive a restart is kept\n"
	      "      --control     socket for requests of leaseglean(8)\n"
	      "      --log-json    log an object of JSON a line\n"
	      "      --check       only say what is wrong with the configuration, and end\n"
	      "  -v, --verbose     say more\n"
	      "  -V, --version     print the version and end\n"
	      "  -h, --help        print this and end\n", to);
}

enum {
	OPT_SERVER = 256,
	OPT_GIADDR,
	OPT_STATE_DIR,
	OPT_CONTROL,
	OPT_CHECK,
	OPT_LOG_JSON,
};

static const struct option long_options[] = {
	{ "foreground", no_argument, NULL, 'f' },
	{ "config", required_argument, NULL, 'c' },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "giaddr", required_argument, NULL, OPT_GIADDR },
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "log-json", no_argument, NULL, OPT_LOG_JSON },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void option_add(const char **list, size_t *n)
{
	if (*n == ARGS_MAX) {
		log_err("too many addresses");
		exit(EXIT_USAGE);
	}
	list[(*n)++] = optarg;
}

static void options_read(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "fc:vVh", long_options,
				NULL)) >= 0) {
		switch (c) {
		case 'f':
			o->foreground = true;
			break;
		case 'c':
			o->config = optarg;
			break;
		case OPT_SERVER:
			option_add(o->servers, &o->n_servers);
			break;
		case OPT_GIADDR:
			option_add(o->giaddrs, &o->n_giaddrs);
			break;
		case OPT_STATE_DIR:
			o->state_dir = optarg;
			break;
		case OPT_CONTROL:
			o->control = optarg;
			break;
		case OPT_CHECK:
			o->check = true;
			break;
		case OPT_LOG_JSON:
			o->log.json = true;
			break;
		case 'v':
			o->log.verbose = true;
			break;
		case 'V':
			puts("leasegleand " VERSION);
			exit(EXIT_OK);
		case 'h':
			usage(stdout);
			exit(EXIT_OK);
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		log_err("what is \"%s\"?", argv[optind]);
		usage(stderr);
		exit(EXIT_USAGE);
	}
}

/* Servers of the command line replace those of the file. */
static enum daemon_status config_take_servers(struct config *c,
					      const struct options *o)
{
	struct config_server was[CONFIG_SERVERS_MAX];
	size_t i, j, n = c->n_servers;
	const char *reason;

	if (!o->n_servers)
		return EXIT_OK;
	memcpy(was, c->servers, sizeof(was));
	c->n_servers = 0;
	for (i = 0; i < o->n_servers; i++) {
		struct config_server *server;

		if (config_add_server(c, o->servers[i], &reason)) {
			log_err("--server %s: %s", o->servers[i], reason);
			return EXIT_USAGE;
		}
		server = &c->servers[c->n_servers - 1];
		for (j = 0; j < n; j++)
			if (was[j].addr == server->addr)
				*server = was[j];
	}
	return EXIT_OK;
}

static enum daemon_status config_take_giaddrs(struct config *c,
					      const struct options *o)
{
	const char *reason;
	size_t i;

	if (!o->n_giaddrs)
		return EXIT_OK;
	c->n_giaddrs = 0;
	for (i = 0; i < c->n_servers; i++)
		c->servers[i].giaddr = 0;
	for (i = 0; i < o->n_giaddrs; i++)
		if (config_add_giaddr(c, o->giaddrs[i], &reason)) {
			log_err("--giaddr %s: %s", o->giaddrs[i], reason);
			return EXIT_USAGE;
		}
	return EXIT_OK;
}

static enum daemon_status config_take_state_dir(struct config *c,
						const struct options *o)
{
	if (!o->state_dir)
		return EXIT_OK;
	if (*o->state_dir != '/' ||
	    strlen(o->state_dir) >= sizeof(c->state_dir)) {
		log_err("--state-dir %s: not an absolute path", o->state_dir);
		return EXIT_USAGE;
	}
	snprintf(c->state_dir, sizeof(c->state_dir), "%s", o->state_dir);
	return EXIT_OK;
}

static enum daemon_status config_take_control(struct config *c,
					      const struct options *o)
{
	const char *reason = o->control ? config_set_control(c, o->control) :
					  NULL;

	if (!reason)
		return EXIT_OK;
	log_err("--control %s: %s", o->control, reason);
	return EXIT_USAGE;
}

/*
 * Puts in force what the file and the command line say, or nothing of it. A
 * file that was there once has to be: one that is gone is a mistake, not the
 * wish for the defaults.
 */
static enum daemon_status configure(struct options *o)
{
	enum daemon_status bad = EXIT_OK;
	struct config c;

	config_defaults(&c);
	if (!o->config && !access(DEFAULT_CONFIG, F_OK))
		o->config = DEFAULT_CONFIG;
	if (o->config && config_read(&c, o->config))
		bad = EXIT_CONFIG;
	if (!bad)
		bad = config_take_state_dir(&c, o);
	if (!bad)
		bad = config_take_control(&c, o);
	if (!bad)
		bad = config_take_servers(&c, o);
	if (!bad)
		bad = config_take_giaddrs(&c, o);
	if (!bad)
		config_use(&c);
	config_free(&c);
	return bad;
}

static void confine(void)
{
	int err = privileges_check();

	if (err) {
		log_err("needs the capability to administer the network (CAP_NET_ADMIN)");
		exit(EXIT_PRIVILEGES);
	}
	err = privileges_drop();
	if (err) {
		log_err("cannot drop privileges: %s", strerror(-err));
		exit(EXIT_PRIVILEGES);
	}
}

static void remember(void)
{
	int err = relays_open(config.state_dir);

	if (!err)
		return;
	if (err == -EWOULDBLOCK) {
		log_err("another leasegleand uses the state directory %s",
			config.state_dir);
		exit(EXIT_OTHER_HELPER);
	}
	log_err("the state directory %s cannot be used: %s%s",
		config.state_dir, strerror(-err), err == -EROFS ?
		"; is it among ReadWritePaths= of the service?" : "");
	exit(EXIT_STATE_DIR);
}

/* A relative name means nothing once this is in another directory. */
static void path_keep(struct options *o)
{
	char *path, *here;

	if (!o->config || *o->config == '/')
		return;
	here = get_current_dir_name();
	if (!here || asprintf(&path, "%s/%s", here, o->config) < 0) {
		log_err("%s: where that is cannot be found out: %s", o->config,
			strerror(errno));
		exit(EXIT_SYSTEM);
	}
	free(here);
	o->config = path;
}

/*
 * Goes to the background. The parent waits to hear that all is well, or ends
 * with the status that the child ends with.
 *
 * Return: where the child says so.
 */
static int background(void)
{
	int fds[2], how;
	char byte = 0;
	pid_t pid;

	path_keep(&options);
	pid = pipe2(fds, O_CLOEXEC) < 0 ? -1 : fork();
	if (pid < 0) {
		log_err("cannot go to the background: %s", strerror(errno));
		exit(EXIT_SYSTEM);
	}
	if (!pid) {
		close(fds[0]);
		setsid();
		return fds[1];
	}
	close(fds[1]);
	while (read(fds[0], &byte, 1) < 0 && errno == EINTR)
		;
	if (byte == '+')
		_exit(EXIT_OK);
	while (waitpid(pid, &how, 0) < 0)
		/* Where SIGCHLD is ignored nobody can say how it ended. */
		if (errno != EINTR)
			_exit(EXIT_SYSTEM);
	_exit(WIFEXITED(how) ? WEXITSTATUS(how) : EXIT_SYSTEM);
}

static void background_ready(int fd, struct log_style *log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (chdir("/") < 0 || null < 0)
		log_warn("cannot let go of the terminal: %s", strerror(errno));
	log->to_syslog = true;
	log_open(log);
	if (write(fd, "+", 1) != 1)
		log_warn("nobody waits for this daemon to be ready");
	close(fd);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
}

/* No socket may end up where messages are printed to. */
static void standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* ---- running ---- */

static void on_end(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	daemon_exit(EXIT_OK);
}

static void on_counters(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	log_info("questions %zu", questions_count());
	counters_log();
}

/* What nobody can be moved to while it runs stays as it was. */
static void keep(const char *key, char *now, size_t room, const char *was)
{
	if (!strcmp(now, was))
		return;
	log_warn("%s %s is used from the next start on: until then it is %s",
		 key, *now ? now : "none", *was ? was : "none");
	snprintf(now, room, "%s", was);
}

static void reload(void)
{
	char state_dir[sizeof(config.state_dir)];
	char control[sizeof(config.control)];
	int err;

	memcpy(state_dir, config.state_dir, sizeof(state_dir));
	memcpy(control, config.control, sizeof(control));
	if (configure(&options)) {
		log_err("the new configuration is refused: the one before stays in force");
		return;
	}
	keep("state-dir", config.state_dir, sizeof(config.state_dir),
	     state_dir);
	keep("control", config.control, sizeof(config.control), control);
	servers_push();
	asked_apply();
	err = links_reload();
	if (err)
		log_err("cannot watch interfaces: %s; no port is given settings until the next reload",
			strerror(-err));
	servers_reconfigured();
	questions_reconfigured();
	recovery_reconfigured();
	log_info("the new configuration is in force");
}

static void on_reload(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	notify_reloading();
	reload();
	notify_ready();
}

static void signals_start(struct ev_loop *loop)
{
	static ev_signal term, interrupt, usr1, hup;

	signal(SIGPIPE, SIG_IGN);
	ev_signal_init(&term, on_end, SIGTERM);
	ev_signal_init(&interrupt, on_end, SIGINT);
	ev_signal_init(&usr1, on_counters, SIGUSR1);
	ev_signal_init(&hup, on_reload, SIGHUP);
	ev_signal_start(loop, &term);
	ev_signal_start(loop, &interrupt);
	ev_signal_start(loop, &usr1);
	ev_signal_start(loop, &hup);
}

/* Without it nobody can ask anything, but traffic has its answers. */
static void take_requests(void)
{
	int err = *config.control ? control_start(config.control) : 0;

	control_status_begin();
	if (err)
		log_warn("no requests are taken at %s: %s", config.control,
			 err == -EADDRINUSE ? "another leasegleand does" :
					      strerror(-err));
}

static void start(void)
{
	int err = links_start();

	take_requests();
	recovery_start();
	if (!err)
		err = module_start(&ops);
	if (err) {
		log_err("cannot talk to the kernel: %s", strerror(-err));
		daemon_exit(EXIT_SYSTEM);
	}
}

static void stop(void)
{
	asked_close();
	recovery_stop();
	module_stop();
	links_stop();
	lookups_free();
	control_stop();
	questions_clear();
	managed_free();
	servers_free();
	query_close_all();
	relays_close();
	config_free(&config);
}

int main(int argc, char **argv)
{
	struct options *o = &options;
	enum daemon_status bad;
	struct ev_loop *loop;
	int parent = -1;

	standard_files();
	options_read(o, argc, argv);
	log_open(&o->log);
	bad = configure(o);
	if (bad || o->check)
		return (int)bad;
	confine();
	if (!o->foreground)
		parent = background();
	loop = ev_default_loop(0);
	if (!loop) {
		log_err("no event loop");
		return EXIT_SYSTEM;
	}
	remember();
	signals_start(loop);
	start();
	if (!ending) {
		if (!o->foreground)
			background_ready(parent, &o->log);
		notify_ready();
		ev_run(loop, 0);
	}
	notify_stopping();
	stop();
	return (int)status;
}
