"""`python -m tests.pure.judge FOLDER`: how the decoder ends with each file in it, one after the other.

As confined as the decoder is, so that a hundred files cost one process. What it had to say of the last
one before it died is in `ends.json` too: nothing, and who reads it knows which file killed it.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from conversations.attachments import decoder
from conversations.attachments.limits import confine
from conversations.errors import Refusal, TooLarge
from tests.pure.hostile.cases import SECRETS

SECONDS = 110


def main() -> None:
    folder = Path(sys.argv[1])
    confine(memory=decoder.MEMORY, seconds=SECONDS)
    ends: dict[str, Any] = {}
    for file in sorted(folder.glob("*.file")):
        ends[file.stem] = None
        (folder / "ends.json").write_text(json.dumps(ends))
        began = time.process_time()
        ends[file.stem] = [_end(file), time.process_time() - began]
    (folder / "ends.json").write_text(json.dumps(ends))


def _end(file: Path) -> str:
    with tempfile.TemporaryDirectory() as place, file.open("rb") as source:
        try:
            decoder.made_ready(source, Path(place))
        except TooLarge:
            return "too_large"
        except (decoder.Damaged, Refusal):
            return "damaged"
        except (MemoryError, decoder.TooHard):
            return "too_hard"
        stored = b"".join(made.read_bytes() for made in Path(place).iterdir())
        return "dirty" if any(secret in stored for secret in SECRETS) else "taken"


if __name__ == "__main__":
    main()
