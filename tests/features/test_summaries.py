"""The old part of a long conversation is summarised: seen, undone, and never in the way."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from conversations.api import shapes
from conversations.models import LanguageModel, Message, Provider, ProviderCall, Summary
from tests.features.limits_kit import until
from tests.features.test_api_shapes import fits
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.server import Server
from tests.harness.talks import Talks
from tests.stub_provider import Model, Reply, Script, Stub, fails, pause, says
from tests.stub_provider.wire import USAGE, as_json

PATIENCE = 60
# Leaves 1,633 tokens for what is read: what takes more than 1,224 is a lot.
WINDOW = 2_000
SAID = "The quick brown fox jumps over the lazy dog. "  # ten tokens
ABOUT = "About: a quick brown fox."


@pytest.fixture(scope="module")
def terse(ground: Ground, stub: Stub, server: Server) -> Iterator[str]:
    """A model that reads little, and another that sums up for it."""
    provider = Provider(name="terse", kind="compatible", base_url=stub.base_url)
    common = {"provider": provider, "max_output_tokens": 300, "tokenizer": "o200k_base"}
    small = LanguageModel(slug="sums-up", name="Sums up", context_window=32_000, **common)
    common["abilities"] = ["stream_usage"]
    row = LanguageModel(slug="terse", name="Terse", context_window=WINDOW, small=small, **common)
    for one in (provider, small, row):
        ground.save(one)
    yield row.slug
    ground.run(provider.delete)


@pytest.fixture
def reader(ada: Person, terse: str) -> Person:
    end = time.monotonic() + PATIENCE
    while terse not in [model["id"] for model in ada.api("GET", "models")["items"]]:
        assert time.monotonic() < end, "the model is not on offer"
        time.sleep(0.1)
    return ada


@pytest.fixture
def summer(model: Model) -> Script:
    """Who is asked for summaries of conversations in which its question stands."""
    script = model.will_say("never asked", asked="Foxes")
    script.summaries = (says(ABOUT),)
    return script


def talk(reader: Person, summer: Script, turns: int, *, sentences: int = 10) -> str:
    texts = [f"{turn}: " + SAID * sentences for turn in range(turns)]
    texts[0] = summer.question + " " + texts[0]
    return str(Talks(reader).talk(*texts, model="terse", system_prompt="Be brief.").pk)


def ask(
    reader: Person, model: Model, conversation: str, *, read: int = 100
) -> tuple[Script, Asked]:
    script = model.will_say("Yes.", usage={**USAGE, "prompt_tokens": read})
    return script, reader.ask(script, conversation=conversation, timeout=PATIENCE + 10)


def shown(reader: Person, conversation: str) -> list[dict[str, Any]]:
    """The messages that have a summary, on all pages together."""
    return [one for one in reader.messages(conversation) if one["summary"]]


def made(reader: Person, conversation: str) -> dict[str, Any]:
    """The one that has a summary, once there is one."""
    end = time.monotonic() + PATIENCE
    while not (found := shown(reader, conversation)):
        assert time.monotonic() < end, "no summary was made"
        time.sleep(0.05)
    assert len(found) == 1
    return found[0]


def ledger(ground: Ground, conversation: str) -> list[ProviderCall]:
    return ground.rows(ProviderCall, conversation=conversation, purpose="summary")


def test_what_does_not_fit_is_summarised_and_the_rest_is_read(
    reader: Person, model: Model, summer: Script, ground: Ground
) -> None:
    conversation = talk(reader, summer, 20)
    script, asked = ask(reader, model, conversation)
    said = script.request.said()
    place = made(reader, conversation)
    fits(place["summary"], shapes.Summary)
    summary = place["summary"]
    assert (summary["text"], summary["model"]) == (ABOUT, "sums-up")
    assert place["role"] == "assistant"
    assert [role for role, _ in said[:3]] == ["system", "user", "assistant"]
    assert ABOUT in said[1][1] and f"{summary['messages']}: " in said[1][1]
    assert (
        f"{summary['messages']} messages" in said[1][1] and "not said by the person" in said[1][1]
    )
    assert len(said) == 1 + 20 - summary["messages"] + 1 and said[-1][1] == script.question
    assert asked.finished["message"]["left_out"] == 0
    [call] = ledger(ground, conversation)
    assert (call.outcome, call.model, call.run, call.input_tokens) == ("ok", "sums-up", None, 11)
    [request] = summer.summary_requests
    assert "<person>" in request.last_user_text and not request.json.get("stream")


def test_the_beginning_stays_the_same_from_question_to_question(
    reader: Person, model: Model, summer: Script
) -> None:
    conversation = talk(reader, summer, 20)
    first, _ = ask(reader, model, conversation)
    second, _ = ask(reader, model, conversation)
    before, after = first.request.said(), second.request.said()
    assert after[: len(before)] == before and len(after) == len(before) + 2
    assert len(summer.summary_requests) == 1


def test_it_is_made_at_three_quarters_beside_the_talk_and_open_tabs_hear_of_it(
    reader: Person, model: Model, summer: Script
) -> None:
    conversation = talk(reader, summer, 12)
    tab = reader.socket()
    tab.open(conversation)
    ask(reader, model, conversation, read=1_200)
    assert summer.summary_requests == []
    _, asked = ask(reader, model, conversation, read=1_300)
    frame = tab.until("message.summary", timeout=PATIENCE, conversation=conversation)
    place = made(reader, conversation)
    assert (frame["message"], frame["summary"]) == (place["id"], place["summary"])
    assert asked.finished["message"]["left_out"] == 0
    script, _ = ask(reader, model, conversation)
    assert ABOUT in script.request.said()[1][1]
    assert len(summer.summary_requests) == 1


def test_a_later_one_is_made_of_the_earlier_one_and_what_came_since(
    reader: Person, model: Model, summer: Script
) -> None:
    conversation = talk(reader, summer, 20)
    ask(reader, model, conversation)
    first = made(reader, conversation)["summary"]
    later = [model.will_say(SAID * 15, asked=SAID * 15) for _ in range(5)]
    for script in later:
        script.summaries = (says("About: more foxes."),)
        reader.ask(script, conversation=conversation, timeout=PATIENCE + 10)
    [request] = [request for script in later for request in script.summary_requests]
    assert f"<earlier_summary>\n{ABOUT}\n</earlier_summary>" in request.last_user_text
    assert summer.question not in request.last_user_text, "that is in the earlier one"
    second = made(reader, conversation)["summary"]
    assert second["text"] == "About: more foxes." and second["messages"] > first["messages"]
    assert "About: more foxes." in later[-1].request.said()[1][1]
    assert ABOUT not in later[-1].request.said()[1][1]


def test_undone_all_of_it_is_read_again_as_long_as_it_fits(
    reader: Person, model: Model, summer: Script
) -> None:
    conversation = talk(reader, summer, 12)
    ask(reader, model, conversation, read=1_300)
    place = made(reader, conversation)
    tab = reader.socket()
    tab.open(conversation)
    path = f"conversations/{conversation}/summaries/{place['summary']['id']}"
    reader.api("DELETE", path, expect=204)
    tab.until("message.summary", message=place["id"], summary=None)
    assert shown(reader, conversation) == []
    reader.api("DELETE", path, expect=404)
    script, _ = ask(reader, model, conversation, read=1_300)
    assert len(script.request.said()) == 1 + 12 + 2 + 1
    assert len(summer.summary_requests) == 1, "what somebody undid is not done again by itself"


def test_what_does_not_fit_is_summarised_anew(reader: Person, model: Model, summer: Script) -> None:
    conversation = talk(reader, summer, 20)
    ask(reader, model, conversation)
    first = made(reader, conversation)["summary"]
    path = f"conversations/{conversation}/summaries/{first['id']}"
    reader.api("DELETE", path, expect=204)
    summer.summaries = (says("About: once more."),)
    script, asked = ask(reader, model, conversation)
    assert "About: once more." in script.request.said()[1][1]
    assert asked.finished["message"]["left_out"] == 0
    assert made(reader, conversation)["summary"]["id"] != first["id"]


@pytest.mark.parametrize("how", ["an edit above", "a text that grew", "a deletion"])
def test_it_stands_for_exactly_what_was_said(
    reader: Person, model: Model, summer: Script, ground: Ground, how: str
) -> None:
    conversation = talk(reader, summer, 20)
    ask(reader, model, conversation)
    place = made(reader, conversation)
    told = reader.messages(conversation)
    if how == "an edit above":
        script = model.will_say("Other.", asked="Quite another question")
        reader.socket().call("message.edit", message=told[2]["id"], text=script.question)
        assert ABOUT not in str(script.wait_until_asked().said())
    elif how == "a text that grew":
        grown = Message.objects.filter(pk=told[1]["id"])
        ground.run(lambda: grown.update(text=told[1]["text"] + " More."))
    else:
        reader.api("DELETE", f"messages/{told[2]['id']}", expect=204)
        assert ground.rows(Summary, until=place["id"]) == []
    assert shown(reader, conversation) == []


@pytest.mark.parametrize(
    "reply",
    [fails(500), says(""), says("x" * 20_000)],
    ids=["trouble", "nothing", "longer than what was said"],
)
def test_when_it_fails_old_turns_are_left_out_and_nobody_waits_again(
    reader: Person, model: Model, summer: Script, ground: Ground, reply: Any
) -> None:
    summer.summaries = (reply,)
    conversation = talk(reader, summer, 20)
    script, asked = ask(reader, model, conversation)
    assert asked.status == "complete" and asked.finished["message"]["left_out"] > 0
    assert ABOUT not in str(script.request.said()) and shown(reader, conversation) == []
    ask(reader, model, conversation)
    assert len(ledger(ground, conversation)) == 1


def test_whoever_waits_for_it_is_told_and_may_stop_while_it_goes_on(
    reader: Person, model: Model, summer: Script
) -> None:
    summer.summaries = (slow(ABOUT, 1.5),)
    conversation = talk(reader, summer, 20)
    script = model.will_say("Never.")
    asked = reader.start(script, conversation=conversation)
    frame = asked.socket.until("run.waiting", run=asked.run, timeout=PATIENCE)
    assert (frame["attempt"], frame["reason"][:16]) == (0, "The earlier part")
    asked.stop()
    assert asked.finish().status == "stopped" and script.requests == []
    assert made(reader, conversation)["summary"]["text"] == ABOUT


def slow(text: str, seconds: float) -> Reply:
    said = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
    return Reply(body=as_json(said), first_byte_after=seconds)


def test_two_branches_that_want_one_at_once_share_it(
    reader: Person, model: Model, summer: Script
) -> None:
    summer.summaries = (slow(ABOUT, 0.5),)
    conversation = talk(reader, summer, 12)
    first, asked = ask(reader, model, conversation, read=1_300)
    until(lambda: summer.summary_requests)
    longer = model.will_say("Yes.", asked="Once more. " + SAID * 60)
    question = asked.finished["message"]["parent"]
    reader.socket().call("message.edit", message=question, text=longer.question)
    said = longer.wait_until_asked(timeout=PATIENCE).said()
    assert ABOUT in said[1][1] and said[-1][1] == longer.question
    assert len(summer.summary_requests) == 1
    assert ABOUT not in str(first.request.said())


def test_one_that_is_undone_while_an_answer_is_written_is_gone_from_the_next_question_on(
    reader: Person, model: Model, summer: Script
) -> None:
    conversation = talk(reader, summer, 12)
    ask(reader, model, conversation, read=1_300)
    place = made(reader, conversation)
    script = model.will_say("half", pause, " whole", usage={**USAGE, "prompt_tokens": 1_300})
    asked = reader.start(script, conversation=conversation)
    script.wait_until_paused()
    reader.api(
        "DELETE", f"conversations/{conversation}/summaries/{place['summary']['id']}", expect=204
    )
    script.resume()
    assert (asked.finish().status, asked.text) == ("complete", "half whole")
    assert ABOUT in script.request.said()[1][1]
    later, _ = ask(reader, model, conversation)
    assert ABOUT not in str(later.request.said()) and shown(reader, conversation) == []
    assert len(summer.summary_requests) == 1


def test_a_model_that_reads_less_gets_a_summary_where_the_one_before_read_everything(
    reader: Person, model: Model, summer: Script
) -> None:
    conversation = talk(reader, summer, 30)
    roomy = model.will_say("Yes.")
    reader.ask(roomy, conversation=conversation, options={"model": "sums-up"})
    assert len(roomy.request.said()) == 1 + 30 + 1 and summer.summary_requests == []
    script = model.will_say("Yes.")
    asked = reader.ask(script, conversation=conversation, options={"model": "terse"})
    assert ABOUT in script.request.said()[1][1]
    assert asked.finished["message"]["left_out"] == 0
    # What stands for it is read by whichever model comes next.
    again = model.will_say("Yes.")
    reader.ask(again, conversation=conversation, options={"model": "sums-up"})
    assert ABOUT in again.request.said()[1][1]


def test_it_goes_with_its_conversation_and_is_in_no_export(
    reader: Person, model: Model, summer: Script, ground: Ground
) -> None:
    conversation = talk(reader, summer, 20)
    ask(reader, model, conversation)
    place = made(reader, conversation)
    exported = reader.api("GET", f"conversations/{conversation}/export?format=json")
    assert ABOUT not in str(exported) and "summary" not in exported["messages"][0]
    rows = ground.rows(Summary, until=place["id"])
    ground.run(lambda: rows[0].conversation.delete())
    assert ground.rows(Summary, until=place["id"]) == []
