/* SPDX-License-Identifier: ISC */
#include "desk/change.h"

/* A new status link for the customer: from then on the old one opens nothing.*/

#include "base/secret.h"
#include "desk/access.h"

static const struct db_statement renew = {
	"status link: renew",
	"UPDATE incident SET generation = ?, status_hash = ? WHERE id = ?",
};

static bool
renew_step(struct change *change, void *arg, struct error *err)
{
	struct incident *incident = change->incident;
	unsigned char hash[SECRET_HASH];
	char secret[SECRET_TOKEN];

	(void)arg;
	incident->generation++;
	access_status_secret(
	    change->desk, incident->number, incident->generation, secret);
	secret_hash(desk_key(change->desk), secret, hash);
	return db_run(change->db, &renew,
		   DB_VALUES(db_int(incident->generation),
		       db_bytes(hash, sizeof hash), db_int(incident->number)),
		   err) &&
	    change_event(change, JOURNAL_LINK, NULL, RAISE_NONE, err);
}

bool
desk_renew_link(struct desk *desk, const struct actor *actor, int64_t incident,
    struct error *err)
{
	return actor_may_write(actor, err) &&
	    desk_change(desk, actor, incident, CHANGE_DUPLICATES, renew_step,
		NULL, err);
}
