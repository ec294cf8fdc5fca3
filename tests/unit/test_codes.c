/* SPDX-License-Identifier: ISC */
#include "filter/codes.h"

#include "base/mem.h"
#include "base/thread.h"
#include "filter/filter.h"
#include "filter/regex.h"

#include "rounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BOUND = 256 << 20 };

typedef _Atomic(struct code *) place;

static struct code *
made(void)
{
	int failed;
	size_t at;

	return code_new(pcre2_compile(
	    (PCRE2_SPTR) "a+b", PCRE2_ZERO_TERMINATED, 0, &failed, &at, NULL));
}

static void
keep(struct code_user *user, place *at)
{
	(void)code_keep(user, at, made());
	code_release(user);
}

static bool
is_kept(struct code_user *user, place *at)
{
	bool kept = code_hold(user, at) != NULL;

	code_release(user);
	return kept;
}

static void
code_stays_until_there_is_too_much(void **state)
{
	struct code_user *user = code_user_new(NULL);
	place places[4] = { NULL };
	size_t size;

	(void)state;
	assert_int_equal(codes_size(), 0);
	keep(user, &places[0]);
	size = codes_size();
	assert_true(size > 0);
	codes_set_bound(3 * size);
	for (int i = 1; i < 4; i++)
		keep(user, &places[i]);
	assert_int_equal(codes_size(), 3 * size);
	assert_null(atomic_load(&places[0]));
	for (int i = 1; i < 4; i++) {
		assert_true(is_kept(user, &places[i]));
		code_drop(&places[i]);
	}
	assert_int_equal(codes_size(), 0);
	codes_set_bound(BOUND);
	talloc_free(user);
}

static void
what_was_used_outlives_what_was_not(void **state)
{
	struct code_user *user = code_user_new(NULL);
	place places[4] = { NULL };

	(void)state;
	for (int i = 0; i < 3; i++)
		keep(user, &places[i]);
	codes_set_bound(codes_size());
	assert_true(is_kept(user, &places[0]));
	assert_true(is_kept(user, &places[2]));
	keep(user, &places[3]);
	assert_non_null(atomic_load(&places[0]));
	assert_null(atomic_load(&places[1]));
	assert_non_null(atomic_load(&places[2]));
	assert_non_null(atomic_load(&places[3]));
	codes_set_bound(0);
	assert_int_equal(codes_size(), 0);
	codes_set_bound(BOUND);
	talloc_free(user);
}

static bool
matches(const struct code *code)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc = pcre2_match(
	    code->pcre, (PCRE2_SPTR) "xaab", 4, 0, 0, data, NULL);

	pcre2_match_data_free(data);
	return rc >= 0;
}

/* A sanitizer or valgrind sees it if not. */
static void
code_that_is_held_stays_good_when_it_is_thrown_out(void **state)
{
	struct code_user *one = code_user_new(NULL),
			 *other = code_user_new(NULL);
	place at = NULL;
	const struct code *held, *also;

	(void)state;
	held = code_keep(one, &at, made());
	also = code_hold(other, &at);
	assert_ptr_equal(held, also);
	codes_set_bound(0);
	assert_null(atomic_load(&at));
	assert_true(matches(held));
	code_release(one);
	codes_set_bound(0);
	assert_true(matches(also));
	code_release(other);
	codes_set_bound(BOUND);
	talloc_free(one);
	talloc_free(other);
}

static void
of_two_that_make_code_at_once_one_is_kept(void **state)
{
	struct code_user *user = code_user_new(NULL);
	place at = NULL;
	const struct code *first;
	size_t size;

	(void)state;
	first = code_keep(user, &at, made());
	size = codes_size();
	assert_ptr_equal(code_keep(user, &at, made()), first);
	assert_int_equal(codes_size(), size);
	code_release(user);
	code_drop(&at);
	talloc_free(user);
}

static struct filter *
parsed(const char *text)
{
	const struct filter_context nobody = { 0 };
	struct filter *filter = NULL;
	struct error err = { 0 };

	assert_true(filter_parse(NULL, text, &nobody, &filter, &err));
	return filter;
}

static bool
finds(const struct filter *filter, const char *text,
    struct filter_scratch *scratch)
{
	const struct filter_text body = { FIELD_BODY, text, strlen(text) };
	const struct filter_document document = { &body, 1, NULL, 0 };
	const struct filter_state none = { 0 };

	return filter_matches(filter, &document, &none, scratch);
}

static void
a_filter_is_compiled_when_needed_and_gives_back_its_code(void **state)
{
	struct filter_scratch *scratch = filter_scratch_new(NULL, 0);
	struct filter *filter = parsed("/dead ?lock/ or /livelock$/");
	size_t one;

	(void)state;
	assert_int_equal(codes_size(), 0);
	assert_true(finds(filter, "a deadlock", scratch));
	one = codes_size();
	assert_true(one > 0);
	assert_false(finds(filter, "no lock", scratch));
	assert_true(codes_size() > one);
	talloc_free(filter);
	assert_int_equal(codes_size(), 0);
	talloc_free(scratch);
}

static void
a_pattern_that_does_not_compile_counts_as_over_its_budget(void **state)
{
	(void)state;
	for (int64_t budget = 0; budget <= 5000; budget += 5000) {
		struct regex_runner *runner = regex_runner_new(NULL, budget);
		struct regex *broken = regex_new(NULL, SPAN("a(b"), 0);
		struct regex *whole = regex_new(NULL, SPAN("a"), 0);

		assert_false(regex_is_in(broken, "a(b", 3, runner));
		assert_true(regex_budget_is_over(runner));
		regex_budget_begin(runner);
		assert_true(regex_is_in(whole, "a(b", 3, runner));
		assert_false(regex_budget_is_over(runner));
		talloc_free(broken);
		talloc_free(whole);
		talloc_free(runner);
	}
}

enum { EVICTIONS = 20000, HELD = 1000 };

struct holder {
	place *at;
	atomic_bool stop;
	atomic_size_t held;
};

static void *
hold_until_stopped(void *closure)
{
	struct holder *holder = closure;
	struct code_user *user = code_user_new(NULL);

	while (!atomic_load(&holder->stop)) {
		const struct code *code = code_hold(user, holder->at);

		/* read, for a sanitizer to see whether it is there */
		if (code != NULL && !code->anchored)
			atomic_fetch_add(&holder->held, 1);
		code_release(user);
	}
	talloc_free(user);
	return NULL;
}

/* Nothing is slow here, so that one often goes while it is being taken. */
static void
code_is_not_freed_between_finding_and_holding_it(void **state)
{
	struct code_user *user = code_user_new(NULL);
	place at = NULL;
	struct holder holder = { .at = &at };
	pthread_t thread;
	struct error err = { 0 };

	(void)state;
	assert_true(
	    thread_start(&thread, "holder", hold_until_stopped, &holder, &err));
	for (int i = 0; i < rounds(EVICTIONS) ||
	     atomic_load(&holder.held) < (size_t)rounds(HELD);
	     i++) {
		keep(user, &at);
		codes_set_bound(0);
		codes_set_bound(BOUND);
	}
	atomic_store(&holder.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	talloc_free(user);
}

enum { FILTERS = 40, THREADS = 4, ROUNDS = 3000 };

struct reader {
	struct filter *const *filters;
	unsigned seed;
	unsigned wrong;
};

/* Filter i is about the text "x<i>y". */
static void *
read_many(void *closure)
{
	struct reader *reader = closure;
	struct filter_scratch *scratch = filter_scratch_new(NULL, 5000000);

	for (int i = 0; i < rounds(ROUNDS); i++) {
		int filter = rand_r(&reader->seed) % FILTERS;
		int about = rand_r(&reader->seed) % 2
		    ? filter
		    : rand_r(&reader->seed) % FILTERS;
		char text[16];

		(void)snprintf(text, sizeof text, "- x%dy", about);
		reader->wrong += finds(reader->filters[filter], text,
				     scratch) != (filter == about);
	}
	talloc_free(scratch);
	return NULL;
}

static void
code_is_thrown_out_while_several_threads_match(void **state)
{
	struct filter *filters[FILTERS];
	struct reader readers[THREADS];
	pthread_t threads[THREADS];
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < FILTERS; i++) {
		char text[16];

		(void)snprintf(text, sizeof text, "/\\bx%dy/", i);
		filters[i] = parsed(text);
	}
	codes_set_bound(8000);
	for (unsigned i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){ filters, i, 0 };
		assert_true(thread_start(
		    &threads[i], "reader", read_many, &readers[i], &err));
	}
	/* filters of others come and go, and the bound is moved */
	for (int i = 0; i < rounds(ROUNDS); i++) {
		struct filter_scratch *scratch = filter_scratch_new(NULL, 0);
		struct filter *filter = parsed("/^needle/");

		assert_true(finds(filter, "needle", scratch));
		talloc_free(filter);
		talloc_free(scratch);
		codes_set_bound(i % 100 == 0 ? 0 : 8000);
		assert_true(codes_size() <= 8000);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(readers[i].wrong, 0);
	}
	for (int i = 0; i < FILTERS; i++)
		talloc_free(filters[i]);
	assert_int_equal(codes_size(), 0);
	codes_set_bound(BOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_stays_until_there_is_too_much),
		cmocka_unit_test(what_was_used_outlives_what_was_not),
		cmocka_unit_test(
		    code_that_is_held_stays_good_when_it_is_thrown_out),
		cmocka_unit_test(of_two_that_make_code_at_once_one_is_kept),
		cmocka_unit_test(
		    a_filter_is_compiled_when_needed_and_gives_back_its_code),
		cmocka_unit_test(
		    a_pattern_that_does_not_compile_counts_as_over_its_budget),
		cmocka_unit_test(
		    code_is_not_freed_between_finding_and_holding_it),
		cmocka_unit_test(
		    code_is_thrown_out_while_several_threads_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
