/* SPDX-License-Identifier: ISC */
#include "web/page.h"

#include "base/check.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "web/mustache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT "layout"
#define CONTENT "content"
#define STYLE "style.css"
#define SCRIPT ".js"

enum { FILE_MOST = 4 << 20 };

const char *const page_names[] = {
	"admin",
	"admin_journal",
	"admin_people",
	"admin_person",
	"admin_tags",
	"admin_tokens",
	"article",
	"articles",
	"error",
	"feed_page",
	"home",
	"incident",
	"incidents",
	"kb",
	"me",
	"message",
	"people",
	"person",
	"preview",
	"report",
	"reported",
	"signin",
	"staff_article",
	"status",
	NULL,
};

/* Files that are sent as they are. */
static const struct {
	const char *ending, *media_type;
} static_types[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
	{ ".txt", "text/plain; charset=utf-8" },
};

struct pages {
	struct map *templates; /* of struct mustache, by name without ending */
	struct map *files; /* of struct page_file, by name */
	const char **names; /* of the templates */
	size_t n_names;
	const char **script_names; /* with ending */
	size_t n_script_names;
	const char *style; /* the address of the style sheet */
	json_t *scripts; /* of each NAME.js: its address by NAME */
	uint64_t sum; /* of the hashes of all files, in no order */
	const char *hash;
};

/* --- reading --- */

const char *
pages_folder(void)
{
	const char *folder = getenv("BARNRAISE_TEMPLATES");

	return folder != NULL && *folder != '\0' ? folder
						 : PKGDATADIR "/templates";
}

/* FNV-1a: tells versions of our own files apart, withstands no attack. */
static uint64_t
hash_add(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return hash;
}

static uint64_t
hash_of(const char *name, const char *bytes, size_t length)
{
	uint64_t hash = hash_add(0xcbf29ce484222325, name, strlen(name) + 1);

	return hash_add(hash, bytes, length);
}

static const char *
hash_text(void *owner, uint64_t hash)
{
	return mem_printf(owner, "%016llx", (unsigned long long)hash);
}

static bool
read_all(void *owner, int fd, char **bytes, size_t *length, struct error *err)
{
	struct stat info;
	size_t at = 0;

	if (fstat(fd, &info) == -1)
		return error_set(err, ERROR_SYSTEM, "%m");
	if (!S_ISREG(info.st_mode))
		return error_set(err, ERROR_SYSTEM, "not a file");
	if (info.st_size > FILE_MOST)
		return error_set(
		    err, ERROR_TOO_LARGE, "more than %d bytes", FILE_MOST);
	*length = (size_t)info.st_size;
	*bytes = mem_array(owner, char, *length + 1);
	while (at < *length) {
		ssize_t n = read(fd, *bytes + at, *length - at);

		if (n == -1)
			return error_set(err, ERROR_SYSTEM, "%m");
		if (n == 0)
			return error_set(
			    err, ERROR_BUSY, "changed while it was read");
		at += (size_t)n;
	}
	return true;
}

static bool
read_file(void *owner, const char *path, char **bytes, size_t *length,
    struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd == -1)
		return error_set(err, ERROR_SYSTEM, "%s: %m", path);
	ok = read_all(owner, fd, bytes, length, err) ||
	    error_context(err, "%s", path);
	(void)close(fd);
	return ok;
}

static bool
load_template(
    struct pages *pages, const char *path, const char *name, struct error *err)
{
	struct mustache *template = NULL;
	size_t length = 0;
	char *bytes = NULL;

	if (!read_file(pages, path, &bytes, &length, err) ||
	    !mustache_compile(
		pages, path, (struct span){ bytes, length }, &template, err))
		return false;
	pages->sum += hash_of(name, bytes, length);
	talloc_free(bytes);
	if (map_get_text(pages->templates, name) == NULL)
		*mem_push(pages, &pages->names, &pages->n_names) = mem_copy(
		    pages, name);
	map_set_text(pages->templates, name, template);
	return true;
}

static bool
load_static(struct pages *pages, const char *path, const char *name,
    const char *media_type, struct error *err)
{
	struct page_file *file = mem_new(pages, struct page_file);
	uint64_t hash;
	char *bytes = NULL;

	if (!read_file(pages, path, &bytes, &file->length, err))
		return false;
	file->media_type = media_type;
	file->bytes = bytes;
	hash = hash_of(name, bytes, file->length);
	file->hash = hash_text(pages, hash);
	pages->sum += hash;
	if (strcmp(strrchr(name, '.'), SCRIPT) == 0 &&
	    page_static(pages, name) == NULL)
		*mem_push(pages, &pages->script_names,
		    &pages->n_script_names) = mem_copy(pages, name);
	map_set_text(pages->files, name, file);
	return true;
}

static bool
load_file(struct pages *pages, const char *folder, const char *name,
    struct error *err)
{
	const char *ending = strrchr(name, '.');
	char *path;

	if (ending == NULL || *name == '.')
		return true;
	path = mem_printf(pages, "%s/%s", folder, name);
	if (strcmp(ending, ".mustache") == 0)
		return load_template(pages, path,
		    mem_copy_n(pages, name, (size_t)(ending - name)), err);
	for (size_t i = 0; i < sizeof static_types / sizeof static_types[0];
	     i++)
		if (strcmp(ending, static_types[i].ending) == 0)
			return load_static(
			    pages, path, name, static_types[i].media_type, err);
	return true;
}

static bool
load_folder(struct pages *pages, const char *folder, struct error *err)
{
	DIR *open = opendir(folder);
	struct dirent *entry;
	bool ok = true;

	if (open == NULL)
		return error_set(
		    err, ERROR_SYSTEM, "templates: %s: %m", folder);
	while (ok && (errno = 0, entry = readdir(open)) != NULL)
		ok = load_file(pages, folder, entry->d_name, err);
	if (ok && errno != 0)
		ok = error_set(err, ERROR_SYSTEM, "templates: %s: %m", folder);
	(void)closedir(open);
	return ok;
}

static bool
is_missing(const char *folder)
{
	return access(folder, F_OK) == -1 && errno == ENOENT;
}

/* --- checking --- */

static bool
check_partials(const struct pages *pages, const char *name, struct error *err)
{
	const struct mustache *template = map_get_text(pages->templates, name);
	const char *partial;

	for (size_t at = 0;
	     (partial = mustache_partial(template, &at)) != NULL;)
		if (strcmp(partial, CONTENT) != 0 &&
		    map_get_text(pages->templates, partial) == NULL)
			return error_set(err, ERROR_SYSTEM,
			    "%s.mustache asks for %s.mustache, "
			    "which is missing",
			    name, partial);
	return true;
}

static bool
check_all(const struct pages *pages, struct error *err)
{
	for (size_t i = 0; i < pages->n_names; i++)
		if (!check_partials(pages, pages->names[i], err))
			return error_context(err, "templates");
	for (const char *const *name = page_names; *name != NULL; name++)
		if (map_get_text(pages->templates, *name) == NULL)
			return error_set(err, ERROR_SYSTEM,
			    "templates: %s.mustache is missing", *name);
	if (map_get_text(pages->templates, LAYOUT) == NULL)
		return error_set(err, ERROR_SYSTEM,
		    "templates: " LAYOUT ".mustache is missing");
	if (map_get_text(pages->files, STYLE) == NULL)
		return error_set(
		    err, ERROR_SYSTEM, "templates: " STYLE " is missing");
	return true;
}

static const char *
address_of(void *owner, const struct pages *pages, const char *name)
{
	return mem_printf(
	    owner, "/static/%s?v=%s", name, page_static(pages, name)->hash);
}

static void
put_scripts(struct pages *pages)
{
	pages->scripts = json_owned(pages, mem_made(json_object()));
	for (size_t i = 0; i < pages->n_script_names; i++) {
		const char *name = pages->script_names[i];

		json_put_text(pages->scripts,
		    mem_copy_n(pages, name, strlen(name) - strlen(SCRIPT)),
		    address_of(pages, pages, name));
	}
}

bool
pages_load(void *owner, const char *folder, const char *over,
    struct pages **ret, struct error *err)
{
	struct pages *pages = mem_new(owner, struct pages);

	pages->templates = map_new(pages);
	pages->files = map_new(pages);
	if ((!(over != NULL && is_missing(folder)) &&
		!load_folder(pages, folder, err)) ||
	    (over != NULL && !load_folder(pages, over, err)) ||
	    !check_all(pages, err)) {
		talloc_free(pages);
		return false;
	}
	pages->style = address_of(pages, pages, STYLE);
	put_scripts(pages);
	pages->hash = hash_text(pages, pages->sum);
	*ret = pages;
	return true;
}

const char *
pages_hash(const struct pages *pages)
{
	return pages->hash;
}

const struct page_file *
page_static(const struct pages *pages, const char *name)
{
	return map_get_text(pages->files, name);
}

/* --- rendering --- */

struct rendering {
	const struct pages *pages;
	const struct mustache *content;
};

static const struct mustache *
find_partial(void *closure, const char *name)
{
	const struct rendering *rendering = closure;

	if (strcmp(name, CONTENT) == 0)
		return rendering->content;
	return map_get_text(rendering->pages->templates, name);
}

bool
page_render(void *owner, const struct pages *pages, const char *name,
    json_t *model, struct span *ret, struct error *err)
{
	struct rendering rendering = { .pages = pages,
		.content = map_get_text(pages->templates, name) };
	const struct mustache *layout = map_get_text(pages->templates, LAYOUT);
	struct buf *out = buf_new(owner);
	json_t *whole = json_copy(model);
	/* a value counts who holds it: no two threads share one */
	json_t *scripts = mem_made(json_deep_copy(pages->scripts));
	bool ok;

	CHECK(rendering.content != NULL);
	CHECK(json_is_object(whole));
	json_put_text(whole, "style", pages->style);
	json_put(whole, "script", scripts);
	ok = mustache_render(layout, whole, find_partial, &rendering, out, err);
	json_decref(scripts);
	json_decref(whole);
	if (!ok)
		return error_context(err, "page %s", name);
	*ret = (struct span){ out->text, out->length };
	return true;
}
