/* SPDX-License-Identifier: ISC */
#include "desk/transfer.h"

/*
 * Incidents of an import: those with a new key, or none, are planned first
 * (checked, matched) and then go in together, in one transaction; those whose
 * key was seen before are edited one by one after it.
 */

#include "base/clock.h"
#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "desk/input.h"
#include "desk/inside.h"
#include "desk/report.h"
#include "desk/search.h"

#include <string.h>

struct imported_incident {
	int64_t line;
	struct report report;
	struct report_more more;
	struct report_plan *plan; /* NULL: its key was seen before */
	int64_t seen; /* that incident */
	struct reported reported;
};

struct batch {
	struct importing *importing;
	struct imported_incident *incidents;
	size_t n;
	bool fixes;
};

/* --- from the line */

static bool
read_created(const json_t *object, int64_t *ret, struct error *err)
{
	const char *text = NULL;

	*ret = 0;
	if (!json_text(object, "created", &text, err))
		return false;
	if (text == NULL || text[0] == '\0')
		return true;
	if (!date_parse_rfc3339(text, ret))
		return error_field(err, "created", 0,
		    "must be a time like 2026-11-25T01:26:40Z");
	if (*ret > clock_now())
		return error_field(
		    err, "created", 0, "must not be in the future");
	return true;
}

static bool
read_customer(const json_t *object, struct report *report, struct error *err)
{
	const json_t *customer = json_object_get(object, "customer");

	if (customer == NULL || json_is_null(customer))
		return true;
	if (!json_is_object(customer))
		return error_field(err, "customer", 0, "must be an object");
	return json_text(customer, "name", &report->customer_name, err) &&
	    json_text(customer, "email", &report->customer_email, err);
}

static bool
read_incident(struct importing *importing, const json_t *object,
    struct imported_incident *ret, struct error *err)
{
	struct report *report = &ret->report;
	struct report_more *more = &ret->more;
	const char **tags = NULL;

	more->lenient = true;
	more->publish = importing->how->publish;
	if (!json_text(object, "title", &report->title, err) ||
	    !json_text(object, "body", &report->body, err) ||
	    !json_text(object, "environment", &report->environment, err) ||
	    !json_text(object, "severity", &report->severity, err) ||
	    !json_text(object, "key", &report->key, err) ||
	    !json_text(object, "resolution", &more->resolution, err) ||
	    !json_text(object, "cause", &more->cause, err) ||
	    !json_bool(object, "publish", &more->publish, err) ||
	    !import_words(
		importing->memory, object, "tags", &tags, &report->n_tags, err))
		return false;
	report->tags = tags;
	if (more->resolution != NULL && utf8_is_blank(more->resolution))
		more->resolution = NULL;
	return read_created(object, &more->created, err) &&
	    read_customer(object, report, err);
}

static bool
find_seen(struct importing *importing, struct imported_incident *incident,
    struct error *err)
{
	struct db *db;
	bool ok;

	if (incident->report.key == NULL || incident->report.key[0] == '\0')
		return true;
	if (!desk_reader(importing->desk, &db, err))
		return false;
	ok = incident_by_key(db, incident->report.key, &incident->seen, err);
	desk_reader_done(importing->desk, db);
	return ok;
}

/* --- new ones */

static bool
batch_job(struct db *db, void *arg, struct error *err)
{
	struct batch *batch = arg;
	bool stale;

	for (size_t i = 0; i < batch->n; i++) {
		struct imported_incident *incident = &batch->incidents[i];

		if (incident->plan != NULL &&
		    !report_plan_run(incident->plan, db, true, &stale,
			&incident->reported, err))
			return error_context(
			    err, "line %jd", (intmax_t)incident->line);
	}
	return true;
}

static bool
add_new(struct batch *batch, struct error *err)
{
	struct importing *importing = batch->importing;
	int64_t began = clock_monotonic();

	if (!desk_write(importing->desk, batch_job, batch, err))
		return false;
	import_pause(began);
	for (size_t i = 0; i < batch->n; i++) {
		struct imported_incident *incident = &batch->incidents[i];

		if (incident->plan == NULL || !incident->reported.is_new)
			continue;
		importing->done.added++;
		report_plan_done(incident->plan, incident->reported.incident);
	}
	return true;
}

/* --- those seen before */

static const struct db_statement set_customer = {
	"incident text: set customer",
	"UPDATE incident_text SET customer_name = ?, customer_email = ?"
	" WHERE id = ?",
};

struct again {
	const struct imported_incident *incident;
	struct importing *importing;
};

static bool
same(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool
again_fix(
    struct change *change, const struct report_more *more, struct error *err)
{
	const struct fix fix = {
		.resolution = more->resolution,
		.cause = more->cause,
		.publish = more->publish,
	};
	struct incident *in = change->incident;

	if (more->resolution == NULL || in->duplicate_of != 0 ||
	    in->status == STATUS_RESOLVED || in->status == STATUS_CLOSED)
		return true;
	in->status = STATUS_RESOLVED;
	return fix_imported(change, &fix, err);
}

/* What desk_edit does not: the customer, and a resolution if there is none. */
static bool
again_step(struct change *change, void *arg, struct error *err)
{
	const struct again *again = arg;
	const struct report *report = &again->incident->report;
	struct incident *in = change->incident;
	char *name, *email;

	if (!input_line(change->memory, "name", report->customer_name,
		NAME_MAX_CHARACTERS, &name, err) ||
	    !input_email(
		change->memory, "email", report->customer_email, &email, err))
		return false;
	if (name[0] != '\0' &&
	    (!same(name, in->customer_name) ||
		!same(email, in->customer_email))) {
		json_t *detail = json_pack("{s:[s]}", "fields", "customer");

		if (!db_run(change->db, &set_customer,
			DB_VALUES(
			    db_text(name), db_text(email), db_int(in->number)),
			err) ||
		    !change_event(
			change, JOURNAL_EDIT, detail, RAISE_NONE, err))
			return false;
	}
	return again_fix(change, &again->incident->more, err);
}

static bool
edit_again(struct importing *importing,
    const struct imported_incident *incident, struct error *err)
{
	const struct report *report = &incident->report;
	const struct edit edit = {
		.title = report->title != NULL && !utf8_is_blank(report->title)
		    ? report->title
		    : NULL,
		.body = report->body,
		.environment = report->environment,
		.has_tags = report->n_tags > 0,
		.tags = report->tags,
		.n_tags = report->n_tags,
		.severity = report->severity,
	};
	struct again again = { incident, importing };

	return desk_edit(importing->desk, &importing->actor, incident->seen,
		   &edit, err) &&
	    desk_change(importing->desk, &importing->actor, incident->seen,
		CHANGE_DUPLICATES, again_step, &again, err);
}

static bool
change_seen(struct batch *batch, struct error *err)
{
	struct importing *importing = batch->importing;

	for (size_t i = 0; i < batch->n; i++) {
		const struct imported_incident *incident = &batch->incidents[i];
		struct error bad = { 0 };

		if (incident->seen == 0)
			continue;
		if (edit_again(importing, incident, &bad))
			importing->done.changed++;
		else if (bad.kind == ERROR_SYSTEM) {
			*err = bad;
			return false;
		} else
			import_bad(importing, incident->line, &bad);
	}
	return true;
}

/* --- the batch */

static bool
plan_line(
    struct batch *batch, const struct import_line *line, struct error *err)
{
	struct importing *importing = batch->importing;
	struct imported_incident incident = { .line = line->number };

	if (!read_incident(importing, line->object, &incident, err) ||
	    !find_seen(importing, &incident, err))
		return false;
	if (incident.seen == 0 &&
	    !report_plan_make(importing->memory, importing->desk,
		&importing->actor, &incident.report, &incident.more,
		&incident.plan, err))
		return false;
	batch->fixes |= incident.more.resolution != NULL;
	*mem_push(importing->memory, &batch->incidents, &batch->n) = incident;
	return true;
}

bool
import_incidents(struct importing *importing, struct error *err)
{
	struct batch batch = { .importing = importing };

	for (size_t i = 0; i < importing->n; i++) {
		struct error bad = { 0 };

		if (plan_line(&batch, &importing->lines[i], &bad))
			continue;
		if (bad.kind == ERROR_SYSTEM) {
			*err = bad;
			return false;
		}
		import_bad(importing, importing->lines[i].number, &bad);
	}
	if (!add_new(&batch, err) || !change_seen(&batch, err))
		return false;
	/* so that later lines find these as known answers */
	return !batch.fixes || search_follow(importing->desk, false, err);
}
