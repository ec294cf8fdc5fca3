/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

/*
 * A small example: a web shop's support desk on an ordinary day. Everything is
 * done as people would do it, so the journal and the feeds have it all.
 */

#include "base/mem.h"
#include "base/secret.h"
#include "cli/demo.h"
#include "cli/store.h"
#include "desk/access.h"
#include "desk/article.h"
#include "desk/incident.h"
#include "desk/person.h"
#include "desk/steps.h"
#include "desk/subscription.h"
#include "desk/search.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { ANA, BO, CY, DEE, PEOPLE };

static const struct {
	const char *handle, *name;
	const char *skills[4];
	bool admin;
} people[PEOPLE] = {
	[ANA] = { "ana", "Ana Silva", { "checkout", "billing" }, true },
	[BO] = { "bo", "Bo Lindgren", { "db", "mysql" }, false },
	[CY] = { "cy", "Cy Okafor", { "web", "login" }, false },
	[DEE] = { "dee", "Dee Novak", { "mail" }, false },
};

static const struct {
	int person;
	const char *name, *filter;
} subscriptions[] = {
	{ ANA, "urgent", "severity>=high" },
	{ ANA, "needs a hand", "is:wanted -host:me" },
	{ BO, "databases", "#db or #mysql or \"lock wait timeout\"" },
	{ BO, "deadlocks", "/dead ?lock(ed)?/i" },
	{ CY, "sign-in", "#login or /OAuth|SAML|40[13]\\b/" },
	{ DEE, "mail", "#mail or title:mail" },
};

const struct demo_incident demo_incidents[DEMO_INCIDENTS] = {
	{ -1, "Password reset mail never arrives",
	    "I asked for a new password three times this morning. Nothing "
	    "came, and the spam folder is empty too.",
	    "Firefox 128, Windows 11", NULL, "Maria Keller",
	    { "mail", "login" } },
	{ ANA, "Checkout hangs since 14:05",
	    "Orders time out after 30 seconds. The log says:\n\n"
	    "    Deadlock found when trying to get lock; try restarting\n"
	    "    transaction (errno 1213)\n    at Order::save(order.php:214)",
	    "Shop 4.2, MySQL 8.0.35", "high", "Norden Outdoor",
	    { "db", "mysql", "product:checkout" } },
	{ -1, "Invoice shows 12,50 € instead of 15 €",
	    "The discount of last month is still taken off. Order 10442.", "",
	    NULL, "J. Meyer", { "billing" } },
	{ CY, "Login loops back to the login page behind our proxy",
	    "After entering name and password we see the form again, no "
	    "message. Only behind the company proxy.",
	    "Chrome 131, Squid 5.7", NULL, "Acme Ltd", { "login", "web" } },
	{ -1, "Product pictures are blurred on my phone",
	    "Since the update all pictures look as if stretched.",
	    "Android 14, Chrome", "low", NULL, { "web" } },
};

struct demo {
	struct line *line;
	struct desk *desk;
	struct actor actors[PEOPLE];
	char *passwords[PEOPLE];
	int64_t incidents[DEMO_INCIDENTS];
};

static size_t
count(const char *const words[4])
{
	size_t n = 0;

	while (n < 4 && words[n] != NULL)
		n++;
	return n;
}

static bool
is_empty(struct line *line, struct desk *desk, struct error *err)
{
	struct person **all;
	struct db *db;
	size_t n;
	bool ok;

	if (!desk_reader(desk, &db, err))
		return false;
	ok = person_list(line_memory(line), db, &all, &n, err);
	desk_reader_done(desk, db);
	if (ok && n > 0)
		return error_set(err, ERROR_CONFLICT,
		    "the store has people already: the example needs an empty "
		    "one");
	return ok;
}

static bool
find_actor(struct demo *demo, int who, struct error *err)
{
	void *memory = line_memory(demo->line);
	struct person *person;
	struct db *db;
	bool ok;

	if (!desk_reader(demo->desk, &db, err))
		return false;
	ok = person_by_handle(memory, db, people[who].handle, &person, err);
	desk_reader_done(demo->desk, db);
	if (ok)
		demo->actors[who] = (struct actor){
			.person = person->id,
			.handle = person->handle,
			.scope = SCOPE_WRITE,
			.source = "web",
		};
	return ok;
}

static bool
add_people(struct demo *demo, struct error *err)
{
	for (int i = 0; i < PEOPLE; i++) {
		const struct profile profile = {
			.name = people[i].name,
			.hours = 4,
			.has_skills = true,
			.skills = people[i].skills,
			.n_skills = count(people[i].skills),
		};
		const struct newcomer newcomer = {
			.handle = people[i].handle,
			.profile = &profile,
			.admin = people[i].admin,
		};

		if (!desk_person_add(line_memory(demo->line), demo->desk,
			&store_operator, &newcomer, &demo->passwords[i], err) ||
		    !find_actor(demo, i, err))
			return false;
	}
	for (size_t i = 0; i < COUNT(subscriptions); i++) {
		const struct actor
		    *actor = &demo->actors[subscriptions[i].person];
		int64_t id;

		if (!desk_subscribe(demo->desk, actor, actor->person,
			subscriptions[i].name, subscriptions[i].filter, &id,
			err))
			return false;
	}
	return true;
}

static bool
add_incidents(struct demo *demo, struct error *err)
{
	static const struct actor public = { .source = "web" };

	for (size_t i = 0; i < DEMO_INCIDENTS; i++) {
		const struct report report = {
			.title = demo_incidents[i].title,
			.body = demo_incidents[i].body,
			.environment = demo_incidents[i].environment,
			.severity = demo_incidents[i].severity,
			.customer_name = demo_incidents[i].customer,
			.tags = demo_incidents[i].tags,
			.n_tags = count(demo_incidents[i].tags),
			.hands = i == 1 ? 2 : 0,
		};
		struct reported reported;

		if (!desk_report(demo->desk,
			demo_incidents[i].by < 0
			    ? &public
			    : &demo->actors[demo_incidents[i].by],
			&report, &reported, err))
			return false;
		demo->incidents[i] = reported.incident;
	}
	return true;
}

/* What the day brought: help, a fix that everybody can read, a question. */
static bool
live_a_day(struct demo *demo, struct error *err)
{
	static const char *const bo[] = { "bo" };
	static const struct pull_request pull = {
		.people = bo,
		.n_people = 1,
		.note = "Could you look at the lock order?",
	};
	static const struct fix mail = {
		.resolution =
		    "The sender's address was on a block list of the mail "
		    "provider. We send from another address now:\n\n"
		    "1. Ask for the reset mail again.\n"
		    "2. If it is not there after five minutes, look for "
		    "`noreply@shop.example`.",
		.cause = "The old address shared its name server with a "
			 "spammer.",
		.title = "Password reset mail does not arrive",
		.issue = "The mail with the link for a new password never "
			 "comes, also not in the spam folder.",
		.publish = true,
	};
	struct desk *desk = demo->desk;
	const struct actor *actors = demo->actors;
	const int64_t *numbers = demo->incidents;
	int64_t post;

	return desk_reply(desk, &actors[DEE], numbers[0],
		   "I am looking at the mail log now.", false, &post, err) &&
	    desk_fix(desk, &actors[DEE], numbers[0], &mail, err) &&
	    desk_pull(desk, &actors[ANA], numbers[1], &pull, err) &&
	    desk_join(desk, &actors[BO], numbers[1], ROLE_HELPER, err) &&
	    desk_note(desk, &actors[BO], numbers[1],
		"Two jobs take the same rows in opposite order, see "
		"`order.php:214`.",
		&post, err) &&
	    desk_join(desk, &actors[CY], numbers[1], ROLE_SHADOW, err) &&
	    desk_reply(desk, &actors[ANA], numbers[2],
		"Which month does the invoice show at the top?", false, &post,
		err) &&
	    search_follow(desk, false, err);
}

static bool
print_all(struct demo *demo, struct error *err)
{
	const struct actor *bo = &demo->actors[BO];
	char link[SECRET_TOKEN], status[SECRET_TOKEN];
	int64_t id;

	if (!desk_link_add(
		demo->desk, bo, bo->person, "example", link, &id, err))
		return false;
	access_status_secret(demo->desk, demo->incidents[0], 0, status);
	for (int i = 0; i < PEOPLE; i++)
		printf("sign in    %s  %s%s\n", people[i].handle,
		    demo->passwords[i], people[i].admin ? "  (admin)" : "");
	printf("feed       /feeds/%s.atom  (bo's)\n", link);
	printf("status     /status/%s  (a customer's)\n", status);
	return true;
}

static bool
fill(struct line *line, struct desk *desk, struct error *err)
{
	struct demo demo = { .line = line, .desk = desk };

	return is_empty(line, desk, err) && add_people(&demo, err) &&
	    add_incidents(&demo, err) && live_a_day(&demo, err) &&
	    print_all(&demo, err);
}

bool
demo_fill(struct line *line, struct error *err)
{
	struct desk *desk;
	bool ok;

	if (!store_open(line, DESK_INIT, &desk, err))
		return false;
	ok = fill(line, desk, err);
	desk_end(desk);
	return ok;
}
