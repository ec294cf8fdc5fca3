# SPDX-License-Identifier: ISC
import pytest

from desk import Server


@pytest.fixture
def make_server(tmp_path):
    """Starts servers, each with a store of its own; they must end in order."""
    servers = []

    def make(**settings):
        server = Server(tmp_path / ("desk%d" % len(servers)), **settings)
        servers.append(server)
        server.command("init")
        return server.start()

    yield make
    running = [server for server in servers if server.process is not None]
    try:
        for server in running:
            server.stop()
    finally:
        for server in running:
            if server.process is not None:
                server.kill()


@pytest.fixture
def server(make_server):
    return make_server()


@pytest.fixture
def ana(server):
    return server.person("ana")


@pytest.fixture
def bo(server):
    return server.person("bo")
