/* SPDX-License-Identifier: ISC */
#include "filter/regex.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Regexes that people really wrote and that need forever for some texts, tried
 * on texts made for that. Where the list is not at hand, on some of the kind.
 */
enum { TEXT = 16384, BUDGET = 5000 };

/* A class at the end, as PCRE2 looks first whether a letter is there at all. */
static const char *const some[] = { "(a|a)*[=_]", "(a+)+$", "^(a|aa)+$",
	"(.*a){20}[=_]", "(\\w+\\s?)+[=_]", "^(([a-z])+.)+[A-Z]([a-z])+$",
	"(a+a+)+[=_]", "^(\\d+)*$|(0|00)+[=_]", "((0|0)+)+[=_]",
	"(?:a?){30}a{30}[=_]", "a*a*a*a*a*a*[=_]", "^([\\w.-]+)+$",
	"\\s+\\s+\\s+\\s+[=_]" };

/* Each is repeated to the text's length, then comes what spoils a match. */
static const struct {
	const char *repeated, *end;
} texts[] = {
	{ "a", "!" },
	{ "0", "x" },
	{ "a1 ", "\t!" },
	{ " \t\n", "x" },
	{ "a@a.aa.", "\n!" },
	{ "x<a href=\"x\">", "<" },
};

static char *
text_of(void *owner, size_t which)
{
	const char *repeated = texts[which].repeated, *end = texts[which].end;
	char *text = mem_array(owner, char, TEXT + 1);
	size_t n = TEXT - strlen(end);

	for (size_t i = 0; i < n; i++)
		text[i] = repeated[i % strlen(repeated)];
	memcpy(text + n, end, strlen(end) + 1);
	return text;
}

static FILE *
open_list(void *owner)
{
	const char *folder = getenv("BARNRAISE_DATA");
	const char *source = getenv("top_srcdir");
	const char *name = "regexes-hostile.txt";

	if (folder != NULL)
		return fopen(mem_printf(owner, "%s/%s", folder, name), "r");
	return fopen(mem_printf(owner, "%s/../shared/data/%s",
			 source == NULL ? "." : source, name),
	    "r");
}

struct tried {
	size_t regexes, refused, over;
	int64_t most; /* CPU time */
};

static void
try_on(struct regex *regex, const char *text, struct regex_runner *runner,
    struct tried *tried)
{
	int64_t began, took, cost;
	bool over;

	/* compiled before, as that is no work on a text */
	regex_budget_begin(runner);
	(void)regex_is_in(regex, "", 0, runner);
	regex_budget_begin(runner);
	regex_costs_begin(runner);
	began = clock_thread_cpu();
	(void)regex_is_in(regex, text, TEXT, runner);
	took = clock_thread_cpu() - began;
	cost = regex_cost(runner);
	over = regex_budget_is_over(runner);
	tried->over += over;
	/* a call that has begun ends: where there is no JIT, it is slow */
	if (took > INT64_C(60) * BUDGET)
		fail_msg("%.*s: %jd us", (int)regex->length, regex->pattern,
		    (intmax_t)took);
	if (!over && took > INT64_C(10) * BUDGET)
		fail_msg("%.*s took %jd us, and nobody is told",
		    (int)regex->length, regex->pattern, (intmax_t)took);
	if (took > tried->most)
		tried->most = took;
	if (over && cost < BUDGET / 8)
		fail_msg("%.*s is over, and was not dear", (int)regex->length,
		    regex->pattern);
}

static void
try_one(struct span pattern, struct regex_runner *runner, struct tried *tried)
{
	void *here = mem_root("hostile");
	struct regex_fault fault;
	struct regex *regex;

	tried->regexes++;
	if (!regex_check(pattern, 0, &fault)) {
		tried->refused++;
		talloc_free(here);
		return;
	}
	regex = regex_new(here, pattern, 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		try_on(regex, text_of(here, i), runner, tried);
	talloc_free(here);
}

static void
hostile_regexes_stop_at_their_budget_and_are_told(void **state)
{
	void *here = mem_root("test");
	struct regex_runner *runner = regex_runner_new(here, BUDGET);
	FILE *list = open_list(here);
	struct tried tried = { 0 };
	char line[4096];

	(void)state;
	for (size_t i = 0; i < sizeof some / sizeof *some; i++)
		try_one(span_of(some[i]), runner, &tried);
	assert_int_equal(tried.refused, 0);
	assert_true(tried.over >= sizeof some / sizeof *some / 2);
	if (list == NULL)
		print_message("no shared/data: tried on a small sample\n");
	while (list != NULL && fgets(line, sizeof line, list) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		try_one(span_of(line), runner, &tried);
	}
	if (list != NULL)
		(void)fclose(list);
	print_message("%zu regexes, %zu refused; %zu times over budget, "
		      "%jd us at most\n",
	    tried.regexes, tried.refused, tried.over, (intmax_t)tried.most);
	talloc_free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    hostile_regexes_stop_at_their_budget_and_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
