libbarnraise_a_SOURCES += \
	%D%/commands.c %D%/commands.h \
	%D%/filter.c \
	%D%/input.c %D%/input.h \
	%D%/line.c %D%/line.h \
	%D%/remote.c \
	%D%/shown.c %D%/shown.h \
	%D%/usage.c %D%/usage.h

unit_tests += tests/unit/test_line
dist_man_MANS += %D%/barnraise.1
