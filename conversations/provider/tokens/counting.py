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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from conversations.provider.tokens import known

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "conversations.provider.tokens.program"
USUAL = "o200k_base"
# Of a model whose tokenizer nobody here knows: those of most others make more tokens of a text than
# OpenAI's newest, rarely by more than this.
UNKNOWN = 1.25
# A megabyte takes a tenth of a second, and a cold start on a busy machine a few. Who takes longer hangs.
PATIENCE_SECONDS = 20.0
# Where nothing can count at all: English is four characters a token, and many languages are fewer.
BYTES_A_TOKEN = 3


class _Counter:
    """The process that counts: started when it is needed, and anew when it has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._is_over = False

    def ask(self, tokenizer: str, texts: Sequence[str]) -> list[int]:
        """Raises OSError or ValueError when it does not answer."""
        # JSON escapes what is no ASCII, and with that line breaks of every kind.
        line = json.dumps([tokenizer, list(texts)]) + "\n"
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise TimeoutError("others ask for too long")
        try:
            return self._persistently(line)
        finally:
            self._lock.release()

    def end(self) -> None:
        with self._lock:
            self._end()

    def leave(self) -> None:
        """For good, whoever waits for it just now: the process that it is for goes, too."""
        self._is_over = True
        if child := self._child:
            child.kill()

    def _persistently(self, line: str) -> list[int]:
        try:
            return self._asked(line)
        except TimeoutError:
            self._end()  # another would hang over the same text
            raise
        except (OSError, ValueError):
            self._end()  # it had gone to rest, or died; once more with another
        try:
            return self._asked(line)
        except (OSError, ValueError):
            self._end()
            raise

    def _asked(self, line: str) -> list[int]:
        if self._is_over:
            raise OSError("this process leaves")
        child = self._child or self._start()
        if child.stdin is None or child.stdout is None:
            raise OSError("it has no pipes")
        with _killed_after(PATIENCE_SECONDS, child):
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
            env={"PYTHONPATH": _folders(), "PATH": os.environ.get("PATH", os.defpath)},
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


def _folders() -> str:
    """Ours, and where the site itself was told to find its libraries."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


@contextmanager
def _killed_after(seconds: float, child: subprocess.Popen[str]) -> Iterator[None]:
    """Pipes know no time-out: they end with the process. Raises TimeoutError when that was needed."""
    is_late = threading.Event()

    def kill() -> None:
        is_late.set()
        child.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, ValueError) as problem:
        if is_late.is_set():
            raise TimeoutError("it takes too long") from problem
        raise
    finally:
        timer.cancel()


_counter = _Counter()
end = _counter.end
leave = _counter.leave


def at_most(text: str) -> int:
    """What it is never more than: a token is at least a byte."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def at_most_of(texts: Sequence[str], tokenizer: str = "") -> list[int]:
    """Exact where a text was counted before, else what it is never more than. Nothing is counted."""
    found = known.recall(texts, tokenizer)
    return [
        _more(at_most(text), tokenizer) if size is None else size
        for text, size in zip(texts, found, strict=True)
    ]


def at_least_of(texts: Sequence[str], tokenizer: str = "") -> list[int]:
    """Exact where a text was counted before, else nothing."""
    return [size or 0 for size in known.recall(texts, tokenizer)]


def count(texts: Sequence[str], tokenizer: str = "") -> list[int]:
    """Of each text. Not to be called on the event loop: a megabyte takes up to a tenth of a second, and
    the first new text of a minute one or two seconds more, for the tables."""
    found = known.recall(texts, tokenizer)
    new = [text for text, size in zip(texts, found, strict=True) if size is None]
    if not new:
        return [size or 0 for size in found]
    try:
        counts = [_more(size, tokenizer) for size in _counter.ask(tokenizer or USUAL, new)]
    except (OSError, ValueError):
        log.exception("nobody counts tokens; they are estimated")
        counts = roughly(new)
    else:
        known.learn(new, tokenizer, counts)
    rest = iter(counts)
    return [next(rest) if size is None else size for size in found]


def roughly(texts: Sequence[str]) -> list[int]:
    """By their bytes alone, at once."""
    return [-(-at_most(text) // BYTES_A_TOKEN) for text in texts]


def _more(counted: int, tokenizer: str) -> int:
    """Of a model whose tokenizer nobody knows."""
    return counted if tokenizer or not counted else round(counted * UNKNOWN) + 1
