/* SPDX-License-Identifier: ISC */
#include "http/problem.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/escape.h"
#include "http/server.h"

static const struct status {
	unsigned code;
	const char *title;
} statuses[ERROR_KINDS] = {
	[ERROR_NONE] = { 200, "OK" },
	[ERROR_MALFORMED] = { 400, "Bad Request" },
	[ERROR_UNAUTHORIZED] = { 401, "Unauthorized" },
	[ERROR_FORBIDDEN] = { 403, "Forbidden" },
	[ERROR_NOT_FOUND] = { 404, "Not Found" },
	[ERROR_METHOD] = { 405, "Method Not Allowed" },
	[ERROR_NOT_ACCEPTABLE] = { 406, "Not Acceptable" },
	[ERROR_CONFLICT] = { 409, "Conflict" },
	[ERROR_GONE] = { 410, "Gone" },
	[ERROR_PRECONDITION] = { 412, "Precondition Failed" },
	[ERROR_TOO_LARGE] = { 413, "Content Too Large" },
	[ERROR_UNSUPPORTED] = { 415, "Unsupported Media Type" },
	[ERROR_INVALID] = { 422, "Unprocessable Content" },
	[ERROR_PRECONDITION_REQUIRED] = { 428, "Precondition Required" },
	[ERROR_RATE] = { 429, "Too Many Requests" },
	[ERROR_BUSY] = { 503, "Service Unavailable" },
	[ERROR_SYSTEM] = { 500, "Internal Server Error" },
};

unsigned
http_status_of(enum error_kind kind)
{
	CHECK(kind < ERROR_KINDS && statuses[kind].code != 0);
	return statuses[kind].code;
}

const char *
problem_title(enum error_kind kind)
{
	CHECK(kind < ERROR_KINDS && statuses[kind].code != 0);
	return statuses[kind].title;
}

static void
add_field(struct buf *json, const struct error_field *field)
{
	buf_text(json, "{\"field\":");
	buf_json(json, field->name);
	if (field->column != 0)
		buf_printf(json, ",\"column\":%u", field->column);
	buf_text(json, ",\"message\":");
	buf_json(json, field->message);
	buf_char(json, '}');
}

const char *
problem_json(void *owner, const struct error *err)
{
	struct buf *json = buf_new(owner);
	char text[ERROR_TEXT];

	buf_text(json, "{\"type\":\"about:blank\",\"title\":");
	buf_json(json, problem_title(err->kind));
	buf_printf(
	    json, ",\"status\":%u,\"detail\":", http_status_of(err->kind));
	buf_json(json,
	    err->kind == ERROR_SYSTEM
		? "something failed on our side; the log says what"
		: error_text(err, text));
	for (size_t i = 0; i < err->n_fields; i++) {
		buf_text(json, i == 0 ? ",\"errors\":[" : ",");
		add_field(json, &err->fields[i]);
	}
	buf_text(json, err->n_fields > 0 ? "]}" : "}");
	return json->text;
}
