"""How many tokens a text is. Exact where its tokenizer is known, else reckoned on the safe side.

Most conversations are far smaller than the window of their model, and need no counting: a text is never
more tokens than it has bytes (`at_most`). Where it comes close, a process beside this one counts.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "conversations.provider.tokens.program"
USUAL = "o200k_base"
# Of a model whose tokenizer nobody here knows: those of most others make more tokens of a text than
# OpenAI's newest, rarely by more than this.
UNKNOWN = 1.25
# Where nothing can count at all: English is four characters a token, and many languages are fewer.
BYTES_A_TOKEN = 3


class _Counter:
    """The process that counts: started when it is needed, and anew when it has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def ask(self, tokenizer: str, texts: Sequence[str]) -> list[int]:
        """Raises OSError or ValueError when it does not answer."""
        # JSON escapes what is no ASCII, and with that line breaks of every kind.
        line = json.dumps([tokenizer, list(texts)]) + "\n"
        with self._lock:
            try:
                return self._asked(line)
            except (OSError, ValueError):
                self._end()  # it had gone to rest, or died; once more with another
            try:
                return self._asked(line)
            except (OSError, ValueError):
                self._end()
                raise

    def end(self) -> None:
        with self._lock:
            self._end()

    def _asked(self, line: str) -> list[int]:
        child = self._child or self._start()
        if child.stdin is None or child.stdout is None:
            raise OSError("it has no pipes")
        child.stdin.write(line)
        child.stdin.flush()
        counts: list[int] = json.loads(child.stdout.readline())
        return counts

    def _start(self) -> subprocess.Popen[str]:
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", os.defpath)},
            start_new_session=True,  # Ctrl-C at the terminal is for the server
        )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            with suppress(BrokenPipeError):  # of what it did not take any more
                pipe.close() if pipe else None
        child.wait()


_counter = _Counter()
end = _counter.end


def at_most(text: str) -> int:
    """What it is never more than: a token is at least a byte."""
    return len(text.encode(errors="replace"))


def count(texts: Sequence[str], tokenizer: str = "") -> list[int]:
    """Of each text. Not to be called on the event loop: a megabyte takes up to a tenth of a second, and
    the first text of a minute one or two seconds more, for the tables."""
    try:
        counts = _counter.ask(tokenizer or USUAL, texts)
    except (OSError, ValueError):
        log.exception("nobody counts tokens; they are estimated")
        return [at_most(text) // BYTES_A_TOKEN + 1 for text in texts]
    if tokenizer:
        return counts
    return [round(counted * UNKNOWN) + 1 if counted else 0 for counted in counts]
