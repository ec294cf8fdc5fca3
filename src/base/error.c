/* SPDX-License-Identifier: ISC */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef error_set
#undef error_field
#undef error_context

/*
 * vsnprintf cuts at a byte; a message is shown as UTF-8, so a character that
 * was cut through goes as a whole.
 */
static void
format_to(char *text, size_t room, const char *format, va_list args)
{
	int length = vsnprintf(text, room, format, args);
	size_t end = room - 1;

	if (length < 0 || (size_t)length < room)
		return;
	while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)text[end - 1] >= 0xc0)
		end--;
	text[end] = '\0';
}

bool
error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;

	err->kind = kind;
	va_start(args, format);
	format_to(err->message, sizeof err->message, format, args);
	va_end(args);
	return false;
}

bool
error_field(struct error *err, const char *name, unsigned column,
    const char *format, ...)
{
	struct error_field *field;
	va_list args;

	err->kind = ERROR_INVALID;
	if (err->n_fields == ERROR_FIELDS)
		return false;

	field = &err->fields[err->n_fields++];
	field->column = column;
	(void)snprintf(field->name, sizeof field->name, "%s", name);
	va_start(args, format);
	format_to(field->message, sizeof field->message, format, args);
	va_end(args);
	return false;
}

bool
error_context(struct error *err, const char *format, ...)
{
	char context[160];
	char old[ERROR_TEXT];
	va_list args;

	va_start(args, format);
	format_to(context, sizeof context, format, args);
	va_end(args);
	error_text(err, old);
	return error_set(err, err->kind, "%s: %s", context, old);
}

static size_t
add_field(char *text, size_t length, const struct error_field *field)
{
	const char *join = length > 0 ? "; " : "";
	int n;

	if (strcmp(field->name, "filter") == 0 && field->column > 0)
		n = snprintf(text + length, ERROR_TEXT - length,
		    "%scolumn %u: %s", join, field->column, field->message);
	else
		n = snprintf(text + length, ERROR_TEXT - length, "%s%s: %s",
		    join, field->name, field->message);
	if (n < 0)
		return length;
	length += (size_t)n;
	return length < ERROR_TEXT ? length : ERROR_TEXT - 1;
}

const char *
error_text(const struct error *err, char text[ERROR_TEXT])
{
	size_t length = 0;

	if (err->message[0] != '\0') {
		(void)snprintf(text, ERROR_TEXT, "%s", err->message);
		return text;
	}
	text[0] = '\0';
	for (size_t i = 0; i < err->n_fields; i++)
		length = add_field(text, length, &err->fields[i]);
	return text;
}
