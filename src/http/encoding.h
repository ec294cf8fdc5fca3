/* SPDX-License-Identifier: ISC */
#ifndef HTTP_ENCODING_H
#define HTTP_ENCODING_H

/* Content codings: which Accept-Encoding asks for, and the coding itself. */

#include "base/error.h"
#include "base/span.h"

enum encoding {
	ENCODING_IDENTITY,
	ENCODING_GZIP,
	ENCODING_BR,
	ENCODING_ZSTD,
	ENCODINGS
};

/*
 * What is shorter goes out in one packet either way, so a coding of it costs
 * time and saves none.
 */
enum { ENCODING_LEAST = 1024 };

/* How an Accept-Encoding header likes each (RFC 9110 section 12.5.3). */
struct encoding_liking {
	int likes[ENCODINGS]; /* the larger the better; 0: not to be sent */
	bool takes_all; /* it did not say: only identity is sent then */
};

/* accept may be NULL. */
struct encoding_liking encoding_liking_of(const char *accept);

/* True if the client can read what is coded so. */
bool
encoding_is_taken(const struct encoding_liking *liking, enum encoding encoding);

/*
 * The one to send: the best, or, where coding is not worth it, identity unless
 * it is forbidden. False if none is acceptable.
 */
MUST_CHECK bool encoding_choose(
    const struct encoding_liking *liking, bool is_worth, enum encoding *ret);

/* "gzip"; NULL for identity. */
const char *encoding_name(enum encoding encoding);

/* The one of that name; identity if it is none of ours. */
enum encoding encoding_find(struct span name);

/* True if bodies of that Content-Type are text, which gets smaller. */
bool encoding_helps(const char *type);

/* The coded bytes, of owner. Takes milliseconds for 100 KB. */
struct span
encoding_made(void *owner, enum encoding encoding, struct span plain);

/*
 * The entity tag of a coded body: the plain one's with "-gzip" before its
 * closing quote, as long as etag has one (else NULL).
 */
const char *
encoding_etag(void *owner, enum encoding encoding, const char *etag);

#endif
