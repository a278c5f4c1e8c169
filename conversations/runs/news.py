"""What a process does when the doorbell rings: news of any process, its own too."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from conversations import db
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell, feed, schema
from conversations.ids import parsed
from conversations.models import Conversation, Feedback, Folder, Message, Run, Summary
from conversations.models.conversation import LIVE, Status
from conversations.reading import branch
from conversations.reading.objects import (
    conversation_object,
    feedback_object,
    folder_object,
    message_object,
    summary_object,
)
from conversations.runs import (
    circuit,
    ends,
    executor,
    finish,
    halted,
    limits_watch,
    mirror,
    moderation_watch,
    offers,
    pauses,
    rest,
    site_watch,
    worker,
)
from conversations.runs.start import BOOT
from conversations.tasks import keep
from conversations.usage import budgets

log = logging.getLogger(__name__)

# What was rung while Postgres went away again is looked up when it is back.
AGAIN_SECONDS = 0.5

News = doorbell.News
_to_look_up: asyncio.Queue[News] = asyncio.Queue()


async def hear(news: News) -> None:
    """Empty news: some may have been missed. Whose right has ended, and whose answer is to, waits for
    nobody; all else is looked up in its order, by `look_up`."""
    if "user" in news:
        for listener in feed.sockets_of(news["user"]):
            listener.look_again()
    elif "stop" in news:
        keep(_stop(news))
    elif "halted" in news:
        halted.hear(news["halted"])
        executor.end_with(news["halted"])
    elif "allowed" in news:
        halted.forget(news["allowed"])
    else:
        if not news:
            db.away(False)  # the doorbell has just reached it
        _to_look_up.put_nowait(news)


async def look_up() -> None:
    """What was heard, one after the other, for as long as the process lives."""
    while True:
        news = await _to_look_up.get()
        while not await _looked_up(news):  # noqa: ASYNC110 Postgres tells nobody that it is back
            await asyncio.sleep(AGAIN_SECONDS)


async def _looked_up(news: News) -> bool:
    try:
        await _hear(news)
    except Unavailable:
        log.warning("news %s wait: the database is away", sorted(news))
        return False
    return True


def _hear(news: News) -> Coroutine[Any, Any, None]:
    handlers = {
        "deleted": _deleted,
        "run": _run,
        "grew": _grew,
        "ended": _ended,
        "retry": _retry,
        "folder": _folder,
        "judged": _judged,
        "summary": _summarised,
        "redacted": _redacted,
        "catalogue": _catalogue,
        "site": _site,
        "budgets": _budgets,
        "moderation": _moderation,
        "limits": _limits,
        "circuit": _circuit,
        "paused": _paused,
        "owner": _updated,
    }
    known = next((handler for name, handler in handlers.items() if name in news), _missed)
    return known(news)


async def _stop(news: News) -> None:
    run = parsed(news["stop"])
    if run and not await executor.end(run, Status.STOPPED):
        with suppress(Unavailable):
            await in_db(finish.stop_waiting)(run)


async def _deleted(news: News) -> None:
    """One id, or many at once."""
    gone = news["deleted"] if isinstance(news["deleted"], list) else [news["deleted"]]
    for conversation in gone:
        feed.tell_user(news.get("owner", ""), schema.conversation_deleted(conversation))


async def _updated(news: News) -> None:
    """Whoever asked a question has told its own sockets itself."""
    if news.get("by") != str(BOOT) and feed.sockets_of(news["owner"]):
        found = await in_db(_conversations)([news["conversation"]])
        for one in found:
            frame = schema.conversation_updated(conversation_object(one))
            feed.tell_user(news["owner"], frame)


async def _catalogue(news: News) -> None:
    await offers.look()


async def _site(news: News) -> None:
    await site_watch.look()


async def _budgets(news: News) -> None:
    await in_db(budgets.in_force.read)()


async def _moderation(news: News) -> None:
    await moderation_watch.look()


async def _limits(news: News) -> None:
    await limits_watch.look()


async def _circuit(news: News) -> None:
    await in_db(circuit.read)()


async def _paused(news: News) -> None:
    pauses.hear(news["paused"], news["seconds"])


async def _folder(news: News) -> None:
    if feed.sockets_of(news["owner"]):
        id = news["folder"]
        found = await in_db(Folder.objects.filter(pk=id).first)()
        frame = schema.folder_updated(folder_object(found)) if found else schema.folder_deleted(id)
        feed.tell_user(news["owner"], frame)


async def _judged(news: News) -> None:
    """Only the owner of a conversation can open it, and only they have an opinion there."""
    conversation, message = news["conversation"], news["judged"]
    if feed.is_followed(conversation):
        found = await in_db(Feedback.objects.filter(message=message).first)()
        frame = schema.message_feedback(conversation, message, feedback_object(found))
        feed.tell_followers(conversation, frame)


async def _summarised(news: News) -> None:
    """A summary was made, or undone: what stands at its place by now."""
    conversation, message = news["conversation"], news["summary"]
    if feed.is_followed(conversation):
        mine = Summary.objects.filter(until=message, undone_at=None)
        found = await in_db(mine.first)()
        told = summary_object(found) if found else None
        feed.tell_followers(conversation, schema.message_summary(conversation, message, told))


async def _redacted(news: News) -> None:
    if feed.is_followed(news["conversation"]):
        for message in await in_db(_message)(news["redacted"]):
            frame = schema.message_redacted(message_object(message))
            feed.tell_followers(news["conversation"], frame)


def _message(id: str) -> list[Message]:
    """As it is shown; none where it has gone meanwhile."""
    found = list(
        branch.with_attachments(Message.objects.select_related("conversation")).filter(pk=id)
    )
    for message in found:
        branch.complete(message.conversation, [message])
    return found


async def _run(news: News) -> None:
    """A run was made. Whoever made it tells its own sockets itself."""
    worker.wake()
    if news["by"] != str(BOOT):
        _answering(news, answering=True)
    if news["by"] != str(BOOT) and feed.is_followed(news["conversation"]):
        run = await in_db(Run.objects.filter(pk=news["run"]).first)()
        if run is not None:
            await _look_on(run)


async def _look_on(run: Run) -> None:
    """Also where somebody who has just opened the conversation looks on already: the others have not
    heard of it."""
    if executor.live(run.pk) or run.boot == BOOT:
        return
    frames = await in_db(rest.created)(run.pk)
    frames += await in_db(rest.begun)(run.pk) if run.status != Status.WAITING else []
    for frame in frames:
        feed.tell_followers(str(run.conversation_id), frame)
    await mirror.watch(run, announced=True)


async def _grew(news: News) -> None:
    """An empty list is all of them: there were too many to name."""
    if news["by"] != str(BOOT):
        await mirror.look([run for run in map(parsed, news["grew"]) if run] or None)


async def _ended(news: News) -> None:
    run = parsed(news["ended"])
    if run is not None:
        ends.heard(run)
    _answering(news, answering=False)
    if run is None or news["by"] == str(BOOT):
        return
    if here := executor.live(run):
        executor.lost(here)
    await mirror.look([run])


def _answering(news: News, *, answering: bool) -> None:
    frame = schema.conversation_answering(news["conversation"], answering=answering)
    feed.tell_user(news.get("owner", ""), frame)


async def _retry(news: News) -> None:
    run = parsed(news["retry"])
    found = mirror.of(run) if run else None
    if found:
        told = news["reason"], news["attempt"], news["retry_in"]
        found.waits(schema.run_waiting(found.id, *told, news.get("other")))


async def _missed(news: News) -> None:
    """After each (re)connection: is everybody still welcome, and what has happened meanwhile?"""
    await db.renew()
    worker.wake()
    for listener in feed.everybody():
        listener.look_again()
    await offers.look()
    halted.forget_all()
    await site_watch.look()
    await limits_watch.look()
    await moderation_watch.look()
    await mirror.look()
    followed = feed.followed()
    for run in await in_db(_live_in)(followed) if followed else []:
        if mirror.of(run.pk) is None:
            await _look_on(run)
    for conversation in await in_db(_conversations)(followed) if followed else []:
        frame = schema.conversation_updated(conversation_object(conversation))
        feed.tell_followers(str(conversation.pk), frame)


def _live_in(conversations: list[str]) -> list[Run]:
    return list(Run.objects.filter(conversation_id__in=conversations, status__in=LIVE))


def _conversations(ids: list[str]) -> list[Conversation]:
    return list(Conversation.objects.present().filter(pk__in=ids))
