/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * The public knowledge base: the newest answers, those used most often, those
 * of a filter or a search, each of which is a feed too. What is not public is
 * not there.
 */

#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/subscription.h"
#include "desk/timeline.h"
#include "web/answer_feed.h"
#include "web/public.h"
#include "web/shared.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What was asked. */
struct asked {
	const char *q, *search; /* NULL: not given */
	struct filter *filter; /* of q */
	bool by_reuse;
	int64_t before;
};

static const char *
given(const struct request *request, const char *name)
{
	const char *text = request_query(request, name);

	return text == NULL || text[0] == '\0' ? NULL : text;
}

/*
 * The filter is read apart: a page shows what is wrong with it. A search has an
 * order of its own.
 */
static struct asked
ask(const struct request *request)
{
	const char *sort = given(request, "sort");
	const char *search = given(request, "search");

	return (struct asked){
		.q = given(request, "q"),
		.search = search,
		.by_reuse = search == NULL && sort != NULL &&
		    strcmp(sort, "reused") == 0,
		.before = query_before(request),
	};
}

static bool
ask_filter(struct request *request, struct asked *asked, struct error *err)
{
	return asked->q == NULL ||
	    desk_filter(
		request->memory, asked->q, NULL, true, &asked->filter, err);
}

static bool
find(struct request *request, struct db *db, const struct asked *asked,
    struct article_list *ret, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	const struct article_query query = {
		.public_only = true,
		.by_reuse = asked->by_reuse,
		.filter = asked->filter,
		.before = asked->before,
		.limit = query_limit(request),
		.regex_budget = site->settings->regex_budget,
	};

	if (asked->search != NULL)
		return article_search(request->memory, site->desk, db,
		    asked->search, &query, ret, err);
	return article_list(request->memory, db, &query, ret, err);
}

/* --- as a feed */

static bool
make_kb(struct request *request, struct feed_source *source,
    struct feed_view *ret, struct error *err)
{
	const struct asked *asked = source->arg;
	const struct kb_asked what = {
		.filter = asked->filter == NULL ? ""
						: filter_text(asked->filter),
		.search = asked->search,
		.by_reuse = asked->by_reuse,
	};
	struct article_list list;
	struct view view;

	if (!visit_view(request, VIEWER_PUBLIC, &view, err) ||
	    !find(request, view.db, asked, &list, err))
		return false;
	source->next = list.next;
	return feed_kb(request->memory, &view, &what, &list, ret, err);
}

static const char *const parameters[] = { "q", "search", "sort", "limit",
	NULL };

static enum shared_by
shared_by(const struct asked *asked)
{
	return asked->search == NULL ? SHARED_KB : SHARED_KB_TEXT;
}

static bool
answer_kb_feed(struct request *request, struct answer *answer,
    struct asked *asked, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	const struct recall recall = shared_recall(request, shared_by(asked));
	struct feed_source source = {
		.path = "/kb",
		.parameters = feed_parameters(request, parameters),
		.before = asked->before,
		.title = mem_printf(request->memory, "%s: knowledge base",
		    site->settings->name),
		.is_public = true,
		.is_list = true,
		.version = shared_version(visit_of(request)->site, &recall),
		.recall = &recall,
		.make = make_kb,
		.arg = asked,
	};

	return ask_filter(request, asked, err) &&
	    answer_feed(request, answer, &source, err);
}

/* --- as a page */

static void
put_wrong(json_t *model, const struct error *wrong)
{
	json_t *error = json_object();

	if (wrong->n_fields > 0) {
		if (wrong->fields[0].column > 0)
			json_put_int(error, "column", wrong->fields[0].column);
		json_put_text(error, "message", wrong->fields[0].message);
	} else {
		json_put_text(error, "message", wrong->message);
	}
	json_put(model, "error", error);
	json_decref(error);
}

static const char *
next_href(struct request *request, const char *given_parameters, int64_t next)
{
	if (next == 0)
		return NULL;
	return mem_printf(request->memory, "/kb?%s%sbefore=%jd",
	    given_parameters, given_parameters[0] == '\0' ? "" : "&",
	    (intmax_t)next);
}

/* The tag, if that is all that is asked of the filter. */
static const char *
only_tag(const char *q)
{
	if (q == NULL || q[0] != '#' || strpbrk(q, " \t()*\"/") != NULL)
		return NULL;
	return q + 1;
}

/* Addresses of the list in its two orders, with the same filter. */
static void
put_orders(struct request *request, json_t *model, const struct asked *asked)
{
	struct buf *q = buf_new(request->memory);

	json_put_bool(model, "is_reused", asked->by_reuse);
	if (asked->search != NULL)
		return;
	if (asked->q != NULL) {
		buf_text(q, "q=");
		buf_url(q, asked->q);
	}
	json_put_text(model, "newest_href",
	    mem_printf(
		request->memory, "/kb%s%s", q->length > 0 ? "?" : "", q->text));
	json_put_text(model, "reused_href",
	    mem_printf(request->memory, "/kb?%s%ssort=reused", q->text,
		q->length > 0 ? "&" : ""));
}

struct counted {
	const char *tag;
	size_t n;
};

static int
by_count(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->tag, y->tag);
}

static void
count_tag(struct request *request, const char *tag, struct counted **counted,
    size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*counted)[i].tag, tag) == 0) {
			(*counted)[i].n++;
			return;
		}
	*mem_push(request->memory, counted, n) = (struct counted){ tag, 1 };
}

/* What these answers are about most. */
static void
put_common_tags(
    struct request *request, json_t *model, const struct article_list *list)
{
	enum { SHOWN = 12 };
	json_t *tags = json_owned(request->memory, json_array());
	struct counted *counted = NULL;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		for (size_t j = 0; j < list->articles[i]->n_tags; j++)
			count_tag(
			    request, list->articles[i]->tags[j], &counted, &n);
	if (n > 0)
		qsort(counted, n, sizeof *counted, by_count);
	for (size_t i = 0; i < n && i < SHOWN; i++)
		(void)json_array_append_new(tags, json_string(counted[i].tag));
	json_put(model, "common_tags", tag_links(request, tags, "/kb"));
	json_put_bool(model, "has_common_tags", n > 0);
}

static const char *
feed_title(struct request *request, const struct asked *asked)
{
	if (asked->search != NULL)
		return mem_printf(request->memory, "Search: %s", asked->search);
	if (asked->q != NULL)
		return mem_printf(
		    request->memory, "Knowledge base: %s", asked->q);
	return "Knowledge base";
}

/* The report form with what was searched for as its title. */
static const char *
report_href(struct request *request, const struct asked *asked)
{
	struct buf *href = buf_new(request->memory);

	buf_text(href, "/report");
	if (asked->search != NULL) {
		buf_text(href, "?title=");
		buf_url(href, asked->search);
	}
	return href->text;
}

static void
put_list(struct request *request, json_t *model, const struct asked *asked,
    const struct view *view, const struct article_list *list)
{
	const char *asked_text = feed_parameters(request, parameters);

	json_put_text(model, "q", asked->q);
	json_put_text(
	    model, "tag", asked->filter == NULL ? NULL : only_tag(asked->q));
	json_put_text(model, "search", asked->search);
	json_put(model, "items",
	    article_rows(request, view, list, "/kb", asked->search));
	json_put_text(
	    model, "next", next_href(request, asked_text, list->next));
	json_put(model, "feed", feed_addresses(request, "/kb", asked_text));
	json_put_text(model, "report_href", report_href(request, asked));
	put_orders(request, model, asked);
	put_common_tags(request, model, list);
}

/* wrong: of the filter, or NULL. */
static bool
answer_kb_page(struct request *request, struct answer *answer,
    const struct asked *asked, const struct error *wrong, struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());
	struct page_head head = { .title = "Knowledge base",
		.at = "kb",
		.noindex = asked->search != NULL || asked->q != NULL ||
		    asked->by_reuse };
	struct article_list list = { 0 };
	struct view view;

	if (!visit_view(request, VIEWER_PUBLIC, &view, err) ||
	    (wrong == NULL && !find(request, view.db, asked, &list, err)))
		return false;
	put_list(request, model, asked, &view, &list);
	head.feeds = feed_links(request, "/kb",
	    feed_parameters(request, parameters), feed_title(request, asked));
	if (wrong != NULL) {
		put_wrong(model, wrong);
		answer->status = http_status_of(wrong->kind);
	}
	if (!answer_page(request, answer, "kb", model, &head, err))
		return false;
	answer_etag_of_body(request, answer, 0);
	return true;
}

static bool
make_kb_page(struct request *request, struct answer *answer, struct error *err)
{
	struct asked asked = ask(request);
	struct error wrong = { 0 };

	return answer_kb_page(request, answer, &asked,
	    ask_filter(request, &asked, &wrong) ? NULL : &wrong, err);
}

bool
kb_get(struct request *request, struct answer *answer, struct error *err)
{
	struct asked asked = ask(request);

	if (request->form != HTTP_HTML)
		return answer_kb_feed(request, answer, &asked, err);
	return answer_shared(request, answer, shared_by(&asked),
	    mem_printf(request->memory, "page /kb?%s&before=%jd",
		feed_parameters(request, parameters), (intmax_t)asked.before),
	    make_kb_page, err);
}
