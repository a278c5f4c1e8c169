"""The objects of PROTOCOL.md as OpenAPI describes them. `reading/objects.py` makes them.

For the description only: answers go out as they are made, and tests/features/test_api_shapes.py
holds the two together.
"""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from conversations.api.picture_shapes import Image

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """`next`, given as `cursor`, leads on; null at the end."""

    items: list[Item]
    next: str | None


class Conversation(BaseModel):
    id: str
    title: str
    pinned: bool
    archived: bool
    model: str
    system_prompt: str
    options: dict[str, Any]
    active_message: str | None
    folder: str | None
    pinned_at: str | None
    expires_at: str | None
    created_at: str
    updated_at: str


class Segment(BaseModel):
    """A piece of text as it stands: to be shown as text, never as HTML. `match`: it was looked for."""

    text: str
    match: bool


class Said(BaseModel):
    """Where it was said, on whichever branch. `file`: it stands in the attached file of that name."""

    message: str
    role: str
    model: str | None
    file: str | None
    created_at: str
    passage: list[Segment]


class Result(BaseModel):
    """`more` messages of this conversation fit as well."""

    conversation: Conversation
    title: list[Segment]
    matches: list[Said]
    more: int


class Results(BaseModel):
    items: list[Result]
    next: None
    ignored: list[str]


class Folder(BaseModel):
    id: str
    name: str
    position: int
    folded: bool


class TextFile(BaseModel):
    id: str
    name: str
    bytes: int
    url: str


class TextFiles(BaseModel):
    items: list[TextFile]


class ToldError(BaseModel):
    """What became of an answer that is `interrupted` or `failed`."""

    code: str
    message: str


class Tokens(BaseModel):
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int


class Reported(BaseModel):
    reason: str
    comment: str
    at: str


class Feedback(BaseModel):
    """What the owner thinks of an answer."""

    rating: str | None
    reasons: list[str]
    comment: str
    report: Reported | None
    updated_at: str


class Summary(BaseModel):
    """What models read in place of a message and of all above it: so many `messages`."""

    id: str
    text: str
    messages: int
    model: str
    created_at: str


class Message(BaseModel):
    id: str
    conversation: str
    parent: str | None
    role: str
    text: str
    reasoning: str
    images: list[Image]
    files: list[TextFile]
    tool_calls: list[dict[str, Any]]
    status: str
    finish_reason: str | None
    error: ToldError | None
    model: str | None
    instead_of: str | None
    created_at: str
    usage: Tokens | None
    cost: str | None
    seconds: float | None
    left_out: int
    cached: bool
    redacted: str | None
    asks: str | None
    sight: str | None
    siblings: list[str]
    feedback: Feedback | None
    summary: Summary | None


class Context(BaseModel):
    """Tokens of the model's window; the cost in US dollars, null where no price is known."""

    model: str
    window: int
    reserved: int
    used: int
    exact: bool
    left_out: int
    likely_cost: str | None


class Match(BaseModel):
    """A message in which words were found, and how often."""

    message: str
    matches: int


class Run(BaseModel):
    id: str
    conversation: str
    message: str
    status: str
    model: str
    started_at: str | None
    finished_at: str | None


class Sent(BaseModel):
    """`message` is the answer: empty yet, or with `wait` as it is for ever."""

    conversation: Conversation
    user_message: Message
    message: Message
    run: Run


class Prices(BaseModel):
    """US dollars for a million tokens, as decimal strings."""

    input: str
    cached_input: str
    output: str


class Model(BaseModel):
    id: str
    name: str
    context_window: int
    max_output_tokens: int
    capabilities: list[str]
    prices: Prices | None


class Problem(BaseModel):
    code: str
    message: str
    fields: dict[str, list[str]] | None = None
    retry_after: int | None = None


class Refused(BaseModel):
    error: Problem
