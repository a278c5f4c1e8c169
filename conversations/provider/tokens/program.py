"""`python -m conversations.provider.tokens.program`: counts tokens for whoever started it.

A process of its own: the tables take 60 MB, and to count a whole book would hold up every stream of the
server for a tenth of a second. It knows nothing of Django and has none of our environment. It ends when
nobody has asked for a minute, or when whoever started it is gone.

Each request is a line of JSON, [tokenizer, [text, …]], each answer a line of JSON, [tokens, …].
"""

import json
import select
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

QUIET_SECONDS = 60
# A single word of this length still takes no time; of a few megabytes it takes seconds.
AT_ONCE = 100_000


def main() -> int:
    for line in _lines():
        tokenizer, texts = json.loads(line)
        known = _known(tokenizer)
        counts = [
            sum(len(known.encode_ordinary(part)) for part in parts(_whole(text))) for text in texts
        ]
        sys.stdout.write(json.dumps(counts) + "\n")
        sys.stdout.flush()
    return 0


def _lines() -> Iterator[str]:
    while select.select([sys.stdin], [], [], QUIET_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def _whole(text: str) -> str:
    """Half of a pair of surrogates has no bytes: a question mark stands for it."""
    return text.encode(errors="replace").decode()


def parts(text: str) -> Iterator[str]:
    """Cut before a space, where a token begins anyway; where there is none, in the middle of a word."""
    start = 0
    while start < len(text):
        end = start + AT_ONCE
        if end < len(text):
            space = text.rfind(" ", start + 1, end)
            end = space if space > 0 else end
        yield text[start:end]
        start = end


@cache
def _known(tokenizer: str) -> Any:
    import splintr

    return splintr.Tokenizer.from_pretrained(tokenizer)


if __name__ == "__main__":
    sys.exit(main())
