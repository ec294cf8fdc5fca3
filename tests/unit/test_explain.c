/* SPDX-License-Identifier: ISC */
#include "filter/explain.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOUND_BY(what) "\nfound by: " what "\n"
#define WITHOUT_THAT "An incident without that is not looked at.\n"
#define WITHOUT_ANY "An incident without any of these is not looked at.\n"
#define WARNING                                                    \
	"Warning: this filter is checked against every incident: " \
	"add a tag or a word.\n"

static const struct {
	const char *filter;
	const char *explained;
} cases[] = {
	{ "#db",
	    "#db                             looked up\n" FOUND_BY("tag db")
		WITHOUT_THAT },
	{ "",
	    "everything\n" FOUND_BY("nothing: every incident matches, "
				    "unread") },
	{ "is:open or host:ana",
	    "or\n"
	    "  host:ana                      decided from its state, costs "
	    "nothing\n"
	    "  is:open                       decided from its state, costs "
	    "nothing\n" FOUND_BY("nothing, but it reads no text: it costs next "
				 "to nothing") },
	{ "severity>=high -lock",
	    "and\n"
	    "  not\n"
	    "    lock                        read in the text\n"
	    "  severity>=high                decided from its state, costs "
	    "nothing\n" FOUND_BY("nothing") WARNING },
	{ "#db* deadlock or /(dead|live) ?lock(ed)?/",
	    "or\n"
	    "  and\n"
	    "    #db*                        compared with its tags\n"
	    "    deadlock                    looked up\n"
	    "  /(dead|live) ?lock(ed)?/      looked up: \"deadlock\", \"dead "
	    "lock\", \"livelock\"\n"
	    "                                  or \"live lock\"\n" FOUND_BY(
		"word \"deadlock\", \"deadlock\", \"dead lock\", "
		"\"livelock\" or \"live lock\"") WITHOUT_ANY },
	/* a literal of one branch is not that of another */
	{ "(#db deadlock) or (#db -lock) or lock",
	    "or\n"
	    "  and\n"
	    "    #db                         looked up\n"
	    "    not\n"
	    "      lock                      read in the text\n"
	    "  and\n"
	    "    #db                         compared with its tags\n"
	    "    deadlock                    looked up\n"
	    "  lock                          looked up\n" FOUND_BY(
		"tag db, word \"deadlock\" or word \"lock\"") WITHOUT_ANY },
	{ "(#db x) or (#db y severity:low)",
	    "or\n"
	    "  and\n"
	    "    #db                         looked up\n"
	    "    severity:low                decided from its state, costs "
	    "nothing\n"
	    "    y                           read in the text\n"
	    "  and\n"
	    "    #db                         looked up\n"
	    "    x                           read in the text\n" FOUND_BY(
		"tag db") WITHOUT_THAT },
	{ "#* or #pro*",
	    "or\n"
	    "  #*                            looked up\n"
	    "  #pro*                         looked up\n" FOUND_BY(
		"any tag or tags that begin with pro") WITHOUT_ANY },
	{ "/timeout.{0,40}(connect|read) failed/",
	    "/timeout.{0,40}(connect|read) failed/\n"
	    "                                looked up: \"connect failed\" or "
	    "\"read failed\"\n"
	    "                                needed: \"timeout\"\n"
	    "                                  (not looked up: something rarer "
	    "is)\n" FOUND_BY("\"connect failed\" or \"read failed\"")
		WITHOUT_ANY },
	{ "/\\bit\\W+works\\b/",
	    "/\\bit\\W+works\\b/                looked up: words \" it "
	    "works \"\n"
	    "                                needed: \"works\"\n"
	    "                                  (not looked up: something rarer "
	    "is)\n"
	    "                                needed: \"it\" (not looked up: "
	    "something rarer is)\n" FOUND_BY("words \" it works \"")
		WITHOUT_THAT },
	{ "/\\d{3}-\\d{4}|lock|[0-9a-f]{8}/",
	    "/\\d{3}-\\d{4}|lock|[0-9a-f]{8}/  looked up: shape \"000-0000\", "
	    "\"lock\" or\n"
	    "                                  8 hex digits in a "
	    "row\n" FOUND_BY(
		"shape \"000-0000\", \"lock\" or 8 hex digits in a row")
		WITHOUT_ANY },
	{ "/[abc][123]x/",
	    "/[abc][123]x/                   looked up: \"a1x\", \"a2x\", "
	    "\"a3x\", \"b1x\", \"b2x\",\n"
	    "                                  \"b3x\" or 3 more\n" FOUND_BY(
		"\"a1x\", \"a2x\", \"a3x\", \"b1x\", \"b2x\", \"b3x\" or 3 "
		"more") WITHOUT_ANY },
	{ "/\\d{3}/ or /\\d/ or /\\d*[^a]?/",
	    "or\n"
	    "  /\\d*[^a]?/                    found in every text\n"
	    "  /\\d/                          needed: a digit\n"
	    "  /\\d{3}/                       needed: 3 digits in a "
	    "row\n" FOUND_BY("nothing: every incident matches, unread") },
	{ "/\\b/",
	    "/\\b/                            nothing is known that it "
	    "needs\n" FOUND_BY("nothing") WARNING },
	{ "deadlocks /lock/ or severity:low",
	    "or\n"
	    "  and\n"
	    "    /lock/                      needed: \"lock\" (not looked up)\n"
	    "    deadlocks                   read in the text\n"
	    "  severity:low                  decided from its state, costs "
	    "nothing\n" FOUND_BY("nothing") WARNING },
	/* nothing plays with the terminal, and columns are of characters */
	{ "\"\x1b[2J\xe2\x80\xae\" or gr\xc3\xbc\xc3\x9f",
	    "or\n"
	    "  \"\\u{1b}[2j\\u{202e}\"           looked up\n"
	    "  gr\xc3\xbc\xc3\x9f                          looked "
	    "up\n" FOUND_BY("word \"\\u{1b}[2j\\u{202e}\" or word "
			    "\"gr\xc3\xbc\xc3\x9f\"") WITHOUT_ANY },
};

static void
a_filter_is_explained_term_by_term(void **state)
{
	void *here = mem_root("test");
	const struct filter_context nobody = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter *filter = NULL;
		struct error err = { 0 };

		assert_true(filter_parse(
		    here, cases[i].filter, &nobody, &filter, &err));
		assert_string_equal(
		    filter_explained(here, filter, frequency_new(here)),
		    cases[i].explained);
	}
	talloc_free(here);
}

/* A tag that all have is not what a filter is looked up by. */
static void
what_is_rare_is_looked_up(void **state)
{
	static const char *const tags[] = { "db" };
	static const struct filter_document document = { .tags = tags,
		.n_tags = 1 };
	void *here = mem_root("test");
	const struct filter_context nobody = { 0 };
	struct frequency *frequency = frequency_new(here);
	const struct word_grams none = { 0 };
	const struct word_grams *grams[GRAINS] = { &none, &none, &none };
	struct filter *filter = NULL;
	struct error err = { 0 };

	(void)state;
	assert_true(filter_parse(here, "#db abc", &nobody, &filter, &err));
	assert_non_null(
	    strstr(filter_explained(here, filter, frequency), "by: tag db\n"));
	for (int i = 0; i < 100; i++)
		frequency_learn(frequency, grams, &document);
	assert_non_null(strstr(
	    filter_explained(here, filter, frequency), "by: word \"abc\"\n"));
	talloc_free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_is_explained_term_by_term),
		cmocka_unit_test(what_is_rare_is_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
