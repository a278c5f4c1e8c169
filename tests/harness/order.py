"""In which order the workers of `make test` take the tests: what is dear to begin with is begun once."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

# A Chromium; a site with a Postgres and six processes; second processes, and long waits. The longest first.
DEAR = ("/browser/", "/chaos/", "/server/")


def spread(items: Sequence[T], workers: int, path: Callable[[T], str]) -> list[T]:
    """The same tests, so that each worker's share begins with a folder of its own.

    A share is what xdist's worksteal gives at first: an equal part of what is left. Whoever has done his own
    takes from the end of another's, so what a share begins with is taken away last. Else as they came, in the
    random order of the day.
    """
    folders = _folders(items, path)
    rest, ordered = folders.pop(""), list[T]()
    for number in range(workers):
        ours = [item for name in DEAR[number::workers] for item in folders[name]]
        left = len(items) - len(ordered)
        more = max(0, left // (workers - number) - len(ours))
        ordered += [*ours, *rest[:more]]
        rest = rest[more:]
    return ordered + rest


def _folders(items: Sequence[T], path: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {name: [] for name in (*DEAR, "")}
    for item in items:
        found[next((name for name in DEAR if name in path(item)), "")].append(item)
    return found
