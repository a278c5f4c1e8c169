"""`python -m chatsite.protocol_tables`: the tables of docs/protocol.md, from the code that speaks them."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django
from django.conf import settings

from conversations import errors
from conversations.chat.questions import Options
from conversations.events.closing import MEANINGS
from conversations.live.commands import COMMANDS

BEGIN, END = "<!-- generated: {name} -->", "<!-- end -->"


def main() -> None:
    """Write the tables anew; with `--check` only say whether they fit."""
    django.setup()
    path = Path(settings.BASE_DIR) / "docs" / "protocol.md"
    stands = path.read_text(encoding="utf-8")
    wanted = with_tables(stands)
    if "--check" not in sys.argv[1:]:
        path.write_text(wanted, encoding="utf-8")
    elif stands != wanted:
        raise SystemExit("docs/protocol.md is out of date: run python -m chatsite.protocol_tables")


def with_tables(text: str) -> str:
    """`text` with what stands between each pair of marks replaced."""
    tables = {"frames": frames(), "options": choices(), "closes": closes(), "codes": codes()}
    for name, rows in tables.items():
        begin = BEGIN.format(name=name)
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(END)
        text = before + "\n".join([begin, *rows, END]) + after
    return text


def frames() -> Iterator[str]:
    yield "| type | fields |"
    yield "| --- | --- |"
    for kind, model in COMMANDS.items():
        fields = [
            f"`{name}`" + ("" if field.is_required() else "?")
            for name, field in model.model_fields.items()
            if name != "type"
        ]
        yield f"| `{kind}` | {', '.join(fields)} |"


def choices() -> Iterator[str]:
    yield "| option | allowed |"
    yield "| --- | --- |"
    for name, schema in Options.model_json_schema()["properties"].items():
        kinds = [part for part in schema["anyOf"] if part.get("type") != "null"]
        yield f"| `{name}` | {_allowed(kinds[0])} |"


def _allowed(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    words = {"string": "text", "array": "a list of text", "integer": "a whole number"}
    said = [words.get(schema.get("type", ""), "a number")]
    if "minimum" in schema:
        said.append(f"from {schema['minimum']} to {schema['maximum']}")
    if "maxItems" in schema:
        said.append(f"at most {schema['maxItems']}")
    if "maxLength" in schema:
        said.append(f"up to {schema['maxLength']} characters")
    return " ".join(said)


def closes() -> Iterator[str]:
    yield "| code | why a socket is closed |"
    yield "| --- | --- |"
    for code, meaning in MEANINGS.items():
        yield f"| {code} | {meaning} |"


def codes() -> Iterator[str]:
    yield "| code | HTTP | what a person reads, unless there is something better to say |"
    yield "| --- | --- | --- |"
    for refusal in sorted(_refusals(errors.Refusal), key=lambda each: (each.http, each.code)):
        yield f"| `{refusal.code}` | {refusal.http} | {refusal()} |"


def _refusals(of: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    yield of
    for each in of.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _refusals(each)


if __name__ == "__main__":
    main()
