/* SPDX-License-Identifier: ISC */
#include "http/negotiate.h"

#include "http/fields.h"

#include <string.h>
#include <strings.h>

static const struct media {
	enum http_form form;
	const char *ending;
	const char *type;
} media[] = {
	{ HTTP_HTML, NULL, "text/html" },
	{ HTTP_JSON, "json", "application/json" },
	{ HTTP_JSON, NULL, "application/feed+json" },
	{ HTTP_JSON, NULL, "application/problem+json" },
	{ HTTP_ATOM, "atom", "application/atom+xml" },
	{ HTTP_RSS, "rss", "application/rss+xml" },
	{ HTTP_OPML, "opml", "text/x-opml" },
	/* readers that ask for "some XML" */
	{ HTTP_ATOM | HTTP_RSS, NULL, "application/xml" },
	{ HTTP_ATOM | HTTP_RSS, NULL, "text/xml" },
};

enum { N_MEDIA = sizeof media / sizeof *media };

/* How much a client likes something: quality, then how exactly it was named.*/
struct liking {
	int quality; /* thousandths */
	int exact; /* 3: named, 2: type and star, 1: only stars, 0: not at all
		    */
};

/* A media range of Accept. */
struct range {
	struct span name;
	int quality;
};

/* RFC 9110 section 12.4.2; what cannot be read is 1. */
static int
quality_parse(struct span text)
{
	int quality = 0, digit = 100;

	if (text.length == 0 || (text.text[0] != '0' && text.text[0] != '1'))
		return 1000;
	if (text.text[0] == '1')
		return 1000;
	for (size_t i = 2; i < text.length && i < 5; i++, digit /= 10) {
		if (text.text[i] < '0' || text.text[i] > '9')
			break;
		quality += (text.text[i] - '0') * digit;
	}
	return quality;
}

/* Up to the first of these characters. */
static struct span
up_to(struct span text, char c)
{
	const char *found = memchr(text.text, c, text.length);

	if (found != NULL)
		text.length = (size_t)(found - text.text);
	return field_trimmed(text);
}

struct span
negotiate_name(struct span element)
{
	return up_to(element, ';');
}

int
negotiate_quality(struct span range)
{
	const char *end = range.text + range.length;
	const char *at = range.text;

	while ((at = memchr(at, ';', (size_t)(end - at))) != NULL) {
		struct span part;

		at++;
		part = up_to((struct span){ at, (size_t)(end - at) }, ';');
		if (part.length >= 2 && (part.text[0] | 0x20) == 'q' &&
		    part.text[1] == '=')
			return quality_parse(
			    (struct span){ part.text + 2, part.length - 2 });
	}
	return 1000;
}

static bool
range_next(const char **at, struct range *ret)
{
	struct span element;

	while (field_next(at, ',', &element)) {
		ret->name = negotiate_name(element);
		ret->quality = negotiate_quality(element);
		if (memchr(ret->name.text, '/', ret->name.length) != NULL)
			return true;
	}
	return false;
}

static int
range_takes(struct span range, const char *type)
{
	size_t top = (size_t)(strchr(type, '/') - type) + 1;

	if (field_is(range, type))
		return 3;
	if (field_is(range, "*/*"))
		return 1;
	if (range.length == top + 1 && range.text[top] == '*' &&
	    strncasecmp(range.text, type, top) == 0)
		return 2;
	return 0;
}

/* The most exact range that takes type decides. */
static struct liking
liking_of_type(const char *accept, const char *type)
{
	struct liking liking = { 0 };
	struct range range;

	while (range_next(&accept, &range)) {
		int exact = range_takes(range.name, type);

		if (exact > liking.exact)
			liking = (struct liking){ range.quality, exact };
	}
	return liking;
}

static bool
is_liked_more(struct liking a, struct liking b)
{
	return a.quality != b.quality ? a.quality > b.quality
				      : a.exact > b.exact;
}

static struct liking
liking_of_form(const char *accept, enum http_form form)
{
	struct liking best = { 0 };

	for (size_t i = 0; i < N_MEDIA; i++) {
		struct liking liking;

		if ((media[i].form & form) == 0)
			continue;
		liking = liking_of_type(accept, media[i].type);
		if (is_liked_more(liking, best))
			best = liking;
	}
	return best;
}

static bool
names_nothing(const char *accept)
{
	struct range range;

	return accept == NULL || !range_next(&accept, &range);
}

enum http_form
negotiate_form(const char *accept, unsigned forms, enum http_form usual)
{
	struct liking best = { 0 };
	enum http_form chosen = 0;

	if ((forms & usual) != 0 && names_nothing(accept))
		return usual;
	if ((forms & HTTP_OTHER) != 0) /* one fixed type: nothing to choose */
		return HTTP_OTHER;
	if (names_nothing(accept))
		accept = "*/*";
	for (unsigned form = 1; form <= forms; form <<= 1) {
		struct liking liking;

		if ((forms & form) == 0)
			continue;
		liking = liking_of_form(accept, form);
		if (liking.quality == 0)
			continue;
		if (is_liked_more(liking, best) ||
		    (form == usual && !is_liked_more(best, liking))) {
			best = liking;
			chosen = form;
		}
	}
	return chosen;
}

enum http_form
negotiate_ending(struct span ending)
{
	for (size_t i = 0; i < N_MEDIA; i++)
		if (media[i].ending != NULL && span_is(ending, media[i].ending))
			return media[i].form;
	return 0;
}

bool
negotiate_is_json(const char *type)
{
	size_t length = strlen(type);

	return strcmp(type, "application/json") == 0 ||
	    (length > 5 && strcmp(type + length - 5, "+json") == 0);
}

bool
request_is_browser(const struct request *request)
{
	const char *at = request_header(request, "Accept");
	bool html = false, xhtml = false;
	struct range range;
	unsigned n = 0;

	if (at == NULL)
		return false;
	for (; range_next(&at, &range); n++) {
		if (range.quality == 0)
			continue;
		html |= field_is(range.name, "text/html");
		xhtml |= field_is(range.name, "application/xhtml+xml");
	}
	return html && (xhtml || n == 1);
}

bool
request_wants_html(const struct request *request)
{
	if (request->form != 0)
		return request->form == HTTP_HTML;
	if (request->ending[0] != '\0' ||
	    negotiate_is_json(request_type(request)))
		return false;
	return negotiate_form(request_header(request, "Accept"),
		   HTTP_HTML | HTTP_JSON, HTTP_JSON) == HTTP_HTML;
}
