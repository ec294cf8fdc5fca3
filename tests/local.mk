LDADD = libbarnraise.a $(DEPS_LIBS) $(CMOCKA_LIBS)
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)'; top_builddir='$(top_builddir)'; \
	export top_srcdir top_builddir;
TESTS += $(unit_tests) $(fuzz_targets) %D%/layers %D%/banned %D%/magics
check_PROGRAMS += $(unit_tests) $(fuzz_targets)
EXTRA_DIST += %D%/layers %D%/banned %D%/magics
EXTRA_DIST += %D%/e2e/test_cli.py %D%/valgrind.supp
EXTRA_DIST += %D%/data/incidents.jsonl %D%/data/people.jsonl \
	%D%/data/subscriptions.jsonl %D%/data/regexes.txt
