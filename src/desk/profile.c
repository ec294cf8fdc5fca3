/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "desk/incident.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/person_job.h"
#include "desk/stretch.h"
#include "desk/tag_names.h"
#include "filter/tag.h"

#include <stdlib.h>
#include <string.h>

/* Making a person and changing her profile. */

enum { EMAIL_MAX = 254, HOURS_MAX = 168 }; /* RFC 5321; a week */

/* A profile that was checked: NULL and -1 leave what is there. */
struct checked {
	char *name, *email;
	int64_t here, hours;
	bool has_tags[2]; /* skills, interests */
	char **tags[2];
	size_t n_tags[2];
};

struct profile_job {
	struct put put;
	struct checked profile;
	char *handle;
	int64_t person, if_changed;
	bool admin, bot;
	char *password; /* its hash, or NULL */
	struct order skills;
};

bool
person_journal(struct db *db, const struct actor *actor, void *memory,
    const char *handle, const char *step, struct event *event,
    struct error *err)
{
	json_t *detail = json_owned(memory, json_object());

	json_put_text(detail, "person", handle);
	json_put_text(detail, "step", step);
	*event = (struct event){
		.kind = JOURNAL_PERSON,
		.person = actor->person,
		.detail = detail,
	};
	return journal_add(db, event, actor->address, err);
}

/* --- checks */

static bool
check_name(void *owner, const struct profile *profile, struct checked *ret,
    struct error *err)
{
	if (profile->name == NULL)
		return true;
	ret->name = utf8_one_line(owner, profile->name);
	if (utf8_length(ret->name) > NAME_MAX_CHARACTERS)
		return error_field(err, "name", 0,
		    "may have %d characters at most", NAME_MAX_CHARACTERS);
	return true;
}

/* Mail proves an address; here it only has to look like one. "" is none. */
static bool
check_email(void *owner, const struct profile *profile, struct checked *ret,
    struct error *err)
{
	const char *at;

	if (profile->email == NULL)
		return true;
	ret->email = utf8_one_line(owner, profile->email);
	if (ret->email[0] == '\0')
		return true;
	at = strchr(ret->email, '@');
	if (at == NULL || at == ret->email || at[1] == '\0' ||
	    strchr(ret->email, ' ') != NULL || strlen(ret->email) > EMAIL_MAX)
		return error_field(
		    err, "email", 0, "must be an address like ana@example.org");
	return true;
}

static bool
check_time(
    const struct profile *profile, struct checked *ret, struct error *err)
{
	const char *word = profile->availability;

	ret->hours = profile->hours;
	ret->here = -1;
	if (profile->hours < -1 || profile->hours > HOURS_MAX)
		return error_field(
		    err, "hours", 0, "must be 0 to %d hours a week", HOURS_MAX);
	if (word == NULL)
		return true;
	ret->here = strcmp(word, "here") == 0;
	if (ret->here == 0 && strcmp(word, "away") != 0)
		return error_field(
		    err, "availability", 0, "must be here or away");
	return true;
}

static int
compare_tags(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Folded, sorted, each once. */
static bool
check_tags(void *owner, const char *field, const char *const *given, size_t n,
    char ***ret, size_t *n_ret, struct error *err)
{
	char **tags = mem_array(owner, char *, n + 1);
	size_t kept = 0;

	if (n > TAGS_MAX)
		return error_field(
		    err, field, 0, "may be %d at most", TAGS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!tag_parse(owner, span_of(given[i]), field, &tags[i], err))
			return false;
	qsort(tags, n, sizeof *tags, compare_tags);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(tags[kept - 1], tags[i]) != 0)
			tags[kept++] = tags[i];
	*ret = tags;
	*n_ret = kept;
	return true;
}

/* All of them, so that a form shows every wrong field at once. */
static bool
check_profile(void *owner, const struct profile *profile, struct checked *ret,
    struct error *err)
{
	bool ok = check_name(owner, profile, ret, err);

	ok = check_email(owner, profile, ret, err) && ok;
	ok = check_time(profile, ret, err) && ok;
	ret->has_tags[0] = profile->has_skills;
	ret->has_tags[1] = profile->has_interests;
	if (profile->has_skills)
		ok = check_tags(owner, "skills", profile->skills,
			 profile->n_skills, &ret->tags[0], &ret->n_tags[0],
			 err) &&
		    ok;
	if (profile->has_interests)
		ok = check_tags(owner, "interests", profile->interests,
			 profile->n_interests, &ret->tags[1], &ret->n_tags[1],
			 err) &&
		    ok;
	return ok;
}

/* --- tags */

/* By the names of now: who has a tag is found by it. */
static void
name_tags(struct profile_job *job)
{
	struct checked *profile = &job->profile;

	for (int kind = 0; kind < 2; kind++)
		tags_now(job->put.memory, job->put.desk->names,
		    &profile->tags[kind], &profile->n_tags[kind]);
}

static const struct db_statement drop_tags = {
	"drop tags of a person",
	"DELETE FROM person_tag WHERE person = ? AND kind = ?",
};
static const struct db_statement put_tag = {
	"new tag of a person",
	"INSERT INTO person_tag (person, tag, kind) VALUES (?, ?, ?)",
};

static bool
write_tags(struct db *db, const struct profile_job *job, struct error *err)
{
	const struct checked *profile = &job->profile;

	for (int kind = 0; kind < 2; kind++) {
		if (!profile->has_tags[kind])
			continue;
		if (!db_run(db, &drop_tags,
			DB_VALUES(db_int(job->person), db_int(kind)), err))
			return false;
		for (size_t i = 0; i < profile->n_tags[kind]; i++)
			if (!db_run(db, &put_tag,
				DB_VALUES(db_int(job->person),
				    db_text(profile->tags[kind][i]),
				    db_int(kind)),
				err))
				return false;
	}
	return true;
}

static bool
same_skills(const struct person *person, const struct checked *profile)
{
	if (person->n_skills != profile->n_tags[0])
		return false;
	for (size_t i = 0; i < person->n_skills; i++)
		if (strcmp(person->skills[i], profile->tags[0][i]) != 0)
			return false;
	return true;
}

/* Skills that change make, move or end the subscription that follows them. */
static bool
order_skills(struct profile_job *job, struct db *db,
    const struct person *person, struct error *err)
{
	const struct checked *profile = &job->profile;

	job->skills.person = job->person;
	job->skills.handle = job->handle;
	if (!profile->has_tags[0] ||
	    (person != NULL && same_skills(person, profile)))
		return true;
	return skills_order(&job->put, db, &job->skills, profile->tags[0],
	    profile->n_tags[0], err);
}

static bool
write_skills(struct profile_job *job, struct db *db, struct error *err)
{
	if (!job->skills.follows_skills) /* no order was made */
		return true;
	job->skills.person = job->person;
	return skills_follow(&job->put, db, &job->skills, err) &&
	    put_done(&job->put, db, err);
}

/* --- add */

static const struct db_statement add_person = {
	"new person",
	"INSERT INTO person (handle, name, email, password,"
	" password_is_first, bot, admin, here, hours, created, changed)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (handle) DO NOTHING RETURNING id",
};

static struct db_value
text_or_null(const char *text)
{
	return text == NULL || text[0] == '\0' ? db_null() : db_text(text);
}

static bool
add_job(struct db *db, void *arg, struct error *err)
{
	struct profile_job *job = arg;
	const struct checked *profile = &job->profile;
	bool has_name = profile->name != NULL && profile->name[0] != '\0';
	struct event event;

	if (!person_journal(db, job->put.actor, job->put.memory, job->handle,
		"add", &event, err) ||
	    !db_number(db, &add_person,
		DB_VALUES(db_text(job->handle),
		    db_text(has_name ? profile->name : job->handle),
		    text_or_null(profile->email), db_text(job->password),
		    db_int(job->password != NULL), db_int(job->bot),
		    db_int(job->admin), db_int(profile->here != 0),
		    db_int(profile->hours == -1 ? 0 : profile->hours),
		    db_int(event.at), db_int(event.seq)),
		&job->person, err))
		return false;
	if (job->person == 0)
		return error_set(err, ERROR_CONFLICT,
		    "the handle \"%s\" is taken", job->handle);
	return write_tags(db, job, err) && write_skills(job, db, err);
}

static bool
prepare_add(
    struct profile_job *job, const struct profile *profile, struct error *err)
{
	void *memory = job->put.memory;
	struct db *db;
	bool ok;

	ok = handle_check(job->handle, "handle", err);
	ok = check_profile(memory, profile, &job->profile, err) && ok;
	if (!ok || !desk_reader(job->put.desk, &db, err))
		return false;
	name_tags(job);
	if (job->profile.n_tags[0] > 0)
		ok = order_skills(job, db, NULL, err);
	desk_reader_done(job->put.desk, db);
	return ok;
}

bool
desk_person_add(void *owner, struct desk *desk, const struct actor *actor,
    const struct newcomer *newcomer, char **first_password, struct error *err)
{
	struct profile_job job = {
		.admin = newcomer->admin,
		.bot = newcomer->bot,
	};
	char hash[SECRET_PASSWORD];
	char *password = NULL;
	void *memory;
	bool ok;

	if (!actor_may_manage(actor, 0, err))
		return false;
	memory = mem_root("person");
	put_begin(&job.put, memory, desk, actor, PAST_TIME_ONE);
	job.handle = mem_copy(memory, newcomer->handle);
	ok = prepare_add(&job, newcomer->profile, err);
	if (ok && first_password != NULL) {
		password = secret_first_password(owner);
		ok = secret_password(password, hash, err);
		job.password = hash;
	}
	ok = ok && past_write(job.put.past, add_job, &job, err);
	if (ok && first_password != NULL)
		*first_password = password;
	talloc_free(memory);
	return ok;
}

/* --- edit */

static const struct db_statement edit_person = {
	"edit a person",
	"UPDATE person SET name = ?, email = ?, here = ?, hours = ?,"
	" changed = ? WHERE id = ?",
};

static bool
write_person(struct db *db, const struct profile_job *job,
    const struct person *old, int64_t seq, struct error *err)
{
	const struct checked *profile = &job->profile;
	const char *name = profile->name == NULL ? old->name
	    : profile->name[0] == '\0'		 ? old->handle
						 : profile->name;

	return db_run(db, &edit_person,
	    DB_VALUES(db_text(name),
		text_or_null(
		    profile->email == NULL ? old->email : profile->email),
		db_int(profile->here == -1 ? old->here : profile->here),
		db_int(profile->hours == -1 ? old->hours : profile->hours),
		db_int(seq), db_int(old->id)),
	    err);
}

static bool
edit_job(struct db *db, void *arg, struct error *err)
{
	struct profile_job *job = arg;
	struct person *old;
	struct event event;

	if (!person_by_id(job->put.memory, db, job->person, &old, err))
		return false;
	if (old->disabled)
		return error_set(
		    err, ERROR_CONFLICT, "%s is disabled", old->handle);
	if (job->if_changed != 0 && job->if_changed != old->changed)
		return error_set(err, ERROR_PRECONDITION,
		    "the profile was changed meanwhile");
	return person_journal(db, job->put.actor, job->put.memory, old->handle,
		   "edit", &event, err) &&
	    write_person(db, job, old, event.seq, err) &&
	    write_tags(db, job, err) && write_skills(job, db, err);
}

static bool
prepare_edit(
    struct profile_job *job, const struct profile *profile, struct error *err)
{
	void *memory = job->put.memory;
	struct person *person;
	struct db *db;
	bool ok;

	if (!check_profile(memory, profile, &job->profile, err) ||
	    !desk_reader(job->put.desk, &db, err))
		return false;
	name_tags(job);
	ok = person_by_id(memory, db, job->person, &person, err);
	if (ok) {
		job->handle = person->handle;
		ok = order_skills(job, db, person, err);
	}
	desk_reader_done(job->put.desk, db);
	return ok;
}

bool
desk_person_edit(struct desk *desk, const struct actor *actor, int64_t person,
    const struct profile *profile, int64_t if_changed, struct error *err)
{
	struct profile_job job = {
		.person = person,
		.if_changed = if_changed,
	};
	void *memory;
	bool ok;

	if (!actor_may_manage(actor, person, err))
		return false;
	memory = mem_root("person");
	put_begin(&job.put, memory, desk, actor, PAST_TIME_ONE);
	ok = prepare_edit(&job, profile, err) &&
	    past_write(job.put.past, edit_job, &job, err);
	talloc_free(memory);
	return ok;
}
