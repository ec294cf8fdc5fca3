/* SPDX-License-Identifier: ISC */
#include "feed/xml_out.h"

#include "base/check.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>

struct xml_out {
	xmlTextWriterPtr writer;
	struct buf *clean; /* the text at hand, without what XML forbids */
};

static int
to_buf(void *closure, const char *bytes, int length)
{
	buf_add(closure, bytes, (size_t)length);
	return length;
}

/*
 * What is given to the writer is valid, in order, and goes to memory, which it
 * takes from us: it cannot fail.
 */
static void
must(int result)
{
	CHECK(result >= 0);
}

static const xmlChar *
cleaned(struct xml_out *xml, const char *text)
{
	xml->clean->length = 0;
	xml->clean->text[0] = '\0';
	buf_xml_chars(xml->clean, text, strlen(text));
	return (const xmlChar *)xml->clean->text;
}

/*
 * libxml2 makes its global state when it is first used, not safely if several
 * threads are the first. Memory it takes from us.
 */
static void
library_init(void)
{
	CHECK(xmlMemSetup(free, mem_take, mem_resize, mem_take_copy) == 0);
	xmlInitParser();
}

static void
library_begin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	CHECK(pthread_once(&once, library_init) == 0);
}

struct xml_out *
xml_begin(struct buf *out)
{
	struct xml_out *xml = mem_new(out, struct xml_out);

	library_begin();
	xml->clean = buf_new(xml);
	xml->writer = mem_made(xmlNewTextWriter(
	    mem_made(xmlOutputBufferCreateIO(to_buf, NULL, out, NULL))));
	must(xmlTextWriterStartDocument(xml->writer, NULL, "UTF-8", NULL));
	return xml;
}

void
xml_finish(struct xml_out *xml)
{
	must(xmlTextWriterEndDocument(xml->writer));
	must(xmlTextWriterFlush(xml->writer));
	xmlFreeTextWriter(xml->writer);
	talloc_free(xml);
}

void
xml_start(struct xml_out *xml, const char *name)
{
	must(xmlTextWriterStartElement(xml->writer, (const xmlChar *)name));
}

void
xml_end(struct xml_out *xml)
{
	must(xmlTextWriterEndElement(xml->writer));
}

void
xml_attribute(struct xml_out *xml, const char *name, const char *text)
{
	if (text != NULL)
		must(xmlTextWriterWriteAttribute(
		    xml->writer, (const xmlChar *)name, cleaned(xml, text)));
}

void
xml_text(struct xml_out *xml, const char *text)
{
	must(xmlTextWriterWriteString(xml->writer, cleaned(xml, text)));
}

void
xml_element(struct xml_out *xml, const char *name, const char *text)
{
	if (text == NULL)
		return;
	xml_start(xml, name);
	xml_text(xml, text);
	xml_end(xml);
}

void
xml_attribute_rfc3339(struct xml_out *xml, const char *name, int64_t time)
{
	if (time != 0)
		xml_attribute(xml, name, date_rfc3339(xml, time));
}

void
xml_element_rfc3339(struct xml_out *xml, const char *name, int64_t time)
{
	if (time != 0)
		xml_element(xml, name, date_rfc3339(xml, time));
}

void
xml_element_rss_date(struct xml_out *xml, const char *name, int64_t time)
{
	if (time != 0)
		xml_element(xml, name, date_rss(xml, time));
}
