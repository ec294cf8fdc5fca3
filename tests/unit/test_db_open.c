/* SPDX-License-Identifier: ISC */
#include "store/db.h"

/* What may be opened by whom, and how damage is told. */

#include "base/mem.h"
#include "store_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
cannot_open(
    struct store *f, const char *url, enum db_mode mode, const char *message)
{
	struct db *db = NULL;

	f->err = (struct error){ 0 };
	assert_false(db_open(f, url, mode, &db, &f->err));
	assert_null(db);
	assert_string_equal(f->err.message, message);
}

static void
what_cannot_be_opened_is_told_in_one_line(void **state)
{
	struct store *f = *state;
	char *none = mem_printf(f, "%s/none", f->folder);
	char *deep = mem_printf(f, "%s/no/store", f->folder);
	char *url = mem_printf(f, "sqlite:%s", none);
	FILE *file;

	cannot_open(f, url, DB_READ,
	    mem_printf(
		f, "%s: no store there (barnraise init makes one)", none));
	cannot_open(f, url, DB_WRITE,
	    mem_printf(
		f, "%s: no store there (barnraise init makes one)", none));
	assert_int_equal(f->err.kind, ERROR_NOT_FOUND);
	cannot_open(f, mem_printf(f, "sqlite:%s", deep), DB_CREATE,
	    mem_printf(f, "%s: No such file or directory", deep));
	cannot_open(f, mem_printf(f, "sqlite:%s", f->folder), DB_WRITE,
	    mem_printf(f, "%s: not a file", f->folder));
	cannot_open(f, "mysql:x", DB_READ,
	    "mysql:x: not the address of a store (sqlite:PATH)");
	cannot_open(f, "sqlite:", DB_READ,
	    "sqlite:: not the address of a store (sqlite:PATH)");

	file = fopen(none, "w");
	for (int i = 0; i < 1000; i++)
		(void)fputs("this is a text, no database\n", file);
	(void)fclose(file);
	cannot_open(f, url, DB_READ,
	    mem_printf(f, "%s: not a store (file is not a database)", none));
	cannot_open(f, url, DB_WRITE,
	    mem_printf(f, "%s: not a store (file is not a database)", none));
}

/* Root may do everything: it is somebody else meanwhile. */
static uid_t
become_nobody(struct store *f)
{
	enum { NOBODY = 65534 };
	uid_t was = geteuid();

	if (was == 0) {
		assert_int_equal(chown(f->folder, NOBODY, (gid_t)-1), 0);
		assert_int_equal(chown(f->path, NOBODY, (gid_t)-1), 0);
		assert_int_equal(
		    chown(mem_printf(f, "%s.lock", f->path), NOBODY, (gid_t)-1),
		    0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	return was;
}

static void
wrong_permissions_are_told(void **state)
{
	struct store *f = *state;
	uid_t was;

	TALLOC_FREE(f->db);
	was = become_nobody(f);
	assert_int_equal(chmod(f->path, 0400), 0);
	cannot_open(f, f->url, DB_WRITE,
	    mem_printf(f, "%s: may not be written", f->path));
	assert_int_equal(chmod(f->path, 0), 0);
	cannot_open(f, f->url, DB_READ,
	    mem_printf(f,
		"%s: cannot be opened (unable to open database file, "
		"Permission denied)",
		f->path));
	assert_int_equal(seteuid(was), 0);
}

static void
damaged_page_is_told(void **state)
{
	struct store *f = *state;
	char *damage = NULL;
	FILE *file;

	TALLOC_FREE(f->db);
	file = fopen(f->path, "r+");
	assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
	for (int i = 0; i < 4096; i++)
		(void)fputc(0xa5, file);
	(void)fclose(file);
	assert_true(db_open(f, f->url, DB_WRITE, &f->db, &f->err));
	if (!db_verify(f->db, f, &damage, &f->err))
		fail_msg("%s", f->err.message);
	assert_non_null(damage);
	assert_false(db_run(f->db, &thing_list, DB_NO_VALUES, &f->err));
	assert_int_equal(f->err.kind, ERROR_SYSTEM);
	assert_string_equal(f->err.message,
	    "thing list: the store is damaged (database disk image is "
	    "malformed)");
}

/* Through a symbolic link it is the same store, so the same lock. */
static void
link_to_a_store_has_its_lock(void **state)
{
	struct store *f = *state;
	char *path = mem_printf(f, "%s/link", f->folder);
	struct db *db;

	assert_int_equal(symlink(f->path, path), 0);
	assert_true(db_open(
	    f, mem_printf(f, "sqlite:%s", path), DB_WRITE, &db, &f->err));
	assert_int_equal(access(mem_printf(f, "%s.lock", path), F_OK), -1);
	talloc_free(db);
}

static void
stranger_who_holds_the_store_is_busy(void **state)
{
	struct store *f = *state;
	struct db *db;

	/* Whoever keeps out of PATH.lock: the shell of SQLite, for one. */
	things_begin(f);
	assert_int_equal(unlink(mem_printf(f, "%s.lock", f->path)), 0);
	assert_true(db_open(f, f->url, DB_WRITE, &db, &f->err));
	assert_true(db_lock(db, &f->err));
	assert_false(db_begin(db, &f->err));
	assert_int_equal(f->err.kind, ERROR_BUSY);
	assert_string_equal(f->err.message,
	    "begin: somebody else holds the store (database is locked)");
	db_unlock(db);
	talloc_free(db);
	things_commit(f);
}

static void
store_is_for_its_owner_only(void **state)
{
	struct store *f = *state;
	const char *endings[] = { "", "-wal", "-shm", ".lock" };
	struct stat st;

	for (size_t i = 0; i < 4; i++) {
		char *path = mem_printf(f, "%s%s", f->path, endings[i]);

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void
damage_is_found(void **state)
{
	static const struct db_statement off = { "off",
		"PRAGMA foreign_keys = OFF" };
	struct store *f = *state;
	char *damage = (char *)"untouched";

	assert_true(db_verify(f->db, f, &damage, &f->err));
	assert_null(damage);
	assert_true(db_run(f->db, &off, DB_NO_VALUES, &f->err));
	things_begin(f);
	assert_true(db_run(f->db, &part_add, DB_VALUES(db_int(5)), &f->err));
	things_commit(f);
	assert_true(db_verify(f->db, f, &damage, &f->err));
	assert_string_equal(
	    damage, "part, row 1: names what is not in thing\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		THINGS_TEST(what_cannot_be_opened_is_told_in_one_line),
		THINGS_TEST(wrong_permissions_are_told),
		THINGS_TEST(damaged_page_is_told),
		THINGS_TEST(link_to_a_store_has_its_lock),
		THINGS_TEST(stranger_who_holds_the_store_is_busy),
		THINGS_TEST(store_is_for_its_owner_only),
		THINGS_TEST(damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
