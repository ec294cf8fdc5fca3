/* SPDX-License-Identifier: ISC */
#include "filter/tag.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *text;
	const char *folded; /* NULL: refused */
	unsigned column;
} tags[] = {
	{ "DB", "db", 0 },
	{ "Product:Checkout", "product:checkout", 0 },
	{ ".net", ".net", 0 },
	{ "C++", "c++", 0 },
	{ "c#", "c#", 0 },
	{ "GRÖSSE", "grösse", 0 },
	{ "gro\xcc\x88ße", "größe", 0 }, /* o and a combining diaeresis */
	{ "हिन्दी", "हिन्दी", 0 },
	{ "a:-b", "a:-b", 0 },
	{ "", NULL, 1 },
	{ "-a", NULL, 1 },
	{ ":a", NULL, 1 },
	{ "a:", NULL, 2 },
	{ "a::b", NULL, 3 },
	{ "ü b", NULL, 2 },
	{ "a*", NULL, 2 },
	{ "#a", NULL, 1 },
	{ "1\xcc\x88", NULL, 2 },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    NULL, 1 },
};

static void
tags_are_folded_or_refused(void **state)
{
	void *here = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		struct error err = { 0 };
		char *folded = NULL;
		bool ok = tag_parse(
		    here, span_of(tags[i].text), "tag", &folded, &err);

		if (ok != (tags[i].folded != NULL))
			fail_msg("%s: %s", tags[i].text,
			    ok ? "taken" : err.fields[0].message);
		if (ok)
			assert_string_equal(folded, tags[i].folded);
		else if (err.fields[0].column != tags[i].column)
			fail_msg("%s: column %u", tags[i].text,
			    err.fields[0].column);
	}
	talloc_free(here);
}

static const struct {
	const char *text;
	unsigned column; /* 0: a handle */
} handles[] = {
	{ "ana", 0 },
	{ "bo.b-2_x", 0 },
	{ "abcdefghijklmnopqrstuvwxyz012345", 0 },
	{ "abcdefghijklmnopqrstuvwxyz0123456", 1 },
	{ "", 1 },
	{ "Ana", 1 },
	{ "9x", 1 },
	{ "anA", 3 },
	{ "a/b", 2 },
	{ "me", 1 },
	{ "none", 1 },
};

static void
handles_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
		struct error err = { 0 };
		bool ok = handle_check(handles[i].text, "handle", &err);

		if (ok != (handles[i].column == 0) ||
		    (!ok && err.fields[0].column != handles[i].column))
			fail_msg("%s: column %u", handles[i].text,
			    err.fields[0].column);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_folded_or_refused),
		cmocka_unit_test(handles_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
