"""A socket joins a conversation: first what it misses of the runs there, then all that is told."""

import re
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import feed
from conversations.models import Run
from conversations.models.conversation import LIVE
from conversations.runs import executor, mirror, rest
from conversations.runs.growth import Growth, Held

if TYPE_CHECKING:
    from conversations.live.consumer import Consumer

# So much is put at once; before more of it the socket has to have taken what it got.
STEP_CHARACTERS = 256 * 1024
# A frame of a run names it right behind its type (events/schema.py), the first one as an object.
OF_A_RUN = re.compile(r'\{"type":"run\.\w+","run":(?:"([^"]+)"|\{"id":"([^"]+)")')


class Joining:
    """What is told in the conversation while the socket is brought up to date waits here.

    Enter it before Postgres is asked what runs there, so that nothing falls between the two. Also a
    `feed.Follower`.
    """

    def __init__(self, socket: "Consumer", conversation: str) -> None:
        self.socket = socket
        self.conversation = conversation
        self._told: list[str] = []
        self._brought: set[str] = set()
        self._begun: set[str] = set()
        self._live: dict[UUID, tuple[Run, Growth, Held]] = {}

    def put(self, frame: str) -> None:
        """What a run says that is being brought is in the memory it is brought from."""
        run, begins = _run_of(frame)
        if begins:
            self._begun.add(run)
        if begins or run not in self._brought:
            self._told.append(frame)

    async def __aenter__(self) -> Self:
        self._was_following = self.conversation in self.socket.following
        self._heard = self.socket.following.get(self.conversation, set())
        self.socket.unfollow(self.conversation)
        feed.follow(self.conversation, self)
        return self

    async def __aexit__(
        self, refused: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> bool:
        try:
            return await self._end(refused)
        except Unavailable:
            self.socket.come_back()
            return True
        finally:
            feed.unfollow(self.conversation, self)

    async def _end(self, refused: type[BaseException] | None) -> bool:
        if refused is None:
            await self._catch_up()
            self._follow()
        elif self._brought and issubclass(refused, Unavailable):
            raise Unavailable  # it had its ack already: no error may follow that
        elif self._was_following:
            self._go_on()  # it stays where it was
        return False

    async def bring(self, run: Run, held: Held) -> None:
        """Put what the socket does not hold of `run`: all but the newest, if it is live."""
        self._brought.add(str(run.pk))
        self.socket.ahead.forget(str(run.pk))
        growth = await _growing(run) if run.status in LIVE else None
        if growth is not None and growth.is_before(held):
            held = await self._bring_before(run, held)
        while growth is not None and growth.lag(held) > STEP_CHARACTERS:
            frames, held = growth.after(held, STEP_CHARACTERS)
            self._put(frames)
            await self.socket.drained()
            growth = _known(run.pk)
        if growth is not None:
            self._live[run.pk] = (run, growth, held)
        else:
            await self._bring_end(run, held)

    async def _bring_before(self, run: Run, held: Held) -> Held:
        """What an earlier run wrote of a message that this one continues; what is held then."""
        for frame in await in_db(rest.before)(run.pk, held):
            self._put([frame])
            await self.socket.drained()
        return held.at_least(run.text_before, run.reasoning_before)

    async def _bring_end(self, run: Run, held: Held) -> None:
        self._live.pop(run.pk, None)
        # Those who follow it here hear of its end first: what they are told then is not for us.
        await executor.wait(run.pk)
        await mirror.settled(run.pk)
        for frame in await in_db(rest.missing_of)(run.pk, held):
            self._put([frame])
            await self.socket.drained()

    async def _catch_up(self) -> None:
        """Until no run of which the socket waits for the rest has ended behind our back."""
        while over := [one for one in self._live.values() if _known(one[0].pk) is not one[1]]:
            for run, _, held in over:
                if growth := _known(run.pk):
                    self._live[run.pk] = (run, growth, held)
                else:
                    await self._bring_end(run, held)

    def _follow(self) -> None:
        """In one step, so that nothing is said between the last look and the following."""
        for _, growth, held in self._live.values():
            self._put(growth.after(held)[0])
            if growth.is_behind(held):
                self.socket.ahead.note(growth.id, held)
        self._go_on()

    def _go_on(self) -> None:
        for frame in self._told:
            if self._is_news(frame):
                self.socket.put(frame)
        self.socket.follow(self.conversation, self._heard | self._brought | self._begun)

    def _is_news(self, frame: str) -> bool:
        """Not of what was brought meanwhile, nor of a run that had ended when Postgres was asked while
        its last words were still on their way: the reader is as one who comes a moment later."""
        run, begins = _run_of(frame)
        if begins or not run:
            return True
        return run not in self._brought and (run in self._begun or self._was_following)

    def _put(self, frames: list[str]) -> None:
        for frame in frames:
            self.socket.put(frame)


def _run_of(frame: str) -> tuple[str, bool]:
    """The run that a frame tells of, or nothing, and whether it begins with this."""
    found = OF_A_RUN.match(frame)
    if found is None:
        return "", False
    return found[1] or found[2], found[1] is None


def _known(run: UUID) -> Growth | None:
    return executor.live(run) or mirror.of(run)


async def _growing(run: Run) -> Growth | None:
    """The one text in memory that all followers of a run are told from; None when it has ended."""
    watched = executor.live(run.pk) or await mirror.watch(run)
    return watched or executor.live(run.pk)  # it may have begun here while the journal was read
