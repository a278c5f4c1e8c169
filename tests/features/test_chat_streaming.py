"""A question is asked, the answer grows, and afterwards both are in Postgres."""

from conversations.models import Conversation, Message, ProviderCall, Run, RunEvent
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model, Think, pause, words
from tests.stub_provider.wire import USAGE


def test_the_answer_arrives_in_pieces_before_it_is_finished(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two ", pause, "three")
    asked = ada.start(script)
    assert asked.socket.wait_for_text(asked.run, 4) == "one "
    script.resume()
    assert asked.socket.wait_for_text(asked.run, 8) == "one two "
    assert not [f for f in asked.socket.frames if f["type"] == "run.finished"]
    script.resume()
    assert asked.finish().text == "one two three"


def test_the_ack_carries_whole_objects_and_comes_before_the_run(ada: Person, model: Model) -> None:
    script = model.will_say("yes")
    asked = ada.ask(script)
    ack = asked.ack
    assert ack["conversation"]["title"] and ack["conversation"]["archived"] is False
    assert ack["conversation"]["active_message"] == asked.answer_id
    assert ack["user_message"]["role"] == "user" and ack["user_message"]["text"] == script.question
    assert ack["message"]["role"] == "assistant" and ack["message"]["text"] == ""
    assert ack["message"]["parent"] == asked.question_id
    assert ack["message"]["status"] == "running"
    assert ack["run"]["status"] in ("waiting", "running")
    assert (
        ack["run"]["conversation"] == asked.conversation
        and ack["run"]["message"] == asked.answer_id
    )
    of_run = [at for at, f in enumerate(asked.socket.frames) if f["type"].startswith("run.")]
    assert asked.socket.frames.index(ack) < of_run[0]


def test_run_started_says_what_is_being_answered_and_by_which_model(
    ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_say("yes"))
    started = asked.socket.until("run.started")
    assert started["run"]["id"] == asked.run
    assert (
        started["message"]["id"] == asked.answer_id
        if isinstance(started["message"], dict)
        else True
    )
    assert started["model"] == model.requests[0].json["model"]


def test_a_finished_answer_is_stored_as_it_was_shown(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_say(words("grüße aus 東京, 😀 and\nmore")))
    assert asked.text == "grüße aus 東京, 😀 and\nmore"
    assert asked.status == "complete" and asked.error is None
    assert asked.finished["length"] == len(asked.text)
    stored = asked.stored()
    assert stored["text"] == asked.text
    assert (stored["status"], stored["finish_reason"], stored["error"]) == (
        "complete",
        "stop",
        None,
    )
    assert ground.row(Message, pk=asked.answer_id).text == asked.text
    assert ground.row(Run, pk=asked.run).status == "complete"
    assert ground.rows(RunEvent, run_id=asked.run) == [], "the journal of a finished answer goes"


def test_the_finished_frame_leaves_the_text_out(ada: Person, model: Model) -> None:
    message = ada.ask(model.will_say("long text")).finished["message"]
    assert not message.get("text") and not message.get("reasoning")
    assert message["usage"]["input_tokens"] == 11


def test_tokens_are_kept_with_the_answer_and_with_the_call(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_say("counted"))
    wanted = {
        "input_tokens": 11,
        "cached_input_tokens": 3,
        "output_tokens": 7,
        "reasoning_tokens": 2,
    }
    assert asked.stored()["usage"] == wanted
    call = ground.row(ProviderCall, run=asked.run)
    assert {name: getattr(call, name) for name in wanted} == wanted
    assert call.request_id.startswith("req_") and str(call.user_id) == ada.id


def test_what_the_provider_had_read_before_costs_what_it_costs_then(
    ada: Person, ground: Ground, model: Model
) -> None:
    cached = {"prompt_tokens": 10_000, "prompt_tokens_details": {"cached_tokens": 8_000}}
    script = model.will_say("again", usage={**USAGE, **cached})
    asked = ada.ask(script, options={"model": "gpt-4o"})
    cost = 2_000 * 2.50 + 8_000 * 1.25 + 7 * 10  # a token, in millionths of a dollar
    assert ground.row(ProviderCall, run=asked.run).cost_micros == cost


def test_no_usage_from_the_provider_is_no_usage_and_no_error(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("uncounted", usage=None))
    assert asked.status == "complete" and asked.stored()["usage"] is None


def test_a_new_conversation_has_its_first_words_as_title(ada: Person, model: Model) -> None:
    script = model.will_say("ok", asked="What do\n the   birds eat in winter?")
    asked = ada.ask(script)
    assert asked.ack["conversation"]["title"].startswith("What do the birds eat in winter?")


def test_thinking_is_kept_apart_from_the_answer(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say(Think("hm, "), Think("well"), "Yes."))
    assert asked.socket.text(asked.run, kind="run.reasoning") == "hm, well"
    assert asked.text == "Yes."
    assert asked.stored()["reasoning"] == "hm, well"


def test_length_is_a_complete_answer_that_says_it_was_cut_at_the_limit(
    ada: Person, model: Model
) -> None:
    stored = ada.ask(model.will_say("and so on", finish="length")).stored()
    assert (stored["status"], stored["finish_reason"]) == ("complete", "length")


def test_an_acked_question_is_in_postgres_before_the_ack(
    ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_say(pause, "x")
    asked = ada.start(script)
    assert ground.row(Message, pk=asked.question_id).text == script.question
    assert ground.row(Conversation, pk=asked.conversation).owner_id == ada.user.pk  # type: ignore[union-attr]
    assert ground.row(Run, pk=asked.run).finished_at is None


def test_the_same_question_over_http_streams_to_the_open_socket(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("first"))
    script = model.will_say("over ", "http")
    answer = ada.api(
        "POST",
        "messages",
        json={"conversation": first.conversation, "text": script.question},
        headers={"Idempotency-Key": "from-http-1"},
        expect=201,
    )
    run = answer["run"]["id"]
    first.socket.until("run.finished", run=run)
    assert first.socket.text(run) == "over http"


def test_wait_true_answers_when_the_run_has_ended(ada: Person, model: Model) -> None:
    script = model.will_say("done ", "now")
    answer = ada.api("POST", "messages", json={"text": script.question, "wait": True})
    assert answer["message"]["text"] == "done now"
    assert answer["run"]["status"] == answer["message"]["status"] == "complete"
