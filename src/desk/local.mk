libbarnraise_a_SOURCES += \
	%D%/access.h \
	%D%/article.h \
	%D%/change.h \
	%D%/desk.h \
	%D%/incident.h \
	%D%/inside.h \
	%D%/journal.h \
	%D%/list.h \
	%D%/person.h \
	%D%/schema.c %D%/schema.h \
	%D%/search.h \
	%D%/steps.h \
	%D%/subscription.h \
	%D%/timeline.h \
	%D%/transfer.h \
	%D%/visible.h
