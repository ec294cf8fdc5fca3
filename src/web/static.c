/* SPDX-License-Identifier: ISC */
#include "web/resources.h"

/*
 * The files beside the templates. An address that has the file's hash (?v=)
 * never means anything else, so it may be kept for ever.
 */

#include "base/mem.h"
#include "web/shared.h"

#include <string.h>

static bool
make_file(struct request *request, struct answer *answer, struct error *err)
{
	const char *name = request->parts[0] != NULL ? request->parts[0]
						     : "icon.svg";
	const struct page_file *file = page_static(
	    visit_of(request)->site->pages, name);
	const char *version = request_query(request, "v");

	if (file == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no such file");
	answer_body(answer, file->media_type, file->bytes, file->length);
	answer->etag = mem_printf(request->memory, "\"%s\"", file->hash);
	answer->cache_control = version != NULL &&
		strcmp(version, file->hash) == 0
	    ? "public, max-age=31536000, immutable"
	    : "public, max-age=3600";
	return true;
}

bool
static_get(struct request *request, struct answer *answer, struct error *err)
{
	const char *version = request_query(request, "v");

	return answer_shared(request, answer, SHARED_TILL_RELOAD,
	    mem_printf(request->memory, "file %s?%s", request->path,
		version != NULL ? version : ""),
	    make_file, err);
}
