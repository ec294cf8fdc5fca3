/* SPDX-License-Identifier: ISC */
#include "filter/pattern_reader.h"

#include <string.h>

/* The members of a class, folded, while they are few. */
struct members {
	bool any; /* more than we know of */
	bool bad; /* not understood */
	bool not_space; /* \S is among them */
	size_t n;
	uint32_t codes[CLASS_MAX];
};

static void
add(struct members *members, uint32_t code)
{
	code = code_folded(code);
	for (size_t i = 0; i < members->n; i++) {
		if (members->codes[i] == code)
			return;
	}
	if (members->n == CLASS_MAX)
		members->any = true;
	else
		members->codes[members->n++] = code;
}

/* At "[": the end of [:name:], [.name.] or [=name=], or 0 if it is none. */
static size_t
posix_end(const struct reader *reader)
{
	size_t at = reader->at + 1;
	char mark;

	if (reader->length - reader->at < 4)
		return 0;
	mark = reader->text[at++];
	if (mark != ':' && mark != '.' && mark != '=')
		return 0;
	for (; at + 2 <= reader->length; at++) {
		char c = reader->text[at], next = reader->text[at + 1];

		if (c == '\\' && (next == ']' || next == '\\'))
			at++;
		else if ((c == '[' && next == mark) || c == ']')
			return 0;
		else if (c == mark && next == ']')
			return at + 2;
	}
	return 0;
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
			members->any = true;
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
	members->any = true;
	while (reader->at < reader->length && !reader_takes(reader, "\\E"))
		reader->at++;
}

/* One character, which may begin a range (true), or something else. */
static bool
read_member(struct reader *reader, struct members *members, uint32_t *code)
{
	size_t posix;
	enum escape_kind kind;

	if (reader_is_at(reader, "[") && (posix = posix_end(reader)) > 0) {
		if (reader_is_at(reader, "[:space:]") ||
		    reader_is_at(reader, "[:blank:]"))
			add(members, ' ');
		else
			members->any = true;
		reader->at = posix;
		return false;
	}
	if (!reader_is_at(reader, "\\"))
		return reader_code(reader, code);
	kind = read_escape(reader, true, code);
	if (kind == ESCAPE_SPACE)
		add(members, ' ');
	else if (kind == ESCAPE_NOT_SPACE)
		members->any = members->not_space = true;
	else if (kind != ESCAPE_CODE)
		members->any = true;
	members->bad |= kind == ESCAPE_BAD;
	return kind == ESCAPE_CODE;
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
			members->any = true;
	}
	for (uint32_t code = first; code <= last && !members->any; code++)
		add(members, code);
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
		members->any = true;
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
	if (negated && members->not_space) {
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
