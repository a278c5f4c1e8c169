"""What is judged of a run, and by whom (judging.py): its question, if this is the first that answers it, or
its answer.

Nothing goes to a provider that its person did not choose, unless the administrator has named that provider.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from conversations import site
from conversations.errors import Invalid
from conversations.models import Blob, Message, Moderation, Provider, Run
from conversations.models.catalogue import ProviderKind
from conversations.models.conversation import Role, present
from conversations.models.moderation import Asked
from conversations.moderation import known
from conversations.provider import catalogue
from conversations.provider.endpoints import endpoint_of
from conversations.provider.interface import Endpoint, Model, Prices

log = logging.getLogger(__name__)

# Short pieces are judged more surely than long ones
# (https://developers.openai.com/api/docs/guides/moderation) …
PIECE_CHARACTERS = 4_000
# … and small accounts may not send many tokens in a minute.
PIECES_A_CALL = 8
# A book that somebody encloses is not read to its end.
MOST_PIECES = 64
WANTED = {
    Role.USER: (Asked.QUESTIONS, Asked.BOTH),
    Role.ASSISTANT: (Asked.ANSWERS, Asked.BOTH),
}
# Nothing is charged for it.
FREE = Prices(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Matter:
    """A message in parts, each for one call: texts, or a picture."""

    message: UUID
    user: UUID
    conversation: UUID
    parts: list[list[str] | Blob]
    model: Model
    settings: Moderation


def matter_of(run: UUID, role: Role) -> Matter | None:
    """None: it is not wanted, is not there any more, or nobody can be asked. While the site is stopped
    nothing leaves it."""
    settings = known.known().settings
    if settings.endpoint not in WANTED[role] or site.now().stopped_at:
        return None
    there = Run.objects.filter(present("conversation__"), pk=run)
    mine = there.select_related("message__parent").first()
    message = _message(mine, role) if mine else None
    if mine is None or message is None or message.redacted_at:
        return None
    endpoint = _whom_to_ask(settings, mine.message.model or mine.model)
    parts = list(_parts(message, settings))
    if endpoint is None or not parts:
        return None
    model = _model(settings, endpoint)
    return Matter(message.pk, mine.user_id, mine.conversation_id, parts, model, settings)


def _message(run: Run, role: Role) -> Message | None:
    if role == Role.ASSISTANT:
        return run.message
    question = run.message.parent
    if question is None:
        return None
    runs = Run.objects.filter(message__parent=question).order_by("created_at", "pk")
    is_first = runs.values_list("pk", flat=True).first() == run.pk
    return question if is_first else None


def _whom_to_ask(settings: Moderation, answered: str) -> Endpoint | None:
    """The provider that the administrator has named, else that of the model which answered."""
    if settings.provider_id is None:
        model = catalogue.model_named(answered)
        endpoint = model.endpoint if model else None
    else:
        endpoint = _named(settings.provider_id)
    is_able = endpoint is not None and endpoint.kind != ProviderKind.BUILTIN
    return endpoint if is_able else None


def _named(provider: int) -> Endpoint | None:
    row = Provider.objects.filter(pk=provider, is_enabled=True).first()
    try:
        return endpoint_of(row) if row else None
    except Invalid as problem:
        log.warning("provider %s cannot be asked for moderation: %s", provider, problem)
        return None


def _model(settings: Moderation, endpoint: Endpoint) -> Model:
    return Model(
        id=settings.model,
        name=settings.model,
        provider=endpoint.name,
        context_window=0,
        max_output_tokens=0,
        price_list=(FREE,),
        endpoint=endpoint,
    )


def _parts(message: Message, settings: Moderation) -> Iterator[list[str] | Blob]:
    pieces = list(_pieces(message))[:MOST_PIECES]
    for at in range(0, len(pieces), PIECES_A_CALL):
        yield pieces[at : at + PIECES_A_CALL]
    if settings.with_pictures:
        shown = message.pictures.select_related("image__blob")
        yield from (use.image.blob for use in shown if not use.image.blob.blocked)


def _pieces(message: Message) -> Iterator[str]:
    files = [use.file.text for use in message.files.select_related("file")]
    for text in (message.text, message.reasoning, *files):
        for at in range(0, len(text), PIECE_CHARACTERS):
            piece = text[at : at + PIECE_CHARACTERS]
            if piece.strip():
                yield piece
