# SPDX-License-Identifier: ISC
"""A browser without any script: it has a session, reads pages, sends forms."""

import html.parser
import re
import urllib.parse

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FORM = "application/x-www-form-urlencoded"


class Form:
    def __init__(self, attributes):
        self.method = attributes.get("method", "get")
        self.action = attributes.get("action", "")
        self.fields = {}


class Page(html.parser.HTMLParser):
    """Its forms with what stands in them, its links, all ids."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.ids = [], [], []
        self.text, self.form, self.area, self.select = "", None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "form":
            self.form = Form(attributes)
            self.forms.append(self.form)
        name = attributes.get("name")
        if tag == "input" and self.form is not None and name:
            kind = attributes.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in attributes:
                self.form.fields[name] = attributes.get("value", "")
        if tag == "textarea" and self.form is not None and name:
            self.area = name
            self.form.fields[name] = ""
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and "selected" in attributes:
            self.form.fields[self.select] = attributes["value"]

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        if tag == "textarea":
            text = self.form.fields[self.area] if self.form else ""
            if text.startswith("\n"):
                self.form.fields[self.area] = text[1:]
            self.area = None
        if tag == "select":
            self.select = None

    def handle_data(self, data):
        self.text += data
        if self.area is not None and self.form is not None:
            self.form.fields[self.area] += data

    def form_to(self, action, **having):
        """The form that is sent there (and has these fields)."""
        found = [f for f in self.forms if f.action == action and
                 all(f.fields.get(k) == v for k, v in having.items())]
        assert found, (action, [f.action for f in self.forms])
        return found[0]


def encoded(fields):
    return urllib.parse.urlencode(fields).encode()


class Browser:
    def __init__(self, server, handle=None):
        self.server, self.handle, self.cookie = server, handle, None
        if handle is not None:
            self.password = server.command("person", "passwd", handle).strip()
            self.sign_in(self.password).ok(303)

    def request(self, method, path, body=None, **headers):
        headers = {"Accept": ACCEPT, "Sec-Fetch-Site": "same-origin",
                   **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookie:
            headers["Cookie"] = self.cookie
        headers = {k: v for k, v in headers.items() if v is not None}
        answer = self.server.request(method, path, body, headers)
        cookies = answer.headers.get_all("Set-Cookie") or []
        assert len(cookies) < 2
        if cookies:
            value = cookies[0].split(";")[0]
            self.cookie = value if not value.endswith("=") else None
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def page(self, path):
        return Page(self.get(path).ok(200).text())

    @staticmethod
    def page_of(answer):
        return Page(answer.text())

    def post(self, path, fields, **headers):
        headers.setdefault("Content_Type", FORM)
        return self.request("POST", path, encoded(fields), **headers)

    def sign_in(self, password, next_path=None):
        fields = {"handle": self.handle, "password": password}
        if next_path is not None:
            fields["next"] = next_path
        return self.post("/signin", fields)

    def csrf(self):
        return self.page("/me").form_to("/me").fields["csrf"]

    def send(self, form, **typed):
        """Sends a form of a page with what is typed over what stands in it."""
        assert form.method == "post"
        return self.post(form.action, {**form.fields, **typed})

    def fill(self, path, to, having=(), **typed):
        """Gets a page, fills in its form that is sent there, sends it."""
        return self.send(self.page(path).form_to(to, **dict(having)), **typed)


def path_of(answer):
    """Where a 303 leads, with the fragment."""
    assert answer.status == 303, (answer.status, answer.body[:500])
    return re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
