"""Ada owns, Ben was invited, Cleo has no business here; reviewers and administrators look on."""

import secrets
import ssl
import string
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.events import doorbell
from conversations.ids import uuid7
from conversations.models import RunEvent, User
from tests.harness.database import Ground
from tests.harness.server import Server
from tests.harness.sockets import PATIENCE, Frame, Socket
from tests.stub_provider import Script

PASSWORD = "a-quiet-harbour-41"
HASH = make_password(PASSWORD)  # once: hashing is slow on purpose
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# A client makes one of its own else, which reads the list of authorities: 27 ms for nothing but HTTP.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Http(httpx.Client):
    """HTTP as the page does it: same origin, CSRF token; no redirect is followed."""

    def __init__(self, server: Server, cookies: dict[str, str]) -> None:
        super().__init__(
            base_url=server.origin,
            cookies=cookies,
            timeout=PATIENCE,
            follow_redirects=False,
            verify=NO_AUTHORITIES,
            trust_env=False,
        )
        self.origin = server.origin

    def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        headers = dict(more.pop("headers", None) or {})
        if method.upper() in UNSAFE:
            token = (
                self.cookies.get("csrftoken", domain="127.0.0.1")
                or self.cookies.get("csrftoken")
                or ""
            )
            headers = {"Origin": self.origin, "X-CSRFToken": token, **headers}
        return super().request(method, url, headers=headers, **more)


def csrf_token() -> str:
    return "".join(secrets.choice(string.ascii_letters) for _ in range(32))


@dataclass
class Person:
    """Somebody with a browser. Without `session` they are a stranger."""

    name: str
    server: Server
    ground: Ground
    user: User | None = None
    session: str = ""
    sockets: list[Socket] = field(default_factory=list)
    clients: list[Http] = field(default_factory=list)

    @property
    def id(self) -> str:
        assert self.user is not None
        return str(self.user.pk)

    @property
    def cookies(self) -> dict[str, str]:
        mine = {"sessionid": self.session} if self.session else {}
        return {"csrftoken": "a" * 32, **mine}

    @property
    def http(self) -> Http:
        if not self.clients:
            self.clients.append(Http(self.server, self.cookies))
        return self.clients[0]

    def at(self, server: Server) -> "Person":
        """The same person at another server on the same database."""
        return Person(self.name, server, self.ground, self.user, self.session)

    def socket(self, *, origin: str | None = "", ready: bool = True) -> Socket:
        """Another tab; `origin=None` sends no Origin header."""
        wanted = self.server.origin if origin == "" else origin
        socket = Socket(self.server.socket_url, origin=wanted, cookies=self.cookies)
        self.sockets.append(socket)
        if ready:
            socket.until("ready")
        return socket

    def leave(self) -> None:
        """Close every tab."""
        for socket in self.sockets:
            socket.close()
        for client in self.clients:
            client.close()
        self.sockets, self.clients = [], []

    def hear_the_news(self) -> None:
        """Until this person's server has heard of all that was changed before, by whomever."""
        nothing = str(uuid7())
        with Socket(
            self.server.socket_url, origin=self.server.origin, cookies=self.cookies
        ) as socket:
            socket.until("ready")
            # It looks up one thing after the other.
            self.ground.run(lambda: doorbell.ring({"folder": nothing, "owner": self.id}))
            socket.until("folder.deleted", folder=nothing)

    def api(self, method: str, path: str, *, expect: int = HTTPStatus.OK, **more: Any) -> Any:
        """A call of `/api/v1/`; its JSON, after the status was looked at."""
        answer = self.http.request(method, f"/api/v1/{path}", **more)
        assert answer.status_code == expect, (
            f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        )
        return answer.json() if answer.content else None

    def upload(
        self, picture: bytes, name: str = "picture.png", type: str = "image/png"
    ) -> dict[str, Any]:
        items = self.api("POST", "images", files={"file": (name, picture, type)}, expect=201)[
            "items"
        ]
        assert len(items) == 1
        return dict(items[0])

    def messages(self, conversation: str) -> list[dict[str, Any]]:
        return list(self.api("GET", f"conversations/{conversation}/messages")["items"])

    def start(
        self, question: Script | str, *, socket: Socket | None = None, **fields: Any
    ) -> "Asked":
        """Send a question and wait for its ack, not for the answer."""
        socket = socket or (self.sockets[0] if self.sockets else self.socket())
        text = question.question if isinstance(question, Script) else question
        command = {"conversation": None, "parent": None, "images": [], "options": {}, **fields}
        return Asked(self, socket, socket.call("message.send", text=text, **command))

    def ask(
        self, question: Script | str, *, timeout: float = 2 * PATIENCE, **fields: Any
    ) -> "Asked":
        """Send a question and wait until its run has ended."""
        return self.start(question, **fields).finish(timeout)


@dataclass
class Asked:
    """A question under way or answered."""

    person: Person
    socket: Socket
    ack: Frame
    finished: Frame = field(default_factory=dict)

    @property
    def run(self) -> str:
        return str(self.ack["run"]["id"])

    @property
    def conversation(self) -> str:
        return str(self.ack["conversation"]["id"])

    @property
    def question_id(self) -> str:
        return str(self.ack["user_message"]["id"])

    @property
    def answer_id(self) -> str:
        return str(self.ack["message"]["id"])

    @property
    def text(self) -> str:
        return self.socket.text(self.run)

    @property
    def status(self) -> str:
        return str(self.finished["message"]["status"])

    @property
    def error(self) -> str | None:
        error = self.finished["message"]["error"]
        return error and str(error["code"])

    def finish(self, timeout: float = 2 * PATIENCE, socket: Socket | None = None) -> "Asked":
        self.finished = (socket or self.socket).until("run.finished", run=self.run, timeout=timeout)
        return self

    def stop(self) -> Frame:
        return self.socket.call("run.stop", run=self.run)

    def wait_until_kept(self, length: int) -> None:
        """So many characters are in the journal, which is what a process that dies leaves behind."""
        end = time.monotonic() + PATIENCE
        while self._kept() < length:
            assert time.monotonic() < end, "what was shown was not written down"
            time.sleep(0.05)

    def _kept(self) -> int:
        pieces = self.person.ground.rows(RunEvent, run=self.run, kind=RunEvent.Kind.TEXT)
        return max((piece.at + len(piece.text) for piece in pieces), default=0)

    def stored(self) -> dict[str, Any]:
        """The answer as the API gives it now."""
        found = [m for m in self.person.messages(self.conversation) if m["id"] == self.answer_id]
        assert len(found) == 1, f"{len(found)} stored answers, not one"
        return found[0]


class HalfTold(NamedTuple):
    """`one ` of an answer has come; the model waits before it says `two`."""

    script: Script
    asked: Asked


class People:
    """Makes people with names of their own, so that no test meets another's rows."""

    def __init__(self, server: Server, ground: Ground) -> None:
        self.server, self.ground = server, ground
        self.made: list[Person] = []

    def new(self, name: str, *, groups: tuple[str, ...] = (), **fields: Any) -> Person:
        username = f"{name}-{secrets.token_hex(5)}"
        user = User(username=username, email=f"{username}@example.org", password=HASH, **fields)
        session = self.ground.run(lambda: self._store(user, groups))
        return self._keep(Person(username, self.server, self.ground, user, session))

    def stranger(self) -> Person:
        return self._keep(Person("stranger", self.server, self.ground))

    def _keep(self, person: Person) -> Person:
        self.made.append(person)
        return person

    def _store(self, user: User, groups: tuple[str, ...]) -> str:
        user.save()
        user.groups.set(Group.objects.filter(name__in=groups))
        return sign_in(user)

    def leave(self) -> None:
        for person in self.made:
            person.leave()


def sign_in(user: User) -> str:
    """A session as signing in makes it; its key. Made on the database of whoever calls."""
    store = SessionStore()
    facts = {
        "_auth_user_id": str(user.pk),
        "_auth_user_backend": "allauth.account.auth_backends.AuthenticationBackend",
        "_auth_user_hash": user.get_session_auth_hash(),
    }
    key = secrets.token_hex(16)
    Session(
        session_key=key,
        session_data=store.encode(facts),
        expire_date=timezone.now() + timedelta(days=1),
    ).save()
    return key


__all__ = ["PASSWORD", "PATIENCE", "Asked", "HalfTold", "Http", "People", "Person", "sign_in"]
