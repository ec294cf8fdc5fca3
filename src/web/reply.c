/* SPDX-License-Identifier: ISC */
#include "web/site.h"

/* How resources answer: JSON, pages, redirections, error pages. */

#include "base/json.h"
#include "base/mem.h"
#include "http/server.h"
#include "web/public.h"
#include "web/session.h"
#include "web/times.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

static void
set_changed(struct request *request, struct answer *answer, int64_t changed)
{
	answer->etag = mem_printf(
	    request->memory, "\"%jd\"", (intmax_t)changed);
}

void
answer_json(struct request *request, struct answer *answer, const json_t *value,
    int64_t changed)
{
	char *text = json_pretty(request->memory, value);

	answer_body(answer, "application/json", text, strlen(text));
	answer->cache_control = "private, no-cache";
	set_changed(request, answer, changed);
	if (changed == 0 && request->method == HTTP_GET)
		answer_etag_of_body(request, answer, 0);
}

void
answer_created(struct request *request, struct answer *answer,
    const char *location, const json_t *value, int64_t changed)
{
	answer_json(request, answer, value, changed);
	answer->status = 201;
	answer->location = location;
}

/* --- pages */

static json_t *
signed_in(const struct visit *visit)
{
	json_t *person;

	if (!came_by_browser(visit))
		return json_null();
	person = json_object();
	json_put_text(person, "handle", visit->identity.handle);
	json_put_text(person, "name", visit->identity.name);
	json_put_bool(person, "admin", visit->identity.admin);
	return person;
}

static void
put_taken(json_t *object, const char *name, json_t *value)
{
	json_put(object, name, value);
	json_decref(value);
}

static json_t *
page_member(const struct request *request, const struct page_head *head)
{
	const struct visit *visit = visit_of(request);
	json_t *page = json_owned(request->memory, json_object());

	json_put_text(page, "title", head->title);
	json_put_text(page, "desk", visit->site->settings->name);
	json_put_text(page, "csrf", session_csrf(request));
	put_taken(page, "person", signed_in(visit));
	if (head->at != NULL) {
		json_t *at = json_object();

		json_put_bool(at, head->at, true);
		put_taken(page, "at", at);
	}
	if (head->feeds != NULL)
		json_put(page, "feeds", head->feeds);
	json_put_text(page, "canonical", head->canonical);
	json_put_text(page, "notice", head->notice);
	json_put_bool(page, "noindex", head->noindex);
	json_put_bool(page, "must_change_password",
	    visit->came_by == CAME_SESSION &&
		visit->identity.password_is_first);
	return page;
}

/*
 * Under no-referrer a browser says "Origin: null" with our own forms, and over
 * plain http nothing else tells where they come from. Our own pages may know
 * of each other; an address that is a secret stays out of all headers.
 */
static void
keep_origin(struct request *request, struct answer *answer)
{
	if (request->route == NULL || request->route->who != BY_LINK)
		answer_header(
		    request, answer, "Referrer-Policy", "same-origin");
}

bool
answer_page(struct request *request, struct answer *answer, const char *name,
    json_t *model, const struct page_head *head, struct error *err)
{
	const struct site *site = visit_of(request)->site;
	struct span html;

	json_put(model, "page", page_member(request, head));
	page_add_times(request->memory, model);
	if (!page_render(request->memory, site->pages, name, model, &html, err))
		return false;
	answer_body(answer, "text/html; charset=utf-8", html.text, html.length);
	keep_origin(request, answer);
	return true;
}

/*
 * Without scheme and host, so that whoever came by another name of ours (an
 * address, a tunnel) stays there, where the session's cookie is.
 */
void
answer_see_path(
    struct request *request, struct answer *answer, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	answer_see_other(answer, mem_vprintf(request->memory, path, args));
	va_end(args);
}

/*
 * Where a form comes from is known by its path (pages of links send no
 * Referer): what is done to an incident is done on its page, all of /me on one.
 */
const char *
site_page_of(const struct request *request)
{
	static const struct {
		const char *below;
		unsigned segments; /* that stay */
	} pages[] = {
		{ "/incidents/", 2 },
		{ "/articles/", 2 },
		{ "/status/", 2 },
		{ "/kb/", 2 },
		{ "/me/", 1 },
		{ "/admin/people/", 3 },
		{ "/admin/filters/", 1 },
		{ "/admin/", 2 },
	};
	const char *path = request->path;

	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		const char *end = path;

		if (strncmp(path, pages[i].below, strlen(pages[i].below)) != 0)
			continue;
		for (unsigned n = 0; n < pages[i].segments; n++)
			end += 1 + strcspn(end + 1, "/");
		return mem_copy_n(request->memory, path, (size_t)(end - path));
	}
	return path;
}

/* --- errors as pages */

static const struct {
	enum error_kind kind;
	const char *title;
	const char *what_to_do;
} kinds[] = {
	{ ERROR_MALFORMED, "That could not be read",
	    "Go back, correct it and send it again." },
	{ ERROR_UNAUTHORIZED, "Please sign in", "Sign in and try again." },
	{ ERROR_FORBIDDEN, "That is not yours to do",
	    "Load the page again; if it stays so, ask an admin." },
	{ ERROR_NOT_FOUND, "There is nothing here",
	    "Check the address, or search the knowledge base." },
	{ ERROR_METHOD, "That does not work here", "Go back to the page." },
	{ ERROR_CONFLICT, "That does not fit any more",
	    "Go back and load the page again to see how things are now." },
	{ ERROR_GONE, "This was withdrawn", "There is nothing more to see." },
	{ ERROR_PRECONDITION, "Somebody was faster",
	    "Load the page again and look at what changed." },
	{ ERROR_TOO_LARGE, "That is too long",
	    "Shorten it and send it again." },
	{ ERROR_INVALID, "Something is missing or wrong",
	    "Go back, correct it and send it again." },
	{ ERROR_RATE, "That was a little fast",
	    "Wait a moment and try again." },
	{ ERROR_BUSY, "Too much at once", "Wait a moment and try again." },
	{ ERROR_SYSTEM, "Something went wrong on our side",
	    "Try again; nothing was changed." },
};

static json_t *
error_fields(const struct error *err)
{
	json_t *fields = json_array();

	for (size_t i = 0; i < err->n_fields; i++) {
		json_t *field = json_object();

		json_put_text(field, "field", err->fields[i].name);
		if (err->fields[i].column > 0)
			json_put_int(field, "column", err->fields[i].column);
		json_put_text(field, "message", err->fields[i].message);
		(void)json_array_append_new(fields, field);
	}
	return fields;
}

json_t *
site_kept(const struct request *request)
{
	json_t *kept = json_array();
	struct error ignored = { 0 };
	struct form form;

	if (!input_is_form(request) || !request_form(request, &form, &ignored))
		return kept;
	for (size_t i = 0; i < form.n; i++) {
		const struct form_field *field = &form.fields[i];
		json_t *each;

		if (strcmp(field->name, "csrf") == 0 ||
		    strstr(field->name, "password") != NULL ||
		    strcmp(field->name, "old") == 0 ||
		    strcmp(field->name, "new") == 0 || field->value[0] == '\0')
			continue;
		each = json_object();
		json_put_text(each, "name", field->name);
		json_put_text(each, "value", field->value);
		(void)json_array_append_new(kept, each);
	}
	return kept;
}

/* A message as a sentence: it begins small and has no full stop. */
static const char *
sentence_of(void *owner, const char *message)
{
	size_t length = strlen(message);
	char *text;

	if (length == 0)
		return message;
	text = mem_printf(owner, "%s%s", message,
	    strchr(".?!", message[length - 1]) != NULL ? "" : ".");
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return text;
}

static json_t *
error_model(const struct request *request, const struct answer *answer,
    const struct error *err)
{
	json_t *model = json_owned(request->memory, json_object());

	json_put_int(model, "status", answer->status);
	json_put_text(model, "title", "That did not work");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].kind == err->kind) {
			json_put_text(model, "title", kinds[i].title);
			json_put_text(model, "what_to_do", kinds[i].what_to_do);
		}
	json_put_text(
	    model, "detail", sentence_of(request->memory, err->message));
	put_taken(model, "errors", error_fields(err));
	put_taken(model, "kept", site_kept(request));
	if (request->method != HTTP_GET)
		json_put_text(model, "back", site_page_of(request));
	return model;
}

bool
site_error_page(
    struct request *request, struct answer *answer, const struct error *err)
{
	struct page_head head = { .noindex = true };
	struct error ignored = { 0 };
	json_t *model;

	if (request->user == NULL) {
		struct visit *visit = mem_new(request->memory, struct visit);

		visit->site = http_context(request);
		request->user = visit;
	}
	if (err->kind == ERROR_UNAUTHORIZED)
		return signin_page(request, answer, err);
	model = error_model(request, answer, err);
	head.title = json_string_value(json_object_get(model, "title"));
	return answer_page(request, answer, "error", model, &head, &ignored);
}
