/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/store.h"
#include "desk/access.h"

#include <stdio.h>
#include <string.h>

/* The commands person, token and feed: who is here, and with what. */

/* Words separated by commas and white space; a leading # is dropped. */
static const char **
words_of(void *owner, const char *text, size_t *n)
{
	const char **words = NULL;

	*n = 0;
	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, ", \t");

		if (length > 0)
			*mem_push(owner, &words, n) = mem_copy_n(owner,
			    text + (*text == '#'), length - (*text == '#'));
		text += length;
		text += *text != '\0';
	}
	return words;
}

static bool
find_person(struct line *line, struct desk *desk, const char *handle,
    struct person **ret, struct error *err)
{
	struct db *db;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = person_by_handle(line_memory(line), db, handle, ret, err);
	desk_reader_done(desk, db);
	return ok;
}

/* --- person */

static bool
add_person(struct line *line, struct desk *desk, struct error *err)
{
	struct profile profile = { .hours = -1 };
	const struct newcomer newcomer = {
		.handle = line_text(line, 0),
		.profile = &profile,
		.admin = line_has(line, "admin"),
		.bot = line_has(line, "bot"),
	};
	char *password = NULL;

	profile.name = line_option(line, "name");
	profile.email = line_option(line, "email");
	profile.skills = words_of(
	    line_memory(line), line_option(line, "tags"), &profile.n_skills);
	profile.has_skills = profile.n_skills > 0;
	if (!desk_person_add(line_memory(line), desk, &store_operator,
		&newcomer, &password, err))
		return false;
	(void)puts(password);
	return true;
}

bool
person_add(struct line *line, struct error *err)
{
	return store_with(line, add_person, err);
}

static json_t *
person_json(void *owner, const struct person *person)
{
	json_t *object = json_owned(owner, json_object());

	json_put_text(object, "handle", person->handle);
	json_put_text(object, "name", person->name);
	json_put_text(object, "email", person->email);
	json_put_bool(object, "bot", person->bot);
	json_put_bool(object, "admin", person->admin);
	json_put_bool(object, "disabled", person->disabled);
	json_put_text(object, "availability", person->here ? "here" : "away");
	return object;
}

static const char *
duty_of(const struct person *person)
{
	if (person->disabled)
		return "disabled";
	if (person->bot)
		return "bot";
	return person->admin ? "admin" : "";
}

static bool
list_people(struct line *line, struct desk *desk, struct error *err)
{
	json_t *items = json_owned(line_memory(line), json_array());
	struct person **people;
	struct db *db;
	size_t n = 0;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = person_list(line_memory(line), db, &people, &n, err);
	desk_reader_done(desk, db);
	for (size_t i = 0; ok && i < n; i++) {
		if (line_has(line, "json"))
			(void)json_array_append(
			    items, person_json(line_memory(line), people[i]));
		else
			line_print(line, "%-20s %-10s %s", people[i]->handle,
			    duty_of(people[i]), people[i]->name);
	}
	if (ok && line_has(line, "json"))
		(void)puts(json_pretty(line_memory(line), items));
	return ok;
}

bool
person_list_all(struct line *line, struct error *err)
{
	return store_with(line, list_people, err);
}

static bool
new_password(struct line *line, struct desk *desk, struct error *err)
{
	char *password;

	if (!desk_person_passwd(line_memory(line), desk, &store_operator,
		line_text(line, 0), &password, err))
		return false;
	(void)puts(password);
	return true;
}

bool
person_passwd(struct line *line, struct error *err)
{
	return store_with(line, new_password, err);
}

/* "yes" or "no", or not given. */
static bool
find_change(struct line *line, const char *option, enum duty_change *ret,
    struct error *err)
{
	const char *word = line_option(line, option);

	*ret = DUTY_KEEP;
	if (word == NULL)
		return true;
	if (strcmp(word, "yes") == 0)
		*ret = DUTY_GIVE;
	else if (strcmp(word, "no") == 0)
		*ret = DUTY_TAKE;
	else
		return line_wrong(
		    line, err, "--%s: yes or no, not %s", option, word);
	return true;
}

static bool
change_duty(struct line *line, struct desk *desk, struct error *err)
{
	struct duty duty = { 0 };

	return find_change(line, "admin", &duty.admin, err) &&
	    find_change(line, "bot", &duty.bot, err) &&
	    desk_person_duty(
		desk, &store_operator, line_text(line, 0), &duty, err);
}

bool
person_duty(struct line *line, struct error *err)
{
	return store_with(line, change_duty, err);
}

static bool
disable(struct line *line, struct desk *desk, struct error *err)
{
	struct disabled ended;

	if (!desk_person_disable(
		desk, &store_operator, line_text(line, 0), &ended, err))
		return false;
	printf("ended %jd sessions, %jd tokens, %jd feed links; left %jd "
	       "swarms; %jd incidents need a host\n",
	    (intmax_t)ended.sessions, (intmax_t)ended.tokens,
	    (intmax_t)ended.links, (intmax_t)ended.left,
	    (intmax_t)ended.hosted);
	return true;
}

bool
person_disable(struct line *line, struct error *err)
{
	return store_with(line, disable, err);
}

/* --- tokens and feed links */

static const char *const scope_names[] = {
	[SCOPE_READ] = "read",
	[SCOPE_WRITE] = "write",
	[SCOPE_ADMIN] = "admin",
};

static bool
find_scope(struct line *line, enum scope *ret, struct error *err)
{
	const char *name = line_option(line, "scope");

	*ret = SCOPE_WRITE;
	if (name == NULL)
		return true;
	for (int scope = SCOPE_READ; scope <= SCOPE_ADMIN; scope++)
		if (strcmp(scope_names[scope], name) == 0) {
			*ret = (enum scope)scope;
			return true;
		}
	return line_wrong(
	    line, err, "--scope: read, write or admin, not %s", name);
}

static const char *
label_of(struct line *line)
{
	const char *label = line_option(line, "label");

	return label == NULL ? "" : label;
}

static bool
add_token(struct line *line, struct desk *desk, struct error *err)
{
	char secret[SECRET_TOKEN];
	struct person *person;
	enum scope scope;
	int64_t id;

	if (!find_scope(line, &scope, err) ||
	    !find_person(line, desk, line_text(line, 0), &person, err) ||
	    !desk_token_add(desk, &store_operator, person->id, scope,
		label_of(line), secret, &id, err))
		return false;
	(void)puts(secret);
	return true;
}

bool
token_add(struct line *line, struct error *err)
{
	return store_with(line, add_token, err);
}

static bool
add_feed(struct line *line, struct desk *desk, struct error *err)
{
	char secret[SECRET_TOKEN];
	struct person *person;
	int64_t id;

	if (!find_person(line, desk, line_text(line, 0), &person, err) ||
	    !desk_link_add(desk, &store_operator, person->id, label_of(line),
		secret, &id, err))
		return false;
	printf("/feeds/%s\n", secret);
	return true;
}

bool
feed_add(struct line *line, struct error *err)
{
	return store_with(line, add_feed, err);
}

static json_t *
access_json(void *owner, const struct access_row *row, int kind)
{
	json_t *object = json_owned(owner, json_object());

	json_put_int(object, "id", row->id);
	json_put_text(object, "person", row->handle);
	json_put_text(object, "label", row->label);
	if (kind == ACCESS_TOKEN)
		json_put_text(object, "scope", scope_names[row->scope]);
	json_put_time(object, "created", row->created);
	json_put_time(object, "used", row->used);
	return object;
}

static bool
list_access(struct line *line, struct desk *desk, int kind, struct error *err)
{
	void *memory = line_memory(line);
	json_t *items = json_owned(memory, json_array());
	struct access_row *rows = NULL;
	struct person *person = NULL;
	struct db *db;
	size_t n = 0;
	bool ok;

	if (line_arguments(line) > 0 &&
	    !find_person(line, desk, line_text(line, 0), &person, err))
		return false;
	if (!desk_reader(desk, &db, err))
		return false;
	ok = access_list(
	    memory, db, kind, person == NULL ? 0 : person->id, &rows, &n, err);
	desk_reader_done(desk, db);
	for (size_t i = 0; ok && i < n; i++) {
		const struct access_row *row = &rows[i];

		if (line_has(line, "json"))
			(void)json_array_append(
			    items, access_json(memory, row, kind));
		else
			line_print(line, "%5jd %-20s %-6s %s",
			    (intmax_t)row->id, row->handle,
			    kind == ACCESS_TOKEN ? scope_names[row->scope] : "",
			    row->label);
	}
	if (ok && line_has(line, "json"))
		(void)puts(json_pretty(memory, items));
	return ok;
}

static bool
list_tokens(struct line *line, struct desk *desk, struct error *err)
{
	return list_access(line, desk, ACCESS_TOKEN, err);
}

static bool
list_feeds(struct line *line, struct desk *desk, struct error *err)
{
	return list_access(line, desk, ACCESS_LINK, err);
}

bool
token_list(struct line *line, struct error *err)
{
	return store_with(line, list_tokens, err);
}

bool
feed_list_all(struct line *line, struct error *err)
{
	return store_with(line, list_feeds, err);
}

static bool
revoke_token(struct line *line, struct desk *desk, struct error *err)
{
	int64_t id;

	return line_number(line, 0, "ID", &id, err) &&
	    desk_token_revoke(desk, &store_operator, 0, id, err);
}

static bool
revoke_feed(struct line *line, struct desk *desk, struct error *err)
{
	int64_t id;

	return line_number(line, 0, "ID", &id, err) &&
	    desk_link_revoke(desk, &store_operator, 0, id, err);
}

bool
token_revoke(struct line *line, struct error *err)
{
	return store_with(line, revoke_token, err);
}

bool
feed_revoke(struct line *line, struct error *err)
{
	return store_with(line, revoke_feed, err);
}
