/* SPDX-License-Identifier: ISC */
/*
 * The index changes nothing: for each of some incidents the matcher finds the
 * filters that plain evaluation of every filter finds, with the same verdict.
 * The filters: all real regexes, and generated ones of every kind, without a
 * budget; and the regexes that are known to take long, with one, compared where
 * neither side ran out of it. Each side has filters and memory of its own, so
 * that neither can learn from the other.
 *
 * Each of some processes takes its share of the incidents. -i says how many
 * incidents, spread over the whole file: 0 is all of at most 20,000.
 */
#include "base/check.h"
#include "base/mem.h"
#include "filter/eval.h"
#include "filter/matcher.h"
#include "filter_crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LEARNED = 500,
	SEED = 2,
	PROGRESS = 100,
	INCIDENTS = 20000,
	BUDGET = 2000, /* of the regexes that take long, microseconds */
	OVER = 0xff, /* in place of a verdict */
};

/* Filters in a matcher, and the same ones by themselves. */
struct group {
	struct matcher *matcher;
	const struct filter **plain;
	size_t n;
	struct filter_scratch *scratch, *plain_scratch;
	unsigned char *found; /* by the matcher, of each filter */
};

/* Shared by all processes, each has one. */
struct counts {
	size_t compared, matches, over, differ;
};

struct equality {
	const struct corpus *corpus;
	struct group usual, hostile;
	struct counts *counts;
};

static struct filter *
parsed(void *owner, const char *text)
{
	const struct filter_context context = { 0 };
	struct filter *filter = NULL;
	struct error err = { 0 };

	/* a regex that Barnraise refuses is none of its filters */
	return filter_parse(owner, text, &context, &filter, &err) ? filter
								  : NULL;
}

static void
filter_add(struct equality *equality, struct group *group, const char *text)
{
	struct filter *filter = parsed(NULL, text);

	if (filter == NULL)
		return;
	matcher_add(group->matcher, (int64_t)group->n, filter);
	*mem_push(equality, &group->plain, &group->n) = parsed(equality, text);
}

static void
regexes_add(
    struct equality *equality, struct group *group, char **regexes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = mem_printf(NULL, "/%s/", regexes[i]);

		filter_add(equality, group, text);
		talloc_free(text);
	}
}

static void
group_begin(struct equality *equality, struct group *group, int64_t budget)
{
	const struct corpus *corpus = equality->corpus;

	group->matcher = matcher_new(equality);
	group->scratch = filter_scratch_new(equality, budget);
	group->plain_scratch = filter_scratch_new(equality, budget);
	for (size_t i = 0; i < LEARNED && i < corpus->n_incidents; i++)
		matcher_learn(group->matcher, &corpus->incidents[i].document,
		    group->scratch);
}

static void
group_end(struct equality *equality, struct group *group)
{
	matcher_index(group->matcher);
	group->found = mem_array(equality, unsigned char, group->n + 1);
}

static void
filters_add(struct equality *equality, size_t generated)
{
	const struct corpus *corpus = equality->corpus;
	const char **texts = crowd_texts(
	    equality, corpus, CROWD_MIX, generated, SEED);

	group_begin(equality, &equality->usual, 0);
	regexes_add(
	    equality, &equality->usual, corpus->regexes, corpus->n_regexes);
	for (size_t i = 0; i < generated; i++)
		filter_add(equality, &equality->usual, texts[i]);
	talloc_free(texts);
	group_end(equality, &equality->usual);
	group_begin(equality, &equality->hostile, BUDGET);
	regexes_add(
	    equality, &equality->hostile, corpus->hostile, corpus->n_hostile);
	group_end(equality, &equality->hostile);
}

static void
find(struct group *group, const struct filter_document *document)
{
	struct matches *matches = matcher_read(
	    NULL, group->matcher, document, FILTER_USES_ALL, group->scratch);

	memset(group->found, FILTER_FALSE, group->n);
	for (size_t i = 0; i < matches->n; i++)
		group->found[matches->all[i].id] =
		    (unsigned char)matches->all[i].verdict;
	for (size_t i = 0; i < matches->n_over; i++)
		group->found[matches->over[i]] = OVER;
	talloc_free(matches);
}

static void
compare(struct group *group, const struct filter_document *document,
    struct counts *counts)
{
	find(group, document);
	scratch_set_document(group->plain_scratch, document);
	for (size_t i = 0; i < group->n; i++) {
		struct filter_marks marks;
		bool over;
		enum filter_verdict plain = scratch_read(
		    group->plain[i], group->plain_scratch, &marks, &over);

		counts->compared++;
		counts->matches += plain != FILTER_FALSE;
		if (over || group->found[i] == OVER) {
			counts->over++;
		} else if (plain != group->found[i]) {
			counts->differ++;
			(void)printf(
			    "DIFFERS: %s\n", filter_text(group->plain[i]));
		}
	}
}

/* A process of its own: every so manieth incident. */
static void
take_share(struct equality *equality, size_t first, size_t step)
{
	const struct corpus *corpus = equality->corpus;
	struct counts *counts = &equality->counts[first];

	for (size_t i = first; i < corpus->n_incidents; i += step) {
		const struct filter_document *document = &corpus->incidents[i]
							      .document;

		compare(&equality->usual, document, counts);
		compare(&equality->hostile, document, counts);
		if (first == 0 && (i / step + 1) % PROGRESS == 0)
			(void)fprintf(stderr, "%zu of %zu incidents\n",
			    i + step, corpus->n_incidents);
	}
	(void)fflush(stdout);
	_exit(EXIT_SUCCESS);
}

/* False if one of the processes failed. */
static bool
run_all(struct equality *equality, size_t processes, struct counts *sum)
{
	bool ended = true;

	(void)fflush(stdout);
	equality->counts = mmap(NULL, processes * sizeof *equality->counts,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(equality->counts != MAP_FAILED);
	for (size_t i = 0; i < processes; i++) {
		pid_t child = fork();

		CHECK(child >= 0);
		if (child == 0)
			take_share(equality, i, processes);
	}
	for (size_t i = 0; i < processes; i++) {
		int status = -1;

		ended &= wait(&status) > 0 && status == 0;
	}
	for (size_t i = 0; i < processes; i++) {
		sum->compared += equality->counts[i].compared;
		sum->matches += equality->counts[i].matches;
		sum->over += equality->counts[i].over;
		sum->differ += equality->counts[i].differ;
	}
	return ended;
}

static bool
compare_all(const char *incidents, const char *folder, size_t n_incidents,
    size_t generated)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct equality *equality = mem_new(NULL, struct equality);
	struct counts sum = { 0 };
	bool equal;

	equality->corpus = corpus_read(
	    equality, incidents, folder, n_incidents);
	filters_add(equality, generated);
	equal = run_all(equality, cores < 1 ? 1 : (size_t)cores, &sum) &&
	    sum.differ == 0;
	(void)printf("%zu generated filters, %zu real regexes and %zu that "
		     "take long, on %zu incidents:\n"
		     "%zu comparisons, %zu matches, %zu out of budget and not "
		     "compared, %zu differ: %s\n",
	    generated, equality->usual.n - generated, equality->hostile.n,
	    equality->corpus->n_incidents, sum.compared, sum.matches, sum.over,
	    sum.differ, equal ? "equal" : "NOT EQUAL");
	talloc_free(equality);
	return equal;
}

int
main(int argc, char **argv)
{
	size_t incidents = 200, generated = 100000;
	int c;

	while ((c = getopt(argc, argv, "i:n:")) != -1) {
		if (c == 'i')
			incidents = strtoul(optarg, NULL, 10);
		else if (c == 'n')
			generated = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (argc - optind != 2) {
		(void)fputs("usage: bench_equality [-i INCIDENTS] [-n FILTERS] "
			    "INCIDENTS.jsonl FOLDER\n",
		    stderr);
		return 2;
	}
	return compare_all(argv[optind], argv[optind + 1],
		   incidents == 0 ? INCIDENTS : incidents, generated)
	    ? EXIT_SUCCESS
	    : EXIT_FAILURE;
}
