"""How many tokens a text is, of those that were counted before: what was said in a conversation is sent
again with every question.

A text is known by its hash. Python seeds those anew in each process, so that nobody can write a text that
passes for another.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

# Some 200 bytes each.
MOST = 50_000

_counts: OrderedDict[int, int] = OrderedDict()
_lock = threading.Lock()


def recall(texts: Sequence[str], tokenizer: str) -> list[int | None]:
    """Of each text; None: it was not counted yet, or so long ago that it was forgotten."""
    keys = [_key(text, tokenizer) for text in texts]
    with _lock:
        for key in keys:
            if key in _counts:
                _counts.move_to_end(key)
        return [_counts.get(key) for key in keys]


def learn(texts: Iterable[str], tokenizer: str, counts: Iterable[int]) -> None:
    with _lock:
        for text, count in zip(texts, counts, strict=True):
            _counts[_key(text, tokenizer)] = count
        while len(_counts) > MOST:
            _counts.popitem(last=False)


def forget() -> None:
    with _lock:
        _counts.clear()


def _key(text: str, tokenizer: str) -> int:
    return hash((tokenizer, len(text), text))
