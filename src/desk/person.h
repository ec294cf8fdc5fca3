/* SPDX-License-Identifier: ISC */
#ifndef DESK_PERSON_H
#define DESK_PERSON_H

/* People and their profiles. */

#include "desk/desk.h"

struct person {
	int64_t id;
	char *handle, *name;
	char *email; /* or NULL */
	char **skills, **interests; /* tags, sorted */
	size_t n_skills, n_interests;
	bool here; /* else away */
	int64_t hours; /* a week for swarming */
	bool bot, admin, disabled;
	bool password_is_first;
	int64_t created;
	int64_t changed; /* seq */
};

/*
 * ERROR_FORBIDDEN unless the actor is that person herself with scope write, or
 * anybody with scope admin (the operator's command has it). person 0: scope
 * admin only.
 */
MUST_CHECK bool
actor_may_manage(const struct actor *actor, int64_t person, struct error *err);

MUST_CHECK bool person_by_handle(void *owner, struct db *db, const char *handle,
    struct person **ret, struct error *err);
MUST_CHECK bool person_by_id(void *owner, struct db *db, int64_t id,
    struct person **ret, struct error *err);

bool person_has_skill(const struct person *person, const char *tag);

/* All, by handle; disabled ones too. */
MUST_CHECK bool person_list(void *owner, struct db *db, struct person ***ret,
    size_t *n, struct error *err);

/* Those from that handle on ("": the first), by handle; at most limit. */
MUST_CHECK bool person_page(void *owner, struct db *db, const char *from,
    size_t limit, struct person ***ret, size_t *n, struct error *err);

/*
 * Who knows a tag: has the skill and is here, no bot, not disabled; who fixed
 * with that tag last first. At most limit.
 */
MUST_CHECK bool person_who_knows(void *owner, struct db *db, const char *tag,
    size_t limit, struct person ***ret, size_t *n, struct error *err);

/*
 * Who is here, no bot and not disabled, and wrote a fix with a tag among the
 * newest 500 posts of all; by handle. At most limit.
 */
MUST_CHECK bool person_who_fixed(void *owner, struct db *db, const char *tag,
    size_t limit, struct person ***ret, size_t *n, struct error *err);

/* NULL leaves it; lists replace. */
struct profile {
	const char *name, *email, *availability; /* "here" or "away" */
	int64_t hours; /* -1 leaves it; 0 to 168 */
	bool has_skills, has_interests;
	const char *const *skills;
	size_t n_skills;
	const char *const *interests;
	size_t n_interests;
};

struct newcomer {
	const char *handle;
	const struct profile *profile;
	bool admin, bot;
};

/*
 * Makes a person. With first_password, which belongs to owner, she gets one;
 * NULL makes none. ERROR_CONFLICT if the handle is taken.
 */
MUST_CHECK bool
desk_person_add(void *owner, struct desk *desk, const struct actor *actor,
    const struct newcomer *newcomer, char **first_password, struct error *err);

/*
 * Changes a profile. Her skills are a subscription, "skills", made with her
 * first skill; it follows the profile until she edits or removes it.
 */
MUST_CHECK bool
desk_person_edit(struct desk *desk, const struct actor *actor, int64_t person,
    const struct profile *profile, int64_t if_changed, struct error *err);

/* A new first password, which ends her sessions. */
MUST_CHECK bool
desk_person_passwd(void *owner, struct desk *desk, const struct actor *actor,
    const char *handle, char **first_password, struct error *err);

/*
 * Hers: old must be right (ERROR_FORBIDDEN), new has 8 to 1,024 bytes. Ends
 * her other sessions.
 */
MUST_CHECK bool desk_password_change(struct desk *desk,
    const struct actor *actor, const char *old, const char *new,
    const char *keep_session, struct error *err);

/*
 * What she is besides a person; ERROR_CONFLICT where an admin takes that from
 * herself, so that there is always one, and where who hosts an incident would
 * be a bot.
 */
enum duty_change { DUTY_KEEP, DUTY_TAKE, DUTY_GIVE };
struct duty {
	enum duty_change admin, bot;
};
MUST_CHECK bool desk_person_duty(struct desk *desk, const struct actor *actor,
    const char *handle, const struct duty *duty, struct error *err);

struct disabled {
	int64_t sessions, tokens, links, left, hosted;
};

/* Ends all that is hers: design section 8. ERROR_CONFLICT for one's own. */
MUST_CHECK bool
desk_person_disable(struct desk *desk, const struct actor *actor,
    const char *handle, struct disabled *ret, struct error *err);

#endif
