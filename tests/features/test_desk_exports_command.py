"""`manage.py export`: what the desk sends, without the page."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conversations.models import (
    AuditEntry,
)
from tests.features.desk_exports_kit import calls, talk
from tests.harness.database import Ground
from tests.harness.people import Person


def command(ground: Ground, *words: str) -> None:
    ground.run(lambda: call_command("export", *words, stderr=io.StringIO()))


def test_the_command_writes_what_the_desk_sends(
    ada: Person, ground: Ground, tmp_path: Path
) -> None:
    calls(ground, ada, 5, day="1999-12-31")
    calls(ground, ada, 2, day="2000-01-01")
    out = tmp_path / "ledger.jsonl"
    command(ground, "ledger", "--from", "1999-12-31", "--to", "2000-01-01", "--out", str(out))
    *rows, last = map(json.loads, out.read_text().splitlines())
    assert last == {"complete": True, "rows": 5} and rows[0]["person"] == ada.name
    assert out.stat().st_mode & 0o777 == 0o600 and list(tmp_path.iterdir()) == [out]
    with pytest.raises(CommandError, match="there already"):
        command(ground, "ledger", "--out", str(out))
    end = ground.rows(AuditEntry, actor="", action="ledger.export_end", detail__rows=5)[-1]
    begun = ground.row(AuditEntry, action="ledger.export", detail__export=end.detail["export"])
    assert begun.detail["filters"]["since"].startswith("1999-12-31T00:00")


def test_the_command_writes_to_standard_output(
    ada: Person, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = "1998-03-01"
    calls(ground, ada, 2, day=day)
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", out)
    between = ("--from", f"{day}T00:00:00+00:00", "--to", "1998-03-02")
    command(ground, "ledger", *between, "--format", "csv", "--out", "-")
    assert out.buffer.getvalue().decode().splitlines()[-1].startswith("complete,2,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["conversations", "--out", "-"], "--reason"),
        (["conversations", "--out", "-", "--format", "csv", "--reason", "x"], "no csv"),
        (["ledger", "--out", "-", "--from", "yesterday"], "--from"),
        (["ledger", "--out", "/no/such/place/x"], "cannot be written"),
        (["people", "--out", "-"], "what"),
    ],
)
def test_the_command_says_what_is_wrong(ground: Ground, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        command(ground, *words)


def test_what_breaks_off_leaves_no_file(
    ada: Person, ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_rows: object) -> bytes:
        raise OSError(28, "No space left on device")

    talk(ground, ada)
    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(CommandError, match="No space left"):
        command(ground, "audit", "--from", "2999-01-01", "--out", str(tmp_path / "a.jsonl"))
    assert list(tmp_path.iterdir()) == []
