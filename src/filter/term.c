/* SPDX-License-Identifier: ISC */
#include "filter/ast.h"

#include "base/mem.h"
#include "filter/lexer.h"
#include "filter/tag.h"

#include <ctype.h>
#include <string.h>

const char *const is_names[IS_COUNT] = {
	[IS_OPEN] = "open",
	[IS_OVERDUE] = "overdue",
	[IS_WANTED] = "wanted",
	[IS_ORPHAN] = "orphan",
	[IS_KNOWN] = "known",
};

/* The operators a field takes, by enum op. */
enum {
	TAKES_EQUAL = 1 << OP_EQUAL,
	TAKES_ORDER = 1 << OP_LESS | 1 << OP_AT_MOST | 1 << OP_MORE |
	    1 << OP_AT_LEAST,
	TAKES_COLON = 1 << 8, /* ':' only */
};

/* Where a term is read: its lexer, what its field is, who asks. */
struct reader {
	void *owner;
	struct lexer *lexer;
	const struct field *field;
	const struct filter_context *context;
};

typedef bool value_fn(const struct reader *reader, struct term *term);

static value_fn read_tag, read_text, read_level, read_status, read_is, read_age,
    read_helpers, read_handle, read_source;

static const struct field {
	const char *name;
	enum term_kind kind;
	unsigned field; /* of a text */
	unsigned takes;
	bool articles; /* articles have it too */
	value_fn *read;
} fields[] = {
	{ "tag", TERM_TAG, FIELD_ANY, TAKES_COLON, true, read_tag },
	{ "title", TERM_WORD, FIELD_TITLE, TAKES_COLON, true, read_text },
	{ "body", TERM_WORD, FIELD_BODY, TAKES_COLON, true, read_text },
	{ "environment", TERM_WORD, FIELD_ENVIRONMENT, TAKES_COLON, true,
	    read_text },
	{ "severity", TERM_SEVERITY, 0, TAKES_EQUAL | TAKES_ORDER, false,
	    read_level },
	{ "status", TERM_STATUS, 0, TAKES_COLON, false, read_status },
	{ "is", TERM_IS, 0, TAKES_COLON, false, read_is },
	{ "age", TERM_AGE, 0, TAKES_ORDER, true, read_age },
	{ "helpers", TERM_HELPERS, 0, TAKES_EQUAL | TAKES_ORDER, false,
	    read_helpers },
	{ "host", TERM_HOST, 0, TAKES_COLON, false, read_handle },
	{ "swarm", TERM_SWARM, 0, TAKES_COLON, false, read_handle },
	{ "by", TERM_BY, 0, TAKES_COLON, false, read_handle },
	{ "source", TERM_SOURCE, 0, TAKES_COLON, false, read_source },
};

static bool
read_tag(const struct reader *reader, struct term *term)
{
	bool prefix;

	if (!lexer_tag(reader->owner, reader->lexer, &term->text, &prefix))
		return false;
	term->kind = prefix ? TERM_PREFIX : TERM_TAG;
	return true;
}

static bool
read_regex(const struct reader *reader, struct term *term)
{
	struct span pattern;

	term->kind = TERM_REGEX;
	if (!lexer_regex(reader->lexer, &pattern, &term->flags))
		return false;
	term->text = mem_copy_n(reader->owner, pattern.text, pattern.length);
	return true;
}

static bool
read_text(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span word;

	term->kind = TERM_WORD;
	if (lexer_peek(lexer) == '/')
		return read_regex(reader, term);
	if (lexer_peek(lexer) == '"')
		return lexer_phrase(reader->owner, lexer, &term->text);
	if (!lexer_word(lexer, &word))
		return false;
	term->text = mem_copy_n(reader->owner, word.text, word.length);
	return true;
}

/* The place of a run among names, in any case; false if it is none. */
static bool
run_find(struct span run, const char *const *names, unsigned n, int64_t *ret)
{
	for (unsigned i = 0; i < n; i++) {
		if (span_is_word(run, names[i])) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool
read_level(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);

	if (!run_find(
		run, filter_severity_names, SEVERITY_COUNT, &term->number))
		return lexer_fail(lexer, lexer->at,
		    "severity is low, normal, high or critical");
	lexer->at += run.length;
	return lexer_end(lexer);
}

static bool
read_status(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);

	if (!run_find(run, filter_status_names, STATUS_COUNT, &term->number))
		return lexer_fail(lexer, lexer->at,
		    "status is open, swarming, resolved or closed");
	lexer->at += run.length;
	return lexer_end(lexer);
}

static bool
read_is(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);

	if (!run_find(run, is_names, IS_COUNT, &term->number))
		return lexer_fail(lexer, lexer->at,
		    "is: takes open, overdue, wanted, orphan or known");
	lexer->at += run.length;
	return lexer_end(lexer);
}

/* The number that the digits of a run are, if there are 1 to 9 of them. */
static bool
run_number(struct span run, int64_t *ret)
{
	int64_t number = 0;

	if (run.length == 0 || run.length > NUMBER_DIGITS)
		return false;
	for (size_t i = 0; i < run.length; i++) {
		if (run.text[i] < '0' || run.text[i] > '9')
			return false;
		number = number * 10 + (run.text[i] - '0');
	}
	*ret = number;
	return true;
}

static bool
read_helpers(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);

	if (!run_number(run, &term->number) || term->number > 999)
		return lexer_fail(
		    lexer, lexer->at, "helpers takes a number from 0 to 999");
	lexer->at += run.length;
	return lexer_end(lexer);
}

static int64_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

static bool
read_age(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);
	struct span digits = run;
	int64_t unit = 0;

	if (run.length > 0) {
		digits.length--;
		unit = unit_seconds(run.text[digits.length]);
	}
	if (unit == 0 || !run_number(digits, &term->number))
		return lexer_fail(lexer, lexer->at,
		    "age takes a number of at most %d digits "
		    "and one of s m h d w, as in age<2h",
		    NUMBER_DIGITS);
	term->number *= unit;
	lexer->at += run.length;
	return lexer_end(lexer);
}

static char *
run_lower(void *owner, struct span run)
{
	char *lower = mem_copy_n(owner, run.text, run.length);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
	return lower;
}

static bool
read_handle(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);
	char *handle = run_lower(reader->owner, run);
	size_t at;
	const char *fault = handle_fault(handle, &at);

	if (fault != NULL)
		return lexer_fail(lexer, lexer->at, "%s", fault);
	term->text = handle;
	if (strcmp(handle, "me") == 0) {
		if (reader->context->me == NULL)
			return lexer_fail(lexer, lexer->at,
			    "nobody is asking here: write a handle");
		term->text = mem_copy(reader->owner, reader->context->me);
	}
	lexer->at += run.length;
	return lexer_end(lexer);
}

static bool
read_source(const struct reader *reader, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	struct span run = lexer_run(lexer);
	char *source = run_lower(reader->owner, run);

	if (run.length == 0 || run.length > HANDLE_MAX ||
	    source[strspn(source, "abcdefghijklmnopqrstuvwxyz0123456789-")] !=
		'\0')
		return lexer_fail(lexer, lexer->at,
		    "a source has 1 to %d of a-z 0-9 -", HANDLE_MAX);
	term->text = source;
	lexer->at += run.length;
	return lexer_end(lexer);
}

/* Reads ":", "=", "<", "<=", ">", ">="; its bits of takes. */
static unsigned
read_op(struct lexer *lexer, enum op *ret)
{
	static const struct {
		const char *text;
		enum op op;
		unsigned takes;
	} ops[] = {
		{ "<=", OP_AT_MOST, 1 << OP_AT_MOST },
		{ ">=", OP_AT_LEAST, 1 << OP_AT_LEAST },
		{ "<", OP_LESS, 1 << OP_LESS },
		{ ">", OP_MORE, 1 << OP_MORE },
		{ "=", OP_EQUAL, 1 << OP_EQUAL },
		{ ":", OP_EQUAL, 1 << OP_EQUAL | TAKES_COLON },
	};

	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
		size_t n = strlen(ops[i].text);

		if (strncmp(lexer->text + lexer->at, ops[i].text, n) == 0) {
			lexer->at += n;
			*ret = ops[i].op;
			return ops[i].takes;
		}
	}
	return 0;
}

static bool
fail_op(struct lexer *lexer, size_t at, const struct field *field)
{
	if ((field->takes & TAKES_COLON) != 0)
		return lexer_fail(lexer, at, "%s takes a colon: %s:...",
		    field->name, field->name);
	return lexer_fail(lexer, at, "%s takes one of %s< <= > >=", field->name,
	    (field->takes & TAKES_EQUAL) != 0 ? ": = " : "");
}

static bool
field_term(const struct reader *reader, size_t name, struct term *term)
{
	struct lexer *lexer = reader->lexer;
	const struct field *field = reader->field;
	size_t began = lexer->at;

	if (reader->context->articles && !field->articles)
		return lexer_fail(
		    lexer, began, "%s is not for articles", field->name);
	lexer->at += name;
	if ((read_op(lexer, &term->op) & field->takes) == 0)
		return fail_op(lexer, began + name, field);
	term->kind = field->kind;
	term->field = field->field;
	return field->read(reader, term);
}

/* Letters at the beginning of a run that is "letters op ...", else 0. */
static size_t
field_name(struct span run)
{
	size_t n = 0;

	while (n < run.length && isalpha((unsigned char)run.text[n]) &&
	    (unsigned char)run.text[n] < 0x80)
		n++;
	return n > 0 && n < run.length && strchr(":=<>", run.text[n]) != NULL
	    ? n
	    : 0;
}

static bool
fail_field(struct lexer *lexer, struct span name)
{
	return lexer_fail(lexer, lexer->at,
	    "no field %.*s%s: put it in quotes to look for it, or write tag "
	    "title body environment severity status is age helpers host "
	    "swarm by source",
	    name.length > 20 ? 20 : (int)name.length, name.text,
	    name.length > 20 ? "..." : "");
}

bool
term_parse(void *owner, struct lexer *lexer,
    const struct filter_context *context, struct term *ret)
{
	struct reader reader = { owner, lexer, NULL, context };
	struct term term = { .kind = TERM_WORD, .field = FIELD_ANY };
	struct span run = lexer_run(lexer);
	struct span name = { run.text, field_name(run) };
	bool ok;

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (name.length > 0 && span_is_word(name, fields[i].name))
			reader.field = &fields[i];
	}
	if (reader.field != NULL)
		ok = field_term(&reader, name.length, &term);
	else if (name.length > 0 && run.text[name.length] == ':' &&
	    (name.length + 1 == run.length ||
		strchr(":/\\", run.text[name.length + 1]) == NULL))
		ok = fail_field(lexer, name);
	else if (lexer_peek(lexer) == '#') {
		lexer->at++;
		ok = read_tag(&reader, &term);
	} else
		ok = read_text(&reader, &term);
	if (ok)
		*ret = term;
	return ok;
}

static const unsigned is_uses[IS_COUNT] = {
	[IS_OPEN] = FILTER_USES_STATUS,
	[IS_OVERDUE] = FILTER_USES_STATUS | FILTER_USES_OVERDUE,
	[IS_WANTED] = FILTER_USES_STATUS | FILTER_USES_WANTED,
	[IS_ORPHAN] = FILTER_USES_STATUS | FILTER_USES_ORPHAN,
	[IS_KNOWN] = FILTER_USES_KNOWN,
};

unsigned
term_uses(const struct term *term)
{
	static const unsigned uses[] = {
		[TERM_TAG] = FILTER_USES_TAGS,
		[TERM_PREFIX] = FILTER_USES_TAGS,
		[TERM_WORD] = FILTER_USES_TEXT,
		[TERM_REGEX] = FILTER_USES_TEXT,
		[TERM_SEVERITY] = FILTER_USES_SEVERITY,
		[TERM_STATUS] = FILTER_USES_STATUS,
		[TERM_HELPERS] = FILTER_USES_HELPERS,
		[TERM_AGE] = FILTER_USES_AGE,
		[TERM_HOST] = FILTER_USES_HOST,
		[TERM_SWARM] = FILTER_USES_SWARM,
		[TERM_BY] = FILTER_USES_BY,
		[TERM_SOURCE] = FILTER_USES_SOURCE,
	};

	return term->kind == TERM_IS ? is_uses[term->number] : uses[term->kind];
}
