"""`python -m bench.full_site`: a full site for whoever has written most of it, and at night.

DATABASE_URL names a seeded database, as for `bench.desk_pages`. Pages as the person opens them, their
searches, what a rule of retention finds, what a hold on somebody costs who deletes, and exports. Nothing
that it does stays.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.desk_pages import ready, took

EXPORTED = 100_000


def persons_pages() -> Iterator[tuple[str, str]]:
    """Of whoever has most conversations."""
    longest = _longest()
    yield "the page with the sidebar", "/"
    yield "the longest conversation", f"/c/{longest}/"
    yield "one's use", "/usage/"
    yield "one's pictures", "/pictures/"
    yield "settings", "/settings/"
    for word in ("budget", "garden plan", "nothing-is-called-so", "erkläre"):
        yield f"search: {word}", f"/api/v1/search?q={word}"
    yield "the list by API", "/api/v1/conversations"
    yield "the longest by API", f"/api/v1/conversations/{longest}"


def _most() -> Any:
    from django.db.models import Count

    from conversations.models import User

    return User.objects.annotate(talks=Count("conversations")).latest("talks")


def _longest() -> Any:
    from django.db.models import Count

    from conversations.models import Conversation

    mine = Conversation.objects.filter(owner=_most())
    return mine.annotate(said=Count("messages")).latest("said").pk


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return work(), (time.perf_counter() - began) * 1000


def at_night() -> Iterator[tuple[str, str, float]]:
    """In a transaction that the caller takes back."""
    from conversations import holds
    from conversations.models import Conversation, Hold, RetentionRule
    from conversations.runs import retention

    rule = RetentionRule.objects.create(what="conversations", days=90)
    retention.written.forget()
    [found], ms = timed(retention.forecast)
    yield "forecast of a rule", f"{found.count:,} conversations of {found.people:,}", ms
    gone, ms = timed(lambda: retention.some(rule))
    yield "a step of the rule", f"{len(gone)} conversations", ms
    person = _most()
    some = list(Conversation.objects.filter(owner=person).values_list("pk", flat=True)[:200])
    yield "deleting, no hold", "100 conversations", timed(_delete(some[:100]))[1]
    from conversations.models import User

    other = User.objects.exclude(pk=person.pk).order_by("pk").last()
    Hold.objects.create(person=other, reason="bench")
    yield "deleting, a hold on another", "100 conversations", timed(_delete(some[100:]))[1]
    held = Conversation.objects.filter(holds.held()).count()
    yield (
        "what is held",
        f"{held:,} conversations",
        timed(lambda: Conversation.objects.filter(holds.held()).count())[1],
    )


def _delete(ids: list[Any]) -> Callable[[], Any]:
    from conversations.models import Conversation

    return lambda: Conversation.objects.filter(pk__in=ids).delete()


def exports() -> Iterator[tuple[str, str, float]]:
    """Their lines, as far as EXPORTED rows of each."""
    from conversations.exports import sheets
    from conversations.models import ProviderCall

    for form in ("csv", "jsonl"):
        began, rows, size = time.perf_counter(), 0, 0
        for count, piece in sheets.ledger(ProviderCall.objects.all(), form):
            rows, size = rows + count, size + len(piece)
            if rows >= EXPORTED:
                break
        said = f"{rows:,} rows of the ledger, {size / 1e6:.0f} MB"
        yield f"export, {form}", said, (time.perf_counter() - began) * 1000


def main() -> int:
    ready()
    from django.db import transaction
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.raise_request_exception = False
    person = _most()
    client.force_login(person)
    print(
        "| page of one person | statements | pages of Postgres | ms | |",
        "| --- | --: | --: | --: | --- |",
        sep="\n",
    )
    for what, path in persons_pages():
        statements, blocks, ms, status = took(client, path)
        said = status if status >= 400 else ""
        print(f"| {what} | {statements} | {blocks:,} | {ms:.0f} | {said} |", flush=True)
    print("\n| at night | | ms |", "| --- | --- | --: |", sep="\n")
    with transaction.atomic():
        for what, said, ms in at_night():
            print(f"| {what} | {said} | {ms:.0f} |", flush=True)
        transaction.set_rollback(True)
    for what, said, ms in exports():
        print(f"| {what} | {said} | {ms:.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
