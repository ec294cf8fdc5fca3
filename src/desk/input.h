/* SPDX-License-Identifier: ISC */
#ifndef DESK_INPUT_H
#define DESK_INPUT_H

/*
 * For desk/ only: texts as people send them, checked and put into the form in
 * which they are stored. Each is false with an error_field of that name; NULL
 * text gives an empty one.
 */

#include "base/error.h"
#include "filter/subject.h"

#include <stddef.h>

/* One line of at most most characters; may be empty. */
MUST_CHECK bool input_line(void *owner, const char *field, const char *text,
    size_t most, char **ret, struct error *err);

/* Line ends as LF, at most most bytes; may be empty. */
MUST_CHECK bool input_text(void *owner, const char *field, const char *text,
    size_t most, char **ret, struct error *err);

/* The same, but a blank one is an error. */
MUST_CHECK bool input_words(void *owner, const char *field, const char *text,
    size_t most, char **ret, struct error *err);

/* Folded, checked, each once, sorted; at most TAGS_MAX. */
MUST_CHECK bool
input_tags(void *owner, const char *field, const char *const *tags, size_t n,
    char ***ret, size_t *n_ret, struct error *err);

MUST_CHECK bool
input_severity(const char *name, enum filter_severity *ret, struct error *err);

/* A mail address, by its form only; NULL or blank gives NULL. */
MUST_CHECK bool input_email(void *owner, const char *field, const char *text,
    char **ret, struct error *err);

#endif
