/* SPDX-License-Identifier: ISC */
#ifndef WEB_SHARED_H
#define WEB_SHARED_H

/*
 * For web/ only: answers that the response cache keeps, and how it tells again
 * which version of them counts.
 */

#include "http/response_cache.h"
#include "web/site.h"

/* What an answer changes with. */
enum shared_by {
	SHARED_TILL_RELOAD, /* files and settings */
	SHARED_KB, /* public articles */
	SHARED_KB_TEXT, /* ... and their full text, which follows them */
	SHARED_PERSONAL, /* a person's feed, and who may read it: by link */
	SHARED_SUBSCRIPTION,
};

/*
 * What says the version again later: numbers are of the kind. For a link it is
 * made before the link is looked up.
 */
struct recall shared_recall(const struct request *request, enum shared_by by);
/* ... and whose it is, once that is known. */
void shared_recall_person(
    struct recall *recall, int64_t person, int64_t subscription);

/* For response_cache_new(). */
int64_t shared_version(void *context, const struct recall *recall);

/*
 * Answers with what make makes, the same to everybody who comes without a
 * session; key says what it is. To others make's answer is sent as it is.
 */
MUST_CHECK bool answer_shared(struct request *request, struct answer *answer,
    enum shared_by by, const char *key, http_handler *make, struct error *err);

#endif
