/* SPDX-License-Identifier: ISC */
/*
 * The lines C-1 to C-13 of RFC 9110 section 13 that need no connection; C-4,
 * C-9 and C-10 are in test_server.c.
 */
#include "http/condition.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MODIFIED (INT64_C(1700000000) * SECOND + 400000)
#define DATE "Tue, 14 Nov 2023 22:13:20 GMT"
#define SECOND_BEFORE "Tue, 14 Nov 2023 22:13:19 GMT"
#define SECOND_AFTER "Tue, 14 Nov 2023 22:13:21 GMT"

static const struct answer thing = {
	.status = 200, .etag = "\"a,b\"", .modified = MODIFIED
};

static struct request
request_with(void *owner, const struct form_field *headers, size_t n)
{
	return (struct request){ .memory = owner,
		.path = "/",
		.query = "",
		.ending = "",
		.headers = headers,
		.n_headers = n };
}

/* What becomes of a GET with these two headers. */
static enum condition
outcome(const struct answer *answer, const char *name, const char *value,
    const char *name2, const char *value2)
{
	void *owner = mem_root("test");
	struct form_field headers[] = { { name, value }, { name2, value2 } };
	struct request request = request_with(
	    owner, headers, name2 == NULL ? 1 : 2);
	enum encoding encoding = ENCODING_IDENTITY;
	enum condition condition = condition_of(&request, answer, &encoding);

	talloc_free(owner);
	return condition;
}

static enum condition
outcome_of(const char *name, const char *value)
{
	return outcome(&thing, name, value, NULL, NULL);
}

static bool
may_change(enum http_method method, const char *name, const char *value,
    bool required, enum error_kind *kind)
{
	void *owner = mem_root("test");
	struct form_field headers[] = { { name, value } };
	struct request request = request_with(
	    owner, headers, name == NULL ? 0 : 1);
	struct error err = { 0 };
	bool may;

	request.method = method;
	may = request_may_change(&request, 42, required, &err);
	*kind = err.kind;
	talloc_free(owner);
	return may;
}

static void
c1_if_none_match_compares_weakly_and_if_match_strongly(void **state)
{
	struct answer weak = { .status = 200, .etag = "W/\"x\"" };

	(void)state;
	assert_int_equal(
	    outcome_of("If-None-Match", "W/\"a,b\""), CONDITION_CURRENT);
	assert_int_equal(
	    outcome_of("if-none-match", "\"a,b\""), CONDITION_CURRENT);
	assert_int_equal(outcome_of("If-Match", "\"a,b\""), CONDITION_MET);
	assert_int_equal(outcome_of("If-Match", "W/\"a,b\""), CONDITION_FAILED);
	assert_int_equal(outcome(&weak, "If-None-Match", "\"x\"", NULL, NULL),
	    CONDITION_CURRENT);
	assert_int_equal(outcome(&weak, "If-Match", "W/\"x\"", NULL, NULL),
	    CONDITION_FAILED);
}

/* Wanted is the coding that would be sent; of is that of the 304's tag. */
static void
c7_the_tag_of_any_coding_that_the_client_takes_is_current(void **state)
{
	static const struct {
		const char *accept, *tags;
		enum encoding wanted;
		enum condition expected;
		enum encoding of;
	} cases[] = {
		{ "gzip", "\"a,b-gzip\"", ENCODING_GZIP, CONDITION_CURRENT,
		    ENCODING_GZIP },
		{ "gzip, br", "\"a,b-gzip\"", ENCODING_BR, CONDITION_CURRENT,
		    ENCODING_GZIP },
		{ "gzip, br", "\"a,b-gzip\", \"a,b-br\"", ENCODING_BR,
		    CONDITION_CURRENT, ENCODING_BR },
		{ "gzip", "W/\"a,b\"", ENCODING_GZIP, CONDITION_CURRENT,
		    ENCODING_IDENTITY },
		{ "gzip", "*", ENCODING_GZIP, CONDITION_CURRENT,
		    ENCODING_GZIP },
		{ NULL, "\"a,b-zstd\"", ENCODING_IDENTITY, CONDITION_CURRENT,
		    ENCODING_ZSTD },
		/* a cache on the way would hand out what is not taken */
		{ "gzip", "\"a,b-br\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "identity", "\"a,b-gzip\"", ENCODING_IDENTITY, CONDITION_MET,
		    ENCODING_IDENTITY },
		{ "gzip, identity;q=0", "\"a,b\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "gzip", "\"a,b-lzma\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "gzip", "\"a,b-identity\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "gzip", "\"a,b-\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "gzip", "\"a,bgzip\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "gzip", "\"a,b+gzip\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
		{ "gzip", "\"a,\"", ENCODING_GZIP, CONDITION_MET,
		    ENCODING_GZIP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		void *owner = mem_root("test");
		struct form_field headers[] = { { "If-None-Match",
						    cases[i].tags },
			{ "Accept-Encoding", cases[i].accept } };
		struct request request = request_with(
		    owner, headers, cases[i].accept == NULL ? 1 : 2);
		enum encoding encoding = cases[i].wanted;
		enum condition condition = condition_of(
		    &request, &thing, &encoding);

		if (condition != cases[i].expected || encoding != cases[i].of)
			fail_msg("%s of %s: %d, %d", cases[i].tags,
			    cases[i].accept, condition, encoding);
		talloc_free(owner);
	}
}

static void
c2_lists_have_commas_in_quotes_and_a_star_is_anything(void **state)
{
	static const struct {
		const char *value;
		enum condition expected;
	} cases[] = {
		{ "\"x\", \"a,b\"", CONDITION_CURRENT },
		{ "\"x\",\"a,b\",\"y\"", CONDITION_CURRENT },
		{ " , ,\"a,b\"", CONDITION_CURRENT },
		{ "*", CONDITION_CURRENT },
		{ " * ", CONDITION_CURRENT },
		{ "\"a\", \"b\"", CONDITION_MET },
		{ "\"a,b", CONDITION_MET },
		{ "a,b", CONDITION_MET },
		{ "\"A,B\"", CONDITION_MET },
		{ "\"a,b\\\"", CONDITION_MET },
		{ "junk, \"a,b\"", CONDITION_CURRENT },
		{ "\"x,\"a,b\"", CONDITION_MET },
		{ "", CONDITION_MET },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (outcome_of("If-None-Match", cases[i].value) !=
		    cases[i].expected)
			fail_msg("%s", cases[i].value);
}

static void
c3_if_modified_since_is_ignored_beside_an_etag_or_unreadable(void **state)
{
	(void)state;
	assert_int_equal(outcome(&thing, "If-None-Match", "\"old\"",
			     "If-Modified-Since", SECOND_AFTER),
	    CONDITION_MET);
	assert_int_equal(
	    outcome_of("If-Modified-Since", "yesterday"), CONDITION_MET);
	assert_int_equal(
	    outcome_of("If-Unmodified-Since", "yesterday"), CONDITION_MET);
}

static void
c5_if_none_match_fails_a_write(void **state)
{
	enum error_kind kind;

	(void)state;
	assert_false(may_change(HTTP_PUT, "If-None-Match", "*", false, &kind));
	assert_int_equal(kind, ERROR_PRECONDITION);
	assert_false(may_change(
	    HTTP_PATCH, "If-None-Match", "W/\"42-atom\"", false, &kind));
	assert_true(
	    may_change(HTTP_PATCH, "If-None-Match", "\"41\"", false, &kind));
}

static void
c11_the_order_is_that_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(
	    outcome(&thing, "If-None-Match", "\"a,b\"", "If-Match", "\"x\""),
	    CONDITION_FAILED);
	assert_int_equal(outcome(&thing, "If-None-Match", "\"a,b\"",
			     "If-Unmodified-Since", SECOND_BEFORE),
	    CONDITION_FAILED);
	/* a met If-Match makes If-Unmodified-Since count for nothing */
	assert_int_equal(outcome(&thing, "If-Match", "\"a,b\"",
			     "If-Unmodified-Since", SECOND_BEFORE),
	    CONDITION_MET);
	assert_int_equal(
	    outcome_of("If-Unmodified-Since", DATE), CONDITION_MET);
}

static void
c12_all_three_forms_of_a_date_are_read(void **state)
{
	(void)state;
	assert_int_equal(
	    outcome_of("If-Modified-Since", DATE), CONDITION_CURRENT);
	assert_int_equal(
	    outcome_of("If-Modified-Since", "Tuesday, 14-Nov-23 22:13:20 GMT"),
	    CONDITION_CURRENT);
	assert_int_equal(
	    outcome_of("If-Modified-Since", "Tue Nov 14 22:13:20 2023"),
	    CONDITION_CURRENT);
}

static void
c13_an_older_date_gets_the_thing_and_a_later_one_304(void **state)
{
	struct answer vague = thing;

	(void)state;
	vague.modified_is_vague = true;
	assert_int_equal(
	    outcome_of("If-Modified-Since", SECOND_BEFORE), CONDITION_MET);
	assert_int_equal(
	    outcome_of("If-Modified-Since", SECOND_AFTER), CONDITION_CURRENT);
	assert_int_equal(
	    outcome(&vague, "If-Modified-Since", SECOND_AFTER, NULL, NULL),
	    CONDITION_MET);
	assert_int_equal(
	    outcome(&vague, "If-None-Match", "\"a,b\"", NULL, NULL),
	    CONDITION_CURRENT);
}

static void
two_dates_in_two_headers_are_none(void **state)
{
	(void)state;
	assert_int_equal(outcome(&thing, "If-Modified-Since", DATE,
			     "If-Modified-Since", DATE),
	    CONDITION_MET);
}

static void
without_etag_and_date_nothing_is_current(void **state)
{
	struct answer bare = { .status = 200 };

	(void)state;
	assert_int_equal(outcome(&bare, "If-None-Match", "\"a\"", NULL, NULL),
	    CONDITION_MET);
	assert_int_equal(
	    outcome(&bare, "If-Modified-Since", SECOND_AFTER, NULL, NULL),
	    CONDITION_MET);
	assert_int_equal(
	    outcome(&bare, "If-Match", "*", NULL, NULL), CONDITION_MET);
	assert_int_equal(
	    outcome(&bare, "If-Match", "\"a\"", NULL, NULL), CONDITION_FAILED);
}

static void
only_a_get_is_answered_304(void **state)
{
	void *owner = mem_root("test");
	struct form_field headers[] = { { "If-None-Match", "*" } };
	struct request request = request_with(owner, headers, 1);

	(void)state;
	assert_true(answer_is_current(&request, &thing));
	request.method = HTTP_POST;
	assert_false(answer_is_current(&request, &thing));
	talloc_free(owner);
}

static void
write_compares_the_number_of_the_last_change(void **state)
{
	static const struct {
		const char *value;
		bool may;
	} cases[] = {
		{ "\"42\"", true },
		{ "\"42-atom\"", true },
		{ "\"1\", \"42\"", true },
		{ "*", true },
		{ "W/\"42\"", false },
		{ "\"4\"", false },
		{ "\"421\"", false },
		{ "\"042\"", false },
		{ "\"42x\"", false },
		{ "42", false },
		{ "\"\"", false },
		{ "\"99999999999999999999999\"", false },
	};
	enum error_kind kind;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (may_change(HTTP_PUT, "If-Match", cases[i].value, true,
			&kind) != cases[i].may)
			fail_msg("%s", cases[i].value);
	assert_false(may_change(HTTP_PUT, NULL, NULL, true, &kind));
	assert_int_equal(kind, ERROR_PRECONDITION_REQUIRED);
	assert_true(may_change(HTTP_PATCH, NULL, NULL, false, &kind));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    c1_if_none_match_compares_weakly_and_if_match_strongly),
		cmocka_unit_test(
		    c7_the_tag_of_any_coding_that_the_client_takes_is_current),
		cmocka_unit_test(
		    c2_lists_have_commas_in_quotes_and_a_star_is_anything),
		cmocka_unit_test(
		    c3_if_modified_since_is_ignored_beside_an_etag_or_unreadable),
		cmocka_unit_test(c5_if_none_match_fails_a_write),
		cmocka_unit_test(c11_the_order_is_that_of_the_standard),
		cmocka_unit_test(c12_all_three_forms_of_a_date_are_read),
		cmocka_unit_test(
		    c13_an_older_date_gets_the_thing_and_a_later_one_304),
		cmocka_unit_test(two_dates_in_two_headers_are_none),
		cmocka_unit_test(without_etag_and_date_nothing_is_current),
		cmocka_unit_test(only_a_get_is_answered_304),
		cmocka_unit_test(write_compares_the_number_of_the_last_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
