/* SPDX-License-Identifier: ISC */
#include "desk/pause.h"

#include "base/map.h"
#include "base/mem.h"
#include "desk/strike.h"

#include <stdlib.h>

/*
 * A person may have any number of filters, and each may take nearly its own
 * budget on every text. So what they take together has a bound too: the budget
 * of PERSON_FILTERS filters.
 *
 * A filter that several use is charged to them in equal parts, and is paused
 * for what one of them used too much of only if all of them did: who takes up
 * another's filter makes it cheaper for her, and cannot get it paused.
 */
enum { PERSON_FILTERS = 10 };

struct charge {
	int64_t person, cost;
	bool over;
};

/* A person uses a filter. */
struct use {
	size_t dear; /* its place in the reading */
	struct charge *charge;
	int64_t cost; /* her part */
};

struct charges {
	struct desk *desk;
	void *memory;
	const struct matches *matches;
	int64_t only;
	int64_t budget;
	struct map *by_person;
	struct use *uses; /* after read_uses(): dearest first */
	size_t n_uses;
	bool *spared; /* each dear one: somebody uses it who is not over */
	struct pause *pauses;
	size_t n_pauses;
	int64_t *struck; /* persons who were out */
	size_t n_struck;
};

static const struct db_statement who_uses = {
	"who uses a filter",
	"SELECT DISTINCT p.id FROM subscription s"
	" JOIN person p ON p.id = s.person"
	" WHERE s.filter = ? AND s.removed IS NULL AND p.disabled = 0",
};

static struct charge *
charge_of(struct charges *charges, int64_t person)
{
	struct charge *charge = map_get(charges->by_person, person);

	if (charge == NULL) {
		charge = mem_new(charges->memory, struct charge);
		charge->person = person;
		map_set(charges->by_person, person, charge);
	}
	return charge;
}

static bool
read_users(
    struct charges *charges, struct db *db, size_t dear, struct error *err)
{
	const struct dear *filter = &charges->matches->dear[dear];
	struct db_query *query = db_query(
	    db, &who_uses, DB_VALUES(db_int(filter->id)));
	size_t first = charges->n_uses, n;
	struct db_row *row;

	while ((row = db_next(query)) != NULL) {
		struct use *use = mem_push(
		    charges->memory, &charges->uses, &charges->n_uses);

		use->dear = dear;
		use->charge = charge_of(charges, db_next_int(row));
		db_end_of_row(row);
	}
	n = charges->n_uses - first;
	for (size_t i = first; i < charges->n_uses; i++) {
		charges->uses[i].cost = filter->cost / (int64_t)n;
		charges->uses[i].charge->cost += charges->uses[i].cost;
	}
	return db_done(query, err);
}

static int
compare_uses(const void *a, const void *b)
{
	const struct use *left = a, *right = b;

	return (left->cost < right->cost) - (left->cost > right->cost);
}

static bool
read_uses(struct charges *charges, struct error *err)
{
	struct db *db;
	bool ok = true;

	if (!desk_reader(charges->desk, &db, err))
		return false;
	for (size_t i = 0; i < charges->matches->n_dear && ok; i++)
		ok = read_users(charges, db, i, err);
	desk_reader_done(charges->desk, db);
	if (ok && charges->n_uses > 0)
		qsort(charges->uses, charges->n_uses, sizeof *charges->uses,
		    compare_uses);
	return ok;
}

/* Of a reading for one person the others' charges are not known. */
static void
find_over(struct charges *charges)
{
	charges->spared = mem_array(
	    charges->memory, bool, charges->matches->n_dear);
	for (size_t i = 0; i < charges->n_uses; i++) {
		struct use *use = &charges->uses[i];

		use->charge->over = use->charge->cost > charges->budget &&
		    (charges->only == 0 ||
			charges->only == use->charge->person);
		if (!use->charge->over)
			charges->spared[use->dear] = true;
	}
}

static void
pause_dearest(struct charges *charges, const struct charge *charge,
    const int64_t of[STRIKES])
{
	enum { MS = 1000, TENTH = MS / 10 };
	int64_t left = charge->cost;
	size_t before = charges->n_pauses;

	for (size_t i = 0; i < charges->n_uses && left > charges->budget; i++) {
		const struct use *use = &charges->uses[i];
		const struct dear *dear = &charges->matches->dear[use->dear];

		if (use->charge != charge || charges->spared[use->dear])
			continue;
		left -= use->cost;
		*mem_push(charges->memory, &charges->pauses,
		    &charges->n_pauses) = (struct pause){
			.filter = dear->id,
			.why = mem_printf(charges->memory,
			    "your filters together took too long on incidents "
			    "%jd, %jd and %jd, %jd ms on the last; this is one "
			    "of the dearest, it took %jd.%jd ms",
			    (intmax_t)of[0], (intmax_t)of[1], (intmax_t)of[2],
			    (intmax_t)(charge->cost / MS),
			    (intmax_t)(dear->cost / MS),
			    (intmax_t)(dear->cost % MS / TENTH)),
		};
	}
	if (charges->n_pauses > before)
		*mem_push(charges->memory, &charges->struck,
		    &charges->n_struck) = charge->person;
}

static void
strike_persons(struct charges *charges, int64_t incident, const char *address)
{
	const struct charge *charge;

	for (size_t at = 0;
	     (charge = map_next(charges->by_person, &at, NULL)) != NULL;) {
		int64_t of[STRIKES];

		if (charge->over &&
		    strikes_add(charges->desk->strikes, STRIKE_PERSON,
			charge->person, incident, address, of))
			pause_dearest(charges, charge, of);
	}
	/* else the next one tries again */
	if (charges->n_pauses == 0 ||
	    !pause_all(charges->desk, charges->pauses, charges->n_pauses))
		return;
	for (size_t i = 0; i < charges->n_struck; i++)
		strikes_forget(
		    charges->desk->strikes, STRIKE_PERSON, charges->struck[i]);
}

void
charges_note(struct desk *desk, const struct matches *matches, int64_t incident,
    const char *address, int64_t only)
{
	struct charges charges = {
		.desk = desk,
		.matches = matches,
		.only = only,
		.budget = desk->regex_budget * PERSON_FILTERS,
	};
	struct error err = { 0 };
	int64_t all = 0;

	for (size_t i = 0; i < matches->n_dear; i++)
		all += matches->dear[i].cost;
	if (all <= charges.budget)
		return;
	charges.memory = mem_root("charges");
	charges.by_person = map_new(charges.memory);
	/* what cannot be read now is noted at the next incident */
	if (read_uses(&charges, &err)) {
		find_over(&charges);
		strike_persons(&charges, incident, address);
	}
	talloc_free(charges.memory);
}

void
reading_note(struct desk *desk, const struct matches *matches, int64_t incident,
    const char *address)
{
	strikes_note(desk, matches->over, matches->n_over, incident, address);
	charges_note(desk, matches, incident, address, 0);
}
