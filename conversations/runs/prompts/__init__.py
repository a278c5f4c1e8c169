"""What we ask of models on our own account, such as a title: named files with a version, read once.

`title.v2.toml` takes the place of `title.v1.toml`; the ledger says of each call which of them it was.
What a prompt has to be good for stands beside it (`title.cases.toml`), and `make prompts` tries it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conversations.provider.interface import Model, Request

HERE = Path(__file__).parent
VERSION = re.compile(r"\.v(\d+)\.toml\Z")


@dataclass(frozen=True, slots=True)
class Prompt:
    """`read` is what the model gets to read, with names in braces for what is filled in."""

    tag: str
    instructions: str
    read: str
    max_output_tokens: int
    # A model that cannot but think needs room for it.
    thinking_tokens: int
    schema: Mapping[str, Any] | None = None

    def request(self, model: Model, told: Mapping[str, str], *, by_schema: bool) -> Request:
        messages = [
            {"role": model.instruction_role, "content": self.instructions},
            {"role": "user", "content": self.read.format(**told)},
        ]
        form = {"response_format": self._form()} if by_schema else {}
        return Request(model, messages, {**self._little_thinking(model), **form})

    def takes_schema(self, model: Model) -> bool:
        return self.schema is not None and "json_schema" in model.capabilities

    def _form(self) -> dict[str, Any]:
        name = self.tag.partition(".")[0]
        schema = {"name": name, "strict": True, "schema": self.schema}
        return {"type": "json_schema", "json_schema": schema}

    def _little_thinking(self, model: Model) -> dict[str, Any]:
        if not model.reasons:
            return {"max_output_tokens": min(self.max_output_tokens, model.max_output_tokens)}
        most = min(self.max_output_tokens + self.thinking_tokens, model.max_output_tokens)
        effort = {"reasoning_effort": model.efforts[0] if model.efforts else "low"}
        return {
            "max_output_tokens": most,
            **(effort if "reasoning_effort" in model.accepts else {}),
        }


@cache
def prompt_named(name: str) -> Prompt:
    """Its newest version. Raises ValueError for a name that has none."""
    file = max(HERE.glob(f"{name}.v*.toml"), key=_version)
    return read(file)


def read(file: Path) -> Prompt:
    """Raises TypeError for a file that says something else than a prompt has to say."""
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    texts = {field: said.pop(field).strip() for field in ("instructions", "read")}
    return Prompt(tag=file.name.removesuffix(".toml"), **texts, **said)


def names() -> list[str]:
    return sorted({file.name.partition(".")[0] for file in HERE.glob("*.v*.toml")})


def _version(file: Path) -> int:
    found = VERSION.search(file.name)
    return int(found[1]) if found else 0
