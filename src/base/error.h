/* SPDX-License-Identifier: ISC */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * What went wrong, in words for the person who can mend it.
 *
 * A function that may fail returns false (or NULL) and takes a struct error
 * as its last argument; the first to know what happened fills it, those above
 * only add context in front. The struct owns all its text: nothing to free.
 */

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(text, args) __attribute__((__format__(__printf__, text, args)))

/* The edge maps each kind once: to an HTTP status, to an exit status. */
enum error_kind {
	ERROR_NONE,
	ERROR_MALFORMED, /* cannot be read at all */
	ERROR_UNAUTHORIZED, /* who are you? */
	ERROR_FORBIDDEN, /* not yours */
	ERROR_NOT_FOUND,
	ERROR_METHOD, /* the thing is there, but does not do that */
	ERROR_NOT_ACCEPTABLE, /* no such representation */
	ERROR_CONFLICT, /* not in this state */
	ERROR_GONE, /* was there, was withdrawn */
	ERROR_PRECONDITION, /* somebody else was faster */
	ERROR_TOO_LARGE,
	ERROR_UNSUPPORTED, /* media type */
	ERROR_INVALID, /* read, but wrong: see fields */
	ERROR_PRECONDITION_REQUIRED,
	ERROR_RATE, /* too many; see retry_after */
	ERROR_BUSY, /* the same again may succeed later */
	ERROR_SYSTEM, /* disk, network, database: not the caller's doing */
	ERROR_KINDS
};

enum { ERROR_FIELDS = 8 };

struct error {
	enum error_kind kind;
	unsigned retry_after; /* seconds, with ERROR_RATE and ERROR_BUSY */
	char message[320];
	size_t n_fields;
	struct error_field {
		char name[32];
		unsigned column; /* in characters, from 1; 0 is "the whole" */
		char message[200];
	} fields[ERROR_FIELDS];
};

/* As a struct error of zeros is, without touching all of it. */
static inline void
error_clear(struct error *err)
{
	err->kind = ERROR_NONE;
	err->retry_after = 0;
	err->message[0] = '\0';
	err->n_fields = 0;
}

/* Sets kind and message. Always false, so that a caller can return it. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    PRINTF(3, 4);

/*
 * Adds a wrong field (those after the eighth are dropped) and makes the kind
 * ERROR_INVALID. Always false.
 */
bool error_field(struct error *err, const char *name, unsigned column,
    const char *format, ...) PRINTF(4, 5);

/*
 * Puts "context: " in front of the message; an error that only has fields
 * gets their text as its message first. Always false.
 */
bool error_context(struct error *err, const char *format, ...) PRINTF(2, 3);

enum { ERROR_TEXT = 1024 };

/*
 * The whole error in one line, as a command prints it: the message, or the
 * fields as "column N: what" (field "filter") or "name: what", joined by "; ".
 * Returns text, which has room for ERROR_TEXT bytes.
 */
const char *error_text(const struct error *err, char text[ERROR_TEXT]);

/*
 * That the first three are false is told to compilers and checkers too, which
 * would else see paths on which a failed call's *ret is used.
 */
static inline bool
error_false(bool made)
{
	(void)made;
	return false;
}

#define error_set(...) error_false(error_set(__VA_ARGS__))
#define error_field(...) error_false(error_field(__VA_ARGS__))
#define error_context(...) error_false(error_context(__VA_ARGS__))

#endif
