/* SPDX-License-Identifier: ISC */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

/*
 * What a handler makes of a request. It belongs to the request's memory. The
 * server applies conditional requests (RFC 9110 section 13) to it for GET and
 * HEAD: a handler sets etag and modified and a body, or uses
 * answer_is_current() first to save making the body.
 */

#include "base/buf.h"
#include "http/encoding.h"
#include "http/request.h"

struct prepared;

/*
 * How the application tells by itself, in a moment and without a handler,
 * which version an answer of the response cache is current in: the numbers are
 * its own. A handler may set them where its
 * answer depends on nothing of the request but address, Accept and
 * Accept-Encoding, or where Cookie and Authorization are not there.
 */
struct recall {
	int64_t numbers[5];
};

struct answer {
	unsigned status; /* 200 unless set */
	const char *type; /* Content-Type, whole: "text/html; charset=utf-8" */
	const char *body; /* of the request's memory */
	size_t length;
	/*
	 * With its quotes, strong, or NULL: of the plain body. A coded one is
	 * sent with "-gzip" before the closing quote.
	 */
	const char *etag;
	int64_t modified; /* Last-Modified, microseconds; 0: none */
	/*
	 * If-Modified-Since alone is never answered 304: another version was
	 * sent with the same second.
	 */
	bool modified_is_vague;
	const char *cache_control; /* NULL: "no-store" */
	const char *location;
	const char *vary; /* what the server does not add itself */
	struct form_field *headers; /* others */
	size_t n_headers;
	/* see struct recall; only with an answer of the response cache */
	bool is_recalled;
	struct recall recall;
	/* the server's own */
	enum encoding encoding; /* what body is coded with */
	/* of the response cache: sent as it is; and its key there */
	struct prepared *prepared;
	const char *key;
};

/* A header of the answer. CR, LF and NUL in value are a bug of ours. */
void answer_header(struct request *request, struct answer *answer,
    const char *name, const char *value);

/* Body and type; the body is not copied. */
void answer_body(
    struct answer *answer, const char *type, const char *body, size_t length);

/*
 * True if the request's validators say that the client has this etag and
 * modified already, so that the server will answer 304 and no body is needed.
 */
bool
answer_is_current(const struct request *request, const struct answer *answer);

/* 303 See Other to a path or URL. */
void answer_see_other(struct answer *answer, const char *location);

/*
 * If-Match against the number N of the thing ("N" or "N-..."): true if the
 * header is missing, *, or names N. required: a missing one is 428.
 */
MUST_CHECK bool request_may_change(const struct request *request,
    int64_t number, bool required, struct error *err);

#endif
