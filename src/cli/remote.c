/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/input.h"
#include "cli/shown.h"
#include "push/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The commands that ask a server, over HTTP and as any other program would:
 * one request each, JSON there and back.
 */

/* --- asking */

/* The server's address without a slash at the end. */
static bool
find_server(struct line *line, const char **ret, struct error *err)
{
	const char *url = line_option(line, "url");
	size_t length;

	if (url == NULL)
		url = getenv("BARNRAISE_URL");
	if (url == NULL || *url == '\0')
		return line_wrong(
		    line, err, "no server: set BARNRAISE_URL or give --url");
	length = strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	*ret = mem_copy_n(line_memory(line), url, length);
	return true;
}

static const char *
find_token(struct line *line)
{
	const char *token = line_option(line, "token");

	if (token == NULL)
		token = getenv("BARNRAISE_TOKEN");
	return token == NULL || *token == '\0' ? NULL : token;
}

/* What a problem document (RFC 9457) says; false always. */
static bool
problem_of(const json_t *problem, unsigned status, struct error *err)
{
	const json_t *fields = json_object_get(problem, "errors");
	const char *text = json_string_value(
	    json_object_get(problem, "detail"));

	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *field = json_array_get(fields, i);
		const char *name = json_string_value(
		    json_object_get(field, "field"));
		const char *message = json_string_value(
		    json_object_get(field, "message"));

		if (name != NULL && message != NULL)
			error_field(err, name,
			    (unsigned)json_integer_value(
				json_object_get(field, "column")),
			    "%s", message);
	}
	if (err->n_fields > 0)
		return false;
	if (text == NULL || *text == '\0')
		text = json_string_value(json_object_get(problem, "title"));
	if (text == NULL || *text == '\0')
		return error_set(
		    err, ERROR_SYSTEM, "the server answered %u", status);
	return error_set(err, ERROR_SYSTEM, "%s", text);
}

static bool
read_answer(void *owner, const struct outgoing_answer *answer, json_t **ret,
    struct error *err)
{
	struct error unread = { 0 };
	json_t *value = NULL;
	bool is_json = strstr(answer->content_type, "json") != NULL &&
	    json_parse(owner, answer->body, answer->length, &value, &unread);

	if (answer->status < 200 || answer->status > 299)
		return problem_of(value, answer->status, err);
	if (!is_json || !json_is_object(value))
		return error_set(err, ERROR_SYSTEM,
		    "the server's answer is no JSON object: is this address "
		    "one of Barnraise?");
	*ret = value;
	return true;
}

/* body is an object, or NULL for a GET. */
static bool
ask(struct line *line, const char *path, const json_t *body, json_t **ret,
    struct error *err)
{
	void *memory = line_memory(line);
	struct outgoing request = { .method = "GET" };
	struct outgoing_answer answer;
	const char *server = NULL;

	if (!find_server(line, &server, err))
		return false;
	request.url = mem_printf(memory, "%s%s", server, path);
	request.accept = "application/json";
	request.bearer = find_token(line);
	if (body != NULL) {
		request.method = "POST";
		request.content_type = "application/json";
		request.body = json_compact(memory, body);
		request.length = strlen(request.body);
	}
	outgoing_init();
	if (!outgoing_send(memory, &request, &answer, err))
		return error_context(err, "%s", server);
	return read_answer(memory, &answer, ret, err);
}

/* A request's body; every one says where it comes from. */
static json_t *
new_body(struct line *line)
{
	json_t *body = json_owned(line_memory(line), json_object());

	json_put_text(body, "source", "cli");
	return body;
}

/* --- printing */

static void
print_json(struct line *line, const json_t *value)
{
	(void)puts(json_pretty(line_memory(line), value));
}

/* The line that list would print of it. */
static void
print_line(struct line *line, json_t *incident)
{
	void *memory = line_memory(line);
	json_t *one = json_owned(memory, json_array());
	struct buf *text = buf_new(memory);

	if (json_array_append(one, incident) != 0)
		mem_made(NULL);
	shown_list(text, one);
	(void)fputs(text->text, stdout);
}

/* --- the commands */

/* "a, #b c" as an array: a, b, c. */
static json_t *
tags_from(struct line *line, const char *text)
{
	static const char separators[] = ", \t\n";
	json_t *tags = json_owned(line_memory(line), json_array());

	while (*(text += strspn(text, separators)) != '\0') {
		size_t length = strcspn(text, separators);
		size_t hash = *text == '#';

		if (json_array_append_new(
			tags, json_stringn(text + hash, length - hash)) != 0)
			mem_made(NULL);
		text += length;
	}
	return tags;
}

bool
remote_post(struct line *line, struct error *err)
{
	json_t *body = new_body(line), *incident = NULL;
	const char *text = NULL, *tags = line_option(line, "tags");
	const char *severity = line_option(line, "severity");
	const char *environment = line_option(line, "environment");
	int64_t number = 0;

	if (!input_whole(line, &text, err))
		return false;
	json_put_text(body, "title", line_text(line, 0));
	json_put_text(body, "body", text);
	if (tags != NULL)
		json_put(body, "tags", tags_from(line, tags));
	if (severity != NULL)
		json_put_text(body, "severity", severity);
	if (environment != NULL)
		json_put_text(body, "environment", environment);
	if (!ask(line, "/incidents", body, &incident, err) ||
	    !json_int(incident, "id", &number, err))
		return false;
	(void)printf("%jd\n", (intmax_t)number);
	return true;
}

/* The incidents of a JSON Feed: each item has its own under _barnraise. */
static const json_t *
incidents_of(struct line *line, const json_t *feed)
{
	const json_t *items = json_object_get(feed, "items");
	json_t *incidents = json_owned(line_memory(line), json_array());

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *incident = json_object_get(
		    json_array_get(items, i), "_barnraise");

		if (incident != NULL &&
		    json_array_append(incidents, incident) != 0)
			mem_made(NULL);
	}
	return incidents;
}

bool
remote_list(struct line *line, struct error *err)
{
	void *memory = line_memory(line);
	const char *filter = line_text(line, 0);
	struct buf *path = buf_new(memory), *text = buf_new(memory);
	json_t *feed = NULL;

	buf_text(path, "/incidents.json");
	if (filter != NULL) {
		buf_text(path, "?q=");
		buf_url(path, filter);
	}
	if (!ask(line, path->text, NULL, &feed, err))
		return false;
	if (line_has(line, "json"))
		print_json(line, feed);
	else {
		shown_list(text, incidents_of(line, feed));
		(void)fputs(text->text, stdout);
	}
	return true;
}

/* "/incidents/N" and the rest, from the first argument. */
static bool
incident_path(
    struct line *line, const char *rest, const char **ret, struct error *err)
{
	int64_t number;

	if (!line_number(line, 0, "N", &number, err))
		return false;
	*ret = mem_printf(
	    line_memory(line), "/incidents/%jd%s", (intmax_t)number, rest);
	return true;
}

bool
remote_show(struct line *line, struct error *err)
{
	struct buf *text = buf_new(line_memory(line));
	const char *path = NULL;
	json_t *incident = NULL;

	if (!incident_path(line, ".json", &path, err) ||
	    !ask(line, path, NULL, &incident, err))
		return false;
	if (line_has(line, "json"))
		print_json(line, incident);
	else {
		shown_incident(text, incident);
		(void)fputs(text->text, stdout);
	}
	return true;
}

static bool
take_step(struct line *line, const char *step, json_t *body, struct error *err)
{
	const char *path = NULL;
	json_t *incident = NULL;

	if (!incident_path(line, step, &path, err) ||
	    !ask(line, path, body, &incident, err))
		return false;
	print_line(line, incident);
	return true;
}

bool
remote_join(struct line *line, struct error *err)
{
	json_t *body = new_body(line);

	json_put_text(
	    body, "role", line_has(line, "shadow") ? "shadow" : "helper");
	return take_step(line, "/join", body, err);
}

bool
remote_leave(struct line *line, struct error *err)
{
	return take_step(line, "/leave", new_body(line), err);
}

/* The second argument, or standard input: not blank. */
static bool
words_of(
    struct line *line, const char *what, const char **ret, struct error *err)
{
	const char *text = line_text(line, 1);

	if (text == NULL && !input_whole(line, &text, err))
		return false;
	if (utf8_is_blank(text))
		return error_set(err, ERROR_INVALID, "no %s", what);
	*ret = text;
	return true;
}

bool
remote_reply(struct line *line, struct error *err)
{
	json_t *body = new_body(line), *post = NULL;
	const char *path = NULL, *text = NULL;

	if (!incident_path(line, "/posts", &path, err) ||
	    !words_of(line, "text", &text, err))
		return false;
	json_put_text(body, "kind", line_has(line, "note") ? "note" : "reply");
	json_put_text(body, "text", text);
	return ask(line, path, body, &post, err);
}

bool
remote_fix(struct line *line, struct error *err)
{
	json_t *body = new_body(line);
	const char *path = NULL, *text = NULL;
	const char *cause = line_option(line, "cause");

	if (!incident_path(line, "/fix", &path, err) ||
	    !words_of(line, "resolution", &text, err))
		return false;
	json_put_text(body, "resolution", text);
	if (cause != NULL)
		json_put_text(body, "cause", cause);
	json_put_bool(body, "publish", line_has(line, "publish"));
	return take_step(line, "/fix", body, err);
}
