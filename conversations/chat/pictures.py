"""What a person does with pictures of theirs, wherever those stand."""

from typing import Annotated

from pydantic import Field

from conversations import access
from conversations.chat.questions import Clean, Closed
from conversations.models import Image, User
from conversations.models.images import ALT_CHARACTERS


class Described(Closed):
    alt: Annotated[Clean, Field(max_length=ALT_CHARACTERS)]


def describe(user: User, id: object, said: Described) -> Image:
    """With what is said in one line: it is read aloud. Raises NotFound."""
    image = access.image_for(user, id, lock=True)
    image.alt = " ".join(said.alt.split())
    image.save(update_fields=["alt"])
    return image
