libbarnraise_a_SOURCES += \
	%D%/db.c %D%/db.h \
	%D%/db_sqlite.c \
	%D%/driver.h \
	%D%/migrate.c \
	%D%/pool.c %D%/pool.h \
	%D%/text.c %D%/text.h \
	%D%/writer.c %D%/writer.h

unit_tests += tests/unit/test_db tests/unit/test_pool tests/unit/test_writer
tests_unit_test_pool_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=pthread_cond_timedwait
