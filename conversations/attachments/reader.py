"""`python -m conversations.attachments.reader FOLDER < picture`: the text in a picture.

It goes to `reply.json`. A process of its own, as the decoder is: the recogniser takes 430 MB and
threads, and is imported here alone. What it reads is one of our own pictures, never an upload.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.attachments.limits import confine

MEMORY = 3 * 1024 * 1024 * 1024  # of address space: the runtime maps far more than it uses
SECONDS = 90  # of processor, by two threads; the parent's clock says 45 on the wall
THREADS = 2

OPTIONS: dict[str, Any] = {
    "Global.log_level": "error",
    "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True)
class Piece:
    """Words found together, and the upright box around them."""

    text: str
    left: float
    top: float
    bottom: float

    def beside(self, other: "Piece") -> bool:
        """On one line: at least half of the lower one's height is at the height of the other."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared * 2 >= min(self.bottom - self.top, other.bottom - other.top) > 0


def main() -> int:
    folder = Path(sys.argv[1])
    confine(memory=MEMORY, seconds=SECONDS)
    text = in_lines(_pieces(sys.stdin.buffer.read()))
    (folder / "reply.json").write_text(json.dumps({"text": text}))
    return os.EX_OK


def in_lines(pieces: Iterable[Piece]) -> str:
    """As a person reads: line by line from the top, each from the left."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top + piece.bottom, piece.left)):
        if lines and piece.beside(lines[-1][0]):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return "\n".join(_joined(line) for line in lines)


def _joined(line: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in sorted(line, key=lambda piece: piece.left))


def _pieces(picture: bytes) -> list[Piece]:
    from rapidocr import RapidOCR

    found: Any = RapidOCR(params=OPTIONS)(picture)
    if found.boxes is None or found.txts is None:
        return []
    return [_piece(text, box) for text, box in zip(found.txts, found.boxes, strict=True)]


def _piece(text: str, box: Iterable[Sequence[float]]) -> Piece:
    corners = [(float(x), float(y)) for x, y in box]
    heights = [y for _, y in corners]
    return Piece(text, min(x for x, _ in corners), min(heights), max(heights))


if __name__ == "__main__":
    sys.exit(main())
