/* SPDX-License-Identifier: ISC */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

/* Errors as HTTP says them (RFC 9457). */

#include "base/error.h"

#define PROBLEM_TYPE "application/problem+json"

/* "Not Found" for ERROR_NOT_FOUND. */
const char *problem_title(enum error_kind kind);

/*
 * The problem document. Of an ERROR_SYSTEM it tells nothing: the words are for
 * the operator, who finds them in the log.
 */
const char *problem_json(void *owner, const struct error *err);

#endif
