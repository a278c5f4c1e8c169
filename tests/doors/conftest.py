"""A world for each row of the table."""

from collections.abc import Callable, Iterator

import pytest

from tests.doors.world import World, build
from tests.harness.database import Ground
from tests.harness.people import People
from tests.harness.pictures import png
from tests.harness.server import Server


@pytest.fixture(scope="session")
def blob(server: Server, ground: Ground) -> Iterator[str]:
    """One stored picture, which the worlds share: taking it in is slow."""
    from conversations.models import Image

    people = People(server, ground)
    uploader = people.new("una")
    image = uploader.upload(png(40, 30))
    yield str(ground.row(Image, pk=image["id"]).blob_id)
    people.leave()


@pytest.fixture
def make_world(people: People, ground: Ground, blob: str) -> Callable[[], World]:
    return lambda: build(people, ground, blob)
