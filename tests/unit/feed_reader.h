/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FEED_READER_H
#define TESTS_FEED_READER_H

/* Reads back what was written, as another program does. */

#include "base/buf.h"
#include "base/json.h"
#include "feed/feed.h"

#include <libxml/xpath.h>

#define A_DAY INT64_C(1764034000000000) /* 2025-11-25T01:26:40Z */

extern void *root; /* owns what a test makes */

/* cmocka's setup and teardown. */
int reader_begin(void **state);
int reader_end(void **state);

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, reader_begin, reader_end)

/* A feed as the format of that ending. */
const struct buf *written(const char *ending, const struct feed *feed);

/* A document of XML, which must be well-formed; to be closed. */
xmlXPathContextPtr opened(const struct buf *out);
void closed(xmlXPathContextPtr at);

/* Where the parts of Atom, RSS and OPML are. */
#define FEED "/a:feed"
#define ENTRY "/a:feed/a:entry"
#define CHANNEL "/rss/channel"
#define ITEM "/rss/channel/item"
#define HEAD "/opml/head"
#define OUTLINE "/opml/body/outline[@type='rss']"

/* The text at path, which must be there once; or nothing must be. */
char *text_at(xmlXPathContextPtr at, const char *path);
void has(xmlXPathContextPtr at, const char *path, const char *expected);
void has_not(xmlXPathContextPtr at, const char *path);

/* A document of JSON; a member that must be that text; an array's first. */
json_t *read_json(const struct buf *out);
void member_is(const json_t *object, const char *name, const char *text);
const json_t *first(const json_t *object, const char *name);

#endif
