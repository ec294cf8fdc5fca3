/* SPDX-License-Identifier: ISC */
#include "cli/incident_line.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "filter/tag.h"

#include <string.h>

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

bool
incident_line_read(
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
