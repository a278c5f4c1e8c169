"""Which of one person's titles and messages have the words of a search.

Every statement asks the index for the mark of the owner together with the words, so that nobody else's
are touched, and reads no more than so many rows: a common word stands in half of a hundred thousand
messages. What is common is found among the newest, and only what is rare there is looked up in all.
"""

import re
import time
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from psycopg.errors import QueryCanceled

from conversations.errors import Unavailable
from conversations.models import Conversation
from conversations.reading.sought import Sought

# The newest are looked through in some milliseconds. What is found there so often is common, and its
# newest places are what somebody wants of it.
NEWEST = 4_000
PLENTY = 60
HITS = 200
# An index of words knows nothing of their order: to look one phrase of common words up costs more than to
# look so many through.
FURTHER = 20_000
# Read of what the index gives; what is not common is seldom as much.
LOOKED_UP = 5_000
# Parts of words are looked for where words found little.
LITTLE = 20
TITLES = 20_000
# To compare a title with what was typed takes some microseconds; only the newest are.
COMPARED = 4_000
LOOKED_UP_PARTS = 2_000
# So do words in different messages of one conversation: of so many conversations with the rarest of them.
TOGETHER_MOST = 300
# To count one common word takes some 20 ms; who types more words than this has a sentence in mind.
TOGETHER_WORDS = 6
RARE = 2_000

# What LIKE takes for more than a sign.
SIGNS, QUOTED = re.compile(r"([\\%_])"), r"\\\1"
# All statements of a search together: they take a thirtieth of that by themselves, but a machine can be busy.
SECONDS = 3.0
# Plans are made for the rows at hand; to compile one costs more than it saves.
SETTINGS = "SET LOCAL jit = off; SET LOCAL enable_seqscan = off; SET LOCAL statement_timeout = {ms}"
TOO_LONG = _("This search takes too long at the moment. Try other words, or try again.")
FROM_NEWEST = """
SELECT conversation_id, message_id, start, at, ts_rank(words, %(words)s::tsquery) FROM (
  SELECT conversation_id, message_id, start, at, words, body FROM conversations_findable
   WHERE owner_id = %(owner)s AND message_id IS NOT NULL AND at >= %(after)s AND at < %(before)s
   ORDER BY at DESC, id DESC LIMIT %(newest)s) newest
 WHERE words @@ %(exact)s::tsquery {literally} AND {visible}
 LIMIT %(hits)s
"""
FROM_ALL = """
SELECT conversation_id, message_id, start, at, ts_rank(words, %(words)s::tsquery) FROM (
  SELECT * FROM (
    SELECT owner_id, conversation_id, message_id, start, at, words, body
      FROM conversations_findable WHERE words @@ %(rough)s::tsquery {parts}
     LIMIT %(looked_up)s) indexed
   WHERE owner_id = %(owner)s AND message_id IS NOT NULL AND at >= %(after)s AND at < %(before)s
     AND words @@ %(exact)s::tsquery {literally} AND {visible}
   ORDER BY at DESC LIMIT %(hits)s) found
"""
# How many have each of the words: no more are counted.
COUNTS = """
SELECT (SELECT count(*) FROM (SELECT FROM conversations_findable
                               WHERE words @@ (%s::tsquery && one::tsquery) LIMIT %s) counted)
  FROM unnest(%s::text[]) WITH ORDINALITY AS asked(one, place) ORDER BY place
"""
# Conversations in which each of the words stands somewhere, the title being one place: found by the rarest.
# A place of one word alone weighs less than any that has all.
TOGETHER = """
SELECT conversation_id, message_id, start, at, -0.1 FROM conversations_findable
 WHERE words @@ %(any)s::tsquery AND message_id IS NOT NULL AND conversation_id IN (
   SELECT conversation_id FROM conversations_findable
    WHERE conversation_id IN (
            SELECT conversation_id FROM (
              SELECT owner_id, conversation_id, at FROM conversations_findable
               WHERE words @@ %(rarest)s::tsquery LIMIT %(looked_up)s) indexed
             WHERE owner_id = %(owner)s AND {visible} ORDER BY at DESC LIMIT %(together)s)
      AND at >= %(after)s AND at < %(before)s
    GROUP BY conversation_id HAVING {each})
 ORDER BY at DESC LIMIT %(hits)s
"""
# Titles are few and short: all of one's own are looked through.
FROM_TITLES = """
SELECT conversation_id FROM (
  SELECT conversation_id, at, words, body FROM conversations_findable
   WHERE owner_id = %(owner)s AND message_id IS NULL AND at < %(before)s
   ORDER BY at DESC LIMIT %(titles)s) newest
 WHERE {title} {literally} AND {visible}
 LIMIT %(hits)s
"""
# Of a conversation: whether it has it.
HAS = """
EXISTS (SELECT FROM conversations_findable f
         WHERE f.conversation_id = conversations_conversation.id AND f.words @@ %s::tsquery
           AND f.body LIKE ALL(SELECT chatsite_folded(term) FROM unnest(%s::text[]) AS term)
           AND f.at >= %s AND f.at < %s)
"""
TITLE_HAS = "(words @@ %(titled)s::tsquery {or_parts})"
# As it is written with a slip: something in the title is much like it.
TITLE_IS_LIKE = "words @@ %(beside)s::tsquery AND chatsite_folded(%(typed)s) <%% body"


def like(text: str) -> str:
    """That it stands somewhere, as LIKE has it; yet to be folded."""
    return f"%{SIGNS.sub(QUOTED, text)}%"


class Hit(NamedTuple):
    conversation: UUID
    message: UUID
    start: int
    at: datetime
    rank: float


class Lookup:
    """`among` are the conversations that are looked through."""

    def __init__(self, sought: Sought, owner: UUID, among: QuerySet[Conversation]) -> None:
        self.sought = sought
        self.ends = time.monotonic() + SECONDS
        self.parameters: dict[str, Any] = {
            "owner": owner,
            "after": sought.wanted.after or "-infinity",
            "before": sought.wanted.before or "infinity",
            "words": sought.words,
            "exact": sought.exact,
            "rough": sought.rough,
            "beside": sought.beside,
            "titled": sought.titled,
            "typed": " ".join(term.text for term in sought.wanted.words),
            "newest": NEWEST,
            "hits": HITS,
            "looked_up": LOOKED_UP,
            "together": TOGETHER_MOST,
        }
        self.pieces = {
            # `IS TRUE` has them asked for once and kept at hand, however few Postgres expects.
            "visible": f"(conversation_id IN ({self._named(among)})) IS TRUE",
            "literally": self._likes("literal", sought.literals),
        }
        self.by_parts = self._likes("part", sought.parts)

    def messages(self) -> list[Hit]:
        """Pieces of messages: newest first as far as words are common, then those with parts of words."""
        found = self._newest()
        if len(found) < PLENTY:
            found += self._hits(FROM_ALL)
        if len(found) < LITTLE:
            found += self._together()
        if len(found) < LITTLE and self.by_parts:
            found += self._with_parts()
        return list({(hit.message, hit.start): hit for hit in reversed(found)}.values())

    def conversations(self) -> list[UUID] | None:
        """All that have it in a title or a message. None: too many to name, so ask each one (`HAS`)."""
        if len(self._hits(FROM_NEWEST)) >= PLENTY:
            return None
        found = self._hits(FROM_ALL, hits=LOOKED_UP)
        if len(found) == LOOKED_UP:
            return None
        found += self._with_parts() if self.by_parts else []
        return [*{hit.conversation for hit in found}, *self.titles()]

    def titles(self) -> list[UUID]:
        """Conversations by their titles: words, or all of them as parts of words."""
        either = f"OR (TRUE {self.by_parts})" if self.by_parts else ""
        return self._titled(TITLE_HAS.format(or_parts=either))

    def like_titles(self) -> list[UUID]:
        """Conversations whose titles have something much like it."""
        quoted = any(term.quoted for term in self.sought.wanted.words)
        return [] if quoted or not self.by_parts else self._titled(TITLE_IS_LIKE, COMPARED)

    def _hits(self, statement: str, **more: Any) -> list[Hit]:
        pieces = {"parts": "", **self.pieces}
        pieces |= {name: more.pop(name) for name in pieces.keys() & more.keys()}
        values = {**self.parameters, **more}
        return [Hit(*row) for row in self._rows(statement.format(**pieces), values)]

    def _newest(self) -> list[Hit]:
        """Among the newest; a little further where that is likely to be enough, and the index no help."""
        found = self._hits(FROM_NEWEST)
        if LITTLE <= len(found) < PLENTY and not self.sought.is_exact_in_index:
            return self._hits(FROM_NEWEST, newest=FURTHER)
        return found

    def _together(self) -> list[Hit]:
        """Places of single words, in conversations that have all of them."""
        queries = self.sought.each
        if not 2 <= len(queries) <= TOGETHER_WORDS or self.sought.wanted.of_messages:
            return []
        counts = self._rows(COUNTS, [self.sought.owner, RARE, queries])
        rare, least = min(enumerate(count for (count,) in counts), key=itemgetter(1))
        if not 0 < least < RARE:
            return []
        asked = {f"each{number}": query for number, query in enumerate(queries)}
        each = " AND ".join(f"bool_or(words @@ %({name})s::tsquery)" for name in asked)
        rarest = f"{self.sought.owner} & ({queries[rare]})"
        either = f"({' | '.join(f'({query})' for query in queries)})"
        either = " & ".join([either, *self.sought.unwanted])
        statement = TOGETHER.format(**self.pieces, each=each)
        values = {**self.parameters, **asked, "rarest": rarest, "any": either}
        return [Hit(*row) for row in self._rows(statement, values)]

    def _with_parts(self) -> list[Hit]:
        beside = {"exact": self.sought.beside, "rough": self.sought.beside}
        if not self.sought.has_threes:
            return self._hits(FROM_NEWEST, literally=self.by_parts, **beside)
        return self._hits(FROM_ALL, parts=self.by_parts, looked_up=LOOKED_UP_PARTS, **beside)

    def _titled(self, title: str, most: int = TITLES) -> list[UUID]:
        values = {**self.parameters, "titles": most}
        rows = self._rows(FROM_TITLES.format(**self.pieces, title=title), values)
        return [conversation for (conversation,) in rows]

    def _rows(self, statement: str, values: Any) -> list[Any]:
        left = round((self.ends - time.monotonic()) * 1000)
        if left < 1:  # 0 would be no limit at all
            raise Unavailable(TOO_LONG)
        with connection.cursor() as cursor:
            cursor.execute(SETTINGS.format(ms=left))
            try:
                cursor.execute(statement, values)
            except OperationalError as problem:
                if isinstance(problem.__cause__, QueryCanceled):
                    raise Unavailable(TOO_LONG) from problem
                raise
            rows: list[Any] = cursor.fetchall()
        return rows

    def _likes(self, name: str, texts: list[str]) -> str:
        """The condition that each of these stands somewhere in a piece."""
        clauses = []
        for number, text in enumerate(texts):
            self.parameters[f"{name}{number}"] = like(text)
            clauses.append(f"AND body LIKE chatsite_folded(%({name}{number})s)")
        return " ".join(clauses)

    def _named(self, among: QuerySet[Conversation]) -> str:
        """A query of the ORM inside one of ours, its values beside our own."""
        statement, values = among.order_by().values("pk").query.sql_with_params()
        names = [f"among{number}" for number in range(len(values))]
        self.parameters.update(zip(names, values, strict=True))
        return statement % tuple(f"%({one})s" for one in names)
