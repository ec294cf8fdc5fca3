/* SPDX-License-Identifier: ISC */
#include "filter/why.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int
setup(void **state)
{
	*state = mem_root("test");
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static void
only_what_holds_is_told(void **state)
{
	static const struct {
		const char *filter, *why;
	} cases[] = {
		{ "", "" },
		{ "#db", "#db" },
		{ "#net or #DB or lock", "#db, lock" },
		{ "(#net or #db) severity>=high", "#db, severity>=high" },
		{ "/dead ?lock/i -host:ana", "-host:ana, /dead ?lock/i" },
		/* what stands deeper is told as a whole */
		{ "#net or (#db (lock or pool))", "#db (lock or pool)" },
		{ "not (#net or #x11)", "-(#net or #x11)" },
	};
	static const char title[] = "Dead lock in the pool";
	static const char *const tags[] = { "db" };
	const struct filter_text text = { FIELD_TITLE, title, strlen(title) };
	const struct filter_document document = { &text, 1, tags, 1 };
	const struct filter_state now = { .severity = SEVERITY_HIGH,
		.source = "web" };
	const struct filter_context nobody = { 0 };
	struct filter_scratch *scratch = filter_scratch_new(*state, 0);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error err = { 0 };
		struct filter *filter = NULL;

		assert_true(filter_parse(
		    *state, cases[i].filter, &nobody, &filter, &err));
		assert_true(filter_matches(filter, &document, &now, scratch));
		assert_string_equal(
		    filter_why(*state, filter_why_new(*state, filter),
			&document, &now, scratch),
		    cases[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_holds_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
