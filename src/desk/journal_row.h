/* SPDX-License-Identifier: ISC */
#ifndef DESK_JOURNAL_ROW_H
#define DESK_JOURNAL_ROW_H

/* For the journal's own files: its columns, and the one reader of them. */

#include "desk/journal.h"

#define EVENT_COLUMNS                                                      \
	"j.seq, j.at, j.kind, j.incident, j.article, j.person, p.handle, " \
	"p.name, j.raise, j.detail"
#define EVENT_FROM " FROM journal j LEFT JOIN person p ON p.id = j.person "

/* Reads them all, but not the end of the row: a query may have more. */
void event_begin(void *owner, struct db_row *row, struct event *event);

#endif
