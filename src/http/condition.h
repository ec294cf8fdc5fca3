/* SPDX-License-Identifier: ISC */
#ifndef HTTP_CONDITION_H
#define HTTP_CONDITION_H

/* Conditional requests, RFC 9110 section 13. */

#include "http/answer.h"

enum condition {
	CONDITION_MET, /* send the answer */
	CONDITION_CURRENT, /* 304 */
	CONDITION_FAILED, /* 412 */
};

/*
 * For a GET or HEAD whose answer would be 200, coded with *encoding. A client
 * that names the tag of another coding, which it takes as well, has the answer
 * too: then *encoding becomes that one, whose tag goes with the 304.
 */
enum condition condition_of(const struct request *request,
    const struct answer *answer, enum encoding *encoding);

#endif
