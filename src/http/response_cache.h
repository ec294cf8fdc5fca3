/* SPDX-License-Identifier: ISC */
#ifndef HTTP_RESPONSE_CACHE_H
#define HTTP_RESPONSE_CACHE_H

/*
 * Answers that are ready to be sent, so that one that did not change reads no
 * database, renders nothing and compresses nothing; and of each the second of
 * Last-Modified with which it was sent, for the dates of HTTP have whole
 * seconds (design section 7).
 *
 * It knows no resource. A key is text that says what the answer is: address,
 * format, and who asks where that makes a difference. A version is a number
 * that moves with each change; the application reads it before it reads what
 * the answer is made of. Each coding is made when it is first asked for.
 *
 * While one request makes the answer of a key, others that want it wait; they
 * hold no thread meanwhile. Bounded: what was used least recently goes. Any
 * thread.
 */

#include "http/answer.h"

struct response_cache;

/*
 * The version that counts now for what a handler has put into answer->recall;
 * 0: the handler has to say. Only looks at memory: it runs on an event thread.
 * context is request->context.
 */
typedef int64_t version_now(void *context, const struct recall *recall);

/*
 * bytes: of all bodies, coded or not, and of what they are kept in. version may
 * be NULL if no handler sets answer->recall. Outlives the server that uses it.
 */
struct response_cache *
response_cache_new(void *owner, size_t bytes, version_now *version);

/* Gives back what is more than that, least recently used first. */
void response_cache_shrink(struct response_cache *cache, size_t bytes);

/* All answers are to be made anew: after a change of settings. */
void response_cache_clear(struct response_cache *cache);

enum cached {
	CACHED, /* answer is what is to be sent */
	CACHE_MAKE, /* make the answer and put it in, or fail */
	/*
	 * Return false with any error: the handler is run again, when what
	 * another request is making is there, or where it may wait.
	 */
	CACHE_LATER,
};

/*
 * For a handler of a GET that runs on a worker or is HTTP_TRIED. What answer
 * has already is forgotten: a handler fills it after CACHE_MAKE. key stays as
 * long as the request, which asks for no other. version 0 is not known: then
 * the answer is always made. What is found is as new as the version that the
 * request asked for first, or newer: never older than what anybody got before
 * it came.
 */
enum cached
response_cache_find(struct response_cache *cache, struct request *request,
    struct answer *answer, const char *key, int64_t version);

/*
 * Puts in the answer (body, type, etag, modified, headers; all is copied) after
 * CACHE_MAKE, and makes of answer what is to be sent: this one, or the newer
 * one that another thread has put in meanwhile. One of the same ETag keeps its
 * date. modified is when the thing changed last, as far as that shows.
 */
void response_cache_put(struct response_cache *cache, struct request *request,
    struct answer *answer, const char *key, int64_t version);

/* How full it is: for those who watch. */
struct response_cache_fill {
	size_t answers, bytes;
	uint64_t hits, misses; /* so far */
};
struct response_cache_fill response_cache_fill(struct response_cache *cache);

/* --- for http/ only */

/* Empty again, as before the handler. */
void answer_reset(struct answer *answer);

/*
 * What the same request was answered before by a handler that set
 * answer->recall, if it is still current. Neither route nor anything else of
 * the request but target, method and headers needs to be known. Sets route,
 * form and ending.
 */
bool response_cache_again(struct response_cache *cache, struct request *request,
    const char *target, struct answer *answer);

/* Notes for response_cache_again() what a handler has just answered. */
void
response_cache_note(struct response_cache *cache, const struct request *request,
    const char *target, const struct answer *answer);

/*
 * After CACHE_LATER with request->waits_for set: true if the request now waits,
 * and response_cache_land() will give it back; false if it can run already.
 */
bool response_cache_wait(struct response_cache *cache, struct request *request);

/*
 * The end of a request that was told CACHE_MAKE: gives those that waited for
 * it, linked by next_waiting.
 */
struct request *
response_cache_land(struct response_cache *cache, struct request *request);

#endif
