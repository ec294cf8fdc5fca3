/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* An array of n empty objects, which make jansson take most for a byte. */
static struct buf *
objects(void *owner, size_t n)
{
	struct buf *text = buf_new(owner);

	buf_char(text, '[');
	for (size_t i = 0; i < n; i++)
		buf_text(text, i == 0 ? "{}" : ",{}");
	buf_char(text, ']');
	return text;
}

static bool
is_taken(size_t n, struct error *err)
{
	void *root = mem_root("test");
	struct buf *text = objects(root, n);
	json_t *value;
	bool ok = json_parse(root, text->text, text->length, &value, err);

	if (ok)
		assert_int_equal(json_array_size(value), n);
	talloc_free(root);
	return ok;
}

static void
a_text_of_very_many_values_is_refused(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(is_taken(50000, &err));
	assert_false(is_taken(200000, &err));
	assert_int_equal(err.kind, ERROR_MALFORMED);
	assert_string_equal(err.message, "JSON: more than 200000 values");
}

static void
commas_and_brackets_in_a_string_are_no_values(void **state)
{
	void *root = mem_root("test");
	struct buf *text = buf_new(root);
	struct error err = { 0 };
	json_t *value;

	(void)state;
	buf_char(text, '"');
	for (int i = 0; i < 300000; i++)
		buf_text(text, ",[");
	buf_char(text, '"');
	assert_true(json_parse(root, text->text, text->length, &value, &err));
	assert_int_equal(json_string_length(value), 600000);
	talloc_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_of_very_many_values_is_refused),
		cmocka_unit_test(commas_and_brackets_in_a_string_are_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
