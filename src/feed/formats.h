/* SPDX-License-Identifier: ISC */
#ifndef FEED_FORMATS_H
#define FEED_FORMATS_H

/*
 * The wire formats, one row each: the function that writes it (see struct
 * feed_format), its ending, its media type. A new format is a file with that
 * function and a row here.
 */

#include "feed/feed.h"

#define FEED_ATOM_TYPE "application/atom+xml"
#define FEED_RSS_TYPE "application/rss+xml"
#define FEED_JSON_TYPE "application/feed+json"

#define FEED_FORMATS(ROW)                       \
	ROW(atom_write, "atom", FEED_ATOM_TYPE) \
	ROW(rss_write, "rss", FEED_RSS_TYPE)    \
	ROW(jsonfeed_write, "json", FEED_JSON_TYPE)

#define FEED_DECLARE(function, ending, type) \
	void function(struct buf *out, const struct feed *feed);
FEED_FORMATS(FEED_DECLARE)
#undef FEED_DECLARE

#endif
