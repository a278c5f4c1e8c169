"""Saved prompts: written once, fetched by `/name`. One's own, and those for all, which only staff change."""

import re
import unicodedata
from typing import Annotated

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field

from conversations import access
from conversations.chat.questions import Clean, Closed
from conversations.errors import Conflict, Invalid
from conversations.models import SavedPrompt, User

NAME_CHARACTERS = 40
TEXT_CHARACTERS = 20_000
# More than anybody finds again by a slash, and few enough to be sent to the page at once.
MOST = 200

NO_NAME = _("A name has letters, digits, - and _ only.")
NO_TEXT = _("This is needed.")
TAKEN = _("You have a prompt of this name already.")
TOO_LONG = _("This is too long: {max_length} characters at most.")
TOO_MANY = _("At most {most} prompts can be saved. Delete one that you do not need any more.")


def command(name: str) -> str:
    """As it is typed behind the slash: “ Weekly report” is `weekly-report`. Raises ValueError."""
    words = unicodedata.normalize("NFKC", name).strip().removeprefix("/").lower().split()
    plain = "-".join(words)
    if not re.fullmatch(r"[\w-]+", plain):
        raise ValueError(NO_NAME)
    if len(plain) > NAME_CHARACTERS:
        raise ValueError(TOO_LONG.format(max_length=NAME_CHARACTERS))
    return plain


def _something(text: str) -> str:
    if not text.strip():
        raise ValueError(NO_TEXT)
    return text


Name = Annotated[Clean, Field(max_length=200), AfterValidator(command)]
Text = Annotated[Clean, Field(max_length=TEXT_CHARACTERS), AfterValidator(_something)]


class New(Closed):
    name: Name
    text: Text


class Changes(Closed):
    """What is absent stays."""

    name: Name = ""
    text: Text = ""

    def given(self) -> dict[str, str]:
        return {field: getattr(self, field) for field in self.model_fields_set}


def save(user: User, new: New) -> SavedPrompt:
    # Whoever adds two at once adds them one after the other: the count holds.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if SavedPrompt.objects.filter(owner=user).count() >= MOST:
        raise Invalid(TOO_MANY, names={"most": MOST})
    return _kept(SavedPrompt(owner=user, name=new.name, text=new.text))


def change(user: User, id: object, changes: Changes) -> SavedPrompt:
    prompt = access.own_prompt_for(user, id)
    for field, value in changes.given().items():
        setattr(prompt, field, value)
    return _kept(prompt)


def delete(user: User, id: object) -> None:
    access.own_prompt_for(user, id).delete()


def _kept(prompt: SavedPrompt) -> SavedPrompt:
    """Raises Conflict when there is one of this name; the caller's transaction goes on."""
    try:
        with transaction.atomic():
            prompt.save()
    except IntegrityError:
        raise Conflict(TAKEN, fields={"name": [TAKEN]}) from None
    return prompt
