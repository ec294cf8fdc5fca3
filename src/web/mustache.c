/* SPDX-License-Identifier: ISC */
#include "web/mustache.h"

#include "base/check.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"

/*
 * A template is a flat list of pieces in the order of the text. A section
 * knows where it ends, so rendering it is rendering the pieces up to there,
 * once for each item, or going on behind them.
 */

enum piece_kind {
	PIECE_TEXT,
	PIECE_ESCAPED,
	PIECE_RAW,
	PIECE_SECTION,
	PIECE_INVERTED,
	PIECE_PARTIAL,
};

struct piece {
	enum piece_kind kind;
	/* the first of its line, where a partial's indentation is put */
	bool begins_line;
	/* TEXT: itself; PARTIAL: the white space before a standalone tag */
	struct span text;
	/* a path "a\0b\0\0", "\0" for the implicit iterator; PARTIAL: a name */
	const char *name;
	/* sections: the piece behind the last one inside */
	size_t end;
};

struct mustache {
	char *name;
	struct span source;
	struct piece *pieces;
	size_t n_pieces;
};

/* --- compiling --- */

struct section {
	size_t piece;
	struct span name;
	size_t at;
};

struct compiler {
	struct mustache *template;
	struct error *err;
	size_t at;
	/* nothing of this line but white space has been seen before at */
	bool line_is_fresh;
	struct span open, close;
	struct section sections[MUSTACHE_SECTIONS];
	size_t n_sections;
};

/* What stands between two delimiters. */
struct tag {
	char kind; /* one of # ^ / > ! = & { or 'x' for a variable */
	struct span inside;
	size_t from, end; /* of the whole tag, in the source */
};

static bool
fail(struct compiler *compiler, size_t at, const char *why)
{
	const struct mustache *template = compiler->template;
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < at; i++)
		if (template->source.text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)template->source.text[i] & 0xc0) !=
		    0x80)
			column++;
	return error_set(compiler->err, ERROR_MALFORMED, "%s:%u:%u: %s",
	    template->name, line, column, why);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span
span_trimmed(struct span span)
{
	while (span.length > 0 && is_space(span.text[0])) {
		span.text++;
		span.length--;
	}
	while (span.length > 0 && is_space(span.text[span.length - 1]))
		span.length--;
	return span;
}

/* Where needle is in the source from at on; its end if it is nowhere. */
static size_t
find_from(const struct mustache *template, size_t at, struct span needle)
{
	const char *found = memmem(template->source.text + at,
	    template->source.length - at, needle.text, needle.length);

	return found == NULL ? template->source.length
			     : (size_t)(found - template->source.text);
}

static struct piece *
add_piece(struct compiler *compiler, enum piece_kind kind)
{
	struct mustache *template = compiler->template;
	struct piece *piece = mem_push(
	    template, &template->pieces, &template->n_pieces);

	*piece = (struct piece){ .kind = kind,
		.begins_line = compiler->line_is_fresh };
	return piece;
}

/* The text from at up to end, one piece a line. */
static void
add_text(struct compiler *compiler, size_t end)
{
	const char *text = compiler->template->source.text;

	while (compiler->at < end) {
		const char *from = text + compiler->at;
		const char *stop = memchr(from, '\n', end - compiler->at);
		size_t length = stop != NULL ? (size_t)(stop - from) + 1
					     : end - compiler->at;

		add_piece(compiler, PIECE_TEXT)->text = (struct span){ from,
			length };
		compiler->at += length;
		compiler->line_is_fresh = stop != NULL;
	}
}

/* "a.b" as "a\0b\0\0"; NULL if a part is empty or has white space in it. */
static const char *
path_of(struct compiler *compiler, struct span name)
{
	char *path = mem_array(compiler->template, char, name.length + 2);

	if (span_is(name, "."))
		return path;
	for (size_t i = 0; i < name.length; i++) {
		bool first = i == 0 || name.text[i - 1] == '.';
		bool last = i + 1 == name.length;

		if (is_space(name.text[i]) ||
		    (name.text[i] == '.' && (first || last)))
			return NULL;
		path[i] = name.text[i];
		if (name.text[i] == '.')
			path[i] = '\0';
	}
	return name.length > 0 ? path : NULL;
}

static bool
begin_section(struct compiler *compiler, const struct tag *tag)
{
	const char *path = path_of(compiler, tag->inside);
	struct piece *piece;

	if (path == NULL)
		return fail(compiler, tag->from, "not a name");
	if (compiler->n_sections == MUSTACHE_SECTIONS)
		return fail(compiler, tag->from, "too many levels of sections");
	piece = add_piece(
	    compiler, tag->kind == '#' ? PIECE_SECTION : PIECE_INVERTED);
	piece->name = path;
	compiler->sections[compiler->n_sections++] = (struct section){
		.piece = compiler->template->n_pieces - 1,
		.name = tag->inside,
		.at = tag->from,
	};
	return true;
}

static bool
end_section(struct compiler *compiler, const struct tag *tag)
{
	const struct section *section;
	struct mustache *template = compiler->template;

	if (compiler->n_sections == 0)
		return fail(compiler, tag->from, "ends a section never begun");
	section = &compiler->sections[compiler->n_sections - 1];
	if (section->name.length != tag->inside.length ||
	    memcmp(section->name.text, tag->inside.text, tag->inside.length) !=
		0)
		return fail(
		    compiler, tag->from, "ends another section than is open");
	template->pieces[section->piece].end = template->n_pieces;
	compiler->n_sections--;
	return true;
}

/* "<% %>": two words without "=" in them. */
static bool
set_delimiters(struct compiler *compiler, const struct tag *tag)
{
	const char *text = tag->inside.text;
	size_t length = tag->inside.length, first = 0, second;

	while (first < length && !is_space(text[first]))
		first++;
	second = first;
	while (second < length && is_space(text[second]))
		second++;
	if (first == 0 || second == length || memchr(text, '=', length) != NULL)
		return fail(compiler, tag->from, "not two delimiters");
	for (size_t i = second; i < length; i++)
		if (is_space(text[i]))
			return fail(compiler, tag->from, "not two delimiters");
	compiler->open = (struct span){ text, first };
	compiler->close = (struct span){ text + second, length - second };
	return true;
}

static bool
add_partial(
    struct compiler *compiler, const struct tag *tag, struct span indentation)
{
	struct piece *piece;

	for (size_t i = 0; i < tag->inside.length; i++)
		if (is_space(tag->inside.text[i]))
			return fail(compiler, tag->from, "not a name");
	if (tag->inside.length == 0)
		return fail(compiler, tag->from, "not a name");
	piece = add_piece(compiler, PIECE_PARTIAL);
	piece->name = mem_copy_n(
	    compiler->template, tag->inside.text, tag->inside.length);
	piece->text = indentation;
	return true;
}

static bool
add_variable(struct compiler *compiler, const struct tag *tag)
{
	const char *path = path_of(compiler, tag->inside);

	if (path == NULL)
		return fail(compiler, tag->from, "not a name");
	add_piece(compiler, tag->kind == 'x' ? PIECE_ESCAPED : PIECE_RAW)
	    ->name = path;
	return true;
}

/*
 * Where the inside of a tag ends that began at at: before the delimiter, with
 * mark right before that one if there is a mark. False if nowhere.
 */
static bool
find_close(const struct compiler *compiler, size_t at, char mark, size_t *ret)
{
	struct span source = compiler->template->source;
	struct span close = compiler->close;

	while ((at = find_from(compiler->template, at,
		    mark == '\0' ? close : (struct span){ &mark, 1 })) <
	    source.length) {
		size_t end = mark == '\0' ? at : at + 1;

		if (source.length - end >= close.length &&
		    memcmp(source.text + end, close.text, close.length) == 0) {
			*ret = at;
			return true;
		}
		at++;
	}
	return false;
}

/* Reads the tag at from. */
static bool
read_tag(struct compiler *compiler, size_t from, struct tag *ret)
{
	struct span source = compiler->template->source;
	size_t at = from + compiler->open.length, close = 0;
	struct tag tag = { .kind = 'x', .from = from };
	char mark = '\0';

	while (at < source.length && is_space(source.text[at]))
		at++;
	if (at < source.length && strchr("#^/>!=&{", source.text[at]) != NULL)
		tag.kind = source.text[at++];
	if (tag.kind == '=')
		mark = '=';
	if (tag.kind == '{')
		mark = '}';
	if (!find_close(compiler, at, mark, &close))
		return fail(compiler, from, "tag without end");
	tag.inside = span_trimmed(
	    (struct span){ source.text + at, close - at });
	tag.end = close + (mark != '\0') + compiler->close.length;
	*ret = tag;
	return true;
}

/*
 * If nothing but white space stands beside the tag on its line, the line goes
 * away with the tag: says where the line begins and where the next one does.
 */
static bool
is_standalone(const struct compiler *compiler, const struct tag *tag,
    size_t *begin, size_t *next)
{
	struct span source = compiler->template->source;
	size_t at = tag->from, end = tag->end;

	if (tag->kind == 'x' || tag->kind == '&' || tag->kind == '{')
		return false;
	while (at > compiler->at &&
	    (source.text[at - 1] == ' ' || source.text[at - 1] == '\t'))
		at--;
	if (at == compiler->at ? !compiler->line_is_fresh
			       : source.text[at - 1] != '\n')
		return false;
	while (end < source.length &&
	    (source.text[end] == ' ' || source.text[end] == '\t'))
		end++;
	if (end + 1 < source.length && source.text[end] == '\r' &&
	    source.text[end + 1] == '\n')
		end++;
	if (end < source.length && source.text[end] != '\n')
		return false;
	*begin = at;
	*next = end < source.length ? end + 1 : end;
	return true;
}

static bool
add_tag(
    struct compiler *compiler, const struct tag *tag, struct span indentation)
{
	switch (tag->kind) {
	case '#':
	case '^':
		return begin_section(compiler, tag);
	case '/':
		return end_section(compiler, tag);
	case '>':
		return add_partial(compiler, tag, indentation);
	case '=':
		return set_delimiters(compiler, tag);
	case '!':
		return true;
	default:
		return add_variable(compiler, tag);
	}
}

/* One tag, with the text before it and what a standalone one takes along. */
static bool
compile_tag(struct compiler *compiler, size_t from)
{
	const char *text = compiler->template->source.text;
	struct span indentation = { "", 0 };
	struct tag tag = { 0 };
	size_t begin = 0, next = 0;
	bool alone;

	if (!read_tag(compiler, from, &tag))
		return false;
	alone = is_standalone(compiler, &tag, &begin, &next);
	add_text(compiler, alone ? begin : tag.from);
	if (alone) {
		indentation = (struct span){ text + begin, tag.from - begin };
		compiler->line_is_fresh = false;
	}
	if (!add_tag(compiler, &tag, indentation))
		return false;
	compiler->at = alone ? next : tag.end;
	compiler->line_is_fresh = alone;
	return true;
}

static bool
compile(struct compiler *compiler)
{
	const struct mustache *template = compiler->template;

	if (template->source.length > MUSTACHE_SIZE)
		return fail(compiler, 0, "the template is too long");
	if (!utf8_is_valid(template->source.text, template->source.length) ||
	    memchr(template->source.text, '\0', template->source.length) !=
		NULL)
		return fail(compiler, 0, "the template is not UTF-8 text");
	for (;;) {
		size_t from = find_from(template, compiler->at, compiler->open);

		if (from == template->source.length)
			break;
		if (!compile_tag(compiler, from))
			return false;
	}
	add_text(compiler, template->source.length);
	if (compiler->n_sections > 0)
		return fail(compiler,
		    compiler->sections[compiler->n_sections - 1].at,
		    "section without end");
	return true;
}

bool
mustache_compile(void *owner, const char *name, struct span text,
    struct mustache **ret, struct error *err)
{
	struct mustache *template = mem_new(owner, struct mustache);
	struct compiler compiler = { .template = template,
		.err = err,
		.line_is_fresh = true,
		.open = SPAN("{{"),
		.close = SPAN("}}") };

	template->name = mem_copy(template, name);
	template->source = (struct span){
		mem_copy_n(template, text.text, text.length), text.length
	};
	if (!compile(&compiler)) {
		talloc_free(template);
		return false;
	}
	*ret = template;
	return true;
}

const char *
mustache_partial(const struct mustache *template, size_t *at)
{
	while (*at < template->n_pieces) {
		const struct piece *piece = &template->pieces[(*at)++];

		if (piece->kind == PIECE_PARTIAL)
			return piece->name;
	}
	return NULL;
}

/* --- rendering --- */

/* What names are looked up in, innermost first. */
struct scope {
	json_t *value;
	const struct scope *outer;
};

struct renderer {
	mustache_find *find;
	void *closure;
	struct buf *out;
	struct buf *indent; /* of the partials around, one after the other */
	size_t room; /* what out may become long */
	unsigned long steps;
	unsigned depth;
	struct error *err;
};

/* A template is a tree; MUSTACHE_DEPTH bounds how deep it is walked. */
/* NOLINTBEGIN(misc-no-recursion) */
static bool
render_pieces(struct renderer *renderer, const struct mustache *template,
    size_t from, size_t end, const struct scope *scope);

static json_t *
look_up(const struct scope *scope, const char *path)
{
	json_t *value = NULL;

	if (*path == '\0')
		return scope->value;
	for (; scope != NULL && value == NULL; scope = scope->outer)
		value = json_object_get(scope->value, path);
	for (path += strlen(path) + 1; *path != '\0' && value != NULL;
	     path += strlen(path) + 1)
		value = json_object_get(value, path);
	return value;
}

static bool
is_true(const json_t *value)
{
	if (value == NULL)
		return false;
	switch (json_typeof(value)) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(value) > 0;
	case JSON_INTEGER:
		return json_integer_value(value) != 0;
	case JSON_REAL:
		return json_real_value(value) != 0;
	case JSON_ARRAY:
		return json_array_size(value) > 0;
	case JSON_OBJECT:
	case JSON_TRUE:
		return true;
	}
	return false;
}

static void
print_value(struct buf *out, const json_t *value, bool raw)
{
	if (json_is_string(value) && raw)
		buf_add(
		    out, json_string_value(value), json_string_length(value));
	else if (json_is_string(value))
		buf_html(out, json_string_value(value));
	else if (json_is_integer(value))
		buf_printf(
		    out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		buf_printf(out, "%.15g", json_real_value(value));
	else if (json_is_boolean(value))
		buf_text(out, json_is_true(value) ? "true" : "false");
}

static bool
render_section(struct renderer *renderer, const struct mustache *template,
    size_t at, const struct scope *scope)
{
	const struct piece *piece = &template->pieces[at];
	json_t *value = look_up(scope, piece->name);
	size_t i;
	json_t *item;

	if (is_true(value) == (piece->kind == PIECE_INVERTED))
		return true;
	if (piece->kind == PIECE_INVERTED)
		return render_pieces(
		    renderer, template, at + 1, piece->end, scope);
	if (!json_is_array(value)) {
		struct scope inner = { value, scope };

		return render_pieces(
		    renderer, template, at + 1, piece->end, &inner);
	}
	json_array_foreach(value, i, item)
	{
		struct scope inner = { item, scope };

		if (!render_pieces(
			renderer, template, at + 1, piece->end, &inner))
			return false;
	}
	return true;
}

static bool
render_partial(struct renderer *renderer, const struct piece *piece,
    const struct scope *scope)
{
	const struct mustache *partial = renderer->find == NULL
	    ? NULL
	    : renderer->find(renderer->closure, piece->name);
	size_t outer = renderer->indent->length;
	bool ok;

	if (partial == NULL)
		return true;
	buf_add(renderer->indent, piece->text.text, piece->text.length);
	ok = render_pieces(renderer, partial, 0, partial->n_pieces, scope);
	renderer->indent->length = outer;
	return ok;
}

static bool
render_piece(struct renderer *renderer, const struct mustache *template,
    size_t at, const struct scope *scope)
{
	const struct piece *piece = &template->pieces[at];

	if (piece->begins_line)
		buf_add(renderer->out, renderer->indent->text,
		    renderer->indent->length);
	switch (piece->kind) {
	case PIECE_TEXT:
		buf_add(renderer->out, piece->text.text, piece->text.length);
		return true;
	case PIECE_ESCAPED:
	case PIECE_RAW:
		print_value(renderer->out, look_up(scope, piece->name),
		    piece->kind == PIECE_RAW);
		return true;
	case PIECE_SECTION:
	case PIECE_INVERTED:
		return render_section(renderer, template, at, scope);
	case PIECE_PARTIAL:
		return render_partial(renderer, piece, scope);
	}
	CHECK(!"a piece of no kind");
	return false;
}

static bool
render_pieces(struct renderer *renderer, const struct mustache *template,
    size_t from, size_t end, const struct scope *scope)
{
	if (renderer->depth == MUSTACHE_DEPTH)
		return error_set(renderer->err, ERROR_SYSTEM,
		    "%s: more than %d sections and partials inside each other",
		    template->name, MUSTACHE_DEPTH);
	renderer->depth++;
	for (size_t at = from; at < end;) {
		const struct piece *piece = &template->pieces[at];

		if (++renderer->steps > MUSTACHE_STEPS ||
		    renderer->out->length > renderer->room)
			return error_set(renderer->err, ERROR_SYSTEM,
			    "%s: the page becomes too long", template->name);
		if (!render_piece(renderer, template, at, scope))
			return false;
		at = piece->end > 0 ? piece->end : at + 1;
	}
	renderer->depth--;
	return true;
}
/* NOLINTEND(misc-no-recursion) */

bool
mustache_render(const struct mustache *template, json_t *model,
    mustache_find *find, void *closure, struct buf *out, struct error *err)
{
	struct scope scope = { model, NULL };
	struct renderer renderer = { .find = find,
		.closure = closure,
		.out = out,
		.indent = buf_new(out),
		.room = out->length + MUSTACHE_OUTPUT,
		.err = err };
	bool ok;

	ok = render_pieces(&renderer, template, 0, template->n_pieces, &scope);
	talloc_free(renderer.indent);
	return ok;
}
