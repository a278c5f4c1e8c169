"""Pictures as OpenAPI describes them, and what they take of a model; see `shapes`."""

from pydantic import BaseModel


class Image(BaseModel):
    id: str
    width: int
    height: int
    bytes: int
    content_type: str
    url: str
    thumbnail_url: str
    alt: str
    source: str
    blocked: bool
    created_at: str


class Use(BaseModel):
    """Where a picture stands: in which message of which conversation."""

    conversation: str
    title: str
    message: str


class Shown(Image):
    """`uses`: the newest first, at most 20."""

    uses: list[Use]


class Known(Shown):
    """`text`: what was read in it; null: nobody has looked for any yet."""

    text: str | None


class Images(BaseModel):
    items: list[Image]


class Takes(BaseModel):
    """The cost in US dollars, null where no price is known."""

    tokens: int
    cost: str | None


class Ways(BaseModel):
    low: Takes
    high: Takes
    auto: Takes


class ReckonedImage(Ways):
    image: str


class Reckoned(Ways):
    """Of all pictures together, and of each. `model`: for which it was reckoned."""

    model: str
    items: list[ReckonedImage]
