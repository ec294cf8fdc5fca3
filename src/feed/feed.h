/* SPDX-License-Identifier: ISC */
#ifndef FEED_FEED_H
#define FEED_FEED_H

/*
 * A feed document, whatever the wire format: Atom (RFC 4287) is the reference,
 * RSS 2.0 and JSON Feed 1.1 carry the same entries. Everything is borrowed by
 * the struct and valid UTF-8; any control character may be in texts. Times are
 * microseconds; 0 is "not given", NULL text is "not given".
 */

#include "base/buf.h"

#include <stdint.h>

#include <jansson.h>

struct feed_category {
	const char *scheme; /* an IRI, or NULL */
	const char *term;
	const char *label; /* or NULL */
};

struct feed_link {
	const char *rel; /* "replies", "http://.../rel/join", ... */
	const char *href;
	const char *type; /* media type, or NULL */
	const char *title; /* or NULL */
	int64_t count; /* thr:count (RFC 4685), with rel "replies"; -1: none */
	int64_t updated; /* thr:updated */
};

struct feed_entry {
	const char *id; /* never changes */
	const char *title; /* plain text, one line */
	const char *url; /* rel=alternate, text/html */
	const char *author;
	const char *author_url; /* or NULL */
	int64_t published, updated;
	const char *summary; /* plain text */
	const char *content; /* HTML made by our own renderer */
	const struct feed_category *categories;
	size_t n_categories;
	const struct feed_link *links;
	size_t n_links;
	const char *parent_id; /* thr:in-reply-to, or NULL */
	const char *parent_url; /* its page */
	json_t *object; /* JSON Feed: _barnraise of the item, or NULL */
};

struct feed {
	const char *id;
	const char *title;
	const char *subtitle; /* or NULL */
	const char *self; /* this document's own address, with its ending */
	const char *url; /* the page it is the feed of: rel=alternate */
	const char *hub; /* WebSub hub, or NULL */
	const char *next; /* next document of a paged list, or NULL */
	const char *author;
	const char *language; /* BCP 47, or NULL */
	const char *icon; /* or NULL */
	int64_t updated;
	int64_t ttl; /* microseconds: max-age of the answer */
	const struct feed_entry *entries; /* in the order to be shown */
	size_t n_entries;
	json_t *object; /* JSON Feed: _barnraise of the feed, or NULL */
};

struct feed_format {
	const char *ending; /* "atom" */
	const char *media_type; /* "application/atom+xml" */
	/* Appends the whole document, UTF-8. Cannot fail. */
	void (*write)(struct buf *out, const struct feed *feed);
};

/* The format of that ending, or NULL. */
const struct feed_format *feed_format_find(const char *ending);

/* The table of formats, n of them. */
const struct feed_format *feed_formats(size_t *n);

/* --- the list of a person's feeds: OPML 2.0 */

struct opml_outline {
	const char *text; /* name */
	const char *xml_url; /* Atom address */
	const char *html_url; /* or NULL */
	const char *description; /* the canonical filter, or NULL */
};

struct opml {
	const char *title;
	int64_t created, modified;
	const char *owner; /* name, or NULL */
	const struct opml_outline *outlines;
	size_t n_outlines;
};

#define OPML_MEDIA_TYPE "text/x-opml"

void opml_write(struct buf *out, const struct opml *opml);

#endif
