"""A world for each row of the table."""

from collections.abc import Callable, Iterator

import pytest

from tests.doors.world import Here, Inside, World, build
from tests.features.admin_kit import blob as stored
from tests.harness.database import Ground
from tests.harness.people import People
from tests.harness.pictures import png
from tests.harness.quick import known_by_heart
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
def make_world(people: People, ground: Ground, blob: str) -> Iterator[Callable[[], World]]:
    made: list[World] = []

    def make() -> World:
        made.append(build(people, ground, blob))
        return made[-1]

    yield make
    for world in made:
        world.leave()


@pytest.fixture(scope="module")
def standing(server: Server, ground: Ground, blob: str) -> Iterator[World]:
    """One for all who only look."""
    people = People(server, ground)
    world = build(people, ground, blob)
    yield world
    world.leave()
    people.leave()


@pytest.fixture
def inside(db: None) -> Iterator[Inside]:
    """A world in the database of pytest-django, for Django's own client."""
    here, nobody_starts_it = Here(), Server("inside", {})
    world = build(People(nobody_starts_it, here), here, str(stored("0" * 64).pk))
    with known_by_heart():
        yield Inside(world)
