libbarnraise_a_SOURCES += \
	%D%/link.c %D%/link.h \
	%D%/markdown.c %D%/markdown.h \
	%D%/draft.c %D%/draft.h \
	%D%/entry.c %D%/event.c %D%/html.c \
	%D%/feeds.h %D%/inside.h \
	%D%/kb.c %D%/list.c %D%/personal.c %D%/thread.c \
	%D%/plain.c \
	%D%/marked.c %D%/marked.h \
	%D%/member.c %D%/member.h \
	%D%/shape.c %D%/shape.h \
	%D%/shape_article.c %D%/shape_people.c %D%/shape_status.c \
	%D%/view.c %D%/view.h

unit_tests += tests/unit/test_markdown
tests_unit_test_markdown_SOURCES = tests/unit/test_markdown.c $(rounds) \
	tests/unit/allowed_html.c tests/unit/allowed_html.h

unit_tests += tests/unit/test_marked
tests_unit_test_marked_SOURCES = tests/unit/test_marked.c $(rounds)

unit_tests += tests/unit/test_feeds tests/unit/test_shape
view_world = $(desk_world) tests/unit/view_world.c tests/unit/view_world.h
tests_unit_test_feeds_SOURCES = tests/unit/test_feeds.c $(view_world)
tests_unit_test_shape_SOURCES = tests/unit/test_shape.c $(view_world)

fuzz_targets += tests/fuzz/fuzz_markdown
tests_fuzz_fuzz_markdown_SOURCES = tests/fuzz/fuzz_markdown.c \
	tests/unit/allowed_html.c tests/unit/allowed_html.h
if !FUZZ
tests_fuzz_fuzz_markdown_SOURCES += tests/fuzz/replay.c
endif

EXTRA_DIST += tests/fuzz/corpus/markdown
