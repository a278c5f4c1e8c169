"""What is sent to a door that wants something: right, so that only the person decides."""

from collections.abc import Callable
from typing import Any

from tests.doors.world import World
from tests.harness.people import PASSWORD
from tests.harness.pictures import png

Body = Callable[[World], dict[str, Any]]

BODIES: dict[tuple[str, str], Body] = {}

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
    "run.stop": lambda world: {"run": world.run},
    "ping": lambda world: {},
}

__all__ = ["BODIES", "FRAME_BODIES", "PASSWORD", "png"]
