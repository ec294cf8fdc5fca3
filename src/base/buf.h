/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUF_H
#define BASE_BUF_H

/*
 * A growing string. Always ends in NUL, may hold NUL. Each way of adding text
 * from outside is named after the place the text goes to, and escapes for that
 * place (see escape.h); buf_text is for text that is already right there.
 */

#include "base/error.h"

struct buf {
	char *text;
	size_t length;
	size_t room;
	bool is_lent; /* the room: it is not talloc's */
};

struct buf *buf_new(void *owner);
/*
 * For text that is short-lived and mostly short: it begins in the caller's
 * room, and takes memory only where it gets longer. To be ended by buf_end.
 */
void buf_begin(struct buf *buf, char *room, size_t size);
void buf_end(struct buf *buf);
void buf_add(struct buf *buf, const char *text, size_t length);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

#endif
