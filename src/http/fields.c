/* SPDX-License-Identifier: ISC */
#include "http/fields.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

#define LETTER(c) (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'z')
#define TOKEN(c)                                                       \
	(LETTER(c) || ((c) >= '0' && (c) <= '9') || (c) == '!' ||      \
	    ((c) >= '#' && (c) <= '\'') || (c) == '*' || (c) == '+' || \
	    (c) == '-' || (c) == '.' || (c) == '^' || (c) == '_' ||    \
	    (c) == '`' || (c) == '|' || (c) == '~')
#define VALUE(c) ((c) == '\t' || ((c) >= ' ' && (c) != 0x7f))
#define TARGET(c) ((c) > ' ' && (c) != '#' && (c) != 0x7f)
#define CLASSES(c)                                                     \
	((TOKEN(c) ? FIELD_TOKEN : 0) | (VALUE(c) ? FIELD_VALUE : 0) | \
	    (TARGET(c) ? FIELD_TARGET : 0))
#define CLASSES_4(c) \
	CLASSES(c), CLASSES((c) + 1), CLASSES((c) + 2), CLASSES((c) + 3)
#define CLASSES_16(c)                                         \
	CLASSES_4(c), CLASSES_4((c) + 4), CLASSES_4((c) + 8), \
	    CLASSES_4((c) + 12)

/* Each request is read by it, character for character. */
static const unsigned char classes[256] = { CLASSES_16(0x00), CLASSES_16(0x10),
	CLASSES_16(0x20), CLASSES_16(0x30), CLASSES_16(0x40), CLASSES_16(0x50),
	CLASSES_16(0x60), CLASSES_16(0x70), CLASSES_16(0x80), CLASSES_16(0x90),
	CLASSES_16(0xa0), CLASSES_16(0xb0), CLASSES_16(0xc0), CLASSES_16(0xd0),
	CLASSES_16(0xe0), CLASSES_16(0xf0) };

size_t
field_span(const char *text, enum field_class class)
{
	const char *c = text;

	while ((classes[(unsigned char)*c] & class) != 0)
		c++;
	return (size_t)(c - text);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct span
field_trimmed(struct span text)
{
	while (text.length > 0 && is_blank(text.text[0])) {
		text.text++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.text[text.length - 1]))
		text.length--;
	return text;
}

bool
field_is(struct span span, const char *text)
{
	return span.length == strlen(text) &&
	    strncasecmp(span.text, text, span.length) == 0;
}

/* Behind the quoted string that begins at at; the end if it does not end. */
static const char *
behind_quotes(const char *at)
{
	for (at++; *at != '\0' && *at != '"'; at++)
		if (*at == '\\' && at[1] != '\0')
			at++;
	return *at == '"' ? at + 1 : at;
}

bool
field_next(const char **at, char separator, struct span *ret)
{
	while (**at != '\0') {
		const char *start = *at, *end = start;
		struct span element;

		while (*end != '\0' && *end != separator)
			end = *end == '"' ? behind_quotes(end) : end + 1;
		*at = *end == '\0' ? end : end + 1;
		element = field_trimmed(
		    (struct span){ start, (size_t)(end - start) });
		if (element.length > 0) {
			*ret = element;
			return true;
		}
	}
	return false;
}

/* Without quotes and backslashes if it is a quoted string. */
static const char *
unquoted(void *owner, struct span value)
{
	char *text, *out;

	if (value.length < 2 || value.text[0] != '"')
		return mem_copy_n(owner, value.text, value.length);
	text = out = mem_copy_n(owner, value.text + 1, value.length - 2);
	for (const char *in = text; *in != '\0'; in++) {
		if (*in == '\\' && (in[1] == '"' || in[1] == '\\'))
			in++;
		*out++ = *in;
	}
	*out = '\0';
	return text;
}

const char *
field_parameter(void *owner, const char *value, const char *name)
{
	struct span part;

	while (field_next(&value, ';', &part)) {
		const char *equals = memchr(part.text, '=', part.length);
		struct span left, right;

		if (equals == NULL)
			continue;
		left = (struct span){ part.text, (size_t)(equals - part.text) };
		right = (struct span){ equals + 1,
			part.length - left.length - 1 };
		if (field_is(field_trimmed(left), name))
			return unquoted(owner, field_trimmed(right));
	}
	return NULL;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

const char *
field_decoded(void *owner, struct span text, bool plus)
{
	char *made = mem_copy_n(owner, text.text, text.length);
	const char *end = made + text.length;
	char *out = made;

	for (const char *in = made; in < end; in++) {
		int high, low;

		if (*in == '\0')
			return NULL;
		if (*in != '%') {
			*out++ = plus && *in == '+' ? ' ' : *in;
			continue;
		}
		if (end - in < 3 || (high = hex_digit(in[1])) < 0 ||
		    (low = hex_digit(in[2])) < 0 || high + low == 0)
			return NULL;
		*out++ = (char)(high << 4 | low);
		in += 2;
	}
	*out = '\0';
	return utf8_is_valid(made, (size_t)(out - made)) ? made : NULL;
}
