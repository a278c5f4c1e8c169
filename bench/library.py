"""A million messages of a hundred people, one of whom has a tenth of them: what search is measured on."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from uuid import UUID

import psycopg

MESSAGES = 1_000_000
HERS = 10  # one in so many is hers whose search is measured
OTHERS = 90
TURNS = 20  # messages of a conversation
WORDS = 40_000
SENTENCES = 30_000
YEARS = 3
AT_ONCE = 2  # connections that write

# What the queries look for, and how often it is said: one message in so many.
PLANTED = {
    "the zirconium teapot": 20_000,  # rare
    "umweltverträglichkeitsprüfungen": 5_000,  # a word within which one looks, and a stem
    "a quarterly harbour report": 500,
    "parse_tree_visitor(node)": 2_000,
    "東京の天気": 5_000,
}
CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Library:
    """The same every time: made from one seed."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.random = random.Random(4)
        words = [self._word() for _ in range(WORDS)]
        # As people speak: the n-th word n times rarer than the first.
        weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
        self.words = words
        self.sentences = [
            " ".join(self.random.choices(words, cum_weights=weights, k=self.random.randint(5, 18)))
            for _ in range(SENTENCES)
        ]

    def _word(self) -> str:
        pick = self.random.choice
        return "".join(pick(CONSONANTS) + pick(VOWELS) for _ in range(self.random.randint(1, 5)))

    def text(self, sentences: int) -> str:
        said = self.random.choices(self.sentences, k=sentences)
        for words, often in PLANTED.items():
            if self.random.random() * often < 1:
                said.append(words)
        return ". ".join(said)

    def conversations(self) -> Iterator[tuple[UUID, int, datetime]]:
        """Id, whose (0 is hers), and when it began: everybody's mixed, as time goes."""
        count = self.messages // TURNS
        step = timedelta(days=365 * YEARS) / count
        for number in range(count):
            whose = 0 if number % HERS == 0 else self.random.randint(1, OTHERS)
            began = NOW - step * (count - number)
            yield self.id_at(began), whose, began

    def id_at(self, at: datetime) -> UUID:
        value = int(at.timestamp() * 1000) << 80 | self.random.getrandbits(80)
        value &= ~(0xF << 76) & ~(0x3 << 62)
        return UUID(int=value | 0x7 << 76 | 0x2 << 62)

    def said_in(self, conversation: UUID, began: datetime) -> Iterator[tuple[object, ...]]:
        """Rows of messages, a straight branch."""
        parent = None
        for turn in range(TURNS):
            at = began + timedelta(minutes=turn)
            id, mine = self.id_at(at), turn % 2 == 0
            long = self.random.randint(1, 2) if mine else self.random.randint(2, 8)
            role, model = ("user", "") if mine else ("assistant", "gpt-4o-mini")
            yield id, conversation, parent, role, self.text(long), model, at
            parent = id


def fill(url: str, messages: int = MESSAGES) -> UUID:
    """Fill an empty, migrated database. Gives her id, whose search is measured."""
    library = Library(messages)
    people = [library.id_at(NOW) for _ in range(OTHERS + 1)]
    with psycopg.connect(url, autocommit=True) as postgres:
        postgres.execute(
            "SET session_replication_role = replica"
        )  # no triggers: all in one go later
        _copy_people(postgres, people)
        _copy_talk(postgres, library, people)
        postgres.execute("VACUUM ANALYZE conversations_message, conversations_conversation")
    make_findable(url)
    return people[0]


def _copy_people(postgres: psycopg.Connection, people: list[UUID]) -> None:
    with (
        postgres.cursor() as cursor,
        cursor.copy(
            "COPY conversations_user (id, username, email, password, first_name, last_name, is_staff,"
            " is_superuser, is_active, date_joined) FROM STDIN"
        ) as copy,
    ):
        for number, id in enumerate(people):
            name = f"reader{number}"
            copy.write_row((id, name, f"{name}@example.org", "!", "", "", 0, 0, 1, NOW))


def _copy_talk(postgres: psycopg.Connection, library: Library, people: list[UUID]) -> None:
    """Five thousand conversations at a time, so that nothing has to stay in memory."""
    coming = library.conversations()
    while some := list(islice(coming, 5_000)):
        with postgres.cursor() as cursor:
            with cursor.copy(
                "COPY conversations_conversation (id, owner_id, title, pinned, archived, model,"
                " system_prompt, options, created_at, updated_at) FROM STDIN"
            ) as copy:
                for id, whose, began in some:
                    ended = began + timedelta(minutes=TURNS)
                    title = library.random.choice(library.sentences)[:60]
                    copy.write_row((id, people[whose], title, 0, 0, "", "", "{}", began, ended))
            with cursor.copy(
                "COPY conversations_message (id, conversation_id, parent_id, role, text, model,"
                " created_at, reasoning, tool_calls, status, finish_reason, error_code,"
                " error_message, options) FROM STDIN"
            ) as copy:
                for id, _, began in some:
                    for row in library.said_in(id, began):
                        copy.write_row((*row, "", "[]", "complete", "", "", "", "{}"))


def make_findable(url: str) -> None:
    """By the same functions as the triggers; the large index at the end, which is faster."""
    with psycopg.connect(url, autocommit=True) as postgres:
        [index] = postgres.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'findable_words'"
        ).fetchone() or [""]
        postgres.execute("DROP INDEX findable_words")
        with ThreadPoolExecutor(AT_ONCE) as writers:
            list(writers.map(lambda part: _some_findable(url, part), range(AT_ONCE)))
        postgres.execute("SELECT chatsite_make_title_findable(id) FROM conversations_conversation")
        postgres.execute("SET maintenance_work_mem = '1GB'")
        postgres.execute(index.encode())
        postgres.execute("VACUUM ANALYZE conversations_findable")


def _some_findable(url: str, part: int) -> None:
    with psycopg.connect(url, autocommit=True) as postgres:
        days = YEARS * 365 // AT_ONCE + 2
        since = NOW - timedelta(days=days * (part + 1))
        postgres.execute(
            "SELECT chatsite_make_findable(id) FROM conversations_message"
            " WHERE created_at >= %s AND created_at < %s",
            [since, since + timedelta(days=days)],
        )
