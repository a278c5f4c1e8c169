"""Every frame that the server sends (PROTOCOL.md), as the text that goes over the wire."""

from typing import Any

import orjson

from conversations.errors import Refusal

Object = dict[str, Any]

PROTOCOL = 1
# The socket has its own words for two refusals of the HTTP API (PROTOCOL.md).
SOCKET_CODES = {"invalid": "invalid_frame", "unavailable": "internal"}


def frame(type: str, **fields: Any) -> str:
    return orjson.dumps({"type": type, **fields}).decode()


def ready(user: Object, limits: Object, site: Object) -> str:
    return frame("ready", protocol=PROTOCOL, user=user, limits=limits, site=site)


def ack(id: str | None, content: Object) -> str:
    """The same content is the same text, however often it is told and wherever it was kept."""
    said = {"type": "ack", "id": id, **content}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def error(id: str | None, refusal: Refusal) -> str:
    more = {} if refusal.retry_after is None else {"retry_after": refusal.retry_after}
    code = SOCKET_CODES.get(refusal.code, refusal.code)
    return frame("error", id=id, code=code, message=str(refusal), **more)


def site_updated(site: Object) -> str:
    return frame("site.updated", site=site)


def pong(id: str | None) -> str:
    return frame("pong", id=id)


def message_created(message: Object) -> str:
    return frame("message.created", message=message)


# How each `run.started` begins; no other frame does.
RUN_BEGINS = '{"type":"run.started"'


def run_started(run: Object, message: Object, conversation: Object) -> str:
    return frame(
        "run.started", run=run, message=message, conversation=conversation, model=run["model"]
    )


def run_delta(run: str, at: int, text: str) -> str:
    return frame("run.delta", run=run, at=at, text=text)


def run_reasoning(run: str, at: int, text: str) -> str:
    return frame("run.reasoning", run=run, at=at, text=text)


def run_waiting(
    run: str, reason: str, attempt: int, retry_in: float, other: Object | None = None
) -> str:
    """`other`: who is asked now, and instead of whom."""
    told = {"reason": reason, "attempt": attempt, "retry_in": retry_in}
    return frame("run.waiting", run=run, **told, **(other or {}))


def run_finished(run: str, message: Object, length: int) -> str:
    """`message` whole, but its text and reasoning left out: who follows holds them already."""
    rest = {name: value for name, value in message.items() if name not in ("text", "reasoning")}
    return frame("run.finished", run=run, message=rest, length=length)


def conversation_updated(conversation: Object) -> str:
    return frame("conversation.updated", conversation=conversation)


def conversation_answering(conversation: str, *, answering: bool) -> str:
    """An answer in it has begun or ended: for those who do not have it open, too."""
    return frame("conversation.answering", conversation=conversation, answering=answering)


def message_feedback(conversation: str, message: str, feedback: Object | None) -> str:
    """What the owner thinks of an answer by now: for their other tabs."""
    return frame("message.feedback", conversation=conversation, message=message, feedback=feedback)


def message_redacted(message: Object) -> str:
    """An administrator has taken its words away: `message` whole, as it stands from now on."""
    return frame("message.redacted", message=message)


def message_summary(conversation: str, message: str, summary: Object | None) -> str:
    """What models read from now on in place of `message` and all above it; None: the messages."""
    return frame("message.summary", conversation=conversation, message=message, summary=summary)


def folder_updated(folder: Object) -> str:
    return frame("folder.updated", folder=folder)


def folder_deleted(folder: str) -> str:
    return frame("folder.deleted", folder=folder)


def conversation_deleted(conversation: str) -> str:
    return frame("conversation.deleted", conversation=conversation)
