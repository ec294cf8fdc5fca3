libbarnraise_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/answer.h \
	%D%/bad_length.c \
	%D%/condition.c %D%/condition.h \
	%D%/cookie.c \
	%D%/count.c %D%/count.h \
	%D%/encoding.c %D%/encoding.h \
	%D%/engine.h \
	%D%/exchange.c \
	%D%/exchange_head.c \
	%D%/exchange_work.c \
	%D%/flight.c %D%/flight.h \
	%D%/fields.c %D%/fields.h \
	%D%/form.c \
	%D%/guard.c %D%/guard.h \
	%D%/idle.c \
	%D%/link.c \
	%D%/listener.c \
	%D%/memo.c \
	%D%/negotiate.c %D%/negotiate.h \
	%D%/prepared.c %D%/prepared.h \
	%D%/problem.c %D%/problem.h \
	%D%/quota.c \
	%D%/reply.c \
	%D%/response.c \
	%D%/response_cache.c %D%/response_cache.h \
	%D%/request.c %D%/request.h \
	%D%/room.c \
	%D%/route.c %D%/route.h \
	%D%/server.c %D%/server.h \
	%D%/slot.c %D%/slot.h \
	%D%/tls.c

unit_tests += \
	tests/unit/test_address \
	tests/unit/test_bad_request \
	tests/unit/test_condition \
	tests/unit/test_encoding \
	tests/unit/test_exchange \
	tests/unit/test_form \
	tests/unit/test_guard \
	tests/unit/test_negotiate \
	tests/unit/test_quota \
	tests/unit/test_request \
	tests/unit/test_response_cache \
	tests/unit/test_response_date \
	tests/unit/test_route \
	tests/unit/test_server

cache_world = tests/unit/cache_world.c tests/unit/cache_world.h
tests_unit_test_response_cache_SOURCES = tests/unit/test_response_cache.c \
	$(cache_world)
tests_unit_test_response_date_SOURCES = tests/unit/test_response_date.c \
	$(cache_world)

server_world = tests/unit/server_world.c tests/unit/server_world.h
tests_unit_test_bad_request_SOURCES = tests/unit/test_bad_request.c \
	$(server_world)
tests_unit_test_exchange_SOURCES = tests/unit/test_exchange.c $(server_world)
tests_unit_test_server_SOURCES = tests/unit/test_server.c $(server_world)

# it decodes, too
tests_unit_test_encoding_LDADD = $(LDADD) -lbrotlidec

fuzz_targets += tests/fuzz/fuzz_form tests/fuzz/fuzz_header
tests_fuzz_fuzz_form_SOURCES = tests/fuzz/fuzz_form.c
tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c
if !FUZZ
tests_fuzz_fuzz_form_SOURCES += tests/fuzz/replay.c
tests_fuzz_fuzz_header_SOURCES += tests/fuzz/replay.c
endif
EXTRA_DIST += tests/fuzz/corpus/form tests/fuzz/corpus/header
