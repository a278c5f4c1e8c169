"""Exports of elsewhere, made up: the forms that ChatGPT's has been seen in."""

import io
import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from tests.harness.people import Person
from tests.harness.sockets import PATIENCE

FIRST = 1_700_000_000.25


def node(
    id: str, parent: str | None, role: str | None = None, text: str = "", **more: Any
) -> dict[str, Any]:
    """A node of a mapping; without a role it carries no message, as the root does."""
    if role is None:
        return {"id": id, "parent": parent, "children": [], "message": None}
    message = {
        "id": id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": FIRST + len(id),
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "recipient": "all",
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
    }
    return {"id": id, "parent": parent, "children": [], "message": {**message, **more}}


def talk(
    *nodes: dict[str, Any], id: str = "conv-1", current: str | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "id": id,
        "conversation_id": id,
        "title": "About herons",
        "create_time": FIRST,
        "update_time": FIRST + 60,
        "mapping": {one["id"]: one for one in nodes},
        "current_node": current or nodes[-1]["id"],
        "is_archived": False,
        **more,
    }


def plain(id: str = "conv-1", **more: Any) -> dict[str, Any]:
    """A question and its answer, below what nobody sees."""
    nodes = (
        node("root", None),
        node("sys", "root", "system"),
        node("q", "sys", "user", "What did the bird do?"),
        node("a", "q", "assistant", "It stood still."),
    )
    return talk(*nodes, id=id, **more)


def zipped(files: Mapping[str, Any]) -> bytes:
    """Names → bytes, or what becomes JSON."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name, data)
    return out.getvalue()


def bring(
    person: Person, content: bytes | Sequence[Any], name: str = "export.zip"
) -> dict[str, Any]:
    """Upload, and wait for the end of the import."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    job = person.api("POST", "imports", files={"file": (name, data)}, expect=201)
    return ended(person, job)


def ended(person: Person, job: dict[str, Any]) -> dict[str, Any]:
    """The import once it is over."""
    end = time.monotonic() + 6 * PATIENCE
    while job["live"]:
        assert time.monotonic() < end, f"the import does not end: {job}"
        time.sleep(0.05)
        job = person.api("GET", f"imports/{job['id']}")
    return dict(job)


def left(job: dict[str, Any]) -> dict[str, int]:
    return {line["kind"]: line["count"] for line in job["left_out"]}


def listing(person: Person, query: str = "") -> list[dict[str, Any]]:
    return list(person.api("GET", f"conversations?limit=200{query}")["items"])
