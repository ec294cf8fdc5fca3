# SPDX-License-Identifier: ISC
"""The server's life: a restart that nobody notices, what it tells a service
manager, what SIGHUP takes over, TLS."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from desk import DATA, PATIENCE, Server, wait_for

TLS = os.path.join(DATA, "tls")


# --- a restart

class Visitor(threading.Thread):
    """Asks again and again, about rate times a second, until told to stop; what
    went wrong is in failures, the incidents that she reported in reports."""

    def __init__(self, port, keeps, rate):
        super().__init__()
        self.port, self.keeps, self.pause = port, keeps, 1 / rate
        self.is_over = threading.Event()
        self.connection = None
        self.asked, self.failures, self.reports = 0, [], 0

    def ask(self):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=PATIENCE)
        if self.asked % 20 == 19:
            self.connection.request(
                "POST", "/report", b'{"title": "x"}',
                {"Content-Type": "application/json"})
        else:
            self.connection.request("GET", "/kb.atom")
        answer = self.connection.getresponse()
        answer.read()
        if answer.status not in (200, 201):
            self.failures.append(answer.status)
        self.reports += answer.status == 201
        self.asked += 1
        if not self.keeps or answer.will_close:
            self.connection.close()
            self.connection = None

    def run(self):
        while not self.is_over.wait(self.pause):
            try:
                self.ask()
            except (OSError, http.client.HTTPException) as err:
                self.failures.append(repr(err))
                self.connection = None


@pytest.fixture
def activated(tmp_path):
    """A server whose socket is held by somebody else: by this test."""
    server = Server(tmp_path / "desk")
    server.command("init")
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        server.listener = listener
        yield server.start()
        if server.process is not None:
            server.stop()


def test_a_restart_under_load_refuses_nobody(activated):
    visitors = [Visitor(activated.port, keeps=i % 2 == 0, rate=100)
                for i in range(8)]
    began = time.monotonic()
    for visitor in visitors:
        visitor.start()
    for _ in range(3):
        time.sleep(0.7)
        activated.restart()
    time.sleep(0.7)
    for visitor in visitors:
        visitor.is_over.set()
    for visitor in visitors:
        visitor.join()
    took = time.monotonic() - began
    assert [v.failures for v in visitors] == [[]] * len(visitors)
    assert sum(v.asked for v in visitors) > 100 * took, "hardly any load"
    last = activated.report("the last")
    assert last == sum(v.reports for v in visitors) + 1


@pytest.mark.skipif(shutil.which("wrk") is None, reason="no wrk")
@pytest.mark.parametrize("header", ["Connection: keep-alive",
                                    "Connection: close"])
def test_a_restart_under_many_requests_refuses_nobody(activated, header):
    """500 a second and more: as many as eight clients get answers to."""
    words = ["wrk", "-t1", "-c8", "-d4s", "--timeout", "30s", "-H", header,
             activated.url + "/kb.atom"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as clients:
        for _ in range(3):
            time.sleep(0.7)
            activated.restart()
        heard = clients.communicate()[0]
    assert "Non-2xx" not in heard and "Socket errors" not in heard, heard
    assert float(re.search(r"Requests/sec: +([0-9.]+)", heard)[1]) > 500, heard


def test_a_socket_that_is_none_is_refused(tmp_path):
    server = Server(tmp_path / "desk")
    server.command("init")
    with socket.socket() as not_listening:
        server.listener = not_listening
        with pytest.raises(AssertionError):
            server.start()
        server.process.communicate()
        assert "LISTEN_FDS: the socket is no TCP socket" in server.log()
        assert server.process.returncode == 1


# --- what a service manager hears

def test_a_service_manager_hears_how_it_goes(tmp_path, monkeypatch):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        server = Server(tmp_path / "desk").start()
        assert manager.recv(1000) == b"READY=1"
        server.process.send_signal(signal.SIGHUP)
        reloading = manager.recv(1000)
        assert reloading.startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert manager.recv(1000) == b"READY=1"
        server.stop()
        assert manager.recv(1000) == b"STOPPING=1"


# --- SIGHUP

@pytest.fixture
def configured(tmp_path):
    """A server with a file of settings, which write() changes."""
    server = Server(tmp_path / "desk")
    path = os.path.join(server.folder, "barnraise.conf")
    server.settings = {"config": path}

    def write(**settings):
        lines = {"listen": "127.0.0.1:0", **settings}
        with open(path, "w") as file:
            for key, value in lines.items():
                file.write("%s = %s\n" % (key.replace("limit_", "limit.").replace(
                    "_", "-"), value))

    server.write = write
    write()
    yield server
    if server.process is not None:
        server.stop()


def hang_up(server, word):
    """Tells it to read its settings anew; what it logs then with this word."""
    server.process.send_signal(signal.SIGHUP)
    lines = wait_for(lambda: [line for line in server.log().splitlines()
                              if " event=" + word in line])
    return lines[-1]


def test_sighup_takes_over_what_it_can_and_names_the_rest(configured):
    configured.start()
    configured.write(name="Elsewhere", trusted_proxies="10.0.0.1",
                     limit_connections="100")
    line = hang_up(configured, "reloaded")
    assert 'from-the-next-start="trusted-proxies, limit.connections"' in line
    assert "Elsewhere" in configured.get("/kb.atom").text()


def test_sighup_leaves_all_as_it_was_where_the_file_is_wrong(configured):
    configured.write(name="Here")
    configured.start()
    configured.write(name="There", nonsense="1")
    line = hang_up(configured, "reload-failed")
    assert "unknown key nonsense" in line
    assert "Here" in configured.get("/kb.atom").text()


# --- TLS

def served_certificate(server):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port)) as plain, \
            context.wrap_socket(plain) as secure:
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(True))


def certificate(name):
    with open(os.path.join(TLS, name + ".pem")) as file:
        return file.read()


@pytest.fixture
def tls_server(tmp_path):
    pair = {"tls_certificate": str(tmp_path / "pem"),
            "tls_key": str(tmp_path / "key")}

    def put(certificate_name, key_name):
        shutil.copy(os.path.join(TLS, certificate_name + ".pem"),
                    pair["tls_certificate"])
        shutil.copy(os.path.join(TLS, key_name + ".key"), pair["tls_key"])

    server = Server(tmp_path / "desk", **pair)
    server.put = put
    put("one", "one")
    yield server
    if server.process is not None:
        server.stop()


def https(server, method, path, body=None, **headers):
    context = ssl.create_default_context(
        cafile=os.path.join(TLS, "one.pem"))
    connection = http.client.HTTPSConnection(
        "localhost", server.port, timeout=PATIENCE, context=context)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_tls_is_served_from_two_files(tls_server):
    tls_server.start()
    answer, text = https(tls_server, "GET", "/kb.atom")
    assert answer.status == 200
    assert "https://localhost:%d/kb.atom" % tls_server.port in text
    tls_server.command("person", "add", "ana")
    password = tls_server.command("person", "passwd", "ana").strip()
    answer, _ = https(
        tls_server, "POST", "/signin", "handle=ana&password=" + password,
        **{"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 303
    assert answer.headers["Set-Cookie"].startswith("__Host-barnraise=")
    assert "Secure" in answer.headers["Set-Cookie"]
    # malformed is malformed here, too
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", tls_server.port)) as plain, \
            context.wrap_socket(plain) as secure:
        secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n")
        assert secure.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_sighup_takes_a_new_certificate(tls_server):
    tls_server.start()
    assert served_certificate(tls_server) == certificate("one")
    tls_server.put("two", "two")
    hang_up(tls_server, "reloaded")
    assert served_certificate(tls_server) == certificate("two")
    tls_server.put("one", "two")
    assert "is not the key of" in hang_up(tls_server, "reload-failed")
    assert served_certificate(tls_server) == certificate("two")


@pytest.mark.parametrize("settings, why", [
    ({"tls_key": ""}, "one is missing"),
    ({"tls_key": "/nowhere"}, "/nowhere: "),
    ({"tls_certificate": os.path.join(TLS, "two.pem")}, "is not the key of"),
    ({"tls_certificate": os.path.join(TLS, "one.key")}, "one.key: "),
])
def test_tls_files_that_are_wrong_stop_the_start(tls_server, settings, why):
    tls_server.settings.update(settings)
    tls_server.command("init")
    done = tls_server.run("serve")
    assert done.returncode == 1
    assert why in done.stderr.decode()
