/* SPDX-License-Identifier: ISC */
#include "filter/word.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/letters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cmocka.h>

enum { LAST_CODE = 0x10ffff };

static pcre2_code *
compiled(const char *pattern, uint32_t options)
{
	int failed;
	size_t at;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern,
	    PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP | options, &failed,
	    &at, NULL);

	if (code == NULL)
		fail_msg("%s: error %d", pattern, failed);
	return code;
}

static bool
is_match(const pcre2_code *code, const char *text, size_t length)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, NULL);

	pcre2_match_data_free(data);
	assert_true(rc >= 0 || rc == PCRE2_ERROR_NOMATCH);
	return rc >= 0;
}

/* The next character to try: all of the first planes, some of the others. */
static uint32_t
next_code(uint32_t code)
{
	if (code == 0xd7ff)
		return 0xe000;
	return code < 0x20000 ? code + 1 : code + 97;
}

/* Every character there is, against one of our classes. */
static void
compare_class(const char *pattern, bool (*is)(uint32_t), const char *among)
{
	pcre2_code *class = compiled(pattern, 0);
	pcre2_code *asked = compiled(among, 0);

	for (uint32_t code = 1; code <= LAST_CODE; code = next_code(code)) {
		char text[4];
		size_t n;

		n = utf8_encode(code, text);
		if (is_match(asked, text, n) &&
		    is_match(class, text, n) != is(code))
			fail_msg("%s: U+%04X", pattern, code);
	}
	pcre2_code_free(class);
	pcre2_code_free(asked);
}

/* What PCRE2 calls unassigned may be a letter for a newer Unicode. */
static void
classes_are_those_of_pcre2(void **state)
{
	(void)state;
	compare_class("[\\p{L}\\p{N}_]", letter_is_word, "\\P{Cn}");
	compare_class("\\s", letter_is_space, "\\P{Cn}");
	compare_class("[\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}\\p{Lao}"
		      "\\p{Khmer}\\p{Myanmar}]",
	    letter_is_unspaced, "[\\p{L}\\p{N}_]");
}

/* All that have a case, and so all that folding can join. */
static size_t
cased(uint32_t *codes, char *text)
{
	pcre2_code *letter = compiled(
	    "[\\p{L&}\\p{Nl}\\x{345}\\x{24b6}-\\x{24e9}]", 0);
	size_t n = 0;

	for (uint32_t code = 1; code <= LAST_CODE; code = next_code(code)) {
		char one[5] = { 0 };
		size_t length;

		length = utf8_encode(code, one);
		if (!is_match(letter, one, length))
			continue;
		strcat(text, one);
		text += length;
		codes[n++] = code;
	}
	pcre2_code_free(letter);
	return n;
}

static void
folding_is_that_of_pcre2(void **state)
{
	uint32_t *codes = calloc(20000, sizeof *codes);
	char *all = calloc(20000, 5);
	size_t n = cased(codes, all);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char pattern[16];
		size_t at = 0, equal = 0, folded = 0;
		pcre2_code *code;
		const size_t *found;

		(void)snprintf(pattern, sizeof pattern, "\\x{%x}", codes[i]);
		code = compiled(pattern, PCRE2_CASELESS);
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
		while (pcre2_match(code, (PCRE2_SPTR)all, strlen(all), at,
			   PCRE2_NO_UTF_CHECK, data, NULL) >= 0) {
			uint32_t other = 0;

			found = pcre2_get_ovector_pointer(data);
			(void)utf8_decode(all + found[0], 4, &other);
			if (letter_folded(other) != letter_folded(codes[i]))
				fail_msg("U+%04X is U+%04X for PCRE2 only",
				    codes[i], other);
			equal++;
			at = found[1];
		}
		for (size_t j = 0; j < n; j++)
			folded += letter_folded(codes[j]) ==
			    letter_folded(codes[i]);
		if (equal != folded)
			fail_msg(
			    "U+%04X: %zu, PCRE2 %zu", codes[i], folded, equal);
		pcre2_code_free(code);
	}
	pcre2_match_data_free(data);
	free(codes);
	free(all);
}

#define UNSPACED                                                        \
	"\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}\\p{Lao}\\p{Khmer}" \
	"\\p{Myanmar}"

/* The contract, as a pattern: barnraise-filter(7), Word, phrase. */
static char *
pattern_of(void *owner, const char *word)
{
	struct buf *buf = buf_new(owner);
	size_t length = strlen(word), n;
	uint32_t first = 0, last = 0;

	for (size_t at = 0; at < length; at += n) {
		n = utf8_decode(word + at, length - at, &last);
		if (at == 0)
			first = last;
		if (letter_is_space(last))
			buf_text(buf, "\\s+");
		else
			buf_printf(buf, "\\x{%x}", last);
	}
	return mem_printf(owner, "%s%s%s",
	    letter_is_word(first) && !letter_is_unspaced(first)
		? "(?<!(?![" UNSPACED "])[\\p{L}\\p{N}_])"
		: "",
	    buf->text,
	    letter_is_word(last) && !letter_is_unspaced(last)
		? "(?!(?![" UNSPACED "])[\\p{L}\\p{N}_])"
		: "");
}

static bool
is_in(void *owner, const char *word, const char *text)
{
	static struct word_grams grams;
	struct word_text ready = { 0 };
	struct word *w = word_new(owner, word);
	bool in;

	memset(&grams, 0, sizeof grams);
	word_text_set(owner, &ready, text, strlen(text), &grams);
	in = word_is_in(w, &ready);
	if (in)
		assert_true(word_may_be_in(w, &grams));
	return in;
}

static void
compare(void *owner, const char *word, const char *text)
{
	pcre2_code *code = compiled(pattern_of(owner, word), PCRE2_CASELESS);

	if (is_match(code, text, strlen(text)) != is_in(owner, word, text))
		fail_msg("\"%s\" in \"%s\"", word, text);
	pcre2_code_free(code);
}

static const char *const pieces[] = { "a", "A", "b", "ab", "aba", "ß", "ẞ", "ſ",
	"S", "s", "K", "k", "σ", "ς", "Σ", "ι", "\xcd\x85", "İ", "i", "ı", "登",
	"录", "ー", "ア", "ไ", "ท", "ย", "1", "_", "-", ".", "+", " ", "  ",
	"\t", "\n", "\xc2\xa0", "\xe2\x80\x83", "é", "É", "😀", "Ⅷ", "ⅷ", "Ⱥ",
	"ⱥ" };

static char *
random_text(void *owner, unsigned *seed, unsigned most)
{
	struct buf *buf = buf_new(owner);
	unsigned n = 1 + (unsigned)rand_r(seed) % most;
	/* few different pieces: so that more is found */
	unsigned from = (unsigned)rand_r(seed) %
	    (sizeof pieces / sizeof *pieces);
	unsigned width = 1 + (unsigned)rand_r(seed) % 8;

	while (n-- > 0)
		buf_text(buf,
		    pieces[(from + (unsigned)rand_r(seed) % width) %
			(sizeof pieces / sizeof *pieces)]);
	return buf->text;
}

/* A word cut out of a text, so that it is often there. */
static char *
random_word(void *owner, unsigned *seed, const char *text)
{
	size_t length = strlen(text);
	size_t from = utf8_cut(
	    text, length, (size_t)rand_r(seed) % (length + 1));
	size_t to = utf8_cut(
	    text, length, from + 1 + (size_t)rand_r(seed) % 12);
	char *word = rand_r(seed) % 4 == 0
	    ? utf8_one_line(owner, random_text(owner, seed, 3))
	    : utf8_one_line(owner,
		  mem_copy_n(owner, text + from, to > from ? to - from : 0));

	return word;
}

static void
words_are_found_where_pcre2_finds_them(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		void *here = mem_root("test");
		const char *text = random_text(here, &seed, 24);
		const char *word = random_word(here, &seed, text);

		if (*word != '\0')
			compare(here, word, text);
		talloc_free(here);
	}
}

/* Each place matches but for its edge: no text makes a word slow. */
static void
a_word_of_repeats_is_found_in_linear_time(void **state)
{
	void *here = mem_root("test");
	char *text = mem_array(here, char, 65536);
	char *word = mem_array(here, char, 4000);

	(void)state;
	for (int i = 0; i < 65535; i++)
		text[i] = "ab."[i % 3];
	for (int i = 0; i < 3997; i++)
		word[i] = "ab."[i % 3];
	assert_false(is_in(here, word, text));
	word[3997] = 'b';
	assert_true(is_in(here, word, text));
	talloc_free(here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_those_of_pcre2),
		cmocka_unit_test(folding_is_that_of_pcre2),
		cmocka_unit_test(words_are_found_where_pcre2_finds_them),
		cmocka_unit_test(a_word_of_repeats_is_found_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
