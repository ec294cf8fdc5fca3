/* SPDX-License-Identifier: ISC */
#include "web/answer_feed.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "web/model.h"
#include "web/shared.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define FEED_TTL MINUTE

static const struct {
	enum http_form form;
	const char *ending;
	const char *text; /* for people */
} forms[] = {
	{ HTTP_ATOM, "atom", "Atom" },
	{ HTTP_RSS, "rss", "RSS" },
	{ HTTP_JSON, "json", "JSON Feed" },
};

enum { N_FORMS = sizeof forms / sizeof *forms };

/* The format of the answer; without an ending a browser's HTML is Atom. */
static const struct feed_format *
format_of(const struct request *request)
{
	const char *ending = "atom";
	const struct feed_format *format;

	for (size_t i = 0; i < N_FORMS; i++)
		if (forms[i].form == request->form)
			ending = forms[i].ending;
	format = feed_format_find(ending);
	CHECK(format != NULL);
	return format;
}

/* The path with ending and parameters, from there on (0: the newest). */
static char *
address_of(void *owner, const struct feed_source *source, const char *ending,
    int64_t before)
{
	struct buf *address = buf_new(owner);
	char join = '?';

	buf_printf(address, "%s.%s", source->path, ending);
	if (source->parameters[0] != '\0') {
		buf_printf(address, "?%s", source->parameters);
		join = '&';
	}
	if (before > 0)
		buf_printf(address, "%cbefore=%jd", join, (intmax_t)before);
	return address->text;
}

static char *
url_of(const struct request *request, const struct feed_source *source,
    const char *ending, int64_t before)
{
	const struct site *site = visit_of(request)->site;

	return mem_printf(request->memory, "%s%s", site->settings->base_url,
	    address_of(request->memory, source, ending, before));
}

/* --- the document */

/* When something happened last at all: of a list, that is when it changed. */
static bool
last_event(struct request *request, int64_t *at, struct error *err)
{
	struct event *event;
	struct db *db;
	int64_t seq;

	if (!visit_db(request, &db, err) || !journal_last(db, &seq, err))
		return false;
	if (seq == 0)
		return true;
	if (!journal_find(request->memory, db, seq, &event, err))
		return false;
	*at = event->at;
	return true;
}

static struct buf *
write_feed(struct request *request, const struct feed_source *source,
    struct feed_view *made, const struct feed_format *format)
{
	struct buf *body = buf_new(request->memory);

	made->feed.self = url_of(
	    request, source, format->ending, source->before);
	made->feed.ttl = FEED_TTL;
	if (source->next != 0)
		made->feed.next = url_of(
		    request, source, format->ending, source->next);
	format->write(body, &made->feed);
	return body;
}

/* Of the bytes themselves: it changes if and only if they do. */
static const char *
etag_of(const struct request *request, const struct buf *body,
    const struct feed_format *format)
{
	enum { SHOWN = 16 };
	const struct site *site = visit_of(request)->site;
	struct buf *etag = buf_new(request->memory);
	unsigned char hash[SECRET_HASH];

	secret_hash(desk_key(site->desk), body->text, hash);
	buf_char(etag, '"');
	for (size_t i = 0; i < SHOWN; i++)
		buf_printf(etag, "%02x", hash[i]);
	buf_printf(etag, "-%s\"", format->ending);
	return etag->text;
}

/* What this answer is of, in the cache. */
static const char *
key_of(const struct request *request, const struct feed_source *source,
    const struct feed_format *format)
{
	int64_t person = source->is_public ? 0
					   : visit_of(request)->actor.person;

	return mem_printf(request->memory, "%jd %s", (intmax_t)person,
	    address_of(
		request->memory, source, format->ending, source->before));
}

static bool
make_document(struct request *request, struct answer *answer,
    struct feed_source *source, const struct feed_format *format,
    struct error *err)
{
	struct feed_view *made = mem_new(request->memory, struct feed_view);
	const struct buf *body;

	if (!source->make(request, source, made, err))
		return false;
	if (source->is_list && !last_event(request, &made->modified, err))
		return false;
	body = write_feed(request, source, made, format);
	answer_body(answer, format->media_type, body->text, body->length);
	answer->etag = etag_of(request, body, format);
	answer->modified = made->modified;
	answer->vary = "Accept";
	answer->cache_control = source->is_public
	    ? "public, max-age=60, stale-while-revalidate=300, "
	      "stale-if-error=86400"
	    : "private, max-age=60";
	if (source->is_secret)
		answer_header(
		    request, answer, "X-Robots-Tag", "noindex, nofollow");
	answer_header(request, answer, "Link",
	    mem_printf(request->memory, "<%s>; rel=\"self\"",
		url_of(request, source, format->ending, source->before)));
	return true;
}

static bool
find_document(struct request *request, struct answer *answer,
    struct feed_source *source, const struct feed_format *format,
    struct error *err)
{
	struct response_cache *cache = visit_of(request)->site->cache;
	const char *key = key_of(request, source, format);

	switch (
	    response_cache_find(cache, request, answer, key, source->version)) {
	case CACHED:
		break;
	case CACHE_LATER:
		return error_set(err, ERROR_BUSY, "it is being made");
	case CACHE_MAKE:
		if (!make_document(request, answer, source, format, err))
			return false;
		response_cache_put(
		    cache, request, answer, key, source->version);
		break;
	}
	answer->is_recalled = source->recall != NULL;
	if (answer->is_recalled)
		answer->recall = *source->recall;
	return true;
}

/* --- the page for browsers */

static json_t *
page_formats(struct request *request, const struct feed_source *source)
{
	json_t *list = json_array();

	for (size_t i = 0; i < N_FORMS; i++) {
		json_t *each = json_object();

		json_put_text(each, "href",
		    address_of(request->memory, source, forms[i].ending, 0));
		json_put_text(each, "type",
		    feed_format_find(forms[i].ending)->media_type);
		json_put_text(each, "text", forms[i].text);
		(void)json_array_append_new(list, each);
	}
	return list;
}

static bool
answer_browser(struct request *request, struct answer *answer,
    const struct feed_source *source, const struct feed_format *format,
    struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = { .title = "A feed", .noindex = true };
	json_t *formats = page_formats(request, source);

	json_put_text(model, "title", source->title);
	json_put_text(model, "url",
	    url_of(request, source, format->ending, source->before));
	json_put(model, "formats", formats);
	json_decref(formats);
	json_put_bool(model, "is_secret", source->is_secret);
	/* another one asks for a token, which few readers have */
	if (source->is_secret || source->is_public)
		model_put_reader(
		    model, url_of(request, source, "atom", 0), NULL);
	answer->vary = "Accept";
	return answer_page(request, answer, "feed_page", model, &head, err);
}

bool
answer_feed_is_page(const struct request *request)
{
	return request->form != HTTP_JSON && request_is_browser(request);
}

/* --- the answer */

/*
 * The client has another version of this very second. libcurl, and so
 * Newsboat, would drop the body of a 200 with the same date and yet keep its
 * ETag: it would never see the change.
 */
static bool
would_be_dropped(const struct request *request, const struct answer *answer)
{
	const char *header = request_header(request, "If-Modified-Since");
	int64_t since;

	return answer->modified_is_vague && header != NULL &&
	    date_parse_http(header, &since) && since >= answer->modified &&
	    !answer_is_current(request, answer);
}

/*
 * Waits, for a second at most, until the answer can have a date of its own.
 * The clock that dates are taken from (clock_second) may be some milliseconds
 * behind, so it is asked itself. Only a few workers wait: where more would, a
 * client that goes by the date alone still gets its answer at once.
 */
static bool
wait_for_date(
    struct request *request, const struct answer *answer, struct error *err)
{
	enum { STEP = 5000, STEPS_MOST = 210, WAITING_MOST = 4 };
	static _Atomic unsigned waiting;
	const struct timespec step = { 0, STEP * 1000L };

	if (request_must_wait(request))
		return error_set(err, ERROR_BUSY, "a worker has to wait");
	site_finished(request, answer); /* no reader waits along */
	if (waiting++ < WAITING_MOST)
		for (int i = 0;
		     i < STEPS_MOST && clock_second() <= answer->modified; i++)
			(void)nanosleep(&step, NULL);
	waiting--;
	return true;
}

bool
answer_feed(struct request *request, struct answer *answer,
    struct feed_source *source, struct error *err)
{
	const struct feed_format *format = format_of(request);

	if (answer_feed_is_page(request))
		return answer_browser(request, answer, source, format, err);
	if (!find_document(request, answer, source, format, err))
		return false;
	if (!would_be_dropped(request, answer))
		return true;
	return wait_for_date(request, answer, err) &&
	    find_document(request, answer, source, format, err);
}

/* --- for resources */

const char *
feed_parameters(struct request *request, const char *const *names)
{
	struct buf *out = buf_new(request->memory);

	for (; *names != NULL; names++) {
		const char *value = request_query(request, *names);

		if (strcmp(*names, "limit") == 0)
			value = query_limit(request) == QUERY_LIMIT_USUAL
			    ? NULL
			    : mem_printf(
				  request->memory, "%zu", query_limit(request));
		if (value == NULL || value[0] == '\0')
			continue;
		if (out->length > 0)
			buf_char(out, '&');
		buf_text(out, *names);
		buf_char(out, '=');
		buf_url(out, value);
	}
	return out->text;
}

static void
put_link(json_t *list, const char *href, const char *ending, const char *title)
{
	json_t *each = json_object();

	json_put_text(each, "href", href);
	json_put_text(each, "type", feed_format_find(ending)->media_type);
	json_put_text(each, "title", title);
	(void)json_array_append_new(list, each);
}

json_t *
feed_links(struct request *request, const char *path, const char *parameters,
    const char *title)
{
	const struct feed_source source = { .path = path,
		.parameters = parameters };
	json_t *list = json_owned(request->memory, json_array());

	put_link(list, address_of(request->memory, &source, "atom", 0), "atom",
	    title);
	return list;
}

json_t *
feed_addresses(
    struct request *request, const char *path, const char *parameters)
{
	const struct feed_source source = { .path = path,
		.parameters = parameters };
	json_t *object = json_owned(request->memory, json_object());

	for (size_t i = 0; i < N_FORMS; i++)
		json_put_text(object, forms[i].ending,
		    address_of(request->memory, &source, forms[i].ending, 0));
	return object;
}
