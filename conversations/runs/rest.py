"""What a reader does not have yet of a run, as Postgres knows it."""

from uuid import UUID

from conversations.events import schema
from conversations.models import Message, Run, RunEvent
from conversations.models.conversation import LIVE
from conversations.reading import branch
from conversations.reading.objects import Object, conversation_object, message_object, run_object
from conversations.runs.finish import finished_object
from conversations.runs.growth import NOTHING, Held, deltas


def missing_of(run_id: UUID, held: Held = NOTHING) -> list[str]:
    """The frames that bring a reader to what Postgres has of a run: to its end, if it has ended."""
    run = Run.objects.select_related("conversation", "message").filter(pk=run_id).first()
    if run is None:
        return []
    if run.status in LIVE:
        return _pieces(run, *_so_far(run), held)
    whole = finished_object(run)
    length = run.length if run.length is not None else len(whole["text"])
    pieces = _pieces(run, whole["text"][:length], whole["reasoning"], held)
    if _went_on(run):  # what a later run wrote behind it is not to be cut away
        length = max(len(whole["text"]), held.text or 0)
    return [*pieces, schema.run_finished(str(run.pk), whole, length)]


def _went_on(run: Run) -> bool:
    return Run.objects.filter(message=run.message_id, pk__gt=run.pk).exists()


def before(run_id: UUID, held: Held) -> list[str]:
    """What a reader misses of the text that stood there before a run that is live began."""
    run = Run.objects.select_related("message").filter(pk=run_id).first()
    if run is None:
        return []
    text = run.message.text[: run.text_before]
    return _pieces(run, text, run.message.reasoning[: run.reasoning_before], held)


def _so_far(run: Run) -> tuple[str, str]:
    text = run.message.text + branch.journal_text(run, RunEvent.Kind.TEXT)
    return text, run.message.reasoning + branch.journal_text(run, RunEvent.Kind.REASONING)


def _pieces(run: Run, text: str, reasoning: str, held: Held) -> list[str]:
    thought = run.reasoning_before if held.reasoning is None else held.reasoning
    at = run.text_before if held.text is None else held.text
    frames = deltas(schema.run_reasoning, str(run.pk), thought, reasoning[thought:])
    return frames + deltas(schema.run_delta, str(run.pk), at, text[at:])


def begun(run_id: UUID) -> list[str]:
    """`run.started`, for those who hear of it from another process."""
    run = Run.objects.select_related("conversation").filter(pk=run_id).first()
    if run is None:
        return []
    answer, _ = _objects(run)
    return [schema.run_started(run_object(run), answer, conversation_object(run.conversation))]


def created(run_id: UUID) -> list[str]:
    """`message.created` for the answer that a run was made with, and for its question if that is new."""
    run = Run.objects.select_related("conversation").filter(pk=run_id).first()
    if run is None or Run.objects.filter(message=run.message_id).exclude(pk=run_id).exists():
        return []  # it continues a message that everybody knows
    answer, question = _objects(run)
    is_first = question is not None and len(answer["siblings"]) == 1
    new = [question, answer] if question and is_first else [answer]
    return [schema.message_created(message) for message in new]


def _objects(run: Run) -> tuple[Object, Object | None]:
    """The answer as the run found it, so that its deltas go on from there, and its question."""
    answer = branch.with_attachments(Message.objects).get(pk=run.message_id)
    above = Message.objects.filter(pk=answer.parent_id)
    both = [answer, *branch.with_attachments(above)]
    branch.beside(run.conversation, both)
    answer_object, *question = [message_object(message) for message in both]
    return answer_object, question[0] if question else None
