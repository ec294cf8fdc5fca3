libbarnraise_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/answer.h \
	%D%/condition.c %D%/condition.h \
	%D%/cookie.c \
	%D%/engine.h \
	%D%/exchange.c \
	%D%/fields.c %D%/fields.h \
	%D%/form.c \
	%D%/guard.c %D%/guard.h \
	%D%/link.c \
	%D%/negotiate.c %D%/negotiate.h \
	%D%/problem.c %D%/problem.h \
	%D%/quota.c \
	%D%/reply.c \
	%D%/request.c %D%/request.h \
	%D%/route.c %D%/route.h \
	%D%/server.c %D%/server.h

unit_tests += tests/unit/test_server
