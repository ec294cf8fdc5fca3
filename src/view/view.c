/* SPDX-License-Identifier: ISC */
#include "view/view.h"

#include "base/mem.h"

#include <stdarg.h>

char *
view_url(void *owner, const struct view *view, const char *format, ...)
{
	char *path, *url;
	va_list args;

	va_start(args, format);
	path = mem_vprintf(owner, format, args);
	va_end(args);
	url = mem_printf(owner, "%s%s", view->base_url, path);
	talloc_free(path);
	return url;
}

char *
view_id(void *owner, const struct view *view, const char *format, ...)
{
	char *rest, *id;
	va_list args;

	va_start(args, format);
	rest = mem_vprintf(owner, format, args);
	va_end(args);
	id = mem_printf(owner, "tag:%s,%d:%s", desk_authority(view->desk),
	    desk_year(view->desk), rest);
	talloc_free(rest);
	return id;
}
