/* SPDX-License-Identifier: ISC */
#include "http/slot.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/condition.h"
#include "http/engine.h"

#include <string.h>

/* --- what a slot holds */

static void
drop_response(struct prepared **prepared)
{
	if (*prepared != NULL)
		prepared_drop(*prepared);
	*prepared = NULL;
}

static void
drop_responses(struct slot *slot)
{
	for (int i = 0; i < ENCODINGS; i++) {
		drop_response(&slot->full[i]);
		drop_response(&slot->current[i]);
	}
}

void
slot_empty(struct response_cache *cache, struct slot *slot)
{
	drop_responses(slot);
	for (int i = 0; i < ENCODINGS; i++) {
		if (slot->bytes[i] != NULL) {
			cache_count(
			    cache, slot, 0, slot->bytes[i]->span.length);
			bytes_drop(slot->bytes[i]);
		}
		slot->bytes[i] = NULL;
		slot->is_useless[i] = false;
	}
	TALLOC_FREE(slot->answer);
}

/* --- dates */

struct date {
	int64_t modified;
	bool is_vague;
};

static struct date
slot_date(const struct slot *slot)
{
	int64_t now = clock_second();
	bool is_over = now / SECOND > slot->second;
	int64_t second = slot->second + (slot->is_shared && is_over ? 1 : 0);
	int64_t modified = second * SECOND;

	if (slot->second == 0)
		return (struct date){ 0 };
	/* RFC 9110 section 8.8.2.1: never later than Date */
	return (struct date){ modified > now ? now : modified,
		slot->is_shared && !is_over };
}

/*
 * The second of a change, seen from what was sent before. What left a feed
 * takes its time along: then the change is of now.
 */
static void
slot_set_date(
    const struct response_cache *cache, struct slot *slot, int64_t modified)
{
	slot->second = modified / SECOND;
	slot->is_shared = false;
	if (slot->second == 0)
		return;
	if (!slot->is_filled) {
		slot->is_filled = true;
		slot->is_shared = slot->second <= cache->known_since / SECOND;
		return;
	}
	if (slot->second <= slot->sent)
		slot->second = clock_second() / SECOND;
	slot->is_shared = slot->second <= slot->sent;
	if (slot->is_shared) /* it never runs backwards */
		slot->second = slot->sent;
}

/* --- what is sent of a slot */

static struct answer
slot_validators(const struct slot *slot, struct date date)
{
	return (struct answer){ .status = MHD_HTTP_OK,
		.etag = slot->answer->etag,
		.modified = date.modified,
		.modified_is_vague = date.is_vague };
}

/* False if the client takes none. */
static bool
slot_encoding(
    const struct slot *slot, const struct request *request, enum encoding *ret)
{
	struct encoding_liking liking = encoding_liking_of(
	    request_header(request, "Accept-Encoding"));

	if (!encoding_choose(
		&liking, slot->is_worth && !request->is_plain, ret))
		return false;
	if (slot->is_useless[*ret] && liking.likes[ENCODING_IDENTITY] > 0)
		*ret = ENCODING_IDENTITY;
	return true;
}

/* A response of that date, made if it is not there; a hold on it. */
static struct prepared *
slot_response(struct slot *slot, struct prepared **kept, enum encoding encoding,
    unsigned status, int64_t modified)
{
	struct answer answer = *slot->answer;
	void *memory;

	if (*kept != NULL && (*kept)->modified != modified)
		drop_response(kept);
	if (*kept == NULL) {
		memory = mem_root("response");
		answer.status = status;
		answer.modified = modified;
		answer.encoding = encoding;
		answer.etag = encoding_etag(memory, encoding, answer.etag);
		*kept = prepared_new(&answer,
		    status == MHD_HTTP_OK ? slot->bytes[encoding] : NULL);
		talloc_free(memory);
	}
	return prepared_hold(*kept);
}

void
answer_reset(struct answer *answer)
{
	if (answer->prepared != NULL)
		prepared_drop(answer->prepared);
	*answer = (struct answer){ 0 };
}

void
answer_prepare(struct answer *answer, struct prepared *prepared)
{
	answer->prepared = prepared;
	answer->status = prepared->status;
	answer->length = prepared->length;
}

/* Where a response of our own has to be made: all of it, as a handler would. */
static void
copy_answer(
    const struct slot *slot, struct request *request, struct answer *answer)
{
	const struct answer *kept = slot->answer;
	struct span plain = slot->bytes[ENCODING_IDENTITY]->span;

	answer->body = mem_copy_n(request->memory, plain.text, plain.length);
	answer->length = plain.length;
	answer->type = kept->type == NULL
	    ? NULL
	    : mem_copy(request->memory, kept->type);
	answer->cache_control = kept->cache_control == NULL
	    ? NULL
	    : mem_copy(request->memory, kept->cache_control);
	answer->vary = kept->vary == NULL
	    ? NULL
	    : mem_copy(request->memory, kept->vary);
	answer->n_headers = 0;
	for (size_t i = 0; i < kept->n_headers; i++)
		answer_header(request, answer, kept->headers[i].name,
		    kept->headers[i].value);
}

bool
slot_send(struct slot *slot, struct request *request, struct answer *answer,
    enum encoding *missing)
{
	struct date date = slot_date(slot);
	struct answer validators = slot_validators(slot, date);
	enum condition condition;
	enum encoding encoding;

	slot->sent = date.modified / SECOND;
	answer->etag = mem_copy(request->memory, slot->answer->etag);
	answer->modified = date.modified;
	answer->modified_is_vague = date.is_vague;
	if (request->closes || !slot_encoding(slot, request, &encoding)) {
		copy_answer(slot, request, answer);
		return true;
	}
	condition = condition_of(request, &validators, &encoding);
	if (condition == CONDITION_FAILED) {
		copy_answer(slot, request, answer);
	} else if (condition == CONDITION_CURRENT) {
		answer_prepare(answer,
		    slot_response(slot, &slot->current[encoding], encoding,
			MHD_HTTP_NOT_MODIFIED, date.modified));
	} else if (slot->bytes[encoding] == NULL) {
		*missing = encoding;
		return false;
	} else {
		answer_prepare(answer,
		    slot_response(slot, &slot->full[encoding], encoding,
			MHD_HTTP_OK, date.modified));
	}
	return true;
}

struct prepared *
slot_ready(struct slot *slot, const struct request *request)
{
	struct date date = slot_date(slot);
	struct answer validators = slot_validators(slot, date);
	struct prepared *ready = NULL;
	enum encoding encoding;

	if (date.is_vague || !slot_encoding(slot, request, &encoding))
		return NULL;
	switch (condition_of(request, &validators, &encoding)) {
	case CONDITION_MET:
		ready = slot->full[encoding];
		break;
	case CONDITION_CURRENT:
		ready = slot->current[encoding];
		break;
	case CONDITION_FAILED:
		break;
	}
	if (ready == NULL || ready->modified != date.modified)
		return NULL;
	if (!atomic_load_explicit(&slot->is_used, memory_order_relaxed))
		atomic_store(&slot->is_used, true);
	return prepared_hold(ready);
}

/* --- what is put in */

static const char *
copy_or_null(void *owner, const char *text)
{
	return text == NULL ? NULL : mem_copy(owner, text);
}

static struct answer *
headers_of(void *owner, const struct answer *answer)
{
	struct answer *kept = mem_new(owner, struct answer);

	kept->type = copy_or_null(kept, answer->type);
	kept->etag = mem_copy(kept, answer->etag);
	kept->cache_control = copy_or_null(kept, answer->cache_control);
	kept->vary = copy_or_null(kept, answer->vary);
	for (size_t i = 0; i < answer->n_headers; i++)
		*mem_push(kept, &kept->headers,
		    &kept->n_headers) = (struct form_field){
			mem_copy(kept, answer->headers[i].name),
			mem_copy(kept, answer->headers[i].value)
		};
	return kept;
}

void
slot_fill(struct response_cache *cache, struct slot *slot,
    const struct answer *answer, struct bytes *bytes)
{
	slot_set_date(cache, slot, answer->modified);
	slot_empty(cache, slot);
	slot->answer = headers_of(slot, answer);
	slot->is_worth = encoding_helps(answer->type) &&
	    answer->length >= ENCODING_LEAST;
	slot->bytes[ENCODING_IDENTITY] = bytes;
	cache_count(cache, slot, bytes->span.length, 0);
}
