# The pages: templates, the style sheet and what else is sent as it is.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
	%D%/admin.mustache \
	%D%/admin_event.mustache \
	%D%/admin_journal.mustache \
	%D%/admin_links.mustache \
	%D%/admin_people.mustache \
	%D%/admin_person.mustache \
	%D%/admin_tags.mustache \
	%D%/admin_tokens.mustache \
	%D%/article.mustache \
	%D%/article_parts.mustache \
	%D%/article_row.mustache \
	%D%/articles.mustache \
	%D%/complete.js \
	%D%/copy.js \
	%D%/csrf.mustache \
	%D%/error.mustache \
	%D%/errors.mustache \
	%D%/feed_page.mustache \
	%D%/home.mustache \
	%D%/icon.svg \
	%D%/incident.mustache \
	%D%/incident_row.mustache \
	%D%/incidents.mustache \
	%D%/kb.mustache \
	%D%/kept.mustache \
	%D%/known.mustache \
	%D%/layout.mustache \
	%D%/live.js \
	%D%/me.mustache \
	%D%/message.mustache \
	%D%/next.mustache \
	%D%/people.mustache \
	%D%/person.mustache \
	%D%/preview.js \
	%D%/preview.mustache \
	%D%/readers.mustache \
	%D%/report.mustache \
	%D%/reported.mustache \
	%D%/scripts_filter.mustache \
	%D%/signin.mustache \
	%D%/staff_article.mustache \
	%D%/status.mustache \
	%D%/style.css \
	%D%/tags.mustache \
	%D%/thread.js \
	%D%/times.js

EXTRA_DIST += %D%/MODEL.md
