"""What we ask of a model's vendor, and what comes back. `openai_api/` speaks it over the wire."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from conversations.provider.rules import Rules

Message = dict[str, Any]
# What is judged in one call: texts, or one picture as chat messages have it.
Said = list[str] | list[dict[str, Any]]
# Categories, as their provider names them, and how sure it is, from 0 to 1.
Scores = dict[str, float]

SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "stop", "seed")
THINKING = ("reasoning_effort", "verbosity", "seed")
# Everything that may be asked of some model (https://platform.openai.com/docs/api-reference/chat).
PARAMETERS = (*SAMPLING, "reasoning_effort", "verbosity")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens. `version` is the row of the price list, for the ledger."""

    input: Decimal
    cached_input: Decimal
    output: Decimal
    since: date = date.min
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a provider is reached, and with what patience: everything that its client is made of.

    Whatever an administrator changes makes another endpoint, and with that another client. Seconds.
    """

    name: str
    kind: str
    base_url: str
    connect: float
    first_token: float
    between_tokens: float
    answer: float
    key: str = field(default="", repr=False)
    api_version: str = ""
    proxy: str = field(default="", repr=False)
    concurrent_calls: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    failures_in_a_row: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of a model: whom to ask for it, what it can do, what it costs."""

    id: str
    name: str
    provider: str
    context_window: int
    max_output_tokens: int
    capabilities: frozenset[str] = frozenset()
    # Newest first.
    price_list: tuple[Prices, ...] = ()
    # OpenAI's own models take `max_completion_tokens`, most compatible servers only `max_tokens`.
    limit_parameter: str = "max_tokens"
    builtin: bool = False
    endpoint: Endpoint | None = field(default=None, hash=False)
    sent_as: str = ""
    description: str = ""
    efforts: tuple[str, ...] = ()
    # None: what models of its sort take.
    parameters: tuple[str, ...] | None = None
    instruction_role: str = "system"
    tokenizer: str = ""
    picture_tokens: Mapping[str, float] | None = field(default=None, hash=False)
    # None: as large as it is stored.
    picture_side: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    # Ids of models: who does what nobody sees for it, and who answers when it fails.
    small: str | None = None
    fall_back: str | None = None
    # It is no model but a choice between two (auto.py), and is never asked itself.
    rules: Rules | None = None

    @property
    def vision(self) -> bool:
        return "vision" in self.capabilities

    @property
    def reasons(self) -> bool:
        return "reasoning" in self.capabilities

    @property
    def counts(self) -> bool:
        """Whether its server says in a stream what an answer took, and knows how to be asked."""
        return "stream_usage" in self.capabilities

    @property
    def accepts(self) -> tuple[str, ...]:
        """The options it can be sent: a model that reasons refuses those that sample."""
        if self.parameters is not None:
            return self.parameters
        return THINKING if self.reasons else SAMPLING

    @property
    def prices(self) -> Prices | None:
        return self.prices_at(datetime.now(UTC))

    def prices_at(self, moment: datetime) -> Prices | None:
        """What holds on that day (UTC). None: no price is known."""
        day = moment.astimezone(UTC).date()
        return next((prices for prices in self.price_list if prices.since <= day), None)


@dataclass(frozen=True, slots=True)
class Request:
    model: Model
    messages: list[Message]
    parameters: dict[str, Any] = field(default_factory=dict)
    # Messages at the beginning of the conversation that are not in it: there was no room.
    left_out: int = 0
    # How its model comes to the pictures of the question; empty: it sees them, or there are none.
    sight: str = ""
    # Where pictures are in it by their addresses: the same messages with the bytes (0113).
    in_bytes: Callable[[], list[Message]] | None = None
    # What its messages were made of, oldest first (runs/sent.py).
    turns: Sequence[Any] = ()
    # It is time to summarise once it is more tokens than this; 0: it is surely not.
    crowded: int = 0
    # What its pictures take, by the formula of its model.
    picture_tokens: int = 0
    # It is surely no more tokens than this; 0: nobody looked.
    at_most: int = 0


# Of one call: more has no room on the ledger, and is no count but a fault.
MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider reports them. `input` includes `cached_input` and those of pictures, of
    which few providers say anything (None), `output` the reasoning."""

    input: int
    cached_input: int
    output: int
    reasoning: int
    images: int | None = None


@dataclass(slots=True)
class Report:
    """What a call came to, filled while its stream is read."""

    request_id: str = ""
    # Something of the request has gone out: from then on the provider may have read it, and charge for that.
    sent: bool = False
    # A chunk of an answer has come, though perhaps without a word in it.
    began: bool = False
    # HTTP said no: nothing was done, and nothing is charged.
    refused: bool = False
    finish_reason: str = ""
    usage: Usage | None = None
    # What really went wrong, for administrators: the provider's own words, never the key.
    detail: str = ""
    # The body as it went out. It is people's words: never in a log.
    asked: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(slots=True)
class Piece:
    """What one read from the provider's stream brought."""

    text: str = ""
    reasoning: str = ""


Take = Callable[[Piece], None]


class Client(Protocol):
    """A provider, ready to be asked."""

    async def stream(self, request: Request, report: Report, take: Take) -> None:
        """Hand each piece of the answer to `take` as it arrives; `report` is complete at the end.

        Raises errors.ProviderProblem (or ContextTooLong, ContentFiltered, ModelUnavailable), one
        class for each thing a reader can be told; Interrupted when the stream had begun. A stream
        that ends without a finish reason returns without one: the caller tells that it was cut.
        Once there is a finish reason the answer is whole, and nothing is raised any more.
        """
        ...

    async def whole(self, request: Request, report: Report, *, within: float) -> str:
        """The words of an answer all at once, for small things. Raises as `stream` does, and
        ProviderTimeout after `within` seconds."""
        ...

    async def judge(self, model: Model, said: Said, report: Report, *, within: float) -> Scores:
        """The highest score of each category in what was `said`, by the provider's moderation endpoint.
        Raises as `whole` does."""
        ...

    async def close(self) -> None: ...
