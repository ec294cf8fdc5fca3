/* SPDX-License-Identifier: ISC */
/*
 * There are some 17,000 real regexes. A larger crowd has to be derived so that
 * its regexes stay what people write, in their forms and in how often they are
 * found (few often, most never):
 *
 * - 35 %: a real regex in which each literal of four letters and more is
 *   replaced by a word of the incidents, of the same class of length. Its form
 *   stays: groups, classes, gaps, options, anchors.
 * - 15 %: one alternative each of two real regexes, as an alternation, one of
 *   the two with its literals replaced.
 * - 50 %: a form that people write often, from the table below, filled with
 *   words of the incidents. About one in forty of them has no literal.
 *
 * The words are those of word_drawn(): half of them by how often they occur
 * (but none that stands in more than 2 % of the incidents), the other half
 * from all words alike, most of which are rare. Half of the forms of the table
 * are written with the flag i.
 */
#include "regex_crowd.h"

#include <string.h>

/*
 * @w is a word; @a and @b are two words in a row of some text; @s is a word
 * without its last letter, @l a letter, @n a number of 2 to 9, @m of 10 to 99.
 */
static const struct {
	unsigned weight;
	const char *form;
} forms[] = {
	{ 140, "\\b@w\\b" },
	{ 70, "@a[- ]?@b" },
	{ 60, "\\b@a\\W+@b\\b" },
	{ 60, "@a\\s+@b" },
	{ 50, "@a.*@w" },
	{ 50, "@w.{0,@m}@w" },
	{ 50, "@w|@w" },
	{ 60, "@w|@w|@w" },
	{ 40, "(@w|@w) (@w|@w)" },
	{ 50, "@s(@l|@l)s?" },
	{ 40, "\\b@w(ed|ing|s)?\\b" },
	{ 30, "\\b@s\\w*\\b" },
	{ 30, "@w[^.]*(fail|error|crash)" },
	{ 30, "(can't|cannot|unable to) @w" },
	{ 30, "@w \\d{@n,}" },
	{ 25, "@w v?\\d+\\.\\d+" },
	{ 25, "@w-?\\d+" },
	{ 20, "error \\d{@n}.*@w" },
	{ 25, "^Re: @w" },
	{ 25, "^@w" },
	{ 20, "@w$" },
	{ 20, "https?:\\/\\/(www\\.)?@w\\.(com|org|net)" },
	{ 20, "@w\\.(exe|dll|log|js(on)?)\\b" },
	/* with its anchor: else each would take as long as a hundred others */
	{ 20, "^(?=.*\\b@w\\b)(?=.*\\b@w\\b)" },
	{ 10, "@w(?! @w)" },
	/* without a literal */
	{ 6, "\\b\\d{@n}[-.: ]\\d{@n}\\b" },
	{ 6, "\\bv?\\d{@n,@m}\\.\\d+\\.\\d{@n}\\b" },
	{ 6, "\\b[A-Z]{@n,}-?\\d{@n,@m}\\b" },
	{ 6, "[@l@l]{@n}\\d+[@l@l]" },
};

enum { FORMS = sizeof forms / sizeof *forms, LETTERS = 4, PIECE = 100 };

static const char *
form_drawn(struct dice *dice)
{
	unsigned sum = 0;
	size_t at, i;

	for (i = 0; i < FORMS; i++)
		sum += forms[i].weight;
	at = dice_below(dice, sum);
	for (i = 0; at >= forms[i].weight; i++)
		at -= forms[i].weight;
	return forms[i].form;
}

/* The words of a pair, lower-case where they are ASCII. */
static void
add_word(struct buf *buf, struct span word)
{
	for (size_t i = 0; i < word.length; i++) {
		char c = word.text[i];

		buf_char(buf, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
}

static void
add_stem(struct buf *buf, const char *word)
{
	size_t n = strlen(word);

	if (n > 3 && (word[n - 1] & 0x80) == 0)
		n--;
	buf_add(buf, word, n);
}

static void
form_fill(struct buf *buf, const struct corpus *corpus, struct dice *dice)
{
	const char *form = form_drawn(dice);
	struct span pair = words_drawn(corpus, dice, 2);
	size_t at = 0;

	for (; *form != '\0'; form++) {
		if (*form != '@') {
			buf_char(buf, *form);
			continue;
		}
		switch (*++form) {
		case 'w':
			buf_text(buf, word_drawn(corpus, dice));
			break;
		case 's':
			add_stem(buf, word_drawn(corpus, dice));
			break;
		case 'a':
		case 'b':
			add_word(buf, word_next(pair.text, pair.length, &at));
			break;
		case 'l':
			buf_char(buf, (char)('a' + dice_below(dice, 26)));
			break;
		case 'n':
			buf_printf(buf, "%zu", 2 + dice_below(dice, 8));
			break;
		case 'm':
			buf_printf(buf, "%zu", 10 + dice_below(dice, 90));
			break;
		}
	}
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The end of what begins at the byte at and holds no literal, or at. */
static size_t
syntax_end(const char *regex, size_t length, size_t at)
{
	static const char closing[] = { '[', ']', '{', '}', '<', '>' };
	size_t end = at;

	if (regex[at] == '\\') {
		end = at + 2; /* \d, \x41, \p{Lu}, \Q */
		while (end < length && is_letter(regex[end]) &&
		    (regex[at + 1] == 'x' || regex[at + 1] == 'Q'))
			end++;
		return end < length ? end : length;
	}
	if (regex[at] == '(' && at + 1 < length && regex[at + 1] == '?') {
		end = at + 2;
		while (end < length &&
		    (is_letter(regex[end]) || regex[end] == '-' ||
			regex[end] == '^'))
			end++;
		return end;
	}
	for (size_t i = 0; i < sizeof closing; i += 2) {
		if (regex[at] != closing[i])
			continue;
		while (end < length &&
		    (regex[end] != closing[i + 1] || end == at + 1))
			end += regex[end] == '\\' ? 2 : 1;
		return end < length ? end + 1 : length;
	}
	return at;
}

/* The regex with other words for its literals. */
static void
add_replaced(struct buf *buf, struct span regex, const struct corpus *corpus,
    struct dice *dice)
{
	size_t at = 0;

	while (at < regex.length) {
		size_t end = syntax_end(regex.text, regex.length, at);
		bool is_syntax = end > at;

		while (!is_syntax && end < regex.length &&
		    is_letter(regex.text[end]))
			end++;
		if (!is_syntax && end - at >= LETTERS)
			buf_text(buf,
			    word_drawn_of_class(
				corpus, dice, word_class(end - at)));
		else
			buf_add(buf, regex.text + at, end > at ? end - at : 1);
		at = end > at ? end : at + 1;
	}
}

static const char *
real_drawn(const struct corpus *corpus, struct dice *dice)
{
	return corpus->regexes[dice_below(dice, corpus->n_regexes)];
}

/* The options at the beginning of a regex: "(?i)". */
static size_t
options_length(const char *regex)
{
	size_t n = strspn(regex, "(?imsx)");

	return strncmp(regex, "(?", 2) == 0 && n > 2 && regex[n - 1] == ')' &&
		strcspn(regex, ")") == n - 1
	    ? n
	    : 0;
}

/* One alternative of a regex: the last one that begins before a random place */
static struct span
piece_drawn(const char *regex, struct dice *dice)
{
	size_t length = strlen(regex), wanted = dice_below(dice, length + 1);
	size_t from = options_length(regex), at = from, to = length;
	int depth = 0;

	while (at < length) {
		size_t end = regex[at] == '(' ? at
					      : syntax_end(regex, length, at);

		if (end > at) {
			at = end;
			continue;
		}
		depth += (regex[at] == '(') - (regex[at] == ')');
		if (regex[at] == '|' && depth == 0) {
			if (at >= wanted) {
				to = at;
				break;
			}
			from = at + 1;
		}
		at++;
	}
	return (struct span){ regex + from, to - from };
}

static void
add_pieces(struct buf *buf, const struct corpus *corpus, struct dice *dice)
{
	const char *one = real_drawn(corpus, dice);
	const char *other = real_drawn(corpus, dice);
	struct span piece = piece_drawn(one, dice);

	buf_add(buf, one, options_length(one));
	buf_add(buf, piece.text, piece.length < PIECE ? piece.length : 0);
	buf_char(buf, '|');
	piece = piece_drawn(other, dice);
	if (piece.length < PIECE)
		add_replaced(buf, piece, corpus, dice);
}

void
regex_derive(struct buf *buf, const struct corpus *corpus, struct dice *dice)
{
	size_t kind = dice_below(dice, 100);

	buf_char(buf, '/');
	if (kind < 35)
		add_replaced(
		    buf, span_of(real_drawn(corpus, dice)), corpus, dice);
	else if (kind < 50)
		add_pieces(buf, corpus, dice);
	else
		form_fill(buf, corpus, dice);
	buf_char(buf, '/');
	if (kind >= 50 && dice_says(dice, 50))
		buf_char(buf, 'i');
}
