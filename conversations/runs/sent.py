"""What was really sent for a run, kept small: parameters as they were, messages where they stand.

Written when a run ends, so that no token waits for it, in whichever way it ends; a process that dies leaves
none. Most messages of a request are messages of the branch, word for word: a whole stretch of them is its two
ends. What is added around one (files, a day, what was read in pictures) stands there literally, and a picture
is its digest and the row that it came from. review/requests.py makes the request of it again.

A content is one of
    "…"                            literally so
    {"of": id, "length": n}        the beginning of what that message says, so many code points
    {"instructions": true}         the text that the row points to
    {"joined": [content, …]}       one after the other
and a message is {"from": id, "to": id}, a stretch of the branch; {"role", "content"}; or {"role", "parts"},
of which each is {"text": content} or {"picture": {…}}.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from conversations import holds
from conversations.models import Blob, Conversation, Message, Run, SentRequest, SentText
from conversations.models.conversation import Role
from conversations.provider.interface import Message as Asked
from conversations.runs.start import Turn
from conversations.usage.ledger import Call

if TYPE_CHECKING:
    from conversations.runs.outcome import Outcome

# Shorter instructions are no shorter as a reference.
WORTH_NAMING = 200
REMOVED = "[Removed with a message that an administrator removed.]"
AT_ONCE = 500

Content = str | dict[str, Any]
Json = dict[str, Any]


def keep(run: Run, outcome: "Outcome") -> None:
    """In the transaction that seals the run. One row, also where it was gone on with after a fall-back."""
    distinct = _distinct(outcome.calls)
    if not distinct:
        return
    instructions = _instructions(distinct[0][0]["messages"])
    if instructions is not None:
        known = SentText(digest=_digest(instructions), text=instructions)
        SentText.objects.bulk_create([known], ignore_conflicts=True)
    growing = str(run.message_id)
    calls = [
        {
            "attempts": attempts,
            **_body(body, _told(body["messages"], outcome.turns, instructions), growing),
        }
        for body, attempts in distinct
    ]
    SentRequest.objects.create(
        run=run, calls=calls, instructions_id=_digest(instructions) if instructions else None
    )


def _distinct(calls: Sequence[Call]) -> list[tuple[Json, list[int]]]:
    """Each body that went out, and at which attempts: most are sent again as they were."""
    found: list[tuple[Json, list[int]]] = []
    for call in calls:
        body = call.report.asked
        if body is None:
            continue
        if found and _same(found[-1][0], body):
            found[-1][1].append(call.attempt)
        else:
            found.append((body, [call.attempt]))
    return found


def _same(one: Json, other: Json) -> bool:
    """Where its messages are the very list, so is all of it but what the model is called."""
    return one["messages"] is other["messages"] and one["model"] == other["model"]


def _instructions(messages: Sequence[Asked]) -> str | None:
    first = messages[0] if messages else {"role": Role.USER, "content": ""}
    text = first["content"]
    is_one = first["role"] not in Role.values and isinstance(text, str)
    return text if is_one and len(text) >= WORTH_NAMING else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _body(body: Json, told: Iterable[Json], growing: str) -> Json:
    left_out = ("messages", "extra_body")
    parameters = {name: value for name, value in body.items() if name not in left_out}
    return {"parameters": parameters, "messages": _stretched(told, growing)}


def _told(
    messages: Sequence[Asked], turns: Sequence[Turn], instructions: str | None
) -> Iterator[Json]:
    """Turns are left out at the beginning alone, so both are told from their ends."""
    groups = _in_turn(turns)
    first = len(groups) - len(messages)
    for at, message in enumerate(messages):
        group = groups[first + at] if first + at >= 0 else []
        if message["content"] == instructions:
            yield {"role": message["role"], "content": {"instructions": True}}
        elif group and group[0].role == message["role"]:
            yield _message(message, group)
        else:
            yield _message(message, [])


def _in_turn(turns: Sequence[Turn]) -> list[list[Turn]]:
    """Neighbours of the same role went out as one message (fitting.py)."""
    groups: list[list[Turn]] = []
    for turn in turns:
        if groups and groups[-1][0].role == turn.role:
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return groups


def _message(message: Asked, group: Sequence[Turn]) -> Json:
    content, role = message["content"], message["role"]
    if isinstance(content, str):
        return {"role": role, "content": _content(content, group)}
    pictures = [blob for turn in group for blob in turn.pictures]
    shown = sum(part["type"] == "image_url" for part in content)
    blobs = iter(pictures if len(pictures) == shown else [None] * shown)
    return {"role": role, "parts": [_part(part, group, blobs) for part in content]}


def _part(part: Json, group: Sequence[Turn], blobs: "Iterator[Blob | None]") -> Json:
    if part["type"] == "image_url":
        return {"picture": _picture(part["image_url"], next(blobs))}
    return {"text": _content(part["text"], group)}


def _picture(picture: Json, blob: Blob | None) -> Json:
    """Of bytes only what they are; an address that the provider was to fetch stays as it is."""
    url = picture["url"]
    if not url.startswith("data:"):
        return picture
    kind, _, encoded = url.partition(",")
    told = {"data": kind, "sha256": _digest(url), "characters": len(encoded)}
    size = {"blob": str(blob.pk), "width": blob.width, "height": blob.height} if blob else {}
    return {**picture, "url": {**told, **size}}


def _content(text: str, group: Sequence[Turn]) -> Content:
    """What a message says stands behind what was added to it, and the next one after that."""
    found: list[Content] = []
    rest = text
    for turn in reversed(group):
        if turn.id and turn.said:
            before, said, after = rest.rpartition(turn.said)
            if said:
                named: Content = {"of": turn.id, "length": len(turn.said)}
                found[:0] = [named, after] if after else [named]
                rest = before
    if rest or not found:
        found.insert(0, rest)
    return found[0] if len(found) == 1 else {"joined": found}


def _stretched(told: Iterable[Json], growing: str) -> list[Json]:
    """Neighbours of which each is one message, whole: only the ends are named. Whoever reads it goes up
    from the last one, and finds the others. An answer that is gone on with (`growing`) is longer by now."""
    short: list[Json] = []
    for message in told:
        id = _alone(message)
        if id == growing:
            id = None
        if id and short and "from" in short[-1]:
            short[-1]["to"] = id
        elif id:
            short.append({"from": id, "to": id})
        else:
            short.append(message)
    return short


def _alone(message: Json) -> str | None:
    """The id of the one message that is all of it."""
    content = message.get("content")
    is_one = isinstance(content, dict) and set(content) == {"of", "length"}
    return str(content["of"]) if isinstance(content, dict) and is_one else None


# Taking away --------------------------------------------------------------------------------------


def redact(conversation: Conversation, message: Message) -> None:
    """What stands literally in the requests of its conversation may be its words, in a summary or a file."""
    rows = SentRequest.objects.filter(run__conversation=conversation, at__gte=message.created_at)
    for row in rows:
        row.calls = [{**call, "messages": _bare(call["messages"])} for call in row.calls]
        row.redacted = True
        row.save(update_fields=["calls", "redacted"])


def _bare(value: Any) -> Any:
    """The form without what is written in it."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if isinstance(value, dict):
        return {name: _bared(name, one) for name, one in value.items()}
    return REMOVED if isinstance(value, str) else value


def _bared(name: str, value: Any) -> Any:
    if name == "picture":
        return {**value, "url": value["url"] if isinstance(value["url"], dict) else REMOVED}
    return value if name in ("role", "from", "to", "of", "length") else _bare(value)


def forget_old(days: int) -> bool:
    """Some of those whose time is over; whether there may be more. Texts that none of the others begins
    with go, too. What is under a hold stays."""
    old = SentRequest.objects.filter(at__lt=timezone.now() - timedelta(days=days))
    due = list(
        old.exclude(holds.held("run__conversation__")).values_list("pk", flat=True)[:AT_ONCE]
    )
    SentRequest.objects.filter(pk__in=due).delete()
    if len(due) == AT_ONCE:
        return True
    used = Exists(SentRequest.objects.filter(instructions=OuterRef("pk")))
    SentText.objects.filter(~used).delete()
    return False


def of(run: UUID) -> SentRequest | None:
    return SentRequest.objects.filter(pk=run).select_related("instructions").first()
