/* SPDX-License-Identifier: ISC */
#include "filter/filter.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "filter/tag.h"

#include <stdio.h>
#include <string.h>

/* The commands that try a filter without a store. */

static bool
parse(struct line *line, struct filter **ret, struct error *err)
{
	/* on the command line nobody is "me" */
	const struct filter_context context = { 0 };

	return filter_parse(
	    line_memory(line), line_text(line, 0), &context, ret, err);
}

bool
filter_check(struct line *line, struct error *err)
{
	struct filter *filter;
	const char *warning;

	if (!parse(line, &filter, err))
		return false;
	warning = filter_warning(filter);
	if (warning != NULL)
		line_warn(line, "%s", warning);
	(void)puts(filter_text(filter));
	return true;
}

/* --- match: an incident as import takes it, as a subject of a filter */

struct incident_line {
	struct filter_text texts[FIELD_COUNT];
	const char **tags;
	size_t n_tags;
	struct filter_state state;
};

static bool
read_tags(void *owner, const json_t *object, struct incident_line *ret,
    struct error *err)
{
	const json_t *tags = json_object_get(object, "tags");

	if (tags == NULL || json_is_null(tags))
		return true;
	if (!json_is_array(tags))
		return error_field(err, "tags", 0, "must be an array");
	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *text = json_string_value(json_array_get(tags, i));
		char *tag;

		if (text == NULL)
			return error_field(err, "tags", 0, "must be strings");
		if (!tag_parse(owner, span_of(text + (*text == '#')), "tags",
			&tag, err))
			return false;
		*mem_push(owner, &ret->tags, &ret->n_tags) = tag;
	}
	return true;
}

static bool
read_state(const json_t *object, struct filter_state *ret, struct error *err)
{
	const char *severity = "normal", *resolution = NULL, *created = NULL;
	int64_t now = clock_now(), since = now;

	if (!json_text(object, "severity", &severity, err) ||
	    !json_text(object, "resolution", &resolution, err) ||
	    !json_text(object, "created", &created, err))
		return false;
	if (created != NULL && !date_parse_rfc3339(created, &since))
		return error_field(err, "created", 0,
		    "must be a time like 2026-11-25T01:26:40Z");
	if (!filter_severity_find(severity, &ret->severity))
		return error_field(err, "severity", 0,
		    "must be low, normal, high or critical");
	ret->status = resolution != NULL && !utf8_is_blank(resolution)
	    ? STATUS_RESOLVED
	    : STATUS_OPEN;
	/* hands 1, and nobody is in */
	ret->wanted = ret->status == STATUS_OPEN;
	ret->source = "import";
	ret->age = now - since;
	return true;
}

/* As import makes it: the first 80 characters of the body. */
static const char *
title_from(void *owner, const char *body)
{
	enum { MOST = 80 };
	char *line = utf8_one_line(owner, body);
	size_t at = 0;

	if (*line == '\0')
		return "(no title)";
	for (size_t n = 0; n < MOST && line[at] != '\0'; n++) {
		uint32_t code;

		at += utf8_decode(line + at, strlen(line + at), &code);
	}
	line[at] = '\0';
	return line;
}

static bool
read_incident(
    void *owner, const char *text, struct incident_line *ret, struct error *err)
{
	const char *title = "", *body = "", *environment = "";
	json_t *object;

	*ret = (struct incident_line){ 0 };
	if (!json_parse(owner, text, strlen(text), &object, err))
		return false;
	if (!json_is_object(object))
		return error_set(err, ERROR_MALFORMED, "not a JSON object");
	if (!json_text(object, "title", &title, err) ||
	    !json_text(object, "body", &body, err) ||
	    !json_text(object, "environment", &environment, err) ||
	    !read_tags(owner, object, ret, err) ||
	    !read_state(object, &ret->state, err))
		return false;
	title = utf8_is_blank(title) ? title_from(owner, body)
				     : utf8_one_line(owner, title);
	body = utf8_unix_lines(owner, body);
	environment = utf8_unix_lines(owner, environment);
	ret->texts[0] = (struct filter_text){ FIELD_TITLE, title,
		strlen(title) };
	ret->texts[1] = (struct filter_text){ FIELD_BODY, body, strlen(body) };
	ret->texts[2] = (struct filter_text){ FIELD_ENVIRONMENT, environment,
		strlen(environment) };
	return true;
}

static bool
match_line(const struct filter *filter, const struct incident_line *incident,
    struct filter_scratch *scratch)
{
	const struct filter_document document = {
		.texts = incident->texts,
		.n_texts = FIELD_COUNT,
		.tags = incident->tags,
		.n_tags = incident->n_tags,
	};

	return filter_matches(filter, &document, &incident->state, scratch);
}

/* Warns of a wrong line and goes on; false if a line cannot even be read. */
static bool
match_all(struct line *line, struct input *input, const struct filter *filter,
    size_t *bad, struct error *err)
{
	struct filter_scratch *scratch = filter_scratch_new(
	    line_memory(line), 0);
	struct input_line at;

	while (input_next(input, &at, err)) {
		void *memory = mem_root("incident line");
		struct incident_line incident;
		struct error wrong = { 0 };
		char text[ERROR_TEXT];

		if (!read_incident(memory, at.text, &incident, &wrong)) {
			line_warn(line, "line %zu: %s", at.number,
			    error_text(&wrong, text));
			*bad += 1;
		} else if (match_line(filter, &incident, scratch)) {
			(void)fwrite(at.bytes, 1, at.length, stdout);
			(void)putchar('\n');
		}
		talloc_free(memory);
	}
	return err->kind == ERROR_NONE;
}

bool
filter_match(struct line *line, struct error *err)
{
	struct filter *filter;
	struct input *input;
	size_t bad = 0;

	if (!parse(line, &filter, err) ||
	    !input_open(line, line_path(line, 1), &input, err) ||
	    !match_all(line, input, filter, &bad, err))
		return false;
	if (bad > 0)
		return error_set(err, ERROR_INVALID,
		    "%zu line%s could not be read", bad, bad == 1 ? "" : "s");
	return true;
}
