"""A production install stays below 200 MB, as `du -sm` counts it (docs/decisions/0106)."""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.markers import Marker

from chatsite.static_storage import JOINER

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 4096
MOST = 200 * 2**20
# What Python compiles of it until somebody has signed in, asked, and opened the admin: measured, as it
# depends on what else this environment has run.
COMPILED = 28_000_000
NAMED = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==\S+(?: *; *([^\\\n]+))?", re.MULTILINE)
OURS = (
    "chatsite",
    "conversations",
    "deploy",
    "docs",
    "locale",
    "static",
    "staticfiles",
    "templates",
)


def test_a_production_install_is_small() -> None:
    parts = {name: weight(files) for name, files in installed()}
    parts |= {name: weight((ROOT / name).rglob("*")) for name in OURS}
    parts["esbuild"] = weight([JOINER])
    assert parts["django"] > 5_000_000 and parts["staticfiles"] > 2_000_000
    largest = sorted(parts.items(), key=lambda part: part[1], reverse=True)[:8]
    total = sum(parts.values()) + COMPILED
    assert total < MOST, (total / 2**20, largest)


def installed() -> Iterator[tuple[str, list[Path]]]:
    """As `make install` installs them, and pip, which stays; what trim.py took away is not there."""
    for name, only in NAMED.findall((ROOT / "requirements.txt").read_text()):
        if not only or Marker(only.strip()).evaluate():
            yield name, files_of(name)
    yield "pip", files_of("pip")


def files_of(name: str) -> list[Path]:
    found = distribution(name)
    return [Path(str(found.locate_file(file))) for file in found.files or ()]


def weight(files: Iterable[Path]) -> int:
    there = [file for file in files if file.suffix != ".pyc" and file.is_file()]
    return sum(-(-file.stat().st_size // BLOCK) * BLOCK for file in there)
