/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ALLOWED_HTML_H
#define TESTS_ALLOWED_HTML_H

/*
 * A strict reader of the HTML that view/markdown.h promises, as an oracle for
 * tests: knows nothing of how it was made.
 */

/*
 * NULL if html is what the header says, else what is wrong and where (static
 * text, for one thread).
 */
const char *html_fault(const char *html);

/* The text in html without elements, references replaced; br is a line feed. */
char *html_text(void *owner, const char *html);

#endif
