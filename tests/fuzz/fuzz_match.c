/* SPDX-License-Identifier: ISC */
/*
 * The first line is a filter, the rest a text: what the reading says for every
 * state must be what putting in the state says, and the canonical form must
 * say the same.
 */
#include "filter/filter.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_true(enum filter_verdict verdict, const struct filter *filter,
    const struct filter_marks *marks, const struct filter_state *state)
{
	bool holds = filter_decide(filter, marks, state);

	CHECK(verdict == FILTER_OPEN || holds == (verdict == FILTER_TRUE));
	return holds;
}

static void
compare(void *owner, const struct filter *filter, const struct filter *again,
    const struct filter_document *document)
{
	static const struct filter_state states[] = {
		{ .status = STATUS_OPEN },
		{ .status = STATUS_SWARMING,
		    .severity = SEVERITY_HIGH,
		    .helpers = 2,
		    .wanted = true,
		    .host = "ana",
		    .by = "bo",
		    .source = "web",
		    .age = 86400000000 },
		{ .status = STATUS_CLOSED, .known = true },
	};
	struct filter_scratch *scratch = filter_scratch_new(owner, 2000);
	struct filter_marks marks, marks_again;
	bool over, over_again;
	enum filter_verdict verdict = filter_read(
	    filter, document, scratch, &marks, &over);
	enum filter_verdict verdict_again = filter_read(
	    again, document, scratch, &marks_again, &over_again);

	if (over || over_again)
		return;
	CHECK(verdict == verdict_again);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		CHECK(is_true(verdict, filter, &marks, &states[i]) ==
		    is_true(verdict_again, again, &marks_again, &states[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tags[] = { "db", "product:pay" };
	const struct filter_context somebody = { .me = "ana" };
	void *here = mem_root("fuzz");
	char *text = utf8_repaired(here, (const char *)data, size, NULL);
	char *rest = strchr(text, '\n');
	struct filter *filter = NULL, *again = NULL;
	struct error err = { 0 };
	struct filter_text texts[2];

	if (rest != NULL)
		*rest++ = '\0';
	else
		rest = text + strlen(text);
	texts[0] = (struct filter_text){ FIELD_BODY, rest, strlen(rest) };
	texts[1] = (struct filter_text){ FIELD_TITLE, "Disk full", 9 };
	if (filter_parse(here, text, &somebody, &filter, &err)) {
		const struct filter_document document = { texts, 2, tags, 2 };

		CHECK(filter_parse(
		    here, filter_text(filter), &somebody, &again, &err));
		compare(here, filter, again, &document);
	}
	talloc_free(here);
	return 0;
}
