/* SPDX-License-Identifier: ISC */
#include "filter/matcher.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/thread.h"
#include "filter_same.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Filters at random over a few words, so that they often are true. */
static const char *const terms[] = { "#db", "#d*", "#*", "tag:product:pay",
	"lock", "deadlock", "\"dead lock\"", "title:disk", "body:full", "a",
	"/dead ?lock/i", "/^disk/", "/(a|a)+b/", "body:/x+/", "severity>=high",
	"severity<normal", "severity:low", "status:open", "status:resolved",
	"is:open", "is:overdue", "is:wanted", "is:orphan", "is:known",
	"helpers>0", "helpers:2", "age<2h", "age>=1d", "host:ana", "host:none",
	"swarm:bo", "by:ana", "source:web" };

static const char *const words[] = { "dead", "lock", "deadlock", "disk", "full",
	"a", "xxx", "aab", "\n", "Dead lock", "ok" };

static const char *const tags[] = { "db", "d", "product:pay", "web" };
static const char *const handles[] = { "ana", "bo", "cy" };

#define ONE_OF(list, seed) \
	((list)[(unsigned)rand_r(seed) % (sizeof(list) / sizeof *(list))])

static void
random_filter(struct buf *buf, unsigned *seed, int depth)
{
	unsigned kind = (unsigned)rand_r(seed) % 6;
	unsigned n = 1 + (unsigned)rand_r(seed) % 3;

	if (depth == 0 || kind == 0) {
		buf_text(buf, ONE_OF(terms, seed));
		return;
	}
	buf_text(buf, kind == 1 ? "not (" : "(");
	while (n-- > 0) {
		random_filter(buf, seed, depth - 1);
		if (n > 0)
			buf_text(buf, kind < 4 ? " or " : " ");
	}
	buf_char(buf, ')');
}

static struct filter *
parsed(const char *text)
{
	struct filter_context context = { 0 };
	struct error err = { 0 };
	struct filter *filter = NULL;

	if (!filter_parse(NULL, text, &context, &filter, &err))
		fail_msg("%s: %s", text, err.fields[0].message);
	return filter;
}

static struct filter *
filter_at_random(unsigned *seed)
{
	struct buf *buf = buf_new(NULL);
	struct filter *filter;

	random_filter(buf, seed, 3);
	filter = parsed(buf->text);
	talloc_free(buf);
	return filter;
}

struct subject {
	char text[FIELD_COUNT][128];
	struct filter_text texts[FIELD_COUNT];
	const char *tags[2];
	struct filter_document document;
};

static void
subject_at_random(struct subject *subject, unsigned *seed)
{
	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		subject->text[i][0] = '\0';
		for (int n = rand_r(seed) % 5; n > 0; n--) {
			strcat(subject->text[i], ONE_OF(words, seed));
			strcat(subject->text[i], " ");
		}
		subject->texts[i] = (struct filter_text){ (enum filter_field)i,
			subject->text[i], strlen(subject->text[i]) };
	}
	subject->tags[0] = ONE_OF(tags, seed);
	subject->tags[1] = ONE_OF(tags, seed);
	subject->document = (struct filter_document){ subject->texts,
		FIELD_COUNT, subject->tags, (size_t)rand_r(seed) % 3 };
}

static const char *
handle_at_random(unsigned *seed)
{
	return rand_r(seed) % 3 == 0 ? NULL : ONE_OF(handles, seed);
}

static struct filter_state
state_at_random(unsigned *seed)
{
	static const char *const swarms[][2] = { { "ana", "bo" },
		{ "bo", "ana" }, { "cy", "cy" } };

	return (struct filter_state){
		.severity = (enum filter_severity)(rand_r(seed) % 4),
		.status = (enum filter_status)(rand_r(seed) % 4),
		.overdue = rand_r(seed) % 2,
		.wanted = rand_r(seed) % 2,
		.orphan = rand_r(seed) % 2,
		.known = rand_r(seed) % 2,
		.helpers = (unsigned)rand_r(seed) % 3,
		.host = handle_at_random(seed),
		.by = handle_at_random(seed),
		.swarm = swarms[rand_r(seed) % 3],
		.n_swarm = (size_t)rand_r(seed) % 3,
		.source = rand_r(seed) % 2 ? "web" : NULL,
		.age = (int64_t)rand_r(seed) * 100000,
	};
}

/* A state that differs from another in one thing or two. */
static struct filter_state
state_near(const struct filter_state *from, unsigned *seed)
{
	struct filter_state other = state_at_random(seed), to = *from;

	for (int n = 1 + rand_r(seed) % 2; n > 0; n--) {
		switch (rand_r(seed) % 8) {
		case 0:
			to.severity = other.severity;
			break;
		case 1:
			to.status = other.status;
			break;
		case 2:
			to.overdue = other.overdue;
			to.orphan = other.orphan;
			break;
		case 3:
			to.wanted = other.wanted;
			to.known = other.known;
			break;
		case 4:
			to.helpers = other.helpers;
			to.source = other.source;
			break;
		case 5:
			to.host = other.host;
			to.by = other.by;
			break;
		case 6:
			to.swarm = other.swarm;
			to.n_swarm = other.n_swarm;
			break;
		default:
			to.age = other.age;
		}
	}
	return to;
}

enum { FILTERS = 300, ROUNDS = 100 };

static const struct match *
match_find(const struct matches *matches, int64_t id)
{
	for (size_t i = 0; i < matches->n; i++) {
		assert_true(
		    i == 0 || matches->all[i - 1].id < matches->all[i].id);
		if (matches->all[i].id == id)
			return &matches->all[i];
	}
	return NULL;
}

static void
compare_matches(struct matcher *matcher, const struct matches *matches,
    const struct subject *subject, unsigned *seed)
{
	struct filter_scratch *scratch = filter_scratch_new(NULL, 0);

	for (int64_t id = 0; id < FILTERS; id++) {
		const struct filter *filter = matcher_find(matcher, id);
		const struct match *match = match_find(matches, id);
		bool was_true = false, was_false = false;

		if (filter == NULL) {
			assert_null(match);
			continue;
		}
		for (int i = 0; i < 10; i++) {
			struct filter_state state = state_at_random(seed);
			bool plain = filter_matches(
			    filter, &subject->document, &state, scratch);

			if (plain !=
			    (match != NULL && match_holds(match, &state)))
				fail_msg("%s", filter_text(filter));
			was_true |= plain;
			was_false |= !plain;
		}
		if (match != NULL && match->verdict == FILTER_TRUE)
			assert_false(was_false);
		if (match == NULL)
			assert_false(was_true);
	}
	talloc_free(scratch);
}

static void
a_reading_is_what_plain_evaluation_says(void **state)
{
	void *here = mem_root("test");
	struct matcher *matcher = matcher_new(here);
	struct filter_scratch *scratch = filter_scratch_new(here, 0);
	unsigned seed = 1;

	(void)state;
	for (int64_t id = FILTERS - 1; id >= 0; id--)
		matcher_add(matcher, id, filter_at_random(&seed));
	for (int round = 0; round < ROUNDS; round++) {
		struct subject subject;
		struct matches *matches;
		int64_t id = rand_r(&seed) % FILTERS;

		subject_at_random(&subject, &seed);
		matches = matcher_read(
		    here, matcher, &subject.document, FILTER_USES_ALL, scratch);
		assert_int_equal(matches->n_over, 0);
		assert_int_equal(matches->version, matcher_version(matcher));
		compare_matches(matcher, matches, &subject, &seed);
		talloc_free(matches);
		matcher_remove(matcher, id);
		if (rand_r(&seed) % 2)
			matcher_add(matcher, id, filter_at_random(&seed));
		if (rand_r(&seed) % 8 == 0)
			matcher_index(matcher);
	}
	talloc_free(here);
}

static void
a_filter_that_uses_nothing_of_what_changed_says_the_same(void **state)
{
	struct filter_scratch *scratch = filter_scratch_new(NULL, 0);
	unsigned seed = 2, changed = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct filter *filter = filter_at_random(&seed);
		struct subject subject;

		subject_at_random(&subject, &seed);
		for (int j = 0; j < 30; j++) {
			struct filter_state a = state_at_random(&seed);
			struct filter_state b = state_near(&a, &seed);
			bool before = filter_matches(
			    filter, &subject.document, &a, scratch);
			bool after = filter_matches(
			    filter, &subject.document, &b, scratch);

			changed += before != after;
			if (before != after &&
			    (filter_uses(filter) &
				filter_state_changes(&a, &b)) == 0)
				fail_msg("%s", filter_text(filter));
		}
		talloc_free(filter);
	}
	assert_true(changed > 1000);
	talloc_free(scratch);
}

static void
printing_and_parsing_gives_the_same(void **state)
{
	unsigned seed = 3;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct filter *filter = filter_at_random(&seed);
		struct filter *again = parsed(filter_text(filter));

		assert_true(filter_same(filter, again));
		assert_true(filter_reads_back(filter));
		talloc_free(filter);
		talloc_free(again);
	}
}

static const struct {
	const char *text;
	bool topical;
} forms[] = {
	{ "", false },
	{ "#db", true },
	{ "#d*", true },
	{ "#*", false },
	{ "lock", true },
	{ "/x/", true },
	{ "title:x", true },
	{ "severity:high", false },
	{ "-#db", false },
	{ "not not #db", true },
	{ "#db severity:high", true },
	{ "#db or severity:high", false },
	{ "#db or lock", true },
	{ "is:open (#db or is:known)", false },
	{ "is:open (#db or lock)", true },
};

static void
a_filter_is_topical_by_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct filter *filter = parsed(forms[i].text);

		if (filter_is_topical(filter) != forms[i].topical)
			fail_msg("%s", forms[i].text);
		talloc_free(filter);
	}
}

static void
only_filters_that_use_what_is_asked_are_read(void **state)
{
	void *here = mem_root("test");
	struct matcher *matcher = matcher_new(here);
	struct filter_scratch *scratch = filter_scratch_new(here, 0);
	const struct filter_document nothing = { 0 };
	struct matches *matches;

	(void)state;
	matcher_add(matcher, 1, parsed("is:orphan"));
	matcher_add(matcher, 2, parsed(""));
	matcher_add(matcher, 3, parsed("-severity:low"));
	matches = matcher_read(
	    here, matcher, &nothing, FILTER_USES_ORPHAN, scratch);
	assert_int_equal(matches->n, 1);
	assert_int_equal(matches->all[0].id, 1);
	assert_int_equal(matches->all[0].verdict, FILTER_OPEN);
	talloc_free(matches);
	matches = matcher_read(
	    here, matcher, &nothing, FILTER_USES_ALL, scratch);
	assert_int_equal(matches->n, 3);
	assert_int_equal(matches->all[1].verdict, FILTER_TRUE);
	talloc_free(here);
}

static void
a_filter_without_budget_is_told(void **state)
{
	enum { BUDGET = 20000 }; /* also where all is ten times slower */
	void *here = mem_root("test");
	struct matcher *matcher = matcher_new(here);
	struct filter_scratch *scratch = filter_scratch_new(here, BUDGET);
	char *text = mem_array(here, char, 60001);
	struct filter_text body = { FIELD_BODY, text, 60000 };
	const struct filter_document document = { &body, 1, NULL, 0 };
	struct matches *matches;

	(void)state;
	memset(text, 'a', 60000);
	memcpy(text + 59998, "b=", 2); /* without "=" PCRE2 does not even try */
	matcher_add(matcher, 7, parsed("/(a|a)+=/"));
	matcher_add(matcher, 5, parsed("-/(a|a)+=/"));
	matcher_add(matcher, 6, parsed("/a+/"));
	matches = matcher_read(
	    here, matcher, &document, FILTER_USES_ALL, scratch);
	assert_int_equal(matches->n_over, 2);
	assert_int_equal(matches->over[0], 5);
	assert_int_equal(matches->over[1], 7);
	assert_int_equal(matches->n, 2);
	assert_int_equal(matches->all[0].id, 5); /* it counts as no match */
	assert_int_equal(matches->all[1].id, 6);
	assert_int_equal(matches->n_dear, 2); /* not "a+", which costs little */
	for (size_t i = 0; i < 2; i++) {
		assert_int_not_equal(matches->dear[i].id, 6);
		/* all of it, and at most a few looks at the clock more */
		assert_in_range(matches->dear[i].cost, BUDGET, BUDGET * 3);
	}
	talloc_free(here);
}

/* Only 64 KiB of a text are searched, to a whole character. */
static void
the_end_of_a_long_text_is_not_searched(void **state)
{
	void *here = mem_root("test");
	char *text = mem_array(here, char, 70001);
	struct filter_text body = { FIELD_BODY, text, 70000 };
	const struct filter_document document = { &body, 1, NULL, 0 };
	struct filter_scratch *scratch = filter_scratch_new(here, 0);
	const struct filter_state none = { 0 };
	struct filter *word = parsed("needle"), *regex = parsed("/needle|ü/");

	(void)state;
	memset(text, ' ', 70000);
	memcpy(text + 65535, "ü needle", strlen("ü needle"));
	assert_false(filter_matches(word, &document, &none, scratch));
	assert_false(filter_matches(regex, &document, &none, scratch));
	memcpy(text + 65529, "needle", 6);
	assert_true(filter_matches(word, &document, &none, scratch));
	assert_true(filter_matches(regex, &document, &none, scratch));
	talloc_free(word);
	talloc_free(regex);
	talloc_free(here);
}

struct reader {
	struct matcher *matcher;
	_Atomic bool *stop;
	unsigned seed;
	unsigned readings;
};

/* Filter 0 stays and is always true; the others come and go. */
static void *
read_until_stopped(void *closure)
{
	struct reader *reader = closure;
	void *here = mem_root("reader");
	struct filter_scratch *scratch = filter_scratch_new(here, 5000);

	while (!atomic_load(reader->stop) || reader->readings == 0) {
		struct subject subject;
		struct filter_state state = state_at_random(&reader->seed);
		struct matches *matches;

		subject_at_random(&subject, &reader->seed);
		matches = matcher_read(here, reader->matcher, &subject.document,
		    FILTER_USES_ALL, scratch);
		assert_true(matches->n > 0 && matches->all[0].id == 0);
		for (size_t i = 0; i < matches->n; i++) {
			assert_true(i == 0 ||
			    matches->all[i - 1].id < matches->all[i].id);
			(void)match_holds(&matches->all[i], &state);
		}
		talloc_free(matches);
		reader->readings++;
	}
	talloc_free(here);
	return NULL;
}

static void
filters_come_and_go_while_others_read(void **state)
{
	void *here = mem_root("test");
	struct matcher *matcher = matcher_new(here);
	_Atomic bool stop = false;
	struct reader readers[2] = { { matcher, &stop, 1, 0 },
		{ matcher, &stop, 2, 0 } };
	pthread_t threads[2];
	struct error err = { 0 };
	unsigned seed = 9;

	(void)state;
	assert_true(matcher_index_in_background(matcher, &err));
	matcher_add(matcher, 0, parsed(""));
	for (int i = 0; i < 2; i++)
		assert_true(thread_start(&threads[i], "reader",
		    read_until_stopped, &readers[i], &err));
	for (int i = 0; i < 6000; i++) {
		int64_t id = 1 + rand_r(&seed) % 3000;

		if (matcher_find(matcher, id) != NULL)
			matcher_remove(matcher, id);
		else
			matcher_add(matcher, id, parsed(ONE_OF(terms, &seed)));
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(readers[i].readings > 0);
	}
	for (int64_t id = 0; id <= 3000; id++)
		matcher_remove(matcher, id);
	assert_int_equal(matcher_count(matcher), 0);
	talloc_free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_is_what_plain_evaluation_says),
		cmocka_unit_test(
		    a_filter_that_uses_nothing_of_what_changed_says_the_same),
		cmocka_unit_test(printing_and_parsing_gives_the_same),
		cmocka_unit_test(a_filter_is_topical_by_its_form),
		cmocka_unit_test(only_filters_that_use_what_is_asked_are_read),
		cmocka_unit_test(a_filter_without_budget_is_told),
		cmocka_unit_test(the_end_of_a_long_text_is_not_searched),
		cmocka_unit_test(filters_come_and_go_while_others_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
