/* SPDX-License-Identifier: ISC */
#include "feed/feed.h"

/* Any text in, the same text out. */

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "feed_reader.h"
#include "rounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A feed with text in each place for text. */
static const struct feed *
feed_full_of(const char *text)
{
	struct feed_category *category = mem_new(root, struct feed_category);
	struct feed_link *link = mem_new(root, struct feed_link);
	struct feed_entry *entry = mem_new(root, struct feed_entry);
	struct feed *feed = mem_new(root, struct feed);

	*category = (struct feed_category){ text, text, text };
	*link = (struct feed_link){ .rel = "replies",
		.href = text,
		.type = text,
		.title = text,
		.count = 3,
		.updated = A_DAY };
	*entry = (struct feed_entry){ .id = text,
		.title = text,
		.url = text,
		.author = text,
		.author_url = text,
		.published = A_DAY,
		.updated = A_DAY + 1,
		.summary = text,
		.content = text,
		.categories = category,
		.n_categories = 1,
		.links = link,
		.n_links = 1,
		.parent_id = text,
		.parent_url = text };
	*feed = (struct feed){ .id = text,
		.title = text,
		.subtitle = text,
		.self = text,
		.url = text,
		.hub = text,
		.next = text,
		.author = text,
		.language = text,
		.icon = text,
		.updated = A_DAY + 1,
		.ttl = MINUTE,
		.entries = entry,
		.n_entries = 1 };
	return feed;
}

static const char *const atom_places[] = {
	FEED "/@xml:lang",
	FEED "/a:id",
	FEED "/a:title",
	FEED "/a:subtitle",
	FEED "/a:author/a:name",
	FEED "/a:link[@rel='self']/@href",
	FEED "/a:link[@rel='alternate']/@href",
	FEED "/a:link[@rel='hub']/@href",
	FEED "/a:link[@rel='next']/@href",
	FEED "/a:icon",
	ENTRY "/a:id",
	ENTRY "/a:title",
	ENTRY "/a:author/a:name",
	ENTRY "/a:author/a:uri",
	ENTRY "/a:link[@rel='alternate']/@href",
	ENTRY "/a:link[@rel='related']/@href",
	ENTRY "/a:link[@rel='replies']/@href",
	ENTRY "/a:link[@rel='replies']/@type",
	ENTRY "/a:link[@rel='replies']/@title",
	ENTRY "/thr:in-reply-to/@ref",
	ENTRY "/thr:in-reply-to/@href",
	ENTRY "/a:category/@scheme",
	ENTRY "/a:category/@term",
	ENTRY "/a:category/@label",
	ENTRY "/a:summary[@type='text']",
	ENTRY "/a:content[@type='html']",
};

static const char *const rss_places[] = {
	CHANNEL "/title",
	CHANNEL "/link",
	CHANNEL "/description",
	CHANNEL "/language",
	CHANNEL "/a:link[@rel='self']/@href",
	CHANNEL "/a:link[@rel='hub']/@href",
	CHANNEL "/a:link[@rel='next']/@href",
	ITEM "/title",
	ITEM "/link",
	ITEM "/guid[@isPermaLink='false']",
	ITEM "/dc:creator",
	ITEM "/category",
	ITEM "/category/@domain",
	ITEM "/content:encoded",
};

static const char *const opml_places[] = {
	HEAD "/title",
	HEAD "/ownerName",
	OUTLINE "/@text",
	OUTLINE "/@title",
	OUTLINE "/@xmlUrl",
	OUTLINE "/@htmlUrl",
	OUTLINE "/@description",
};

static void
all_have(const struct buf *out, const char *const *places, size_t n,
    const char *expected)
{
	xmlXPathContextPtr at = opened(out);

	for (size_t i = 0; i < n; i++)
		has(at, places[i], expected);
	closed(at);
}
#define ALL_HAVE(out, places, expected) \
	all_have(out, places, sizeof(places) / sizeof(places)[0], expected)

static const char *
xml_chars(const char *text)
{
	struct buf *expected = buf_new(root);

	buf_xml_chars(expected, text, strlen(text));
	return expected->text;
}

static void
rss_carries(const char *text)
{
	const struct buf *out = written("rss", feed_full_of(text));
	struct buf *html = buf_new(root);
	xmlXPathContextPtr at;

	ALL_HAVE(out, rss_places, xml_chars(text));
	at = opened(out);
	buf_html(html, text);
	has(at, ITEM "/description", html->text);
	closed(at);
}

static void
opml_carries(const char *text)
{
	struct opml_outline outline = { text, text, text, text };
	struct opml opml = { .title = text,
		.created = A_DAY,
		.modified = A_DAY,
		.owner = text,
		.outlines = &outline,
		.n_outlines = 1 };
	struct buf *out = buf_new(root);

	opml_write(out, &opml);
	ALL_HAVE(out, opml_places, xml_chars(text));
}

static void
json_carries(const char *text)
{
	static const char *const top_places[] = { "title", "home_page_url",
		"feed_url", "description", "next_url", "icon", "language" };
	static const char *const item_places[] = { "id", "url", "title",
		"summary", "content_html" };
	json_t *top = read_json(written("json", feed_full_of(text)));
	const json_t *item = first(top, "items");

	for (size_t i = 0; i < sizeof top_places / sizeof *top_places; i++)
		member_is(top, top_places[i], text);
	for (size_t i = 0; i < sizeof item_places / sizeof *item_places; i++)
		member_is(item, item_places[i], text);
	member_is(first(top, "hubs"), "url", text);
	member_is(first(top, "authors"), "name", text);
	member_is(first(item, "authors"), "name", text);
	member_is(first(item, "authors"), "url", text);
	assert_string_equal(json_string_value(first(item, "tags")), text);
}

/* Bytes of any kind; as the edge does, they are made UTF-8 first. */
static void
carried(const char *bytes, size_t length)
{
	void *outer = root;
	char *text;

	root = mem_root("text");
	text = utf8_repaired(root, bytes, length, NULL);
	ALL_HAVE(
	    written("atom", feed_full_of(text)), atom_places, xml_chars(text));
	rss_carries(text);
	opml_carries(text);
	json_carries(text);
	talloc_free(root);
	root = outer;
}

static void
every_text_comes_back_from_every_format(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"plain",
		"]]>",
		"<![CDATA[x]]>",
		"<!-- -- --><?xml version=\"1.0\"?><!DOCTYPE a>",
		"</title></entry></feed><script>alert(1)</script>",
		"&amp; &lt; &#0; &#x1f; &nbsp; &",
		"\" onload='x' >",
		"a\r\nb\rc\nd\te",
		" leading, trailing \n\n",
		"\x01\x02\x08\x0b\x0c\x0e\x1b[31m\x1f\x7f",
		"\xc2\x80\xc2\x85\xc2\x9f\xe2\x80\xa8\xe2\x80\xa9",
		"\xef\xbf\xbe \xef\xbf\xbf \xef\xb7\x90",
		"\xf0\x9f\x94\xa5 \xf4\x8f\xbf\xbf",
		"\xef\xbb\xbf",
		"\xed\xa0\x80 \xc0\x80 \xff\xfe \xf5\x80",
		"\342\200\256desrever\342\200\254",
		"std::vector<int>",
		"\\u0000 \\ \"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		carried(texts[i], strlen(texts[i]));
	for (int byte = 0; byte < 256; byte++)
		carried((char[]){ 'a', (char)byte, 'b' }, 3);
}

static void
any_bytes_come_back_from_every_format(void **state)
{
	/* bytes that matter to one of the formats, beside all others */
	static const char spice[] = "<>&'\"]-!?/\\\r\n\t\0\x1f\x7f\xc2\xe2\xef";
	unsigned short seed[3] = { 4, 2, 87 };

	(void)state;
	for (int round = 0; round < rounds(400); round++) {
		char bytes[200];
		size_t length = (size_t)nrand48(seed) % sizeof bytes;

		for (size_t i = 0; i < length; i++)
			bytes[i] = nrand48(seed) % 2 == 0
			    ? spice[(size_t)nrand48(seed) % sizeof spice]
			    : (char)nrand48(seed);
		carried(bytes, length);
	}
}

static void
known_attacks_come_back_from_every_format(void **state)
{
	(void)state;
	attacks_try(carried);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_text_comes_back_from_every_format),
		TEST(any_bytes_come_back_from_every_format),
		TEST(known_attacks_come_back_from_every_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
