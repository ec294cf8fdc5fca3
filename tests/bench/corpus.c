/* SPDX-License-Identifier: ISC */
#include "corpus.h"

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/letters.h"
#include "filter/tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	WORD_LEAST = 2, /* bytes */
	WORD_MOST = 24,
	TRIES = 8,
	FREQUENT = 50, /* one of so many incidents has it: nobody asks for it */
};

static _Noreturn void
give_up(const char *what, const char *path)
{
	(void)fprintf(stderr, "%s: %s\n", path, what);
	exit(EXIT_FAILURE);
}

const char *
corpus_folder(void *owner, const char *source)
{
	static const char *const places[] = { "../shared/data",
		"../../shared/data", "../../../shared/data" };
	const char *own = mem_printf(owner, "%s/tests/data", source);

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *path = mem_printf(
		    owner, "%s/%s", source, places[i]);
		const char *file = mem_printf(owner, "%s/regexes.txt", path);

		if (access(file, R_OK) == 0)
			return path;
	}
	(void)fprintf(stderr,
	    "no ../shared/data beside the source: "
	    "the small example of %s stands in for it\n",
	    own);
	return own;
}

/* Calls take for each line, without its end. False if there is no file. */
static bool
lines_read(
    const char *path, void (*take)(void *, const char *, size_t), void *closure)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (file == NULL)
		return false;
	while ((length = getline(&line, &room, file)) > 0) {
		if (line[length - 1] == '\n')
			line[--length] = '\0';
		take(closure, line, (size_t)length);
	}
	free(line);
	(void)fclose(file);
	return true;
}

static void
line_count(void *closure, const char *line, size_t length)
{
	size_t *n = closure;

	(void)line;
	(void)length;
	(*n)++;
}

struct incident_file {
	struct corpus *corpus;
	size_t lines, most, at;
};

static const char **
tags_folded(void *owner, const json_t *tags, size_t *n)
{
	const char **list = mem_array(
	    owner, const char *, json_array_size(tags) + 1);

	*n = 0;
	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *tag = json_string_value(json_array_get(tags, i));
		struct error err = { 0 };
		char *folded = NULL;

		if (tag != NULL &&
		    tag_parse(owner, span_of(tag), "tag", &folded, &err))
			list[(*n)++] = folded;
	}
	return list;
}

/* Of lines more than are wanted, every so-manieth. */
static void
incident_take(void *closure, const char *line, size_t length)
{
	struct incident_file *file = closure;
	struct corpus *corpus = file->corpus;
	size_t at = file->at++;
	const char *title = "", *body = "", **tags;
	struct incident *incident;
	struct error err = { 0 };
	json_t *row = NULL;
	size_t n;

	if (file->lines > file->most &&
	    at * file->most / file->lines ==
		(at + 1) * file->most / file->lines)
		return;
	if (!json_parse(corpus, line, length, &row, &err) ||
	    !json_text(row, "title", &title, &err) ||
	    !json_text(row, "body", &body, &err))
		return;
	tags = tags_folded(corpus, json_object_get(row, "tags"), &n);
	incident = &corpus->incidents[corpus->n_incidents++];
	incident->texts[0] = (struct filter_text){ FIELD_TITLE, title,
		strlen(title) };
	incident->texts[1] = (struct filter_text){ FIELD_BODY, body,
		strlen(body) };
	incident->document = (struct filter_document){ incident->texts, 2, tags,
		n };
}

static void
incidents_read(struct corpus *corpus, const char *path, size_t most)
{
	struct incident_file file = { .corpus = corpus, .most = most };

	if (!lines_read(path, line_count, &file.lines))
		give_up("cannot be read", path);
	corpus->incidents = mem_array(
	    corpus, struct incident, file.lines < most ? file.lines : most);
	(void)lines_read(path, incident_take, &file);
	if (corpus->n_incidents == 0)
		give_up("no incidents", path);
}

/* A regex as it stands between slashes. */
static char *
regex_slashed(void *owner, const char *line, size_t length)
{
	char *slashed = mem_array(owner, char, 2 * length + 1), *to = slashed;

	for (size_t i = 0; i < length; i++) {
		if (line[i] == '/')
			*to++ = '\\';
		else if (line[i] == '\\' && i + 1 < length)
			*to++ = line[i++];
		*to++ = line[i];
	}
	return slashed;
}

static void
hostile_take(void *closure, const char *line, size_t length)
{
	struct corpus *corpus = closure;

	*mem_push(corpus, &corpus->hostile, &corpus->n_hostile) = regex_slashed(
	    corpus, line, length);
}

static void
regex_take(void *closure, const char *line, size_t length)
{
	struct corpus *corpus = closure;
	char *regex = regex_slashed(corpus, line, length);

	for (size_t i = 0; i < corpus->n_hostile; i++) {
		if (strcmp(corpus->hostile[i], regex) == 0)
			return;
	}
	*mem_push(corpus, &corpus->regexes, &corpus->n_regexes) = regex;
}

/* The root, without the mathematics library. */
static double
root(double x)
{
	double r = x > 1 ? x : 1;

	for (int i = 0; i < 40; i++)
		r = (r + x / r) / 2;
	return r;
}

static void
tag_add(struct corpus *corpus, const char *text, double count)
{
	double before = corpus->n_tags == 0
	    ? 0
	    : corpus->tags[corpus->n_tags - 1].weight;

	*mem_push(corpus, &corpus->tags,
	    &corpus->n_tags) = (struct tag_seen){ text, before + root(count) };
}

static void
tag_take(void *closure, const char *line, size_t length)
{
	struct corpus *corpus = closure;
	struct span name = { line, strcspn(line, "\t") };
	struct error err = { 0 };
	char *folded = NULL;

	if (name.length < length &&
	    tag_parse(corpus, name, "tag", &folded, &err))
		tag_add(corpus, folded, strtod(line + name.length, NULL));
}

/* Without a list each tag of each incident counts once more. */
static void
tags_collect(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->n_incidents; i++) {
		const struct filter_document *document = &corpus->incidents[i]
							      .document;

		for (size_t j = 0; j < document->n_tags; j++)
			tag_add(corpus, document->tags[j], 1);
	}
}

unsigned
word_class(size_t length)
{
	return length <= 3 ? 0
	    : length <= 5  ? 1
	    : length <= 8  ? 2
	    : length <= 12 ? 3
			   : 4;
}

struct span
word_next(const char *text, size_t length, size_t *at)
{
	struct span word = { text + *at, 0 };

	while (*at < length) {
		uint32_t code = 0;
		size_t n = utf8_decode(text + *at, length - *at, &code);

		if (n == 0)
			break;
		if (letter_is_word(code)) {
			word.length += n;
		} else if (word.length > 0) {
			return word;
		} else {
			word.text = text + *at + n;
		}
		*at += n;
	}
	return word;
}

/* As it is counted; false for what is too short or too long. */
static bool
word_lower(struct span word, char lower[WORD_MOST + 1])
{
	if (word.length < WORD_LEAST || word.length > WORD_MOST)
		return false;
	for (size_t i = 0; i < word.length; i++) {
		char c = word.text[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	lower[word.length] = '\0';
	return true;
}

struct counted {
	struct word_seen seen;
	size_t last; /* incident, from 1 */
};

static void
word_count(struct corpus *corpus, struct span word, size_t incident)
{
	char lower[WORD_MOST + 1];
	struct counted *counted;

	if (!word_lower(word, lower))
		return;
	counted = map_get_text(corpus->by_text, lower);
	if (counted == NULL) {
		counted = mem_new(corpus->by_text, struct counted);
		counted->seen.text = mem_copy(counted, lower);
		map_set_text(corpus->by_text, lower, counted);
	}
	counted->seen.incidents += counted->last != incident;
	counted->last = incident;
}

static int
compare_words(const void *a, const void *b)
{
	const struct word_seen *left = a, *right = b;
	unsigned x = word_class(strlen(left->text));
	unsigned y = word_class(strlen(right->text));

	return x != y ? (x > y) - (x < y) : strcmp(left->text, right->text);
}

static void
words_count(struct corpus *corpus)
{
	struct counted *counted;
	size_t n = 0;

	corpus->by_text = map_new(corpus);
	for (size_t i = 0; i < corpus->n_incidents; i++) {
		for (unsigned j = 0; j < 2; j++) {
			const struct filter_text *text = &corpus->incidents[i]
							      .texts[j];
			struct span word;

			for (size_t at = 0;
			     (word = word_next(text->text, text->length, &at))
				 .length > 0;)
				word_count(corpus, word, i + 1);
		}
	}
	corpus->words = mem_array(
	    corpus, struct word_seen, map_count(corpus->by_text));
	for (size_t at = 0;
	     (counted = map_next(corpus->by_text, &at, NULL)) != NULL;)
		corpus->words[n++] = counted->seen;
	qsort(corpus->words, n, sizeof *corpus->words, compare_words);
	for (size_t i = 0; i < n; i++)
		corpus->classes[1 + word_class(strlen(corpus->words[i].text))] =
		    i + 1;
	for (unsigned i = 1; i <= WORD_CLASSES; i++)
		if (corpus->classes[i] < corpus->classes[i - 1])
			corpus->classes[i] = corpus->classes[i - 1];
}

struct corpus *
corpus_read(void *owner, const char *incidents, const char *folder, size_t most)
{
	struct corpus *corpus = mem_new(owner, struct corpus);
	const char *path;

	incidents_read(corpus, incidents, most);
	path = mem_printf(corpus, "%s/regexes-hostile.txt", folder);
	(void)lines_read(path, hostile_take, corpus);
	path = mem_printf(corpus, "%s/regexes.txt", folder);
	if (!lines_read(path, regex_take, corpus) || corpus->n_regexes == 0)
		give_up("no regexes", path);
	path = mem_printf(corpus, "%s/tags.tsv", folder);
	if (!lines_read(path, tag_take, corpus))
		tags_collect(corpus);
	words_count(corpus);
	return corpus;
}

/* One of those from..to; a number in hexadecimal or a version less often. */
static const char *
word_between(
    const struct corpus *corpus, struct dice *dice, size_t from, size_t to)
{
	const char *text = corpus->words[from + dice_below(dice, to - from)]
			       .text;

	for (int i = 0; i < 3 && strpbrk(text, "0123456789") != NULL; i++)
		text = corpus->words[from + dice_below(dice, to - from)].text;
	return text;
}

/* Some text, at the beginning of a word. */
static struct span
place_drawn(const struct corpus *corpus, struct dice *dice)
{
	const struct filter_text
	    *text = &corpus->incidents[dice_below(dice, corpus->n_incidents)]
			 .texts[!dice_says(dice, 15)];
	size_t at = text->length == 0 ? 0 : dice_below(dice, text->length);

	while (at > 0 && (text->text[at - 1] & 0x80) != 0)
		at--; /* not inside of a character */
	if (at > 0)
		(void)word_next(text->text, text->length, &at);
	return (struct span){ text->text + at, text->length - at };
}

struct span
words_drawn(const struct corpus *corpus, struct dice *dice, unsigned n)
{
	struct span place = place_drawn(corpus, dice);
	struct span words = { "", 0 };
	size_t at = 0;

	while (n-- > 0) {
		struct span word = word_next(place.text, place.length, &at);

		if (word.length == 0)
			break;
		if (words.length == 0)
			words.text = word.text;
		words.length = (size_t)(word.text - words.text) + word.length;
	}
	return words;
}

static const struct word_seen *
word_of_text(const struct corpus *corpus, struct dice *dice)
{
	char lower[WORD_MOST + 1];
	const struct counted *counted = NULL;

	if (word_lower(words_drawn(corpus, dice, 1), lower))
		counted = map_get_text(corpus->by_text, lower);
	return counted == NULL ||
		counted->seen.incidents * FREQUENT > corpus->n_incidents
	    ? NULL
	    : &counted->seen;
}

const char *
word_drawn(const struct corpus *corpus, struct dice *dice)
{
	bool is_frequent = dice_says(dice, 50);

	for (int i = 0; is_frequent && i < TRIES; i++) {
		const struct word_seen *word = word_of_text(corpus, dice);

		if (word != NULL)
			return word->text;
	}
	return word_between(corpus, dice, 0, corpus->classes[WORD_CLASSES]);
}

const char *
word_drawn_of_class(
    const struct corpus *corpus, struct dice *dice, unsigned class)
{
	bool is_frequent = dice_says(dice, 50);
	size_t from = corpus->classes[class], to = corpus->classes[class + 1];

	for (int i = 0; is_frequent && i < TRIES; i++) {
		const struct word_seen *word = word_of_text(corpus, dice);

		if (word != NULL && word_class(strlen(word->text)) == class)
			return word->text;
	}
	if (from == to)
		return word_drawn(corpus, dice);
	return word_between(corpus, dice, from, to);
}

const char *
tag_drawn(const struct corpus *corpus, struct dice *dice)
{
	size_t low = 0, high = corpus->n_tags;
	double at;

	if (corpus->n_tags == 0)
		return "none";
	at = (double)(dice_throw(dice) >> 11) / (double)(1LL << 53) *
	    corpus->tags[corpus->n_tags - 1].weight;
	while (low + 1 < high) {
		size_t middle = (low + high) / 2;

		if (corpus->tags[middle - 1].weight <= at)
			low = middle;
		else
			high = middle;
	}
	return corpus->tags[low].text;
}
