/* SPDX-License-Identifier: ISC */
/*
 * The index changes nothing: for each of some incidents the matcher finds the
 * filters that plain evaluation of every filter finds. All real regexes, and
 * generated filters of every kind. Each of some processes takes its share of
 * the incidents. With 20,000 incidents and 100,000 filters it takes hours of
 * CPU time: -i says how many incidents, spread over the whole file.
 */
#include "base/check.h"
#include "base/mem.h"
#include "filter/eval.h"
#include "filter/matcher.h"
#include "filter_crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEARNED = 500, SEED = 2, PROGRESS = 1000 };

struct equality {
	const struct corpus *corpus;
	const struct filter **filters;
	size_t n, generated;
	struct matcher *matcher;
	struct filter_scratch *scratch; /* without a budget */
	unsigned char *found; /* by the matcher, of each filter */
};

static void
filter_add(struct equality *equality, const char *text)
{
	const struct filter_context context = { 0 };
	struct filter *filter = NULL;
	struct error err = { 0 };

	/* a regex that Barnraise refuses is none of its filters */
	if (!filter_parse(NULL, text, &context, &filter, &err))
		return;
	matcher_add(equality->matcher, (int64_t)equality->n, filter);
	*mem_push(equality, &equality->filters, &equality->n) = filter;
}

static void
filters_add(struct equality *equality, size_t generated)
{
	const struct corpus *corpus = equality->corpus;
	const char **texts = crowd_texts(
	    equality, corpus, CROWD_MIX, generated, SEED);

	for (size_t i = 0; i < LEARNED && i < corpus->n_incidents; i++)
		matcher_learn(equality->matcher, &corpus->incidents[i].document,
		    equality->scratch);
	for (size_t i = 0; i < corpus->n_regexes; i++) {
		char *text = mem_printf(NULL, "/%s/", corpus->regexes[i]);

		filter_add(equality, text);
		talloc_free(text);
	}
	for (size_t i = 0; i < generated; i++)
		filter_add(equality, texts[i]);
	talloc_free(texts);
	matcher_index(equality->matcher);
	equality->found = mem_array(equality, unsigned char, equality->n);
}

/* How many filters the two say something else of. */
static size_t
compare(struct equality *equality, const struct filter_document *document)
{
	struct matches *matches = matcher_read(NULL, equality->matcher,
	    document, FILTER_USES_ALL, equality->scratch);
	size_t differ = 0;

	memset(equality->found, FILTER_FALSE, equality->n);
	for (size_t i = 0; i < matches->n; i++)
		equality->found[matches->all[i].id] =
		    (unsigned char)matches->all[i].verdict;
	talloc_free(matches);
	scratch_set_document(equality->scratch, document);
	for (size_t i = 0; i < equality->n; i++) {
		struct filter_marks marks;
		bool over;

		if (scratch_read(equality->filters[i], equality->scratch,
			&marks, &over) == equality->found[i])
			continue;
		(void)printf(
		    "DIFFERS: %s\n", filter_text(equality->filters[i]));
		differ++;
	}
	return differ;
}

/* A process of its own: every so manieth incident. True if all are equal. */
static bool
take_share(struct equality *equality, size_t first, size_t step)
{
	const struct corpus *corpus = equality->corpus;
	size_t differ = 0;

	for (size_t i = first; i < corpus->n_incidents; i += step) {
		differ += compare(equality, &corpus->incidents[i].document);
		if (first == 0 && (i / step + 1) % PROGRESS == 0)
			(void)fprintf(stderr, "%zu of %zu incidents\n", i,
			    corpus->n_incidents);
	}
	return differ == 0;
}

static bool
run_all(struct equality *equality, size_t processes)
{
	bool equal = true;

	(void)fflush(stdout);
	for (size_t i = 0; i < processes; i++) {
		pid_t child = fork();

		CHECK(child >= 0);
		if (child == 0) {
			equal = take_share(equality, i, processes);
			(void)fflush(stdout);
			_exit(equal ? EXIT_SUCCESS : EXIT_FAILURE);
		}
	}
	for (size_t i = 0; i < processes; i++) {
		int status = -1;

		equal &= wait(&status) > 0 && status == 0;
	}
	return equal;
}

int
main(int argc, char **argv)
{
	size_t incidents = 200, generated = 100000;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct equality *equality = mem_new(NULL, struct equality);
	bool equal;
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
	equality->corpus = corpus_read(
	    equality, argv[optind], argv[optind + 1], incidents);
	equality->matcher = matcher_new(equality);
	equality->scratch = filter_scratch_new(equality, 0);
	filters_add(equality, generated);
	equal = run_all(equality, cores < 1 ? 1 : (size_t)cores);
	(void)printf("%zu filters x %zu incidents, with the index and without: "
		     "%s\n",
	    equality->n, equality->corpus->n_incidents,
	    equal ? "equal" : "NOT EQUAL");
	talloc_free(equality);
	return equal ? EXIT_SUCCESS : EXIT_FAILURE;
}
