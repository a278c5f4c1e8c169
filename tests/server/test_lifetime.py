"""A process begins, drains, dies; what it had promised stays true."""

import signal
import socket
import time
from importlib.util import find_spec

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from conversations.models import Message, Run
from tests.harness.database import Ground
from tests.harness.people import PATIENCE, HalfTold, Person
from tests.harness.server import Server, manage
from tests.server.conftest import Spare
from tests.stub_provider import Model, pause


def test_sigterm_ends_with_exit_code_0_and_the_port_is_free(spare: Spare) -> None:
    server = spare(is_warm=False)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    socket.create_server(("127.0.0.1", server.port)).close()


def test_sigint_ends_with_exit_code_0_too(spare: Spare) -> None:
    server = spare(is_warm=False)
    server.signal(signal.SIGINT)
    assert server.wait() == 0


def test_sockets_are_told_to_come_back(spare: Spare, ada: Person) -> None:
    server = spare()
    here = ada.at(server).socket()
    server.signal(signal.SIGTERM)
    assert here.close_code() == 1012
    assert server.wait() == 0


def test_a_running_answer_is_finished_before_the_process_ends(
    spare: Spare, ada: Person, ground: Ground, model: Model
) -> None:
    server = spare(CHATSITE_DRAIN_SECONDS="120")
    script = model.will_say("one ", pause, "two")
    asked = ada.at(server).start(script)
    asked.socket.wait_for_text(asked.run, 4)
    server.signal(signal.SIGTERM)
    assert asked.socket.close_code() == 1012, "it is on its way"
    script.resume()
    assert server.wait() == 0
    assert (ground.row(Run, pk=asked.run).status, ground.row(Message, pk=asked.answer_id).text) == (
        "complete",
        "one two",
    )


def test_an_answer_that_takes_too_long_is_interrupted_and_kept(
    spare: Spare, ada: Person, ground: Ground, model: Model
) -> None:
    server = spare(CHATSITE_DRAIN_SECONDS="1")
    asked = ada.at(server).start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    message = ground.row(Message, pk=asked.answer_id)
    assert (message.status, message.text, message.error_code) == (
        "interrupted",
        "one ",
        "interrupted",
    )


def test_a_second_signal_ends_at_once(spare: Spare, ada: Person, model: Model) -> None:
    server = spare(CHATSITE_DRAIN_SECONDS="300")
    asked = ada.at(server).start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    server.signal(signal.SIGTERM)
    assert asked.socket.close_code() == 1012, "the first was heard"
    server.signal(signal.SIGTERM)
    server.wait()


def test_the_port_is_free_while_the_last_answers_are_finished(
    spare: Spare, ada: Person, model: Model
) -> None:
    """The next process takes it over at once, and the people with it."""
    server = spare(CHATSITE_DRAIN_SECONDS="120")
    script = model.will_say("one ", pause, "two")
    asked = ada.at(server).start(script)
    asked.socket.wait_for_text(asked.run, 4)
    server.signal(signal.SIGTERM)
    assert asked.socket.close_code() == 1012
    socket.create_server(("127.0.0.1", server.port)).close()
    assert server.alive, "it finishes its answer meanwhile"
    script.resume()
    assert server.wait() == 0


def test_a_process_on_its_way_out_begins_nothing_new(
    spare: Spare, ada: Person, model: Model
) -> None:
    """Who still has a line to it is sent to the next process; what runs here is finished all the same."""
    server = spare(CHATSITE_DRAIN_SECONDS="120")
    here = ada.at(server)
    script, refused = model.will_say("one ", pause, "two"), model.will_say("never")
    asked = here.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    assert here.api("GET", f"runs/{asked.run}")["status"] == "running"
    server.signal(signal.SIGTERM)
    assert asked.socket.close_code() == 1012
    answer = here.api("POST", "messages", json={"text": refused.question}, expect=503)
    assert answer["error"]["code"] == "unavailable"
    assert "restarted" in answer["error"]["message"] and refused.requests == []
    script.resume()
    assert server.wait() == 0
    assert ada.messages(asked.conversation)[-1]["text"] == "one two"


def test_half_a_request_holds_nothing_up(spare: Spare, ada: Person) -> None:
    """Of anybody: a head without end, a body without end, a socket whose handshake never came."""
    server = spare(CHATSITE_DRAIN_SECONDS="300")
    open_tab = ada.at(server).socket()
    host = f"Host: 127.0.0.1:{server.port}\r\n".encode()
    halves = [
        b"GET / HT",
        b"GET / HTTP/1.1\r\n" + host,
        b"POST /accounts/login/ HTTP/1.1\r\n" + host + b"Content-Length: 100\r\n\r\nlogin=",
        b"GET /ws/v1/ HTTP/1.1\r\n" + host + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ]
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in halves]
    for line, half in zip(lines, halves, strict=True):
        line.sendall(half)
    time.sleep(0.3)
    server.signal(signal.SIGTERM)
    assert open_tab.close_code() == 1012
    assert server.wait() == 0
    assert "Traceback" not in server.log_since(0)
    for line in lines:
        line.close()


def test_what_was_shown_before_a_kill_is_kept_and_said_to_be_interrupted(
    spare: Spare, ada: Person, ground: Ground, model: Model
) -> None:
    server = spare()
    asked = ada.at(server).start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    asked.wait_until_kept(4)
    server.signal(signal.SIGKILL)
    server.wait()
    end = time.monotonic() + PATIENCE  # some seconds without a sign, and 5 for a process that is up
    while ground.row(Run, pk=asked.run).finished_at is None and time.monotonic() < end:
        time.sleep(0.2)
    message = ground.row(Message, pk=asked.answer_id)
    assert (message.status, message.text, message.error_code) == (
        "interrupted",
        "one ",
        "interrupted",
    )


def test_the_next_process_serves_the_answers_of_the_one_before(
    spare: Spare, ada: Person, model: Model
) -> None:
    first = spare()
    asked = ada.at(first).ask(model.will_say("kept"))
    first.stop()
    assert ada.messages(asked.conversation)[-1]["text"] == "kept"


def test_a_port_in_use_is_one_clear_sentence(server: Server, server_env: dict[str, str]) -> None:
    second = Server("port-in-use", server_env).as_people_do()
    second.env["CHATSITE_PORT"] = str(server.port)
    with pytest.raises(AssertionError):
        second.start()
    said = second.log_since(0).strip()
    assert second.wait() not in (0, None)
    assert str(server.port) in said and "Traceback" not in said and len(said.splitlines()) <= 3, (
        said
    )


WRONG = [
    ("CHATSITE_DRAIN_SECONDS", "soon"),
    ("CHATSITE_USER_RUNS", "-1"),
    ("CHATSITE_SIGNUP", "perhaps"),
    ("CHATSITE_HOST", "two words"),
    ("CHATSITE_MAIL_URL", "smtp://mail.example.org:many"),
    ("CHATSITE_MAIL_URL", "smtp://"),
    ("CHATSITE_PUBLIC_URL", "https://sam:secret@chat.example.org"),
    ("CHATSITE_PUBLIC_URL", "https://[chat"),
    ("OPENAI_API_KEY", "schlüssel-secret"),
    ("OPENAI_BASE_URL", "ftp://somewhere"),
    ("OPENAI_BASE_URL", "http://[x"),
    ("OPENAI_BASE_URL", "http://"),
    ("DATABASE_URL", "mysql://localhost/x"),
    ("DATABASE_URL", "postgresql://[x/secret"),
    ("DATABASE_URL", "postgresql://localhost/x?nonsense=secret"),
    ("DJANGO_CSRF_TRUSTED_ORIGINS", "https://chat.example.org,chat.example.org"),
    ("REDIS_URL", "http://localhost"),
    pytest.param(
        *("REDIS_URL", "redis://localhost"),
        marks=pytest.mark.skipif(find_spec("redis") is not None, reason="redis is installed"),
    ),
    ("DJANGO_DEBUG", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_variable_is_one_clear_sentence(
    server_env: dict[str, str], name: str, value: str
) -> None:
    wrong = Server(f"wrong-{name}", server_env)
    wrong.env |= {"CHATSITE_PUBLIC_URL": "", name: value}
    with pytest.raises(AssertionError):
        wrong.start()
    said = wrong.log_since(0).strip()
    assert name in said and "Traceback" not in said and len(said.splitlines()) == 1, said
    assert "secret" not in said


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_stands_in_brackets(server_env: dict[str, str], host: str) -> None:
    env = {**server_env, "CHATSITE_HOST": host, "CHATSITE_PUBLIC_URL": ""}
    line = "from django.conf import settings; print(settings.PUBLIC_URL, settings.ALLOWED_HOSTS[0])"
    said = manage("shell", "-v0", "-c", line, env=env)
    assert said.split() == ["http://[::1]:8000", "[::1]"]


def test_healthz_lives_and_readyz_says_what_is_ready(server: Server) -> None:
    assert httpx.get(f"{server.origin}/healthz", timeout=PATIENCE).status_code == 200
    assert httpx.get(f"{server.origin}/readyz", timeout=PATIENCE).status_code == 200


def test_a_socket_that_leaves_without_a_word_does_no_harm(ada: Person, half_told: HalfTold) -> None:
    script, asked = half_told
    asked.socket.cut()
    script.resume()
    back = ada.socket()
    back.open(asked.conversation, {asked.run: {"text": 0, "reasoning": 0}})
    back.until("run.finished", run=asked.run)
    assert back.text(asked.run) == "one two"
    with pytest.raises((ConnectionClosed, OSError)):
        list(iter(lambda: asked.socket.connection.recv(2), None))  # past what came before the cut
