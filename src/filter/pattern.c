/* SPDX-License-Identifier: ISC */
#include "filter/pattern.h"

#include "base/utf8.h"
#include "filter/letters.h"
#include "filter/pattern_reader.h"

#include <string.h>

/*
 * A reader for what PCRE2 10.42 reads, and only for that. Of the options only
 * x and xx matter to the tree; the others change what a letter is equal to,
 * which folding has already joined, or what "." and "^" are, of which nothing
 * is known anyway. (?a...) is not understood: \d and \W are those of UCP. 0 is
 * no node: not understood.
 */
/* NOLINTBEGIN(misc-no-recursion): PATTERN_DEPTH groups at most */
static uint16_t read_choice(struct reader *reader);

bool
reader_is_at(const struct reader *reader, const char *what)
{
	size_t n = strlen(what);

	return reader->length - reader->at >= n &&
	    memcmp(reader->text + reader->at, what, n) == 0;
}

bool
reader_takes(struct reader *reader, const char *what)
{
	if (!reader_is_at(reader, what))
		return false;
	reader->at += strlen(what);
	return true;
}

bool
reader_code(struct reader *reader, uint32_t *ret)
{
	size_t n;

	if (reader->at == reader->length)
		return false;
	n = utf8_decode(
	    reader->text + reader->at, reader->length - reader->at, ret);
	reader->at += n;
	return n > 0;
}

uint32_t
code_folded(uint32_t code)
{
	return letter_is_space(code) ? ' ' : letter_folded(code);
}

static uint16_t
node_new(struct reader *reader, enum pattern_kind kind)
{
	struct pattern *pattern = reader->pattern;

	if (pattern->n_nodes == PATTERN_NODES)
		return 0;
	pattern->nodes[pattern->n_nodes] = (struct pattern_node){
		.kind = (unsigned char)kind
	};
	return pattern->n_nodes++;
}

uint32_t
reader_grain(const struct reader *reader, uint32_t code)
{
	return grain_of(reader->grain, code_folded(code));
}

unsigned
folded_kinds(uint32_t code)
{
	return code == ' ' ? CHAR_SPACE | CHAR_LINE | CHAR_OTHER
			   : char_kind(code);
}

/* A letter as it is in the reader's grain. */
static uint16_t
grain_new(struct reader *reader, uint32_t code)
{
	uint16_t node = node_new(
	    reader, code == GRAIN_UNKNOWN ? PATTERN_ANY : PATTERN_LETTER);

	reader->pattern->nodes[node].code = code;
	return node;
}

static uint16_t
letter_new(struct reader *reader, uint32_t code)
{
	uint16_t node = grain_new(reader, reader_grain(reader, code));

	reader->pattern->nodes[node].kinds = (unsigned char)folded_kinds(
	    code_folded(code));
	return node;
}

static uint16_t
any_new(struct reader *reader, unsigned kinds)
{
	uint16_t node = node_new(reader, PATTERN_ANY);

	reader->pattern->nodes[node].kinds = (unsigned char)kinds;
	return node;
}

/* Puts reader behind the next what, or at the end. */
static void
skip_past(struct reader *reader, const char *what)
{
	while (reader->at < reader->length && !reader_takes(reader, what))
		reader->at++;
}

/* White space of the option x: Unicode's Pattern_White_Space. */
static bool
skip_space(struct reader *reader)
{
	static const char *const others[] = { "\xc2\x85", "\xe2\x80\x8e",
		"\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9" };
	char c = reader->text[reader->at];

	if (c == ' ' || (c >= 0x9 && c <= 0xd)) {
		reader->at++;
		return true;
	}
	for (size_t i = 0; (c & 0x80) != 0 && i < 5; i++) {
		if (reader_takes(reader, others[i]))
			return true;
	}
	return false;
}

/* What stands between two items, and also between one and its quantifier. */
static void
skip_ignored(struct reader *reader)
{
	while (reader->at < reader->length) {
		if (reader->quoted) {
			if (!reader_takes(reader, "\\E"))
				return;
			reader->quoted = false;
		} else if (reader->extended && skip_space(reader))
			continue;
		else if (reader->extended && reader_takes(reader, "#"))
			skip_past(reader, "\n");
		else if (reader_takes(reader, "(?#"))
			skip_past(reader, ")");
		else if (reader_takes(reader, "\\Q"))
			reader->quoted = true;
		else if (!reader_takes(reader, "\\E"))
			return;
	}
}

/* Up to five digits; at most UINT16_MAX, as in PCRE2. */
static bool
read_count(struct reader *reader, uint16_t *ret)
{
	size_t from = reader->at;
	unsigned count = 0;

	while (reader->at < reader->length && reader->at - from < 5 &&
	    reader->text[reader->at] >= '0' && reader->text[reader->at] <= '9')
		count = count * 10 +
		    (unsigned)(reader->text[reader->at++] - '0');
	*ret = (uint16_t)(count < REPEAT_ENDLESS ? count : REPEAT_ENDLESS - 1);
	return reader->at > from;
}

/* "{2}", "{2,}" or "{2,3}". */
static bool
read_braces(struct reader *reader, uint16_t *min, uint16_t *max)
{
	size_t from = reader->at;

	reader->at++;
	if (read_count(reader, min)) {
		*max = *min;
		if (reader_takes(reader, ",") && !read_count(reader, max))
			*max = REPEAT_ENDLESS;
		if (reader_takes(reader, "}"))
			return true;
	}
	reader->at = from;
	return false;
}

static bool
read_quantifier(struct reader *reader, uint16_t *min, uint16_t *max)
{
	*min = 0;
	*max = REPEAT_ENDLESS;
	switch (reader->text[reader->at]) {
	case '*':
		reader->at++;
		break;
	case '+':
		reader->at++;
		*min = 1;
		break;
	case '?':
		reader->at++;
		*max = 1;
		break;
	case '{':
		if (!read_braces(reader, min, max))
			return false;
		break;
	default:
		return false;
	}
	/* possessive or lazy: it matches nothing else */
	if (!reader_takes(reader, "+"))
		(void)reader_takes(reader, "?");
	return true;
}

/*
 * "{,3}" and "{ 1 }" are text for PCRE2 10.42 and quantifiers for later ones:
 * for us neither. Takes it, if it is one.
 */
static bool
skip_doubtful(struct reader *reader)
{
	size_t at = reader->at + 1;
	bool digits = false;

	if (!reader_is_at(reader, "{"))
		return false;
	for (; at < reader->length && reader->text[at] != '\0' &&
	     strchr("0123456789, \t", reader->text[at]) != NULL;
	     at++)
		digits |= reader->text[at] >= '0' && reader->text[at] <= '9';
	if (!digits || at == reader->length || reader->text[at] != '}')
		return false;
	reader->at = at + 1;
	return true;
}

/* The node becomes a repetition of what it was. */
static bool
repeat(struct reader *reader, uint16_t node, uint16_t min, uint16_t max)
{
	uint16_t copy = node_new(reader, PATTERN_REPEAT);
	struct pattern_node *nodes = reader->pattern->nodes;

	if (copy == 0)
		return false;
	nodes[copy] = nodes[node];
	nodes[node] = (struct pattern_node){
		.kind = PATTERN_REPEAT, .child = copy, .min = min, .max = max
	};
	return true;
}

/*
 * Behind "(?": options. Those of (?x) hold to the end of the group around it,
 * those of (?x:...) in this one; *group says which. False: not understood.
 */
static bool
read_options(struct reader *reader, bool *group)
{
	bool set = true;

	for (;;) {
		char c = '\0';

		if (reader->at < reader->length)
			c = reader->text[reader->at++];
		if (c == ')' || c == ':') {
			*group = c == ':';
			return true;
		}
		if (c == '-')
			set = false;
		else if (c == '^')
			reader->extended = reader->more = false;
		else if (c == 'x') {
			bool more = reader_takes(reader, "x");

			reader->extended = set;
			reader->more = set && more;
		} else if (c == 's')
			reader->dotall |= set;
		else if (c == '\0' || strchr("imnJU", c) == NULL)
			return false;
	}
}

/*
 * How a group may begin; what is not here has options, or is not understood.
 * PCRE2 10.42 itself errs about "(?*" inside of a group that is there 0 times.
 */
static const struct opening {
	const char *begins;
	char name_ends; /* '\0': it has no name */
	unsigned char kind;
} openings[] = {
	{ "(?:", '\0', PATTERN_SEQUENCE },
	{ "(?|", '\0', PATTERN_SEQUENCE },
	{ "(?>", '\0', PATTERN_SEQUENCE },
	{ "(?=", '\0', PATTERN_LOOK },
	{ "(?!", '\0', PATTERN_ASSERT },
	{ "(?<=", '\0', PATTERN_LOOK },
	{ "(?<!", '\0', PATTERN_ASSERT },
	{ "(?<", '>', PATTERN_SEQUENCE },
	{ "(?P<", '>', PATTERN_SEQUENCE },
	{ "(?'", '\'', PATTERN_SEQUENCE },
};

static bool
skip_name(struct reader *reader, char ends)
{
	uint32_t code = 0;

	do {
		if (!reader_code(reader, &code))
			return false;
	} while (letter_is_word(code));
	return code == (unsigned char)ends;
}

/* At "(": how the group begins. Only options: node is PATTERN_EMPTY. */
static bool
open_group(struct reader *reader, enum pattern_kind *kind)
{
	bool group;

	*kind = PATTERN_SEQUENCE;
	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
		if (!reader_takes(reader, openings[i].begins))
			continue;
		*kind = openings[i].kind;
		return openings[i].name_ends == '\0' ||
		    skip_name(reader, openings[i].name_ends);
	}
	reader->at++;
	if (reader_is_at(reader, "*"))
		return false;
	if (reader_takes(reader, "?")) {
		if (!read_options(reader, &group))
			return false;
		if (!group)
			*kind = PATTERN_EMPTY;
	}
	return true;
}

/* Puts what kind of group it is around what is in it. */
static uint16_t
group_made(struct reader *reader, enum pattern_kind kind, uint16_t inside)
{
	uint16_t node = inside;

	if (inside == 0)
		return 0;
	if (kind == PATTERN_LOOK || kind == PATTERN_ASSERT)
		node = node_new(reader, kind);
	if (kind == PATTERN_LOOK)
		reader->pattern->nodes[node].child = inside;
	return node;
}

/* At "(". Only options: a PATTERN_EMPTY, which takes no quantifier. */
static uint16_t
read_group(struct reader *reader)
{
	bool extended = reader->extended, more = reader->more;
	enum pattern_kind kind;
	uint16_t inside;

	if (!open_group(reader, &kind))
		return 0;
	if (kind == PATTERN_EMPTY)
		return node_new(reader, kind);
	if (++reader->depth > PATTERN_DEPTH)
		return 0;
	inside = read_choice(reader);
	reader->depth--;
	reader->extended = extended;
	reader->more = more;
	if (!reader_takes(reader, ")"))
		return 0;
	return group_made(reader, kind, inside);
}

/* At a backslash. */
static uint16_t
read_escaped(struct reader *reader)
{
	static const enum pattern_kind kinds[] = {
		[ESCAPE_CODE] = PATTERN_LETTER,
		[ESCAPE_SPACE] = PATTERN_LETTER,
		[ESCAPE_EDGE] = PATTERN_ASSERT,
		[ESCAPE_DIGIT] = PATTERN_ANY,
		[ESCAPE_NOT_WORD] = PATTERN_ANY,
		[ESCAPE_NOT_SPACE] = PATTERN_ANY,
		[ESCAPE_ANY] = PATTERN_ANY,
		[ESCAPE_EMPTY] = PATTERN_EMPTY,
		[ESCAPE_ASSERT] = PATTERN_ASSERT,
		[ESCAPE_START] = PATTERN_START,
		[ESCAPE_END] = PATTERN_END,
	};
	uint32_t code = 0;
	bool exact;
	unsigned any = escape_kinds(reader, &exact);
	enum escape_kind kind = read_escape(reader, false, &code);

	if (kind == ESCAPE_BAD)
		return 0;
	if (kind == ESCAPE_CODE)
		return letter_new(reader, code);
	if (kind == ESCAPE_SPACE)
		return letter_new(reader, ' ');
	if (escape_grain(reader, kind) != GRAIN_UNKNOWN)
		return grain_new(reader, escape_grain(reader, kind));
	if (kinds[kind] == PATTERN_ANY)
		return any_new(reader, any);
	return node_new(reader, kinds[kind]);
}

static uint16_t
read_bracket(struct reader *reader)
{
	uint16_t node;

	/* word boundaries in disguise, of which a "*" repeats a part only */
	if (reader_is_at(reader, "[[:<:]]") || reader_is_at(reader, "[[:>:]]"))
		return 0;
	node = node_new(reader, PATTERN_ANY);
	if (node == 0 || !read_class(reader, &reader->pattern->nodes[node]))
		return 0;
	return node;
}

static uint16_t
read_end(struct reader *reader, bool start)
{
	uint32_t code = escape_grain(reader, start ? ESCAPE_START : ESCAPE_END);

	reader->at++;
	if (code != GRAIN_UNKNOWN)
		return grain_new(reader, code);
	return node_new(reader, start ? PATTERN_START : PATTERN_END);
}

static uint16_t
read_item(struct reader *reader)
{
	char c = reader->text[reader->at];
	uint32_t code;

	if (!reader->quoted) {
		if (c == '(')
			return read_group(reader);
		if (c == '[')
			return read_bracket(reader);
		if (c == '\\')
			return read_escaped(reader);
		if (c == '.') {
			reader->at++;
			return any_new(reader,
			    reader->dotall ? CHAR_ALL : CHAR_ALL & ~CHAR_LINE);
		}
		if (c == '^' || c == '$')
			return read_end(reader, c == '^');
	}
	return reader_code(reader, &code) ? letter_new(reader, code) : 0;
}

/* It may be anything from now on. */
static void
node_forget(struct pattern_node *node)
{
	node->kind = PATTERN_ANY;
	node->kinds = 0;
}

/* Reads one item, or makes more of the last one; *last is 0 if none was. */
static bool
read_next(struct reader *reader, uint16_t sequence, uint16_t *last)
{
	struct pattern_node *nodes = reader->pattern->nodes;
	uint16_t min, max, item;

	if (!reader->quoted && read_quantifier(reader, &min, &max)) {
		if (*last == 0 || nodes[*last].kind == PATTERN_EMPTY)
			return false;
		/* behind a comment: is "?" of "a+(?#b)?" lazy or a "?"? */
		if (nodes[*last].kind == PATTERN_REPEAT) {
			node_forget(&nodes[*last]);
			return true;
		}
		return repeat(reader, *last, min, max);
	}
	if (!reader->quoted && skip_doubtful(reader)) {
		if (*last != 0)
			node_forget(&nodes[*last]);
		item = node_new(reader, PATTERN_ANY);
	} else
		item = read_item(reader);
	if (item == 0)
		return false;
	if (*last == 0)
		nodes[sequence].child = item;
	else
		nodes[*last].next = item;
	*last = item;
	return true;
}

/* Up to "|", ")" or the end. */
static uint16_t
read_sequence(struct reader *reader)
{
	uint16_t sequence = node_new(reader, PATTERN_SEQUENCE);
	uint16_t last = 0;

	if (sequence == 0)
		return 0;
	for (;;) {
		skip_ignored(reader);
		if (reader->at == reader->length)
			return sequence;
		if (!reader->quoted &&
		    (reader_is_at(reader, "|") || reader_is_at(reader, ")")))
			return sequence;
		if (!read_next(reader, sequence, &last))
			return 0;
	}
}

/* Up to ")" or the end; one branch alone stands for itself. */
static uint16_t
read_choice(struct reader *reader)
{
	uint16_t first = read_sequence(reader);
	uint16_t last = first, choice;

	if (first == 0 || !reader_is_at(reader, "|"))
		return first;
	choice = node_new(reader, PATTERN_CHOICE);
	if (choice == 0)
		return 0;
	reader->pattern->nodes[choice].child = first;
	while (reader_takes(reader, "|")) {
		uint16_t branch = read_sequence(reader);

		if (branch == 0)
			return 0;
		reader->pattern->nodes[last].next = branch;
		last = branch;
	}
	return choice;
}

/* NOLINTEND(misc-no-recursion) */

bool
pattern_read(
    struct pattern *ret, struct span text, unsigned flags, enum grain grain)
{
	struct reader reader = { .text = text.text,
		.length = text.length,
		.pattern = ret,
		.grain = grain,
		.extended = (flags & REGEX_X) != 0,
		.dotall = (flags & REGEX_S) != 0 };

	if (text.length > REGEX_MAX)
		return false;
	ret->n_nodes = 1;
	ret->n_codes = 0;
	ret->root = read_choice(&reader);
	return ret->root != 0 && reader.at == reader.length;
}
