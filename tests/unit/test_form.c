/* SPDX-License-Identifier: ISC */
#include "http/request.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=xx"

struct parsed {
	void *owner;
	struct form form;
	struct error err;
	bool ok;
};

static struct parsed
parse(const char *type, const char *body, size_t length)
{
	struct parsed parsed = { .owner = mem_root("test") };
	struct form_field header = { "Content-Type", type };
	struct request request = { .memory = parsed.owner,
		.body = body,
		.body_length = length,
		.headers = &header,
		.n_headers = 1 };

	parsed.ok = request_form(&request, &parsed.form, &parsed.err);
	return parsed;
}

static void
urlencoded_fields_are_decoded(void **state)
{
	static const char body[] =
	    "a=1&b=x+y%2B%c3%a4&&empty=&bare&a=2&%61b=%0D%0A&=noname";
	struct parsed parsed = parse(
	    URLENCODED "; charset=utf-8", body, sizeof body - 1);

	(void)state;
	assert_true(parsed.ok);
	assert_int_equal(parsed.form.n, 7);
	assert_string_equal(form_value(&parsed.form, "a"), "1");
	assert_string_equal(form_value(&parsed.form, "b"), "x y+\xc3\xa4");
	assert_string_equal(form_value(&parsed.form, "empty"), "");
	assert_string_equal(form_value(&parsed.form, "bare"), "");
	assert_string_equal(form_value(&parsed.form, "ab"), "\r\n");
	assert_string_equal(form_value(&parsed.form, ""), "noname");
	assert_null(form_value(&parsed.form, "c"));
	talloc_free(parsed.owner);
}

static void
empty_form_has_no_fields(void **state)
{
	struct parsed parsed = parse(URLENCODED, "", 0);

	(void)state;
	assert_true(parsed.ok);
	assert_int_equal(parsed.form.n, 0);
	talloc_free(parsed.owner);
}

static void
multipart_fields_are_read(void **state)
{
	static const char body[] =
	    "preamble\r\n--xx\r\n"
	    "Content-Disposition: form-data; name=\"a\"\r\n\r\n"
	    "1\r\n2\r\n--xx \t\r\n"
	    "Content-Type: text/plain\r\n"
	    "content-disposition: form-data; filename=\"n; name=\\\"z\\\"\"; "
	    "name=\"b \\\"q\\\"\"\r\n\r\n"
	    "--x\r\n--xxy\r\n\xc3\xa4\r\n--xx\r\n"
	    "Content-Disposition: form-data; name=empty\r\n\r\n"
	    "\r\n--xx--\r\nepilogue";
	struct parsed parsed = parse(MULTIPART, body, sizeof body - 1);

	(void)state;
	assert_true(parsed.ok);
	assert_int_equal(parsed.form.n, 3);
	assert_string_equal(form_value(&parsed.form, "a"), "1\r\n2");
	assert_string_equal(
	    form_value(&parsed.form, "b \"q\""), "--x\r\n--xxy\r\n\xc3\xa4");
	assert_string_equal(form_value(&parsed.form, "empty"), "");
	talloc_free(parsed.owner);
}

static void
multipart_may_begin_at_once_and_hold_nothing(void **state)
{
	static const char one[] =
	    "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
	    "--xx--";
	static const char none[] = "--xx--\r\n";
	struct parsed parsed = parse(
	    "Multipart/Form-Data; Boundary=\"xx\"", one, sizeof one - 1);

	(void)state;
	assert_true(parsed.ok);
	assert_string_equal(form_value(&parsed.form, "a"), "1");
	talloc_free(parsed.owner);
	parsed = parse(MULTIPART, none, sizeof none - 1);
	assert_true(parsed.ok);
	assert_int_equal(parsed.form.n, 0);
	talloc_free(parsed.owner);
}

static void
bad_forms_are_malformed(void **state)
{
#define CASE(type, body)                     \
	{                                    \
		type, body, sizeof(body) - 1 \
	}
#define PART(name) "--xx\r\nContent-Disposition: form-data" name "\r\n\r\n"
	static const struct {
		const char *type, *body;
		size_t length;
	} cases[] = {
		CASE(URLENCODED, "a=%"),
		CASE(URLENCODED, "a=%4"),
		CASE(URLENCODED, "a=%zz"),
		CASE(URLENCODED, "a=%00"),
		CASE(URLENCODED, "a=\0b"),
		CASE(URLENCODED, "a=%ff"),
		CASE(URLENCODED, "a=\xc3"),
		CASE(URLENCODED, "%ff=a"),
		CASE("multipart/form-data", "--xx--"),
		CASE("multipart/form-data; boundary=", "--"),
		CASE("multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaa"
		     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "--"),
		CASE(MULTIPART, ""),
		CASE(MULTIPART, "--xx\r\n"),
		CASE(MULTIPART, PART("; name=a") "1"),
		CASE(MULTIPART, PART("; name=a") "1\r\n--xx"),
		CASE(MULTIPART, PART("; name=a") "1\r\n--xx\r\n"),
		CASE(MULTIPART, PART("") "1\r\n--xx--"),
		CASE(MULTIPART, "--xx\r\n\r\n1\r\n--xx--"),
		CASE(MULTIPART, PART("; name=a") "\0\r\n--xx--"),
		CASE(MULTIPART, PART("; name=a") "\xff\r\n--xx--"),
		CASE(MULTIPART, PART("; name=\xff") "a\r\n--xx--"),
	};
#undef CASE

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed parsed = parse(
		    cases[i].type, cases[i].body, cases[i].length);

		if (parsed.ok || parsed.err.kind != ERROR_MALFORMED)
			fail_msg("case %zu: %s", i, cases[i].body);
		talloc_free(parsed.owner);
	}
}

static void
other_types_are_unsupported(void **state)
{
	static const char *const types[] = { "application/json", "text/plain",
		"", "application/x-www-form-urlencodedx" };

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct parsed parsed = parse(types[i], "a=b", 3);

		assert_false(parsed.ok);
		assert_int_equal(parsed.err.kind, ERROR_UNSUPPORTED);
		talloc_free(parsed.owner);
	}
}

static void
fields_have_a_limit(void **state)
{
	void *owner = mem_root("test");
	struct buf *body = buf_new(owner);
	struct parsed parsed;

	(void)state;
	for (int i = 0; i < 200; i++)
		buf_text(body, "a=b&");
	parsed = parse(URLENCODED, body->text, body->length);
	assert_true(parsed.ok);
	assert_int_equal(parsed.form.n, 200);
	talloc_free(parsed.owner);
	buf_text(body, "a=b");
	parsed = parse(URLENCODED, body->text, body->length);
	assert_false(parsed.ok);
	assert_int_equal(parsed.err.kind, ERROR_MALFORMED);
	talloc_free(parsed.owner);
	talloc_free(owner);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urlencoded_fields_are_decoded),
		cmocka_unit_test(empty_form_has_no_fields),
		cmocka_unit_test(multipart_fields_are_read),
		cmocka_unit_test(multipart_may_begin_at_once_and_hold_nothing),
		cmocka_unit_test(bad_forms_are_malformed),
		cmocka_unit_test(other_types_are_unsupported),
		cmocka_unit_test(fields_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
