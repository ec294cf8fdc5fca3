/* SPDX-License-Identifier: ISC */
/*
 * Atom: RFC 4287, with threads as RFC 4685 says and the next link of RFC 5005.
 * Titles are type="text" (the default), because the same title as HTML comes
 * out in four ways in ten readers. Every entry has its own author, because not
 * all readers inherit the feed's, and both summary and content, because some
 * show the one and some the other.
 */
#include "feed/formats.h"

#include "feed/xml_out.h"

#include "base/date.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

#define ATOM_NAMESPACE "http://www.w3.org/2005/Atom"
#define THREAD_NAMESPACE "http://purl.org/syndication/thread/1.0"

static void
write_person(struct xml_out *xml, const char *name, const char *url)
{
	xml_start(xml, "author");
	xml_element(xml, "name", name);
	xml_element(xml, "uri", url);
	xml_end(xml);
}

static void
write_link(struct xml_out *xml, const struct feed_link *link)
{
	xml_start(xml, "link");
	xml_attribute(xml, "rel", link->rel);
	xml_attribute(xml, "type", link->type);
	xml_attribute(xml, "href", link->href);
	xml_attribute(xml, "title", link->title);
	if (strcmp(link->rel, "replies") == 0) {
		if (link->count >= 0)
			xml_attribute(xml, "thr:count",
			    mem_printf(xml, "%" PRId64, link->count));
		xml_attribute_rfc3339(xml, "thr:updated", link->updated);
	}
	xml_end(xml);
}

/* NULL href: none. */
static void
write_plain_link(
    struct xml_out *xml, const char *rel, const char *type, const char *href)
{
	if (href != NULL)
		write_link(xml,
		    &(struct feed_link){
			.rel = rel, .type = type, .href = href });
}

static void
write_parent(struct xml_out *xml, const struct feed_entry *entry)
{
	if (entry->parent_id == NULL)
		return;
	xml_start(xml, "thr:in-reply-to");
	xml_attribute(xml, "ref", entry->parent_id);
	if (entry->parent_url != NULL) {
		xml_attribute(xml, "href", entry->parent_url);
		xml_attribute(xml, "type", "text/html");
	}
	xml_end(xml);
	/* for clients that know no threads (RFC 4685, section 3) */
	write_plain_link(xml, "related", "text/html", entry->parent_url);
}

static void
write_typed(
    struct xml_out *xml, const char *name, const char *type, const char *text)
{
	if (text == NULL)
		return;
	xml_start(xml, name);
	xml_attribute(xml, "type", type);
	xml_text(xml, text);
	xml_end(xml);
}

static void
write_category(struct xml_out *xml, const struct feed_category *category)
{
	xml_start(xml, "category");
	xml_attribute(xml, "scheme", category->scheme);
	xml_attribute(xml, "term", category->term);
	xml_attribute(xml, "label", category->label);
	xml_end(xml);
}

static void
write_entry(struct xml_out *xml, const struct feed *feed,
    const struct feed_entry *entry)
{
	xml_start(xml, "entry");
	xml_element(xml, "id", entry->id);
	xml_element(xml, "title", entry->title);
	xml_element_rfc3339(xml, "published", entry->published);
	xml_element(xml, "updated", date_rfc3339(xml, entry->updated));
	if (entry->author != NULL)
		write_person(xml, entry->author, entry->author_url);
	else
		write_person(xml, feed->author, NULL);
	write_plain_link(xml, "alternate", "text/html", entry->url);
	write_parent(xml, entry);
	for (size_t i = 0; i < entry->n_links; i++)
		write_link(xml, &entry->links[i]);
	for (size_t i = 0; i < entry->n_categories; i++)
		write_category(xml, &entry->categories[i]);
	write_typed(xml, "summary", "text", entry->summary);
	write_typed(xml, "content", "html", entry->content);
	xml_end(xml);
}

static void
write_head(struct xml_out *xml, const struct feed *feed)
{
	xml_element(xml, "id", feed->id);
	xml_element(xml, "title", feed->title);
	xml_element(xml, "subtitle", feed->subtitle);
	xml_element(xml, "updated", date_rfc3339(xml, feed->updated));
	write_person(xml, feed->author, NULL);
	write_plain_link(xml, "self", FEED_ATOM_TYPE, feed->self);
	write_plain_link(xml, "alternate", "text/html", feed->url);
	write_plain_link(xml, "hub", NULL, feed->hub);
	write_plain_link(xml, "next", FEED_ATOM_TYPE, feed->next);
	xml_start(xml, "generator");
	xml_attribute(xml, "version", PACKAGE_VERSION);
	xml_text(xml, "Barnraise");
	xml_end(xml);
	xml_element(xml, "icon", feed->icon);
}

void
atom_write(struct buf *out, const struct feed *feed)
{
	struct xml_out *xml = xml_begin(out);

	xml_start(xml, "feed");
	xml_attribute(xml, "xmlns", ATOM_NAMESPACE);
	xml_attribute(xml, "xmlns:thr", THREAD_NAMESPACE);
	xml_attribute(xml, "xml:lang", feed->language);
	write_head(xml, feed);
	for (size_t i = 0; i < feed->n_entries; i++)
		write_entry(xml, feed, &feed->entries[i]);
	xml_finish(xml);
}
