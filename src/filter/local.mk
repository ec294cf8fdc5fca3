libbarnraise_a_SOURCES += \
	%D%/ast.h \
	%D%/eval.c %D%/eval.h \
	%D%/filter.c %D%/filter.h \
	%D%/letters.c %D%/letters.h \
	%D%/lexer.c %D%/lexer.h \
	%D%/matcher.c %D%/matcher.h \
	%D%/parser.c \
	%D%/print.c \
	%D%/refuse.c %D%/refuse.h \
	%D%/regex.c %D%/regex.h \
	%D%/subject.c %D%/subject.h \
	%D%/tag.c %D%/tag.h \
	%D%/term.c \
	%D%/word.c %D%/word.h

unit_tests += tests/unit/test_filter
