"""What a person does with pictures of theirs, wherever those stand."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from conversations import access, holds
from conversations.attachments import leaving
from conversations.chat import set_aside
from conversations.chat.questions import Clean, Closed
from conversations.errors import Conflict
from conversations.models import Image, User
from conversations.models.conversation import present
from conversations.models.images import ALT_CHARACTERS

SHOWN = _("This picture is shown in “{title}”. Delete the message there first.")
SHOWN_OFTEN = _(
    "This picture is shown in {count} messages, last in “{title}”. Delete those messages first."
)
SHOWN_NO_MORE = _(
    "The conversation of this picture was deleted a moment ago. The picture goes with it in a few minutes."
)


class Described(Closed):
    alt: Annotated[Clean, Field(max_length=ALT_CHARACTERS)]


def describe(user: User, id: object, said: Described) -> Image:
    """With what is said in one line: it is read aloud. Raises NotFound."""
    image = access.image_for(user, id, lock=True)
    image.alt = _in_one_line(said.alt)
    image.save(update_fields=["alt"])
    return image


def describe_where_nothing_is_said(image: Image, alt: str) -> None:
    """What was said of it elsewhere; what its owner says of it here stays."""
    Image.objects.filter(pk=image.pk, alt="").update(alt=_in_one_line(alt)[:ALT_CHARACTERS])


def _in_one_line(alt: str) -> str:
    return " ".join(alt.split())


def delete(user: User, id: object) -> None:
    """Its bytes, too, unless somebody else has the same picture. Raises NotFound, and Conflict while a
    message shows it."""
    _refuse_while_shown(access.image_for(user, id))
    leaving.hold_files(leaving.ALONE)
    image = access.image_for(user, id, lock=True)
    _refuse_while_shown(image)  # it may have been sent while we waited for the files
    if holds.keeps_all_of(user):
        set_aside.pictures(user, [image.pk])
    else:
        leaving.delete(image)


def _refuse_while_shown(image: Image) -> None:
    places = image.uses.filter(present("message__conversation__")).order_by("-message")
    titles = list(places.values_list("message__conversation__title", flat=True))
    if len(titles) > 1:
        raise Conflict(SHOWN_OFTEN, names={"count": len(titles), "title": titles[0]})
    if titles:
        raise Conflict(SHOWN, names={"title": titles[0]})
    if image.uses.exists():
        raise Conflict(SHOWN_NO_MORE)
