/* SPDX-License-Identifier: ISC */
#ifndef FILTER_REFUSE_H
#define FILTER_REFUSE_H

/*
 * What a pattern may not hold: constructs whose work cannot be bounded or that
 * steer PCRE2 itself. A pattern has at most REGEX_MAX bytes.
 */

#include "base/span.h"

/*
 * Why the pattern is refused, and the byte where the refused construct begins;
 * NULL if it is not. extended: the flag x is given.
 */
const char *pattern_refused(struct span pattern, bool extended, size_t *at);

/*
 * \G means where the search began, for us always the beginning of the text:
 * makes each an \A, which a search in windows leaves true.
 */
void pattern_anchor(char *pattern, size_t length, bool extended);

/*
 * At a "[" within a class: the end of [:name:], [.name.] or [=name=], or 0 if
 * it is none of these.
 */
size_t posix_end(struct span pattern, size_t at);

#endif
