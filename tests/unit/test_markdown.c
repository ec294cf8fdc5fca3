/* SPDX-License-Identifier: ISC */
#include "view/markdown.h"

#include "allowed_html.h"
#include "rounds.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef void render_function(struct buf *out, const char *text);

static const char *
rendered(void *owner, render_function *render, const char *text)
{
	struct buf *out = buf_new(owner);
	const char *fault;

	render(out, text);
	fault = html_fault(out->text);
	if (fault != NULL)
		fail_msg("%s\nof: %.200s\nin: %.2000s", fault, text, out->text);
	return out->text;
}

struct example {
	const char *text, *html;
};

static void
are_as_expected(
    render_function *render, const struct example *examples, size_t n)
{
	void *root = mem_root("test");

	for (size_t i = 0; i < n; i++) {
		const char *html = rendered(root, render, examples[i].text);

		if (strcmp(html, examples[i].html) != 0)
			fail_msg("%s\n---gives\n%s---instead of\n%s",
			    examples[i].text, html, examples[i].html);
	}
	talloc_free(root);
}
#define ARE_AS_EXPECTED(render, examples) \
	are_as_expected(                  \
	    render, examples, sizeof(examples) / sizeof(examples)[0])

#define A(href) "<a href=\"" href "\" rel=\"nofollow noopener ugc\">"

static void
markdown_is_commonmark_with_its_line_breaks(void **state)
{
	static const struct example examples[] = {
		{ "", "" },
		{ "a\nb", "<p>a<br/>\nb</p>\n" },
		{ "a  \nb\\\nc", "<p>a<br/>\nb<br/>\nc</p>\n" },
		{ "*a* **b** `c<d>`",
		    "<p><em>a</em> <strong>b</strong> "
		    "<code>c&lt;d&gt;</code></p>\n" },
		{ "# a\n\n## b\n\n###### c",
		    "<h3>a</h3>\n<h4>b</h4>\n<h6>c</h6>\n" },
		{ "- a\n- b\n  - c",
		    "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n"
		    "</li>\n</ul>\n" },
		{ "3. a\n\n4. b",
		    "<ol start=\"3\">\n<li><p>a</p>\n</li>\n"
		    "<li><p>b</p>\n</li>\n</ol>\n" },
		{ "1) a", "<ol>\n<li>a</li>\n</ol>\n" },
		{ "> a\n\n---",
		    "<blockquote>\n<p>a</p>\n</blockquote>\n<hr/>\n" },
		{ "```sh\nif a && b;  then\n\tc\n```",
		    "<pre><code>if a &amp;&amp; b;  then\n\tc\n"
		    "</code></pre>\n" },
		{ "a &amp; b &#1; \xc2\x80",
		    "<p>a &amp; b \xef\xbf\xbd \xef\xbf\xbd</p>\n" },
		{ "&lt;b&gt; __init__ 2 < 3",
		    "<p>&lt;b&gt; <strong>init</strong> 2 &lt; 3</p>\n" },
	};

	(void)state;
	ARE_AS_EXPECTED(buf_markdown, examples);
}

static void
html_in_markdown_is_the_text_it_is(void **state)
{
	static const struct example examples[] = {
		{ "a <b onclick=\"x()\">b</b> <!-- c -->",
		    "<p>a &lt;b onclick=&quot;x()&quot;&gt;b&lt;/b&gt; "
		    "&lt;!-- c --&gt;</p>\n" },
		{ "<script>\nalert(1)\n</script>\n\nb",
		    "<p>&lt;script&gt;<br/>\nalert(1)<br/>\n&lt;/script&gt;"
		    "</p>\n<p>b</p>\n" },
		{ "<div>\n  *a*\n</div>",
		    "<pre>&lt;div&gt;\n  *a*\n&lt;/div&gt;</pre>\n" },
		{ "<?php a ?> <![CDATA[b]]>",
		    "<p>&lt;?php a ?&gt; &lt;![CDATA[b]]&gt;</p>\n" },
		{ "std::vector<int> v", "<p>std::vector&lt;int&gt; v</p>\n" },
	};

	(void)state;
	ARE_AS_EXPECTED(buf_markdown, examples);
}

static void
only_good_links_are_links(void **state)
{
	static const struct example examples[] = {
		{ "[a](https://x/?b=1&c=2 \"t\")",
		    "<p>" A("https://x/?b=1&amp;c=2") "a</a></p>\n" },
		{ "[a](HTTP://x)", "<p>" A("HTTP://x") "a</a></p>\n" },
		{ "[a](mailto:b@c) <b@c.d>",
		    "<p>" A("mailto:b@c") "a</a> " A(
			"mailto:b@c.d") "b@c.d</a></p>\n" },
		{ "[a](/incidents/1)", "<p>" A("/incidents/1") "a</a></p>\n" },
		{ "[a](//evil)", "<p>a (//evil)</p>\n" },
		{ "[a](/\\evil)", "<p>a (/\\evil)</p>\n" },
		{ "[a](/&#9;/evil)", "<p>" A("/%09/evil") "a</a></p>\n" },
		{ "[a](/&#10;/evil)", "<p>" A("/%0A/evil") "a</a></p>\n" },
		{ "[a](javascript:alert(1))",
		    "<p>a (javascript:alert(1))</p>\n" },
		{ "[a](jav&#x09;ascript:1)", "<p>a (jav\tascript:1)</p>\n" },
		{ "[a](data:image/png;base64,AA)",
		    "<p>a (data:image/png;base64,AA)</p>\n" },
		{ "[a](blob:https://x)", "<p>a (blob:https://x)</p>\n" },
		{ "[a](b.html) [c](#d) [e]()", "<p>a (b.html) c (#d) e</p>\n" },
		{ "[a](https:/x) [b](http://) [c](http:///d)",
		    "<p>a (https:/x) b (http://) c (http:///d)</p>\n" },
		{ "<javascript:a>", "<p>javascript:a</p>\n" },
		{ "![a *b*](https://x/i.png) ![](https://x/j.png)",
		    "<p>" A("https://x/i.png") "a <em>b</em></a> " A(
			"https://x/j.png") "https://x/j.png</a></p>\n" },
		{ "[![a](https://x/i)](https://y)",
		    "<p>" A("https://y") "a</a></p>\n" },
		{ "[a http://b](https://c)",
		    "<p>" A("https://c") "a http://b</a></p>\n" },
		{ "[a][1]\n\n[1]: https://x/\"'\xc3\xa4",
		    "<p>" A("https://x/%22&#39;%C3%A4") "a</a></p>\n" },
	};

	(void)state;
	ARE_AS_EXPECTED(buf_markdown, examples);
}

static void
addresses_are_links(void **state)
{
	static const struct example examples[] = {
		{ "see http://x/a_b_c.",
		    "<p>see " A("http://x/a_b_c") "http://x/a_b_c</a>"
						  ".</p>\n" },
		{ "(https://x/a_(b))?",
		    "<p>(" A("https://x/a_(b)") "https://x/a_(b)"
						"</a>)?</p>\n" },
		{ "http:// https://. xhttp://a ftp://b",
		    "<p>http:// https://. xhttp://a ftp://b</p>\n" },
		{ "\"http://a\" <http://b>",
		    "<p>&quot;" A("http://a") "http://a</a>&quot; &lt;" A(
			"http://b") "http://b</a>&gt;</p>\n" },
		{ "http://a?b=1&c='",
		    "<p>" A("http://a?b=1&amp;c=") "http://a?b=1"
						   "&amp;c=</a>"
						   "&#39;</p>\n" },
		{ "http://a\xe3\x80\x82 http://a/\xc3\xa4",
		    "<p>" A("http://a") "http://a</a>\xe3\x80\x82 " A(
			"http://a/%C3%A4") "http://a/\xc3\xa4</a></p>\n" },
		{ "http://a]]}) http://[::1]:80/",
		    "<p>" A("http://a") "http://a</a>]]}) " A(
			"http://[::1]:80/") "http://[::1]:80/</a></p>\n" },
	};
	static const struct example markdown[] = {
		{ "see http://x/a_b_c.",
		    "<p>see " A("http://x/a_b_c") "http://x/a_b_c</a>"
						  ".</p>\n" },
		{ "`http://a`", "<p><code>http://a</code></p>\n" },
	};

	(void)state;
	ARE_AS_EXPECTED(buf_plain, examples);
	ARE_AS_EXPECTED(buf_markdown, markdown);
}

static void
plain_text_looks_as_it_was_typed(void **state)
{
	static const struct example examples[] = {
		{ "", "" },
		{ " \n\t\n", "" },
		{ "*a* __init__ <b>&amp;</b>",
		    "<p>*a* __init__ &lt;b&gt;&amp;amp;&lt;/b&gt;</p>\n" },
		{ "a\nb\n\n\nc  d \n",
		    "<p>a<br/>\nb</p>\n<p>c\302\240 d</p>\n" },
		{ "Hello,\n\nboom\n\tat a\n\n\n\tat b\n\nbye",
		    "<p>Hello,</p>\n<pre>boom\n\tat a\n\n\n\tat b</pre>\n"
		    "<p>bye</p>\n" },
		{ "  a\nb", "<pre>  a\nb</pre>\n" },
		{ " a", "<pre> a</pre>\n" },
		{ "a   b", "<pre>a   b</pre>\n" },
		{ "id   name\n1    a", "<pre>id   name\n1    a</pre>\n" },
		{ "\n\n    http://a",
		    "<pre>    " A("http://a") "http://a</a>"
					      "</pre>\n" },
		{ "a\x1b[31m\x01", "<p>a\xef\xbf\xbd[31m\xef\xbf\xbd</p>\n" },
	};

	(void)state;
	ARE_AS_EXPECTED(buf_plain, examples);
}

static size_t
times(const char *html, const char *what)
{
	size_t n = 0;

	while ((html = strstr(html, what)) != NULL) {
		html++;
		n++;
	}
	return n;
}

static void
markdown_is_not_nested_without_end(void **state)
{
	void *root = mem_root("test");
	struct buf *quotes = buf_new(root), *lists = buf_new(root);
	const char *html;

	(void)state;
	for (int i = 0; i < 100; i++) {
		buf_text(quotes, "> ");
		buf_text(lists, "- ");
	}
	buf_text(quotes, "*a*");
	buf_text(lists, "*a*\nb");
	html = rendered(root, buf_markdown, quotes->text);
	assert_int_equal(times(html, "<blockquote>"), 32);
	assert_non_null(strstr(html, "<p>a</p>"));
	html = rendered(root, buf_markdown, lists->text);
	assert_int_equal(times(html, "<li>"), 32);
	assert_non_null(strstr(html, "<p>a<br/>\nb</p>"));
	talloc_free(root);
}

static void
summary_is_cut_after_a_word(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		const char *summary;
	} cases[] = {
		{ "", 5, "" },
		{ " a\n\tb ", 5, "a b" },
		{ "12345", 5, "12345" },
		{ "123456", 5, "1234\xe2\x80\xa6" },
		{ "one two three", 9, "one two\xe2\x80\xa6" },
		{ "one two three", 8, "one two\xe2\x80\xa6" },
		{ "one two three", 7, "one\xe2\x80\xa6" },
		{ "a bcdefghijkl", 9, "a bcdefg\xe2\x80\xa6" },
		{ "\xc3\xa4\xc3\xb6\xc3\xbc", 2, "\xc3\xa4\xe2\x80\xa6" },
		{ "ab", 1, "\xe2\x80\xa6" },
	};
	void *root = mem_root("test");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(
		    text_summary(root, cases[i].text, cases[i].most),
		    cases[i].summary);
	talloc_free(root);
}

static void
too_much_markdown_is_plain(void **state)
{
	void *root = mem_root("test");
	char *text = mem_array(root, char, MARKDOWN_MOST + 2);

	(void)state;
	memset(text, 'a', MARKDOWN_MOST + 1);
	text[0] = text[2] = '*';
	assert_memory_equal(rendered(root, buf_markdown, text), "<p>*a*", 6);
	talloc_free(root);
}

/* Characters that are neither white space nor replaced by U+FFFD. */
static char *
ink(void *owner, const char *text)
{
	struct buf *ink = buf_new(owner);
	uint32_t code = 0;

	for (size_t at = 0, n; text[at] != '\0'; at += n) {
		n = utf8_decode(text + at, strnlen(text + at, 4), &code);
		if (code > 0x20 && code != 0x7f && code != 0xfffd &&
		    code != 0xfffe && code != 0xffff &&
		    (code < 0x80 || code > 0xa0))
			buf_add(ink, text + at, n);
	}
	return ink->text;
}

/* As Markdown: allowed. As plain text: allowed, and shown to the letter. */
static void
is_shown(const char *bytes, size_t length)
{
	void *root = mem_root("test");
	char *text = utf8_repaired(root, bytes, length, NULL);
	const char *html;

	(void)rendered(root, buf_markdown, text);
	html = rendered(root, buf_plain, text);
	assert_string_equal(ink(root, html_text(root, html)), ink(root, text));
	talloc_free(root);
}

static void
whatever_is_written_only_allowed_html_comes_out(void **state)
{
	/* the pieces that markup and its mistakes are made of */
	static const char *const pieces[] = { "*", "**", "_", "`", "```\n",
		"\n", "\n\n", "    ", "\t", "> ", "- ", "1. ", "7) ", "# ",
		"===\n", "---\n", "[", "]", "(", ")", "![", "](", "<", ">",
		"<b>", "</p>", "<!--", "-->", "<a href=\"", "\"", "'", "&",
		"&#10;", "&lt;", "http://", "https://a.b/",
		"javascript:", "mailto:", "//", "/", "\\", "a", " ", ".",
		"[a]: ", "\x01", "\xc2\x85", "\xef\xbf\xbf", "\xc3",
		"\xf0\x9f\x94\xa5" };
	unsigned short seed[3] = { 4, 2, 87 };

	(void)state;
	for (int round = 0; round < rounds(2000); round++) {
		struct buf *text = buf_new(NULL);

		for (size_t n = (size_t)nrand48(seed) % 30; n > 0; n--)
			buf_text(text,
			    pieces[(size_t)nrand48(seed) %
				(sizeof pieces / sizeof pieces[0])]);
		is_shown(text->text, text->length);
		talloc_free(text);
	}
}

static void
attack_is_shown(const char *line, size_t length)
{
	char text[8192];

	is_shown(line, length);
	(void)snprintf(text, sizeof text,
	    "[a](%s) <%s> ![b](<%s>)\n\n[c]\n\n[c]: %s", line, line, line,
	    line);
	is_shown(text, strlen(text));
}

static void
known_attacks_are_shown_as_text(void **state)
{
	(void)state;
	attacks_try(attack_is_shown);
}

/* The CPU time of 64 KiB full of piece. */
static int64_t
time_of(const char *piece)
{
	void *root = mem_root("test");
	struct buf *text = buf_new(root);
	int64_t before;

	while (text->length + strlen(piece) <= MARKDOWN_MOST)
		buf_text(text, piece);
	before = clock_thread_cpu();
	(void)rendered(root, buf_markdown, text->text);
	before = clock_thread_cpu() - before;
	talloc_free(root);
	return before;
}

/*
 * Each of these is slow in one parser or another. The yardstick is harmless
 * Markdown, so that valgrind or a slow machine changes nothing; the worst that
 * we know takes 15 to 20 times as long, one that is really quadratic thousands.
 */
static void
no_markdown_takes_long(void **state)
{
	static const char *const pieces[] = { "![[]()", "[", "![", "[a](", "](",
		"[a](<b", "*a_ ", "*a **a ", "a**b_c_", "`", "<", "<a ", "<!--",
		"<!-- a --", "<?", "<!A ", "<![CDATA[", "> ", ">", "- ", "1. ",
		"* a\n ", "[a]: b\n", "[a]: ", "\\", "&", "&#", "***", "_ ",
		"\t", "| a", "http://", "http://a)", "(", "https://a](", "[]()",
		"[![", "a\n> ", "`` ` ", "<a b='c", "[\\", "_a__ ", "!" };
	int64_t harmless = time_of("*a* b\n");
	int n = rounds(sizeof pieces / sizeof pieces[0]);

	(void)state;
	for (int i = 0; i < n; i++) {
		int64_t took = time_of(pieces[i]);

		if (took > 100 * harmless)
			fail_msg("%s: %.1f times", pieces[i],
			    (double)took / (double)harmless);
	}
}

/* One address, named ten thousand times, is not written ten thousand times. */
static void
short_markdown_does_not_become_long_html(void **state)
{
	void *root = mem_root("test");
	struct buf *text = buf_new(root);
	const char *html;

	(void)state;
	buf_text(text, "[a]: http://");
	while (text->length < 32000)
		buf_char(text, 'x');
	buf_text(text, "\n\n");
	while (text->length < MARKDOWN_MOST - 3)
		buf_text(text, "[a]");
	html = rendered(root, buf_markdown, text->text);
	assert_true(strlen(html) < 1000000);
	talloc_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markdown_is_commonmark_with_its_line_breaks),
		cmocka_unit_test(html_in_markdown_is_the_text_it_is),
		cmocka_unit_test(only_good_links_are_links),
		cmocka_unit_test(addresses_are_links),
		cmocka_unit_test(plain_text_looks_as_it_was_typed),
		cmocka_unit_test(summary_is_cut_after_a_word),
		cmocka_unit_test(markdown_is_not_nested_without_end),
		cmocka_unit_test(too_much_markdown_is_plain),
		cmocka_unit_test(
		    whatever_is_written_only_allowed_html_comes_out),
		cmocka_unit_test(known_attacks_are_shown_as_text),
		cmocka_unit_test(no_markdown_takes_long),
		cmocka_unit_test(short_markdown_does_not_become_long_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
