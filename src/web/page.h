/* SPDX-License-Identifier: ISC */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

/*
 * The pages: a set of Mustache templates and the static files beside them,
 * read and compiled at the start. A page is made of its template, put into
 * the template "layout" where that says {{>content}}, and one JSON document,
 * its model; templates/MODEL.md says what each of them looks for there.
 */

#include "base/error.h"
#include "base/span.h"

#include <jansson.h>

/* One set: never changes, so any number of threads may share it. */
struct pages;

struct page_file {
	const char *media_type;
	const char *bytes;
	size_t length;
	const char *hash; /* 16 characters; changes with the bytes */
};

/*
 * The folder of the templates that come with the program: what the
 * environment variable BARNRAISE_TEMPLATES says, or where they are installed.
 */
const char *pages_folder(void);

/*
 * Reads all of folder, then of over, the operator's own (NULL if there is
 * none), where a file takes the place of one with the same name. A template
 * is a file NAME.mustache; static is what ends in .css, .js, .svg, .png, .ico,
 * .woff2 or .txt; other files are left alone.
 *
 * Fails if a folder cannot be read (folder may be missing where over has all
 * that is needed), a template is wrong ("FILE:LINE:COLUMN:
 * why"), asks for a partial that is not there, or one of our pages is
 * missing. To read again, make a second set and let the first one go when
 * nobody uses it any more.
 */
MUST_CHECK bool pages_load(void *owner, const char *folder, const char *over,
    struct pages **ret, struct error *err);

/* Changes when any file of the set does; 16 characters. */
const char *pages_hash(const struct pages *pages);

/*
 * Renders the page of that name, which is one of page_names, as a whole HTML
 * document; the text of *ret belongs to owner. The model is only read; beside
 * its own members the templates see "style", the address of the style sheet,
 * and "script", {NAME: address} of each NAME.js.
 * Fails only as mustache_render does.
 */
MUST_CHECK bool page_render(void *owner, const struct pages *pages,
    const char *name, json_t *model, struct span *ret, struct error *err);

/* The static file of that name, or NULL. */
const struct page_file *
page_static(const struct pages *pages, const char *name);

/* The names of all pages, NULL at the end. */
extern const char *const page_names[];

#endif
