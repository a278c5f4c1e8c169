"""`python -m bench.counting`: how long a megabyte takes to be counted, as the server has it done, and how
much memory the process that counts has."""

import os
import sys
import time
from pathlib import Path
from statistics import median

from conversations.provider.tokens import counting, known

TOKENIZERS = ("o200k_base", "cl100k_base")
MEGABYTE = 1_000_000
ASKED = 9
GOAL_MS = 100
ROOT = Path(__file__).resolve().parent.parent


def texts() -> dict[str, str]:
    """A megabyte of each kind, in bytes."""
    code = "\n".join(path.read_text() for path in sorted(ROOT.glob("conversations/**/*.py")))
    german = (ROOT / "locale/de/LC_MESSAGES/django.po").read_text()
    kinds = {
        "this site's code": code,
        "English and German": german,
        "Chinese": "今天天气很好,我们去公园看白鹭。它们站在水里,一动也不动。",
        "one word": "a",
    }
    return {name: _long(text) for name, text in kinds.items()}


def _long(text: str) -> str:
    size = len(text.encode())
    return (text * (MEGABYTE // size + 1)).encode()[:MEGABYTE].decode(errors="ignore")


def took(tokenizer: str, text: str) -> tuple[float, int]:
    """Milliseconds, and how many tokens it is."""
    known.forget()
    began = time.perf_counter()
    (tokens,) = counting.count([text], tokenizer)
    return (time.perf_counter() - began) * 1000, tokens


def resident() -> float:
    """Megabytes of the process that counts."""
    me = os.getpid()
    [child] = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    lines = Path(f"/proc/{child}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> int:
    slow = False
    print("| tokenizer | a megabyte of | ms, median | slowest | tokens |")
    print("| --- | --- | --: | --: | --: |")
    for tokenizer in TOKENIZERS:
        counting.end()
        first, _ = took(tokenizer, "Hello")
        for name, text in texts().items():
            times, counts = zip(*(took(tokenizer, text) for _ in range(ASKED)), strict=True)
            slow |= median(times) > GOAL_MS
            cells = tokenizer, name, f"{median(times):.0f}", f"{max(times):.0f}", f"{counts[0]:,}"
            print("|", " | ".join(cells), "|")
        print(f"\n{tokenizer}: ready in {first:.0f} ms, {resident():.0f} MB after that\n")
    counting.end()
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
