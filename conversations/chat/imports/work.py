"""The taking in of one file, on a thread of its own: one conversation after the other, each whole.

A process that dies leaves what it has written; the same file again brings the rest.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from typing import IO, Any

import orjson
from django.core.files.base import ContentFile
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from conversations.attachments import accept, text_files
from conversations.attachments.room import NoRoom
from conversations.chat import pictures
from conversations.chat.imports import chatgpt, ours, writing
from conversations.chat.imports.archive import Archive, is_zip, readable
from conversations.chat.imports.elements import TOO_MUCH, Elements
from conversations.chat.imports.tree import LeftOut, Node, Tree, Unreadable
from conversations.chat.imports.writing import Attached, Plan
from conversations.db import in_transaction
from conversations.errors import Refusal, TooLarge, Unavailable
from conversations.events import doorbell
from conversations.models import Image, ImportJob, TextFile, User
from conversations.runs import executor

log = logging.getLogger(__name__)

# A decoder may be busy with somebody's uploads: they come first.
ATTEMPTS, WAIT_SECONDS = 3, 5.0
# The interpreter is shared with the answers that stream: after each conversation it is theirs.
PAUSE_SECONDS = 0.002
TOLD_EVERY_SECONDS = 1.0
# Open tabs hear of so many; thousands they read when they are opened again.
NEWS = 50
# More than anybody has said; and no file keeps others waiting for weeks with what is none.
MOST_CONVERSATIONS = 200_000

BROKEN = _(
    "Something went wrong on our side. What was taken in stays; the same file can be brought again."
)
INTERRUPTED = _(
    "The server was restarted meanwhile. Bring the same file again: what is here does not come twice."
)
COUNTS = ("progress", "found", "imported", "extended", "known", "messages", "images")


class GivenUp(Exception):
    """The job is over for others: it was stopped, its process counted as dead, or all was deleted."""


class Work:
    """`do` is the whole of it. It raises nothing: how it ended stands in the job's row."""

    def __init__(self, job: ImportJob, user: User, file: IO[bytes]) -> None:
        self._job, self._user, self._file = job, user, file
        self._left: LeftOut = LeftOut()
        self._archive: Archive | None = None
        self._news = NEWS
        self._language = translation.get_language()  # of who asks; the thread has none
        self._told = 0.0

    def do(self) -> None:
        with translation.override(self._language):
            self._do()

    def _do(self) -> None:
        status, sentence = ImportJob.Status.COMPLETE, ""
        try:
            self._tell(ImportJob.Status.RUNNING)
            self._take_in()
            self._job.progress = 1.0
        except GivenUp:
            self._give_up()
            return
        except Unavailable as refusal:
            status, sentence = ImportJob.Status.INTERRUPTED, str(refusal)
        except Refusal as refusal:
            status, sentence = ImportJob.Status.FAILED, str(refusal)
        except Exception:
            log.exception("import %s broke off", self._job.pk)
            status, sentence = ImportJob.Status.FAILED, str(BROKEN)
        finally:
            self._file.close()
            connections.close_all()
        self._end(status, sentence)

    def _end(self, status: str, sentence: str) -> None:
        try:
            self._tell(status, error=sentence, finished_at=timezone.now())
        except Unavailable:  # Postgres is away: whoever asks is told that nobody works at it
            log.warning("import %s has ended, and its row does not say so", self._job.pk)
        except GivenUp:
            self._give_up()

    def _give_up(self) -> None:
        """How it ended stands there already; what came in until then does not."""
        with suppress(Unavailable):
            in_transaction(_rows(self._job).update, **self._counts())

    def _take_in(self) -> None:
        for element in self._elements():
            self._go_on()
            self._job.found += 1
            if self._job.found > MOST_CONVERSATIONS:
                raise TooLarge(str(TOO_MUCH))
            self._take_one(element)
            time.sleep(PAUSE_SECONDS)

    def _go_on(self) -> None:
        """Say how far it is, now and then. Raises Unavailable in a drain, GivenUp when it was stopped."""
        executor.refuse_while_draining()
        if time.monotonic() - self._told > TOLD_EVERY_SECONDS:
            self._tell(ImportJob.Status.RUNNING)

    def _elements(self) -> Iterator[bytes | None]:
        with ExitStack() as opened:
            if is_zip(self._file):
                archive = self._archive = Archive(self._file)
                names = archive.parts()
                parts = [opened.enter_context(archive.part(name)) for name in names]
                sizes = [archive.size(name) for name in names]
            else:
                parts, sizes = [self._file], [self._job.file_bytes]
            signs = 0
            for number, part in enumerate(parts):
                elements = Elements(part, signs=signs)
                with readable():
                    for element in elements:
                        came = sum(sizes[:number]) + elements.came
                        self._job.progress = min(1.0, came / max(1, sum(sizes)))
                        yield element
                signs = elements.signs
                self._left["cut"] += elements.is_cut

    # One conversation ------------------------------------------------------------------------------

    def _take_one(self, element: bytes | None) -> None:
        try:
            tree = _tree(_parsed(element), self._left)
        except TooLarge:
            self._left["conversations_too_large"] += 1
        except (Unreadable, RecursionError):
            self._left["conversations_unreadable"] += 1
        else:
            self._write(tree)

    def _write(self, tree: Tree) -> None:
        if not tree.nodes:
            self._left["conversations_empty"] += 1
            return
        plan = in_transaction(writing.plan, self._user, tree)
        if plan is None or not (plan.new or plan.is_new):
            self._job.known += 1
            return
        left = self._left.copy()
        attached = {node.key: self._attached(node) for node in plan.new}
        if not in_transaction(self._written, tree, plan, attached):
            self._left = left
            self._write(tree)  # what is there has changed while its pictures were decoded
            return
        self._job.imported += plan.is_new
        self._job.extended += not plan.is_new
        self._job.messages += len(plan.new)
        self._job.images += sum(len(one.images) for one in attached.values())

    def _written(self, tree: Tree, plan: Plan, attached: Mapping[str, Attached]) -> bool:
        live = ImportJob.objects.filter(pk=self._job.pk, status__in=ImportJob.LIVE)
        if live.select_for_update().first() is None:
            raise GivenUp
        if not writing.write(self._user, tree, plan, attached):
            return False
        self._news -= 1
        if self._news >= 0:
            doorbell.ring({"conversation": str(plan.id), "owner": str(self._user.pk)})
        return True

    def _attached(self, node: Node) -> Attached:
        images = [image for name, alt in node.pictures if (image := self._described(name, alt))]
        files = [file for name, called in node.files if (file := self._text(name, called))]
        return Attached(images, files)

    def _described(self, name: str, alt: str) -> Image | None:
        image = self._image(name)
        if image and alt:
            in_transaction(pictures.describe_where_nothing_is_said, image, alt)
        return image

    def _image(self, name: str) -> Image | None:
        content = self._asset(name, accept.MAX_BYTES, "pictures")
        if content is None:
            return None
        for attempt in range(ATTEMPTS):
            self._go_on()
            try:
                return accept.accept(self._user, [ContentFile(content)])[0]
            except Unavailable:
                if attempt + 1 == ATTEMPTS:
                    raise
                time.sleep(WAIT_SECONDS)
            except NoRoom:
                self._left["pictures_without_room"] += 1
                return None
            except Refusal:
                break
        self._left["pictures_unreadable"] += 1
        return None

    def _text(self, name: str, called: str) -> TextFile | None:
        content = self._asset(name, text_files.MAX_BYTES, "files")
        if content is None:
            return None
        try:
            return text_files.accept(self._user, [ContentFile(content, called)])[0]
        except Unavailable:
            raise
        except Refusal:
            self._left["files_unreadable"] += 1
            return None

    def _asset(self, name: str, most: int, kind: str) -> bytes | None:
        content = self._archive.asset(name, most) if self._archive else None
        if content is None:
            self._left[f"{kind}_missing"] += 1
        return content

    def _tell(self, status: str, **more: Any) -> None:
        """Raises GivenUp when its end stands there already."""
        self._told = time.monotonic()
        live = _rows(self._job).filter(status__in=ImportJob.LIVE)
        if not in_transaction(live.update, status=status, **self._counts(), **more):
            raise GivenUp

    def _counts(self) -> dict[str, Any]:
        left = {kind: count for kind, count in self._left.items() if count}
        return {"left_out": left, **{name: getattr(self._job, name) for name in COUNTS}}


def _rows(job: ImportJob) -> QuerySet[ImportJob]:
    return ImportJob.objects.filter(pk=job.pk)


def _parsed(element: bytes | None) -> Mapping[str, Any]:
    """orjson refuses half of a surrogate pair, of which real exports have some; we only take it out."""
    if element is None:
        raise TooLarge
    try:
        found = orjson.loads(element)
    except orjson.JSONDecodeError:
        try:
            found = json.loads(element.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found


def _tree(element: Mapping[str, Any], left: LeftOut) -> Tree:
    return ours.tree(element, left) if ours.is_ours(element) else chatgpt.tree(element, left)
