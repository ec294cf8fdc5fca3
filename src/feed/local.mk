libbarnraise_a_SOURCES += \
	%D%/atom.c \
	%D%/feed.h \
	%D%/format.c %D%/formats.h \
	%D%/jsonfeed.c \
	%D%/opml.c \
	%D%/rss.c \
	%D%/xml_out.c %D%/xml_out.h

unit_tests += tests/unit/test_feed tests/unit/test_feed_text
feed_reader = tests/unit/feed_reader.c tests/unit/feed_reader.h
rounds = tests/unit/rounds.c tests/unit/rounds.h
tests_unit_test_feed_SOURCES = tests/unit/test_feed.c $(feed_reader)
tests_unit_test_feed_text_SOURCES = tests/unit/test_feed_text.c \
	$(feed_reader) $(rounds)
# writes sample feeds that tests/feed-formats has other people's programs read
check_PROGRAMS += tests/unit/feed_sample
TESTS += tests/feed-formats
EXTRA_DIST += tests/feed-formats tests/data/atom.rng
