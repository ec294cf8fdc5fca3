libbarnraise_a_SOURCES += \
	%D%/outgoing.c %D%/outgoing.h
