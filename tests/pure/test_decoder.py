"""The decoder makes pictures upright, plain, small enough, and encodes them itself."""

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from PIL import Image, ImageOps

from conversations.attachments import decoder
from conversations.attachments.confined import ROOT, environment
from tests.pure.pictures import (
    PLACE,
    SCRIPT,
    bomb,
    corners,
    noted,
    photograph,
    png,
    png_chunk,
    quarters,
    saved,
    swapped_profile,
)


class Made:
    """What one call of the decoder left in its folder."""

    def __init__(self, content: bytes, folder: Path) -> None:
        self.facts: dict[str, Any] = decoder.made_ready(BytesIO(content), folder)
        self.bytes = (folder / "full").read_bytes()
        self.image = Image.open(BytesIO(self.bytes))
        self.image.load()
        self.thumbnail = Image.open(folder / "thumbnail")

    @property
    def type(self) -> str:
        assert f"image/{(self.image.format or '').lower()}" == self.facts["content_type"]
        assert self.image.size == (self.facts["width"], self.facts["height"])
        return str(self.image.format)


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_upright(kind: str, orientation: int, tmp_path: Path) -> None:
    content = saved(quarters(), kind, exif=noted(orientation))
    upright = ImageOps.exif_transpose(Image.open(BytesIO(content)))
    made = Made(content, tmp_path)
    assert corners(made.image) == corners(upright)
    assert made.image.size == upright.size
    assert (made.facts["original_width"], made.facts["original_height"]) == upright.size


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_by_whom_it_was_taken_is_gone(kind: str, tmp_path: Path) -> None:
    content = saved(quarters(), kind, exif=noted(1), xmp=b"<x:xmpmeta>" + PLACE)
    assert PLACE in content
    made = Made(content, tmp_path)
    for stored in (made.image, made.thumbnail):
        assert not dict(stored.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(stored.info)
    assert PLACE not in made.bytes + (tmp_path / "thumbnail").read_bytes()


def test_a_comment_and_text_chunks_are_gone(tmp_path: Path) -> None:
    assert SCRIPT not in Made(saved(quarters(), "JPEG", comment=SCRIPT), tmp_path).bytes
    whole = saved(quarters(), "PNG")
    text = png_chunk(b"tEXt", b"Comment\0" + SCRIPT)
    assert SCRIPT not in Made(whole[:33] + text + whole[33:], tmp_path).bytes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_script_behind_the_picture_is_gone(kind: str, tmp_path: Path) -> None:
    made = Made(saved(quarters(), kind) + SCRIPT, tmp_path)
    assert SCRIPT not in made.bytes
    assert corners(made.image) == ["red", "green", "blue", "white"]


def test_print_colours_become_screen_colours(tmp_path: Path) -> None:
    made = Made(saved(quarters(mode="CMYK"), "JPEG"), tmp_path)
    assert made.image.mode == "RGB"
    assert corners(made.image) == ["red", "green", "blue", "white"]


def test_a_colour_profile_is_honoured(tmp_path: Path) -> None:
    """The picture's own numbers mean another colour: green and red are swapped in its profile."""
    profile = swapped_profile()
    made = Made(saved(quarters(), "PNG", icc_profile=profile), tmp_path)
    assert corners(made.image) == ["green", "red", "blue", "white"]


@pytest.mark.parametrize("profile", [b"no profile at all", b"", bytes(5000)])
def test_a_useless_profile_costs_nothing(profile: bytes, tmp_path: Path) -> None:
    made = Made(saved(quarters(), "JPEG", icc_profile=profile), tmp_path)
    assert corners(made.image) == ["red", "green", "blue", "white"]


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    rows = b"\0" + bytes.fromhex("0000 4000 8000 c000 ffff".replace(" ", ""))
    made = Made(png(5, 1, rows, depth=16, colour=0), tmp_path)
    assert [made.image.getpixel((x, 0)) for x in range(5)] == [0, 64, 128, 192, 255]
    rgb = b"\0" + bytes.fromhex("ffff 8000 0000".replace(" ", ""))
    made = Made(png(1, 1, rgb, depth=16, colour=2), tmp_path)
    assert made.image.getpixel((0, 0)) == (255, 128, 0)


def test_a_transparent_palette_stays_transparent(tmp_path: Path) -> None:
    image = quarters().quantize(4)
    made = Made(saved(image, "PNG", transparency=image.getpixel((60, 30))), tmp_path)
    assert made.type == "PNG"
    assert made.image.mode == "RGBA"
    assert pixel(made.image, 60, 30)[3] == 0
    assert made.image.getpixel((5, 5)) == (255, 0, 0, 255)
    assert pixel(made.thumbnail.convert("RGBA"), 60, 30)[3] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str, tmp_path: Path) -> None:
    image = quarters().convert("I").convert("I;16") if mode == "I;16" else quarters(mode=mode)
    made = Made(saved(image, "PNG"), tmp_path)
    assert made.type == "PNG"
    assert made.image.mode in ("L", "RGB"), "what is opaque has no alpha"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_kept(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (80, 40), colour) for colour in ("blue", "red", "lime")]
    content = saved(quarters(), kind, save_all=True, append_images=frames, duration=50)
    made = Made(content, tmp_path)
    assert getattr(made.image, "n_frames", 1) == 1
    assert corners(made.image) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("kind", "mode", "stored"),
    [
        ("JPEG", "RGB", "JPEG"),
        ("JPEG", "L", "JPEG"),
        ("PNG", "RGB", "PNG"),
        ("GIF", "RGB", "PNG"),
        ("WEBP", "RGB", "JPEG"),
        ("WEBP", "RGBA", "PNG"),
    ],
)
def test_photographs_become_jpeg_and_drawings_png(
    kind: str, mode: str, stored: str, tmp_path: Path
) -> None:
    image = quarters(mode=mode)
    if mode == "RGBA":
        image.putalpha(100)
    made = Made(saved(image, kind), tmp_path)
    assert made.type == stored
    assert made.thumbnail.format == "WEBP"


def test_a_heavy_png_becomes_a_jpeg_on_white(tmp_path: Path) -> None:
    image = photograph(1600, 1200)
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((0, 0, 0, 0), (0, 0, 100, 100))
    made = Made(saved(image, "PNG", compress_level=1), tmp_path)
    assert made.type == "JPEG"
    assert len(made.bytes) < 3 * 1024 * 1024
    assert min(pixel(made.image, 20, 20)) > 240


@pytest.mark.parametrize(
    ("size", "stored", "thumbnail"),
    [
        ((4032, 3024), (2048, 1536), (640, 480)),
        ((3000, 9000), (683, 2048), (213, 640)),
        ((2000, 10), (2000, 10), (640, 3)),
        ((4000, 20), (2048, 10), (640, 3)),
        ((100, 50), (100, 50), (100, 50)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pictures_are_sized_for_the_model(
    kind: str, size: tuple[int, int], stored: tuple[int, int], thumbnail: tuple[int, int],
    tmp_path: Path,
) -> None:  # fmt: skip
    made = Made(saved(Image.new("RGB", size, "teal"), kind), tmp_path)
    assert (made.image.size, made.thumbnail.size) == (stored, thumbnail)
    assert (made.facts["original_width"], made.facts["original_height"]) == size


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_file_is_damaged(kind: str, share: float, tmp_path: Path) -> None:
    whole = saved(photograph(300, 200), kind)
    with pytest.raises(decoder.Damaged):
        decoder.made_ready(BytesIO(whole[: int(len(whole) * share)]), tmp_path)
    assert not list(tmp_path.iterdir())


def run(content: bytes, folder: Path) -> tuple[int, dict[str, Any]]:
    """The decoder as it is really started."""
    with TemporaryFile() as source:
        source.write(content)
        source.seek(0)
        ended = subprocess.run(
            [sys.executable, "-P", "-m", decoder.__name__, str(folder)],
            stdin=source, env=environment(folder), timeout=60, check=False,
        )  # fmt: skip
    reply = folder / "reply.json"
    return ended.returncode, json.loads(reply.read_text()) if reply.exists() else {}


def test_the_process_answers_with_files(tmp_path: Path) -> None:
    code, reply = run(saved(quarters(), "JPEG"), tmp_path)
    assert code == os.EX_OK
    assert reply["content_type"] == "image/jpeg"
    assert {path.name for path in tmp_path.iterdir()} == {"full", "thumbnail", "reply.json"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_the_process_says_why_it_refuses(tmp_path: Path) -> None:
    assert run(b"", tmp_path)[1] == {"refused": "damaged"}
    assert run(bomb(), tmp_path)[1] == {"refused": "too_large"}


def test_the_process_imports_neither_django_nor_the_models(tmp_path: Path) -> None:
    program = (
        "import sys, conversations.attachments.decoder\n"
        "sys.exit(any(name.split('.')[0] in ('django', 'openai') for name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], env=environment(tmp_path), check=False)
    assert ended.returncode == 0
    assert str(ROOT) in environment(tmp_path)["PYTHONPATH"]


def test_a_second_header_further_in_is_measured_too(tmp_path: Path) -> None:
    """Our reader of headers and Pillow's may disagree; the larger one must not get through."""
    honest = png(8, 8, bytes(8 * 25))
    liar = png(13_000, 13_000, b"")[8 : 8 + 25]
    _, reply = run(honest[:33] + liar + honest[33:], tmp_path)
    assert reply["refused"] in ("too_large", "damaged")


def test_a_picture_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    """Its header is within the limits; the process is given less than it takes."""
    content = saved(Image.new("RGBA", (6000, 4000), "teal"), "PNG", compress_level=1)
    (tmp_path / "source").write_bytes(content)
    program = (
        "import conversations.attachments.decoder as decoder\n"
        "decoder.MEMORY = 150 * 1024 * 1024\n"
        "raise SystemExit(decoder.main())"
    )
    with (tmp_path / "source").open("rb") as source:
        command = [sys.executable, "-P", "-c", program, str(tmp_path)]
        ended = subprocess.run(command, stdin=source, env=environment(tmp_path), check=False)
    assert ended.returncode == os.EX_OK
    assert json.loads((tmp_path / "reply.json").read_text()) == {"refused": "too_hard"}
