/* SPDX-License-Identifier: ISC */
/* Any bytes as a filter: an error, or a filter whose canonical form is stable.
 */
#include "filter/filter.h"

#include "base/check.h"
#include "base/mem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
		CHECK(strcmp(filter_text(filter), filter_text(again)) == 0);
		CHECK(filter_uses(filter) == filter_uses(again));
		CHECK(filter_is_topical(filter) == filter_is_topical(again));
	} else {
		CHECK(err.n_fields == 1 && err.fields[0].column > 0);
		CHECK(err.fields[0].column <= strlen(text) + 1);
	}
	talloc_free(here);
	return 0;
}
