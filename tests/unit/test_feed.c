/* SPDX-License-Identifier: ISC */
#include "feed/feed.h"

#include "rounds.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#define A_DAY INT64_C(1764034000000000) /* 2025-11-25T01:26:40Z */

static void *root;

static int
setup(void **state)
{
	(void)state;
	root = mem_root("test");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(root);
	return 0;
}

/* --- reading back what was written */

static xmlXPathContextPtr
opened(const struct buf *out)
{
	static const char *const spaces[][2] = {
		{ "a", "http://www.w3.org/2005/Atom" },
		{ "thr", "http://purl.org/syndication/thread/1.0" },
		{ "dc", "http://purl.org/dc/elements/1.1/" },
		{ "content", "http://purl.org/rss/1.0/modules/content/" },
	};
	xmlDocPtr doc = xmlReadMemory(out->text, (int)out->length, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_HUGE);
	xmlXPathContextPtr at;

	if (doc == NULL)
		fail_msg("not well-formed: %s", out->text);
	at = xmlXPathNewContext(doc);
	for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
		assert_int_equal(0,
		    xmlXPathRegisterNs(at, (const xmlChar *)spaces[i][0],
			(const xmlChar *)spaces[i][1]));
	return at;
}

static void
closed(xmlXPathContextPtr at)
{
	xmlFreeDoc(at->doc);
	xmlXPathFreeContext(at);
}

/* The text at path, which must be there once. */
static char *
text_at(xmlXPathContextPtr at, const char *path)
{
	xmlXPathObjectPtr found = xmlXPathEvalExpression(
	    (const xmlChar *)path, at);
	xmlChar *text;
	char *copy;

	assert_non_null(found);
	if (found->nodesetval == NULL || found->nodesetval->nodeNr != 1)
		fail_msg("%s: is not there once", path);
	text = xmlXPathCastToString(found);
	copy = mem_copy(root, (const char *)text);
	xmlFree(text);
	xmlXPathFreeObject(found);
	return copy;
}

static void
has(xmlXPathContextPtr at, const char *path, const char *expected)
{
	char *text = text_at(at, path);

	if (strcmp(text, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", path, text, expected);
	talloc_free(text);
}

static void
has_not(xmlXPathContextPtr at, const char *path)
{
	char *test = mem_printf(root, "boolean(%s)", path);
	xmlXPathObjectPtr found = xmlXPathEvalExpression(
	    (const xmlChar *)test, at);

	assert_int_equal(found->boolval, 0);
	xmlXPathFreeObject(found);
}

static const struct buf *
written(const char *ending, const struct feed *feed)
{
	struct buf *out = buf_new(root);

	feed_format_find(ending)->write(out, feed);
	return out;
}

/* --- any text in, the same text out */

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

#define FEED "/a:feed"
#define ENTRY "/a:feed/a:entry"
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

#define CHANNEL "/rss/channel"
#define ITEM "/rss/channel/item"
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

#define HEAD "/opml/head"
#define OUTLINE "/opml/body/outline[@type='rss']"
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
member_is(const json_t *object, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(object, name));

	if (value == NULL || strcmp(value, text) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", name, value, text);
}

static const json_t *
first(const json_t *object, const char *name)
{
	return json_array_get(json_object_get(object, name), 0);
}

static json_t *
read_json(const struct buf *out)
{
	struct error err = { 0 };
	json_t *value = NULL;

	if (!json_parse(root, out->text, out->length, &value, &err))
		fail_msg("%s: %s", err.message, out->text);
	return value;
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

/* --- what stands where */

static const struct feed_category categories[] = {
	{ "https://x/tag", "db", "#db" },
	{ "https://x/severity", "high", NULL },
	{ "https://x/tag", "high", NULL },
};
static const struct feed_link links[] = {
	{ .rel = "replies",
	    .href = "https://x/1.atom",
	    .type = "application/atom+xml",
	    .count = 0,
	    .updated = A_DAY },
	{ .rel = "edit", .href = "https://x/1/entry", .count = 7 },
};
static const struct feed_entry entries[] = {
	{ .id = "tag:x,2025:incident:1",
	    .title = "one",
	    .url = "https://x/1",
	    .author = "Ana",
	    .published = A_DAY,
	    .updated = A_DAY + 2 * SECOND + 5,
	    .summary = "a < b",
	    .content = "<p>a &lt; b</p>",
	    .categories = categories,
	    .n_categories = 3,
	    .links = links,
	    .n_links = 2 },
	{ .id = "tag:x,2025:incident:1:9",
	    .title = "Fix: one",
	    .url = "https://x/1",
	    .updated = A_DAY,
	    .parent_id = "tag:x,2025:incident:1" },
};
static const struct feed feed = { .id = "tag:x,2025:feed:ana",
	.title = "Desk",
	.self = "https://x/f",
	.url = "https://x/",
	.author = "Desk",
	.updated = A_DAY + 2 * SECOND + 5,
	.ttl = MINUTE + 1,
	.entries = entries,
	.n_entries = 2 };

static void
atom_has_threads_states_and_microseconds(void **state)
{
	xmlXPathContextPtr at = opened(written("atom", &feed));

	(void)state;
	has(at, FEED "/a:updated", "2025-11-25T01:26:42.000005Z");
	has(at, FEED "/a:generator", "Barnraise");
	has(at, FEED "/a:link[@rel='self']/@type", "application/atom+xml");
	has(at, ENTRY "[1]/a:published", "2025-11-25T01:26:40Z");
	has(at, ENTRY "[1]/a:updated", "2025-11-25T01:26:42.000005Z");
	has(at, ENTRY "[1]/a:link[@rel='replies']/@thr:count", "0");
	has(at, ENTRY "[1]/a:link[@rel='replies']/@thr:updated",
	    "2025-11-25T01:26:40Z");
	has_not(at, ENTRY "[1]/a:link[@rel='edit']/@thr:*");
	has(at, ENTRY "[1]/a:category[2]/@scheme", "https://x/severity");
	has_not(at, ENTRY "[1]/a:category[2]/@label");
	has_not(at, ENTRY "[1]/thr:in-reply-to");
	has(at, ENTRY "[2]/thr:in-reply-to/@ref", "tag:x,2025:incident:1");
	has_not(at, ENTRY "[2]/thr:in-reply-to/@href");
	has_not(at, ENTRY "[2]/a:link[@rel='related']");
	has_not(at, ENTRY "[2]/a:published");
	has(at, ENTRY "[2]/a:author/a:name", "Desk");
	closed(at);
}

static void
rss_has_the_ids_of_atom_and_the_date_of_the_report(void **state)
{
	xmlXPathContextPtr at = opened(written("rss", &feed));

	(void)state;
	has(at, CHANNEL "/description", "Desk");
	has(at, CHANNEL "/ttl", "2");
	has(at, CHANNEL "/lastBuildDate", "Tue, 25 Nov 2025 01:26:42 +0000");
	has(at, ITEM "[1]/guid", "tag:x,2025:incident:1");
	has(at, ITEM "[1]/guid/@isPermaLink", "false");
	has(at, ITEM "[1]/pubDate", "Tue, 25 Nov 2025 01:26:40 +0000");
	has(at, ITEM "[1]/a:updated", "2025-11-25T01:26:42.000005Z");
	has(at, ITEM "[1]/description", "a &lt; b");
	has(at, ITEM "[1]/content:encoded", "<p>a &lt; b</p>");
	has(at, ITEM "[2]/pubDate", "Tue, 25 Nov 2025 01:26:40 +0000");
	has_not(at, ITEM "[2]/description");
	closed(at);
}

static void
jsonfeed_has_its_version_and_each_tag_once(void **state)
{
	json_t *top = read_json(written("json", &feed));
	const json_t *item = first(top, "items");

	(void)state;
	member_is(top, "version", "https://jsonfeed.org/version/1.1");
	member_is(top, "feed_url", "https://x/f");
	assert_null(json_object_get(top, "next_url"));
	assert_null(json_object_get(top, "hubs"));
	assert_int_equal(json_array_size(json_object_get(item, "tags")), 2);
	member_is(item, "date_published", "2025-11-25T01:26:40Z");
	member_is(item, "date_modified", "2025-11-25T01:26:42.000005Z");
	item = json_array_get(json_object_get(top, "items"), 1);
	member_is(item, "content_text", "");
	assert_null(json_object_get(item, "authors"));
}

static void
jsonfeed_carries_objects_of_feed_and_item(void **state)
{
	json_t *object = json_owned(root, json_pack("{s:i}", "id", 42));
	struct feed_entry entry = entries[0];
	struct feed one = feed;
	json_t *top;

	(void)state;
	entry.object = object;
	one.object = object;
	one.entries = &entry;
	one.n_entries = 1;
	top = read_json(written("json", &one));
	assert_true(json_equal(json_object_get(top, "_barnraise"), object));
	assert_true(json_equal(
	    json_object_get(first(top, "items"), "_barnraise"), object));
}

static void
opml_has_an_outline_a_feed(void **state)
{
	static const struct opml_outline outlines[] = {
		{ "all", "https://x/f.atom", "https://x/", NULL },
		{ "databases", "https://x/f/3.atom", NULL, "#db" },
	};
	struct opml opml = { .title = "Ana",
		.created = A_DAY,
		.modified = A_DAY + DAY,
		.outlines = outlines,
		.n_outlines = 2 };
	struct buf *out = buf_new(root);
	xmlXPathContextPtr at;

	(void)state;
	opml_write(out, &opml);
	at = opened(out);
	has(at, "/opml/@version", "2.0");
	has(at, HEAD "/dateModified", "Wed, 26 Nov 2025 01:26:40 +0000");
	has_not(at, HEAD "/ownerName");
	has(at, OUTLINE "[1]/@xmlUrl", "https://x/f.atom");
	has(at, OUTLINE "[1]/@htmlUrl", "https://x/");
	has_not(at, OUTLINE "[1]/@description");
	has(at, OUTLINE "[2]/@text", "databases");
	has(at, OUTLINE "[2]/@description", "#db");
	closed(at);
}

static void
a_feed_without_entries_is_a_feed(void **state)
{
	struct feed none = feed;
	xmlXPathContextPtr at;

	(void)state;
	none.n_entries = 0;
	at = opened(written("atom", &none));
	has(at, FEED "/a:id", "tag:x,2025:feed:ana");
	closed(at);
	at = opened(written("rss", &none));
	has(at, CHANNEL "/link", "https://x/");
	closed(at);
	assert_true(json_is_array(
	    json_object_get(read_json(written("json", &none)), "items")));
}

static void
a_document_is_added_to_what_is_there(void **state)
{
	(void)state;
	for (size_t i = 0, n; feed_formats(&n), i < n; i++) {
		struct buf *out = buf_new(root);

		buf_text(out, "before");
		feed_formats(&n)[i].write(out, &feed);
		assert_memory_equal(out->text, "before", 6);
		assert_string_equal(out->text + 6,
		    written(feed_formats(&n)[i].ending, &feed)->text);
	}
}

static void
formats_are_found_by_their_ending(void **state)
{
	size_t n;

	(void)state;
	assert_string_equal(
	    feed_format_find("atom")->media_type, "application/atom+xml");
	assert_string_equal(
	    feed_format_find("rss")->media_type, "application/rss+xml");
	assert_string_equal(
	    feed_format_find("json")->media_type, "application/feed+json");
	assert_null(feed_format_find("html"));
	assert_non_null(feed_formats(&n));
	assert_int_equal(n, 3);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_text_comes_back_from_every_format),
		TEST(any_bytes_come_back_from_every_format),
		TEST(known_attacks_come_back_from_every_format),
		TEST(atom_has_threads_states_and_microseconds),
		TEST(rss_has_the_ids_of_atom_and_the_date_of_the_report),
		TEST(jsonfeed_has_its_version_and_each_tag_once),
		TEST(jsonfeed_carries_objects_of_feed_and_item),
		TEST(opml_has_an_outline_a_feed),
		TEST(a_feed_without_entries_is_a_feed),
		TEST(a_document_is_added_to_what_is_there),
		TEST(formats_are_found_by_their_ending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
