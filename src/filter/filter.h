/* SPDX-License-Identifier: ISC */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

/*
 * The filter language (the contract is barnraise-filter(7)): text to an
 * immutable compiled filter, that filter to its canonical text, and what it
 * says of a subject. A filter may be used by any number of threads at once.
 */

#include "base/error.h"
#include "filter/subject.h"

#include <stdint.h>

enum { FILTER_MAX = 4096, FILTER_TERMS = 256 };

struct filter;

/* What a filter may ask about: bits of filter_uses(). */
enum {
	FILTER_USES_TEXT = 1 << 0, /* words, phrases, regexes */
	FILTER_USES_TAGS = 1 << 1,
	FILTER_USES_SEVERITY = 1 << 2,
	FILTER_USES_STATUS = 1 << 3, /* also all of is: but is:known */
	FILTER_USES_OVERDUE = 1 << 4,
	FILTER_USES_WANTED = 1 << 5,
	FILTER_USES_ORPHAN = 1 << 6,
	FILTER_USES_KNOWN = 1 << 7,
	FILTER_USES_HELPERS = 1 << 8,
	FILTER_USES_AGE = 1 << 9,
	FILTER_USES_HOST = 1 << 10,
	FILTER_USES_SWARM = 1 << 11,
	FILTER_USES_BY = 1 << 12,
	FILTER_USES_SOURCE = 1 << 13,
	FILTER_USES_DOCUMENT = FILTER_USES_TEXT | FILTER_USES_TAGS,
	FILTER_USES_ALL = (1 << 14) - 1,
};

/* Who asks, and about what. */
struct filter_context {
	const char *me; /* handle for "me"; NULL: "me" is an error */
	bool articles; /* only the terms that articles have */
};

/*
 * Parses and compiles text of at most FILTER_MAX bytes of UTF-8. On success
 * *ret belongs to owner. On failure *ret is untouched and err has the field
 * "filter" with the column, counted in characters from 1.
 */
MUST_CHECK bool filter_parse(void *owner, const char *text,
    const struct filter_context *context, struct filter **ret,
    struct error *err);

/*
 * Parses a text that filter_text() gave of a filter for incidents, quickly: its
 * regexes are not compiled, and it is not put in order. Of any other text it is
 * an error as above, or some filter.
 */
MUST_CHECK bool filter_parse_stored(
    void *owner, const char *text, struct filter **ret, struct error *err);

/* The canonical form; filter_parse of it gives an equal filter. */
const char *filter_text(const struct filter *filter);

unsigned filter_uses(const struct filter *filter);

/* True if it is about a subject matter by its form: filter.md, is:orphan. */
bool filter_is_topical(const struct filter *filter);

/*
 * What its author should know of its form, a sentence without its full stop, or
 * NULL: that it has to read every text. A filter about state and tags alone
 * reads none, and costs next to nothing.
 */
const char *filter_warning(const struct filter *filter);

/*
 * True if every document that the filter can match has something of it that an
 * index can look up: a tag, a word, a literal of a regex. Another one is read
 * for every document.
 */
bool filter_is_indexed(const struct filter *filter);

/*
 * Which of the filter's leaves the texts and tags of a document make true, one
 * bit a leaf; leaves about state have no bit set.
 */
struct filter_marks {
	uint64_t bits[FILTER_TERMS / 64];
};

enum filter_verdict {
	FILTER_FALSE, /* whatever the state is */
	FILTER_TRUE, /* whatever the state is */
	FILTER_OPEN, /* filter_decide() says, from marks and state */
};

/*
 * What one thread needs to evaluate: match data, JIT stack, budget. budget is
 * CPU time of one filter on one document, in microseconds, 0 for none.
 */
struct filter_scratch;
struct filter_scratch *filter_scratch_new(void *owner, int64_t budget);

/*
 * Reads a document. *over is true if a regex of it ran out of budget (it then
 * counts as no match there).
 */
enum filter_verdict
filter_read(const struct filter *filter, const struct filter_document *document,
    struct filter_scratch *scratch, struct filter_marks *marks, bool *over);

/* Puts the state in: true or false for that document in that state. */
bool filter_decide(const struct filter *filter,
    const struct filter_marks *marks, const struct filter_state *state);

/* The plain truth: filter_read, then filter_decide. */
bool filter_matches(const struct filter *filter,
    const struct filter_document *document, const struct filter_state *state,
    struct filter_scratch *scratch);

/*
 * Bits of filter_uses() for which two states differ: only filters that use one
 * of them can change their verdict.
 */
unsigned filter_state_changes(
    const struct filter_state *before, const struct filter_state *after);

/* True if patterns are really compiled to machine code (PCRE2 JIT). */
bool filter_has_jit(void);

/* Memory is short: gives back most of what regexes were compiled to. */
void filter_give_back(void);

#endif
