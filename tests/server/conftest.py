"""Servers and workers for one test alone, on the database of the others."""

from collections.abc import Callable, Iterator

import pytest

from conversations.models import LanguageModel, Provider
from tests.harness.database import Ground
from tests.harness.server import Server, Worker
from tests.stub_provider import Stub

Spare = Callable[..., Server]


@pytest.fixture
def spare(
    server: Server, server_env: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Spare]:
    """Servers for this test alone, on the database of the others."""
    started: list[Server] = []

    def start(*, is_warm: bool = True, **env: str) -> Server:
        name = f"spare-{request.node.name}-{len(started)}".replace("[", "-").rstrip("]")[:100]
        one = Server(name, {**server_env, **env})
        started.append(one if is_warm else one.as_people_do())
        return one.start()

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def worker(
    server: Server, server_env: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Callable[[], Worker]]:
    """`manage.py run_worker`, as many as are asked for."""
    started: list[Worker] = []

    def start(**env: str) -> Worker:
        name = f"worker-{request.node.name}-{len(started)}".replace("[", "-").rstrip("]")[:100]
        started.append(Worker(name, {**server_env, "CHATSITE_RUNS": "workers", **env}))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def llama(ground: Ground, stub: Stub) -> Iterator[LanguageModel]:
    """A model of another provider, entered while the servers run."""
    provider = Provider(name="other", kind="compatible", base_url=stub.base_url)
    row = LanguageModel(
        slug="llama", sent_as="llama-3.3-70b", name="Llama", provider=provider,
        context_window=8_000, max_output_tokens=500,
    )  # fmt: skip
    ground.save(provider)
    ground.save(row)
    yield row
    ground.run(Provider.objects.filter(name="other").delete)
