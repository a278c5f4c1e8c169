"""Servers under test come from a process that has imported all of ours with other settings than theirs
(tests/harness/warm.py): which of them nobody reads at import is known there, and true."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.harness.plugin import ROOT
from tests.harness.warm import LATE

LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def read_at_import(node: ast.AST) -> Iterator[str]:
    """Names of settings that are read outside of functions, or for what their arguments are at first."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, LATER):
            given = [*child.args.defaults, *child.args.kw_defaults]
            decorators = getattr(child, "decorator_list", [])
            yield from read_at_import(ast.List([one for one in given if one] + decorators))
            continue
        if isinstance(child, ast.Attribute) and ast.unparse(child.value) == "settings":
            yield child.attr
        yield from read_at_import(child)


def modules() -> Iterator[Path]:
    for folder in ("chatsite", "conversations"):
        yield from (ROOT / folder).rglob("*.py")


def test_settings_that_are_said_to_be_read_late_are() -> None:
    read = {
        name: file for file in modules() for name in read_at_import(ast.parse(file.read_text()))
    }
    assert {"TRUSTED_PROXIES", "IMPORT_BYTES"} <= read.keys(), "it finds those that are"
    assert {name: file.name for name, file in read.items() if name in LATE} == {}
