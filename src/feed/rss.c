/* SPDX-License-Identifier: ISC */
/*
 * RSS 2.0 (rssboard.org/rss-specification) after the RSS Advisory Board's best
 * practices profile.
 *
 * pubDate is when the incident was reported, as in Atom's published, and not
 * its last change: readers that go by the date would otherwise put an incident
 * on top, or post it to a channel anew, each time somebody joins; what people
 * must notice is an entry of its own. The last change is in atom:updated, so
 * that a reader that knows it has the same two dates in every format.
 *
 * A title is plain text. A description is HTML to nearly every reader, so the
 * plain summary is escaped for HTML before it is escaped for XML.
 */
#include "feed/formats.h"

#include "feed/xml_out.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"

#include <inttypes.h>

static void
write_atom_link(
    struct xml_out *xml, const char *rel, const char *type, const char *href)
{
	if (href == NULL)
		return;
	xml_start(xml, "atom:link");
	xml_attribute(xml, "rel", rel);
	xml_attribute(xml, "type", type);
	xml_attribute(xml, "href", href);
	xml_end(xml);
}

static void
write_description(struct xml_out *xml, const char *summary)
{
	struct buf *html;

	if (summary == NULL)
		return;
	html = buf_new(xml);
	buf_html(html, summary);
	xml_element(xml, "description", html->text);
	talloc_free(html);
}

static void
write_item(struct xml_out *xml, const struct feed *feed,
    const struct feed_entry *entry)
{
	xml_start(xml, "item");
	xml_element(xml, "title", entry->title);
	xml_element(xml, "link", entry->url);
	xml_start(xml, "guid");
	xml_attribute(xml, "isPermaLink", "false");
	xml_text(xml, entry->id);
	xml_end(xml);
	xml_element_rss_date(xml, "pubDate",
	    entry->published != 0 ? entry->published : entry->updated);
	xml_element_rfc3339(xml, "atom:updated", entry->updated);
	xml_element(xml, "dc:creator",
	    entry->author != NULL ? entry->author : feed->author);
	for (size_t i = 0; i < entry->n_categories; i++) {
		xml_start(xml, "category");
		xml_attribute(xml, "domain", entry->categories[i].scheme);
		xml_text(xml, entry->categories[i].term);
		xml_end(xml);
	}
	write_description(xml, entry->summary);
	xml_element(xml, "content:encoded", entry->content);
	xml_end(xml);
}

static void
write_channel(struct xml_out *xml, const struct feed *feed)
{
	/* whole minutes, never more often than the answer's max-age says */
	int64_t minutes = (feed->ttl + MINUTE - 1) / MINUTE;

	xml_element(xml, "title", feed->title);
	xml_element(xml, "link", feed->url != NULL ? feed->url : feed->self);
	xml_element(xml, "description",
	    feed->subtitle != NULL ? feed->subtitle : feed->title);
	xml_element(xml, "language", feed->language);
	xml_element_rss_date(xml, "lastBuildDate", feed->updated);
	xml_element(xml, "generator", PACKAGE_STRING);
	if (minutes > 0)
		xml_element(xml, "ttl", mem_printf(xml, "%" PRId64, minutes));
	write_atom_link(xml, "self", FEED_RSS_TYPE, feed->self);
	write_atom_link(xml, "hub", NULL, feed->hub);
	write_atom_link(xml, "next", FEED_RSS_TYPE, feed->next);
}

void
rss_write(struct buf *out, const struct feed *feed)
{
	struct xml_out *xml = xml_begin(out);

	xml_start(xml, "rss");
	xml_attribute(xml, "version", "2.0");
	xml_attribute(xml, "xmlns:atom", "http://www.w3.org/2005/Atom");
	xml_attribute(
	    xml, "xmlns:content", "http://purl.org/rss/1.0/modules/content/");
	xml_attribute(xml, "xmlns:dc", "http://purl.org/dc/elements/1.1/");
	xml_start(xml, "channel");
	write_channel(xml, feed);
	for (size_t i = 0; i < feed->n_entries; i++)
		write_item(xml, feed, &feed->entries[i]);
	xml_finish(xml);
}
