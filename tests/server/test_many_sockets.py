"""Many people at once on few connections: a socket that waits for a token holds none."""

import asyncio
import json
import os
from urllib.parse import urlsplit

import psycopg
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests.harness.people import Person
from tests.server.conftest import Spare
from tests.stub_provider import Model, pause

SOCKETS = 500
# conversations/db.py and settings.py: a pool of ten, the journal's two, the doorbell's one.
CONNECTIONS = 13
ASKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = %s"


def connections(database: str, name: str) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as postgres:
        row = postgres.execute(ASKED, [database, name]).fetchone()
        assert row is not None
        return int(row[0])


async def crowd(person: Person, conversation: str, ready: asyncio.Event) -> list[str]:
    """Each opens the conversation and listens to the end of its answer; what they held then."""
    gate = asyncio.Semaphore(50)
    opened = 0

    async def one() -> str:
        nonlocal opened
        text = ""
        cookie = f"sessionid={person.session}"
        async with gate:
            socket = await connect(
                person.server.socket_url,
                origin=Origin(person.server.origin),
                additional_headers={"Cookie": cookie},
                open_timeout=60,
                ping_interval=None,  # five hundred at once keep a busy machine from answering in time
            )
            opening = {"type": "conversation.open", "id": "1", "conversation": conversation}
            await socket.send(json.dumps(opening))
        async with socket:
            while (frame := json.loads(await socket.recv()))["type"] != "run.finished":
                if frame["type"] == "ack":
                    opened += 1
                    if opened == SOCKETS:
                        ready.set()
                if frame["type"] == "run.delta":
                    assert frame["at"] == len(text)
                    text += frame["text"]
        return text

    return await asyncio.gather(*(one() for _ in range(SOCKETS)))


def test_five_hundred_sockets_on_a_pool_of_ten(
    spare: Spare, server_database: str, ada: Person, model: Model
) -> None:
    name = "five-hundred"
    server = spare(DATABASE_URL=f"{server_database}&application_name={name}")
    script = model.will_say("one ", pause, "two")
    here = ada.at(server)
    asked = here.start(script)
    asked.socket.wait_for_text(asked.run, 4)

    async def all_of_it() -> tuple[list[str], int]:
        ready = asyncio.Event()
        crowding = asyncio.create_task(crowd(here, asked.conversation, ready))
        done, _ = await asyncio.wait(
            {crowding, asyncio.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        assert crowding not in done, crowding.exception()
        held = connections(urlsplit(server_database).path.strip("/"), name)
        script.resume()
        return await crowding, held

    texts, held = asyncio.run(all_of_it())
    assert set(texts) == {"one two"} and len(texts) == SOCKETS
    assert 0 < held <= CONNECTIONS
