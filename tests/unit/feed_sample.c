/* SPDX-License-Identifier: ISC */
/*
 * Writes a feed full of texts that break careless writers, in the format whose
 * ending is the argument ("opml" too), for tests/feed-formats: there, programs
 * that other people wrote read it.
 */
#include "feed/feed.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A_DAY INT64_C(1764034000000000)

static const char *const texts[] = {
	"plain",
	"]]> <![CDATA[ ]]>",
	"</title></entry><script>alert(1)</script>",
	"&amp; &#0; &nbsp; & \" ' < >",
	"ESC \x1b[31m BEL \x07 NEL \xc2\x85 nonchar \xef\xbf\xbe",
	"emoji \xf0\x9f\x94\xa5 replaced \xef\xbf\xbd",
	"std::vector<int> at main.c:12\r\n\tat main.c:13",
	"\xe2\x80\xae left \xd7\xa9\xd7\x9c \xe2\x80\xac",
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static void
fill(void *owner, struct feed_entry *entry, size_t i)
{
	struct feed_category *category = mem_new(owner, struct feed_category);
	struct feed_link *link = mem_new(owner, struct feed_link);

	*category = (struct feed_category){ "https://desk.example/tag",
		texts[i], texts[i] };
	*link = (struct feed_link){ .rel = "replies",
		.href = mem_printf(owner, "https://desk.example/%zu.atom", i),
		.type = "application/atom+xml",
		.title = texts[i],
		.count = (int64_t)i,
		.updated = A_DAY };
	*entry = (struct feed_entry){
		.id = mem_printf(
		    owner, "tag:desk.example,2025:incident:%zu", i + 1),
		.title = texts[i],
		.url = mem_printf(owner, "https://desk.example/?a=%zu&b", i),
		.author = texts[i],
		.author_url = "https://desk.example/people/ana",
		.published = A_DAY - (int64_t)i * SECOND,
		.updated = A_DAY + HOUR - (int64_t)i * SECOND - 1,
		.summary = texts[i],
		.content = "<p>a &lt; b<br/>&amp; c</p>",
		.categories = category,
		.n_categories = 1,
		.links = link,
		.n_links = 1,
		.object = json_owned(owner, json_pack("{s:s}", "t", texts[i])),
	};
	if (i % 2 == 1) {
		entry->parent_id = "tag:desk.example,2025:incident:1";
		entry->parent_url = "https://desk.example/incidents/1";
	}
}

static void
write_opml(struct buf *out)
{
	struct opml_outline outlines[TEXTS];
	struct opml opml = { .title = texts[3],
		.created = A_DAY,
		.modified = A_DAY,
		.owner = texts[2],
		.outlines = outlines,
		.n_outlines = TEXTS };

	for (size_t i = 0; i < TEXTS; i++)
		outlines[i] = (struct opml_outline){ .text = texts[i],
			.xml_url = "https://desk.example/feeds/x/1.atom",
			.html_url = "https://desk.example/",
			.description = texts[i] };
	opml_write(out, &opml);
}

static void
write_feed(struct buf *out, const struct feed_format *format)
{
	struct feed_entry entries[TEXTS];
	struct feed feed = { .id = "tag:desk.example,2025:feed:ana",
		.title = texts[2],
		.subtitle = texts[3],
		.self = mem_printf(
		    out, "https://desk.example/feed.%s", format->ending),
		.url = "https://desk.example/?a=1&b=2",
		.hub = "https://desk.example/hub",
		.next = "https://desk.example/feed?before=9&x=1",
		.author = texts[4],
		.language = "en",
		.icon = "https://desk.example/favicon.ico",
		.updated = A_DAY + HOUR,
		.ttl = MINUTE,
		.entries = entries,
		.n_entries = TEXTS };

	for (size_t i = 0; i < TEXTS; i++)
		fill(out, &entries[i], i);
	format->write(out, &feed);
}

int
main(int argc, char **argv)
{
	const char *ending = argc == 2 ? argv[1] : "";
	const struct feed_format *format = feed_format_find(ending);
	struct buf *out = buf_new(mem_root("sample"));

	if (strcmp(ending, "opml") == 0)
		write_opml(out);
	else if (format != NULL)
		write_feed(out, format);
	else
		return EXIT_FAILURE;
	if (fwrite(out->text, 1, out->length, stdout) != out->length)
		return EXIT_FAILURE;
	talloc_free(talloc_parent(out));
	return EXIT_SUCCESS;
}
