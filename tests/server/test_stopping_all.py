"""The emergency stop reaches every process within a second. STOPPED_ANSWERS=50 is what we measure with."""

import os
import time

from conversations.models import Run
from conversations.models.conversation import LIVE
from tests.harness.database import Ground
from tests.harness.people import People, Person
from tests.server.conftest import Spare
from tests.stub_provider import Model, pause

ANSWERS = int(os.environ.get("STOPPED_ANSWERS", "4"))
# On a quiet machine; the others are busy with eight things at once.
WITHIN_SECONDS = float(os.environ.get("STOPPED_WITHIN", "45"))


def test_answers_in_two_processes_end_with_the_site(
    people: People, spare: Spare, model: Model, ground: Ground, nothing_settled: None
) -> None:
    sam = people.new("sam", is_staff=True, is_superuser=True)
    script = model.will_say("one ", pause, "two")
    other = spare()
    some = [people.new(f"p{number}") for number in range(ANSWERS)]
    asked = [
        (person if number % 2 else person.at(other)).start(script)
        for number, person in enumerate(some)
    ]
    for one in asked:
        one.socket.wait_for_text(one.run, 4)
    mine = Run.objects.filter(pk__in=[one.run for one in asked], status__in=LIVE)
    began = time.monotonic()
    try:
        sam.http.post("/admin/stop/", data={"reason": "Because"})
        while ground.run(mine.exists):
            assert time.monotonic() - began < WITHIN_SECONDS
        print(f"{ANSWERS} answers ended within {time.monotonic() - began:.2f} s")
        assert {one.finish().status for one in asked} == {"stopped"}
        assert "have stopped this site" in _refused(some[0].at(other))
    finally:
        sam.http.post("/admin/stop/", data={"go_on": "yes"})


def _refused(person: Person) -> str:
    return str(person.socket().refusal("message.send", conversation=None, text="On?")["message"])
