LDADD = libbarnraise.a $(DEPS_LIBS) $(CMOCKA_LIBS)
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)'; top_builddir='$(top_builddir)'; \
	export top_srcdir top_builddir;
TESTS += $(unit_tests) $(fuzz_targets) %D%/layers %D%/banned %D%/magics
check_PROGRAMS += $(unit_tests) $(fuzz_targets)
EXTRA_DIST += %D%/layers %D%/banned %D%/magics
EXTRA_DIST += %D%/e2e/conftest.py %D%/e2e/desk.py %D%/e2e/model.py \
	%D%/e2e/test_cli.py %D%/e2e/test_command_line.py \
	%D%/e2e/test_equality.py %D%/e2e/test_feeds.py \
	%D%/e2e/test_hostile_filter.py %D%/e2e/test_kb.py \
	%D%/e2e/test_kill.py %D%/e2e/test_life.py \
	%D%/e2e/malformed.py %D%/e2e/test_malformed.py %D%/e2e/test_slow.py \
	%D%/e2e/test_scarce.py \
	%D%/e2e/test_readers.py \
	%D%/e2e/test_status.py %D%/valgrind.supp
EXTRA_DIST += %D%/e2e/chrome.py %D%/e2e/pages.py %D%/e2e/screenshots.py \
	%D%/e2e/test_browser.py %D%/e2e/test_report_page.py \
	%D%/e2e/test_typing.py
EXTRA_DIST += %D%/e2e/browser.py %D%/e2e/test_articles.py \
	%D%/e2e/test_incidents.py %D%/e2e/test_me.py \
	%D%/e2e/test_encodings.py %D%/e2e/test_polls.py %D%/e2e/test_posts.py %D%/e2e/test_signin.py %D%/e2e/test_steps.py \
	%D%/e2e/test_limits.py %D%/e2e/test_upgrade.py %D%/e2e/test_watch.py %D%/e2e/slow_disk.c %D%/e2e/test_slow_disk.py
EXTRA_DIST += %D%/e2e/test_live.py
EXTRA_DIST += %D%/e2e/test_admin.py %D%/e2e/test_matrix.py \
	%D%/e2e/matrix.txt
EXTRA_DIST += %D%/data/tls/one.key %D%/data/tls/one.pem \
	%D%/data/tls/two.key %D%/data/tls/two.pem
EXTRA_DIST += %D%/data/incidents.jsonl %D%/data/people.jsonl \
	%D%/data/subscriptions.jsonl %D%/data/regexes.txt \
	%D%/data/stores/1.sql %D%/data/stores/2.sql \
	%D%/data/stores/3.sql

# `make bench` measures; its table is in bench.txt. Not part of `make check`.
bench_programs = %D%/bench/bench_matcher %D%/bench/bench_equality \
	%D%/bench/bench_probe %D%/bench/bench_report %D%/bench/bench_sqlite \
	%D%/bench/bench_http
EXTRA_PROGRAMS += $(bench_programs)
filter_crowd = %D%/bench/corpus.c %D%/bench/corpus.h %D%/bench/dice.h \
	%D%/bench/filter_crowd.c %D%/bench/filter_crowd.h \
	%D%/bench/regex_crowd.c %D%/bench/regex_crowd.h
tests_bench_bench_matcher_SOURCES = %D%/bench/bench_matcher.c \
	%D%/bench/figures.c %D%/bench/figures.h \
	%D%/bench/matcher_case.c %D%/bench/matcher_case.h \
	%D%/bench/rival.h %D%/bench/rival_loop.c \
	%D%/bench/rival_vectorscan.c $(filter_crowd)
tests_bench_bench_equality_SOURCES = %D%/bench/bench_equality.c \
	$(filter_crowd)
tests_bench_bench_matcher_CFLAGS = $(AM_CFLAGS) $(LIBHS_CFLAGS)
tests_bench_bench_matcher_LDADD = libbarnraise.a $(DEPS_LIBS) $(LIBHS_LIBS)
tests_bench_bench_probe_SOURCES = %D%/bench/bench_probe.c
tests_bench_bench_report_SOURCES = %D%/bench/bench_report.c
tests_bench_bench_sqlite_SOURCES = %D%/bench/bench_sqlite.c
tests_bench_bench_http_SOURCES = %D%/bench/bench_http.c
EXTRA_DIST += %D%/bench/bench %D%/bench/reports.lua
CLEANFILES += bench.txt $(bench_programs)
bench: barnraise$(EXEEXT) $(bench_programs)
	/usr/bin/python3 $(srcdir)/%D%/bench/bench --source $(srcdir) \
		--build . $(BENCHFLAGS)

# `make screenshots` takes pictures of every page into screenshots/.
screenshots: barnraise$(EXEEXT)
	BARNRAISE=$(abs_builddir)/barnraise$(EXEEXT) PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 $(srcdir)/%D%/e2e/screenshots.py screenshots

.PHONY: bench fuzz screenshots

# `make fuzz` searches (./configure --enable-fuzz CC=clang): each target for
# FUZZ_SECONDS, from its corpus, into a folder of its own in the build tree.
# A finding is left there, as crash-... or timeout-...; a fixed one belongs in
# the corpus.
if FUZZ
FUZZ_SECONDS = 60
fuzz: all
	$(MAKE) $(AM_MAKEFLAGS) $(fuzz_targets) \
		LDFLAGS="$(LDFLAGS) -fsanitize=fuzzer"
	for target in $(fuzz_targets); do \
		name=$${target##*/fuzz_}; \
		mkdir -p fuzz/$$name || exit 1; \
		echo "$$name: $(FUZZ_SECONDS) s"; \
		$$target -max_total_time=$(FUZZ_SECONDS) -timeout=5 \
			-artifact_prefix=fuzz/$$name/ -print_final_stats=1 \
			fuzz/$$name $(abs_top_srcdir)/tests/fuzz/corpus/$$name \
			2> fuzz/$$name.log || { tail -n 20 fuzz/$$name.log; exit 1; }; \
		grep -E 'number_of_executed_units|slowest_unit' fuzz/$$name.log; \
	done
else
fuzz:
	@echo "fuzz: ./configure --enable-fuzz CC=clang builds what it needs" >&2
	@exit 1
endif
