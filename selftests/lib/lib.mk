# SPDX-License-Identifier: GPL-2.0
# What the selftests' Makefile needs of the kernel's kselftest lib.mk, under
# the same names, so that the folder also works inside a kernel tree.

KSFT_RUNNER := $(dir $(lastword $(MAKEFILE_LIST)))runner.sh

all: $(TEST_GEN_PROGS) $(TEST_GEN_FILES)

run_tests: all
	@$(KSFT_RUNNER) $(TEST_PROGS) $(TEST_GEN_PROGS)

list_tests:
	@for t in $(TEST_PROGS) $(TEST_GEN_PROGS); do echo "leaseglean:$$t"; done

clean:
	$(RM) $(TEST_GEN_PROGS) $(TEST_GEN_FILES)

.PHONY: all run_tests list_tests clean
