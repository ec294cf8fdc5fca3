/* SPDX-License-Identifier: ISC */
#include "filter/filter.h"

#include "base/json.h"
#include "base/mem.h"
#include "filter_same.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { INCIDENTS = 6, FILE_MAX = 1 << 20 };

static const struct filter_context somebody = { .me = "me" };

struct subject {
	struct filter_text texts[FIELD_COUNT];
	struct filter_document document;
	struct filter_state state;
};

static char *
file_read(void *owner, const char *name)
{
	const char *source = getenv("top_srcdir");
	char *path = mem_printf(
	    owner, "%s/%s", source == NULL ? "." : source, name);
	char *text = mem_array(owner, char, FILE_MAX);
	FILE *file = fopen(path, "r");

	if (file == NULL)
		fail_msg("%s: cannot open it", path);
	text[fread(text, 1, FILE_MAX - 1, file)] = '\0';
	(void)fclose(file);
	return text;
}

static struct filter *
parsed(void *owner, const char *text)
{
	struct error err = { 0 };
	struct filter *filter = NULL;
	char words[ERROR_TEXT];

	if (!filter_parse(owner, text, &somebody, &filter, &err))
		fail_msg("%s: %s", text, error_text(&err, words));
	/* as it would be saved, where "me" is always somebody's handle */
	if (strstr(filter_text(filter), ":me") == NULL &&
	    !filter_reads_back(filter))
		fail_msg("%s: is not what is stored", text);
	return filter;
}

static const char *
canonical(void *owner, const char *text)
{
	return filter_text(parsed(owner, text));
}

static void
subject_read(void *owner, const json_t *row, struct subject *subjects)
{
	static const char *const names[FIELD_COUNT] = { "title", "body",
		"environment" };
	const json_t *document = json_object_get(row, "document");
	const json_t *tags = json_object_get(document, "tags");
	struct subject *subject =
	    &subjects[json_integer_value(json_object_get(row, "incident"))];
	const char **list = mem_array(owner, const char *, 8);

	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		const char *text = json_string_value(
		    json_object_get(document, names[i]));

		subject->texts[i] = (struct filter_text){ (enum filter_field)i,
			text, strlen(text) };
	}
	for (size_t i = 0; i < json_array_size(tags); i++)
		list[i] = json_string_value(json_array_get(tags, i));
	subject->document = (struct filter_document){ subject->texts,
		FIELD_COUNT, list, json_array_size(tags) };
	assert_true(filter_severity_find(
	    json_string_value(json_object_get(document, "severity")),
	    &subject->state.severity));
}

static void
check_error(void *owner, const char *text, const json_t *column)
{
	struct error err = { 0 };
	struct filter *filter = NULL;

	if (filter_parse(owner, text, &somebody, &filter, &err))
		fail_msg("%s: is no error, but %s", text, filter_text(filter));
	assert_null(filter);
	assert_int_equal(err.n_fields, 1);
	assert_string_equal(err.fields[0].name, "filter");
	assert_true(err.fields[0].column > 0);
	if (json_is_integer(column) &&
	    err.fields[0].column != json_integer_value(column))
		fail_msg("%s: column %u, not %d: %s", text,
		    err.fields[0].column, (int)json_integer_value(column),
		    err.fields[0].message);
}

static void
check_matches(void *owner, const char *text, const json_t *numbers,
    const struct subject *subjects)
{
	struct filter_scratch *scratch = filter_scratch_new(owner, 0);
	const struct filter *filter = parsed(owner, text);

	for (int i = 0; i < INCIDENTS; i++) {
		bool expected = false;

		for (size_t j = 0; j < json_array_size(numbers); j++)
			expected |= json_integer_value(
					json_array_get(numbers, j)) == i;
		if (filter_matches(filter, &subjects[i].document,
			&subjects[i].state, scratch) != expected)
			fail_msg("%s: incident %d: expected %s", text, i,
			    expected ? "match" : "none");
	}
}

static void
check_spellings(void *owner, const json_t *list, bool same)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *a = json_string_value(json_array_get(list, i));

		for (size_t j = 0; j < i; j++) {
			const char *b = json_string_value(
			    json_array_get(list, j));

			if ((strcmp(canonical(owner, a), canonical(owner, b)) ==
				0) != same)
				fail_msg("%s and %s: %s", a, b,
				    same ? "differ" : "are the same");
		}
	}
}

static void
check_case(void *owner, const json_t *row, struct subject *subjects)
{
	const char *text = json_string_value(json_object_get(row, "filter"));
	const json_t *value;

	if (json_object_get(row, "incident") != NULL)
		subject_read(owner, row, subjects);
	else if ((value = json_object_get(row, "same")) != NULL)
		check_spellings(owner, value, true);
	else if ((value = json_object_get(row, "differ")) != NULL)
		check_spellings(owner, value, false);
	else if ((value = json_object_get(row, "error")) != NULL)
		check_error(owner, text, value);
	else if ((value = json_object_get(row, "matches")) != NULL)
		check_matches(owner, text, value, subjects);
	else {
		const char *printed = canonical(owner, text);

		value = json_object_get(row, "canonical");
		assert_non_null(value);
		assert_string_equal(printed, json_string_value(value));
		assert_string_equal(printed, canonical(owner, printed));
	}
}

static void
every_case_of_the_file_holds(void **state)
{
	void *here = mem_root("test");
	char *text = file_read(here, "tests/data/filter-cases.jsonl");
	struct subject subjects[INCIDENTS] = { 0 };
	int n = 0;

	(void)state;
	for (char *line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n"), n++) {
		struct error err = { 0 };
		json_t *row = NULL;

		assert_true(json_parse(here, line, strlen(line), &row, &err));
		check_case(here, row, subjects);
	}
	assert_true(n >= 331);
	talloc_free(here);
}

/* A line of the manual page as it is shown. */
static char *
manual_line(void *owner, const char *line)
{
	char *shown = mem_copy(owner, line), *to = shown;

	for (const char *from = line; *from != '\0'; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'e')
			*to++ = '\\';
		else if (*from == '-')
			*to++ = '-';
		else
			fail_msg("%s: what is \\%c?", line, *from);
	}
	*to = '\0';
	return shown;
}

/*
 * A filter alone is one that parses. Behind a tab stands what it becomes, or
 * its error.
 */
static void
check_example(void *owner, char *line)
{
	char *expected = strchr(line, '\t');
	struct error err = { 0 };
	struct filter *filter = NULL;
	char words[ERROR_TEXT];
	bool ok;

	if (expected != NULL)
		*expected++ = '\0';
	ok = filter_parse(owner, line, &somebody, &filter, &err);
	if (expected == NULL && !ok)
		fail_msg("%s: %s", line, error_text(&err, words));
	if (expected != NULL)
		assert_string_equal(
		    ok ? filter_text(filter) : error_text(&err, words),
		    expected);
}

static void
every_example_of_the_manual_holds(void **state)
{
	void *here = mem_root("test");
	char *text = file_read(here, "src/filter/barnraise-filter.7");
	bool literal = false;
	int n = 0;

	(void)state;
	for (char *line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (strncmp(line, ".Bd -literal", 12) == 0)
			literal = true;
		else if (strcmp(line, ".Ed") == 0)
			literal = false;
		else if (literal) {
			check_example(here, manual_line(here, line));
			n++;
		}
	}
	assert_true(n > 25);
	talloc_free(here);
}

static const struct {
	const char *text;
	bool me, articles;
	unsigned column; /* 0: fine */
	const char *canonical;
} asked[] = {
	{ "host:ME", true, false, 0, "host:ana" },
	{ "#a swarm:me", false, false, 10, NULL },
	{ "title:x age<1d #a body:/x/ y", false, true, 0,
	    "#a age<1d body:/x/ title:x y" },
	{ "x severity:high", true, true, 3, NULL },
	{ "host:me", true, true, 1, NULL },
	{ "is:known", false, true, 1, NULL },
};

static void
a_filter_depends_on_who_asks_about_what(void **state)
{
	void *here = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		struct filter_context context = { asked[i].me ? "ana" : NULL,
			asked[i].articles };
		struct error err = { 0 };
		struct filter *filter = NULL;
		bool ok = filter_parse(
		    here, asked[i].text, &context, &filter, &err);

		if (ok != (asked[i].column == 0) ||
		    (!ok && err.fields[0].column != asked[i].column))
			fail_msg("%s: column %u", asked[i].text,
			    err.fields[0].column);
		if (ok)
			assert_string_equal(
			    filter_text(filter), asked[i].canonical);
	}
	talloc_free(here);
}

/* Texts made of n pieces, just within a limit and just past it. */
static const struct {
	const char *begin, *piece, *end;
	int most;
	unsigned column; /* of the error with one more */
} limits[] = {
	{ "", "not ", "a", 200, 801 },
	{ "", "(", "a", 32, 33 }, /* within: never closed */
	{ "x", "y", "", 4095, 4097 },
	{ "\"ü", "y", "\"", 4092, 4096 },
};

static void
what_passes_a_limit_is_an_error_where_it_does(void **state)
{
	void *here = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		char *text = mem_copy(here, limits[i].begin);
		struct error err = { 0 };
		struct filter *filter = NULL;

		for (int j = 0; j < limits[i].most; j++)
			text = talloc_strdup_append(text, limits[i].piece);
		if (limits[i].piece[0] != '(')
			(void)parsed(here,
			    mem_printf(here, "%s%s", text, limits[i].end));
		text = mem_printf(
		    here, "%s%s%s", text, limits[i].piece, limits[i].end);
		assert_false(
		    filter_parse(here, text, &somebody, &filter, &err));
		if (err.fields[0].column != limits[i].column)
			fail_msg("limit %zu: column %u: %s", i,
			    err.fields[0].column, err.fields[0].message);
	}
	talloc_free(here);
}

/* Escapes make the canonical form longer than what was written. */
static void
a_canonical_form_that_cannot_be_read_again_is_refused(void **state)
{
	void *here = mem_root("test");
	char *text = mem_copy(here, "\"a ");
	struct error err = { 0 };
	struct filter *filter = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++)
		text = talloc_strdup_append(text, "\\a");
	(void)parsed(here, mem_printf(here, "%s\"", text));
	for (int i = 0; i < 1000; i++)
		text = talloc_strdup_append(text, "\\a");
	text = talloc_strdup_append(text, "\"");
	assert_true(strlen(text) <= FILTER_MAX);
	assert_false(filter_parse(here, text, &somebody, &filter, &err));
	assert_int_equal(err.fields[0].column, 1);
	talloc_free(here);
}

static void
regexes_are_read_back_as_they_were_stored(void **state)
{
	void *here = mem_root("test");
	char *text = file_read(here, "tests/data/regexes.txt");
	int n = 0;

	(void)state;
	for (char *line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (strchr(line, '/') != NULL)
			continue;
		(void)parsed(here, mem_printf(here, "-(a /%s/s)", line));
		n++;
	}
	assert_true(n >= 20);
	talloc_free(here);
}

/* A store that somebody has damaged. */
static void
a_broken_text_is_an_error_or_a_filter_that_can_be_read(void **state)
{
	static const char *const texts[] = { "-#db (#a or /(x+)+y/mx) age<2h",
		"title:\"a \\\" b\" host:ana helpers>=12 or is:open", "/a(b/",
		"(((", "- -", "#\xc3", "\"\xff\"", "by:me", "/a/q" };
	const struct filter_text body = { FIELD_BODY, "db a xxy", 8 };
	const struct filter_document document = { &body, 1, NULL, 0 };
	const struct filter_state none = { 0 };
	int read = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		for (size_t at = 0; at <= strlen(texts[i]); at++) {
			void *here = mem_root("test");
			char *text = mem_copy(here, texts[i]);
			struct filter *filter = NULL;
			struct error err = { 0 };

			text[at] = "(/x)\"#"[at % 6];
			if (at == strlen(texts[i]))
				text[at] = '\0';
			if (filter_parse_stored(here, text, &filter, &err)) {
				(void)filter_matches(filter, &document, &none,
				    filter_scratch_new(here, 5000));
				read++;
			} else {
				assert_int_equal(err.n_fields, 1);
				failed++;
			}
			talloc_free(here);
		}
	}
	assert_true(read > 20);
	assert_true(failed > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_file_holds),
		cmocka_unit_test(every_example_of_the_manual_holds),
		cmocka_unit_test(a_filter_depends_on_who_asks_about_what),
		cmocka_unit_test(what_passes_a_limit_is_an_error_where_it_does),
		cmocka_unit_test(
		    a_canonical_form_that_cannot_be_read_again_is_refused),
		cmocka_unit_test(regexes_are_read_back_as_they_were_stored),
		cmocka_unit_test(
		    a_broken_text_is_an_error_or_a_filter_that_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
