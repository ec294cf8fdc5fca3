/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a filter: an error, or a filter whose canonical form is stable;
 * and as one that was stored: an error, or a filter that can be read.
 */
#include "filter/filter.h"

#include "../unit/filter_same.h"
#include "base/check.h"
#include "base/mem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_as_stored(void *owner, const char *text)
{
	const struct filter_text body = { FIELD_BODY, "Disk full", 9 };
	const struct filter_document document = { &body, 1, NULL, 0 };
	const struct filter_state none = { 0 };
	struct filter *filter = NULL;
	struct error err = { 0 };

	if (filter_parse_stored(owner, text, &filter, &err)) {
		CHECK(strcmp(filter_text(filter), text) == 0);
		(void)filter_matches(
		    filter, &document, &none, filter_scratch_new(owner, 5000));
	} else
		CHECK(err.n_fields == 1 && err.fields[0].column > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct filter_context somebody = { .me = "ana" };
	void *here = mem_root("fuzz");
	const char *text = mem_copy_n(here, (const char *)data, size);
	struct filter *filter = NULL, *again = NULL;
	struct error err = { 0 };

	if (filter_parse(here, text, &somebody, &filter, &err)) {
		CHECK(filter_parse(
		    here, filter_text(filter), &somebody, &again, &err));
		CHECK(filter_same(filter, again));
		CHECK(filter_reads_back(filter));
	} else {
		CHECK(err.n_fields == 1 && err.fields[0].column > 0);
		CHECK(err.fields[0].column <= strlen(text) + 1);
	}
	read_as_stored(here, text);
	talloc_free(here);
	return 0;
}
