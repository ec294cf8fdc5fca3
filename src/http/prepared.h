/* SPDX-License-Identifier: ISC */
#ifndef HTTP_PREPARED_H
#define HTTP_PREPARED_H

/*
 * For http/ only: a response made once and queued for any number of
 * connections at the same time, and the bytes that it sends. Both are counted:
 * whoever drops the last hold lets them go. Any thread.
 */

#include "http/answer.h"

#include <stdatomic.h>

struct MHD_Response;

struct bytes {
	unsigned magic;
	atomic_uint holds;
	void *memory;
	struct span span;
};

/* A copy of text, with one hold. */
struct bytes *bytes_new(struct span text);
/* The same, coded. */
struct bytes *bytes_coded(const struct bytes *plain, enum encoding encoding);
struct bytes *bytes_hold(struct bytes *bytes);
void bytes_drop(struct bytes *bytes);

struct prepared {
	unsigned magic;
	atomic_uint holds;
	unsigned status;
	size_t length; /* of the body, not of a 304's */
	int64_t modified;
	struct MHD_Response *response;
};

/*
 * A response as answer says, complete, with one hold; of bytes (a hold of its
 * own), or a 304 where they are NULL.
 */
struct prepared *prepared_new(const struct answer *answer, struct bytes *bytes);
struct prepared *prepared_hold(struct prepared *prepared);
void prepared_drop(struct prepared *prepared);

#endif
