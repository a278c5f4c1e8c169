"""Opening a conversation: what it is, what runs in it, and what a reader does not hold yet."""

from dataclasses import dataclass
from uuid import UUID

from conversations import access
from conversations.events import schema
from conversations.ids import parsed
from conversations.models import Conversation, Run, RunEvent, User
from conversations.models.conversation import LIVE
from conversations.reading import branch
from conversations.runs.finish import finished_object


@dataclass(frozen=True, slots=True)
class Held:
    """How many code points of an answer a reader has."""

    text: int | None = None
    reasoning: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    conversation: Conversation
    live: list[Run]
    ended: list[Run]


def opened(user: User, id: object, held: list[str]) -> Opened:
    """The conversation, its active runs, and those of `held` that have ended. Raises NotFound."""
    conversation = access.conversation_for(user, id)
    runs = Run.objects.filter(conversation=conversation)
    live = list(runs.filter(status__in=LIVE))
    wanted = [found for found in map(parsed, held) if found]
    ended = list(runs.filter(pk__in=wanted).exclude(status__in=LIVE)) if wanted else []
    return Opened(conversation, live, ended)


def missing_of(run_id: UUID, held: Held) -> list[str]:
    """The frames that bring a reader to what Postgres has of a run: to its end, if it has ended."""
    run = Run.objects.select_related("conversation", "message").filter(pk=run_id).first()
    if run is None:
        return []
    if run.status in LIVE:
        text, reasoning = _so_far(run)
        return _pieces(run, text, reasoning, held)
    whole = finished_object(run)
    length = run.length if run.length is not None else len(whole["text"])
    pieces = _pieces(run, whole["text"][:length], whole["reasoning"], held)
    return [*pieces, schema.run_finished(str(run.pk), whole, length)]


def _so_far(run: Run) -> tuple[str, str]:
    text = run.message.text + branch.journal_text(run, RunEvent.Kind.TEXT)
    return text, run.message.reasoning + branch.journal_text(run, RunEvent.Kind.REASONING)


def _pieces(run: Run, text: str, reasoning: str, held: Held) -> list[str]:
    """Default: from where this run began, which for a continued message is not 0."""
    frames = []
    at = run.reasoning_before if held.reasoning is None else held.reasoning
    if reasoning[at:]:
        frames.append(schema.run_reasoning(str(run.pk), at, reasoning[at:]))
    at = run.text_before if held.text is None else held.text
    if text[at:]:
        frames.append(schema.run_delta(str(run.pk), at, text[at:]))
    return frames
