/* SPDX-License-Identifier: ISC */
#ifndef FILTER_SUBJECT_H
#define FILTER_SUBJECT_H

/*
 * What a filter looks at: the texts and tags of a document, and the state of
 * its case. Everything is borrowed. The two are apart because texts are matched
 * before a transaction, on any thread, and state is put in inside of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum filter_severity {
	SEVERITY_LOW,
	SEVERITY_NORMAL,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

enum filter_status {
	STATUS_OPEN,
	STATUS_SWARMING,
	STATUS_RESOLVED,
	STATUS_CLOSED,
	STATUS_COUNT
};

enum filter_field { FIELD_TITLE, FIELD_BODY, FIELD_ENVIRONMENT, FIELD_COUNT };

struct filter_text {
	enum filter_field field;
	const char *text; /* valid UTF-8, NUL at the end */
	size_t length;
};

/* A document: several texts of one field are searched each by itself. */
struct filter_document {
	const struct filter_text *texts;
	size_t n_texts;
	const char *const *tags; /* folded */
	size_t n_tags;
};

struct filter_state {
	enum filter_severity severity;
	enum filter_status status;
	bool overdue; /* these four: while open or swarming only */
	bool wanted;
	bool orphan;
	bool known; /* an article is linked as the answer: in any status */
	unsigned helpers;
	const char *host; /* handles; NULL is nobody */
	const char *by;
	const char *const *swarm;
	size_t n_swarm;
	const char *source;
	int64_t age; /* microseconds */
};

/* "low" ...; "open" ... */
extern const char *const filter_severity_names[SEVERITY_COUNT];
extern const char *const filter_status_names[STATUS_COUNT];

/* Exact lower-case names, as they stand in JSON; false if it is none. */
bool filter_severity_find(const char *name, enum filter_severity *ret);
bool filter_status_find(const char *name, enum filter_status *ret);

#endif
