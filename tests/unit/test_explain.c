/* SPDX-License-Identifier: ISC */
#include "filter/explain.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *filter;
	const char *explained;
} cases[] = {
	{ "#db",
	    "#db                             looked up\n"
	    "\n"
	    "incidents with what is looked up are read, no others\n" },
	{ "",
	    "everything\n"
	    "\n"
	    "every incident is looked at, but no text is read\n" },
	{ "severity>=high -lock",
	    "and\n"
	    "  not\n"
	    "    lock                        read in the text\n"
	    "  severity>=high                decided from the state\n"
	    "\n"
	    "this filter is checked against every incident: "
	    "add a tag or a word\n" },
	{ "#db* deadlock or /(dead|live) ?lock(ed)?/",
	    "or\n"
	    "  and\n"
	    "    #db*                        compared\n"
	    "    deadlock                    looked up\n"
	    "  /(dead|live) ?lock(ed)?/      looked up: \"deadlock\" or "
	    "\"dead lock\" or \"livelock\" or \"live lock\"; "
	    "searched there\n"
	    "\n"
	    "incidents with one of what is looked up are read, no others\n" },
	{ "/\\d{3}/",
	    "/\\d{3}/                         searched where 3 digits "
	    "stand in a row\n"
	    "\n"
	    "this filter is checked against every incident: "
	    "add a tag or a word\n" },
	{ "/a*/",
	    "/a*/                            found in every text\n"
	    "\n"
	    "this filter is checked against every incident: "
	    "add a tag or a word\n" },
	{ "#db /log/",
	    "and\n"
	    "  #db                           looked up\n"
	    "  /log/                         searched where there "
	    "is \"log\"\n"
	    "\n"
	    "incidents with what is looked up are read, no "
	    "others\n" },
};

static void
a_filter_is_explained_term_by_term(void **state)
{
	void *here = mem_root("test");
	const struct filter_context context = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter *filter = NULL;
		struct error err = { 0 };

		assert_true(filter_parse(
		    here, cases[i].filter, &context, &filter, &err));
		assert_string_equal(
		    filter_explained(here, filter), cases[i].explained);
	}
	talloc_free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_is_explained_term_by_term),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
