/* SPDX-License-Identifier: ISC */
/*
 * The index changes nothing, tried on filters such as people write them and on
 * incidents of theirs (../shared/data where it is, else the small example):
 * while filters come, go and are indexed, the matcher finds what plain
 * evaluation of each finds. bench_equality does the same at length.
 */
#include "filter/matcher.h"

#include "../bench/filter_crowd.h"
#include "base/mem.h"
#include "filter/eval.h"
#include "rounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { INCIDENTS = 300, MIXED = 2000, REGEXES = 1000, MOVED = 20 };

struct crowded {
	const struct corpus *corpus;
	struct matcher *matcher;
	struct filter_scratch *scratch;
	const char *texts[MIXED + REGEXES];
	size_t n;
	const struct filter *filters[MIXED + REGEXES]; /* NULL: is out */
	unsigned char found[MIXED + REGEXES];
	size_t matches;
};

static void
crowd_take(struct crowded *crowded, enum crowd_kind kind, size_t most)
{
	struct crowd *crowd = crowd_new(crowded, crowded->corpus, kind, 1);
	const char *text;

	/* the small example may not have so many */
	while (most-- > 0 && (text = crowd_next(crowded, crowd)) != NULL)
		crowded->texts[crowded->n++] = text;
}

static void
put_in(struct crowded *crowded, size_t i)
{
	const struct filter_context context = { 0 };
	struct filter *filter = NULL;
	struct error err = { 0 };

	assert_true(
	    filter_parse(NULL, crowded->texts[i], &context, &filter, &err));
	matcher_add(crowded->matcher, (int64_t)i, filter);
	crowded->filters[i] = filter;
}

static void
compare(struct crowded *crowded, const struct filter_document *document)
{
	struct matches *matches = matcher_read(crowded, crowded->matcher,
	    document, FILTER_USES_ALL, crowded->scratch);

	memset(crowded->found, FILTER_FALSE, crowded->n);
	for (size_t i = 0; i < matches->n; i++)
		crowded->found[matches->all[i].id] =
		    (unsigned char)matches->all[i].verdict;
	crowded->matches += matches->n;
	talloc_free(matches);
	scratch_set_document(crowded->scratch, document);
	for (size_t i = 0; i < crowded->n; i++) {
		enum filter_verdict plain = FILTER_FALSE;
		struct filter_marks marks;
		bool over;

		if (crowded->filters[i] != NULL)
			plain = scratch_read(crowded->filters[i],
			    crowded->scratch, &marks, &over);
		if (crowded->found[i] != plain)
			fail_msg("%s: %d, but %d", crowded->texts[i],
			    crowded->found[i], plain);
	}
}

static void
move_some(struct crowded *crowded, unsigned *seed)
{
	for (int moved = 0; moved < MOVED; moved++) {
		size_t i = (unsigned)rand_r(seed) % crowded->n;

		if (crowded->filters[i] != NULL) {
			matcher_remove(crowded->matcher, (int64_t)i);
			crowded->filters[i] = NULL;
		} else
			put_in(crowded, i);
	}
	if (rand_r(seed) % 8 == 0)
		matcher_index(crowded->matcher);
}

static void
the_index_changes_nothing(void **state)
{
	struct crowded *crowded = mem_new(NULL, struct crowded);
	const char *source = getenv("top_srcdir");
	const char *folder = corpus_folder(
	    crowded, source == NULL ? "." : source);
	struct error err = { 0 };
	unsigned seed = 1;

	(void)state;
	crowded->corpus = corpus_read(crowded,
	    mem_printf(crowded, "%s/incidents.jsonl", folder), folder,
	    (size_t)rounds(INCIDENTS));
	crowded->matcher = matcher_new(crowded);
	crowded->scratch = filter_scratch_new(crowded, 0);
	assert_true(matcher_index_in_background(crowded->matcher, &err));
	crowd_take(crowded, CROWD_MIX, MIXED);
	crowd_take(crowded, CROWD_REGEXES, REGEXES);
	assert_true(crowded->n > 100);
	for (size_t i = 0; i < crowded->n; i++)
		put_in(crowded, i);
	for (size_t i = 0; i < crowded->corpus->n_incidents; i++) {
		compare(crowded, &crowded->corpus->incidents[i].document);
		move_some(crowded, &seed);
	}
	assert_true(crowded->matches > crowded->corpus->n_incidents);
	talloc_free(crowded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
