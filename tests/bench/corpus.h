/* SPDX-License-Identifier: ISC */
#ifndef TESTS_BENCH_CORPUS_H
#define TESTS_BENCH_CORPUS_H

/*
 * Incidents, regexes and tags for tests and measurements: those of
 * ../shared/data beside the source where they are, else the small example of
 * tests/data. All of it belongs to the corpus and does not change.
 */

#include "base/span.h"
#include "dice.h"
#include "filter/subject.h"

struct incident {
	struct filter_text texts[2]; /* title, body */
	struct filter_document document;
};

struct tag_seen {
	const char *text;
	double weight; /* of all tags so far: the last one has the sum */
};

/* Letters and digits in a row, ASCII letters in lower case. */
struct word_seen {
	const char *text;
	unsigned incidents; /* that have it */
};

enum { WORD_CLASSES = 5 }; /* by length: up to 3, 5, 8, 12, more */

struct corpus {
	struct incident *incidents;
	size_t n_incidents;
	char **regexes; /* as between the slashes of a filter */
	size_t n_regexes;
	char **hostile; /* those that are known to take long, not among them */
	size_t n_hostile;
	struct tag_seen *tags; /* the frequent ones first */
	size_t n_tags;
	struct word_seen *words; /* by class */
	size_t classes[WORD_CLASSES + 1]; /* where each begins, and the end */
	struct map *by_text; /* the words */
};

/*
 * Where the files are: finds the folder of real data from the source's, or
 * the small example, and says so on standard error.
 */
const char *corpus_folder(void *owner, const char *source);

/*
 * Reads at most so many incidents (JSON Lines), spread over the whole file,
 * and from the folder regexes.txt, regexes-hostile.txt, tags.tsv. Where the
 * last two are missing there are no hostile regexes, and the tags are those of
 * the incidents. Ends the program with a message if it cannot.
 */
struct corpus *corpus_read(
    void *owner, const char *incidents, const char *folder, size_t most);

/* The next word from *at on; nothing at the end. */
struct span word_next(const char *text, size_t length, size_t *at);

unsigned word_class(size_t length);

/* A word as people watch for: half of them frequent ones, none in 2 %. */
const char *word_drawn(const struct corpus *corpus, struct dice *dice);

/* One of that class. */
const char *word_drawn_of_class(
    const struct corpus *corpus, struct dice *dice, unsigned class);

/* n words in a row of some incident, as they stand there, or fewer. */
struct span
words_drawn(const struct corpus *corpus, struct dice *dice, unsigned n);

/* A tag, frequent ones more often: by the root of its count. */
const char *tag_drawn(const struct corpus *corpus, struct dice *dice);

#endif
