/* SPDX-License-Identifier: ISC */
#include "web/public.h"

#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "view/markdown.h"
#include "view/marked.h"
#include "view/shape.h"
#include "web/limits.h"
#include "web/model.h"

#include <stdint.h>
#include <string.h>

struct actor
public_actor(const struct request *request)
{
	const struct visit *visit = visit_of(request);

	return (struct actor){
		.scope = SCOPE_NONE,
		.source = visit->actor.source,
		.address = request->address,
	};
}

bool
public_may_write(struct request *request, struct error *err)
{
	return limit_address(request, LIMIT_REPORTS, err);
}

void
answer_etag_of_body(
    struct request *request, struct answer *answer, int64_t changed)
{
	enum { SHOWN = 12 };
	struct buf *etag = buf_new(request->memory);
	unsigned char hash[SECRET_HASH];

	secret_hash(
	    desk_key(visit_of(request)->site->desk), answer->body, hash);
	buf_char(etag, '"');
	if (changed != 0)
		buf_printf(etag, "%jd-", (intmax_t)changed);
	for (size_t i = 0; i < SHOWN; i++)
		buf_printf(etag, "%02x", hash[i]);
	buf_char(etag, '"');
	answer->etag = etag->text;
	if (answer->cache_control == NULL)
		answer->cache_control = "private, no-cache";
}

json_t *
public_errors(struct request *request, const struct error *err)
{
	json_t *list = json_owned(request->memory, json_array());

	for (size_t i = 0; i < err->n_fields; i++) {
		json_t *each = json_object();

		json_put_text(each, "field", err->fields[i].name);
		if (err->fields[i].column > 0)
			json_put_int(each, "column", err->fields[i].column);
		json_put_text(each, "message", err->fields[i].message);
		(void)json_array_append_new(list, each);
	}
	return list;
}

bool
status_object(
    struct request *request, int64_t number, json_t **ret, struct error *err)
{
	struct incident *incident;
	struct view view;

	return visit_view(request, VIEWER_CUSTOMER, &view, err) &&
	    incident_read(request->memory, view.db, number, &incident, err) &&
	    shape_status(request->memory, &view, incident, ret, err);
}

const char *
html_of(
    void *owner, void (*write)(struct buf *, const char *), const char *text)
{
	struct buf *html;

	if (text == NULL || text[0] == '\0')
		return NULL;
	html = buf_new(owner);
	write(html, text);
	return html->text;
}

/* --- rows */

json_t *
tag_links(struct request *request, const json_t *tags, const char *list)
{
	const char *before = mem_printf(request->memory, "%s?q=%%23", list);

	return json_owned(request->memory, model_tag_links(tags, before));
}

enum { SUMMARY = 200 };

static const char *
summary_of(struct request *request, const struct article *article)
{
	const char *text = article->issue;

	if (text[0] == '\0')
		text = article->resolution;
	return text[0] == '\0' ? NULL
			       : text_summary(request->memory, text, SUMMARY);
}

/* The part that has most of what was searched for, the first of equals. */
static const char *
passage_of(struct request *request, const struct article *article,
    const struct search_terms *terms)
{
	const char *const parts[] = { article->issue, article->resolution,
		article->cause, article->environment };
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t n;
		const char *passage = text_passage(
		    request->memory, parts[i], terms, SUMMARY, &n);

		if (n > most)
			best = passage;
		if (n > most)
			most = n;
	}
	return best == NULL ? summary_of(request, article) : best;
}

static void
put_marked(struct request *request, json_t *row, const char *name,
    const char *text, const struct search_terms *terms)
{
	struct buf *html = buf_new(request->memory);

	if (text == NULL)
		return;
	buf_marked(html, text, terms);
	json_put_text(row, name, html->text);
}

json_t *
article_rows(struct request *request, const struct view *view,
    const struct article_list *list, const char *tags, const char *search)
{
	json_t *rows = json_owned(request->memory, json_array());
	size_t base = strlen(view->base_url);
	struct search_terms terms;

	if (search != NULL)
		search_terms_of(request->memory, search, &terms);
	for (size_t i = 0; i < list->n; i++) {
		const struct article *article = list->articles[i];
		json_t *row = shape_article(request->memory, view, article);
		const char *url = json_string_value(
		    json_object_get(row, "url"));
		const char *summary = search == NULL
		    ? summary_of(request, article)
		    : passage_of(request, article, &terms);

		json_put_text(row, "href", url + base);
		json_put_text(row, "summary", summary);
		json_put_text(row, "title_html", NULL);
		json_put_text(row, "summary_html", NULL);
		if (search != NULL) {
			put_marked(
			    request, row, "title_html", article->title, &terms);
			put_marked(
			    request, row, "summary_html", summary, &terms);
		}
		json_put(row, "tag_links",
		    tag_links(request, json_object_get(row, "tags"), tags));
		(void)json_array_append(rows, row);
	}
	return rows;
}
