/* SPDX-License-Identifier: ISC */
#include "http/request.h"

#include "base/mem.h"
#include "http/fields.h"

#include <string.h>

/*
 * RFC 6265 section 4.2. A name that stands twice is none: somebody may have
 * planted one of the two from another path or a sister host.
 */
const char *
request_cookie(const struct request *request, const char *name)
{
	struct span found = { NULL, 0 };

	for (size_t i = 0; i < request->n_headers; i++) {
		const char *at = request->headers[i].value;

		if (!field_is(span_of(request->headers[i].name), "Cookie"))
			continue;
		while (*at != '\0') {
			size_t length = strcspn(at, ";");
			struct span pair = field_trimmed(
			    (struct span){ at, length });
			size_t n = strlen(name);

			at += at[length] == ';' ? length + 1 : length;
			if (pair.length <= n || pair.text[n] != '=' ||
			    memcmp(pair.text, name, n) != 0)
				continue;
			if (found.text != NULL)
				return NULL;
			found = (struct span){ pair.text + n + 1,
				pair.length - n - 1 };
		}
	}
	return found.text == NULL
	    ? NULL
	    : mem_copy_n(request->memory, found.text, found.length);
}
