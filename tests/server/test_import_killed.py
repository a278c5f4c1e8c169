"""A process that ends in the middle of an import: it is said, and the same file brings the rest."""

import json
import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Boot, Conversation, ImportJob
from tests.features.exports_kit import bring, plain
from tests.harness.database import Ground
from tests.harness.people import People
from tests.harness.server import Server

CONVERSATIONS = 120
# Else a quick one is over before this process has its turn to end it.
SLOWLY = """
from conversations.chat.imports import work
work.PAUSE_SECONDS = 0.25
"""


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
def test_what_is_written_stays_and_the_rest_comes_once(
    server_env: dict[str, str], people: People, ground: Ground, way: signal.Signals
) -> None:
    house = Server(f"import-{way.name}", server_env)
    house.first = SLOWLY
    house.start()
    try:
        ada = people.new("ada").at(house)
        export = json.dumps([plain(f"c{number}") for number in range(CONVERSATIONS)]).encode()
        files = {"file": ("conversations.json", export)}
        job = ada.api("POST", "imports", files=files, expect=201)
        mine = Conversation.objects.filter(owner=ada.user)
        while not ground.run(mine.count):
            time.sleep(0.02)
        house.signal(way)
        house.wait()
        written = ground.run(mine.count)
        assert 0 < written < CONVERSATIONS, "it was over before it could be killed"
        house.first = ""
        house.start()
        if way == signal.SIGKILL:
            boot = ground.run(lambda: ImportJob.objects.get(pk=job["id"]).boot)
            long_ago = timezone.now() - timedelta(hours=1)
            ground.run(lambda: Boot.objects.filter(pk=boot).update(beat_at=long_ago))
        told = ada.api("GET", f"imports/{job['id']}")
        assert told["status"] == "interrupted" and told["error"]
        if way == signal.SIGTERM:
            assert told["imported"] == written, "an orderly end says what came in"
        again = bring(ada, export)
        assert again["known"] == written and again["imported"] == CONVERSATIONS - written
        assert ground.run(mine.count) == CONVERSATIONS
    finally:
        house.stop()
