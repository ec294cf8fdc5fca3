/* SPDX-License-Identifier: ISC */
/*
 * Where a regex is found, what it needs is there. The first byte is its flags
 * and says where pattern and texts come from. Either both are grown from the
 * bytes behind it; or the pattern stands there up to a NUL, and the texts are
 * grown from the tree of it by the bytes behind that, which are a text too.
 */
#include "filter/literal.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/regex.h"
#include "grow.h"
#include "../unit/needs_hold.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GROWN = 16, TEXTS = 4, BUDGET = 20000 };

struct trial {
	void *owner;
	struct span pattern;
	unsigned flags;
	struct regex *regex;
	struct regex_runner *runner;
	struct needs *needs;
};

/* False if the regex is not one of ours. */
static bool
trial_begin(struct trial *trial)
{
	struct regex_fault fault;

	trial->needs = regex_needs(trial->owner, trial->pattern, trial->flags);
	CHECK(needs_are_sound(trial->needs));
	if (!regex_check(trial->pattern, trial->flags, &fault))
		return false;
	trial->regex = regex_new(trial->owner, trial->pattern, trial->flags);
	trial->runner = regex_runner_new(trial->owner, BUDGET);
	return true;
}

static void
try_text(struct trial *trial, const char *text, size_t length)
{
	struct grained *grained = mem_new(trial->owner, struct grained);
	bool in, holds, over;

	regex_budget_begin(trial->runner);
	in = regex_is_in(trial->regex, text, length, trial->runner);
	over = regex_budget_is_over(trial->runner);
	grained_set(grained, grained, text, length);
	holds = needs_hold(trial->needs, grained);
	if ((in && !holds) || (!in && !over && trial->needs->always))
		fprintf(stderr, "%.*s (%u): %s; %s; %s: [%.*s]\n",
		    (int)trial->pattern.length, trial->pattern.text,
		    trial->flags,
		    needs_print(trial->owner, trial->needs, GRAIN_FOLDED),
		    needs_print(trial->owner, trial->needs, GRAIN_WORDS),
		    needs_print(trial->owner, trial->needs, GRAIN_SHAPE),
		    (int)length, text);
	CHECK(!in || holds);
	CHECK(in || over || !trial->needs->always);
	talloc_free(grained);
}

static void
try_tree(struct trial *trial, struct choices *choices)
{
	struct pattern *tree = mem_new(trial->owner, struct pattern);

	if (!pattern_read(tree, trial->pattern, trial->flags, GRAIN_FOLDED))
		return;
	for (int i = 0; i < TEXTS; i++) {
		struct buf *subject = buf_new(trial->owner);

		grow_subject(tree, choices, subject);
		try_text(trial, subject->text, subject->length);
	}
}

static void
try_pattern(struct trial *trial, const uint8_t *data, size_t size)
{
	const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t length = nul == NULL ? size : (size_t)(nul - data);
	struct choices choices = { data, size, length };
	const char *text;

	trial->pattern = (struct span){
		mem_copy_n(trial->owner, (const char *)data, length), length
	};
	if (!trial_begin(trial))
		return;
	text = utf8_repaired(
	    trial->owner, (const char *)data + length, size - length, NULL);
	try_text(trial, text, strlen(text));
	try_text(trial, trial->pattern.text, trial->pattern.length);
	try_tree(trial, &choices);
}

static void
try_grown(struct trial *trial, const uint8_t *data, size_t size)
{
	struct choices choices = { data, size, 0 };
	struct buf *pattern = buf_new(trial->owner);
	struct buf *subject = buf_new(trial->owner);

	grow_pattern(&choices, trial->flags, pattern, subject);
	trial->pattern = (struct span){ pattern->text, pattern->length };
	if (!trial_begin(trial))
		return;
	try_text(trial, subject->text, subject->length);
	try_text(trial, "", 0);
	try_tree(trial, &choices);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trial trial = { 0 };

	if (size == 0)
		return 0;
	trial.owner = mem_root("fuzz");
	trial.flags = data[0] & 15;
	if ((data[0] & GROWN) != 0)
		try_grown(&trial, data + 1, size - 1);
	else
		try_pattern(&trial, data + 1, size - 1);
	talloc_free(trial.owner);
	return 0;
}
