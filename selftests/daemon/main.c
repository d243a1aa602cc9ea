// SPDX-License-Identifier: GPL-2.0
/* Runs the daemon's unit tests as one group, for one plan. */
#include "fake.h"

#include <stdlib.h>
#include <string.h>

int main(void)
{
	static const struct fake_tests * const files[] = {
		&answer_tests, &dialect_tests, &question_tests, &relays_tests,
		&config_tests, &reload_tests, &lookup_tests, &respond_tests,
		&snapshot_tests, &recovery_tests, &bulk_tests, &auth_tests,
		&child_tests, &walk_tests, &asked_tests, &clock_tests,
	};
	struct CMUnitTest tests[512];
	size_t i, n = 0;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (n + files[i]->n > sizeof(tests) / sizeof(tests[0]))
			abort();
		memcpy(tests + n, files[i]->tests,
		       files[i]->n * sizeof(tests[0]));
		n += files[i]->n;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("daemon", tests, n, NULL, NULL) ? 1 : 0;
}
