/* SPDX-License-Identifier: ISC */
#include "filter/literal_set.h"

#include "base/check.h"

#include <string.h>

/*
 * How rare a byte is in what people write to support, in bits; measured on
 * English and German. In a word the next letter is easier to guess than the
 * first, so letters count a little less than they would alone.
 */
static const unsigned char rarity[128] = {
	[' '] = 1,
	['!'] = 10,
	['"'] = 8,
	['#'] = 12,
	['$'] = 12,
	['%'] = 11,
	['&'] = 11,
	['\''] = 8,
	['('] = 8,
	[')'] = 8,
	['*'] = 11,
	['+'] = 11,
	[','] = 6,
	['-'] = 7,
	['.'] = 5,
	['/'] = 8,
	['0'] = 7,
	['1'] = 7,
	['2'] = 7,
	['3'] = 8,
	['4'] = 8,
	['5'] = 8,
	['6'] = 8,
	['7'] = 8,
	['8'] = 8,
	['9'] = 8,
	[':'] = 7,
	[';'] = 10,
	['<'] = 10,
	['='] = 9,
	['>'] = 10,
	['?'] = 8,
	['@'] = 11,
	['['] = 10,
	['\\'] = 11,
	[']'] = 10,
	['^'] = 14,
	['_'] = 8,
	['`'] = 12,
	['a'] = 3,
	['b'] = 5,
	['c'] = 4,
	['d'] = 4,
	['e'] = 3,
	['f'] = 5,
	['g'] = 5,
	['h'] = 4,
	['i'] = 3,
	['j'] = 8,
	['k'] = 6,
	['l'] = 4,
	['m'] = 5,
	['n'] = 3,
	['o'] = 3,
	['p'] = 5,
	['q'] = 8,
	['r'] = 4,
	['s'] = 4,
	['t'] = 3,
	['u'] = 5,
	['v'] = 6,
	['w'] = 5,
	['x'] = 7,
	['y'] = 5,
	['z'] = 7,
	['{'] = 11,
	['|'] = 12,
	['}'] = 11,
	['~'] = 13,
};

enum { RARITY_CONTROL = 14, RARITY_LEAD = 8, RARITY_FOLLOWING = 4 };

/*
 * Of 'a' and '0', which stand for all letters and numbers in GRAIN_SHAPE, and
 * of ' ', which ends a word in GRAIN_WORDS.
 */
enum { RARITY_LETTER = 0, RARITY_NUMBER = 3, RARITY_EDGE = 3 };

static const char *
bytes_of(const struct pool *pool, struct text text)
{
	return pool->bytes + text.at;
}

static struct text
text_of(const struct pool *pool, struct set set, size_t i)
{
	return pool->texts[set.at + i];
}

struct set
pool_begin(struct pool *pool, enum grain grain)
{
	pool->grain = grain;
	pool->n_bytes = 0;
	pool->n_texts = 1;
	pool->texts[0] = (struct text){ 0, 0 };
	return (struct set){ 0, 1 };
}

struct set
set_made(struct pool *pool, const struct text *texts, size_t n)
{
	struct set set = { (uint16_t)pool->n_texts, (uint16_t)n };

	if (pool->n_texts + n > POOL_TEXTS)
		return (struct set){ 0, 0 };
	memcpy(pool->texts + pool->n_texts, texts, n * sizeof *texts);
	pool->n_texts += n;
	return set;
}

struct set
set_of(struct pool *pool, const char *bytes, size_t length)
{
	struct text text = { (uint16_t)pool->n_bytes, (uint16_t)length };

	CHECK(length <= LITERAL_MAX);
	if (pool->n_bytes + length > POOL_BYTES)
		return (struct set){ 0, 0 };
	memcpy(pool->bytes + pool->n_bytes, bytes, length);
	pool->n_bytes += length;
	return set_made(pool, &text, 1);
}

static bool
is_same(const struct pool *pool, struct text a, struct text b)
{
	return a.length == b.length &&
	    memcmp(bytes_of(pool, a), bytes_of(pool, b), a.length) == 0;
}

static bool
is_among(const struct pool *pool, struct text text, const struct text *texts,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_same(pool, text, texts[i]))
			return true;
	}
	return false;
}

bool
set_add(const struct pool *pool, struct set b, struct text *texts, size_t *n)
{
	for (size_t i = 0; i < b.n; i++) {
		if (is_among(pool, text_of(pool, b, i), texts, *n))
			continue;
		if (*n == SET_MAX)
			return false;
		texts[(*n)++] = text_of(pool, b, i);
	}
	return true;
}

/* b behind a; two spaces that meet are one. False if there is no room. */
static bool
text_join(struct pool *pool, struct text a, struct text b, struct text *ret)
{
	if (a.length > 0 && b.length > 0 &&
	    bytes_of(pool, a)[a.length - 1] == ' ' &&
	    *bytes_of(pool, b) == ' ') {
		b.at++;
		b.length--;
	}
	if (a.length == 0 || b.length == 0) {
		*ret = a.length == 0 ? b : a;
		return true;
	}
	ret->at = a.at;
	ret->length = a.length + b.length;
	if (ret->length > LITERAL_MAX ||
	    pool->n_bytes + ret->length > POOL_BYTES)
		return false;
	/* what lies at the end of the pool grows where it is */
	if ((size_t)a.at + a.length != pool->n_bytes) {
		ret->at = (uint16_t)pool->n_bytes;
		memcpy(
		    pool->bytes + pool->n_bytes, bytes_of(pool, a), a.length);
		pool->n_bytes += a.length;
	}
	memcpy(pool->bytes + pool->n_bytes, bytes_of(pool, b), b.length);
	pool->n_bytes += b.length;
	return true;
}

struct set
set_cross(struct pool *pool, struct set a, struct set b)
{
	const struct set none = { 0, 0 };
	struct text made[SET_MAX];
	size_t n = 0;

	if (a.n * b.n > SET_MAX || a.n == 0 || b.n == 0)
		return none;
	if (set_is_empty_text(pool, a) || set_is_empty_text(pool, b))
		return set_is_empty_text(pool, a) ? b : a;
	for (size_t i = 0; i < a.n; i++) {
		for (size_t j = 0; j < b.n; j++) {
			struct text one;

			if (!text_join(pool, text_of(pool, a, i),
				text_of(pool, b, j), &one))
				return none;
			if (!is_among(pool, one, made, n))
				made[n++] = one;
		}
	}
	return set_made(pool, made, n);
}

bool
set_is_empty_text(const struct pool *pool, struct set set)
{
	return set.n == 1 && text_of(pool, set, 0).length == 0;
}

bool
set_is_space(const struct pool *pool, struct set set)
{
	for (size_t i = 0; i < set.n; i++) {
		struct text text = text_of(pool, set, i);

		if (text.length > 1 ||
		    (text.length == 1 && *bytes_of(pool, text) != ' '))
			return false;
	}
	return true;
}

size_t
set_least(const struct pool *pool, struct set set)
{
	size_t least = LITERAL_MAX;

	for (size_t i = 0; i < set.n; i++) {
		if (text_of(pool, set, i).length < least)
			least = text_of(pool, set, i).length;
	}
	return least;
}

static bool
is_within(const struct pool *pool, struct text in, struct text what)
{
	return what.length <= in.length &&
	    memmem(bytes_of(pool, in), in.length, bytes_of(pool, what),
		what.length) != NULL;
}

bool
set_implies(const struct pool *pool, struct set a, struct set b)
{
	for (size_t i = 0; i < a.n; i++) {
		bool one = false;

		for (size_t j = 0; j < b.n && !one; j++)
			one = is_within(
			    pool, text_of(pool, a, i), text_of(pool, b, j));
		if (!one)
			return false;
	}
	return true;
}

struct set
set_reduced(struct pool *pool, struct set set)
{
	struct text left[SET_MAX];
	size_t n = 0;

	for (size_t i = 0; i < set.n; i++) {
		struct text text = text_of(pool, set, i);
		bool needed = true;

		for (size_t j = 0; j < set.n && needed; j++)
			needed = i == j ||
			    text_of(pool, set, j).length == text.length ||
			    !is_within(pool, text, text_of(pool, set, j));
		if (needed)
			left[n++] = text;
	}
	return n == set.n ? set : set_made(pool, left, n);
}

static int
byte_bits(enum grain grain, unsigned char c)
{
	if (grain == GRAIN_SHAPE && (c == 'a' || c == '0'))
		return c == 'a' ? RARITY_LETTER : RARITY_NUMBER;
	if (grain == GRAIN_WORDS && c == ' ')
		return RARITY_EDGE;
	if (c >= 0xc0)
		return RARITY_LEAD;
	if (c >= 0x80)
		return RARITY_FOLLOWING;
	return rarity[c] == 0 ? RARITY_CONTROL : rarity[c];
}

static int
text_bits(const struct pool *pool, struct text text)
{
	const char *bytes = bytes_of(pool, text);
	int bits = 0;

	for (size_t i = 0; i < text.length; i++)
		bits += byte_bits(pool->grain, (unsigned char)bytes[i]);
	return bits;
}

bool
set_is_grained(const struct pool *pool, struct set set)
{
	char mark = pool->grain == GRAIN_SHAPE ? '0' : ' ';

	for (size_t i = 0; i < set.n; i++) {
		struct text text = text_of(pool, set, i);

		if (text.length < NEED_GRAIN_LEAST ||
		    memchr(bytes_of(pool, text), mark, text.length) == NULL)
			return false;
	}
	return true;
}

/* The commonest decides, and each doubling of their number costs a bit. */
int
set_bits(const struct pool *pool, struct set set)
{
	int least = 1 << 14;

	if (set_least(pool, set) <= 1) {
		for (size_t i = 0; i < set.n; i++) {
			struct text text = text_of(pool, set, i);

			if (text.length == 0 ||
			    (text.length == 1 && *bytes_of(pool, text) == ' '))
				return -1;
		}
	}
	for (size_t i = 0; i < set.n; i++) {
		int bits = text_bits(pool, text_of(pool, set, i));

		if (bits < least)
			least = bits;
	}
	for (size_t n = set.n; n > 1; n = (n + 1) / 2)
		least--;
	return least;
}
