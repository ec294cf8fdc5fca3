dist_doc_DATA += %D%/barnraise.conf %D%/prometheus.rules.yml %D%/grafana.json
dist_man_MANS += %D%/barnraise.conf.5
EXTRA_DIST += %D%/barnraise.service.in

# systemd looks there too when the prefix is /usr/local.
systemunitdir = $(prefix)/lib/systemd/system
nodist_systemunit_DATA = %D%/barnraise.service
dist_systemunit_DATA = %D%/barnraise.socket
CLEANFILES += %D%/barnraise.service
%D%/barnraise.service: $(srcdir)/%D%/barnraise.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,@bindir@,$(bindir),g' \
		-e 's,@sysconfdir@,$(sysconfdir),g' \
		$(srcdir)/%D%/barnraise.service.in >$@
