"""Every icon that a template shows is one that `make assets` draws."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.compile(r'icon\.html" with name="([\w-]+)"')


def test_every_icon_of_a_template_is_drawn() -> None:
    names = set((ROOT / "static/icons/names.txt").read_text().split())
    templates = (ROOT / "templates").rglob("*.html")
    shown = {name for file in templates for name in SHOWN.findall(file.read_text())}
    assert len(shown) > 20
    assert sorted(shown - names) == []
