/* SPDX-License-Identifier: ISC */
#ifndef DESK_PAUSE_H
#define DESK_PAUSE_H

/*
 * For desk/ only: pausing filters that took too long. Whoever uses one sees it
 * in her feeds and on her page, until it is saved again or an admin resumes it.
 */

#include "desk/inside.h"

struct pause {
	int64_t filter;
	const char *why; /* a sentence without its full stop */
};

/*
 * Pauses those that run, in one transaction. False if the store did not take
 * it.
 */
MUST_CHECK bool pause_all(struct desk *desk, const struct pause *all, size_t n);

/*
 * Notes that these ran over their budget on an incident's text; pauses one at
 * its third incident within 1,000. address: of a public report, or NULL.
 */
void strikes_note(struct desk *desk, const int64_t *filters, size_t n,
    int64_t incident, const char *address);

/*
 * Notes what a reading of an incident cost each person whose filters were read.
 * At her third incident within 1,000 whose text took her filters together more
 * than a person's budget, her dearest are paused until the rest fits. only: no
 * other person than this one; 0: everybody.
 */
void charges_note(struct desk *desk, const struct matches *matches,
    int64_t incident, const char *address, int64_t only);

#endif
