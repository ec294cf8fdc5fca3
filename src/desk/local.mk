libbarnraise_a_SOURCES += \
	%D%/access.h \
	%D%/article.h \
	%D%/ascending.c %D%/ascending.h \
	%D%/change.c %D%/change.h \
	%D%/chunks.c %D%/chunks.h \
	%D%/chunks_check.c \
	%D%/desk.c %D%/desk.h \
	%D%/duty.c \
	%D%/edit.c \
	%D%/event.c \
	%D%/filters.c \
	%D%/fixes.c %D%/fixes.h \
	%D%/follow.c \
	%D%/incident.c %D%/incident.h \
	%D%/input.c %D%/input.h \
	%D%/inside.h \
	%D%/journal.c %D%/journal.h \
	%D%/journal_row.h \
	%D%/journal_search.c \
	%D%/known.c %D%/known.h \
	%D%/list.c %D%/list.h \
	%D%/lists.c %D%/lists.h %D%/lists_inside.h \
	%D%/lists_load.c \
	%D%/lists_person.c \
	%D%/matched.c %D%/matched.h \
	%D%/matched_by.c \
	%D%/numbers.c %D%/numbers.h \
	%D%/person.h \
	%D%/related.c \
	%D%/report.c %D%/report.h \
	%D%/schema.c %D%/schema.h \
	%D%/search.c %D%/search.h \
	%D%/steps.h \
	%D%/subscription.h \
	%D%/timeline.c %D%/timeline.h \
	%D%/told.c %D%/told.h \
	%D%/export.c \
	%D%/import.c \
	%D%/import_incidents.c \
	%D%/import_people.c \
	%D%/transfer.h \
	%D%/used_tags.c %D%/used_tags.h \
	%D%/verify.c %D%/verify.h \
	%D%/visible.c %D%/visible.h

libbarnraise_a_SOURCES += \
	%D%/access.c \
	%D%/credential.h \
	%D%/disable.c \
	%D%/password.c \
	%D%/past.c %D%/past.h \
	%D%/charge.c \
	%D%/pause.c %D%/pause.h \
	%D%/preview.c \
	%D%/tag.c %D%/tag.h \
	%D%/tag_names.c %D%/tag_names.h \
	%D%/strike.c %D%/strike.h \
	%D%/person.c \
	%D%/person_job.h \
	%D%/profile.c \
	%D%/scan.c %D%/scan.h \
	%D%/signin.c \
	%D%/stretch.c %D%/stretch.h \
	%D%/subscription.c \
	%D%/vet.c \
	%D%/token.c

libbarnraise_a_SOURCES += \
	%D%/answer.c \
	%D%/article.c \
	%D%/article_row.c %D%/article_row.h \
	%D%/article_text.c \
	%D%/close.c \
	%D%/count.c %D%/count.h \
	%D%/duplicate.c \
	%D%/fix.c \
	%D%/host.c \
	%D%/parts.c %D%/parts.h \
	%D%/post.c \
	%D%/promise.c \
	%D%/pull.c \
	%D%/renew_link.c \
	%D%/reopen.c \
	%D%/reply.c \
	%D%/swarm.c \
	%D%/tick.c \
	%D%/withdraw.c

unit_tests += \
	tests/unit/test_access \
	tests/unit/test_article \
	tests/unit/test_found \
	tests/unit/test_charge \
	tests/unit/test_pause \
	tests/unit/test_fixes \
	tests/unit/test_person \
	tests/unit/test_preview \
	tests/unit/test_resolution \
	tests/unit/test_steps \
	tests/unit/test_subscription \
	tests/unit/test_swarm \
	tests/unit/test_tick \
	tests/unit/test_vet
desk_world = tests/unit/desk_world.c tests/unit/desk_world.h
tests_unit_test_access_SOURCES = tests/unit/test_access.c $(desk_world)
tests_unit_test_article_SOURCES = tests/unit/test_article.c $(desk_world)
tests_unit_test_found_SOURCES = tests/unit/test_found.c $(desk_world)
tests_unit_test_charge_SOURCES = tests/unit/test_charge.c $(desk_world)
tests_unit_test_pause_SOURCES = tests/unit/test_pause.c $(desk_world)
tests_unit_test_fixes_SOURCES = tests/unit/test_fixes.c $(desk_world)
tests_unit_test_person_SOURCES = tests/unit/test_person.c $(desk_world)
tests_unit_test_preview_SOURCES = tests/unit/test_preview.c $(desk_world)
stage = tests/unit/stage.c tests/unit/stage.h $(desk_world)
tests_unit_test_resolution_SOURCES = tests/unit/test_resolution.c $(stage)
tests_unit_test_steps_SOURCES = tests/unit/test_steps.c $(stage)
tests_unit_test_subscription_SOURCES = tests/unit/test_subscription.c \
	$(desk_world)
tests_unit_test_swarm_SOURCES = tests/unit/test_swarm.c $(stage)
tests_unit_test_tick_SOURCES = tests/unit/test_tick.c $(stage)
tests_unit_test_vet_SOURCES = tests/unit/test_vet.c $(desk_world)

unit_tests += tests/unit/test_ascending

unit_tests += tests/unit/test_timeline
tests_unit_test_timeline_SOURCES = tests/unit/test_timeline.c $(desk_world)

# Feeds as in test_timeline, read from chunks.
unit_tests += \
	tests/unit/test_lists \
	tests/unit/test_timeline_chunks
tests_unit_test_lists_SOURCES = tests/unit/test_lists.c $(desk_world)
tests_unit_test_timeline_chunks_SOURCES = tests/unit/test_timeline.c \
	tests/unit/lists_pressed.c $(desk_world)
tests_unit_test_timeline_chunks_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=timeline_personal -Wl,--wrap=timeline_subscription

unit_tests += tests/unit/test_tag_names
tests_unit_test_tag_names_SOURCES = tests/unit/test_tag_names.c $(desk_world)
