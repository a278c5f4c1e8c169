"""An archive comes back as it was written, or not at all."""

import random
import tarfile
from io import BytesIO

import pytest

from conversations.backup.archive import Damaged, Reader, Writer

MEMBERS = [
    ("manifest.json", b"{}"),
    ("tables/a/000000.gz", bytes(700)),
    ("files/ab/c.png", b"x" * 512),
]


def written() -> tuple[bytes, str]:
    out = BytesIO()
    archive = Writer(out)
    for name, content in MEMBERS:
        archive.add(name, content)
    digest = archive.close()
    assert archive.bytes == len(out.getvalue())
    return out.getvalue(), digest


def read(whole: bytes) -> tuple[list[tuple[str, bytes]], str]:
    reader = Reader(BytesIO(whole))
    return list(reader), reader.digest


def test_what_was_written_comes_back() -> None:
    whole, digest = written()
    assert read(whole) == (MEMBERS, digest)


def test_any_tar_can_unpack_it() -> None:
    whole, _digest = written()
    with tarfile.open(fileobj=BytesIO(whole)) as tar:
        assert tar.getnames() == [*(name for name, _ in MEMBERS), "SHA256"]


def test_a_cut_one_is_refused_wherever_it_is_cut() -> None:
    whole, _digest = written()
    for end in range(0, len(whole), 64):
        with pytest.raises(Damaged, match="cut off" if end < len(whole) - 1024 else "changed"):
            read(whole[:end])


def test_one_with_a_changed_byte_is_refused_wherever_it_is() -> None:
    """But for times, owners and padding, which nobody reads."""
    whole, digest = written()
    picked = random.Random(7)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= picked.randrange(1, 256)
        try:
            found = read(bytes(changed))
        except Damaged:
            continue
        assert found == (MEMBERS, digest), place


def test_members_that_changed_places_are_refused() -> None:
    whole, _digest = written()
    first, second = whole[:1024], whole[1024 : 1024 + 512 + 1024]
    with pytest.raises(Damaged, match="changed"):
        read(second + first + whole[len(first) + len(second) :])


@pytest.mark.parametrize("other", [b"no tar " * 200, b"\0" * 4096])
def test_another_file_is_refused(other: bytes) -> None:
    with pytest.raises(Damaged, match="no backup"):
        read(other)
