"""What is sent to a door that wants something: right, so that only the person decides."""

from collections.abc import Callable
from typing import Any

from tests.doors.world import World
from tests.harness.pictures import png

Body = Callable[[World], dict[str, Any]]


def picture() -> tuple[str, bytes, str]:
    return ("dot.png", png(8, 8), "image/png")


BODIES: dict[tuple[str, str], Body] = {
    ("POST", "/accounts/login/"): lambda world: {"data": {"login": "nobody", "password": "wrong"}},
    ("POST", "/accounts/signup/"): lambda world: {"data": {"username": "@", "email": "x"}},
    ("POST", "/accounts/reauthenticate/"): lambda world: {"data": {"password": "wrong"}},
    ("POST", "/accounts/email/"): lambda world: {"data": {"email": "x", "action_add": ""}},
    ("POST", "/accounts/password/change/"): lambda world: {"data": {"oldpassword": "wrong"}},
    ("POST", "/accounts/password/reset/"): lambda world: {"data": {"email": "x"}},
    ("POST", "/settings/preferences/"): lambda world: {"data": {"system_prompt": "Be brief."}},
    ("POST", "/settings/prompts/"): lambda world: {"data": {"name": "new", "text": "Hello."}},
    ("POST", "/settings/prompts/<uuid:prompt>/"): lambda world: {"data": {"text": "Hello."}},
    ("POST", "/api/v1/prompts"): lambda world: {"json": {"name": "new", "text": "Hello."}},
    ("PATCH", "/api/v1/prompts/<prompt>"): lambda world: {"json": {"text": "Hello."}},
    ("PATCH", "/api/v1/me"): lambda world: {"json": {"preferences": {"language": "de"}}},
    ("POST", "/settings/everything/"): lambda world: {
        "data": {"confirm": world.people["owner"].name}
    },
    ("DELETE", "/api/v1/conversations"): lambda world: {
        "params": {"confirm": world.people["owner"].name}
    },
    ("POST", "/api/v1/conversations"): lambda world: {"json": {}},
    ("PATCH", "/api/v1/conversations/<conversation>"): lambda world: {"json": {"title": "New"}},
    ("POST", "/api/v1/folders"): lambda world: {"json": {"name": "Work"}},
    ("PATCH", "/api/v1/folders/<folder>"): lambda world: {"json": {"name": "Home"}},
    ("POST", "/api/v1/messages"): lambda world: {
        "json": {"conversation": world.conversation, "text": "And now?"}
    },
    ("POST", "/api/v1/edits"): lambda world: {
        "json": {"message": world.question, "text": "What is that?"}
    },
    ("POST", "/api/v1/imports"): lambda world: {
        "files": {"file": ("conversations.json", b"[]", "application/json")}
    },
    ("POST", "/api/v1/shares"): lambda world: {"json": {"conversation": world.conversation}},
    ("PATCH", "/api/v1/shares/<share>"): lambda world: {"json": {"name": True}},
    ("GET", "/api/v1/conversations/<conversation>/search"): lambda world: {"params": {"q": "dot"}},
    ("PUT", "/api/v1/messages/<message>/feedback"): lambda world: {"json": {"rating": "up"}},
    ("PATCH", "/api/v1/images/<image>"): lambda world: {"json": {"alt": "A dot."}},
    ("POST", "/api/v1/images"): lambda world: {"files": {"file": picture()}},
    ("GET", "/api/v1/images/tokens"): lambda world: {"params": {"image": world.image}},
    ("POST", "/api/v1/files"): lambda world: {
        "files": {"file": ("notes.md", b"# Notes", "text/markdown")}
    },
    ("POST", "/api/v1/vision"): lambda world: {
        "files": {"file": picture()},
        "data": {"conversation": world.conversation, "prompt": "What is this?"},
    },
}

FRAME_BODIES: dict[str, Body] = {
    "conversation.open": lambda world: {"conversation": world.conversation, "have": {}},
    "conversation.close": lambda world: {"conversation": world.conversation},
    "message.send": lambda world: {
        "conversation": world.conversation,
        "parent": None,
        "text": "And now?",
        "images": [],
        "options": {},
    },
    "message.edit": lambda world: {"message": world.question, "text": "What is that?"},
    "message.regenerate": lambda world: {"message": world.answer},
    "message.continue": lambda world: {"message": world.broken()},
    "run.stop": lambda world: {"run": world.run},
    "ping": lambda world: {},
}
