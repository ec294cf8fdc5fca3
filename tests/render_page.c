/* SPDX-License-Identifier: ISC */
/*
 * Prints the page PAGE as made of the model in the file MODEL, for the test
 * tests/pages and for who writes templates: render_page PAGE MODEL [FOLDER].
 */
#include "web/page.h"

#include "base/mem.h"
#include "web/times.h"

#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	void *owner = mem_root("render_page");
	struct pages *pages = NULL;
	struct error err = { 0 };
	json_error_t where;
	json_t *model;
	struct span html = { 0 };

	if (argc < 3) {
		(void)fprintf(
		    stderr, "usage: render_page PAGE MODEL [FOLDER]\n");
		return 2;
	}
	model = json_load_file(argv[2], 0, &where);
	if (model == NULL) {
		(void)fprintf(stderr, "render_page: %s:%d: %s\n", argv[2],
		    where.line, where.text);
		return EXIT_FAILURE;
	}
	page_add_times(owner, model);
	if (!pages_load(owner, pages_folder(), argc > 3 ? argv[3] : NULL,
		&pages, &err) ||
	    !page_render(owner, pages, argv[1], model, &html, &err)) {
		(void)fprintf(stderr, "render_page: %s\n", err.message);
		return EXIT_FAILURE;
	}
	(void)fwrite(html.text, 1, html.length, stdout);
	json_decref(model);
	talloc_free(owner);
	return EXIT_SUCCESS;
}
