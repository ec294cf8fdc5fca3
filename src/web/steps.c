/* SPDX-License-Identifier: ISC */
#include "desk/steps.h"

/*
 * What people do to an incident: POST /incidents/{n}/{step}. Each reads its own
 * members, does the step, and shows the incident as it is then.
 */

#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"
#include "web/incident.h"
#include "web/model.h"
#include "web/resources.h"

#include <stdint.h>
#include <string.h>

/* One step of one request. */
struct step {
	struct desk *desk;
	const struct actor *actor;
	int64_t incident;
	json_t *input;
};

static bool
step_begin(struct request *request, struct step *ret, struct error *err)
{
	struct visit *visit = visit_of(request);

	ret->desk = visit->site->desk;
	ret->actor = &visit->actor;
	return part_number(request, 0, &ret->incident, err) &&
	    input_read(request, &ret->input, err);
}

/* --- the swarm */

static bool
role_read(const json_t *input, enum swarm_role *ret, struct error *err)
{
	const char *role = "helper";

	if (!input_member_text(input, "role", &role, err))
		return false;
	*ret = strcmp(role, "shadow") == 0 ? ROLE_SHADOW : ROLE_HELPER;
	return *ret == ROLE_SHADOW || strcmp(role, "helper") == 0 ||
	    error_field(err, "role", 0, "must be helper or shadow");
}

bool
join_post(struct request *request, struct answer *answer, struct error *err)
{
	enum swarm_role role;
	struct step step;

	return step_begin(request, &step, err) &&
	    role_read(step.input, &role, err) &&
	    desk_join(step.desk, step.actor, step.incident, role, err) &&
	    incident_changed(request, answer, step.incident, "#join", err);
}

bool
leave_post(struct request *request, struct answer *answer, struct error *err)
{
	struct step step;

	return step_begin(request, &step, err) &&
	    desk_leave(step.desk, step.actor, step.incident, err) &&
	    incident_changed(request, answer, step.incident, "#join", err);
}

bool
pull_post(struct request *request, struct answer *answer, struct error *err)
{
	struct pull_request pull = { 0 };
	struct words people, tags;
	struct step step;

	if (!step_begin(request, &step, err) ||
	    !input_member_words(
		request->memory, step.input, "people", &people, err) ||
	    !input_member_words(
		request->memory, step.input, "tags", &tags, err) ||
	    !input_member_text(step.input, "note", &pull.note, err))
		return false;
	pull.people = people.words;
	pull.n_people = people.n;
	pull.tags = tags.words;
	pull.n_tags = tags.n;
	return desk_pull(step.desk, step.actor, step.incident, &pull, err) &&
	    incident_changed(request, answer, step.incident, "#wanted", err);
}

/* --- fix, answer */

bool
fix_post(struct request *request, struct answer *answer, struct error *err)
{
	struct fix fix = { 0 };
	struct step step;

	return step_begin(request, &step, err) &&
	    input_member_text(step.input, "resolution", &fix.resolution, err) &&
	    input_member_text(step.input, "cause", &fix.cause, err) &&
	    input_member_text(
		step.input, "environment", &fix.environment, err) &&
	    input_member_text(step.input, "title", &fix.title, err) &&
	    input_member_text(step.input, "issue", &fix.issue, err) &&
	    input_member_bool(step.input, "publish", &fix.publish, err) &&
	    desk_fix(step.desk, step.actor, step.incident, &fix, err) &&
	    incident_changed(request, answer, step.incident, "#article", err);
}

bool
answer_post(struct request *request, struct answer *answer, struct error *err)
{
	const char *text = NULL;
	int64_t article = 0;
	struct step step;

	if (!step_begin(request, &step, err) ||
	    !input_member_int(step.input, "article", &article, err) ||
	    !input_member_text(step.input, "text", &text, err))
		return false;
	if (article < 1)
		return error_field(
		    err, "article", 0, "must be the number of an article");
	return desk_answer(
		   step.desk, step.actor, step.incident, article, text, err) &&
	    incident_changed(request, answer, step.incident, "#article", err);
}

/* --- the end, and again */

bool
close_post(struct request *request, struct answer *answer, struct error *err)
{
	const char *reason = NULL;
	struct step step;

	return step_begin(request, &step, err) &&
	    input_member_text(step.input, "reason", &reason, err) &&
	    desk_close(step.desk, step.actor, step.incident, reason, err) &&
	    incident_changed(request, answer, step.incident, "", err);
}

bool
reopen_post(struct request *request, struct answer *answer, struct error *err)
{
	const char *text = NULL;
	struct step step;

	return step_begin(request, &step, err) &&
	    input_member_text(step.input, "text", &text, err) &&
	    desk_reopen(step.desk, step.actor, step.incident, text, err) &&
	    incident_changed(request, answer, step.incident, "", err);
}

bool
duplicate_post(
    struct request *request, struct answer *answer, struct error *err)
{
	int64_t of = 0;
	struct step step;

	if (!step_begin(request, &step, err) ||
	    !input_member_int(step.input, "of", &of, err))
		return false;
	if (of < 1)
		return error_field(
		    err, "of", 0, "must be the number of another incident");
	return desk_duplicate(step.desk, step.actor, step.incident, of, err) &&
	    incident_changed(request, answer, step.incident, "", err);
}

/* --- the status link: shown here and nowhere else */

static bool
link_page(struct request *request, struct answer *answer, int64_t incident,
    const char *url, struct error *err)
{
	static const char title[] = "The customer's status link";
	struct page_head head = { .title = title, .at = "incidents" };
	json_t *model = json_owned(request->memory, json_object());
	json_t *secret = mem_made(json_object());
	json_t *secrets = mem_made(json_array());

	json_put_text(model, "title", title);
	json_put_text(model, "text",
	    "Give it to the customer only: whoever has it reads and answers as "
	    "the customer.");
	json_put_text(secret, "label", "Status link");
	json_put_text(secret, "value", url);
	json_put_text(secret, "href", url);
	json_put_text(secret, "hint", "");
	model_push(secrets, secret);
	model_put(model, "secrets", secrets);
	model_put_link(model,
	    mem_printf(request->memory, "/incidents/%jd", (intmax_t)incident),
	    "Back to the incident");
	return answer_page(request, answer, "message", model, &head, err);
}

bool
link_post(struct request *request, struct answer *answer, struct error *err)
{
	char secret[SECRET_TOKEN];
	struct incident *incident;
	struct view view;
	struct step step;
	bool renew = false;
	const char *url;
	struct db *db;
	json_t *value;

	if (!step_begin(request, &step, err) ||
	    !input_member_bool(step.input, "renew", &renew, err) ||
	    (renew &&
		!desk_renew_link(step.desk, step.actor, step.incident, err)) ||
	    !visit_db_again(request, &db, err) ||
	    !incident_of(request, &view, &incident, err))
		return false;
	access_status_secret(
	    step.desk, incident->number, incident->generation, secret);
	url = view_url(request->memory, &view, "/status/%s", secret);
	if (input_is_form(request))
		return link_page(request, answer, incident->number, url, err);
	value = json_owned(request->memory, json_object());
	json_put_int(value, "id", incident->number);
	json_put_text(value, "status_url", url);
	answer_json(request, answer, value, 0);
	answer->cache_control = "no-store";
	return true;
}
