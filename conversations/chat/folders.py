"""Where a person puts conversations together: making, renaming, ordering, folding, taking apart."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StrictBool, StrictInt

from conversations import access
from conversations.chat.questions import Clean, Closed
from conversations.errors import Conflict, Invalid
from conversations.events import doorbell
from conversations.models import Folder, User

NAME_CHARACTERS = 100
# More than anybody looks through; the whole list goes to every page.
MOST = 100
TOO_MANY = _("There are {most} folders already. Delete one first.")
NO_NAME = _("A folder needs a name.")

Name = Annotated[Clean, Field(min_length=1, max_length=NAME_CHARACTERS)]


class FolderChanges(Closed):
    """What is absent stays. `position` is counted from 0, at the top."""

    name: Name | None = None
    position: Annotated[StrictInt, Field(ge=0, lt=2**31)] | None = None
    folded: StrictBool | None = None


def create(user: User, changes: FolderChanges) -> Folder:
    if changes.name is None:
        raise Invalid(NO_NAME, fields={"name": [NO_NAME]})
    _serialise(user)
    before = list(access.folders_for(user))
    if len(before) >= MOST:
        raise Conflict(TOO_MANY.format(most=MOST))
    last = before[-1].position + 1 if before else 0
    folder = Folder(owner=user, name=_name(changes.name), position=last)
    folder.folded = bool(changes.folded)
    folder.save()
    if changes.position is not None:
        _move(user, folder, changes.position)
    _tell(folder)
    return folder


def change(user: User, id: object, changes: FolderChanges) -> Folder:
    _serialise(user)
    folder = access.folder_for(user, id, lock=True)
    if changes.name is not None:
        folder.name = _name(changes.name)
    if changes.folded is not None:
        folder.folded = changes.folded
    folder.save(update_fields=["name", "folded"])
    if changes.position is not None:
        _move(user, folder, changes.position)
    _tell(folder)
    return folder


def delete(user: User, id: object) -> None:
    """The folder alone: what was in it stands among the others again."""
    _serialise(user)
    folder = access.folder_for(user, id, lock=True)
    _tell(folder)
    folder.delete()


def _serialise(user: User) -> None:
    """Each change may move all the others: those of one person come one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _name(name: str) -> str:
    if not name.strip():
        raise Invalid(NO_NAME, fields={"name": [NO_NAME]})
    return name.strip()


def _move(user: User, folder: Folder, position: int) -> None:
    """All are counted anew; those that moved are told."""
    others = list(access.folders_for(user).exclude(pk=folder.pk))
    others.insert(position, folder)
    for place, one in enumerate(others):
        if one.position != place:
            one.position = place
            one.save(update_fields=["position"])
            _tell(one)


def _tell(folder: Folder) -> None:
    doorbell.ring({"folder": str(folder.pk), "owner": str(folder.owner_id)})
