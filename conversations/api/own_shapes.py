"""What is a person's own, as OpenAPI describes it: what they chose, used, shared and brought along."""

from pydantic import BaseModel


class Preferences(BaseModel):
    """Empty: as the site or the browser has it."""

    system_prompt: str
    time_zone: str
    language: str
    model: str


class Storage(BaseModel):
    """Bytes that one's pictures take up; `allowed` is null where there is no limit."""

    used: int
    allowed: int | None


class Person(BaseModel):
    id: str
    name: str
    email: str
    preferences: Preferences
    storage: Storage


class SavedPrompt(BaseModel):
    """`shared`: there for all, and looked after by the site's administrators."""

    id: str
    name: str
    text: str
    shared: bool


class PictureQuestion(BaseModel):
    """`kind` is what goes with the question as `asks`; `least` how many pictures it needs."""

    id: str
    name: str
    text: str
    kind: str
    least: int


class Used(BaseModel):
    key: str
    requests: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost: str | None


class BudgetLeft(BaseModel):
    """Dollars as decimal strings, tokens and messages as numbers; null where people are not told what
    things cost. `reserved` is what calls that are under way may still take."""

    scope: str
    name: str
    measure: str
    period: str
    limit: str | int | None
    used: str | int | None
    reserved: str | int | None
    left: str | int | None
    renews_at: str
    state: str


class Share(BaseModel):
    """`url` is null once the site has another secret key; `current`: it shows all that stands now."""

    id: str
    conversation: str
    url: str | None
    title: str
    images: bool
    name: bool
    created_at: str
    stood_at: str
    expires_at: str | None
    ended: bool
    current: bool


class LeftOut(BaseModel):
    kind: str
    count: int
    message: str


class Import(BaseModel):
    """`status`: waiting, running, complete, failed, interrupted or stopped; `live` during the first
    two. `progress`: how much of it was read, from 0 to 1."""

    id: str
    status: str
    live: bool
    file_name: str
    file_bytes: int
    progress: float
    found: int
    imported: int
    extended: int
    known: int
    messages: int
    images: int
    left_out: list[LeftOut]
    error: str | None
    created_at: str
    finished_at: str | None
