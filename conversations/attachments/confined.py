"""Programs of ours that look into strangers' files: each in a process that can be killed.

They get the file on stdin and a folder for what they make. They have none of our environment (no
key, no database), a few at once, and so much time. Whatever happens to one happens to it alone.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from conversations.errors import Unavailable

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
QUEUE_SECONDS = 30
RETRY_SECONDS = 5
REPLY_BYTES = 1024 * 1024
ERROR_BYTES = 1000
BUSY = _("Many pictures are being made ready at the moment. Please try again shortly.")
DISK_FULL = _("There is no room on the server's disk for this picture. Nothing was stored.")


class Died(Exception):
    """The program gave no answer. `late`: it used up its time."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("out of time" if late else "died")
        self.late = late


class Program:
    """`python -m module FOLDER < source`, at most `at_once` of them in this process."""

    def __init__(self, module: str, *, at_once: int, seconds: float) -> None:
        self.module, self.seconds = module, seconds
        self._places = threading.BoundedSemaphore(at_once)

    def run(self, source: IO[Any], folder: Path, *wishes: str) -> dict[str, Any]:
        """What it wrote to `reply.json`, asked with `wishes` besides. Raises Died, or Unavailable: no
        place, no room."""
        with self._place():
            _rewind(source)
            code = self._ended(source, folder, wishes)
        if code == os.EX_IOERR:
            raise Unavailable(DISK_FULL)
        if code:
            self._tell(code, folder)
            raise Died(late=-code in (signal.SIGALRM, signal.SIGXCPU))
        return self._reply(folder)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=QUEUE_SECONDS):
            raise Unavailable(BUSY, retry_after=RETRY_SECONDS)
        try:
            yield
        finally:
            self._places.release()

    def _ended(self, source: IO[Any], folder: Path, wishes: tuple[str, ...]) -> int:
        """Its exit code; after its time it is killed with all that it started."""
        with (folder / "errors").open("wb") as errors:
            child = subprocess.Popen(
                # -P: the folder it works in is not where it finds its modules.
                [sys.executable, "-P", "-m", self.module, str(folder), *wishes],
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=folder,
                env=environment(folder),
                start_new_session=True,  # Ctrl-C at the terminal is for the server
            )
        try:
            return child.wait(self.seconds)
        except subprocess.TimeoutExpired:
            return -signal.SIGALRM
        finally:
            _kill(child)

    def _tell(self, code: int, folder: Path) -> None:
        """The cause, for us: the kind of error from the last line, and no words of a person."""
        text = (folder / "errors").read_bytes()[-ERROR_BYTES:].decode(errors="replace").strip()
        cause = text.rsplit("\n", 1)[-1].split(":", 1)[0]
        log.warning("%s ended with %d %s", self.module, code, cause)

    def _reply(self, folder: Path) -> dict[str, Any]:
        try:
            with (folder / "reply.json").open("rb") as file:
                reply = json.loads(file.read(REPLY_BYTES))
        except (OSError, ValueError):
            raise Died(late=False) from None
        if not isinstance(reply, dict):
            raise Died(late=False)
        return reply


def _rewind(source: IO[Any]) -> None:
    """The place in the file is one for us and the program. What we have read ahead is dropped first: closing
    the file would give it back by a step backwards, and fail where the program left too little behind it."""
    source.seek(0, os.SEEK_END)
    os.lseek(source.fileno(), 0, os.SEEK_SET)


def environment(folder: Path) -> dict[str, str]:
    """Enough to find Python and our modules, and nothing of ours to steal."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(paths),
        "TMPDIR": str(folder),
    }


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
