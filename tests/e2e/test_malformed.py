# SPDX-License-Identifier: ISC
"""The table of malformed requests, byte for byte: to the server itself, and
through two proxies in front of it, where two programs must be of one mind about
where a request ends."""

import os
import re
import shutil
import socket
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from desk import PATIENCE, wait_for
from malformed import CANARY, CASES

QUIET = 0.5  # seconds after which a proxy that says nothing has said all
AT_ONCE = 24


def exchange(port, request, quiet=PATIENCE):
    """All bytes that come for these, and whether the connection was closed."""
    heard, closed = b"", True
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(quiet)
        try:
            connection.sendall(request)
            while piece := connection.recv(65536):
                heard += piece
        except TimeoutError:
            closed = False
        except ConnectionError:
            pass  # it was closed before it had read all
    return heard, closed


def statuses(heard):
    return [int(s) for s in re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)]


def numbered(request, number):
    return request.replace(b"/canary000", b"/canary%03d" % number)


def canaries(text):
    """Whose canary was answered: the numbers of the cases."""
    return [int(n) for n in re.findall(r"/canary(\d{3})", text)]


def all_logged(server):
    """The log up to now: it is written a little later."""
    server.get("/the-end")
    return wait_for(lambda: log if "/the-end" in (log := server.log()) else "")


def test_the_table_is_of_use():
    assert len(CASES) >= 80
    assert len({name for name, *_ in CASES}) == len(CASES)
    assert len(CANARY) == 36
    assert all(b"/canary000" in request or status in (414, 431)
               for _, request, status in CASES)


def test_each_is_answered_once_as_recorded(server):
    wrong = []
    for number, (name, request, status) in enumerate(CASES):
        heard, closed = exchange(server.port, numbered(request, number))
        expected = [status] if status else []
        if statuses(heard) != expected or not closed:
            wrong.append((name, status, closed, heard[-300:]))
    assert wrong == []
    assert canaries(all_logged(server)) == []
    assert server.get("/healthz").status == 200


def test_each_is_answered_so_in_pieces_too(server):
    """As it comes over slow lines: the head in two halves."""
    def send(case):
        name, request, status = case
        half = min(len(request) // 2, 60)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.settimeout(PATIENCE)
            heard = b""
            try:
                connection.sendall(request[:half])
                # the first half is read by itself, as a rule
                connection.settimeout(0.05)
                try:
                    heard = connection.recv(65536)
                except TimeoutError:
                    pass
                connection.settimeout(PATIENCE)
                connection.sendall(request[half:])
                while piece := connection.recv(65536):
                    heard += piece
            except ConnectionError:
                pass
        got = statuses(heard)
        return None if got == ([status] if status else []) or (
            got == [] and status in (414, 431)) else (name, status, heard[-300:])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [w for w in pool.map(send, CASES) if w is not None]
    assert wrong == []
    assert canaries(all_logged(server)) == []


# --- through proxies

class Proxy:
    """One in front of a server, at port, until stop(). forwarded() is what it
    says that it passed on: the targets, one a request."""

    def __init__(self, server, folder):
        os.makedirs(folder, exist_ok=True)
        self.server, self.folder = server, str(folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.prepare()
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        wait_for(self.answers)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def answers(self):
        assert self.process.poll() is None, "it ended"
        try:
            return statuses(exchange(
                self.port, b"GET /healthz HTTP/1.0\r\n\r\n", 5)[0]) == [200]
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


NGINX = """daemon off; master_process off; pid %(folder)s/pid;
error_log %(folder)s/error.log;
events { worker_connections 1024; }
http {
    log_format passed '$upstream_status $request_uri';
    access_log %(folder)s/passed passed;
    client_body_temp_path %(folder)s; proxy_temp_path %(folder)s;
    fastcgi_temp_path %(folder)s; uwsgi_temp_path %(folder)s;
    scgi_temp_path %(folder)s;
    upstream desk { server 127.0.0.1:%(to)d; keepalive 4; }
    server {
        listen 127.0.0.1:%(port)d;
        client_max_body_size 0;
        ignore_invalid_headers off; underscores_in_headers on;
        location / {
            proxy_pass http://desk; proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_request_buffering off; proxy_buffering off;
        }
    }
}
"""


class Nginx(Proxy):
    """With everything let through that it can be made to let through."""

    def prepare(self):
        self.write("nginx.conf", NGINX % {
            "folder": self.folder, "port": self.port, "to": self.server.port})

    def command(self):
        return [shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"),
                "-c", self.path("nginx.conf"), "-e", self.path("error.log")]

    def forwarded(self):
        with open(self.path("passed"), errors="replace") as log:
            return [line for line in log if not line.startswith("- ")]


HAPROXY = """global
    log 127.0.0.1:%(log)d len 65535 format raw local0
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    option accept-invalid-http-request
    option forwardfor
    log global
    log-format "%%s %%HU"
frontend in
    bind 127.0.0.1:%(port)d
    default_backend desk
backend desk
    http-reuse always
    server desk 127.0.0.1:%(to)d
"""


class Haproxy(Proxy):
    def prepare(self):
        self.said = []
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        threading.Thread(target=self.hear, daemon=True).start()
        self.write("haproxy.cfg", HAPROXY % {
            "port": self.port, "to": self.server.port,
            "log": self.ear.getsockname()[1]})

    def hear(self):
        while piece := self.ear.recv(65536):
            self.said.append(piece.decode(errors="replace"))

    def command(self):
        return [shutil.which("haproxy",
                             path=os.environ["PATH"] + ":/usr/sbin"),
                "-db", "-f", self.path("haproxy.cfg")]

    def forwarded(self):
        return [line for line in list(self.said) if line.startswith("desk ")]


@pytest.fixture(params=[Nginx, Haproxy])
def proxy(request, make_server, tmp_path):
    server = make_server(trusted_proxies="127.0.0.1")
    proxy = request.param(server, tmp_path / "proxy")
    yield proxy
    proxy.stop()


class Neighbour(threading.Thread):
    """Asks for two things in turn, and says if she ever got the other one."""

    def __init__(self, port):
        super().__init__()
        self.port, self.is_over, self.wrong = port, threading.Event(), []

    def run(self):
        while not self.is_over.is_set():
            for path, word in ((b"/healthz", b"ok\n"),
                               (b"/robots.txt", b"User-agent")):
                heard, _ = exchange(self.port, b"GET %s HTTP/1.1\r\nHost: a\r\n"
                                    b"Connection: close\r\n\r\n" % path)
                if statuses(heard) != [200] or word not in heard:
                    self.wrong.append(heard)


def test_proxy_and_server_are_of_one_mind(proxy):
    neighbour = Neighbour(proxy.port)
    neighbour.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(
            lambda case: exchange(
                proxy.port, numbered(case[1][1], case[0]), QUIET),
            enumerate(CASES)))
    neighbour.is_over.set()
    neighbour.join()
    assert neighbour.wrong == []
    # what the proxy takes for a request it may pass on, and says so; what it
    # does not, the server must not either
    answered = Counter(canaries(all_logged(proxy.server)))
    wait_for(lambda: not answered -
             Counter(canaries("".join(proxy.forwarded()))))
    assert max(answered.values()) == 1
    assert len(answered) < len(CASES) / 2, "it hardly refused anything"


def test_the_address_is_the_one_that_the_proxy_saw(proxy):
    exchange(proxy.port, b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n"
             b"X-Forwarded-For: 6.6.6.6\r\nForwarded: for=7.7.7.7\r\n"
             b"Connection: close\r\n\r\n")
    line = wait_for(lambda: [line for line in proxy.server.log().splitlines()
                             if "path=/robots.txt" in line])[-1]
    # all on this machine is trusted, so the last that is not is the forged one;
    # never what stands in the header that the proxy passes on unread
    assert "address=6.6.6.6" in line and "7.7.7.7" not in line
