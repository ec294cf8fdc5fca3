/* SPDX-License-Identifier: ISC */
#include "filter/letters.h"

#include <stddef.h>

#include <utf8proc.h>

/*
 * The Script_Extensions of the seven scripts, Unicode 15. Where a gap between
 * two ranges holds nothing that is \w they are one range.
 */
static const struct {
	uint32_t first, last;
} unspaced[] = {
	{ 0xe01, 0xedf }, /* Thai, Lao */
	{ 0x1000, 0x1099 }, /* Myanmar */
	{ 0x1780, 0x17f9 }, /* Khmer */
	{ 0x3005, 0x30ff }, /* Han marks, Hiragana, Katakana */
	{ 0x3192, 0x3195 }, { 0x31f0, 0x3229 }, { 0x3280, 0x3289 },
	{ 0x3400, 0x9fff }, /* Han */
	{ 0xa9e0, 0xa9fe }, /* Myanmar */
	{ 0xaa60, 0xaa7f }, { 0xf900, 0xfad9 }, /* Han, compatibility */
	{ 0xff66, 0xff9f }, /* Katakana, halfwidth */
	{ 0x16fe3, 0x16fe3 }, { 0x1aff0, 0x1b167 }, /* Kana, historic */
	{ 0x1d360, 0x1d371 }, { 0x20000, 0x323af }, /* Han */
};

static utf8proc_category_t
category_of(uint32_t code)
{
	return utf8proc_category((utf8proc_int32_t)code);
}

bool
letter_is_letter(uint32_t code)
{
	utf8proc_category_t category = category_of(code);

	return category >= UTF8PROC_CATEGORY_LU &&
	    category <= UTF8PROC_CATEGORY_LO;
}

bool
letter_is_digit(uint32_t code)
{
	return category_of(code) == UTF8PROC_CATEGORY_ND;
}

bool
letter_is_mark(uint32_t code)
{
	utf8proc_category_t category = category_of(code);

	return category >= UTF8PROC_CATEGORY_MN &&
	    category <= UTF8PROC_CATEGORY_ME;
}

bool
letter_is_word(uint32_t code)
{
	utf8proc_category_t category;

	if (code < 0x80)
		return (code >= '0' && code <= '9') || code == '_' ||
		    ((code | 0x20) >= 'a' && (code | 0x20) <= 'z');
	category = category_of(code);
	return (category >= UTF8PROC_CATEGORY_LU &&
		   category <= UTF8PROC_CATEGORY_LO) ||
	    (category >= UTF8PROC_CATEGORY_ND &&
		category <= UTF8PROC_CATEGORY_NO);
}

bool
letter_is_space(uint32_t code)
{
	utf8proc_category_t category;

	if (code < 0x80)
		return code == ' ' || (code >= 0x9 && code <= 0xd);
	if (code == 0x85 || code == 0x180e)
		return true;
	category = category_of(code);
	return category >= UTF8PROC_CATEGORY_ZS &&
	    category <= UTF8PROC_CATEGORY_ZP;
}

bool
letter_is_unspaced(uint32_t code)
{
	if (code < unspaced[0].first)
		return false;
	for (size_t i = 0; i < sizeof unspaced / sizeof *unspaced; i++) {
		if (code <= unspaced[i].last)
			return code >= unspaced[i].first;
	}
	return false;
}

uint32_t
letter_folded(uint32_t code)
{
	utf8proc_int32_t upper;

	if (code < 0x80)
		return code >= 'A' && code <= 'Z' ? code | 0x20 : code;
	/* Only Turkish makes these two an i: folding leaves them alone. */
	if (code == 0x130 || code == 0x131)
		return code;
	/* Up and down again, so that both sigmas and all such meet. */
	upper = utf8proc_toupper((utf8proc_int32_t)code);
	return (uint32_t)utf8proc_tolower(upper);
}
