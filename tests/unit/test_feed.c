/* SPDX-License-Identifier: ISC */
#include "feed/feed.h"

/* What stands where in each format. */

#include "base/clock.h"
#include "feed_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

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
	const struct CMUnitTest tests[] = {
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
