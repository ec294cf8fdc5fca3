/* SPDX-License-Identifier: ISC */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <stddef.h>

enum { DEMO_INCIDENTS = 5, DEMO_TAGS = 4 };

/* The incidents of the example. */
struct demo_incident {
	int by; /* person, -1: the customer herself */
	const char *title, *body, *environment, *severity, *customer;
	const char *tags[DEMO_TAGS]; /* up to the first that is NULL */
};

extern const struct demo_incident demo_incidents[DEMO_INCIDENTS];

#endif
