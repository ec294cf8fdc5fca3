libbarnraise_a_SOURCES += \
	%D%/ast.h \
	%D%/codes.c %D%/codes.h \
	%D%/cover.c %D%/cover.h \
	%D%/eval.c %D%/eval.h \
	%D%/explain.c %D%/explain.h \
	%D%/filter.c %D%/filter.h \
	%D%/grain.c %D%/grain.h \
	%D%/frequency.c %D%/frequency.h \
	%D%/index.c %D%/index.h \
	%D%/letters.c %D%/letters.h \
	%D%/lexer.c %D%/lexer.h \
	%D%/literal.c %D%/literal.h \
	%D%/literal_set.c %D%/literal_set.h \
	%D%/matcher.c %D%/matcher.h \
	%D%/matcher_index.c %D%/matcher_inside.h \
	%D%/parser.c \
	%D%/pattern.c %D%/pattern.h \
	%D%/pattern_always.c \
	%D%/pattern_grain.c \
	%D%/pattern_runs.c \
	%D%/pattern_class.c %D%/pattern_escape.c %D%/pattern_reader.h \
	%D%/print.c \
	%D%/reclaim.c %D%/reclaim.h \
	%D%/refuse.c %D%/refuse.h \
	%D%/regex.c %D%/regex.h \
	%D%/runs.c %D%/runs.h \
	%D%/subject.c %D%/subject.h \
	%D%/tag.c %D%/tag.h \
	%D%/term.c \
	%D%/warning.c \
	%D%/why.c %D%/why.h \
	%D%/word.c %D%/word.h

unit_tests += \
	tests/unit/test_codes \
	tests/unit/test_explain \
	tests/unit/test_filter \
	tests/unit/test_hostile \
	tests/unit/test_literal \
	tests/unit/test_why \
	tests/unit/test_index \
	tests/unit/test_matcher \
	tests/unit/test_matcher_crowd \
	tests/unit/test_reclaim \
	tests/unit/test_regex \
	tests/unit/test_grain tests/unit/test_runs \
	tests/unit/test_tag \
	tests/unit/test_word
grown = tests/unit/needs_hold.c tests/unit/needs_hold.h \
	tests/fuzz/grow.c tests/fuzz/grow.h
tests_unit_test_codes_SOURCES = tests/unit/test_codes.c $(rounds)
tests_unit_test_literal_SOURCES = tests/unit/test_literal.c $(rounds) $(grown)

filter_same = tests/unit/filter_same.c tests/unit/filter_same.h
tests_unit_test_filter_SOURCES = tests/unit/test_filter.c $(filter_same)
tests_unit_test_matcher_crowd_SOURCES = tests/unit/test_matcher_crowd.c \
	$(filter_crowd) $(rounds)
tests_unit_test_matcher_SOURCES = tests/unit/test_matcher.c $(filter_same)

fuzz_targets += tests/fuzz/fuzz_filter tests/fuzz/fuzz_literal \
	tests/fuzz/fuzz_match
tests_fuzz_fuzz_literal_SOURCES = tests/fuzz/fuzz_literal.c $(grown)
tests_fuzz_fuzz_filter_SOURCES = tests/fuzz/fuzz_filter.c $(filter_same)
tests_fuzz_fuzz_match_SOURCES = tests/fuzz/fuzz_match.c
if !FUZZ
tests_fuzz_fuzz_filter_SOURCES += tests/fuzz/replay.c
tests_fuzz_fuzz_literal_SOURCES += tests/fuzz/replay.c
tests_fuzz_fuzz_match_SOURCES += tests/fuzz/replay.c
endif

dist_man_MANS += %D%/barnraise-filter.7
EXTRA_DIST += \
	tests/data/filter-cases.jsonl \
	tests/fuzz/filter.dict \
	tests/fuzz/literal.dict \
	tests/fuzz/corpus/filter \
	tests/fuzz/corpus/literal \
	tests/fuzz/corpus/match
