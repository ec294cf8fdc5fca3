/* SPDX-License-Identifier: ISC */
#ifndef FILTER_TAG_H
#define FILTER_TAG_H

/*
 * Tags and handles (filter.md, "Terms"). A tag: letters, digits, . _ - + # and
 * ':' between parts; begins with a letter, a digit or '.'; at most 64
 * characters; folded to lower case and NFC.
 */

#include "base/error.h"
#include "base/span.h"

enum { TAG_MAX = 64, HANDLE_MAX = 32 };

/*
 * The folded tag as text of owner's, or an error in the given field with the
 * column of the first wrong character. A leading '#' is not taken here.
 */
MUST_CHECK bool tag_parse(void *owner, struct span text, const char *field,
    char **ret, struct error *err);

/*
 * A handle: a-z, then a-z 0-9 . _ -, at most 32 characters, not "me" and not
 * "none". No folding: upper case is an error.
 */
MUST_CHECK bool
handle_check(const char *text, const char *field, struct error *err);

/*
 * What the parser of filters needs of the above.
 *
 * tag_span: how many bytes at text a tag may hold at all.
 * tag_fault: what is wrong with a tag, or NULL; *at is the byte where. Of a
 * prefix (#product:*) the end is free, and it may be empty.
 * tag_folded: the folded form of a tag without fault, NULL if it is too long.
 * handle_fault: the same for a handle, "me" and "none" allowed.
 */
size_t tag_span(struct span text);
const char *tag_fault(struct span text, bool prefix, size_t *at);
char *tag_folded(void *owner, struct span text);
const char *handle_fault(const char *text, size_t *at);

#endif
