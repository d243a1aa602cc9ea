# SPDX-License-Identifier: GPL-2.0
# make			the module for the running kernel, daemon and command
# make demo		a BNG loses its table and gets it back, in a guest (root)
# make check		every test, on every kernel (root)
# make bench		figures, to BENCHMARKS.md and bench.json (root)
# make coverage		which lines of daemon and command the tests run (root)
# make install		the module through DKMS, daemon and command (root)

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build

all: module userspace

module:
	@test -d $(KDIR) || { echo "no headers of $(KVER) in $(KDIR): install linux-headers-$(KVER)" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace:
	$(MAKE) -C userspace-helper

demo:
	selftests/demo/run

check:
	selftests/check $(CHECK)

bench:
	selftests/bench/run.sh

coverage:
	selftests/coverage/run $(COVERAGE)

install: userspace
	$(MAKE) -C userspace-helper install
	packaging/dkms.sh install $(KVER)

uninstall:
	packaging/dkms.sh uninstall
	$(MAKE) -C userspace-helper uninstall

clean:
	test ! -d $(KDIR) || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C userspace-helper clean
	$(MAKE) -C selftests clean

.PHONY: all module userspace demo check bench coverage install uninstall clean
