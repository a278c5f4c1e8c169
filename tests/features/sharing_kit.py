"""What tests of shared conversations begin with."""

from typing import Any

from tests.harness.people import Person


def share(person: Person, conversation: str, **fields: Any) -> dict[str, Any]:
    made = person.api("POST", "shares", json={"conversation": conversation, **fields}, expect=201)
    return dict(made)


def a_file(person: Person, name: str, text: str) -> dict[str, Any]:
    files = {"file": (name, text.encode())}
    return dict(person.api("POST", "files", files=files, expect=201)["items"][0])


def path_of(link: dict[str, Any]) -> str:
    return str(link["url"]).removeprefix(link["url"].split("/share/")[0])
