"""What a person may ask for, whatever the door: checked, cleaned, unknown fields refused."""

import hashlib
from typing import Annotated, Any, ClassVar, Literal

import orjson
from django.utils.translation import gettext_lazy as _
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
)

from conversations.text import UNSTORABLE, clean

# 4 MiB of UTF-8, as PROTOCOL.md allows a program; a frame of the socket is shorter anyway.
TEXT_BYTES = 4 * 1024 * 1024
IMAGES = 10
FILES = 10
PROMPT_CHARACTERS = 100_000

Clean = Annotated[str, AfterValidator(clean)]
Id = Annotated[str, Field(min_length=36, max_length=36)]
Images = Annotated[list[Id], Field(max_length=IMAGES)]
Files = Annotated[list[Id], Field(max_length=FILES)]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
# What its answer is wanted for, as `Asks` of the tables has it.
Use = Literal["answer", "text", "table", "compare", "alt"]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def _as_it_is(key: str) -> str:
    """Cleaned, a key would be another one: its ack would not carry the id that was sent."""
    if UNSTORABLE.search(key):
        raise ValueError(_("This has characters that cannot be kept."))
    return key


Key = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_as_it_is)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    # Fields that came later. Left at nothing they change no fingerprint: who asks again across an
    # update of the site asks the same.
    later: ClassVar[frozenset[str]] = frozenset()

    def said(self) -> dict[str, Any]:
        """What was said, as it is compared: JSON without what came later and was left out."""
        fields = self.model_dump(mode="json")
        inner = ((name, getattr(self, name)) for name in fields)
        fields |= {name: value.said() for name, value in inner if isinstance(value, Closed)}
        return {name: said for name, said in fields.items() if not self._left_out(name, said)}

    def _left_out(self, name: str, said: Any) -> bool:
        """An empty list is something that is said where nothing is the default."""
        if name not in self.later:
            return False
        field = type(self).model_fields[name]
        return bool(said == field.get_default(call_default_factory=True))


# What belongs to no model: which one it is, and how closely it looks at pictures.
OF_A_MESSAGE = {"model", "detail"}


class Options(Closed):
    """Ranges are those of the OpenAI API (https://platform.openai.com/docs/api-reference/chat)."""

    later = frozenset({"reasoning_effort", "verbosity"})
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
    # How long a model that reasons may think; others are not told.
    reasoning_effort: Effort | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    detail: Literal["auto", "low", "high"] | None = None

    def given(self) -> dict[str, Any]:
        """What was asked for, the model and what belongs to images left out."""
        return self.model_dump(exclude_none=True, exclude=OF_A_MESSAGE)

    def given_for_all(self) -> dict[str, Any]:
        """With how closely pictures are looked at: of a conversation, and of another try, whose pictures
        stand in a question that is there already."""
        return self.model_dump(exclude_none=True, exclude={"model"})


def usual_options(given: object) -> dict[str, Any]:
    """Those of a site or of a model, checked. Raises ValueError: what is wrong, and with which."""
    try:
        options = Options.model_validate(given)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None
    if others := options.model_fields_set & OF_A_MESSAGE:
        raise ValueError(f"{min(others)}: only a message says that")
    return options.given()


class Start(Closed):
    """What a new conversation begins with: kept by it, as if it had been changed to that at once."""

    system_prompt: Annotated[Clean, Field(max_length=PROMPT_CHARACTERS)] = ""
    options: Options = Options()


class Claimable(Closed):
    """What begins a run, and is done once for each id."""

    kind: ClassVar[str]

    def fingerprint(self) -> str:
        """SHA-256 of what is asked: the same id with another one is a conflict."""
        asked = orjson.dumps([self.kind, self.said()], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(asked).hexdigest()


class Question(Claimable):
    """A message to send. `conversation` None starts one, which may be `temporary` and may `start` with
    something; `parent` None is the active message."""

    kind = "send"
    later = frozenset({"temporary", "files", "start", "asks"})
    conversation: Id | None = None
    parent: Id | None = None
    text: Clean = ""
    images: Images = Field(default_factory=list)
    files: Files = Field(default_factory=list)
    options: Options = Options()
    temporary: StrictBool = False
    start: Start | None = None
    asks: Use | None = None


class Edit(Claimable):
    """A question put differently. `images` and `files` None: those that it had."""

    kind = "edit"
    later = frozenset({"files"})
    message: Id
    text: Clean
    images: Images | None = None
    files: Files | None = None


class Regenerate(Claimable):
    """Another answer to the question of the answer `message`."""

    kind = "regenerate"
    message: Id
    options: Options = Options()


class Continue(Claimable):
    """To go on with the answer `message`."""

    kind = "continue"
    message: Id
