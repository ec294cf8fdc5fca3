/* SPDX-License-Identifier: ISC */
#ifndef CLI_LINE_H
#define CLI_LINE_H

/*
 * A command and the command line that calls it. A command is one row in
 * commands.c; its usage, its --help and what the command line may hold are
 * derived from the row.
 *
 * Options are long ones, "--tags a,b" or "--tags=a,b", and may stand before,
 * between and after arguments; the last of the same name counts; "--" ends
 * them.
 */

#include "base/error.h"
#include "base/settings.h"

#include <stddef.h>
#include <stdint.h>

struct line;

/*
 * Does what the command is for: false with err, for exit status 1, which the
 * frame prints as one line. Results go to standard output. Everything that
 * belongs to line_memory() is let go afterwards.
 */
typedef bool command_function(struct line *line, struct error *err);

struct option {
	const char *name; /* without the hyphens; NULL ends a table */
	const char *value; /* what usage calls its value; NULL: has none */
	const char *text; /* one sentence without a full stop */
};

struct command {
	const char *name; /* NULL ends the table */
	const char *verb; /* second word, or NULL */
	const char *arguments; /* as usage shows them; "" is none */
	size_t least, most; /* how many arguments */
	const char *summary; /* one sentence without a full stop */
	const struct option *options; /* its own; NULL is none */
	const struct option *shared; /* one of the two below, or NULL */
	command_function *run;
};

/* Options of those that open the store, and of those that ask a server. */
extern const struct option line_store_options[];
extern const struct option line_server_options[];

/* The frame: finds the command, runs it, gives the exit status. */
int line_run(const struct command *commands, int argc, char **argv);

/* --- for commands */

/* Owner of all that a command makes. */
void *line_memory(struct line *line);

size_t line_arguments(const struct line *line);

/*
 * The argument as text: UTF-8, each broken byte U+FFFD (with a warning); NULL
 * if there are not so many. line_path gives a file's name, as it was typed.
 */
const char *line_text(struct line *line, size_t argument);
const char *line_path(const struct line *line, size_t argument);

/* The argument as a number from 1, or wrong usage that says what. */
MUST_CHECK bool line_number(struct line *line, size_t argument,
    const char *what, int64_t *ret, struct error *err);

/* An option's value as text, NULL if it was not given. */
const char *line_option(struct line *line, const char *name);
bool line_has(const struct line *line, const char *name);

/*
 * Settings as the command line's --config and those options that are named as
 * a key (--store, --listen ...), environment and file say.
 */
MUST_CHECK bool
line_settings(struct line *line, struct settings **ret, struct error *err);

/* Makes the exit status 2: the line was wrong. Always false, as error_set. */
bool line_wrong(struct line *line, struct error *err, const char *format, ...)
    PRINTF(3, 4);

/*
 * A line on standard output. What is in it cannot play with the terminal:
 * control characters are shown as escapes.
 */
void line_print(struct line *line, const char *format, ...) PRINTF(2, 3);

/* "barnraise: COMMAND: warning: ..." on standard error. */
void line_warn(struct line *line, const char *format, ...) PRINTF(2, 3);

#endif
