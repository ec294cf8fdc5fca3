/* SPDX-License-Identifier: ISC */
#include "filter/explain.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/demo.h"
#include "cli/incident_line.h"
#include "cli/input.h"
#include "filter/matcher.h"

#include <stdio.h>
#include <string.h>

/*
 * filter explain: what a filter does, and what it does to a sample of incidents
 * when it runs as on a server, behind an index and within the usual budget.
 */
enum {
	BUDGET = 5000, /* microseconds: the default of regex-budget */
	AGAIN = 16, /* each incident is read so often, as it takes so little */
};

struct sample {
	struct matcher *matcher; /* of the one filter */
	struct filter_scratch *scratch;
	size_t incidents, read, matched, over;
	int64_t cost, cost_read, worst; /* CPU time of AGAIN, microseconds */
};

static void
sample_begin(struct sample *sample, void *owner, const char *text)
{
	const struct filter_context context = { 0 };
	struct filter *filter;
	struct error err = { 0 };

	/* printed by filter_text(); the matcher takes it over */
	CHECK(filter_parse(NULL, text, &context, &filter, &err));
	*sample = (struct sample){
		.matcher = matcher_new(owner),
		.scratch = filter_scratch_new(owner, BUDGET),
	};
	matcher_add(sample->matcher, 1, filter);
	matcher_index(sample->matcher);
}

static void
sample_read(struct sample *sample, const struct filter_document *document,
    const struct filter_state *state)
{
	int64_t began = clock_thread_cpu(), cost;
	struct matches *matches = NULL;

	for (int i = 0; i < AGAIN; i++) {
		talloc_free(matches);
		matches = matcher_read(NULL, sample->matcher, document,
		    FILTER_USES_ALL, sample->scratch);
	}
	cost = clock_thread_cpu() - began;
	sample->incidents++;
	sample->cost += cost;
	if (matches->read > 0) {
		sample->read++;
		sample->cost_read += cost;
		sample->worst = cost > sample->worst ? cost : sample->worst;
	}
	sample->matched += matches->n > 0 &&
	    match_holds(&matches->all[0], state);
	sample->over += matches->n_over > 0;
	talloc_free(matches);
}

static void
sample_read_line(struct sample *sample, const struct incident_line *incident)
{
	const struct filter_document document = {
		.texts = incident->texts,
		.n_texts = FIELD_COUNT,
		.tags = incident->tags,
		.n_tags = incident->n_tags,
	};

	sample_read(sample, &document, &incident->state);
}

static void
sample_read_example(struct sample *sample, const struct demo_incident *incident)
{
	const char *texts[FIELD_COUNT] = { incident->title, incident->body,
		incident->environment };
	struct incident_line line = { .tags = (const char **)incident->tags };

	for (unsigned i = 0; i < FIELD_COUNT; i++)
		line.texts[i] = (struct filter_text){ (enum filter_field)i,
			texts[i], strlen(texts[i]) };
	while (line.n_tags < sizeof incident->tags / sizeof *incident->tags &&
	    incident->tags[line.n_tags] != NULL)
		line.n_tags++;
	line.state.severity = SEVERITY_NORMAL;
	if (incident->severity != NULL)
		(void)filter_severity_find(
		    incident->severity, &line.state.severity);
	line.state.wanted = true;
	sample_read_line(sample, &line);
}

/* Warns of a wrong line and goes on; false if a line cannot even be read. */
static bool
sample_read_file(
    struct line *line, struct sample *sample, size_t *bad, struct error *err)
{
	struct input *input;
	struct input_line at;

	if (!input_open(line, line_path(line, 1), &input, err))
		return false;
	while (input_next(input, &at, err)) {
		void *memory = mem_root("incident line");
		struct incident_line incident;
		struct error wrong = { 0 };
		char text[ERROR_TEXT];

		if (incident_line_read(memory, at.text, &incident, &wrong))
			sample_read_line(sample, &incident);
		else {
			line_warn(line, "line %zu: %s", at.number,
			    error_text(&wrong, text));
			*bad += 1;
		}
		talloc_free(memory);
	}
	return err->kind == ERROR_NONE;
}

static double
each(int64_t cost, size_t n)
{
	return n == 0 ? 0 : (double)cost / AGAIN / (double)n;
}

static void
sample_print(const struct sample *sample, const char *of)
{
	(void)printf("\nOf %zu incidents of %s it reads %zu and matches %zu.\n",
	    sample->incidents, of, sample->read, sample->matched);
	(void)printf("It takes %.2f microseconds an incident; "
		     "where it reads, %.2f, and %.2f at most.\n",
	    each(sample->cost, sample->incidents),
	    each(sample->cost_read, sample->read), each(sample->worst, 1));
	if (sample->over > 0)
		(void)printf(
		    "On %zu it ran out of its budget of %d ms: there it "
		    "counts as no match.\n",
		    sample->over, BUDGET / 1000);
}

bool
filter_explain(struct line *line, struct error *err)
{
	/* on the command line nobody is "me" */
	const struct filter_context context = { 0 };
	void *memory = line_memory(line);
	bool has_file = line_arguments(line) > 1;
	struct filter *filter;
	struct sample sample;
	size_t bad = 0;

	if (!filter_parse(memory, line_text(line, 0), &context, &filter, err))
		return false;
	sample_begin(&sample, memory, filter_text(filter));
	for (size_t i = 0; i < DEMO_INCIDENTS && !has_file; i++)
		sample_read_example(&sample, &demo_incidents[i]);
	if (has_file && !sample_read_file(line, &sample, &bad, err))
		return false;
	(void)fputs(filter_explained(memory, filter), stdout);
	sample_print(&sample, has_file ? line_text(line, 1) : "the example");
	if (bad > 0)
		return error_set(err, ERROR_INVALID,
		    "%zu line%s could not be read", bad, bad == 1 ? "" : "s");
	return true;
}
