/* SPDX-License-Identifier: ISC */
#include "desk/transfer.h"

/* The store as JSON Lines: what import reads, and what it ignores. */

#include "base/json.h"
#include "base/mem.h"
#include "desk/article.h"
#include "desk/incident.h"
#include "desk/person.h"
#include "desk/subscription.h"

#include <errno.h>
#include <string.h>

enum { PAGE = 200 };

static bool
print(void *owner, FILE *out, const json_t *object, struct error *err)
{
	if (fprintf(out, "%s\n", json_compact(owner, object)) < 0)
		return error_set(
		    err, ERROR_SYSTEM, "writing: %s", strerror(errno));
	return true;
}

static json_t *
words_json(void *owner, char *const *words, size_t n)
{
	json_t *array = json_owned(owner, json_array());

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(array, json_string(words[i]));
	return array;
}

/* --- incidents */

static json_t *
post_json(void *owner, const struct post *post)
{
	static const char *const kinds[] = { "reply", "note", "fix" };
	json_t *object = json_owned(owner, json_object());

	json_put_text(object, "kind", kinds[post->kind]);
	json_put_text(object, "author", post->handle);
	json_put_time(object, "created", post->created);
	json_put_text(object, "text", post->text);
	if (post->kind == POST_FIX)
		json_put_text(object, "cause", post->cause);
	return object;
}

static bool
put_posts(void *owner, struct db *db, json_t *object, int64_t number,
    struct error *err)
{
	json_t *list = json_owned(owner, json_array());
	struct post *posts;
	size_t n;

	if (!incident_posts(owner, db, number, &posts, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (posts[i].withdrawn)
			continue;
		if (posts[i].kind == POST_FIX) {
			json_put_text(object, "resolution", posts[i].text);
			json_put_text(object, "cause", posts[i].cause);
		}
		(void)json_array_append(list, post_json(owner, &posts[i]));
	}
	json_put(object, "posts", list);
	return true;
}

static bool
put_publish(void *owner, struct db *db, json_t *object, int64_t number,
    struct error *err)
{
	struct article *article;

	if (number == 0)
		return true;
	if (!article_read(owner, db, number, &article, err))
		return false;
	json_put_bool(object, "publish", article_is_public(article));
	return true;
}

static char *
key_of(void *owner, const struct desk *desk, const struct incident *in)
{
	if (in->key != NULL)
		return in->key;
	return mem_printf(owner, "tag:%s,%d:incident:%jd", desk_authority(desk),
	    desk_year(desk), (intmax_t)in->number);
}

static bool
export_incident(void *owner, struct desk *desk, struct db *db, FILE *out,
    int64_t number, struct error *err)
{
	json_t *object = json_owned(owner, json_object());
	json_t *customer = json_owned(owner, json_object());
	struct incident *in;

	if (!incident_read(owner, db, number, &in, err))
		return false;
	json_put_text(object, "key", key_of(owner, desk, in));
	json_put_int(object, "number", in->number);
	json_put_text(object, "status", filter_status_names[in->status]);
	json_put_time(object, "created", in->created);
	json_put_text(object, "title", in->title);
	json_put_text(object, "body", in->body);
	json_put_text(object, "environment", in->environment);
	json_put(object, "tags", words_json(owner, in->tags, in->n_tags));
	json_put_text(object, "severity", filter_severity_names[in->severity]);
	json_put_text(customer, "name", in->customer_name);
	json_put_text(customer, "email", in->customer_email);
	json_put(object, "customer", customer);
	return put_posts(owner, db, object, number, err) &&
	    put_publish(owner, db, object, in->article, err) &&
	    print(owner, out, object, err);
}

static const struct db_statement numbers_after = {
	"export: incidents",
	"SELECT id FROM incident WHERE id > ? AND withdrawn IS NULL"
	" ORDER BY id LIMIT ?",
};

static bool
export_incidents(struct desk *desk, struct db *db, FILE *out, struct error *err)
{
	int64_t numbers[PAGE], last = 0;
	size_t n;

	do {
		struct db_query *query = db_query(
		    db, &numbers_after, DB_VALUES(db_int(last), db_int(PAGE)));
		struct db_row *row;

		n = 0;
		while ((row = db_next(query)) != NULL) {
			numbers[n++] = db_next_int(row);
			db_end_of_row(row);
		}
		if (!db_done(query, err))
			return false;
		for (size_t i = 0; i < n; i++) {
			void *memory = mem_root("export");
			bool ok = export_incident(
			    memory, desk, db, out, numbers[i], err);

			talloc_free(memory);
			if (!ok)
				return false;
			last = numbers[i];
		}
	} while (n == PAGE);
	return true;
}

/* --- people, subscriptions, articles */

static bool
export_people(void *owner, struct db *db, FILE *out, struct error *err)
{
	struct person **people;
	size_t n;

	if (!person_list(owner, db, &people, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct person *person = people[i];
		json_t *object = json_owned(owner, json_object());

		if (person->disabled)
			continue;
		json_put_text(object, "handle", person->handle);
		json_put_text(object, "name", person->name);
		json_put_text(object, "email", person->email);
		json_put(object, "tags",
		    words_json(owner, person->skills, person->n_skills));
		json_put(object, "interests",
		    words_json(owner, person->interests, person->n_interests));
		if (!print(owner, out, object, err))
			return false;
	}
	return true;
}

static bool
export_subscriptions(void *owner, struct db *db, FILE *out, struct error *err)
{
	struct subscription *all;
	size_t n;

	if (!subscription_list(owner, db, 0, false, &all, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		json_t *object = json_owned(owner, json_object());

		json_put_text(object, "person", all[i].handle);
		json_put_text(object, "name", all[i].name);
		json_put_text(object, "filter", all[i].filter);
		if (!print(owner, out, object, err))
			return false;
	}
	return true;
}

static json_t *
article_json(void *owner, const struct article *article)
{
	json_t *object = json_owned(owner, json_object());

	json_put_int(object, "number", article->number);
	json_put_text(object, "title", article->title);
	json_put_text(object, "issue", article->issue);
	json_put_text(object, "environment", article->environment);
	json_put_text(object, "resolution", article->resolution);
	json_put_text(object, "cause", article->cause);
	json_put(
	    object, "tags", words_json(owner, article->tags, article->n_tags));
	json_put_text(
	    object, "confidence", confidence_names[article->confidence]);
	json_put_int(object, "reuse", article->reuse);
	json_put_time(object, "created", article->created);
	json_put_time(object, "updated", article->updated);
	return object;
}

static const struct db_statement public_after = {
	"export: public articles",
	"SELECT id FROM article WHERE id > ? AND audience = 1"
	" AND withdrawn = 0 ORDER BY id LIMIT 1",
};

static bool
export_public(void *owner, struct db *db, FILE *out, struct error *err)
{
	int64_t last = 0;

	for (;;) {
		struct article *article;
		int64_t number = 0;

		if (!db_number(db, &public_after, DB_VALUES(db_int(last)),
			&number, err))
			return false;
		if (number == 0)
			return true;
		last = number;
		if (!article_read(owner, db, number, &article, err) ||
		    !print(owner, out, article_json(article, article), err))
			return false;
		talloc_free(article);
	}
}

static bool
export_kind(void *owner, struct desk *desk, struct db *db,
    enum transfer_kind kind, FILE *out, struct error *err)
{
	switch (kind) {
	case TRANSFER_INCIDENTS:
		return export_incidents(desk, db, out, err);
	case TRANSFER_PEOPLE:
		return export_people(owner, db, out, err);
	case TRANSFER_SUBSCRIPTIONS:
		return export_subscriptions(owner, db, out, err);
	case TRANSFER_PUBLIC:
		break;
	}
	return export_public(owner, db, out, err);
}

bool
desk_export(
    struct desk *desk, enum transfer_kind kind, FILE *out, struct error *err)
{
	void *memory = mem_root("export");
	struct db *db;
	bool ok;

	ok = desk_reader(desk, &db, err);
	if (ok) {
		ok = export_kind(memory, desk, db, kind, out, err);
		desk_reader_done(desk, db);
	}
	talloc_free(memory);
	if (ok && fflush(out) != 0)
		return error_set(
		    err, ERROR_SYSTEM, "writing: %s", strerror(errno));
	return ok;
}
