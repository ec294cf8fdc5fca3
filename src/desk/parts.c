/* SPDX-License-Identifier: ISC */
#include "desk/parts.h"

#include "base/utf8.h"

bool
text_taken(void *owner, const char *text, const char *field, size_t most,
    char **ret, struct error *err)
{
	if (text == NULL || utf8_is_blank(text)) {
		*ret = NULL;
		return true;
	}
	return input_text(owner, field, text, most, ret, err);
}

bool
title_taken(void *owner, const char *text, char **ret, struct error *err)
{
	if (text == NULL || utf8_is_blank(text)) {
		*ret = NULL;
		return true;
	}
	return input_line(owner, "title", text, TITLE_MAX, ret, err);
}

bool
change_next(struct change *change, int64_t *ret, struct error *err)
{
	int64_t last = 0;

	if (!journal_last(change->db, &last, err))
		return false;
	*ret = last + 1;
	return true;
}

static const struct db_statement stamp = {
	"incident: resolved and closed",
	"UPDATE incident SET resolved = ?, closed = ? WHERE id = ?",
};

bool
change_stamp(struct change *change, struct error *err)
{
	const struct incident *incident = change->incident;

	return db_run(change->db, &stamp,
	    DB_VALUES(db_some(incident->resolved), db_some(incident->closed),
		db_int(incident->number)),
	    err);
}

bool
change_followed(struct change *change, struct change *ret, struct error *err)
{
	int64_t other = change->incident->duplicate_of;

	*ret = *change;
	return other == 0 ||
	    incident_read(
		change->memory, change->db, other, &ret->incident, err);
}
