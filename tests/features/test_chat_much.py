"""Much at once: very long answers, very long pieces, very many, and characters cut in two."""

from conversations.models import Message, RunEvent
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.stub_provider import Model, Say, pause

LONG = "wörter und 😀 " * 160_000  # 2 MB and more
FRAME_BYTES = 1024 * 1024  # what clients of other people's making take by default


def kept_whole(asked: Asked, text: str, ground: Ground) -> None:
    assert asked.status == "complete" and asked.text == text
    assert asked.finished["length"] == len(text)
    assert ground.row(Message, pk=asked.answer_id).text == text
    assert ground.rows(RunEvent, run_id=asked.run) == [], "the journal is for what streams"


def test_one_delta_of_two_megabytes(ada: Person, ground: Ground, model: Model) -> None:
    asked = ada.ask(model.will_say(LONG), timeout=40)
    kept_whole(asked, LONG, ground)
    longest = max(len(piece.encode()) for piece in asked.socket.pieces(asked.run))
    assert longest < FRAME_BYTES / 2, "also where every character is escaped"


def test_five_thousand_deltas_as_fast_as_they_come(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_say([Say(f"{number} ") for number in range(5_000)]), timeout=40)
    kept_whole(asked, "".join(f"{number} " for number in range(5_000)), ground)


def test_a_character_cut_over_two_deltas_is_one_character(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(
        model.will_say([Say("a\ud83d"), Say("\ude00b"), Say("c\ud83d"), Say("d\ude00")])
    )
    kept_whole(asked, "a😀bcd", ground)


def test_whoever_comes_late_to_a_long_answer_gets_all_of_it(
    ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_say(LONG, pause, "the end")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, len(LONG), timeout=40)
    late = ada.socket()
    late.open(asked.conversation)
    late.wait_for_text(asked.run, len(LONG), timeout=40)
    script.resume()
    late.until("run.finished", run=asked.run)
    assert late.text(asked.run) == LONG + "the end"
    kept_whole(asked.finish(), LONG + "the end", ground)
