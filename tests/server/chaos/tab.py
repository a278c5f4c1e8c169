"""A tab of a browser: comes back when its socket goes, resends what was not acknowledged, reopens
with what it holds. The rules are those of `static/js/live`; what is shown is kept in views.
"""

import asyncio
import contextlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from tests.server.chaos.chance import chance
from tests.server.chaos.history import Question, Stop
from tests.server.chaos.proxies import Loop
from tests.server.chaos.site import Clock
from tests.server.chaos.view import Frame, View

PATIENCE = 60.0
# The page waits up to 3 s with jitter; here many cuts have to fit into one answer.
BACK_SECONDS = (0.01, 0.12)
NOT_LOGGED_IN = 4401
# The composer keeps the text and the person tries again: the server was not able to, for now.
FOR_NOW = {"internal"}
AGAIN_SECONDS = 0.2


@dataclass(eq=False)
class Command:
    """A frame that waits for its ack or error, for as long as that takes."""

    frame: Frame
    lasting: bool = True  # sent again after the socket came back
    answer: Frame | None = None
    shown: int | None = None  # of the run it is about, when the answer came
    came: threading.Event = field(default_factory=threading.Event)

    def wait(self, timeout: float = PATIENCE) -> Frame:
        assert self.came.wait(timeout), f"nothing answered {self.frame['type']} in {timeout} s"
        assert self.answer is not None
        return self.answer


class Tab:
    """Everything runs on the event loop of `loop`; the methods of a test's thread come last."""

    def __init__(self, loop: Loop, clock: Clock, port: int, session: str, name: str) -> None:
        self.loop, self.clock, self.port, self.session = loop, clock, port, session
        self.chance = chance(f"tab {name}")
        self.views: dict[str, View] = {}
        self.conversations: dict[str, set[str]] = {}
        self.waiting: dict[str, Command] = {}
        self.questions: dict[str, Question] = {}
        self.code: int | None = None
        self.ready = threading.Event()
        self.news = threading.Condition()
        self._opens: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        loop.start(self._live())

    # The line

    async def _live(self) -> None:
        self._task = asyncio.current_task()
        while self.code != NOT_LOGGED_IN:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, EOFError):
                await self._connect()
            self.ready.clear()
            await asyncio.sleep(self.chance.uniform(*BACK_SECONDS))

    async def _connect(self) -> None:
        origin = f"http://127.0.0.1:{self.port}"
        async with connect(
            origin.replace("http", "ws", 1) + "/ws/v1/",
            origin=Origin(origin),
            additional_headers={"Cookie": f"sessionid={self.session}"},
            compression=None,
            max_size=None,
            ping_interval=None,
            close_timeout=0.5,
            proxy=None,
        ) as socket:
            self._opens = {}
            self._socket = socket
            for view in self.views.values():
                view.due = 0
            async for data in socket:
                await self._hear(json.loads(data))
        self.code = socket.close_code

    async def _say(self, frame: Frame) -> None:
        with contextlib.suppress(WebSocketException, OSError):
            if self._socket is not None:
                await self._socket.send(json.dumps(frame))

    async def _come_back(self) -> None:
        self.ready.set()
        for conversation in list(self.conversations):
            await self._reopen(conversation)
        for command in list(self.waiting.values()):
            if command.lasting:
                await self._say(command.frame)

    async def _reopen(self, conversation: str) -> None:
        """With what is held of each of its answers, as the page does for those it is drawing."""
        self._opens[conversation] = self._opens.get(conversation, 0) + 1
        runs = [self.views[run] for run in self.conversations[conversation]]
        for view in runs:
            view.due += 1
        have = {v.run: {"text": len(v.text), "reasoning": len(v.reasoning)} for v in runs}
        frame = {"type": "conversation.open", "conversation": conversation, "have": have}
        command = Command({**frame, "id": secrets.token_hex(8)}, lasting=False)
        self.waiting[command.frame["id"]] = command
        await self._say(command.frame)

    # Frames

    async def _hear(self, frame: Frame) -> None:
        match frame["type"]:
            case "ready":
                await self._come_back()
            case "ack" | "error":
                self._answered(frame)
            case "run.delta":
                await self._delta(frame)
            case "run.reasoning":
                self._view(frame["run"]).thought(frame["at"], frame["text"])
            case "run.started":
                self._begin(frame["conversation"]["id"], frame["run"]["id"])
            case "run.finished":
                await self._finished(frame)
            case "conversation.deleted":
                self.conversations.pop(frame["conversation"], None)
        with self.news:
            self.news.notify_all()

    def _answered(self, frame: Frame) -> None:
        command, question = self.waiting.get(frame["id"]), self.questions.get(frame["id"])
        if frame["type"] == "ack":
            self._acked(frame, question)
        elif question and command and frame["code"] in FOR_NOW:
            self.loop.loop.call_later(AGAIN_SECONDS, self._again, command)
            return
        elif question:
            question.refusals.append(frame)
        if command:
            view = self.views.get(command.frame.get("run", ""))
            command.shown = len(view.text) if view else None
            command.answer = frame
            del self.waiting[frame["id"]]
            command.came.set()

    def _acked(self, frame: Frame, question: Question | None) -> None:
        content = {name: value for name, value in frame.items() if name not in ("type", "id")}
        if question:
            question.acks.append(content)
            self._begin(content["conversation"]["id"], content["run"]["id"])
        for run in content.get("runs", ()):
            self._begin(run["conversation"], run["id"])

    def _again(self, command: Command) -> None:
        self.loop.loop.create_task(self._say(command.frame))

    def _begin(self, conversation: str, run: str) -> None:
        view = self._view(run)
        view.due = max(1, view.due)
        self.conversations.setdefault(conversation, set()).add(run)

    def _view(self, run: str) -> View:
        return self.views.setdefault(run, View(run))

    async def _delta(self, frame: Frame) -> None:
        view = self._view(frame["run"])
        twice = self._opens.get(self._conversation_of(frame["run"]), 0) > 1
        taken = view.delta(frame["at"], frame["text"], now=time.monotonic(), asked_twice=twice)
        if not taken:
            await self._reopen(self._conversation_of(frame["run"]))

    def _conversation_of(self, run: str) -> str:
        return next((id for id, runs in self.conversations.items() if run in runs), "")

    async def _finished(self, frame: Frame) -> None:
        conversation = frame["message"]["conversation"]
        self.conversations.setdefault(conversation, set()).add(frame["run"])
        if not self._view(frame["run"]).finished(frame):
            await self._reopen(conversation)

    # What a person does

    def call(
        self, type: str, *, id: str | None = None, lasting: bool = True, **fields: Any
    ) -> Command:
        """Send a command, now or as soon as there is a socket."""
        command = Command({"type": type, "id": id or secrets.token_hex(8), **fields}, lasting)
        self.loop.run(self._call(command))
        return command

    async def _call(self, command: Command) -> None:
        self.waiting[command.frame["id"]] = command
        if self.ready.is_set():
            await self._say(command.frame)

    def send(self, question: Question, *, times: int = 1, **fields: Any) -> Command:
        """Ask; `times` over: the same frame again, as a nervous page would."""
        self.questions[question.key] = question
        after = question.after and question.after.conversation
        common: Frame = {"conversation": after, "parent": None, "images": [], "options": {}}
        frame = {"text": question.text, **common, **fields}
        command = self.call("message.send", id=question.key, **frame)
        for _ in range(times - 1):
            self.loop.run(self._say(command.frame))
        return command

    def edit(self, old: Question, question: Question) -> Command:
        """Ask `question` in the place of an older one, whose answer may still be under way."""
        self.questions[question.key] = question
        old.edited = True
        message = old.acks[0]["user_message"]["id"]
        return self.call("message.edit", id=question.key, message=message, text=question.text)

    def ask(self, question: Question, **fields: Any) -> Question:
        """Ask and wait for the ack."""
        answer = self.send(question, **fields).wait()
        assert answer["type"] == "ack", answer
        return question

    def stop(self, question: Question) -> None:
        asked_at = time.monotonic()
        command = self.call("run.stop", run=question.run)
        assert command.wait()["type"] == "ack", command.answer
        question.stops.append(Stop(asked_at, time.monotonic(), command.shown, self.clock.lag))

    def open(self, conversation: str, runs: list[str]) -> None:
        """Look at a conversation, holding nothing of `runs` yet."""
        self.loop.run(self._open(conversation, runs))

    async def _open(self, conversation: str, runs: list[str]) -> None:
        for run in runs:
            self._view(run)
        self.conversations.setdefault(conversation, set()).update(runs)
        if self.ready.is_set():
            await self._reopen(conversation)

    def cut(self) -> None:
        """The network goes: no close frame."""
        self.loop.run(self._cut())

    async def _cut(self) -> None:
        if self._socket is not None:
            self.ready.clear()
            self._socket.transport.abort()

    def come_back(self) -> None:
        """On a new connection, with all that is held; its end is told again for each answer."""
        for view in self.views.values():
            view.heard = False
        self.cut()

    def holds_ends(self, runs: list[str]) -> bool:
        return all(self._view(run).heard for run in runs)

    def leave(self) -> None:
        self.loop.run(self._leave())

    async def _leave(self) -> None:
        """The socket says good-bye as it goes out of its context."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def wait_for_text(self, run: str, length: int, timeout: float = PATIENCE) -> None:
        self._wait(lambda: len(self._view(run).text) >= length, f"{length} characters", timeout)

    def _wait(self, holds: Any, what: str, timeout: float) -> None:
        with self.news:
            assert self.news.wait_for(holds, timeout), f"{what} did not come in {timeout} s"
