/* SPDX-License-Identifier: ISC */
#ifndef FILTER_PATTERN_READER_H
#define FILTER_PATTERN_READER_H

/* How pattern.c, pattern_class.c and pattern_escape.c read together. */

#include "filter/pattern.h"

struct reader {
	const char *text;
	size_t length;
	size_t at;
	struct pattern *pattern;
	enum grain grain;
	unsigned depth;
	bool extended; /* x is on here */
	bool more; /* xx is on here */
	bool quoted; /* between \Q and \E */
	bool dotall; /* s may be on here: it was switched on before */
};

/* True if that comes next. */
bool reader_is_at(const struct reader *reader, const char *what);

/* Takes it if it comes next. */
bool reader_takes(struct reader *reader, const char *what);

/* Takes the next character, as it is. */
bool reader_code(struct reader *reader, uint32_t *ret);

/* A letter as it stands in a folded text, and in the reader's grain of it. */
uint32_t code_folded(uint32_t code);
uint32_t reader_grain(const struct reader *reader, uint32_t code);

enum escape_kind {
	ESCAPE_BAD, /* not understood */
	ESCAPE_CODE, /* one character */
	ESCAPE_SPACE, /* some kind of white space */
	ESCAPE_EDGE, /* nothing, at one end of a word */
	ESCAPE_DIGIT,
	ESCAPE_NOT_WORD,
	ESCAPE_NOT_SPACE,
	ESCAPE_ANY, /* some other kind of character, or of characters */
	ESCAPE_EMPTY, /* nothing at all */
	ESCAPE_ASSERT,
	ESCAPE_START,
	ESCAPE_END,
};

/*
 * What one of a kind of characters always is in the reader's grain;
 * GRAIN_UNKNOWN if it may be one or another.
 */
uint32_t escape_grain(const struct reader *reader, enum escape_kind kind);

/* What the escape at the reader's backslash may match: one of CHAR_...,
 * exactly these of ASCII if *exact; 0: more or less than one character. */
unsigned escape_kinds(const struct reader *reader, bool *exact);

/* The kinds of what a letter as it stands in a folded text may have been. */
unsigned folded_kinds(uint32_t code);

/* At a backslash, but no \Q and \E. */
enum escape_kind
read_escape(struct reader *reader, bool in_class, uint32_t *code);

/* At "[": fills node. False: not understood. */
bool read_class(struct reader *reader, struct pattern_node *node);

#endif
