/* SPDX-License-Identifier: ISC */
#include "filter/grain.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "filter/letters.h"

#include <string.h>

enum { IOTA = 0x3b9, ASCII = 0x80 };

static bool
is_of_word(uint32_t code)
{
	return code != '_' && letter_is_word(code);
}

static uint32_t
shape_of(uint32_t folded)
{
	if (folded < ASCII && folded >= 'a')
		return folded <= 'z' ? 'a' : folded;
	if (!is_of_word(folded))
		return folded;
	return letter_is_letter(folded) ? 'a' : '0';
}

uint32_t
grain_of(enum grain grain, uint32_t folded)
{
	if (grain == GRAIN_FOLDED)
		return folded;
	if (folded == IOTA)
		return GRAIN_UNKNOWN;
	if (grain == GRAIN_SHAPE)
		return shape_of(folded);
	return is_of_word(folded) ? folded : ' ';
}

/* A character of the text may be folded to a letter without being one. */
static void
words_set(struct word_text *ret, const struct word_text *folded)
{
	bool space = true;
	size_t n = 0;

	ret->folded[n++] = ' ';
	for (size_t i = 0; i < folded->length; i++) {
		char c = folded->folded[i];
		bool is_word = folded->kinds[i] != 0 && c != '_';

		if (!is_word && space)
			continue;
		space = !is_word;
		ret->folded[n++] = is_word ? c : ' ';
	}
	if (!space)
		ret->folded[n++] = ' ';
	ret->length = n;
}

static void
shape_set(struct word_text *ret, const struct word_text *folded)
{
	size_t n = 0;

	for (size_t i = 0; i < folded->length;) {
		unsigned char c = (unsigned char)folded->folded[i];
		uint32_t code = c;
		size_t length = 1;

		if (c >= ASCII)
			length = utf8_decode(
			    folded->folded + i, folded->length - i, &code);
		n += utf8_encode(shape_of(code), ret->folded + n);
		i += length > 0 ? length : 1;
	}
	ret->length = n;
}

void
grain_text_set(void *owner, struct word_text *ret, enum grain grain,
    const struct word_text *folded)
{
	size_t room = folded->length + 2 + WORD_TEXT_ROOM;

	if (ret->folded == NULL || talloc_get_size(ret->folded) < room) {
		talloc_free(ret->folded);
		ret->folded = mem_array(owner, char, (unsigned)room);
	}
	if (grain == GRAIN_WORDS)
		words_set(ret, folded);
	else
		shape_set(ret, folded);
}
