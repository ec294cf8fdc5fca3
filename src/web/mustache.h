/* SPDX-License-Identifier: ISC */
#ifndef WEB_MUSTACHE_H
#define WEB_MUSTACHE_H

/*
 * Mustache templates over JSON, as the six mandatory modules of the
 * specification say (tests/data/mustache has its tests), and nothing more:
 * {{x}} {{{x}}} {{&x}} {{#x}} {{^x}} {{/x}} {{>x}} {{!x}} {{=x y=}}.
 *
 * {{x}} is escaped as HTML by buf_html; what {{{x}}} prints must have been
 * made by us. Text prints as it is, a number as in JSON, true and false as
 * words; null, lists and objects print nothing. In a section null, false, 0,
 * an empty text and an empty list are false; everything else is true.
 */

#include "base/buf.h"
#include "base/span.h"

#include <jansson.h>

enum {
	/* levels of sections in one template, and its bytes */
	MUSTACHE_SECTIONS = 32,
	MUSTACHE_SIZE = 1 << 20,
	/* while rendering: sections and partials inside each other, */
	MUSTACHE_DEPTH = 128,
	/* pieces of template gone through, and bytes written */
	MUSTACHE_STEPS = 4 << 20,
	MUSTACHE_OUTPUT = 64 << 20,
};

/* A compiled template: never changes, so any number of threads may share it. */
struct mustache;

/*
 * Compiles text, which is copied. The error is MALFORMED, and its message
 * begins "name:line:column: ", both counted from 1, columns in characters.
 */
MUST_CHECK bool mustache_compile(void *owner, const char *name,
    struct span text, struct mustache **ret, struct error *err);

/*
 * Walks the names of the partials that the template asks for, in its order,
 * one again for each tag: for (size_t at = 0; (n = mustache_partial(t, &at));).
 */
const char *mustache_partial(const struct mustache *template, size_t *at);

/* Finds the partial of that name; NULL is an empty one. */
typedef const struct mustache *mustache_find(void *closure, const char *name);

/*
 * Renders template with model to out; find may be NULL if there are no
 * partials. Fails only over one of the limits above, as a template without
 * end does; out then holds a part.
 */
MUST_CHECK bool mustache_render(const struct mustache *template, json_t *model,
    mustache_find *find, void *closure, struct buf *out, struct error *err);

#endif
