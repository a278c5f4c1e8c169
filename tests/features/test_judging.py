"""The provider's moderation endpoint: what it is sure of is marked, beside the runs; it holds nobody up."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from conversations.errors import ProviderProblem, Refusal
from conversations.models import Flag, Moderation, Provider, ProviderCall
from conversations.models.conversation import Role
from conversations.moderation import known, marking
from conversations.provider.interface import Model as Asked
from conversations.provider.interface import Report, Said, Scores
from conversations.runs import halt
from conversations.runs.matter import Matter, matter_of
from tests.contracts.port import KEY, MODEL, port_to
from tests.features.images_kit import fresh
from tests.features.limits_kit import entered, until
from tests.features.test_chat_branches import regenerate
from tests.features.test_redaction import redact
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model, Reply, Stub, fails
from tests.stub_provider.wire import as_json

FORM = "/admin/conversations/moderation/1/change/"
SENT: dict[str, str] = {
    "endpoint": "both", "provider": "", "model": "omni-moderation-latest", "threshold": "0.5",
    "thresholds": "", "request_days": "90",
}  # fmt: skip


@pytest.fixture
def word() -> str:
    return f"zq{secrets.token_hex(5)}"


@pytest.fixture
def wanted(sam: Person, ground: Ground) -> Iterator[Callable[..., None]]:
    """What the administrator wants sent; afterwards nothing is."""

    def save(**fields: str) -> None:
        page = sam.http.post(FORM, data=SENT | fields)
        assert page.status_code == 302, page.text

    yield save
    save(endpoint="off")
    ground.run(Moderation.objects.all().delete)


def flag_of(ground: Ground, message: str) -> Flag:
    until(lambda: ground.rows(Flag, message=message, source="endpoint"))
    return ground.row(Flag, message=message, source="endpoint")


def calls_for(ground: Ground, conversation: str, many: int = 1) -> list[ProviderCall]:
    """Once they are all on the ledger."""
    mine = {"conversation": conversation, "purpose": "moderation"}
    until(lambda: len(ground.rows(ProviderCall, **mine)) >= many)
    return sorted(ground.rows(ProviderCall, **mine), key=lambda call: call.at)


def test_a_question_and_its_answer_are_judged_and_marked_each_by_its_score(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str
) -> None:
    wanted(thresholds="violence: 0,2\nhate: 1")
    judge = model.will_judge(word, {"violence": 0.3, "harassment": 0.49, "hate": 0.99})
    asked = ada.ask(model.will_say(f"It is {word}.", asked=f"What is {word}?"))
    for message in (asked.question_id, asked.answer_id):
        flag = flag_of(ground, message)
        assert (flag.categories, flag.score, flag.why) == ({"violence": 0.3}, 0.3, ["violence"])
    question, answer = judge.inputs
    assert question[0].startswith(f"What is {word}?") and answer == [f"It is {word}."]
    calls = calls_for(ground, asked.conversation, 2)
    found = {(call.outcome, call.model, call.cost_micros, call.input_tokens) for call in calls}
    assert found == {("ok", "omni-moderation-latest", 0, 0)}
    assert {str(call.user_id) for call in calls} == {str(ada.id)}


@pytest.mark.parametrize(("what", "judged"), [("questions", "ask"), ("answers", "say")])
def test_only_what_is_wanted_goes_there(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str, what: str,
    judged: str,
) -> None:  # fmt: skip
    wanted(endpoint=what)
    judge = model.will_judge(word, {})
    asked = ada.ask(model.will_say(f"say {word}", asked=f"ask {word}"))
    calls_for(ground, asked.conversation)
    wanted(endpoint="off")
    ada.ask(model.will_say(f"off {word}"), conversation=asked.conversation)
    wanted(endpoint="answers")
    later = ada.ask(model.will_say(f"later {word}"))
    calls_for(ground, later.conversation)
    assert [said[0].split()[0] for said in judge.inputs] == [judged, "later"]


def test_a_question_is_judged_once_however_often_it_is_answered(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str
) -> None:
    wanted()
    judge = model.will_judge(word, {})
    asked = ada.ask(model.will_say(f"say {word}", asked=f"ask {word}"))
    calls_for(ground, asked.conversation, 2)
    regenerate(asked).finish()
    calls_for(ground, asked.conversation, 3)
    assert [said[0].split()[0] for said in judge.inputs] == ["ask", "say", "say"]


def test_it_holds_nobody_up_and_what_passes_is_tried_again(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str
) -> None:
    wanted(endpoint="questions")
    slow = Reply(status=503, body=b"{}", first_byte_after=0.3)
    judge = model.will_judge(word, slow, {"sexual": 0.9})
    script = model.will_say("one", asked=f"ask {word}")
    asked = ada.ask(script)
    assert asked.status == "complete"
    assert flag_of(ground, asked.question_id).categories == {"sexual": 0.9}
    calls = calls_for(ground, asked.conversation, 2)
    assert [call.outcome for call in calls] == ["provider_unavailable", "ok"]
    answered_at = script.request.answered_at
    assert answered_at and [one for one in judge.requests if one.arrived_at < answered_at] == []
    assert len(judge.requests) == 2


def test_what_is_refused_is_given_up_quietly_and_is_on_the_ledger(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str
) -> None:
    wanted()
    judge = model.will_judge(word, fails(404), {"hate": 0.9})
    asked = ada.ask(model.will_say(f"say {word}", asked=f"ask {word}"))
    assert flag_of(ground, asked.answer_id).score == 0.9
    calls = calls_for(ground, asked.conversation, 2)
    assert [call.outcome for call in calls] == ["model_unavailable", "ok"]
    assert len(judge.requests) == 2 and asked.stored()["status"] == "complete"


@pytest.fixture
def named(ada: Person, ground: Ground, stub: Stub) -> Iterator[Provider]:
    provider = entered(ada, ground, stub)
    yield provider
    ground.run(provider.delete)


def matter(run: str) -> Matter | None:
    """As a server that was told of all changes has it."""
    known.rows.forget()
    return matter_of(UUID(run), Role.USER)


@pytest.mark.parametrize("how", ["deleted", "redacted"])
def test_what_is_gone_meanwhile_is_neither_sent_nor_marked(
    ada: Person, sam: Person, model: Model, ground: Ground, wanted: Callable[..., None],
    named: Provider, how: str,
) -> None:  # fmt: skip
    wanted(endpoint="questions", provider=str(named.pk))
    asked = ada.ask(model.will_say("one"))
    judged = ground.run(lambda: matter(asked.run))
    assert judged is not None and str(judged.message) == asked.question_id
    if how == "deleted":
        ada.api("DELETE", f"conversations/{asked.conversation}", expect=204)
    else:
        redact(ground, sam, asked.question_id)
    assert ground.run(lambda: matter(asked.run)) is None
    mark = transaction.atomic(marking.mark_by_scores)
    ground.run(lambda: mark(judged.message, {"hate": 1.0}, judged.settings))
    assert ground.rows(Flag, message=asked.question_id) == []


def test_nothing_leaves_a_site_that_was_stopped(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], named: Provider
) -> None:
    wanted(endpoint="questions", provider=str(named.pk))
    asked = ada.ask(model.will_say("one"))

    @transaction.atomic
    def while_stopped() -> Matter | None:
        """Which nobody else sees."""
        halt.the_site("A trial.")
        found = matter(asked.run)
        transaction.set_rollback(True)
        return found

    assert ground.run(lambda: matter(asked.run)) is not None
    assert ground.run(while_stopped) is None


def test_what_is_found_later_is_added_and_is_news(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None]
) -> None:
    asked = ada.ask(model.will_say("one"))
    mark = transaction.atomic(marking.mark_by_scores)

    def judged(**scores: float) -> Flag:
        ground.run(lambda: mark(UUID(asked.answer_id), scores, Moderation(threshold=0.5)))
        return ground.row(Flag, message=asked.answer_id)

    first = judged(hate=0.6, violence=0.4)
    again = judged(hate=0.7)
    more = judged(hate=0.5, violence=0.9)
    assert first.categories == {"hate": 0.6} and again.categories == {"hate": 0.7}
    assert more.categories == {"hate": 0.7, "violence": 0.9} and more.score == 0.9
    assert first.at == again.at < more.at


def test_a_picture_goes_by_itself_unless_the_administrator_says_no(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str
) -> None:
    wanted(endpoint="questions", model=word, with_pictures="on")
    judge = model.will_judge(word, {}, {"violence": 0.8}, {})
    images = [ada.upload(fresh())["id"], ada.upload(fresh())["id"]]
    asked = ada.ask(model.will_say("one"), images=images)
    calls_for(ground, asked.conversation, 1)
    assert flag_of(ground, asked.question_id).categories == {"violence": 0.8}
    until(lambda: len(judge.requests) == 3)
    kinds = [said[0]["type"] if isinstance(said[0], dict) else "text" for said in judge.inputs]
    assert kinds == ["text", "image_url", "image_url"]
    wanted(endpoint="questions", model=word)
    calls_for(ground, ada.ask(model.will_say("one"), images=images).conversation)
    assert len(judge.requests) == 4


def test_it_is_the_provider_that_people_chose_unless_another_is_named(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str, stub: Stub
) -> None:
    model.will_judge(word, {})
    chosen = entered(ada, ground, stub)
    wanted(endpoint="questions")
    how: dict[str, Any] = {"options": {"model": chosen.name}}
    asked = ada.ask(model.will_say("one", asked=word), **how)
    assert [call.provider for call in calls_for(ground, asked.conversation)] == [chosen.name]
    named = entered(ada, ground, stub)
    wanted(endpoint="questions", provider=str(named.pk))
    asked = ada.ask(model.will_say("one", asked=word), **how)
    assert [call.provider for call in calls_for(ground, asked.conversation)] == [named.name]
    for provider in (chosen, named):
        ground.run(provider.delete)


def test_where_there_is_no_room_to_spare_it_waits(
    ada: Person, model: Model, ground: Ground, wanted: Callable[..., None], word: str, stub: Stub
) -> None:
    provider = entered(ada, ground, stub, requests_per_minute=2)
    wanted(endpoint="questions")
    judge = model.will_judge(word, {})
    asked = ada.ask(model.will_say("one", asked=word), options={"model": provider.name})
    assert judge.requests == []
    provider.requests_per_minute = 100
    ground.save(provider)
    calls_for(ground, asked.conversation)
    ground.run(provider.delete)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("thresholds", "hate 0.5", "Line 1 is no category"),
        ("thresholds", "hate: 0.5\nviolence: 1.2", "Line 2 is no category"),
        ("thresholds", "hate: nan", "Line 1 is no category"),
        ("thresholds", "hate: 0.5\nhate: 0.6", "Line 2 names a category for the second time"),
        ("threshold", "0", "greater than or equal to 0.01"),
        ("threshold", "nan", "Enter a number"),
        ("provider", "0", "Select a valid choice"),
        ("model", "", "This field is required"),
    ],
)
def test_what_cannot_be_meant_is_said_and_not_kept(
    sam: Person, ground: Ground, field: str, value: str, said: str
) -> None:
    page = sam.http.post(FORM, data=SENT | {field: value})
    assert page.status_code == 200 and said in page.text
    assert [row.endpoint for row in ground.rows(Moderation)] in ([], ["off"])


def test_the_built_in_model_cannot_be_named(sam: Person, ground: Ground) -> None:
    page = sam.http.get(FORM).text
    builtin = ground.row(Provider, kind="builtin")
    assert "nothing of theirs goes to another provider unless" in page
    assert f'<option value="{builtin.pk}"' not in page
    assert sam.http.post(FORM, data=SENT | {"provider": str(builtin.pk)}).status_code == 200


# The port ----------------------------------------------------------------------------------------


def of_port(stub: Stub, said: Said, within: float = 5) -> tuple[Scores, Report, Refusal | None]:
    async def run() -> tuple[Scores, Report, Refusal | None]:
        port, report = port_to(stub.base_url), Report()
        try:
            asked: Asked = MODEL
            return await port.judge(asked, said, report, within=within), report, None
        except Refusal as problem:
            return {}, report, problem
        finally:
            await port.close()

    return asyncio.run(run())


def test_of_several_texts_the_highest_scores_come(stub: Stub, model: Model, word: str) -> None:
    model.will_judge(word, {"hate": 0.7})
    scores, report, problem = of_port(stub, ["harmless", word])
    assert problem is None and scores["hate"] == 0.7 and len(scores) == 13
    assert report.request_id.startswith("req_")


ODD = {
    "html": b"<html>",
    "a list": b"[]",
    "no results": b'{"results": []}',
    "no scores": b'{"results": [{"flagged": true}]}',
    "a number": b'{"results": [{"category_scores": 7}]}',
    "no end": b" " * 2_000_000,
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_what_is_no_verdict_is_a_problem(stub: Stub, model: Model, word: str, body: bytes) -> None:
    model.will_judge(word, Reply(body=body))
    _, report, problem = of_port(stub, [word])
    assert isinstance(problem, ProviderProblem) and report.detail


def test_of_strange_scores_the_numbers_are_taken(stub: Stub, model: Model, word: str) -> None:
    odd = {"hate": None, "sexual": "0.9", "violence": True, "illicit": 1, "a\x00b": 0.5}
    model.will_judge(word, Reply(body=as_json({"results": [{"category_scores": odd}]})))
    scores, *_ = of_port(stub, [word])
    assert scores.pop("illicit") == 1.0
    assert list(scores.values()) == [0.5] and "\x00" not in "".join(scores)


def test_who_is_late_or_refuses_our_key_is_told_apart(stub: Stub, model: Model, word: str) -> None:
    model.will_judge(word, Reply(body=b"{}", first_byte_after=3))
    assert of_port(stub, [word], within=0.3)[2].code == "provider_timeout"  # type: ignore[union-attr]
    model.will_judge(word, fails(401, f"Bad key {KEY}"))  # the other may never have arrived
    _, report, problem = of_port(stub, [word])
    assert problem and problem.code == "provider_auth" and KEY not in report.detail
