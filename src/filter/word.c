/* SPDX-License-Identifier: ISC */
#include "filter/word.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/letters.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

/* Kinds of characters, as bits. */
enum { KIND_WORD = 1, KIND_UNSPACED = 2 };

enum { ASCII = 0x80 };

struct word {
	unsigned short length;
	unsigned short grams[2]; /* of its first and last three bytes */
	unsigned char first, last; /* kinds of the characters at its ends */
	char folded[];
};

static unsigned char
kind_of(uint32_t code)
{
	if (!letter_is_word(code))
		return 0;
	return KIND_WORD | (letter_is_unspaced(code) ? KIND_UNSPACED : 0);
}

unsigned short
word_gram(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;
	uint32_t three = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16;

	return (unsigned short)((three * UINT32_C(2654435761)) >> 17);
}

/*
 * Folds one character at text to out, which has room for 4 bytes. A white
 * space after another gives nothing.
 */
static size_t
fold(const char *text, size_t length, bool *space, char out[4], size_t *folded)
{
	uint32_t code = 0;
	size_t n = utf8_decode(text, length, &code);
	bool is_space = letter_is_space(code);

	if (is_space)
		out[0] = ' ';
	if (is_space)
		*folded = *space ? 0 : 1;
	else
		*folded = utf8_encode(letter_folded(code), out);
	*space = is_space;
	return n > 0 ? n : 1;
}

/*
 * Nearly all of a text is ASCII, whose characters fold to one byte each, so
 * what the three functions say of them stands in a table.
 */
struct ascii {
	char folded;
	unsigned char kind;
	bool space;
};

static struct ascii ascii_table[ASCII];
static pthread_once_t ascii_once = PTHREAD_ONCE_INIT;

static void
ascii_make_table(void)
{
	for (uint32_t code = 0; code < ASCII; code++) {
		bool space = letter_is_space(code);

		CHECK(letter_folded(code) < ASCII);
		ascii_table[code] = (struct ascii){
			.folded = space ? ' ' : (char)letter_folded(code),
			.kind = kind_of(code),
			.space = space,
		};
	}
}

size_t
word_room(const char *text)
{
	size_t length = strlen(text), wide = 0;

	/* folding may make three bytes of two, not more, and none of one */
	for (size_t i = 0; i < length; i++)
		wide += (unsigned char)text[i] >= ASCII;
	return sizeof(struct word) + length + wide / 2;
}

struct word *
word_put(void *room, const char *text)
{
	struct word *word = room;
	size_t length = strlen(text), n = 0;
	bool space = false;

	*word = (struct word){ 0 };
	for (size_t at = 0; at < length;) {
		uint32_t code = 0;
		size_t folded;

		(void)utf8_decode(text + at, length - at, &code);
		word->last = kind_of(code);
		if (at == 0)
			word->first = word->last;
		at += fold(
		    text + at, length - at, &space, word->folded + n, &folded);
		n += folded;
	}
	CHECK(n <= USHRT_MAX); /* of at most FILTER_MAX bytes */
	word->length = (unsigned short)n;
	if (n >= 3) {
		word->grams[0] = word_gram(word->folded);
		word->grams[1] = word_gram(word->folded + n - 3);
	}
	return word;
}

struct word *
word_new(void *owner, const char *text)
{
	void *room = mem_size(owner, word_room(text));

	talloc_set_name_const(room, "struct word");
	return word_put(room, text);
}

struct span
word_folded(const struct word *word)
{
	return (struct span){ word->folded, word->length };
}

/* The characters of ASCII at the start of text; how many they are. */
static size_t
fold_ascii(struct word_text *ret, const char *text, size_t length, bool *space)
{
	size_t at = 0, n = ret->length;

	for (; at < length && (unsigned char)text[at] < ASCII; at++) {
		const struct ascii *c = &ascii_table[(unsigned char)text[at]];

		if (c->space && *space)
			continue;
		*space = c->space;
		ret->folded[n] = c->folded;
		ret->kinds[n++] = c->kind;
	}
	ret->length = n;
	return at;
}

static size_t
fold_one(struct word_text *ret, const char *text, size_t length, bool *space)
{
	uint32_t code = 0;
	size_t folded, n;

	(void)utf8_decode(text, length, &code);
	n = fold(text, length, space, ret->folded + ret->length, &folded);
	memset(ret->kinds + ret->length, kind_of(code), folded);
	ret->length += folded;
	return n;
}

void
word_grams_add(struct word_grams *grams, const struct word_text *text)
{
	for (size_t i = 0; i + 3 <= text->length; i++) {
		unsigned short g = word_gram(text->folded + i);

		grams->bits[g / 64] |= UINT64_C(1) << g % 64;
	}
}

void
word_text_set(void *owner, struct word_text *ret, const char *text,
    size_t length, struct word_grams *grams)
{
	size_t room = length * 3 / 2 + WORD_TEXT_ROOM;
	bool space = false;

	(void)pthread_once(&ascii_once, ascii_make_table);
	if (ret->folded == NULL || talloc_get_size(ret->folded) < room) {
		talloc_free(ret->folded);
		talloc_free(ret->kinds);
		ret->folded = mem_array(owner, char, room);
		ret->kinds = mem_array(owner, unsigned char, room);
	}
	ret->length = 0;
	for (size_t at = 0; at < length;) {
		at += fold_ascii(ret, text + at, length - at, &space);
		if (at < length)
			at += fold_one(ret, text + at, length - at, &space);
	}
	word_grams_add(grams, ret);
}

bool
word_may_be_in(const struct word *word, const struct word_grams *grams)
{
	unsigned short a = word->grams[0], b = word->grams[1];

	return word->length < 3 ||
	    ((grams->bits[a / 64] >> a % 64 & 1) != 0 &&
		(grams->bits[b / 64] >> b % 64 & 1) != 0);
}

/* May the two stand side by side where a word ends? */
static bool
is_edge(unsigned char own, unsigned char beside)
{
	return (own & beside & KIND_WORD) == 0 ||
	    ((own | beside) & KIND_UNSPACED) != 0;
}

enum { EDGES_LAST = 2, EDGES = 1 << 4 }; /* first and last, two bits each */

unsigned char
word_edges(const struct word *word)
{
	return (unsigned char)(EDGES | word->last << EDGES_LAST | word->first);
}

bool
word_edges_hold(
    unsigned char edges, size_t length, const struct word_text *text, size_t at)
{
	size_t end = at + length;
	unsigned char first = edges & 3, last = edges >> EDGES_LAST & 3;

	return (at == 0 || is_edge(first, text->kinds[at - 1])) &&
	    (end == text->length || is_edge(last, text->kinds[end]));
}

static bool
has_edges(const struct word *word, const struct word_text *text, size_t at)
{
	return word_edges_hold(word_edges(word), word->length, text, at);
}

/*
 * Knuth, Morris, Pratt: all places from one on, in linear time whatever word
 * and text are. borders[i] is the longest border of the first i bytes.
 */
static bool
is_in_from(const struct word *word, const struct word_text *text, size_t from)
{
	unsigned short *borders = mem_array(
	    NULL, unsigned short, word->length + 1);
	const char *w = word->folded;
	size_t n = 0;
	bool found = false;

	for (size_t i = 1; i < word->length; i++) {
		while (n > 0 && w[i] != w[n])
			n = borders[n];
		n += w[i] == w[n];
		borders[i + 1] = (unsigned short)n;
	}
	n = 0;
	for (size_t i = from; i < text->length && !found; i++) {
		while (n > 0 && text->folded[i] != w[n])
			n = borders[n];
		n += text->folded[i] == w[n];
		if (n == word->length) {
			found = has_edges(word, text, i + 1 - n);
			n = borders[n];
		}
	}
	talloc_free(borders);
	return found;
}

bool
word_is_in(const struct word *word, const struct word_text *text)
{
	const char *at;
	size_t first;

	if (word->length > text->length)
		return false;
	at = memmem(text->folded, text->length, word->folded, word->length);
	if (at == NULL)
		return false;
	first = (size_t)(at - text->folded);
	return has_edges(word, text, first) ||
	    is_in_from(word, text, first + 1);
}
