/* SPDX-License-Identifier: ISC */
#include "matcher_case.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/eval.h"
#include "filter/matcher.h"
#include "figures.h"
#include "rival.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TEXTS = 60, /* of each class */
	LEAST = 10, /* texts for each side, whatever it takes, up to ... */
	LEAST_UP_TO = 100000, /* ... filters */
	LONG = 2048, /* bytes of a long text */
	BUDGET = 5000, /* microseconds, as is usual */
	LEARNED = 500, /* incidents */
	READINGS = 1024, /* among so many is one that asks to choose anew */
	AGAIN = 3, /* quick readings are measured so often, the median counts */
	BYTES_OF_CODE = 4000, /* of a regex in the loop, about */
};

static const char *const class_names[CLASSES] = { "incidents",
	"texts of 2 KiB" };

struct readings {
	double times[SIDES][TEXTS]; /* 0: not measured */
	double spent[SIDES];
	size_t matches, read, texts, differ, compared, hits;
};

struct bench {
	const struct options *options;
	const struct matcher_case *of;
	const char *const *filters;
	size_t n;
	bool regexes;
	struct filter_document texts[CLASSES][TEXTS];
	struct matcher *matcher;
	const struct filter **plain; /* the filters of the matcher */
	struct filter_scratch *scratch, *plain_scratch;
	struct rival_loop *loop;
	size_t looped; /* regexes in the loop, else memory would not suffice */
	struct rival_vectorscan *vectorscan;
	struct matches *matches; /* of the text that is read */
	size_t found; /* by the side that ran */
	struct result *result;
};

/* The median of a side, over the texts that `with` was measured on too. */
static double
median(const struct readings *readings, enum side side, enum side with)
{
	double values[TEXTS];
	size_t n = 0;

	for (size_t i = 0; i < TEXTS; i++) {
		if (readings->times[side][i] > 0 &&
		    readings->times[with][i] > 0)
			values[n++] = readings->times[side][i];
	}
	return figure_quantile(values, n, 0.5);
}

/* --- the texts */

/* Incidents in a row, as one text of LONG bytes. */
static struct filter_document
long_text(void *owner, const struct corpus *corpus, size_t from)
{
	struct buf *buf = buf_new(owner);
	struct filter_text *text = mem_new(owner, struct filter_text);
	const struct filter_document *first = &corpus->incidents[from].document;

	for (size_t i = from; buf->length < LONG;
	     i = (i + 1) % corpus->n_incidents) {
		buf_text(buf, corpus->incidents[i].texts[0].text);
		buf_char(buf, '\n');
		buf_text(buf, corpus->incidents[i].texts[1].text);
		buf_char(buf, '\n');
	}
	buf->length = utf8_cut(buf->text, buf->length, LONG);
	buf->text[buf->length] = '\0';
	*text = (struct filter_text){ FIELD_BODY, buf->text, buf->length };
	return (struct filter_document){ text, 1, first->tags, first->n_tags };
}

static void
texts_take(void *owner, struct bench *bench, const struct corpus *corpus)
{
	for (size_t i = 0; i < TEXTS; i++) {
		size_t at = (i * 2 + 1) * corpus->n_incidents / (TEXTS * 2);

		bench->texts[INCIDENT][i] = corpus->incidents[at].document;
		bench->texts[TWO_KIB][i] = long_text(owner, corpus, at);
	}
}

/* --- the sides */

static void
loop_run(struct bench *bench, const struct filter_document *document)
{
	struct filter_marks marks;
	bool over;

	bench->found = 0;
	if (bench->regexes) {
		for (size_t i = 0; i < bench->looped; i++)
			bench->found += rival_loop_finds(
			    bench->loop, i, document);
		return;
	}
	scratch_set_document(bench->plain_scratch, document);
	for (size_t i = 0; i < bench->n; i++)
		bench->found += scratch_read(bench->plain[i],
				    bench->plain_scratch, &marks,
				    &over) != FILTER_FALSE;
}

static void
vectorscan_run(struct bench *bench, const struct filter_document *document)
{
	struct rival_vectorscan *vectorscan = bench->vectorscan;

	rival_vectorscan_scan(vectorscan, document);
	bench->found = 0;
	for (size_t i = 0; i < vectorscan->n_hits; i++)
		bench->found += rival_loop_finds(
		    bench->loop, vectorscan->hits[i], document);
}

static void
matcher_run(struct bench *bench, const struct filter_document *document)
{
	talloc_free(bench->matches);
	bench->matches = matcher_read(
	    bench, bench->matcher, document, FILTER_USES_ALL, bench->scratch);
	bench->found = bench->matches->n;
}

static void
bound_run(struct bench *bench, const struct filter_document *document)
{
	const struct matches *matches = bench->matches;
	struct filter_marks marks;
	bool over;

	bench->found = 0;
	if (!bench->regexes)
		scratch_set_document(bench->plain_scratch, document);
	for (size_t i = 0; i < matches->n; i++) {
		bench->found += bench->regexes
		    ? rival_loop_finds(
			  bench->loop, (size_t)matches->all[i].id, document)
		    : scratch_read(matches->all[i].filter, bench->plain_scratch,
			  &marks, &over) != FILTER_FALSE;
	}
}

static void (*const runs[SIDES])(
    struct bench *, const struct filter_document *) = { loop_run,
	vectorscan_run, matcher_run, bound_run };

static bool
is_there(const struct bench *bench, enum side side)
{
	return side != VECTORSCAN || bench->vectorscan != NULL;
}

/* --- reading */

/* One side on one text, unless the side is behind with its time. */
static void
read_text(struct bench *bench, struct readings *readings, enum side side,
    enum text_class class, size_t at)
{
	const struct filter_document *document = &bench->texts[class][at];
	double times[AGAIN], allowed = bench->options->seconds;
	bool is_behind = readings->spent[side] * TEXTS > allowed * (double)at;
	bool is_due = at % (TEXTS / LEAST) == 0 && bench->n <= LEAST_UP_TO;
	size_t n = 0;

	if (!is_there(bench, side) || (is_behind && !is_due))
		return;
	do {
		double began = rival_seconds();

		runs[side](bench, document);
		times[n] = rival_seconds() - began;
		readings->spent[side] += times[n++];
	} while (n < AGAIN && times[0] < allowed / (TEXTS * 4));
	readings->times[side][at] = figure_quantile(times, n, 0.5);
}

/* Did the loop find as many as the matcher? */
static void
compare_found(struct bench *bench, struct readings *readings)
{
	size_t found = 0;

	for (size_t i = 0; i < bench->matches->n; i++)
		found += (size_t)bench->matches->all[i].id < bench->looped;
	readings->differ += found != bench->found;
	readings->compared++;
}

static void
read_texts(
    struct bench *bench, struct readings *readings, enum text_class class)
{
	for (size_t i = 0; i < TEXTS; i++) {
		read_text(bench, readings, MATCHER, class, i);
		if (readings->times[MATCHER][i] == 0)
			continue;
		readings->texts++;
		readings->matches += bench->matches->n;
		readings->read += bench->matches->read;
		/* once before it is measured: compiles what is not yet */
		bound_run(bench, &bench->texts[class][i]);
		read_text(bench, readings, BOUND, class, i);
		read_text(bench, readings, VECTORSCAN, class, i);
		if (bench->vectorscan != NULL)
			readings->hits += bench->vectorscan->n_hits;
		read_text(bench, readings, LOOP, class, i);
		if (readings->times[LOOP][i] > 0)
			compare_found(bench, readings);
	}
}

/* The first reading of each text: the matcher compiles what it needs. */
static double
read_first(struct bench *bench, enum text_class class)
{
	double times[TEXTS], began = rival_seconds();
	size_t n = 0;

	while (n < TEXTS && rival_seconds() - began < bench->options->seconds) {
		double at = rival_seconds();

		matcher_run(bench, &bench->texts[class][n]);
		times[n++] = rival_seconds() - at;
	}
	return figure_quantile(times, n, 0.5);
}

static void
print_side(const struct bench *bench, const struct readings *readings,
    enum side side, const char *what)
{
	double scale = side == LOOP && bench->regexes
	    ? (double)bench->n / (double)bench->looped
	    : 1;
	double time = median(readings, side, side) * scale;
	double matcher = median(readings, MATCHER, side);
	size_t texts = 0;

	for (size_t i = 0; i < TEXTS; i++)
		texts += readings->times[side][i] > 0;
	figure_say(what, "%12.4f ms  %8.2f x the matcher's time (%zu texts)%s",
	    time * 1000, time / matcher, texts,
	    scale > 1 ? ", scaled: memory would not suffice for all" : "");
}

static void
measure_class(struct bench *bench, enum text_class class)
{
	struct readings *readings = mem_new(bench, struct readings);
	double first = read_first(bench, class), values[TEXTS], loop, time;
	double *times = bench->result->times[class];
	size_t n = 0;

	read_texts(bench, readings, class);
	figure_say(class_names[class],
	    "%12.1f matches a text, %.3f %% of the filters; %.1f had to be "
	    "read",
	    (double)readings->matches / (double)readings->texts,
	    (double)readings->matches * 100 / (double)readings->texts /
		(double)bench->n,
	    (double)readings->read / (double)readings->texts);
	print_side(bench, readings, LOOP,
	    bench->regexes ? "  plain loop of PCRE2-JIT"
			   : "  each filter by itself");
	if (bench->vectorscan != NULL) {
		print_side(bench, readings, VECTORSCAN,
		    "  Vectorscan, hits confirmed");
		figure_say("    hits", "%12.1f a text",
		    (double)readings->hits / (double)readings->texts);
	}
	for (size_t i = 0; i < TEXTS; i++) {
		if (readings->times[MATCHER][i] > 0)
			values[n++] = readings->times[MATCHER][i];
	}
	for (int side = 0; side < SIDES; side++)
		times[side] = median(readings, side, side);
	loop = median(readings, LOOP, LOOP) * (double)bench->n /
	    (double)bench->looped;
	time = median(readings, MATCHER, LOOP);
	times[LOOP] = loop / time * times[MATCHER];
	figure_say("  the matcher",
	    "%12.4f ms  p99 %.4f ms, %.1f times faster than the loop",
	    times[MATCHER] * 1000, figure_quantile(values, n, 0.99) * 1000,
	    loop / time);
	figure_say("    the first time", "%12.4f ms  (compiles what it needs)",
	    first * 1000);
	print_side(bench, readings, BOUND, "  only confirming the matches");
	figure_say("  the loop and the matcher find as many",
	    "%12s     (%zu texts compared, %zu differ)",
	    figure_aim(readings->differ == 0), readings->compared,
	    readings->differ);
	talloc_free(readings);
}

/* --- building, adding */

static struct filter *
parsed(const char *text)
{
	const struct filter_context context = { 0 };
	struct filter *filter = NULL;
	struct error err = { 0 };

	CHECK(filter_parse(NULL, text, &context, &filter, &err));
	return filter;
}

/* As a server does at its start: from incidents that are not asked about. */
static void
learn(struct bench *bench, const struct corpus *corpus)
{
	for (size_t i = 0; i < LEARNED; i++)
		matcher_learn(bench->matcher,
		    &corpus->incidents[i * corpus->n_incidents / LEARNED]
			 .document,
		    bench->scratch);
}

static void
build(struct bench *bench, const struct corpus *corpus)
{
	size_t before = figure_resident(), after;
	double began = rival_seconds(), parse, add, n = (double)bench->n;
	struct filter **filters = mem_array(bench, struct filter *, bench->n);

	for (size_t i = 0; i < bench->n; i++)
		filters[i] = parsed(bench->filters[i]);
	parse = rival_seconds() - began;
	began = rival_seconds();
	bench->matcher = matcher_new(bench);
	learn(bench, corpus);
	for (size_t i = 0; i < bench->n; i++)
		matcher_add(bench->matcher, (int64_t)i, filters[i]);
	add = rival_seconds() - began;
	talloc_free(filters);
	began = rival_seconds();
	matcher_index(bench->matcher);
	bench->result->index = rival_seconds() - began;
	after = figure_resident();
	bench->result->bytes = (double)(after > before ? after - before : 0) /
	    n;
	bench->result->build = parse + add + bench->result->index;
	figure_say("from text to all indexed",
	    "%12.1f ms  (parse %.1f, add %.1f, index %.1f)",
	    bench->result->build * 1000, parse * 1000, add * 1000,
	    bench->result->index * 1000);
	figure_say("memory before a text is read", "%12.0f bytes a filter",
	    bench->result->bytes);
	bench->plain = mem_array(bench, const struct filter *, bench->n);
	for (size_t i = 0; i < bench->n; i++)
		bench->plain[i] = matcher_find(bench->matcher, (int64_t)i);
}

/* A filter for a word of a text has to match that text at once. */
static size_t
added_missing(struct bench *bench)
{
	size_t missing = 0;

	for (size_t i = 0; i < 3; i++) {
		const struct filter_document
		    *document = &bench->texts[TWO_KIB][i * TEXTS / 3];
		size_t at = 0;
		struct span word = word_next(
		    document->texts[0].text, document->texts[0].length, &at);
		int64_t id = (int64_t)(bench->n + ADDED + i);
		bool is_found = false;

		matcher_add(bench->matcher, id,
		    parsed(mem_printf(
			bench, "\"%.*s\"", (int)word.length, word.text)));
		matcher_run(bench, document);
		for (size_t j = 0; j < bench->matches->n; j++)
			is_found |= bench->matches->all[j].id == id;
		missing += !is_found;
	}
	return missing;
}

/*
 * How often this thread had to let others have the core. On a core that others
 * use too, whoever loses it waits some milliseconds, whatever it was doing.
 */
static long
times_stopped(void)
{
	struct rusage usage;

	CHECK(getrusage(RUSAGE_THREAD, &usage) == 0);
	return usage.ru_nivcsw;
}

/* What somebody waits for who makes a filter: it is parsed and added. */
static void
measure_adding(struct bench *bench)
{
	double times[ADDED];
	size_t n = 0, missing;

	for (size_t i = 0; i < ADDED; i++) {
		long stopped = times_stopped();
		int64_t began = clock_monotonic();

		matcher_add(bench->matcher, (int64_t)(bench->n + i),
		    parsed(bench->of->more[i]));
		times[n] = (double)(clock_monotonic() - began) / SECOND;
		n += times_stopped() == stopped;
	}
	bench->result->add = figure_quantile(times, n, 0.5);
	bench->result->add_worst = figure_quantile(times, n, 1);
	figure_say("parse and add one more",
	    "%12.4f ms  p99 %.4f ms, worst of %zu: %.4f ms "
	    "(%zu not counted: others had the core)",
	    bench->result->add * 1000, figure_quantile(times, n, 0.99) * 1000,
	    n, bench->result->add_worst * 1000, ADDED - n);
	missing = added_missing(bench);
	if (missing > 0)
		figure_say(
		    "  NOT FOUND by the next reading", "%12zu of 3", missing);
}

/*
 * The dearest work in the background: after some readings the matcher chooses
 * anew what each filter is looked up by, and indexes all. Readings for which no
 * filter is asked count too.
 */
static void
measure_rebuild(struct bench *bench)
{
	double began;

	for (int i = 0; i < READINGS; i++)
		talloc_free(matcher_read(bench, bench->matcher,
		    &bench->texts[INCIDENT][i % TEXTS], 0, bench->scratch));
	began = rival_seconds();
	matcher_index(bench->matcher);
	bench->result->rebuild = rival_seconds() - began;
	figure_say("choose anew for each filter, index all", "%12.1f ms",
	    bench->result->rebuild * 1000);
}

static void
build_rivals(struct bench *bench)
{
	size_t room = figure_memory("/proc/meminfo", "MemAvailable:") / 2;

	bench->looped = bench->n;
	if (!bench->regexes)
		return;
	if (bench->looped > room / BYTES_OF_CODE)
		bench->looped = room / BYTES_OF_CODE;
	bench->loop = rival_loop_new(bench, bench->filters, bench->n);
	rival_loop_compile(bench->loop, bench->looped);
	if (bench->n > bench->options->vectorscan) {
		figure_say("Vectorscan", "%12s     (not asked for: -v %zu)",
		    "-", bench->n);
		return;
	}
	bench->vectorscan = rival_vectorscan_new(
	    bench, bench->filters, bench->n);
	if (bench->vectorscan == NULL) {
		figure_say("Vectorscan", "%12s     (built without libhs)", "-");
		return;
	}
	bench->result->vectorscan = bench->vectorscan->seconds;
	figure_say("Vectorscan: build",
	    "%12.1f ms  (%zu refused, %.1f MB, %.0f MB at most while building)",
	    bench->vectorscan->seconds * 1000, bench->vectorscan->refused,
	    (double)bench->vectorscan->bytes / 1e6,
	    (double)figure_memory("/proc/self/status", "VmHWM:") / 1e6);
}

static void
measure(struct bench *bench, const struct corpus *corpus)
{
	(void)printf("\n--- %zu filters, %s\n", bench->n,
	    bench->regexes ? "each a regex" : "of every kind");
	texts_take(bench, bench, corpus);
	build(bench, corpus);
	build_rivals(bench);
	for (enum text_class class = 0; class < CLASSES; class ++)
		measure_class(bench, class);
	measure_rebuild(bench);
	measure_adding(bench);
}

bool
matcher_case_run(const struct options *options, const struct corpus *corpus,
    const struct matcher_case *of, struct result *result)
{
	struct bench *bench;
	int status;
	pid_t child;

	(void)fflush(stdout); /* or it would be written twice */
	child = fork();

	CHECK(child >= 0);
	if (child > 0)
		return waitpid(child, &status, 0) == child && status == 0;
	bench = mem_new(NULL, struct bench);
	bench->options = options;
	bench->of = of;
	bench->filters = of->filters;
	bench->n = of->n;
	bench->regexes = of->kind == CROWD_REGEXES;
	bench->result = result;
	bench->scratch = filter_scratch_new(bench, BUDGET);
	bench->plain_scratch = filter_scratch_new(bench, BUDGET);
	measure(bench, corpus);
	_exit(EXIT_SUCCESS); /* quicker than freeing a million */
}
