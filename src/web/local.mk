libbarnraise_a_SOURCES += \
	%D%/answer_feed.c %D%/answer_feed.h \
	%D%/admin.c %D%/admin.h \
	%D%/admin_journal.c \
	%D%/admin_people.c \
	%D%/admin_tags.c \
	%D%/admin_tokens.c \
	%D%/articles.c \
	%D%/completions.c \
	%D%/feeds.c \
	%D%/health.c \
	%D%/home.c \
	%D%/incident.c %D%/incident.h \
	%D%/incident_page.c \
	%D%/incidents.c \
	%D%/kb.c \
	%D%/kb_article.c \
	%D%/limits.c %D%/limits.h \
	%D%/me.c %D%/me.h \
	%D%/metrics.c %D%/metrics.h \
	%D%/model.c %D%/model.h \
	%D%/openapi.c \
	%D%/people.c \
	%D%/posts.c \
	%D%/public.c %D%/public.h \
	%D%/report.c \
	%D%/resources.h \
	%D%/routes.c \
	%D%/signin.c \
	%D%/sitemap.c \
	%D%/shared.c %D%/shared.h \
	%D%/static.c \
	%D%/status.c \
	%D%/steps.c \
	%D%/subscriptions.c \
	%D%/times.c %D%/times.h \
	%D%/tokens.c \
	%D%/mustache.c %D%/mustache.h \
	%D%/page.c %D%/page.h \
	%D%/input.c \
	%D%/reply.c \
	%D%/session.c %D%/session.h \
	%D%/web.c %D%/web.h \
	%D%/site.c %D%/site.h

unit_tests += tests/unit/test_mustache tests/unit/test_page tests/unit/test_times
check_PROGRAMS += tests/render_page
tests_render_page_LDADD = libbarnraise.a $(DEPS_LIBS)
TESTS += tests/pages
fuzz_targets += tests/fuzz/fuzz_mustache
tests_fuzz_fuzz_mustache_SOURCES = tests/fuzz/fuzz_mustache.c
if !FUZZ
tests_fuzz_fuzz_mustache_SOURCES += tests/fuzz/replay.c
endif

EXTRA_DIST += \
	tests/data/mustache/LICENSE \
	tests/data/mustache/README \
	tests/data/mustache/comments.json \
	tests/data/mustache/delimiters.json \
	tests/data/mustache/interpolation.json \
	tests/data/mustache/inverted.json \
	tests/data/mustache/partials.json \
	tests/data/mustache/sections.json \
	tests/fuzz/corpus/mustache \
	tests/data/pages \
	tests/pages
