/* SPDX-License-Identifier: ISC */
#include "desk/schema.h"

/*
 * The tables, as numbered migrations. A migration that has been released is
 * never edited: what changes gets a new one at the end.
 *
 * Numbers: "seq" is a journal number; times are microseconds since 1970.
 */

static const char first[] =
    /* authority and year of the ids, the key of the keyed hashes */
    "CREATE TABLE meta ("
    "	name TEXT PRIMARY KEY,"
    "	value TEXT NOT NULL"
    ") STRICT;"

    /* Everything that happened, append-only. raise: enum desk_raise. */
    "CREATE TABLE journal ("
    "	seq INTEGER PRIMARY KEY,"
    "	at {int8} NOT NULL,"
    "	kind TEXT NOT NULL,"
    "	incident {int8},"
    "	article {int8},"
    "	person {int8},"
    "	raise INTEGER NOT NULL DEFAULT 0,"
    "	detail TEXT,"
    "	address TEXT"
    ") STRICT;"
    "CREATE INDEX journal_incident ON journal (incident, seq)"
    "	WHERE incident IS NOT NULL;"
    "CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal"
    "	BEGIN SELECT raise(ABORT, 'the journal keeps its rows'); END;"
    "CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal"
    "	BEGIN SELECT raise(ABORT, 'the journal never changes'); END;"

    "CREATE TABLE person ("
    "	id INTEGER PRIMARY KEY,"
    "	handle TEXT NOT NULL UNIQUE,"
    "	name TEXT NOT NULL,"
    "	email TEXT,"
    "	password TEXT,"
    "	password_is_first INTEGER NOT NULL DEFAULT 0,"
    "	bot INTEGER NOT NULL DEFAULT 0,"
    "	admin INTEGER NOT NULL DEFAULT 0,"
    "	disabled INTEGER NOT NULL DEFAULT 0,"
    "	here INTEGER NOT NULL DEFAULT 1,"
    "	hours INTEGER NOT NULL DEFAULT 0,"
    "	created {int8} NOT NULL,"
    "	changed {int8} NOT NULL" /* seq */
    ") STRICT;"
    /* kind: 0 skill, 1 interest */
    "CREATE TABLE person_tag ("
    "	person {int8} NOT NULL REFERENCES person,"
    "	tag TEXT NOT NULL,"
    "	kind INTEGER NOT NULL,"
    "	PRIMARY KEY (person, tag, kind)"
    ") STRICT;"
    "CREATE INDEX person_tag_tag ON person_tag (tag, kind);"

    /* scope: enum scope; a link has SCOPE_READ. hash: keyed, never the text */
    "CREATE TABLE session ("
    "	hash {bytes} PRIMARY KEY,"
    "	person {int8} NOT NULL REFERENCES person,"
    "	created {int8} NOT NULL,"
    "	used {int8} NOT NULL"
    ") STRICT;"
    "CREATE INDEX session_person ON session (person);"
    "CREATE TABLE token ("
    "	id INTEGER PRIMARY KEY,"
    "	person {int8} NOT NULL REFERENCES person,"
    "	hash {bytes} NOT NULL UNIQUE,"
    "	scope INTEGER NOT NULL,"
    "	label TEXT NOT NULL,"
    "	created {int8} NOT NULL,"
    "	used {int8},"
    "	revoked {int8}"
    ") STRICT;"
    "CREATE INDEX token_person ON token (person);"
    "CREATE TABLE link ("
    "	id INTEGER PRIMARY KEY,"
    "	person {int8} NOT NULL REFERENCES person,"
    "	hash {bytes} NOT NULL UNIQUE,"
    "	label TEXT NOT NULL,"
    "	created {int8} NOT NULL,"
    "	used {int8},"
    "	revoked {int8}"
    ") STRICT;"
    "CREATE INDEX link_person ON link (person);"

    /*
     * State of a case, narrow: a change of state rewrites a short row.
     * raised, changed, shown, texted: seq of the last raise, of the last
     * change at all (the ETag), of the last that feeds show, of the last
     * change of texts or tags. updated: the time that feeds show.
     */
    "CREATE TABLE incident ("
    "	id INTEGER PRIMARY KEY,"
    "	raised {int8} NOT NULL,"
    "	changed {int8} NOT NULL,"
    "	shown {int8} NOT NULL,"
    "	texted {int8} NOT NULL,"
    "	updated {int8} NOT NULL,"
    "	reported {int8} NOT NULL," /* when it came in here */
    "	created {int8} NOT NULL," /* when it happened: import says */
    "	status INTEGER NOT NULL,"
    "	severity INTEGER NOT NULL,"
    "	source TEXT NOT NULL,"
    "	by_person {int8} REFERENCES person,"
    "	host {int8} REFERENCES person,"
    "	hands INTEGER NOT NULL,"
    "	promised {int8},"
    "	orphan INTEGER NOT NULL DEFAULT 0,"
    "	overdue INTEGER NOT NULL DEFAULT 0,"
    "	homed INTEGER NOT NULL DEFAULT 0," /* a topical filter matched it */
    "	joined INTEGER NOT NULL DEFAULT 0," /* somebody joined it ever */
    "	resolved {int8},"
    "	closed {int8}," /* seq of the close or confirm that closed it */
    "	article {int8},"
    "	answered INTEGER NOT NULL DEFAULT 0," /* article linked by answer */
    "	duplicate_of {int8} REFERENCES incident,"
    "	withdrawn {int8},"
    "	rating INTEGER,"
    "	comment TEXT,"
    "	generation INTEGER NOT NULL DEFAULT 0," /* of the status link */
    "	status_hash {bytes} NOT NULL UNIQUE," /* of its secret */
    "	key TEXT UNIQUE"
    ") STRICT;"
    "CREATE UNIQUE INDEX incident_raised ON incident (raised);"
    "CREATE INDEX incident_changed ON incident (changed);"
    "CREATE INDEX incident_host ON incident (host) WHERE host IS NOT NULL;"
    "CREATE INDEX incident_duplicate ON incident (duplicate_of)"
    "	WHERE duplicate_of IS NOT NULL;"
    /* Written once, edited rarely. tags: separated by single spaces. */
    "CREATE TABLE incident_text ("
    "	id INTEGER PRIMARY KEY REFERENCES incident,"
    "	title TEXT NOT NULL,"
    "	body TEXT NOT NULL,"
    "	environment TEXT NOT NULL,"
    "	tags TEXT NOT NULL,"
    "	customer_name TEXT,"
    "	customer_email TEXT"
    ") STRICT;"
    "CREATE TABLE known ("
    "	incident {int8} NOT NULL REFERENCES incident,"
    "	position INTEGER NOT NULL,"
    "	article {int8} NOT NULL,"
    "	PRIMARY KEY (incident, position)"
    ") STRICT;"
    /* One row a stay. role: 0 helper, 1 shadow */
    "CREATE TABLE swarm ("
    "	id INTEGER PRIMARY KEY,"
    "	incident {int8} NOT NULL REFERENCES incident,"
    "	person {int8} NOT NULL REFERENCES person,"
    "	role INTEGER NOT NULL,"
    "	joined {int8} NOT NULL,"
    "	left_at {int8},"
    "	left_seq {int8}"
    ") STRICT;"
    "CREATE INDEX swarm_incident ON swarm (incident);"
    "CREATE INDEX swarm_person ON swarm (person) WHERE left_at IS NULL;"
    /* id: seq of the pull. people, tags: separated by single spaces */
    "CREATE TABLE pull ("
    "	id INTEGER PRIMARY KEY,"
    "	incident {int8} NOT NULL REFERENCES incident,"
    "	by_person {int8} NOT NULL REFERENCES person,"
    "	people TEXT NOT NULL,"
    "	tags TEXT NOT NULL,"
    "	note TEXT,"
    "	created {int8} NOT NULL,"
    "	open INTEGER NOT NULL DEFAULT 1"
    ") STRICT;"
    "CREATE INDEX pull_incident ON pull (incident);"
    "CREATE TABLE pulled ("
    "	pull {int8} NOT NULL REFERENCES pull,"
    "	person {int8} NOT NULL REFERENCES person,"
    "	PRIMARY KEY (pull, person)"
    ") STRICT;"
    /*
     * id: seq of what made it. kind: 0 reply, 1 note, 2 fix. author NULL: the
     * customer. text of a fix is its resolution.
     */
    "CREATE TABLE post ("
    "	id INTEGER PRIMARY KEY,"
    "	incident {int8} NOT NULL REFERENCES incident,"
    "	kind INTEGER NOT NULL,"
    "	author {int8} REFERENCES person,"
    "	created {int8} NOT NULL,"
    "	edited {int8},"
    "	changed {int8} NOT NULL," /* seq */
    "	text TEXT NOT NULL,"
    "	cause TEXT,"
    "	environment TEXT,"
    "	withdrawn INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX post_incident ON post (incident, id);"
    "CREATE INDEX post_fix ON post (author, id) WHERE kind = 2;"

    /* A distinct filter, once, whoever uses it; numbers are never reused. */
    "CREATE TABLE filter ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	text TEXT NOT NULL UNIQUE,"
    "	paused {int8}," /* seq of the pause, NULL: it runs */
    "	why TEXT"
    ") STRICT;"
    /* follows_skills: 1 it does; 2 it did, until she edited or removed it */
    "CREATE TABLE subscription ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	person {int8} NOT NULL REFERENCES person,"
    "	name TEXT NOT NULL,"
    "	filter {int8} NOT NULL REFERENCES filter,"
    "	follows_skills INTEGER NOT NULL DEFAULT 0,"
    "	created {int8} NOT NULL,"
    "	changed {int8} NOT NULL," /* seq */
    "	removed {int8}" /* seq */
    ") STRICT;"
    "CREATE UNIQUE INDEX subscription_name ON subscription (person, name)"
    "	WHERE removed IS NULL;"
    "CREATE INDEX subscription_person ON subscription (person);"
    "CREATE INDEX subscription_filter ON subscription (filter)"
    "	WHERE removed IS NULL;"
    /* A filter's part of a subscription: from_seq < seq, seq <= to_seq. */
    "CREATE TABLE stretch ("
    "	id INTEGER PRIMARY KEY,"
    "	subscription {int8} NOT NULL REFERENCES subscription,"
    "	filter {int8} NOT NULL REFERENCES filter,"
    "	from_seq {int8} NOT NULL,"
    "	to_seq {int8}"
    ") STRICT;"
    "CREATE INDEX stretch_subscription ON stretch (subscription);"
    /* What a stretch would have caught when it began, newest first. */
    "CREATE TABLE past ("
    "	stretch {int8} NOT NULL REFERENCES stretch,"
    "	position INTEGER NOT NULL,"
    "	incident {int8} NOT NULL REFERENCES incident,"
    "	personal INTEGER NOT NULL," /* also in the personal feed */
    "	PRIMARY KEY (stretch, position)"
    ") STRICT;"
    "CREATE INDEX past_incident ON past (incident);"

    /*
     * What an event made true: filter numbers, ascending, as varint deltas
     * (LEB128). One row an event, beside its journal row.
     */
    "CREATE TABLE matched ("
    "	incident {int8} NOT NULL,"
    "	seq {int8} NOT NULL,"
    "	filters {bytes} NOT NULL,"
    "	PRIMARY KEY (incident, seq)"
    ") STRICT, WITHOUT ROWID;"
    /* Events that go to a person whatever she subscribed to. */
    "CREATE TABLE addressed ("
    "	person {int8} NOT NULL,"
    "	seq {int8} NOT NULL,"
    "	PRIMARY KEY (person, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX addressed_seq ON addressed (seq);"
    /* kind: enum timer_kind */
    "CREATE TABLE timer ("
    "	due {int8} NOT NULL,"
    "	incident {int8} NOT NULL,"
    "	kind INTEGER NOT NULL,"
    "	PRIMARY KEY (due, incident, kind)"
    ") STRICT, WITHOUT ROWID;"

    /* confidence: 0 wip, 1 unvalidated, 2 validated, 3 archived;
     * audience: 0 staff, 1 public; published: when it became public first */
    "CREATE TABLE article ("
    "	id INTEGER PRIMARY KEY,"
    "	title TEXT NOT NULL,"
    "	issue TEXT NOT NULL,"
    "	environment TEXT NOT NULL,"
    "	resolution TEXT NOT NULL,"
    "	cause TEXT NOT NULL,"
    "	tags TEXT NOT NULL,"
    "	confidence INTEGER NOT NULL,"
    "	audience INTEGER NOT NULL,"
    "	incident {int8} REFERENCES incident,"
    "	reuse INTEGER NOT NULL DEFAULT 0,"
    "	created {int8} NOT NULL,"
    "	updated {int8} NOT NULL," /* time that feeds show */
    "	published {int8},"
    "	changed {int8} NOT NULL," /* seq */
    "	withdrawn INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX article_public ON article (published)"
    "	WHERE audience = 1 AND withdrawn = 0;"
    "CREATE TABLE article_revision ("
    "	article {int8} NOT NULL REFERENCES article,"
    "	seq {int8} NOT NULL,"
    "	title TEXT NOT NULL,"
    "	issue TEXT NOT NULL,"
    "	environment TEXT NOT NULL,"
    "	resolution TEXT NOT NULL,"
    "	cause TEXT NOT NULL,"
    "	tags TEXT NOT NULL,"
    "	PRIMARY KEY (article, seq)"
    ") STRICT;"
    /* "this solved it": once a day an address, by its keyed hash */
    "CREATE TABLE helped ("
    "	article {int8} NOT NULL REFERENCES article,"
    "	day INTEGER NOT NULL,"
    "	address {bytes} NOT NULL,"
    "	PRIMARY KEY (article, day, address)"
    ") STRICT, WITHOUT ROWID;";

static const char lists[] =
    /*
     * The older part of each filter's list of journal numbers, derived from
     * matched and journal. key: filter * 2^32 + the chunk's last number. data:
     * n numbers, ascending, as varint deltas (LEB128), the first from 0.
     */
    "CREATE TABLE chunk ("
    "	key INTEGER PRIMARY KEY,"
    "	n INTEGER NOT NULL,"
    "	data {bytes} NOT NULL"
    ") STRICT;"
    /* Up to which journal number something has followed. */
    "CREATE TABLE follower ("
    "	name TEXT PRIMARY KEY,"
    "	seq {int8} NOT NULL"
    ") STRICT;"
    "CREATE INDEX stretch_filter ON stretch (filter);"
    "CREATE INDEX journal_pause ON journal (seq) WHERE kind = 'pause';";

/* With the tags, so that those of one tag are found without the texts. */
static const char public_articles[] =
    "DROP INDEX article_public;"
    "CREATE INDEX article_public ON article (published, tags)"
    "	WHERE audience = 1 AND withdrawn = 0;"
    "CREATE INDEX article_reused ON article (reuse, published, tags)"
    "	WHERE audience = 1 AND withdrawn = 0;"
    /* what search engines are told of */
    "CREATE INDEX article_told ON article (id, updated)"
    "	WHERE audience = 1 AND withdrawn = 0;";

static const char admin[] =
    "CREATE INDEX filter_paused ON filter (paused)"
    "	WHERE paused IS NOT NULL;"
    /* How often each tag was given to an incident, under its name of now. */
    "CREATE TABLE tag ("
    "	name TEXT PRIMARY KEY,"
    "	n INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    /* What a tag was called before, and what it is called now. */
    "CREATE TABLE tag_name ("
    "	name TEXT PRIMARY KEY,"
    "	tag TEXT NOT NULL,"
    "	seq {int8} NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX tag_name_tag ON tag_name (tag);"
    "INSERT INTO tag (name, n)"
    "	WITH RECURSIVE split (tag, rest) AS ("
    "		SELECT '', t.tags || ' ' FROM incident_text t"
    "			JOIN incident i ON i.id = t.id"
    "			WHERE t.tags <> '' AND i.withdrawn IS NULL"
    "		UNION ALL"
    "		SELECT substr(rest, 1, instr(rest, ' ') - 1),"
    "			substr(rest, instr(rest, ' ') + 1)"
    "		FROM split WHERE rest <> '')"
    "	SELECT tag, count(*) FROM split WHERE tag <> '' GROUP BY tag;";

static const struct db_migration migrations[] = {
	{ "the first tables", first },
	{ "lists in chunks", lists },
	{ "public articles by reuse and by tag", public_articles },
	{ "what admins look for", admin },
};

bool
schema_migrate(struct db *db, int64_t *from, int64_t *to, struct error *err)
{
	return db_migrate(db, migrations,
	    sizeof migrations / sizeof *migrations, from, to, err);
}
