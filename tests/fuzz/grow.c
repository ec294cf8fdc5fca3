/* SPDX-License-Identifier: ISC */
#include "grow.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

enum { DEPTH = 5, PATTERN_MOST = 900, SUBJECT_MOST = 3000 };

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct grower {
	struct choices *choices;
	struct buf *pattern;
	struct buf *subject;
	bool caseless, extended, more;
	unsigned depth;
	unsigned names;
};

static unsigned
pick(struct choices *choices, size_t n)
{
	unsigned byte = 0;

	if (choices->at < choices->size)
		byte = choices->data[choices->at++];
	return byte % (unsigned)n;
}

/* Characters, the second of which is the first in another case, or the same. */
static const uint32_t letters[][2] = { { 'a', 'A' }, { 'b', 'B' }, { 'o', 'O' },
	{ 'k', 0x212a }, { 0x212a, 'K' }, { 's', 0x17f }, { 0x17f, 'S' },
	{ 0xdf, 0x1e9e }, { 0xe9, 0xc9 }, { 0x3c3, 0x3c2 }, { 0x3c2, 0x3a3 },
	{ 0x23a, 0x2c65 }, { 0x2c65, 0x23a }, { 0x1c5, 0x1c4 },
	{ 0x130, 0x130 }, { 0x131, 0x131 }, { 0x1e9e, 0xdf }, { 0x3bc, 0xb5 },
	{ 0x3b9, 0x345 }, { 0x345, 0x399 }, { 0x1fbe, 0x3b9 }, { '7', '7' },
	{ 0x663, 0x663 }, { 0xbd, 0xbd }, { 0x301, 0x301 }, { 0x203f, 0x203f },
	{ 0x24b6, 0x24d0 }, { 0x2160, 0x2170 }, { 0x1f600, 0x1f600 },
	{ 0x767b, 0x767b }, { '1', '1' }, { '-', '-' }, { '#', '#' },
	{ '(', '(' }, { ']', ']' }, { '[', '[' }, { '{', '{' }, { '.', '.' },
	{ '\\', '\\' }, { '^', '^' }, { '|', '|' }, { '*', '*' }, { '_', '_' },
	{ '/', '/' }, { ',', ',' }, { '}', '}' }, { ':', ':' }, { 'Q', 'q' },
	{ 'E', 'e' }, { 'x', 'X' }, { ' ', ' ' }, { '\t', '\t' },
	{ '\n', '\n' }, { 0xa0, 0xa0 }, { 0x85, 0x85 }, { 0x2028, 0x2028 },
	{ 0x3000, 0x3000 }, { 0x200e, 0x200e }, { 0x1, 0x1 }, { '?', '?' } };

static const char *const spaces[] = { " ", "\n", "\t", "\r\n", "  ", "\xc2\xa0",
	"\xe2\x80\xa8", "\v", "\xc2\x85", "\xe1\xa0\x8e", "\f" };

static void
add_code(struct buf *buf, uint32_t code)
{
	char bytes[4];

	buf_add(buf, bytes, utf8_encode(code, bytes));
}

/* Blanks and comments where they mean nothing. */
static void
grow_nothing(struct grower *grower)
{
	static const char *const everywhere[] = { "", "", "(?#|(a)", "\\E",
		"\\Q\\E", "" };
	static const char *const extended[] = { "", " ", "\t", "#a)(|\n", "\n",
		"\xe2\x80\x8e", "\xc2\x85", "" };

	if (grower->extended)
		buf_text(grower->pattern,
		    extended[pick(grower->choices, COUNT(extended))]);
	else
		buf_text(grower->pattern,
		    everywhere[pick(grower->choices, COUNT(everywhere))]);
}

/* A character as itself, with a backslash where it needs one. */
static void
add_plain(struct grower *grower, uint32_t code)
{
	bool plain = code >= 0x80 || (code >= '0' && code <= '9') ||
	    ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') || code == '_';

	if (grower->extended && code >= 0x80)
		buf_printf(grower->pattern, "\\x{%x}", code);
	else {
		if (!plain)
			buf_char(grower->pattern, '\\');
		add_code(grower->pattern, code);
	}
}

static void
add_in_class(struct grower *grower, uint32_t code)
{
	if (code < 0x80 && strchr("\\]-[^ \t", (int)code) != NULL)
		buf_char(grower->pattern, '\\');
	add_code(grower->pattern, code);
}

/* One character written in one of the ways there are. */
static void
spell(struct grower *grower, uint32_t code)
{
	struct buf *pattern = grower->pattern;

	switch (pick(grower->choices, 12)) {
	case 0:
	case 1:
	case 2:
		add_plain(grower, code);
		break;
	case 3:
		buf_printf(pattern, "\\x{%X}", code);
		break;
	case 4:
		buf_printf(pattern, "\\o{%o}", code);
		break;
	case 5:
		buf_printf(pattern, "\\N{U+%04x}", code);
		break;
	case 6:
		buf_text(pattern, "\\Q");
		add_code(pattern, code);
		buf_text(pattern, "\\E");
		break;
	case 7:
		buf_char(pattern, '[');
		add_in_class(grower, code);
		buf_char(pattern, ']');
		break;
	case 8:
		buf_printf(pattern, code < 0x100 ? "\\x%02x" : "\\x{%x}", code);
		break;
	case 9:
		buf_printf(pattern, code < 0x40 ? "\\0%02o" : "\\x{%x}", code);
		break;
	case 10:
		buf_printf(pattern, "[\\x{%x}-\\x{%x}]",
		    code > 0x81 ? code - 1 : code, code);
		break;
	default:
		if (code < 0x20)
			buf_printf(pattern, "\\c%c", (int)(code | 0x40));
		else
			add_plain(grower, code);
		break;
	}
}

static void
grow_letter(struct grower *grower)
{
	const uint32_t *letter = letters[pick(grower->choices, COUNT(letters))];
	unsigned other = grower->caseless ? pick(grower->choices, 2) : 0;

	spell(grower, letter[0]);
	add_code(grower->subject, letter[other]);
}

/* A class of some characters, with one of them in the text. */
static void
grow_class(struct grower *grower)
{
	static const char *const more[] = { "", "\\d", "[:alpha:]", "a-c", "-",
		"\\s", "\\Qa-b]\\E", "\\]", "[:^space:]", "\\x41", "\\b",
		"[:", "\\p{Lu}", "\\101", "]", "\\S", "\\h", "&&", "\\E",
		"\\cA", "\\w", "\\W", "_", "0-9", "A-Z" };
	const uint32_t *letter = letters[pick(grower->choices, COUNT(letters))];
	unsigned first = pick(grower->choices, 6);
	unsigned other = grower->caseless ? pick(grower->choices, 2) : 0;

	buf_char(grower->pattern, '[');
	if (grower->more)
		buf_text(grower->pattern, " ");
	if (first == 1)
		buf_text(grower->pattern, "]");
	if (first == 2)
		buf_text(grower->pattern, "^\\x{2}");
	for (unsigned n = pick(grower->choices, 4); n > 0 && first != 2; n--)
		buf_text(
		    grower->pattern, more[pick(grower->choices, COUNT(more))]);
	if (first != 2)
		add_in_class(grower, letter[0]);
	buf_char(grower->pattern, ']');
	add_code(grower->subject, letter[other]);
}

/* Pieces, and something that each matches. */
static const struct {
	const char *pattern;
	const char *subject; /* NULL: some white space */
} pieces[] = { { ".", "q" }, { ".", "é" }, { "\\d", "7" }, { "\\d", "٣" },
	{ "\\w", "ä" }, { "\\W", "-" }, { "\\W", " " }, { "\\W", "\xcd\x85" },
	{ "\\W+", " -" }, { "[\\W_]*", "_. " }, { "[^\\w]", "!" },
	{ "[^\\w\\s]", "\xcc\x81" }, { "\\d+", "42" }, { "[a-z0-9]", "7" },
	{ "\\b-", "-" }, { "a\\b", "a" }, { "\\bfoo\\b", "foo" },
	{ "\\ba\\W+b", "a, b" }, { "\\s", NULL }, { "\\s+", NULL },
	{ "\\s*", NULL }, { "\\h", "\t" }, { "\\h", "\xe1\xa0\x8e" },
	{ "\\v", "\xe2\x80\xa9" }, { "\\R", "\r\n" }, { "\\R", "\xc2\x85" },
	{ "\\X", "e\xcc\x81" }, { "\\N", "z" }, { "\\S", "§" },
	{ "\\p{Lu}", "Ω" }, { "\\pL", "ж" }, { "\\P{L}", "9" },
	{ "[^\\S\\n]", "\t" }, { "[[:space:]]", "\xe2\x80\x83" },
	{ "[^a-z]", "-" }, { "\\K", "" }, { "\\b", "" }, { "\\B", "" },
	{ "(?!\\x{2})", "" }, { "(?<!\\x{2}|foo)", "" }, { "(?=)", "" },
	{ "^", "" }, { "$", "" }, { "\\A", "" }, { "\\z", "" }, { "\\Z", "" },
	{ "\\G", "" }, { "(?m:^)", "" }, { "(?m:$)", "" }, { "()", "" },
	{ "foo", "foo" }, { "a{,3}", "a{,3}" }, { "a{ 1}", "a{ 1}" },
	{ "{", "{" }, { "}", "}" }, { "]", "]" }, { "a{1", "a{1" },
	{ "x{0}", "" }, { "(?:foo|bar){0}", "" }, { "[[:<:]]", "" },
	{ "\\x", "" }, { "[0-9]", "5" }, { "(?>a+)", "aaa" }, { "[a-]", "-" },
	{ "(?*q)q", "q" } };

static void
grow_piece(struct grower *grower)
{
	unsigned at = pick(grower->choices, COUNT(pieces));

	buf_text(grower->pattern, pieces[at].pattern);
	if (pieces[at].subject != NULL)
		buf_text(grower->subject, pieces[at].subject);
	else
		buf_text(grower->subject,
		    spaces[pick(grower->choices, COUNT(spaces))]);
}

static void grow_choice(struct grower *grower);

/* Options for the rest of the group, or of one that it opens. */
static void
grow_options(struct grower *grower, char end)
{
	static const char *const options[] = { "i", "-i", "x", "-x", "xx",
		"i-x", "x-i", "^", "^i", "^x", "n", "s-m", "U", "", "-xi",
		"J" };
	const char *chosen = options[pick(grower->choices, COUNT(options))];
	bool set = true;

	buf_printf(grower->pattern, "(?%s%c", chosen, end);
	for (; *chosen != '\0'; chosen++) {
		if (*chosen == '^')
			grower->caseless = grower->extended = grower->more =
			    false;
		else if (*chosen == '-')
			set = false;
		else if (*chosen == 'i')
			grower->caseless = set;
		else if (*chosen == 'x') {
			grower->more = set && chosen[1] == 'x';
			grower->extended = set;
			chosen += chosen[1] == 'x';
		}
	}
}

static void
grow_group(struct grower *grower)
{
	static const char *const openings[] = { "(", "(?:", "(?|", "(?>",
		"(?<n%u>", "(?'n%u'", "(?P<n%u>", "(?:", "" };
	struct grower outer = *grower;
	unsigned kind = pick(grower->choices, COUNT(openings));

	if (kind == COUNT(openings) - 1)
		grow_options(grower, ':');
	else if (strchr(openings[kind], '%') != NULL)
		buf_printf(grower->pattern, "(?<n%u>", grower->names++);
	else
		buf_text(grower->pattern, openings[kind]);
	grow_choice(grower);
	buf_char(grower->pattern, ')');
	grower->caseless = outer.caseless;
	grower->extended = outer.extended;
	grower->more = outer.more;
}

/* What looks ahead, and then something that matches whatever that saw. */
static void
grow_look(struct grower *grower)
{
	struct grower outer = *grower;

	buf_text(grower->pattern, "(?=");
	grow_choice(grower);
	buf_text(grower->pattern, ")(?s:.*)");
	grower->caseless = outer.caseless;
	grower->extended = outer.extended;
	grower->more = outer.more;
}

static void
grow_item(struct grower *grower)
{
	unsigned kind = pick(grower->choices, 16);

	if (grower->depth >= DEPTH || grower->pattern->length > PATTERN_MOST)
		kind = 0;
	grower->depth++;
	if (kind < 6)
		grow_letter(grower);
	else if (kind < 8)
		grow_class(grower);
	else if (kind < 11)
		grow_piece(grower);
	else if (kind < 14)
		grow_group(grower);
	else if (kind < 15)
		grow_options(grower, ')');
	else
		grow_look(grower);
	grower->depth--;
}

/* What the item matched, so many times. */
static void
grow_repeat(struct grower *grower, size_t from)
{
	static const struct {
		const char *sign;
		unsigned min, max;
	} all[] = { { "?", 0, 1 }, { "*", 0, 3 }, { "+", 1, 3 },
		{ "{2}", 2, 2 }, { "{0,2}", 0, 2 }, { "{1,3}", 1, 3 },
		{ "{2,}", 2, 4 }, { "{0}", 0, 0 }, { "{12}", 12, 12 },
		{ "{1,}", 1, 2 } };
	static const char *const signs[] = { "", "", "?", "+" };
	unsigned at = pick(grower->choices, COUNT(all));
	unsigned n = all[at].min +
	    pick(grower->choices, all[at].max - all[at].min + 1);
	struct buf *subject = grower->subject;
	size_t length = subject->length - from;

	grow_nothing(grower);
	buf_text(grower->pattern, all[at].sign);
	buf_text(grower->pattern, signs[pick(grower->choices, COUNT(signs))]);
	if (n == 0) {
		subject->length = from;
		subject->text[from] = '\0';
	}
	for (; n > 1 && subject->length + length < SUBJECT_MOST; n--) {
		char *again = mem_copy_n(subject, subject->text + from, length);

		buf_add(subject, again, length);
		talloc_free(again);
	}
}

static void
grow_sequence(struct grower *grower)
{
	for (unsigned n = pick(grower->choices, 8); n-- > 0;) {
		size_t from = grower->subject->length;
		size_t at = grower->pattern->length;

		grow_item(grower);
		if (pick(grower->choices, 4) == 3 &&
		    grower->pattern->length > at)
			grow_repeat(grower, from);
		grow_nothing(grower);
	}
}

/* Branches, one of which goes into the text. */
static void
grow_choice(struct grower *grower)
{
	static const unsigned counts[] = { 1, 1, 2, 3 };
	unsigned n = counts[pick(grower->choices, COUNT(counts))];
	unsigned chosen = pick(grower->choices, n);

	for (unsigned i = 0; i < n; i++) {
		size_t from = grower->subject->length;

		if (i > 0)
			buf_char(grower->pattern, '|');
		grow_sequence(grower);
		if (i != chosen) {
			grower->subject->length = from;
			grower->subject->text[from] = '\0';
		}
	}
}

void
grow_pattern(struct choices *choices, unsigned flags, struct buf *pattern,
    struct buf *subject)
{
	struct grower grower = { .choices = choices,
		.pattern = pattern,
		.subject = subject,
		.caseless = (flags & REGEX_I) != 0,
		.extended = (flags & REGEX_X) != 0 };
	static const char *const around[] = { "", "", " ", "a", "foo\n", "." };

	buf_text(subject, around[pick(choices, COUNT(around))]);
	grow_choice(&grower);
	buf_text(subject, around[pick(choices, COUNT(around))]);
}

static void walk_node(const struct pattern *pattern, uint16_t at,
    struct choices *choices, struct buf *subject);

static void
walk_code(uint32_t code, struct choices *choices, struct buf *subject)
{
	if (code == ' ') {
		buf_text(subject, spaces[pick(choices, COUNT(spaces))]);
		return;
	}
	for (size_t i = 0; i < COUNT(letters); i++) {
		if (letters[i][0] == code && pick(choices, 3) == 2)
			code = letters[i][1];
	}
	if (code >= 'a' && code <= 'z' && pick(choices, 3) == 1)
		code -= 'a' - 'A';
	add_code(subject, code);
}

static void
walk_children(const struct pattern *pattern, uint16_t at,
    struct choices *choices, struct buf *subject)
{
	for (; at != 0; at = pattern->nodes[at].next)
		walk_node(pattern, at, choices, subject);
}

static uint16_t
branch_of(const struct pattern *pattern, uint16_t at, struct choices *choices)
{
	unsigned n = 0;

	for (uint16_t i = at; i != 0; i = pattern->nodes[i].next)
		n++;
	for (n = pick(choices, n); n > 0; n--)
		at = pattern->nodes[at].next;
	return at;
}

static void
walk_node(const struct pattern *pattern, uint16_t at, struct choices *choices,
    struct buf *subject)
{
	static const char *const any[] = { "a", "", "1", "é", " ", "-", "\n",
		"Z", "aa1", "٣", "_" };
	const struct pattern_node *node = &pattern->nodes[at];
	unsigned n;

	if (subject->length > SUBJECT_MOST)
		return;
	switch ((enum pattern_kind)node->kind) {
	case PATTERN_LETTER:
		walk_code(node->code, choices, subject);
		break;
	case PATTERN_CLASS:
		n = pick(choices, node->n);
		walk_code(pattern->codes[node->child + n], choices, subject);
		break;
	case PATTERN_ANY:
		buf_text(subject, any[pick(choices, COUNT(any))]);
		break;
	case PATTERN_SEQUENCE:
		walk_children(pattern, node->child, choices, subject);
		break;
	case PATTERN_CHOICE:
		walk_node(pattern, branch_of(pattern, node->child, choices),
		    choices, subject);
		break;
	case PATTERN_REPEAT:
		n = node->max - node->min;
		n = node->min + pick(choices, n < 3 ? n + 1 : 4);
		for (; n > 0 && subject->length < SUBJECT_MOST; n--)
			walk_node(pattern, node->child, choices, subject);
		break;
	case PATTERN_LOOK:
		if (pick(choices, 2) == 1)
			walk_node(pattern, node->child, choices, subject);
		break;
	case PATTERN_EMPTY:
	case PATTERN_ASSERT:
	case PATTERN_START:
	case PATTERN_END:
		break;
	}
}

void
grow_subject(
    const struct pattern *pattern, struct choices *choices, struct buf *subject)
{
	walk_node(pattern, pattern->root, choices, subject);
}
