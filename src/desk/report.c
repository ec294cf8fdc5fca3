/* SPDX-License-Identifier: ISC */
#include "desk/report.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "desk/access.h"
#include "desk/count.h"
#include "desk/input.h"
#include "desk/inside.h"
#include "desk/search.h"
#include "desk/tag.h"
#include "desk/tag_names.h"

#include <string.h>

enum { KEY_MAX = 200, TITLE_FROM_BODY = 80 };

struct report_plan {
	struct desk *desk;
	const struct actor *actor;
	struct incident *incident; /* as it will be */
	struct report_more more;
	struct matches *reading;
	struct filter_document document;
	struct { /* by the report's own event */
		int64_t seq;
		const int64_t *filters;
		size_t n;
	} matched;
};

/* --- the plan */

/* The first characters of the body, as one line. */
static char *
title_of_body(void *owner, const char *body)
{
	char *line = utf8_one_line(owner, body);
	size_t at = 0, characters = 0;

	while (line[at] != '\0' && characters < TITLE_FROM_BODY) {
		at++;
		while (((unsigned char)line[at] & 0xc0) == 0x80)
			at++;
		characters++;
	}
	line[at] = '\0';
	return line;
}

static bool
plan_title(
    struct report_plan *plan, const struct report *report, struct error *err)
{
	struct incident *in = plan->incident;

	if (!input_line(in, "title", report->title, TITLE_MAX, &in->title, err))
		return false;
	if (in->title[0] != '\0')
		return true;
	in->title = title_of_body(in, in->body);
	if (in->title[0] != '\0')
		return true;
	if (!plan->more.lenient)
		return error_field(
		    err, "title", 0, "title or body must not be empty");
	in->title = mem_copy(in, "(no title)");
	return true;
}

static bool
plan_severity(
    struct report_plan *plan, const struct report *report, struct error *err)
{
	struct incident *in = plan->incident;
	bool is_public = plan->actor->person == 0 && !plan->more.lenient;

	in->severity = SEVERITY_NORMAL;
	if (report->severity == NULL || report->severity[0] == '\0')
		return true;
	if (!input_severity(report->severity, &in->severity, err))
		return false;
	if (is_public && in->severity == SEVERITY_CRITICAL)
		return error_field(
		    err, "severity", 0, "must be low, normal or high");
	return true;
}

static bool
plan_hands(struct report_plan *plan, int64_t hands, struct error *err)
{
	plan->incident->hands = 1;
	if (hands == 0 || plan->actor->person == 0)
		return true;
	if (hands < 1 || hands > 99)
		return error_field(err, "hands", 0, "must be 1 to 99");
	plan->incident->hands = (unsigned)hands;
	return true;
}

static bool
plan_customer(
    struct report_plan *plan, const struct report *report, struct error *err)
{
	struct incident *in = plan->incident;

	if (!input_line(in, "name", report->customer_name, NAME_MAX_CHARACTERS,
		&in->customer_name, err))
		return false;
	if (in->customer_name[0] == '\0')
		in->customer_name = NULL;
	return input_email(
	    in, "email", report->customer_email, &in->customer_email, err);
}

static bool
plan_key(struct report_plan *plan, const char *key, struct error *err)
{
	struct incident *in = plan->incident;

	if (key == NULL || key[0] == '\0')
		return true;
	return input_line(in, "key", key, KEY_MAX, &in->key, err);
}

static bool
plan_texts(
    struct report_plan *plan, const struct report *report, struct error *err)
{
	struct incident *in = plan->incident;
	bool is_public = plan->actor->person == 0 && !plan->more.lenient;

	return input_text(in, "body", report->body,
		   is_public ? BODY_MAX_PUBLIC : BODY_MAX, &in->body, err) &&
	    plan_title(plan, report, err) &&
	    input_text(in, "environment", report->environment, ENVIRONMENT_MAX,
		&in->environment, err) &&
	    input_tags(in, "tags", report->tags, report->n_tags, &in->tags,
		&in->n_tags, err);
}

static void
plan_state(struct report_plan *plan)
{
	const struct actor *actor = plan->actor;
	struct incident *in = plan->incident;

	in->status = plan->more.resolution != NULL ? STATUS_RESOLVED
						   : STATUS_OPEN;
	in->source = mem_copy(in, actor->source);
	if (actor->person == 0)
		return;
	in->by = actor->person;
	in->by_handle = mem_copy(in, actor->handle);
	if (actor->bot)
		return;
	in->host = actor->person;
	in->host_handle = in->by_handle;
}

/* Reads the text with its tags by the names of now. */
static void
plan_reading(struct report_plan *plan)
{
	struct incident *in = plan->incident;

	in->names = plan->desk->names;
	tags_now(in, in->names, &in->tags, &in->n_tags);
	in->joined_tags = words_join(in, in->tags, in->n_tags);
	incident_document(plan, in, &plan->document);
	talloc_free(plan->reading);
	plan->reading = desk_match(
	    plan, plan->desk, &plan->document, FILTER_USES_ALL);
}

bool
report_plan_make(void *owner, struct desk *desk, const struct actor *actor,
    const struct report *report, const struct report_more *more,
    struct report_plan **ret, struct error *err)
{
	struct report_plan *plan = mem_new(owner, struct report_plan);
	struct known_asked asked;
	struct incident *in;

	plan->desk = desk;
	plan->actor = actor;
	plan->more = *more;
	plan->incident = in = mem_new(plan, struct incident);
	if (!plan_texts(plan, report, err) ||
	    !plan_severity(plan, report, err) ||
	    !plan_hands(plan, report->hands, err) ||
	    !plan_customer(plan, report, err) ||
	    !plan_key(plan, report->key, err))
		return false;
	plan_state(plan);
	asked = (struct known_asked){ .title = in->title,
		.body = in->body,
		.environment = in->environment };
	if (!search_known(desk, &asked, in->known, &in->n_known, err) ||
	    !filters_need(desk, err))
		return false;
	plan_reading(plan);
	*ret = plan;
	return true;
}

/* --- the job */

static const struct db_statement last_number = {
	"incident: last number",
	"SELECT coalesce(max(id), 0) FROM incident",
};

static bool
take_number(struct db *db, int64_t *ret, struct error *err)
{
	int64_t *last = &db_notes(db)[INCIDENT_NOTE_NUMBER];

	if (*last == 0 && !db_number(db, &last_number, DB_NO_VALUES, last, err))
		return false;
	*ret = ++*last;
	return true;
}

static const struct db_statement add_incident = {
	"incident: add",
	"INSERT INTO incident (id, raised, changed, shown, texted, updated,"
	" reported, created, status, severity, source, by_person, host,"
	" hands, orphan, homed, status_hash, key)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

static const struct db_statement add_text = {
	"incident text: add",
	"INSERT INTO incident_text (id, title, body, environment, tags,"
	" customer_name, customer_email) VALUES (?, ?, ?, ?, ?, ?, ?)",
};

static const struct db_statement add_known = {
	"known answers: add",
	"INSERT INTO known (incident, position, article) VALUES (?, ?, ?)",
};

static bool
add_state(struct change *change, struct error *err)
{
	const struct incident *in = change->incident;
	unsigned char hash[SECRET_HASH];
	char secret[SECRET_TOKEN];

	access_status_secret(change->desk, in->number, 0, secret);
	secret_hash(desk_key(change->desk), secret, hash);
	return db_run(change->db, &add_incident,
	    DB_VALUES(db_int(in->number), db_int(in->raised),
		db_int(in->changed), db_int(in->shown), db_int(in->texted),
		db_int(in->updated), db_int(in->reported), db_int(in->created),
		db_int(in->status), db_int(in->severity), db_text(in->source),
		db_some(in->by), db_some(in->host), db_int(in->hands),
		db_int(in->orphan), db_int(in->homed),
		db_bytes(hash, sizeof hash), db_text(in->key)),
	    err);
}

/* When it came in is the journal's time, so that no clock runs backwards. */
static void
keep_times(struct change *change)
{
	struct incident *in = change->incident;

	in->reported = change->at;
	if (in->created == 0 || in->created > change->at)
		in->created = change->at;
}

/* All that is in its rows is known now, so each is written once. */
static bool
add_rows(struct change *change, struct error *err)
{
	const struct incident *in = change->incident;
	struct db *db = change->db;

	keep_times(change);
	if (!add_state(change, err) ||
	    !db_run(db, &add_text,
		DB_VALUES(db_int(in->number), db_text(in->title),
		    db_text(in->body), db_text(in->environment),
		    db_text(in->joined_tags), db_text(in->customer_name),
		    db_text(in->customer_email)),
		err) ||
	    !tag_count(db, in->tags, in->n_tags, NULL, 0, err))
		return false;
	for (size_t i = 0; i < in->n_known; i++)
		if (!db_run(db, &add_known,
			DB_VALUES(db_int(in->number), db_int((int64_t)i),
			    db_int(in->known[i])),
			err))
			return false;
	return true;
}

static bool
say_orphan(struct change *change, struct error *err)
{
	struct incident *in = change->incident;
	int64_t after = change->desk->orphan_after;

	if (in->status != STATUS_OPEN)
		return true;
	if (!in->homed) {
		in->orphan = true;
		return change_event(
		    change, JOURNAL_ORPHAN, NULL, RAISE_NONE, err);
	}
	return after == 0 ||
	    change_timer(change, TIMER_ORPHAN, in->reported + after, err);
}

/* An import of what is solved already. */
static bool
say_fix(
    struct change *change, const struct report_more *more, struct error *err)
{
	const struct fix fix = {
		.resolution = more->resolution,
		.cause = more->cause,
		.publish = more->publish,
	};

	return more->resolution == NULL || fix_imported(change, &fix, err);
}

static bool
say_report(struct change *change, struct report_plan *plan, struct error *err)
{
	json_t *detail = json_object();

	json_put_text(detail, "source", plan->incident->source);
	if (!change_event(change, JOURNAL_REPORT, detail, RAISE_REPORTED, err))
		return false;
	plan->matched.seq = change->seq;
	plan->matched.filters = change->matched;
	plan->matched.n = change->n_matched;
	return say_orphan(change, err) && say_fix(change, &plan->more, err);
}

/*
 * The key was seen before. The public gets the incident (and so the status
 * link) only by sending again what is in it: a key can be guessed.
 */
static bool
seen_before(struct report_plan *plan, struct db *db, int64_t number,
    struct reported *ret, struct error *err)
{
	struct incident *in;

	if (plan->actor->person == 0 && !plan->more.lenient) {
		if (!incident_read(plan, db, number, &in, err))
			return false;
		if (in->by != 0 ||
		    strcmp(in->title, plan->incident->title) != 0 ||
		    strcmp(in->body, plan->incident->body) != 0)
			return error_set(err, ERROR_CONFLICT,
			    "another report has the key \"%s\"",
			    plan->incident->key);
	}
	*ret = (struct reported){ number, false };
	return true;
}

bool
report_plan_run(struct report_plan *plan, struct db *db, bool match_inside,
    bool *stale, struct reported *ret, struct error *err)
{
	struct change change = {
		.desk = plan->desk,
		.db = db,
		.actor = plan->actor,
		.memory = plan,
		.incident = plan->incident,
		.is_new = true,
		.add = add_rows,
	};
	int64_t seen = 0;

	*stale = false;
	if (plan->incident->key != NULL &&
	    !incident_by_key(db, plan->incident->key, &seen, err))
		return false;
	if (seen != 0)
		return seen_before(plan, db, seen, ret, err);
	if (plan->reading->version != matcher_version(plan->desk->matcher) ||
	    plan->incident->names != plan->desk->names) {
		if (!match_inside) {
			*stale = true;
			metrics_add(plan->desk->counts, DESK_AGAIN, 0, 1);
			return error_set(err, ERROR_BUSY, "filters were newer");
		}
		plan_reading(plan);
	}
	change.reading = plan->reading;
	plan->incident->created = plan->more.created;
	if (!take_number(db, &plan->incident->number, err))
		return false;
	change_facets(&change);
	if (!say_report(&change, plan, err))
		return false;
	*ret = (struct reported){ plan->incident->number, true };
	return true;
}

void
report_plan_done(const struct report_plan *plan, int64_t incident)
{
	reading_note(plan->desk, plan->reading, incident,
	    plan->actor->person == 0 ? plan->actor->address : NULL);
}

/* --- one report alone */

struct job {
	struct report_plan *plan;
	bool match_inside, stale;
	struct reported reported;
};

static bool
report_job(struct db *db, void *arg, struct error *err)
{
	struct job *job = arg;
	struct report_plan *plan = job->plan;

	if (!report_plan_run(
		plan, db, job->match_inside, &job->stale, &job->reported, err))
		return false;
	if (job->reported.is_new)
		follow_report(plan->desk, plan->matched.seq,
		    plan->matched.filters, plan->matched.n);
	return true;
}

static bool
report_once(struct desk *desk, const struct actor *actor,
    const struct report *report, struct job *job, struct error *err)
{
	static const struct report_more nothing = { 0 };
	void *memory = mem_root("report");
	bool ok;

	ok = report_plan_make(
		 memory, desk, actor, report, &nothing, &job->plan, err) &&
	    writer_run_whole(desk->writer, report_job, job, err);
	if (ok && job->reported.is_new)
		report_plan_done(job->plan, job->reported.incident);
	talloc_free(memory);
	return ok;
}

bool
desk_report(struct desk *desk, const struct actor *actor,
    const struct report *report, struct reported *ret, struct error *err)
{
	enum { PATIENCE = 8 };

	if (actor->person != 0 && !actor_may_write(actor, err))
		return false;
	for (int i = 0;; i++) {
		struct job job = { .match_inside = i >= PATIENCE };
		struct error tried = *err;

		if (report_once(desk, actor, report, &job, &tried)) {
			*ret = job.reported;
			return true;
		}
		if (!job.stale) {
			*err = tried;
			return false;
		}
	}
}
