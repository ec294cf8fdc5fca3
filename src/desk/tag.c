/* SPDX-License-Identifier: ISC */
#include "desk/tag.h"

#include "base/json.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/journal.h"
#include "desk/person.h"
#include "desk/tag_names.h"
#include "filter/tag.h"

#include <string.h>

/* --- how often each is used */

static const struct db_statement one_more = {
	"a tag is given",
	"INSERT INTO tag (name, n) VALUES (?, 1)"
	" ON CONFLICT (name) DO UPDATE SET n = n + 1",
};

static const struct db_statement one_less = {
	"a tag is taken away",
	"UPDATE tag SET n = n - 1 WHERE name = ? AND n > 0",
};

bool
tag_count(struct db *db, char *const *now, size_t n_now, char *const *before,
    size_t n_before, struct error *err)
{
	size_t i = 0, k = 0;

	while (i < n_now || k < n_before) {
		int order = i == n_now ? 1
		    : k == n_before    ? -1
				       : strcmp(now[i], before[k]);

		if (order < 0 &&
		    !db_run(db, &one_more, DB_VALUES(db_text(now[i])), err))
			return false;
		if (order > 0 &&
		    !db_run(db, &one_less, DB_VALUES(db_text(before[k])), err))
			return false;
		i += order <= 0;
		k += order >= 0;
	}
	return true;
}

/* --- the list */

static const struct db_statement tags_from = {
	"tags from one on",
	"SELECT a.name, coalesce((SELECT n FROM tag WHERE name = a.name), 0),"
	" (SELECT count(*) FROM person_tag WHERE tag = a.name AND kind = 0)"
	" FROM (SELECT name FROM tag WHERE name >= ? AND n > 0"
	" UNION SELECT tag FROM person_tag WHERE tag >= ?"
	" ORDER BY 1 LIMIT ?) a ORDER BY a.name",
};

static const struct db_statement former_of = {
	"former names of a tag",
	"SELECT name FROM tag_name WHERE tag = ? ORDER BY name",
};

static bool
read_former(void *owner, struct db *db, struct tag_use *use, struct error *err)
{
	struct db_query *query = db_query(
	    db, &former_of, DB_VALUES(db_text(use->tag)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		*mem_push(owner, &use->former, &use->n_former) = db_next_text(
		    row, owner);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

bool
tag_page(void *owner, struct db *db, const char *from, size_t limit,
    struct tag_use **ret, size_t *n, struct error *err)
{
	struct db_query *query = db_query(db, &tags_from,
	    DB_VALUES(db_text(from), db_text(from), db_int((int64_t)limit)));
	struct tag_use *all = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL) {
		struct tag_use *use = mem_push(owner, &all, &count);

		*use = (struct tag_use){ 0 };
		use->tag = db_next_text(row, owner);
		use->incidents = db_next_int(row);
		use->people = db_next_int(row);
		db_end_of_row(row);
	}
	if (!db_done(query, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!read_former(owner, db, &all[i], err))
			return false;
	*ret = all;
	*n = count;
	return true;
}

/* --- another name */

struct name_job {
	struct desk *desk;
	const struct actor *actor;
	void *memory;
	char *tag, *into;
	bool is_merge;
};

static const struct db_statement is_used = {
	"whether a tag is used",
	"SELECT EXISTS (SELECT 1 FROM tag WHERE name = ? AND n > 0)"
	" OR EXISTS (SELECT 1 FROM person_tag WHERE tag = ?)"
	" OR EXISTS (SELECT 1 FROM tag_name WHERE tag = ?)",
};

static const struct db_statement now_of = {
	"the name of a tag now",
	"SELECT tag FROM tag_name WHERE name = ?",
};

/* NULL if it was never renamed. */
static bool
read_now(struct name_job *job, struct db *db, const char *name, char **ret,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &now_of, DB_VALUES(db_text(name)));
	struct db_row *row = db_next(query);

	*ret = NULL;
	if (row != NULL) {
		*ret = db_next_text(row, job->memory);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

/* *already: it goes by that name. */
static bool
check_names(
    struct name_job *job, struct db *db, bool *already, struct error *err)
{
	struct db_value into = db_text(job->into);
	int64_t used = 0;
	char *now, *then;

	*already = false;
	if (!read_now(job, db, job->tag, &now, err) ||
	    !read_now(job, db, job->into, &then, err) ||
	    !db_number(db, &is_used, DB_VALUES(into, into, into), &used, err))
		return false;
	*already = now != NULL && strcmp(now, job->into) == 0;
	if (*already)
		return true;
	if (now != NULL)
		return error_field(
		    err, "tag", 0, "#%s is called #%s now", job->tag, now);
	if (then != NULL && strcmp(then, job->tag) != 0)
		return error_field(
		    err, "into", 0, "#%s is called #%s now", job->into, then);
	if (job->is_merge && used == 0)
		return error_field(err, "into", 0,
		    "nothing is tagged #%s: rename the tag", job->into);
	if (!job->is_merge && used != 0)
		return error_field(err, "into", 0,
		    "#%s is a tag already: merge them", job->into);
	return true;
}

static const struct db_statement forget_name = {
	"a former name is taken again",
	"DELETE FROM tag_name WHERE name = ?",
};
static const struct db_statement move_names = {
	"former names of a tag that has another",
	"UPDATE tag_name SET tag = ? WHERE tag = ?",
};
static const struct db_statement add_name = {
	"new former name of a tag",
	"INSERT INTO tag_name (name, tag, seq) VALUES (?, ?, ?)",
};

static const struct db_statement add_uses = {
	"uses of a tag that has another name",
	"INSERT INTO tag (name, n) SELECT ?, n FROM tag WHERE name = ?"
	" ON CONFLICT (name) DO UPDATE SET n = n + excluded.n",
};
static const struct db_statement drop_uses = {
	"uses under a former name",
	"DELETE FROM tag WHERE name = ?",
};

static const struct db_statement touch_people = {
	"people whose tag has another name",
	"UPDATE person SET changed = ? WHERE id IN"
	" (SELECT person FROM person_tag WHERE tag = ?)",
};
static const struct db_statement add_tags = {
	"tags of people under the new name",
	"INSERT INTO person_tag (person, tag, kind)"
	" SELECT person, ?, kind FROM person_tag WHERE tag = ?"
	" ON CONFLICT DO NOTHING",
};
static const struct db_statement drop_tags = {
	"tags of people under the former name",
	"DELETE FROM person_tag WHERE tag = ?",
};

/* Profiles have the name of now: who has a tag is found by it. */
static bool
write_names(
    const struct name_job *job, struct db *db, int64_t seq, struct error *err)
{
	struct db_value tag = db_text(job->tag), into = db_text(job->into);

	return db_run(db, &forget_name, DB_VALUES(into), err) &&
	    db_run(db, &move_names, DB_VALUES(into, tag), err) &&
	    db_run(db, &add_name, DB_VALUES(tag, into, db_int(seq)), err) &&
	    db_run(db, &add_uses, DB_VALUES(into, tag), err) &&
	    db_run(db, &drop_uses, DB_VALUES(tag), err) &&
	    db_run(db, &touch_people, DB_VALUES(db_int(seq), tag), err) &&
	    db_run(db, &add_tags, DB_VALUES(into, tag), err) &&
	    db_run(db, &drop_tags, DB_VALUES(tag), err);
}

static bool
name_job(struct db *db, void *arg, struct error *err)
{
	struct name_job *job = arg;
	json_t *detail = json_owned(job->memory, json_object());
	struct event event = {
		.kind = JOURNAL_TAG,
		.person = job->actor->person,
		.detail = detail,
	};
	bool already;

	if (!check_names(job, db, &already, err))
		return false;
	if (already)
		return true;
	json_put_text(detail, "step", job->is_merge ? "merge" : "rename");
	json_put_text(detail, "tag", job->tag);
	json_put_text(detail, "into", job->into);
	return journal_add(db, &event, job->actor->address, err) &&
	    write_names(job, db, event.seq, err) &&
	    tag_names_load(job->desk, db, err);
}

static bool
parse(struct name_job *job, const char *text, const char *field, char **ret,
    struct error *err)
{
	if (text[0] == '#')
		text++;
	return tag_parse(job->memory, span_of(text), field, ret, err);
}

static bool
run(struct name_job *job, const char *tag, const char *into, struct error *err)
{
	bool ok = parse(job, tag, "tag", &job->tag, err);

	ok = parse(job, into, "into", &job->into, err) && ok;
	if (!ok)
		return false;
	if (strcmp(job->tag, job->into) == 0)
		return error_field(
		    err, "into", 0, "is the same as #%s", job->tag);
	return desk_write(job->desk, name_job, job, err);
}

static bool
name(struct name_job *job, const char *tag, const char *into, struct error *err)
{
	bool ok;

	if (!actor_may_manage(job->actor, 0, err))
		return false;
	job->memory = mem_root("tag");
	ok = run(job, tag, into, err);
	talloc_free(job->memory);
	return ok;
}

bool
desk_tag_merge(struct desk *desk, const struct actor *actor, const char *tag,
    const char *into, struct error *err)
{
	struct name_job job = {
		.desk = desk, .actor = actor, .is_merge = true
	};

	return name(&job, tag, into, err);
}

bool
desk_tag_rename(struct desk *desk, const struct actor *actor, const char *tag,
    const char *into, struct error *err)
{
	struct name_job job = { .desk = desk, .actor = actor };

	return name(&job, tag, into, err);
}
