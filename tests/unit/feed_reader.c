/* SPDX-License-Identifier: ISC */
#include "feed_reader.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpathInternals.h>

void *root;

int
reader_begin(void **state)
{
	(void)state;
	root = mem_root("test");
	return 0;
}

int
reader_end(void **state)
{
	(void)state;
	talloc_free(root);
	return 0;
}

const struct buf *
written(const char *ending, const struct feed *feed)
{
	struct buf *out = buf_new(root);

	feed_format_find(ending)->write(out, feed);
	return out;
}

xmlXPathContextPtr
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

void
closed(xmlXPathContextPtr at)
{
	xmlFreeDoc(at->doc);
	xmlXPathFreeContext(at);
}

char *
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

void
has(xmlXPathContextPtr at, const char *path, const char *expected)
{
	char *text = text_at(at, path);

	if (strcmp(text, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", path, text, expected);
	talloc_free(text);
}

void
has_not(xmlXPathContextPtr at, const char *path)
{
	char *test = mem_printf(root, "boolean(%s)", path);
	xmlXPathObjectPtr found = xmlXPathEvalExpression(
	    (const xmlChar *)test, at);

	assert_int_equal(found->boolval, 0);
	xmlXPathFreeObject(found);
}

json_t *
read_json(const struct buf *out)
{
	struct error err = { 0 };
	json_t *value = NULL;

	if (!json_parse(root, out->text, out->length, &value, &err))
		fail_msg("%s: %s", err.message, out->text);
	return value;
}

void
member_is(const json_t *object, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(object, name));

	if (value == NULL || strcmp(value, text) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", name, value, text);
}

const json_t *
first(const json_t *object, const char *name)
{
	return json_array_get(json_object_get(object, name), 0);
}
