/* SPDX-License-Identifier: ISC */
#ifndef DESK_INCIDENT_H
#define DESK_INCIDENT_H

/* An incident with all that belongs to it, as it is now. */

#include "desk/journal.h"
#include "filter/subject.h"
#include "store/db.h"

enum {
	TITLE_MAX = 300, /* characters */
	BODY_MAX_PUBLIC = 64 * 1024, /* bytes, from here on */
	BODY_MAX = 2 * 1024 * 1024,
	ENVIRONMENT_MAX = 8 * 1024,
	POST_MAX = 64 * 1024,
	TAGS_MAX = 64,
	NAME_MAX_CHARACTERS = 100,
	LABEL_MAX_CHARACTERS = 80,
	KNOWN_MAX = 3,
};

struct tag_names;

enum swarm_role { ROLE_HELPER, ROLE_SHADOW };

struct stay {
	int64_t person;
	char *handle, *name;
	enum swarm_role role;
	int64_t joined;
	int64_t left; /* 0: is in */
};

struct pull {
	int64_t id; /* seq */
	char *by; /* handle */
	char **people; /* handles */
	size_t n_people;
	char **tags;
	size_t n_tags;
	char *note; /* or NULL */
	int64_t created;
	bool open;
};

enum post_kind { POST_REPLY, POST_NOTE, POST_FIX };

struct post {
	int64_t id; /* seq */
	int64_t incident;
	enum post_kind kind;
	int64_t author; /* 0: the customer */
	char *handle, *name; /* NULL for the customer */
	int64_t created, edited;
	int64_t changed; /* seq */
	char *text; /* of a fix: the resolution */
	char *cause, *environment; /* of a fix, or NULL */
	bool withdrawn;
};

struct incident {
	int64_t number;
	int64_t raised, changed, shown, texted; /* seq: see schema.c */
	int64_t updated, reported, created; /* times */
	enum filter_status status;
	enum filter_severity severity;
	char *source;
	int64_t by, host; /* people, 0: nobody */
	char *by_handle, *host_handle, *host_name;
	unsigned hands;
	int64_t promised; /* time, 0: nothing promised */
	bool orphan, overdue, homed, joined;
	int64_t resolved; /* time, 0: not */
	int64_t closed; /* seq */
	int64_t article;
	bool answered;
	int64_t duplicate_of;
	int64_t withdrawn; /* seq, 0: not */
	int64_t rating; /* 0: none */
	char *comment;
	int64_t generation;
	char *key;

	char *title, *body, *environment;
	char **tags; /* sorted */
	char *joined_tags; /* of a report: as they are stored */
	const struct tag_names *names; /* that tags were read by */
	size_t n_tags;
	char *customer_name, *customer_email;

	struct stay *stays; /* in order of joining */
	size_t n_stays;
	struct pull *pulls; /* in order */
	size_t n_pulls;
	int64_t known[KNOWN_MAX]; /* articles */
	size_t n_known;
};

/*
 * Reads one with all its parts. ERROR_NOT_FOUND if there is none. Withdrawn
 * and duplicate ones are read too: desk/visible.h says who may see them.
 */
MUST_CHECK bool incident_read(void *owner, struct db *db, int64_t number,
    struct incident **ret, struct error *err);

/* By its key; *ret is NULL if there is none. */
MUST_CHECK bool incident_by_key(
    struct db *db, const char *key, int64_t *ret, struct error *err);

/* All posts in order, withdrawn ones too. */
MUST_CHECK bool incident_posts(void *owner, struct db *db, int64_t number,
    struct post **ret, size_t *n, struct error *err);

MUST_CHECK bool post_read(void *owner, struct db *db, int64_t incident,
    int64_t id, struct post **ret, struct error *err);

/* What a filter sees. Borrows from incident; arrays are owner's. */
void incident_document(
    void *owner, const struct incident *incident, struct filter_document *ret);
void incident_state(void *owner, const struct incident *incident, int64_t now,
    struct filter_state *ret);

unsigned incident_helpers(const struct incident *incident);
bool incident_is_wanted(const struct incident *incident);

/* Her stay that has not ended, or NULL. */
const struct stay *
incident_stay(const struct incident *incident, int64_t person);

/* --- text columns that hold lists: words separated by single spaces */

char **words_split(void *owner, const char *text, size_t *n);
char *words_join(void *owner, char *const *words, size_t n);

#endif
