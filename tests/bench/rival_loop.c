/* SPDX-License-Identifier: ISC */
#include "rival.h"

#include "base/check.h"
#include "base/mem.h"

#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { LIMIT = 1000000, STACK = 1024 * 1024 };

struct rival_loop {
	const char *const *filters;
	pcre2_code **codes;
	size_t n;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

struct span
rival_pattern(const char *filter, const char **flags)
{
	const char *end = strrchr(filter, '/');

	CHECK(filter[0] == '/' && end != filter);
	*flags = end + 1;
	return (struct span){ filter + 1, (size_t)(end - filter) - 1 };
}

double
rival_seconds(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
loop_free(struct rival_loop *loop)
{
	for (size_t i = 0; i < loop->n; i++)
		pcre2_code_free(loop->codes[i]);
	pcre2_match_data_free(loop->data);
	pcre2_match_context_free(loop->context);
	pcre2_jit_stack_free(loop->stack);
	return 0;
}

struct rival_loop *
rival_loop_new(void *owner, const char *const *filters, size_t n)
{
	struct rival_loop *loop = mem_new(owner, struct rival_loop);

	loop->filters = filters;
	loop->n = n;
	loop->codes = mem_array(loop, pcre2_code *, n);
	loop->data = mem_made(pcre2_match_data_create(1, NULL));
	loop->context = mem_made(pcre2_match_context_create(NULL));
	loop->stack = mem_made(pcre2_jit_stack_create(STACK, STACK, NULL));
	pcre2_jit_stack_assign(loop->context, NULL, loop->stack);
	(void)pcre2_set_match_limit(loop->context, LIMIT);
	talloc_set_destructor(loop, loop_free);
	return loop;
}

/* What Barnraise has taken PCRE2 takes too, with the same options. */
static pcre2_code *
compiled(const char *filter)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NO_AUTO_CAPTURE;
	const char *flags;
	struct span pattern = rival_pattern(filter, &flags);
	pcre2_code *code;
	int failed;
	size_t at;

	options |= strchr(flags, 'i') != NULL ? PCRE2_CASELESS : 0;
	options |= strchr(flags, 'm') != NULL ? PCRE2_MULTILINE : 0;
	options |= strchr(flags, 's') != NULL ? PCRE2_DOTALL : 0;
	options |= strchr(flags, 'x') != NULL ? PCRE2_EXTENDED : 0;
	code = pcre2_compile((PCRE2_SPTR)pattern.text, pattern.length, options,
	    &failed, &at, NULL);
	CHECK(code != NULL);
	CHECK(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0);
	return code;
}

void
rival_loop_compile(struct rival_loop *loop, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (loop->codes[i] == NULL)
			loop->codes[i] = compiled(loop->filters[i]);
	}
}

bool
rival_loop_finds(
    struct rival_loop *loop, size_t i, const struct filter_document *document)
{
	if (loop->codes[i] == NULL)
		loop->codes[i] = compiled(loop->filters[i]);
	for (size_t j = 0; j < document->n_texts; j++) {
		const struct filter_text *text = &document->texts[j];

		if (pcre2_jit_match(loop->codes[i], (PCRE2_SPTR)text->text,
			text->length, 0, PCRE2_NO_UTF_CHECK, loop->data,
			loop->context) >= 0)
			return true;
	}
	return false;
}
