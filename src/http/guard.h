/* SPDX-License-Identifier: ISC */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

/*
 * The header guard: refuses what libmicrohttpd 0.9.75 takes although RFC 9112
 * says that it must not, above all whatever two parsers in a row could read
 * as two different requests.
 */

#include "http/request.h"

struct head {
	const char *method;
	const char *target; /* with its query */
	const char *version; /* "HTTP/1.1" */
	const struct form_field *headers;
	size_t n_headers;
};

/* What the head says about the body. */
struct body_framing {
	bool has_body;
	bool chunked;
	uint64_t length; /* 0 if chunked */
};

/*
 * For a head whose texts still lie in the bytes as they came, where only the
 * ends of words and lines are overwritten by NUL: looks at what the texts leave
 * out. MALFORMED if a NUL cut one, or a line ended without CR or went on in the
 * next. target_at is where the target stands there, length that of the head
 * with its last empty line.
 */
MUST_CHECK bool guard_check_bytes(const struct head *head,
    const char *target_at, size_t length, struct error *err);

/* MALFORMED if the head is to be refused and the connection closed. */
MUST_CHECK bool guard_check(
    const struct head *head, struct body_framing *ret, struct error *err);

#endif
