/* SPDX-License-Identifier: ISC */
#include "feed/feed.h"

#include "feed/formats.h"

#include <string.h>

#define FORMAT(function, ending, type) { ending, type, function },
static const struct feed_format formats[] = { FEED_FORMATS(FORMAT) };
#undef FORMAT

const struct feed_format *
feed_formats(size_t *n)
{
	*n = sizeof formats / sizeof formats[0];
	return formats;
}

const struct feed_format *
feed_format_find(const char *ending)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].ending, ending) == 0)
			return &formats[i];
	return NULL;
}
