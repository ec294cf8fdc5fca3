# SPDX-License-Identifier: ISC
"""Requests that are malformed, or as a malicious client writes them, as bytes,
and the answer that each has to get: one status, after which the connection is
closed; NONE is a connection closed without an answer.

CANARY is a request that hides behind another one; wherever it stands it must
never be answered.  It is 36 bytes long, whatever its number."""

NONE = 0
CANARY = b"GET /canary000 HTTP/1.1\r\nHost: a\r\n\r\n"
LENGTH = b"%d" % len(CANARY)


def get(*lines, target=b"/healthz", version=b"HTTP/1.1", rest=CANARY):
    """A GET with these header lines besides Host."""
    return b"GET %s %s\r\nHost: a\r\n" % (target, version) + b"".join(
        line + b"\r\n" for line in lines) + b"\r\n" + rest


def post(*lines, body=b"", version=b"HTTP/1.1"):
    """A report with these header lines besides Host."""
    return b"POST /report %s\r\nHost: a\r\n" % version + b"".join(
        line + b"\r\n" for line in lines) + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked"
FORM = b"Content-Type: application/x-www-form-urlencoded"
END = b"0\r\n\r\n"


def chunked(body):
    return post(FORM, CHUNKED, body=body + CANARY)


def first_line(line):
    return line + b"\r\nHost: a\r\n\r\n" + CANARY


CASES = [
    # --- where does the body end?
    ("length and chunked", post(b"Content-Length: 4", CHUNKED, body=END + CANARY), 400),
    ("chunked and length", post(CHUNKED, b"Content-Length: 4", body=END + CANARY), 400),
    ("length 0 and chunked", post(b"Content-Length: 0", CHUNKED, body=END + CANARY), 400),
    ("two lengths", post(b"Content-Length: 0", b"Content-Length: " + LENGTH, body=CANARY), 400),
    ("the same length twice", post(b"Content-Length: 5", b"Content-Length: 5", body=b"name=" + CANARY), 400),
    ("two lengths in one", post(b"Content-Length: 5, 5", body=b"name=" + CANARY), 400),
    ("two lengths in one, differing", post(b"Content-Length: 0, " + LENGTH, body=CANARY), 400),
    ("length with a plus", post(b"Content-Length: +" + LENGTH, body=CANARY), 400),
    ("length with a minus", post(b"Content-Length: -" + LENGTH, body=CANARY), 400),
    ("length in hexadecimal", post(b"Content-Length: 0x24", body=CANARY), 400),
    ("length in octal of C", post(b"Content-Length: 0o44", body=CANARY), 400),
    ("length with letters behind", post(b"Content-Length: 36a", body=CANARY), 400),
    ("length with a space inside", post(b"Content-Length: 3 6", body=CANARY), 400),
    ("length in quotes", post(b"Content-Length: \"36\"", body=CANARY), 400),
    ("length with a fraction", post(b"Content-Length: 36.0", body=CANARY), 400),
    ("length with an exponent", post(b"Content-Length: 1e1", body=CANARY), 400),
    ("empty length", post(b"Content-Length:", body=CANARY), 400),
    ("length of white space", post(b"Content-Length: \t ", body=CANARY), 400),
    ("length in Arabic digits", post("Content-Length: ٣٦".encode(), body=CANARY), 400),
    ("length beyond 64 bits", post(b"Content-Length: 99999999999999999999999", body=CANARY), 413),
    ("length that wraps to 36", post(b"Content-Length: 18446744073709551652", body=CANARY), 413),
    ("length of 19 digits", post(b"Content-Length: 0000000000000000036", body=CANARY), 400),
    ("length beyond the limit", post(FORM, b"Content-Length: 999999999", body=CANARY), 413),
    ("length with a NUL", post(b"Content-Length: 3\x006", body=CANARY), 400),
    ("length with a vertical tab", post(b"Content-Length: \v36", body=CANARY), 400),
    ("space before the colon of length", post(b"Content-Length : 36", body=CANARY), 400),
    ("tab before the colon of length", post(b"Content-Length\t: 36", body=CANARY), 400),
    ("space before length", post(b" Content-Length: 36", body=CANARY), 400),
    ("length in a folded line", post(b"X: a\r\n Content-Length: 36", body=CANARY), 400),
    ("length in a line of its own LF", post(b"X: a\nContent-Length: 36", body=CANARY), 400),
    ("length behind a CR", post(b"X: a\rContent-Length: 36", body=CANARY), 400),
    ("length behind a NUL and LF", post(b"X: a\0\nContent-Length: 36", body=CANARY), 415),
    ("length with an underscore", post(b"Content_Length: 36", body=CANARY), 422),
    ("length folded behind its name", post(b"Content-Length:\r\n 36", body=CANARY), 400),
    ("GET with a length", get(b"Content-Length: " + LENGTH), 400),
    ("GET with a length and body", get(b"Content-Length: 1", rest=b"a" + CANARY), 400),
    ("GET with two lengths", get(b"Content-Length: 0", b"Content-Length: " + LENGTH), 400),
    ("GET that is chunked", get(CHUNKED, rest=END + CANARY), 400),
    ("HEAD with a length", b"HEAD /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\n" + CANARY, 400),
    ("DELETE with a length", b"DELETE /me/tokens/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\n" + CANARY, 401),
    ("GET with a length behind LF", get(b"X: a\nContent-Length: 36"), 400),
    ("GET with a length behind a NUL and LF", get(b"X: a\0\nContent-Length: 36"), 400),

    # --- transfer codings
    ("chunked twice", post(CHUNKED, CHUNKED, body=END + CANARY), 400),
    ("chunked, chunked", post(b"Transfer-Encoding: chunked, chunked", body=END + CANARY), 400),
    ("gzip, chunked", post(b"Transfer-Encoding: gzip, chunked", body=END + CANARY), 400),
    ("chunked, gzip", post(b"Transfer-Encoding: chunked, gzip", body=END + CANARY), 400),
    ("chunked, identity", post(b"Transfer-Encoding: chunked, identity", body=END + CANARY), 400),
    ("identity", post(b"Transfer-Encoding: identity", body=CANARY), 400),
    ("identity and length", post(b"Transfer-Encoding: identity", b"Content-Length: 0", body=CANARY), 400),
    ("a coding unknown", post(b"Transfer-Encoding: xchunked", body=END + CANARY), 400),
    ("chunked in quotes", post(b"Transfer-Encoding: \"chunked\"", body=END + CANARY), 400),
    ("chunked with a parameter", post(b"Transfer-Encoding: chunked;a=b", body=END + CANARY), 400),
    ("chunked behind a comma", post(b"Transfer-Encoding: ,chunked", body=END + CANARY), 400),
    ("chunked with a vertical tab", post(b"Transfer-Encoding: \vchunked", body=END + CANARY), 400),
    ("chunked with a NUL behind", post(b"Transfer-Encoding: chunked\0", body=END + CANARY), 400),
    ("chunked with a long s", post("Transfer-Encoding: chunĸed".encode(), body=END + CANARY), 400),
    ("empty coding", post(b"Transfer-Encoding:", body=CANARY), 400),
    ("space before the colon of the coding", post(b"Transfer-Encoding : chunked", body=END + CANARY), 400),
    ("coding folded", post(b"Transfer-Encoding:\r\n chunked", body=END + CANARY), 400),
    ("coding in a folded line", post(b"X: a\r\n Transfer-Encoding: chunked", body=END + CANARY), 400),
    ("chunked in HTTP/1.0", post(CHUNKED, body=END + CANARY, version=b"HTTP/1.0"), 400),
    ("chunked in a TE header", post(b"TE: chunked", b"Connection: TE", body=END + CANARY), 422),

    # --- chunks
    ("chunk size with a plus", chunked(b"+3\r\na=b\r\n" + END), 400),
    ("chunk size with a minus", chunked(b"-3\r\na=b\r\n" + END), 400),
    ("chunk size with 0x", chunked(b"0x3\r\na=b\r\n" + END), 400),
    ("chunk size with a space before", chunked(b" 3\r\na=b\r\n" + END), 400),
    ("chunk size with a space behind", chunked(b"3 \r\na=b\r\n" + END), 400),
    ("chunk size with an underscore", chunked(b"0_3\r\na=b\r\n" + END), 400),
    ("chunk size that is no number", chunked(b"z\r\na=b\r\n" + END), 400),
    ("empty chunk size", chunked(b"\r\na=b\r\n" + END), 400),
    ("chunk size beyond 64 bits", chunked(b"10000000000000003\r\na=b\r\n" + END), 413),
    ("chunk without its end", chunked(b"3\r\na=bX" + END), 400),
    ("chunk longer than its size", chunked(b"2\r\na=b\r\n" + END), 400),
    ("chunk with a NUL in its size", chunked(b"3\0\r\na=b\r\n" + END), 400),
    ("chunk size behind CR", chunked(b"\r3\r\na=b\r\n" + END), 400),
    ("last chunk with letters", chunked(b"3\r\na=b\r\n0x\r\n\r\n"), 400),
    ("trailer that is no field", chunked(b"3\r\na=b\r\n0\r\nno field\r\n\r\n"), 400),

    # --- the first line
    ("no words", first_line(b"x"), NONE),
    ("method alone", first_line(b"GET"), NONE),
    ("no version", first_line(b"GET /healthz"), 400),
    ("a word too many", first_line(b"GET /healthz x HTTP/1.1"), 400),
    ("two spaces before the target", first_line(b"GET  /healthz HTTP/1.1"), 400),
    ("two spaces before the version", first_line(b"GET /healthz  HTTP/1.1"), 400),
    ("space behind the version", first_line(b"GET /healthz HTTP/1.1 "), 400),
    ("space before the method", first_line(b" GET /healthz HTTP/1.1"), NONE),
    ("tabs for spaces", first_line(b"GET\t/healthz\tHTTP/1.1"), NONE),
    ("vertical tab in the target", first_line(b"GET /heal\vthz HTTP/1.1"), 400),
    ("NUL in the target", first_line(b"GET /heal\0thz HTTP/1.1"), 400),
    ("NUL in the method", first_line(b"GE\0T /healthz HTTP/1.1"), 400),
    ("NUL in the query", first_line(b"GET /kb?q=a\0b HTTP/1.1"), 400),
    ("DEL in the target", first_line(b"GET /heal\x7fthz HTTP/1.1"), 400),
    ("method that is no token", first_line(b"G{}T /healthz HTTP/1.1"), 400),
    ("method with a quote", first_line(b"GET\" /healthz HTTP/1.1"), 400),
    ("method that is unknown", first_line(b"BREW /healthz HTTP/1.1"), 405),
    ("method in small letters", first_line(b"get /healthz HTTP/1.1"), 405),
    ("CONNECT", first_line(b"CONNECT a:80 HTTP/1.1"), 400),
    ("TRACE", first_line(b"TRACE /healthz HTTP/1.1"), 405),
    ("OPTIONS *", first_line(b"OPTIONS * HTTP/1.1"), 400),
    ("whole address", first_line(b"GET http://a/healthz HTTP/1.1"), 400),
    ("whole address of another", first_line(b"GET http://b/healthz HTTP/1.1"), 400),
    ("no slash", first_line(b"GET healthz HTTP/1.1"), 400),
    ("fragment", first_line(b"GET /healthz#a HTTP/1.1"), 400),
    ("broken escape", first_line(b"GET /heal%zzthz HTTP/1.1"), 400),
    ("broken escape in the query", first_line(b"GET /kb?q=%z HTTP/1.1"), 400),
    ("escaped NUL", first_line(b"GET /healthz%00 HTTP/1.1"), 400),
    ("not UTF-8", first_line(b"GET /kb?q=%ff HTTP/1.1"), 400),
    ("raw bytes that are not ASCII", first_line(b"GET /kb?q=\xff HTTP/1.1"), 400),
    ("target of 40 KB", first_line(b"GET /" + b"a" * 40000 + b" HTTP/1.1"), 414),
    ("HTTP/0.9", b"GET /healthz\r\n\r\n" + CANARY, 400),
    ("HTTP/1.2", first_line(b"GET /healthz HTTP/1.2"), 400),
    ("HTTP/1.10", first_line(b"GET /healthz HTTP/1.10"), 400),
    ("HTTP/01.1", first_line(b"GET /healthz HTTP/01.1"), 400),
    ("HTTP/2.0", first_line(b"GET /healthz HTTP/2.0"), 505),
    ("HTTP/9.9", first_line(b"GET /healthz HTTP/9.9"), 505),
    ("http/1.1 in small letters", first_line(b"GET /healthz http/1.1"), 400),
    ("HTTP/1.1 with a comma", first_line(b"GET /healthz HTTP/1,1"), 400),
    ("HTTPS/1.1", first_line(b"GET /healthz HTTPS/1.1"), 400),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + CANARY, 505),
    ("a greeting of TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n" + CANARY, NONE),
    ("first line behind LF", b"GET /healthz HTTP/1.1\nHost: a\r\n\r\n" + CANARY, 400),
    ("first line behind CR", b"GET /healthz HTTP/1.1\rHost: a\r\n\r\n" + CANARY, 400),

    # --- header lines
    ("no name", get(b": a"), 400),
    ("no colon", get(b"X"), 400),
    ("space in a name", get(b"X Y: a"), 400),
    ("space before the first name", b"GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n" + CANARY, 400),
    ("space before a colon", get(b"X : a"), 400),
    ("control byte in a name", get(b"X\x01: a"), 400),
    ("byte above ASCII in a name", get(b"X\xe9: a"), 400),
    ("bracket in a name", get(b"X[]: a"), 400),
    ("NUL in a name", get(b"X\0Y: a"), 400),
    ("control byte in a value", get(b"X: a\x01b"), 400),
    ("DEL in a value", get(b"X: a\x7f"), 400),
    ("NUL in a value", get(b"X: a\0b"), 400),
    ("CR in a value", get(b"X: a\rb"), 400),
    ("line that goes on", get(b"X: a", b" b"), 400),
    ("line that goes on with a tab", get(b"X: a", b"\tb"), 400),
    ("line that goes on before Host", b"GET /healthz HTTP/1.1\r\nX: a\r\n b\r\nHost: a\r\n\r\n" + CANARY, 400),
    ("LF behind a header", get(b"X: a\nY: b"), 400),
    ("LF behind the last header", b"GET /healthz HTTP/1.1\r\nHost: a\n\r\n" + CANARY, 400),
    ("LF behind all", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\n" + CANARY, 400),
    ("LF only", b"GET /healthz HTTP/1.1\nHost: a\n\n" + CANARY, 400),
    ("CR CR LF", get(b"X: a\r"), 400),
    ("request hidden behind LF", get(b"X: a\n\nGET /canary000 HTTP/1.1", rest=b""), 400),
    ("headers of 40 KB", get(b"X: " + b"a" * 40000), 431),
    ("4,000 headers", get(*[b"X: a"] * 4000), 431),
    ("name of 40 KB", get(b"X" * 40000 + b": a"), 431),

    # --- whose host
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n" + CANARY, 400),
    ("two Hosts", get(b"Host: b"), 400),
    ("the same Host twice", get(b"Host: a"), 400),
    ("empty Host", b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n" + CANARY, 400),
    ("Host with a space", b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n" + CANARY, 400),
    ("two Hosts in one", b"GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n" + CANARY, 400),
    ("Host with a slash", b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n" + CANARY, 400),
    ("Host with a user", b"GET /healthz HTTP/1.1\r\nHost: u@a\r\n\r\n" + CANARY, 400),
    ("space before Host's colon", b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n" + CANARY, 400),
    ("Host in a folded line", b"GET /healthz HTTP/1.1\r\nX: a\r\n Host: a\r\n\r\n" + CANARY, 400),

    # --- what only one may say
    ("two Authorizations", get(b"Authorization: Bearer a", b"Authorization: Bearer b"), 400),
    ("two Origins", post(b"Origin: http://a", b"Origin: http://b", body=CANARY), 400),
    ("two Content-Types", post(FORM, b"Content-Type: text/plain", body=CANARY), 400),

    # --- bodies
    ("body that is no form", post(FORM, b"Content-Length: 3", body=b"%zz" + CANARY), 400),
    ("body that is not UTF-8", post(FORM, b"Content-Length: 9", body=b"title=%ff" + CANARY), 400),
    ("body with U+0000", post(FORM, b"Content-Length: 9", body=b"title=%00" + CANARY), 400),
    ("JSON that is cut", post(b"Content-Type: application/json", b"Content-Length: 2", body=b"{\"" + CANARY), 400),
    ("multipart without a boundary", post(b"Content-Type: multipart/form-data", b"Content-Length: 3", body=b"a=b" + CANARY), 400),
    ("another type", post(b"Content-Type: text/plain", b"Content-Length: 3", body=b"a=b" + CANARY), 415),
    ("Expect that is unknown", post(FORM, b"Expect: 200-maybe", b"Content-Length: 3", body=b"a=b" + CANARY), 422),
]
