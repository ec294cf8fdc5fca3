/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * What machines are told of the knowledge base: what may be read
 * (robots.txt), all addresses (sitemap.xml of sitemaps.org) and how to search
 * (opensearch.xml).
 */

#include "base/date.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/told.h"
#include "web/public.h"
#include "web/shared.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define SITEMAP_NAMESPACE "http://www.sitemaps.org/schemas/sitemap/0.9"

static const char *
base_url(const struct request *request)
{
	const struct site *site = visit_of(request)->site;

	return site->settings->base_url;
}

/* --- addresses */

/* tag: "url" or "sitemap"; updated 0: not known. */
static void
add_address(struct buf *out, const char *tag, const char *url, int64_t updated)
{
	buf_printf(out, "<%s><loc>", tag);
	buf_html(out, url);
	buf_text(out, "</loc>");
	if (updated != 0) {
		char *time = date_rfc3339(NULL, updated);

		buf_printf(out, "<lastmod>%s</lastmod>", time);
		talloc_free(time);
	}
	buf_printf(out, "</%s>\n", tag);
}

/* The first part is there even when nothing is published yet. */
static bool
write_index(
    struct request *request, struct db *db, struct buf *out, struct error *err)
{
	struct told_part *parts = NULL;
	size_t n = 0;

	if (!told_parts(request->memory, db, &parts, &n, err))
		return false;
	if (n == 0 || parts[0].number != 0)
		add_address(out, "sitemap",
		    mem_printf(request->memory, "%s/sitemap.xml?part=0",
			base_url(request)),
		    0);
	for (size_t i = 0; i < n; i++)
		add_address(out, "sitemap",
		    mem_printf(request->memory, "%s/sitemap.xml?part=%jd",
			base_url(request), (intmax_t)parts[i].number),
		    parts[i].updated);
	return true;
}

static void
write_article(struct request *request, struct buf *out, const struct told *told)
{
	struct article article = { .title = told->title };
	char *slug = article_slug(NULL, &article);
	char *url = mem_printf(slug, "%s/kb/%jd/%s", base_url(request),
	    (intmax_t)told->number, slug);

	add_address(out, "url", url, told->updated);
	talloc_free(slug);
}

static bool
write_part(struct request *request, struct db *db, int64_t part,
    struct buf *out, struct error *err)
{
	struct told *told = NULL;
	size_t n = 0;

	if (!told_articles(request->memory, db, part, &told, &n, err))
		return false;
	if (n == 0 && part != 0)
		return error_set(err, ERROR_NOT_FOUND,
		    "the sitemap has no part %jd", (intmax_t)part);
	if (part == 0) {
		add_address(out, "url",
		    mem_printf(request->memory, "%s/", base_url(request)), 0);
		add_address(out, "url",
		    mem_printf(request->memory, "%s/kb", base_url(request)), 0);
	}
	for (size_t i = 0; i < n; i++)
		write_article(request, out, &told[i]);
	return true;
}

/* part=, or -1: the index of all parts. */
static int64_t
asked_part(const struct request *request)
{
	const char *text = request_query(request, "part");
	size_t digits = text == NULL ? 0 : strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || text[digits] != '\0')
		return -1;
	return strtoll(text, NULL, 10);
}

static bool
make_sitemap(struct request *request, struct answer *answer, struct error *err)
{
	int64_t part = asked_part(request);
	const char *root = part < 0 ? "sitemapindex" : "urlset";
	struct buf *out = buf_new(request->memory);
	struct db *db;

	buf_printf(
	    out, XML_HEAD "<%s xmlns=\"" SITEMAP_NAMESPACE "\">\n", root);
	if (!visit_db(request, &db, err) ||
	    !(part < 0 ? write_index(request, db, out, err)
		       : write_part(request, db, part, out, err)))
		return false;
	buf_printf(out, "</%s>\n", root);
	answer_body(
	    answer, "application/xml; charset=utf-8", out->text, out->length);
	answer->cache_control = "public, max-age=3600";
	answer_etag_of_body(request, answer, 0);
	return true;
}

bool
sitemap_get(struct request *request, struct answer *answer, struct error *err)
{
	return answer_shared(request, answer, SHARED_KB,
	    mem_printf(
		request->memory, "sitemap %jd", (intmax_t)asked_part(request)),
	    make_sitemap, err);
}

/* --- how to search */

/* OpenSearch 1.1 wants a name of at most 16 characters. */
static void
write_names(struct buf *out, const char *name)
{
	enum { SHORT = 16 };
	char *copy = mem_copy(out, name);

	while (utf8_length(copy) > SHORT)
		copy[utf8_cut(copy, strlen(copy), strlen(copy) - 1)] = '\0';
	buf_text(out, "<ShortName>");
	buf_html(out, copy);
	buf_text(out, "</ShortName>\n<Description>");
	buf_html(out, name);
	buf_text(out, ": knowledge base</Description>\n");
	talloc_free(copy);
}

static void
write_search(
    struct buf *out, const char *type, const char *base, const char *path)
{
	buf_printf(out, "<Url type=\"%s\" template=\"", type);
	buf_html(out, base);
	buf_printf(out, "%s?search={searchTerms}\"/>\n", path);
}

static bool
make_opensearch(
    struct request *request, struct answer *answer, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	const char *base = base_url(request);
	struct buf *out = buf_new(request->memory);

	(void)err;
	buf_text(out,
	    XML_HEAD "<OpenSearchDescription"
		     " xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n");
	write_names(out, site->settings->name);
	buf_text(out,
	    "<InputEncoding>UTF-8</InputEncoding>\n"
	    "<Image type=\"image/svg+xml\">");
	buf_html(out, base);
	buf_text(out, "/static/icon.svg</Image>\n");
	write_search(out, "text/html", base, "/kb");
	write_search(out, "application/atom+xml", base, "/kb.atom");
	write_search(out, "application/rss+xml", base, "/kb.rss");
	buf_text(out, "</OpenSearchDescription>\n");
	answer_body(answer, "application/opensearchdescription+xml", out->text,
	    out->length);
	answer->cache_control = "public, max-age=86400";
	answer_etag_of_body(request, answer, 0);
	return true;
}

bool
opensearch_get(
    struct request *request, struct answer *answer, struct error *err)
{
	return answer_shared(request, answer, SHARED_TILL_RELOAD, "opensearch",
	    make_opensearch, err);
}

/* --- what may be read */

bool
robots_get(struct request *request, struct answer *answer, struct error *err)
{
	struct buf *out = buf_new(request->memory);

	(void)err;
	buf_text(out,
	    "User-agent: *\n"
	    "Disallow: /feeds/\n"
	    "Disallow: /incidents\n"
	    "Disallow: /me\n"
	    "Disallow: /people\n"
	    "Disallow: /articles\n");
	buf_printf(out, "\nSitemap: %s/sitemap.xml\n", base_url(request));
	answer_body(
	    answer, "text/plain; charset=utf-8", out->text, out->length);
	answer->cache_control = "public, max-age=86400";
	return true;
}
