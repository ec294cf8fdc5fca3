/* SPDX-License-Identifier: ISC */
/*
 * Any bytes are a template or an error. The input is a template, a NUL and a
 * partial, which every name of a partial leads to; the model has one value of
 * each kind under the names a to g.
 */
#include "web/mustache.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mustache *
find_partial(void *closure, const char *name)
{
	(void)name;
	return closure;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *owner = mem_root("fuzz");
	const char *text = (const char *)data;
	size_t first = strnlen(text, size);
	size_t rest = first < size ? first + 1 : size;
	json_t *model = json_pack("{s:s s:i s:f s:b s:n s:[s,s] s:{s:s}}", "a",
	    "<&\"'>\n", "b", 12, "c", 1.5, "d", 1, "e", "f", "x", "y", "g", "a",
	    "z");
	struct mustache *template = NULL, *partial = NULL;
	struct error err = { 0 };

	if (mustache_compile(owner, "template", (struct span){ text, first },
		&template, &err) &&
	    mustache_compile(owner, "partial",
		(struct span){ text + rest, size - rest }, &partial, &err) &&
	    !mustache_render(
		template, model, find_partial, partial, buf_new(owner), &err) &&
	    err.kind != ERROR_SYSTEM)
		abort();
	json_decref(model);
	talloc_free(owner);
	return 0;
}
