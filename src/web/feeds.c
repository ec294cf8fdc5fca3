/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * A person's feeds by their secret address: her personal feed, one for each
 * subscription, and the list of them as OPML. The address is the credential.
 */

#include "base/escape.h"
#include "base/mem.h"
#include "desk/subscription.h"
#include "desk/timeline.h"
#include "web/answer_feed.h"
#include "web/public.h"
#include "web/shared.h"

#include <stdint.h>

static const char *const parameters[] = { "limit", NULL };

/*
 * Whose link it is. Unknown, revoked and of a disabled person are one case,
 * with one answer.
 */
static bool
come_by_link(struct request *request, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct desk *desk = visit->site->desk;

	if (!access_find(request->memory, desk, ACCESS_LINK, request->parts[0],
		&visit->identity))
		return error_set(
		    err, ERROR_NOT_FOUND, "there is no feed of this address");
	access_used(desk, ACCESS_LINK, visit->identity.via);
	visit->actor.person = visit->identity.person;
	visit->actor.handle = visit->identity.handle;
	return true;
}

static const char *
personal_title(const struct request *request)
{
	const struct visit *visit = visit_of(request);

	return mem_printf(request->memory, "%s: %s",
	    visit->site->settings->name, visit->identity.handle);
}

/* --- OPML */

static struct opml_outline
outline_of(const struct request *request, const struct subscription *each)
{
	const char *base = visit_of(request)->site->settings->base_url;
	struct buf *page = buf_new(request->memory);

	buf_printf(page, "%s/incidents?q=", base);
	buf_url(page, each->filter);
	return (struct opml_outline){
		.text = each->name,
		.xml_url = mem_printf(request->memory, "%s/feeds/%s/%jd.atom",
		    base, request->parts[0], (intmax_t)each->id),
		.html_url = page->text,
		.description = each->filter,
	};
}

static struct opml
opml_of(struct request *request, const struct subscription *each, size_t n)
{
	struct visit *visit = visit_of(request);
	const char *base = visit->site->settings->base_url;
	struct opml_outline *outlines = mem_array(
	    request->memory, struct opml_outline, n + 1);

	outlines[0] = (struct opml_outline){
		.text = personal_title(request),
		.xml_url = mem_printf(request->memory, "%s/feeds/%s.atom", base,
		    request->parts[0]),
		.html_url = mem_printf(request->memory, "%s/incidents", base),
	};
	for (size_t i = 0; i < n; i++)
		outlines[i + 1] = outline_of(request, &each[i]);
	return (struct opml){
		.title = personal_title(request),
		.owner = visit->identity.name,
		.outlines = outlines,
		.n_outlines = n + 1,
	};
}

static bool
answer_opml(struct request *request, struct answer *answer, struct error *err)
{
	struct buf *body = buf_new(request->memory);
	struct subscription *subscriptions;
	struct opml opml;
	struct db *db;
	size_t n;

	if (!visit_db(request, &db, err) ||
	    !subscription_list(request->memory, db,
		visit_of(request)->actor.person, false, &subscriptions, &n,
		err))
		return false;
	opml = opml_of(request, subscriptions, n);
	opml_write(body, &opml);
	answer_body(answer, OPML_MEDIA_TYPE, body->text, body->length);
	answer->cache_control = "private, max-age=60";
	answer_etag_of_body(request, answer, 0);
	answer->vary = "Accept";
	return true;
}

/* --- the personal feed */

static bool
make_personal(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	struct view view;

	(void)source;
	return visit_view(request, VIEWER_LINK, &view, err) &&
	    feed_personal(
		request->memory, &view, query_limit(request), ret, err);
}

bool
feed_personal_get(
    struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct feed_source source = { .is_secret = true,
		.make = make_personal };
	struct recall recall = shared_recall(request, SHARED_PERSONAL);

	if (!come_by_link(request, err))
		return false;
	if (request->form == HTTP_OPML)
		return answer_opml(request, answer, err);
	source.path = mem_printf(
	    request->memory, "/feeds/%s", request->parts[0]);
	source.parameters = feed_parameters(request, parameters);
	source.title = personal_title(request);
	shared_recall_person(&recall, visit->actor.person, 0);
	source.recall = &recall;
	source.version = timeline_version_personal(
	    visit->site->desk, visit->actor.person);
	return answer_feed(request, answer, &source, err);
}

/* --- one subscription's */

static bool
make_subscription(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	const int64_t *id = source->arg;
	struct view view;

	return visit_view(request, VIEWER_LINK, &view, err) &&
	    feed_subscription(
		request->memory, &view, *id, query_limit(request), ret, err);
}

/* The feed itself looks whether it is hers; its page needs the name too. */
static bool
subscription_title(
    struct request *request, int64_t id, const char **ret, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct subscription *subscription;
	struct db *db;

	if (!visit_db(request, &db, err) ||
	    !subscription_read(request->memory, db, visit->actor.person, id,
		&subscription, err))
		return false;
	if (subscription->removed != 0)
		return error_set(
		    err, ERROR_GONE, "this subscription was removed");
	*ret = mem_printf(request->memory, "%s: %s",
	    visit->site->settings->name, subscription->name);
	return true;
}

bool
feed_subscription_get(
    struct request *request, struct answer *answer, struct error *err)
{
	struct visit *visit = visit_of(request);
	struct feed_source source = { .is_secret = true,
		.make = make_subscription };
	struct recall recall = shared_recall(request, SHARED_SUBSCRIPTION);
	int64_t id;

	if (!come_by_link(request, err) || !part_number(request, 1, &id, err))
		return false;
	source.path = mem_printf(
	    request->memory, "/feeds/%s/%jd", request->parts[0], (intmax_t)id);
	source.parameters = feed_parameters(request, parameters);
	source.arg = &id;
	shared_recall_person(&recall, visit->actor.person, id);
	source.recall = &recall;
	source.version = timeline_version_subscription(
	    visit->site->desk, visit->actor.person, id);
	if (answer_feed_is_page(request) &&
	    !subscription_title(request, id, &source.title, err))
		return false;
	return answer_feed(request, answer, &source, err);
}
