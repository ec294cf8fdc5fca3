# SPDX-License-Identifier: ISC
"""The public knowledge base, and what else is open to everyone."""

import json
import re
from xml.etree import ElementTree

import feedparser
import pytest

from desk import wait_for

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def publish(server, title, publish=True, **fields):
    server.take_in("--incidents", [{
        "title": title, "resolution": "Restart **it**.", "publish": publish,
        **fields}])
    wanted = {a["title"]: a for a in map(
        lambda i: i["_barnraise"], articles(server))}
    if publish:
        return wait_for(lambda: next(
            (i["_barnraise"]["id"] for i in articles(server)
             if i["title"] == title), None))
    return max([a["id"] for a in wanted.values()], default=0) + 1


def articles(server, query=""):
    return server.get("/kb.json" + query).ok(200).json()["items"]


def titles(server, query=""):
    return [item["title"] for item in articles(server, query)]


def test_the_newest_public_article_is_first(server):
    publish(server, "pool exhausted")
    publish(server, "not for everybody", publish=False)
    publish(server, "slow query")
    assert titles(server) == ["slow query", "pool exhausted"]
    page = server.get("/kb", Accept=BROWSER).ok(200).text()
    assert page.index("slow query") < page.index("pool exhausted")
    assert "not for everybody" not in page
    front = server.get("/", Accept=BROWSER).ok(200).text()
    assert "slow query" in front and "not for everybody" not in front


def test_an_article_is_its_object_as_json(server):
    number = publish(server, "pool exhausted", tags=["db"])
    answer = server.get("/kb/%d.json" % number).ok(200)
    article = answer.json()
    assert article == articles(server)[0]["_barnraise"]
    assert article["url"].endswith("/kb/%d/pool-exhausted" % number)
    assert article["audience"] == "public" and "incident" not in article
    assert re.match(r'"\d+-', answer.headers["ETag"])
    assert server.get("/kb/%d.json" % number, If_None_Match=answer.headers[
        "ETag"]).status == 304


@pytest.mark.parametrize("slug", ["", "/pool-exhausted", "/x", "/helped"])
def test_any_slug_is_the_page_with_one_canonical_link(server, slug):
    number = publish(server, "pool exhausted")
    text = server.get("/kb/%d%s" % (number, slug), Accept=BROWSER).ok(200) \
        .text()
    links = re.findall(r'<link rel="canonical" href="([^"]*)">', text)
    assert len(links) == 1
    assert links[0].endswith("/kb/%d/pool-exhausted" % number)
    assert "Restart <strong>it</strong>." in text


@pytest.mark.parametrize("address", ["/kb/%d", "/kb/%d.json", "/kb/%d/x"])
def test_what_is_not_public_is_404(server, address):
    publish(server, "pool exhausted", publish=False)
    for number in (1, 99):
        assert server.get(address % number).status == 404
    assert server.get("/kb/x").status == 404
    assert server.post("/kb/1/helped", {}).status == 404


def test_a_filter_chooses_articles(server):
    publish(server, "pool exhausted", tags=["db"])
    publish(server, "printer on fire", tags=["office"])
    assert titles(server, "?q=%23db") == ["pool exhausted"]
    assert titles(server, "?q=fire") == ["printer on fire"]


def test_a_tag_is_no_pattern(server):
    for tag in ("a_b", "axb", "a_b_c", "c++"):
        publish(server, "about " + tag, tags=["x", tag, "y"])
    assert titles(server, "?q=%23a_b") == ["about a_b"]
    assert titles(server, "?q=%23A_B&sort=reused") == ["about a_b"]
    assert titles(server, "?q=%23c%2B%2B") == ["about c++"]
    assert titles(server, "?q=%23a*") == ["about a_b_c", "about axb",
                                          "about a_b"]
    assert titles(server, "?q=%23x+%23a_b") == ["about a_b"]
    assert titles(server, "?q=%23x+or+nothing+such&limit=1") == ["about c++"]


def test_a_wrong_filter_is_422_with_its_column(server):
    answer = server.get("/kb.json?q=%23db+(")
    assert answer.status == 422
    assert answer.json()["errors"][0]["column"] == 5
    page = server.get("/kb?q=%23db+(", Accept=BROWSER)
    assert page.status == 422
    assert "Column 5" in page.text() and 'value="#db ("' in page.text()
    assert server.get("/kb.json?q=severity%3Dhigh").status == 422
    assert server.get("/kb.json?q=author:me").status == 422


def test_a_search_finds_by_words(server):
    publish(server, "pool exhausted")
    publish(server, "printer on fire")
    wait_for(lambda: titles(server, "?search=printer") == ["printer on fire"])
    assert titles(server, "?search=nothing+of+that") == []


def test_what_was_searched_for_is_marked(server):
    publish(server, "Two <b>deadlocks</b>", body="It locks. " * 40 +
            "Then ERROR 1213: deadlock & more")
    publish(server, "printer on fire")
    page = wait_for(lambda: re.search(
        r'<li class="row">.*</li>', server.get(
            "/kb?search=deadlock+error", Accept=BROWSER).text(), re.S))[0]
    assert "Two &lt;b&gt;<mark>deadlocks</mark>&lt;/b&gt;" in page
    assert "<mark>ERROR</mark> 1213: <mark>deadlock</mark> &amp; more" in page
    assert "printer" not in page
    assert "<mark>" not in server.get("/kb", Accept=BROWSER).text()


def test_a_search_is_kept_until_it_would_find_more(server):
    publish(server, "printer on fire")
    wait_for(lambda: titles(server, "?search=printer"))
    for path in ("/kb.atom?search=printer", "/kb?search=printer", "/kb/1"):
        answer = server.get(path, Accept=BROWSER if "." not in path else "*/*")
        etag = answer.ok(200).headers["ETag"]
        assert server.get(path, If_None_Match=etag, Accept="*/*").status == 304
    publish(server, "printer under water")
    wait_for(lambda: len(titles(server, "?search=printer")) == 2)
    page = server.get("/kb?search=printer", Accept=BROWSER).ok(200).text()
    assert "under water" in page
    assert "under water" in server.get("/kb.atom?search=printer").text()
    publish(server, "a printer, all on fire")
    wait_for(lambda: "/kb/3/" in server.get("/kb/1", Accept=BROWSER).text())


def test_a_search_finds_beginnings_and_other_endings(server):
    publish(server, "the printers are on fire")
    wait_for(lambda: titles(server, "?search=fire"))
    for words in ("printer", "print", "prints", "PRINTED+fir", "fire+prin"):
        assert titles(server, "?search=" + words), words
    assert titles(server, "?search=rinter") == []


def test_the_word_itself_comes_before_what_begins_so(server):
    for title in ("port", "portal", "a", "b", "c", "d", "e", "f"):
        publish(server, title)
    wait_for(lambda: titles(server, "?search=port") == ["port", "portal"])
    assert titles(server, "?search=portal") == ["portal"]


def test_before_goes_on_where_next_says(server):
    for n in range(5):
        publish(server, "number %d" % n)
    seen, path = [], "/kb.json?limit=2"
    while path:
        feed = server.get(path).ok(200).json()
        seen += [item["title"] for item in feed["items"]]
        path = feed.get("next_url")
        if path:
            path = path[path.index("/kb"):]
    assert seen == ["number %d" % n for n in (4, 3, 2, 1, 0)]


def use(server, number, times):
    """So many people say that it solved it."""
    for n in range(times):
        server.request("POST", "/kb/%d/helped" % number, {}, {
            "Accept": "application/json",
            "X-Forwarded-For": "192.0.2.%d" % n}).ok(200)


def test_the_list_by_reuse_goes_on_where_next_says(make_server):
    server = make_server(trusted_proxies="127.0.0.1")
    for n in range(5):
        publish(server, "number %d" % n)
    for number, times in ((2, 3), (4, 1), (5, 1)):
        use(server, number, times)
    seen, path = [], "/kb.json?limit=2&sort=reused"
    while path:
        feed = server.get(path).ok(200).json()
        seen += [item["_barnraise"]["id"] for item in feed["items"]]
        path = feed.get("next_url", "")
        path = path[path.find("/kb"):] if path else None
    assert seen == [2, 5, 4, 3, 1]
    page = server.get("/kb?sort=reused", Accept=BROWSER).ok(200).text()
    assert [int(n) for n in re.findall(r'<h3><a href="/kb/(\d+)/', page)] \
        == seen
    assert "helped 3×" in page
    use(server, 1, 4)
    page = server.get("/kb?sort=reused", Accept=BROWSER).ok(200).text()
    assert page.index("/kb/1/") < page.index("/kb/2/")
    assert server.get("/kb.json?sort=reused&before=99").status == 404


def test_every_list_announces_its_own_feed(server):
    publish(server, "pool exhausted", tags=["db"])
    for query, more in (("", ""), ("?q=%23db", "?q=%23db"),
                        ("?search=pool%20x", "?search=pool%20x"),
                        ("?q=%23db&sort=reused", "?q=%23db&sort=reused")):
        page = server.get("/kb" + query, Accept=BROWSER).ok(200).text()
        address = "/kb.atom" + more.replace("&", "&amp;")
        found = re.findall(r'<link rel="alternate" type="application/atom'
                           r'\+xml" title="[^"]+" href="([^"]*)">', page)
        assert found == [address], query
        foot = page[page.index("<footer class=\"bottom\""):]
        assert 'href="%s"' % address in foot
        feed = feedparser.parse(server.get("/kb.atom" + more).ok(200).body)
        assert not feed.bozo


def test_feeds_of_different_lists_have_different_ids(server):
    publish(server, "pool exhausted", tags=["db"])
    ids = [feedparser.parse(server.get("/kb.atom" + query).body).feed.id
           for query in ("", "?q=%23db", "?search=pool", "?sort=reused",
                         "?q=%23db&sort=reused")]
    assert len(set(ids)) == len(ids)
    assert ids[0].endswith(":kb") and ids[1].endswith(":kb:%23db")


def test_a_tag_leads_to_its_answers_and_back(server):
    publish(server, "pool exhausted", tags=["db", "lang:c#"])
    publish(server, "printer on fire", tags=["office"])
    page = server.get("/kb", Accept=BROWSER).ok(200).text()
    assert 'class="tag" href="/kb?q=%23office"' in page
    page = server.get("/kb?q=%23lang%3Ac%23", Accept=BROWSER).ok(200).text()
    assert "pool exhausted" in page and "printer on fire" not in page
    assert '<span class="tag">#lang:c#</span>' in page
    assert '<input type="hidden" name="q" value="#lang:c#">' in page


def test_the_feed_is_public_and_says_how_long_it_keeps(server):
    publish(server, "pool exhausted")
    answer = server.get("/kb.atom")
    assert answer.headers["Cache-Control"] == (
        "public, max-age=60, stale-while-revalidate=300, "
        "stale-if-error=86400")
    parsed = feedparser.parse(answer.body)
    assert not parsed.bozo
    assert [e.title for e in parsed.entries] == ["pool exhausted"]
    assert parsed.entries[0].author == "Barnraise"
    assert server.get("/kb.atom", Accept=BROWSER).headers[
        "Content-Type"].startswith("text/html")


def test_credentials_that_nobody_asked_for_are_ignored(server):
    publish(server, "pool exhausted")
    plain = server.get("/kb.atom")
    for header in ("Bearer brn_wrong", "Basic YTpi", "Digest x"):
        answer = server.get("/kb.atom", Authorization=header)
        assert (answer.status, answer.body) == (200, plain.body)


def test_nothing_of_the_customer_is_public(server):
    publish(server, "pool exhausted", body="call Mira Schmidt, m@x.example",
            customer={"name": "Mira Schmidt", "email": "m@x.example"})
    for path in ("/kb.atom", "/kb.rss", "/kb.json", "/kb/1", "/kb/1.json"):
        text = server.get(path).ok(200).text()
        assert "Mira" not in text and "m@x.example" not in text, path


def test_helped_counts_once_a_day_an_address(server):
    number = publish(server, "pool exhausted")
    for _ in range(2):
        assert server.post("/kb/%d/helped" % number, {}).ok(200).json()[
            "reuse"] == 1
    answer = server.request("POST", "/kb/%d/helped" % number, b"", {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": BROWSER})
    assert answer.status == 303
    assert answer.headers["Location"].endswith(
        "/kb/%d/pool-exhausted#thanks" % number)


# --- one article leads to others, and is told to search engines


def test_an_article_leads_to_related_ones(server):
    publish(server, "Deadlock in checkout", tags=["db", "mysql"])
    publish(server, "Deadlock in the import", tags=["db", "mysql"])
    publish(server, "Printer on fire", tags=["office"])
    publish(server, "Deadlock kept among us", tags=["db"], publish=False)
    publish(server, "Slow queries", tags=["db", "mysql"])

    def related(number):
        page = server.get("/kb/%d" % number, Accept=BROWSER).ok(200).text()
        part = page[page.index("</article>") - 2000:]
        return re.findall(r'<li><a href="/kb/(\d+)/', part)
    wait_for(lambda: titles(server, "?search=queries"))
    assert sorted(related(1)) == ["2", "4"] or related(1) == ["2", "5"]
    assert related(1)[0] == "2"
    assert related(3) == []


def structured(page):
    found = re.findall(r'<script type="application/ld\+json">(.*)</script>',
                       page)
    assert len(found) == 1 and "<" not in found[0]
    return json.loads(found[0])


def test_search_engines_get_structured_data(server):
    title = "</script><script>alert(1)</script> & more"
    number = publish(server, title, tags=["db", "mysql"],
                     body="Checkout <!-- hangs\u2028 &")
    page = server.get("/kb/%d" % number, Accept=BROWSER).ok(200).text()
    document = structured(page)
    assert document["@context"] == "https://schema.org"
    article, crumbs = document["@graph"]
    shown = server.get("/kb/%d.json" % number).json()
    assert article["@type"] == "TechArticle"
    assert article["headline"] == shown["title"]
    assert "alert(1)</script> &" in article["headline"]
    assert article["url"] == article["@id"] == shown["url"]
    assert article["description"] .startswith("Checkout <!-- hangs")
    assert article["keywords"] == ["db", "mysql"]
    assert article["dateModified"] == shown["updated"]
    assert article["publisher"]["name"] == "Barnraise"
    assert [c["position"] for c in crumbs["itemListElement"]] == [1, 2]


# --- what machines are told

SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def home(server):
    """The desk's own address, as it says it."""
    return "http://localhost:%d" % server.port


def addresses(server, path):
    answer = server.get(path).ok(200)
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.body)
    return {each.find(SITEMAPS + "loc").text:
            getattr(each.find(SITEMAPS + "lastmod"), "text", None)
            for each in root}


def test_the_sitemap_has_every_public_article(server):
    robots = server.get("/robots.txt").ok(200).text()
    found = re.search(r"^Sitemap: (\S+)$", robots, re.M)[1]
    assert found == home(server) + "/sitemap.xml"
    index = addresses(server, "/sitemap.xml")
    assert list(index) == [home(server) + "/sitemap.xml?part=0"]
    assert set(addresses(server, "/sitemap.xml?part=0")) == {
        home(server) + "/", home(server) + "/kb"}
    publish(server, "pool exhausted")
    publish(server, "among us", publish=False)
    publish(server, "printer on fire")
    shown = [item["_barnraise"] for item in articles(server)]
    part = addresses(server, "/sitemap.xml?part=0")
    assert {url: time for url, time in part.items() if time} == {
        a["url"]: a["updated"] for a in shown}
    assert addresses(server, "/sitemap.xml") == {
        home(server) + "/sitemap.xml?part=0": shown[0]["updated"]}
    assert server.get("/sitemap.xml?part=1").status == 404
    answer = server.get("/sitemap.xml")
    assert server.get("/sitemap.xml", If_None_Match=answer.headers[
        "ETag"]).status == 304


def test_a_browser_finds_how_to_search(make_server):
    server = make_server(name="Desk & <Sons> of the long name")
    page = server.get("/", Accept=BROWSER).ok(200).text()
    assert re.search(r'<link rel="search" type="application/'
                     r'opensearchdescription\+xml"[^>]* '
                     r'href="/opensearch\.xml">', page)
    answer = server.get("/opensearch.xml").ok(200)
    assert answer.headers["Content-Type"].startswith(
        "application/opensearchdescription+xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = ElementTree.fromstring(answer.body)
    assert root.tag == space + "OpenSearchDescription"
    assert len(root.find(space + "ShortName").text) <= 16
    assert "Desk & <Sons>" in root.find(space + "Description").text
    for url in root.findall(space + "Url"):
        address = url.get("template").replace("{searchTerms}", "pool")
        assert address.startswith(home(server))
        kind = server.get(address[len(home(server)):]).ok(200).headers[
            "Content-Type"]
        assert kind.startswith(url.get("type"))


# --- what else everyone may read


def test_static_files_keep_for_ever_by_their_hash(server):
    page = server.get("/", Accept=BROWSER).ok(200).text()
    path = re.search(r'href="(/static/style\.css\?v=[^"]*)"', page)[1]
    answer = server.get(path).ok(200)
    assert "immutable" in answer.headers["Cache-Control"]
    assert server.get(path, If_None_Match=answer.headers["ETag"]).status == 304
    plain = server.get("/static/style.css?v=other").ok(200)
    assert "immutable" not in plain.headers["Cache-Control"]
    assert server.get("/static/nothing.css").status == 404
    assert server.get("/static/..%2fMODEL.md").status == 404


@pytest.mark.parametrize("path,kind", [
    ("/healthz", "text/plain"), ("/readyz", "text/plain"),
    ("/robots.txt", "text/plain"), ("/favicon.ico", "image/svg+xml")])
def test_small_things_are_there(server, path, kind):
    answer = server.get(path).ok(200)
    assert answer.headers["Content-Type"].startswith(kind)
    assert server.request("HEAD", path).status == 200


def test_health_says_ok(server):
    assert server.get("/healthz").body == b"ok\n"


def test_openapi_tells_of_every_resource_that_is_there(server):
    document = server.get("/openapi.json").ok(200).json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), (method, path)
            named = [p["name"] for p in operation["parameters"]
                     if p["in"] == "path"]
            assert named == re.findall(r"{(\w+)}", path)
    assert "post" in document["paths"]["/report"]
