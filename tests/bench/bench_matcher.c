/* SPDX-License-Identifier: ISC */
/*
 * How long a text takes against 1,000 to 1,000,000 filters, on one core, the
 * sides in turns, text by text:
 *
 * - a plain loop over all: PCRE2-JIT if each filter is a regex, else each
 *   filter evaluated by itself;
 * - Vectorscan, one database in prefilter mode, its hits confirmed by PCRE2;
 * - the matcher;
 * - the least there is to do: confirming the matches, as if they were known.
 *
 * Each crowd of filters has a process of its own, so that memory can be told.
 * Times of readings are CPU time, medians over the texts; what a person waits
 * for is time on the wall. The table goes to standard output, with the aims.
 *
 * -n: at most so many filters; -v: Vectorscan only up to so many, as its build
 * takes minutes and gigabytes at 100,000; -s: seconds for each side of each
 * class of texts: a side that is behind with its time leaves texts out. With -p
 * it prints so many filters of the mix instead, one a line.
 */
#include "base/mem.h"
#include "figures.h"
#include "matcher_case.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INCIDENTS = 20000, SEED = 1, SIZES = 4, KINDS = 2 };

static const size_t sizes[SIZES] = { 1000, 10000, 100000, 1000000 };
enum { HUNDRED_THOUSAND = 2, MILLION = 3 }; /* of them */

static const char *const class_names[CLASSES] = { "incidents",
	"texts of 2 KiB" };
static const char *const kind_names[KINDS] = { "of every kind",
	"each a regex" };

/* All on one core: what runs beside us may have the others. */
static void
stay_on_one_core(void)
{
	cpu_set_t all, one;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof all, &all) != 0)
		return;
	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	(void)sched_setaffinity(0, sizeof one, &one);
}

static void
print_mix(const struct corpus *corpus, size_t n)
{
	const char **texts = crowd_texts(NULL, corpus, CROWD_MIX, n, SEED);

	for (size_t i = 0; i < n; i++)
		puts(texts[i]);
	talloc_free(texts);
}

static void
print_speed(const struct result *at, enum text_class class)
{
	const double *t = at->times[class];

	figure_say("  faster than the loop", "%12.1f times  (aim: 100) %s",
	    t[LOOP] / t[MATCHER], figure_aim(t[LOOP] >= 100 * t[MATCHER]));
	figure_say("  of the least there is to do", "%12.2f times",
	    t[MATCHER] / t[BOUND]);
}

static void
print_aims(const struct result *of, enum crowd_kind kind)
{
	const struct result *at = &of[HUNDRED_THOUSAND];
	const struct result *million = &of[MILLION];

	if (at->bytes == 0)
		return;
	(void)printf("\n--- at 100000 filters, %s\n", kind_names[kind]);
	for (enum text_class class = 0; class < CLASSES; class ++) {
		double grown = million->times[class][MATCHER] /
		    at->times[class][MATCHER];

		puts(class_names[class]);
		print_speed(at, class);
		if (grown > 0)
			figure_say("  1000000 filters take",
			    "%12.2f times the time  (aim: less than 10) %s",
			    grown, figure_aim(grown < 10));
	}
	figure_say("memory without compiled regexes",
	    "%12.0f bytes a filter  (aim: less than 1024) %s", at->bytes,
	    figure_aim(at->bytes < 1024));
	figure_say("parse and add one more",
	    "%12.4f ms  (aim: less than 1) %s; worst %.4f ms %s",
	    at->add * 1000, figure_aim(at->add < 0.001), at->add_worst * 1000,
	    figure_aim(at->add_worst < 0.001));
	figure_say("index all", "%12.1f ms", at->index * 1000);
	figure_say("choose anew for each filter, index all",
	    "%12.1f ms  (aim: less than 2000) %s", at->rebuild * 1000,
	    figure_aim(at->rebuild < 2));
}

/* At the largest size that it was built for. */
static void
print_vectorscan(const struct result *of)
{
	const struct result *at = NULL;
	size_t n = 0;

	for (size_t i = 0; i < SIZES; i++) {
		if (of[i].vectorscan > 0) {
			at = &of[i];
			n = sizes[i];
		}
	}
	if (at == NULL)
		return;
	(void)printf("\n--- Vectorscan, at %zu regexes\n", n);
	for (enum text_class class = 0; class < CLASSES; class ++) {
		const double *t = at->times[class];

		figure_say(class_names[class],
		    "%12.2f of the matcher's time  (aim: more than 1) %s",
		    t[VECTORSCAN] / t[MATCHER],
		    figure_aim(t[VECTORSCAN] > t[MATCHER]));
	}
	figure_say("its build, the matcher's from text to all indexed",
	    "%12.0f times as long  (aim: 1000) %s", at->vectorscan / at->build,
	    figure_aim(at->vectorscan >= 1000 * at->build));
}

static void
measure_all(const struct options *options, const struct corpus *corpus)
{
	struct result(*results)[SIZES] = mmap(NULL,
	    sizeof(struct result[KINDS][SIZES]), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (results == MAP_FAILED)
		exit(EXIT_FAILURE);
	for (enum crowd_kind kind = CROWD_MIX; kind <= CROWD_REGEXES; kind++) {
		const char **filters = crowd_texts(
		    NULL, corpus, kind, options->most + ADDED, SEED);

		for (size_t i = 0; i < SIZES; i++) {
			struct matcher_case of = { kind, filters, sizes[i],
				filters + options->most };

			if (sizes[i] <= options->most &&
			    !matcher_case_run(
				options, corpus, &of, &results[kind][i]))
				exit(EXIT_FAILURE);
		}
		talloc_free(filters);
	}
	for (enum crowd_kind kind = CROWD_MIX; kind <= CROWD_REGEXES; kind++)
		print_aims(results[kind], kind);
	print_vectorscan(results[CROWD_REGEXES]);
	(void)munmap(results, sizeof(struct result[KINDS][SIZES]));
}

static bool
options_read(struct options *options, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:v:s:p:")) != -1) {
		switch (c) {
		case 'n':
			options->most = strtoul(optarg, NULL, 10);
			break;
		case 'v':
			options->vectorscan = strtoul(optarg, NULL, 10);
			break;
		case 's':
			options->seconds = strtod(optarg, NULL);
			break;
		case 'p':
			options->print = strtoul(optarg, NULL, 10);
			break;
		default:
			return false;
		}
	}
	if (argc - optind != 2)
		return false;
	options->incidents = argv[optind];
	options->folder = argv[optind + 1];
	return true;
}

int
main(int argc, char **argv)
{
	struct options options = {
		.most = 1000000, .vectorscan = 10000, .seconds = 10
	};
	void *here = mem_root("bench");
	struct corpus *corpus;

	if (!options_read(&options, argc, argv)) {
		(void)fprintf(stderr,
		    "usage: bench_matcher [-n FILTERS] [-v FILTERS] "
		    "[-s SECONDS] INCIDENTS.jsonl FOLDER\n"
		    "       bench_matcher -p FILTERS INCIDENTS.jsonl FOLDER\n");
		return 2;
	}
	corpus = corpus_read(
	    here, options.incidents, options.folder, INCIDENTS);
	stay_on_one_core();
	if (options.print > 0)
		print_mix(corpus, options.print);
	else
		measure_all(&options, corpus);
	talloc_free(here);
	return EXIT_SUCCESS;
}
