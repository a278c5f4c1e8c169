"""A module of Python's as one module of ours sees it, replaced for that one alone."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


def only_there(monkeypatch: pytest.MonkeyPatch, where: ModuleType, name: str, **other: Any) -> None:
    """In `where`, the module `name` has `other`. Everybody else keeps the real one: the stub provider,
    whose event loop runs in a thread beside the test, would sleep through no time and be counted too."""
    real = vars(getattr(where, name))
    monkeypatch.setattr(where, name, SimpleNamespace(**{**real, **other}))
