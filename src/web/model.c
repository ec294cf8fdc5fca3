/* SPDX-License-Identifier: ISC */
#include "web/model.h"

#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "desk/incident.h"
#include "view/markdown.h"
#include "view/shape.h"
#include "web/site.h"

#include <string.h>

void
model_put(json_t *object, const char *name, json_t *value)
{
	json_put(object, name, mem_made(value));
	json_decref(value);
}

void
model_push(json_t *list, json_t *value)
{
	if (json_array_append_new(list, mem_made(value)) != 0)
		mem_made(NULL);
}

/* --- texts */

static void
put_html(json_t *object, const char *name, const char *text,
    void (*write)(struct buf *out, const char *text))
{
	struct buf *html;

	if (text == NULL || text[0] == '\0')
		return;
	html = buf_new(NULL);
	write(html, text);
	json_put_text(object, name, html->text);
	talloc_free(html);
}

void
model_put_plain(json_t *object, const char *name, const char *text)
{
	put_html(object, name, text, buf_plain);
}

void
model_put_markdown(json_t *object, const char *name, const char *text)
{
	put_html(object, name, text, buf_markdown);
}

/*
 * All of these stand in strings only, where an escape means the same. U+2028
 * and U+2029 end a line in old scripts.
 */
void
model_put_data(json_t *object, const char *name, const json_t *value)
{
	char *text = json_compact(NULL, value);
	struct buf *out = buf_new(text);

	for (const char *c = text; *c != '\0'; c++) {
		if (strchr("<>&", *c) != NULL)
			buf_printf(out, "\\u%04x", (unsigned)*c);
		else if (strncmp(c, "\xe2\x80\xa8", 3) == 0 ||
		    strncmp(c, "\xe2\x80\xa9", 3) == 0) {
			buf_printf(out, "\\u20%02x",
			    (unsigned)(unsigned char)c[2] - 0x80);
			c += 2;
		} else
			buf_char(out, *c);
	}
	json_put_text(object, name, out->text);
	talloc_free(text);
}

/* --- tags and options */

void
model_put_href(
    json_t *object, const char *name, const char *before, const char *value)
{
	struct buf *href = buf_new(NULL);

	buf_text(href, before);
	buf_url(href, value);
	json_put_text(object, name, href->text);
	talloc_free(href);
}

json_t *
model_tag_links(const json_t *tags, const char *before)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *tag = json_string_value(json_array_get(tags, i));
		json_t *each = mem_made(json_object());

		json_put_text(each, "tag", tag);
		model_put_href(each, "href", before, tag);
		model_push(list, each);
	}
	return list;
}

char *
model_tags_text(void *owner, const json_t *tags)
{
	struct buf *text = buf_new(owner);

	for (size_t i = 0; i < json_array_size(tags); i++) {
		if (i > 0)
			buf_char(text, ' ');
		buf_text(text, json_string_value(json_array_get(tags, i)));
	}
	return text->text;
}

json_t *
model_options(const char *const *names, size_t n, const char *selected)
{
	json_t *list = mem_made(json_array());

	for (size_t i = 0; i < n; i++) {
		json_t *each = mem_made(json_object());

		json_put_text(each, "value", names[i]);
		json_put_text(each, "text", names[i]);
		json_put_bool(each, "selected",
		    selected != NULL && strcmp(names[i], selected) == 0);
		model_push(list, each);
	}
	return list;
}

/* --- errors */

static json_t *
error_of(const char *field, unsigned column, const char *message)
{
	json_t *each = mem_made(json_object());

	json_put_text(each, "field", field);
	if (column > 0)
		json_put_int(each, "column", column);
	else
		json_put_text(each, "column", NULL);
	json_put_text(each, "message", message);
	return each;
}

json_t *
model_errors(const struct error *err)
{
	json_t *list = mem_made(json_array());

	if (err->n_fields == 0)
		model_push(list, error_of(NULL, 0, err->message));
	for (size_t i = 0; i < err->n_fields; i++)
		model_push(list,
		    error_of(err->fields[i].name, err->fields[i].column,
			err->fields[i].message));
	return list;
}

json_t *
model_filter_error(const struct error *err)
{
	if (err->n_fields == 0)
		return error_of(NULL, 0, err->message);
	return error_of(NULL, err->fields[0].column, err->fields[0].message);
}

bool
model_can_show(const struct request *request, const struct error *err)
{
	return input_is_form(request) &&
	    (err->kind == ERROR_INVALID || err->kind == ERROR_CONFLICT);
}

void
model_put_link(json_t *model, const char *href, const char *text)
{
	json_t *list = mem_made(json_array());
	json_t *link = mem_made(json_object());

	json_put_text(link, "href", href);
	json_put_text(link, "text", text);
	model_push(list, link);
	model_put(model, "links", list);
	json_put_bool(model, "has_links", true);
}

void
model_put_reader(json_t *model, const char *address, const char *opml)
{
	json_t *reader = mem_made(json_object());
	char *open = mem_printf(NULL, "feed:%s", address);

	json_put_text(reader, "address", address);
	json_put_text(reader, "open_href", open);
	model_put_href(reader, "feedly_href",
	    "https://feedly.com/i/subscription/feed%2F", address);
	model_put_href(reader, "inoreader_href",
	    "https://www.inoreader.com/?add_feed=", address);
	json_put_text(reader, "opml", opml);
	model_put(model, "reader", reader);
	talloc_free(open);
}

/* --- lists */

json_t *
model_list(void *owner, json_t *items, const char *next)
{
	json_t *list = json_owned(owner, json_object());

	json_put(list, "items", items);
	json_put_text(list, "next", next);
	return list;
}

const char *
model_caught_text(void *owner, int64_t matches, int64_t of, double per_week)
{
	const char *rate = "";

	if (matches > 0 && per_week < 1)
		rate = ", less than one a week";
	else if (matches > 0)
		rate = mem_printf(owner, ", about %.0f a week", per_week);
	return mem_printf(owner, "%jd of the last %jd incident%s%s.",
	    (intmax_t)matches, (intmax_t)of, of == 1 ? "" : "s", rate);
}

static int64_t
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* "1 of 3 hands" while hands are wanted. */
static void
put_needed(json_t *incident)
{
	const json_t *swarm = json_object_get(incident, "swarm");
	const char *status = json_string_value(
	    json_object_get(incident, "status"));
	size_t helpers = 0;
	char *text;

	for (size_t i = 0; i < json_array_size(swarm); i++) {
		const json_t *stay = json_array_get(swarm, i);
		const char *role = json_string_value(
		    json_object_get(stay, "role"));

		if (json_is_null(json_object_get(stay, "left")) &&
		    strcmp(role, "helper") == 0)
			helpers++;
	}
	if (strcmp(status, filter_status_names[STATUS_OPEN]) != 0 &&
	    strcmp(status, filter_status_names[STATUS_SWARMING]) != 0) {
		json_put_text(incident, "needed_text", "");
		return;
	}
	text = mem_printf(NULL, "%zu of %jd hand%s", helpers,
	    (intmax_t)number_of(incident, "hands"),
	    number_of(incident, "hands") == 1 ? "" : "s");
	json_put_text(incident, "needed_text", text);
	talloc_free(text);
}

void
model_add_row(json_t *incident)
{
	put_needed(incident);
	model_put(incident, "tag_links",
	    model_tag_links(
		json_object_get(incident, "tags"), TAG_TO_INCIDENTS));
}

bool
model_incident_row(void *owner, const struct view *view, int64_t number,
    json_t **ret, struct error *err)
{
	struct incident *incident;

	if (!incident_read(owner, view->db, number, &incident, err) ||
	    !shape_incident(owner, view, incident, ret, err))
		return false;
	model_add_row(*ret);
	return true;
}
