/* SPDX-License-Identifier: ISC */
/* OPML 2.0 (opml.org/spec2.opml): type="rss" stands for Atom as well. */
#include "feed/feed.h"

#include "feed/xml_out.h"

static void
write_outline(struct xml_out *xml, const struct opml_outline *outline)
{
	xml_start(xml, "outline");
	xml_attribute(xml, "type", "rss");
	xml_attribute(xml, "text", outline->text);
	/* some readers take the name from here */
	xml_attribute(xml, "title", outline->text);
	xml_attribute(xml, "xmlUrl", outline->xml_url);
	xml_attribute(xml, "htmlUrl", outline->html_url);
	xml_attribute(xml, "description", outline->description);
	xml_end(xml);
}

void
opml_write(struct buf *out, const struct opml *opml)
{
	struct xml_out *xml = xml_begin(out);

	xml_start(xml, "opml");
	xml_attribute(xml, "version", "2.0");
	xml_start(xml, "head");
	xml_element(xml, "title", opml->title);
	xml_element_rss_date(xml, "dateCreated", opml->created);
	xml_element_rss_date(xml, "dateModified", opml->modified);
	xml_element(xml, "ownerName", opml->owner);
	xml_end(xml);
	xml_start(xml, "body");
	for (size_t i = 0; i < opml->n_outlines; i++)
		write_outline(xml, &opml->outlines[i]);
	xml_finish(xml);
}
