/* SPDX-License-Identifier: ISC */
#include "filter/explain.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/demo.h"
#include "cli/incident_line.h"
#include "cli/input.h"
#include "filter/eval.h"
#include "filter/matcher.h"

#include <stdio.h>
#include <string.h>

/*
 * filter explain: what a filter does, and what it does to a sample of incidents
 * when it runs as on a server, behind an index that knows what is rare in them,
 * and within the usual budget.
 */
enum {
	BUDGET = 5000, /* microseconds: the default of regex-budget */
	AGAIN = 64, /* a quick reading is repeated so often to be measured */
	QUICK = 200, /* microseconds */
};

struct sample {
	const char *name;
	struct incident_line *incidents;
	size_t n;
	struct matcher *matcher; /* of the one filter */
	struct filter_scratch *scratch;
	size_t read, matched, over;
	double cost, worst; /* CPU time, microseconds */
};

/* --- the incidents */

static void
sample_take_example(void *owner, struct sample *sample)
{
	for (size_t i = 0; i < DEMO_INCIDENTS; i++) {
		const struct demo_incident *from = &demo_incidents[i];
		const char *texts[FIELD_COUNT] = { from->title, from->body,
			from->environment };
		struct incident_line line = { .state.wanted = true };
		const char *const *tags = from->tags;

		for (unsigned k = 0; k < FIELD_COUNT; k++)
			line.texts[k] = (struct filter_text){
				(enum filter_field)k, texts[k], strlen(texts[k])
			};
		line.state.severity = SEVERITY_NORMAL;
		if (from->severity != NULL)
			CHECK(filter_severity_find(
			    from->severity, &line.state.severity));
		for (size_t k = 0; k < DEMO_TAGS && tags[k] != NULL; k++)
			*mem_push(owner, &line.tags, &line.n_tags) = tags[k];
		*mem_push(owner, &sample->incidents, &sample->n) = line;
	}
	sample->name = "the example";
}

/* Warns of a wrong line and goes on; false if a line cannot even be read. */
static bool
sample_take_file(
    struct line *line, struct sample *sample, size_t *bad, struct error *err)
{
	void *memory = line_memory(line);
	const char *name = line_text(line, 1);
	struct input *input;
	struct input_line at;

	sample->name = strcmp(name, "-") == 0 ? "standard input" : name;
	if (!input_open(line, line_path(line, 1), &input, err))
		return false;
	while (input_next(input, &at, err)) {
		struct incident_line incident;
		struct error wrong = { 0 };
		char text[ERROR_TEXT];

		if (incident_line_read(memory, at.text, &incident, &wrong))
			*mem_push(
			    memory, &sample->incidents, &sample->n) = incident;
		else {
			line_warn(line, "line %zu: %s", at.number,
			    error_text(&wrong, text));
			*bad += 1;
		}
	}
	return err->kind == ERROR_NONE;
}

static struct filter_document
document_of(const struct incident_line *incident)
{
	return (struct filter_document){
		.texts = incident->texts,
		.n_texts = FIELD_COUNT,
		.tags = incident->tags,
		.n_tags = incident->n_tags,
	};
}

/* --- reading them */

/* The filter is indexed knowing what is rare in the sample. */
static void
sample_index(void *owner, struct sample *sample, const char *filter)
{
	const struct filter_context nobody = { 0 };
	struct filter *own;
	struct error err = { 0 };

	/* printed by filter_text(); the matcher takes it over */
	CHECK(filter_parse(NULL, filter, &nobody, &own, &err));
	sample->matcher = matcher_new(owner);
	sample->scratch = filter_scratch_new(owner, BUDGET);
	for (size_t i = 0; i < sample->n; i++) {
		struct filter_document document = document_of(
		    &sample->incidents[i]);

		matcher_learn(sample->matcher, &document, sample->scratch);
	}
	matcher_add(sample->matcher, 1, own);
	matcher_index(sample->matcher);
}

/*
 * CPU time to read the incident that was just read once more, with its texts
 * made ready, which a server does once for all filters.
 */
static double
cost_again(const struct sample *sample)
{
	const struct filter *filter = matcher_find(sample->matcher, 1);
	int64_t began = clock_thread_cpu(), cost = 0;
	struct filter_marks marks;
	bool over;
	int n = 0;

	while (n < AGAIN && cost < QUICK) {
		for (int to = n == 0 ? 1 : AGAIN; n < to; n++)
			(void)scratch_read(
			    filter, sample->scratch, &marks, &over);
		cost = clock_thread_cpu() - began;
	}
	return (double)cost / n;
}

static void
sample_read(struct sample *sample, const struct incident_line *incident)
{
	struct filter_document document = document_of(incident);
	struct matches *matches = matcher_read(
	    NULL, sample->matcher, &document, FILTER_USES_ALL, sample->scratch);

	if (matches->read > 0) {
		double cost = cost_again(sample);

		sample->read++;
		sample->cost += cost;
		sample->worst = cost > sample->worst ? cost : sample->worst;
	}
	sample->matched += matches->n > 0 &&
	    match_holds(&matches->all[0], &incident->state);
	sample->over += matches->n_over > 0;
	talloc_free(matches);
}

static void
sample_print(struct line *line, const struct sample *sample)
{
	(void)putchar('\n');
	line_print(line, "On %s:", sample->name);
	line_print(line, "  incidents                     %zu", sample->n);
	line_print(line, "  looked at for this filter     %zu", sample->read);
	line_print(
	    line, "  matched                       %zu", sample->matched);
	if (sample->read == 0)
		line_print(line, "  CPU time                      none");
	else {
		line_print(line,
		    "  CPU time, one looked at       %.2f us, at most %.2f us",
		    sample->cost / (double)sample->read, sample->worst);
		line_print(line, "  CPU time, mean of all         %.2f us",
		    sample->cost / (double)sample->n);
	}
	if (sample->over == 0)
		return;
	line_print(line,
	    "Over the budget of %d ms on %zu of them, where its regexes count "
	    "as no match.",
	    BUDGET / 1000, sample->over);
	(void)puts("A server pauses a filter after three of these in 1,000.");
}

bool
filter_explain(struct line *line, struct error *err)
{
	/* on the command line nobody is "me" */
	const struct filter_context nobody = { 0 };
	void *memory = line_memory(line);
	struct sample sample = { 0 };
	struct filter *filter;
	size_t bad = 0;

	if (!filter_parse(memory, line_text(line, 0), &nobody, &filter, err))
		return false;
	if (line_arguments(line) == 1)
		sample_take_example(memory, &sample);
	else if (!sample_take_file(line, &sample, &bad, err))
		return false;
	sample_index(memory, &sample, filter_text(filter));
	(void)fputs(
	    filter_explained(memory, filter, matcher_frequency(sample.matcher)),
	    stdout);
	for (size_t i = 0; i < sample.n; i++)
		sample_read(&sample, &sample.incidents[i]);
	sample_print(line, &sample);
	if (bad > 0)
		return error_set(err, ERROR_INVALID,
		    "%zu line%s could not be read", bad, bad == 1 ? "" : "s");
	return true;
}
