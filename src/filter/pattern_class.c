/* SPDX-License-Identifier: ISC */
#include "filter/pattern_reader.h"

#include "filter/refuse.h"

#include <string.h>

enum { RANGE_MAX = 512 }; /* of a longer one no members are looked at */

/* The members of a class, folded, while they are few. */
struct members {
	bool any; /* more than we know of */
	bool bad; /* not understood */
	bool not_space; /* \S is among them */
	bool word; /* \w is among them */
	size_t n;
	uint32_t codes[CLASS_MAX];
	bool odd; /* nothing is known of what else there may be */
	unsigned kinds; /* of members, and perhaps of more than there are */
	uint64_t ascii[2]; /* members for certain, a bit each */
};

/* A member as it stands in a text, not folded. */
static void
add_ascii(struct members *members, uint32_t code)
{
	members->kinds |= char_kind(code);
	if (code < 128)
		members->ascii[code / 64] |= UINT64_C(1) << code % 64;
}

static void
add_kinds(struct members *members, unsigned kinds, bool exact)
{
	members->kinds |= kinds;
	for (uint32_t code = 0; exact && code < 128; code++)
		if ((char_kind(code) & kinds) != 0)
			add_ascii(members, code);
}

/* What one character of the class may be. */
static unsigned
members_kinds(const struct members *members, bool negated)
{
	unsigned kinds = negated ? CHAR_OTHER : members->kinds;

	if (members->odd)
		return CHAR_ALL;
	for (uint32_t code = 0; negated && code < 128; code++)
		if ((members->ascii[code / 64] >> code % 64 & 1) == 0)
			kinds |= char_kind(code);
	return kinds;
}

/* A member as it is in the reader's grain. */
static void
add_grain(struct members *members, uint32_t code)
{
	if (code == GRAIN_UNKNOWN) {
		members->any = true;
		return;
	}
	for (size_t i = 0; i < members->n; i++) {
		if (members->codes[i] == code)
			return;
	}
	if (members->n == CLASS_MAX)
		members->any = true;
	else
		members->codes[members->n++] = code;
}

static void
add(const struct reader *reader, struct members *members, uint32_t code)
{
	add_grain(members, reader_grain(reader, code));
}

/* At the first thing that may be a member; true if the class is negated. */
static bool
class_begin(struct reader *reader, struct members *members)
{
	bool negated = false;

	reader->at++;
	for (;;) {
		if (reader_takes(reader, "\\E") ||
		    reader_takes(reader, "\\Q\\E"))
			members->any = members->odd = true;
		else if (reader->more &&
		    (reader_takes(reader, " ") || reader_takes(reader, "\t")))
			continue;
		else if (negated || !reader_takes(reader, "^"))
			return negated;
		else
			negated = true;
	}
}

/* \Q...\E: its end is found, what is in it is not looked at. */
static void
skip_quoted(struct reader *reader, struct members *members)
{
	members->any = members->odd = true;
	while (reader->at < reader->length && !reader_takes(reader, "\\E"))
		reader->at++;
}

/* At "[:": what it may stand for; with UCP each takes in more than ASCII. */
static unsigned
posix_kinds(const struct reader *reader)
{
	static const struct {
		const char *name;
		unsigned kinds;
	} known[] = {
		{ "[:digit:]", CHAR_DIGIT | CHAR_OTHER },
		{ "[:xdigit:]", CHAR_DIGIT | CHAR_HEX | CHAR_OTHER },
		{ "[:alpha:]", CHAR_HEX | CHAR_LETTER | CHAR_OTHER },
		{ "[:lower:]", CHAR_HEX | CHAR_LETTER | CHAR_OTHER },
		{ "[:upper:]", CHAR_HEX | CHAR_LETTER | CHAR_OTHER },
		{ "[:alnum:]", CHAR_WORD | CHAR_OTHER },
		{ "[:word:]", CHAR_WORD | CHAR_OTHER },
		{ "[:space:]", CHAR_SPACE | CHAR_LINE | CHAR_OTHER },
		{ "[:blank:]", CHAR_SPACE | CHAR_OTHER },
		{ "[:punct:]", CHAR_MARK | CHAR_LOW_LINE | CHAR_OTHER },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (reader_is_at(reader, known[i].name))
			return known[i].kinds;
	return CHAR_ALL;
}

/* One character, which may begin a range (true), or something else. */
static bool
read_member(struct reader *reader, struct members *members, uint32_t *code)
{
	size_t posix;
	enum escape_kind kind;
	unsigned kinds;
	bool exact;

	if (reader_is_at(reader, "[") &&
	    (posix = posix_end((struct span){ reader->text, reader->length },
		 reader->at)) > 0) {
		if (reader_is_at(reader, "[:space:]") ||
		    reader_is_at(reader, "[:blank:]"))
			add(reader, members, ' ');
		else
			members->any = true;
		add_kinds(members, posix_kinds(reader), false);
		reader->at = posix;
		return false;
	}
	if (!reader_is_at(reader, "\\"))
		return reader_code(reader, code);
	kinds = escape_kinds(reader, &exact);
	members->word |= reader_is_at(reader, "\\w");
	kind = read_escape(reader, true, code);
	members->bad |= kind == ESCAPE_BAD;
	if (kind == ESCAPE_CODE)
		return true;
	add_kinds(members, kinds, exact);
	add_grain(members, escape_grain(reader, kind));
	members->not_space |= kind == ESCAPE_NOT_SPACE;
	return false;
}

/* Behind a character: it alone, or it and "-" and what follows. */
static void
add_range(struct reader *reader, struct members *members, uint32_t first)
{
	uint32_t last = first;

	if (reader_is_at(reader, "-") && !reader_is_at(reader, "-]")) {
		reader->at++;
		if (reader_is_at(reader, "\\Q") ||
		    reader_is_at(reader, "\\E") || reader->more ||
		    !read_member(reader, members, &last) || last < first)
			members->any = members->odd = true;
	}
	for (uint32_t code = first; code <= last && code < 128; code++)
		add_ascii(members, code);
	if (last >= 128)
		members->kinds |= CHAR_OTHER;
	/* the two letters beyond ASCII that are equal to one of it: s, k */
	if ((first <= 0x17f && last >= 0x17f) ||
	    (first <= 0x212a && last >= 0x212a))
		members->kinds |= CHAR_LETTER;
	members->any |= last - first > RANGE_MAX;
	for (uint32_t code = first; code <= last && !members->any; code++)
		add(reader, members, code);
}

/* One thing up to "]". */
static void
class_item(struct reader *reader, struct members *members)
{
	uint32_t code = 0;

	/* behind a blank that xx ignores a range may go on */
	if (reader_takes(reader, "\\E") ||
	    (reader->more &&
		(reader_takes(reader, " ") || reader_takes(reader, "\t"))))
		members->any = members->odd = true;
	else if (reader_takes(reader, "\\Q"))
		skip_quoted(reader, members);
	else if (read_member(reader, members, &code))
		add_range(reader, members, code);
}

static bool
set_node(const struct members *members, bool negated, struct reader *reader,
    struct pattern_node *node)
{
	struct pattern *pattern = reader->pattern;

	node->kind = PATTERN_ANY;
	node->kinds = (unsigned char)members_kinds(members, negated);
	if (negated &&
	    (members->not_space ||
		(members->word && reader->grain == GRAIN_WORDS))) {
		node->kind = PATTERN_LETTER;
		node->code = ' ';
	} else if (negated || members->any || members->n == 0 ||
	    pattern->n_codes + members->n > PATTERN_CODES)
		return true;
	else if (members->n == 1) {
		node->kind = PATTERN_LETTER;
		node->code = members->codes[0];
	} else {
		node->kind = PATTERN_CLASS;
		node->child = pattern->n_codes;
		node->n = (uint16_t)members->n;
		memcpy(pattern->codes + pattern->n_codes, members->codes,
		    members->n * sizeof *members->codes);
		pattern->n_codes += (uint16_t)members->n;
	}
	return true;
}

/* "]" is a member when it comes first. */
bool
read_class(struct reader *reader, struct pattern_node *node)
{
	struct members members = { 0 };
	bool negated = class_begin(reader, &members);
	size_t before;

	do {
		before = reader->at;
		class_item(reader, &members);
		if (members.bad || reader->at == before ||
		    reader->at >= reader->length)
			return false;
	} while (!reader_is_at(reader, "]"));
	reader->at++;
	return set_node(&members, negated, reader, node);
}
