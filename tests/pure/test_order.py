"""The order of the tests: each once, and what is dear to begin with in one worker's share."""

import pytest

from tests.harness.order import spread

TESTS = [
    f"tests/{folder}/{number}"
    for number in range(40)
    for folder in ("browser", "server/chaos", "server", "features", "features", "pure")
]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("tests", [TESTS, TESTS[:3], [], ["tests/browser/1"] * 5])
def test_each_test_is_there_once(tests: list[str], workers: int) -> None:
    assert sorted(spread(tests, workers, str)) == sorted(tests)


@pytest.mark.parametrize("workers", [3, 4])
def test_each_share_begins_with_a_folder_of_its_own(workers: int) -> None:
    ordered = spread(TESTS, workers, str)
    share = len(TESTS) // workers
    for number, folder in enumerate(["browser", "server/chaos", "server"]):
        begins = ordered[number * share :][:40]
        assert begins == [f"tests/{folder}/{one}" for one in range(40)]
