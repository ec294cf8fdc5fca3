/* SPDX-License-Identifier: ISC */
#include "web/site.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/answer.h"

#include <stdlib.h>
#include <string.h>

bool
input_is_form(const struct request *request)
{
	const char *type = request_type(request);

	return strcmp(type, "application/x-www-form-urlencoded") == 0 ||
	    strcmp(type, "multipart/form-data") == 0;
}

static bool
is_json(const char *type)
{
	return strcmp(type, "application/json") == 0 ||
	    strcmp(type, "application/merge-patch+json") == 0;
}

static bool
read_form(struct request *request, json_t **ret, struct error *err)
{
	json_t *input = json_owned(request->memory, json_object());
	struct form form;

	if (!request_form(request, &form, err))
		return false;
	for (size_t i = 0; i < form.n; i++)
		if (strcmp(form.fields[i].name, "csrf") != 0 &&
		    json_object_get(input, form.fields[i].name) == NULL)
			json_put_text(
			    input, form.fields[i].name, form.fields[i].value);
	*ret = input;
	return true;
}

bool
input_read(struct request *request, json_t **ret, struct error *err)
{
	const char *type = request_type(request);
	json_t *value;

	if (!request->has_body) {
		*ret = json_owned(request->memory, json_object());
		return true;
	}
	if (input_is_form(request))
		return read_form(request, ret, err);
	if (!is_json(type))
		return error_set(err, ERROR_UNSUPPORTED,
		    "send a form or application/json, not %s",
		    type[0] == '\0' ? "a body without a type" : type);
	if (!json_parse(request->memory, request->body, request->body_length,
		&value, err))
		return false;
	if (!json_is_object(value))
		return error_set(
		    err, ERROR_MALFORMED, "JSON: an object is needed");
	*ret = value;
	return true;
}

bool
input_member_text(
    const json_t *input, const char *name, const char **ret, struct error *err)
{
	return json_text(input, name, ret, err);
}

bool
input_patch_text(
    const json_t *input, const char *name, const char **ret, struct error *err)
{
	if (json_is_null(json_object_get(input, name))) {
		*ret = "";
		return true;
	}
	return json_text(input, name, ret, err);
}

bool
input_member_int(
    const json_t *input, const char *name, int64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(input, name);
	const char *text = json_string_value(value);
	char *end;
	long long number;

	if (text == NULL)
		return json_int(input, name, ret, err);
	if (text[0] == '\0')
		return true;
	number = strtoll(text, &end, 10);
	if (*end != '\0' || utf8_length(text) > 18)
		return error_field(err, name, 0, "must be a whole number");
	*ret = number;
	return true;
}

bool
input_member_hands(const json_t *input, int64_t *ret, struct error *err)
{
	int64_t hands = INT64_MIN;

	if (!input_member_int(input, "hands", &hands, err))
		return false;
	if (hands == 0)
		return error_field(err, "hands", 0, "must be 1 to 99");
	*ret = hands == INT64_MIN ? 0 : hands;
	return true;
}

bool
input_member_bool(
    const json_t *input, const char *name, bool *ret, struct error *err)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {
		{ "true", true },
		{ "on", true },
		{ "1", true },
		{ "yes", true },
		{ "false", false },
		{ "0", false },
		{ "no", false },
		{ "", false },
	};
	const char *text = json_string_value(json_object_get(input, name));

	if (text == NULL)
		return json_bool(input, name, ret, err);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].text, text) == 0) {
			*ret = words[i].value;
			return true;
		}
	return error_field(err, name, 0, "must be true or false");
}

/* White space and commas separate; the bytes of others are never cut. */
static void
split_words(void *owner, const char *text, struct words *ret)
{
	static const char separators[] = ", \t\r\n";

	while (*text != '\0') {
		size_t length = strcspn(text, separators);
		const char *word = text;

		text += length;
		text += strspn(text, separators);
		if (length > 0 && word[0] == '#') {
			word++;
			length--;
		}
		if (length > 0)
			*mem_push(owner, &ret->words, &ret->n) = mem_copy_n(
			    owner, word, length);
	}
}

bool
input_member_words(void *owner, const json_t *input, const char *name,
    struct words *ret, struct error *err)
{
	const json_t *value = json_object_get(input, name);
	const json_t *each;
	size_t i;

	*ret = (struct words){ 0 };
	if (value == NULL || json_is_null(value))
		return true;
	ret->given = true;
	if (json_is_string(value)) {
		split_words(owner, json_string_value(value), ret);
		return true;
	}
	if (!json_is_array(value))
		return error_field(err, name, 0, "must be a list of text");
	json_array_foreach(value, i, each)
	{
		const char *text = json_string_value(each);

		if (text == NULL)
			return error_field(
			    err, name, 0, "must be a list of text");
		*mem_push(owner, &ret->words,
		    &ret->n) = text[0] == '#' ? text + 1 : text;
	}
	return true;
}

bool
input_if_changed(const struct request *request, int64_t changed, bool required,
    int64_t *if_changed, struct error *err)
{
	const char *match = request_header(request, "If-Match");

	*if_changed = 0;
	if (!request_may_change(request, changed, required, err))
		return false;
	if (match != NULL && strcmp(match, "*") != 0)
		*if_changed = changed;
	return true;
}

bool
input_action(const json_t *input, enum form_action *ret, struct error *err)
{
	const char *action = "";

	if (!input_member_text(input, "action", &action, err))
		return false;
	*ret = strcmp(action, "delete") == 0 ? ACTION_DELETE : ACTION_EDIT;
	return *ret == ACTION_DELETE || strcmp(action, "edit") == 0 ||
	    error_field(err, "action", 0, "must be edit or delete");
}
