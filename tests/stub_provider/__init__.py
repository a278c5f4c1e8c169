"""OpenAI's Chat Completions and its moderation endpoint over real HTTP, and misbehaving on command.

    with Stub() as stub:
        model = Model(stub)
        count = model.will_say("one ", pause, "two")
        …ask count.question of whatever speaks to stub.base_url…
        count.wait_until_paused(); count.resume()
        assert count.request.said()[-1] == ("user", count.question)

By hand, with an echo for an answer: `python -m tests.stub_provider --port 9999`.
"""

from tests.stub_provider.judge import Judge
from tests.stub_provider.model import Model
from tests.stub_provider.record import Request
from tests.stub_provider.script import Reply, Script, answers_html, fails, says
from tests.stub_provider.server import Stub
from tests.stub_provider.steps import (
    CallTool,
    Chunk,
    Comments,
    Event,
    Raw,
    Refuse,
    Say,
    Sleep,
    Step,
    Think,
    cut,
    deltas,
    end_of_body,
    finished,
    pause,
    reset,
    stall,
    words,
)

__all__ = [
    "CallTool",
    "Chunk",
    "Comments",
    "Event",
    "Judge",
    "Model",
    "Raw",
    "Refuse",
    "Reply",
    "Request",
    "Say",
    "Script",
    "Sleep",
    "Step",
    "Stub",
    "Think",
    "answers_html",
    "cut",
    "deltas",
    "end_of_body",
    "fails",
    "finished",
    "pause",
    "reset",
    "says",
    "stall",
    "words",
]
