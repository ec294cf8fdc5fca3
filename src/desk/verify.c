/* SPDX-License-Identifier: ISC */
#include "desk/verify.h"

#include "base/mem.h"
#include "desk/chunks.h"
#include "desk/inside.h"

#include <stdint.h>

/*
 * What the desk keeps true in every transaction, each as a count of what is
 * not so.
 */
static const struct {
	const char *what;
	struct db_statement count;
} laws[] = {
	{ "journal rows whose time does not grow",
	    { "verify: times",
		"SELECT count(*) FROM journal j JOIN journal k"
		" ON k.seq = j.seq + 1 WHERE k.at < j.at + 10" } },
	{ "gaps in the journal's numbers",
	    { "verify: gaps",
		"SELECT coalesce(max(seq) - min(seq) + 1 - count(*), 0)"
		" FROM journal" } },
	{ "incidents without text",
	    { "verify: texts",
		"SELECT count(*) FROM incident i WHERE NOT EXISTS"
		" (SELECT 1 FROM incident_text t WHERE t.id = i.id)" } },
	{ "incidents whose last change is not in the journal",
	    { "verify: changes",
		"SELECT count(*) FROM incident i WHERE NOT EXISTS"
		" (SELECT 1 FROM journal j WHERE j.seq = i.changed"
		"  AND j.incident = i.id)" } },
	{ "incidents without a report in the journal",
	    { "verify: reports",
		"SELECT count(*) FROM incident i WHERE NOT EXISTS"
		" (SELECT 1 FROM journal j WHERE j.incident = i.id"
		"  AND j.kind = 'report')" } },
	{ "posts without a row in the journal",
	    { "verify: posts",
		"SELECT count(*) FROM post o WHERE NOT EXISTS"
		" (SELECT 1 FROM journal j WHERE j.seq = o.id"
		"  AND j.incident = o.incident)" } },
	{ "matches without a row in the journal",
	    { "verify: matches",
		"SELECT count(*) FROM matched m WHERE NOT EXISTS"
		" (SELECT 1 FROM journal j WHERE j.seq = m.seq"
		"  AND j.incident = m.incident)" } },
	{ "swarming incidents without a helper",
	    { "verify: swarming",
		"SELECT count(*) FROM incident i WHERE i.status = 1"
		" AND i.withdrawn IS NULL AND i.duplicate_of IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM swarm s"
		"  WHERE s.incident = i.id AND s.role = 0"
		"  AND s.left_at IS NULL)" } },
	{ "open incidents with a helper",
	    { "verify: open",
		"SELECT count(*) FROM incident i WHERE i.status = 0"
		" AND i.withdrawn IS NULL AND i.duplicate_of IS NULL"
		" AND EXISTS (SELECT 1 FROM swarm s"
		"  WHERE s.incident = i.id AND s.role = 0"
		"  AND s.left_at IS NULL)" } },
	{ "closed incidents that somebody is in",
	    { "verify: closed",
		"SELECT count(*) FROM incident i WHERE i.status = 3"
		" AND EXISTS (SELECT 1 FROM swarm s"
		"  WHERE s.incident = i.id AND s.left_at IS NULL)" } },
	{ "subscriptions whose last stretch is not theirs",
	    { "verify: stretches",
		"SELECT count(*) FROM subscription s WHERE s.removed IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM stretch t"
		"  WHERE t.subscription = s.id AND t.to_seq IS NULL"
		"  AND t.filter = s.filter)" } },
};

static bool
check_laws(void *owner, struct db *db, char **damage, struct error *err)
{
	for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
		int64_t n = 0;

		if (!db_number(db, &laws[i].count, DB_NO_VALUES, &n, err))
			return false;
		if (n == 0)
			continue;
		*damage = mem_printf(owner, "%s%jd %s\n",
		    *damage == NULL ? "" : *damage, (intmax_t)n, laws[i].what);
	}
	return true;
}

bool
desk_verify(void *owner, struct desk *desk, char **damage, struct error *err)
{
	struct db *db;
	bool ok;

	*damage = NULL;
	if (!desk_reader(desk, &db, err))
		return false;
	ok = db_verify(db, owner, damage, err) &&
	    (*damage != NULL ||
		(check_laws(owner, db, damage, err) &&
		    chunks_check(owner, db, damage, err)));
	desk_reader_done(desk, db);
	return ok;
}

bool
desk_repair(struct desk *desk, struct error *err)
{
	return chunks_repair(desk, err);
}
