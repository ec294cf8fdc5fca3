libbarnraise_a_SOURCES += \
	%D%/link.c %D%/link.h \
	%D%/markdown.c %D%/markdown.h \
	%D%/feeds.h %D%/inside.h \
	%D%/plain.c \
	%D%/put.c %D%/put.h \
	%D%/shape.c %D%/shape.h \
	%D%/shape_article.c %D%/shape_people.c %D%/shape_status.c \
	%D%/view.c %D%/view.h

unit_tests += tests/unit/test_markdown
tests_unit_test_markdown_SOURCES = tests/unit/test_markdown.c \
	tests/unit/allowed_html.c tests/unit/allowed_html.h

fuzz_targets += tests/fuzz/fuzz_markdown
tests_fuzz_fuzz_markdown_SOURCES = tests/fuzz/fuzz_markdown.c \
	tests/unit/allowed_html.c tests/unit/allowed_html.h
if !FUZZ
tests_fuzz_fuzz_markdown_SOURCES += tests/fuzz/replay.c
endif

EXTRA_DIST += tests/fuzz/corpus/markdown
