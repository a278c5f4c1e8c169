"""What a person may ask for, whatever the door: checked, cleaned, unknown fields refused."""

import hashlib
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt

from conversations.text import clean

# 4 MiB of UTF-8, as PROTOCOL.md allows a program; a frame of the socket is shorter anyway.
TEXT_BYTES = 4 * 1024 * 1024
IMAGES = 10

Clean = Annotated[str, AfterValidator(clean)]
Id = Annotated[str, Field(min_length=36, max_length=36)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Key = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(clean)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Options(Closed):
    """Ranges are those of the OpenAI API (https://platform.openai.com/docs/api-reference/chat)."""

    model: Annotated[Clean, Field(min_length=1, max_length=100)] | None = None
    temperature: Annotated[Real, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Real, Field(ge=0, le=1)] | None = None
    max_output_tokens: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    presence_penalty: Annotated[Real, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[Real, Field(ge=-2, le=2)] | None = None
    stop: Annotated[list[Annotated[Clean, Field(max_length=100)]], Field(max_length=4)] | None = (
        None
    )
    seed: Annotated[StrictInt, Field(ge=-(2**53), le=2**53)] | None = None
    detail: Literal["auto", "low", "high"] | None = None

    def given(self) -> dict[str, Any]:
        """What was asked for, the model and what belongs to images left out."""
        return self.model_dump(exclude_none=True, exclude={"model", "detail"})


class Question(Closed):
    """A message to send. `conversation` None starts one, `parent` None is the active message."""

    conversation: Id | None = None
    parent: Id | None = None
    text: Clean = ""
    images: Annotated[list[Id], Field(max_length=IMAGES)] = Field(default_factory=list)
    options: Options = Options()

    def fingerprint(self) -> str:
        """SHA-256 of what is asked: the same id with another one is a conflict."""
        asked = orjson.dumps(["send", self.model_dump(mode="json")], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(asked).hexdigest()
