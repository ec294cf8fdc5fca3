/* SPDX-License-Identifier: ISC */
#include "desk/article_row.h"

/*
 * What an article's texts become on their way out: the last part of its
 * address, and what is taken out where nobody has looked at a text before it
 * is published: mail addresses, what looks like a telephone number, and the
 * customer's name. It goes through a text once, from place to place; where one
 * of the three begins it puts "[removed]" and goes on behind it. In doubt it
 * removes: what is missing can be written again, what was read cannot be
 * taken back.
 */

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"
#include "base/utf8.h"
#include "filter/letters.h"

#include <string.h>

enum { SLUG_MAX = 60 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char *
article_slug(void *owner, const struct article *article)
{
	char slug[SLUG_MAX + 1];
	size_t n = 0;
	bool gap = false;

	for (const char *c = article->title; *c != '\0'; c++) {
		bool is_letter = is_ascii_letter(*c);

		if (!is_letter && !is_digit(*c)) {
			gap = n > 0;
			continue;
		}
		if (n + gap >= SLUG_MAX)
			break;
		if (gap)
			slug[n++] = '-';
		gap = false;
		slug[n++] = is_letter ? (char)(*c | 0x20) : *c;
	}
	slug[n] = '\0';
	return mem_copy(owner, n == 0 ? "article" : slug);
}

/* --- mail addresses: each function gives the length of what begins at text */

static bool
is_beyond_ascii(char c)
{
	return (c & 0x80) != 0;
}

static bool
is_domain_character(char c)
{
	return is_ascii_letter(c) || is_digit(c) || c == '-' || c == '.' ||
	    is_beyond_ascii(c);
}

static bool
is_local_character(char c)
{
	return is_domain_character(c) || c == '_' || c == '%' || c == '+';
}

/* A domain has a dot, and a last part that is no number. */
static size_t
domain_length(const char *text)
{
	size_t n = 0, dot;

	while (is_domain_character(text[n]))
		n++;
	while (n > 0) {
		for (dot = n; dot > 0 && text[dot - 1] != '.'; dot--)
			continue;
		if (dot <= 1)
			return 0;
		if (n - dot >= 2 &&
		    (is_ascii_letter(text[dot]) ||
			is_beyond_ascii(text[dot])) &&
		    text[n - 1] != '-')
			return n;
		n = dot - 1;
	}
	return 0;
}

static size_t
mail_length(const char *text)
{
	size_t local = 0, domain;

	while (is_local_character(text[local]))
		local++;
	if (local == 0 || text[local] != '@')
		return 0;
	domain = domain_length(text + local + 1);
	return domain == 0 ? 0 : local + 1 + domain;
}

/* --- telephone numbers */

enum { GROUPS_MAX = 8, DIGITS_LEAST = 7, DIGITS_MOST = 15 };

struct number {
	bool plus, bracket;
	size_t n;
	struct group {
		const char *digits;
		size_t length;
		size_t end; /* from the beginning of the number */
	} groups[GROUPS_MAX];
};

static void
read_groups(const char *text, struct number *ret)
{
	size_t at = 0;

	ret->bracket = text[at] == '(';
	at += ret->bracket;
	ret->plus = text[at] == '+';
	at += ret->plus;
	while (is_digit(text[at]) && ret->n < GROUPS_MAX) {
		struct group *group = &ret->groups[ret->n++];

		group->digits = text + at;
		group->length = strspn(text + at, "0123456789");
		at += group->length;
		group->end = at + (text[at] == ')');
		at += strspn(text + at, " -./()");
		if (at - group->end > 3)
			return;
	}
}

/* The lengths of the first groups, one digit each: "334" is 555-123-4567. */
static bool
has_shape(const struct number *number, size_t n, const char *shape)
{
	if (strlen(shape) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (number->groups[i].length != (size_t)(shape[i] - '0'))
			return false;
	return true;
}

static bool
is_year(const struct group *group)
{
	return strncmp(group->digits, "19", 2) == 0 ||
	    strncmp(group->digits, "20", 2) == 0;
}

static bool
begins_with_date(const struct number *number)
{
	return number->n >= 3 &&
	    ((has_shape(number, 3, "422") && is_year(&number->groups[0])) ||
		(has_shape(number, 3, "224") && is_year(&number->groups[2])));
}

/* Ten digits in a row, or eleven after the 1 of North America. */
static bool
is_bare_number(const struct group *group)
{
	const char *digits = group->digits;

	if (group->length == 11 && digits[0] == '1')
		return digits[1] >= '2';
	return group->length == 10 && digits[0] >= '2';
}

static bool
looks_like_number(const struct number *number, size_t n)
{
	const struct group *first = &number->groups[0];
	size_t digits = 0;

	for (size_t i = 0; i < n; i++)
		digits += number->groups[i].length;
	if (digits < DIGITS_LEAST || digits > DIGITS_MOST)
		return false;
	if (number->plus || (number->bracket && n > 1))
		return true;
	if (first->digits[0] == '0' && first->length >= 2)
		return n > 1 || digits > 8;
	return has_shape(number, n, "334") || has_shape(number, n, "1334") ||
	    has_shape(number, n, "34") || (n == 1 && is_bare_number(first));
}

/* The last group must end where the digits and letters end. */
static bool
ends_after(const char *text, const struct number *number, size_t n)
{
	char next = text[number->groups[n - 1].end];

	return !is_digit(next) && !is_ascii_letter(next) && next != '_';
}

/* *as_is: so many bytes are something else (a date), whatever is in them. */
static size_t
number_length(const char *text, size_t *as_is)
{
	struct number number = { .n = 0 };

	read_groups(text, &number);
	*as_is = 0;
	if (!number.plus && begins_with_date(&number)) {
		*as_is = number.groups[2].end;
		return 0;
	}
	for (size_t n = number.n; n > 0; n--)
		if (looks_like_number(&number, n) &&
		    ends_after(text, &number, n))
			return number.groups[n - 1].end;
	return 0;
}

/* --- names */

struct name {
	struct name_word {
		char *folded;
		size_t letters;
		bool unspaced; /* of a script without spaces */
	} * words;
	size_t n;
};

static uint32_t
character(struct span text, size_t *bytes)
{
	uint32_t code = 0;

	*bytes = text.length == 0 ? 0
				  : utf8_decode(text.text, text.length, &code);
	return *bytes == 0 ? 0 : code;
}

static bool
is_letter(uint32_t code)
{
	return letter_is_letter(code) || letter_is_mark(code);
}

static struct span
behind(struct span text, size_t bytes)
{
	return (struct span){ text.text + bytes, text.length - bytes };
}

/*
 * Bytes of the letters in a row at text, all of a script with spaces or all of
 * one without; *letters counts them.
 */
static size_t
letters_length(struct span text, size_t *letters)
{
	size_t length = 0, bytes;
	uint32_t code = character(text, &bytes);
	bool unspaced = letter_is_unspaced(code);

	*letters = 0;
	while (is_letter(code) && letter_is_unspaced(code) == unspaced) {
		length += bytes;
		(*letters)++;
		code = character(behind(text, length), &bytes);
	}
	return length;
}

static void
name_read(void *owner, const char *text, struct name *ret)
{
	struct span rest = span_of(text);
	size_t bytes;

	while (rest.length > 0) {
		uint32_t code = character(rest, &bytes);
		struct name_word word = { 0 };
		size_t length = letters_length(rest, &word.letters);

		if (length == 0) {
			rest = behind(rest, bytes == 0 ? 1 : bytes);
			continue;
		}
		word.unspaced = letter_is_unspaced(code);
		word.folded = mem_copy_n(owner, rest.text, length);
		word.folded = utf8_folded(owner, word.folded);
		*mem_push(owner, &ret->words, &ret->n) = word;
		rest = behind(rest, length);
	}
}

/* Bytes of that word of the name at text; 0 if it is not there. */
static size_t
word_length(struct span text, const struct name_word *word)
{
	size_t length = strlen(word->folded), letters, bytes;
	char *copy;
	bool same;

	if (word->unspaced)
		return text.length >= length &&
			memcmp(text.text, word->folded, length) == 0
		    ? length
		    : 0;
	if (letter_is_unspaced(character(text, &bytes)))
		return 0;
	length = letters_length(text, &letters);
	copy = mem_copy_n(NULL, text.text, length);
	same = strcmp(utf8_folded(copy, copy), word->folded) == 0;
	talloc_free(copy);
	return same ? length : 0;
}

/* The whole name: all its words, with little between them. */
static size_t
whole_length(struct span text, const struct name *name)
{
	size_t length = 0;

	for (size_t i = 0; i < name->n; i++) {
		size_t word;

		if (i > 0) {
			size_t gap = strspn(text.text + length, " ,.'-_\t\n");

			length += gap > 3 ? 0 : gap;
		}
		word = word_length(behind(text, length), &name->words[i]);
		if (word == 0)
			return 0;
		length += word;
	}
	return length;
}

static size_t
name_length(struct span text, const struct name *name)
{
	enum { LETTERS_LEAST = 3 };
	size_t length = whole_length(text, name);

	for (size_t i = 0; i < name->n && length == 0; i++)
		if (name->words[i].letters >= LETTERS_LEAST)
			length = word_length(text, &name->words[i]);
	return length;
}

/* --- all three */

struct place {
	struct span rest;
	char before; /* the byte before it, ' ' at the beginning */
	bool in_word; /* the letter before it is of the same word */
};

/* Bytes to remove at a place; *as_is: bytes to keep without a look inside. */
static size_t
private_length(
    const struct place *place, const struct name *name, size_t *as_is)
{
	const char *text = place->rest.text;
	char before = place->before;
	size_t length = 0;

	*as_is = 0;
	if (!is_local_character(before))
		length = mail_length(text);
	if (length == 0 && !place->in_word && !is_digit(before) &&
	    before != '_' &&
	    (is_digit(text[0]) || text[0] == '+' || text[0] == '('))
		length = number_length(text, as_is);
	if (length == 0 && *as_is == 0 && !place->in_word)
		length = name_length(place->rest, name);
	return length;
}

static void
redact(struct buf *out, const char *text, const struct name *name)
{
	struct place place = { .rest = span_of(text), .before = ' ' };

	while (place.rest.length > 0) {
		size_t as_is, bytes, step;
		size_t removed = private_length(&place, name, &as_is);
		uint32_t code = character(place.rest, &bytes);

		step = removed > 0 ? removed : as_is;
		if (step == 0)
			step = bytes == 0 ? 1 : bytes;
		if (removed > 0)
			buf_text(out, "[removed]");
		else
			buf_add(out, place.rest.text, step);
		place.before = place.rest.text[step - 1];
		place.in_word = removed + as_is == 0 && is_letter(code) &&
		    !letter_is_unspaced(code);
		place.rest = behind(place.rest, step);
	}
}

char *
article_redacted(void *owner, const char *text, const char *customer_name)
{
	struct buf *out = buf_new(owner);
	struct name name = { .n = 0 };

	if (customer_name != NULL)
		name_read(out, customer_name, &name);
	redact(out, text, &name);
	return mem_copy(owner, out->text);
}

void
article_redact_tags(struct article *article, const char *customer_name)
{
	size_t kept = 0;

	for (size_t i = 0; i < article->n_tags; i++) {
		char *tag = article->tags[i];
		char *redacted = article_redacted(article, tag, customer_name);

		if (strcmp(tag, redacted) == 0)
			article->tags[kept++] = tag;
	}
	article->n_tags = kept;
}
