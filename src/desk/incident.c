/* SPDX-License-Identifier: ISC */
#include "desk/incident.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "desk/tag_names.h"

#include <stdint.h>
#include <string.h>

char **
words_split(void *owner, const char *text, size_t *n)
{
	char **words = NULL;
	size_t count = 0;

	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, " ");

		if (length > 0)
			*mem_push(owner, &words, &count) = mem_copy_n(
			    owner, text, length);
		text += length;
		text += *text == ' ';
	}
	*n = count;
	return words;
}

char *
words_join(void *owner, char *const *words, size_t n)
{
	struct buf *text = buf_new(owner);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(text, ' ');
		buf_text(text, words[i]);
	}
	return text->text;
}

#define INCIDENT_COLUMNS                                                   \
	"i.id, i.raised, i.changed, i.shown, i.texted, i.updated, "        \
	"i.reported, i.created, i.status, i.severity, i.source, "          \
	"i.by_person, b.handle, i.host, h.handle, h.name, i.hands, "       \
	"i.promised, i.orphan, i.overdue, i.homed, i.joined, i.resolved, " \
	"i.closed, i.article, i.answered, i.duplicate_of, i.withdrawn, "   \
	"i.rating, i.comment, i.generation, i.key, "                       \
	"t.title, t.body, t.environment, t.tags, t.customer_name, "        \
	"t.customer_email"

static struct incident *
incident_of_row(void *owner, struct db_row *row)
{
	struct incident *in = mem_new(owner, struct incident);
	char *tags;

	in->number = db_next_int(row);
	in->raised = db_next_int(row);
	in->changed = db_next_int(row);
	in->shown = db_next_int(row);
	in->texted = db_next_int(row);
	in->updated = db_next_int(row);
	in->reported = db_next_int(row);
	in->created = db_next_int(row);
	in->status = (enum filter_status)db_next_int(row);
	in->severity = (enum filter_severity)db_next_int(row);
	in->source = db_next_text(row, in);
	in->by = db_next_int(row);
	in->by_handle = db_next_text(row, in);
	in->host = db_next_int(row);
	in->host_handle = db_next_text(row, in);
	in->host_name = db_next_text(row, in);
	in->hands = (unsigned)db_next_int(row);
	in->promised = db_next_int(row);
	in->orphan = db_next_bool(row);
	in->overdue = db_next_bool(row);
	in->homed = db_next_bool(row);
	in->joined = db_next_bool(row);
	in->resolved = db_next_int(row);
	in->closed = db_next_int(row);
	in->article = db_next_int(row);
	in->answered = db_next_bool(row);
	in->duplicate_of = db_next_int(row);
	in->withdrawn = db_next_int(row);
	in->rating = db_next_int(row);
	in->comment = db_next_text(row, in);
	in->generation = db_next_int(row);
	in->key = db_next_text(row, in);
	in->title = db_next_text(row, in);
	in->body = db_next_text(row, in);
	in->environment = db_next_text(row, in);
	tags = db_next_text(row, in);
	in->tags = words_split(in, tags, &in->n_tags);
	in->customer_name = db_next_text(row, in);
	in->customer_email = db_next_text(row, in);
	db_end_of_row(row);
	return in;
}

static const struct db_statement by_number = {
	"incident by number",
	"SELECT " INCIDENT_COLUMNS " FROM incident i"
	" JOIN incident_text t ON t.id = i.id"
	" LEFT JOIN person b ON b.id = i.by_person"
	" LEFT JOIN person h ON h.id = i.host"
	" WHERE i.id = ?",
};

static const struct db_statement stays_of = {
	"swarm of an incident",
	"SELECT s.person, p.handle, p.name, s.role, s.joined, s.left_at"
	" FROM swarm s JOIN person p ON p.id = s.person"
	" WHERE s.incident = ? ORDER BY s.id",
};

static bool
read_stays(struct db *db, struct incident *in, struct error *err)
{
	struct db_query *query = db_query(
	    db, &stays_of, DB_VALUES(db_int(in->number)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct stay *stay = mem_push(in, &in->stays, &in->n_stays);

		stay->person = db_next_int(row);
		stay->handle = db_next_text(row, in);
		stay->name = db_next_text(row, in);
		stay->role = (enum swarm_role)db_next_int(row);
		stay->joined = db_next_int(row);
		stay->left = db_next_int(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static const struct db_statement pulls_of = {
	"pulls of an incident",
	"SELECT u.id, p.handle, u.people, u.tags, u.note, u.created, u.open"
	" FROM pull u JOIN person p ON p.id = u.by_person"
	" WHERE u.incident = ? ORDER BY u.id",
};

static bool
read_pulls(struct db *db, struct incident *in, struct error *err)
{
	struct db_query *query = db_query(
	    db, &pulls_of, DB_VALUES(db_int(in->number)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct pull *pull = mem_push(in, &in->pulls, &in->n_pulls);
		char *people, *tags;

		pull->id = db_next_int(row);
		pull->by = db_next_text(row, in);
		people = db_next_text(row, in);
		pull->people = words_split(in, people, &pull->n_people);
		tags = db_next_text(row, in);
		pull->tags = words_split(in, tags, &pull->n_tags);
		tags_now(in, in->names, &pull->tags, &pull->n_tags);
		pull->note = db_next_text(row, in);
		pull->created = db_next_int(row);
		pull->open = db_next_bool(row);
		db_end_of_row(row);
	}
	return db_done(query, err);
}

static const struct db_statement known_of = {
	"known answers of an incident",
	"SELECT article FROM known WHERE incident = ? ORDER BY position",
};

static bool
read_known(struct db *db, struct incident *in, struct error *err)
{
	struct db_query *query = db_query(
	    db, &known_of, DB_VALUES(db_int(in->number)));
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		int64_t article = db_next_int(row);

		db_end_of_row(row);
		if (in->n_known < KNOWN_MAX)
			in->known[in->n_known++] = article;
	}
	return db_done(query, err);
}

bool
incident_read(void *owner, struct db *db, int64_t number, struct incident **ret,
    struct error *err)
{
	struct db_query *query = db_query(
	    db, &by_number, DB_VALUES(db_int(number)));
	struct db_row *row = db_next(query);
	struct incident *in = row != NULL ? incident_of_row(owner, row) : NULL;

	if (!db_done(query, err))
		return false;
	if (in == NULL)
		return error_set(
		    err, ERROR_NOT_FOUND, "no incident %jd", (intmax_t)number);
	in->names = tag_names_of(db);
	tags_now(in, in->names, &in->tags, &in->n_tags);
	if (!read_stays(db, in, err) || !read_pulls(db, in, err) ||
	    !read_known(db, in, err))
		return false;
	*ret = in;
	return true;
}

static const struct db_statement by_key = {
	"incident by key",
	"SELECT id FROM incident WHERE key = ?",
};

bool
incident_by_key(struct db *db, const char *key, int64_t *ret, struct error *err)
{
	int64_t number = 0;

	if (!db_number(db, &by_key, DB_VALUES(db_text(key)), &number, err))
		return false;
	*ret = number;
	return true;
}

/* --- posts */

#define POST_COLUMNS                                                        \
	"o.id, o.incident, o.kind, o.author, p.handle, p.name, o.created, " \
	"o.edited, o.changed, o.text, o.cause, o.environment, o.withdrawn"
#define POST_FROM " FROM post o LEFT JOIN person p ON p.id = o.author "

static void
post_of_row(void *owner, struct db_row *row, struct post *post)
{
	post->id = db_next_int(row);
	post->incident = db_next_int(row);
	post->kind = (enum post_kind)db_next_int(row);
	post->author = db_next_int(row);
	post->handle = db_next_text(row, owner);
	post->name = db_next_text(row, owner);
	post->created = db_next_int(row);
	post->edited = db_next_int(row);
	post->changed = db_next_int(row);
	post->text = db_next_text(row, owner);
	post->cause = db_next_text(row, owner);
	post->environment = db_next_text(row, owner);
	post->withdrawn = db_next_bool(row);
	db_end_of_row(row);
}

static const struct db_statement posts_of = {
	"posts of an incident",
	"SELECT " POST_COLUMNS POST_FROM "WHERE o.incident = ? ORDER BY o.id",
};

bool
incident_posts(void *owner, struct db *db, int64_t number, struct post **ret,
    size_t *n, struct error *err)
{
	struct db_query *query = db_query(
	    db, &posts_of, DB_VALUES(db_int(number)));
	struct post *posts = NULL;
	struct db_row *row;
	size_t count = 0;

	while ((row = db_next(query)) != NULL)
		post_of_row(owner, row, mem_push(owner, &posts, &count));
	if (!db_done(query, err))
		return false;
	*ret = posts;
	*n = count;
	return true;
}

static const struct db_statement post_by_id = {
	"post by number",
	"SELECT " POST_COLUMNS POST_FROM "WHERE o.incident = ? AND o.id = ?",
};

bool
post_read(void *owner, struct db *db, int64_t incident, int64_t id,
    struct post **ret, struct error *err)
{
	struct db_query *query = db_query(
	    db, &post_by_id, DB_VALUES(db_int(incident), db_int(id)));
	struct db_row *row = db_next(query);
	struct post *post = NULL;

	if (row != NULL) {
		post = mem_new(owner, struct post);
		post_of_row(post, row, post);
	}
	if (!db_done(query, err))
		return false;
	if (post == NULL)
		return error_set(err, ERROR_NOT_FOUND,
		    "no post %jd on incident %jd", (intmax_t)id,
		    (intmax_t)incident);
	*ret = post;
	return true;
}

/* --- what a filter sees */

void
incident_document(
    void *owner, const struct incident *incident, struct filter_document *ret)
{
	struct filter_text *texts = mem_array(
	    owner, struct filter_text, FIELD_COUNT);
	const char *const text[FIELD_COUNT] = {
		[FIELD_TITLE] = incident->title,
		[FIELD_BODY] = incident->body,
		[FIELD_ENVIRONMENT] = incident->environment,
	};

	for (int field = 0; field < FIELD_COUNT; field++)
		texts[field] = (struct filter_text){ (enum filter_field)field,
			text[field], strlen(text[field]) };
	ret->texts = texts;
	ret->n_texts = FIELD_COUNT;
	tags_ever(owner, incident->names, incident->tags, incident->n_tags,
	    &ret->tags, &ret->n_tags);
}

unsigned
incident_helpers(const struct incident *incident)
{
	unsigned n = 0;

	for (size_t i = 0; i < incident->n_stays; i++)
		n += incident->stays[i].left == 0 &&
		    incident->stays[i].role == ROLE_HELPER;
	return n;
}

static bool
is_going(const struct incident *incident)
{
	return incident->status == STATUS_OPEN ||
	    incident->status == STATUS_SWARMING;
}

bool
incident_is_wanted(const struct incident *incident)
{
	if (!is_going(incident))
		return false;
	for (size_t i = 0; i < incident->n_pulls; i++)
		if (incident->pulls[i].open)
			return true;
	return incident_helpers(incident) < incident->hands;
}

const struct stay *
incident_stay(const struct incident *incident, int64_t person)
{
	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].left == 0 &&
		    incident->stays[i].person == person)
			return &incident->stays[i];
	return NULL;
}

void
incident_state(void *owner, const struct incident *incident, int64_t now,
    struct filter_state *ret)
{
	const char **swarm = NULL;
	size_t n = 0;

	for (size_t i = 0; i < incident->n_stays; i++)
		if (incident->stays[i].left == 0)
			*mem_push(
			    owner, &swarm, &n) = incident->stays[i].handle;
	*ret = (struct filter_state){
		.severity = incident->severity,
		.status = incident->status,
		.overdue = is_going(incident) && incident->overdue,
		.wanted = incident_is_wanted(incident),
		.orphan = incident->status == STATUS_OPEN && incident->orphan,
		.known = incident->answered,
		.helpers = incident_helpers(incident),
		.host = incident->host_handle,
		.by = incident->by_handle,
		.swarm = swarm,
		.n_swarm = n,
		.source = incident->source,
		.age = now - incident->created,
	};
}
