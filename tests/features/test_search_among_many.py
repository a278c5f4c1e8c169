"""Where a search looks when there is much: few messages stand for a hundred thousand here."""

import re
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.db import connection_string
from conversations.errors import Unavailable
from conversations.models import Conversation, Message, User
from conversations.reading import findable, lookup
from conversations.reading.search import search

pytestmark = pytest.mark.django_db

# Of what the index of words gave.
LOOKED_UP = ") indexed"


@pytest.fixture
def ada(monkeypatch: pytest.MonkeyPatch) -> User:
    for name, value in {"NEWEST": 10, "LITTLE": 2, "PLENTY": 6, "FURTHER": 40}.items():
        monkeypatch.setattr(lookup, name, value)
    return User.objects.create(username="ada")


def said(owner: User, *texts: str) -> None:
    for text in texts:
        talk = Conversation.objects.create(owner=owner)
        Message.objects.create(conversation=talk, role="user", text=text)


def found(owner: User, typed: str) -> tuple[int, bool]:
    """How many conversations, and whether the index of words was asked."""
    with CaptureQueriesContext(connection) as asked:
        items: list[Any] = search(owner, typed)["items"]
    return len(items), any(LOOKED_UP in query["sql"] for query in asked)


def test_a_phrase_of_common_words_is_looked_for_further_among_the_newest(ada: User) -> None:
    """The index would give all messages that have its words, in whatever order."""
    said(ada, *["a storm petrel", "a petrel in a storm", "petrels, storms", "stormy"] * 10)
    assert found(ada, '"storm petrel"') == (10, False)


def test_a_phrase_that_is_rare_is_looked_up_to_its_end(ada: User) -> None:
    said(ada, "a storm petrel", *["a petrel in a storm"] * 50)
    assert found(ada, '"storm petrel"') == (1, True)


def test_words_that_are_not_common_are_looked_up_to_their_end(ada: User) -> None:
    said(ada, *["a petrel"] * 3, *["a storm"] * 50, *["a petrel"] * 3, *["a storm"] * 7)
    assert found(ada, "petrel") == (6, True)


@pytest.mark.parametrize("milliseconds", [0, 50])
def test_a_search_that_takes_too_long_ends_and_says_so(
    ada: User, monkeypatch: pytest.MonkeyPatch, milliseconds: int
) -> None:
    said(ada, "a storm petrel")
    monkeypatch.setattr(lookup, "SECONDS", milliseconds / 1000)
    monkeypatch.setattr(lookup, "FROM_TITLES", "SELECT pg_sleep(60)")
    with pytest.raises(Unavailable, match="takes too long"):
        search(ada, "petrel")


def test_nobody_waits_long_for_what_others_make_findable(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findable, "PATIENCE", "SET LOCAL lock_timeout = 50")
    said(ada, "a storm petrel")
    with psycopg.connect(connection_string()) as somebody:
        somebody.execute("SELECT pg_advisory_xact_lock(7163100583312188004)")
        assert found(ada, "petrel")[0] == 0
    assert found(ada, "petrel")[0] == 1


@pytest.mark.parametrize(
    ("text", "typed"), [("天気予報です", "気予報"), ("непогода", "погода"), ("harbour", "arbou")]
)
def test_a_part_of_a_word_never_has_the_whole_index_read(ada: User, text: str, typed: str) -> None:
    """In a database whose locale is C the index knows nothing of letters beside those of English."""
    said(ada, text)
    with CaptureQueriesContext(connection) as asked:
        assert len(search(ada, f"{typed} ")["items"]) == 1
    explained = [query["sql"] for query in asked if "body LIKE" in query["sql"]]
    for sql in explained:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            for part in re.findall(r"on findable_words.*\n.*body ~~ '%(.*)%'", plan):
                cursor.execute("SELECT cardinality(show_trgm(%s)) > 0", [part])
                assert cursor.fetchone() == (True,), plan


def test_words_of_a_sentence_are_not_counted_one_by_one(ada: User) -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven"]
    talk = Conversation.objects.create(owner=ada)
    for word in words:
        Message.objects.create(conversation=talk, role="user", text=word)
    assert found(ada, " ".join(words[:6]))[0] == 1
    with CaptureQueriesContext(connection) as asked:
        assert search(ada, " ".join(words))["items"] == []
    assert not any("counted" in query["sql"] for query in asked)
