/* SPDX-License-Identifier: ISC */
#include "http/request.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/fields.h"
#include "http/server.h"

#include <string.h>
#include <strings.h>

const char *
request_header(const struct request *request, const char *name)
{
	const char *first = NULL;
	struct buf *joined = NULL;

	for (size_t i = 0; i < request->n_headers; i++) {
		const struct form_field *header = &request->headers[i];

		if (!field_is_named(header->name, name))
			continue;
		if (first == NULL) {
			first = header->value;
			continue;
		}
		if (joined == NULL) {
			joined = buf_new(request->memory);
			buf_text(joined, first);
		}
		buf_text(joined, ", ");
		buf_text(joined, header->value);
	}
	return joined != NULL ? joined->text : first;
}

const char *
request_query(const struct request *request, const char *name)
{
	const char *at = request->query;

	while (*at != '\0') {
		const char *end = at + strcspn(at, "&");
		const char *equals = memchr(at, '=', (size_t)(end - at));
		const char *key_end = equals != NULL ? equals : end;
		const char *key = field_decoded(request->memory,
		    (struct span){ at, (size_t)(key_end - at) }, true);

		if (key != NULL && strcmp(key, name) == 0)
			return equals == NULL
			    ? ""
			    : field_decoded(request->memory,
				  (struct span){
				      equals + 1, (size_t)(end - equals) - 1 },
				  true);
		at = *end == '&' ? end + 1 : end;
	}
	return NULL;
}

const char *
request_type(const struct request *request)
{
	const char *header = request_header(request, "Content-Type");
	struct span type;
	char *lower;

	if (header == NULL)
		return "";
	type = field_trimmed((struct span){ header, strcspn(header, ";") });
	lower = mem_copy_n(request->memory, type.text, type.length);
	for (char *c = lower; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	return lower;
}

void *
http_context(const struct request *request)
{
	return request->context;
}

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

/* RFC 4648 section 4, with or without padding; NULL if it is none. */
static char *
base64_decoded(void *owner, struct span text)
{
	char *made = mem_array(owner, char, text.length + 1);
	unsigned long bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	while (text.length > 0 && text.text[text.length - 1] == '=')
		text.length--;
	for (size_t i = 0; i < text.length; i++) {
		int digit = base64_digit(text.text[i]);

		if (digit < 0)
			return NULL;
		bits = (bits << 6 | (unsigned long)digit) & 0xffffff;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		made[n] = (char)(bits >> n_bits & 0xff);
		if (made[n++] == '\0')
			return NULL;
	}
	return utf8_is_valid(made, n) ? made : NULL;
}

/* RFC 7617: user, colon, password. */
static struct credentials
basic_credentials(void *owner, struct span text)
{
	char *decoded = base64_decoded(owner, text);
	char *colon = decoded == NULL ? NULL : strchr(decoded, ':');

	if (colon == NULL)
		return (struct credentials){ .scheme = CREDENTIALS_OTHER };
	*colon = '\0';
	return (struct credentials){ CREDENTIALS_BASIC, decoded, colon + 1 };
}

struct credentials
request_credentials(const struct request *request)
{
	const char *header = request_header(request, "Authorization");
	struct span scheme, rest;

	if (header == NULL)
		return (struct credentials){ .scheme = CREDENTIALS_NONE };
	scheme = (struct span){ header, strcspn(header, " ") };
	rest = field_trimmed(span_of(header + scheme.length));
	if (field_is(scheme, "Basic"))
		return basic_credentials(request->memory, rest);
	if (field_is(scheme, "Bearer") && rest.length > 0)
		return (struct credentials){ CREDENTIALS_BEARER, NULL,
			mem_copy_n(request->memory, rest.text, rest.length) };
	return (struct credentials){ .scheme = CREDENTIALS_OTHER };
}
