/* SPDX-License-Identifier: ISC */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

/* What a command reads: a text on standard input, or a file of lines. */

#include "cli/line.h"

#include <stddef.h>

enum { INPUT_MOST = 4 * 1024 * 1024 }; /* bytes of a text, of a line */

/*
 * All of standard input as text of the line's memory: UTF-8, repaired with a
 * warning, line breaks as LF.
 */
MUST_CHECK bool
input_whole(struct line *line, const char **ret, struct error *err);

struct input;

/* Opens path for reading; NULL or "-" is standard input. */
MUST_CHECK bool input_open(
    struct line *line, const char *path, struct input **ret, struct error *err);

struct input_line {
	size_t number; /* from 1 */
	const char *bytes; /* as it is in the file, without its LF */
	size_t length;
	const char *text; /* the same, UTF-8 without NUL */
};

/*
 * The next line, good until the next call; blank ones are left out, broken
 * UTF-8 is warned of once a line. False at the end, and with err set (kind
 * not ERROR_NONE) if reading failed or a line is longer than INPUT_MOST.
 */
bool input_next(struct input *input, struct input_line *ret, struct error *err);

#endif
