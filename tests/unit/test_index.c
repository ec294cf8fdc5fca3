/* SPDX-License-Identifier: ISC */
#include "filter/index.h"

#include "base/hash.h"
#include "base/mem.h"
#include "filter/eval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct filter *
parsed(void *owner, const char *text)
{
	struct filter_context context = { 0 };
	struct error err = { 0 };
	struct filter *filter = NULL;

	if (!filter_parse(owner, text, &context, &filter, &err))
		fail_msg("%s: %s", text, err.fields[0].message);
	return filter;
}

/* A key as text: "#db", "#d*", "runs", or the literal itself. */
static bool
key_is(const struct key *key, const char *text)
{
	size_t n = strlen(text);

	if (key->kind == KEY_LITERAL)
		return key->length == n && memcmp(key->text, text, n) == 0;
	if (key->kind == KEY_RUNS)
		return strcmp(text, "runs") == 0;
	if (key->kind == KEY_TAG)
		return text[0] == '#' &&
		    key->hash == hash_bytes(text + 1, n - 1);
	return text[0] == '#' && text[n - 1] == '*' &&
	    key->hash == hash_bytes(text + 1, n - 2);
}

static const struct {
	const char *filter;
	const char *keys[5]; /* the first is NULL: no cover */
} covers[] = {
	{ "", { NULL } },
	{ "#db", { "#db" } },
	{ "#product:*", { "#product:*" } },
	{ "Deadlock", { "deadlock" } },
	{ "\"Lock  wait\"", { "lock wait" } },
	{ "title:lock", { "lock" } },
	{ "x", { "x" } },
	{ "severity:high", { NULL } },
	{ "#db severity:high", { "#db" } },
	{ "#db or severity:high", { NULL } },
	{ "#db or lock", { "#db", "lock" } },
	{ "#db or (lock severity:high)", { "#db", "lock" } },
	{ "-lock", { NULL } },
	{ "-lock #db", { "#db" } },
	{ "-lock or #db", { NULL } },
	{ "-(lock or -#db)", { "#db" } },
	{ "-(-lock -#db)", { "lock", "#db" } },
	{ "-(lock #db)", { NULL } },
	{ "(#a or #b) (#c or -#d)", { "#a", "#b" } },
	{ "/deadlock/", { "deadlock" } },
	{ "/deadlock/ or #db", { "deadlock", "#db" } },
	{ "/.*/ #db", { "#db" } },
	{ "/./", { NULL } },
	{ "/./ or #db", { NULL } },
	/* in the grain where it is rarest */
	{ "/\\bit\\W+works\\b/", { " it works " } },
	{ "/\\d{3}-\\d{4}/", { "000-0000" } },
	/* of a branch without a literal its runs */
	{ "/deadlock|[0-9a-f]{8}/", { "deadlock", "runs" } },
	{ "/deadlock|\\d{3}-\\d{4}/", { "deadlock", "000-0000" } },
	{ "/deadlock|.*/", { NULL } },
	{ "/[0-9a-f]{8}/", { NULL } },
};

static void
a_cover_is_what_one_of_must_be_there(void **state)
{
	void *here = mem_root("test");
	struct frequency *frequency = frequency_new(here);
	struct runs runs;

	(void)state;
	for (size_t i = 0; i < sizeof covers / sizeof *covers; i++) {
		struct filter *filter = parsed(here, covers[i].filter);
		struct cover *cover = cover_new(here, filter, frequency, &runs);
		const char *const *keys = covers[i].keys;
		size_t n = 0;
		bool indexed;

		if ((cover == NULL) != (keys[0] == NULL))
			fail_msg("%s", covers[i].filter);
		indexed = cover != NULL;
		for (; keys[n] != NULL; n++) {
			bool found = false;

			indexed &= strcmp(keys[n], "runs") != 0;

			for (size_t k = 0; k < cover->n; k++)
				found |= key_is(&cover->keys[k], keys[n]);
			if (!found)
				fail_msg(
				    "%s: no %s", covers[i].filter, keys[n]);
		}
		assert_int_equal(filter_is_indexed(filter), indexed);
		if (cover != NULL && cover->n != n)
			fail_msg("%s: %zu keys", covers[i].filter, cover->n);
	}
	talloc_free(here);
}

static void
learn(struct frequency *frequency, struct filter_scratch *scratch,
    const char *text, const char *tag)
{
	const struct filter_text texts[] = { { FIELD_BODY, text,
	    strlen(text) } };
	const struct filter_document document = { texts, 1, &tag, 1 };

	const struct word_grams *grams[GRAINS];

	scratch_set_document(scratch, &document);
	for (enum grain grain = 0; grain < GRAINS; grain++)
		grams[grain] = scratch_grams(scratch, grain);
	frequency_learn(frequency, grams, &document);
}

static void
of_what_must_be_there_the_rarest_is_looked_up(void **state)
{
	void *here = mem_root("test");
	struct frequency *frequency = frequency_new(here);
	struct runs runs;
	struct filter_scratch *scratch = filter_scratch_new(here, 0);
	struct cover *cover;

	(void)state;
	for (int i = 0; i < 100; i++)
		learn(frequency, scratch, "a common database", "web");
	learn(frequency, scratch, "a deadlock", "db");
	cover = cover_new(
	    here, parsed(here, "database deadlock"), frequency, &runs);
	assert_true(key_is(&cover->keys[0], "deadlock"));
	cover = cover_new(here, parsed(here, "database #db"), frequency, &runs);
	assert_true(key_is(&cover->keys[0], "#db"));
	cover = cover_new(
	    here, parsed(here, "deadlock #web"), frequency, &runs);
	assert_true(key_is(&cover->keys[0], "deadlock"));
	/* and in it the bytes that are */
	cover = cover_new(here, parsed(here, "databaselock"), frequency, &runs);
	assert_in_range(cover->keys[0].gram, 5, 8);
	talloc_free(here);
}

static void
of_a_long_literal_a_part_is_looked_up(void **state)
{
	void *here = mem_root("test");
	struct frequency *frequency = frequency_new(here);
	struct runs runs;
	struct filter_scratch *scratch = filter_scratch_new(here, 0);
	const char *text = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghij";
	struct cover *cover;

	(void)state;
	for (int i = 0; i < 9; i++)
		learn(frequency, scratch, "abcdefghijklmnopqrstuvwxyz0123456",
		    "t");
	cover = cover_new(here, parsed(here, text), frequency, &runs);
	assert_int_equal(cover->n, 1);
	assert_int_equal(cover->keys[0].length, LITERAL_KEY_MAX);
	assert_non_null(
	    memmem(text, strlen(text), cover->keys[0].text, LITERAL_KEY_MAX));
	assert_memory_equal(
	    cover->keys[0].text + cover->keys[0].gram, "567", 3);
	talloc_free(here);
}

/* Which of some filters are candidates for a text with a tag. */
static uint64_t
candidates(
    const char *const *filters, size_t n, const char *text, const char *tag)
{
	void *here = mem_root("test");
	struct frequency *frequency = frequency_new(here);
	struct runs runs;
	struct index_builder *builder = index_builder_new(here);
	struct filter_scratch *scratch = filter_scratch_new(here, 0);
	const struct filter_text texts[] = { { FIELD_BODY, text,
	    strlen(text) } };
	const struct filter_document document = { texts, 1, &tag, 1 };
	struct index *index;
	uint64_t slots = 0;

	for (size_t i = 0; i < n; i++)
		index_add(builder, (uint32_t)i,
		    cover_new(
			here, parsed(here, filters[i]), frequency, &runs));
	index = index_build(here, builder);
	scratch_set_document(scratch, &document);
	index_others(index, scratch_runs(scratch), &slots);
	index_tags(index, &tag, 1, &slots);
	for (enum grain grain = 0; grain < GRAINS; grain++)
		index_text(
		    index, grain, scratch_text(scratch, grain, 0), &slots);
	talloc_free(here);
	return slots;
}

static void
only_filters_with_a_key_in_the_document_are_candidates(void **state)
{
	static const char *const filters[] = { "#db", "#d*", "#*", "#dbx",
		"lock", "deadlock", "lo", "o", "-lock", "xylophone", "#web",
		"dead-lock", "wait", "\"k w\"" };
	size_t n = sizeof filters / sizeof *filters;

	(void)state;
	/* not "lo", "o" and "k w", which are no words of it */
	assert_int_equal(candidates(filters, n, "A Dead-LOCK wait", "db"),
	    1 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 12);
	assert_int_equal(candidates(filters, n, "", "x"), 1 << 2 | 1 << 8);
	assert_int_equal(
	    candidates(filters, n, "o", ""), 1 << 2 | 1 << 7 | 1 << 8);
	assert_int_equal(candidates(filters, 0, "o", ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cover_is_what_one_of_must_be_there),
		cmocka_unit_test(of_what_must_be_there_the_rarest_is_looked_up),
		cmocka_unit_test(of_a_long_literal_a_part_is_looked_up),
		cmocka_unit_test(
		    only_filters_with_a_key_in_the_document_are_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
