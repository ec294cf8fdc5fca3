/* SPDX-License-Identifier: ISC */
/*
 * How long one incident takes against a set of filters, beside a bare loop of
 * PCRE2 over as many regexes: bench_matcher INCIDENTS.jsonl REGEXES.txt. The
 * filters are a mix of what people write: tags, words and phrases cut from the
 * incidents, regexes, and state; and regexes alone. With a number behind, it
 * prints so many filters of the mix instead, one a line.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "filter/matcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	MOST = 4000,
	ASKED = 200,
	LINE = 4 << 20,
	PATTERNS = 20000,
	TRIES = 6, /* to find a rare word or tag */
	WITNESSES = 10 /* what none of so many incidents has is rare */
};

struct incident {
	struct filter_text texts[2];
	struct filter_document document;
};

static struct incident incidents[MOST];
static size_t n_incidents;
static char *patterns[PATTERNS];
static size_t n_patterns;

static void
incident_read(void *owner, const json_t *row, struct incident *incident)
{
	const char *title = "", *body = "";
	struct error err = { 0 };
	const json_t *tags = json_object_get(row, "tags");
	const char **list = mem_array(
	    owner, const char *, json_array_size(tags) + 1);

	if (!json_text(row, "title", &title, &err) ||
	    !json_text(row, "body", &body, &err))
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < json_array_size(tags); i++)
		list[i] = json_string_value(json_array_get(tags, i));
	incident->texts[0] = (struct filter_text){ FIELD_TITLE, title,
		strlen(title) };
	incident->texts[1] = (struct filter_text){ FIELD_BODY, body,
		strlen(body) };
	incident->document = (struct filter_document){ incident->texts, 2, list,
		json_array_size(tags) };
}

/* A regex that a filter may be, so that both sides run the same. */
static bool
is_taken(const char *line)
{
	const struct filter_context context = { 0 };
	void *here = mem_root("pattern");
	struct filter *filter = NULL;
	struct error err = { 0 };
	bool taken = strchr(line, '/') == NULL &&
	    filter_parse(
		here, mem_printf(here, "/%s/", line), &context, &filter, &err);

	talloc_free(here);
	return taken;
}

static void
files_read(void *owner, const char *incident_file, const char *pattern_file)
{
	char *line = mem_array(owner, char, LINE);
	FILE *file = fopen(incident_file, "r");

	while (file != NULL && n_incidents < MOST &&
	    fgets(line, LINE, file) != NULL) {
		struct error err = { 0 };
		json_t *row = NULL;

		if (json_parse(owner, line, strlen(line), &row, &err))
			incident_read(owner, row, &incidents[n_incidents++]);
	}
	if (file != NULL)
		(void)fclose(file);
	file = fopen(pattern_file, "r");
	while (file != NULL && n_patterns < PATTERNS &&
	    fgets(line, LINE, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (is_taken(line))
			patterns[n_patterns++] = mem_copy(owner, line);
	}
	if (file != NULL)
		(void)fclose(file);
	if (n_incidents == 0 || n_patterns == 0) {
		fprintf(stderr, "too few incidents or regexes\n");
		exit(EXIT_FAILURE);
	}
}

static char *
regex_at_random(void *owner, unsigned *seed)
{
	return mem_printf(
	    owner, "/%s/", patterns[(unsigned)rand_r(seed) % n_patterns]);
}

static const struct incident *
incident_at_random(unsigned *seed)
{
	return &incidents[(unsigned)rand_r(seed) % n_incidents];
}

static bool
has_tag(const struct incident *incident, const char *tag)
{
	for (size_t i = 0; i < incident->document.n_tags; i++)
		if (strcmp(incident->document.tags[i], tag) == 0)
			return true;
	return false;
}

static bool
has_words(const struct incident *incident, const char *words)
{
	return strstr(incident->texts[1].text, words) != NULL;
}

/* People watch for what is not in every second incident. */
static bool
is_rare(unsigned *seed, const char *what,
    bool (*has)(const struct incident *, const char *))
{
	for (int i = 0; i < WITNESSES; i++)
		if (has(incident_at_random(seed), what))
			return false;
	return true;
}

/* n words in a row of some text. */
static char *
words_cut(void *owner, unsigned *seed, int n)
{
	const char *body = incident_at_random(seed)->texts[1].text;
	size_t length = strlen(body), from, to;

	if (length < 40)
		return mem_copy(owner, "short");
	from = (size_t)rand_r(seed) % (length - 30);
	from += strcspn(body + from, " \n");
	from += strspn(body + from, " \n");
	to = from;
	for (; n > 0; n--) {
		to += strspn(body + to, " \n");
		to += strcspn(body + to, " \n\"\\");
	}
	return mem_printf(owner, "%.*s", (int)(to - from), body + from);
}

static char *
phrase_at_random(void *owner, unsigned *seed, int n)
{
	char *words = words_cut(owner, seed, n);

	for (int i = 0; i < TRIES && !is_rare(seed, words, has_words); i++)
		words = words_cut(owner, seed, n);
	for (char *c = words; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	return mem_printf(owner, "\"%s\"", words);
}

static const char *
tag_cut(unsigned *seed)
{
	const struct filter_document *document = &incident_at_random(seed)
						      ->document;

	return document->n_tags == 0
	    ? "none"
	    : document->tags[(unsigned)rand_r(seed) % document->n_tags];
}

static char *
tag_at_random(void *owner, unsigned *seed)
{
	const char *tag = tag_cut(seed);

	for (int i = 0; i < TRIES && !is_rare(seed, tag, has_tag); i++)
		tag = tag_cut(seed);
	return mem_printf(owner, "#%s", tag);
}

static char *
filter_text_at_random(void *owner, unsigned *seed)
{
	char *word = phrase_at_random(owner, seed, 1);

	switch (rand_r(seed) % 8) {
	case 0:
		return tag_at_random(owner, seed);
	case 1:
		return mem_printf(
		    owner, "%s severity>=high", tag_at_random(owner, seed));
	case 2:
	case 3:
		return word;
	case 4:
		return phrase_at_random(owner, seed, 2);
	case 5:
		return mem_printf(
		    owner, "%s or %s", word, tag_at_random(owner, seed));
	case 6:
		return regex_at_random(owner, seed);
	default:
		return mem_printf(owner, "%s %s", tag_at_random(owner, seed),
		    regex_at_random(owner, seed));
	}
}

static void
measure(const char *what, size_t n, char *(*text)(void *, unsigned *))
{
	const struct filter_context context = { 0 };
	void *here = mem_root("measure");
	struct matcher *matcher = matcher_new(here);
	struct filter_scratch *scratch = filter_scratch_new(here, 5000);
	unsigned seed = 1;
	size_t found = 0, over = 0;
	int64_t began, built = clock_monotonic();

	for (int64_t id = 0; (size_t)id < n;) {
		struct filter *filter = NULL;
		struct error err = { 0 };
		void *filler = mem_root("text");

		if (filter_parse(
			NULL, text(filler, &seed), &context, &filter, &err))
			matcher_add(matcher, id++, filter);
		talloc_free(filler);
	}
	began = clock_monotonic();
	built = began - built;
	for (size_t i = 0; i < ASKED; i++) {
		struct matches *matches = matcher_read(here, matcher,
		    &incidents[i * 2 % n_incidents].document, FILTER_USES_ALL,
		    scratch);

		found += matches->n;
		over += matches->n_over;
		talloc_free(matches);
	}
	printf("%-8s %7zu filters: %8.3f ms an incident, %.1f matches, "
	       "%zu over budget; %.1f us to add one\n",
	    what, n, (double)(clock_monotonic() - began) / 1000 / ASKED,
	    (double)found / ASKED, over, (double)built / (double)n);
	talloc_free(here);
}

static void
measure_bare(size_t n)
{
	pcre2_code **codes = calloc(n, sizeof(pcre2_code *));
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t have = 0, found = 0;
	int64_t began;
	unsigned seed = 1;

	while (have < n) {
		int failed;
		size_t at;
		pcre2_code *code = pcre2_compile(
		    (PCRE2_SPTR)patterns[(unsigned)rand_r(&seed) % n_patterns],
		    PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &failed, &at,
		    NULL);

		if (code == NULL)
			continue;
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
		codes[have++] = code;
	}
	began = clock_monotonic();
	for (size_t i = 0; i < ASKED; i++) {
		for (size_t j = 0; j < n * 2; j++) {
			const struct filter_text *text =
			    &incidents[i * 2 % n_incidents].texts[j % 2];

			found += pcre2_jit_match(codes[j / 2],
				     (PCRE2_SPTR)text->text, text->length, 0,
				     PCRE2_NO_UTF_CHECK, data, NULL) >= 0;
		}
	}
	printf("%-8s %7zu regexes: %8.3f ms an incident, %.1f matches\n",
	    "bare", n, (double)(clock_monotonic() - began) / 1000 / ASKED,
	    (double)found / ASKED);
	for (size_t j = 0; j < n; j++)
		pcre2_code_free(codes[j]);
	pcre2_match_data_free(data);
	free(codes);
}

static void
print_filters(size_t n)
{
	const struct filter_context context = { 0 };
	unsigned seed = 1;

	while (n > 0) {
		void *here = mem_root("text");
		char *text = filter_text_at_random(here, &seed);
		struct filter *filter = NULL;
		struct error err = { 0 };

		if (filter_parse(here, text, &context, &filter, &err)) {
			puts(text);
			n--;
		}
		talloc_free(here);
	}
}

int
main(int argc, char **argv)
{
	void *here = mem_root("bench");

	if (argc != 3 && argc != 4) {
		fprintf(stderr,
		    "usage: bench_matcher INCIDENTS.jsonl REGEXES.txt [N]\n");
		return 2;
	}
	files_read(here, argv[1], argv[2]);
	if (argc == 4)
		print_filters(strtoul(argv[3], NULL, 10));
	for (size_t n = 1000; argc == 3 && n <= 10000; n *= 10) {
		measure("mixed", n, filter_text_at_random);
		measure("regexes", n, regex_at_random);
		measure_bare(n);
	}
	talloc_free(here);
	return EXIT_SUCCESS;
}
