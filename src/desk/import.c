/* SPDX-License-Identifier: ISC */
#include "desk/transfer.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/chunks.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { BATCH = 500, LINE_MAX_BYTES = 4 * 1024 * 1024 };

void
import_bad(struct importing *importing, int64_t line, const struct error *why)
{
	char text[ERROR_TEXT];

	importing->done.bad++;
	importing->how->complain(
	    importing->how->arg, line, true, error_text(why, text));
}

void
import_pause(int64_t began)
{
	int64_t took = clock_monotonic() - began;
	int64_t pause = took < SECOND ? took : SECOND;
	struct timespec rest = { pause / SECOND, pause % SECOND * 1000 };

	(void)nanosleep(&rest, NULL);
}

bool
import_words(void *owner, const json_t *object, const char *name,
    const char ***ret, size_t *n, struct error *err)
{
	const json_t *list = json_object_get(object, name), *each;
	size_t i;

	*ret = NULL;
	*n = 0;
	if (list == NULL || json_is_null(list))
		return true;
	if (!json_is_array(list))
		return error_field(err, name, 0, "must be a list of text");
	json_array_foreach(list, i, each)
	{
		const char *text = json_string_value(each);

		if (text == NULL)
			return error_field(
			    err, name, 0, "must be a list of text");
		*mem_push(owner, ret, n) = text[0] == '#' ? text + 1 : text;
	}
	return true;
}

/* --- lines */

/*
 * The next line without its end; too long ones are cut, and *cut is set. False
 * at the end of the file.
 */
static bool
read_line(FILE *in, struct buf *line, bool *cut)
{
	int c;

	line->length = 0;
	line->text[0] = '\0';
	*cut = false;
	while ((c = getc_unlocked(in)) != EOF && c != '\n')
		if (line->length < LINE_MAX_BYTES)
			buf_char(line, (char)c);
		else
			*cut = true;
	return c != EOF || line->length > 0;
}

/* Parses a line into the batch. False, with err, if it is a bad one. */
static bool
take_line(struct importing *importing, const struct buf *text, int64_t number,
    struct error *err)
{
	struct import_line *line;
	const char *key = NULL;
	json_t *object;
	bool broken;
	char *whole = utf8_repaired(
	    importing->memory, text->text, text->length, &broken);

	if (broken)
		importing->how->complain(importing->how->arg, number, false,
		    "broken UTF-8 became U+FFFD");
	if (!json_parse(importing->memory, whole, strlen(whole), &object, err))
		return false;
	if (!json_is_object(object))
		return error_set(err, ERROR_MALFORMED, "an object is needed");
	if (importing->how->kind == TRANSFER_INCIDENTS &&
	    !json_text(object, "key", &key, err))
		return false;
	line = mem_push(importing->memory, &importing->lines, &importing->n);
	*line = (struct import_line){ number, object, key };
	return true;
}

static bool
run_batch(struct importing *importing, struct error *err)
{
	bool ok = true;

	if (importing->n > 0)
		switch (importing->how->kind) {
		case TRANSFER_INCIDENTS:
			ok = import_incidents(importing, err);
			break;
		case TRANSFER_PEOPLE:
			ok = import_people(importing, err);
			break;
		case TRANSFER_SUBSCRIPTIONS:
			ok = import_subscriptions(importing, err);
			break;
		case TRANSFER_PUBLIC:
			return error_set(err, ERROR_INVALID,
			    "public articles cannot be imported");
		}
	importing->how->progress(importing->how->arg, &importing->done);
	return ok;
}

static void
begin_batch(struct importing *importing)
{
	talloc_free(importing->memory);
	importing->memory = mem_root("import batch");
	importing->lines = NULL;
	importing->n = 0;
	importing->keys = map_new(importing->memory);
}

/* The same key again has to find what the first one made. */
static bool
is_repeated(struct importing *importing, const char *key)
{
	if (key == NULL || key[0] == '\0')
		return false;
	if (map_get_text(importing->keys, key) != NULL)
		return true;
	map_set_text(importing->keys, key, importing);
	return false;
}

static bool
import_all(
    struct importing *importing, FILE *in, struct buf *text, struct error *err)
{
	int64_t number = 0;
	bool cut;

	while (read_line(in, text, &cut)) {
		struct error bad = { 0 };

		number++;
		importing->done.bytes += (int64_t)text->length + 1;
		if (utf8_is_blank(text->text))
			continue;
		importing->done.lines++;
		if (cut) {
			error_set(&bad, ERROR_TOO_LARGE, "longer than %d bytes",
			    LINE_MAX_BYTES);
			import_bad(importing, number, &bad);
			continue;
		}
		if (!take_line(importing, text, number, &bad)) {
			import_bad(importing, number, &bad);
			continue;
		}
		if (is_repeated(
			importing, importing->lines[importing->n - 1].key)) {
			struct import_line last = importing
						      ->lines[--importing->n];
			json_t *kept = json_incref(last.object);

			if (!run_batch(importing, err)) {
				json_decref(kept);
				return false;
			}
			begin_batch(importing);
			last.object = json_owned(importing->memory, kept);
			last.key = json_string_value(
			    json_object_get(kept, "key"));
			(void)is_repeated(importing, last.key);
			*mem_push(importing->memory, &importing->lines,
			    &importing->n) = last;
		}
		if (importing->n == BATCH) {
			if (!run_batch(importing, err))
				return false;
			begin_batch(importing);
		}
	}
	if (ferror(in))
		return error_set(
		    err, ERROR_SYSTEM, "reading: %s", strerror(errno));
	return run_batch(importing, err);
}

bool
desk_import(struct desk *desk, FILE *in, const struct import *how,
    struct imported *ret, struct error *err)
{
	struct importing importing = {
		.desk = desk,
		.how = how,
		.actor = { .scope = SCOPE_ADMIN, .source = "import" },
	};
	struct buf *text = buf_new(desk);
	bool ok;

	begin_batch(&importing);
	ok = import_all(&importing, in, text, err) &&
	    chunks_catch_up(desk, err); /* else the next start has to */
	talloc_free(importing.memory);
	talloc_free(text);
	*ret = importing.done;
	return ok;
}
