/* SPDX-License-Identifier: ISC */
/*
 * JSON Feed 1.1 (jsonfeed.org/version/1.1). Members that are not given are
 * left out; what is ours stands under _barnraise.
 */
#include "feed/formats.h"

#include "base/json.h"
#include "base/mem.h"

#include <string.h>

static void
put_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL)
		json_put_text(object, name, text);
}

static void
put_time(json_t *object, const char *name, int64_t time)
{
	if (time != 0)
		json_put_time(object, name, time);
}

/* Puts a value that was made for this place. */
static void
put_new(json_t *object, const char *name, json_t *value)
{
	json_put(object, name, mem_made(value));
	json_decref(value);
}

static void
append_new(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		mem_made(NULL);
}

static void
put_author(json_t *object, const char *name, const char *url)
{
	json_t *authors, *author;

	if (name == NULL)
		return;
	author = mem_made(json_object());
	json_put_text(author, "name", name);
	put_text(author, "url", url);
	authors = mem_made(json_array());
	append_new(authors, author);
	put_new(object, "authors", authors);
}

static bool
has_earlier_term(const struct feed_entry *entry, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(entry->categories[i].term,
			entry->categories[at].term) == 0)
			return true;
	return false;
}

static void
put_tags(json_t *item, const struct feed_entry *entry)
{
	json_t *tags;

	if (entry->n_categories == 0)
		return;
	tags = mem_made(json_array());
	for (size_t i = 0; i < entry->n_categories; i++)
		if (!has_earlier_term(entry, i))
			append_new(
			    tags, json_string(entry->categories[i].term));
	put_new(item, "tags", tags);
}

static json_t *
item_of(const struct feed_entry *entry)
{
	json_t *item = mem_made(json_object());

	json_put_text(item, "id", entry->id);
	put_text(item, "url", entry->url);
	put_text(item, "title", entry->title);
	put_text(item, "summary", entry->summary);
	if (entry->content != NULL)
		json_put_text(item, "content_html", entry->content);
	else /* one of the two must be there */
		json_put_text(item, "content_text",
		    entry->summary != NULL ? entry->summary : "");
	put_time(item, "date_published", entry->published);
	put_time(item, "date_modified", entry->updated);
	put_author(item, entry->author, entry->author_url);
	put_tags(item, entry);
	if (entry->object != NULL)
		json_put(item, "_barnraise", entry->object);
	return item;
}

static void
put_hub(json_t *top, const char *url)
{
	json_t *hubs, *hub;

	if (url == NULL)
		return;
	hub = mem_made(json_object());
	json_put_text(hub, "type", "WebSub");
	json_put_text(hub, "url", url);
	hubs = mem_made(json_array());
	append_new(hubs, hub);
	put_new(top, "hubs", hubs);
}

void
jsonfeed_write(struct buf *out, const struct feed *feed)
{
	json_t *top = mem_made(json_object());
	json_t *items = mem_made(json_array());
	char *text;

	json_put_text(top, "version", "https://jsonfeed.org/version/1.1");
	json_put_text(top, "title", feed->title);
	put_text(top, "home_page_url", feed->url);
	put_text(top, "feed_url", feed->self);
	put_text(top, "description", feed->subtitle);
	put_text(top, "next_url", feed->next);
	put_text(top, "icon", feed->icon);
	put_author(top, feed->author, NULL);
	put_text(top, "language", feed->language);
	put_hub(top, feed->hub);
	if (feed->object != NULL)
		json_put(top, "_barnraise", feed->object);
	for (size_t i = 0; i < feed->n_entries; i++)
		append_new(items, item_of(&feed->entries[i]));
	put_new(top, "items", items);
	text = json_compact(out, top);
	json_decref(top);
	buf_text(out, text);
	talloc_free(text);
}
