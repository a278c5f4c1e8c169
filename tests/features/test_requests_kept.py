"""What was sent for a run can be shown again as it went out, and takes little room."""

import hashlib
import json
import os
import random
from datetime import timedelta
from typing import Any

import pytest

from conversations.models import Run, SentRequest, SentText
from conversations.review import requests as review
from conversations.runs import sent
from tests.features.test_chat_branches import edit, regenerate
from tests.features.test_chat_going_on import go_on, going_on
from tests.features.test_files import added
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, Request, Script, cut, fails, pause, says

TALKS = int(os.environ.get("CHATSITE_TEST_TALKS", "2"))
TURNS = 8


def made_again(ground: Ground, run: str) -> list[Any]:
    return ground.run(lambda: _made_again(run))


def _made_again(run: str) -> list[Any]:
    row = Run.objects.select_related("conversation").get(pk=run)
    kept = sent.of(row.pk)
    assert kept is not None
    return [review.shown(one.body) for one in review.made_again(kept, row.conversation)]


def wishes(person: Person, instructions: str) -> None:
    person.api("PATCH", "me", json={"preferences": {"system_prompt": instructions}})


def received(request: Request) -> Any:
    """As it came in, each picture by what it was."""
    return json.loads(json.dumps(request.json), object_hook=_by_digest)


def _by_digest(value: dict[str, Any]) -> dict[str, Any]:
    url = value.get("url")
    if isinstance(url, str) and url.startswith("data:"):
        kind, _, encoded = url.partition(",")
        digest = hashlib.sha256(url.encode()).hexdigest()
        value["url"] = f"{kind},… ({len(encoded)} characters, SHA-256 {digest})"
    return value


def is_as_sent(ground: Ground, asked: Asked, script: Script) -> None:
    assert made_again(ground, asked.run)[-1] == received(script.requests[-1])


class Talking:
    """A conversation that goes on at random."""

    def __init__(self, ada: Person, model: Model, ground: Ground, dice: random.Random) -> None:
        self.ada, self.model, self.ground, self.dice = ada, model, ground, dice
        self.last: Asked | None = None
        self.asked: Script | None = None  # what the newest question is answered by

    def step(self) -> None:
        ways = [self.ask, self.ask_with_files, self.ask_with_a_picture]
        if self.last:
            ways += [self.ask, self.edit, self.regenerate, self.break_off_and_go_on]
        asked, script = self.dice.choice(ways)()
        is_as_sent(self.ground, asked, script)
        self.last = asked

    def script(self) -> Script:
        words = ["", "yes", "no\n\n", "```", "é", "Tell me.", "a" * 300]
        said = self.dice.choice(words)
        return self.model.will_say(f"{said} so.", asked=f"Tell me. {said}")

    def ask(self, script: Script | None = None, **fields: Any) -> tuple[Asked, Script]:
        self.asked = script = script or self.script()
        place: Any = {"conversation": self.last.conversation} if self.last else {}
        return self.ada.ask(script, **place, **fields), script

    def ask_with_files(self) -> tuple[Asked, Script]:
        content = self.dice.choice([b"Tell me.", b"# A file\n```\nx\n```", b"a"])
        return self.ask(files=[one["id"] for one in added(self.ada, ("a.md", content))])

    def ask_with_a_picture(self) -> tuple[Asked, Script]:
        seen = [self.ada.upload(png(30, 20))["id"] for _ in range(self.dice.randint(1, 2))]
        return self.ask(images=seen, options={"detail": self.dice.choice(["low", "high"])})

    def edit(self) -> tuple[Asked, Script]:
        assert self.last
        self.asked = self.script()
        return edit(self.last, self.asked).finish(), self.asked

    def regenerate(self) -> tuple[Asked, Script]:
        assert self.last and self.asked
        return regenerate(self.last).finish(), self.asked

    def break_off_and_go_on(self) -> tuple[Asked, Script]:
        broken, _ = self.ask(self.model.will_say("one ", cut))
        script = going_on(self.model, "and two")
        return go_on(broken).finish(), script


@pytest.mark.parametrize("seed", range(TALKS))
def test_what_the_provider_received_is_made_again_of_what_was_kept(
    ada: Person, model: Model, ground: Ground, seed: int
) -> None:
    talking = Talking(ada, model, ground, random.Random(seed))
    for _ in range(TURNS):
        talking.step()


def test_retries_and_bodies_that_differ_are_told_apart(
    ada: Person, model: Model, ground: Ground
) -> None:
    script = model.will_answer(fails(503), says("at last"))
    asked = ada.ask(script)
    [kept] = ground.rows(SentRequest, run=asked.run)
    assert [call["attempts"] for call in kept.calls] == [[1, 2]]
    assert [received(request) for request in script.requests] == 2 * made_again(ground, asked.run)


@pytest.mark.parametrize("how", ["stopped", "failed"])
def test_it_is_kept_however_the_run_ends(
    ada: Person, model: Model, ground: Ground, how: str
) -> None:
    if how == "failed":
        script = model.will_fail(400)
        asked = ada.ask(script)
    else:
        script = model.will_say("one ", pause, "two")
        asked = ada.start(script)
        script.wait_until_paused()
        asked.stop()
        asked.finish()
    assert asked.status == how
    is_as_sent(ground, asked, script)


def test_a_long_conversation_takes_no_more_room_than_a_short_one(
    ada: Person, model: Model, ground: Ground
) -> None:
    wishes(ada, "Be kind. " * 40)
    asked = ada.ask(model.will_say("one " * 500))
    for _ in range(4):
        script = model.will_say("one " * 500)
        asked = ada.ask(script, conversation=asked.conversation)
    [kept] = ground.rows(SentRequest, run=asked.run)
    assert len(json.dumps(kept.calls)) < 600
    assert len(ground.rows(SentText, pk=kept.instructions_id)) == 1
    is_as_sent(ground, asked, script)


def test_what_is_kept_too_long_goes_with_the_texts_that_nothing_begins_with(
    ada: Person, model: Model, ground: Ground
) -> None:
    wishes(ada, f"I am {ada.id}. " * 20)
    asked = ada.ask(model.will_say("one"))
    [kept] = ground.rows(SentRequest, run=asked.run)
    assert not ground.run(lambda: sent.forget_old(days=1))
    assert ground.rows(SentRequest, run=asked.run)
    assert ground.rows(SentText, pk=kept.instructions_id)
    ground.run(
        lambda: SentRequest.objects.filter(pk=kept.pk).update(at=kept.at - timedelta(days=2))
    )
    ground.run(lambda: sent.forget_old(days=1))
    assert not ground.rows(SentRequest, run=asked.run)
    assert not ground.rows(SentText, pk=kept.instructions_id)
