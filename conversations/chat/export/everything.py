"""What is somebody's besides their conversations: who they are here, what they chose, what it cost."""

from collections.abc import Iterator
from typing import Any

import orjson
from allauth.socialaccount.models import SocialAccount
from django.db.models import Manager, Model, QuerySet
from django.utils import timezone

from conversations import access, csv_safe
from conversations.chat.export import rows
from conversations.chat.export.file import File
from conversations.db import in_transaction
from conversations.models import (
    Decision,
    Feedback,
    Folder,
    Image,
    ImportJob,
    Notice,
    ProviderCall,
    SavedPrompt,
    Share,
    User,
)
from conversations.models.conversation import present
from conversations.models.review import Outcome
from conversations.reading.costs import shown
from conversations.reading.moments import when
from conversations.usage import budgets
from conversations.usage.budget_object import budget_object

CALLS_A_PAGE = 1000
# Lists of the account's file: name → table. What a table says of its owner goes without saying.
LISTS: dict[str, Manager[Any]] = {
    "feedback": Feedback.objects,
    "folders": Folder.objects,
    "prompts": SavedPrompt.objects,
    "shares": Share.objects,
    "imports": ImportJob.objects,
    "notices": Notice.objects,
}
# What would open a door, and what only means something inside this site.
WITHHELD = {"owner", "user", "token_hash", "boot"}
USED = (
    "input_tokens", "cached_input_tokens", "image_tokens", "output_tokens", "reasoning_tokens",
)  # fmt: skip
COLUMNS = ("at", "purpose", "provider", "model", "outcome", *USED, "estimated", "cost")


def files(user: User) -> Iterator[File]:
    now = timezone.now()
    yield File("account.json", now, [_json(in_transaction(account, user))])
    yield File("usage.json", now, _usage_as_json(user))
    yield File("usage.csv", now, _usage_as_csv(user))


def account(user: User) -> dict[str, Any]:
    return {
        "name": user.get_username(),
        "email": user.email,
        "joined_at": when(user.date_joined),
        "last_sign_in_at": when(user.last_login),
        "preferences": _row(access.preferences_for(user)),
        "pictures": [_picture(image) for image in access.pictures_of(user).select_related("blob")],
        **{name: _rows(_of(user, table)) for name, table in LISTS.items()},
        "signs_in_by": _signs_in_by(user),
        "warnings": _warnings(user),
        "budgets": [budget_object(standing) for standing in budgets.standings_for(user.pk)],
    }


def _signs_in_by(user: User) -> list[dict[str, Any]]:
    """Accounts elsewhere, with what was told of the person when they last came from there."""
    found = SocialAccount.objects.filter(user=user).order_by("pk")
    return [
        {
            "provider": one.provider,
            "id": one.uid,
            "since": when(one.date_joined),
            "told": one.extra_data,
        }
        for one in found
    ]


def _warnings(user: User) -> list[dict[str, Any]]:
    """Decisions that are told to whom they are about, by whatever setting, also when the notice was put
    away; never by whom. What else was decided is told as the site has settled, in notices."""
    mine = Decision.objects.filter(present("message__conversation__"), outcome=Outcome.WARNED)
    told = mine.filter(message__conversation__owner=user).order_by("pk")
    return [{"message": one.message_id, "reason": one.reason, "at": when(one.at)} for one in told]


def _picture(image: Image) -> dict[str, Any]:
    """Of each, since some stand in no conversation."""
    named = {"file": rows.image_file(image.pk, image.blob), "alt": image.alt}
    return {**named, "source": image.source, "created_at": when(image.created_at)}


def _of(user: User, table: Manager[Any]) -> QuerySet[Any]:
    columns = {field.name for field in table.model._meta.concrete_fields}
    return table.filter(**{"owner" if "owner" in columns else "user": user})


def _rows(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows.order_by("pk")]


def _row(row: Model) -> dict[str, Any]:
    columns = [field for field in row._meta.concrete_fields if field.name not in WITHHELD]
    return {column.name: column.value_from_object(row) for column in columns}


def _usage_as_json(user: User) -> Iterator[bytes]:
    before = b"[\n"
    for call in _calls(user):
        yield before + orjson.dumps(call)
        before = b",\n"
    yield (before if before == b"[\n" else b"") + b"\n]\n"


def _usage_as_csv(user: User) -> Iterator[bytes]:
    """A model may be called `=…` or `@cf/…` by its server."""
    yield csv_safe.lines([COLUMNS])
    for call in _calls(user):
        yield csv_safe.lines([[call[name] for name in COLUMNS]])


def _calls(user: User) -> Iterator[dict[str, Any]]:
    """Every call to a provider, in the order in which they were made."""
    for page in rows.pages(ProviderCall.objects.filter(user=user), CALLS_A_PAGE):
        yield from map(_call, page)


def _call(call: ProviderCall) -> dict[str, Any]:
    told = {name: getattr(call, name) for name in COLUMNS if name not in ("at", "cost")}
    return {"at": when(call.at), **told, "cost": shown(call.cost_micros)}


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
