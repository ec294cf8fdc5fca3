/* SPDX-License-Identifier: ISC */
#ifndef VIEW_LINK_H
#define VIEW_LINK_H

/* Links in what people write: which may be one, and how they are written. */

#include "base/buf.h"
#include "base/span.h"

/* http, https, mailto, or a path of ours: one "/" at the start, not two. */
bool link_is_allowed(const char *address);

/*
 * <a href="..." rel="nofollow noopener ugc">, for an address that is allowed.
 * What RFC 3986 does not allow in a URI is percent-encoded, so that nothing is
 * left for a browser to strip or to read as something else.
 */
void buf_link_open(struct buf *out, struct span address);

/* Text for HTML (buf_html), its http and https addresses as links. */
void buf_linked(struct buf *out, struct span text);

#endif
