libbarnraise_a_SOURCES +=
