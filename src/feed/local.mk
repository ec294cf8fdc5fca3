libbarnraise_a_SOURCES += \
	%D%/atom.c \
	%D%/feed.h \
	%D%/format.c %D%/formats.h \
	%D%/jsonfeed.c \
	%D%/opml.c \
	%D%/rss.c \
	%D%/xml_out.c %D%/xml_out.h

unit_tests += tests/unit/test_feed
rounds = tests/unit/rounds.c tests/unit/rounds.h
tests_unit_test_feed_SOURCES = tests/unit/test_feed.c $(rounds)
# writes sample feeds that tests/feed-formats has other people's programs read
check_PROGRAMS += tests/unit/feed_sample
TESTS += tests/feed-formats
EXTRA_DIST += tests/feed-formats tests/data/atom.rng
