/* SPDX-License-Identifier: ISC */
#include "filter/regex.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "filter/codes.h"
#include "filter/filter.h"
#include "filter/refuse.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/*
	 * What one call may cost at most: places times (length + limit), each
	 * of them a nanosecond or three. So a call takes two milliseconds when
	 * it is at its worst, and a text of the usual size is one call.
	 */
	WORK = 1000000,
	WORK_DEAR = WORK / 4, /* once the clock is looked at */
	FIRST_LIMIT = 1000, /* of the match limit at one place; then doubled */
	STACK_LEAST = 32 * 1024, /* of the JIT, bytes */
	STACK_MOST = 1024 * 1024,
	HEAP = 64 * 1024, /* of the interpreter, KiB */
	KEPT_WHEN_SHORT = 16 << 20,
};

struct regex_runner {
	struct code_user *user;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	int64_t budget;
	int64_t began; /* on the wall; 0: not yet */
	int64_t cpu; /* CPU time from which the budget counts; -1: not yet */
	int64_t used; /* of the budget, when it was last looked at */
	int64_t marked, marked_cpu; /* when costs were last looked at */
	bool over;
};

/* Options of a search. */
static const struct {
	unsigned flag;
	uint32_t option;
} options[] = {
	{ REGEX_I, PCRE2_CASELESS },
	{ REGEX_M, PCRE2_MULTILINE },
	{ REGEX_S, PCRE2_DOTALL },
	{ REGEX_X, PCRE2_EXTENDED },
};

/* PCRE2 takes its memory from us. */
static void *
memory_take(size_t size, void *nobody)
{
	(void)nobody;
	return mem_take(size);
}

static void
memory_free(void *memory, void *nobody)
{
	(void)nobody;
	free(memory);
}

static pcre2_general_context *general;

static void
general_make(void)
{
	general = mem_made(
	    pcre2_general_context_create(memory_take, memory_free, NULL));
}

static pcre2_general_context *
memory(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	CHECK(pthread_once(&once, general_make) == 0);
	return general;
}

static pcre2_code *
compiled(
    const char *pattern, size_t length, unsigned flags, int *failed, size_t *at)
{
	uint32_t all = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C |
	    PCRE2_USE_OFFSET_LIMIT | PCRE2_NO_AUTO_CAPTURE;
	pcre2_compile_context *context = mem_made(
	    pcre2_compile_context_create(memory()));
	pcre2_code *code;

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if ((flags & options[i].flag) != 0)
			all |= options[i].option;
	}
	/* as it is built on Debian; a filter means the same everywhere */
	(void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	(void)pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
	code = pcre2_compile(
	    (PCRE2_SPTR)pattern, length, all, failed, at, context);
	pcre2_compile_context_free(context);
	return code;
}

bool
regex_check(struct span pattern, unsigned flags, struct regex_fault *fault)
{
	const char *refused;
	pcre2_code *code;
	int failed;

	if (pattern.length > REGEX_MAX) {
		fault->at = 0;
		(void)snprintf(fault->what, sizeof fault->what,
		    "a regex has at most %d bytes", REGEX_MAX);
		return false;
	}
	refused = pattern_refused(pattern, (flags & REGEX_X) != 0, &fault->at);
	if (refused != NULL) {
		(void)snprintf(fault->what, sizeof fault->what, "%s", refused);
		return false;
	}
	code = compiled(
	    pattern.text, pattern.length, flags, &failed, &fault->at);
	if (code == NULL) {
		if (fault->at > pattern.length)
			fault->at = pattern.length;
		(void)pcre2_get_error_message(
		    failed, (PCRE2_UCHAR *)fault->what, sizeof fault->what);
		return false;
	}
	pcre2_code_free(code);
	return true;
}

static uint32_t
info(const pcre2_code *code, uint32_t what)
{
	uint32_t value = 0;

	CHECK(pcre2_pattern_info(code, what, &value) == 0);
	return value;
}

static void
add_start(struct code *code, unsigned char c)
{
	code->starts[c / 8] |= (unsigned char)(1 << c % 8);
}

/*
 * The bytes that a match may begin with, if PCRE2 knows them. It does not say
 * whether a first byte stands for both cases, so we take it that it does.
 */
static void
find_starts(struct code *code)
{
	const unsigned char *bitmap = NULL;

	CHECK(pcre2_pattern_info(
		  code->pcre, PCRE2_INFO_FIRSTBITMAP, (void *)&bitmap) == 0);
	if (info(code->pcre, PCRE2_INFO_FIRSTCODETYPE) == 1) {
		uint32_t c = info(code->pcre, PCRE2_INFO_FIRSTCODEUNIT);

		add_start(code, (unsigned char)c);
		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			add_start(code, (unsigned char)(c ^ 0x20));
		code->has_starts = true;
	} else if (bitmap != NULL) {
		memcpy(code->starts, bitmap, sizeof code->starts);
		code->has_starts = true;
	}
}

/* NULL if the pattern does not compile. */
static struct code *
code_made(const struct regex *regex)
{
	char anchored[REGEX_MAX];
	struct code *code;
	pcre2_code *pcre;
	size_t at;
	int failed;

	memcpy(anchored, regex->pattern, regex->length);
	pattern_anchor(anchored, regex->length, (regex->flags & REGEX_X) != 0);
	pcre = compiled(anchored, regex->length, regex->flags, &failed, &at);
	if (pcre == NULL)
		return NULL;
	/* where there is no JIT the interpreter does the same, slowly */
	(void)pcre2_jit_compile(pcre, PCRE2_JIT_COMPLETE);
	code = code_new(pcre);
	code->anchored = (info(pcre, PCRE2_INFO_ALLOPTIONS) & PCRE2_ANCHORED) !=
	    0;
	find_starts(code);
	return code;
}

void
regex_set(struct regex *regex, struct span pattern, unsigned flags)
{
	CHECK(pattern.length <= REGEX_MAX);
	atomic_init(&regex->code, NULL);
	regex->pattern = pattern.text;
	regex->length = (unsigned short)pattern.length;
	regex->flags = (unsigned char)flags;
}

void
regex_drop(struct regex *regex)
{
	code_drop(&regex->code);
}

static int
regex_free(struct regex *regex)
{
	regex_drop(regex);
	return 0;
}

struct regex *
regex_new(void *owner, struct span pattern, unsigned flags)
{
	struct regex *regex = mem_new(owner, struct regex);
	const char *copy = mem_copy_n(regex, pattern.text, pattern.length);

	regex_set(regex, (struct span){ copy, pattern.length }, flags);
	talloc_set_destructor(regex, regex_free);
	return regex;
}

bool
filter_has_jit(void)
{
	size_t size = 0, at;
	int failed;
	pcre2_code *pcre = compiled("a+b", 3, 0, &failed, &at);

	CHECK(pcre != NULL);
	(void)pcre2_jit_compile(pcre, PCRE2_JIT_COMPLETE);
	CHECK(pcre2_pattern_info(pcre, PCRE2_INFO_JITSIZE, &size) == 0);
	pcre2_code_free(pcre);
	return size > 0;
}

void
filter_give_back(void)
{
	codes_shrink(KEPT_WHEN_SHORT);
}

static int
runner_free(struct regex_runner *runner)
{
	pcre2_match_data_free(runner->data);
	pcre2_match_context_free(runner->context);
	pcre2_jit_stack_free(runner->stack);
	return 0;
}

struct regex_runner *
regex_runner_new(void *owner, int64_t budget)
{
	struct regex_runner *runner = mem_new(owner, struct regex_runner);

	CHECK(budget >= 0);
	runner->user = code_user_new(runner);
	runner->budget = budget;
	runner->data = mem_made(pcre2_match_data_create(1, memory()));
	runner->context = mem_made(pcre2_match_context_create(memory()));
	/* without JIT there is no stack, and none is needed */
	runner->stack = pcre2_jit_stack_create(STACK_LEAST, STACK_MOST, NULL);
	pcre2_jit_stack_assign(runner->context, NULL, runner->stack);
	(void)pcre2_set_heap_limit(runner->context, HEAP);
	talloc_set_destructor(runner, runner_free);
	regex_budget_begin(runner);
	return runner;
}

void
regex_budget_begin(struct regex_runner *runner)
{
	runner->began = 0;
	runner->cpu = -1;
	runner->used = 0;
	runner->over = false;
}

bool
regex_budget_is_over(const struct regex_runner *runner)
{
	return runner->over;
}

/*
 * What was used before CPU time was first looked at. On the wall is at most
 * what the thread was waiting for; and since the last look at costs others have
 * used some, an eighth of the budget at most.
 */
static int64_t
used_before(const struct regex_runner *runner, int64_t now, int64_t cpu)
{
	int64_t used = cpu - runner->marked_cpu - runner->budget / 8;

	if (runner->marked == 0 || used < 0)
		return 0;
	return used < now - runner->began ? used : now - runner->began;
}

/*
 * Asking for CPU time costs twenty times what asking for the time costs, and
 * it is never more: so CPU time is looked at only from the moment on when an
 * eighth of the budget has passed on the wall.
 */
static bool
is_over(struct regex_runner *runner)
{
	int64_t now, cpu;

	if (runner->budget == 0 || runner->over)
		return runner->over;
	now = clock_monotonic();
	if (now - runner->began < runner->budget / 8)
		return false;
	cpu = clock_thread_cpu();
	if (runner->cpu == -1)
		runner->cpu = cpu - used_before(runner, now, cpu);
	runner->used = cpu - runner->cpu;
	runner->over = runner->used > runner->budget;
	return runner->over;
}

void
regex_costs_begin(struct regex_runner *runner)
{
	runner->marked = clock_monotonic();
	runner->marked_cpu = clock_thread_cpu();
}

void
regex_costs_end(struct regex_runner *runner)
{
	runner->marked = 0;
}

/*
 * Here too CPU time is asked for only where enough has passed on the wall, so
 * it is not known as of when this reading began. But the last look is no more
 * than an eighth of the budget before that, and what passed on the wall is an
 * upper bound too.
 */
int64_t
regex_cost(struct regex_runner *runner)
{
	int64_t least = runner->budget / 8, now, cpu, cost;

	if (runner->began == 0)
		return 0;
	now = clock_monotonic();
	if (now - runner->marked < least)
		return 0;
	cpu = clock_thread_cpu();
	cost = cpu - runner->marked_cpu;
	if (cost > now - runner->began)
		cost = now - runner->began;
	runner->marked = now;
	runner->marked_cpu = cpu;
	return cost < least ? 0 : cost;
}

struct window {
	size_t from, to; /* places where a match may begin */
	uint32_t limit;
};

/* One call of PCRE2. With the JIT's stack used up, the interpreter goes on. */
static int
search_window(const struct code *code, const char *text, size_t length,
    const struct window *window, struct regex_runner *runner)
{
	pcre2_match_data *data;
	int rc;

	(void)pcre2_set_match_limit(runner->context, window->limit);
	(void)pcre2_set_offset_limit(runner->context, window->to);
	rc = pcre2_match(code->pcre, (PCRE2_SPTR)text, length, window->from,
	    PCRE2_NO_UTF_CHECK, runner->data, runner->context);
	if (rc != PCRE2_ERROR_JIT_STACKLIMIT)
		return rc;
	/* its own match data, as it keeps the memory it took */
	data = mem_made(pcre2_match_data_create(1, memory()));
	rc = pcre2_match(code->pcre, (PCRE2_SPTR)text, length, window->from,
	    PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, runner->context);
	pcre2_match_data_free(data);
	return rc;
}

/* The first place from at on where a match may begin, or the end. */
static size_t
next_start(const struct code *code, const char *text, size_t length, size_t at)
{
	const unsigned char *t = (const unsigned char *)text;

	for (; at < length; at++) {
		if ((t[at] & 0xc0) == 0x80)
			continue; /* inside a character */
		if (!code->has_starts ||
		    (code->starts[t[at] / 8] >> t[at] % 8 & 1) != 0)
			break;
	}
	return at;
}

/*
 * More for the same places, in smaller steps; for one place alone no more than
 * there is budget for, judging by what the last limit took. 0: there is not
 * enough for anything.
 */
static uint32_t
next_limit(const struct regex_runner *runner, uint32_t limit, bool is_one,
    int64_t took)
{
	int64_t left = runner->budget - runner->used;
	int64_t next = (int64_t)limit * 2;

	if (is_one && took > 0 && left < took * 2)
		next = limit * left / took;
	return next < limit + limit / 8 || next > UINT32_MAX ? 0
							     : (uint32_t)next;
}

static bool
search_in_windows(const struct code *code, const char *text, size_t length,
    struct regex_runner *runner)
{
	struct window window = { .limit = FIRST_LIMIT };

	for (;;) {
		size_t work = runner->cpu == -1 ? WORK : WORK_DEAR;
		size_t places = work / (length + window.limit) + 1;
		int64_t used = runner->used;
		int rc;

		window.to = window.from + places - 1;
		rc = search_window(code, text, length, &window, runner);
		if (rc >= 0)
			return true;
		if (rc == PCRE2_ERROR_NOMATCH &&
		    (code->anchored || window.to >= length))
			return false;
		if (is_over(runner))
			return false;
		if (rc == PCRE2_ERROR_MATCHLIMIT) {
			window.limit = next_limit(runner, window.limit,
			    code->anchored || places == 1, runner->used - used);
			runner->over = window.limit == 0;
			if (runner->over)
				return false;
			continue;
		}
		if (rc != PCRE2_ERROR_NOMATCH) {
			/* memory is part of what a regex may use */
			runner->over = true;
			return false;
		}
		window.from = next_start(code, text, length, window.to + 1);
		if (window.from == length && code->has_starts)
			return false;
	}
}

static bool
search(const struct code *code, const char *text, size_t length,
    struct regex_runner *runner)
{
	const struct window whole = { 0, length, UINT32_MAX };
	int rc;

	if (runner->budget > 0)
		return search_in_windows(code, text, length, runner);
	rc = search_window(code, text, length, &whole, runner);
	runner->over = rc < 0 && rc != PCRE2_ERROR_NOMATCH;
	return rc >= 0;
}

/* Held until code_release(); NULL if it does not compile. */
static const struct code *
code_of(struct regex *regex, struct code_user *user)
{
	const struct code *code = code_hold(user, &regex->code);
	struct code *made;

	if (code != NULL)
		return code;
	made = code_made(regex);
	return made == NULL ? NULL : code_keep(user, &regex->code, made);
}

bool
regex_is_in(struct regex *regex, const char *text, size_t length,
    struct regex_runner *runner)
{
	const struct code *code;
	bool in;

	if (runner->over || (runner->began != 0 && is_over(runner)))
		return false;
	code = code_of(regex, runner->user);
	if (code == NULL) {
		runner->over = true;
		return false;
	}
	/* that code had to be made is not the text's fault */
	if (runner->budget > 0 && runner->began == 0)
		runner->began = clock_monotonic();
	in = search(code, text, length, runner);
	code_release(runner->user);
	return in;
}
