"""The proxy that breaks things does what it says, and otherwise nothing."""

import socket
from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.server.chaos.proxies import Fault, Loop, Proxy


@pytest.fixture
def behind() -> Iterator[socket.socket]:
    """A server that says what a test says on its behalf."""
    with socket.create_server(("127.0.0.1", 0)) as behind:
        yield behind


@pytest.fixture
def proxy(behind: socket.socket) -> Iterator[Proxy]:
    with Loop("proxies") as loop:
        proxy = Proxy(loop, ("127.0.0.1", behind.getsockname()[1]))
        yield proxy
        proxy.close()


class Connect(Protocol):
    """A client, and the server's end of its connection."""

    def __call__(self) -> tuple[socket.socket, socket.socket]: ...


@pytest.fixture
def connected(proxy: Proxy, behind: socket.socket) -> Connect:
    def connect() -> tuple[socket.socket, socket.socket]:
        client = socket.create_connection(("127.0.0.1", proxy.port), timeout=30)
        server, _ = behind.accept()
        server.settimeout(30)
        return client, server

    return connect


def test_what_is_not_broken_passes_unchanged(connected: Connect) -> None:
    client, server = connected()
    with client, server:
        client.sendall(b"question")
        assert server.recv(100) == b"question"
        server.sendall(b"answer")
        assert client.recv(100) == b"answer"


def test_a_cut_is_an_end_for_both(proxy: Proxy, connected: Connect) -> None:
    client, server = connected()
    with client, server:
        client.sendall(b"x")
        assert server.recv(1) == b"x"
        assert proxy.cut() == 1
        assert (client.recv(1), server.recv(1)) == (b"", b"")


def test_a_swallowed_answer_never_arrives_but_its_question_did(
    proxy: Proxy, connected: Connect
) -> None:
    client, server = connected()
    with client, server:
        client.sendall(b"x")
        assert server.recv(1) == b"x"
        proxy.swallow()
        client.sendall(b"y")
        assert server.recv(1) == b"y"
        server.sendall(b"never seen")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_what_is_stalled_comes_when_it_flows_again(proxy: Proxy, connected: Connect) -> None:
    client, server = connected()
    with client, server:
        proxy.stall()
        client.sendall(b"late")
        server.settimeout(0.3)
        with pytest.raises(TimeoutError):
            server.recv(4)
        proxy.flow()
        server.settimeout(30)
        assert server.recv(4) == b"late"


def test_a_fault_comes_after_so_many_bytes_of_the_answer(proxy: Proxy, connected: Connect) -> None:
    proxy.plan = lambda number: Fault(5, "cut")
    client, server = connected()
    with client, server:
        server.sendall(b"0123456789")
        assert b"".join(iter(lambda: client.recv(100), b"")) == b"01234"
        assert proxy.broken == 1


def test_a_reset_is_heard_as_one(proxy: Proxy, connected: Connect) -> None:
    proxy.plan = lambda number: Fault(0, "reset")
    client, server = connected()
    with client, server:
        server.sendall(b"0123456789")
        with pytest.raises(ConnectionResetError):
            client.recv(100)


def test_silence_only_makes_late(proxy: Proxy, connected: Connect) -> None:
    proxy.plan = lambda number: Fault(5, "silence", 0.2)
    client, server = connected()
    with client, server:
        server.sendall(b"0123456789")
        assert client.recv(100) == b"01234"
        assert client.recv(100) == b"56789"


def test_who_comes_after_a_move_meets_the_other(proxy: Proxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        proxy.upstream = ("127.0.0.1", other.getsockname()[1])
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as client:
            there, _ = other.accept()
            with there:
                client.sendall(b"hello")
                assert there.recv(5) == b"hello"
