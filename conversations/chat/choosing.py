"""Which model answers where a conversation has `auto`. Decided from what is at hand: no model is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import Length

from conversations.models import Conversation, Message, MessageImage, TextFile, User
from conversations.provider import auto, catalogue
from conversations.provider.interface import Model
from conversations.provider.rules import Asked

# Roughly; only of what no model has counted yet.
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands: under `parent`, None at the beginning."""

    conversation: Conversation
    parent: UUID | None


def answering(
    user: User, model: Model, place: Place, text: str, *, pictures: bool, files: Iterable[TextFile]
) -> Model:
    """`model` itself, unless it is a choice: then one of its two, among those on offer to `user`."""
    if model.rules is None:
        return model
    asked = Asked(
        text=text,
        characters=len(text) + sum(file.bytes for file in files),
        tokens=tokens_above(place),
        pictures=pictures,
        pictures_before=_has_pictures(place),
    )
    offered = {one.id: one for one in catalogue.models_for(user)}
    if not offered.keys() & {model.rules.small, model.rules.large}:
        return catalogue.model_for(user, model.rules.small)  # withdrawn just now, which this says
    return auto.chosen(model.rules, asked, offered)


def answering_again(user: User, model: Model, message: Message) -> Model:
    """The same for a message that stands there already: it is decided anew."""
    if model.rules is None:
        return model
    files = [use.file for use in message.files.select_related("file").defer("file__text")]
    place = Place(message.conversation, message.parent_id)
    pictures = message.pictures.exists()
    return answering(user, model, place, message.text, pictures=pictures, files=files)


def tokens_above(place: Place) -> int:
    """What the last answer reported; where nobody did, or not all of it was read, an estimate."""
    if place.parent is None:
        return 0
    last = Message.objects.filter(pk=place.parent, left_out=0, input_tokens__isnull=False)
    for read, written in last.values_list("input_tokens", "output_tokens"):
        return (read or 0) + (written or 0)
    texts = Message.objects.filter(conversation=place.conversation)
    characters = texts.aggregate(all=Sum(Length("text")))["all"] or 0
    return int(characters) // CHARACTERS_A_TOKEN


def _has_pictures(place: Place) -> bool:
    if place.parent is None:
        return False
    return MessageImage.objects.filter(message__conversation=place.conversation).exists()
