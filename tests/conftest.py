"""Fixtures of the running site: one server for all tests, people and a model for each."""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import setup_databases
from pytest_django import DjangoDbBlocker

from conversations.models import SiteSettings
from tests.harness.database import (
    PATTERN,
    Ground,
    drop_database,
    fresh_database,
    migrated_pattern,
)
from tests.harness.leftovers import Standing, Watch
from tests.harness.memory import forget_everything
from tests.harness.order import spread
from tests.harness.people import HalfTold, People, Person
from tests.harness.quick import quick
from tests.harness.server import Server
from tests.harness.web import Web
from tests.stub_provider import Model, Stub, pause

# What a property test meets first may have to begin a process, on a machine that others use too.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

# A name of our own: two runs on one Postgres do not meet.
DATABASE = f"chatsite_server_{os.getpid()}"
STANDING = pytest.StashKey[Standing]()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """pytest-django's own database is a copy too: there is nothing left to migrate."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated_pattern()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """For whoever asks for it. pytest-django's own makes a database only where a test is marked for one, and
    leaves those whose fixtures commit (`django_db_blocker`), run alone, with the untouched one."""
    with django_db_blocker.unblock():
        # A pool that somebody opened before leads to the untouched one for good.
        connection.close_pool()  # type: ignore[attr-defined]
        setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        name = str(connection.settings_dict["NAME"])
    yield
    drop_database(name)


@pytest.fixture(scope="session")
def watch(django_db_setup: None) -> Watch:
    return Watch()


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """Of what another test has entered, and rolled back."""
    forget_everything()


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A file that leaves rows to others is red itself, not whoever comes upon them."""
    if not {"features", "doors"} & set(request.path.parts):
        yield
        return
    watch: Watch = request.getfixturevalue("watch")
    yield
    watch.nothing_left(request.node.nodeid)


@pytest.fixture(scope="module", autouse=True)
def the_server_is_as_before(request: pytest.FixtureRequest) -> Iterator[None]:
    """The same of what its database has for everybody, if one was made."""
    yield
    if standing := request.config.stash.get(STANDING, None):
        standing.as_before(request.node.nodeid)


@pytest.fixture(autouse=True)
def the_server_has_heard(request: pytest.FixtureRequest) -> None:
    """Of what was changed for everybody, by a fixture or the test before: news take their time."""
    if {"server", "ground"} <= set(request.fixturenames):
        ground: Ground = request.getfixturevalue("ground")
        if ground.is_news:
            ground.is_news = False
            people = People(request.getfixturevalue("server"), ground)
            people.new("una").hear_the_news()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whose workers are gone: the database they copied goes last."""
    if not hasattr(session.config, "workerinput"):
        drop_database(PATTERN)


@pytest.fixture(scope="session", autouse=True)
def quick_here() -> Iterator[None]:
    with quick():
        yield


@pytest.fixture(scope="session", autouse=True)
def files_stay_where_they_are() -> None:
    """The storage asks the settings for its folder when it is first used: before a test names another."""
    assert not default_storage.exists("nothing")


@pytest.fixture(scope="session")
def stub() -> Iterator[Stub]:
    with Stub() as running:
        yield running


@pytest.fixture
def model(stub: Stub) -> Iterator[Model]:
    model = Model(stub)
    yield model
    model.forget()


@pytest.fixture(scope="session")
def server_database(pytestconfig: pytest.Config) -> Iterator[str]:
    url = fresh_database(DATABASE)
    pytestconfig.stash[STANDING] = Standing(url)
    yield url
    del pytestconfig.stash[STANDING]
    drop_database(DATABASE)


@pytest.fixture(scope="session")
def ground(server_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    ground = Ground(DATABASE, django_db_blocker)
    yield ground
    ground.close()


@pytest.fixture
def nothing_settled(ground: Ground) -> Iterator[None]:
    """What the test lets an administrator settle for the whole site goes with it."""
    yield
    ground.run(SiteSettings.objects.all().delete)


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    """The one place on this machine from which the site fetches pictures."""
    with Web() as running:
        yield running


@pytest.fixture(scope="session")
def server_env(server_database: str, stub: Stub, web: Web) -> dict[str, str]:
    """What every server under test is started with."""
    return {
        "DATABASE_URL": server_database,
        "OPENAI_API_KEY": "sk-stub",
        "OPENAI_BASE_URL": stub.base_url,
        "CHATSITE_SIGNUP": "open",
        "CHATSITE_IMAGE_HOSTS": web.netloc,
        # Who counts calls and frames counts those of answers (test_titles.py has a server that names).
        "CHATSITE_TITLES": "false",
        # Only at temperature 0, which few tests ask for (test_answer_cache.py).
        "CHATSITE_ANSWER_CACHE": "600",
    }


@pytest.fixture(scope="session")
def server(server_env: dict[str, str]) -> Iterator[Server]:
    running = Server("server", {**server_env, "CHATSITE_LOGS": "json"}).start()
    yield running
    running.stop()


@pytest.fixture
def people(server: Server, ground: Ground) -> Iterator[People]:
    people = People(server, ground)
    yield people
    people.leave()


@pytest.fixture
def ada(people: People) -> Person:
    """She owns what the test is about."""
    return people.new("ada")


@pytest.fixture
def half_told(ada: Person, model: Model) -> HalfTold:
    """Ada's question, whose answer has begun."""
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    return HalfTold(script, asked)


@pytest.fixture
def ben(people: People) -> Person:
    return people.new("ben")


@pytest.fixture
def cleo(people: People) -> Person:
    """She has no business here."""
    return people.new("cleo")


@pytest.fixture
def stranger(people: People) -> Person:
    return people.stranger()


@pytest.fixture
def reviewer(people: People) -> Person:
    return people.new("rita", is_staff=True, groups=("Reviewers",))


@pytest.fixture
def admin_user(people: People) -> Person:
    return people.new("sam", is_staff=True, is_superuser=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """After pytest-randomly has shuffled them, and pytest-django put its own first."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = spread(items, workers, lambda item: item.nodeid.partition("::")[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A failing test shows what the server logged meanwhile."""
    server: Any = getattr(item, "funcargs", {}).get("server")
    before = server.log_bytes if isinstance(server, Server) else 0
    try:
        yield
    except BaseException:
        if isinstance(server, Server):
            item.add_report_section("call", "server log", server.log_since(before)[-8000:])
        raise
