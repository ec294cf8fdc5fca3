libbarnraise_a_SOURCES += \
	%D%/buf.c %D%/buf.h \
	%D%/check.c %D%/check.h \
	%D%/clock.c %D%/clock.h \
	%D%/date.c %D%/date.h \
	%D%/error.c %D%/error.h \
	%D%/escape.c %D%/escape.h \
	%D%/hash.h \
	%D%/json.c %D%/json.h \
	%D%/log.c %D%/log.h \
	%D%/map.c %D%/map.h \
	%D%/mem.c %D%/mem.h \
	%D%/metric.c %D%/metric.h \
	%D%/reserve.c %D%/reserve.h \
	%D%/secret.c %D%/secret.h \
	%D%/service.c %D%/service.h \
	%D%/settings.c %D%/settings.h \
	%D%/span.h \
	%D%/thread.c %D%/thread.h \
	%D%/utf8.c %D%/utf8.h

unit_tests += tests/unit/test_buf tests/unit/test_error tests/unit/test_json tests/unit/test_metric tests/unit/test_reserve tests/unit/test_settings
