/* SPDX-License-Identifier: ISC */
#include "filter/filter.h"

#include <stddef.h>

const char *
filter_warning(const struct filter *filter)
{
	if ((filter_uses(filter) & FILTER_USES_TEXT) == 0 ||
	    filter_is_indexed(filter))
		return NULL;
	return "this filter is checked against every incident: "
	       "add a tag or a word";
}
