/* SPDX-License-Identifier: ISC */
#include "view/draft.h"

/* What entries say, as HTML: texts of customers and of ours, each cut. */

#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "view/markdown.h"

#include <string.h>

enum { TEXT_MOST = 8 * 1024 };

void
html_link(struct buf *out, const char *url, const char *text)
{
	buf_text(out, "<a href=\"");
	buf_html(out, url);
	buf_text(out, "\">");
	buf_html(out, text);
	buf_text(out, "</a>");
}

void
html_text(
    struct buf *out, const char *text, bool is_plain, const char *whole_url)
{
	size_t length = strlen(text);
	size_t keep = utf8_cut(text, length, TEXT_MOST);
	char *part = mem_copy_n(out, text, keep);

	if (is_plain)
		buf_plain(out, part);
	else
		buf_markdown(out, part);
	talloc_free(part);
	if (keep == length)
		return;
	buf_text(out, "<p>\xe2\x80\xa6 ");
	html_link(out, whole_url, "Read the whole text");
	buf_text(out, "</p>");
}

void
html_words(struct buf *out, const struct draft *draft,
    const struct dossier *dossier, const char *whole_url)
{
	const struct incident *in = dossier->incident;

	buf_text(out, "<p><strong>");
	buf_html(out, draft_customer(draft, in));
	buf_text(out, "</strong> wrote:</p>");
	html_text(out, utf8_is_blank(in->body) ? in->title : in->body, true,
	    whole_url);
	if (utf8_is_blank(in->environment))
		return;
	buf_text(out, "<p>Environment:</p>");
	html_text(out, in->environment, true, whole_url);
}

static void
part(struct buf *out, const char *name, const char *text, const char *url)
{
	if (text == NULL || utf8_is_blank(text))
		return;
	buf_printf(out, "<h3>%s</h3>", name);
	html_text(out, text, false, url);
}

void
html_fix(struct buf *out, const struct post *fix, const char *whole_url)
{
	html_text(out, fix->text, false, whole_url);
	part(out, "Cause", fix->cause, whole_url);
	part(out, "Environment", fix->environment, whole_url);
}
