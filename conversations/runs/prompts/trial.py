"""Whether our own prompts still do what they are for, with whichever model: `manage.py try_prompts`."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.db import in_db
from conversations.errors import Refusal
from conversations.models import Purpose
from conversations.provider.interface import Model
from conversations.runs.prompts import HERE, prompt_named
from conversations.runs.prompts.asking import ask
from conversations.runs.title_words import title_in
from conversations.usage import ledger
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Bill, Call

# A model on a small machine; nobody waits for these.
WITHIN_SECONDS = 60.0
NOBODY = Bill(user=None)  # money is spent, on nobody’s account
# What is made of what a model says, before anybody sees it.
CLEANED: Mapping[str, Callable[[str], str]] = {"title": title_in}


@dataclass(frozen=True, slots=True)
class Case:
    """`words` and `characters`: from, to. `mentions` and `avoids`: patterns, capitals or not."""

    name: str
    told: dict[str, str]
    words: tuple[int, int] | None = None
    characters: tuple[int, int] | None = None
    mentions: str = ""
    avoids: str = ""

    def wrong_with(self, said: str) -> Iterator[str]:
        """What is not as it should be, in words; nothing for a pass."""
        if not said:
            yield "nothing was said"
            return
        yield from _outside("words", len(said.split()), self.words)
        yield from _outside("characters", len(said), self.characters)
        if self.mentions and not re.search(self.mentions, said, re.IGNORECASE):
            yield f"none of {self.mentions} in it"
        if self.avoids and (found := re.search(self.avoids, said, re.IGNORECASE)):
            yield f"{found[0]!r} in it"


@dataclass(frozen=True, slots=True)
class Tried:
    case: str
    said: str
    wrong: tuple[str, ...]


def cases_of(name: str) -> list[Case]:
    """Raises TypeError for a case that says what none has to say."""
    file = HERE / f"{name}.cases.toml"
    told: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    return [Case(**one) for one in told]


async def tried(name: str, model: Model) -> list[Tried]:
    """Each case once, one after the other: a small machine has no room for more."""
    return [await _tried(name, case, model) for case in cases_of(name)]


async def _tried(name: str, case: Case, model: Model) -> Tried:
    prompt, calls = prompt_named(name), list[Call]()
    payer = Payer(None, Purpose.PROMPT_TEST, model.id)
    try:
        said = await ask(prompt, model, case.told, calls, within=WITHIN_SECONDS, payer=payer)
    except Refusal as problem:
        return Tried(case.name, "", (str(problem),))
    finally:
        await in_db(ledger.enter)(NOBODY, model, calls, Purpose.PROMPT_TEST, prompt.tag)
    said = CLEANED.get(name, str.strip)(said)
    return Tried(case.name, said, tuple(case.wrong_with(said)))


def _outside(what: str, count: int, limits: tuple[int, int] | None) -> Iterator[str]:
    if limits and not limits[0] <= count <= limits[1]:
        yield f"{count} {what}, not {limits[0]} to {limits[1]}"
