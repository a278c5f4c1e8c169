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


Corners = Sequence[Sequence[float]]  # x and y of four: from the upper left one to the right


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
    boxes = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
    return straightened(list(zip(found.txts, boxes, strict=True)))


def straightened(found: Sequence[tuple[str, Corners]]) -> list[Piece]:
    """As if the picture had been taken straight. On a bill that lies five degrees askew a price stands
    as high as the name of the line above or below it, and would be read as that one's."""
    slope = _slope([box for _, box in found])
    return [_piece(text, [(x, y - slope * x) for x, y in box]) for text, box in found]


def _slope(boxes: Iterable[Corners]) -> float:
    """How far lines sink on their way to the right, as half of all that is written does at least. What
    is written upwards has no say."""
    edges = [(right[0] - left[0], right[1] - left[1]) for left, right, *_ in boxes]
    lying = sorted((down / along, along) for along, down in edges if along > abs(down))
    middle, passed = sum(along for _, along in lying) / 2, 0.0
    for slope, along in lying:
        passed += along
        if passed >= middle:
            return slope
    return 0.0


def _piece(text: str, box: Corners) -> Piece:
    heights = [y for _, y in box]
    return Piece(text, min(x for x, _ in box), min(heights), max(heights))


if __name__ == "__main__":
    sys.exit(main())
