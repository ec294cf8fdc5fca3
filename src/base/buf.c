/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct buf *
buf_new(void *owner)
{
	struct buf *buf = mem_new(owner, struct buf);

	buf->room = 256;
	buf->text = mem_array(buf, char, buf->room);
	return buf;
}

void
buf_begin(struct buf *buf, char *room, size_t size)
{
	CHECK(size > 0);
	room[0] = '\0';
	*buf = (struct buf){ .text = room, .room = size, .is_lent = true };
}

void
buf_end(struct buf *buf)
{
	if (!buf->is_lent)
		talloc_free(buf->text);
	*buf = (struct buf){ 0 };
}

static void
grow(struct buf *buf, size_t more)
{
	char *before = buf->text;

	CHECK(more < SIZE_MAX / 4 - buf->length);
	buf->room = 2 * (buf->length + more + 1);
	buf->text = mem_sized(NULL, buf->is_lent ? NULL : before, buf->room);
	if (buf->is_lent)
		memcpy(buf->text, before, buf->length);
	buf->is_lent = false;
}

void
buf_add(struct buf *buf, const char *text, size_t length)
{
	if (length == 0)
		return;
	if (length >= buf->room - buf->length)
		grow(buf, length);
	memcpy(buf->text + buf->length, text, length);
	buf->length += length;
	buf->text[buf->length] = '\0';
}

void
buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_char(struct buf *buf, char c)
{
	if (buf->length + 1 >= buf->room)
		grow(buf, 1);
	buf->text[buf->length++] = c;
	buf->text[buf->length] = '\0';
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	char small[128];
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	CHECK(length >= 0);
	if ((size_t)length < sizeof small) {
		buf_add(buf, small, (size_t)length);
		return;
	}
	va_start(args, format);
	text = mem_vprintf(NULL, format, args);
	va_end(args);
	buf_add(buf, text, (size_t)length);
	talloc_free(text);
}
