"""A person's pictures, the newest first, and where each of them stands."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.expressions import Exists, OuterRef
from django.db.models.functions import RowNumber

from conversations.models import Image, MessageImage, User
from conversations.models.conversation import present
from conversations.reading.image_object import image_object
from conversations.reading.place import PAGE, paged

# The newest of the places where one picture stands: enough to choose from, whatever it was sent with.
USES = 20

Object = dict[str, Any]


def page(
    user: User, *, cursor: str | None = None, limit: int = PAGE
) -> tuple[list[Object], str | None]:
    """Those that stand in a conversation of the sidebar or nowhere yet: what was deleted, and what was
    said in a temporary conversation, is in no list."""
    listed = _places(user).filter(message__conversation__expires_at=None)
    # Never by a join: a picture that stands in three messages would be three rows.
    anywhere = MessageImage.objects.filter(image=OuterRef("pk"))
    seen = ~Exists(anywhere) | Exists(listed.filter(image=OuterRef("pk")))
    rows = Image.objects.filter(seen, owner=user).select_related("blob")
    images, more = paged(rows, "created_at", cursor, limit)
    uses = _uses(listed, [image.pk for image in images])
    return [_told(image, uses[image.pk]) for image in images], more


def one(user: User, image: Image) -> Object:
    """With the places in temporary conversations, too: who asks for it knows of it. And with the text that
    was read in it, null where nobody has looked for one yet."""
    told = _told(image, _uses(_places(user), [image.pk])[image.pk])
    return {**told, "text": image.blob.ocr_text}


def _places(user: User) -> QuerySet[MessageImage]:
    return MessageImage.objects.filter(
        present("message__conversation__"), message__conversation__owner=user
    )


def _uses(places: QuerySet[MessageImage], images: Sequence[UUID]) -> dict[UUID, list[Object]]:
    newest = Window(RowNumber(), partition_by=F("image"), order_by=F("message").desc())
    rows = places.filter(image__in=images).annotate(nth=newest).filter(nth__lte=USES)
    found = rows.order_by("-message", "position").values_list(
        "image", "message__conversation", "message__conversation__title", "message"
    )
    uses: dict[UUID, list[Object]] = defaultdict(list)
    for image, conversation, title, message in found:
        told = {"conversation": str(conversation), "title": title, "message": str(message)}
        if told not in uses[image]:  # a picture may stand in one message twice
            uses[image].append(told)
    return uses


def _told(image: Image, uses: list[Object]) -> Object:
    return {**image_object(image), "uses": uses}
