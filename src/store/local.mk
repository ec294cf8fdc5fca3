libbarnraise_a_SOURCES += \
	%D%/db.c %D%/db.h \
	%D%/db_sqlite.c \
	%D%/driver.h \
	%D%/migrate.c \
	%D%/text.c %D%/text.h \
	%D%/writer.c %D%/writer.h

unit_tests += tests/unit/test_db tests/unit/test_writer
