libbarnraise_a_SOURCES += \
	%D%/commands.c %D%/commands.h \
	%D%/demo.c %D%/demo.h \
	%D%/filter.c %D%/filter_explain.c \
	%D%/incident_line.c %D%/incident_line.h \
	%D%/input.c %D%/input.h \
	%D%/journal.c \
	%D%/line.c %D%/line.h \
	%D%/people.c \
	%D%/remote.c \
	%D%/serve.c \
	%D%/shown.c %D%/shown.h \
	%D%/store.c %D%/store.h \
	%D%/subscriptions.c \
	%D%/tags.c \
	%D%/transfer.c \
	%D%/usage.c %D%/usage.h

unit_tests += tests/unit/test_line
dist_man_MANS += %D%/barnraise.1
