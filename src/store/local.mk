libbarnraise_a_SOURCES += \
	%D%/db.c %D%/db.h \
	%D%/db_sqlite.c \
	%D%/driver.h \
	%D%/migrate.c \
	%D%/pool.c %D%/pool.h \
	%D%/text.c %D%/text.h \
	%D%/writer.c %D%/writer.h

unit_tests += \
	tests/unit/test_db \
	tests/unit/test_db_open \
	tests/unit/test_migrate \
	tests/unit/test_pool \
	tests/unit/test_writer \
	tests/unit/test_writer_crash
store_world = tests/unit/store_world.c tests/unit/store_world.h
writer_world = tests/unit/writer_world.c tests/unit/writer_world.h \
	$(store_world)
tests_unit_test_db_SOURCES = tests/unit/test_db.c $(store_world)
tests_unit_test_db_open_SOURCES = tests/unit/test_db_open.c $(store_world)
tests_unit_test_migrate_SOURCES = tests/unit/test_migrate.c $(store_world)
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c $(store_world)
tests_unit_test_writer_SOURCES = tests/unit/test_writer.c $(writer_world)
tests_unit_test_writer_crash_SOURCES = tests/unit/test_writer_crash.c \
	$(writer_world)
tests_unit_test_pool_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=pthread_cond_timedwait
