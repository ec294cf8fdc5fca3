/* SPDX-License-Identifier: ISC */
#include "cli/shown.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

/* Text of a member, "" if it is no text. */
static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static intmax_t
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Helpers who are in now, of hands. */
static char *
hands_of(void *owner, const json_t *incident)
{
	const json_t *swarm = json_object_get(incident, "swarm");
	int helpers = 0;

	for (size_t i = 0; i < json_array_size(swarm); i++) {
		const json_t *stay = json_array_get(swarm, i);

		helpers += strcmp(text_of(stay, "role"), "helper") == 0 &&
		    *text_of(stay, "left") == '\0';
	}
	return mem_printf(
	    owner, "%d/%jd", helpers, number_of(incident, "hands"));
}

static char *
tags_of(void *owner, const json_t *incident)
{
	const json_t *tags = json_object_get(incident, "tags");
	struct buf *list = buf_new(owner);

	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *tag = json_string_value(json_array_get(tags, i));

		if (tag == NULL)
			continue;
		buf_text(list, i == 0 ? "#" : " #");
		buf_terminal(list, tag, false);
	}
	return list->text;
}

static char *
safe(void *owner, const char *text)
{
	struct buf *buf = buf_new(owner);

	buf_terminal(buf, text, false);
	return buf->text;
}

/* --- the list */

enum { COLUMNS = 6, WIDEST = 40 };

static void
fill_cells(void *owner, const json_t *incident, char *cells[COLUMNS])
{
	cells[0] = mem_printf(owner, "%jd", number_of(incident, "id"));
	cells[1] = safe(owner, text_of(incident, "severity"));
	cells[2] = safe(owner, text_of(incident, "status"));
	cells[3] = hands_of(owner, incident);
	cells[4] = tags_of(owner, incident);
	cells[5] = safe(owner, text_of(incident, "title"));
}

static void
add_line(struct buf *buf, char *const cells[COLUMNS], const size_t *widths)
{
	for (int i = 0; i < COLUMNS - 1; i++) {
		size_t length = utf8_length(cells[i]);
		int pad = length < widths[i] ? (int)(widths[i] - length) : 0;

		/* numbers stand to the right */
		if (i == 0)
			buf_printf(buf, "%*s%s", pad, "", cells[i]);
		else
			buf_printf(buf, "%s%*s", cells[i], pad, "");
		buf_text(buf, "  ");
	}
	buf_printf(buf, "%s\n", cells[COLUMNS - 1]);
}

void
shown_list(struct buf *buf, const json_t *incidents)
{
	size_t n = json_array_size(incidents), rows = 0;
	char *(*cells)[COLUMNS] = mem_zero(buf, sizeof *cells, n + 1, "cells");
	size_t widths[COLUMNS] = { 0 };

	for (size_t i = 0; i < n; i++) {
		const json_t *incident = json_array_get(incidents, i);

		if (!json_is_object(incident))
			continue;
		fill_cells(cells, incident, cells[rows]);
		for (int c = 0; c < COLUMNS; c++) {
			size_t length = utf8_length(cells[rows][c]);

			if (length > widths[c])
				widths[c] = length < WIDEST ? length : WIDEST;
		}
		rows++;
	}
	for (size_t i = 0; i < rows; i++)
		add_line(buf, cells[i], widths);
	talloc_free(cells);
}

/* --- one incident */

static void
add_field(struct buf *buf, const char *name, const char *text)
{
	if (*text == '\0')
		return;
	buf_printf(buf, "%-12s", name);
	buf_terminal(buf, text, false);
	buf_char(buf, '\n');
}

static char *
swarm_of(void *owner, const json_t *incident)
{
	const json_t *swarm = json_object_get(incident, "swarm");
	struct buf *list = buf_new(owner);

	for (size_t i = 0; i < json_array_size(swarm); i++) {
		const json_t *stay = json_array_get(swarm, i);

		if (*text_of(stay, "left") == '\0')
			buf_printf(list, "%s%s (%s)",
			    list->length == 0 ? "" : ", ",
			    text_of(stay, "person"), text_of(stay, "role"));
	}
	return list->text;
}

static char *
customer_of(void *owner, const json_t *incident)
{
	const json_t *customer = json_object_get(incident, "customer");
	const char *name = text_of(customer, "name");
	const char *email = text_of(customer, "email");

	if (*email == '\0')
		return mem_copy(owner, name);
	return mem_printf(
	    owner, "%s%s<%s>", name, *name == '\0' ? "" : " ", email);
}

static void
add_text(struct buf *buf, const char *text)
{
	if (*text == '\0')
		return;
	buf_char(buf, '\n');
	buf_terminal(buf, text, true);
	if (text[strlen(text) - 1] != '\n')
		buf_char(buf, '\n');
}

static void
add_post(struct buf *buf, const json_t *post)
{
	static const struct {
		const char *name, *title;
	} parts[] = {
		{ "text", "" },
		{ "resolution", "" },
		{ "cause", "Cause: " },
		{ "environment", "Environment: " },
	};
	const char *author = text_of(post, "author");

	buf_printf(buf, "\n-- %s by %s, %s\n", safe(buf, text_of(post, "kind")),
	    *author == '\0' ? "the customer" : safe(buf, author),
	    safe(buf, text_of(post, "created")));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *text = text_of(post, parts[i].name);

		if (*text != '\0')
			add_text(
			    buf, mem_printf(buf, "%s%s", parts[i].title, text));
	}
}

void
shown_incident(struct buf *buf, const json_t *incident)
{
	const json_t *posts = json_object_get(incident, "posts");

	buf_printf(buf, "#%jd ", number_of(incident, "id"));
	buf_terminal(buf, text_of(incident, "title"), false);
	buf_char(buf, '\n');
	add_field(buf, "status", text_of(incident, "status"));
	add_field(buf, "severity", text_of(incident, "severity"));
	add_field(buf, "hands", hands_of(buf, incident));
	add_field(buf, "host", text_of(incident, "host"));
	add_field(buf, "swarm", swarm_of(buf, incident));
	add_field(buf, "tags", tags_of(buf, incident));
	add_field(buf, "environment", text_of(incident, "environment"));
	add_field(buf, "customer", customer_of(buf, incident));
	add_field(buf, "created", text_of(incident, "created"));
	add_field(buf, "promised", text_of(incident, "promised"));
	add_field(buf, "resolved", text_of(incident, "resolved"));
	add_field(buf, "url", text_of(incident, "url"));
	add_text(buf, text_of(incident, "body"));
	for (size_t i = 0; i < json_array_size(posts); i++)
		add_post(buf, json_array_get(posts, i));
}
