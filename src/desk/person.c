/* SPDX-License-Identifier: ISC */
#include "desk/person.h"

#include "base/buf.h"
#include "base/mem.h"
#include "desk/tag_names.h"

#include <string.h>

bool
actor_may_manage(const struct actor *actor, int64_t person, struct error *err)
{
	if (actor->person != 0 && actor->person == person)
		return actor_may_write(actor, err);
	return actor_may_admin(actor, err);
}

#define PERSON_COLUMNS                                                    \
	"SELECT p.id, p.handle, p.name, p.email, p.here, p.hours, p.bot," \
	" p.admin, p.disabled, p.password_is_first, p.created, p.changed" \
	" FROM person p"

static struct person *
person_of_row(void *owner, struct db_row *row)
{
	struct person *person = mem_new(owner, struct person);

	person->id = db_next_int(row);
	person->handle = db_next_text(row, person);
	person->name = db_next_text(row, person);
	person->email = db_next_text(row, person);
	person->here = db_next_bool(row);
	person->hours = db_next_int(row);
	person->bot = db_next_bool(row);
	person->admin = db_next_bool(row);
	person->disabled = db_next_bool(row);
	person->password_is_first = db_next_bool(row);
	person->created = db_next_int(row);
	person->changed = db_next_int(row);
	db_end_of_row(row);
	return person;
}

enum { KIND_SKILL, KIND_INTEREST };

/* A row of tags, and whose it is. */
static int64_t
tag_read(void *owner, struct db_row *row, char **tag, int64_t *kind)
{
	int64_t person = db_next_int(row);

	*tag = db_next_text(row, owner);
	*kind = db_next_int(row);
	db_end_of_row(row);
	return person;
}

static void
add_tag(struct person *person, char *tag, int64_t kind)
{
	if (kind == KIND_SKILL)
		*mem_push(person, &person->skills, &person->n_skills) = tag;
	else
		*mem_push(
		    person, &person->interests, &person->n_interests) = tag;
}

static const struct db_statement tags_of = {
	"tags of a person",
	"SELECT person, tag, kind FROM person_tag WHERE person = ?"
	" ORDER BY tag",
};

static bool
read_tags(struct db *db, struct person *person, struct error *err)
{
	struct db_query *query = db_query(
	    db, &tags_of, DB_VALUES(db_int(person->id)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t kind;
		char *tag;

		(void)tag_read(person, row, &tag, &kind);
		add_tag(person, tag, kind);
	}
	return db_done(query, err);
}

/* One person of a query; *ret is NULL if it gave none. */
static bool
read_one(void *owner, struct db *db, struct db_query *query,
    struct person **ret, struct error *err)
{
	struct db_row *row = db_next(query);
	struct person *person = row != NULL ? person_of_row(owner, row) : NULL;

	if (!db_done(query, err) ||
	    (person != NULL && !read_tags(db, person, err)))
		return false;
	*ret = person;
	return true;
}

static const struct db_statement by_handle = {
	"person by handle",
	PERSON_COLUMNS " WHERE p.handle = ?",
};

bool
person_by_handle(void *owner, struct db *db, const char *handle,
    struct person **ret, struct error *err)
{
	struct person *person = NULL;

	if (!read_one(owner, db,
		db_query(db, &by_handle, DB_VALUES(db_text(handle))), &person,
		err))
		return false;
	if (person == NULL)
		return error_set(
		    err, ERROR_NOT_FOUND, "no person \"%s\"", handle);
	*ret = person;
	return true;
}

static const struct db_statement by_id = {
	"person by number",
	PERSON_COLUMNS " WHERE p.id = ?",
};

bool
person_by_id(void *owner, struct db *db, int64_t id, struct person **ret,
    struct error *err)
{
	struct person *person = NULL;

	if (!read_one(owner, db, db_query(db, &by_id, DB_VALUES(db_int(id))),
		&person, err))
		return false;
	if (person == NULL)
		return error_set(
		    err, ERROR_NOT_FOUND, "no person %jd", (intmax_t)id);
	*ret = person;
	return true;
}

bool
person_has_skill(const struct person *person, const char *tag)
{
	for (size_t i = 0; i < person->n_skills; i++)
		if (strcmp(person->skills[i], tag) == 0)
			return true;
	return false;
}

/* --- many */

static bool
read_people(void *owner, struct db_query *query, struct person ***ret,
    size_t *n, struct error *err)
{
	struct person **people = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		struct person *person = person_of_row(owner, row);

		*mem_push(owner, &people, &count) = person;
	}
	if (!db_done(query, err))
		return false;
	*ret = people;
	*n = count;
	return true;
}

static const struct db_statement all_people = {
	"people",
	PERSON_COLUMNS " ORDER BY p.handle",
};
static const struct db_statement all_tags = {
	"tags of people",
	"SELECT t.person, t.tag, t.kind FROM person_tag t"
	" JOIN person p ON p.id = t.person ORDER BY p.handle, t.tag",
};

/* Both are in the order of handles: one walk gives each her tags. */
bool
person_list(void *owner, struct db *db, struct person ***ret, size_t *n,
    struct error *err)
{
	struct person **people;
	struct db_query *query;
	struct db_row *row;
	size_t at = 0;

	if (!read_people(owner, db_query(db, &all_people, DB_NO_VALUES),
		&people, n, err))
		return false;
	query = db_query(db, &all_tags, DB_NO_VALUES);
	while ((row = db_next(query)) != NULL) {
		int64_t kind, whose;
		char *tag;

		whose = tag_read(owner, row, &tag, &kind);
		while (at < *n && people[at]->id != whose)
			at++;
		if (at < *n)
			add_tag(people[at], tag, kind);
	}
	*ret = people;
	return db_done(query, err);
}

/* '_' stands for any character in LIKE, and may be in a tag. */
static char *
like_tag(void *owner, const char *tag)
{
	struct buf *like = buf_new(owner);

	buf_text(like, "% ");
	for (; *tag != '\0'; tag++) {
		if (*tag == '_')
			buf_char(like, '\\');
		buf_char(like, *tag);
	}
	buf_text(like, " %");
	return like->text;
}

/* By its name of now, or one that it had: like_tag() of it, and it itself. */
#define HAS_TAG                                                \
	"(' ' || t.tags || ' ' LIKE ? ESCAPE '\\'"             \
	" OR EXISTS (SELECT 1 FROM tag_name f WHERE f.tag = ?" \
	"	AND ' ' || t.tags || ' ' LIKE"                       \
	"	'% ' || replace(f.name, '_', '\\_') || ' %'"         \
	"	ESCAPE '\\'))"

static const struct db_statement who_knows = {
	"who knows a tag",
	PERSON_COLUMNS
	" JOIN person_tag k ON k.person = p.id AND k.kind = 0 AND k.tag = ?"
	" WHERE p.here = 1 AND p.bot = 0 AND p.disabled = 0"
	" ORDER BY coalesce((SELECT max(o.id) FROM post o"
	"	JOIN incident_text t ON t.id = o.incident"
	"	WHERE o.author = p.id AND o.kind = 2 AND o.withdrawn = 0"
	"	AND " HAS_TAG "), 0) DESC, p.handle"
	" LIMIT ?",
};

/* Of the newest posts only: a desk may have millions. */
static const struct db_statement who_fixed = {
	"who fixed with a tag",
	PERSON_COLUMNS
	" WHERE p.here = 1 AND p.bot = 0 AND p.disabled = 0 AND p.id IN"
	" (SELECT o.author FROM (SELECT author, incident, kind, withdrawn"
	"	FROM post ORDER BY id DESC LIMIT 500) o"
	"	JOIN incident i ON i.id = o.incident AND i.withdrawn IS NULL"
	"	JOIN incident_text t ON t.id = o.incident"
	"	WHERE o.kind = 2 AND o.author IS NOT NULL"
	"	AND o.withdrawn = 0"
	"	AND " HAS_TAG ")"
	" ORDER BY p.handle LIMIT ?",
};

/* Reads the people of a query with their tags. */
static bool
read_with_tags(void *owner, struct db *db, struct db_query *query,
    struct person ***ret, size_t *n, struct error *err)
{
	if (!read_people(owner, query, ret, n, err))
		return false;
	for (size_t i = 0; i < *n; i++)
		if (!read_tags(db, (*ret)[i], err))
			return false;
	return true;
}

bool
person_who_knows(void *owner, struct db *db, const char *tag, size_t limit,
    struct person ***ret, size_t *n, struct error *err)
{
	tag = tag_now(tag_names_of(db), tag);
	return read_with_tags(owner, db,
	    db_query(db, &who_knows,
		DB_VALUES(db_text(tag), db_text(like_tag(owner, tag)),
		    db_text(tag), db_int((int64_t)limit))),
	    ret, n, err);
}

bool
person_who_fixed(void *owner, struct db *db, const char *tag, size_t limit,
    struct person ***ret, size_t *n, struct error *err)
{
	tag = tag_now(tag_names_of(db), tag);
	return read_with_tags(owner, db,
	    db_query(db, &who_fixed,
		DB_VALUES(db_text(like_tag(owner, tag)), db_text(tag),
		    db_int((int64_t)limit))),
	    ret, n, err);
}

static const struct db_statement people_from = {
	"people from a handle on",
	PERSON_COLUMNS " WHERE p.handle >= ? ORDER BY p.handle LIMIT ?",
};

bool
person_page(void *owner, struct db *db, const char *from, size_t limit,
    struct person ***ret, size_t *n, struct error *err)
{
	return read_with_tags(owner, db,
	    db_query(db, &people_from,
		DB_VALUES(db_text(from), db_int((int64_t)limit))),
	    ret, n, err);
}
