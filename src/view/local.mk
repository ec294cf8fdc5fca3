libbarnraise_a_SOURCES += \
	%D%/link.c %D%/link.h \
	%D%/markdown.c %D%/markdown.h \
	%D%/shape.h %D%/feeds.h %D%/view.h \
	%D%/plain.c

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
