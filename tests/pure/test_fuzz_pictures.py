"""Real pictures, spoilt at random: none of them kills the decoder, none takes long.

20 in `make test`, 1,000 with `make fuzz`; FUZZ_SEED=… spoils them in the same way again.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from PIL import Image

from conversations.attachments import header
from conversations.errors import Refusal
from tests.pure.heif import Heic
from tests.pure.pictures import noted, photograph, quarters, saved, swapped_profile
from tests.pure.test_hostile import HEADER_SECONDS, SECONDS, judged

IS_FULL = os.environ.get("FUZZ") == "full"
SEED = int(os.environ.get("FUZZ_SEED", "6"))
COUNT, BATCH = (1_000, 250) if IS_FULL else (20, 20)
EXTREMES = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\1",
    b"\1\0\0\0",
)

Spoil = Callable[[random.Random, bytearray], None]


def real() -> list[bytes]:
    photo, drawn = photograph(320, 240), quarters(200, 120)
    films = [drawn.rotate(angle) for angle in (0, 90, 180)]
    seen = drawn.convert("RGBA")
    seen.putalpha(Image.linear_gradient("L").resize(drawn.size))
    return [
        saved(photo, "JPEG", exif=noted(6), icc_profile=swapped_profile()),
        saved(photo, "JPEG", progressive=True),
        saved(drawn.convert("CMYK"), "JPEG"),
        saved(seen, "PNG"),
        saved(drawn.quantize(7), "PNG", exif=noted(3)),
        saved(films[0], "GIF", save_all=True, append_images=films[1:]),
        saved(photo, "WEBP", exif=noted(8)),
        saved(seen, "WEBP", lossless=True),
        saved(photo, "AVIF", speed=10),
        saved(films[0], "AVIF", save_all=True, append_images=films[1:], speed=10),
        saved(drawn, "BMP"),
        saved(photo, "TIFF", compression="tiff_lzw"),
        saved(drawn, "TIFF", compression="tiff_deflate", exif=noted(5)),
        saved(drawn.convert("1"), "TIFF", compression="group4"),
        Heic(notes=noted(6).tobytes(), profile=swapped_profile()).made(),
        Heic(columns=4, rows=3, said=(250, 180)).made(),
    ]


def flipped(chance: random.Random, content: bytearray) -> None:
    for _bit in range(chance.randint(1, 8)):
        content[_place(chance, content)] ^= 1 << chance.randrange(8)


def extreme(chance: random.Random, content: bytearray) -> None:
    place = _place(chance, content)
    content[place : place + 4] = chance.choice(EXTREMES)


def noise(chance: random.Random, content: bytearray) -> None:
    place = _place(chance, content)
    content[place : place + chance.randint(1, 64)] = chance.randbytes(chance.randint(1, 64))


def cut_out(chance: random.Random, content: bytearray) -> None:
    place = _place(chance, content)
    del content[place : place + chance.randint(1, 200)]


def doubled(chance: random.Random, content: bytearray) -> None:
    place, length = _place(chance, content), chance.randint(1, 400)
    content[place:place] = content[place : place + length] * chance.randint(1, 20)


def cut_off(chance: random.Random, content: bytearray) -> None:
    del content[chance.randint(4, len(content)) :]


SPOILS: tuple[Spoil, ...] = (flipped, flipped, extreme, extreme, noise, cut_out, doubled, cut_off)


def _place(chance: random.Random, content: bytearray) -> int:
    """Every second one near the beginning, where the numbers stand that decide."""
    return chance.randrange(min(len(content), 400 if chance.random() < 0.5 else len(content)))


def spoilt() -> Iterator[bytes]:
    chance, pictures = random.Random(SEED), real()
    for number in range(COUNT):
        content = bytearray(pictures[number % len(pictures)])
        for _time in range(chance.randint(1, 3)):
            chance.choice(SPOILS)(chance, content)
        yield bytes(content)


def test_a_spoilt_picture_ends_soon_and_kills_nothing(tmp_path: Path) -> None:
    for number, content in enumerate(spoilt()):
        folder = tmp_path / str(number // BATCH)
        folder.mkdir(exist_ok=True)
        (folder / f"{number:04}.file").write_bytes(content)
    ends = {name: end for part in tmp_path.iterdir() for name, end in judged(part).items()}
    assert len(ends) == COUNT
    assert {end for end, _seconds in ends.values()} <= {"taken", "damaged", "too_large", "too_hard"}
    assert max(seconds for _end, seconds in ends.values()) < SECONDS


def test_the_header_of_a_spoilt_picture_is_read_or_refused() -> None:
    for content in spoilt():
        began = time.process_time()
        with suppress(Refusal):
            header.read(BytesIO(content))
        assert time.process_time() - began < HEADER_SECONDS
