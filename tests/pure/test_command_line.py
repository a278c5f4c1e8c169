"""`manage.py`, and what it knows without a database."""

import errno
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core import management
from django.db import OperationalError
from django.db.migrations.loader import MigrationLoader

import manage
from chatsite.env import Env
from conversations import db


def test_migrations_are_known_by_their_names_as_django_knows_them() -> None:
    assert db._migrations() == set(MigrationLoader(None).disk_migrations)


@pytest.mark.parametrize("why", ["FATAL: no such database", None])
def test_a_command_without_postgres_ends_in_a_sentence(why: str | None, monkeypatch: Any) -> None:
    def is_away(_words: list[str]) -> None:
        raise OperationalError("couldn't get a connection after 3.00 sec")

    monkeypatch.setattr(management, "execute_from_command_line", is_away)
    monkeypatch.setattr(db, "why_away", lambda: why)
    monkeypatch.setattr(sys, "argv", ["manage.py", "migrate"])
    # Where Postgres answers it is another trouble, and its traceback is wanted.
    with pytest.raises(SystemExit if why else OperationalError, match=why or "3.00 sec"):
        manage.main()


@pytest.mark.parametrize("content", [None, b"A=\xff"])
def test_variables_that_cannot_be_read_end_it_in_a_sentence(
    content: bytes | None, tmp_path: Path, monkeypatch: Any
) -> None:
    def refuses(_path: Path, **_: Any) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / ".env").write_bytes(content or b"A=1")
    if content is None:  # root may read everything
        monkeypatch.setattr(Path, "read_text", refuses)
    with pytest.raises(SystemExit, match=r"\.env cannot be read: "):
        Env.beside(tmp_path)
